//! The list of a day, or of a month: row numbers in memory, pages of what is in them as they are seen, marks.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use jiff::civil::Date;

use super::{Ask, Model, Over, View, span_of};
use crate::domain::listing::{Kept, RowId, RowList, ScheduleFilter};
use crate::domain::problem::Problem;
use crate::domain::schedule::{ProviderSchedule, ScheduleGroup};
use crate::text;
use crate::tui::edit::{Changed, Edit};
use crate::tui::input::Key;
use crate::tui::keymap::{Action, Context, resolve};
use crate::tui::msg::Effect;
use crate::tui::window::Window;

/// How many rows a page has.
const PAGE: usize = 100;

/// A list of schedules.
#[derive(Debug, Clone)]
pub struct Listing {
    /// The first and the last day of it.
    pub days: (Date, Date),
    /// Which of them are shown.
    pub group: Option<ScheduleGroup>,
    /// What is searched for.
    pub search: Edit,
    /// Whether the rows are known.
    pub known: bool,
    rows: RowList,
    window: Window<Option<ProviderSchedule>>,
    marks: BTreeSet<RowId>,
    question: u64,
}

impl Listing {
    fn new(days: (Date, Date)) -> Self {
        Self {
            days,
            group: None,
            search: Edit::new(60),
            known: false,
            rows: RowList::default(),
            window: Window::new(PAGE),
            marks: BTreeSet::new(),
            question: 0,
        }
    }

    /// Whether it is the list of one day.
    pub fn is_day(&self) -> bool {
        self.days.0 == self.days.1
    }

    /// How many rows it has.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether it has none, as far as that is known.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The row with the cursor.
    pub const fn at(&self) -> usize {
        self.window.at()
    }

    /// What is in a row: nothing while it is being read, `None` inside when it vanished.
    pub fn get(&self, row: usize) -> Option<Option<&ProviderSchedule>> {
        self.window.get(row).map(Option::as_ref)
    }

    /// The schedule with the cursor.
    pub fn current(&self) -> Option<&ProviderSchedule> {
        self.window.marked().and_then(Option::as_ref)
    }

    /// Whether a row is marked.
    pub fn is_marked(&self, row: usize) -> bool {
        self.id(row).is_some_and(|id| self.marks.contains(&id))
    }

    /// How many are marked.
    pub fn marks(&self) -> usize {
        self.marks.len()
    }

    /// The row with the cursor, in the copy.
    pub(super) fn under_cursor(&self) -> Option<RowId> {
        self.id(self.at())
    }

    fn id(&self, row: usize) -> Option<RowId> {
        self.rows.window(row..row + 1).first().copied()
    }

    /// What an action is done with: the marked ones in their order, else the one with the cursor.
    pub(super) fn chosen(&self) -> Vec<RowId> {
        if self.marks.is_empty() {
            return self.current().and_then(|_| self.id(self.at())).into_iter().collect();
        }
        let marked = self.rows.window(0..self.rows.len()).iter().filter(|row| self.marks.contains(row));
        marked.copied().collect()
    }

    fn filter(&self) -> ScheduleFilter {
        ScheduleFilter {
            span: Some(span_of(self.days.0, self.days.1)),
            groups: self.group.into_iter().collect(),
            key: None,
        }
    }

    fn toggle(&mut self) {
        if let Some(id) = self.id(self.at())
            && !self.marks.remove(&id)
        {
            self.marks.insert(id);
        }
        self.window.step(1);
    }

    fn toggle_all(&mut self) {
        if self.marks.len() == self.rows.len() {
            self.marks.clear();
        } else {
            self.marks = self.rows.window(0..self.rows.len()).iter().copied().collect();
        }
    }

    /// The rows anew: the cursor stays on its schedule if that is still there, else at its place. Marks stay on
    /// what is still there, and what was read is seen until it is read anew.
    fn put_rows(&mut self, rows: RowList) {
        let at = self.at();
        let held = self.id(at);
        let here: BTreeSet<RowId> = rows.window(0..rows.len()).iter().copied().collect();
        self.marks.retain(|row| here.contains(row));
        let to = held.and_then(|row| rows.position(row)).unwrap_or(at);
        let mut window = Window::sized(PAGE, rows.len());
        window.mark(to);
        let old: HashMap<RowId, &Option<ProviderSchedule>> =
            self.window.held().filter_map(|(at, what)| Some((self.id(at)?, what))).collect();
        let number = to / PAGE;
        let page: Option<Vec<Option<ProviderSchedule>>> = rows
            .window(number * PAGE..(number + 1) * PAGE)
            .iter()
            .map(|row| old.get(row).map(|what| (*what).clone()))
            .collect();
        if let Some(page) = page.filter(|page| !page.is_empty()) {
            window.put(number, page, Some(rows.len()), false);
        }
        self.rows = rows;
        self.window = window;
        self.known = true;
    }

    fn seen(&self, height: usize) -> Range<usize> {
        self.at().saturating_sub(height)..(self.at() + height + 1).min(self.rows.len())
    }
}

/// The group after one, in a ring that begins and ends with all of them.
fn next_group(group: Option<ScheduleGroup>) -> Option<ScheduleGroup> {
    match group {
        None => ScheduleGroup::ALL.first().copied(),
        Some(group) => {
            let at = ScheduleGroup::ALL.iter().position(|one| *one == group)?;
            ScheduleGroup::ALL.get(at + 1).copied()
        }
    }
}

impl Model {
    /// The list of the marked day.
    pub(super) fn open_day(&mut self) -> Vec<Effect> {
        let date = self.cursor.date();
        self.list = Some(Listing::new((date, date)));
        self.ask_for_list()
    }

    /// The list of the month.
    pub(super) fn open_agenda(&mut self) -> Vec<Effect> {
        let month = self.cursor.month();
        let kept = self.list.take();
        let mut list = Listing::new((month.first(), month.last()));
        if let Some(kept) = kept.filter(|kept| !kept.is_day()) {
            list.group = kept.group;
            list.search = kept.search;
        }
        self.list = Some(list);
        self.ask_for_list()
    }

    /// The rows anew, from the copy.
    pub(super) fn ask_for_list(&mut self) -> Vec<Effect> {
        let number = self.number();
        let Some(list) = &mut self.list else { return Vec::new() };
        list.question = number;
        let ask = Ask::List(number, Box::new(list.filter()), list.search.text().trim().to_owned());
        vec![Self::ask(ask)]
    }

    pub(super) fn list_came(&mut self, question: u64, rows: Result<RowList, Problem>) -> Vec<Effect> {
        let Some(list) = self.list.as_mut().filter(|list| list.question == question) else {
            return Vec::new();
        };
        match rows {
            Ok(rows) => {
                list.put_rows(rows);
                let number = list.at() / PAGE;
                // What was read before is seen already, and may be old.
                let again = list.window.get(list.at()).is_some();
                let mut effects = self.ask_for_pages();
                if again {
                    effects.extend(self.page(number));
                }
                effects
            }
            Err(problem) => {
                self.problem = Some(problem);
                Vec::new()
            }
        }
    }

    fn ask_for_pages(&mut self) -> Vec<Effect> {
        let height = self.height;
        let Some(list) = &mut self.list else { return Vec::new() };
        let missing = list.window.ask(list.seen(height));
        missing.into_iter().filter_map(|number| self.page(number)).collect()
    }

    fn page(&self, number: usize) -> Option<Effect> {
        let list = self.list.as_ref()?;
        let rows = list.rows.window(number * PAGE..(number + 1) * PAGE).to_vec();
        Some(Self::ask(Ask::Page(list.question, number, rows)))
    }

    pub(super) fn page_came(
        &mut self,
        question: u64,
        number: usize,
        found: Result<Vec<Kept<ProviderSchedule>>, Problem>,
    ) {
        let Some(list) = self.list.as_mut().filter(|list| list.question == question) else { return };
        match found {
            Ok(found) => {
                let mut found: Vec<Kept<ProviderSchedule>> = found;
                found.sort_by_key(|kept| kept.row);
                let rows = list.rows.window(number * PAGE..(number + 1) * PAGE).iter();
                let page = rows
                    .map(|row| {
                        let at = found.binary_search_by_key(row, |kept| kept.row).ok()?;
                        found.get(at).map(|kept| kept.what.clone())
                    })
                    .collect();
                list.window.put(number, page, Some(list.rows.len()), false);
            }
            Err(problem) => {
                list.window.failed(number);
                self.problem = Some(problem);
                self.said = Some(text!("history.row-not-read"));
            }
        }
    }

    pub(super) fn list_key(&mut self, key: Key) -> Vec<Effect> {
        self.said = None;
        let page = isize::try_from(self.height).unwrap_or(1);
        let Some(list) = &mut self.list else { return Vec::new() };
        match resolve(&[Context::Schedules, Context::List], key) {
            Some(Action::Up) => list.window.step(-1),
            Some(Action::Down) => list.window.step(1),
            Some(Action::PageUp) => list.window.step(-page),
            Some(Action::PageDown) => list.window.step(page),
            Some(Action::First) => list.window.mark(0),
            Some(Action::Last) => list.window.mark(usize::MAX),
            Some(Action::Mark) => list.toggle(),
            Some(Action::MarkAll) => {
                list.toggle_all();
                self.said = Some(text!("calendar.said.marked", count = list.marks.len()));
            }
            Some(Action::Left) => return self.turn_list(-1),
            Some(Action::Right) => return self.turn_list(1),
            Some(Action::Search) => self.over = Some(Over::Search),
            Some(Action::Filter) => return self.turn_filter(),
            Some(Action::View) if list.is_day() => return self.turn_filter(),
            Some(Action::View) => return self.turn_view(),
            Some(Action::Refresh) => return self.refresh(),
            Some(Action::New) => return self.open_form(),
            Some(Action::Select) => return self.open_detail(),
            Some(Action::Cancel) => return self.leave_list(),
            Some(action) => return self.begin(action),
            None => return Vec::new(),
        }
        self.follow_row();
        self.ask_for_pages()
    }

    /// In the agenda the day under the cursor is the calendar's day.
    fn follow_row(&mut self) {
        let current = self.list.as_ref().filter(|list| !list.is_day()).and_then(Listing::current);
        if let Some(schedule) = current {
            self.cursor = jump_to(crate::domain::due::in_korea(schedule.at).date());
        }
    }

    /// The day, or the month, before or after.
    fn turn_list(&mut self, by: i32) -> Vec<Effect> {
        let Some(list) = &self.list else { return Vec::new() };
        if list.is_day() {
            let (group, search) = (list.group, list.search.clone());
            self.cursor = self.cursor.by_days(by);
            let mut effects = self.look();
            let date = self.cursor.date();
            self.list = Some(Listing { group, search, ..Listing::new((date, date)) });
            effects.extend(self.ask_for_list());
            return effects;
        }
        self.cursor = jump_to(self.cursor.month().plus(by).first());
        let mut effects = self.look();
        effects.extend(self.open_agenda());
        effects
    }

    fn turn_filter(&mut self) -> Vec<Effect> {
        if let Some(list) = &mut self.list {
            list.group = next_group(list.group);
            list.marks.clear();
        }
        self.ask_for_list()
    }

    /// One level out: first what is searched for, then the marks, then the list.
    fn leave_list(&mut self) -> Vec<Effect> {
        let Some(list) = &mut self.list else { return Vec::new() };
        if !list.search.is_empty() {
            list.search.clear();
            return self.ask_for_list();
        }
        if !list.marks.is_empty() {
            list.marks.clear();
            return Vec::new();
        }
        if !list.is_day() {
            self.view = View::Month;
        }
        self.list = None;
        self.look()
    }

    pub(super) fn search_key(&mut self, key: Key) -> Vec<Effect> {
        let Some(list) = &mut self.list else {
            self.over = None;
            return Vec::new();
        };
        match resolve(&[Context::Search], key) {
            Some(Action::Select) => {
                self.over = None;
                return Vec::new();
            }
            Some(Action::Cancel) => {
                self.over = None;
                list.search.clear();
            }
            _ => match list.search.apply(key) {
                Changed::Text => {}
                Changed::Refused(refusal) => {
                    self.said = Some(refusal.text());
                    return Vec::new();
                }
                Changed::Nothing | Changed::Cursor => return Vec::new(),
            },
        }
        self.said = None;
        // The copy is here: it answers as fast as one types.
        self.ask_for_list()
    }

    pub(super) fn search_pasted(&mut self) -> Vec<Effect> {
        if let Some(list) = &mut self.list {
            list.search.paste_end();
        }
        self.ask_for_list()
    }
}

fn jump_to(date: Date) -> crate::domain::month::Cursor {
    crate::domain::month::Cursor::new(date)
}
