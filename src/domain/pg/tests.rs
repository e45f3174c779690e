//! What the rules answer, for the cases that people meet.

use super::table::{known, text_ids};
use super::*;
use proptest::prelude::*;
use std::collections::BTreeSet;

fn v1(code: &str) -> &'static PgRules {
    rules(Generation::V1, &PgCode::new(code))
}

fn v2(code: &str) -> &'static PgRules {
    rules(Generation::V2, &PgCode::new(code))
}

fn won(total: i64) -> Amounts<'static> {
    Amounts {
        total,
        tax_free: None,
        vat: None,
        currency: "KRW",
        merchant_tax: MerchantTax::NotSet,
        test: false,
    }
}

fn blocked(found: &[Finding]) -> bool {
    found.iter().any(|finding| finding.severity == Severity::Blocks)
}

fn whats(found: Vec<Finding>) -> Vec<What> {
    found.into_iter().map(|finding| finding.what).collect()
}

#[test]
fn an_unknown_gateway_is_tolerated_but_offers_nothing_by_itself() {
    let rules = v2("NEW_PG_V9");
    assert!(!rules.known);
    for operation in Operation::ALL {
        assert_eq!(rules.offer(operation), Offer::Unstated);
    }
    assert_eq!(rules.need(Operation::KeyInCard, Field::CardNumber), Need::Required);
    assert_eq!(rules.need(Operation::KeyInCard, Field::Expiry), Need::Required);
    for field in [Field::Identity, Field::Pin, Field::CustomerName, Field::CustomerId, Field::ProductType] {
        assert_eq!(rules.need(Operation::KeyInCard, field), Need::Optional);
    }
    assert_eq!(rules.check_order_name(&"가".repeat(500)), []);
    assert_eq!(rules.check_payment_id("주문/1"), []);
    assert_eq!(rules.check_amount(Operation::KeyInCard, Means::Card, &won(1)), []);
    // V1's own limits hold for a code we do not know, too.
    assert!(blocked(&v1("new_pg").check_order_name(&"가".repeat(41))));
}

#[test]
fn codes_are_case_sensitive_and_belong_to_a_generation() {
    assert!(v2("KCP_V2").known && !v2("kcp_v2").known);
    assert_eq!(v1("kcp_v2").offer(Operation::KeyInCard), Offer::RuledOut);
    assert!(!v1("KCP").known);
}

#[test]
fn smartro_takes_no_key_in_card() {
    assert_eq!(v2("SMARTRO_V2").offer(Operation::KeyInCard), Offer::RuledOut);
    assert_eq!(v2("SMARTRO_V2").offer(Operation::IssueKey), Offer::Offered);
    assert_eq!(v1("galaxia").offer(Operation::KeyInCard), Offer::Disputed);
    assert_eq!(v1("kakaopay").offer(Operation::KeyInVirtualAccount), Offer::Unstated);
}

#[test]
fn ksnet_throws_identity_away_on_key_in_and_wants_it_for_keys() {
    for rules in [v1("ksnet"), v2("KSNET")] {
        assert_eq!(rules.need(Operation::KeyInCard, Field::Identity), Need::Ignored);
        assert_eq!(rules.need(Operation::KeyInCard, Field::Pin), Need::Ignored);
        assert_eq!(rules.need(Operation::IssueKey, Field::Identity), Need::Required);
        assert_eq!(rules.need(Operation::Schedule, Field::ProductType), Need::Required);
        let shown: Vec<_> =
            rules.warnings(About::Operation(Operation::KeyInCard)).map(|w| w.id.as_str()).collect();
        assert!(shown.contains(&"ksnet.not_verified") && shown.contains(&"contract.key_in"), "{shown:?}");
        assert!(rules.warnings(About::Cancel).all(|warning| warning.id != "ksnet.not_verified"));
    }
}

#[test]
fn all_four_credentials_are_the_default_for_typed_cards() {
    for code in ["nice", "daou", "settle", "tosspayments"] {
        for field in [Field::CardNumber, Field::Expiry, Field::Identity, Field::Pin] {
            assert_eq!(v1(code).need(Operation::KeyInCard, field), Need::Required, "{code}");
            assert_eq!(v1(code).need(Operation::ChargeKey, field), Need::Ignored, "{code}");
        }
        assert_eq!(v1(code).need(Operation::KeyInCard, Field::Cvc), Need::Ignored);
    }
    assert_eq!(v2("INICIS_V2").need(Operation::KeyInCard, Field::Pin), Need::Optional);
    assert_eq!(v1("paymentwall").need(Operation::KeyInCard, Field::Cvc), Need::Required);
}

#[test]
fn order_names_by_gateway() {
    assert_eq!(whats(v2("KCP_V2").check_order_name("  ")), [What::OrderNameBlank]);
    // 14 syllables are 42 bytes in UTF-8 and 28 in EUC-KR: the page names no encoding, so it warns.
    let name = "가나다라마바사아자차카타파하";
    let found = v2("NICE_V2").check_order_name(name);
    assert_eq!(
        found,
        [Finding {
            severity: Severity::Warns,
            what: What::TooLong { field: None, max: 40, unit: Unit::Bytes, length: 42 }
        }]
    );
    assert!(blocked(&v2("NICE_V2").check_order_name(&"가".repeat(21))));
    assert_eq!(v2("NICE_V2").cut_order_name(name), None);
    assert_eq!(
        whats(v2("INICIS_V2").check_order_name(name)),
        [What::OrderNameCut { to: "가나다라마바사아자차카타...".into() }]
    );
    assert!(!blocked(&v2("WELCOME").check_order_name(&"a".repeat(41))));
    assert_eq!(v2("WELCOME").cut_order_name(&"a".repeat(41)), Some(format!("{}...", "a".repeat(37))));
    assert_eq!(v2("WELCOME").cut_order_name(&"a".repeat(40)), None);
    assert_eq!(
        whats(v2("NICE_V2").check_order_name("A+B (C)[D]")),
        [
            What::OrderNameForbidden { ch: '+' },
            What::OrderNameDiscouraged { ch: '(' },
            What::OrderNameDiscouraged { ch: ')' },
            What::OrderNameForbidden { ch: '[' },
            What::OrderNameForbidden { ch: ']' },
        ]
    );
    assert!(blocked(&v2("TOSSPAY_V2").check_order_name("빵, 우유")));
    assert_eq!(whats(v2("KSNET").check_order_name("꽃🌷")), [What::NotEucKr { field: None, ch: '🌷' }]);
    assert_eq!(v2("KSNET").check_order_name(&"가".repeat(25)), []);
    assert!(blocked(&v2("KSNET").check_order_name(&"가".repeat(26))));
    assert!(blocked(&v1("daou").check_order_name("뷁")));
    assert_eq!(v1("nice").check_order_name(&"가".repeat(40)), []);
    assert!(blocked(&v1("nice").check_order_name(&"가".repeat(41))));
    assert!(blocked(&v2("KPN").check_order_name("a\u{1b}[2J")));
}

#[test]
fn payment_ids_by_gateway() {
    let uuid = "payment-0d8f2b8e-6a6e-4a53-9d0a-7a2a9f1c4e55";
    assert!(blocked(&v2("KCP_V2").check_payment_id(uuid)));
    assert!(blocked(&v2("SMARTRO_V2").check_payment_id(uuid)));
    assert_eq!(v2("TOSSPAYMENTS").check_payment_id(uuid), []);
    assert_eq!(whats(v2("TOSSPAYMENTS").check_payment_id("abc12")), [What::PaymentIdTooShort { min: 6 }]);
    assert_eq!(whats(v1("mobilians_v2").check_payment_id("abc")), [What::PaymentIdTooShort { min: 4 }]);
    assert_eq!(whats(v1("nice").check_payment_id(&"a".repeat(41))), [What::PaymentIdTooLong { max: 40 }]);
    assert!(blocked(&v2("INICIS_V2").check_payment_id("주문1")));
    assert!(blocked(&v2("NICE_V2").check_payment_id("")));
}

proptest! {
    #[test]
    fn the_ids_we_mint_suit_every_gateway(id in "[a-z0-9]{26,32}") {
        for generation in [Generation::V1, Generation::V2] {
            for code in known(generation) {
                prop_assert_eq!(rules(generation, &code).check_payment_id(&id), []);
            }
        }
    }

    #[test]
    fn a_cut_name_fits_and_needs_no_second_cut(name in "\\PC{0,60}") {
        for code in ["INICIS_V2", "WELCOME"] {
            if let Some(to) = v2(code).cut_order_name(&name) {
                prop_assert!(to.len() <= 40 && to.ends_with("..."));
                prop_assert!(name.starts_with(&to[..to.len() - 3]));
                prop_assert_eq!(v2(code).cut_order_name(&to), None);
            } else {
                prop_assert!(name.len() <= 40);
            }
        }
    }

    #[test]
    fn no_text_makes_a_check_panic(text in "\\PC{0,80}", total in any::<i64>(), part in any::<i64>()) {
        for generation in [Generation::V1, Generation::V2] {
            for code in known(generation) {
                let rules = rules(generation, &code);
                rules.check_order_name(&text);
                rules.check_payment_id(&text);
                let customer = Customer { id: Some(&text), name: Some(&text), phone: Some(&text), email: Some(&text) };
                let amounts = Amounts { total, tax_free: Some(part), vat: Some(part), currency: &text, merchant_tax: MerchantTax::Mixed, test: true };
                for operation in Operation::ALL {
                    rules.check_customer(operation, &customer);
                    rules.check_amount(operation, Means::Card, &amounts);
                }
            }
        }
    }
}

#[test]
fn customers_by_gateway() {
    let nobody = Customer::default();
    let missing = |field| What::Missing { field };
    assert_eq!(
        whats(v2("INICIS_V2").check_customer(Operation::KeyInCard, &nobody)),
        [missing(Field::CustomerName), missing(Field::CustomerPhone), missing(Field::CustomerEmail)]
    );
    assert_eq!(v2("KCP_V2").check_customer(Operation::KeyInCard, &nobody), []);
    assert_eq!(
        whats(v2("NICE_V2").check_customer(Operation::Schedule, &nobody)),
        [missing(Field::CustomerId)]
    );
    let blank = Customer { name: Some("  "), ..nobody };
    assert_eq!(
        whats(v2("KSNET").check_customer(Operation::ChargeKey, &blank)),
        [missing(Field::CustomerName)]
    );
    let long = "가".repeat(17);
    let named = Customer { name: Some(&long), ..nobody };
    assert!(blocked(&v1("ksnet").check_customer(Operation::KeyInCard, &named)));
    assert!(!blocked(&v1("ksnet").check_customer(Operation::IssueKey, &named)), "customer_name takes 20");
    // 11 syllables are 33 bytes in UTF-8, 22 in EUC-KR.
    let eleven = "가".repeat(11);
    let found =
        v2("NICE_V2").check_customer(Operation::KeyInCard, &Customer { name: Some(&eleven), ..nobody });
    assert_eq!(found.len(), 1);
    assert!(!blocked(&found));
    let id = |id| {
        whats(v2("TOSSPAYMENTS").check_customer(Operation::ChargeKey, &Customer { id: Some(id), ..nobody }))
    };
    assert_eq!(id("a"), [What::CustomerIdTooShort { min: 2 }]);
    assert_eq!(id("a=b.c@d-e_f"), []);
    assert_eq!(id("김하늘"), [What::CustomerIdChar { ch: '김' }]);
    assert_eq!(
        whats(v2("SMARTRO_V2").check_customer(
            Operation::ChargeKey,
            &Customer {
                id: Some("a-1"),
                name: Some("김하늘"),
                phone: Some("01020003000"),
                email: Some("a@example.com")
            }
        )),
        [What::CustomerIdChar { ch: '-' }]
    );
}

#[test]
fn amounts_and_currencies() {
    let check =
        |rules: &PgRules, amounts| whats(rules.check_amount(Operation::KeyInCard, Means::Card, &amounts));
    assert_eq!(check(v2("KCP_V2"), won(0)), [What::AmountNotPositive]);
    assert_eq!(check(v2("KCP_V2"), won(999)), [What::BelowMinimum { min: 1000 }]);
    assert_eq!(check(v2("KCP_V2"), won(1000)), []);
    assert_eq!(check(v2("KCP_V2"), Amounts { test: true, ..won(100) }), []);
    assert_eq!(check(v2("TOSSPAYMENTS"), Amounts { currency: "USD", ..won(100) }), [What::CurrencyNotTaken]);
    let nice = v2("NICE_V2");
    let usd = Amounts { currency: "USD", ..won(100) };
    assert_eq!(check(nice, usd), []);
    assert_eq!(whats(nice.check_amount(Operation::ChargeKey, Means::Card, &usd)), [What::CurrencyNotTaken]);
    assert_eq!(
        whats(v2("PAYPAL_V2").check_amount(Operation::ChargeKey, Means::Any, &won(1000))),
        [What::CurrencyNotTaken]
    );
    assert_eq!(
        whats(v2("KAKAOPAY").check_amount(Operation::ChargeKey, Means::Card, &won(2_000_001))),
        [What::AboveMaximum { max: 2_000_000 }]
    );
    let zero =
        |code| whats(v1(code).check_amount(Operation::KeyInVirtualAccount, Means::VirtualAccount, &won(0)));
    assert_eq!(zero("settle"), []);
    assert_eq!(zero("nice"), [What::AmountNotPositive]);
}

#[test]
fn tax_parts() {
    let check =
        |rules: &PgRules, amounts| whats(rules.check_amount(Operation::KeyInCard, Means::Card, &amounts));
    let parts = |tax_free, vat| Amounts { tax_free, vat, ..won(11_000) };
    let plain = v1("html5_inicis");
    assert_eq!(check(plain, parts(Some(11_001), None)), [What::TaxFreeAboveTotal]);
    assert_eq!(check(plain, parts(Some(10_500), Some(501))), [What::TaxPartsAboveTotal]);
    assert_eq!(check(plain, parts(Some(10_500), Some(500))), []);
    assert_eq!(check(plain, parts(Some(-1), None)), [What::TaxNegative]);
    let mixed = |part| Amounts { merchant_tax: MerchantTax::Mixed, ..parts(part, None) };
    assert_eq!(check(v2("KSNET"), mixed(None)), [What::TaxFreeMissing]);
    assert_eq!(check(v2("KSNET"), mixed(Some(0))), []);
    assert_eq!(check(v2("KPN"), parts(None, Some(1000))), [What::VatIgnored]);
    assert_eq!(check(v2("KCP_V2"), parts(Some(100), Some(100))), [What::TaxNeedsContract]);
    assert_eq!(
        check(v1("welcome"), parts(None, Some(1101))),
        [What::TaxNeedsContract, What::VatAbovePercent { percent: 10 }]
    );
    let free_only = |part| Amounts { merchant_tax: MerchantTax::TaxFree, ..parts(part, None) };
    assert_eq!(check(v1("ksnet"), free_only(Some(10_000))), [What::TaxFreeNotTotal]);
    assert_eq!(check(v1("ksnet"), free_only(Some(11_000))), []);
    let account = |rules: &PgRules, amounts| {
        whats(rules.check_amount(Operation::KeyInVirtualAccount, Means::VirtualAccount, &amounts))
    };
    assert_eq!(account(v1("nice"), free_only(Some(11_000))), [What::TaxUnsupported]);
    assert_eq!(account(v2("KSNET"), parts(Some(0), None)), [What::TaxUnsupported]);
    assert_eq!(account(v2("KSNET"), mixed(None)), []);
}

#[test]
fn installments() {
    let nice = v2("NICE_V2");
    assert_eq!(nice.check_installments(0, 100, None), []);
    assert_eq!(whats(nice.check_installments(1, 100_000, None)), [What::InstallmentOne]);
    assert_eq!(nice.check_installments(12, 50_000, None), []);
    assert_eq!(whats(nice.check_installments(13, 50_000, None)), [What::InstallmentMonths { months: 13 }]);
    let below = nice.check_installments(3, 49_999, None);
    assert!(!blocked(&below));
    assert_eq!(whats(below), [What::InstallmentBelow { min: 50_000 }]);
    let toss = v2("TOSSPAYMENTS");
    assert_eq!(toss.check_installments(2, 10_000, Some("HYUNDAI_CARD")), []);
    assert_eq!(
        whats(toss.check_installments(2, 10_000, Some("BC_CARD"))),
        [What::InstallmentBelow { min: 50_000 }]
    );
    assert_eq!(
        whats(v1("welcome").check_installments(3, 90_000, Some("KAKAO_BANK"))),
        [What::InstallmentIssuer]
    );
}

#[test]
fn virtual_accounts() {
    let toss = v2("TOSSPAYMENTS");
    assert_eq!(toss.check_virtual_account("SHINHAN", Some(2160)), []);
    assert_eq!(
        whats(toss.check_virtual_account("K_BANK", Some(2161))),
        [What::BankNotListed, What::HoursAbove { max: 2160 }]
    );
    assert_eq!(v2("INICIS_V2").check_virtual_account("K_BANK", Some(9999)), []);
    assert_eq!(v2("KCP_V2").virtual_account.fixed, FixedAccount::None);
}

#[test]
fn extras_of_a_card_charge() {
    let kcp = v2("KCP_V2");
    assert_eq!(kcp.interest_free(Operation::KeyInCard), Support::Ignored);
    assert_eq!(kcp.interest_free(Operation::ChargeKey), Support::NeedsContract);
    assert_eq!(kcp.card_point(Operation::KeyInCard), Support::Ignored);
    let ksnet = v1("ksnet");
    assert_eq!(ksnet.card_point(Operation::KeyInCard), Support::Supported);
    assert_eq!(ksnet.interest_free(Operation::KeyInCard), Support::Unstated);
    assert!(kcp.contract(Operation::KeyInCard) && !kcp.contract(Operation::ChargeKey));
}

#[test]
fn every_sentence_is_used_and_is_shown_somewhere() {
    let mut used = BTreeSet::new();
    for generation in [Generation::V1, Generation::V2] {
        for code in known(generation) {
            let rules = rules(generation, &code);
            assert!(!rules.name_ko.is_empty() && !rules.name_en.is_empty(), "{code}");
            for warning in &rules.warnings {
                assert!(!warning.about.is_empty() && !warning.ko.is_empty() && !warning.en.is_empty());
                assert!(warning.ko.chars().any(|ch| ('가'..='힣').contains(&ch)), "{}", warning.id);
                assert!(warning.en.is_ascii(), "{}", warning.id);
                used.insert(warning.id.clone());
            }
        }
    }
    let written: BTreeSet<_> = text_ids().into_iter().collect();
    assert_eq!(written, used);
}

#[test]
fn both_catalogues_have_every_sentence_and_its_values() {
    let read = |text: &str| text.parse::<toml::Table>().unwrap();
    let ko = read(include_str!("../../../assets/locale/pg.ko.toml"));
    let en = read(include_str!("../../../assets/locale/pg.en.toml"));
    assert_eq!(ko.keys().collect::<BTreeSet<_>>(), en.keys().collect::<BTreeSet<_>>());
    let field = Some(Field::CustomerName);
    let mut asked = BTreeSet::new();
    for what in [
        What::OrderNameBlank,
        What::TooLong { field, max: 1, unit: Unit::Chars, length: 2 },
        What::TooLong { field: None, max: 1, unit: Unit::Bytes, length: 2 },
        What::OrderNameCut { to: "a".into() },
        What::OrderNameForbidden { ch: '+' },
        What::OrderNameDiscouraged { ch: '(' },
        What::NotEucKr { field, ch: '뷁' },
        What::Missing { field: Field::CustomerName },
        What::CustomerIdTooShort { min: 2 },
        What::CustomerIdChar { ch: '+' },
        What::PaymentIdTooShort { min: 1 },
        What::PaymentIdTooLong { max: 1 },
        What::PaymentIdChar { ch: '+' },
        What::AmountNotPositive,
        What::BelowMinimum { min: 1 },
        What::AboveMaximum { max: 1 },
        What::CurrencyNotTaken,
        What::CurrencyIgnored,
        What::TaxNegative,
        What::TaxFreeAboveTotal,
        What::TaxPartsAboveTotal,
        What::TaxFreeMissing,
        What::TaxFreeOnTaxable,
        What::TaxFreeNotTotal,
        What::TaxNeedsContract,
        What::VatIgnored,
        What::TaxUnsupported,
        What::VatAbovePercent { percent: 10 },
        What::InstallmentOne,
        What::InstallmentMonths { months: 13 },
        What::InstallmentBelow { min: 1 },
        What::InstallmentIssuer,
        What::BankNotListed,
        What::HoursAbove { max: 1 },
    ] {
        asked.insert(what.message_id());
        for catalogue in [&ko, &en] {
            // `{field:key}`: the value is itself a key of the catalogue.
            let mut text = catalogue[what.message_id()].as_str().unwrap().replace(":key}", "}");
            for (name, value) in what.arguments() {
                assert!(text.contains(&format!("{{{name}}}")), "{} has no {name}", what.message_id());
                text = text.replace(&format!("{{{name}}}"), &value);
            }
            assert!(!text.contains('{'), "{text}");
        }
    }
    let sentences = ko.keys().filter(|key| !key.starts_with("pg.field.")).map(String::as_str).collect();
    assert_eq!(asked, sentences);
}
