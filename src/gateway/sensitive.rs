//! The one way card data leaves: a thread of its own for one request, always joined.
//!
//! The thread builds the body in the vault, runs its own single-threaded runtime, makes one connection, reads
//! the answer, drops everything and ends. A worker that stayed parked would keep digits in its registers. The
//! answer's text is cleaned of echoes of the card before anything is made of it.

use std::sync::Arc;
use std::thread::JoinHandle;

use bytes::Bytes;
use reqwest::StatusCode;
use tokio::sync::oneshot;

use super::http::{Transport, exchange};
use super::{MAX_CHARGE_ANSWER, Reply};
use crate::domain::payment::Refusal;
use crate::domain::problem::Problem;
use crate::domain::text::SafeText;
use crate::vault::{BodyError, BodyWriter, Vault};

/// A request that carries card data, without it.
pub(super) struct Sensitive<T> {
    pub path: String,
    /// Names and values; the values are credentials and marked so.
    pub headers: Vec<(&'static str, String)>,
    pub write: Box<dyn FnOnce(&mut BodyWriter<'_>) + Send>,
    /// Makes an outcome of a status and a cleaned body.
    pub read: fn(StatusCode, &[u8]) -> Reply<T>,
}

/// A request under way. Dropping it stops the request and joins the thread.
pub(super) struct Flight<T> {
    done: oneshot::Receiver<Reply<T>>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl<T: Send + 'static> Flight<T> {
    /// Lets the request go.
    pub(super) fn start(
        transport: &Transport,
        request: Sensitive<T>,
        card: &Arc<Vault>,
    ) -> Result<Self, Problem> {
        let (done_sender, done) = oneshot::channel();
        let (stop_sender, stop) = oneshot::channel();
        let (transport, card) = (transport.clone(), Arc::clone(card));
        let thread = std::thread::Builder::new()
            .name("charge".to_owned())
            .spawn(move || {
                let answer = fly(&transport, request, &card, stop);
                // Nobody waits any more when the console is ending; the journal has the intent.
                let _ = done_sender.send(answer);
            })
            .map_err(|error| Problem::Unreachable { detail: error.to_string() })?;
        Ok(Self { done, stop: Some(stop_sender), thread: Some(thread) })
    }

    /// Waits for the end and for the thread to be gone.
    pub(super) async fn finish(mut self) -> Reply<T> {
        // The sender is dropped without a word only when the thread panicked.
        let answer = (&mut self.done).await.unwrap_or(Reply::Unseen("panic"));
        self.join();
        answer
    }
}

impl<T> Flight<T> {
    fn join(&mut self) {
        if let Some(thread) = self.thread.take() {
            // A panic in it was turned into an unseen outcome above.
            let _ = thread.join();
        }
    }
}

impl<T> Drop for Flight<T> {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        self.join();
    }
}

fn fly<T>(
    transport: &Transport,
    request: Sensitive<T>,
    card: &Arc<Vault>,
    stop: oneshot::Receiver<()>,
) -> Reply<T> {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return Reply::NotDone(Problem::Unreachable { detail: error.to_string() }),
    };
    let overall = transport.overall();
    let answer = runtime.block_on(async {
        tokio::select! {
            biased;
            // Dropped without a word: nobody waits, the same as stopped.
            _ = stop => Reply::Unseen("stopped"),
            answer = tokio::time::timeout(overall, send(transport, request, card)) => {
                answer.unwrap_or(Reply::Unseen("timeout"))
            }
        }
    });
    drop(runtime);
    answer
}

async fn send<T>(transport: &Transport, request: Sensitive<T>, card: &Arc<Vault>) -> Reply<T> {
    let Sensitive { path, headers, write, read } = request;
    let client = match transport.client() {
        Ok(client) => client,
        Err(failure) => return failure.into(),
    };
    let body = match card.write_body(write) {
        Ok(body) => body,
        Err(BodyError::TooLarge) => return Reply::NotDone(Problem::TooLarge),
        Err(BodyError::Busy) => return Reply::NotDone(Problem::Busy),
    };
    if cfg!(debug_assertions) && std::env::var_os("DANMAL_DEBUG_PANIC_IN_FLIGHT").is_some() {
        let held = body;
        panic!("asked for by the proof, with a body of {} bytes in hand", held.len());
    }
    let mut builder = client
        .post(format!("{}{path}", transport.endpoint().base_url))
        .header("accept", "application/json")
        .header("content-type", "application/json")
        .header("connection", "close");
    for (name, value) in headers {
        let Ok(mut value) = reqwest::header::HeaderValue::try_from(value) else {
            return Reply::NotDone(Problem::Refused { kind: "header".to_owned(), message: name.to_owned() });
        };
        value.set_sensitive(true);
        builder = builder.header(name, value);
    }
    let request = builder.body(Bytes::from_owner(body));
    match exchange(request, MAX_CHARGE_ANSWER).await {
        Ok(answer) => {
            let mut text = String::from_utf8_lossy(&answer.body).into_owned();
            unescape_digits(&mut text);
            let echoed = card.redact(&mut text, &SHORT_FIELDS);
            let outcome = read(answer.status, text.as_bytes());
            if echoed { without_words(outcome) } else { outcome }
        }
        Err(failure) => failure.into(),
    }
}

/// What the wires call the fields that are too short to be recognised in an echo by themselves (V2 §8.2, V1 §4.6).
const SHORT_FIELDS: [&str; 7] = [
    "expiryYear",
    "expiryMonth",
    "birthOrBusinessRegistrationNumber",
    "passwordTwoDigits",
    "expiry",
    "birth",
    "pwd_2digit",
];

/// Takes the provider's own words out of an outcome whose answer repeated the card: what was recognised was
/// blanked, but words that quote a request are not kept at all.
fn without_words<T>(outcome: Reply<T>) -> Reply<T> {
    const DROPPED: &str = "(the answer repeated what is not kept and was left out)";
    match outcome {
        Reply::Declined(refusal) => Reply::Declined(Refusal { message: SafeText::new(DROPPED), ..refusal }),
        Reply::NotDone(Problem::Refused { kind, .. }) => {
            Reply::NotDone(Problem::Refused { kind, message: DROPPED.to_owned() })
        }
        outcome => outcome,
    }
}

/// Takes the provider's own words out of a reply that repeats a number which is sent and never kept: of an account,
/// of a person. Dashes and blanks between its digits hide nothing.
pub(super) fn unquoted<T>(reply: Reply<T>, secrets: &[&str]) -> Reply<T> {
    let digits = |text: &str| text.chars().filter(|ch| !matches!(ch, '-' | ' ')).collect::<String>();
    let said = match &reply {
        Reply::Declined(refusal) => digits(refusal.message.as_str()),
        Reply::NotDone(Problem::Refused { message, .. }) => digits(message),
        _ => return reply,
    };
    let quoted = secrets.iter().map(|secret| digits(secret)).any(|secret| {
        // Shorter ones say nothing, and stand in too many sentences.
        secret.chars().count() >= 4 && said.contains(&secret)
    });
    if quoted { without_words(reply) } else { reply }
}

/// Spells digits that were written as JSON escapes (`\u0034`) plainly, so that no echo hides behind them.
fn unescape_digits(text: &mut String) {
    if text.contains("\\u003") {
        for digit in '0'..='9' {
            *text = text.replace(&format!("\\u003{digit}"), digit.encode_utf8(&mut [0; 4]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_that_quotes_a_secret_is_not_kept() {
        let declined = |message: &str| {
            let refusal = Refusal { code: Some(SafeText::new("E1")), message: SafeText::new(message) };
            match unquoted(Reply::<()>::Declined(refusal), &["123-4567-89", "01"]) {
                Reply::Declined(refusal) => (refusal.code, refusal.message.as_str() == message),
                reply => panic!("{reply:?}"),
            }
        };
        let code = Some(SafeText::new("E1"));
        assert_eq!(declined("account 1234 56789 unknown"), (code.clone(), false));
        assert_eq!(declined("account 12 01 unknown"), (code, true));
        let refused = Problem::Refused { kind: "K".to_owned(), message: "holder of 123456789".to_owned() };
        let Reply::NotDone(Problem::Refused { kind, message }) =
            unquoted(Reply::<()>::NotDone(refused), &["123456789"])
        else {
            panic!()
        };
        assert!(kind == "K" && !message.contains("123456789"));
    }

    #[test]
    fn digits_behind_escapes_are_spelled_plainly() {
        let mut text = "{\"m\":\"\\u0034\\u0032\\u00e9\"}".to_owned();
        super::unescape_digits(&mut text);
        assert_eq!(text, "{\"m\":\"42\\u00e9\"}");
    }
}
