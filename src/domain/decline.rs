//! What a refused charge means for the person on the phone: which of six things to do next.
//!
//! Two sources, in this order: our table of the published card codes of three gateway families
//! (`assets/decline-codes.tsv`), and an ordered list of words for every other code and gateway
//! (`assets/decline-words.tsv`). When both are silent the class is [`Class::CallIssuer`]: most refusals
//! without a reason come from the card company, only it can tell the holder why, and of the six it is a
//! sentence that can neither charge twice (as "try later" might) nor send the holder for another card in vain.
//!
//! A class is advice for a *settled* refusal. It never decides whether money moved: an answer that was not
//! seen stays unknown whatever the text says.
//!
//! May not: do IO, look at a clock, see card data, show the gateway's text (the caller does, sanitised), use
//! anything of this crate outside `domain`.

mod table;
mod words;

#[cfg(test)]
mod tests;

use super::pg::{Generation, PgCode};

/// What to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Something was typed wrong: ask for it again.
    Retype,
    /// This card cannot pay here (limit, balance, stopped, not taken): ask for another one.
    OtherCard,
    /// Only the card company can tell, or must be called by the holder first.
    CallIssuer,
    /// Our contract, our settings or our request: call the gateway or `PortOne`, not the customer's fault.
    MerchantSetup,
    /// A fault on their side: look the payment up first, then try again later.
    TryLater,
    /// No card was refused: already paid, a repeat, or the state of another payment. Do not charge again,
    /// look the payment up.
    NotADecline,
}

impl Class {
    /// True where the payment must be looked up before anybody charges again.
    pub const fn look_up_first(self) -> bool {
        matches!(self, Self::TryLater | Self::NotADecline)
    }

    /// The name in the tables and in scripts.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Retype => "retype",
            Self::OtherCard => "other_card",
            Self::CallIssuer => "call_issuer",
            Self::MerchantSetup => "merchant_setup",
            Self::TryLater => "try_later",
            Self::NotADecline => "not_a_decline",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        [
            Self::Retype,
            Self::OtherCard,
            Self::CallIssuer,
            Self::MerchantSetup,
            Self::TryLater,
            Self::NotADecline,
        ]
        .into_iter()
        .find(|class| class.name() == name)
    }
}

/// What was typed wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// The card number.
    Number,
    /// The expiry (an "expired card" too: the form refuses past months, so the date read out differs from
    /// the card company's).
    Expiry,
    /// Birth date or business number.
    Identity,
    /// The first two PIN digits.
    Pin,
    /// The number of instalments, or instalments at all.
    Installments,
    /// The amount.
    Amount,
}

impl Field {
    /// The name in the tables and in scripts.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Expiry => "expiry",
            Self::Identity => "identity",
            Self::Pin => "pin",
            Self::Installments => "installments",
            Self::Amount => "amount",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        [Self::Number, Self::Expiry, Self::Identity, Self::Pin, Self::Installments, Self::Amount]
            .into_iter()
            .find(|field| field.name() == name)
    }
}

/// How a verdict was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum By {
    /// The code is in the table.
    Table,
    /// Words of the message.
    Text,
    /// Neither: the safe class.
    Default,
}

/// What a refusal means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Verdict {
    /// What to do next.
    pub class: Class,
    /// For [`Class::Retype`]: what to ask for again; `None` is several things, or not said which.
    pub field: Option<Field>,
    /// How it was reached.
    pub by: By,
}

impl Verdict {
    const SAFE: Self = Self { class: Class::CallIssuer, field: None, by: By::Default };

    /// The catalogue's key of the sentence to say to the caller.
    pub const fn say_id(&self) -> &'static str {
        self.ids().0
    }

    /// The catalogue's key of what to do next.
    pub const fn next_id(&self) -> &'static str {
        self.ids().1
    }

    const fn ids(self) -> (&'static str, &'static str) {
        match (self.class, self.field) {
            (Class::Retype, Some(Field::Number)) => {
                ("decline.retype.number.say", "decline.retype.number.next")
            }
            (Class::Retype, Some(Field::Expiry)) => {
                ("decline.retype.expiry.say", "decline.retype.expiry.next")
            }
            (Class::Retype, Some(Field::Identity)) => {
                ("decline.retype.identity.say", "decline.retype.identity.next")
            }
            (Class::Retype, Some(Field::Pin)) => ("decline.retype.pin.say", "decline.retype.pin.next"),
            (Class::Retype, Some(Field::Installments)) => {
                ("decline.retype.installments.say", "decline.retype.installments.next")
            }
            (Class::Retype, Some(Field::Amount)) => {
                ("decline.retype.amount.say", "decline.retype.amount.next")
            }
            (Class::Retype, None) => ("decline.retype.say", "decline.retype.next"),
            (Class::OtherCard, _) => ("decline.other_card.say", "decline.other_card.next"),
            (Class::CallIssuer, _) => ("decline.call_issuer.say", "decline.call_issuer.next"),
            (Class::MerchantSetup, _) => ("decline.merchant_setup.say", "decline.merchant_setup.next"),
            (Class::TryLater, _) => ("decline.try_later.say", "decline.try_later.next"),
            (Class::NotADecline, _) => ("decline.not_a_decline.say", "decline.not_a_decline.next"),
        }
    }
}

/// Classes a refusal: `code` is the gateway's own code where the API gives one (V2 `pgCode`, V2 §2), `message`
/// its text (V2 `pgMessage`, V1 `message` or `fail_reason`). V1 has no code of its own, but its text often
/// carries one in brackets (V1 §3).
pub fn class_of(pg: &PgCode, generation: Generation, code: Option<&str>, message: &str) -> Verdict {
    let family = table::family(pg, generation);
    let known = |code: &str| family.and_then(|family| table::look_up(family, code));
    if let Some(verdict) = code.and_then(known).or_else(|| bracketed(message).find_map(known)) {
        return verdict;
    }
    by_text(code, message)
}

/// The verdict of the words alone. A code that is itself made of words (`ALREADY_PAID`) is read as text.
fn by_text(code: Option<&str>, message: &str) -> Verdict {
    let spoken = code.filter(|code| code.contains('_')).map(|code| code.replace('_', ""));
    words::verdict(message).or_else(|| spoken.and_then(|code| words::verdict(&code))).unwrap_or(Verdict::SAFE)
}

/// Codes in brackets, as V1 texts carry them: `[F113]`. Only what can be a code: one to eight letters and
/// digits.
fn bracketed(message: &str) -> impl Iterator<Item = &str> {
    message.split('[').skip(1).filter_map(|rest| {
        let (inside, _) = rest.split_once(']')?;
        let inside = inside.trim();
        let code = (1..=8).contains(&inside.len()) && inside.bytes().all(|byte| byte.is_ascii_alphanumeric());
        code.then_some(inside)
    })
}
