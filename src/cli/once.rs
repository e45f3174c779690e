//! One attempt at something with money in it, told to its end: what `pay` and `vbank` have in common.
//!
//! Never asks, never tries again. An end that was not seen is looked up once; the rest is `danmal settle`'s.

use std::future::Future;

use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};

use super::exit::Exit;
use super::report::{Report, print};
use super::sale::{Findings, Wrong};
use super::say::{Say, amount, exit_of};
use super::session::Session;
use super::state::{not_done_word, state_key};
use crate::domain::channel::Channel;
use crate::domain::decline::{self, Class, Verdict, class_of};
use crate::domain::due::to_the_minute;
use crate::domain::intent::{Approval, Intent, IntentKind, IntentState};
use crate::domain::outcome::{KeyFate, Look, Outcome};
use crate::domain::payment::{PaymentId, Refusal};
use crate::domain::problem::Problem;
use crate::domain::refund::REQUESTED;
use crate::domain::text::SafeText;
use crate::error::{self, Words};
use crate::gateway::LookUp;
use crate::operation::Desk;
use crate::text;

/// How it ended.
pub(super) enum Known {
    /// As the operation itself says.
    Seen(Box<Outcome>),
    /// A look-up after an end that was not seen: it was not done, and the journal's word why.
    NotDone(String),
    /// The id is in use at the provider, by a program with another journal.
    Taken,
}

/// How it ended, and what became of a card that was to be kept.
pub(super) struct End {
    pub known: Known,
    pub key: Option<KeyFate>,
}

impl End {
    pub fn seen(outcome: Outcome) -> Self {
        Self { known: Known::Seen(Box::new(outcome)), key: None }
    }

    fn stopped() -> Self {
        Self::seen(Outcome::Unknown("stopped".to_owned()))
    }
}

/// What an operation was asked to do, as far as its end is told by it.
pub(super) struct Asked<'a> {
    pub kind: IntentKind,
    pub id: &'a PaymentId,
    /// What a person is told to refer to.
    pub reference: &'a PaymentId,
    pub channel: &'a Channel,
    /// Whether a key was charged that was there before: nobody can be asked for its card again.
    pub held_key: bool,
}

/// One run of a command.
pub(super) struct Run<'a> {
    pub say: Say,
    pub json: bool,
    pub session: &'a Session,
    pub report: Report,
}

impl Run<'_> {
    /// Says what is worth a second look and stops nothing.
    pub fn doubts(&self, findings: &Findings) {
        for doubt in &findings.doubtful {
            let why = self.say.words(&doubt.why);
            self.say.problem_text(&text!("cli.doubt", field = doubt.field, why = why));
        }
    }

    /// Nothing was sent, because of these.
    pub fn refused(&mut self, kind: IntentKind, wrong: &[Wrong]) -> Exit {
        self.turned_away(not_done_word(kind), wrong)
    }

    /// The same of what was begun earlier and stays as it was: `outcome` says how.
    pub fn turned_away(&mut self, outcome: &'static str, wrong: &[Wrong]) -> Exit {
        self.say.wrong(wrong);
        self.say.problem_text(&text!("money.no"));
        self.report.outcome = outcome;
        self.report.problem = Some("usage".to_owned());
        self.report.fields = wrong.iter().map(|wrong| wrong.field).collect();
        self.report.fields.dedup();
        self.finish(Exit::Usage)
    }

    /// Nothing was begun, because what had to be known first could not be, or speaks against it.
    pub fn not_begun(&mut self, kind: IntentKind, problem: &Problem) -> Exit {
        self.say.problem(&words_of(kind, problem), None);
        self.report.outcome = not_done_word(kind);
        self.report.problem = Some(problem.word().to_owned());
        self.finish(exit_of(problem))
    }

    /// Prints the object, if it is wanted.
    pub fn finish(&self, exit: Exit) -> Exit {
        if self.json {
            print(&self.report);
        }
        exit
    }

    /// Keeps the id of what was begun: nothing of what never came into the journal.
    pub fn begun(&mut self, desk: &Desk, id: &PaymentId) {
        let begun = desk.ledger.borrow().intent(id).ok().flatten();
        self.report.payment_id = begun.map(|begun| begun.new.id.to_string());
    }

    /// Says how it ended; `approved` tells the good end to a person.
    pub fn ended(
        &mut self,
        asked: &Asked<'_>,
        known: &Known,
        approved: impl FnOnce(&Self, &Approval),
    ) -> Exit {
        match known {
            Known::Seen(outcome) => {
                self.report.outcome(asked.kind, outcome);
                if let Outcome::Approved(approval) = &**outcome {
                    approved(self, approval);
                    return Exit::Done;
                }
                self.not_so_good(asked, outcome)
            }
            Known::NotDone(why) => {
                self.report.outcome = not_done_word(asked.kind);
                self.report.problem = Some(why.clone());
                let next = if asked.kind.takes_money() {
                    text!("cli.pay.not-charged.next")
                } else {
                    text!("cli.once.not-done.next")
                };
                let words = Words { next, what: error::why(why), money: text!("money.no") };
                self.say.problem(&words, Some(asked.reference.as_str()));
                Exit::Failed
            }
            Known::Taken => {
                self.report.outcome = "blocked";
                self.report.guard = Some(asked.id.to_string());
                let words = Words {
                    next: text!("cli.pay.id-taken.next"),
                    what: text!("cli.pay.id-taken.elsewhere"),
                    money: text!("cli.pay.blocked.money"),
                };
                self.say.problem(&words, Some(asked.reference.as_str()));
                Exit::Guarded
            }
        }
    }

    fn not_so_good(&mut self, asked: &Asked<'_>, outcome: &Outcome) -> Exit {
        let id = Some(asked.reference.as_str());
        match outcome {
            Outcome::Approved(_) => Exit::Done,
            Outcome::Declined(refusal) => {
                let words = self.declined(asked, refusal);
                self.say.problem(&words, id);
                Exit::Declined
            }
            Outcome::Unknown(why) => {
                let words = if why == REQUESTED {
                    self.report.outcome = "requested";
                    Words {
                        next: text!("cli.refund.requested.next"),
                        what: error::why(why),
                        money: text!("cli.refund.requested.money"),
                    }
                } else if asked.kind == IntentKind::Refund {
                    Words { next: text!("cli.refund.unknown.next"), ..error::unknown(why) }
                } else if asked.kind.takes_money() {
                    error::unknown(why)
                } else {
                    Words {
                        next: text!("cli.once.unknown.next"),
                        what: error::why(why),
                        money: text!("money.no"),
                    }
                };
                self.say.problem(&words, id);
                Exit::Unknown
            }
            Outcome::NotCharged(problem) => {
                self.say.problem(&words_of(asked.kind, problem), id);
                exit_of(problem)
            }
            Outcome::Blocked(earlier) => {
                self.say.problem(&self.blocked(asked, earlier), Some(earlier.new.id.as_str()));
                Exit::Guarded
            }
        }
    }

    /// What a refusal means. Where no card was sent, nothing about a card is said.
    fn declined(&mut self, asked: &Asked<'_>, refusal: &Refusal) -> Words {
        let code = refusal.code.as_ref().map(SafeText::as_str);
        let verdict = class_of(&asked.channel.pg, asked.channel.generation, code, refusal.message.as_str());
        let about_card =
            matches!(asked.kind, IntentKind::KeyIn | IntentKind::ChargeKey | IntentKind::IssueKey);
        let mut words = error::declined(refusal, verdict);
        if about_card || matches!(verdict.class, Class::MerchantSetup | Class::TryLater | Class::NotADecline)
        {
            self.report.advice = Some(verdict.class.name());
        } else {
            words.next = text!("cli.once.declined.next");
        }
        if asked.held_key && another_card(verdict) {
            words.next = text!("cli.key.another-card");
        } else if about_card {
            self.report.fields = verdict.field.map(decline::Field::name).into_iter().collect();
        }
        words
    }

    fn blocked(&self, asked: &Asked<'_>, earlier: &Intent) -> Words {
        let same_id = earlier.new.id == *asked.id;
        let state = state_key(earlier.new.kind, earlier.state);
        let money = text!("cli.pay.blocked.money");
        if same_id {
            let what = text!("cli.pay.id-taken.what", state = state);
            return Words { next: text!("cli.pay.id-taken.next"), what, money };
        }
        let (total, time) = (amount(self.say, earlier.new.amount), to_the_minute(earlier.new.created));
        let operator = &earlier.new.operator.user;
        if asked.kind == IntentKind::IssueAccount {
            let what = text!(
                "cli.vbank.blocked.what",
                amount = total,
                time = time,
                operator = operator,
                state = state
            );
            return Words { next: text!("cli.vbank.blocked.next"), what, money };
        }
        if asked.kind == IntentKind::Refund {
            let what = text!(
                "cli.refund.blocked.what",
                amount = total,
                time = time,
                operator = operator,
                state = state
            );
            return Words { next: text!("cli.refund.blocked.next"), what, money };
        }
        let what =
            text!("cli.pay.blocked.what", amount = total, time = time, operator = operator, state = state);
        Words { next: text!("cli.pay.blocked.next"), what, money }
    }
}

/// Whether only another card helps where nothing of this one can be typed anew.
const fn another_card(verdict: Verdict) -> bool {
    match verdict.class {
        Class::OtherCard => true,
        Class::Retype => {
            !matches!(verdict.field, Some(decline::Field::Installments | decline::Field::Amount))
        }
        _ => false,
    }
}

/// A runtime for one command.
pub(super) fn runtime() -> Result<Runtime, Problem> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Problem::Unreachable { detail: error.kind().to_string() })
}

/// The words for a problem; where money was to be taken, what to do again by its name.
fn words_of(kind: IntentKind, problem: &Problem) -> Words {
    let words = error::words(problem);
    if kind.takes_money() && matches!(problem, Problem::Unreachable { .. }) {
        return Words { next: text!("cli.once.unreachable.next"), ..words };
    }
    words
}

/// Whether the id is in use, in the journal or at the provider. An id is for one attempt, also when that
/// failed: V2 takes the same id for the same request and repeats its first answer (V2 §3.1), and V1 does not
/// say for sure that it would refuse it (V1 §4.2). Minted ids are nobody's and need no question.
pub(super) async fn taken(desk: &Desk, id: &PaymentId) -> Option<End> {
    if let Some(earlier) = earlier_of_id(desk, id) {
        return Some(End::seen(Outcome::Blocked(Box::new(earlier))));
    }
    match desk.gateway.look_up(id).await {
        Ok(LookUp::NotFound) => None,
        Ok(LookUp::Found(_)) => Some(End { known: Known::Taken, key: None }),
        // Nobody can say whether the id was charged before; nothing was sent.
        Err(problem) => Some(End::seen(Outcome::NotCharged(problem.of_a_question()))),
    }
}

fn earlier_of_id(desk: &Desk, id: &PaymentId) -> Option<Intent> {
    desk.ledger.borrow().intent(id).ok().flatten()
}

/// The end as far as one look can find it out: an end that was not seen is asked for once.
pub(super) async fn find_out(desk: &Desk, id: &PaymentId, outcome: Outcome) -> Known {
    match outcome {
        Outcome::Unknown(why) => match desk.look_at(id).await {
            Look::Settled(intent) => settled(*intent, why),
            Look::Open(_) | Look::Failed(_) => Known::Seen(Box::new(Outcome::Unknown(why))),
        },
        // Another program wrote the same id between our look and our intent.
        Outcome::NotCharged(Problem::Ledger { detail }) => {
            Known::Seen(Box::new(match earlier_of_id(desk, id) {
                Some(earlier) if earlier.new.operator.process != desk.world.operator().process => {
                    Outcome::Blocked(Box::new(earlier))
                }
                _ => Outcome::NotCharged(Problem::Ledger { detail }),
            }))
        }
        outcome => Known::Seen(Box::new(outcome)),
    }
}

/// What the journal row tells after a look-up; `why` is the word of the end that was not seen.
fn settled(intent: Intent, why: String) -> Known {
    Known::Seen(Box::new(match intent.state {
        IntentState::Approved => Outcome::Approved(intent.approval.unwrap_or_default()),
        IntentState::Declined => Outcome::Declined(intent.refusal.unwrap_or_default()),
        IntentState::NotCharged => return Known::NotDone(intent.why.unwrap_or_default()),
        IntentState::Intended | IntentState::Sent | IntentState::Unknown => Outcome::Unknown(why),
    }))
}

/// Drops the operation when the process is told to end: that stops the request, joins its thread and wipes. Its
/// end is unknown then, and the journal says so. What the journal says was never let go was not done.
pub(super) async fn until_told_to_end(
    desk: &Desk,
    id: &PaymentId,
    operation: impl Future<Output = End>,
) -> End {
    // The operation lives in the choice alone: it is dropped before the journal is read.
    let ended = tokio::select! {
        biased;
        () = told_to_end() => None,
        end = operation => Some(end),
    };
    ended.unwrap_or_else(|| match desk.ledger.borrow().intent(id) {
        Ok(None) => End::seen(Outcome::NotCharged(Problem::Stopped)),
        Ok(Some(intent)) if intent.state == IntentState::Intended => {
            End::seen(Outcome::NotCharged(Problem::Stopped))
        }
        _ => End::stopped(),
    })
}

/// Waits until the process is told to end.
pub(super) async fn told_to_end() {
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
}
