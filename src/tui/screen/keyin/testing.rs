//! A form about a billing key without a console around it: the model alone, a card in place of the vault's, and what
//! the loop does between them.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::model::fields::Field;
use super::model::{Finished, Model, Phase, Setup};
use super::view;
use crate::domain::billing_key::{BillingKey, ProviderKey};
use crate::domain::card::CardEnding;
use crate::domain::channel::{Channel, Mode};
use crate::domain::customer::Customer;
use crate::domain::intent::Approval;
use crate::domain::payment::PaymentId;
use crate::domain::pg::{Generation, PgCode};
use crate::domain::text::SafeText;
use crate::i18n::{Catalogue, Lang};
use crate::tui::glyphs::Glyphs;
use crate::tui::input::{Code, Key};
use crate::tui::msg::{Effect, EffectId, Msg, Timer};
use crate::tui::testing::{self, ENTER, NUMBER, REST, TAB, approval, facts, id_of, kcp, now, text};
use crate::tui::theme::{Name, Theme};
use crate::tui::widgets::Look;

/// A key as V2 makes them.
pub(super) const WHOLE: &str = "billing-key-0195a1c2-5b7d-7e10-9a44-2f6b8c0d1e23";

/// A V1 channel that issues keys without a contract of its own.
pub(in crate::tui) fn v1() -> Channel {
    Channel {
        name: "나이스 정기".to_owned(),
        generation: Generation::V1,
        key: "channel-key-v1".to_owned(),
        pg: PgCode::new("nice_v2"),
        merchant_id: Some("nictest04m".to_owned()),
        mode: Mode::Live,
        ..kcp()
    }
}

pub(super) fn bkey(text: &str) -> BillingKey {
    BillingKey::parse(text).unwrap()
}

/// A key that the provider tells of.
pub(in crate::tui::screen) fn provider_key(key: &str) -> ProviderKey {
    ProviderKey {
        key: bkey(key),
        issued_at: Some(now().as_second()),
        updated_at: None,
        deleted_at: None,
        card: CardEnding::new("941012", "1234"),
        issuer: approval().issuer,
        customer: Customer::new("홍길동", "010-1234-5678", "hong@example.com").with_id("cust0042"),
        pg: Some(SafeText::new(v1().pg.as_str())),
        channel: None,
        is_test: Some(true),
        made_by: None,
    }
}

/// What the issue of a key brings.
pub(in crate::tui) fn made(key: &str) -> Approval {
    Approval { key: Some(bkey(key)), issuer: approval().issuer, ..Approval::default() }
}

/// The form alone.
#[derive(Debug)]
pub(super) struct Form {
    pub(super) model: Model,
    pub(super) card: [String; 4],
    pub(super) asked: Vec<Effect>,
    minted: u8,
}

impl Form {
    fn of(model: Model) -> Self {
        Self { model, card: [const { String::new() }; 4], asked: Vec::new(), minted: 0 }
    }

    fn setup(channel: Channel) -> Setup {
        Setup { channels: vec![channel], first: 0, ..testing::setup().keyin }
    }

    /// A card is to be registered through a channel.
    pub(super) fn register(channel: Channel) -> Self {
        Self::of(Model::for_register(Self::setup(channel)))
    }

    /// A key is to be charged through a channel.
    pub(super) fn charge(channel: Channel, key: &ProviderKey) -> Self {
        Self::of(Model::for_charge(Self::setup(channel.clone()), key, channel))
    }

    pub(super) fn msg(&mut self, msg: Msg) {
        for effect in self.model.update(msg) {
            match effect {
                Effect::Mint(id) => {
                    self.minted += 1;
                    self.msg(Msg::Minted(id, PaymentId::mint([self.minted; PaymentId::RANDOM_BYTES])));
                }
                Effect::WipeCard => {
                    self.card.iter_mut().for_each(String::clear);
                    self.asked.push(effect);
                }
                Effect::ClearSlot(slot) => {
                    self.card[slot as usize].clear();
                    self.msg(Msg::Card(facts(slot, "")));
                }
                effect => self.asked.push(effect),
            }
        }
    }

    /// A key, as the loop hands it on: digits for a card field go there.
    pub(super) fn key(&mut self, key: Key) {
        if let Some((slot, has_room)) = self.model.card_target()
            && let (Some(digit), true) = (key.digit(), has_room)
        {
            self.card[slot as usize].push(char::from(b'0' + digit));
            let facts = facts(slot, &self.card[slot as usize]);
            return self.msg(Msg::Card(facts));
        }
        self.msg(Msg::Key(key));
    }

    /// One key each; Enter is `\r`, Tab is `\t`.
    pub(super) fn types(&mut self, keys: &str) {
        for ch in keys.chars() {
            self.key(match ch {
                '\r' => ENTER,
                '\t' => TAB,
                ch => Key::char(ch),
            });
        }
    }

    pub(super) fn timer(&mut self, timer: Timer) {
        self.msg(Msg::Timer(timer, now()));
    }

    /// What was asked for since the last time.
    pub(super) fn asked(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.asked)
    }

    /// The id of the last effect that has one.
    pub(super) fn effect(&self) -> EffectId {
        self.asked.iter().rev().find_map(id_of).expect("an effect with an id")
    }

    pub(super) fn value(&self, field: Field) -> &str {
        self.model.fields.value(field)
    }

    pub(super) fn shows(&self, field: Field) -> bool {
        self.model.fields.visible().any(|shown| shown == field)
    }

    pub(super) fn finished(&self) -> &Finished {
        self.model.finished().expect("a result")
    }

    /// A form whose card can be registered.
    pub(super) fn fills(&mut self) {
        self.types("cust0042\r");
        self.model.focus = Field::Number;
        self.types(NUMBER);
        self.types(REST);
        self.model.focus = Field::Name;
        self.types("홍길동\t010-1234-5678\thong@example.com");
    }

    /// The question is open and waits for what has the name.
    pub(super) fn asks(&mut self) {
        self.key(Key::plain(Code::F(9)));
        self.timer(Timer::ConfirmArmed);
    }

    /// The request is under way; of a V1 name nobody has it.
    pub(super) fn sends(&mut self) -> EffectId {
        self.asks();
        if self.asked.iter().any(|effect| matches!(effect, Effect::KeyName(..))) {
            let effect = self.effect();
            self.msg(Msg::KeyName(effect, Ok(None)));
        }
        if self.asked.iter().any(|effect| matches!(effect, Effect::EarlierKeyCharge(..))) {
            let effect = self.effect();
            self.msg(Msg::Earlier(effect, Ok(None)));
        }
        self.types("\r");
        assert!(matches!(self.model.phase, Phase::Flight(_)), "{:?}", self.model.phase);
        self.effect()
    }

    /// The screen without header and footer, one line a row, and where the cursor is.
    pub(super) fn screen(&self, lang: Lang, size: (u16, u16)) -> (Vec<String>, Option<Position>) {
        let theme = Theme::of(Name::Mono);
        let look = Look { theme: &theme, glyphs: &Glyphs::UNICODE, words: Catalogue::of(lang) };
        let area = Rect::new(0, 0, size.0, size.1);
        let mut buf = Buffer::empty(area);
        // As the console leaves it: a column on both sides, three rows above and two below.
        let body = Rect { x: 1, y: 3, width: size.0 - 2, height: size.1 - 5 };
        let cursor = view::draw(&self.model, &mut buf, body, look);
        (text(&buf), cursor)
    }
}
