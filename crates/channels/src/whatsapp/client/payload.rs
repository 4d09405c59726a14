//! A message as the Cloud API wants it: what is too much for it, and the JSON of what is not.
//!
//! Invariant: what [`check`] lets pass and [`write`] writes is within the documented limits; text is data in a JSON
//! string and never anything else.
//!
//! Meta's pages: `messages/text-messages`, `messages/image-messages` and their siblings, `templates/overview`,
//! `business-scoped-user-ids` (`recipient` beside `to`).

use serde_json::{Map, Value, json};
use switchboard_domain::ports::transport::{Outgoing, OutgoingFile, SendError, TemplateUse};

use super::upload::Uploaded;

/// Characters of a text message.
pub const MAX_TEXT_CHARACTERS: usize = 4096;
/// Characters of a file's caption.
pub const MAX_CAPTION_CHARACTERS: usize = 1024;
/// Characters of `biz_opaque_callback_data`.
const MAX_REFERENCE: usize = 512;

fn refused(reason: impl Into<String>) -> SendError {
    SendError::Refused {
        reason: reason.into(),
    }
}

/// Refuses what could not be sent, before anything is; takes the file out of the message.
pub(super) fn check(message: &mut Outgoing) -> Result<Option<OutgoingFile>, SendError> {
    if message.files.len() > 1 {
        return Err(refused("a WhatsApp message carries one file"));
    }
    if message.reference.chars().count() > MAX_REFERENCE {
        return Err(refused("the message's reference is too long for WhatsApp"));
    }
    recipient(&message.to)?;
    let file = message.files.pop();
    if message.template.is_some() {
        return file.map_or(Ok(None), |_| {
            Err(refused("a WhatsApp template carries no file of ours"))
        });
    }
    let limit = if file.is_some() {
        MAX_CAPTION_CHARACTERS
    } else {
        MAX_TEXT_CHARACTERS
    };
    let length = message.text.chars().count();
    if length > limit {
        return Err(refused(format!(
            "the text has {length} characters, WhatsApp takes {limit}"
        )));
    }
    if file.is_none() && message.text.trim().is_empty() {
        return Err(refused("the message is empty"));
    }
    Ok(file)
}

/// The request's body.
pub(super) fn write(message: &Outgoing, media: Option<&Uploaded>) -> Result<Value, SendError> {
    let (field, to) = recipient(&message.to)?;
    let (kind, content) = content(message, media);
    let mut body = Map::new();
    body.insert("messaging_product".into(), "whatsapp".into());
    body.insert("recipient_type".into(), "individual".into());
    body.insert(field.into(), to.into());
    body.insert(
        "biz_opaque_callback_data".into(),
        message.reference.clone().into(),
    );
    if let Some(id) = &message.replies_to {
        body.insert("context".into(), json!({"message_id": id}));
    }
    body.insert("type".into(), kind.into());
    body.insert(kind.into(), content);
    Ok(Value::Object(body))
}

/// The field that names the receiver, and how: a phone number's digits, or a user id (`US.1349…`).
fn recipient(to: &str) -> Result<(&'static str, &str), SendError> {
    let digits = to.strip_prefix('+').unwrap_or(to);
    if (5..=15).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return Ok(("to", digits));
    }
    let is_user_id = to.split_once('.').is_some_and(|(country, rest)| {
        country.len() == 2
            && country.bytes().all(|letter| letter.is_ascii_uppercase())
            && !rest.is_empty()
            && rest
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'.')
    });
    if is_user_id {
        Ok(("recipient", to))
    } else {
        Err(refused(
            "the receiver is neither a phone number nor a WhatsApp user id",
        ))
    }
}

fn content(message: &Outgoing, media: Option<&Uploaded>) -> (&'static str, Value) {
    if let Some(template) = &message.template {
        return ("template", write_template(template));
    }
    let Some(media) = media else {
        let has_link = message.text.contains("https://") || message.text.contains("http://");
        return ("text", json!({"body": message.text, "preview_url": has_link}));
    };
    let kind = media.kind.word(!message.text.is_empty());
    let mut object = Map::new();
    object.insert("id".into(), media.id.clone().into());
    if !message.text.is_empty() {
        object.insert("caption".into(), message.text.clone().into());
    }
    if kind == "document" {
        object.insert("filename".into(), media.name.clone().into());
    }
    (kind, Value::Object(object))
}

fn write_template(template: &TemplateUse) -> Value {
    let parameters: Vec<Value> = template
        .values
        .iter()
        .map(|value| json!({"type": "text", "text": value}))
        .collect();
    let mut object = json!({"name": template.name, "language": {"code": template.language}});
    if !parameters.is_empty()
        && let Some(fields) = object.as_object_mut()
    {
        fields.insert(
            "components".into(),
            json!([{"type": "body", "parameters": parameters}]),
        );
    }
    object
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receiver_is_a_phone_number_or_a_user_id_and_nothing_else() {
        assert_eq!(recipient("+16505551234").unwrap(), ("to", "16505551234"));
        assert_eq!(
            recipient("US.13491208655302741918").unwrap(),
            ("recipient", "US.13491208655302741918")
        );
        assert_eq!(recipient("US.ENT.118157").unwrap().0, "recipient");
        for wrong in [
            "",
            "+",
            "123",
            "anna@example.com",
            "us.134",
            "US.",
            "US.1/../x",
            "+1 650",
        ] {
            assert!(recipient(wrong).is_err(), "{wrong}");
        }
    }
}
