//! The table against the published lists and a sample classed by hand; the words against both.

use super::super::pg::spec;
use super::table::{Family, codes, len, look_up, rows};
use super::*;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

const SAMPLE: &str = include_str!("../../../tests/data/decline-sample.tsv");

fn verdict(pg: &str, generation: Generation, code: Option<&str>, message: &str) -> Verdict {
    class_of(&PgCode::new(pg), generation, code, message)
}

fn v1(pg: &str, message: &str) -> (Class, Option<Field>, By) {
    let verdict = verdict(pg, Generation::V1, None, message);
    (verdict.class, verdict.field, verdict.by)
}

/// The published card codes with their texts: family, code, text.
fn published() -> Option<Vec<(Family, String, String)>> {
    let source = spec("pg-error-codes.tsv")?;
    let mut found = Vec::new();
    for line in source.lines().skip(1) {
        let cells: Vec<_> = line.split('\t').collect();
        let card = match (cells[0], cells[1]) {
            ("KCP" | "INICIS", "card") | ("TOSSPAYMENTS", "신용카드" | "공통") => {
                Family::from_name(cells[0])
            }
            _ => None,
        };
        if let Some(family) = card {
            found.push((family, cells[2].to_owned(), cells[3].to_owned()));
        }
    }
    assert!(found.len() > 2500, "the published lists were not read");
    Some(found)
}

fn sample() -> Vec<(Family, &'static str, Class, Option<Field>)> {
    let rows: Vec<_> = rows(SAMPLE)
        .map(|(family, code, class, field)| {
            let field = field.map(|field| Field::from_name(field).unwrap());
            (Family::from_name(family).unwrap(), code, Class::from_name(class).unwrap(), field)
        })
        .collect();
    assert_eq!(rows.len(), 200);
    rows
}

#[test]
fn every_published_card_code_has_a_class_and_no_other_has() {
    let Some(published) = published() else { return };
    let missing: Vec<_> =
        published.iter().filter(|(family, code, _)| look_up(*family, code).is_none()).collect();
    assert!(missing.is_empty(), "{missing:?}");
    let distinct: BTreeSet<_> =
        published.iter().map(|(family, code, _)| (format!("{family:?}"), code)).collect();
    assert_eq!(distinct.len(), len(), "the table has codes that nobody publishes");
}

#[test]
fn the_table_agrees_with_the_sample() {
    let sample = sample();
    let wrong: Vec<_> = sample
        .iter()
        .filter(|(family, code, class, field)| {
            look_up(*family, code).is_none_or(|ours| (ours.class, ours.field) != (*class, *field))
        })
        .collect();
    assert!(wrong.len() * 100 <= sample.len() * 5, "{} of 200 differ: {wrong:?}", wrong.len());
}

#[test]
fn the_words_alone_agree_with_nine_tenths_of_the_sample() {
    let Some(published) = published() else { return };
    let texts: BTreeMap<_, _> = published
        .iter()
        .map(|(family, code, text)| ((format!("{family:?}"), code.as_str()), text.as_str()))
        .collect();
    let mut wrong = Vec::new();
    for (family, code, class, field) in sample() {
        let text = texts[&(format!("{family:?}"), code)];
        let ours = by_text(None, text);
        if (ours.class, ours.field) != (class, field) {
            wrong.push(format!("{code} {text}: {:?} {:?}", ours.class, ours.field));
        }
    }
    assert!(wrong.len() <= 20, "{} of 200 differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_words_never_send_a_paid_one_to_another_charge() {
    // The costly mistake is to take "already paid" for a refusal of the card. Texts of refunds and captures
    // aside, none of the published ones may be taken so.
    let Some(published) = published() else { return };
    for (family, code, text) in published {
        let table = look_up(family, &code).unwrap();
        let paid = ["중복", "이미", "성공", "정상처리", "결제 완료"].iter().any(|word| text.contains(word));
        if table.class == Class::NotADecline && paid {
            let ours = by_text(None, &text);
            assert!(
                !matches!(ours.class, Class::Retype | Class::OtherCard),
                "{code} {text}: {:?} by words",
                ours.class
            );
        }
    }
}

#[test]
fn inicis_passes_kcp_codes_on_with_a_prefix() {
    let mut both = 0;
    for code in codes(Family::Inicis) {
        let Some(theirs) = code.strip_prefix("04").and_then(|code| look_up(Family::Kcp, code)) else {
            continue;
        };
        assert_eq!(look_up(Family::Inicis, code), Some(theirs), "{code}");
        both += 1;
    }
    assert_eq!(both, 15);
    assert_eq!(look_up(Family::Inicis, "04CC07"), look_up(Family::Kcp, "CC07"));
    assert_eq!(look_up(Family::Kcp, "04CC07"), None);
}

#[test]
fn codes_decide_where_the_gateway_is_known() {
    let kcp = |code, message| verdict("KCP_V2", Generation::V2, Some(code), message);
    assert_eq!(kcp("CC63", "").class, Class::Retype);
    assert_eq!(kcp("CC63", "").field, Some(Field::Pin));
    assert_eq!(kcp("cc63 ", "잔액 부족").by, By::Table);
    assert_eq!(kcp("CC35", "").class, Class::MerchantSetup);
    assert_eq!(kcp("CC72", "").class, Class::TryLater);
    assert_eq!(kcp("8128", "").class, Class::NotADecline);
    // The same characters mean something else elsewhere, and nothing where no list is known.
    assert_eq!(verdict("TOSSPAYMENTS", Generation::V2, Some("8128"), "잔액부족").by, By::Text);
    assert_eq!(verdict("KSNET", Generation::V2, Some("CC63"), "").by, By::Default);
    assert_eq!(verdict("KCP_V2", Generation::V1, Some("CC63"), "").by, By::Default);
}

#[test]
fn v1_texts_carry_the_code_in_brackets() {
    assert_eq!(
        v1("kcp", "카드정보 인증에 실패하였습니다. [CC55] 오류"),
        (Class::Retype, Some(Field::Expiry), By::Table)
    );
    assert_eq!(v1("html5_inicis", "결제에 실패하였습니다. [1254]"), (Class::OtherCard, None, By::Table));
    assert_eq!(v1("kcp", "[승인거절] [CC07]"), (Class::OtherCard, None, By::Table));
    // A code of nobody's, or of a gateway without a list: the words.
    assert_eq!(v1("nice", "[F113]유효기간 오류"), (Class::Retype, Some(Field::Expiry), By::Text));
    assert_eq!(v1("kcp", "[F113]유효기간 오류"), (Class::Retype, Some(Field::Expiry), By::Text));
    assert_eq!(v1("kcp", "[F113"), (Class::CallIssuer, None, By::Default));
}

#[test]
fn the_texts_that_v1_is_known_to_say() {
    // V1 §3.2.
    for (message, class, field) in [
        (
            "카드정보 인증에 실패하였습니다. 유효하지않은 카드번호를 입력하셨습니다.",
            Class::Retype,
            Some(Field::Number),
        ),
        ("카드정보 인증 및 빌키 발급에 실패하였습니다. 비밀번호 오류", Class::Retype, Some(Field::Pin)),
        ("인증에 실패하였습니다. API키와 secret을 확인하세요.", Class::MerchantSetup, None),
        ("Unauthorized", Class::MerchantSetup, None),
        ("결제정보 사전등록에 실패하였습니다(이미 등록된 merchant_uid입니다).", Class::NotADecline, None),
        ("등록되지 않은 구매자입니다.", Class::MerchantSetup, None),
        ("등록된 고객정보가 없습니다.", Class::MerchantSetup, None),
        ("이미 전액취소된 주문입니다.", Class::NotADecline, None),
        ("취소할 결제건이 존재하지 않습니다.", Class::NotADecline, None),
        ("가상계좌 발급 계약이 필요합니다.", Class::MerchantSetup, None),
    ] {
        let ours = verdict("nice", Generation::V1, None, message);
        assert_eq!((ours.class, ours.field), (class, field), "{message}");
    }
}

#[test]
fn other_gateways_are_classed_by_words() {
    for (message, class, field) in [
        ("한도초과", Class::OtherCard, None),
        ("잔액이 부족합니다", Class::OtherCard, None),
        ("분실 신고된 카드입니다", Class::OtherCard, None),
        ("도난 카드", Class::OtherCard, None),
        ("비밀번호 오류 횟수 초과", Class::CallIssuer, None),
        ("비밀번호 오류", Class::Retype, Some(Field::Pin)),
        ("생년월일이 다릅니다", Class::Retype, Some(Field::Identity)),
        ("카드번호를 확인해 주세요", Class::Retype, Some(Field::Number)),
        ("할부 개월수 오류", Class::Retype, Some(Field::Installments)),
        ("카드사 통신 장애", Class::TryLater, None),
        ("시스템 점검 중입니다. 잠시 후 다시 시도해 주세요", Class::TryLater, None),
        ("중복 거래입니다", Class::NotADecline, None),
        ("이미 결제된 주문입니다", Class::NotADecline, None),
        ("미등록 가맹점", Class::MerchantSetup, None),
        ("가맹점 한도 초과", Class::MerchantSetup, None),
        ("KEY-IN 거래 불가", Class::MerchantSetup, None),
        ("Insufficient funds", Class::OtherCard, None),
        ("Expired card", Class::Retype, Some(Field::Expiry)),
        ("Incorrect PIN", Class::Retype, Some(Field::Pin)),
        ("Duplicate transaction", Class::NotADecline, None),
        ("Gateway timed out", Class::TryLater, None),
        ("Do not honor", Class::CallIssuer, None),
        ("Payment declined", Class::CallIssuer, None),
        ("Not approved", Class::CallIssuer, None),
        ("", Class::CallIssuer, None),
    ] {
        let ours = verdict("KSNET", Generation::V2, Some("X1"), message);
        assert_eq!((ours.class, ours.field), (class, field), "{message}");
    }
    assert_eq!(verdict("KSNET", Generation::V2, Some("ALREADY_PAID"), "").class, Class::NotADecline);
    assert_eq!(verdict("KSNET", Generation::V2, None, "").by, By::Default);
}

proptest! {
    #[test]
    fn any_text_has_a_verdict_and_a_field_only_where_something_is_retyped(code in "\\PC{0,12}", message in "\\PC{0,80}") {
        for (pg, generation) in [("KCP_V2", Generation::V2), ("html5_inicis", Generation::V1), ("x", Generation::V1)] {
            let ours = verdict(pg, generation, Some(&code), &message);
            prop_assert!(ours.field.is_none() || ours.class == Class::Retype);
        }
    }
}

#[test]
fn every_class_has_its_two_sentences_in_both_languages() {
    let read = |text: &str| text.parse::<toml::Table>().unwrap();
    let ko = read(include_str!("../../../assets/locale/decline.ko.toml"));
    let en = read(include_str!("../../../assets/locale/decline.en.toml"));
    let mut asked = BTreeSet::new();
    let fields =
        [Field::Number, Field::Expiry, Field::Identity, Field::Pin, Field::Installments, Field::Amount];
    let retype = fields.into_iter().map(Some).chain([None]).map(|field| (Class::Retype, field));
    let others =
        [Class::OtherCard, Class::CallIssuer, Class::MerchantSetup, Class::TryLater, Class::NotADecline];
    for (class, field) in retype.chain(others.map(|class| (class, None))) {
        let verdict = Verdict { class, field, by: By::Table };
        asked.extend([verdict.say_id(), verdict.next_id()]);
    }
    for catalogue in [&ko, &en] {
        assert_eq!(catalogue.keys().map(String::as_str).collect::<BTreeSet<_>>(), asked);
        assert!(catalogue.values().all(|text| text.as_str().is_some_and(|text| text.len() > 10)));
    }
    // Nobody tells a caller over the phone that a card is reported stolen.
    for (id, text) in ko.iter().filter(|(id, _)| id.rsplit('.').next() == Some("say")) {
        let text = text.as_str().unwrap();
        assert!(!["도난", "분실", "불량", "연체"].iter().any(|word| text.contains(word)), "{id}");
    }
}
