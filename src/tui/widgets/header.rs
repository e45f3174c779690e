//! The first line: real money or test, the store, the channel; at the right who works here, and the time.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{cells, line};
use crate::i18n::Catalogue;
use crate::tui::columns;
use crate::tui::glyphs::Glyphs;
use crate::tui::theme::Theme;

/// What the header shows. Names that came from outside are sanitised before they get here.
#[derive(Debug, Clone, Copy)]
pub struct Header<'a> {
    /// Real money, not test payments.
    pub live: bool,
    /// The store.
    pub store: &'a str,
    /// The channel.
    pub channel: &'a str,
    /// The person at the console.
    pub operator: &'a str,
    /// The time to the minute.
    pub clock: &'a str,
    /// That the recording is paused, and since when.
    pub paused: Option<&'a str>,
}

/// Draws the header. When room is short the store and channel give way, then the operator; the word for real
/// or test money stands first and never drops.
pub fn draw(
    buf: &mut Buffer,
    area: Rect,
    header: &Header<'_>,
    theme: &Theme,
    glyphs: &Glyphs,
    catalogue: &Catalogue,
) {
    let (word, style) = if header.live {
        (catalogue.get("env.live"), theme.live)
    } else {
        (catalogue.get("env.test"), theme.test)
    };
    let mut left = line(buf, area, area.x, area.y, &format!(" {word} "), style) + 1;
    // Somebody must be reminded of it: it never drops.
    if let Some(paused) = header.paused {
        left = line(buf, area, left, area.y, &format!(" {} {paused} ", glyphs.warning), theme.warning) + 1;
    }
    let room = usize::from(area.right().saturating_sub(left));
    let between = format!(" {} ", glyphs.separator);
    let full = format!("{}{between}{}", header.operator, header.clock);
    // Half the line at most: whose money it is matters more.
    let right = [full.as_str(), header.clock].into_iter().find(|text| columns::width(text) * 2 <= room);
    let right = right.unwrap_or_default();
    let names_room = room.saturating_sub(columns::width(right) + 1);
    let mut names = header.store.to_owned();
    // A channel of which two syllables are left says nothing.
    if !header.channel.is_empty() && columns::width(&names) + columns::width(&between) + 4 <= names_room {
        names.push_str(&between);
        names.push_str(header.channel);
    }
    line(buf, area, left, area.y, &columns::cut_marked(&names, names_room, glyphs.cut), theme.header);
    line(buf, area, area.right() - cells(columns::width(right)).min(area.width), area.y, right, theme.header);
}

#[cfg(test)]
mod tests {
    use super::super::testing::{lines, screen};
    use super::*;
    use crate::i18n::Lang;
    use crate::tui::theme::Name;

    fn shown(live: bool, width: u16) -> String {
        let header = Header {
            live,
            store: "한빛상점",
            channel: "나이스 수기",
            operator: "kim",
            clock: "14:05",
            paused: None,
        };
        let mut buf = screen(width, 1);
        let area = Rect::new(0, 0, width, 1);
        draw(&mut buf, area, &header, &Theme::of(Name::Mono), &Glyphs::ASCII, Catalogue::of(Lang::Ko));
        lines(&buf).remove(0)
    }

    #[test]
    fn the_parts_stand_left_and_right() {
        assert_eq!(shown(true, 50), " 실거래 LIVE  한빛상점 | 나이스 수기   kim | 14:05");
        assert_eq!(shown(false, 50), " 테스트 TEST  한빛상점 | 나이스 수기   kim | 14:05");
    }

    #[test]
    fn the_word_for_real_money_is_the_last_to_go() {
        assert_eq!(shown(true, 31), " 실거래 LIVE  한빛상점    14:05");
        assert_eq!(shown(true, 17), " 실거래 LIVE  ~");
        assert_eq!(shown(true, 13), " 실거래 LIVE");
    }
}
