//! The daily close (마감): the day's journal, the provider's records and the schedules that were due are gathered,
//! compared, and kept. Reads and compares; repairs nothing.

use std::collections::BTreeSet;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use super::Desk;
use crate::domain::close::{
    self, Basis, Brief, Close, ClosedDay, EarlierClose, Entry, KeptClose, Lists, Movement, day as day_of,
};
use crate::domain::intent::{Intent, IntentKind, Target};
use crate::domain::listing::{self, Kept, PaymentFilter};
use crate::domain::problem::Problem;
use crate::domain::record::PaymentRecord;
use crate::domain::schedule::{ProviderSchedule, Span};
use crate::domain::text::SafeText;
use crate::ledger::books::SavedClose;

/// A payment of midnight is asked for on one day and paid on the next.
const BESIDE: SignedDuration = SignedDuration::from_hours(24);
/// How many rows of the copy are read at once.
const WINDOW: usize = 500;

impl Desk {
    /// Closes a day in Korea by one time basis, and keeps what was found. The day's payments and schedules are asked
    /// for now. A day may be closed again; the close before it is compared.
    ///
    /// V2 lists payments by the time of their request only (V2 §12.4), V1 by the time of their state (V1 §11.5):
    /// what the other basis counts besides comes from the copy, so synchronise before closing.
    pub async fn close_day(&self, day: Date, basis: Basis) -> Result<ClosedDay, Problem> {
        let span = day_of(day).ok_or_else(|| Problem::Unreadable { why: "day".to_owned() })?;
        let now = self.world.now();
        let schedules = self.read_schedules(span).await?;
        let records = self.records_of(span, basis, &schedules).await?;
        let journal = self.entries(span, &records)?;
        let lists = Lists { journal: &journal, records: &records, schedules: &schedules };
        let close = close::close(span, basis, now, &lists);
        let ledger = self.ledger.borrow();
        let earlier = ledger.close_of(&self.profile, day)?.map(|saved| before(&saved, &close));
        let operator = self.world.operator();
        let seq = ledger.put_close(&self.profile, day, now, &operator, &close.keep())?;
        Ok(ClosedDay { day, seq, operator: operator.user, close, earlier })
    }

    /// The close that was kept last for a day, as it was, with what is different from the one before it; `None` when
    /// there is none, or when this program can't read it.
    pub fn closed_day(&self, day: Date) -> Result<Option<ClosedDay>, Problem> {
        let saved = self.ledger.borrow().close_of(&self.profile, day)?;
        self.reopened(saved)
    }

    /// The same of the close that has this number.
    pub fn kept_close(&self, seq: i64) -> Result<Option<ClosedDay>, Problem> {
        let saved = self.ledger.borrow().close_numbered(&self.profile, seq)?;
        self.reopened(saved)
    }

    fn reopened(&self, saved: Option<SavedClose>) -> Result<Option<ClosedDay>, Problem> {
        let Some(saved) = saved else { return Ok(None) };
        let Some(close) = Close::read(&saved.body) else { return Ok(None) };
        let earlier = self.ledger.borrow().close_before(&self.profile, &saved)?;
        let earlier = earlier.map(|earlier| before(&earlier, &close));
        let SavedClose { seq, day, operator, .. } = saved;
        Ok(Some(ClosedDay { day, seq, operator: operator.user, close, earlier }))
    }

    /// The latest closes: the latest day first, of one day the one that was saved last.
    pub fn kept_closes(&self, most: u32) -> Result<Vec<KeptClose>, Problem> {
        let saved = self.ledger.borrow().closes(&self.profile, most)?;
        let line = |saved: SavedClose| KeptClose {
            brief: Close::read(&saved.body).as_ref().map(Brief::of),
            seq: saved.seq,
            day: saved.day,
            made_at: saved.made_at,
            operator: saved.operator.user,
        };
        Ok(saved.into_iter().map(line).collect())
    }

    /// The day's records, those of the other basis that the copy knows, and those that journal and schedules name:
    /// the latter as they are now, whatever the copy says of them.
    async fn records_of(
        &self,
        span: Span,
        basis: Basis,
        schedules: &[ProviderSchedule],
    ) -> Result<Vec<PaymentRecord>, Problem> {
        // The copy keeps milliseconds.
        let begun = self.world.now().as_millisecond();
        // Kept before they are read back: of two answers the newer one is there.
        self.payments_of(span).await?;
        let kept = self.kept_in(span, basis)?;
        let mut asked: BTreeSet<String> = kept
            .iter()
            .filter(|row| row.synced_at.as_millisecond() >= begun)
            .map(|row| row.what.id.to_string())
            .collect();
        let mut records: Vec<PaymentRecord> = kept.into_iter().map(|row| row.what).collect();
        let mut named: Vec<SafeText> = schedules
            .iter()
            // What is due later has no payment yet.
            .filter(|schedule| !schedule.state.is_ahead() || schedule.at <= self.world.now())
            .map(|schedule| schedule.payment_id.clone())
            .collect();
        for intent in self.ledger.borrow().made_in(&self.profile, span)? {
            match (&intent.new.target, Entry::of(&intent)) {
                (Some(Target::Record(of)), _) if intent.new.kind == IntentKind::Refund => {
                    named.push(of.id.clone());
                }
                (_, Some(entry)) => named.push(entry.id),
                _ => {}
            }
        }
        for id in named {
            // A V1 payment whose state changed on a later day is in no list of this one (V1 §11.5).
            if asked.insert(id.to_string()) {
                let now = self.payment_now(&id).await?;
                records.retain(|record| record.id != id);
                records.extend(now);
            }
        }
        Ok(records)
    }

    fn kept_in(&self, span: Span, basis: Basis) -> Result<Vec<Kept<PaymentRecord>>, Problem> {
        let basis = match basis {
            Basis::Requested => listing::Basis::Requested,
            Basis::Changed => listing::Basis::Changed,
        };
        let filter = PaymentFilter { basis, period: Some(span), ..PaymentFilter::default() };
        let ledger = self.ledger.borrow();
        let list = ledger.payment_list(&self.profile, &filter, None)?;
        let mut all = Vec::with_capacity(list.len());
        for from in (0..list.len()).step_by(WINDOW) {
            all.extend(ledger.payment_rows(&list, from..from + WINDOW)?);
        }
        Ok(all)
    }

    /// The journal's rows of the day and of those beside it, and every refund of the payments, whatever its day.
    fn entries(&self, span: Span, records: &[PaymentRecord]) -> Result<Vec<Entry>, Problem> {
        let ledger = self.ledger.borrow();
        let wide = Span { from: earlier(span.from), until: later(span.until) };
        let mut entries: Vec<Entry> =
            ledger.made_in(&self.profile, wide)?.iter().filter_map(entry_of).collect();
        for record in records.iter().filter(|record| record.state().was_paid()) {
            for intent in ledger.about_record(&self.profile, &record.id)? {
                if intent.new.created < wide.from || intent.new.created >= wide.until {
                    entries.extend(entry_of(&intent));
                }
            }
        }
        Ok(entries)
    }
}

fn earlier(moment: Timestamp) -> Timestamp {
    moment.checked_sub(BESIDE).unwrap_or(Timestamp::MIN)
}

fn later(moment: Timestamp) -> Timestamp {
    moment.checked_add(BESIDE).unwrap_or(Timestamp::MAX)
}

fn entry_of(intent: &Intent) -> Option<Entry> {
    match (&intent.new.target, intent.new.kind) {
        (Some(Target::Record(of)), IntentKind::Refund) => Some(Entry {
            id: SafeText::new(intent.new.id.as_str()),
            movement: Movement::Refund(of.id.clone()),
            amount: intent.new.amount,
            state: intent.state,
            mode: intent.new.mode,
            operator: intent.new.operator.user.clone(),
            created: intent.new.created,
        }),
        _ => Entry::of(intent),
    }
}

fn before(saved: &SavedClose, now: &Close) -> EarlierClose {
    let then = Close::read(&saved.body);
    EarlierClose {
        seq: saved.seq,
        made_at: saved.made_at,
        operator: saved.operator.user.clone(),
        basis: then.as_ref().map(|then| then.basis),
        changes: then.map(|then| now.since(&then)),
    }
}
