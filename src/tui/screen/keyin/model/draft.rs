//! The form as it is kept while it is being filled, so that a dropped line loses nothing but the card.
//!
//! Never in it: anything of the card, and the number of a cash receipt. What comes back goes through the same
//! filter as a paste, which refuses what looks like a card number.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::fields::{Field, IdentityKind, Way};
use super::{Model, Panel, Phase};
use crate::domain::account::ReceiptKind;
use crate::tui::msg::{Effect, Timer};

/// How long the form must stand still before it is kept.
pub(super) const PAUSE: Duration = Duration::from_secs(1);

/// The plain fields that are kept, by the names they have in the body.
const TEXTS: [(Field, &str); 10] = [
    (Field::OrderName, "order_name"),
    (Field::Amount, "amount"),
    (Field::TaxFree, "tax_free"),
    (Field::Due, "due"),
    (Field::FixedAccount, "fixed_account"),
    (Field::Holder, "holder"),
    (Field::Name, "name"),
    (Field::Phone, "phone"),
    (Field::Email, "email"),
    (Field::Note, "note"),
];

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "independent answers of a form, each a field of its own")]
struct Body {
    channel: String,
    account: bool,
    more: bool,
    business: bool,
    months: u8,
    interest_free: bool,
    save_card: bool,
    /// The bank's Korean name: every bank has one.
    bank: Option<String>,
    receipt: Option<String>,
    texts: std::collections::BTreeMap<String, String>,
}

impl Model {
    /// Whether this form is kept at all: those about billing keys are not.
    const fn keeps_drafts(&self) -> bool {
        self.fields.way().is_key_in()
    }

    /// The form as it would be kept; `None` when nobody typed anything.
    pub(super) fn draft(&self) -> Option<String> {
        if !self.keeps_drafts() || self.is_pristine_but_the_card() {
            return None;
        }
        let fields = &self.fields;
        let texts = TEXTS
            .into_iter()
            .filter(|(field, _)| !fields.value(*field).is_empty())
            .map(|(field, name)| (name.to_owned(), fields.value(field).to_owned()));
        let body = Body {
            channel: fields.channel().name.clone(),
            account: fields.way() == Way::Account,
            more: fields.more,
            business: fields.identity_kind == IdentityKind::Business,
            months: fields.months,
            interest_free: fields.interest_free,
            save_card: fields.save_card,
            bank: fields.bank.map(|bank| bank.ko.to_owned()),
            receipt: fields.receipt.map(|kind| kind.wire().to_owned()),
            texts: texts.collect(),
        };
        serde_json::to_string(&body).ok()
    }

    /// Something may have changed: keep the form once it stands still, forget it when it is empty.
    pub(super) fn mind_the_draft(&mut self) {
        if !matches!(self.phase, Phase::Form | Phase::Confirm(_)) {
            return;
        }
        let now = self.draft();
        match (&now, &self.kept_draft) {
            (None, Some(_)) => {
                self.kept_draft = None;
                self.draft_due = false;
                self.wants.push(Effect::Unset(Timer::DraftDue));
                self.wants.push(Effect::DropDraft);
            }
            (Some(now), kept) if kept.as_ref() != Some(now) && !self.draft_due => {
                self.draft_due = true;
                self.wants.push(Effect::Set(Timer::DraftDue, PAUSE));
            }
            _ => {}
        }
    }

    /// The form stood still.
    pub(super) fn keep_draft(&mut self) -> Vec<Effect> {
        self.draft_due = false;
        if !matches!(self.phase, Phase::Form | Phase::Confirm(_)) {
            return Vec::new();
        }
        let Some(body) = self.draft() else { return Vec::new() };
        if self.kept_draft.as_ref() == Some(&body) {
            return Vec::new();
        }
        self.kept_draft = Some(body.clone());
        vec![Effect::PutDraft(body)]
    }

    /// The form was sent and its end is known, or it was put away: nothing of it is kept.
    pub(super) fn forget_draft(&mut self) {
        if !self.keeps_drafts() {
            return;
        }
        self.draft_due = false;
        self.wants.push(Effect::Unset(Timer::DraftDue));
        if self.kept_draft.take().is_some() {
            self.wants.push(Effect::DropDraft);
        }
    }

    /// A form that was left comes back into an empty one. A body that this program can't read is let go.
    pub(super) fn adopt_draft(&mut self, kept: String) {
        if !self.keeps_drafts() {
            return;
        }
        let Ok(body) = serde_json::from_str::<Body>(&kept) else {
            self.wants.push(Effect::DropDraft);
            return;
        };
        if self.phase != Phase::Form || !self.is_pristine() {
            // Somebody was faster; the next change writes over it.
            self.kept_draft = Some(kept);
            return;
        }
        if let Some(at) = self.setup.channels.iter().position(|channel| channel.name == body.channel) {
            self.take_channel(at);
        }
        let fields = &mut self.fields;
        fields.choose_way(if body.account { Way::Account } else { Way::Card });
        fields.more = body.more;
        fields.identity_kind = if body.business { IdentityKind::Business } else { IdentityKind::Person };
        for (field, name) in TEXTS {
            if let Some(text) = body.texts.get(name) {
                fields.set(field, text);
            }
        }
        if fields.plans().contains(&body.months) {
            fields.months = body.months;
        }
        fields.interest_free = body.interest_free;
        fields.keep_card(body.save_card);
        let banks = fields.banks();
        fields.bank = banks.into_iter().find(|bank| Some(bank.ko) == body.bank.as_deref());
        let kind = [ReceiptKind::Personal, ReceiptKind::Corporate]
            .into_iter()
            .find(|kind| Some(kind.wire()) == body.receipt.as_deref());
        if fields.receipts().contains(&kind) {
            fields.receipt = kind;
        }
        self.kept_draft = Some(kept);
        self.panel = Some(Panel::Adopted);
        self.focus = self
            .fields
            .visible()
            .find(|field| self.fields.stops(*field))
            .unwrap_or_else(|| self.first_field());
        self.phone_changed();
    }
}
