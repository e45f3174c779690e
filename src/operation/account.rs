//! Virtual accounts: issued, followed until the deposit, closed.

use jiff::SignedDuration;

use super::Desk;
use super::conclude::Asked;
use crate::domain::account::DepositState;
use crate::domain::channel::{Channel, Terms};
use crate::domain::intent::{Approval, Intent, IntentKind, IntentState, NewIntent, Step, Target};
use crate::domain::order::{AccountClose, AccountOrder};
use crate::domain::outcome::{Outcome, Stage};
use crate::domain::payment::{PaymentId, PaymentState, ProviderPayment};
use crate::domain::pg::{Generation, PgCode};
use crate::domain::problem::Problem;
use crate::domain::text::SafeText;
use crate::gateway::LookUp;
use crate::ledger::Guard;

/// How long after its due date an account that still waits is asked about. A deposit whose notice is lost keeps
/// it waiting for good (PG rules §5), so it is never called closed, only left alone.
const FOLLOW_OVERDUE: SignedDuration = SignedDuration::from_hours(24 * 30);

/// How far the deposit came, from what the provider says.
pub(super) fn deposit_of(payment: &ProviderPayment) -> DepositState {
    match payment.state {
        PaymentState::Paid | PaymentState::PartialCancelled => DepositState::Paid,
        // Given back after a deposit, or never paid.
        PaymentState::Cancelled if payment.paid_at.is_some() => DepositState::Paid,
        // A closed account is filed under failures (V2 §6.1).
        PaymentState::Cancelled | PaymentState::Failed => DepositState::Closed,
        PaymentState::Ready
        | PaymentState::Pending
        | PaymentState::VirtualAccountIssued
        | PaymentState::Other(_) => DepositState::Waiting,
    }
}

impl Desk {
    /// Issues a virtual account, once. [`Outcome::Approved`] says that it exists and waits; its account is in
    /// the approval.
    pub async fn issue_account(
        &self,
        order: &AccountOrder,
        guard: &Guard,
        progress: impl Fn(Stage),
    ) -> Outcome {
        let id = &order.sale.payment_id;
        let _stay = self.under_way.enter(id);
        progress(Stage::Journal);
        if let Err(end) = self.begin(&self.of_sale(IntentKind::IssueAccount, &order.sale), guard) {
            return *end;
        }
        progress(Stage::Sent);
        let answer = self.gateway.issue_account(order).await;
        self.conclude_charge(&Asked::sale(IntentKind::IssueAccount, &order.sale), answer, &progress).await
    }

    /// The earlier account that the guard would stop this one for: same phone, same amount.
    pub fn earlier_account(&self, order: &AccountOrder) -> Result<Option<Intent>, Problem> {
        let new = self.of_sale(IntentKind::IssueAccount, &order.sale);
        Ok(self.ledger.borrow().earlier(&new, self.guard_window)?)
    }

    /// Closes the account that the intent `account` issued, once. `id` is a new one, for the closing itself.
    pub async fn close_account(&self, id: &PaymentId, account: &PaymentId) -> Outcome {
        let _stay = self.under_way.enter(id);
        let (new, order) = match self.close_intent(id, account).await {
            Ok(found) => found,
            Err(problem) => return Outcome::NotCharged(problem),
        };
        if let Err(end) = self.begin(&new, &Guard::Check(self.guard_window)) {
            return *end;
        }
        let answer = self.gateway.close_account(&order).await;
        let outcome =
            self.conclude_plain(&Asked::of(IntentKind::CloseAccount, id, &order.channel), answer).await;
        match &outcome {
            Outcome::Approved(_) => {
                let _ = self.record(account, &Step::Deposit(DepositState::Closed));
            }
            // Paid, or closed by somebody else: the ledger should know which.
            Outcome::NotCharged(Problem::NotWaiting) => {
                let _ = self.follow_account(account).await;
            }
            _ => {}
        }
        outcome
    }

    async fn close_intent(
        &self,
        id: &PaymentId,
        account: &PaymentId,
    ) -> Result<(NewIntent, AccountClose), Problem> {
        let issued = self.issued_account(account)?;
        if matches!(issued.deposit, Some(DepositState::Paid | DepositState::Closed)) {
            return Err(Problem::NotWaiting);
        }
        let channel = self.channel_named(&issued.new.channel).unwrap_or_else(|| channel_of(&issued.new));
        let mut provider_payment_id =
            issued.approval.as_ref().and_then(|approval| approval.provider_payment_id.clone());
        if provider_payment_id.is_none() && channel.generation == Generation::V1 {
            provider_payment_id = self.provider_id(account).await?;
        }
        let new = NewIntent {
            amount: issued.new.amount,
            order_name: issued.new.order_name.clone(),
            target: Some(Target::Payment(account.clone())),
            ..self.about(IntentKind::CloseAccount, id, &channel, &issued.new.customer)
        };
        let order = AccountClose { id: id.clone(), channel, payment: account.clone(), provider_payment_id };
        Ok((new, order))
    }

    /// The provider's own number of a payment, which V1 closes by.
    async fn provider_id(&self, id: &PaymentId) -> Result<Option<SafeText>, Problem> {
        match self.gateway.look_up(id).await {
            Ok(LookUp::Found(payment)) => Ok(payment.provider_payment_id),
            Ok(LookUp::NotFound) => Ok(None),
            Err(problem) => Err(problem.of_a_question()),
        }
    }

    fn issued_account(&self, account: &PaymentId) -> Result<Intent, Problem> {
        match self.intent(account)? {
            Some(intent)
                if intent.new.kind == IntentKind::IssueAccount && intent.state == IntentState::Approved =>
            {
                Ok(intent)
            }
            Some(_) => Err(Problem::NotWaiting),
            None => Err(Problem::Ledger { detail: format!("no intent {account}") }),
        }
    }

    /// Asks how far the deposit into an issued account came, and keeps what is new.
    pub async fn follow_account(&self, account: &PaymentId) -> Result<DepositState, Problem> {
        let issued = self.issued_account(account)?;
        let known = issued.deposit.unwrap_or(DepositState::Waiting);
        let LookUp::Found(payment) = self.gateway.look_up(account).await? else { return Ok(known) };
        let deposit = deposit_of(&payment);
        let told = issued.approval.as_ref().is_some_and(|approval| approval.account.is_some());
        // An account whose details could not be read when it was issued, and the time of a deposit.
        if (!told && payment.account.is_some()) || (deposit == DepositState::Paid && deposit != known) {
            self.record(account, &Step::Approved(Approval::of(&payment, issued.new.amount)))?;
        }
        if deposit != known {
            self.record(account, &Step::Deposit(deposit))?;
        }
        Ok(deposit)
    }

    /// The same for every account of the profile that waits, oldest first. One that can't be asked about does
    /// not keep the others from it.
    pub async fn follow_accounts(&self) -> Result<Vec<(PaymentId, Result<DepositState, Problem>)>, Problem> {
        let waiting = self.ledger.borrow().waiting_accounts(&self.profile)?;
        let limit = (self.world.now() - FOLLOW_OVERDUE).as_second();
        let mut looks = Vec::with_capacity(waiting.len());
        for intent in waiting {
            let account = intent.approval.as_ref().and_then(|approval| approval.account.as_ref());
            if account.and_then(|account| account.due).is_some_and(|due| due < limit) {
                continue;
            }
            let id = intent.new.id;
            let look = self.follow_account(&id).await;
            looks.push((id, look));
        }
        Ok(looks)
    }
}

/// What an intent remembers of a channel that is not configured any more.
pub fn channel_of(new: &NewIntent) -> Channel {
    Channel {
        name: new.channel.clone(),
        generation: new.generation,
        key: String::new(),
        pg: PgCode::new(new.pg.as_str()),
        merchant_id: None,
        mode: new.mode,
        product_type: None,
        terms: Terms::default(),
        pg_api_key: None,
    }
}
