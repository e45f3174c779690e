//! A console at the calendar with a copy of some schedules behind it, without a terminal, a ledger and a provider.

use jiff::civil::{Date, Time};

use super::model::{Answer, Ask, Known, Model};
use crate::domain::billing_key::BillingKey;
use crate::domain::bulk::{Plan, PlanItem, ScheduleDetail, Verdict};
use crate::domain::customer::Customer;
use crate::domain::due;
use crate::domain::listing::{Freshness, Kept, RowId, ScheduleFilter, ScheduleSum};
use crate::domain::money::{Currency, Money};
use crate::domain::payment::{PaymentId, Refusal};
use crate::domain::problem::Problem;
use crate::domain::schedule::{ProviderSchedule, ScheduleGroup, ScheduleState, Span};
use crate::domain::search::{Needle, index_text};
use crate::domain::text::SafeText;
use crate::i18n::Lang;
use crate::tui::glyphs::Glyphs;
use crate::tui::input::{Code, Key};
use crate::tui::msg::{Effect, EffectId, Msg, Timer};
use crate::tui::testing::{Desk, now, setup};

/// The whole of a key; it must never be seen.
pub(super) const WHOLE: &str = "billing-key-0195a1c2-5b7d-7e10-9a44-2f6b8c0d1e23";

/// A schedule on a day of 2026 at ten, of so much.
pub(super) fn schedule(
    id: u32,
    (month, day): (i8, i8),
    name: &str,
    minor: u64,
    state: &str,
) -> ProviderSchedule {
    let date = Date::new(2026, month, day).unwrap();
    let state = ScheduleState::parse(state);
    let failed = state == ScheduleState::Failed;
    ProviderSchedule {
        id: SafeText::new(&format!("sch-{id:05}")),
        payment_id: SafeText::new(&format!("order-{id:05}")),
        key: BillingKey::parse(WHOLE).unwrap(),
        at: due::at(date, Time::constant(10, 0, 0, 0)).unwrap(),
        amount: Money::new(minor, Currency::Krw),
        currency: SafeText::new("KRW"),
        tax_free: None,
        vat: None,
        installments: None,
        order_name: SafeText::new("정수기 렌탈"),
        customer: Customer::new(name, "010-1234-5678", "").with_id(&format!("cust{id:04}")),
        created_at: None,
        ended_at: None,
        refusal: failed.then(|| Refusal {
            code: Some(SafeText::new("8324")),
            message: SafeText::message("한도가 초과됐습니다"),
        }),
        provider_payment_id: None,
        state,
    }
}

/// An ordinary November: things that ran, one that failed, one revoked, and what is still to come.
pub(in crate::tui) fn november() -> Vec<ProviderSchedule> {
    let dollars = |schedule: ProviderSchedule| ProviderSchedule {
        amount: Money::new(1_999, Currency::Usd),
        currency: SafeText::new("USD"),
        ..schedule
    };
    let yen = |schedule: ProviderSchedule| ProviderSchedule {
        amount: None,
        currency: SafeText::new("KRW"),
        ..schedule
    };
    vec![
        schedule(1, (11, 2), "김하늘", 45_000, "succeeded"),
        schedule(2, (11, 2), "남궁민수", 1_230_000, "succeeded"),
        schedule(3, (11, 10), "박보람", 45_900, "failed"),
        schedule(4, (11, 10), "이도", 9_900, "succeeded"),
        schedule(5, (11, 20), "최가온", 45_000, "revoked"),
        schedule(6, (11, 25), "김하늘", 45_000, "scheduled"),
        schedule(7, (11, 25), "주식회사 아주아주긴상호명의고객입니다", 1_234_567, "scheduled"),
        schedule(8, (11, 25), "박보람", 45_900, "failed"),
        schedule(9, (11, 25), "이도", 9_900, "revoked"),
        schedule(10, (11, 25), "Kim Minsu", 120_000, "started"),
        dollars(schedule(11, (11, 26), "Jane", 0, "scheduled")),
        yen(schedule(12, (11, 27), "모름", 0, "scheduled")),
        schedule(13, (12, 25), "김하늘", 45_000, "scheduled"),
    ]
}

/// A console at the calendar.
#[derive(Debug)]
pub(in crate::tui) struct Console {
    pub(in crate::tui) desk: Desk,
    /// The copy.
    pub(super) copy: Vec<ProviderSchedule>,
    /// How old it is; nothing when it was never read.
    pub(super) fresh: Freshness,
    /// What was asked that the copy does not answer.
    pub(super) asked: Vec<Ask>,
    /// Timers that were set.
    pub(super) timers: Vec<Timer>,
}

impl Console {
    pub(super) fn new(copy: Vec<ProviderSchedule>) -> Self {
        Self::sized(copy, Lang::Ko, (80, 24))
    }

    pub(in crate::tui) fn sized(copy: Vec<ProviderSchedule>, lang: Lang, size: (u16, u16)) -> Self {
        let oldest = Some(now() - jiff::SignedDuration::from_mins(3));
        let fresh = Freshness { oldest, whole: true };
        Self::aged(copy, lang, size, fresh)
    }

    pub(super) fn aged(
        mut copy: Vec<ProviderSchedule>,
        lang: Lang,
        size: (u16, u16),
        fresh: Freshness,
    ) -> Self {
        copy.sort_by_key(|schedule| schedule.at);
        let desk = Desk::with(crate::tui::model::Setup { lang, size, ..setup() });
        let mut console = Self { desk, copy, fresh, asked: Vec::new(), timers: Vec::new() };
        console.desk.asked();
        console.key(Key::alt(Code::Char('3')));
        console
    }

    pub(super) fn model(&self) -> &Model {
        &self.desk.model.calendar
    }

    pub(in crate::tui) fn key(&mut self, key: Key) {
        self.desk.msg(Msg::Key(key));
        self.serve();
    }

    pub(super) fn code(&mut self, code: Code) {
        self.key(Key::plain(code));
    }

    pub(super) fn shift(&mut self, number: u8) {
        self.key(Key::shift(Code::F(number)));
    }

    /// One key each.
    pub(super) fn types(&mut self, text: &str) {
        for ch in text.chars() {
            self.key(Key::char(ch));
        }
    }

    pub(super) fn answer(&mut self, answer: Answer) {
        self.desk.msg(Msg::Calendar(Box::new(answer)));
        self.serve();
    }

    pub(super) fn timer(&mut self, timer: Timer) {
        self.desk.timer(timer);
        self.serve();
    }

    /// What the copy does not answer.
    pub(super) fn asked(&mut self) -> Vec<Ask> {
        std::mem::take(&mut self.asked)
    }

    /// The dry run that was asked for last.
    pub(super) fn planning(&mut self) -> (EffectId, super::model::Want) {
        match self.asked().pop() {
            Some(Ask::Plan(effect, want)) => (effect, *want),
            other => panic!("no dry run but {other:?}"),
        }
    }

    /// Lets the copy answer.
    fn serve(&mut self) {
        loop {
            let effects = self.desk.asked();
            if effects.is_empty() {
                return;
            }
            for effect in effects {
                match effect {
                    Effect::Calendar(ask) => {
                        if let Some(answer) = self.answer_of(*ask) {
                            self.desk.msg(Msg::Calendar(Box::new(answer)));
                        }
                    }
                    Effect::Set(timer, _) => self.timers.push(timer),
                    _ => {}
                }
            }
        }
    }

    /// The copy's answer; what it does not answer is kept.
    pub(super) fn answer_of(&mut self, ask: Ask) -> Option<Answer> {
        Some(match ask {
            Ask::Days(question, span) => Answer::Days(question, Ok((self.sums(span), self.fresh))),
            Ask::List(question, filter, query) => {
                let fit = |row: &usize| Self::fits(&self.copy[*row], &filter, &query);
                let rows = (0..self.copy.len()).filter(fit);
                Answer::List(
                    question,
                    Ok(rows.map(|row| RowId::new(i64::try_from(row).unwrap()).unwrap()).collect()),
                )
            }
            Ask::Page(question, number, rows) => {
                let kept = rows.into_iter().map(|row| Kept {
                    what: self.copy[usize::try_from(row.number()).unwrap()].clone(),
                    row,
                    synced_at: now(),
                });
                Answer::Page(question, number, Ok(kept.collect()))
            }
            Ask::Next(question, after, group) => {
                let next = self
                    .copy
                    .iter()
                    .find(|one| one.at > after && group.is_none_or(|group| one.state.group() == group));
                Answer::Next(question, Ok(next.map(|one| one.at)))
            }
            Ask::Detail(id, _) => {
                let schedule = self.copy.iter().find(|one| one.id == id).cloned().map(Box::new);
                let told = ScheduleDetail { schedule, history: Vec::new() };
                Answer::Detail(id, Ok(Box::new(Known { told, attempts: Ok(Vec::new()) })))
            }
            Ask::Left => Answer::Left(Ok(Vec::new())),
            ask => {
                self.asked.push(ask);
                return None;
            }
        })
    }

    fn fits(schedule: &ProviderSchedule, filter: &ScheduleFilter, query: &str) -> bool {
        let span = filter.span.unwrap();
        let inside = span.from <= schedule.at && schedule.at < span.until;
        let group = filter.groups.is_empty() || filter.groups.contains(&schedule.state.group());
        let name = index_text([schedule.customer.name().unwrap_or_default()]);
        inside && group && (query.is_empty() || Needle::new(query).matches(&name))
    }

    fn sums(&self, span: Span) -> Vec<ScheduleSum> {
        let mut sums: Vec<ScheduleSum> = Vec::new();
        for one in self.copy.iter().filter(|one| span.from <= one.at && one.at < span.until) {
            let date = due::in_korea(one.at).date();
            let (group, currency) = (one.state.group(), &one.currency);
            let here =
                |sum: &&mut ScheduleSum| sum.date == date && sum.group == group && sum.currency == *currency;
            let (sum, uncounted) = (one.amount.map_or(0, Money::minor), u64::from(one.amount.is_none()));
            match sums.iter_mut().find(here) {
                Some(found) => {
                    found.count += 1;
                    found.sum += sum;
                    found.uncounted += uncounted;
                }
                None => {
                    sums.push(ScheduleSum {
                        date,
                        group,
                        currency: currency.clone(),
                        count: 1,
                        sum,
                        uncounted,
                    });
                }
            }
        }
        sums
    }

    /// The dry run of what was asked for last, every schedule as the copy has it.
    pub(super) fn plans(&mut self) -> EffectId {
        let (effect, want) = self.planning();
        let actions = match want {
            super::model::Want::Create(series) => series.actions("main", now()).unwrap(),
            super::model::Want::With(verb, rows) => {
                let row = |row: RowId| self.copy[usize::try_from(row.number()).unwrap()].clone();
                rows.into_iter().map(|one| verb.with(row(one))).collect()
            }
        };
        let items = (0u8..).zip(actions).map(|(number, action)| {
            let verdict = action.obstacle(now()).map_or(Verdict::Ready, Verdict::CanNot);
            let id = PaymentId::mint([number; PaymentId::RANDOM_BYTES]);
            PlanItem { action, id, revoke: None, channel: Some(crate::tui::testing::kcp()), verdict }
        });
        let batch = PaymentId::mint([255; PaymentId::RANDOM_BYTES]);
        let plan = Plan { batch, items: items.collect() };
        self.answer(Answer::Plan(effect, Ok(Box::new(plan))));
        effect
    }

    pub(super) fn screen(&self, glyphs: &Glyphs) -> (Vec<String>, Option<ratatui::layout::Position>) {
        self.desk.screen(glyphs)
    }
}

/// What the provider can't be asked for.
pub(super) fn offline() -> Problem {
    Problem::Unreachable { detail: "connection refused".to_owned() }
}

/// How many of a group a day has in the model.
pub(super) fn count(console: &Console, day: (i8, i8), group: ScheduleGroup) -> u64 {
    let date = Date::new(2026, day.0, day.1).unwrap();
    console.model().sums.total((date, date), group, &SafeText::new("KRW")).count
}
