//! The columns of an export of schedules, and a schedule's cell in each.

use super::column;
use crate::domain::schedule::ProviderSchedule;
use crate::domain::table_file::{Cell, Column, Kind};

/// Every column. The headings of what an import reads are those that it knows.
pub const SCHEDULE_COLUMNS: &[Column] = &[
    column("billing_key", "빌링키", "billing_key", Kind::Text),
    column("date", "결제일", "date", Kind::Time),
    column("amount", "금액", "amount", Kind::Amount),
    column("currency", "통화", "currency", Kind::Text),
    column("tax_free", "면세금액", "tax_free", Kind::Amount),
    column("order_name", "주문명", "order_name", Kind::Text),
    column("customer_id", "고객번호", "customer_id", Kind::Text),
    column("name", "고객명", "name", Kind::Text),
    column("phone", "전화번호", "phone", Kind::Phone),
    column("email", "이메일", "email", Kind::Text),
    column("state", "상태", "state", Kind::Text),
    column("reason", "사유", "reason", Kind::Text),
    column("payment_id", "주문번호", "payment_id", Kind::Text),
    column("schedule_id", "예약번호", "schedule_id", Kind::Text),
    column("created_at", "등록 시각", "created_at", Kind::Time),
    column("ended_at", "종료 시각", "ended_at", Kind::Time),
];

/// A schedule's cells in these columns; billing keys whole only on request.
pub fn schedule_row(told: &ProviderSchedule, columns: &[Column], whole_keys: bool) -> Vec<Cell> {
    columns.iter().map(|column| cell(column, told, whole_keys)).collect()
}

fn cell(column: &Column, told: &ProviderSchedule, whole_keys: bool) -> Cell {
    let customer = &told.customer;
    match column.key {
        "billing_key" if whole_keys => Cell::Text(told.key.expose().to_owned()),
        "billing_key" => Cell::Text(told.key.shortened()),
        "date" => Cell::Time(told.at),
        "amount" => Cell::money(told.amount),
        "currency" => Cell::Text(told.currency.to_string()),
        "tax_free" => Cell::money(told.tax_free),
        "order_name" => Cell::Text(told.order_name.to_string()),
        "customer_id" => Cell::text(customer.id()),
        "name" => Cell::text(customer.name()),
        "phone" => Cell::text(customer.phone()),
        "email" => Cell::text(customer.email()),
        "state" => Cell::Text(told.state.word().to_owned()),
        "reason" => Cell::text(told.refusal.as_ref().map(|refusal| refusal.message.as_str())),
        "payment_id" => Cell::Text(told.payment_id.to_string()),
        "schedule_id" => Cell::Text(told.id.to_string()),
        "created_at" => Cell::seconds(told.created_at),
        "ended_at" => Cell::seconds(told.ended_at),
        _ => Cell::Empty,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::import::Column as Read;

    #[test]
    fn an_import_knows_the_columns_that_it_needs() {
        for needed in Read::ALL.into_iter().filter(|column| column.is_required()) {
            for heading in [|column: &Column| column.ko, |column: &Column| column.en] {
                let found =
                    SCHEDULE_COLUMNS.iter().any(|column| Read::of_header(heading(column)) == Some(needed));
                assert!(found, "{needed:?}");
            }
        }
    }
}
