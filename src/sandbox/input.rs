//! Reading what a client sent: JSON, forms with PHP brackets, query strings, percent-encoding.
//!
//! Everything becomes one `serde_json::Value`, and [`In`] takes fields out of it with errors that name the
//! field and what it should be — never what it was, since it may be card data.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use serde_json::{Map, Value};

use super::clock::{Time, parse_rfc3339};

/// A field that is missing or wrong. Holds the name of the field and never its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bad(pub String);

/// The permitted words of each enumeration in the V2 schema, by schema name.
static ENUMS: LazyLock<HashMap<&str, HashSet<&str>>> = LazyLock::new(|| {
    include_str!("../../assets/sandbox/enums.txt")
        .lines()
        .filter_map(|line| line.split_once(' '))
        .map(|(name, words)| (name, words.split(' ').collect()))
        .collect()
});

/// Whether `word` belongs to the schema's enumeration `name`.
pub fn in_enum(name: &str, word: &str) -> bool {
    ENUMS.get(name).is_some_and(|words| words.contains(word))
}

/// One object of a request.
#[derive(Clone)]
pub struct In<'a> {
    map: &'a Map<String, Value>,
    path: String,
    lenient: bool,
}

impl<'a> In<'a> {
    /// The top of a request. `lenient` also accepts numbers and booleans as text (V1 forms).
    pub fn root(value: &'a Value, lenient: bool) -> Result<Self, Bad> {
        match value {
            Value::Object(map) => Ok(Self { map, path: String::new(), lenient }),
            _ => Err(Bad("the body must be a JSON object".to_owned())),
        }
    }

    /// An error about a field of this object.
    pub fn bad(&self, key: &str, why: &str) -> Bad {
        Bad(format!("{}{key}: {why}", self.path))
    }

    fn missing(&self, key: &str) -> Bad {
        self.bad(key, "is required")
    }

    /// The raw value; JSON null counts as absent (V2 §1).
    pub fn get(&self, key: &str) -> Option<&'a Value> {
        self.map.get(key).filter(|value| !value.is_null())
    }

    /// Whether the field is there.
    pub fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// An optional string.
    pub fn str(&self, key: &str) -> Result<Option<&'a str>, Bad> {
        match self.get(key) {
            None => Ok(None),
            Some(Value::String(text)) if self.lenient && text.is_empty() => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(self.bad(key, "must be a string")),
        }
    }

    /// A required, non-empty string.
    pub fn need_str(&self, key: &str) -> Result<&'a str, Bad> {
        match self.str(key)? {
            Some(text) if !text.is_empty() => Ok(text),
            Some(_) => Err(self.bad(key, "must not be empty")),
            None => Err(self.missing(key)),
        }
    }

    /// An optional word of a schema enumeration.
    pub fn word(&self, key: &str, of: &str) -> Result<Option<&'a str>, Bad> {
        match self.str(key)? {
            Some(text) if in_enum(of, text) => Ok(Some(text)),
            Some(_) => Err(self.bad(key, &format!("is not one of the values of {of}"))),
            None => Ok(None),
        }
    }

    /// A required word of a schema enumeration.
    pub fn need_word(&self, key: &str, of: &str) -> Result<&'a str, Bad> {
        self.word(key, of)?.ok_or_else(|| self.missing(key))
    }

    /// An optional list of words of a schema enumeration.
    pub fn words(&self, key: &str, of: &str) -> Result<Vec<&'a str>, Bad> {
        let list = self.strs(key)?;
        match list.iter().find(|word| !in_enum(of, word)) {
            Some(_) => Err(self.bad(key, &format!("holds something that is not a value of {of}"))),
            None => Ok(list),
        }
    }

    /// An optional list of strings; absent is empty.
    pub fn strs(&self, key: &str) -> Result<Vec<&'a str>, Bad> {
        match self.get(key) {
            None => Ok(Vec::new()),
            Some(Value::Array(list)) => list
                .iter()
                .map(|item| item.as_str().ok_or_else(|| self.bad(key, "must be a list of strings")))
                .collect(),
            Some(Value::String(one)) if self.lenient => Ok(vec![one]),
            Some(_) => Err(self.bad(key, "must be a list of strings")),
        }
    }

    /// An optional integer.
    pub fn int(&self, key: &str) -> Result<Option<i64>, Bad> {
        match self.get(key) {
            None => Ok(None),
            Some(Value::Number(number)) => {
                let whole =
                    number.as_i64().or_else(|| if self.lenient { whole(number.as_f64()?) } else { None });
                whole.map(Some).ok_or_else(|| self.bad(key, "must be an integer"))
            }
            Some(Value::String(text)) if self.lenient => match text.trim() {
                "" => Ok(None),
                text => text.parse().map(Some).map_err(|_| self.bad(key, "must be an integer")),
            },
            Some(_) => Err(self.bad(key, "must be an integer")),
        }
    }

    /// A required integer.
    pub fn need_int(&self, key: &str) -> Result<i64, Bad> {
        self.int(key)?.ok_or_else(|| self.missing(key))
    }

    /// An optional V1 amount: a number in major units, returned in minor units of `scale` digits.
    pub fn major(&self, key: &str, scale: u32) -> Result<Option<i64>, Bad> {
        let text = match self.get(key) {
            None => return Ok(None),
            Some(Value::Number(number)) => number.to_string(),
            Some(Value::String(text)) if text.trim().is_empty() => return Ok(None),
            Some(Value::String(text)) => text.trim().to_owned(),
            Some(_) => return Err(self.bad(key, "must be a number")),
        };
        minor_units(&text, scale)
            .map(Some)
            .ok_or_else(|| self.bad(key, "must be a number in the currency's units"))
    }

    /// An optional boolean.
    pub fn bool(&self, key: &str) -> Result<Option<bool>, Bad> {
        match self.get(key) {
            None => Ok(None),
            Some(Value::Bool(value)) => Ok(Some(*value)),
            Some(Value::String(text)) if self.lenient => Ok(Some(truthy(text))),
            Some(Value::Number(number)) if self.lenient => Ok(Some(number.as_i64() != Some(0))),
            Some(_) => Err(self.bad(key, "must be true or false")),
        }
    }

    /// An optional RFC 3339 time.
    pub fn time(&self, key: &str) -> Result<Option<Time>, Bad> {
        match self.str(key)? {
            None => Ok(None),
            Some(text) => parse_rfc3339(text)
                .map(Some)
                .ok_or_else(|| self.bad(key, "must be an RFC 3339 time such as 2026-03-01T09:00:00+09:00")),
        }
    }

    /// An optional V1 time in unix seconds.
    pub fn unix(&self, key: &str) -> Result<Option<Time>, Bad> {
        match self.int(key)? {
            None => Ok(None),
            Some(at) => {
                Time::try_from(at).map(Some).map_err(|_| self.bad(key, "must be a time in unix seconds"))
            }
        }
    }

    /// An optional nested object.
    pub fn obj(&self, key: &str) -> Result<Option<In<'a>>, Bad> {
        match self.get(key) {
            None => Ok(None),
            Some(Value::Object(map)) => {
                Ok(Some(In { map, path: format!("{}{key}.", self.path), lenient: self.lenient }))
            }
            Some(_) => Err(self.bad(key, "must be an object")),
        }
    }

    /// A required nested object.
    pub fn need_obj(&self, key: &str) -> Result<In<'a>, Bad> {
        self.obj(key)?.ok_or_else(|| self.missing(key))
    }

    /// An optional list of objects; absent is empty.
    pub fn list(&self, key: &str) -> Result<Vec<In<'a>>, Bad> {
        let Some(value) = self.get(key) else { return Ok(Vec::new()) };
        let Value::Array(list) = value else { return Err(self.bad(key, "must be a list")) };
        let item = |(at, value): (usize, &'a Value)| match value {
            Value::Object(map) => {
                Ok(In { map, path: format!("{}{key}[{at}].", self.path), lenient: self.lenient })
            }
            _ => Err(self.bad(key, "must be a list of objects")),
        };
        list.iter().enumerate().map(item).collect()
    }
}

/// A float that is a whole number of reasonable size.
fn whole(value: f64) -> Option<i64> {
    if value.fract() == 0.0 && value.abs() < 9.0e15 { format!("{value:.0}").parse().ok() } else { None }
}

/// Whether a form's or query's text means yes.
pub fn truthy(text: &str) -> bool {
    matches!(text, "1" | "true" | "TRUE" | "True" | "on" | "yes")
}

/// `12.34` with scale 2 as `1234`; `None` when it is no number or has too many digits.
pub fn minor_units(text: &str, scale: u32) -> Option<i64> {
    let (sign, text) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let fraction = fraction.trim_end_matches('0');
    let scale = scale as usize;
    if whole.is_empty()
        || fraction.len() > scale
        || !whole.bytes().chain(fraction.bytes()).all(|c| c.is_ascii_digit())
    {
        return None;
    }
    let digits = format!("{whole}{fraction:0<scale$}");
    digits.parse::<i64>().ok().map(|value| sign * value)
}

/// Percent-decodes one path segment or query piece; `plus` also turns `+` into a blank.
pub fn percent_decode(text: &str, plus: bool) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let hex = |offset: usize| bytes.get(at + offset).and_then(|c| char::from(*c).to_digit(16));
        match (byte, hex(1), hex(2)) {
            (b'%', Some(high), Some(low)) => {
                out.push(u8::try_from(high * 16 + low).unwrap_or(b'?'));
                at += 2;
            }
            (b'+', ..) if plus => out.push(b' '),
            _ => out.push(byte),
        }
        at += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Splits `a=1&b=2` into decoded pairs.
pub fn pairs(query: &str) -> Vec<(String, String)> {
    query
        .split('&')
        .filter(|piece| !piece.is_empty())
        .map(|piece| {
            let (key, value) = piece.split_once('=').unwrap_or((piece, ""));
            (percent_decode(key, true), percent_decode(value, true))
        })
        .collect()
}

/// Turns form pairs with PHP brackets (`schedules[0][amount]`, `merchant_uid[]`) into one object (V1 §1).
pub fn form(pairs: Vec<(String, String)>) -> Value {
    let mut root = Value::Object(Map::new());
    for (key, value) in pairs {
        let (head, rest) = key.split_once('[').unwrap_or((&key, ""));
        let mut keys = vec![head];
        if !rest.is_empty() {
            keys.extend(rest.trim_end_matches(']').split("]["));
        }
        if keys.len() > 8 {
            continue;
        }
        insert(&mut root, &keys, value);
    }
    root
}

fn insert(at: &mut Value, keys: &[&str], value: String) {
    let Some((key, rest)) = keys.split_first() else {
        *at = Value::String(value);
        return;
    };
    let is_index = key.is_empty() || key.bytes().all(|c| c.is_ascii_digit());
    if at.is_null() {
        *at = if is_index { Value::Array(Vec::new()) } else { Value::Object(Map::new()) };
    }
    match at {
        Value::Object(map) => insert(map.entry((*key).to_owned()).or_insert(Value::Null), rest, value),
        Value::Array(list) => {
            let index = key.parse::<usize>().unwrap_or(list.len()).min(list.len());
            if index == list.len() {
                list.push(Value::Null);
            }
            if let Some(slot) = list.get_mut(index) {
                insert(slot, rest, value);
            }
        }
        _ => (),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Value {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn php_brackets_become_lists_and_objects() {
        let text = "customer_uid=m%2F1&schedules[0][merchant_uid]=a&schedules%5B0%5D%5Bamount%5D=10&\
                    schedules[1][merchant_uid]=b&merchant_uid[]=x&merchant_uid[]=y&extra[requester]=admin&n=a+b";
        assert_eq!(
            form(pairs(text)),
            parse(
                r#"{"customer_uid": "m/1", "n": "a b", "merchant_uid": ["x", "y"], "extra": {"requester": "admin"},
                    "schedules": [{"merchant_uid": "a", "amount": "10"}, {"merchant_uid": "b"}]}"#
            )
        );
    }

    #[test]
    fn amounts_are_decimal_never_binary() {
        for (text, scale, want) in [
            ("15000", 0, Some(15_000)),
            ("12.34", 2, Some(1_234)),
            ("12.3", 2, Some(1_230)),
            ("15000.0", 0, Some(15_000)),
            ("0.1", 0, None),
            ("1e3", 0, None),
            ("", 0, None),
            (".5", 2, None),
            ("-5", 0, Some(-5)),
            ("99999999999999999999", 0, None),
        ] {
            assert_eq!(minor_units(text, scale), want, "{text}");
        }
    }

    #[test]
    fn errors_name_the_field_and_never_its_content() {
        let body = parse(r#"{"method": {"card": {"credential": {"number": 4111222233334444}}}}"#);
        let card = In::root(&body, false)
            .and_then(|b| b.need_obj("method"))
            .and_then(|m| m.need_obj("card"))
            .unwrap();
        let bad = card.need_obj("credential").and_then(|c| c.need_str("number")).unwrap_err();
        assert_eq!(bad.0, "method.card.credential.number: must be a string");
    }

    proptest::proptest! {
        #[test]
        fn no_text_breaks_the_form_reader(text in ".{0,200}") {
            let _ = form(pairs(&text));
            let _ = form(pairs(&text.replace('x', "[").replace('y', "]").replace('z', "=")));
        }
    }
}
