//! What a complete escape sequence means. Tables only; the bytes are collected by [`super::parser`].

use super::{Code, Key, Mods};

/// The numbers of a control sequence, each with the first of its sub-numbers (`1;5:3` is 1, then 5 with 3).
/// Missing numbers are 0. Sequences that a keyboard sends have three at most; more are dropped.
#[derive(Debug, Clone, Copy)]
pub(super) struct Params {
    numbers: [u32; 3],
    subs: [u32; 3],
    /// How many were begun.
    count: usize,
    in_sub: bool,
}

impl Params {
    pub(super) const NONE: Self = Self { numbers: [0; 3], subs: [0; 3], count: 0, in_sub: false };

    pub(super) fn digit(&mut self, digit: u8) {
        self.count = self.count.max(1);
        let list = if self.in_sub { &mut self.subs } else { &mut self.numbers };
        if let Some(number) = list.get_mut(self.count - 1) {
            *number = number.saturating_mul(10).saturating_add(u32::from(digit));
        }
    }

    /// A semicolon: the next number begins.
    pub(super) fn next(&mut self) {
        self.count = self.count.max(1) + 1;
        self.in_sub = false;
    }

    /// A colon: a sub-number begins. Only the first is of interest; a later one spoils it, which no key sends.
    pub(super) fn sub(&mut self) {
        self.count = self.count.max(1);
        self.in_sub = true;
    }

    pub(super) const fn count(&self) -> usize {
        self.count
    }

    pub(super) fn get(&self, at: usize) -> u32 {
        self.numbers.get(at).copied().unwrap_or(0)
    }

    pub(super) fn wipe(&mut self) {
        use zeroize::Zeroize;
        self.numbers.zeroize();
        self.subs.zeroize();
        self.count = 0;
        self.in_sub = false;
    }

    /// The modifiers of the second number (xterm: one more than the bits shift, alt, control; kitty adds
    /// super, hyper, meta, locks, which are of no interest) and whether the key was pressed, not released.
    fn mods(&self) -> (Mods, bool) {
        (mods(self.get(1)), self.subs[1] != 3)
    }
}

fn mods(number: u32) -> Mods {
    let bits = number.saturating_sub(1);
    Mods { shift: bits & 1 != 0, alt: bits & 2 != 0, ctrl: bits & 4 != 0 }
}

fn with(code: Code, mods: Mods) -> Key {
    // Shift+Tab has a name of its own, whichever way it is sent.
    match code {
        Code::Tab if mods.shift => Key { code: Code::BackTab, mods: Mods { shift: false, ..mods } },
        _ => Key { code, mods },
    }
}

fn cursor(last: u8) -> Option<Code> {
    Some(match last {
        b'A' => Code::Up,
        b'B' => Code::Down,
        b'C' => Code::Right,
        b'D' => Code::Left,
        b'F' => Code::End,
        b'H' => Code::Home,
        _ => return None,
    })
}

fn function(last: u8) -> Option<Code> {
    (b'P'..=b'S').contains(&last).then(|| Code::F(last - b'P' + 1))
}

/// The keys numbered by DEC (`CSI n ~`): VT220 with xterm's, the Linux console's and rxvt's Home and End.
fn numbered(number: u32) -> Option<Code> {
    let number = u8::try_from(number).ok()?;
    Some(match number {
        1 | 7 => Code::Home,
        2 => Code::Insert,
        3 => Code::Delete,
        4 | 8 => Code::End,
        5 => Code::PageUp,
        6 => Code::PageDown,
        11..=15 => Code::F(number - 10),
        17..=21 => Code::F(number - 11),
        23..=26 => Code::F(number - 12),
        28 | 29 => Code::F(number - 13),
        31..=34 => Code::F(number - 14),
        _ => return None,
    })
}

/// A key sent by its code point: `CSI 27;mods;code ~` (xterm) and `CSI code;mods u` (kitty).
fn by_code_point(code: u32, mods: Mods) -> Option<Key> {
    let code = match code {
        9 => Code::Tab,
        13 | 57414 => Code::Enter,
        27 => Code::Esc,
        8 | 127 => Code::Backspace,
        57376..=57398 => Code::F(u8::try_from(code - 57376 + 13).ok()?),
        57399..=57408 => Code::Char(char::from_digit(code - 57399, 10)?),
        57409 => Code::Char('.'),
        57410 => Code::Char('/'),
        57411 => Code::Char('*'),
        57412 => Code::Char('-'),
        57413 => Code::Char('+'),
        57415 => Code::Char('='),
        57417 => Code::Left,
        57418 => Code::Right,
        57419 => Code::Up,
        57420 => Code::Down,
        57421 => Code::PageUp,
        57422 => Code::PageDown,
        57423 => Code::Home,
        57424 => Code::End,
        57425 => Code::Insert,
        57426 => Code::Delete,
        // The rest of kitty's private range: modifier, lock and media keys.
        57344..=63743 => return None,
        _ => Code::Char(char::from_u32(code).filter(|ch| !ch.is_control())?),
    };
    Some(match code {
        // A shifted letter is its upper case, as everywhere else.
        Code::Char(ch) if ch.is_ascii_alphabetic() && mods.shift && !mods.ctrl && !mods.alt => {
            Key::char(ch.to_ascii_uppercase())
        }
        // With Control the case says nothing; one spelling.
        Code::Char(ch) if mods.ctrl => Key { code: Code::Char(ch.to_ascii_lowercase()), mods },
        _ => with(code, mods),
    })
}

/// What a control sequence means; `None` when it is no key, or a key let go.
pub(super) fn csi(params: &Params, last: u8) -> Option<Key> {
    let (mods, pressed) = params.mods();
    if !pressed {
        return None;
    }
    match last {
        b'~' if params.get(0) == 27 && params.count() == 3 => by_code_point(params.get(2), mods),
        b'~' => numbered(params.get(0)).map(|code| with(code, mods)),
        b'u' => by_code_point(params.get(0), mods),
        b'Z' => Some(Key::plain(Code::BackTab)),
        // rxvt: shifted, with Control, with both.
        b'$' => numbered(params.get(0)).map(|code| with(code, Mods { shift: true, ..Mods::NONE })),
        b'^' => numbered(params.get(0)).map(|code| with(code, Mods { ctrl: true, ..Mods::NONE })),
        b'@' => numbered(params.get(0)).map(|code| with(code, Mods { ctrl: true, shift: true, alt: false })),
        b'a'..=b'd' if params.count() == 0 => {
            cursor(last.to_ascii_uppercase()).map(|code| with(code, Mods { shift: true, ..Mods::NONE }))
        }
        // `CSI row;column R` is an answer to a question we never ask; a key has 1 in front.
        b'P'..=b'S' if params.count() == 0 || params.get(0) == 1 => {
            function(last).map(|code| with(code, mods))
        }
        _ => cursor(last).map(|code| with(code, mods)),
    }
}

/// The Linux console's F1 to F5 (`CSI [ A` to `E`).
pub(super) fn linux(last: u8) -> Option<Key> {
    (b'A'..=b'E').contains(&last).then(|| Key::plain(Code::F(last - b'A' + 1)))
}

/// What `ESC O` and a letter mean: cursor keys and the keypad in application mode. `modifier` is the digit
/// some terminals put between.
pub(super) fn ss3(modifier: u32, last: u8) -> Option<Key> {
    let code = match last {
        b'M' => Code::Enter,
        b'I' => Code::Tab,
        b'X' => Code::Char('='),
        b'j'..=b'y' => Code::Char(char::from(last - b'j' + b'*')),
        b'a'..=b'd' => {
            let code = cursor(last.to_ascii_uppercase())?;
            return Some(Key { code, mods: Mods { ctrl: true, ..Mods::NONE } });
        }
        _ => cursor(last).or_else(|| function(last))?,
    };
    Some(with(code, mods(modifier)))
}

/// A control character outside any sequence.
pub(super) fn control(byte: u8) -> Key {
    match byte {
        b'\r' | b'\n' => Key::plain(Code::Enter),
        b'\t' => Key::plain(Code::Tab),
        0x08 | 0x7f => Key::plain(Code::Backspace),
        0x1b => Key::plain(Code::Esc),
        0 => Key::ctrl(' '),
        0x01..=0x1a => Key::ctrl(char::from(byte - 1 + b'a')),
        _ => Key::ctrl(char::from(byte + 0x40)),
    }
}
