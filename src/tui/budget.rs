//! The bytes that a key costs (design §8): frame after frame as the painter writes them, 120×40 in colour. The
//! figures of the benches are of the whole program; these hold them in place.

use super::glyphs::Glyphs;
use super::input::{Code, Key};
use super::model::{MIN_SIZE, Model, Setup};
use super::paint::Painter;
use super::screen::calendar::testing::{Console, november};
use super::screen::history::testing as history;
use super::testing::{Desk, setup};
use super::theme::Name;
use super::view;
use crate::domain::payment::PaymentState;
use crate::i18n::Lang;

const SIZE: (u16, u16) = (120, 40);
/// A typed character.
const TYPING: usize = 40;
/// Moving in a list.
const MOVING: usize = 60;
/// Another screen, or all rows of a list.
const SWITCH: usize = 5_120;

const DOWN: Key = Key::plain(Code::Down);
const UP: Key = Key::plain(Code::Up);
const RIGHT: Key = Key::plain(Code::Right);
const LEFT: Key = Key::plain(Code::Left);

/// A terminal that counts what is written to it.
struct Counted {
    painter: Painter,
}

impl Counted {
    fn showing(model: &Model) -> Self {
        let mut counted = Self { painter: Painter::new(model.size.0, model.size.1) };
        counted.bytes(model);
        counted
    }

    fn bytes(&mut self, model: &Model) -> usize {
        let mut frame = self.painter.blank();
        let cursor = view::draw(model, &Glyphs::UNICODE, &mut frame);
        self.painter.paint(frame, cursor).len()
    }
}

fn desk() -> Desk {
    desk_of(Lang::Ko, SIZE)
}

fn desk_of(lang: Lang, size: (u16, u16)) -> Desk {
    Desk::with(Setup { lang, size, theme: Name::Dark, ..setup() })
}

/// Each key's bytes at a desk, after its answers have come.
fn costs(desk: &mut Desk, keys: &[Key], mut serve: impl FnMut(&mut Desk)) -> Vec<usize> {
    let mut terminal = Counted::showing(&desk.model);
    keys.iter()
        .map(|key| {
            desk.key(*key);
            serve(desk);
            terminal.bytes(&desk.model)
        })
        .collect()
}

fn there_and_back() -> Vec<Key> {
    [DOWN, DOWN, DOWN, UP, UP, UP].repeat(4)
}

#[track_caller]
fn within(costs: &[usize], budget: usize) {
    assert!(costs.iter().all(|bytes| (1..=budget).contains(bytes)), "{costs:?}");
}

#[test]
fn moving_in_the_keys() {
    let mut desk = desk();
    desk.opens_list(300);
    within(&costs(&mut desk, &there_and_back(), |_| ()), MOVING);
    desk.key(Key::plain(Code::End));
    let keys: Vec<_> = (0..300).map(super::screen::billing::testing::listed).collect();
    desk.lists(&keys);
    within(&costs(&mut desk, &[UP, UP, UP, DOWN, DOWN, DOWN], |_| ()), MOVING);
}

#[test]
fn a_page_of_keys() {
    let mut desk = desk();
    let keys: Vec<_> = (0..300).map(super::screen::billing::testing::listed).collect();
    desk.opens_keys(&keys);
    let pages = [Key::plain(Code::PageDown); 5];
    within(&costs(&mut desk, &pages, |desk| desk.lists(&keys)), SWITCH);
}

#[test]
fn moving_in_the_history() {
    let mut desk = desk();
    let copy = history::Copy::of(500);
    history::open(&mut desk, &copy);
    within(&costs(&mut desk, &there_and_back(), |desk| drop(copy.serve(desk))), MOVING);
    desk.key(Key::plain(Code::End));
    copy.serve(&mut desk);
    let back = [UP, UP, UP, DOWN, DOWN, DOWN];
    within(&costs(&mut desk, &back, |desk| drop(copy.serve(desk))), MOVING);
}

/// Paid, declined, waiting and given back ones by turns: nothing round the rows may follow the mark.
#[test]
fn moving_in_the_history_whatever_the_rows_are() {
    for lang in Lang::ALL {
        for size in [MIN_SIZE, SIZE] {
            let mut copy = history::Copy::of(100);
            for (row, record) in copy.0.iter_mut().enumerate() {
                record.payment.state = match row % 4 {
                    0 => PaymentState::Paid,
                    1 => PaymentState::Failed,
                    2 => PaymentState::VirtualAccountIssued,
                    _ => PaymentState::Cancelled,
                };
            }
            let mut desk = desk_of(lang, size);
            history::open(&mut desk, &copy);
            let page = usize::from(size.1) - 9;
            let moves: Vec<Key> = [DOWN, UP].into_iter().flat_map(|key| vec![key; page]).collect();
            within(&costs(&mut desk, &moves, |desk| drop(copy.serve(desk))), MOVING);
            desk.key(Key::plain(Code::End));
            copy.serve(&mut desk);
            let back: Vec<Key> = [UP, DOWN].into_iter().flat_map(|key| vec![key; page]).collect();
            within(&costs(&mut desk, &back, |desk| drop(copy.serve(desk))), MOVING);
        }
    }
}

#[test]
fn moving_in_the_calendar() {
    let mut console = Console::sized(november(), Lang::Ko, SIZE);
    let mut terminal = Counted::showing(&console.desk.model);
    let mut costs = Vec::new();
    for key in [LEFT, UP, LEFT, UP, RIGHT, DOWN, RIGHT, DOWN].repeat(4) {
        console.key(key);
        costs.push(terminal.bytes(&console.desk.model));
    }
    within(&costs, MOVING);
}

#[test]
fn switching_tabs() {
    let mut desk = desk();
    desk.opens_list(300);
    let tabs: Vec<Key> = "1234123".chars().map(|tab| Key::alt(Code::Char(tab))).collect();
    within(&costs(&mut desk, &tabs, |_| ()), SWITCH);
}

#[test]
fn typing_an_amount() {
    let mut desk = desk();
    let digits: Vec<Key> = "1234567".chars().map(Key::char).collect();
    let costs = costs(&mut desk, &digits, |_| ());
    // The first digit brings the tax beside the field, the sixth the instalments; the seventh moves every digit.
    within(&costs[1..5], TYPING);
}

#[test]
fn help_opened_and_closed() {
    let mut desk = desk();
    let keys = [Key::plain(Code::F(1)), Key::plain(Code::Esc)];
    within(&costs(&mut desk, &keys, |_| ()), SWITCH);
    desk.opens_list(300);
    within(&costs(&mut desk, &keys, |_| ()), SWITCH);
}
