//! A provider over TLS that misbehaves on demand. Written for the proof: it stands in the test's process, whose
//! memory nobody searches, so its own copies of the card do not count.
#![allow(dead_code, reason = "each test binary uses its part")]
#![allow(clippy::allow_attributes, reason = "whether a helper is dead depends on the test binary")]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// What it does with a charge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charge {
    Approve,
    Decline,
    /// 400 with the whole request in the message.
    Echo,
    /// Half an answer, then the connection is reset.
    Reset,
    /// Reads the request and never answers.
    Hang,
    Redirect,
}

/// A running provider.
pub struct Provider {
    pub port: u16,
    pub charges: Arc<AtomicUsize>,
    charge: Arc<Mutex<Charge>>,
}

/// A certificate authority and a certificate of it for the loopback address.
pub struct Authority {
    pub pem: String,
    server: Arc<ServerConfig>,
}

impl Authority {
    pub fn new() -> Self {
        let mut params = rcgen::CertificateParams::new(Vec::<String>::new()).unwrap();
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let key = rcgen::KeyPair::generate().unwrap();
        let root = params.self_signed(&key).unwrap();
        let pem = root.pem();
        let issuer = rcgen::Issuer::new(params, key);
        let server_key = rcgen::KeyPair::generate().unwrap();
        let server = rcgen::CertificateParams::new(vec!["127.0.0.1".to_owned()])
            .unwrap()
            .signed_by(&server_key, &issuer)
            .unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![server.der().clone()],
                PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(server_key.serialize_der())),
            )
            .unwrap();
        Self { pem, server: Arc::new(config) }
    }

    pub fn write(&self, path: &Path) {
        std::fs::write(path, &self.pem).unwrap();
    }
}

impl Provider {
    pub fn start(authority: &Authority, charge: Charge) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let charges = Arc::new(AtomicUsize::new(0));
        let charge = Arc::new(Mutex::new(charge));
        let (count, what, tls) = (Arc::clone(&charges), Arc::clone(&charge), Arc::clone(&authority.server));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (count, what, tls) = (Arc::clone(&count), Arc::clone(&what), Arc::clone(&tls));
                std::thread::spawn(move || {
                    let connection = ServerConnection::new(tls).unwrap();
                    let mut stream = StreamOwned::new(connection, stream);
                    // A client that goes away in the middle is what some of the outcomes are about.
                    let _ = serve(&mut stream, &what, &count);
                });
            }
        });
        Self { port, charges, charge }
    }

    pub fn set(&self, charge: Charge) {
        *self.charge.lock().unwrap() = charge;
    }
}

type Tls = StreamOwned<ServerConnection, TcpStream>;

fn serve(stream: &mut Tls, what: &Mutex<Charge>, count: &AtomicUsize) -> std::io::Result<()> {
    let (head, body) = read_request(stream)?;
    let line = head.lines().next().unwrap_or_default().to_owned();
    let what = *what.lock().unwrap();
    if line.starts_with("GET /billing-keys") {
        return answer(stream, &json(200, r#"{"items":[],"page":{"number":0,"size":10,"totalCount":0}}"#));
    }
    if line.starts_with("GET") {
        return answer(stream, &look_up(&line, what));
    }
    // Card data comes with the issue of a key; the charge of one always goes well.
    if line.contains("/billing-key ") {
        return answer(stream, &json(200, PAID));
    }
    count.fetch_add(1, Ordering::SeqCst);
    match what {
        Charge::Approve => {
            let issue = line.contains("/billing-keys ");
            answer(stream, &json(200, if issue { ISSUED } else { PAID }))
        }
        Charge::Decline => answer(
            stream,
            &json(502, r#"{"type":"PG_PROVIDER","message":"m","pgCode":"CC61","pgMessage":"한도초과"}"#),
        ),
        Charge::Echo => {
            let message = serde_json::to_string(&String::from_utf8_lossy(&body)).unwrap();
            answer(
                stream,
                &json(
                    400,
                    &format!(
                        r#"{{"type":"INVALID_REQUEST","message":{message},"raw":{}}}"#,
                        String::from_utf8_lossy(&body)
                    ),
                ),
            )
        }
        Charge::Redirect => answer(
            stream,
            "HTTP/1.1 307 Temporary Redirect\r\nlocation: https://127.0.0.1:1/\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
        ),
        Charge::Reset => {
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{\"payment\":{\"pg")?;
            stream.flush()?;
            // Dropped without a TLS goodbye.
            stream.sock.shutdown(std::net::Shutdown::Both)
        }
        Charge::Hang => {
            // Until the client goes away.
            let mut rest = [0; 1];
            stream.sock.set_read_timeout(Some(Duration::from_mins(2)))?;
            let _ = stream.read(&mut rest);
            Ok(())
        }
    }
}

const PAID: &str = r#"{"payment":{"pgTxId":"T1","paidAt":"2026-03-01T02:11:09Z"}}"#;
const ISSUED: &str =
    r#"{"billingKeyInfo":{"billingKey":"billing-key-0195a1c2-5b7d","issuedAt":"2026-03-01T02:11:09Z"}}"#;

fn look_up(line: &str, what: Charge) -> String {
    let id = line.trim_start_matches("GET /payments/").split(['?', ' ']).next().unwrap_or_default();
    let common = format!(
        r#""id":"{id}","transactionId":"tx-1","amount":{{"total":45000}},"currency":"KRW","orderName":"x","customer":{{}}"#
    );
    match what {
        Charge::Approve => json(
            200,
            &format!(
                r#"{{"status":"PAID",{common},"paidAt":"2026-03-01T02:11:09Z","method":{{"type":"PaymentMethodCard","approvalNumber":"31557120"}}}}"#
            ),
        ),
        Charge::Decline => json(
            200,
            &format!(
                r#"{{"status":"FAILED",{common},"failure":{{"pgCode":"CC61","pgMessage":"한도초과"}}}}"#
            ),
        ),
        _ => json(404, r#"{"type":"PAYMENT_NOT_FOUND","message":"none"}"#),
    }
}

fn json(status: u16, body: &str) -> String {
    format!(
        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
}

fn answer(stream: &mut Tls, text: &str) -> std::io::Result<()> {
    stream.write_all(text.as_bytes())?;
    stream.conn.send_close_notify();
    stream.flush()
}

fn read_request(stream: &mut Tls) -> std::io::Result<(String, Vec<u8>)> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let got = stream.read(&mut buffer)?;
        if got == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        bytes.extend_from_slice(&buffer[..got]);
        let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let length: usize = head
            .lines()
            .filter_map(|line| line.split_once(':'))
            .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
            .and_then(|(_, value)| value.trim().parse().ok())
            .unwrap_or(0);
        if bytes.len() >= end + 4 + length {
            let body = bytes[end + 4..end + 4 + length].to_vec();
            return Ok((head, body));
        }
    }
}
