//! The `SQLite` engine of the ledger: WAL, `synchronous=FULL`, migrations by `user_version`, shared by every
//! operator on the host.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::types::Type;
use rusqlite::{
    Connection, OpenFlags, OptionalExtension as _, Row, Transaction, TransactionBehavior, named_params,
};

use super::{Entry, Guard, Intended, Ledger, LedgerError};
use crate::domain::card::CardEnding;
use crate::domain::channel::Mode;
use crate::domain::customer::Customer;
use crate::domain::intent::{Approval, Intent, IntentKind, IntentState, NewIntent, Operator, Step};
use crate::domain::money::{Currency, Money};
use crate::domain::payment::{PaymentId, Refusal};
use crate::domain::pg::Generation;
use crate::domain::text::SafeText;

/// Each entry brings a ledger from the version of its index to the next. Entries are never changed.
const MIGRATIONS: &[&str] = &[include_str!("migrations/1.sql")];

/// How long a writer waits for another program's write to end.
const BUSY: Duration = Duration::from_secs(10);

/// A ledger file.
#[derive(Debug)]
pub struct SqliteLedger {
    connection: Connection,
    path: PathBuf,
}

impl SqliteLedger {
    /// Opens or makes the ledger. A new folder is readable by its owner only; a new file follows it.
    pub fn open(path: &Path) -> Result<Self, LedgerError> {
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            make_private_folder(folder)?;
        }
        make_private_file(path)?;
        let mut connection = Connection::open(path)?;
        connection.busy_timeout(BUSY)?;
        // journal_mode answers with the mode that it reached, so it is read as a query.
        connection.query_row("PRAGMA journal_mode=WAL", [], |_| Ok(()))?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        // Wipes what a deleted row leaves in the file: personal data must not outlive its row.
        connection.pragma_update(None, "secure_delete", true)?;
        migrate(&mut connection)?;
        Ok(Self { connection, path: path.to_owned() })
    }

    /// Looks whether a ledger can be opened and read, without writing to it or making a file.
    pub fn examine(path: &Path) -> Result<(), LedgerError> {
        let mut wal = path.as_os_str().to_owned();
        wal.push("-wal");
        // Without a log beside it nobody is writing, and a reader would make one.
        let still = !Path::new(&wal).exists();
        let uri = format!("file:{}{}", uri_path(path), if still { "?immutable=1" } else { "" });
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
        let connection = Connection::open_with_flags(uri, flags)?;
        connection.busy_timeout(BUSY)?;
        let (found, known) = (version(&connection)?, i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX));
        if found > known {
            return Err(LedgerError::Newer { found, known });
        }
        let found: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
        if found == "ok" { Ok(()) } else { Err(LedgerError::Row(found)) }
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The version of the schema.
    pub fn version(&self) -> Result<i64, LedgerError> {
        Ok(version(&self.connection)?)
    }

    /// Begins a write that no other program can get between.
    fn write(&self) -> Result<Transaction<'_>, LedgerError> {
        Ok(Transaction::new_unchecked(&self.connection, TransactionBehavior::Immediate)?)
    }
}

/// A path as it stands in a URI.
fn uri_path(path: &Path) -> String {
    use std::os::unix::ffi::OsStrExt as _;
    let mut uri = String::new();
    for byte in path.as_os_str().as_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' | b'~' => {
                uri.push(char::from(*byte));
            }
            byte => {
                let _ = write!(uri, "%{byte:02X}");
            }
        }
    }
    uri
}

fn make_private_folder(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

/// `SQLite` would make the file with the process's umask; the journal holds names and phone numbers. A file
/// that is there keeps its mode: operators may share it through a group on purpose.
fn make_private_file(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    match std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("PRAGMA user_version", [], |row| row.get(0))
}

fn migrate(connection: &mut Connection) -> Result<(), LedgerError> {
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    let found = version(connection)?;
    if found == known {
        return Ok(());
    }
    if found > known {
        return Err(LedgerError::Newer { found, known });
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Read again inside: another program may have migrated while this one waited.
    let found = version(&transaction)?;
    for (at, sql) in MIGRATIONS.iter().enumerate().skip(usize::try_from(found).unwrap_or(0)) {
        transaction.execute_batch(sql)?;
        transaction.pragma_update(None, "user_version", i64::try_from(at + 1).unwrap_or(i64::MAX))?;
    }
    transaction.commit()?;
    Ok(())
}

const COLUMNS: &str = "id, kind, state, profile, generation, channel, pg, mode, amount, currency, tax_free, \
     installments, order_name, customer_name, customer_phone, customer_email, bin6, last4, operator, remote, \
     host, process, created_at, sent_at, settled_at, guard_reason, provider_payment_id, approval_number, \
     issuer, receipt_url, paid_at, differing_total, refusal_code, refusal_message, why";

impl Ledger for SqliteLedger {
    fn intend(&self, new: &NewIntent, guard: &Guard) -> Result<Intended, LedgerError> {
        let transaction = self.write()?;
        let reason = match guard {
            Guard::Check(window) => {
                if let Some(earlier) = earlier(&transaction, new, *window)? {
                    return Ok(Intended::Guarded(Box::new(earlier)));
                }
                None
            }
            Guard::Overridden(reason) => Some(reason.as_str()),
        };
        let inserted = transaction.execute(
            "INSERT INTO intents (id, kind, state, profile, generation, channel, pg, mode, amount, currency,
                tax_free, installments, order_name, customer_name, customer_phone, customer_phone_digits,
                customer_email, bin6, last4, operator, remote, host, process, created_at, guard_reason)
             VALUES (:id, :kind, :state, :profile, :generation, :channel, :pg, :mode, :amount, :currency,
                :tax_free, :installments, :order_name, :name, :phone, :phone_digits,
                :email, :bin6, :last4, :operator, :remote, :host, :process, :created, :reason)
             ON CONFLICT (id) DO NOTHING",
            named_params! {
                ":id": new.id.as_str(),
                ":kind": new.kind.word(),
                ":state": IntentState::Intended.word(),
                ":profile": new.profile,
                ":generation": generation_word(new.generation),
                ":channel": new.channel,
                ":pg": new.pg,
                ":mode": new.mode.word(),
                ":amount": new.amount.minor_signed(),
                ":currency": new.amount.currency().code(),
                ":tax_free": new.tax_free.map(Money::minor_signed),
                ":installments": new.installments,
                ":order_name": new.order_name,
                ":name": new.customer.name(),
                ":phone": new.customer.phone(),
                ":phone_digits": new.customer.phone_digits(),
                ":email": new.customer.email(),
                ":bin6": new.card.as_ref().map(CardEnding::bin6),
                ":last4": new.card.as_ref().map(CardEnding::last4),
                ":operator": new.operator.user,
                ":remote": new.operator.remote,
                ":host": new.operator.host,
                ":process": new.operator.process,
                ":created": new.created.as_millisecond(),
                ":reason": reason,
            },
        )?;
        if inserted == 0 {
            return Err(LedgerError::IdTaken(new.id.clone()));
        }
        let detail = reason.map_or_else(String::new, |reason| format!("guard overridden: {reason}"));
        add_line(&transaction, &new.id, new.created, "intended", &detail, &new.operator.process)?;
        transaction.commit()?;
        Ok(Intended::Written)
    }

    fn earlier(&self, new: &NewIntent, window: jiff::SignedDuration) -> Result<Option<Intent>, LedgerError> {
        earlier(&self.connection, new, window)
    }

    fn record(
        &self,
        id: &PaymentId,
        at: Timestamp,
        step: &Step,
        process: &str,
    ) -> Result<IntentState, LedgerError> {
        let transaction = self.write()?;
        let state: Option<String> = transaction
            .query_row("SELECT state FROM intents WHERE id = ?1", [id.as_str()], |row| row.get(0))
            .optional()?;
        let state = state.ok_or_else(|| LedgerError::NotFound(id.clone()))?;
        let state = IntentState::parse(&state).ok_or(LedgerError::Row(state))?;
        let next = state.after(step).ok_or(LedgerError::Step { state, step: step.word() })?;
        let (why, message) = match step {
            Step::Unseen { why } => (Some(why.as_str()), None),
            Step::NotCharged { why, message } => (Some(why.as_str()), message.as_ref()),
            _ => (None, None),
        };
        let moment = at.as_millisecond();
        transaction.execute(
            "UPDATE intents SET state = :state,
                sent_at = COALESCE(:sent, sent_at),
                settled_at = COALESCE(settled_at, :settled),
                why = CASE WHEN :noted THEN why ELSE :why END,
                refusal_message = COALESCE(:message, refusal_message)
             WHERE id = :id",
            named_params! {
                ":state": next.word(),
                ":sent": matches!(step, Step::Sent).then_some(moment),
                ":settled": next.is_settled().then_some(moment),
                ":noted": matches!(step, Step::Noted(_)),
                ":why": why,
                ":message": message.map(SafeText::as_str),
                ":id": id.as_str(),
            },
        )?;
        match step {
            Step::Approved(approval) => keep_approval(&transaction, id, approval)?,
            Step::Declined(refusal) => keep_refusal(&transaction, id, refusal)?,
            _ => {}
        }
        add_line(&transaction, id, at, step.word(), &detail(step), process)?;
        transaction.commit()?;
        Ok(next)
    }

    fn intent(&self, id: &PaymentId) -> Result<Option<Intent>, LedgerError> {
        let sql = format!("SELECT {COLUMNS} FROM intents WHERE id = ?1");
        Ok(self.connection.query_row(&sql, [id.as_str()], read_intent).optional()?)
    }

    fn unsettled(&self, profile: &str) -> Result<Vec<Intent>, LedgerError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM intents
             WHERE state IN ('intended', 'sent', 'unknown') AND profile = ?1 ORDER BY created_at, id"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let intents = statement.query_map([profile], read_intent)?.collect::<Result<_, _>>()?;
        Ok(intents)
    }

    fn history(&self, id: &PaymentId) -> Result<Vec<Entry>, LedgerError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT at, word, detail, process FROM history WHERE intent = ?1 ORDER BY seq")?;
        let entries = statement
            .query_map([id.as_str()], |row| {
                Ok(Entry {
                    at: timestamp(row, 0)?,
                    word: row.get(1)?,
                    detail: row.get(2)?,
                    process: row.get(3)?,
                })
            })?
            .collect::<Result<_, _>>()?;
        Ok(entries)
    }
}

/// The latest intent with the same amount and card (and customer phone, when both have one) that took money
/// or may have. The profile does not count: the same caller can be charged through two shops by mistake. The
/// order name does not count: any changed field would defeat the guard (`users` §1.5).
fn earlier(
    connection: &Connection,
    new: &NewIntent,
    window: jiff::SignedDuration,
) -> Result<Option<Intent>, LedgerError> {
    let Some(card) = &new.card else { return Ok(None) };
    let since =
        new.created.as_millisecond().saturating_sub(i64::try_from(window.as_millis()).unwrap_or(i64::MAX));
    let sql = format!(
        "SELECT {COLUMNS} FROM intents
         WHERE bin6 = :bin6 AND last4 = :last4 AND amount = :amount AND currency = :currency
           AND state IN ('intended', 'sent', 'unknown', 'approved') AND created_at >= :since
           AND (:phone IS NULL OR customer_phone_digits IS NULL OR customer_phone_digits = :phone)
         ORDER BY created_at DESC LIMIT 1"
    );
    let earlier = connection
        .query_row(
            &sql,
            named_params! {
                ":bin6": card.bin6(),
                ":last4": card.last4(),
                ":amount": new.amount.minor_signed(),
                ":currency": new.amount.currency().code(),
                ":since": since,
                ":phone": new.customer.phone_digits(),
            },
            read_intent,
        )
        .optional()?;
    Ok(earlier)
}

fn add_line(
    transaction: &Transaction<'_>,
    id: &PaymentId,
    at: Timestamp,
    word: &str,
    detail: &str,
    process: &str,
) -> rusqlite::Result<()> {
    transaction.execute(
        "INSERT INTO history (intent, at, word, detail, process) VALUES (?1, ?2, ?3, ?4, ?5)",
        (id.as_str(), at.as_millisecond(), word, detail, process),
    )?;
    Ok(())
}

/// Keeps what is new in an approval and forgets nothing that an earlier one told: V2's answer to a charge has
/// no approval number, the look-up behind it has.
fn keep_approval(transaction: &Transaction<'_>, id: &PaymentId, approval: &Approval) -> rusqlite::Result<()> {
    let text = |text: &Option<SafeText>| text.as_ref().map(|text| text.as_str().to_owned());
    transaction.execute(
        "UPDATE intents SET
            provider_payment_id = COALESCE(:provider, provider_payment_id),
            approval_number = COALESCE(:number, approval_number),
            issuer = COALESCE(:issuer, issuer),
            receipt_url = COALESCE(:receipt, receipt_url),
            paid_at = COALESCE(:paid, paid_at),
            differing_total = COALESCE(:differing, differing_total),
            refusal_code = NULL, refusal_message = NULL
         WHERE id = :id",
        named_params! {
            ":provider": text(&approval.provider_payment_id),
            ":number": text(&approval.approval_number),
            ":issuer": text(&approval.issuer),
            ":receipt": text(&approval.receipt_url),
            ":paid": approval.paid_at,
            ":differing": approval.differing_total.map(Money::minor_signed),
            ":id": id.as_str(),
        },
    )?;
    Ok(())
}

fn keep_refusal(transaction: &Transaction<'_>, id: &PaymentId, refusal: &Refusal) -> rusqlite::Result<()> {
    transaction.execute(
        "UPDATE intents SET refusal_code = ?2, refusal_message = ?3 WHERE id = ?1",
        (id.as_str(), refusal.code.as_ref().map(SafeText::as_str), refusal.message.as_str()),
    )?;
    Ok(())
}

fn detail(step: &Step) -> String {
    match step {
        Step::Sent => String::new(),
        Step::Unseen { why } | Step::Noted(why) => why.clone(),
        Step::Approved(approval) => {
            approval.approval_number.as_ref().map(ToString::to_string).unwrap_or_default()
        }
        Step::Declined(refusal) => match &refusal.code {
            Some(code) => format!("{code} {}", refusal.message),
            None => refusal.message.to_string(),
        },
        Step::NotCharged { why, message } => match message {
            Some(message) => format!("{why}: {message}"),
            None => why.clone(),
        },
    }
}

const fn generation_word(generation: Generation) -> &'static str {
    match generation {
        Generation::V1 => "v1",
        Generation::V2 => "v2",
    }
}

fn unreadable(column: usize, what: &str) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, Type::Text, what.into())
}

fn timestamp(row: &Row<'_>, column: usize) -> rusqlite::Result<Timestamp> {
    Timestamp::from_millisecond(row.get(column)?).map_err(|_| unreadable(column, "time out of range"))
}

fn read_intent(row: &Row<'_>) -> rusqlite::Result<Intent> {
    let word = |column: usize| row.get::<_, String>(column);
    let safe = |column: usize| -> rusqlite::Result<Option<SafeText>> {
        Ok(row.get::<_, Option<String>>(column)?.map(|text| SafeText::new(&text)))
    };
    let currency = Currency::parse(&word(9)?).ok_or_else(|| unreadable(9, "currency"))?;
    let money = |column: usize| -> rusqlite::Result<Option<Money>> {
        match row.get::<_, Option<i64>>(column)? {
            None => Ok(None),
            Some(minor) => {
                Money::from_wire_minor(minor, currency).map(Some).ok_or_else(|| unreadable(column, "amount"))
            }
        }
    };
    let time = |column: usize| -> rusqlite::Result<Option<Timestamp>> {
        match row.get::<_, Option<i64>>(column)? {
            None => Ok(None),
            Some(_) => timestamp(row, column).map(Some),
        }
    };
    let state = IntentState::parse(&word(2)?).ok_or_else(|| unreadable(2, "state"))?;
    let text = |column: usize| -> rusqlite::Result<String> {
        Ok(row.get::<_, Option<String>>(column)?.unwrap_or_default())
    };
    let card = match (row.get::<_, Option<String>>(16)?, row.get::<_, Option<String>>(17)?) {
        (Some(bin6), Some(last4)) => CardEnding::new(&bin6, &last4),
        _ => None,
    };
    let refusal = match (safe(32)?, safe(33)?) {
        (None, None) => None,
        (code, message) => Some(Refusal { code, message: message.unwrap_or_default() }),
    };
    let approval = (state == IntentState::Approved).then_some(()).map(|()| {
        Ok::<_, rusqlite::Error>(Approval {
            provider_payment_id: safe(26)?,
            approval_number: safe(27)?,
            issuer: safe(28)?,
            receipt_url: safe(29)?,
            paid_at: row.get(30)?,
            differing_total: money(31)?,
        })
    });
    Ok(Intent {
        new: NewIntent {
            id: PaymentId::parse(&word(0)?).map_err(|_| unreadable(0, "payment id"))?,
            kind: IntentKind::parse(&word(1)?).ok_or_else(|| unreadable(1, "kind"))?,
            profile: word(3)?,
            generation: match word(4)?.as_str() {
                "v1" => Generation::V1,
                "v2" => Generation::V2,
                _ => return Err(unreadable(4, "generation")),
            },
            channel: word(5)?,
            pg: word(6)?,
            mode: Mode::parse(&word(7)?).ok_or_else(|| unreadable(7, "mode"))?,
            amount: money(8)?.ok_or_else(|| unreadable(8, "amount"))?,
            tax_free: money(10)?,
            installments: row.get(11)?,
            order_name: word(12)?,
            customer: Customer::new(&text(13)?, &text(14)?, &text(15)?),
            card,
            operator: Operator { user: word(18)?, remote: row.get(19)?, host: word(20)?, process: word(21)? },
            created: timestamp(row, 22)?,
        },
        state,
        sent: time(23)?,
        settled: time(24)?,
        guard_reason: row.get(25)?,
        approval: approval.transpose()?,
        refusal,
        why: row.get(34)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_ledger_is_private_durable_and_migrated() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/er/ledger.db");
        let ledger = SqliteLedger::open(&path).unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
        let ask = |pragma: &str| -> String {
            ledger
                .connection
                .query_row(&format!("PRAGMA {pragma}"), [], |row| row.get::<_, rusqlite::types::Value>(0))
                .map(|value| format!("{value:?}"))
                .unwrap()
        };
        assert_eq!(ask("journal_mode"), "Text(\"wal\")");
        assert_eq!(ask("synchronous"), "Integer(2)");
        assert_eq!(ledger.version().unwrap(), i64::try_from(MIGRATIONS.len()).unwrap());
    }

    #[test]
    fn a_newer_ledger_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.db");
        Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
        assert!(matches!(SqliteLedger::open(&path), Err(LedgerError::Newer { found: 99, .. })));
    }

    #[test]
    fn examining_makes_no_file_and_sees_a_broken_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a %?#.db");
        let files = || std::fs::read_dir(folder.path()).unwrap().count();
        drop(SqliteLedger::open(&path).unwrap());
        assert_eq!(files(), 1);
        SqliteLedger::examine(&path).unwrap();
        assert_eq!(files(), 1);
        let open = SqliteLedger::open(&path).unwrap();
        open.intend(&new_intent("abcdef01", "1234"), &Guard::Check(jiff::SignedDuration::ZERO)).unwrap();
        SqliteLedger::examine(&path).unwrap();
        drop(open);
        assert!(SqliteLedger::examine(&folder.path().join("none.db")).is_err());
        assert_eq!(files(), 1);
        std::fs::write(&path, "no database at all, but long enough to be looked at".repeat(100)).unwrap();
        assert!(SqliteLedger::examine(&path).is_err());
    }

    #[test]
    fn no_column_could_hold_card_data() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = SqliteLedger::open(&folder.path().join("ledger.db")).unwrap();
        let mut statement = ledger
            .connection
            .prepare("SELECT m.name || '.' || c.name FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table'")
            .unwrap();
        let columns: Vec<String> =
            statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap();
        assert!(columns.len() > 30);
        for column in columns {
            for word in ["card_number", "pan", "expiry", "birth", "identity", "pin", "password", "cvc"] {
                assert!(!column.split(['.', '_']).any(|part| part == word), "{column}");
            }
        }
    }

    #[test]
    fn many_programs_open_migrate_and_write_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.db");
        let start = std::sync::Barrier::new(8);
        std::thread::scope(|scope| {
            for writer in 0..8 {
                let (path, start) = (&path, &start);
                scope.spawn(move || {
                    start.wait();
                    let ledger = SqliteLedger::open(path).unwrap();
                    for n in 0..10 {
                        let new =
                            new_intent(&format!("w{writer}n{n:04}"), &format!("{:04}", writer * 100 + n));
                        let guard = Guard::Check(jiff::SignedDuration::from_mins(10));
                        assert_eq!(ledger.intend(&new, &guard).unwrap(), Intended::Written);
                        ledger.record(&new.id, new.created, &Step::Sent, "1:1").unwrap();
                    }
                });
            }
        });
        assert_eq!(SqliteLedger::open(&path).unwrap().unsettled("main").unwrap().len(), 80);
    }

    #[test]
    fn two_that_charge_the_same_card_at_once_do_not_both_pass() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.db");
        SqliteLedger::open(&path).unwrap();
        let start = std::sync::Barrier::new(6);
        let written: usize = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..6)
                .map(|writer| {
                    let (path, start) = (&path, &start);
                    scope.spawn(move || {
                        let ledger = SqliteLedger::open(path).unwrap();
                        let new = new_intent(&format!("same{writer:04}"), "1234");
                        start.wait();
                        let guard = Guard::Check(jiff::SignedDuration::from_mins(10));
                        usize::from(ledger.intend(&new, &guard).unwrap() == Intended::Written)
                    })
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert_eq!(written, 1);
    }

    #[test]
    fn an_intent_comes_back_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = SqliteLedger::open(&folder.path().join("ledger.db")).unwrap();
        let new = NewIntent {
            tax_free: Money::new(1_000, Currency::Krw),
            customer: Customer::new("김하늘", "010-2000-3000", "a@b.kr"),
            ..new_intent("abcdef01", "1234")
        };
        ledger.intend(&new, &Guard::Overridden("다른 주문".to_owned())).unwrap();
        let intent = ledger.intent(&new.id).unwrap().unwrap();
        assert_eq!(intent.new, new);
        assert_eq!(
            (intent.state, intent.guard_reason.as_deref()),
            (IntentState::Intended, Some("다른 주문"))
        );
        assert_eq!(ledger.intent(&PaymentId::parse("nothere").unwrap()).unwrap(), None);
    }

    fn new_intent(id: &str, last4: &str) -> NewIntent {
        NewIntent {
            id: PaymentId::parse(id).unwrap(),
            kind: IntentKind::KeyIn,
            profile: "main".to_owned(),
            generation: Generation::V2,
            channel: "kcp".to_owned(),
            pg: "KCP_V2".to_owned(),
            mode: Mode::Live,
            amount: Money::new(45_000, Currency::Krw).unwrap(),
            tax_free: None,
            installments: 3,
            order_name: "관리비".to_owned(),
            customer: Customer::default(),
            card: CardEnding::new("941012", last4),
            operator: Operator {
                user: "minji".to_owned(),
                remote: Some("10.0.0.7".to_owned()),
                host: "desk-1".to_owned(),
                process: "1:1".to_owned(),
            },
            created: "2026-11-21T02:00:00Z".parse().unwrap(),
        }
    }
}
