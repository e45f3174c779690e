//! From options to the order of a virtual account, checked against the PG's rules.

use jiff::Timestamp;

use super::bank::{NoBank, is_offered, named, offered};
use super::issue::{Args, Receipt};
use crate::cli::sale::{self, Findings, Purpose, missing, take, tidy};
use crate::cli::session::Session;
use crate::config::steers;
use crate::domain::account::{AccountKind, CashReceipt, ReceiptKind};
use crate::domain::channel::{Channel, Mode};
use crate::domain::due::{self, DueError};
use crate::domain::issuer::Bank;
use crate::domain::order::AccountOrder;
use crate::domain::pg::{
    Field, FixedAccount, Generation, Means, Need, Operation, PgRules, Precision, What, business_number_check,
    rules, v1_limits,
};
use crate::i18n::{Lang, Text};
use crate::text;

/// The longest fixed number or id that is taken; V1's `vbank_key` has less (V1 §13.2).
const FIXED: usize = 40;
/// The longest `vbank_key` (V1 §13.2).
const FIXED_KEY: usize = 13;
/// The longest holder where nobody states a limit.
const HOLDER: usize = 40;

/// The order, as far as it could be built; `findings` says what is wrong with it. `lang` is for names of banks.
pub(super) fn build(
    args: &Args,
    session: &Session,
    now: Timestamp,
    lang: Lang,
    findings: &mut Findings,
) -> Option<AccountOrder> {
    const OPERATION: Operation = Operation::KeyInVirtualAccount;
    let purpose = Purpose {
        offered: &[(OPERATION, "channel")],
        sent: &[OPERATION],
        operation: OPERATION,
        means: Means::VirtualAccount,
    };
    let sale = sale::build(&args.sale, session, purpose, findings)?;
    let channel = &sale.channel;
    let rules = rules(channel.generation, &channel.pg);
    if channel.generation == Generation::V1 && channel.key.is_empty() {
        findings.wrong("channel", text!("cli.vbank.no-key", channel = channel.name));
    }
    let bank = bank(args, channel, rules, lang, findings);
    let due = due(args, rules, now, findings);
    let receipt = receipt(args, channel, rules, findings);
    let kind = fixed(args, channel, rules, findings);
    let holder = holder(args, channel, rules, findings);
    Some(AccountOrder { bank: bank?, due: due?, kind, receipt, holder, sale })
}

fn list(banks: impl IntoIterator<Item = &'static Bank>, lang: Lang) -> String {
    let name = |bank: &'static Bank| if lang == Lang::Ko { bank.ko } else { bank.en };
    banks.into_iter().map(name).collect::<Vec<_>>().join(", ")
}

fn bank(
    args: &Args,
    channel: &Channel,
    rules: &PgRules,
    lang: Lang,
    findings: &mut Findings,
) -> Option<&'static Bank> {
    let taken = || list(offered(rules), lang);
    let Some(typed) = args.bank.as_deref().map(tidy).filter(|typed| !typed.is_empty()) else {
        findings.wrong("bank", text!("cli.vbank.bank-missing", banks = taken()));
        return None;
    };
    let bank = match named(rules, &typed) {
        Ok(bank) => bank,
        Err(NoBank::Unknown) => {
            findings.wrong("bank", text!("cli.vbank.bank-unknown", banks = taken()));
            return None;
        }
        Err(NoBank::Several(several)) => {
            findings.wrong("bank", text!("cli.vbank.bank-several", banks = list(several, lang)));
            return None;
        }
    };
    if !is_offered(rules, bank) {
        findings.wrong("bank", text!("cli.vbank.bank-not-offered", banks = taken()));
        return None;
    }
    let idle = &rules.virtual_account.test_unusable_banks;
    if channel.mode == Mode::Test && bank.v2.is_some_and(|name| idle.iter().any(|idle| idle == name)) {
        findings.doubtful("bank", text!("cli.vbank.bank-test"));
    }
    Some(bank)
}

fn due(args: &Args, rules: &PgRules, now: Timestamp, findings: &mut Findings) -> Option<Timestamp> {
    let read = due::parse(&args.due.as_deref().map(tidy).unwrap_or_default(), now);
    let due = match read {
        Ok(due) if rules.virtual_account.precision == Some(Precision::Minutes) => due::whole_minutes(due),
        Ok(due) => due,
        Err(error) => {
            findings.wrong("due", why_not(error));
            return None;
        }
    };
    if due <= now {
        findings.wrong("due", why_not(DueError::Past));
        return None;
    }
    // Its bank is checked for itself, by what the PG can be asked for.
    let mut found = rules.check_virtual_account("", Some(due::hours_until(due, now)));
    found.retain(|finding| matches!(finding.what, What::HoursAbove { .. }));
    take("due", found, findings);
    Some(due)
}

fn why_not(error: DueError) -> Text {
    match error {
        DueError::Empty => text!("cli.vbank.due-missing"),
        DueError::NotADate => text!("cli.vbank.due-unreadable"),
        DueError::Past => text!("cli.vbank.due-past"),
        DueError::TooFar => text!("cli.vbank.due-far"),
    }
}

fn receipt(args: &Args, channel: &Channel, rules: &PgRules, findings: &mut Findings) -> Option<CashReceipt> {
    let need = rules.need(Operation::KeyInVirtualAccount, Field::CashReceipt);
    let Some(kind) = args.receipt.map(Receipt::kind) else {
        if need == Need::Required {
            findings.wrong("receipt", missing(Field::CashReceipt));
        } else if args.receipt_number.is_some() {
            findings.wrong("receipt", text!("cli.vbank.receipt-kind-missing"));
        }
        return None;
    };
    // V1's request has no place for one: it is issued after the deposit (V1 §13.2, §13.3).
    if channel.generation == Generation::V1 {
        findings.wrong("receipt", text!("cli.vbank.receipt-v1"));
        return None;
    }
    let taken = &rules.virtual_account.cash_receipt_types;
    if need == Need::Ignored || !(taken.is_empty() || taken.iter().any(|name| name == kind.wire())) {
        findings.wrong("receipt", text!("cli.vbank.receipt-not-taken", pg = channel.pg));
        return None;
    }
    let typed = args.receipt_number.as_deref().map(tidy).unwrap_or_default();
    let odd = typed.chars().any(|ch| !(ch.is_ascii_digit() || matches!(ch, '-' | ' ')));
    let identity: String = typed.chars().filter(char::is_ascii_digit).collect();
    let why = match kind {
        _ if typed.is_empty() => Some(text!("cli.vbank.receipt-number-missing")),
        ReceiptKind::Personal => {
            let phone = (10..=11).contains(&identity.len()) && identity.starts_with("01");
            (odd || !phone).then(|| text!("cli.vbank.receipt-phone"))
        }
        ReceiptKind::Corporate => (odd || identity.len() != 10).then(|| text!("cli.vbank.receipt-business")),
    };
    if let Some(why) = why {
        findings.wrong("receipt-number", why);
        return None;
    }
    if kind == ReceiptKind::Corporate && business_number_check(&identity) != Some(true) {
        findings.doubtful("receipt-number", text!("cli.card.identity-business"));
    }
    Some(CashReceipt { kind, identity })
}

fn fixed(args: &Args, channel: &Channel, rules: &PgRules, findings: &mut Findings) -> AccountKind {
    let Some(number) = args.fixed.as_deref().map(tidy) else { return AccountKind::Rotating };
    let form = rules.virtual_account.fixed;
    let most = if form == FixedAccount::VbankKey { FIXED_KEY } else { FIXED };
    let plain = number.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    if form == FixedAccount::None {
        findings.wrong("fixed", text!("cli.vbank.fixed-not-taken", pg = channel.pg));
    } else if number.is_empty() || !plain || number.len() > most {
        findings.wrong("fixed", text!("cli.vbank.fixed-form", max = most));
    } else if matches!(form, FixedAccount::Unstated | FixedAccount::Supported) {
        findings.doubtful("fixed", text!("cli.vbank.fixed-unstated", pg = channel.pg));
    }
    AccountKind::Fixed(number)
}

fn holder(args: &Args, channel: &Channel, rules: &PgRules, findings: &mut Findings) -> Option<String> {
    let need = rules.need(Operation::KeyInVirtualAccount, Field::AccountHolder);
    let Some(holder) = args.holder.as_deref().map(tidy).filter(|holder| !holder.is_empty()) else {
        if need == Need::Required {
            findings.wrong("holder", missing(Field::AccountHolder));
        }
        return None;
    };
    if need == Need::Ignored || rules.virtual_account.holder_is_merchant {
        findings.doubtful("holder", text!("cli.vbank.holder-ignored", pg = channel.pg));
        return None;
    }
    let most = if channel.generation == Generation::V1 { v1_limits().account_holder } else { HOLDER };
    if holder.chars().any(steers) {
        findings.wrong("holder", text!("cli.pay.control"));
    } else if holder.chars().count() > most {
        findings.wrong("holder", text!("cli.vbank.holder-long", max = most));
    }
    Some(holder)
}
