//! The rules for the body of `POST /{number}/messages`.
//!
//! Invariant: every field of an accepted body has been checked; media ids are known and of the kind they are used as,
//! templates are approved and have their number of variables.

use serde_json::Value;

use super::error::Refusal;
use super::field::Fields;
use super::state::{ReadMark, State};

/// Characters of a text message.
const LONGEST_TEXT: usize = 4096;
const LONGEST_CAPTION: usize = 1024;
const LONGEST_REFERENCE: usize = 512;
const LONGEST_ID: usize = 300;
/// The types that can be sent here; the real API has more, which nothing of ours uses.
const TYPES: [&str; 7] = [
    "text", "image", "audio", "video", "document", "sticker", "template",
];

/// What a body asks for.
pub(super) enum Asked {
    Message,
    ReadMark(ReadMark),
}

/// Looks at a body in full.
pub(super) fn check(body: &Value, state: &State) -> Result<Asked, Refusal> {
    let mut fields = Fields::of("", body)?;
    fields.one_of("messaging_product", &["whatsapp"])?;
    if body.get("status").is_some() {
        return read_mark(fields).map(Asked::ReadMark);
    }
    if let Some(kind) = fields.optional("recipient_type")
        && kind != "individual"
    {
        return Err(Refusal::parameter(
            "Param recipient_type must be one of {INDIVIDUAL}.",
        ));
    }
    recipient(&mut fields)?;
    fields.optional_text("biz_opaque_callback_data", LONGEST_REFERENCE)?;
    if let Some(context) = fields.optional("context") {
        let mut context = Fields::of("context", &context)?;
        context.text("message_id", LONGEST_ID)?;
        context.end()?;
    }
    let kind = fields.one_of("type", &TYPES)?;
    let content = fields.required(&kind)?;
    fields.end()?;
    let content = Fields::of(&kind, &content)?;
    match kind.as_str() {
        "text" => text(content)?,
        "template" => template(content, state)?,
        _ => media(&kind, content, state)?,
    }
    Ok(Asked::Message)
}

fn read_mark(mut fields: Fields<'_>) -> Result<ReadMark, Refusal> {
    fields.one_of("status", &["read"])?;
    let message_id = fields.text("message_id", LONGEST_ID)?;
    let typing = fields.optional("typing_indicator");
    fields.end()?;
    if let Some(typing) = &typing {
        let mut typing = Fields::of("typing_indicator", typing)?;
        typing.one_of("type", &["text"])?;
        typing.end()?;
    }
    if !message_id.starts_with("wamid.") {
        return Err(Refusal::new(131_009, "Invalid message ID"));
    }
    Ok(ReadMark {
        message_id,
        is_typing: typing.is_some(),
    })
}

fn recipient(fields: &mut Fields<'_>) -> Result<(), Refusal> {
    let (to, user) = (fields.optional("to"), fields.optional("recipient"));
    let is_number = |to: &str| {
        let digits = to.strip_prefix('+').unwrap_or(to);
        (5..=15).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit())
    };
    let is_user = |user: &str| user.get(2..3) == Some(".") && user.len() > 3;
    match (
        to.as_ref().and_then(Value::as_str),
        user.as_ref().and_then(Value::as_str),
    ) {
        (Some(to), None) if is_number(to) => Ok(()),
        (None, Some(user)) if is_user(user) => Ok(()),
        (None, None) => Err(Refusal::parameter("The parameter to is required.")),
        _ => Err(Refusal::new(
            131_009,
            "Recipient is not a valid phone number or business-scoped user ID",
        )),
    }
}

fn text(mut text: Fields<'_>) -> Result<(), Refusal> {
    let body = text.text("body", LONGEST_TEXT)?;
    text.optional_flag("preview_url")?;
    text.end()?;
    if body.trim().is_empty() {
        return Err(Refusal::parameter("Param text['body'] must not be blank."));
    }
    Ok(())
}

fn media(kind: &str, mut media: Fields<'_>, state: &State) -> Result<(), Refusal> {
    let id = media.text("id", LONGEST_ID)?;
    if matches!(kind, "image" | "video" | "document") {
        media.optional_text("caption", LONGEST_CAPTION)?;
    }
    if kind == "document" {
        media.optional_text("filename", LONGEST_ID)?;
    }
    media.end()?;
    let uploads = state.uploads.lock();
    let upload = uploads.iter().find(|upload| upload.id == id).ok_or_else(|| {
        Refusal::parameter(format!(
            "{id} is not a valid whatsapp business account media attachment ID"
        ))
    })?;
    let is_of_kind = kind == "document" || kind == "sticker" || upload.media_type.starts_with(kind);
    if is_of_kind {
        Ok(())
    } else {
        let details = format!("{} cannot be sent as {kind}", upload.media_type);
        Err(Refusal::new(131_053, &details))
    }
}

fn template(mut template: Fields<'_>, state: &State) -> Result<(), Refusal> {
    let name = template.text("name", 512)?;
    let language = template.required("language")?;
    let mut language = Fields::of("template['language']", &language)?;
    let code = language.text("code", 20)?;
    language.end()?;
    let components = template.optional("components");
    template.end()?;
    let given = components.as_ref().map_or(Ok(0), variables)?;
    let templates = state.templates.lock();
    let expected = templates.get(&(name.clone(), code.clone())).ok_or_else(|| {
        Refusal::new(
            132_001,
            &format!("template name ({name}) does not exist in {code}"),
        )
    })?;
    if given == *expected {
        return Ok(());
    }
    let details = format!(
        "body: number of localizable_params ({given}) does not match the expected number of params ({expected})"
    );
    Err(Refusal::new(132_000, &details))
}

/// How many variables the body component has.
fn variables(components: &Value) -> Result<usize, Refusal> {
    let wrong = || Refusal::parameter("Param template['components'] must be one body component.");
    let [component] = components.as_array().map(Vec::as_slice).ok_or_else(wrong)? else {
        return Err(wrong());
    };
    let mut component = Fields::of("template['components'][0]", component)?;
    component.one_of("type", &["body"])?;
    let parameters = component.required("parameters")?;
    component.end()?;
    let parameters = parameters.as_array().ok_or_else(wrong)?;
    for parameter in parameters {
        let mut parameter = Fields::of("parameters", parameter)?;
        parameter.one_of("type", &["text"])?;
        let text = parameter.text("text", LONGEST_CAPTION)?;
        parameter.end()?;
        if text.contains(['\n', '\t']) || text.contains("     ") {
            return Err(Refusal::parameter(
                "Param text cannot have new-line/tab characters or more than 4 consecutive spaces",
            ));
        }
    }
    Ok(parameters.len())
}
