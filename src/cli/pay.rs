//! `danmal pay`: one keyed-in card, charged once, and kept as a billing key when that is ordered, without asking.
//!
//! The card comes as one JSON line on standard input, read straight into the vault. Everything else comes as
//! options and is checked against the rules of the PG before the line is read. Never asks, never retries.

pub(super) mod order;

use std::process::ExitCode;

use super::Globals;
use super::card;
use super::exit::Exit;
use super::once::{Asked, End, Known, Run, find_out, runtime, taken, until_told_to_end};
use super::report::{Report, print};
use super::sale::{Findings, SaleArgs, tidy};
use super::say::{Say, amount};
use super::state::mode_key;
use crate::domain::billing_key::BillingKey;
use crate::domain::intent::{Approval, IntentKind, IntentState};
use crate::domain::order::KeyInOrder;
use crate::domain::outcome::{KeyFate, Look, Outcome};
use crate::domain::pg::{Generation, Operation};
use crate::ledger::Guard;
use crate::operation::Desk;
use crate::text;

/// What `danmal pay` takes.
#[derive(Debug, Clone, Default, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct Args {
    /// The sale.
    #[command(flatten)]
    pub sale: SaleArgs,
    /// Instalment months; 0 is lump sum.
    #[arg(long, value_name = "MONTHS", default_value_t = 0)]
    pub installments: u8,
    /// The merchant bears the interest of the instalments.
    #[arg(long)]
    pub interest_free: bool,
    /// Keep the card as a billing key as well.
    #[arg(long)]
    pub save_card: bool,
    /// Write the billing key whole; whoever has it can charge the card.
    #[arg(long)]
    pub show_key: bool,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
    /// Charge without asking; there is nobody to ask.
    #[arg(long)]
    pub yes: bool,
    /// Read the card as one JSON line from standard input.
    #[arg(long)]
    pub card_stdin: bool,
}

/// What the money moves as: a card that V2 keeps is charged through its new key.
const fn kind_of(order: &KeyInOrder) -> IntentKind {
    match (order.save_card, order.sale.channel.generation) {
        (true, Generation::V2) => IntentKind::ChargeKey,
        _ => IntentKind::KeyIn,
    }
}

/// Charges, says how it ended.
pub(super) fn run(globals: &Globals, args: &Args) -> ExitCode {
    let early = Say::before_config(globals);
    let refuse = |problem: &str, fields: Vec<&'static str>| {
        if args.json {
            print(&Report { fields, ..Report::not_done(IntentKind::KeyIn, problem) });
        }
    };
    let unset = [("yes", args.yes), ("card-stdin", args.card_stdin)];
    let missing: Vec<&'static str> =
        unset.into_iter().filter(|(_, set)| !set).map(|(name, _)| name).collect();
    if !missing.is_empty() {
        if !args.yes {
            early.problem_text(&text!("cli.pay.yes"));
        }
        if !args.card_stdin {
            early.problem_text(&text!("cli.pay.card-stdin"));
        }
        refuse("usage", missing);
        return Exit::Usage.code();
    }
    let (session, _log) = match super::session(globals) {
        Ok(opened) => opened,
        Err(exit) => {
            refuse("config", Vec::new());
            return exit;
        }
    };
    let say = Say::of(globals, &session);
    let report = Report {
        kind: Some(IntentKind::KeyIn.word()),
        profile: Some(session.profile.clone()),
        show_key: args.show_key,
        ..Report::default()
    };
    let exit = Pay(Run { say, json: args.json, session: &session, report }).run(args);
    // Whatever way this went: nothing of the card stays.
    session.recipe.vault.wipe_for_exit();
    exit.code()
}

/// One run.
struct Pay<'a>(Run<'a>);

impl Pay<'_> {
    fn run(&mut self, args: &Args) -> Exit {
        let mut findings = Findings::default();
        let order = order::build(args, self.0.session, &mut findings);
        self.0.doubts(&findings);
        let Some(order) = order.filter(|_| findings.wrong.is_empty()) else {
            return self.0.refused(IntentKind::KeyIn, &findings.wrong);
        };
        let kind = kind_of(&order);
        self.0.report.sale(kind, &order.sale, order.installments);
        let vault = &self.0.session.recipe.vault;
        if let Err(wrong) = card::read(vault) {
            return self.0.refused(kind, &[wrong]);
        }
        let mut findings = Findings::default();
        // The card goes along with the first request: the issue of its key where V2 keeps it.
        let first = order::charge_of(kind == IntentKind::ChargeKey).1;
        let operation = first.first().copied().unwrap_or(Operation::KeyInCard);
        let month = card::this_month(jiff::Timestamp::now());
        card::check(vault, &order.sale.channel, operation, month, &mut findings);
        self.0.doubts(&findings);
        if !findings.wrong.is_empty() {
            return self.0.refused(kind, &findings.wrong);
        }
        self.0.report.card(card::ending(vault).as_ref());
        let made = self.0.session.recipe.clone().desk().and_then(|desk| Ok((desk, runtime()?)));
        let (desk, runtime) = match made {
            Ok(made) => made,
            Err(problem) => return self.ended(&order, &End::seen(Outcome::NotCharged(problem))),
        };
        let guard = match &args.sale.duplicate_reason {
            Some(reason) => Guard::Overridden(tidy(reason)),
            None => Guard::Check(desk.guard_window),
        };
        let given = args.sale.order_id.is_some();
        let id = &order.sale.payment_id;
        let end = runtime.block_on(async {
            let mut end = until_told_to_end(&desk, id, charge(&desk, &order, &guard, given)).await;
            if order.save_card && end.key.is_none() {
                end.key = fate_after(&desk, &order, &end.known);
            }
            end
        });
        let exit = self.ended(&order, &end);
        tracing::info!(payment_id = %id, outcome = self.0.report.outcome, "charged headless");
        exit
    }

    fn ended(&mut self, order: &KeyInOrder, end: &End) -> Exit {
        let id = &order.sale.payment_id;
        let asked =
            Asked { kind: kind_of(order), id, reference: id, channel: &order.sale.channel, held_key: false };
        let exit = self.0.ended(&asked, &end.known, |run, approval| approved(run, order, approval));
        if let Some(fate) = &end.key {
            self.0.report.fate(fate);
            self.kept(order, &end.known, fate);
        }
        self.0.finish(exit)
    }

    /// What became of a card that was to be kept.
    fn kept(&self, order: &KeyInOrder, known: &Known, fate: &KeyFate) {
        let say = self.0.say;
        match fate {
            KeyFate::Kept(_) => {
                let key = self.0.report.billing_key.as_deref().unwrap_or_default();
                let kept = text!("cli.pay.card-kept", key = key);
                let approved =
                    matches!(known, Known::Seen(outcome) if matches!(**outcome, Outcome::Approved(_)));
                match (approved, self.0.json) {
                    (true, true) => {}
                    (true, false) => say.text(&kept),
                    // Nothing was taken, but a key is there that can be charged.
                    (false, _) => say.problem_text(&kept),
                }
            }
            KeyFate::NotKept => say.problem_text(&text!("cli.pay.card-not-kept")),
            KeyFate::Unseen => {
                // V1 keeps the card in the call that charges it: once that is settled nothing looks again.
                let declined =
                    matches!(known, Known::Seen(outcome) if matches!(**outcome, Outcome::Declined(_)));
                if declined && order.sale.channel.generation == Generation::V1 {
                    let name = BillingKey::mint(&order.sale.payment_id);
                    say.problem_text(&text!("cli.pay.card-unseen-v1", key = name.shortened()));
                } else {
                    say.problem_text(&text!("cli.pay.card-unseen"));
                }
            }
        }
    }
}

fn approved(run: &Run<'_>, order: &KeyInOrder, approval: &Approval) {
    if let Some(total) = approval.differing_total {
        let (said, asked) = (amount(run.say, total), amount(run.say, order.sale.amount));
        run.say.problem_text(&text!("cli.pay.differs", said = said, asked = asked));
    }
    if run.json {
        return;
    }
    let card = run.report.card_shown().unwrap_or_default();
    run.say.text(&text!(
        "cli.pay.approved",
        mode = mode_key(order.sale.channel.mode),
        amount = amount(run.say, order.sale.amount),
        number = approval.approval_number.as_ref().map_or("-", |number| number.as_str()),
        card = card,
        id = order.sale.payment_id
    ));
    if let Some(url) = &approval.receipt_url {
        run.say.text(&text!("cli.pay.receipt", url = url));
    }
}

/// Charges once. An end that was not seen is looked up once; the rest is `danmal settle`'s.
async fn charge(desk: &Desk, order: &KeyInOrder, guard: &Guard, given: bool) -> End {
    let id = &order.sale.payment_id;
    // An id of somebody else's making may have been used by somebody else.
    if given && let Some(end) = taken(desk, id).await {
        desk.vault.wipe();
        return end;
    }
    let end = desk.charge(order, guard, |_| ()).await;
    let known = find_out(desk, id, end.outcome).await;
    let key = match end.key {
        Some(KeyFate::Unseen) => Some(find_key(desk, order, &known).await),
        key => key,
    };
    End { known, key }
}

/// Asks once for a key whose fate was not seen.
async fn find_key(desk: &Desk, order: &KeyInOrder, known: &Known) -> KeyFate {
    if order.sale.channel.generation == Generation::V1 {
        return match known {
            Known::Seen(outcome) => match &**outcome {
                Outcome::Approved(approval) => approval.key.clone().map_or(KeyFate::NotKept, KeyFate::Kept),
                Outcome::Declined(_) => of_name(desk, order).await,
                _ => KeyFate::Unseen,
            },
            Known::NotDone(_) | Known::Taken => KeyFate::NotKept,
        };
    }
    let Some(issue) = open_issue(desk, order) else { return KeyFate::Unseen };
    match desk.look_at(&issue).await {
        Look::Settled(intent) if intent.state == IntentState::Approved => {
            intent.approval.and_then(|approval| approval.key).map_or(KeyFate::Unseen, KeyFate::Kept)
        }
        Look::Settled(_) => KeyFate::NotKept,
        Look::Open(_) | Look::Failed(_) => KeyFate::Unseen,
    }
}

async fn of_name(desk: &Desk, order: &KeyInOrder) -> KeyFate {
    let name = BillingKey::mint(&order.sale.payment_id);
    match desk.key(&name).await {
        Ok(Some(_)) => KeyFate::Kept(name),
        Ok(None) => KeyFate::NotKept,
        Err(_) => KeyFate::Unseen,
    }
}

/// The intent of the key that was to be made for this charge, while its end is not known.
fn open_issue(desk: &Desk, order: &KeyInOrder) -> Option<crate::domain::payment::PaymentId> {
    let open = desk.ledger.borrow().unsettled(&desk.profile).ok()?;
    let ours = open.into_iter().find(|intent| intent.new.parent.as_ref() == Some(&order.sale.payment_id));
    ours.map(|intent| intent.new.id)
}

/// What the journal tells of the card when the operation was broken off, or did not begin.
fn fate_after(desk: &Desk, order: &KeyInOrder, known: &Known) -> Option<KeyFate> {
    match known {
        Known::Taken => None,
        Known::Seen(outcome) if matches!(**outcome, Outcome::Blocked(_)) => None,
        Known::Seen(outcome) if matches!(**outcome, Outcome::Unknown(_)) => Some(KeyFate::Unseen),
        _ if open_issue(desk, order).is_some() => Some(KeyFate::Unseen),
        _ => Some(KeyFate::NotKept),
    }
}
