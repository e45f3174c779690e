//! What the tests of both generations share: a card, a sale, a provider that answers what it is told to, and the
//! schemas to hold requests against.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Map, Value};

use crate::domain::channel::{Channel, Mode, Terms};
use crate::domain::customer::Customer;
use crate::domain::money::{Currency, Money};
use crate::domain::order::Sale;
use crate::domain::payment::{PaymentId, Refusal};
use crate::domain::pg::{Generation, PgCode, spec};
use crate::domain::refund::RefundOrder;
use crate::domain::text::SafeText;
use crate::gateway::Reply;
use crate::gateway::http::{Endpoint, Transport};
use crate::vault::{BodyWriter, Field, Vault};

/// A vault with these fields.
pub(super) fn vault(number: &str, expiry: &str, identity: &str, pin: &str) -> Arc<Vault> {
    let vault = Vault::new().unwrap();
    for (field, digits) in
        [(Field::Number, number), (Field::Expiry, expiry), (Field::Identity, identity), (Field::Pin, pin)]
    {
        for digit in digits.bytes() {
            vault.push(field, digit - b'0');
        }
    }
    vault
}

/// What a writer makes of a card.
pub(super) fn written(card: &Arc<Vault>, write: impl FnOnce(&mut BodyWriter<'_>)) -> Value {
    let body = card.write_body(write).unwrap();
    serde_json::from_slice(body.as_ref()).unwrap()
}

pub(super) fn channel(generation: Generation, pg: &str) -> Channel {
    Channel {
        name: "counter".to_owned(),
        generation,
        key: "channel-key-1".to_owned(),
        pg: PgCode::new(pg),
        merchant_id: (generation == Generation::V1).then(|| "MIDTEST01".to_owned()),
        mode: Mode::Test,
        product_type: None,
        terms: Terms::default(),
        pg_api_key: None,
    }
}

pub(super) fn won(amount: u64) -> Money {
    Money::new(amount, Currency::Krw).unwrap()
}

pub(super) fn sale(id: &str, channel: Channel, name: &str, amount: u64, customer: Customer) -> Sale {
    Sale {
        payment_id: PaymentId::parse(id).unwrap(),
        channel,
        order_name: name.to_owned(),
        amount: won(amount),
        tax_free: None,
        vat: None,
        customer,
        note: Some("never sent".to_owned()),
    }
}

/// A refund of a part of `order1`.
pub(super) fn given_back(channel: Channel, amount: Money, balance: Money) -> RefundOrder {
    RefundOrder {
        id: PaymentId::parse("d0000008").unwrap(),
        channel,
        payment: SafeText::new("order1"),
        provider_payment_id: None,
        amount,
        tax_free: None,
        vat: None,
        balance,
        reason: "부분 반품".to_owned(),
        requester: None,
        account: None,
    }
}

/// One request as it came over the wire.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    /// Method and path, `GET /payments/x?…`, as sent.
    pub line: String,
    pub head: String,
    pub body: Value,
}

impl Seen {
    /// The value of the query's `requestBody` (V2 §1.1).
    pub(super) fn input(&self) -> Value {
        let (_, text) = self.line.split_once("?requestBody=").unwrap();
        assert!(!text.contains('&'), "one parameter: {text}");
        serde_json::from_slice(&decoded(text)).unwrap()
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.filter(|(its, _)| its.eq_ignore_ascii_case(name)).map(|(_, value)| value).next()
    }
}

fn decoded(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'%' => {
                let pair = [bytes.next().unwrap(), bytes.next().unwrap()];
                u8::from_str_radix(std::str::from_utf8(&pair).unwrap(), 16).unwrap()
            }
            byte => byte,
        });
    }
    out
}

/// The way to a provider that listens here.
pub(super) fn transport(listener: &TcpListener) -> Transport {
    Transport::new(Endpoint {
        base_url: format!("http://{}", listener.local_addr().unwrap()),
        connect: Duration::from_secs(10),
        overall: Duration::from_mins(1),
        extra_root: None,
    })
}

/// A provider on the loopback that answers each request with the next of its answers and keeps what came. It asks
/// for V1's token are answered by themselves and not kept.
pub(super) struct Line {
    seen: Arc<Mutex<Vec<Seen>>>,
    left: Arc<Mutex<std::collections::VecDeque<(u16, String)>>>,
    pub transport: Transport,
}

impl Line {
    pub(super) fn open(answers: &[(u16, &str)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let transport = transport(&listener);
        let left: std::collections::VecDeque<_> =
            answers.iter().map(|(status, body)| (*status, (*body).to_owned())).collect();
        let line = Self { seen: Arc::default(), left: Arc::new(Mutex::new(left)), transport };
        let (seen, left) = (Arc::clone(&line.seen), Arc::clone(&line.left));
        std::thread::spawn(move || {
            for mut stream in listener.incoming().map(Result::unwrap) {
                let request = request(&mut stream);
                let (status, body) = if request.line == "POST /users/getToken" {
                    (
                        200,
                        r#"{"code":0,"response":{"access_token":"t","now":1,"expired_at":1801}}"#.to_owned(),
                    )
                } else {
                    seen.lock().unwrap().push(request);
                    // Nobody expected it: an answer that fits nothing.
                    left.lock().unwrap().pop_front().unwrap_or((599, "unexpected".to_owned()))
                };
                let length = body.len();
                let head =
                    format!("HTTP/1.1 {status} X\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n");
                // A client that stops reading an answer that is too large is what some tests are about.
                let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes()));
            }
        });
        line
    }

    /// What came, every answer given.
    pub(super) fn seen(&self) -> Vec<Seen> {
        assert!(self.left.lock().unwrap().is_empty(), "answers that nobody asked for");
        self.seen.lock().unwrap().clone()
    }

    /// Their methods and paths.
    pub(super) fn lines(&self) -> Vec<String> {
        self.seen().into_iter().map(|seen| seen.line).collect()
    }

    /// The one that came.
    #[track_caller]
    pub(super) fn one(&self) -> Seen {
        let [one] = &self.seen()[..] else { panic!("{:?}", self.lines()) };
        one.clone()
    }
}

/// The next request of a connection.
pub(super) fn request(stream: &mut impl std::io::Read) -> Seen {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let got = stream.read(&mut buffer).unwrap();
        assert!(got > 0, "the request broke off");
        bytes.extend_from_slice(&buffer[..got]);
        let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let mut seen = Seen {
            line: head.lines().next().unwrap().trim_end_matches(" HTTP/1.1").to_owned(),
            head,
            body: Value::Null,
        };
        let length = seen.header("content-length").map_or(0, |length| length.parse().unwrap());
        let body = &bytes[end + 4..];
        if body.len() == length {
            if length > 0 {
                assert_eq!(seen.header("content-type"), Some("application/json"));
                seen.body = serde_json::from_slice(body).unwrap();
            }
            return seen;
        }
    }
}

/// A reply in words, for tables.
pub(super) fn said<T>(reply: Reply<T>, done: impl FnOnce(T) -> String) -> String {
    match reply {
        Reply::Done(told) => done(told),
        Reply::Declined(Refusal { code, message }) => {
            format!("declined {} {message}", code.map(|code| code.to_string()).unwrap_or_default())
        }
        Reply::NotDone(problem) => format!("not done {}", problem.word()),
        Reply::Unseen(why) => format!("unseen {why}"),
    }
}

/// Fails unless a V2 request body is valid; says so loudly when the schema is not at hand.
#[track_caller]
pub(super) fn valid_v2(schema: &str, body: &Value) {
    let Some(document) = spec("openapi-v2-strict.json") else { return };
    let document: Value = serde_json::from_str(&document).unwrap();
    let mut root = Map::new();
    root.insert("$ref".to_owned(), format!("#/components/schemas/{schema}").into());
    root.insert("components".to_owned(), document["components"].clone());
    let validator = jsonschema::options()
        .with_draft(jsonschema::Draft::Draft4)
        .should_validate_formats(true)
        .build(&Value::Object(root))
        .unwrap();
    let errors: Vec<String> = validator.iter_errors(body).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{schema}: {errors:?}\n{body:#}");
    // The schemas let unknown members pass; a slip of the pen must not.
    let known = &document["components"]["schemas"][schema]["properties"];
    for name in body.as_object().unwrap().keys() {
        assert!(!known[name].is_null(), "{schema} has no {name}");
    }
}

/// Fails unless a V1 request body has only fields that the schema declares, all that it demands, and each of
/// the right kind.
#[track_caller]
pub(super) fn valid_v1(path: &str, method: &str, body: &Value) {
    let Some(document) = spec("openapi-v1.json") else { return };
    let document: Value = serde_json::from_str(&document).unwrap();
    let parameters = document["paths"][path][method]["parameters"].as_array().unwrap().clone();
    let fields: Vec<&Value> = parameters.iter().filter(|parameter| parameter["in"] == "formData").collect();
    let body = body.as_object().unwrap();
    let known: BTreeSet<&str> = fields.iter().filter_map(|field| field["name"].as_str()).collect();
    for name in body.keys() {
        assert!(known.contains(name.as_str()), "{path} has no {name}; it has {known:?}");
    }
    for field in fields {
        let name = field["name"].as_str().unwrap();
        let Some(value) = body.get(name) else {
            assert_ne!(field["required"], true, "{path} demands {name}");
            continue;
        };
        let fits = match field["type"].as_str() {
            Some("string") => value.is_string(),
            Some("integer") => value.is_i64() || value.is_u64(),
            Some("number") => value.is_number(),
            Some("boolean") => value.is_boolean(),
            _ => true,
        };
        assert!(fits, "{path} {name}: {value} is no {}", field["type"]);
    }
}
