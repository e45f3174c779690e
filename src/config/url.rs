//! Where the API is: a base URL that cannot leak a card number by a slip of configuration.
//!
//! Strict on purpose: what this type does not recognise letter by letter, it refuses, so it can never disagree
//! with the HTTP client about which host is meant. No IO, no name look-up.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

/// The API's address of V2 (V2 §1).
pub const DEFAULT_V2: &str = "https://api.portone.io";
/// The API's address of V1 (V1 §1).
pub const DEFAULT_V1: &str = "https://api.iamport.kr";

/// A checked base URL: `https`, or plain `http` to this very machine; no user, password, query or fragment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl {
    text: String,
    host_at: usize,
    host_end: usize,
    loopback: bool,
}

/// Why a base URL is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UrlProblem {
    /// It is no `https://host[:port][/path]`.
    Form,
    /// It names a user or a password.
    UserInfo,
    /// It has a query or a fragment.
    Query,
    /// Plain `http` to another machine: card numbers would travel readably.
    PlainHttp,
}

impl BaseUrl {
    /// Checks `found`; a trailing slash is dropped and the host becomes lower case.
    ///
    /// # Errors
    /// Says which rule is broken.
    pub fn new(found: &str) -> Result<Self, UrlProblem> {
        let (scheme, rest) = found.split_once("://").ok_or(UrlProblem::Form)?;
        let scheme = scheme.to_ascii_lowercase();
        if scheme != "https" && scheme != "http" {
            return Err(UrlProblem::Form);
        }
        if rest.contains('@') {
            return Err(UrlProblem::UserInfo);
        }
        if rest.contains(['?', '#']) {
            return Err(UrlProblem::Query);
        }
        let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
        let path = path.trim_end_matches('/');
        let path_ok = !path.contains("//") && !path.split('/').any(|part| part == "." || part == "..");
        if !path_ok || !path.bytes().all(|b| b.is_ascii_alphanumeric() || b"/-._~".contains(&b)) {
            return Err(UrlProblem::Form);
        }
        let (host, port) = split_port(authority).ok_or(UrlProblem::Form)?;
        let host = host.to_ascii_lowercase();
        let loopback = loopback(&host).ok_or(UrlProblem::Form)?;
        if scheme == "http" && !loopback {
            return Err(UrlProblem::PlainHttp);
        }
        let host_at = scheme.len() + "://".len();
        let host_end = host_at + host.len();
        let port = port.map_or_else(String::new, |port| format!(":{port}"));
        let text = format!("{scheme}://{host}{port}{path}");
        Ok(Self { text, host_at, host_end, loopback })
    }

    /// The URL without a trailing slash; append a path that begins with one.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The host alone; an IPv6 address keeps its brackets.
    pub fn host(&self) -> &str {
        &self.text[self.host_at..self.host_end]
    }

    /// Whether it names this very machine (`127.0.0.0/8`, `[::1]`, `localhost`).
    pub const fn is_loopback(&self) -> bool {
        self.loopback
    }

    /// Whether it is one of `PortOne`'s own two addresses.
    pub fn is_official(&self) -> bool {
        self.text == DEFAULT_V1 || self.text == DEFAULT_V2
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Host and port; `None` when the port is none.
fn split_port(authority: &str) -> Option<(&str, Option<u16>)> {
    let after_host = if authority.starts_with('[') {
        authority.find(']').map(|at| at + 1)?
    } else {
        authority.find(':').unwrap_or(authority.len())
    };
    let (host, port) = authority.split_at(after_host);
    match port.strip_prefix(':') {
        None => port.is_empty().then_some((host, None)),
        Some(digits) if digits.bytes().all(|b| b.is_ascii_digit()) => {
            digits.parse().ok().filter(|port| *port != 0).map(|port| (host, Some(port)))
        }
        Some(_) => None,
    }
}

/// Whether a lower-case host is this machine; `None` when it is no host.
fn loopback(host: &str) -> Option<bool> {
    if let Some(v6) = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return v6.parse::<Ipv6Addr>().ok().map(|address| address.is_loopback());
    }
    if let Ok(v4) = host.parse::<Ipv4Addr>() {
        return Some(v4.is_loopback());
    }
    let label_ok = |label: &str| {
        !label.is_empty()
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    // Clients read a last label of digits as a number form of IPv4 ("127.1", "2130706433", "0x7f.1"): refuse it.
    let last = host.rsplit('.').next()?;
    let numeric = last.bytes().next().is_some_and(|b| b.is_ascii_digit());
    (host.len() <= 253 && !numeric && host.split('.').all(label_ok)).then_some(host == "localhost")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{BaseUrl, DEFAULT_V1, DEFAULT_V2, UrlProblem};

    #[test]
    fn the_official_addresses_pass_and_are_known() {
        for official in [DEFAULT_V1, DEFAULT_V2] {
            let url = BaseUrl::new(official).unwrap();
            assert_eq!(url.as_str(), official);
            assert!(url.is_official() && !url.is_loopback());
        }
        assert!(!BaseUrl::new("https://api.portone.io.example.com").unwrap().is_official());
    }

    #[test]
    fn plain_http_is_for_this_machine_only() {
        for near in ["http://127.0.0.1:8080", "http://127.9.8.7", "http://[::1]:1/", "HTTP://LOCALHOST:9"] {
            assert!(BaseUrl::new(near).unwrap().is_loopback(), "{near}");
        }
        for far in [
            "http://api.portone.io",
            "http://10.0.0.1",
            "http://[::2]",
            "http://localhost.example.com",
            "http://128.0.0.1",
            "http://0.0.0.0:80",
        ] {
            assert_eq!(BaseUrl::new(far), Err(UrlProblem::PlainHttp), "{far}");
        }
    }

    #[test]
    fn what_is_not_plain_is_refused() {
        for (found, problem) in [
            ("api.portone.io", UrlProblem::Form),
            ("ftp://api.portone.io", UrlProblem::Form),
            ("https://", UrlProblem::Form),
            ("https://api.portone.io:0", UrlProblem::Form),
            ("https://api.portone.io:99999", UrlProblem::Form),
            ("https://api.portone.io:+443", UrlProblem::Form),
            ("https://api..io", UrlProblem::Form),
            ("https://127.1", UrlProblem::Form),
            ("http://2130706433", UrlProblem::Form),
            ("http://0x7f.1", UrlProblem::Form),
            ("https://a\\b", UrlProblem::Form),
            ("https://a/../b", UrlProblem::Form),
            ("https://포트원.kr", UrlProblem::Form),
            ("https://user:pw@api.portone.io", UrlProblem::UserInfo),
            ("http://127.0.0.1@example.com", UrlProblem::UserInfo),
            ("https://api.portone.io?x=1", UrlProblem::Query),
            ("https://api.portone.io/#x", UrlProblem::Query),
        ] {
            assert_eq!(BaseUrl::new(found), Err(problem), "{found}");
        }
    }

    #[test]
    fn parts_survive() {
        let url = BaseUrl::new("https://Proxy.Example.com:8443/portone/").unwrap();
        assert_eq!(
            (url.as_str(), url.host()),
            ("https://proxy.example.com:8443/portone", "proxy.example.com")
        );
        assert_eq!(BaseUrl::new("http://[::1]:8080").unwrap().host(), "[::1]");
    }

    proptest! {
        /// The HTTP client's own parser must read the same scheme and host as this type does.
        #[test]
        fn the_client_reads_the_same_host(found in "https?://[a-zA-Z0-9.:@/_\\-\\[\\]]{1,24}") {
            if let Ok(url) = BaseUrl::new(&found) {
                let theirs = reqwest::Url::parse(url.as_str()).unwrap();
                prop_assert_eq!(theirs.host_str(), Some(url.host()));
                prop_assert!(theirs.scheme() == "https" || url.is_loopback());
            }
        }

        #[test]
        fn accepted_text_is_stable(found in "https?://[a-z0-9.]{1,16}(:[0-9]{1,5})?(/[a-z]{0,4}){0,3}") {
            if let Ok(url) = BaseUrl::new(&found) {
                prop_assert_eq!(BaseUrl::new(url.as_str()).unwrap(), url);
            }
        }
    }
}
