//! The comparison itself: three lists in, totals and differences out, each difference once.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::Timestamp;

use super::{
    Basis, DepositState, Difference, Entry, Env, IntentState, Lists, Money, Movement, PaymentRecord,
    PaymentState, ProviderSchedule, SafeText, ScheduleState, Side, Span, StateGroup, What, holds,
};

/// The lists, ready for looking up by the payment's id.
struct Ledgers<'a> {
    span: Span,
    basis: Basis,
    /// Charges and accounts.
    charges: HashMap<&'a str, &'a Entry>,
    /// Refunds by their payment.
    refunds: HashMap<&'a str, Vec<&'a Entry>>,
    records: HashMap<&'a str, &'a PaymentRecord>,
    schedules: HashMap<&'a str, &'a ProviderSchedule>,
    sides: BTreeMap<Env, Side>,
    /// What was told of which id already.
    told: HashSet<(String, &'static str)>,
}

pub(super) fn sides(span: Span, basis: Basis, now: Timestamp, lists: &Lists<'_>) -> BTreeMap<Env, Side> {
    let mut books = Ledgers {
        span,
        basis,
        charges: HashMap::new(),
        refunds: HashMap::new(),
        records: HashMap::new(),
        schedules: lists.schedules.iter().map(|schedule| (schedule.payment_id.as_str(), schedule)).collect(),
        sides: BTreeMap::new(),
        told: HashSet::new(),
    };
    for entry in lists.journal {
        if let Movement::Refund(payment) = &entry.movement {
            books.refunds.entry(payment.as_str()).or_default().push(entry);
        } else {
            books.charges.insert(entry.id.as_str(), entry);
        }
    }
    for record in lists.records {
        // V1 keeps every attempt of an id; the one that was paid is the payment (V1 §11.3).
        let place = books.records.entry(record.id.as_str()).or_insert(record);
        if !place.state().was_paid() && record.state().was_paid() {
            *place = record;
        }
    }
    for entry in lists.journal.iter().filter(|entry| holds(span, entry.created.as_second())) {
        match &entry.movement {
            Movement::Charge | Movement::Account(_) => books.charge(entry),
            Movement::Refund(payment) => books.refund(entry, payment),
        }
    }
    for record in lists.records {
        books.record(record);
    }
    let due = |schedule: &&ProviderSchedule| holds(span, schedule.at.as_second()) && schedule.at <= now;
    for schedule in lists.schedules.iter().filter(due) {
        books.schedule(schedule);
    }
    books.sides
}

impl<'a> Ledgers<'a> {
    /// Keeps a difference, unless the same one is kept already: a payment may be told of by two lists.
    fn tell(&mut self, env: Env, id: &SafeText, what: What) {
        if self.told.insert((id.as_str().to_owned(), what.word())) {
            self.sides.entry(env).or_default().differences.push(Difference { id: id.clone(), what });
        }
    }

    fn charge(&mut self, entry: &Entry) {
        let env = Env::of_mode(entry.mode);
        let record = self.records.get(entry.id.as_str()).copied();
        match (entry.state, record) {
            (IntentState::Intended | IntentState::Sent | IntentState::Unknown, _) => {
                self.tell(env, &entry.id, What::StillOpen);
            }
            (IntentState::Approved, None) => self.tell(env, &entry.id, What::NotAtProvider),
            (IntentState::Approved, Some(record)) => self.done(env, entry, record),
            (IntentState::Declined | IntentState::NotCharged, Some(record)) if record.state().was_paid() => {
                self.tell(env, &entry.id, What::StateDiffers { theirs: record.state().clone() });
            }
            (IntentState::Declined | IntentState::NotCharged, _) => {}
        }
    }

    /// The journal says that it was done, and the provider has it.
    fn done(&mut self, env: Env, entry: &Entry, record: &PaymentRecord) {
        let stands = match &entry.movement {
            // An account that nobody paid into ends as failed (V2 §6.1).
            Movement::Account(deposit) => {
                *record.state() != PaymentState::Failed || *deposit == Some(DepositState::Closed)
            }
            Movement::Charge | Movement::Refund(_) => record.state().was_paid(),
        };
        if !stands {
            self.tell(env, &entry.id, What::StateDiffers { theirs: record.state().clone() });
        }
        if record.payment.total != Some(entry.amount) {
            let what = What::AmountDiffers { ours: entry.amount, theirs: record.payment.total };
            self.tell(env, &entry.id, what);
        }
        if let Some(theirs) = Env::of_record(record).filter(|theirs| *theirs != env) {
            self.tell(env, &entry.id, What::ModeDiffers { theirs });
        }
    }

    fn refund(&mut self, entry: &Entry, payment: &SafeText) {
        let env = Env::of_mode(entry.mode);
        if !entry.state.is_settled() {
            self.tell(env, payment, What::StillOpen);
        } else if entry.state == IntentState::Approved && !self.records.contains_key(payment.as_str()) {
            self.tell(env, payment, What::NotAtProvider);
        }
    }

    fn record(&mut self, record: &'a PaymentRecord) {
        let id = record.id.as_str();
        let ours = self.charges.get(id).copied();
        let env = Env::of_record(record)
            .or_else(|| ours.map(|entry| Env::of_mode(entry.mode)))
            .unwrap_or(Env::Unstated);
        // A record that tells no time was handed over as one of the day.
        let today = self.basis.of(record).is_none_or(|at| holds(self.span, at));
        if today {
            self.count(env, record, ours);
        }
        if !record.state().was_paid() {
            return;
        }
        let scheduled = record.schedule.is_some() || self.schedules.contains_key(id);
        let refunds = self.refunds.get(id).map_or(&[][..], Vec::as_slice);
        let open = refunds.iter().any(|refund| !refund.state.is_settled());
        let refunded_today = refunds.iter().any(|refund| holds(self.span, refund.created.as_second()));
        let done: u64 = refunds
            .iter()
            .filter(|refund| refund.state == IntentState::Approved)
            .map(|refund| refund.amount.minor())
            .sum();
        let ours_at_all = ours.is_some() || scheduled || !refunds.is_empty();
        if today && !ours_at_all {
            self.tell(env, &record.id, What::MadeElsewhere);
        }
        // A refund whose end is unknown explains any difference, and is told by itself.
        if ours_at_all && !open && (today || refunded_today || self.cancelled_today(record)) {
            self.cancelled(env, record, done);
        }
    }

    /// Whether the record shows a cancellation of the day, whenever the payment was.
    fn cancelled_today(&self, record: &PaymentRecord) -> bool {
        let times = record.cancellations.iter().filter_map(|one| one.cancelled_at.or(one.requested_at));
        times.chain(record.changed_at).any(|at| holds(self.span, at))
    }

    fn cancelled(&mut self, env: Env, record: &PaymentRecord, ours: u64) {
        let Some(total) = record.payment.total else { return };
        let theirs = record.cancelled.map_or(0, Money::minor);
        if let Some(amount) = theirs.checked_sub(ours).filter(|more| *more > 0) {
            if let Some(amount) = Money::new(amount, total.currency()) {
                self.tell(env, &record.id, What::CancelledElsewhere { amount });
            }
        } else if let Some(amount) = ours.checked_sub(theirs).filter(|more| *more > 0)
            && let Some(amount) = Money::new(amount, total.currency())
        {
            self.tell(env, &record.id, What::RefundNotSeen { amount });
        }
    }

    fn count(&mut self, env: Env, record: &PaymentRecord, ours: Option<&Entry>) {
        let totals = &mut self.sides.entry(env).or_default().totals;
        totals.states.entry(StateGroup::of(record.state())).or_default().add(record);
        if record.state().was_paid() {
            totals.paid.add(record);
            totals.methods.entry(record.method).or_default().add(record);
            let operator = ours.map(|entry| entry.operator.clone());
            totals.operators.entry(operator).or_default().add(record);
        }
    }

    fn schedule(&mut self, schedule: &ProviderSchedule) {
        let id = &schedule.payment_id;
        let record = self.records.get(id.as_str()).copied();
        let env = record.and_then(Env::of_record).unwrap_or(Env::Unstated);
        match (&schedule.state, record) {
            (ScheduleState::Revoked, _) => {}
            (ScheduleState::Scheduled | ScheduleState::Other(_), _) => {
                self.tell(env, id, What::ScheduleNotRun);
            }
            (ScheduleState::Started | ScheduleState::Pending, _) => self.tell(env, id, What::ScheduleOpen),
            (ScheduleState::Failed, Some(record)) if record.state().was_paid() => {
                self.tell(env, id, What::StateDiffers { theirs: record.state().clone() });
            }
            (ScheduleState::Failed, _) => self.tell(env, id, What::ScheduleFailed),
            (ScheduleState::Succeeded, None) => self.tell(env, id, What::ScheduleWithoutPayment),
            (ScheduleState::Succeeded, Some(record)) if !record.state().was_paid() => {
                self.tell(env, id, What::StateDiffers { theirs: record.state().clone() });
            }
            (ScheduleState::Succeeded, Some(record)) => {
                if let Some(ours) = schedule.amount.filter(|ours| record.payment.total != Some(*ours)) {
                    self.tell(env, id, What::AmountDiffers { ours, theirs: record.payment.total });
                }
            }
        }
    }
}
