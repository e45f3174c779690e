//! Problems in words: what to do next, what happened, whether money moved.
//!
//! Turns the data of `domain` into [`Text`]s, for command line and console alike. Knows no language: the
//! texts stand in `assets/locale/cli.*.toml` and `pg.*.toml`. May use `domain` and `i18n` only; no IO.

use crate::domain::decline::Verdict;
use crate::domain::payment::Refusal;
use crate::domain::pg::What;
use crate::domain::problem::{MoneyMoved, Problem};
use crate::i18n::Text;
use crate::text;

/// What is said about something that went wrong, in the order in which it is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// What to do next.
    pub next: Text,
    /// What happened.
    pub what: Text,
    /// Whether money moved.
    pub money: Text,
}

/// The words for a problem.
pub fn words(problem: &Problem) -> Words {
    let (next, what) = match problem {
        Problem::Credentials { profile } => (
            text!("problem.credentials.next", profile = profile),
            text!("problem.credentials.what", profile = profile),
        ),
        Problem::Forbidden { profile } => (
            text!("problem.forbidden.next", profile = profile),
            text!("problem.forbidden.what", profile = profile),
        ),
        Problem::ChannelUnknown { channel } => (
            text!("problem.channel-unknown.next", channel = channel),
            text!("problem.channel-unknown.what", channel = channel),
        ),
        Problem::Refused { kind, message } => {
            (text!("problem.refused.next"), text!("problem.refused.what", kind = kind, message = message))
        }
        Problem::Unreachable { detail } => {
            (text!("problem.unreachable.next"), text!("problem.unreachable.what", detail = detail))
        }
        Problem::Certificate { detail } => {
            (text!("problem.certificate.next"), text!("problem.certificate.what", detail = detail))
        }
        Problem::Ledger { detail } => {
            (text!("problem.ledger.next"), text!("problem.ledger.what", detail = detail))
        }
        Problem::Card { field } => {
            let field = card_field(field);
            (text!("problem.card.next", field = field), text!("problem.card.what", field = field))
        }
        Problem::Unsupported { what } => {
            let what = unsupported(what);
            (text!("problem.unsupported.next", what = what), text!("problem.unsupported.what", what = what))
        }
        Problem::KeyGone => (text!("problem.key-gone.next"), text!("problem.key-gone.what")),
        Problem::KeyTaken { card } => {
            (text!("problem.key-taken.next"), text!("problem.key-taken.what", card = card))
        }
        Problem::KeyHasSchedules => {
            (text!("problem.key-has-schedules.next"), text!("problem.key-has-schedules.what"))
        }
        Problem::CardMayBeKept { why: word } => {
            let reason = why(word);
            let what = if reason.args.is_empty() {
                text!("problem.card-may-be-kept.what", why = reason.key)
            } else {
                text!("problem.card-may-be-kept.word", word = word)
            };
            (text!("problem.card-may-be-kept.next"), what)
        }
        Problem::SchedulesMayBeRevoked { why: word } => {
            let reason = why(word);
            let what = if reason.args.is_empty() {
                text!("problem.schedules-may-be-revoked.what", why = reason.key)
            } else {
                text!("problem.schedules-may-be-revoked.word", word = word)
            };
            (text!("problem.schedules-may-be-revoked.next"), what)
        }
        Problem::NotWaiting => (text!("problem.not-waiting.next"), text!("problem.not-waiting.what")),
        Problem::ScheduleGone => (text!("problem.schedule-gone.next"), text!("problem.schedule-gone.what")),
        Problem::ScheduleNotOpen => {
            (text!("problem.schedule-not-open.next"), text!("problem.schedule-not-open.what"))
        }
        Problem::ScheduleExists => {
            (text!("problem.schedule-exists.next"), text!("problem.schedule-exists.what"))
        }
        Problem::SchedulePast => (text!("problem.schedule-past.next"), text!("problem.schedule-past.what")),
        Problem::BatchRuns => (text!("problem.batch-runs.next"), text!("problem.batch-runs.what")),
        Problem::BalanceChanged => {
            (text!("problem.balance-changed.next"), text!("problem.balance-changed.what"))
        }
        Problem::NotRefundable { what } => {
            let what = not_refundable(what);
            (text!("problem.not-refundable.next"), text!("problem.not-refundable.what", what = what))
        }
        Problem::RefundBlocked { key, figures, .. } => {
            (text!("problem.refund-blocked.next"), Text { key, args: figures.clone() })
        }
        Problem::EarlierOpen { reference } => {
            (text!("problem.earlier-open.next"), text!("problem.earlier-open.what", id = reference))
        }
        Problem::NoReason => (text!("problem.no-reason.next"), text!("problem.no-reason.what")),
        Problem::FileNotWritten { detail } => {
            (text!("problem.file-not-written.next"), text!("problem.file-not-written.what", detail = detail))
        }
        Problem::ReceiptExists => {
            (text!("problem.receipt-exists.next"), text!("problem.receipt-exists.what"))
        }
        Problem::NoReceipt => (text!("problem.no-receipt.next"), text!("problem.no-receipt.what")),
        Problem::TooLarge => (text!("problem.too-large.next"), text!("problem.too-large.what")),
        Problem::Busy => (text!("problem.busy.next"), text!("problem.busy.what")),
        Problem::Stopped => (text!("problem.stopped.next"), text!("problem.stopped.what")),
        Problem::Died => (text!("problem.died.next"), text!("problem.died.what")),
        Problem::Later { why: word, seconds } => {
            let next = match seconds {
                Some(seconds) => text!("problem.later.next-in", seconds = seconds),
                None => text!("problem.later.next"),
            };
            (next, text!("problem.later.what", word = word))
        }
        Problem::Unreadable { why: word } => {
            let reason = why(word);
            // A word without a sentence, `http_503` and the like, stands for itself.
            let what = if reason.args.is_empty() {
                text!("problem.unreadable.what", why = reason.key, word = word)
            } else {
                text!("problem.unreadable.word", word = word)
            };
            (text!("problem.unreadable.next"), what)
        }
    };
    let money = match problem.money_moved() {
        MoneyMoved::No => text!("money.no"),
        MoneyMoved::Unknown => text!("money.unknown"),
    };
    Words { next, what, money }
}

/// The words for a problem with a question: nothing was to be charged or changed, so that the next thing is to ask
/// again, and nothing is said about money that could not move.
pub fn asking(problem: &Problem) -> Words {
    let words = words(problem);
    let next = match problem {
        Problem::Later { seconds: Some(seconds), .. } => text!("asking.later-in", seconds = seconds),
        Problem::Later { .. } => text!("asking.later"),
        Problem::Unreachable { .. } | Problem::Busy | Problem::Unreadable { .. } => text!("asking.again"),
        Problem::Certificate { .. } => text!("asking.certificate"),
        Problem::Refused { .. } => text!("asking.refused"),
        _ => words.next,
    };
    let what = match problem {
        Problem::Unreachable { detail } => text!("asking.unreachable", detail = detail),
        Problem::Certificate { detail } => text!("asking.untrusted", detail = detail),
        _ => words.what,
    };
    Words { next, what, money: text!("asking.money") }
}

/// The words for an outcome that nobody has seen; `word` is the journal's word why.
pub fn unknown(word: &str) -> Words {
    Words { next: text!("unknown.next"), what: why(word), money: text!("money.unknown") }
}

/// The words for a refusal of the PG's: what its reason means for the person on the phone.
pub fn declined(refusal: &Refusal, verdict: Verdict) -> Words {
    let message = if refusal.message.is_empty() { "-" } else { refusal.message.as_str() };
    let what = match &refusal.code {
        Some(code) => text!("declined.what-code", code = code, message = message),
        None => text!("declined.what", message = message),
    };
    Words { next: Text::new(verdict.next_id()), what, money: text!("money.no") }
}

/// Why an outcome is unknown, or why nothing was charged, from the journal's word for it. A word of a later
/// program is shown as it is.
pub fn why(word: &str) -> Text {
    match word {
        "timeout" => text!("why.timeout"),
        "reset" => text!("why.reset"),
        "cut_short" => text!("why.cut-short"),
        "malformed" => text!("why.malformed"),
        "redirect" => text!("why.redirect"),
        "too_large" => text!("why.too-large"),
        "already_paid" => text!("why.already-paid"),
        "outstanding" => text!("why.outstanding"),
        "unknown_error" => text!("why.unknown-error"),
        "refused_oddly" => text!("why.refused-oddly"),
        "some_channels" => text!("why.some-channels"),
        "undecided" => text!("why.undecided"),
        "panic" => text!("why.panic"),
        "stopped" => text!("why.stopped"),
        "died" => text!("why.died"),
        "deadline" => text!("why.deadline"),
        "not_found_yet" => text!("why.not-found-yet"),
        "pending" => text!("why.pending"),
        "held_by_another_console" => text!("why.held-by-another-console"),
        "never_sent" => text!("why.never-sent"),
        "not_found" => text!("why.not-found"),
        "credentials" => text!("why.credentials"),
        "forbidden" => text!("why.forbidden"),
        "channel_unknown" => text!("why.channel-unknown"),
        "refused" => text!("why.refused"),
        "unreachable" => text!("why.unreachable"),
        "certificate" => text!("why.certificate"),
        "ledger" => text!("why.ledger"),
        "card" => text!("why.card"),
        "busy" => text!("why.busy"),
        "unsupported" => text!("why.unsupported"),
        "key_gone" => text!("why.key-gone"),
        "key_taken" => text!("why.key-taken"),
        "key_has_schedules" => text!("why.key-has-schedules"),
        "card_may_be_kept" => text!("why.card-may-be-kept"),
        "key_declined" => text!("why.key-declined"),
        "not_waiting" => text!("why.not-waiting"),
        "schedule_gone" => text!("why.schedule-gone"),
        "schedule_not_open" => text!("why.schedule-not-open"),
        "schedule_exists" => text!("why.schedule-exists"),
        "schedule_past" => text!("why.schedule-past"),
        "batch_runs" => text!("why.batch-runs"),
        "given_up" => text!("why.given-up"),
        "not_moved" => text!("why.not-moved"),
        "not_retried" => text!("why.not-retried"),
        "too_late" => text!("why.too-late"),
        "old_stands" => text!("why.old-stands"),
        "waits_for_revoke" => text!("why.waits-for-revoke"),
        "batch_left" => text!("why.batch-left"),
        "balance_changed" => text!("why.balance-changed"),
        "not_refundable" => text!("why.not-refundable"),
        "refund_blocked" => text!("why.refund-blocked"),
        "earlier_open" => text!("why.earlier-open"),
        "refund_requested" => text!("why.refund-requested"),
        "another_refund" => text!("why.another-refund"),
        "several_refunds" => text!("why.several-refunds"),
        "too_early" => text!("why.too-early"),
        "by_hand" => text!("why.by-hand"),
        "still_issued" => text!("why.still-issued"),
        "no_reason" => text!("why.no-reason"),
        "file_not_written" => text!("why.file-not-written"),
        "receipt_exists" => text!("why.receipt-exists"),
        "no_receipt" => text!("why.no-receipt"),
        "under_way" => text!("why.under-way"),
        "still_waiting" => text!("why.still-waiting"),
        "still_there" => text!("why.still-there"),
        "several_keys" => text!("why.several-keys"),
        "schedules_may_be_revoked" => text!("why.schedules-may-be-revoked"),
        "schedules_not_revoked" => text!("why.schedules-not-revoked"),
        "still_scheduled" => text!("why.still-scheduled"),
        "schedules_ran" => text!("why.schedules-ran"),
        "paid_meanwhile" => text!("why.paid-meanwhile"),
        other => text!("why.other", word = other),
    }
}

/// The words for what a check of the PG's rules found.
pub fn finding(what: &What) -> Text {
    let mut text = Text::new(what.message_id());
    text.args = what.arguments();
    text
}

/// The catalogue's key of a card field's name, from the field of [`Problem::Card`].
pub const fn card_field(field: &str) -> &'static str {
    match field.as_bytes() {
        b"expiry" => "pg.field.expiry",
        b"identity" => "pg.field.identity",
        b"pin" => "pg.field.pin",
        _ => "pg.field.card_number",
    }
}

/// The catalogue's key of what a channel can't be asked for, from [`Problem::Unsupported`].
const fn unsupported(what: &str) -> &'static str {
    match what.as_bytes() {
        b"bank" => "unsupported.bank",
        b"currency" => "unsupported.currency",
        b"fixed_account" => "unsupported.fixed-account",
        b"pg_api_key" => "unsupported.pg-api-key",
        b"move_schedule" => "unsupported.move-schedule",
        b"retry_schedule" => "unsupported.retry-schedule",
        b"schedules" => "unsupported.schedules",
        b"cash_receipt" => "unsupported.cash-receipt",
        b"by_hand" => "unsupported.by-hand",
        _ => "unsupported.provider-payment-id",
    }
}

/// The catalogue's key of what stands in the way of a refund, from [`Problem::NotRefundable`].
const fn not_refundable(what: &str) -> &'static str {
    match what.as_bytes() {
        b"tax" => "refundable.tax",
        b"reason" => "refundable.reason",
        b"not_paid" => "refundable.not-paid",
        b"cancelled" => "refundable.cancelled",
        b"count" => "refundable.count",
        b"promotion" => "refundable.promotion",
        _ => "refundable.amount",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::{Catalogue, Lang};

    /// Every problem, each with values that can be recognised.
    fn problems() -> Vec<Problem> {
        let x = || "XVALUEX".to_owned();
        vec![
            Problem::Credentials { profile: x() },
            Problem::Forbidden { profile: x() },
            Problem::ChannelUnknown { channel: x() },
            Problem::Refused { kind: x(), message: x() },
            Problem::Unreachable { detail: x() },
            Problem::Certificate { detail: x() },
            Problem::Ledger { detail: x() },
            Problem::Card { field: "number" },
            Problem::Card { field: "expiry" },
            Problem::Card { field: "identity" },
            Problem::Card { field: "pin" },
            Problem::Unsupported { what: "bank" },
            Problem::Unsupported { what: "currency" },
            Problem::Unsupported { what: "fixed_account" },
            Problem::Unsupported { what: "pg_api_key" },
            Problem::Unsupported { what: "provider_payment_id" },
            Problem::Unsupported { what: "move_schedule" },
            Problem::Unsupported { what: "retry_schedule" },
            Problem::Unsupported { what: "schedules" },
            Problem::Unsupported { what: "cash_receipt" },
            Problem::Unsupported { what: "by_hand" },
            Problem::KeyGone,
            Problem::KeyTaken { card: x() },
            Problem::KeyHasSchedules,
            Problem::CardMayBeKept { why: x() },
            Problem::CardMayBeKept { why: "timeout".to_owned() },
            Problem::SchedulesMayBeRevoked { why: x() },
            Problem::SchedulesMayBeRevoked { why: "timeout".to_owned() },
            Problem::NotWaiting,
            Problem::ScheduleGone,
            Problem::ScheduleNotOpen,
            Problem::ScheduleExists,
            Problem::SchedulePast,
            Problem::BatchRuns,
            Problem::BalanceChanged,
            Problem::NotRefundable { what: "amount" },
            Problem::NotRefundable { what: "tax" },
            Problem::NotRefundable { what: "reason" },
            Problem::NotRefundable { what: "not_paid" },
            Problem::NotRefundable { what: "cancelled" },
            Problem::NotRefundable { what: "count" },
            Problem::NotRefundable { what: "promotion" },
            Problem::RefundBlocked {
                rule: "x",
                key: "refund.rule.open.waits",
                figures: vec![("open", x()), ("unit", x())],
            },
            Problem::EarlierOpen { reference: x() },
            Problem::NoReason,
            Problem::FileNotWritten { detail: x() },
            Problem::ReceiptExists,
            Problem::NoReceipt,
            Problem::TooLarge,
            Problem::Busy,
            Problem::Stopped,
            Problem::Died,
            Problem::Later { why: x(), seconds: None },
            Problem::Later { why: x(), seconds: Some(30) },
            Problem::Unreadable { why: x() },
            Problem::Unreadable { why: "timeout".to_owned() },
        ]
    }

    /// Every word that the operations write for an end that was not seen or a charge that was not made.
    const WORDS: [&str; 68] = [
        "timeout",
        "reset",
        "cut_short",
        "malformed",
        "redirect",
        "too_large",
        "already_paid",
        "outstanding",
        "unknown_error",
        "refused_oddly",
        "some_channels",
        "undecided",
        "panic",
        "stopped",
        "died",
        "deadline",
        "not_found_yet",
        "pending",
        "held_by_another_console",
        "never_sent",
        "not_found",
        "credentials",
        "forbidden",
        "channel_unknown",
        "refused",
        "unreachable",
        "certificate",
        "ledger",
        "card",
        "busy",
        "unsupported",
        "key_gone",
        "key_taken",
        "key_has_schedules",
        "card_may_be_kept",
        "key_declined",
        "not_waiting",
        "schedule_gone",
        "schedule_not_open",
        "schedule_exists",
        "balance_changed",
        "not_refundable",
        "receipt_exists",
        "no_receipt",
        "under_way",
        "still_waiting",
        "still_there",
        "several_keys",
        "paid_meanwhile",
        "schedules_may_be_revoked",
        "schedules_not_revoked",
        "still_scheduled",
        "schedules_ran",
        "schedule_past",
        "batch_runs",
        "given_up",
        "not_moved",
        "not_retried",
        "too_late",
        "old_stands",
        "waits_for_revoke",
        "batch_left",
        "refund_requested",
        "another_refund",
        "several_refunds",
        "too_early",
        "by_hand",
        "still_issued",
    ];

    fn said(text: &Text, lang: Lang) -> String {
        let catalogue = Catalogue::of(lang);
        assert!(catalogue.has(text.key), "{} has no text in {}", text.key, lang.tag());
        let said = catalogue.text(text);
        assert!(!said.contains('{') && !said.contains("pg.field"), "{}: {said}", text.key);
        said
    }

    #[test]
    fn every_problem_says_what_to_do_first_and_whether_money_moved() {
        for problem in problems() {
            let words = words(&problem);
            for lang in Lang::ALL {
                let all = [&words.next, &words.what, &words.money].map(|text| said(text, lang));
                assert!(all.iter().all(|text| !text.is_empty()), "{problem:?}");
                let valued = format!("{problem:?}").contains("XVALUEX");
                assert_eq!(all.concat().contains("XVALUEX"), valued, "{problem:?}: {all:?}");
            }
            let unknown = problem.money_moved() == MoneyMoved::Unknown;
            assert_eq!(words.money.key == "money.unknown", unknown, "{problem:?}");
        }
    }

    #[test]
    fn a_question_that_failed_says_nothing_about_paying_again() {
        for problem in problems() {
            let words = asking(&problem);
            for lang in Lang::ALL {
                let all = [&words.next, &words.what, &words.money].map(|text| said(text, lang));
                assert!(all.iter().all(|text| !text.is_empty()), "{problem:?}");
            }
            assert_eq!(words.money.key, "asking.money", "{problem:?}");
        }
        // Nor does anybody who can't know what was to be done.
        for (lang, again) in [(Lang::Ko, "결제하세요"), (Lang::En, "charge again")] {
            let unreachable = Problem::Unreachable { detail: "refused".to_owned() };
            for words in [asking(&unreachable), words(&unreachable)] {
                assert!(!said(&words.next, lang).contains(again), "{words:?}");
            }
        }
    }

    #[test]
    fn every_word_of_the_journal_has_a_sentence_of_its_own() {
        let mut seen = std::collections::BTreeSet::new();
        for word in WORDS {
            for lang in Lang::ALL {
                assert!(seen.insert(said(&why(word), lang)), "{word} says what another word says");
            }
        }
        let strange = why("a_word_of_tomorrow");
        assert!(said(&strange, Lang::En).contains("a_word_of_tomorrow"));
        assert_eq!(unknown("timeout").money.key, "money.unknown");
    }

    #[test]
    fn a_problem_s_own_word_has_a_sentence() {
        for problem in problems() {
            if !matches!(problem, Problem::Unreadable { .. } | Problem::Later { .. }) {
                assert_ne!(why(problem.word()).key, "why.other", "{problem:?}");
            }
        }
    }

    #[test]
    fn findings_name_their_field_in_words() {
        let what = What::Missing { field: crate::domain::pg::Field::CustomerPhone };
        assert_eq!(said(&finding(&what), Lang::En), "This gateway needs: Customer phone.");
        assert!(said(&finding(&what), Lang::Ko).contains("고객 전화번호"));
    }
}
