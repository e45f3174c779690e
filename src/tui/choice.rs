//! Where a key leads: to the next one of a few, in a ring or up to the ends, or to other lines of a long page. Keeps
//! nothing.

use super::keymap::Action;

/// The one after, or before, in a ring. `now` itself when there is nothing to choose from.
pub fn turned<T: Clone + PartialEq>(all: &[T], now: &T, forward: bool) -> T {
    let at = all.iter().position(|one| one == now).unwrap_or(0);
    let step = if forward { 1 } else { all.len().saturating_sub(1) };
    all.get((at + step) % all.len().max(1)).unwrap_or(now).clone()
}

/// The one after, or before; it stays at the ends.
pub fn neighbour<T: Copy + PartialEq>(all: &[T], now: T, forward: bool) -> T {
    let at = all.iter().position(|one| *one == now).unwrap_or(0);
    let to = if forward { (at + 1).min(all.len().saturating_sub(1)) } else { at.saturating_sub(1) };
    all.get(to).copied().unwrap_or(now)
}

/// The first line in sight of a page that is read, after an action; `None` for what does not move it. `page` is how
/// many lines are in sight. The view stops where the lines end.
pub const fn scrolled(first: usize, action: Option<Action>, page: usize) -> Option<usize> {
    Some(match action {
        Some(Action::Up) => first.saturating_sub(1),
        Some(Action::Down) => first.saturating_add(1),
        Some(Action::PageUp) => first.saturating_sub(page),
        Some(Action::PageDown) => first.saturating_add(page),
        Some(Action::First) => 0,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_goes_line_by_line_and_page_by_page_and_never_above_its_first_line() {
        let to = |first, action| scrolled(first, Some(action), 10);
        assert_eq!([to(3, Action::Up), to(3, Action::Down)], [Some(2), Some(4)]);
        assert_eq!([to(3, Action::PageUp), to(3, Action::PageDown)], [Some(0), Some(13)]);
        assert_eq!([to(0, Action::Up), to(9, Action::First)], [Some(0); 2]);
        assert_eq!([to(3, Action::Last), scrolled(3, None, 10)], [None; 2]);
    }

    #[test]
    fn a_ring_goes_on_at_its_ends_and_a_row_stays_there() {
        let all = ['a', 'b', 'c'];
        let walk = |step: &dyn Fn(char) -> char| {
            std::iter::successors(Some('a'), |now| Some(step(*now))).take(4).collect::<String>()
        };
        assert_eq!(walk(&|now| turned(&all, &now, true)), "abca");
        assert_eq!(walk(&|now| turned(&all, &now, false)), "acba");
        assert_eq!(walk(&|now| neighbour(&all, now, true)), "abcc");
        assert_eq!(walk(&|now| neighbour(&all, now, false)), "aaaa");
        assert_eq!((neighbour(&all, 'c', false), turned(&all, &'x', true)), ('b', 'b'));
        for forward in [true, false] {
            assert_eq!((turned(&[], &'x', forward), neighbour(&[], 'x', forward)), ('x', 'x'));
        }
    }
}
