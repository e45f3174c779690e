//! Widths in terminal columns. A Hangul syllable takes two, a combining mark none; counting characters is
//! wrong everywhere on the screen. Agrees with what ratatui draws (a property test holds them together).

use ratatui::buffer::CellWidth as _;
use unicode_segmentation::UnicodeSegmentation as _;

/// The columns of one grapheme cluster as it is drawn: a control character is not drawn at all.
pub(crate) fn of_grapheme(grapheme: &str) -> usize {
    if grapheme.contains(char::is_control) { 0 } else { usize::from(grapheme.cell_width()) }
}

/// The columns of a character that is a cluster by itself whatever stands beside it, as long as that is one, too:
/// printable ASCII and finished syllables, which nearly all texts consist of. Splitting a text into clusters by
/// Unicode's tables costs more than everything else that is done to draw it.
const fn of_plain(ch: char) -> Option<u16> {
    match ch {
        ' '..='~' | '…' => Some(1),
        '가'..='힣' => Some(2),
        _ => None,
    }
}

/// Whether a text has such characters only: then its characters are its clusters.
pub(in crate::tui) fn is_plain(text: &str) -> bool {
    text.chars().all(|ch| of_plain(ch).is_some())
}

/// The characters of such a text with their columns.
pub(in crate::tui) fn plain(text: &str) -> impl Iterator<Item = (char, u16)> {
    text.chars().filter_map(|ch| Some((ch, of_plain(ch)?)))
}

/// How many columns a text takes.
pub fn width(text: &str) -> usize {
    text.chars()
        .try_fold(0, |sum, ch| Some(sum + usize::from(of_plain(ch)?)))
        .unwrap_or_else(|| clustered(text))
}

fn clustered(text: &str) -> usize {
    text.graphemes(true).map(of_grapheme).sum()
}

/// The longest beginning of a text that fits. Half a syllable is never shown, so it may be a column short.
pub fn cut(text: &str, columns: usize) -> &str {
    if is_plain(text) {
        cut_at(text, plain(text).map(|(ch, wide)| (ch.len_utf8(), usize::from(wide))), columns)
    } else {
        cut_clusters(text, columns)
    }
}

fn cut_clusters(text: &str, columns: usize) -> &str {
    cut_at(text, text.graphemes(true).map(|grapheme| (grapheme.len(), of_grapheme(grapheme))), columns)
}

/// `pieces` are the lengths in bytes of what must not be cut apart, with the columns of each.
fn cut_at(text: &str, pieces: impl Iterator<Item = (usize, usize)>, columns: usize) -> &str {
    let (mut at, mut left) = (0, columns);
    for (bytes, wide) in pieces {
        match left.checked_sub(wide) {
            Some(rest) => left = rest,
            None => return &text[..at],
        }
        at += bytes;
    }
    text
}

/// The same, with a mark for what is missing.
pub fn cut_marked(text: &str, columns: usize, mark: &str) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    format!("{}{mark}", cut(text, columns.saturating_sub(width(mark))))
}

/// The text at the left of exactly that many columns, cut when it is too long.
pub fn pad_right(text: &str, columns: usize) -> String {
    let shown = cut(text, columns);
    let mut out = shown.to_owned();
    out.extend(std::iter::repeat_n(' ', columns - width(shown)));
    out
}

/// The text at the left of exactly that many columns, with a mark for what is missing: a column of a list.
pub fn fit(text: &str, columns: usize, mark: &str) -> String {
    pad_right(&cut_marked(text, columns, mark), columns)
}

/// The text at the right of exactly that many columns, for amounts. A text that is too long is cut at its
/// end.
pub fn pad_left(text: &str, columns: usize) -> String {
    let shown = cut(text, columns);
    let mut out: String = std::iter::repeat_n(' ', columns - width(shown)).collect();
    out.push_str(shown);
    out
}

/// A text broken at blanks into lines that fit, as it stands when it fits whole; a word longer than a line is
/// cut in pieces. At least one line.
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    if width(text) <= columns {
        return vec![text.to_owned()];
    }
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let mut rest = word;
        while !rest.is_empty() {
            let gap = usize::from(used > 0);
            let whole = width(rest);
            if used + gap + whole > columns && used > 0 {
                lines.push(String::new());
                used = 0;
                continue;
            }
            let fits = cut(rest, columns);
            // A syllable wider than the line is drawn all the same, and cut by whoever draws.
            let piece = if fits.is_empty() { rest.graphemes(true).next().unwrap_or(rest) } else { fits };
            if let Some(line) = lines.last_mut() {
                line.push_str(&" ".repeat(gap));
                line.push_str(piece);
            }
            used += gap + width(piece).max(1);
            rest = &rest[piece.len()..];
        }
    }
    lines
}

/// What of a text field is seen: the part that keeps the cursor in view, and the cursor's column in it.
/// `cursor` is a byte position on a grapheme boundary. The cursor itself needs a column, so at most
/// `columns - 1` columns stand left of it.
pub fn scroll(text: &str, cursor: usize, columns: usize) -> (&str, usize) {
    let before = text.get(..cursor).unwrap_or(text);
    let room = columns.saturating_sub(1);
    let mut at = width(before);
    let mut start = 0;
    for (from, grapheme) in before.grapheme_indices(true) {
        if at <= room {
            break;
        }
        at -= of_grapheme(grapheme);
        start = from + grapheme.len();
    }
    (cut(&text[start..], columns), at)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use ratatui::buffer::Buffer;
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    use super::*;

    #[test]
    fn syllables_take_two_columns() {
        assert_eq!(width("수기결제"), 8);
        assert_eq!(width("₩1,000원"), 8);
        assert_eq!(width("\u{1112}\u{1161}\u{11ab}"), 2, "decomposed");
        assert_eq!(width("a\tb\n"), 2);
        assert_eq!(cut("한글", 3), "한");
        assert_eq!(cut_marked("한글", 4, "~"), "한글");
        assert_eq!(cut_marked("한글", 3, "~"), "한~");
        assert_eq!(pad_right("한글", 3), "한 ");
        assert_eq!(pad_left("12원", 6), "  12원");
        assert_eq!(pad_left("한글", 3), " 한");
    }

    #[test]
    fn lines_break_between_words() {
        assert_eq!(wrap("돈은 빠져나가지 않았습니다", 12), ["돈은", "빠져나가지", "않았습니다"]);
        assert_eq!(wrap("https://example.com/x", 8), ["https://", "example.", "com/x"]);
        assert_eq!(wrap("가 https://example", 12), ["가", "https://exam", "ple"]);
        assert_eq!(wrap("", 12), [""]);
    }

    #[test]
    fn the_cursor_stays_in_view() {
        assert_eq!(scroll("abc", 3, 4), ("abc", 3));
        assert_eq!(scroll("abcd", 4, 4), ("bcd", 3));
        assert_eq!(scroll("한글입력", 12, 5), ("입력", 4));
        assert_eq!(scroll("a한글입력", 13, 4), ("력", 2));
        assert_eq!(scroll("한글", 0, 3), ("한", 0));
        assert_eq!(scroll("한글", 6, 0), ("", 0));
    }

    /// Texts out of what hurts: Hangul, jamo, decomposed syllables, marks, emoji, controls.
    fn texts() -> impl Strategy<Value = String> {
        const PARTS: &[&str] =
            &["한", "ㅎ", "\u{1112}\u{1161}", "a", "\u{301}", "👩\u{200d}👧", "🇰🇷", "Ａ", "\u{7}", "ﾞ", "1"];
        proptest::collection::vec(proptest::sample::select(PARTS), 0..12).prop_map(|parts| parts.concat())
    }

    proptest! {
        #[test]
        fn ratatui_draws_as_wide_as_we_say(text in prop_oneof![texts(), any::<String>()]) {
            let mut buffer = Buffer::empty(Rect::new(0, 0, 400, 1));
            let (end, _) = buffer.set_stringn(0, 0, &text, 400, Style::new());
            prop_assume!(width(&text) <= 400);
            prop_assert_eq!(usize::from(end), width(&text));
        }

        #[test]
        fn plain_texts_need_no_tables(text in prop_oneof![texts(), "[ -~가-힣…]{0,12}", any::<String>()], columns in 0usize..20) {
            prop_assert_eq!(width(&text), clustered(&text));
            prop_assert_eq!(cut(&text, columns), cut_clusters(&text, columns));
        }

        #[test]
        fn padding_fills_exactly(text in texts(), columns in 0usize..20) {
            prop_assert_eq!(width(&pad_right(&text, columns)), columns);
            prop_assert_eq!(width(&pad_left(&text, columns)), columns);
            prop_assert!(width(cut(&text, columns)) <= columns);
        }

        #[test]
        fn a_wrapped_text_fits_and_loses_nothing(words in prop::collection::vec(texts(), 0..6), columns in 1usize..30) {
            let text = words.join(" ");
            let lines = wrap(&text, columns);
            for line in &lines {
                // One cluster may be wider than the room.
                prop_assert!(width(line) <= columns || line.graphemes(true).count() == 1, "{:?}", line);
            }
            let bare = |text: &str| text.split(' ').collect::<String>();
            prop_assert_eq!(bare(&lines.concat()), bare(&text));
        }

        #[test]
        fn a_scrolled_field_fits_and_shows_what_stands_before_the_cursor(text in texts(), at in 0usize..13, columns in 1usize..9) {
            let cursor = text.grapheme_indices(true).map(|(at, _)| at).nth(at).unwrap_or(text.len());
            let (seen, column) = scroll(&text, cursor, columns);
            prop_assert!(width(seen) <= columns);
            prop_assert!(column < columns);
            let start = seen.as_ptr() as usize - text.as_ptr() as usize;
            if start <= cursor && cursor <= start + seen.len() {
                prop_assert_eq!(width(&text[start..cursor]), column);
            }
        }
    }
}
