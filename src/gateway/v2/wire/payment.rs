//! A payment as V2 tells it (V2 §5, §6): its fields, and what a look-up needs of them. The wider record: [`super::record`].

use crate::domain::account::DepositAccount;
use crate::domain::billing_key::BillingKey;
use crate::domain::card::CardEnding;
use crate::domain::issuer::{CardCompany, bank_of_v2, card_company_of_v2};
use crate::domain::payment::{PaymentState, ProviderPayment, Refusal};
use crate::domain::record::CardTraits;
use crate::domain::text::SafeText;
use crate::gateway::lenient::{Flag, List, Number, Object, Present, Text, objects};

objects! {
    /// A payment, or an attempt of one.
    struct Payment {
        id: Text<'de> = "id",
        /// Of an attempt: the payment's.
        whole_id: Text<'de> = "paymentId",
        status: Text<'de> = "status",
        transaction_id: Text<'de> = "transactionId",
        channel: Channel<'de> = "channel",
        method: Method<'de> = "method",
        order_name: Text<'de> = "orderName",
        amount: Amount<'de> = "amount",
        currency: Text<'de> = "currency",
        requested_at: Text<'de> = "requestedAt",
        changed_at: Text<'de> = "statusChangedAt",
        paid_at: Text<'de> = "paidAt",
        receipt_url: Text<'de> = "receiptUrl",
        failure: Object<FailureReason<'de>> = "failure",
        billing_key: Text<'de> = "billingKey",
        cancellations: List<Cancelled<'de>> = "cancellations",
        customer: Customer<'de> = "customer",
        schedule_id: Text<'de> = "scheduleId",
        escrow: Present = "escrow",
        cash_receipt: CashReceipt<'de> = "cashReceipt",
        cash_receipt_status: Text<'de> = "cashReceiptIssuanceStatus",
        webhooks: List<Webhook<'de>> = "webhooks",
    }

    /// A selected channel (V2 §5.3).
    struct Channel {
        kind: Text<'de> = "type",
        pg_provider: Text<'de> = "pgProvider",
        key: Text<'de> = "key",
    }

    /// A customer in an answer (V2 §5.1): the name is a plain text there.
    struct Customer {
        id: Text<'de> = "id",
        name: Text<'de> = "name",
        phone_number: Text<'de> = "phoneNumber",
        email: Text<'de> = "email",
    }

    /// How it was paid (V2 §5.5).
    struct Method {
        kind: Text<'de> = "type",
        approval_number: Text<'de> = "approvalNumber",
        installment: Object<Installment<'de>> = "installment",
        card: Object<Card<'de>> = "card",
        account_number: Text<'de> = "accountNumber",
        bank: Text<'de> = "bank",
        remittee_name: Text<'de> = "remitteeName",
        expired_at: Text<'de> = "expiredAt",
        point_used: Flag = "pointUsed",
        /// What stands behind an easy-pay.
        behind: Option<Box<Method<'de>>> = "easyPayMethod",
    }

    /// Months to pay in.
    struct Installment {
        month: Number = "month",
    }

    /// A card (V2 §5.4).
    struct Card {
        number: Text<'de> = "number",
        issuer: Text<'de> = "issuer",
        publisher: Text<'de> = "publisher",
        kind: Text<'de> = "type",
        owner: Text<'de> = "ownerType",
        name: Text<'de> = "name",
        bin: Text<'de> = "bin",
    }

    /// Amounts in minor units.
    struct Amount {
        total: Number = "total",
        tax_free: Number = "taxFree",
        vat: Number = "vat",
        discount: Number = "discount",
        cancelled: Number = "cancelled",
        cancelled_tax_free: Number = "cancelledTaxFree",
    }

    /// Why it failed.
    struct FailureReason {
        reason: Text<'de> = "reason",
        pg_code: Text<'de> = "pgCode",
        pg_message: Text<'de> = "pgMessage",
        message: Text<'de> = "message",
    }

    /// A cancellation (V2 §6.2).
    struct Cancelled {
        id: Text<'de> = "id",
        status: Text<'de> = "status",
        total: Number = "totalAmount",
        tax_free: Number = "taxFreeAmount",
        reason: Text<'de> = "reason",
        requested_at: Text<'de> = "requestedAt",
        done_at: Text<'de> = "cancelledAt",
        receipt_url: Text<'de> = "receiptUrl",
    }

    /// The receipt of a payment (V2 §6.5).
    struct CashReceipt {
        status: Text<'de> = "status",
    }

    /// A webhook that was sent.
    struct Webhook {
        status: Text<'de> = "status",
        triggered_at: Text<'de> = "triggeredAt",
        request: WebhookRequest<'de> = "request",
    }

    /// What was sent with it.
    struct WebhookRequest {
        requested_at: Text<'de> = "requestedAt",
    }
}

impl Channel<'_> {
    pub fn is_test(&self) -> Option<bool> {
        self.kind.get().map(|kind| kind == "TEST")
    }
}

impl Customer<'_> {
    pub fn person(&self) -> crate::domain::customer::Customer {
        let text = |text: &Text<'_>| SafeText::new(text.or_empty());
        crate::domain::customer::Customer::new(
            text(&self.name).as_str(),
            text(&self.phone_number).as_str(),
            text(&self.email).as_str(),
        )
        .with_id(text(&self.id).as_str())
    }
}

impl Method<'_> {
    /// What is said of the method, or of what stands behind it.
    fn find<'a, T>(&'a self, of: impl Fn(&'a Self) -> Option<T>) -> Option<T> {
        of(self).or_else(|| of(self.behind.as_deref()?))
    }

    /// The card, or that behind an easy-pay.
    pub fn card(&self) -> Option<&Card<'_>> {
        self.find(|method| method.card.0.as_ref())
    }

    /// The account of a virtual-account payment (V2 §5.5); other methods have account numbers of the payer.
    fn account(&self) -> Option<DepositAccount> {
        if self.kind.get() != Some("PaymentMethodVirtualAccount") {
            return None;
        }
        let bank = self.bank.or_empty();
        Some(DepositAccount {
            bank: SafeText::new(bank_of_v2(bank).map_or(bank, |bank| bank.ko)),
            number: self.account_number.safe()?,
            holder: self.remittee_name.safe(),
            due: self.expired_at.seconds(),
        })
    }
}

impl Card<'_> {
    /// Which digits of the masked number survive differs per PG (V2 §5.4): the BIN stands in for the front.
    pub fn ending(&self) -> Option<CardEnding> {
        let masked = self.number.get()?;
        CardEnding::from_masked(masked).or_else(|| {
            let digits: Vec<char> = masked.chars().filter(|ch| !matches!(ch, '-' | ' ')).collect();
            let last4: String = digits.get(digits.len().checked_sub(4)?..)?.iter().collect();
            CardEnding::new(self.bin.get()?, &last4)
        })
    }

    /// What is told of it besides its number: a word that is not in the list says nothing.
    pub fn traits(&self) -> CardTraits {
        let company = |code: &Text<'_>| card_company_of_v2(code.get()?);
        CardTraits {
            prepaid: match self.kind.get() {
                Some("GIFT") => Some(true),
                Some("CREDIT" | "DEBIT") => Some(false),
                _ => None,
            },
            foreign: company(&self.issuer).or_else(|| company(&self.publisher)).map(CardCompany::is_foreign),
            corporate: match self.owner.get() {
                Some("CORPORATE") => Some(true),
                Some("PERSONAL") => Some(false),
                _ => None,
            },
        }
    }

    /// The product's name says more to a person than the code.
    pub fn issuer(&self) -> Option<SafeText> {
        self.name.safe().or_else(|| self.issuer.safe())
    }
}

impl FailureReason<'_> {
    /// The PG's own words before anybody else's.
    pub fn refusal(&self) -> Refusal {
        let said = [&self.pg_message, &self.reason, &self.message];
        let message = said.into_iter().filter_map(Text::get).find(|text| !text.is_empty());
        Refusal { code: self.pg_code.safe(), message: SafeText::message(message.unwrap_or_default()) }
    }
}

fn state(status: &str) -> PaymentState {
    match status.to_ascii_uppercase().as_str() {
        "READY" => PaymentState::Ready,
        // The filter's word for it is PENDING (V2 §6.1).
        "PAY_PENDING" | "PENDING" => PaymentState::Pending,
        "VIRTUAL_ACCOUNT_ISSUED" => PaymentState::VirtualAccountIssued,
        "PAID" => PaymentState::Paid,
        "FAILED" => PaymentState::Failed,
        "PARTIAL_CANCELLED" => PaymentState::PartialCancelled,
        "CANCELLED" => PaymentState::Cancelled,
        _ => PaymentState::Other(SafeText::new(status)),
    }
}

impl Payment<'_> {
    /// What a look-up needs of it; `None` without a state.
    pub fn told(&self) -> Option<ProviderPayment> {
        let (currency, method) = (self.currency.or_empty(), &self.method);
        let card = method.card();
        let installment = method.find(|method| method.installment.0.as_ref());
        Some(ProviderPayment {
            state: state(self.status.get()?),
            provider_payment_id: self.transaction_id.safe(),
            total: self.amount.total.0.and_then(|total| ProviderPayment::money(total, currency)),
            currency: SafeText::new(currency),
            approval_number: method
                .find(|method| method.approval_number.get().map(SafeText::new))
                .and_then(SafeText::non_empty),
            card: card.and_then(Card::ending),
            issuer: card.and_then(Card::issuer),
            installments: installment.and_then(|installment| u8::try_from(installment.month.0?).ok()),
            receipt_url: self.receipt_url.safe(),
            refusal: self.failure.0.as_ref().map(FailureReason::refusal),
            paid_at: self.paid_at.seconds(),
            order_name: SafeText::message(self.order_name.or_empty()),
            is_test: self.channel.is_test(),
            pg: self.channel.pg_provider.safe(),
            account: method.account().map(Box::new),
            key: self.billing_key.get().and_then(|key| BillingKey::parse(key).ok()),
        })
    }
}
