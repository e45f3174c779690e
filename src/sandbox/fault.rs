//! Scripted faults: which requests they hit, how often, and what they do. Set by `--faults FILE` or
//! `POST /__sandbox/faults`; [`crate::sandbox::server`] and [`mutate`] carry them out.

pub mod mutate;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::route::Route;

/// Every fault as a rule writes it, and what it does: what `danmal sandbox --help` prints and docs/sandbox.md says.
pub static KINDS: &[(&str, &str)] = &[
    (r#""kind":"delay_before","millis":2000"#, "waits, then does the work"),
    (r#""kind":"delay_after","millis":2000"#, "does the work, waits, then answers"),
    (r#""kind":"drop_before""#, "cuts the connection; nothing is done"),
    (r#""kind":"drop_after""#, "does the work, then cuts the connection without an answer"),
    (
        r#""kind":"status","status":503,"process":true,"retryAfter":5,"body":"…""#,
        "answers with this status; the work is done only with process",
    ),
    (r#""kind":"truncate""#, "promises the whole answer, sends half of it, cuts the connection"),
    (r#""kind":"html""#, "does the work, then answers with an HTML page and the same status"),
    (r#""kind":"huge","bytes":10000000"#, "pads the answer with a field of so many bytes"),
    (r#""kind":"slow","bytes":16,"millis":50"#, "sends the answer in small pieces with pauses"),
    (r#""kind":"bad_encoding""#, "says UTF-8 and sends bytes that are not"),
    (r#""kind":"not_json""#, "sends half a JSON text with words around it"),
    (r#""kind":"unknown_enum""#, "replaces status, pgProvider, currency and the like by words nobody knows"),
    (r#""kind":"unknown_case""#, "replaces the case of a union (method.type, status) by one nobody knows"),
    (r#""kind":"unknown_field""#, "adds a field nobody knows to every object"),
    (r#""kind":"unknown_error""#, "answers with a V2 error type nobody knows, 400 where it was a success"),
    (r#""kind":"missing_optional""#, "leaves out every field a client could do without"),
    (r#""kind":"hostile_text""#, "puts escapes, right-to-left marks, newlines and formulas into texts"),
    (
        r#""kind":"channel_failures""#,
        "tells, beside a billing key that V2 issued, of a channel of its group that refused it",
    ),
    (r#""kind":"lag_list","seconds":60"#, "lists leave out what changed in the last seconds"),
    (r#""kind":"unauthorized""#, "refuses a right credential with 401 and ends every token"),
];

/// The part of `danmal sandbox --help` that lists the faults.
pub fn help() -> String {
    let mut out =
        "Faults, one JSON rule each, by --faults FILE (a list) or POST /__sandbox/faults:\n".to_owned();
    for (rule, what) in KINDS {
        for piece in ["  {", rule, "}\n      ", what, "\n"] {
            out.push_str(piece);
        }
    }
    out + "With \"method\", \"route\" (a * stands for anything), \"skip\" and \"count\" a rule hits only what it names.\n\
           \nSpecial card numbers, clock, webhooks and the rest: docs/sandbox.md."
}

/// What goes wrong; [`KINDS`] says it to people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", rename_all_fields = "camelCase", tag = "kind")]
pub enum Kind {
    /// Waits before the work is done.
    DelayBefore {
        /// Milliseconds.
        millis: u64,
    },
    /// Waits after the work is done, before the answer.
    DelayAfter {
        /// Milliseconds.
        millis: u64,
    },
    /// Cuts the connection; nothing was done.
    DropBefore,
    /// Does the work, then cuts the connection without an answer.
    DropAfter,
    /// Answers with an error status; the work is done or not.
    Status {
        /// HTTP status.
        status: u16,
        /// Whether the work is done first.
        #[serde(default)]
        process: bool,
        /// Value of a `Retry-After` header in seconds.
        #[serde(default)]
        retry_after: Option<u32>,
        /// Body to send; an empty one when absent.
        #[serde(default)]
        body: Option<String>,
    },
    /// Promises the whole answer, sends half of it and cuts the connection.
    Truncate,
    /// Answers 200 with an HTML page after the work.
    Html,
    /// Pads the answer with an unknown field of this many bytes.
    Huge {
        /// Bytes.
        bytes: usize,
    },
    /// Sends the answer in small pieces with pauses.
    Slow {
        /// Bytes a piece.
        #[serde(default = "default_piece")]
        bytes: usize,
        /// Milliseconds between pieces.
        #[serde(default = "default_pause")]
        millis: u64,
    },
    /// Says UTF-8 and sends bytes that are not.
    BadEncoding,
    /// Sends text that is not JSON.
    NotJson,
    /// Replaces the values of `status`, `pgProvider`, `currency` … by words nobody knows.
    UnknownEnum,
    /// Replaces the discriminator of unions (`method.type`, `status`) by a case nobody knows.
    UnknownCase,
    /// Adds fields nobody knows on every level.
    UnknownField,
    /// V2: the error type becomes one nobody knows (with 400 when the answer was a success).
    UnknownError,
    /// Leaves every optional field out.
    MissingOptional,
    /// Puts terminal escapes, right-to-left marks, newlines and formulas into every text.
    HostileText,
    /// V2: an issued billing key comes with the failure of a channel (`channelSpecificFailures`).
    ChannelFailures,
    /// Lists leave out what changed in the last seconds.
    LagList {
        /// Seconds.
        seconds: u32,
    },
    /// The credential is refused (401) although it is right; tokens end.
    Unauthorized,
}

fn default_piece() -> usize {
    16
}

fn default_pause() -> u64 {
    50
}

/// One fault with what it hits.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rule {
    /// Number to delete it by.
    #[serde(default)]
    pub id: u32,
    /// HTTP method, any when absent.
    #[serde(default)]
    pub method: Option<String>,
    /// Route as in the schema, `*` stands for anything: `/payments/{paymentId}/instant`, `/payments*`.
    #[serde(default)]
    pub route: Option<String>,
    /// Lets this many matching requests pass first.
    #[serde(default)]
    pub skip: u32,
    /// Hits this many requests, then ends; for ever when absent.
    #[serde(default)]
    pub count: Option<u32>,
    /// What goes wrong.
    #[serde(flatten)]
    pub kind: Kind,
}

/// The faults of a sandbox, in the order they were set.
#[derive(Debug, Default)]
pub struct Faults {
    rules: Vec<Rule>,
    next: u32,
}

/// Whether `text` fits a pattern in which `*` stands for anything.
fn fits(pattern: &str, text: &str) -> bool {
    let mut pieces = pattern.split('*');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut last = None;
    for piece in pieces {
        if let Some(previous) = last.replace(piece) {
            let Some((_, after)) = rest.split_once(previous) else { return false };
            rest = after;
        }
    }
    last.map_or(rest.is_empty(), |piece| rest.ends_with(piece))
}

impl Faults {
    /// Adds a rule and returns its number.
    pub fn add(&mut self, mut rule: Rule) -> u32 {
        self.next += 1;
        rule.id = self.next;
        self.rules.push(rule);
        self.next
    }

    /// The rules that still stand.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Ends one rule, or all of them.
    pub fn remove(&mut self, id: Option<u32>) -> bool {
        let before = self.rules.len();
        self.rules.retain(|rule| id.is_some_and(|id| id != rule.id));
        before != self.rules.len()
    }

    /// Takes the faults that hit a request; counts are used up.
    pub fn take(&mut self, route: &Route) -> Vec<Kind> {
        let mut out = Vec::new();
        for rule in &mut self.rules {
            let method =
                rule.method.as_deref().is_none_or(|method| method.eq_ignore_ascii_case(route.method));
            if !method || !rule.route.as_deref().is_none_or(|pattern| fits(pattern, route.path)) {
                continue;
            }
            if rule.skip > 0 {
                rule.skip -= 1;
                continue;
            }
            match &mut rule.count {
                Some(0) => continue,
                Some(count) => *count -= 1,
                None => (),
            }
            out.push(rule.kind.clone());
        }
        self.rules.retain(|rule| rule.count != Some(0));
        out
    }
}

/// When the connection is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// Nothing is done.
    Before,
    /// The work is done, no answer goes out.
    After,
    /// Cut at once, the work is done all the same (later, if it is slow).
    ThenWork,
}

/// Everything that will happen to one request besides its work.
#[derive(Debug, Default)]
pub struct Plan {
    /// Wait before the work.
    pub before: Duration,
    /// Wait after it.
    pub after: Duration,
    /// Cut the connection.
    pub cut: Option<Cut>,
    /// Answer with this instead; the flag says whether the work is done first.
    pub instead: Option<(u16, bool, Option<u32>, String)>,
    /// What is done to the answer.
    pub shape: Vec<Kind>,
    /// Seconds a list lags.
    pub lag: u32,
    /// Refuse the credential.
    pub unauthorized: bool,
}

impl Plan {
    /// The plan of a request from its scripted faults.
    pub fn new(kinds: Vec<Kind>) -> Self {
        let mut plan = Self::default();
        for kind in kinds {
            match kind {
                Kind::DelayBefore { millis } => plan.before += Duration::from_millis(millis),
                Kind::DelayAfter { millis } => plan.after += Duration::from_millis(millis),
                Kind::DropBefore => plan.cut = Some(Cut::Before),
                Kind::DropAfter => plan.cut = Some(Cut::After),
                Kind::Status { status, process, retry_after, body } => {
                    plan.instead = Some((status, process, retry_after, body.unwrap_or_default()));
                }
                Kind::LagList { seconds } => plan.lag = plan.lag.max(seconds),
                Kind::Unauthorized => plan.unauthorized = true,
                shape => plan.shape.push(shape),
            }
        }
        plan
    }
}

#[cfg(test)]
mod tests {
    use super::super::route::{Op, ROUTES};
    use super::*;

    fn rule(text: &str) -> Rule {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn rules_hit_what_they_name_as_often_as_they_say() {
        let route = |op: Op| ROUTES.iter().find(|route| route.op == op).unwrap();
        let mut faults = Faults::default();
        faults.add(rule(
            r#"{"kind":"drop_after","method":"post","route":"/payments/*/instant","skip":1,"count":2}"#,
        ));
        faults.add(rule(r#"{"kind":"status","status":503,"retryAfter":2,"route":"/payments"}"#));
        let hits: Vec<usize> = (0..4).map(|_| faults.take(route(Op::V2Instant)).len()).collect();
        assert_eq!(hits, [0, 1, 1, 0]);
        assert_eq!(faults.rules().len(), 1, "a used-up rule is gone");
        assert_eq!(faults.take(route(Op::V2ListPayments)).len(), 1);
        assert!(faults.take(route(Op::V2Payment)).is_empty());
        assert!(faults.remove(None));
        assert!(faults.take(route(Op::V2ListPayments)).is_empty());
    }

    #[test]
    fn every_fault_is_told_in_the_help_and_in_the_manual() {
        // serde names every kind there is when it is given one that is none.
        let refusal = serde_json::from_str::<Rule>(r#"{"kind":""}"#).unwrap_err().to_string();
        let names: Vec<&str> = refusal.split('`').skip(3).step_by(2).collect();
        assert!(names.len() > 10, "{refusal}");
        let told: Vec<String> = KINDS
            .iter()
            .map(|(text, _)| {
                let value: serde_json::Value = serde_json::from_str(&format!("{{{text}}}")).unwrap();
                rule(&value.to_string());
                value["kind"].as_str().unwrap().to_owned()
            })
            .collect();
        assert_eq!(told, names);
        let manual = include_str!("../../docs/sandbox.md");
        for (text, what) in KINDS {
            assert!(manual.contains(&format!("| `{{{text}}}` | {what} |")), "docs/sandbox.md: {text}");
            assert!(help().contains(text) && help().contains(what));
        }
    }

    #[test]
    fn a_star_stands_for_anything() {
        for (pattern, text, want) in [
            ("*", "/x", true),
            ("/payments*", "/payments/a", true),
            ("/payments", "/payments/a", false),
            ("*/instant", "/payments/a/instant", true),
            ("/a*b*c", "/a1b2c", true),
            ("/a*b*c", "/a1c", false),
            ("", "/", false),
        ] {
            assert_eq!(fits(pattern, text), want, "{pattern} {text}");
        }
    }
}
