//! The syllable block: what syllables are made of, and what input methods show on the way to them. Nothing here
//! knows of rows or queries.

/// The nineteen initial consonants in the order of the syllable block, as keyboards send them alone.
pub(super) const INITIALS: [char; 19] = [
    'ㄱ', 'ㄲ', 'ㄴ', 'ㄷ', 'ㄸ', 'ㄹ', 'ㅁ', 'ㅂ', 'ㅃ', 'ㅅ', 'ㅆ', 'ㅇ', 'ㅈ', 'ㅉ', 'ㅊ', 'ㅋ', 'ㅌ',
    'ㅍ', 'ㅎ',
];

/// The 28 finals in the order of the syllable block (none first), each as the consonants that are typed for it.
pub(super) const FINALS: [&str; 28] = [
    "", "ㄱ", "ㄲ", "ㄱㅅ", "ㄴ", "ㄴㅈ", "ㄴㅎ", "ㄷ", "ㄹ", "ㄹㄱ", "ㄹㅁ", "ㄹㅂ", "ㄹㅅ", "ㄹㅌ", "ㄹㅍ",
    "ㄹㅎ", "ㅁ", "ㅂ", "ㅂㅅ", "ㅅ", "ㅆ", "ㅇ", "ㅈ", "ㅊ", "ㅋ", "ㅌ", "ㅍ", "ㅎ",
];

/// What an input method shows for two consonants typed after each other, and the two.
pub(super) const CLUSTERS: [(char, &str); 11] = [
    ('ㄳ', "ㄱㅅ"),
    ('ㄵ', "ㄴㅈ"),
    ('ㄶ', "ㄴㅎ"),
    ('ㄺ', "ㄹㄱ"),
    ('ㄻ', "ㄹㅁ"),
    ('ㄼ', "ㄹㅂ"),
    ('ㄽ', "ㄹㅅ"),
    ('ㄾ', "ㄹㅌ"),
    ('ㄿ', "ㄹㅍ"),
    ('ㅀ', "ㄹㅎ"),
    ('ㅄ', "ㅂㅅ"),
];

/// Vowels that go on to other vowels while they are typed, ㅗ, ㅜ and ㅡ, and the last of those, which all stand
/// right behind them: by their places in the syllable block.
pub(super) const GROWING: [(u32, u32); 3] = [(8, 11), (13, 16), (18, 19)];

/// The first syllable, 가.
const GA: u32 = 0xac00;

/// A syllable's initial, vowel and final, as places in the block.
pub(super) fn parts(ch: char) -> Option<(usize, u32, usize)> {
    let at = u32::from(ch).checked_sub(GA).filter(|at| *at < 11_172)?;
    Some(((at / 588) as usize, at / 28 % 21, (at % 28) as usize))
}

pub(super) fn syllable(initial: usize, vowel: u32, last: usize) -> Option<char> {
    let at = u32::try_from(initial * 588 + last).ok()? + vowel * 28;
    char::from_u32(GA + at)
}

/// The initial consonant of a syllable; of an initial standing alone, itself.
pub(super) fn initial(ch: char) -> Option<char> {
    match parts(ch) {
        Some((at, ..)) => INITIALS.get(at).copied(),
        None => INITIALS.contains(&ch).then_some(ch),
    }
}
