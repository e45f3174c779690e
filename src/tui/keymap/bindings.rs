//! The table. A new key is one entry here and its two texts in `assets/locale`.

use super::{Action, Binding, Context, HIDDEN, Tab};
use crate::tui::input::{Code, Key};

const fn f(number: u8) -> Key {
    Key::plain(Code::F(number))
}

const UP: Key = Key::plain(Code::Up);
const DOWN: Key = Key::plain(Code::Down);
const LEFT: Key = Key::plain(Code::Left);
const RIGHT: Key = Key::plain(Code::Right);
const PAGE_UP: Key = Key::plain(Code::PageUp);
const PAGE_DOWN: Key = Key::plain(Code::PageDown);
const HOME: Key = Key::plain(Code::Home);
const END: Key = Key::plain(Code::End);
const ENTER: Key = Key::plain(Code::Enter);
const ESC: Key = Key::plain(Code::Esc);
const TAB: Key = Key::plain(Code::Tab);
const BACK_TAB: Key = Key::plain(Code::BackTab);

const fn bind(
    context: Context,
    action: Action,
    keys: &'static [Key],
    texts: (&'static str, &'static str),
    priority: u8,
) -> Binding {
    Binding { context, action, keys, hint: texts.0, help: texts.1, asks_first: false, priority }
}

/// The same, and something is asked first.
const fn asks(binding: Binding) -> Binding {
    Binding { asks_first: true, ..binding }
}

const MOVE_UP: (&str, &str) = ("hint.up", "help.up");
const MOVE_DOWN: (&str, &str) = ("hint.down", "help.down");
const PAGE_BACK: (&str, &str) = ("hint.page-up", "help.page-up");
const PAGE_ON: (&str, &str) = ("hint.page-down", "help.page-down");
const TO_FIRST: (&str, &str) = ("hint.first", "help.first");
const TO_LAST: (&str, &str) = ("hint.last", "help.last");
const SELECT: (&str, &str) = ("hint.select", "help.select");
const CLOSE: (&str, &str) = ("hint.close", "help.close");
const BACK: (&str, &str) = ("hint.back", "help.back");

/// Every key of the console.
pub const BINDINGS: &[Binding] = &{
    use Action as A;
    use Context as C;
    [
        bind(C::Global, A::Help, &[f(1)], ("hint.help", "help.help"), 0),
        bind(C::Global, A::Palette, &[f(2), Key::ctrl('p')], ("hint.palette", "help.palette"), 60),
        bind(C::Global, A::Theme, &[f(12), Key::ctrl('t')], ("hint.theme", "help.theme"), HIDDEN),
        bind(C::Global, A::Language, &[f(11)], ("hint.language", "help.language"), HIDDEN),
        bind(
            C::Global,
            A::Redraw,
            &[Key::shift(Code::F(5)), Key::ctrl('l')],
            ("hint.redraw", "help.redraw"),
            HIDDEN,
        ),
        bind(
            C::Global,
            A::Go(Tab::KeyIn),
            &[Key::alt(Code::Char('1'))],
            ("tab.keyin", "help.go-keyin"),
            HIDDEN,
        ),
        bind(
            C::Global,
            A::Go(Tab::Billing),
            &[Key::alt(Code::Char('2'))],
            ("tab.billing", "help.go-billing"),
            HIDDEN,
        ),
        bind(
            C::Global,
            A::Go(Tab::History),
            &[Key::alt(Code::Char('4'))],
            ("tab.history", "help.go-history"),
            HIDDEN,
        ),
        asks(bind(
            C::Global,
            A::Quit,
            &[f(10), Key::ctrl('q'), Key::ctrl('c')],
            ("hint.quit", "help.quit"),
            50,
        )),
        bind(C::Form, A::NextField, &[TAB, DOWN], ("hint.next-field", "help.next-field"), 40),
        bind(C::Form, A::Advance, &[ENTER], ("hint.advance", "help.advance"), 2),
        bind(C::Form, A::PrevField, &[BACK_TAB, UP], ("hint.prev-field", "help.prev-field"), HIDDEN),
        asks(bind(C::Form, A::Submit, &[f(9), Key::alt(Code::Enter)], ("hint.submit", "help.submit"), 1)),
        bind(C::Form, A::Channel, &[f(3)], ("hint.channel", "help.channel"), 20),
        bind(C::Form, A::ToggleIdentityKind, &[f(4)], ("hint.identity-kind", "help.identity-kind"), 10),
        bind(C::Form, A::Recording, &[f(5)], ("hint.recording", "help.recording"), 14),
        bind(C::Form, A::Caller, &[PAGE_DOWN, Key::ctrl('f')], ("hint.caller", "help.caller"), HIDDEN),
        bind(
            C::Form,
            A::FillFromLast,
            &[Key::plain(Code::Insert), Key::ctrl('r')],
            ("hint.fill-from-last", "help.fill-from-last"),
            13,
        ),
        bind(C::Form, A::Notes, &[Key::shift(Code::F(1))], ("hint.notes", "help.notes"), HIDDEN),
        bind(C::Form, A::More, &[f(6)], ("hint.more", "help.more"), 25),
        bind(C::Form, A::Way, &[f(7)], ("hint.way", "help.way"), 12),
        asks(bind(C::Form, A::ClearForm, &[f(8)], ("hint.clear-form", "help.clear-form"), 30)),
        bind(C::Form, A::Cancel, &[ESC], ("hint.wipe-card", "help.wipe-card"), 11),
        bind(C::Choice, A::Up, &[UP, Key::char('k')], MOVE_UP, HIDDEN),
        bind(C::Choice, A::Down, &[DOWN, Key::char('j')], MOVE_DOWN, HIDDEN),
        bind(C::Choice, A::PageUp, &[PAGE_UP], PAGE_BACK, HIDDEN),
        bind(C::Choice, A::PageDown, &[PAGE_DOWN], PAGE_ON, HIDDEN),
        bind(C::Choice, A::First, &[HOME], TO_FIRST, HIDDEN),
        bind(C::Choice, A::Last, &[END], TO_LAST, HIDDEN),
        bind(C::Choice, A::Select, &[ENTER], SELECT, 1),
        bind(C::Choice, A::Cancel, &[ESC], CLOSE, 2),
        bind(C::List, A::Up, &[UP, Key::char('k')], MOVE_UP, HIDDEN),
        bind(C::List, A::Down, &[DOWN, Key::char('j')], MOVE_DOWN, HIDDEN),
        bind(C::List, A::PageUp, &[PAGE_UP], PAGE_BACK, HIDDEN),
        bind(C::List, A::PageDown, &[PAGE_DOWN], PAGE_ON, HIDDEN),
        bind(C::List, A::First, &[HOME], TO_FIRST, HIDDEN),
        bind(C::List, A::Last, &[END], TO_LAST, HIDDEN),
        bind(C::List, A::Select, &[ENTER], ("hint.open", "help.open"), 1),
        bind(C::List, A::Cancel, &[ESC], BACK, 2),
        bind(C::Search, A::Select, &[ENTER, DOWN], ("hint.to-list", "help.to-list"), 1),
        bind(C::Search, A::SearchIn, &[TAB], ("hint.search-in", "help.search-in"), 3),
        bind(C::Search, A::Cancel, &[ESC], ("hint.clear-search", "help.clear-search"), 2),
        bind(C::Keys, A::Search, &[f(3), Key::char('/')], ("hint.search", "help.search"), 3),
        bind(C::Keys, A::Filter, &[f(4), Key::char('f')], ("hint.filter", "help.filter-keys"), 6),
        bind(C::Keys, A::Refresh, &[f(5), Key::char('r')], ("hint.refresh", "help.refresh"), 8),
        bind(C::Keys, A::New, &[f(6), Key::char('n')], ("hint.register", "help.register"), 4),
        bind(C::Keys, A::Charge, &[f(7), Key::char('c')], ("hint.charge", "help.charge-key"), 5),
        asks(bind(C::Keys, A::Delete, &[f(9), Key::char('d')], ("hint.delete", "help.delete-key"), 7)),
        bind(C::KeyDetail, A::Charge, &[f(7), Key::char('c')], ("hint.charge", "help.charge-key"), 3),
        bind(C::KeyDetail, A::Refresh, &[f(5), Key::char('r')], ("hint.refresh", "help.refresh"), 8),
        bind(C::KeyDetail, A::CopyKey, &[Key::shift(Code::F(4))], ("hint.copy-key", "help.copy-key"), 9),
        asks(bind(C::KeyDetail, A::Delete, &[f(9), Key::char('d')], ("hint.delete", "help.delete-key"), 7)),
        bind(C::KeyDetail, A::Up, &[UP, Key::char('k')], MOVE_UP, HIDDEN),
        bind(C::KeyDetail, A::Down, &[DOWN, Key::char('j')], MOVE_DOWN, HIDDEN),
        bind(C::KeyDetail, A::Cancel, &[ESC], BACK, 2),
        bind(C::Confirm, A::Confirm, &[ENTER], ("hint.confirm", "help.confirm"), 1),
        bind(C::Confirm, A::Cancel, &[ESC], ("hint.cancel", "help.cancel"), 2),
        bind(C::Confirm, A::Left, &[LEFT, BACK_TAB], ("hint.left", "help.left"), HIDDEN),
        bind(C::Confirm, A::Right, &[RIGHT, TAB], ("hint.right", "help.right"), HIDDEN),
        bind(C::Flight, A::Cancel, &[ESC], ("hint.stop-waiting", "help.stop-waiting"), HIDDEN),
        bind(
            C::Result,
            A::NewPayment,
            &[f(6), ENTER, Key::char('n')],
            ("hint.new-payment", "help.new-payment"),
            1,
        ),
        bind(C::Result, A::Copy, &[f(5), Key::char('c')], ("hint.copy", "help.copy"), 2),
        bind(C::Result, A::Qr, &[f(4), Key::char('q')], ("hint.qr", "help.qr"), 5),
        bind(C::Result, A::Recording, &[f(3), Key::char('r')], ("hint.recording", "help.recording"), 8),
        bind(C::Result, A::Slip, &[Key::shift(Code::F(3)), Key::char('p')], ("hint.slip", "help.slip"), 9),
        bind(C::Result, A::CopyKey, &[Key::shift(Code::F(4))], ("hint.copy-key", "help.copy-key"), HIDDEN),
        asks(bind(
            C::Result,
            A::CloseAccount,
            &[f(9), Key::char('x')],
            ("hint.close-account", "help.close-account"),
            6,
        )),
        bind(
            C::Result,
            A::SameCustomer,
            &[f(7), Key::char('s')],
            ("hint.same-customer", "help.same-customer"),
            3,
        ),
        bind(
            C::Result,
            A::LookUpAgain,
            &[f(8), Key::char('l')],
            ("hint.look-up-again", "help.look-up-again"),
            2,
        ),
        bind(C::Result, A::Cancel, &[ESC], BACK, 30),
        bind(C::Notice, A::Cancel, &[ENTER, ESC], CLOSE, 1),
        bind(C::History, A::Search, &[f(3), Key::char('/')], ("hint.search", "help.search"), 3),
        bind(C::History, A::Filter, &[f(4), Key::char('f')], ("hint.filter", "help.filter-payments"), 4),
        bind(C::History, A::Refresh, &[f(5), Key::char('r')], ("hint.sync", "help.sync"), 8),
        bind(C::History, A::DailyClose, &[f(6), Key::char('m')], ("hint.close-day", "help.close-day"), 6),
        bind(C::History, A::Receipt, &[f(7), Key::char('v')], ("hint.receipts", "help.receipts"), 9),
        bind(C::History, A::Export, &[f(8), Key::char('e')], ("hint.export", "help.export"), 10),
        asks(bind(C::History, A::Refund, &[f(9), Key::char('x')], ("hint.refund", "help.refund"), 5)),
        bind(C::Syncing, A::StopSync, &[f(5), Key::char('r')], ("hint.stop-sync", "help.stop-sync"), 7),
        bind(C::Payment, A::Qr, &[f(4), Key::char('q')], ("hint.qr", "help.qr"), 6),
        bind(C::Payment, A::Refresh, &[f(5), Key::char('r')], ("hint.refresh", "help.refresh"), 8),
        bind(C::Payment, A::Copy, &[f(6), Key::char('c')], ("hint.copy-id", "help.copy-id"), 9),
        bind(C::Payment, A::Receipt, &[f(7), Key::char('v')], ("hint.receipt", "help.receipt"), 4),
        bind(C::Payment, A::Raw, &[f(8), Key::char('a')], ("hint.raw", "help.raw"), 7),
        asks(bind(C::Payment, A::Refund, &[f(9), Key::char('x')], ("hint.refund", "help.refund"), 3)),
        bind(C::Payment, A::Up, &[UP, Key::char('k')], MOVE_UP, HIDDEN),
        bind(C::Payment, A::Down, &[DOWN, Key::char('j')], MOVE_DOWN, HIDDEN),
        bind(C::Payment, A::PageUp, &[PAGE_UP], PAGE_BACK, HIDDEN),
        bind(C::Payment, A::PageDown, &[PAGE_DOWN], PAGE_ON, HIDDEN),
        bind(C::Payment, A::First, &[HOME], TO_FIRST, HIDDEN),
        bind(C::Payment, A::Cancel, &[ESC], BACK, 2),
        bind(C::Sheet, A::Advance, &[ENTER], ("hint.advance", "help.advance"), 2),
        bind(C::Sheet, A::NextField, &[TAB, DOWN], ("hint.next-field", "help.next-field"), 6),
        bind(C::Sheet, A::PrevField, &[BACK_TAB, UP], ("hint.prev-field", "help.prev-field"), HIDDEN),
        bind(C::Sheet, A::FillAll, &[f(6), Key::alt(Code::Char('a'))], ("hint.fill-all", "help.fill-all"), 4),
        asks(bind(C::Sheet, A::Submit, &[f(9), Key::alt(Code::Enter)], ("hint.go", "help.go"), 1)),
        bind(C::Sheet, A::Cancel, &[ESC], BACK, 3),
        bind(C::Owed, A::Refresh, &[f(5), Key::char('r')], ("hint.refresh", "help.refresh-owed"), 8),
        bind(C::Closing, A::DailyClose, &[f(6), ENTER, Key::char('m')], ("hint.compare", "help.compare"), 1),
        bind(C::Closing, A::Left, &[LEFT], ("hint.prev-day", "help.prev-day"), 4),
        bind(C::Closing, A::Right, &[RIGHT], ("hint.next-day", "help.next-day"), 5),
        bind(C::Closing, A::Basis, &[f(4), Key::char('b')], ("hint.basis", "help.basis"), 6),
        bind(C::Closing, A::Reopen, &[f(7), Key::char('o')], ("hint.reopen", "help.reopen"), 3),
        bind(C::Closing, A::Bars, &[f(8), Key::char('g')], ("hint.bars", "help.bars"), 7),
        bind(C::Closing, A::Up, &[UP, Key::char('k')], MOVE_UP, HIDDEN),
        bind(C::Closing, A::Down, &[DOWN, Key::char('j')], MOVE_DOWN, HIDDEN),
        bind(C::Closing, A::PageUp, &[PAGE_UP], PAGE_BACK, HIDDEN),
        bind(C::Closing, A::PageDown, &[PAGE_DOWN], PAGE_ON, HIDDEN),
        bind(C::Closing, A::Cancel, &[ESC], BACK, 2),
        bind(C::Menu, A::Up, &[UP, Key::char('k')], MOVE_UP, HIDDEN),
        bind(C::Menu, A::Down, &[DOWN, Key::char('j')], MOVE_DOWN, HIDDEN),
        bind(C::Menu, A::First, &[HOME], TO_FIRST, HIDDEN),
        bind(C::Menu, A::Last, &[END], TO_LAST, HIDDEN),
        bind(C::Menu, A::Left, &[LEFT], ("hint.left", "help.left"), HIDDEN),
        bind(C::Menu, A::Right, &[RIGHT, Key::char(' ')], ("hint.turn", "help.turn"), 3),
        bind(C::Menu, A::Select, &[ENTER], SELECT, 1),
        bind(C::Menu, A::Cancel, &[ESC], CLOSE, 2),
        bind(C::Palette, A::Up, &[UP], MOVE_UP, HIDDEN),
        bind(C::Palette, A::Down, &[DOWN], MOVE_DOWN, HIDDEN),
        bind(C::Palette, A::PageUp, &[PAGE_UP], PAGE_BACK, HIDDEN),
        bind(C::Palette, A::PageDown, &[PAGE_DOWN], PAGE_ON, HIDDEN),
        bind(C::Palette, A::Select, &[ENTER], ("hint.run", "help.run"), 1),
        bind(C::Palette, A::Cancel, &[ESC, f(2), Key::ctrl('p')], CLOSE, 2),
        bind(C::Help, A::Up, &[UP, Key::char('k')], MOVE_UP, HIDDEN),
        bind(C::Help, A::Down, &[DOWN, Key::char('j')], MOVE_DOWN, HIDDEN),
        bind(C::Help, A::PageUp, &[PAGE_UP], PAGE_BACK, HIDDEN),
        bind(C::Help, A::PageDown, &[PAGE_DOWN, Key::char(' ')], PAGE_ON, 3),
        bind(C::Help, A::First, &[HOME], TO_FIRST, HIDDEN),
        bind(C::Help, A::Last, &[END], TO_LAST, HIDDEN),
        bind(C::Help, A::Cancel, &[ESC, ENTER, f(1)], CLOSE, 1),
    ]
};
