//! Address cards, places, carts and forms, in words that a person can read in a conversation.
//!
//! Called by [`super::content`]. Invariant: each function gives `None` where there is nothing readable, so that the
//! message is kept raw instead.

use serde_json::{Number, Value};

use super::json::{Json, list, text};

/// Answers of a form that are shown; a form of ours has fewer.
const MOST_ANSWERS: usize = 50;

/// `Contact: Barbara Johnson, +16505559999, b@example.com`, a line for each card.
pub(super) fn contacts(cards: Json<'_>) -> Option<String> {
    let lines: Vec<String> = cards.elements().filter_map(contact).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

fn contact(card: Json<'_>) -> Option<String> {
    let name = card.get("name").and_then(name);
    let phones =
        list(card, "phones").filter_map(|phone| text(phone, "phone").or_else(|| text(phone, "wa_id")));
    let emails = list(card, "emails").filter_map(|email| text(email, "email"));
    let parts: Vec<String> = name.into_iter().chain(phones).chain(emails).collect();
    (!parts.is_empty()).then(|| format!("Contact: {}", parts.join(", ")))
}

fn name(name: Json<'_>) -> Option<String> {
    text(name, "formatted_name").or_else(|| {
        let parts: Vec<String> = ["first_name", "last_name"]
            .iter()
            .filter_map(|key| text(name, key))
            .collect();
        (!parts.is_empty()).then(|| parts.join(" "))
    })
}

/// `Location: Philz Coffee, 101 Forest Ave, Palo Alto (37.4421, -122.1616)`.
pub(super) fn location(place: Json<'_>) -> Option<String> {
    let coordinate = |key: &str, limit: f64| {
        let value = place.get(key)?;
        let number = value.as_number().and_then(Number::as_f64);
        let number = number.or_else(|| value.as_str()?.parse().ok())?;
        (number.abs() <= limit).then_some(number)
    };
    let (latitude, longitude) = (coordinate("latitude", 90.0)?, coordinate("longitude", 180.0)?);
    let words: Vec<String> = ["name", "address"]
        .iter()
        .filter_map(|key| text(place, key))
        .collect();
    Some(if words.is_empty() {
        format!("Location: {latitude}, {longitude}")
    } else {
        format!("Location: {} ({latitude}, {longitude})", words.join(", "))
    })
}

/// `Order: 2 × di9ozbzfi4 (7.99 USD)` and the words that came with it.
pub(super) fn order(order: Json<'_>) -> Option<String> {
    let items: Vec<String> = list(order, "product_items").filter_map(item).collect();
    let words = text(order, "text");
    if items.is_empty() {
        return words.map(|words| format!("Order: {words}"));
    }
    let list = format!("Order: {}", items.join(", "));
    Some(words.map_or_else(|| list.clone(), |words| format!("{list}\n{words}")))
}

fn item(item: Json<'_>) -> Option<String> {
    let product = text(item, "product_retailer_id")?;
    let quantity = text(item, "quantity").unwrap_or_else(|| "1".into());
    let price = text(item, "item_price").map(|price| {
        let currency = text(item, "currency").unwrap_or_default();
        format!(" ({})", format!("{price} {currency}").trim_end())
    });
    Some(format!("{quantity} × {product}{}", price.unwrap_or_default()))
}

/// What was answered with a button, a list, a form or a permission of ours.
pub(super) fn interactive(reply: Json<'_>) -> Option<String> {
    if let Some(button) = reply.get("button_reply") {
        return text(button, "title").or_else(|| text(button, "id"));
    }
    if let Some(row) = reply.get("list_reply") {
        let title = text(row, "title").or_else(|| text(row, "id"))?;
        return Some(
            text(row, "description").map_or_else(|| title.clone(), |more| format!("{title} – {more}")),
        );
    }
    if let Some(permission) = reply.get("call_permission_reply") {
        return text(permission, "response").map(|response| format!("Permission to call: {response}"));
    }
    form(reply.get("nfm_reply")?)
}

/// The words shown to the customer, and each answer of the form in a line.
fn form(form: Json<'_>) -> Option<String> {
    let answers = text(form, "response_json")
        .and_then(|json| serde_json::from_str::<Value>(&json).ok())
        .unwrap_or_default();
    let answered = answers.as_object().into_iter().flatten();
    let lines = answered
        .filter(|(key, _)| key.as_str() != "flow_token")
        .take(MOST_ANSWERS)
        .map(|(key, answer)| match answer {
            Value::String(words) => format!("{key}: {words}"),
            other => format!("{key}: {other}"),
        });
    let parts: Vec<String> = text(form, "body").into_iter().chain(lines).collect();
    (!parts.is_empty()).then(|| parts.join("\n"))
}
