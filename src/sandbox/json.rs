//! Writing JSON answers straight into one string, field by field.
//!
//! A list page is thousands of fields: no tree is built, and a field without a value is simply not written
//! (V2 §1: "absent vs null: omit"). Nothing here knows what a payment is.

use std::fmt::Write as _;

use super::clock::Time;

/// Builds one JSON object.
pub fn object(fill: impl FnOnce(&mut Obj<'_>)) -> String {
    let mut out = String::with_capacity(512);
    write_object(&mut out, fill);
    out
}

/// Builds one JSON array.
pub fn array(fill: impl FnOnce(&mut Arr<'_>)) -> String {
    let mut out = String::with_capacity(512);
    write_array(&mut out, fill);
    out
}

fn write_object(out: &mut String, fill: impl FnOnce(&mut Obj<'_>)) {
    out.push('{');
    fill(&mut Obj { out, first: true });
    out.push('}');
}

fn write_array(out: &mut String, fill: impl FnOnce(&mut Arr<'_>)) {
    out.push('[');
    fill(&mut Arr { out, first: true });
    out.push(']');
}

/// Appends `text` as a JSON string.
pub fn quote(out: &mut String, text: &str) {
    out.push('"');
    let mut from = 0;
    for (at, byte) in text.bytes().enumerate() {
        if byte >= 0x20 && byte != b'"' && byte != b'\\' {
            continue;
        }
        out.push_str(&text[from..at]);
        from = at + 1;
        match byte {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            _ => {
                let _ = write!(out, "\\u{byte:04x}");
            }
        }
    }
    out.push_str(&text[from..]);
    out.push('"');
}

/// An object being written.
pub struct Obj<'a> {
    out: &'a mut String,
    first: bool,
}

impl Obj<'_> {
    fn key(&mut self, key: &str) -> &mut String {
        if !self.first {
            self.out.push(',');
        }
        self.first = false;
        self.out.push('"');
        self.out.push_str(key);
        self.out.push_str("\":");
        self.out
    }

    /// A string.
    pub fn str(&mut self, key: &str, value: &str) -> &mut Self {
        quote(self.key(key), value);
        self
    }

    /// A string, left out when there is none.
    pub fn opt(&mut self, key: &str, value: Option<&str>) -> &mut Self {
        if let Some(value) = value {
            self.str(key, value);
        }
        self
    }

    /// A string, or `null` when there is none (V1 spells absence out).
    pub fn or_null(&mut self, key: &str, value: Option<&str>) -> &mut Self {
        match value {
            Some(value) => self.str(key, value),
            None => self.raw(key, "null"),
        }
    }

    /// An integer.
    pub fn int(&mut self, key: &str, value: impl Into<i64>) -> &mut Self {
        let value = value.into();
        let _ = write!(self.key(key), "{value}");
        self
    }

    /// An integer, left out when there is none.
    pub fn opt_int(&mut self, key: &str, value: Option<i64>) -> &mut Self {
        if let Some(value) = value {
            self.int(key, value);
        }
        self
    }

    /// `true` or `false`.
    pub fn bool(&mut self, key: &str, value: bool) -> &mut Self {
        self.raw(key, if value { "true" } else { "false" })
    }

    /// Text that is JSON already.
    pub fn raw(&mut self, key: &str, json: &str) -> &mut Self {
        self.key(key).push_str(json);
        self
    }

    /// An RFC 3339 time in UTC (V2 §1.3).
    pub fn time(&mut self, key: &str, at: Time) -> &mut Self {
        let out = self.key(key);
        out.push('"');
        super::clock::write_rfc3339(out, at);
        out.push('"');
        self
    }

    /// A time, left out when it has not happened (0).
    pub fn opt_time(&mut self, key: &str, at: Time) -> &mut Self {
        if at != 0 {
            self.time(key, at);
        }
        self
    }

    /// An amount in minor units written as a decimal number in major units (V1 §4.4).
    pub fn major(&mut self, key: &str, minor: i64, scale: u32) -> &mut Self {
        let out = self.key(key);
        let unit = 10_i64.pow(scale);
        if minor % unit == 0 {
            let _ = write!(out, "{}", minor / unit);
        } else {
            let sign = if minor < 0 { "-" } else { "" };
            let (whole, rest) = (minor.abs() / unit, minor.abs() % unit);
            let digits = format!("{rest:0width$}", width = scale as usize);
            let _ = write!(out, "{sign}{whole}.{}", digits.trim_end_matches('0'));
        }
        self
    }

    /// A nested object.
    pub fn obj(&mut self, key: &str, fill: impl FnOnce(&mut Obj<'_>)) -> &mut Self {
        write_object(self.key(key), fill);
        self
    }

    /// A nested array.
    pub fn arr(&mut self, key: &str, fill: impl FnOnce(&mut Arr<'_>)) -> &mut Self {
        write_array(self.key(key), fill);
        self
    }

    /// An array of strings.
    pub fn strs(&mut self, key: &str, values: &[Box<str>]) -> &mut Self {
        self.arr(key, |list| {
            for value in values {
                list.str(value);
            }
        })
    }
}

/// An array being written.
pub struct Arr<'a> {
    out: &'a mut String,
    first: bool,
}

impl Arr<'_> {
    fn next(&mut self) -> &mut String {
        if !self.first {
            self.out.push(',');
        }
        self.first = false;
        self.out
    }

    /// One object.
    pub fn obj(&mut self, fill: impl FnOnce(&mut Obj<'_>)) {
        write_object(self.next(), fill);
    }

    /// One string.
    pub fn str(&mut self, value: &str) {
        quote(self.next(), value);
    }

    /// One element that is JSON already.
    pub fn raw(&mut self, json: &str) {
        self.next().push_str(json);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_what_serde_reads_back() {
        let hostile = "한글 \"quoted\" \\ \n\r\t \u{1b}[31m \u{7} \u{202e}";
        let text = object(|o| {
            o.str("s", hostile).opt("none", None).or_null("n", None).int("i", -5).bool("b", true);
            o.major("krw", 15_000, 0).major("usd", 1_234, 2).major("half", 150, 2).major("neg", -5, 2);
            o.obj("o", |o| {
                o.time("t", 1_767_225_600);
            });
            o.arr("a", |a| {
                a.str("x");
                a.raw("1");
                a.obj(|_| ());
            });
        });
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value["s"], hostile);
        let mut value = value;
        value.as_object_mut().unwrap().remove("s");
        let want: serde_json::Value = serde_json::from_str(
            r#"{"n": null, "i": -5, "b": true, "krw": 15000, "usd": 12.34, "half": 1.5, "neg": -0.05,
                "o": {"t": "2026-01-01T00:00:00Z"}, "a": ["x", 1, {}]}"#,
        )
        .unwrap();
        assert_eq!(value, want);
    }
}
