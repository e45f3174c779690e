//! The ordered list of words that class a refusal by its text.

use super::{By, Class, Field, Verdict};
use std::sync::LazyLock;
use unicode_normalization::UnicodeNormalization as _;

const SOURCE: &str = include_str!("../../../assets/decline-words.tsv");

static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "the file is part of the binary, and a test parses it")]
    parse(SOURCE).expect("assets/decline-words.tsv is part of the binary")
});

struct Rule {
    verdict: Verdict,
    alternatives: Vec<Alternative>,
}

/// Words that must all be there, and words of which none may.
struct Alternative {
    all: Vec<&'static str>,
    none: Vec<&'static str>,
}

/// The verdict of the first rule whose words fit; `None` when none does.
pub(super) fn verdict(message: &str) -> Option<Verdict> {
    let text = plain(message);
    let fits = |rule: &&Rule| rule.alternatives.iter().any(|alternative| alternative.fits(&text));
    RULES.iter().find(fits).map(|rule| rule.verdict)
}

/// NFC and lower case, without white space; the bar separates alternatives in the list, so texts have `/`.
fn plain(message: &str) -> String {
    message
        .nfc()
        .filter(|ch| !ch.is_whitespace())
        .flat_map(char::to_lowercase)
        .map(|ch| if ch == '|' { '/' } else { ch })
        .collect()
}

impl Alternative {
    fn fits(&self, text: &str) -> bool {
        self.all.iter().all(|word| has(text, word)) && !self.none.iter().any(|word| has(text, word))
    }
}

fn has(text: &str, word: &str) -> bool {
    word.strip_suffix('$').map_or_else(|| text.contains(word), |end| text.ends_with(end))
}

fn parse(source: &'static str) -> Result<Vec<Rule>, String> {
    source.lines().filter(|line| !line.starts_with('#')).map(rule).collect()
}

fn rule(line: &'static str) -> Result<Rule, String> {
    let wrong = || line.to_owned();
    let mut cells = line.split('\t');
    let (Some(class), Some(field), Some(words), None) =
        (cells.next(), cells.next(), cells.next(), cells.next())
    else {
        return Err(wrong());
    };
    let class = Class::from_name(class).ok_or_else(wrong)?;
    let field = match field {
        "-" => None,
        name => Some(Field::from_name(name).ok_or_else(wrong)?),
    };
    let alternatives = words.split('|').map(alternative).collect::<Option<_>>().ok_or_else(wrong)?;
    Ok(Rule { verdict: Verdict { class, field, by: By::Text }, alternatives })
}

fn alternative(words: &'static str) -> Option<Alternative> {
    let mut parts = words.split('!');
    let all: Vec<_> = parts.next()?.split('+').collect();
    let none: Vec<_> = parts.collect();
    let written = |word: &&str| !word.is_empty() && plain(word) == **word && !word.contains('+');
    all.iter().chain(&none).all(written).then_some(Alternative { all, none })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_parses_and_refuses_what_it_cannot_mean() {
        assert!(parse(SOURCE).is_ok_and(|rules| rules.len() > 50));
        for bad in [
            "retype\tnumber",
            "nothing\t-\t가",
            "retype\tname\t가",
            "retype\t-\t가||나",
            "retype\t-\t가 나",
            "retype\t-\tA",
            "retype\t-\t가!나+다",
        ] {
            assert!(rule(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn spaces_and_case_and_decomposed_text_do_not_matter() {
        let expected = verdict("잔액부족");
        assert!(expected.is_some());
        assert_eq!(verdict("잔 액\u{3000}부\t족"), expected);
        assert_eq!(verdict(&"잔액부족".nfd().collect::<String>()), expected);
        assert_eq!(verdict("Insufficient Funds"), verdict("INSUFFICIENTFUNDS"));
    }
}
