//! The calendar of schedules (예약): a month, a list or a year at a glance, and every scheduled charge under
//! one's hands, alone or many at once.

pub mod model;
pub mod view;

#[cfg(test)]
pub(in crate::tui) mod testing;
