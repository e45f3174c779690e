//! The last line: the keys that work now. Which ones is decided by [`crate::tui::keymap::hints`].

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{cells, line};
use crate::tui::keymap::{HINT_GAP, Hint};
use crate::tui::theme::Theme;

/// Draws the hints from the left.
pub fn draw(buf: &mut Buffer, area: Rect, hints: &[Hint], theme: &Theme) {
    let mut x = area.x;
    for hint in hints {
        x = line(buf, area, x, area.y, &hint.key, theme.key) + 1;
        x = line(buf, area, x, area.y, &hint.label, theme.hint) + cells(HINT_GAP);
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{lines, screen};
    use super::*;
    use crate::tui::keymap::Action;
    use crate::tui::theme::Name;

    #[test]
    fn key_and_word_stand_together() {
        let hint = |key: &str, label: &str, action| Hint { key: key.into(), label: label.into(), action };
        let hints = [hint("F1", "도움말", Action::Help), hint("F9", "결제...", Action::Submit)];
        let mut buf = screen(30, 1);
        draw(&mut buf, Rect::new(0, 0, 30, 1), &hints, &Theme::of(Name::Mono));
        assert_eq!(lines(&buf), ["F1 도움말  F9 결제..."]);
        let width: usize = hints.iter().map(Hint::width).sum::<usize>() + HINT_GAP;
        assert_eq!(width, 21);
    }
}
