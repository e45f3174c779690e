//! The panel below the form: what came of the last attempt, what is too long for a field's line, what to do next.

use super::super::model::{Model, Panel};
use super::Look;
use super::confirm::earlier_text;
use super::page::Page;
use crate::domain::decline;
use crate::domain::order::KeyInOrder;
use crate::domain::payment::Refusal;
use crate::domain::text::SafeText;
use crate::text;
use crate::tui::widgets::Tone;

/// The panel. `long` is what stands cut at the fields.
pub(super) fn page<'a>(model: &Model, long: &[(Tone, String)], look: Look<'a>, width: u16) -> Page<'a> {
    let words = look.words;
    let mut page = Page::new(look, width);
    for (tone, text) in long {
        page.say(*tone, text);
    }
    let card_gone = |page: &mut Page<'_>| {
        if !model.fields.has_whole_card() {
            page.say(Tone::Warning, words.get("keyin.panel.card-gone"));
        }
    };
    match &model.panel {
        None if model.fields.are_complete() => page.say(Tone::Ok, words.get("keyin.panel.ready")),
        None => page.say(Tone::Hint, words.get("keyin.panel.fill")),
        Some(Panel::IdleWiped) => page.say(Tone::Warning, words.get("keyin.panel.idle-wiped")),
        Some(Panel::NotCharged) => {
            page.say(Tone::Warning, words.get("keyin.panel.not-charged"));
            card_gone(&mut page);
        }
        Some(Panel::Problem(problem)) => {
            let problem = crate::error::words(problem);
            page.say(Tone::Error, words.get("keyin.panel.not-sent"));
            page.say(Tone::Warning, &words.text(&problem.next));
            card_gone(&mut page);
            page.say(Tone::Hint, &words.text(&problem.what));
            page.say(Tone::Hint, &words.text(&problem.money));
        }
        Some(Panel::Declined(order, refusal)) => {
            let (say, next, raw) = declined(order, refusal, look);
            page.say(Tone::Error, words.get("keyin.panel.declined"));
            page.say(Tone::Warning, &say);
            page.say(Tone::Hint, &next);
            card_gone(&mut page);
            // Last: a long one is cut by the end of the screen, and nothing depends on it.
            page.say(Tone::Hint, &raw);
        }
        Some(Panel::Blocked(earlier)) => {
            page.say(Tone::Error, words.get("keyin.panel.blocked"));
            page.say(Tone::Warning, &words.text(&earlier_text(earlier)));
            page.say(Tone::Hint, words.get("keyin.panel.blocked-next"));
        }
    }
    page
}

/// What to say to the caller, what to do, and what the PG said.
fn declined(order: &KeyInOrder, refusal: &Refusal, look: Look<'_>) -> (String, String, String) {
    let words = look.words;
    let code = refusal.code.as_ref().map(SafeText::as_str);
    let verdict = decline::class_of(
        &order.sale.channel.pg,
        order.sale.channel.generation,
        code,
        refusal.message.as_str(),
    );
    let say = format!("{} {}", words.get("keyin.panel.say"), words.get(verdict.say_id()));
    let next = format!("{} {}", words.get("keyin.panel.next"), words.get(verdict.next_id()));
    let said = match code {
        Some(code) => format!("[{code}] {}", refusal.message),
        None => refusal.message.to_string(),
    };
    (say, next, words.text(&text!("keyin.panel.pg-said", said = said)))
}
