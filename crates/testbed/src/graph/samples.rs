//! A message of each kind, and a status, as they stand in Meta's reference.
//!
//! For [`super::Webhook`]. `from` is a phone number's digits, or a user id (`US.1349…`), which then is the only name of
//! the sender. Invariant: [`every_kind`] has one of each documented type.
//!
//! Meta's pages: those below `webhooks/reference/messages`.

use serde_json::{Value, json};

/// When the samples were written: 2025-02-12T00:43:44Z.
pub const TIMESTAMP: &str = "1739321024";

/// A message of any type, with the object that is named after it.
pub fn message(from: &str, id: &str, kind: &str, object: Value) -> Value {
    let mut message = json!({"id": id, "timestamp": TIMESTAMP, "type": kind});
    if let Some(fields) = message.as_object_mut() {
        let key = if from.contains('.') {
            "from_user_id"
        } else {
            "from"
        };
        fields.insert(key.into(), from.into());
        fields.insert(kind.into(), object);
    }
    message
}

/// Adds or replaces a field.
#[must_use]
pub fn with(mut message: Value, key: &str, value: Value) -> Value {
    if let Some(fields) = message.as_object_mut() {
        fields.insert(key.into(), value);
    }
    message
}

/// Words.
pub fn text(from: &str, id: &str, body: &str) -> Value {
    message(from, id, "text", json!({"body": body}))
}

/// Words in answer to an earlier message.
pub fn reply(from: &str, id: &str, body: &str, about: &str) -> Value {
    with(
        text(from, id, body),
        "context",
        json!({"from": super::DISPLAY_NUMBER, "id": about}),
    )
}

/// A file that the fake keeps: `kind` is `image`, `video`, `audio`, `document` or `sticker`.
pub fn media(from: &str, id: &str, kind: &str, media_id: &str, media_type: &str) -> Value {
    let mut object = json!({"id": media_id, "mime_type": media_type});
    if let Some(fields) = object.as_object_mut() {
        match kind {
            "audio" => fields.insert("voice".into(), true.into()),
            "sticker" => fields.insert("animated".into(), false.into()),
            "document" => fields.insert("filename".into(), "invoice.pdf".into()),
            _ => fields.insert("caption".into(), "Look at this".into()),
        };
    }
    message(from, id, kind, object)
}

/// An emoji on a message; without one it is taken away.
pub fn reaction(from: &str, id: &str, about: &str, emoji: Option<&str>) -> Value {
    let object = match emoji {
        Some(emoji) => json!({"message_id": about, "emoji": emoji}),
        None => json!({"message_id": about}),
    };
    message(from, id, "reaction", object)
}

/// New words for an earlier message.
pub fn edit(from: &str, id: &str, about: &str, body: &str) -> Value {
    let object = json!({"original_message_id": about, "message": {
        "context": {"id": "M0"}, "type": "text", "text": {"body": body}}});
    message(from, id, "edit", object)
}

/// An earlier message taken back.
pub fn revoke(from: &str, id: &str, about: &str) -> Value {
    message(from, id, "revoke", json!({"original_message_id": about}))
}

/// A new phone number.
pub fn number_change(from: &str, id: &str, to: &str) -> Value {
    let body = format!("User A changed from {from} to {to}");
    message(
        from,
        id,
        "system",
        json!({"body": body, "wa_id": to, "type": "user_changed_number"}),
    )
}

/// How far a message has come: `sent`, `delivered`, `read`, `played` or `failed`.
pub fn status(id: &str, state: &str, to: &str, reference: Option<&str>) -> Value {
    let mut status = json!({"id": id, "status": state, "timestamp": TIMESTAMP});
    if let Some(fields) = status.as_object_mut() {
        let key = if to.contains('.') {
            "recipient_user_id"
        } else {
            "recipient_id"
        };
        fields.insert(key.into(), to.into());
        if let Some(reference) = reference {
            fields.insert("biz_opaque_callback_data".into(), reference.into());
        }
        if state == "sent" {
            fields.insert(
                "pricing".into(),
                json!({"billable": true, "pricing_model": "PMP", "category": "utility", "type": "regular"}),
            );
        }
        if state == "failed" {
            fields.insert("errors".into(), json!([error(131_047, "Re-engagement message")]));
        }
    }
    status
}

/// An element of an `errors` list.
pub fn error(code: i64, title: &str) -> Value {
    json!({
        "code": code, "title": title, "message": title,
        "error_data": {"details": format!("{title}, in more words")},
        "href": "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/"
    })
}

/// One message of each documented type, named after it; ids are `wamid.` and the name.
pub fn every_kind(from: &str) -> Vec<(&'static str, Value)> {
    let mut all = vec![
        ("text", text(from, "wamid.text", "Does it come in another color?")),
        (
            "image",
            media(from, "wamid.image", "image", "1003383421387256", "image/jpeg"),
        ),
        (
            "video",
            media(from, "wamid.video", "video", "1003383421387257", "video/mp4"),
        ),
        (
            "audio",
            media(
                from,
                "wamid.audio",
                "audio",
                "1908647269898587",
                "audio/ogg; codecs=opus",
            ),
        ),
        (
            "document",
            media(
                from,
                "wamid.document",
                "document",
                "1376223850470843",
                "application/pdf",
            ),
        ),
        (
            "sticker",
            media(from, "wamid.sticker", "sticker", "1376223850470844", "image/webp"),
        ),
        (
            "reaction",
            reaction(from, "wamid.reaction", "wamid.ours", Some("👍")),
        ),
        (
            "edit",
            edit(from, "wamid.edit", "wamid.text", "Does it come in blue?"),
        ),
        ("revoke", revoke(from, "wamid.revoke", "wamid.text")),
        ("system", number_change(from, "wamid.system", "12195555358")),
        (
            "request_welcome",
            message(from, "wamid.request_welcome", "request_welcome", json!({})),
        ),
    ];
    all.extend(cards(from));
    all.extend(answers(from));
    all
}

fn cards(from: &str) -> Vec<(&'static str, Value)> {
    let place = json!({"latitude": 38.98, "longitude": -131.94, "name": "Main Street Beach",
        "address": "Main Street Beach, Santa Cruz, CA", "url": "https://foursquare.com/v/4d7031d35b5df7744"});
    let card = json!([{"name": {"formatted_name": "Barbara J. Johnson", "first_name": "Barbara"},
        "phones": [{"phone": "+1 650-555-9999", "wa_id": "16505559999", "type": "MOBILE"}],
        "emails": [{"email": "bjohnson@luckyshrub.com", "type": "Work"}]}]);
    let basket = json!({"catalog_id": "194836987003835", "text": "Love these!", "product_items": [
        {"product_retailer_id": "di9ozbzfi4", "quantity": 2, "item_price": 30, "currency": "USD"},
        {"product_retailer_id": "nqryix03ez", "quantity": 1, "item_price": 7.99, "currency": "USD"}]});
    vec![
        ("location", message(from, "wamid.location", "location", place)),
        ("contacts", message(from, "wamid.contacts", "contacts", card)),
        ("order", message(from, "wamid.order", "order", basket)),
    ]
}

fn answers(from: &str) -> Vec<(&'static str, Value)> {
    let interactive = |id, object| message(from, id, "interactive", object);
    let button = json!({"type": "button_reply", "button_reply": {"id": "cancel-button", "title": "Cancel"}});
    let row = json!({"type": "list_reply",
        "list_reply": {"id": "priority_express", "title": "Priority Mail Express", "description": "Next Day"}});
    let form = json!({"type": "nfm_reply", "nfm_reply": {"name": "flow", "body": "Sent",
        "response_json": "{\"flow_token\":\"t\",\"day\":\"Monday\",\"guests\":3}"}});
    let unsupported = message(
        from,
        "wamid.unsupported",
        "unsupported",
        json!({"type": "poll_creation"}),
    );
    vec![
        ("button_reply", interactive("wamid.button_reply", button)),
        ("list_reply", interactive("wamid.list_reply", row)),
        ("nfm_reply", interactive("wamid.nfm_reply", form)),
        (
            "button",
            message(
                from,
                "wamid.button",
                "button",
                json!({"payload": "Unsubscribe", "text": "Unsubscribe"}),
            ),
        ),
        (
            "unsupported",
            with(
                unsupported,
                "errors",
                json!([error(131_051, "Message type unknown")]),
            ),
        ),
    ]
}
