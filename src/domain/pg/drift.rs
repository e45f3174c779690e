//! Compares our table with the facts it was distilled from, where they are at hand (`DANMAL_SPEC_DIR`, or
//! `../shared/portone` beside the checkout). Without them it says loudly what could not be checked.

use super::table::known;
use super::{
    CustomerRule, ExpiryForm, Field, FixedAccount, Generation, IdChars, Means, Need, Offer, Operation,
    PartialCancel, PgCode, PgRules, Support, TaxUse, TestMoney, Unit, rules, v1_limits,
};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use toml::{Table, Value};

/// A file of the facts, or a loud note that it could not be read.
pub(crate) fn spec(name: &str) -> Option<String> {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/portone");
    let dir = std::env::var_os("DANMAL_SPEC_DIR").map_or(beside, PathBuf::from);
    let read = std::fs::read_to_string(dir.join(name)).ok();
    if read.is_none() {
        eprintln!(
            "NOT CHECKED: {name} is not at hand (set DANMAL_SPEC_DIR), so our table was not compared with it"
        );
    }
    read
}

const OPERATIONS: [(&str, Operation); 5] = [
    ("keyin_card", Operation::KeyInCard),
    ("keyin_virtual_account", Operation::KeyInVirtualAccount),
    ("billing_api", Operation::IssueKey),
    ("billing_pay", Operation::ChargeKey),
    ("schedule", Operation::Schedule),
];

const CREDENTIALS: [(&str, Field); 5] = [
    ("card_number", Field::CardNumber),
    ("expiry", Field::Expiry),
    ("birth_or_business_number", Field::Identity),
    ("password_two_digits", Field::Pin),
    ("cvc", Field::Cvc),
];

const CUSTOMER: [(&str, Field); 4] = [
    ("id", Field::CustomerId),
    ("name", Field::CustomerName),
    ("phone", Field::CustomerPhone),
    ("email", Field::CustomerEmail),
];

const REQUEST: [(&str, Option<Field>); 8] = [
    ("productType", Some(Field::ProductType)),
    ("product_type", Some(Field::ProductType)),
    ("vbank_holder", Some(Field::AccountHolder)),
    ("pg_api_key", Some(Field::PgApiKey)),
    ("browser_ip", Some(Field::BrowserIp)),
    ("locale", Some(Field::Locale)),
    ("currency", Some(Field::Currency)),
    // The order name, which this program requires of every gateway.
    ("name", None),
];

fn at<'a>(table: &'a Table, path: &str) -> Option<&'a Value> {
    let mut parts = path.split('/');
    let mut value = table.get(parts.next()?)?;
    for part in parts {
        value = value.as_table()?.get(part)?;
    }
    Some(value)
}

fn words(table: &Table, path: &str) -> Vec<String> {
    at(table, path)
        .and_then(Value::as_array)
        .map(|list| list.iter().map(|word| word.as_str().unwrap().to_owned()).collect())
        .unwrap_or_default()
}

fn word<'a>(table: &'a Table, path: &str) -> Option<&'a str> {
    at(table, path).and_then(Value::as_str)
}

fn number(table: &Table, path: &str) -> Option<usize> {
    at(table, path).and_then(Value::as_integer).map(|number| usize::try_from(number).unwrap())
}

/// The anchored pattern that a rule of ours stands for, in the source's spelling.
fn pattern(chars: IdChars, extra: &str, min: Option<usize>, max: Option<usize>) -> Option<String> {
    let class = match (chars, extra) {
        (IdChars::Any, _) => return None,
        (IdChars::Alnum, "") => "[A-Za-z0-9]".to_owned(),
        (IdChars::Alnum, extra) => format!("[A-Za-z0-9{extra}]"),
        (IdChars::AlnumDashUnderscore, _) => "[A-Za-z0-9_-]".to_owned(),
        (IdChars::PrintableAscii, _) => r"[\x20-\x7E]".to_owned(),
    };
    let count = max.map_or_else(|| "+".to_owned(), |max| format!("{{{},{max}}}", min.unwrap_or(1)));
    Some(format!("^{class}{count}$"))
}

struct Walk<'a> {
    table: &'a Table,
    rules: &'a PgRules,
    name: String,
    drift: Vec<String>,
}

impl Walk<'_> {
    #[expect(clippy::needless_pass_by_value, reason = "values are made for the comparison")]
    fn same<T: PartialEq + std::fmt::Debug>(&mut self, what: &str, ours: T, theirs: T) {
        if ours != theirs {
            self.drift.push(format!("{}: {what}: ours {ours:?}, source {theirs:?}", self.name));
        }
    }

    fn offers(&mut self) {
        for (name, operation) in OPERATIONS {
            let has = |list: &str| words(self.table, list).iter().any(|word| word == name);
            let theirs = if has("operations") {
                Offer::Offered
            } else if has("operations_conflicting") {
                Offer::Disputed
            } else if has("operations_absent") {
                Offer::RuledOut
            } else {
                Offer::Unstated
            };
            self.same(&format!("offer of {name}"), self.rules.offer(operation), theirs);
        }
    }

    fn needs(&mut self) {
        for (name, operation) in OPERATIONS {
            let listed = |group: &str, word: &str| {
                [("required", Need::Required), ("optional", Need::Optional), ("ignored", Need::Ignored)]
                    .into_iter()
                    .find(|(list, _)| {
                        words(self.table, &format!("{group}/{name}/{list}")).iter().any(|w| w == word)
                    })
                    .map(|(_, need)| need)
            };
            let mut found = Vec::new();
            for (word, field) in CREDENTIALS {
                let common = match (operation.takes_card(), field) {
                    (_, Field::Cvc) | (false, _) => Need::Ignored,
                    // Pages of foreign gateways mention neither: 000000 passes there (V1 §4.6).
                    (true, Field::Identity | Field::Pin)
                        if self.name == "v1.paymentwall" && operation == Operation::KeyInCard =>
                    {
                        Need::Optional
                    }
                    (true, _) => Need::Required,
                };
                found.push((word, field, listed("credentials", word).unwrap_or(common)));
            }
            for (word, field) in CUSTOMER {
                found.push((word, field, listed("customer", word).unwrap_or(Need::Optional)));
            }
            for (word, field) in REQUEST {
                if let (Some(field), Some(need)) = (field, listed("request_fields", word)) {
                    found.push((word, field, need));
                }
            }
            for (word, field, need) in found {
                self.same(&format!("{name} needs {word}"), self.rules.need(operation, field), need);
            }
            for word in words(self.table, &format!("request_fields/{name}/required")) {
                assert!(
                    REQUEST.iter().any(|(known, _)| *known == word),
                    "{}: unmapped field {word}",
                    self.name
                );
            }
        }
        let receipt = match word(self.table, "virtual_account/cash_receipt") {
            Some(text) if text.starts_with("required") => Need::Required,
            _ => Need::Optional,
        };
        let operation = Operation::KeyInVirtualAccount;
        self.same("cash receipt", self.rules.need(operation, Field::CashReceipt), receipt);
        let extras = [
            ("interest_free_by_merchant", self.rules.interest_free(Operation::KeyInCard)),
            ("card_point", self.rules.card_point(Operation::KeyInCard)),
        ];
        for (word, ours) in extras {
            let ignored = words(self.table, "credentials/keyin_card/ignored").iter().any(|w| w == word);
            self.same(&format!("{word} ignored"), ours == Support::Ignored, ignored);
        }
    }

    fn identifiers(&mut self) {
        let rule = self.rules.payment_id;
        self.same("payment id min", rule.min, number(self.table, "payment_id/min_len"));
        self.same("payment id max", rule.max, number(self.table, "payment_id/max_len"));
        self.same(
            "payment id pattern",
            pattern(rule.chars, "", rule.min, rule.max),
            word(self.table, "payment_id/pattern").map(str::to_owned),
        );
        let cut = word(self.table, "payment_id/over_length").is_some_and(|text| text.starts_with("cut"));
        self.same("payment id cut", rule.cut_at.is_some(), cut);
        let CustomerRule { name_max, name_unit, email_max, id_min, id_max, id_chars, ref id_extra } =
            self.rules.customer;
        self.same("name max", name_max, number(self.table, "customer/limits/name_max"));
        if let Some(unit) = word(self.table, "customer/limits/name_unit") {
            self.same("name unit", name_unit, unit_of(unit));
        }
        self.same("email max", email_max, number(self.table, "customer/limits/email_max"));
        match word(self.table, "customer/limits/id_pattern") {
            Some(text) => {
                self.same("customer id", pattern(id_chars, id_extra, id_min, id_max), Some(text.to_owned()));
            }
            None => self.same("customer id max", id_max, number(self.table, "customer/limits/id_max")),
        }
    }

    fn order_name(&mut self) {
        let rule = &self.rules.order_name;
        self.same("order name max", rule.max, number(self.table, "order_name/max"));
        if let Some(unit) = word(self.table, "order_name/unit") {
            self.same("order name unit", rule.unit, unit_of(unit));
        }
        self.same("forbidden", rule.forbidden.clone(), words(self.table, "order_name/forbidden").concat());
        self.same(
            "discouraged",
            rule.discouraged.clone(),
            words(self.table, "order_name/discouraged").concat(),
        );
        let cut = word(self.table, "order_name/over_length").map(|text| {
            text.split_whitespace().find_map(|word| word.parse::<usize>().ok()).expect("a figure")
        });
        self.same("order name cut", rule.cut_to, cut);
        // "KSNET and Kiwoom Pay need text that EUC-KR can encode": the V1 KSNET table leaves it to the V2 one.
        let euc_kr = word(self.table, "order_name/encoding") == Some("EUC-KR") || self.name == "v1.ksnet";
        self.same("EUC-KR", self.rules.euc_kr, euc_kr);
    }

    fn amounts(&mut self) {
        let limits = |path: &str| -> BTreeMap<Means, i64> {
            let limits = at(self.table, path).and_then(Value::as_table).cloned().unwrap_or_default();
            limits.into_iter().map(|(means, limit)| (means_of(&means), limit.as_integer().unwrap())).collect()
        };
        let (min, max, test) =
            (limits("min_amount_krw"), limits("max_amount_krw"), limits("test_mode/min_amount_krw"));
        self.same("minimums", self.rules.min_krw.clone(), min);
        self.same("maximums", self.rules.max_krw.clone(), max);
        self.same("test minimums", self.rules.test_min_krw.clone(), test);
        self.same("currencies", self.rules.currencies.clone(), words(self.table, "currencies"));
        if let Some(note) = word(self.table, "currencies_note") {
            self.same(
                "KRW excluded",
                self.rules.currencies_excluded == ["KRW"],
                note.contains("KRW is not possible"),
            );
        }
        let months = at(self.table, "installments/months").map(|list| {
            list.as_array()
                .unwrap()
                .iter()
                .map(|m| u32::try_from(m.as_integer().unwrap()).unwrap())
                .collect::<Vec<_>>()
        });
        self.same("months", self.rules.installments.months.clone(), months);
        if let Some(min) = number(self.table, "installments/min_amount_krw") {
            self.same("instalment minimum", usize::try_from(self.rules.installment_min_krw).unwrap(), min);
        }
        let tax = |path: &str| match word(self.table, path) {
            None => TaxUse::Unstated,
            Some("supported") => TaxUse::Supported,
            Some("needs_contract") => TaxUse::NeedsContract,
            Some("required_if_mixed_mid") => TaxUse::RequiredIfMixed,
            Some("unsupported") => TaxUse::Unsupported,
            Some("ignored") => TaxUse::Ignored,
            Some("paid_setting_only") => TaxUse::PaidSetting,
            Some(other) => panic!("tax value {other}"),
        };
        let (free, vat) = (tax("tax/tax_free"), tax("tax/vat"));
        self.same("tax-free", self.rules.tax.tax_free, free);
        self.same("VAT", self.rules.tax.vat, vat);
        let percent =
            number(self.table, "tax/vat_max_percent").map(|percent| u32::try_from(percent).unwrap());
        self.same("VAT percent", self.rules.tax.vat_max_percent, percent);
    }

    fn virtual_account(&mut self) {
        let rule = &self.rules.virtual_account;
        let mut banks = words(self.table, "virtual_account/banks");
        banks.extend(words(self.table, "virtual_account/bank_codes"));
        self.same("banks", rule.banks.clone().unwrap_or_default(), banks);
        let expiry =
            words(self.table, "virtual_account/expiry").into_iter().map(|form| match form.as_str() {
                "valid_hours" => ExpiryForm::ValidHours,
                "due_date" => ExpiryForm::DueDate,
                "vbank_due" => ExpiryForm::VbankDue,
                other => panic!("expiry {other}"),
            });
        self.same("expiry", rule.expiry.clone(), expiry.collect());
        self.same(
            "hours",
            rule.max_hours.map(|h| h as usize),
            number(self.table, "virtual_account/expiry_max_hours"),
        );
        let flag = |path: &str| at(self.table, path).and_then(Value::as_bool);
        let required = flag("virtual_account/expiry_required").unwrap_or(false);
        self.same("expiry required", rule.expiry_required, required);
        self.same("edit", rule.edit, flag("virtual_account/edit"));
        let fixed = match word(self.table, "virtual_account/fixed") {
            None => FixedAccount::Unstated,
            Some("none") => FixedAccount::None,
            Some("pg_account_id") => FixedAccount::PgAccountId,
            Some("account_number") => FixedAccount::AccountNumber,
            Some("vbank_num") => FixedAccount::VbankNum,
            Some("vbank_key") => FixedAccount::VbankKey,
            Some("supported") => FixedAccount::Supported,
            Some(other) => panic!("fixed {other}"),
        };
        self.same("fixed", rule.fixed, fixed);
        self.same(
            "receipts",
            rule.cash_receipt_types.clone(),
            words(self.table, "virtual_account/cash_receipt_types"),
        );
    }

    fn rest(&mut self) {
        let real = at(self.table, "test_mode/real_charge").and_then(Value::as_bool);
        if let Some(real) = real {
            let charged = matches!(self.rules.test_money, TestMoney::Reversed | TestMoney::ChargedForGood);
            self.same("test charge", (charged, self.rules.test_money == TestMoney::Unstated), (real, false));
            let never = word(self.table, "test_mode/auto_cancel") == Some("never");
            self.same("test never returned", self.rules.test_money == TestMoney::ChargedForGood, never);
        }
        let partial = match word(self.table, "cancel/partial") {
            None => None,
            Some("yes") => Some(PartialCancel::Yes),
            Some("needs_contract") => Some(PartialCancel::NeedsContract),
            Some("needs_application") => Some(PartialCancel::NeedsApplication),
            Some(other) => panic!("partial {other}"),
        };
        self.same("partial cancel", self.rules.cancel.partial, partial);
        let most = self.rules.cancel.max_partials.map(|most| most as usize);
        self.same("partial cancels", most, number(self.table, "cancel/partial_max_count"));
        let requester = words(self.table, "cancel/required").iter().any(|word| word.ends_with("requester"));
        self.same("requester", self.rules.cancel.requester, requester);
    }
}

fn unit_of(word: &str) -> Unit {
    match word {
        "chars" => Unit::Chars,
        "bytes_utf8_unspecified" => Unit::Bytes,
        "bytes_euc_kr" => Unit::BytesEucKr,
        other => panic!("unit {other}"),
    }
}

fn means_of(word: &str) -> Means {
    match word {
        "card" => Means::Card,
        "virtual_account" => Means::VirtualAccount,
        "transfer" => Means::Transfer,
        "mobile" => Means::Mobile,
        "money" => Means::Money,
        "any" => Means::Any,
        other => panic!("means {other}"),
    }
}

#[test]
fn our_table_says_what_its_source_says() {
    let Some(source) = spec("pg-rules.toml") else { return };
    let source: Table = source.parse().unwrap();
    let mut drift = Vec::new();
    let mut seen = BTreeSet::new();
    for (generation, key) in [(Generation::V1, "v1"), (Generation::V2, "v2")] {
        for (name, table) in source[key].as_table().unwrap() {
            let table = table.as_table().unwrap();
            let code = PgCode::new(word(table, "code").unwrap());
            let rules = rules(generation, &code);
            seen.insert((generation, code));
            let mut walk = Walk { table, rules, name: format!("{key}.{name}"), drift: Vec::new() };
            walk.same("known", rules.known, true);
            walk.offers();
            walk.needs();
            walk.identifiers();
            walk.order_name();
            walk.amounts();
            walk.virtual_account();
            walk.rest();
            drift.append(&mut walk.drift);
        }
        for code in words(&source, &format!("not_applicable/{key}")) {
            let code = PgCode::new(code);
            if !rules(generation, &code).window_only {
                drift.push(format!("{key}: {code} is window-only in the source"));
            }
            seen.insert((generation, code));
        }
    }
    // Identity checks share the code space; the source names them in words.
    seen.insert((Generation::V2, PgCode::new("INICIS_UNIFIED")));
    seen.insert((Generation::V1, PgCode::new("kcp_v2")));
    for generation in [Generation::V1, Generation::V2] {
        for code in known(generation) {
            if !seen.contains(&(generation, code.clone())) {
                drift.push(format!("{generation:?} {code} is ours alone"));
            }
        }
    }
    assert!(seen.len() > 50, "the source was not walked");
    assert!(drift.is_empty(), "our table has drifted from its source:\n{}", drift.join("\n"));
}

#[test]
fn the_general_lists_of_v1_agree() {
    let Some(source) = spec("pg-rules.toml") else { return };
    let source: Table = source.parse().unwrap();
    let mut drift = Vec::new();
    let listed = |name: &str| words(&source, &format!("api/v1/{name}"));
    let check = |drift: &mut Vec<String>, list: &str, ours: &dyn Fn(&PgRules) -> bool| {
        let theirs: BTreeSet<_> = listed(list).into_iter().collect();
        let own: BTreeSet<_> = known(Generation::V1)
            .iter()
            .filter(|code| ours(rules(Generation::V1, code)))
            .map(ToString::to_string)
            .collect();
        for code in theirs.symmetric_difference(&own) {
            drift.push(format!("{list}: {code}"));
        }
    };
    check(&mut drift, "card_data_in_schedule_unsupported", &|rules| !rules.schedule_with_card);
    check(&mut drift, "schedule_edit_unsupported", &|rules| !rules.schedule_move);
    check(&mut drift, "cancel_tax_free_not_defaulted", &|rules| rules.cancel.tax_free_not_defaulted);
    check(&mut drift, "virtual_account_edit_pgs", &|rules| rules.virtual_account.edit == Some(true));
    check(&mut drift, "virtual_account_close_pgs", &|rules| rules.virtual_account.close == Some(true));
    // TossPay is not in the list; its own page asks for VAT on a partial cancel.
    check(&mut drift, "cancel_vat_required_if_set", &|rules| {
        rules.cancel.vat_if_set && rules.name_en != "TossPay"
    });
    assert!(drift.is_empty(), "{drift:#?}");
    let limits = v1_limits();
    for (name, ours) in [
        ("merchant_uid", limits.payment_id),
        ("name", limits.order_name),
        ("buyer_name", limits.buyer_name),
        ("buyer_tel", limits.buyer_phone),
        ("buyer_email", limits.buyer_email),
        ("customer_uid", limits.customer_key),
        ("customer_name", limits.customer_name),
        ("customer_tel", limits.customer_phone),
        ("customer_email", limits.customer_email),
        ("vbank_holder", limits.account_holder),
    ] {
        assert_eq!(number(&source, &format!("api/v1/max_len/{name}")), Some(ours), "{name}");
    }
    // Every code that a general list names for an operation offers it, or says why it is disputed.
    for (list, operation) in [
        ("keyin_card_pgs", Operation::KeyInCard),
        ("billing_api_pgs", Operation::IssueKey),
        ("virtual_account_pgs", Operation::KeyInVirtualAccount),
        ("billing_pay_pgs", Operation::ChargeKey),
    ] {
        for code in listed(list) {
            let offer = rules(Generation::V1, &PgCode::new(&code)).offer(operation);
            assert!(matches!(offer, Offer::Offered | Offer::Disputed), "{list}: {code} is {offer:?}");
        }
    }
}
