//! Every operation of both schemas is served, and every answer of a long walk through all of them is valid.

use std::collections::{BTreeMap, BTreeSet};

use danmal::sandbox::model::Version;
use danmal::sandbox::route::ROUTES;
use jsonschema::Validator;
use serde_json::{Map, Value};

use crate::common::{Sandbox, reference};
use crate::walk::{Seen, walk_missing_key_404, walked};

const V2_FILE: &str = "openapi-v2-strict.json";
const V1_FILE: &str = "openapi-v1.json";

fn operations(document: &Value) -> Vec<(String, String)> {
    let mut out = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys().filter(|key| *key != "parameters") {
            out.push((method.to_uppercase(), path.clone()));
        }
    }
    out
}

#[test]
fn every_operation_of_both_schemas_is_served() {
    let sandbox = Sandbox::new(&[]);
    for (file, version, least) in [(V2_FILE, Version::V2, 31), (V1_FILE, Version::V1, 40)] {
        let Some(document) = reference(file) else { continue };
        let operations = operations(&document);
        assert!(operations.len() >= least, "{file} has only {} operations", operations.len());
        for (method, path) in operations {
            let known = ROUTES
                .iter()
                .any(|route| route.version == version && route.method == method && route.path == path);
            assert!(known, "{method} {path} of {file} is not in the table");
            let (status, value) = match version {
                Version::V1 => sandbox.v1(&method, &path, ""),
                Version::V2 => sandbox.v2(&method, &path, ""),
            };
            let text = value.to_string();
            let missing =
                status == 500 || text.contains("no such path") || text.contains("is not served here");
            assert!(!missing, "{method} {path} of {file} answers {status} {text}");
        }
    }
}

#[test]
fn the_walk_succeeds_at_every_operation_at_least_once() {
    let walk = walked();
    let good: BTreeSet<_> = walk
        .seen
        .iter()
        .filter(|seen| seen.status < 300 && seen.body.get("code").is_none_or(|code| code == 0))
        .map(|seen| (seen.method, seen.path, seen.version == Version::V1))
        .collect();
    for route in ROUTES {
        let name = (route.method, route.path, route.version == Version::V1);
        assert!(good.contains(&name), "no success of {} {}", route.method, route.path);
    }
}

/// A validator for one schema of an `OpenAPI` 3 document.
fn v2_validator(document: &Value, name: &str) -> Validator {
    let mut root = Map::new();
    root.insert("$ref".to_owned(), Value::String(format!("#/components/schemas/{name}")));
    root.insert("components".to_owned(), document["components"].clone());
    compile(&Value::Object(root))
}

fn compile(schema: &Value) -> Validator {
    jsonschema::options()
        .with_draft(jsonschema::Draft::Draft4)
        .should_validate_formats(true)
        .build(schema)
        .expect("the reference compiles")
}

fn complain(validator: &Validator, body: &Value, what: &str) {
    let errors: Vec<String> =
        validator.iter_errors(body).map(|error| format!("  {}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{what}\n{}\n{body:#}", errors.join("\n"));
}

#[test]
fn every_v2_answer_is_valid() {
    let Some(document) = reference(V2_FILE) else { return };
    let walk = walked();
    let mut validators: BTreeMap<String, Validator> = BTreeMap::new();
    let mut checked = 0;
    for seen in walk.seen.iter().filter(|seen| seen.version == Version::V2) {
        let what = format!("{} {} answered {}", seen.method, seen.path, seen.status);
        let operation = &document["paths"][seen.path][seen.method.to_lowercase()];
        let response = &operation["responses"][seen.status.to_string()];
        assert!(!response.is_null(), "{what}, which is not documented: {}", seen.body);
        let Some(name) = response.pointer("/content/application~1json/schema/$ref").and_then(Value::as_str)
        else {
            panic!("{what}: the reference has no schema for it");
        };
        let name = name.rsplit('/').next().unwrap();
        let validator = validators.entry(name.to_owned()).or_insert_with(|| v2_validator(&document, name));
        complain(validator, &seen.body, &what);
        checked += 1;
    }
    assert!(checked > 120, "only {checked} answers were held against the schema");
}

/// The error types a response schema allows.
fn error_types(document: &Value, name: &str, out: &mut BTreeSet<String>) {
    let schema = &document["components"]["schemas"][name];
    for branch in schema["oneOf"].as_array().into_iter().flatten() {
        let name = branch["$ref"].as_str().unwrap().rsplit('/').next().unwrap();
        error_types(document, name, out);
    }
    let kind = &schema["properties"]["type"];
    out.extend(kind["const"].as_str().map(str::to_owned));
    out.extend(kind["enum"].as_array().into_iter().flatten().map(|word| word.as_str().unwrap().to_owned()));
}

/// Error types the sandbox has no reason for anywhere (docs/sandbox.md, "What is not modelled").
const V2_NEVER: &[&str] = &[
    "BILLING_KEY_NOT_ISSUED",
    "DISCOUNT_AMOUNT_EXCEEDS_TOTAL_AMOUNT",
    "NEGATIVE_PROMOTION_ADJUSTED_CANCEL_AMOUNT",
    "PROMOTION_DISCOUNT_RETAIN_OPTION_SHOULD_NOT_BE_CHANGED",
    "PROMOTION_PAY_METHOD_DOES_NOT_MATCH",
];

/// Error types that one operation lists and the sandbox gives there only when a `status` fault says so: its PGs
/// have no reason to refuse these, and one merchant owns every session.
const V2_NEVER_HERE: &[(&str, &str, &str)] = &[
    ("POST", "/payments/{paymentId}/virtual-account/close", "PG_PROVIDER"),
    ("POST", "/cash-receipts", "PG_PROVIDER"),
    ("POST", "/payments/{paymentId}/cash-receipt/cancel", "PG_PROVIDER"),
    ("POST", "/payment-sessions/{sessionId}/close", "FORBIDDEN"),
];

#[test]
fn every_documented_error_of_v2_is_met_or_named() {
    let Some(document) = reference(V2_FILE) else { return };
    let walk = walked();
    let seen: BTreeSet<(&str, &str, &str)> = walk
        .seen
        .iter()
        .filter(|seen| seen.version == Version::V2 && seen.status >= 400)
        .map(|seen| (seen.method, seen.path, seen.body["type"].as_str().unwrap()))
        .collect();
    let mut missing = Vec::new();
    let mut met = 0;
    for route in ROUTES.iter().filter(|route| route.version == Version::V2) {
        let mut kinds = BTreeSet::new();
        let operation = &document["paths"][route.path][route.method.to_lowercase()];
        for (status, response) in operation["responses"].as_object().unwrap() {
            let name = response.pointer("/content/application~1json/schema/$ref").and_then(Value::as_str);
            if let Some(name) = name.filter(|_| status.starts_with(['4', '5'])) {
                error_types(&document, name.rsplit('/').next().unwrap(), &mut kinds);
            }
        }
        for kind in &kinds {
            let row = (route.method, route.path, kind.as_str());
            let excused = V2_NEVER.contains(&kind.as_str()) || V2_NEVER_HERE.contains(&row);
            let was_seen = seen.contains(&row);
            assert!(!(was_seen && excused), "{row:?} is met: take it off the list");
            met += usize::from(was_seen);
            if !was_seen && !excused {
                missing.push(format!("{} {} {kind}", route.method, route.path));
            }
        }
    }
    assert!(missing.is_empty(), "never met:\n{missing:#?}");
    assert!(met > 100, "only {met} errors were documented");
}

/// V1 spells absent optional fields as null (V1 §4.5), which Swagger 2 cannot say.
fn allow_null(schema: &mut Value) {
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        for property in properties.values_mut() {
            allow_null(property);
            let kind = property.get("type").and_then(Value::as_str).map(str::to_owned);
            if let Some(kind) = kind {
                property["type"] = Value::Array(vec![Value::String(kind), Value::String("null".to_owned())]);
            }
        }
    }
    if let Some(items) = schema.get_mut("items") {
        allow_null(items);
    }
}

/// Statuses the service was seen to answer with that its schema leaves out (V1 §3.2), and the ones 3.2 derives.
const V1_SEEN_ON_THE_WIRE: &[(&str, &str, u16)] =
    &[("POST", "/users/getToken", 400), ("GET", "/payments/prepare/{merchant_uid}", 404)];

#[test]
fn every_v1_answer_is_valid() {
    let Some(mut document) = reference(V1_FILE) else { return };
    for definition in document["definitions"].as_object_mut().unwrap().values_mut() {
        allow_null(definition);
    }
    let walk = walked();
    let mut checked = 0;
    let mut validators: BTreeMap<String, Validator> = BTreeMap::new();
    for seen in walk.seen.iter().filter(|seen| seen.version == Version::V1) {
        let what = format!("V1 {} {} answered {}", seen.method, seen.path, seen.status);
        let body = seen.body.as_object().unwrap_or_else(|| panic!("{what}: no envelope"));
        assert_eq!(body.keys().collect::<Vec<_>>(), ["code", "message", "response"], "{what}");
        let path = match seen.path {
            "/payments/find/{merchant_uid}" | "/payments/findAll/{merchant_uid}" => {
                format!("{}/{{payment_status}}", seen.path)
            }
            path => path.to_owned(),
        };
        let responses = &document["paths"][&path][seen.method.to_lowercase()]["responses"];
        let response = &responses[seen.status.to_string()];
        // Every call with a token can find it expired, whatever the schema lists (V1 §2).
        let on_the_wire =
            seen.status == 401 || V1_SEEN_ON_THE_WIRE.contains(&(seen.method, seen.path, seen.status));
        assert!(!response.is_null() || on_the_wire, "{what}, which is not documented: {}", seen.body);
        if seen.status >= 300 || seen.body["code"] != 0 {
            assert!(
                seen.body["response"].is_null() && seen.body["message"].is_string(),
                "{what}: {}",
                seen.body
            );
            assert_ne!(seen.body["code"], 0, "{what}");
            continue;
        }
        let (items, name) = expected(&response["schema"], seen);
        let validator = validators.entry(name.clone()).or_insert_with(|| {
            let mut root = Map::new();
            root.insert("$ref".to_owned(), Value::String(format!("#/definitions/{name}")));
            root.insert("definitions".to_owned(), document["definitions"].clone());
            compile(&Value::Object(root))
        });
        for item in items {
            complain(validator, &item, &what);
            checked += 1;
        }
    }
    assert!(checked > 60, "only {checked} objects were held against the schema");
}

/// Statuses the V1 schema lists and the sandbox gives only when a `status` fault says so: empty code tables, PGs
/// without cash receipts; and 500 wherever it is listed.
const V1_NEVER: &[(&str, &str, &str)] = &[
    ("GET", "/cards", "404"),
    ("GET", "/banks", "404"),
    ("DELETE", "/receipts/{imp_uid}", "501"),
    ("POST", "/receipts/external/{merchant_uid}", "501"),
    ("DELETE", "/receipts/external/{merchant_uid}", "501"),
];

#[test]
fn every_documented_status_of_v1_is_met_or_named() {
    let Some(document) = reference(V1_FILE) else { return };
    let mut walk = walked();
    let default = walk.seen.len();
    walk_missing_key_404(&mut walk);
    assert!(walk.seen.len() > default);
    let mut seen: BTreeSet<(&str, &str, String)> = BTreeSet::new();
    for answer in walk.seen.iter().filter(|seen| seen.version == Version::V1) {
        seen.insert((answer.method, answer.path, answer.status.to_string()));
    }
    let mut missing = Vec::new();
    for (method, path) in operations(&document) {
        let responses = &document["paths"][&path][method.to_lowercase()]["responses"];
        for status in responses.as_object().unwrap().keys() {
            let met = seen.contains(&(&*method, &*path, status.clone()));
            let named = V1_NEVER.contains(&(&*method, &*path, &**status)) || status == "500";
            assert!(!(met && named), "{method} {path} {status} is met: take it off the list");
            if !met && !named {
                missing.push(format!("{method} {path} {status}"));
            }
        }
    }
    assert!(missing.is_empty(), "never met:\n{missing:#?}");
}

/// What a V1 success must be: the objects in it and the definition they follow.
fn expected(schema: &Value, seen: &Seen) -> (Vec<Value>, String) {
    let response = &seen.body["response"];
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    // Either shape of a billing key (V1 §6.5), told apart by the group.
    if seen.path.starts_with("/subscribe/customers") && !seen.path.ends_with('s') {
        let name = if response.get("channelGroupId").is_some() {
            "SuperBillingKeyAnnotation"
        } else {
            "CustomerAnnotation"
        };
        return (vec![response.clone()], name.to_owned());
    }
    match schema["$ref"].as_str().unwrap_or_default().rsplit('/').next().unwrap() {
        "MultipleCustomersResponse" => {
            let plain = |key: &Value| key.get("channelGroupId").is_none();
            (list(response).into_iter().filter(plain).collect(), "CustomerAnnotation".to_owned())
        }
        // The schema says array; the service answers with a page for the three lists (V1 §10.2).
        "ScheduleResponse" if response.is_object() => {
            (list(&response["list"]), "ScheduleResultAnnotation".to_owned())
        }
        "ScheduleResponse" => (list(response), "ScheduleResultAnnotation".to_owned()),
        "SingleScheduleResponse" => (vec![response.clone()], "ScheduleResultAnnotation".to_owned()),
        name => (vec![seen.body.clone()], name.to_owned()),
    }
}
