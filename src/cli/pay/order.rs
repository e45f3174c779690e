//! From options to the order of a card payment: months, who bears their interest, whether the card is kept.

use super::Args;
use crate::cli::sale::{self, Findings, Purpose, take};
use crate::cli::session::Session;
use crate::domain::channel::Channel;
use crate::domain::fit::keeps_card_with_key_in;
use crate::domain::money::{Currency, Money};
use crate::domain::order::{Installments, KeyInOrder};
use crate::domain::pg::{Generation, Means, Operation, Severity, Support, rules};
use crate::text;

/// The order, as far as it could be built; `findings` says what is wrong with it.
pub(super) fn build(args: &Args, session: &Session, findings: &mut Findings) -> Option<KeyInOrder> {
    // The generation is the profile's: every channel has it.
    let by_key = args.save_card
        && session.channels.first().is_some_and(|channel| channel.generation == Generation::V2);
    let (charge, sent) = charge_of(by_key);
    let mut offered = vec![(Operation::KeyInCard, "channel")];
    if args.save_card {
        offered.extend([(Operation::IssueKey, "save-card"), (Operation::ChargeKey, "save-card")]);
        if by_key {
            // A card that is kept first is not keyed in: what the channel must offer is keys.
            offered.remove(0);
        }
    }
    let purpose = Purpose { offered: &offered, sent, operation: charge, means: Means::Card };
    let sale = sale::build(&args.sale, session, purpose, findings);
    if args.show_key && !args.save_card {
        findings.wrong("show-key", text!("cli.pay.show-key"));
    }
    let sale = sale?;
    let channel = &sale.channel;
    let installments = Installments { months: args.installments, interest_free: args.interest_free };
    check_installments(channel, charge, installments, sale.amount, findings);
    if args.save_card && !keeps_card_with_key_in(channel) {
        findings.wrong("save-card", text!("cli.pay.keeps-none", channel = channel.name, pg = channel.pg));
    }
    Some(KeyInOrder { sale, installments, save_card: args.save_card })
}

/// What the charge is to the PG, and what is sent for it: a card that V2 keeps is issued as a key and charged by
/// it.
pub(super) const fn charge_of(by_key: bool) -> (Operation, &'static [Operation]) {
    if by_key {
        (Operation::ChargeKey, &[Operation::IssueKey, Operation::ChargeKey])
    } else {
        (Operation::KeyInCard, &[Operation::KeyInCard])
    }
}

/// Finds what is wrong with the months and who bears their interest.
pub(in crate::cli) fn check_installments(
    channel: &Channel,
    charge: Operation,
    installments: Installments,
    amount: Money,
    findings: &mut Findings,
) {
    check_months(channel, installments.months, amount, findings);
    match (installments.interest_free, installments.months) {
        (false, _) => {}
        (true, ..2) => findings.wrong("interest-free", text!("cli.pay.interest-free-months")),
        (true, _) => check_interest(channel, charge, findings),
    }
}

fn check_months(channel: &Channel, months: u8, amount: Money, findings: &mut Findings) {
    if months == 0 {
        return;
    }
    if amount.currency() != Currency::Krw {
        findings.wrong("installments", text!("cli.pay.installments-krw"));
        return;
    }
    let rules = rules(channel.generation, &channel.pg);
    let found = rules.check_installments(months.into(), amount.minor_signed(), None);
    let blocked = found.iter().any(|found| found.severity == Severity::Blocks);
    take("installments", found, findings);
    if !blocked && !channel.terms.installments.contains(&months) {
        let offered: Vec<String> = channel.terms.installments.iter().map(ToString::to_string).collect();
        findings.wrong(
            "installments",
            if offered.is_empty() {
                text!("cli.pay.no-installments", channel = channel.name)
            } else {
                text!("cli.pay.installments", channel = channel.name, months = offered.join(", "))
            },
        );
    }
}

/// Interest-free instalments need the contract's word, and a PG that does not throw the flag away.
fn check_interest(channel: &Channel, charge: Operation, findings: &mut Findings) {
    if rules(channel.generation, &channel.pg).interest_free(charge) == Support::Ignored {
        findings.wrong("interest-free", text!("cli.pay.interest-free-pg", pg = channel.pg));
    } else if !channel.terms.interest_free {
        findings.wrong("interest-free", text!("cli.pay.interest-free-contract", channel = channel.name));
    }
}
