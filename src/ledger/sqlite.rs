//! The `SQLite` engine of the ledger: WAL, `synchronous=FULL`, migrations by `user_version`, shared by every
//! operator on the host.

use std::cell::RefCell;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use rusqlite::{
    Connection, OpenFlags, OptionalExtension as _, Transaction, TransactionBehavior, named_params,
};

mod books;
mod cache;
mod intend;
mod keys;
mod notes;
mod records;
mod row;
mod schedules;

use row::{COLUMNS, read_intent, timestamp};

use super::{Entry, Guard, Intended, Ledger, LedgerError};
use crate::domain::billing_key::{BillingKey, KeySearch, ProviderKey};
use crate::domain::draft::{Draft, Mark};
use crate::domain::intent::{Approval, Intent, IntentState, NewIntent, Operator, Step};
use crate::domain::money::Money;
use crate::domain::payment::{PaymentId, Refusal};
use crate::domain::pg::Generation;
use crate::domain::schedule::Span;
use crate::domain::text::SafeText;

/// What brings a ledger to its next version.
enum Migration {
    Sql(&'static str),
    Rows(fn(&Connection) -> Result<(), LedgerError>),
}

use Migration::{Rows, Sql};

impl Migration {
    /// Inside a transaction of the caller's.
    fn apply(&self, connection: &Connection) -> Result<(), LedgerError> {
        match self {
            Sql(sql) => Ok(connection.execute_batch(sql)?),
            Rows(rows) => rows(connection),
        }
    }
}

/// Each entry brings a ledger from the version of its index to the next. Entries are never changed.
const MIGRATIONS: &[Migration] = &[
    Sql(include_str!("migrations/1.sql")),
    Sql(include_str!("migrations/2.sql")),
    Sql(include_str!("migrations/3.sql")),
    Sql(include_str!("migrations/4.sql")),
    Sql(include_str!("migrations/5.sql")),
    Sql(include_str!("migrations/6.sql")),
    Sql(include_str!("migrations/7.sql")),
    Sql(include_str!("migrations/8.sql")),
    Rows(cache::take_over),
    Sql(include_str!("migrations/10.sql")),
    Sql(include_str!("migrations/11.sql")),
];

/// How long a writer waits for another program's write to end.
const BUSY: Duration = Duration::from_secs(10);

/// How many prepared statements are kept.
const STATEMENTS: usize = 48;

/// A ledger file.
#[derive(Debug)]
pub struct SqliteLedger {
    connection: Connection,
    path: PathBuf,
    memory: RefCell<cache::Memory>,
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
        use_wal(&connection)?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        // Wipes what a deleted row leaves in the file: personal data must not outlive its row.
        connection.pragma_update(None, "secure_delete", true)?;
        // Two mebibytes of pages at most: a list of a hundred thousand payments is read through them.
        connection.pragma_update(None, "cache_size", -2048)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        migrate(&mut connection)?;
        Ok(Self { connection, path: path.to_owned(), memory: RefCell::default() })
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

/// Turns the write-ahead log on. While another program does the same, SQLite answers *busy* at once and asks
/// no busy handler, so the waiting is done here.
fn use_wal(connection: &Connection) -> rusqlite::Result<()> {
    let give_up = Instant::now() + BUSY;
    loop {
        // journal_mode answers with the mode that it reached, so it is read as a query.
        match connection.query_row("PRAGMA journal_mode=WAL", [], |_| Ok(())) {
            Err(error)
                if error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy)
                    && Instant::now() < give_up =>
            {
                std::thread::sleep(Duration::from_millis(2));
            }
            end => return end,
        }
    }
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
    for (at, migration) in MIGRATIONS.iter().enumerate().skip(usize::try_from(found).unwrap_or(0)) {
        migration.apply(&transaction)?;
        transaction.pragma_update(None, "user_version", i64::try_from(at + 1).unwrap_or(i64::MAX))?;
    }
    transaction.commit()?;
    Ok(())
}

impl Ledger for SqliteLedger {
    fn intend_all(&self, groups: &[&[NewIntent]], guard: &Guard) -> Result<Vec<Intended>, LedgerError> {
        Self::intend_all(self, groups, guard)
    }

    fn earlier(&self, new: &NewIntent, window: jiff::SignedDuration) -> Result<Option<Intent>, LedgerError> {
        intend::earlier(&self.connection, new, window)
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
            Step::ByHand { .. } => (Some(step.word()), None),
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
            Step::Approved(approval) | Step::ByHand { done: true, approval, .. } => {
                keep_approval(&transaction, id, approval)?;
            }
            Step::Declined(refusal) => keep_refusal(&transaction, id, refusal)?,
            Step::Deposit(deposit) => {
                transaction.execute(
                    "UPDATE intents SET deposit = ?2 WHERE id = ?1",
                    (id.as_str(), deposit.word()),
                )?;
            }
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

    fn of_a_caller(&self, phone_digits: &str) -> Result<Vec<Intent>, LedgerError> {
        Self::of_a_caller(self, phone_digits)
    }

    fn issuers(&self, bin6: &str) -> Result<Vec<String>, LedgerError> {
        Self::issuers(self, bin6)
    }

    fn waiting_accounts(&self, profile: &str) -> Result<Vec<Intent>, LedgerError> {
        Self::waiting_accounts(self, profile)
    }

    fn by_key(&self, key: &BillingKey) -> Result<Option<Intent>, LedgerError> {
        Self::by_key(self, key.expose())
    }

    fn keys_made(&self, profile: &str) -> Result<Vec<BillingKey>, LedgerError> {
        Self::keys_made(self, profile)
    }

    fn known_keys(
        &self,
        profile: &str,
        search: &KeySearch,
    ) -> Result<(Vec<ProviderKey>, usize), LedgerError> {
        Self::known_keys(self, profile, search)
    }

    fn charges_of(&self, key: &BillingKey) -> Result<Vec<Intent>, LedgerError> {
        Self::charges_of(self, key.expose())
    }

    fn batch(&self, batch: &PaymentId) -> Result<Vec<Intent>, LedgerError> {
        Self::batch(self, batch)
    }

    fn batches_left(&self, profile: &str) -> Result<Vec<PaymentId>, LedgerError> {
        Self::batches_left(self, profile)
    }

    fn about_schedule(
        &self,
        profile: &str,
        schedule: &SafeText,
        payment: &SafeText,
    ) -> Result<Vec<Intent>, LedgerError> {
        Self::about_schedule(self, profile, schedule, payment)
    }

    fn about_record(&self, profile: &str, payment: &SafeText) -> Result<Vec<Intent>, LedgerError> {
        Self::about_record(self, profile, payment)
    }

    fn made_in(&self, profile: &str, span: Span) -> Result<Vec<Intent>, LedgerError> {
        Self::made_in(self, profile, span)
    }

    fn put_draft(&self, draft: &Draft) -> Result<(), LedgerError> {
        Self::put_draft(self, draft)
    }

    fn drafts_of(&self, profile: &str, operator: &Operator) -> Result<Vec<Draft>, LedgerError> {
        Self::drafts_of(self, profile, operator)
    }

    fn drop_draft(&self, operator: &Operator) -> Result<(), LedgerError> {
        Self::drop_draft(self, operator)
    }

    fn put_mark(
        &self,
        profile: &str,
        operator: &Operator,
        at: Timestamp,
        mark: Mark,
        detail: &str,
    ) -> Result<(), LedgerError> {
        Self::put_mark(self, profile, operator, at, mark, detail)
    }

    fn put_warning_away(
        &self,
        profile: &str,
        channel: &str,
        warning: &str,
        operator: &Operator,
        at: Timestamp,
    ) -> Result<(), LedgerError> {
        Self::put_warning_away(self, profile, channel, warning, operator, at)
    }

    fn warnings_away(&self, profile: &str) -> Result<Vec<(String, String)>, LedgerError> {
        Self::warnings_away(self, profile)
    }
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
/// no approval number, the look-up behind it has. An account waits for its deposit from the moment it is known.
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
            account_bank = COALESCE(:bank, account_bank),
            account_number = COALESCE(:account, account_number),
            account_holder = COALESCE(:holder, account_holder),
            account_due = COALESCE(:due, account_due),
            billing_key = COALESCE(:key, billing_key),
            schedule_id = COALESCE(:schedule, schedule_id),
            deposit = CASE WHEN kind = 'issue_account' THEN COALESCE(deposit, 'waiting') ELSE deposit END,
            refusal_code = NULL, refusal_message = NULL
         WHERE id = :id",
        named_params! {
            ":provider": text(&approval.provider_payment_id),
            ":number": text(&approval.approval_number),
            ":issuer": text(&approval.issuer),
            ":receipt": text(&approval.receipt_url),
            ":paid": approval.paid_at,
            ":differing": approval.differing_total.map(Money::minor_signed),
            ":bank": approval.account.as_ref().map(|account| account.bank.as_str()),
            ":account": approval.account.as_ref().map(|account| account.number.as_str()),
            ":holder": approval.account.as_ref().and_then(|account| text(&account.holder)),
            ":due": approval.account.as_ref().and_then(|account| account.due),
            ":key": approval.key.as_ref().map(BillingKey::expose),
            ":schedule": text(&approval.schedule),
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
        Step::Deposit(deposit) => deposit.word().to_owned(),
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
        Step::ByHand { done, by, reason, .. } => {
            format!("{} {by}: {reason}", if *done { "done" } else { "not_done" })
        }
    }
}

const fn generation_word(generation: Generation) -> &'static str {
    match generation {
        Generation::V1 => "v1",
        Generation::V2 => "v2",
    }
}

#[cfg(test)]
mod tests;
