//! `danmal pay`: one keyed-in card, charged once, without asking.
//!
//! The card comes as one JSON line on standard input, read straight into the vault. Everything else comes as
//! options and is checked against the rules of the PG before the line is read. Never asks, never retries.

mod card;
mod order;

use std::process::ExitCode;

use tokio::signal::unix::{SignalKind, signal};

use super::Globals;
use super::exit::Exit;
use super::report::{Report, print};
use super::say::{Say, exit_of};
use super::session::Session;
use crate::config;
use crate::domain::card::CardEnding;
use crate::domain::channel::Mode;
use crate::domain::decline::{self, class_of};
use crate::domain::intent::{Approval, Intent, IntentState};
use crate::domain::money::{Currency, Money};
use crate::domain::order::KeyInOrder;
use crate::domain::outcome::{Look, Outcome};
use crate::domain::problem::Problem;
use crate::domain::text::SafeText;
use crate::error::{self, Words};
use crate::gateway::LookUp;
use crate::i18n::Text;
use crate::ledger::Guard;
use crate::operation::Desk;
use crate::text;
use crate::vault::{CardLineError, read_card_line};

/// What `danmal pay` takes.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Args {
    /// Amount: 45000, 45,000 or 4.5만.
    #[arg(long, value_name = "N")]
    pub amount: Option<String>,
    /// Currency; the channel's first one when absent.
    #[arg(long, value_name = "CODE")]
    pub currency: Option<String>,
    /// Order name; the profile's when absent.
    #[arg(long, value_name = "TEXT")]
    pub order_name: Option<String>,
    /// Channel (PG contract); the profile's default when absent.
    #[arg(long, value_name = "NAME")]
    pub channel: Option<String>,
    /// Instalment months; 0 is lump sum.
    #[arg(long, value_name = "MONTHS", default_value_t = 0)]
    pub installments: u8,
    /// Tax-free part of the amount.
    #[arg(long, value_name = "N")]
    pub tax_free: Option<String>,
    /// Customer's name.
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    pub customer_name: String,
    /// Customer's phone number.
    #[arg(long, value_name = "PHONE", default_value = "", hide_default_value = true)]
    pub customer_phone: String,
    /// Customer's e-mail address.
    #[arg(long, value_name = "EMAIL", default_value = "", hide_default_value = true)]
    pub customer_email: String,
    /// Payment id of your own, 6 to 40 letters and digits; minted when absent.
    #[arg(long, value_name = "ID")]
    pub order_id: Option<String>,
    /// Charges although the same card and amount was charged a moment ago, and keeps this reason.
    #[arg(long, value_name = "TEXT")]
    pub duplicate_reason: Option<String>,
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

/// Something that keeps the request from being sent: which option or member of the card line, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Wrong {
    field: &'static str,
    why: Text,
}

/// What the checks found.
#[derive(Debug, Default)]
struct Findings {
    wrong: Vec<Wrong>,
    /// Worth saying; the request may go.
    doubtful: Vec<Wrong>,
}

impl Findings {
    fn wrong(&mut self, field: &'static str, why: Text) {
        self.wrong.push(Wrong { field, why });
    }

    fn doubtful(&mut self, field: &'static str, why: Text) {
        self.doubtful.push(Wrong { field, why });
    }
}

/// One run.
struct Pay<'a> {
    say: Say,
    json: bool,
    session: &'a Session,
    report: Report,
}

/// Charges, says how it ended.
pub(super) fn run(globals: &Globals, args: &Args) -> ExitCode {
    let early = Say::before_config(globals);
    let refuse = |problem: &str, fields: Vec<&'static str>| {
        if args.json {
            print(&Report { fields, ..Report::not_charged(problem) });
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
    let report = Report { profile: Some(session.profile.clone()), ..Report::default() };
    let exit = Pay { say, json: args.json, session: &session, report }.run(args);
    // Whatever way this went: nothing of the card stays.
    session.recipe.vault.wipe_for_exit();
    exit.code()
}

impl Pay<'_> {
    fn run(&mut self, args: &Args) -> Exit {
        let mut findings = Findings::default();
        let order = order::build(args, self.session, &mut findings);
        self.doubts(&findings);
        let Some(order) = order.filter(|_| findings.wrong.is_empty()) else {
            return self.refused(&findings.wrong);
        };
        self.describe(&order);
        let vault = &self.session.recipe.vault;
        if rustix::termios::isatty(rustix::stdio::stdin()) {
            return self.refused(&[Wrong { field: "card-stdin", why: text!("cli.pay.terminal") }]);
        }
        if let Err(error) = read_card_line(vault, rustix::stdio::stdin()) {
            return self.refused(&[Wrong { field: "card-stdin", why: card_line(error) }]);
        }
        let mut findings = Findings::default();
        card::check(vault, &order, order::this_month(jiff::Timestamp::now()), &mut findings);
        self.doubts(&findings);
        if !findings.wrong.is_empty() {
            return self.refused(&findings.wrong);
        }
        let facts = vault.number_facts();
        self.report.card(facts.last4().and_then(|last4| CardEnding::new(facts.prefix(), last4)).as_ref());
        let desk = match self.session.recipe.clone().desk() {
            Ok(desk) => desk,
            Err(problem) => return self.ended(&order, &End::seen(Outcome::NotCharged(problem))),
        };
        let guard = match &args.duplicate_reason {
            Some(reason) => Guard::Overridden(order::tidy(reason)),
            None => Guard::Check(desk.guard_window),
        };
        let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
            Ok(runtime) => runtime,
            Err(error) => {
                let problem = Problem::Unreachable { detail: error.kind().to_string() };
                return self.ended(&order, &End::seen(Outcome::NotCharged(problem)));
            }
        };
        let given = args.order_id.is_some();
        let end = runtime.block_on(async { until_told_to_end(charge(&desk, &order, &guard, given)).await });
        let exit = self.ended(&order, &end);
        tracing::info!(payment_id = %order.sale.payment_id, outcome = self.report.outcome, "charged headless");
        exit
    }

    /// What is known of the payment before anything is sent.
    fn describe(&mut self, order: &KeyInOrder) {
        self.report.payment_id = Some(order.sale.payment_id.to_string());
        self.report.amount = Some(order.sale.amount.minor());
        self.report.currency = Some(order.sale.amount.currency().code());
        self.report.tax_free = order.sale.tax_free.map(Money::minor);
        self.report.installments = order.installments.months;
        self.report.order_name = Some(order.sale.order_name.clone());
        self.report.channel = Some(order.sale.channel.name.clone());
        self.report.mode = Some(order.sale.channel.mode.word());
    }

    fn doubts(&self, findings: &Findings) {
        for doubt in &findings.doubtful {
            let why = self.say.words(&doubt.why);
            self.say.problem_text(&text!("cli.doubt", field = doubt.field, why = why));
        }
    }

    fn refused(&mut self, wrong: &[Wrong]) -> Exit {
        for wrong in wrong {
            let why = self.say.words(&wrong.why);
            self.say.problem_text(&text!("cli.wrong", field = wrong.field, why = why));
        }
        self.say.problem_text(&text!("money.no"));
        self.report.outcome = "not_charged";
        self.report.problem = Some("usage".to_owned());
        self.report.fields = wrong.iter().map(|wrong| wrong.field).collect();
        self.report.fields.dedup();
        self.finish(Exit::Usage)
    }

    fn finish(&self, exit: Exit) -> Exit {
        if self.json {
            print(&self.report);
        }
        exit
    }

    fn ended(&mut self, order: &KeyInOrder, end: &End) -> Exit {
        let exit = match end {
            End::Seen(outcome) => self.seen(order, outcome),
            End::NotCharged(why) => {
                self.report.outcome = "not_charged";
                self.report.problem = Some(why.clone());
                let next = text!("cli.pay.not-charged.next");
                let words = Words { next, what: error::why(why), money: text!("money.no") };
                self.say.problem(&words, Some(order.sale.payment_id.as_str()));
                Exit::Failed
            }
            End::Taken => {
                self.report.outcome = "blocked";
                self.report.guard = Some(order.sale.payment_id.to_string());
                let words = Words {
                    next: text!("cli.pay.id-taken.next"),
                    what: text!("cli.pay.id-taken.elsewhere"),
                    money: text!("cli.pay.blocked.money"),
                };
                self.say.problem(&words, Some(order.sale.payment_id.as_str()));
                Exit::Guarded
            }
        };
        self.finish(exit)
    }

    fn seen(&mut self, order: &KeyInOrder, outcome: &Outcome) -> Exit {
        self.report.outcome(outcome);
        let id = order.sale.payment_id.as_str();
        match outcome {
            Outcome::Approved(approval) => {
                self.approved(order, approval);
                Exit::Done
            }
            Outcome::Declined(refusal) => {
                let message = refusal.message.as_str();
                let code = refusal.code.as_ref().map(SafeText::as_str);
                let verdict = class_of(&order.sale.channel.pg, order.sale.channel.generation, code, message);
                self.report.advice = Some(verdict.class.name());
                self.report.fields = verdict.field.map(decline::Field::name).into_iter().collect();
                self.say.problem(&error::declined(refusal, verdict), Some(id));
                Exit::Declined
            }
            Outcome::Unknown(why) => {
                self.say.problem(&error::unknown(why), Some(id));
                Exit::Unknown
            }
            Outcome::NotCharged(problem) => {
                self.say.problem(&error::words(problem), Some(id));
                exit_of(problem)
            }
            Outcome::Blocked(earlier) => {
                self.say.problem(&self.blocked(order, earlier), Some(earlier.new.id.as_str()));
                Exit::Guarded
            }
        }
    }

    fn approved(&self, order: &KeyInOrder, approval: &Approval) {
        if let Some(total) = approval.differing_total {
            let (said, asked) = (amount(self.say, total), amount(self.say, order.sale.amount));
            self.say.problem_text(&text!("cli.pay.differs", said = said, asked = asked));
        }
        if self.json {
            return;
        }
        let card = self.report.card_shown().unwrap_or_default();
        self.say.text(&text!(
            "cli.pay.approved",
            mode = mode_key(order.sale.channel.mode),
            amount = amount(self.say, order.sale.amount),
            number = approval.approval_number.as_ref().map_or("-", |number| number.as_str()),
            card = card,
            id = order.sale.payment_id
        ));
        if let Some(url) = &approval.receipt_url {
            self.say.text(&text!("cli.pay.receipt", url = url));
        }
    }

    fn blocked(&self, order: &KeyInOrder, earlier: &Intent) -> Words {
        let same_id = earlier.new.id == order.sale.payment_id;
        let next = if same_id { text!("cli.pay.id-taken.next") } else { text!("cli.pay.blocked.next") };
        let what = if same_id {
            text!("cli.pay.id-taken.what", state = state_key(earlier.state))
        } else {
            text!(
                "cli.pay.blocked.what",
                amount = amount(self.say, earlier.new.amount),
                time = korea_time(earlier.new.created),
                operator = earlier.new.operator.user,
                state = state_key(earlier.state)
            )
        };
        Words { next, what, money: text!("cli.pay.blocked.money") }
    }
}

/// How it ended.
enum End {
    /// As the charge itself says.
    Seen(Box<Outcome>),
    /// A look-up after an end that was not seen: nothing was charged, and the journal's word why.
    NotCharged(String),
    /// The id is in use at the provider, by a program with another journal.
    Taken,
}

impl End {
    fn seen(outcome: Outcome) -> Self {
        Self::Seen(Box::new(outcome))
    }
}

/// Charges once. An end that was not seen is looked up once; the rest is `danmal settle`'s.
async fn charge(desk: &Desk, order: &KeyInOrder, guard: &Guard, given: bool) -> End {
    // An id of somebody else's making may have been used by somebody else: V1 does not say for sure that it
    // would refuse it (V1 §4.2). Minted ids are nobody's.
    if given && let Some(end) = taken(desk, order).await {
        desk.vault.wipe();
        return end;
    }
    let outcome = desk.charge(order, guard, |_| ()).await.outcome;
    match outcome {
        Outcome::Unknown(why) => match desk.look_at(&order.sale.payment_id).await {
            Look::Settled(intent) => settled(*intent, why),
            Look::Open(_) | Look::Failed(_) => End::seen(Outcome::Unknown(why)),
        },
        // Another program wrote the same id between our look and our intent.
        Outcome::NotCharged(Problem::Ledger { detail }) => match earlier_of_id(desk, order) {
            Some(earlier) if earlier.new.operator.process != desk.world.operator().process => {
                End::seen(Outcome::Blocked(Box::new(earlier)))
            }
            _ => End::seen(Outcome::NotCharged(Problem::Ledger { detail })),
        },
        outcome => End::seen(outcome),
    }
}

fn earlier_of_id(desk: &Desk, order: &KeyInOrder) -> Option<Intent> {
    desk.ledger.borrow().intent(&order.sale.payment_id).ok().flatten()
}

/// Whether the id is in use, in the journal or at the provider. An id is for one attempt, also when that
/// failed: V2 takes the same id for the same request and repeats its first answer (V2 §3.1).
async fn taken(desk: &Desk, order: &KeyInOrder) -> Option<End> {
    if let Some(earlier) = earlier_of_id(desk, order) {
        return Some(End::seen(Outcome::Blocked(Box::new(earlier))));
    }
    match desk.gateway.look_up(&order.sale.payment_id).await {
        Ok(LookUp::NotFound) => None,
        Ok(LookUp::Found(_)) => Some(End::Taken),
        // Nobody can say whether the id was charged before; nothing was sent.
        Err(Problem::Unreadable { why }) => {
            Some(End::seen(Outcome::NotCharged(Problem::Unreachable { detail: why })))
        }
        Err(problem) => Some(End::seen(Outcome::NotCharged(problem))),
    }
}

/// What the journal row tells after a look-up; `why` is the word of the charge that was not seen.
fn settled(intent: Intent, why: String) -> End {
    match intent.state {
        IntentState::Approved => End::seen(Outcome::Approved(intent.approval.unwrap_or_default())),
        IntentState::Declined => End::seen(Outcome::Declined(intent.refusal.unwrap_or_default())),
        IntentState::NotCharged => End::NotCharged(intent.why.unwrap_or_default()),
        IntentState::Intended | IntentState::Sent | IntentState::Unknown => End::seen(Outcome::Unknown(why)),
    }
}

/// Drops the charge when the process is told to end: that stops the request, joins its thread and wipes. Its
/// end is unknown then, and the journal says so.
async fn until_told_to_end(charge: impl Future<Output = End>) -> End {
    let told = async {
        let kinds = [SignalKind::terminate(), SignalKind::interrupt(), SignalKind::hangup()].map(signal);
        let [Ok(mut terminate), Ok(mut interrupt), Ok(mut hang_up)] = kinds else {
            // Without handlers a signal ends the process as ever, and `settle` finds the rest.
            return std::future::pending().await;
        };
        tokio::select! {
            _ = terminate.recv() => (),
            _ = interrupt.recv() => (),
            _ = hang_up.recv() => (),
        }
    };
    tokio::select! {
        biased;
        () = told => End::seen(Outcome::Unknown("stopped".to_owned())),
        end = charge => end,
    }
}

fn card_line(error: CardLineError) -> Text {
    match error {
        CardLineError::Incomplete => text!("cli.card-line.incomplete"),
        CardLineError::NotAnObject => text!("cli.card-line.not-an-object"),
        CardLineError::UnknownMember => text!("cli.card-line.unknown-member"),
        CardLineError::Twice => text!("cli.card-line.twice"),
        CardLineError::NotDigits => text!("cli.card-line.not-digits"),
        CardLineError::TooLong => text!("cli.card-line.too-long"),
        CardLineError::Unreadable => text!("cli.card-line.unreadable"),
    }
}

/// An amount with its currency, in words.
pub(super) fn amount(say: Say, money: Money) -> String {
    say.words(&match money.currency() {
        Currency::Krw => text!("cli.amount.krw", amount = money),
        Currency::Usd => text!("cli.amount.usd", amount = money),
    })
}

/// The catalogue's key of a state's name.
pub(super) const fn state_key(state: IntentState) -> &'static str {
    match state {
        IntentState::Intended | IntentState::Sent => "cli.state.under-way",
        IntentState::Unknown => "cli.state.unknown",
        IntentState::Approved => "cli.state.approved",
        IntentState::Declined => "cli.state.declined",
        IntentState::NotCharged => "cli.state.not-charged",
    }
}

/// The catalogue's key of TEST or LIVE.
pub(super) const fn mode_key(mode: Mode) -> &'static str {
    match mode {
        Mode::Test => "env.test",
        Mode::Live => "env.live",
    }
}

/// A moment in Korea time, to the minute.
pub(super) fn korea_time(at: jiff::Timestamp) -> String {
    at.to_zoned(order::korea()).strftime("%Y-%m-%d %H:%M").to_string()
}

/// What a channel's configuration says beside the domain's words.
fn contract<'a>(session: &'a Session, channel: &str) -> Option<&'a config::Contract> {
    let profile = session.config.profile(Some(&session.profile)).ok()?;
    profile.channel(channel).map(|channel| &channel.contract)
}
