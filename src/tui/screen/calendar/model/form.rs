//! The form that makes schedules: whose key, how much, from which day on, how often, what of days off; and which
//! dates come of it.

use jiff::Timestamp;
use jiff::civil::{Date, Time};

use super::grid::no_date;
use super::shift::clock;
use super::{Ask, Model, Over, Series, Want};
use crate::domain::billing_key::{KeySearch, ProviderKey};
use crate::domain::channel::Channel;
use crate::domain::due;
use crate::domain::key_search::SearchIn;
use crate::domain::money::{AmountError, Currency, Money};
use crate::domain::month::parse_jump;
use crate::domain::problem::Problem;
use crate::domain::recurrence::{Every, OffDay, Preview, Recurrence, RecurrenceError};
use crate::i18n::Text;
use crate::text;
use crate::tui::choice::{neighbour, turned};
use crate::tui::edit::{Changed, Edit};
use crate::tui::input::{Code, Key};
use crate::tui::keymap::{Action, Context, resolve};
use crate::tui::msg::Effect;

/// The most schedules of one form: five years of months.
const MOST: u32 = 60;

/// The time that stands in a new form.
const FIRST_TIME: Time = Time::constant(10, 0, 0, 0);

/// A field of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Field {
    /// 고객
    Key,
    /// 금액
    Amount,
    /// 주문명
    OrderName,
    /// 첫 결제일
    First,
    /// 시각
    Time,
    /// 횟수
    Count,
    /// 간격
    Interval,
    /// 주기
    Unit,
    /// 휴일이면
    OffDay,
}

impl Field {
    /// All of them, top to bottom.
    pub const ALL: [Self; 9] = [
        Self::Key,
        Self::Amount,
        Self::OrderName,
        Self::First,
        Self::Time,
        Self::Count,
        Self::Interval,
        Self::Unit,
        Self::OffDay,
    ];

    /// The catalogue's key of its name.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Key => "calendar.form.key",
            Self::Amount => "calendar.form.amount",
            Self::OrderName => "calendar.form.order-name",
            Self::First => "calendar.form.first",
            Self::Time => "calendar.form.time",
            Self::Count => "calendar.form.count",
            Self::Interval => "calendar.form.interval",
            Self::Unit => "calendar.form.unit",
            Self::OffDay => "calendar.form.off-day",
        }
    }

    /// The field's place among those with a text.
    const fn edit(self) -> Option<usize> {
        match self {
            Self::Key => Some(0),
            Self::Amount => Some(1),
            Self::OrderName => Some(2),
            Self::First => Some(3),
            Self::Time => Some(4),
            Self::Count => Some(5),
            Self::Interval => Some(6),
            Self::Unit | Self::OffDay => None,
        }
    }
}

/// A unit of time between two dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// 개월
    Months,
    /// 주
    Weeks,
    /// 일
    Days,
    /// 년
    Years,
}

impl Unit {
    const ALL: [Self; 4] = [Self::Months, Self::Weeks, Self::Days, Self::Years];

    /// The catalogue's key of its name.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Months => "calendar.unit.months",
            Self::Weeks => "calendar.unit.weeks",
            Self::Days => "calendar.unit.days",
            Self::Years => "calendar.unit.years",
        }
    }

    const fn every(self, count: u16) -> Every {
        match self {
            Self::Months => Every::Months(count),
            Self::Weeks => Every::Weeks(count),
            Self::Days => Every::Days(count),
            Self::Years => Every::Years(count),
        }
    }
}

/// What is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The field.
    pub field: Field,
    /// What to do.
    pub text: Text,
}

/// The keys that were found, one of them marked.
#[derive(Debug, Clone, PartialEq)]
pub struct Choosing {
    /// The keys.
    pub found: Vec<(ProviderKey, Channel)>,
    /// The marked one.
    pub at: usize,
}

/// The form.
#[derive(Debug, Clone, PartialEq)]
pub struct Form {
    edits: [Edit; 7],
    /// The key that was chosen.
    pub key: Option<(ProviderKey, Channel)>,
    /// The unit of the interval.
    pub unit: Unit,
    /// What of days off.
    pub off_day: OffDay,
    /// The field with the cursor.
    pub focus: Field,
    /// The keys to choose from.
    pub choosing: Option<Choosing>,
    /// What is being searched for.
    searching: Option<u64>,
    /// The mistake that was told last.
    pub mistake: Option<Mistake>,
    /// Why keys could not be had.
    pub problem: Option<Problem>,
}

impl Form {
    fn new(first: Date, order_name: &str) -> Self {
        let mut form = Self {
            edits: [60, 20, 100, 20, 5, 3, 3].map(Edit::new),
            key: None,
            unit: Unit::Months,
            off_day: OffDay::SameDay,
            focus: Field::Key,
            choosing: None,
            searching: None,
            mistake: None,
            problem: None,
        };
        let date = first.to_string();
        let time = FIRST_TIME.strftime("%H:%M").to_string();
        for (field, text) in [
            (Field::OrderName, order_name),
            (Field::First, date.as_str()),
            (Field::Time, time.as_str()),
            (Field::Count, "1"),
            (Field::Interval, "1"),
        ] {
            if let Some(edit) = form.edit_mut(field) {
                edit.set(text);
            }
        }
        form
    }

    /// What was typed in a field; the choices have none.
    pub fn edit(&self, field: Field) -> Option<&Edit> {
        self.edits.get(field.edit()?)
    }

    fn edit_mut(&mut self, field: Field) -> Option<&mut Edit> {
        self.edits.get_mut(field.edit()?)
    }

    fn text(&self, field: Field) -> &str {
        self.edit(field).map_or("", |edit| edit.text().trim())
    }

    /// Whether keys are being looked for.
    pub const fn is_searching(&self) -> bool {
        self.searching.is_some()
    }

    fn number(&self, field: Field, most: u32) -> Result<u32, Mistake> {
        let text = due::plain(self.text(field));
        match text.trim().parse::<u32>() {
            Ok(number) if (1..=most).contains(&number) => Ok(number),
            _ => Err(Mistake { field, text: text!("calendar.form.mistake.number", most = most) }),
        }
    }

    /// The rule for dates and how many of them, as far as the fields go.
    pub fn rule(&self, today: Date) -> Result<(Recurrence, u32), Mistake> {
        let first = parse_jump(self.text(Field::First), today, today)
            .map_err(|why| Mistake { field: Field::First, text: no_date(why) })?;
        let time = clock(&due::plain(self.text(Field::Time)))
            .map_err(|_| Mistake { field: Field::Time, text: text!("calendar.form.mistake.time") })?;
        let count = self.number(Field::Count, MOST)?;
        let interval = self.number(Field::Interval, 999)?;
        let every = self.unit.every(u16::try_from(interval).unwrap_or(u16::MAX));
        let beyond =
            |_: RecurrenceError| Mistake { field: Field::First, text: text!("calendar.said.out-of-range") };
        let rule = Recurrence::new(every, first, time, self.off_day).map_err(beyond)?;
        Ok((rule, count))
    }

    /// The dates as they would be, with everything that has to be known about them.
    pub fn preview(&self, today: Date, now: Timestamp) -> Option<Preview> {
        let (rule, count) = self.rule(today).ok()?;
        rule.preview(0, count, now, crate::domain::holiday::Holidays::korea()).ok()
    }

    /// What is to be made, or the first mistake.
    pub fn series(&self, today: Date, now: Timestamp) -> Result<Series, Mistake> {
        let Some((key, channel)) = &self.key else {
            return Err(Mistake { field: Field::Key, text: text!("calendar.form.mistake.key") });
        };
        let amount = self.amount()?;
        let order_name = self.text(Field::OrderName);
        if order_name.is_empty() {
            let text = text!("calendar.form.mistake.order-name");
            return Err(Mistake { field: Field::OrderName, text });
        }
        let (rule, count) = self.rule(today)?;
        let series = Series {
            key: key.key.clone(),
            channel: channel.clone(),
            customer: key.customer.clone(),
            amount,
            order_name: order_name.to_owned(),
            rule,
            count,
        };
        match series.preview(now) {
            Ok(preview) if preview.occurrences.iter().any(|one| one.at > now) => Ok(series),
            Ok(_) => Err(Mistake { field: Field::First, text: text!("calendar.form.mistake.past") }),
            Err(_) => Err(Mistake { field: Field::First, text: text!("calendar.said.out-of-range") }),
        }
    }

    fn amount(&self) -> Result<Money, Mistake> {
        let wrong = |text| Mistake { field: Field::Amount, text };
        match Money::parse_typed(self.text(Field::Amount), Currency::Krw) {
            Ok(amount) if amount.is_zero() => Err(wrong(text!("calendar.form.mistake.amount"))),
            Ok(amount) => Ok(amount),
            Err(AmountError::TooLarge) => Err(wrong(text!("calendar.form.mistake.too-large"))),
            Err(_) => Err(wrong(text!("calendar.form.mistake.amount"))),
        }
    }

    fn turn(&mut self, forward: bool) {
        match self.focus {
            Field::Unit => self.unit = turned(&Unit::ALL, &self.unit, forward),
            Field::OffDay => self.off_day = turned(&OffDay::ALL, &self.off_day, forward),
            _ => {}
        }
    }

    /// What keys mean now.
    pub(super) fn contexts(&self) -> Vec<Context> {
        if self.choosing.is_some() { vec![Context::Choice] } else { vec![Context::Booking] }
    }
}

impl Model {
    /// The form, as it was left or new from the marked day on.
    pub(super) fn open_form(&mut self) -> Vec<Effect> {
        let form = self.draft.take().unwrap_or_else(|| {
            // The first day on which the time that stands there is still to come.
            let today = self.today();
            let over = due::at(today, FIRST_TIME).is_none_or(|at| at <= self.now());
            let next = if over { today.tomorrow().unwrap_or(today) } else { today };
            let first = self.cursor.date().max(next);
            Box::new(Form::new(first, &self.setup.order_name))
        });
        self.said = None;
        self.over = Some(Over::Form(form));
        Vec::new()
    }

    pub(super) fn form_key(&mut self, key: Key) -> Vec<Effect> {
        self.said = None;
        let Some(Over::Form(form)) = &mut self.over else { return Vec::new() };
        if form.choosing.is_some() {
            self.choose_key(key);
            return Vec::new();
        }
        match resolve(&[Context::Booking], key) {
            Some(Action::PrevField) => form.focus = neighbour(&Field::ALL, form.focus, false),
            Some(Action::Advance) if form.focus == Field::Key && form.key.is_none() => {
                return self.find_keys();
            }
            Some(Action::Advance) if form.focus == Field::OffDay => return self.submit(),
            Some(Action::Advance | Action::NextField) => {
                form.focus = neighbour(&Field::ALL, form.focus, true);
            }
            Some(Action::Submit) => return self.submit(),
            Some(Action::Cancel) => self.leave_form(),
            _ => self.typed(key),
        }
        Vec::new()
    }

    /// What was typed stays for the next time the form is opened.
    fn leave_form(&mut self) {
        if let Some(Over::Form(form)) = self.over.take() {
            self.draft = Some(form);
            self.said = Some(text!("calendar.said.draft-kept"));
        }
    }

    fn typed(&mut self, key: Key) {
        let Some(Over::Form(form)) = &mut self.over else { return };
        let focus = form.focus;
        let Some(edit) = form.edit_mut(focus) else {
            match key.code {
                Code::Left => form.turn(false),
                Code::Right | Code::Char(' ') => form.turn(true),
                _ => {}
            }
            return;
        };
        match edit.apply(key) {
            Changed::Text => self.form_changed(focus),
            Changed::Refused(refusal) => self.said = Some(refusal.text()),
            Changed::Nothing | Changed::Cursor => {}
        }
    }

    fn form_changed(&mut self, field: Field) {
        let Some(Over::Form(form)) = &mut self.over else { return };
        if field == Field::Key {
            form.key = None;
            form.searching = None;
        }
        form.mistake = None;
        form.problem = None;
    }

    pub(super) fn form_pasted(&mut self, ch: Option<char>) {
        let Some(Over::Form(form)) = &mut self.over else { return };
        let focus = form.focus;
        let Some(edit) = form.edit_mut(focus) else { return };
        edit.pasted(ch);
        if ch.is_none() {
            self.form_changed(focus);
        }
    }

    /// Looks for keys by what was typed, as the billing keys' screen does.
    fn find_keys(&mut self) -> Vec<Effect> {
        let number = self.number();
        let Some(Over::Form(form)) = &mut self.over else { return Vec::new() };
        let text = form.text(Field::Key);
        if text.is_empty() {
            form.mistake = Some(Mistake { field: Field::Key, text: text!("calendar.form.mistake.key") });
            return Vec::new();
        }
        let mut question = KeySearch::default();
        SearchIn::guess(text).apply(text, &mut question);
        form.searching = Some(number);
        vec![Self::ask(Ask::Keys(number, Box::new(question)))]
    }

    pub(super) fn keys_came(&mut self, question: u64, found: Result<Vec<(ProviderKey, Channel)>, Problem>) {
        let Some(Over::Form(form)) = &mut self.over else { return };
        if form.searching != Some(question) {
            return;
        }
        form.searching = None;
        match found {
            Ok(found) if found.is_empty() => {
                let text = text!("calendar.form.mistake.no-such-key");
                form.mistake = Some(Mistake { field: Field::Key, text });
            }
            Ok(found) => form.choosing = Some(Choosing { found, at: 0 }),
            Err(problem) => form.problem = Some(problem),
        }
    }

    fn choose_key(&mut self, key: Key) {
        let page = self.height;
        let Some(Over::Form(form)) = &mut self.over else { return };
        let Some(choosing) = &mut form.choosing else { return };
        let last = choosing.found.len().saturating_sub(1);
        let at = choosing.at;
        choosing.at = match resolve(&[Context::Choice], key) {
            Some(Action::Up) => at.saturating_sub(1),
            Some(Action::Down) => at + 1,
            Some(Action::PageUp) => at.saturating_sub(page),
            Some(Action::PageDown) => at + page,
            Some(Action::First) => 0,
            Some(Action::Last) => last,
            Some(Action::Select) => {
                form.key = form.choosing.take().and_then(|choosing| choosing.found.into_iter().nth(at));
                form.mistake = None;
                form.focus = Field::Amount;
                return;
            }
            Some(Action::Cancel) => {
                form.choosing = None;
                return;
            }
            _ => at,
        }
        .min(last);
    }

    fn submit(&mut self) -> Vec<Effect> {
        let (today, now) = (self.today(), self.now());
        let Some(Over::Form(form)) = &mut self.over else { return Vec::new() };
        match form.series(today, now) {
            Ok(series) => {
                form.mistake = None;
                self.draft = Some(form.clone());
                self.plan(Want::Create(Box::new(series)))
            }
            Err(mistake) => {
                form.focus = mistake.field;
                form.mistake = Some(mistake);
                Vec::new()
            }
        }
    }
}
