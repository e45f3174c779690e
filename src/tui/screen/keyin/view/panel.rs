//! The panel below the form: what came of the last attempt, what is too long for a field's line, what to do next.

use super::super::model::fields::Way;
use super::super::model::spoken;
use super::super::model::{Model, Ordered, Panel};
use super::confirm::earlier_text;
use super::page::Page;
use super::{Look, outcome};
use crate::domain::decline;
use crate::domain::payment::Refusal;
use crate::domain::text::SafeText;
use crate::i18n::Lang;
use crate::text;
use crate::tui::widgets::Tone;

/// What is said differently of a payment, of a key that is charged, and of a card that is registered.
struct Said {
    fill: &'static str,
    ready: &'static str,
    not_sent: &'static str,
    not_charged: &'static str,
    declined: &'static str,
    blocked_next: &'static str,
}

impl Said {
    const PAYMENT: Self = Self {
        fill: "keyin.panel.fill",
        ready: "keyin.panel.ready",
        not_sent: "keyin.panel.not-sent",
        not_charged: "keyin.panel.not-charged",
        declined: "keyin.panel.declined",
        blocked_next: "keyin.panel.blocked-next",
    };

    const fn of(way: Way) -> Self {
        match way {
            Way::Card | Way::Account => Self::PAYMENT,
            Way::Charge => Self {
                fill: "keyin.panel.fill-key",
                blocked_next: "keyin.panel.blocked-next-key",
                ..Self::PAYMENT
            },
            Way::Register => Self {
                fill: "keyin.panel.fill-register",
                ready: "keyin.panel.ready-register",
                not_sent: "keyin.panel.not-registered",
                not_charged: "keyin.panel.not-made",
                declined: "keyin.panel.declined-register",
                ..Self::PAYMENT
            },
        }
    }
}

/// The panel. `long` is what stands cut at the fields.
pub(super) fn page<'a>(model: &Model, long: &[(Tone, String)], look: Look<'a>, width: u16) -> Page<'a> {
    let words = look.words;
    let said = Said::of(model.fields.way());
    let mut page = Page::new(look, width);
    for (tone, text) in long {
        page.say(*tone, text);
    }
    let card_gone = |page: &mut Page<'_>| {
        outcome::kept(model.kept.as_ref(), page, words);
        if !model.fields.has_whole_card() {
            page.say(Tone::Warning, words.get("keyin.panel.card-gone"));
        }
    };
    match &model.panel {
        None if model.fields.are_complete() => {
            page.say(Tone::Ok, words.get(said.ready));
            if let Some(line) = spoken::of_the_form(model, words.lang()) {
                page.say(Tone::Hint, &words.text(&line));
            }
        }
        None => page.say(Tone::Hint, words.get(said.fill)),
        Some(Panel::IdleWiped) => page.say(Tone::Warning, words.get("keyin.panel.idle-wiped")),
        Some(Panel::Adopted) => page.say(Tone::Warning, words.get("keyin.panel.adopted")),
        Some(Panel::Notes(notes)) => {
            let channel = &model.fields.channel().name;
            page.say(Tone::Warning, &words.text(&text!("keyin.panel.notes", channel = channel)));
            for note in notes {
                page.say(Tone::Hint, if words.lang() == Lang::Ko { &note.ko } else { &note.en });
            }
        }
        Some(Panel::NotCharged) => {
            page.say(Tone::Warning, words.get(said.not_charged));
            card_gone(&mut page);
        }
        Some(Panel::Problem(problem)) => {
            let problem = crate::error::words(problem);
            page.say(Tone::Error, words.get(said.not_sent));
            page.say(Tone::Warning, &words.text(&problem.next));
            card_gone(&mut page);
            page.say(Tone::Hint, &words.text(&problem.what));
            page.say(Tone::Hint, &words.text(&problem.money));
        }
        Some(Panel::Declined(order, refusal)) => {
            let (say, next, raw) = declined(order, refusal, look);
            page.say(Tone::Error, words.get(said.declined));
            page.say(Tone::Warning, &say);
            page.say(Tone::Hint, &next);
            card_gone(&mut page);
            // Last: a long one is cut by the end of the screen, and nothing depends on it.
            page.say(Tone::Hint, &raw);
        }
        Some(Panel::Blocked(earlier)) => {
            page.say(Tone::Error, words.get("keyin.panel.blocked"));
            page.say(Tone::Warning, &words.text(&earlier_text(earlier)));
            page.say(Tone::Hint, words.get(said.blocked_next));
        }
    }
    page
}

/// What to say to the caller, what to do, and what the PG said.
fn declined(order: &Ordered, refusal: &Refusal, look: Look<'_>) -> (String, String, String) {
    let words = look.words;
    let code = refusal.code.as_ref().map(SafeText::as_str);
    let verdict =
        decline::class_of(&order.channel().pg, order.channel().generation, code, refusal.message.as_str());
    let say = format!("{} {}", words.get("keyin.panel.say"), words.get(verdict.say_id()));
    let next = format!("{} {}", words.get("keyin.panel.next"), words.get(verdict.next_id()));
    let said = match code {
        Some(code) => format!("[{code}] {}", refusal.message),
        None => refusal.message.to_string(),
    };
    (say, next, words.text(&text!("keyin.panel.pg-said", said = said)))
}
