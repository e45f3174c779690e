//! `danmal schedule export`: the schedules of some days as a table file that spreadsheets open unharmed.

use std::io::Write;
use std::path::PathBuf;

use super::Work;
use super::look::Group;
use super::when::DaysArgs;
use crate::cli::exit::Exit;
use crate::cli::sale::Wrong;
use crate::domain::schedule::ProviderSchedule;
use crate::domain::table_file::{Cell, Column, CsvFile, Headings, JsonLines, Kind, choose};
use crate::i18n::Lang;
use crate::text;

/// How the file is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For spreadsheets.
    #[default]
    Csv,
    /// One JSON object a line.
    Jsonl,
}

/// What `export` takes.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Args {
    /// Which days.
    #[command(flatten)]
    pub days: DaysArgs,
    /// Only these; all of them when absent.
    #[arg(long, value_name = "GROUP", value_delimiter = ',')]
    pub status: Vec<Group>,
    /// How it is written.
    #[arg(long, value_name = "FORMAT", default_value = "csv")]
    pub format: Format,
    /// Columns by their keys, in order, separated by commas; all of them when absent.
    #[arg(long, value_name = "KEYS", default_value = "", hide_default_value = true)]
    pub columns: String,
    /// New file to write, readable by you alone; standard output when absent.
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Write the billing keys whole, so that the file can be imported; whoever has one can charge its card.
    #[arg(long)]
    pub show_key: bool,
}

/// Every column. The headings of what an import reads are those that it knows.
const COLUMNS: [Column; 16] = {
    const fn column(key: &'static str, ko: &'static str, en: &'static str, kind: Kind) -> Column {
        Column { key, ko, en, kind }
    }
    [
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
    ]
};

fn cell(column: &Column, told: &ProviderSchedule, show_key: bool) -> Cell {
    let customer = &told.customer;
    match column.key {
        "billing_key" if show_key => Cell::Text(told.key.expose().to_owned()),
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

/// Writes the file.
pub(super) fn export(work: &mut Work<'_>, args: &Args) -> Exit {
    let span = match args.days.span(work.desk.world.now()) {
        Ok(span) => span,
        Err(wrong) => return work.wrong(&[wrong]),
    };
    let Ok(columns) = choose(&COLUMNS, &args.columns) else {
        let keys: Vec<&str> = COLUMNS.iter().map(|column| column.key).collect();
        let why = text!("cli.schedule.columns", keys = keys.join(", "));
        return work.wrong(&[Wrong { field: "columns", why }]);
    };
    let read = work.fresh(span, args.days.offline).and_then(|_| work.kept(span, &args.status));
    let schedules = match read {
        Ok(schedules) => schedules,
        Err(problem) => return work.unable(&problem),
    };
    let headings = if work.say.lang() == Lang::Ko { Headings::Ko } else { Headings::En };
    let written = match &args.output {
        None => write(std::io::stdout().lock(), args, headings, &columns, &schedules),
        Some(path) => new_file(path).and_then(|file| write(file, args, headings, &columns, &schedules)),
    };
    match written {
        Ok(()) => Exit::Done,
        Err(error) => {
            work.say.problem_text(&text!("cli.schedule.not-written", why = error.kind()));
            Exit::Failed
        }
    }
}

/// Names and phone numbers are nobody else's; a file that is there is not written over.
fn new_file(path: &std::path::Path) -> std::io::Result<std::fs::File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

fn write(
    into: impl Write,
    args: &Args,
    headings: Headings,
    columns: &[Column],
    schedules: &[ProviderSchedule],
) -> std::io::Result<()> {
    let rows = schedules
        .iter()
        .map(|told| columns.iter().map(|column| cell(column, told, args.show_key)).collect::<Vec<_>>());
    let into = std::io::BufWriter::new(into);
    match args.format {
        Format::Csv => {
            let mut file = CsvFile::new(into, columns, headings)?;
            for row in rows {
                file.row(&row)?;
            }
            file.finish()?.flush()
        }
        Format::Jsonl => {
            let mut file = JsonLines::new(into, columns);
            for row in rows {
                file.row(&row)?;
            }
            file.finish()?.flush()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_import_knows_the_columns_that_it_needs() {
        use crate::domain::import::Column as Read;
        for needed in Read::ALL.into_iter().filter(|column| column.is_required()) {
            for heading in [Headings::Ko, Headings::En] {
                let found = COLUMNS.iter().any(|column| {
                    let name = if heading == Headings::Ko { column.ko } else { column.en };
                    Read::of_header(name) == Some(needed)
                });
                assert!(found, "{needed:?}");
            }
        }
    }
}
