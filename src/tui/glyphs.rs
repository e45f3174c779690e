//! Marks and borders, as Unicode or as plain ASCII.
//!
//! `│ ─ … · → ● ▶ ★ ①` are one column to ratatui and two in a terminal set to CJK width. So nothing of that
//! kind stands inside columns: the marks here are one column in both. Borders and big digits are of that
//! kind; where they come out wrong the ASCII set is chosen in the configuration.

use ratatui::symbols::border;

/// One set of glyphs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Glyphs {
    /// The border of an overlay.
    pub border: border::Set<'static>,
    /// A rule across the screen.
    pub rule: &'static str,
    /// In front of the line or field that has the focus.
    pub cursor: &'static str,
    /// Done, approved.
    pub ok: &'static str,
    /// Declined, wrong.
    pub error: &'static str,
    /// Look here.
    pub warning: &'static str,
    /// Not known yet.
    pub unknown: &'static str,
    /// A field that must be filled.
    pub required: &'static str,
    /// One hidden digit.
    pub mask: &'static str,
    /// Between two things on one line.
    pub separator: &'static str,
    /// Stands for what was cut away.
    pub cut: &'static str,
    /// Behind the name of what asks before it acts.
    pub asks: &'static str,
    /// More above, more below.
    pub more: [&'static str; 2],
    /// Whether big digits are drawn with half blocks.
    pub blocks: bool,
}

impl Glyphs {
    /// For terminals that show UTF-8.
    pub const UNICODE: Self = Self {
        border: border::PLAIN,
        rule: "─",
        cursor: ">",
        ok: "✓",
        error: "✗",
        warning: "⚠",
        unknown: "?",
        required: "*",
        mask: "*",
        separator: "|",
        cut: "~",
        asks: "...",
        more: ["^", "v"],
        blocks: true,
    };

    /// For everything else: old fonts, ASCII locales, terminals set to CJK width.
    pub const ASCII: Self = Self {
        border: border::Set {
            top_left: "+",
            top_right: "+",
            bottom_left: "+",
            bottom_right: "+",
            vertical_left: "|",
            vertical_right: "|",
            horizontal_top: "-",
            horizontal_bottom: "-",
        },
        rule: "-",
        ok: "v",
        error: "x",
        warning: "!",
        blocks: false,
        ..Self::UNICODE
    };

    /// Reads the configuration's word.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "unicode" => Some(Self::UNICODE),
            "ascii" => Some(Self::ASCII),
            _ => None,
        }
    }

    /// The set of a locale name ([`crate::i18n::locale`]): Unicode when it says UTF-8.
    pub fn of_locale(locale: Option<&str>) -> Self {
        if locale.is_some_and(crate::i18n::is_utf8) { Self::UNICODE } else { Self::ASCII }
    }

    /// Every mark that may stand inside columns.
    #[cfg(test)]
    fn marks(&self) -> Vec<&'static str> {
        vec![
            self.cursor,
            self.ok,
            self.error,
            self.warning,
            self.unknown,
            self.required,
            self.mask,
            self.separator,
            self.cut,
            self.more[0],
            self.more[1],
        ]
    }
}

#[cfg(test)]
mod tests {
    use unicode_width::UnicodeWidthStr as _;

    use super::*;

    #[test]
    fn marks_are_one_column_everywhere() {
        for set in [Glyphs::UNICODE, Glyphs::ASCII] {
            for mark in set.marks() {
                assert_eq!((mark.width(), mark.width_cjk()), (1, 1), "{mark}");
            }
        }
    }

    #[test]
    fn the_plain_set_is_ascii() {
        let Glyphs { border: b, rule, .. } = Glyphs::ASCII;
        let lines = [
            b.top_left,
            b.top_right,
            b.bottom_left,
            b.bottom_right,
            b.vertical_left,
            b.vertical_right,
            b.horizontal_top,
            b.horizontal_bottom,
            rule,
        ];
        assert!(Glyphs::ASCII.marks().iter().chain(&lines).all(|mark| mark.is_ascii()));
    }

    #[test]
    fn the_locale_chooses() {
        assert_eq!(Glyphs::of_locale(Some("ko_KR.UTF-8")), Glyphs::UNICODE);
        assert_eq!(Glyphs::of_locale(Some("C.utf8")), Glyphs::UNICODE);
        assert_eq!(Glyphs::of_locale(Some("ko_KR.eucKR")), Glyphs::ASCII);
        assert_eq!(Glyphs::of_locale(None), Glyphs::ASCII);
    }
}
