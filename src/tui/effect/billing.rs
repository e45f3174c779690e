//! What the billing keys' screen asks for, done at the desk.

use super::super::msg::Msg;
use super::super::screen::billing::model::{Answer, Ask, Known};
use crate::domain::billing_key::BillingKey;
use crate::domain::outcome::Outcome;
use crate::domain::problem::Problem;
use crate::domain::schedule::ScheduleRevoke;
use crate::operation::Desk;

/// Does it; every question has an answer.
pub(super) async fn answer(desk: &Desk, ask: Ask) -> Msg {
    let answer = match ask {
        Ask::Page(question, search) => Answer::Page(question, search.page, desk.key_page(&search).await),
        Ask::Detail(key) => {
            let known = known(desk, &key).await;
            Answer::Detail(key, known)
        }
        Ask::Delete(effect, order, schedules) => {
            let end = if schedules.is_empty() {
                desk.delete_key(&order).await
            } else {
                let revoke = ScheduleRevoke {
                    id: desk.mint(),
                    schedules: schedules.into_iter().map(|schedule| schedule.id).collect(),
                    key: Some(order.key.clone()),
                };
                desk.delete_key_and_schedules(&order, &revoke).await
            };
            Answer::Deleted(effect, end)
        }
    };
    Msg::Billing(Box::new(answer))
}

async fn known(desk: &Desk, key: &BillingKey) -> Result<Option<Box<Known>>, Problem> {
    let Some(found) = desk.key(key).await? else { return Ok(None) };
    let channel = desk.channel_of(&found);
    let charges = desk.charges_of(key)?;
    // A deleted key has none, and V1 answers such a question with a refusal.
    let schedules =
        if found.is_alive() { desk.open_schedules(std::slice::from_ref(key)).await } else { Ok(Vec::new()) };
    Ok(Some(Box::new(Known { key: found, channel, charges, schedules })))
}

/// The answer without a journal: nothing was asked and nothing sent.
pub(super) fn without_a_desk(ask: Ask, problem: Problem) -> Msg {
    Msg::Billing(Box::new(match ask {
        Ask::Page(question, search) => Answer::Page(question, search.page, Err(problem)),
        Ask::Detail(key) => Answer::Detail(key, Err(problem)),
        Ask::Delete(effect, ..) => Answer::Deleted(effect, Outcome::NotCharged(problem)),
    }))
}
