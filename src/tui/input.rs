//! The keyboard's bytes → keys and pasted characters, one byte at a time.
//!
//! Card digits pass through here. So the parser holds no more than the bytes of one incomplete escape
//! sequence or character, overwrites them once they are used, and hands a paste on character by character.
//! No IO, no clock: whoever feeds it starts the short timer that tells a bare Esc from a split arrow.
//!
//! Understood: xterm, `PuTTY`, tmux and screen, Windows Terminal, the Linux console, rxvt, application keypad,
//! modified keys (`CSI 1;5A`, `CSI 27;…~`, `CSI … u`), Alt as a leading ESC, bracketed paste. A sequence nobody knows is
//! swallowed whole.

mod parser;
mod sequence;

pub use parser::Parser;

/// Which key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Code {
    /// A character, as the terminal sent it: upper case stays upper case, jamo stay jamo.
    Char(char),
    /// Enter, also the keypad's, also a bare line feed.
    Enter,
    /// Escape.
    Esc,
    /// Tab.
    Tab,
    /// Shift and Tab.
    BackTab,
    /// Backspace, whether sent as 0x7f or as 0x08.
    Backspace,
    /// Delete.
    Delete,
    /// Insert.
    Insert,
    /// Arrow up.
    Up,
    /// Arrow down.
    Down,
    /// Arrow left.
    Left,
    /// Arrow right.
    Right,
    /// Home.
    Home,
    /// End.
    End,
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
    /// A function key, from 1.
    F(u8),
}

/// The modifier keys held. Shift is told only where the character itself does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, PartialOrd, Ord)]
pub struct Mods {
    /// Control.
    pub ctrl: bool,
    /// Alt, Option or a leading ESC.
    pub alt: bool,
    /// Shift.
    pub shift: bool,
}

impl Mods {
    /// No modifier.
    pub const NONE: Self = Self { ctrl: false, alt: false, shift: false };

    /// Whether none is held.
    pub const fn is_none(self) -> bool {
        !self.ctrl && !self.alt && !self.shift
    }
}

/// One key press.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// Which key.
    pub code: Code,
    /// What was held with it.
    pub mods: Mods,
}

impl Key {
    /// A key without modifiers.
    pub const fn plain(code: Code) -> Self {
        Self { code, mods: Mods::NONE }
    }

    /// A character without modifiers.
    pub const fn char(ch: char) -> Self {
        Self::plain(Code::Char(ch))
    }

    /// Control and a lower-case letter.
    pub const fn ctrl(letter: char) -> Self {
        Self { code: Code::Char(letter), mods: Mods { ctrl: true, ..Mods::NONE } }
    }

    /// A key with Alt.
    pub const fn alt(code: Code) -> Self {
        Self { code, mods: Mods { alt: true, ..Mods::NONE } }
    }

    /// A key with Shift.
    pub const fn shift(code: Code) -> Self {
        Self { code, mods: Mods { shift: true, ..Mods::NONE } }
    }

    /// The decimal digit that was typed, if it is one: what a card field takes.
    pub fn digit(self) -> Option<u8> {
        match self.code {
            Code::Char(ch @ '0'..='9') if self.mods.is_none() => Some(ch as u8 - b'0'),
            // As a Hangul input method in full width writes them, and some pages that are copied from.
            Code::Char(ch @ '０'..='９') if self.mods.is_none() => {
                u8::try_from(u32::from(ch) - u32::from('０')).ok()
            }
            _ => None,
        }
    }
}

/// What the parser hands out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token {
    /// A key press.
    Key(Key),
    /// A bracketed paste begins.
    PasteStart,
    /// One character of it, control characters included.
    PasteChar(char),
    /// It is over.
    PasteEnd,
}

/// The most tokens one byte can set free: a paste terminator broken at its last byte.
const MOST: usize = 6;

/// The few tokens one byte set free, oldest first. No heap, and a token that was taken is overwritten.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tokens {
    items: [Option<Token>; MOST],
    next: usize,
    len: usize,
}

impl Tokens {
    const fn none() -> Self {
        Self { items: [None; MOST], next: 0, len: 0 }
    }

    fn push(&mut self, token: Token) {
        debug_assert!(self.len < MOST, "more tokens than one byte can set free");
        if let Some(slot) = self.items.get_mut(self.len) {
            *slot = Some(token);
            self.len += 1;
        }
    }

    fn key(&mut self, key: Key) {
        self.push(Token::Key(key));
    }
}

impl Iterator for Tokens {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        let token = self.items.get_mut(self.next)?.take()?;
        self.next += 1;
        Some(token)
    }
}
