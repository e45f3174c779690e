//! What the tests of both generations share: a card, a sale, and the schemas to hold requests against.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::domain::channel::{Channel, Mode, Terms};
use crate::domain::customer::Customer;
use crate::domain::money::{Currency, Money};
use crate::domain::order::Sale;
use crate::domain::payment::{PaymentId, Refusal};
use crate::domain::pg::{Generation, PgCode, spec};
use crate::gateway::Reply;
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
