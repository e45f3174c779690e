//! What was typed, prepared, and the looking for it. This runs over every row at every key: bytes are compared,
//! nothing is decoded and nothing is made.

use memchr::memmem::Finder;

use super::hangul::{CLUSTERS, FINALS, GROWING, INITIALS, parts, syllable};
use super::{Part, ROW_END, ROWS, set_digits, set_normal};

/// One character of a query, and what it stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    /// That character.
    Exact(char),
    /// Any syllable with this initial, or the consonant alone.
    Initial(char),
    /// A syllable that is still being typed: what it can become stands together in the block, but for one.
    Open {
        /// The first of them: as far as it was typed.
        from: char,
        /// The last of them.
        until: char,
        /// Between them and none of them: ㄲ is no ㄱ that went on.
        not: Option<char>,
    },
}

impl Piece {
    /// What the syllable of these parts can become while it is typed.
    fn open(initial: usize, vowel: u32, last: usize) -> Option<Self> {
        let from = syllable(initial, vowel, last)?;
        if last == 0 {
            let grown = GROWING.iter().find(|(own, _)| *own == vowel).map_or(vowel, |(_, to)| *to);
            return Some(Self::Open { from, until: syllable(initial, grown, FINALS.len() - 1)?, not: None });
        }
        let grows = |other: &str| other.starts_with(FINALS[last]);
        let longest = FINALS.iter().rposition(|other| grows(other)).unwrap_or(last);
        let between = (last..=longest).find(|at| !grows(FINALS[*at]));
        let not = between.and_then(|at| syllable(initial, vowel, at));
        Some(Self::Open { from, until: syllable(initial, vowel, longest)?, not })
    }
}

/// The three bytes of a syllable or a consonant as one number; UTF-8 keeps the order of the characters.
fn three(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |number, byte| number << 8 | u32::from(*byte))
}

fn three_of(ch: char) -> u32 {
    three(ch.encode_utf8(&mut [0; 4]).as_bytes())
}

/// A piece as bytes, at its place behind the first byte of what is looked for: every piece has one length only.
#[derive(Debug, Clone)]
enum Spot {
    /// These bytes.
    Bytes(usize, Vec<u8>),
    /// Three bytes, from one to another, but for one; or these.
    Range { at: usize, from: u32, until: u32, not: Option<u32>, or: Option<u32> },
}

impl Spot {
    fn end(&self) -> usize {
        match self {
            Self::Bytes(at, bytes) => at + bytes.len(),
            Self::Range { at, .. } => at + 3,
        }
    }

    /// Of a text that is as long as all of them.
    fn fits(&self, text: &[u8]) -> bool {
        match self {
            Self::Bytes(at, bytes) => text[*at..*at + bytes.len()] == bytes[..],
            Self::Range { at, from, until, not, or } => {
                let found = three(&text[*at..*at + 3]);
                (*from..=*until).contains(&found) && *not != Some(found) || *or == Some(found)
            }
        }
    }

    /// The least number of beginnings that every text has which fits here: two bytes of each, as they are.
    fn beginnings(&self) -> Vec<Vec<u8>> {
        match self {
            Self::Bytes(_, bytes) => vec![bytes.clone()],
            Self::Range { from, until, or, .. } => {
                let alone = or.map(|or| or >> 8);
                let pairs = (from >> 8..=until >> 8).chain(alone);
                // Second bytes go from 80 to bf.
                let pairs = pairs.filter(|pair| (0x80..0xc0).contains(&(pair & 0xff)));
                pairs.map(|pair| pair.to_be_bytes()[2..].to_vec()).collect()
            }
        }
    }
}

/// One way to read a term.
#[derive(Debug, Clone)]
struct Way {
    /// Only initials are looked for, perhaps with digits or the like between them: rows have them ready.
    initials: bool,
    /// What every text has that fits, ready to be looked for, one of them; and where it stands.
    anchors: Vec<Finder<'static>>,
    anchored_at: usize,
    /// All pieces, when more than the anchor is to be compared.
    spots: Vec<Spot>,
    /// How many bytes it has.
    len: usize,
    ascii: bool,
}

impl Way {
    /// These characters as they are.
    fn plain(text: &str, initials: bool) -> Self {
        Self {
            initials,
            anchors: vec![Finder::new(text).into_owned()],
            anchored_at: 0,
            spots: Vec::new(),
            len: text.len(),
            ascii: text.is_ascii(),
        }
    }

    fn new(pieces: &[Piece]) -> Self {
        // Literal text, or initials alone, perhaps with digits or blanks: the row has them ready.
        let initials = pieces.iter().any(|piece| matches!(piece, Piece::Initial(_)));
        let ready = |piece: &Piece| match piece {
            Piece::Exact(ch) if initials && parts(*ch).is_some() => None,
            Piece::Exact(ch) | Piece::Initial(ch) => Some(*ch),
            Piece::Open { .. } => None,
        };
        if let Some(text) = pieces.iter().map(ready).collect::<Option<String>>() {
            return Self::plain(&text, initials);
        }
        let mut spots: Vec<Spot> = Vec::new();
        for piece in pieces {
            let at = spots.last().map_or(0, Spot::end);
            match (*piece, spots.last_mut()) {
                (Piece::Exact(ch), Some(Spot::Bytes(_, bytes))) => {
                    bytes.extend_from_slice(ch.encode_utf8(&mut [0; 4]).as_bytes());
                }
                (Piece::Exact(ch), _) => spots.push(Spot::Bytes(at, ch.to_string().into_bytes())),
                (Piece::Initial(own), _) => {
                    let place = INITIALS.iter().position(|one| *one == own).unwrap_or_default();
                    let ends = (syllable(place, 0, 0), syllable(place, 20, FINALS.len() - 1));
                    let (from, until) = (ends.0.unwrap_or(own), ends.1.unwrap_or(own));
                    let or = Some(three_of(own));
                    spots.push(Spot::Range {
                        at,
                        from: three_of(from),
                        until: three_of(until),
                        not: None,
                        or,
                    });
                }
                (Piece::Open { from, until, not }, _) => spots.push(Spot::Range {
                    at,
                    from: three_of(from),
                    until: three_of(until),
                    not: not.map(three_of),
                    or: None,
                }),
            }
        }
        let (anchored_at, anchors) = anchors(&spots);
        let len = spots.last().map_or(0, Spot::end);
        Self { initials: false, anchors, anchored_at, spots, len, ascii: false }
    }

    fn looks_in(&self, part: Part) -> bool {
        match part {
            Part::Initials => self.initials,
            Part::Letters => !self.initials,
            Part::Plain => self.ascii,
        }
    }

    /// Where the next one is whose anchor begins at a byte or behind it.
    fn next(&self, anchor: &Finder<'_>, text: &[u8], mut from: usize) -> Option<usize> {
        loop {
            let anchored = from + anchor.find(text.get(from..)?)?;
            if let Some(at) = anchored.checked_sub(self.anchored_at)
                && let Some(whole) = text.get(at..at + self.len)
                && self.spots.iter().all(|spot| spot.fits(whole))
            {
                return Some(at);
            }
            from = anchored + 1;
        }
    }

    fn is_in(&self, text: &[u8]) -> bool {
        self.anchors.iter().any(|anchor| self.next(anchor, text, 0).is_some())
    }

    fn rows(&self, text: &[u8]) -> u128 {
        let mut found = 0;
        for anchor in &self.anchors {
            let (mut row, mut from) = (0, 0);
            while let Some(at) = self.next(anchor, text, from) {
                row += memchr::memchr_iter(ROW_END, text.get(from..at).unwrap_or_default()).count();
                if row >= ROWS {
                    break;
                }
                found |= 1 << row;
                let Some(end) = memchr::memchr(ROW_END, text.get(at..).unwrap_or_default()) else { break };
                (row, from) = (row + 1, at + end + 1);
            }
        }
        found
    }
}

/// What to look for first, of the least that it can be mistaken for: the longest run of bytes that are known, and the
/// beginning of what follows it where that is one of few; and where it stands.
fn anchors(spots: &[Spot]) -> (usize, Vec<Finder<'static>>) {
    let known = spots.iter().enumerate().filter_map(|(place, spot)| match spot {
        Spot::Bytes(at, bytes) => Some((bytes.len(), place, *at)),
        Spot::Range { .. } => None,
    });
    let (at, beginnings) = if let Some((_, place, at)) = known.max() {
        let run = spots[place].beginnings().concat();
        let behind = spots.get(place + 1).map(Spot::beginnings).filter(|behind| behind.len() == 1);
        (at, vec![[run, behind.into_iter().flatten().flatten().collect()].concat()])
    } else {
        let least = spots.iter().map(|spot| (spot.beginnings(), spot));
        let (beginnings, spot) =
            least.min_by_key(|(beginnings, _)| beginnings.len()).unwrap_or((Vec::new(), &spots[0]));
        (spot.end() - 3, beginnings)
    };
    (at, beginnings.iter().map(|beginning| Finder::new(beginning).into_owned()).collect())
}

/// One word of what was typed. It is found when one of the ways to read it is.
#[derive(Debug, Clone)]
pub struct Term {
    ways: Vec<Way>,
}

impl Term {
    /// Whether it can stand in texts of this part; it stands in no others.
    pub fn looks_in(&self, part: Part) -> bool {
        self.ways.iter().any(|way| way.looks_in(part))
    }

    /// In which of at most [`ROWS`] rows it stands, the first one's bit being the lowest: texts of one part, each row
    /// with [`ROW_END`] behind it.
    pub fn rows(&self, part: Part, texts: &[u8]) -> u128 {
        let ways = self.ways.iter().filter(|way| way.looks_in(part));
        ways.fold(0, |found, way| found | way.rows(texts))
    }
}

/// What was typed, prepared. Words may stand anywhere and in any order; all of them must be found.
///
/// `ㄱㅎㄴ` and `김ㅎ` find 김하늘, and so does every state of the input method on the way there: `김하`, `김한`,
/// `김하느`. A doubled consonant is itself: `ㄲ` does not find ㄱ. Numbers are found with or without what stands between
/// their digits.
#[derive(Debug, Clone, Default)]
pub struct Needle {
    terms: Vec<Term>,
}

impl Needle {
    /// Prepares what was typed.
    pub fn new(query: &str) -> Self {
        let (mut normal, mut digits) = (String::new(), String::new());
        set_normal(&mut normal, query);
        if set_digits(&mut digits, &normal) {
            let mut ways = vec![Way::plain(&normal, false)];
            if digits != normal {
                ways.push(Way::plain(&digits, false));
            }
            return Self { terms: vec![Term { ways }] };
        }
        let words: Vec<&str> = normal.split(' ').filter(|word| !word.is_empty()).collect();
        let count = words.len();
        let terms =
            words.into_iter().enumerate().map(|(at, word)| Term { ways: ways(word, at + 1 == count) });
        Self { terms: terms.collect() }
    }

    /// Whether nothing was typed: then everything matches.
    pub const fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// The words, all of which must be found.
    pub fn terms(&self) -> &[Term] {
        &self.terms
    }

    /// Whether a row, prepared by [`index_text`](super::index_text), has it.
    pub fn matches(&self, prepared: &str) -> bool {
        self.terms.iter().all(|term| term.ways.iter().any(|way| way.is_in(prepared.as_bytes())))
    }
}

/// The ways to read one word; only the last syllable of the last word can be unfinished.
fn ways(word: &str, last: bool) -> Vec<Way> {
    let mut pieces = Vec::new();
    for ch in word.chars() {
        if let Some((_, both)) = CLUSTERS.iter().find(|(cluster, _)| *cluster == ch) {
            pieces.extend(both.chars().map(Piece::Initial));
        } else if INITIALS.contains(&ch) {
            pieces.push(Piece::Initial(ch));
        } else {
            pieces.push(Piece::Exact(ch));
        }
    }
    let mut ways = Vec::new();
    let mut digits = String::new();
    if set_digits(&mut digits, word) && digits != word {
        ways.push(Way::plain(&digits, false));
    }
    if last
        && let Some(Piece::Exact(ch)) = pieces.last().copied()
        && let Some((initial, vowel, end)) = parts(ch)
    {
        pieces.pop();
        let with = |tail: &[Piece]| Way::new(&[pieces.as_slice(), tail].concat());
        ways.extend(Piece::open(initial, vowel, end).map(|open| with(&[open])));
        // The last consonant may belong to the next syllable: 한 on the way to 하느.
        let typed = FINALS[end];
        if let Some(moved) = typed.chars().last().filter(|moved| INITIALS.contains(moved)) {
            let kept = typed.strip_suffix(moved).unwrap_or_default();
            let before = FINALS.iter().position(|other| *other == kept).unwrap_or(0);
            if let Some(shorter) = syllable(initial, vowel, before) {
                ways.push(with(&[Piece::Exact(shorter), Piece::Initial(moved)]));
            }
        }
    } else {
        ways.push(Way::new(&pieces));
    }
    ways
}
