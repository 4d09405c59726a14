//! The words: what a field of a name is likely to hold. Names are compared in lower case and without underscores.

use serde_json::{Value, json};

/// The digits behind every id's prefix.
const DIGITS: &str = "0192c1f0b3a47d1e9c5a6b7d8e9f0a1b";
const TIME: &str = "2026-03-14T09:26:53.589Z";

/// Text, by the fields' names.
#[rustfmt::skip]
const TEXTS: &[(&str, &str)] = &[
    ("accesstoken", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1c2VyXzAxOTIifQ.c2lnbmF0dXJl"),
    ("token", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1c2VyXzAxOTIifQ.c2lnbmF0dXJl"),
    ("tokentype", "bearer"),
    ("email", "jane.doe@example.com"), ("adminemail", "owner@example.com"),
    ("username", "jane.doe"), ("fullname", "Jane Doe"), ("firstname", "Jane"), ("lastname", "Doe"),
    ("name", "Jane Doe"), ("customername", "Jane Doe"), ("sendername", "Jane Doe"), ("agentname", "Sam Lee"),
    ("password", "a long passphrase"), ("adminpassword", "a long passphrase"),
    ("oldpassword", "a long passphrase"), ("newpassword", "an even longer passphrase"),
    ("phone", "+14155550123"), ("industry", "retail"), ("timezone", "Europe/Berlin"), ("language", "en"),
    ("question", "When are you open?"), ("answer", "We are open Monday to Friday, 9 am to 6 pm."),
    ("questionvariants", "What are your opening hours?"),
    ("text", "Where is my order 10023?"), ("content", "Where is my order 10023?"),
    ("message", "Where is my order 10023?"), ("query", "return policy"), ("search", "return policy"),
    ("response", "Your order is on its way."), ("transcription", "Where is my order?"),
    ("title", "Return policy"), ("description", "How returns work"), ("subject", "Your order 10023"),
    ("category", "general"), ("tags", "vip"), ("comment", "Quick and friendly"), ("reason", "The customer asked for it"),
    ("source", "knowledge_base"), ("sourceid", "kb-1234"), ("url", "https://example.com/returns"),
    ("intent", "order_status"), ("entities", "10023"), ("suggestions", "Your order is on its way."),
    ("channel", "web"), ("format", "wav"), ("audio", "UklGRiQAAABXQVZFZm10IA=="),
    ("role", "customer"), ("sender", "customer"), ("type", "text"), ("status", "active"), ("scopes", "platform"),
    ("responsestyledefault", "friendly"), ("version", "0.1.0"), ("currency", "USD"), ("service", "OPENAI_GPT"),
    ("handovermessage", "A colleague takes over and will be with you shortly."),
    ("fallbackmessage", "I have to look into that; a colleague will answer you."),
    ("key", "sk_0192c1f0b3a47d1e9c5a6b7d8e9f0a1b"), ("secret", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
    ("failurereason", "the number does not exist"), ("messagetemplate", "Hello {{name}}, see you tomorrow."),
    ("aisuggestion", "Your order is on its way."), ("triggertype", "MANUAL"), ("value", "10023"),
    ("lastinteractionwithin", "30d"), ("nointeractionwithin", "90d"), ("appointmentwithin", "24h"),
    ("idempotency-key", "7c9e6679-7425-40de-944b-e07fc1f90ae7"),
    ("events", "conversation.started"), ("event", "conversation.started"), ("date", "2026-03-14"),
];

/// Prefixes of ids: by a part of the field's name, or of the component's when the field is just `id`.
#[rustfmt::skip]
const IDS: &[(&str, &str)] = &[
    ("message", "msg_"), ("faq", "faq_"), ("apikey", "key_"), ("key", "key_"), ("organization", "org_"),
    ("business", "org_"), ("campaign", "camp_"), ("customer", "cust_"), ("session", "conv_"), ("conversation", "conv_"),
    ("room", "conv_"), ("connection", "conn_"), ("stored", "vec_"), ("source", "vec_"), ("vector", "vec_"),
    ("request", "req_"), ("agent", "user_"), ("user", "user_"), ("account", "user_"), ("meout", "user_"),
];

/// Text for a field; `owner` is the component it is in.
pub(super) fn text(owner: &str, field: &str, schema: &Value) -> Value {
    match schema["format"].as_str() {
        Some("date-time") => return json!(TIME),
        Some("date") => return json!("2026-03-14"),
        _ => {}
    }
    let name = plain(field);
    if let Some((_, text)) = TEXTS.iter().find(|(known, _)| *known == name) {
        return json!(text);
    }
    if name == "id" || name.ends_with("id") {
        let of = if name == "id" { plain(owner) } else { name };
        let prefix = IDS.iter().find(|(part, _)| of.contains(part));
        return json!(format!("{}{DIGITS}", prefix.map_or("", |(_, prefix)| prefix)));
    }
    json!(spelled(field))
}

/// A name nobody knows, in words: `replyTo` → `reply to`.
fn spelled(field: &str) -> String {
    let mut words = String::new();
    for letter in field.chars() {
        if letter.is_uppercase() || letter == '_' {
            words.push(' ');
        }
        words.extend(letter.to_lowercase().filter(|letter| *letter != '_'));
    }
    words
}

/// A whole number for a field, within its bounds.
pub(super) fn integer(field: &str, schema: &Value) -> Value {
    let likely = match plain(field).as_str() {
        "page" | "sequence" => 1,
        "pages" | "totalpages" => 3,
        "skip" | "offset" | "after" => 0,
        "limit" => 20,
        "total" => 42,
        "expiresin" => 3600,
        "dimensions" => 384,
        "maxresponselength" => 500,
        "rating" => 5,
        name if name.ends_with("id") => 12,
        _ => 7,
    };
    json!(bounded(likely, schema))
}

/// A number for a field, within its bounds.
pub(super) fn number(field: &str, schema: &Value) -> Value {
    let bounded = schema["maximum"].as_f64().is_some_and(|most| most <= 1.0);
    let name = plain(field);
    let words = ["confidence", "relevance", "rate", "score"];
    let is_share = bounded || words.iter().any(|word| name.ends_with(word));
    if is_share { json!(0.92) } else { json!(12.5) }
}

/// Whether a field is likely to be set.
pub(super) fn flag(field: &str) -> bool {
    !plain(field).contains("paused")
}

/// A key of a map whose keys are not known before.
pub(super) fn key(field: &str) -> &'static str {
    match plain(field).as_str() {
        "dependencies" => "store",
        "entities" => "order_number",
        _ => "web",
    }
}

fn bounded(likely: i64, schema: &Value) -> i64 {
    let least = schema["minimum"].as_i64().unwrap_or(i64::MIN);
    let most = schema["maximum"].as_i64().unwrap_or(i64::MAX);
    likely.clamp(least, most.max(least))
}

fn plain(name: &str) -> String {
    name.replace('_', "").to_ascii_lowercase()
}
