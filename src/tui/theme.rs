//! Colours by meaning. Views name what a thing *is*; this is the only place that names a colour.
//!
//! The terminal's own 16 colours on its own background. State is always a word and a mark as well: the mono
//! theme has no colour at all (not even a reset to the default one: crossterm turns that into a full reset
//! under `NO_COLOR`, which would undo bold and reverse).

use ratatui::style::{Color, Modifier, Style};

/// Which theme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Name {
    /// For dark backgrounds.
    #[default]
    Dark,
    /// For light backgrounds.
    Light,
    /// Blue and orange in place of green and red.
    ColourBlind,
    /// No colours: bold, reverse, underline.
    Mono,
}

impl Name {
    /// All of them, in the order the theme key goes through.
    pub const ALL: [Self; 4] = [Self::Dark, Self::Light, Self::ColourBlind, Self::Mono];

    /// The configuration's word.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Dark => "dark",
            Self::Light => "light",
            Self::ColourBlind => "colour-blind",
            Self::Mono => "mono",
        }
    }

    /// The catalogue's key of its name.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Dark => "theme.dark",
            Self::Light => "theme.light",
            Self::ColourBlind => "theme.colour-blind",
            Self::Mono => "theme.mono",
        }
    }

    /// Reads the configuration's word.
    pub fn parse(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|name| name.tag() == tag)
    }

    /// The one after it, round and round.
    #[must_use]
    pub const fn next(self) -> Self {
        match self {
            Self::Dark => Self::Light,
            Self::Light => Self::ColourBlind,
            Self::ColourBlind => Self::Mono,
            Self::Mono => Self::Dark,
        }
    }

    /// The theme to begin with: mono when `NO_COLOR` is set and not empty or the terminal is `dumb`, else what
    /// the configuration says. The arguments are the values of `NO_COLOR` and `TERM`.
    pub fn choose(configured: Option<Self>, no_color: Option<&str>, term: Option<&str>) -> Self {
        if no_color.is_some_and(|value| !value.is_empty()) || term == Some("dumb") {
            Self::Mono
        } else {
            configured.unwrap_or_default()
        }
    }
}

/// The styles of one theme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    /// Which one it is.
    pub name: Name,
    /// Ordinary text.
    pub text: Style,
    /// What may be overlooked.
    pub dim: Style,
    /// Headings and titles of overlays.
    pub title: Style,
    /// A field's name.
    pub label: Style,
    /// What was entered, amounts.
    pub value: Style,
    /// The field or line that has the focus.
    pub focus: Style,
    /// The marked line of a list, the chosen one of several.
    pub selected: Style,
    /// Wrong, declined.
    pub error: Style,
    /// Take care, not known yet.
    pub warning: Style,
    /// Right, approved.
    pub ok: Style,
    /// Advice.
    pub hint: Style,
    /// A key in the footer and in the help.
    pub key: Style,
    /// The header's line.
    pub header: Style,
    /// Borders and rules.
    pub border: Style,
    /// Real money: can't be mistaken for anything else on the screen.
    pub live: Style,
    /// Test payments.
    pub test: Style,
}

const PLAIN: Style = Style::new();
const BOLD: Style = PLAIN.add_modifier(Modifier::BOLD);
const LINE: Style = PLAIN.add_modifier(Modifier::UNDERLINED);
const BLOCK: Style = PLAIN.add_modifier(Modifier::REVERSED);

const MONO: Theme = Theme {
    name: Name::Mono,
    text: PLAIN,
    dim: PLAIN,
    title: BOLD,
    label: PLAIN,
    value: BOLD,
    focus: BOLD.add_modifier(Modifier::UNDERLINED),
    selected: BOLD,
    error: BLOCK,
    warning: BOLD.add_modifier(Modifier::UNDERLINED),
    ok: BOLD,
    hint: PLAIN,
    key: BOLD,
    header: PLAIN,
    border: PLAIN,
    live: BLOCK.add_modifier(Modifier::BOLD),
    test: LINE,
};

const DARK: Theme = Theme {
    name: Name::Dark,
    dim: PLAIN.fg(Color::DarkGray),
    title: BOLD.fg(Color::Cyan),
    label: PLAIN.fg(Color::Gray),
    focus: BOLD.fg(Color::Cyan),
    selected: BOLD.fg(Color::Cyan),
    error: BOLD.fg(Color::LightRed),
    warning: BOLD.fg(Color::Yellow),
    ok: BOLD.fg(Color::LightGreen),
    hint: PLAIN.fg(Color::Gray),
    key: BOLD.fg(Color::Yellow),
    border: PLAIN.fg(Color::DarkGray),
    live: BOLD.fg(Color::White).bg(Color::Red),
    test: PLAIN.fg(Color::Black).bg(Color::Cyan),
    ..MONO
};

const LIGHT: Theme = Theme {
    name: Name::Light,
    dim: PLAIN.fg(Color::DarkGray),
    title: BOLD.fg(Color::Blue),
    label: PLAIN.fg(Color::DarkGray),
    focus: BOLD.fg(Color::Blue),
    selected: BOLD.fg(Color::Blue),
    error: BOLD.fg(Color::Red),
    warning: BOLD.fg(Color::Magenta),
    ok: BOLD.fg(Color::Green),
    hint: PLAIN.fg(Color::DarkGray),
    key: BOLD.fg(Color::Blue),
    border: PLAIN.fg(Color::Gray),
    live: BOLD.fg(Color::White).bg(Color::Red),
    test: PLAIN.fg(Color::White).bg(Color::Blue),
    ..MONO
};

/// The nearest the 16 colours have to orange is yellow.
const COLOUR_BLIND: Theme = Theme {
    name: Name::ColourBlind,
    error: BOLD.fg(Color::Yellow).add_modifier(Modifier::REVERSED),
    warning: BOLD.fg(Color::Yellow),
    ok: BOLD.fg(Color::LightBlue),
    key: BOLD,
    live: BOLD.fg(Color::Black).bg(Color::Yellow),
    test: PLAIN.fg(Color::White).bg(Color::Blue),
    ..DARK
};

impl Theme {
    /// The styles of a theme.
    pub const fn of(name: Name) -> Self {
        match name {
            Name::Dark => DARK,
            Name::Light => LIGHT,
            Name::ColourBlind => COLOUR_BLIND,
            Name::Mono => MONO,
        }
    }

    #[cfg(test)]
    fn styles(&self) -> Vec<Style> {
        let Self {
            name: _,
            text,
            dim,
            title,
            label,
            value,
            focus,
            selected,
            error,
            warning,
            ok,
            hint,
            key,
            header,
            border,
            live,
            test,
        } = *self;
        vec![
            text, dim, title, label, value, focus, selected, error, warning, ok, hint, key, header, border,
            live, test,
        ]
    }
}

#[cfg(test)]
mod tests {
    use ratatui::backend::{Backend as _, CrosstermBackend};
    use ratatui::buffer::Cell;

    use super::*;

    #[test]
    fn mono_names_no_colour() {
        for style in Theme::of(Name::Mono).styles() {
            assert_eq!((style.fg, style.bg, style.underline_color), (None, None, None));
        }
    }

    #[test]
    fn mono_writes_no_colour_into_a_row() {
        let cells: Vec<Cell> = Theme::of(Name::Mono)
            .styles()
            .into_iter()
            .map(|style| {
                let mut cell = Cell::new("x");
                cell.set_style(style);
                cell
            })
            .collect();
        let mut bytes = Vec::new();
        let content = cells.iter().zip(0u16..).map(|(cell, x)| (x, 0, cell));
        CrosstermBackend::new(&mut bytes).draw(content).unwrap();
        let written = String::from_utf8(bytes).unwrap();
        // ratatui ends every draw with a return to the default colours; the row itself has none.
        let row = &written[..=written.rfind('x').unwrap()];
        assert!(row.contains("\x1b[7m"), "{row:?}");
        assert!(!row.contains("[3") && !row.contains("[4;") && !row.contains("[48"), "{row:?}");
    }

    #[test]
    fn what_must_differ_differs_in_every_theme() {
        for name in Name::ALL {
            let theme = Theme::of(name);
            assert_eq!(theme.name, name);
            let apart = [theme.live, theme.test, theme.text];
            for (at, style) in apart.iter().enumerate() {
                assert!(!apart[at + 1..].contains(style), "{name:?}");
            }
            assert_ne!(theme.error, theme.ok, "{name:?}");
            assert_ne!(theme.error, theme.warning, "{name:?}");
            assert!(theme.styles().iter().filter(|style| **style == theme.live).count() == 1, "{name:?}");
        }
    }

    #[test]
    fn the_environment_overrules_the_configuration() {
        assert_eq!(Name::choose(Some(Name::Light), Some("1"), None), Name::Mono);
        assert_eq!(Name::choose(Some(Name::Light), Some(""), Some("xterm")), Name::Light);
        assert_eq!(Name::choose(None, None, Some("dumb")), Name::Mono);
        assert_eq!(Name::choose(None, None, None), Name::Dark);
        for name in Name::ALL {
            assert_eq!(Name::parse(name.tag()), Some(name));
        }
        let round = (0..4).fold(Name::Dark, |name, _| name.next());
        assert_eq!(round, Name::Dark);
    }
}
