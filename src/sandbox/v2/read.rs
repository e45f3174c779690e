//! Parts that several V2 requests share: customer, amount, channel, page, window, the charge fields.

use super::{Reply, error};
use crate::domain::pg::Operation;
use crate::sandbox::catalog::{self, ChannelNo, StoreNo};
use crate::sandbox::charge;
use crate::sandbox::clock::{DAY, Time};
use crate::sandbox::input::{Bad, In};
use crate::sandbox::model::{Customer, Extra, Version};
use crate::sandbox::rules::{self, Facts};
use crate::sandbox::state::State;

/// `{total, taxFree, vat}` in minor units.
pub struct Amount {
    /// Total.
    pub total: i64,
    /// Tax-free part.
    pub tax_free: i64,
    /// VAT, when given.
    pub vat: Option<i64>,
}

/// Reads and checks an amount (V2 §1.4).
pub fn amount(input: &In<'_>) -> Result<Amount, Reply> {
    let amount = input.need_obj("amount")?;
    let total = amount.need_int("total")?;
    let (tax_free, vat) = (amount.int("taxFree")?, amount.int("vat")?);
    if total <= 0 {
        return Err(amount.bad("total", "must be greater than 0").into());
    }
    if tax_free.is_some_and(|part| part < 0) || vat.is_some_and(|part| part < 0) {
        return Err(amount.bad("taxFree", "and vat must not be negative").into());
    }
    if tax_free.unwrap_or(0).saturating_add(vat.unwrap_or(0)) > total {
        return Err(error("SUM_OF_PARTS_EXCEEDS_TOTAL_AMOUNT", "taxFree + vat is greater than total"));
    }
    Ok(Amount { total, tax_free: tax_free.unwrap_or(0), vat })
}

fn boxed(text: Option<&str>) -> Option<Box<str>> {
    text.map(Box::from)
}

/// Reads `CustomerInput` (V2 §5.1).
pub fn customer(input: &In<'_>) -> Result<Option<Box<Customer>>, Bad> {
    let Some(given) = input.obj("customer")? else { return Ok(None) };
    let name = match given.obj("name")? {
        None => None,
        Some(name) => match (name.str("full")?, name.obj("separated")?) {
            (Some(full), None) => Some(full.to_owned()),
            // Korean names are written without a blank, family name first; other scripts keep the order given.
            (None, Some(parts)) => {
                let (first, last) = (parts.need_str("first")?, parts.need_str("last")?);
                let korean = last.chars().all(|c| ('가'..='힣').contains(&c));
                Some(if korean { format!("{last}{first}") } else { format!("{first} {last}") })
            }
            _ => return Err(given.bad("name", "needs exactly one of full and separated")),
        },
    };
    given.word("country", "Country")?;
    given.str("businessRegistrationNumber")?;
    let address = match given.obj("address")? {
        None => None,
        Some(address) => {
            for field in ["city", "province"] {
                address.str(field)?;
            }
            address.word("country", "Country")?;
            let second =
                address.str("addressLine2")?.ok_or_else(|| address.bad("addressLine2", "is required"))?;
            Some((address.need_str("addressLine1")?.into(), Some(second.into())))
        }
    };
    let birth = [given.str("birthYear")?, given.str("birthMonth")?, given.str("birthDay")?];
    Ok(Some(Box::new(Customer {
        id: boxed(given.str("id")?),
        name: name.map(Into::into),
        email: boxed(given.str("email")?),
        phone: boxed(given.str("phoneNumber")?),
        address,
        zipcode: boxed(given.str("zipcode")?),
        birth: birth.iter().any(Option::is_some).then(|| Box::new(birth.map(boxed))),
        gender: boxed(given.word("gender", "Gender")?),
    })))
}

/// The products as JSON text, checked (V2 §5.2).
fn products(input: &In<'_>) -> Result<Option<Box<str>>, Bad> {
    for product in input.list("products")? {
        product.need_str("id")?;
        product.need_str("name")?;
        product.need_int("amount")?;
        product.need_int("quantity")?;
        for field in ["tag", "code", "link"] {
            product.str(field)?;
        }
    }
    let known = ["id", "name", "tag", "code", "amount", "quantity", "link"];
    let Some(serde_json::Value::Array(list)) = input.get("products") else { return Ok(None) };
    let text = crate::sandbox::json::array(|out| {
        for product in list.iter().filter_map(serde_json::Value::as_object) {
            out.obj(|o| {
                for (key, value) in
                    product.iter().filter(|(key, value)| known.contains(&key.as_str()) && !value.is_null())
                {
                    o.raw(key, &value.to_string());
                }
            });
        }
    });
    Ok(Some(text.into()))
}

/// The charge fields that are rarely given (V2 §8.1), validated.
pub fn extra(input: &In<'_>) -> Result<Option<Box<Extra>>, Bad> {
    input.word("productType", "PaymentProductType")?;
    input.word("locale", "Locale")?;
    input.obj("bypass")?;
    if let Some(address) = input.obj("shippingAddress")? {
        address.need_str("addressLine1")?;
        address.str("addressLine2")?.ok_or_else(|| address.bad("addressLine2", "is required"))?;
    }
    let extra = Extra {
        custom_data: boxed(input.str("customData")?),
        products: products(input)?,
        product_count: input.int("productCount")?,
        country: boxed(input.word("country", "Country")?),
        promotion: boxed(input.str("promotionId")?),
        cultural: input.bool("isCulturalExpense")?,
        escrow: input.bool("isEscrow")?.unwrap_or_default(),
        notice_urls: input.strs("noticeUrls")?.into_iter().map(Box::from).collect(),
        skip_webhook: input.bool("skipWebhook")?.unwrap_or_default(),
        group: boxed(input.str("channelGroupId")?),
        interest_free: false,
        point: false,
    };
    let empty = extra.custom_data.is_none()
        && extra.products.is_none()
        && extra.product_count.is_none()
        && extra.country.is_none()
        && extra.promotion.is_none()
        && extra.cultural.is_none()
        && !extra.escrow
        && extra.notice_urls.is_empty()
        && !extra.skip_webhook
        && extra.group.is_none();
    Ok((!empty).then(|| Box::new(extra)))
}

/// Instalment months: 0 is a lump sum, 1 means the same in the SDK (pg-rules §7).
pub fn months(input: &In<'_>) -> Result<Option<u8>, Bad> {
    match input.int("installmentMonth")? {
        None => Ok(None),
        Some(months) => match u8::try_from(months) {
            Ok(months) if months <= 60 => Ok(Some(if months == 1 { 0 } else { months })),
            _ => Err(input.bad("installmentMonth", "must be 0, or 2 and more")),
        },
    }
}

fn not_found() -> Reply {
    error("CHANNEL_NOT_FOUND", "channelKey: this store has no such channel")
}

/// The channel with this key in this store.
pub fn channel_by_key(key: &str, store: StoreNo) -> Result<ChannelNo, Reply> {
    catalog::find_channel(|channel| {
        channel.key == key && channel.store == store && channel.version == Version::V2
    })
    .ok_or_else(not_found)
}

/// The channels a request names: one, or every member of a group with the group.
pub fn channels(
    input: &In<'_>,
    store: StoreNo,
) -> Result<(Vec<ChannelNo>, Option<&'static catalog::Group>), Reply> {
    match (input.str("channelKey")?, input.str("channelGroupId")?) {
        (Some(key), None) => Ok((vec![channel_by_key(key, store)?], None)),
        (None, Some(id)) => {
            let group = catalog::find_group(id, Version::V2).filter(|_| store == 0).ok_or_else(not_found)?;
            Ok((group.members.iter().map(|(channel, _)| *channel).collect(), Some(group)))
        }
        _ => Err(input.bad("channelKey", "or channelGroupId (exactly one of them) is required").into()),
    }
}

/// Checks a request against its PG's own rules (V2 §19), unless the sandbox is lenient.
pub fn check(state: &State, channel: ChannelNo, facts: &Facts<'_>) -> Result<(), Reply> {
    if !state.settings.pg_rules {
        return Ok(());
    }
    rules::check(catalog::channel(channel), facts).map_err(|why| error("INVALID_REQUEST", &why))
}

/// Facts for the rules, from the fields all charges have.
pub fn facts<'a>(
    operation: Operation,
    payment: Option<&'a str>,
    input: &In<'a>,
    customer: Option<&'a Customer>,
) -> Result<Facts<'a>, Reply> {
    Ok(Facts {
        payment,
        name: input.str("orderName")?,
        customer,
        product_type: input.has("productType"),
        ..Facts::of(operation)
    })
}

/// The currency of a charge.
pub fn currency(input: &In<'_>) -> Result<[u8; 3], Bad> {
    Ok(charge::currency(input.need_word("currency", "Currency")?))
}

/// A page of a list.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    /// From 0.
    pub number: usize,
    /// Rows on a page.
    pub size: usize,
}

/// Reads `page` (V2 §1.2): from 0, ten rows; more than 1,000 are refused, since no limit is published.
pub fn page(input: &In<'_>) -> Result<Page, Bad> {
    let Some(page) = input.obj("page")? else { return Ok(Page { number: 0, size: 10 }) };
    let (number, size) = (page.int("number")?.unwrap_or(0), page.int("size")?.unwrap_or(10));
    let number = usize::try_from(number).map_err(|_| page.bad("number", "must not be negative"))?;
    match usize::try_from(size) {
        Ok(size) if (1..=1_000).contains(&size) => Ok(Page { number, size }),
        _ => Err(page.bad("size", "must be 1 to 1000")),
    }
}

/// Reads a time window: the last 90 days unless told otherwise (V2 §1.2). Half-open, so `until` is excluded.
pub fn window(filter: Option<&In<'_>>, now: Time) -> Result<(Time, Time), Bad> {
    let (from, until) = match filter {
        Some(filter) => (filter.time("from")?, filter.time("until")?),
        None => (None, None),
    };
    // "Until now" includes what happened this second.
    let until = until.unwrap_or_else(|| now.saturating_add(1));
    Ok((from.unwrap_or_else(|| until.saturating_sub(90 * DAY)), until))
}

/// Whether a list of words is empty or holds the word.
pub fn among(words: &[&str], word: &str) -> bool {
    words.is_empty() || words.contains(&word)
}
