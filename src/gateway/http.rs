//! The transport: HTTP/1.1 over rustls, no redirects, no retries, bounded answers. A connection is for one request; only
//! the pages of a list share one.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use reqwest::{Client, ClientBuilder, Method, RequestBuilder, StatusCode};
use rustls::{ClientConfig, RootCertStore};

use super::{MAX_ANSWER, Reply};
use crate::domain::problem::Problem;

/// Longest wait for an answer that only reads. A charge has its own, longer one.
const READ_TIMEOUT: Duration = Duration::from_secs(65);

/// How soon behind a page the next must be asked for over the same connection. Servers keep an idle one for many
/// seconds: a question is never sent into one that is being closed.
const PAGE_AFTER_PAGE: Duration = Duration::from_secs(2);

/// How to reach an API.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// Scheme, host and port, no slash at the end.
    pub base_url: String,
    /// Longest wait for a connection (V2 §3.2: about 10 s).
    pub connect: Duration,
    /// Longest wait for connect, TLS and answer of a charge together (V2 §3.2: at least 65 s).
    pub overall: Duration,
    /// A certificate authority besides the public ones, DER; for loopback addresses only, which the config
    /// checks.
    pub extra_root: Option<Vec<u8>>,
}

/// The prepared TLS settings of an endpoint. Made once: building a default client costs 40 ms each time.
#[derive(Debug, Clone)]
pub struct Transport {
    endpoint: Endpoint,
    tls: Arc<OnceLock<ClientConfig>>,
    pages: Arc<Mutex<Option<Kept>>>,
}

/// A client that keeps its connection, and when it was last asked for.
#[derive(Debug)]
struct Kept {
    client: Client,
    used: Instant,
}

/// An answer with its body read.
pub(super) struct Answer {
    pub status: StatusCode,
    pub date: Option<String>,
    /// How many seconds it wants to be left alone, where it says.
    pub retry_after: Option<u32>,
    pub body: Vec<u8>,
}

/// Why there is no readable answer.
#[derive(Debug)]
pub(super) enum Failure {
    /// No connection: nothing was sent.
    NotSent(Problem),
    /// Sent, perhaps; a word why its end was not seen.
    Unseen(&'static str),
}

impl Transport {
    /// Prepares nothing yet: certificates are parsed at the first request.
    pub fn new(endpoint: Endpoint) -> Self {
        Self { endpoint, tls: Arc::default(), pages: Arc::default() }
    }

    /// Parses certificates and warms the TLS provider, so that the first charge need not.
    pub fn warm(&self) {
        let _ = self.tls();
    }

    pub(super) fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    fn tls(&self) -> ClientConfig {
        self.tls
            .get_or_init(|| {
                let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
                if let Some(der) = &self.endpoint.extra_root {
                    // A certificate that can't be parsed leaves the public roots: the connection then fails
                    // with a sentence about the certificate, which is the right place to say so.
                    let _ = roots.add(der.clone().into());
                }
                let provider = Arc::new(rustls::crypto::ring::default_provider());
                let Ok(builder) =
                    ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()
                else {
                    unreachable!("ring supports the default protocol versions")
                };
                let mut config = builder.with_root_certificates(roots).with_no_client_auth();
                config.alpn_protocols = vec![b"http/1.1".to_vec()];
                config
            })
            .clone()
    }

    fn builder(&self) -> ClientBuilder {
        Client::builder()
            .tls_backend_preconfigured(self.tls())
            .http1_only()
            .pool_max_idle_per_host(0)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .no_proxy()
            .connect_timeout(self.endpoint.connect)
            .user_agent(concat!("danmal/", env!("CARGO_PKG_VERSION")))
    }

    /// A client for one request.
    pub(super) fn client(&self) -> Result<Client, Failure> {
        built(self.builder())
    }

    /// A request that carries no card data, to be sent with [`Transport::read`].
    pub(super) fn request(&self, method: Method, path: &str) -> Result<RequestBuilder, Failure> {
        let url = format!("{}{path}", self.endpoint.base_url);
        Ok(self.client()?.request(method, url).timeout(READ_TIMEOUT).header("accept", "application/json"))
    }

    /// Asks for a page of a list, over the connection of the page before if that was a moment ago. Nothing that moves
    /// money and nothing of a card goes over it.
    pub(super) async fn page(&self, path: &str, authorization: &str) -> Result<Answer, Problem> {
        loop {
            let (client, is_kept) = self.pager()?;
            let request = client.get(format!("{}{path}", self.endpoint.base_url));
            let request = request.timeout(READ_TIMEOUT).header("accept", "application/json");
            match exchange(request.header("authorization", authorization), MAX_ANSWER).await {
                // The provider closed it behind the page before: asked again over a new one.
                Err(Failure::Unseen("reset")) if is_kept => self.no_more_pages(),
                answer => return answered(answer?),
            }
        }
    }

    /// A client that keeps its connection; whether it has one.
    fn pager(&self) -> Result<(Client, bool), Failure> {
        let mut pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = pages.take().filter(|kept| kept.used.elapsed() < PAGE_AFTER_PAGE);
        let is_kept = kept.is_some();
        let client = match kept {
            Some(kept) => kept.client,
            // No timer looks after it: an idle console sleeps.
            None => built(self.builder().pool_max_idle_per_host(1).pool_idle_timeout(None))?,
        };
        *pages = Some(Kept { client: client.clone(), used: Instant::now() });
        Ok((client, is_kept))
    }

    /// The list has ended, or something went wrong: its connection goes.
    pub(super) fn no_more_pages(&self) {
        *self.pages.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// The longest wait for the whole of a request that moves money. Debug builds can be told to wait less
    /// than a real PG takes, so that the proof need not.
    pub(super) fn overall(&self) -> Duration {
        if cfg!(debug_assertions)
            && let Some(millis) =
                std::env::var("DANMAL_DEBUG_OVERALL_MS").ok().and_then(|text| text.parse().ok())
        {
            return Duration::from_millis(millis);
        }
        self.endpoint.overall
    }

    /// Sends a request that moves money, or makes or ends something that will, but carries no card data:
    /// once, whatever comes of it. Of the answer at most `limit` bytes are read.
    pub(super) async fn once(&self, request: RequestBuilder, limit: usize) -> Result<Answer, Failure> {
        exchange(request.timeout(self.overall()), limit).await
    }

    /// Sends a request that moves no money and reads the answer.
    pub(super) async fn read(&self, request: RequestBuilder) -> Result<Answer, Problem> {
        answered(exchange(request, MAX_ANSWER).await?)
    }
}

/// An answer to a question; a provider that takes no more of them for now is told apart (V2 §3.2).
fn answered(answer: Answer) -> Result<Answer, Problem> {
    let is_full = answer.status == StatusCode::TOO_MANY_REQUESTS
        || (answer.status == StatusCode::SERVICE_UNAVAILABLE && answer.retry_after.is_some());
    if is_full {
        let why = format!("http_{}", answer.status.as_u16());
        return Err(Problem::Later { why, seconds: answer.retry_after });
    }
    Ok(answer)
}

fn built(builder: ClientBuilder) -> Result<Client, Failure> {
    builder.build().map_err(|error| Failure::NotSent(unreachable_problem(&error)))
}

impl<T> From<Failure> for Reply<T> {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::NotSent(problem) => Self::NotDone(problem),
            Failure::Unseen(why) => Self::Unseen(why),
        }
    }
}

impl From<Failure> for Problem {
    /// For a question that moves no money: whatever was not read can be asked again.
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::NotSent(problem) => problem,
            Failure::Unseen(why) => Self::Unreadable { why: why.to_owned() },
        }
    }
}

/// Percent-encodes one query value or path segment.
pub(super) fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            byte => {
                out.push('%');
                for nibble in [byte >> 4, byte & 15] {
                    out.push(char::from(b"0123456789ABCDEF"[usize::from(nibble)]));
                }
            }
        }
    }
    out
}

/// Sends a request once and reads the whole answer.
pub(super) async fn exchange(request: RequestBuilder, limit: usize) -> Result<Answer, Failure> {
    let mut response = request.send().await.map_err(|error| classify(&error))?;
    let status = response.status();
    let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let date = header("date");
    let retry_after = header("retry-after").and_then(|text| seconds_of(&text, date.as_deref()));
    let told = response.content_length().and_then(|length| usize::try_from(length).ok());
    let mut body = Vec::with_capacity(told.unwrap_or_default().min(limit));
    while let Some(chunk) = response.chunk().await.map_err(|error| classify_body(&error))? {
        if body.len() + chunk.len() > limit {
            return Err(Failure::Unseen("too_large"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer { status, date, retry_after, body })
}

/// Only a failed connection proves that nothing was sent.
fn classify(error: &reqwest::Error) -> Failure {
    if error.is_connect() || error.is_builder() {
        Failure::NotSent(unreachable_problem(error))
    } else if error.is_timeout() {
        Failure::Unseen("timeout")
    } else {
        Failure::Unseen("reset")
    }
}

fn classify_body(error: &reqwest::Error) -> Failure {
    Failure::Unseen(if error.is_timeout() { "timeout" } else { "cut_short" })
}

fn unreachable_problem(error: &reqwest::Error) -> Problem {
    let mut innermost: &dyn std::error::Error = error;
    let mut certificate = false;
    while let Some(source) = innermost.source() {
        innermost = source;
        // rustls' error hides inside an io::Error whose source is not the error itself.
        certificate |= innermost.to_string().contains("certificate");
    }
    let detail = crate::domain::text::SafeText::message(&innermost.to_string()).to_string();
    if certificate { Problem::Certificate { detail } } else { Problem::Unreachable { detail } }
}

/// Reads a `Retry-After` (RFC 9110 §10.2.3): seconds, or a date that is compared with that of the answer.
fn seconds_of(text: &str, date: Option<&str>) -> Option<u32> {
    match text.trim().parse::<u32>() {
        Ok(seconds) => Some(seconds),
        Err(_) => u32::try_from(http_date(text)?.checked_sub(http_date(date?)?)?.max(0)).ok(),
    }
}

/// Reads an HTTP date (`Sat, 21 Nov 2026 11:12:00 GMT`) as unix seconds.
pub(super) fn http_date(text: &str) -> Option<i64> {
    let time = jiff::fmt::rfc2822::DateTimeParser::new().relaxed_weekday(true).parse_timestamp(text).ok()?;
    Some(time.as_second())
}

#[cfg(test)]
mod tests {
    #[test]
    fn dates_of_answers_are_read() {
        assert_eq!(super::http_date("Thu, 01 Jan 2026 00:00:00 GMT"), Some(1_767_225_600));
        assert_eq!(super::http_date("yesterday"), None);
    }

    #[test]
    fn how_long_to_leave_it_alone_is_said_in_seconds_or_as_a_date() {
        let date = Some("Thu, 01 Jan 2026 00:00:00 GMT");
        for (text, date, seconds) in [
            ("30", None, Some(30)),
            (" 0 ", None, Some(0)),
            ("Thu, 01 Jan 2026 00:02:00 GMT", date, Some(120)),
            ("Wed, 31 Dec 2025 23:59:00 GMT", date, Some(0)),
            ("Thu, 01 Jan 2026 00:02:00 GMT", None, None),
            ("-1", date, None),
            ("99999999999", date, None),
            ("soon", date, None),
        ] {
            assert_eq!(super::seconds_of(text, date), seconds, "{text}");
        }
    }
}
