//! The way from a webhook's body to its reports: accounts, changes, and within each the messages, statuses and errors.
//!
//! Invariant: one element that makes no sense costs that element alone.

use sha2::{Digest, Sha256};

use super::identity::Person;
use super::json::{Document, Json, is_true, list, moment, phone, text, words};
use super::kind::Kind;
use super::status::{Failure, Status};
use super::{
    Addressed, Deletion, Edit, IdentityChange, Message, Opened, Reaction, Referral, Report, Skipped, content,
};
use crate::whatsapp::signature::Verified;

/// Everything that a webhook reports, in its order.
pub fn parse(body: Verified<'_>) -> Vec<Addressed> {
    let Some(document) = Document::read(body.bytes()) else {
        return vec![skipped(None, "a body that is not JSON", None)];
    };
    let body = document.root();
    let changes = list(body, "entry").flat_map(|entry| list(entry, "changes"));
    let reports: Vec<Addressed> = changes.flat_map(change).collect();
    if reports.is_empty() {
        return vec![skipped(None, "a webhook without a report", Some(body))];
    }
    reports
}

fn change(change: Json<'_>) -> Vec<Addressed> {
    let value = change.get("value").unwrap_or(Json::NONE);
    let number_id = value
        .get("metadata")
        .and_then(|metadata| text(metadata, "phone_number_id"));
    let messages = list(value, "messages").map(|message| read_message(message, value));
    let statuses = list(value, "statuses").map(|status| read_status(status, value));
    let errors = list(value, "errors").map(|error| Report::AccountError(Failure::read(error)));
    let reports: Vec<Addressed> = messages
        .chain(statuses)
        .chain(errors)
        .map(|report| Addressed {
            number_id: number_id.clone(),
            report,
        })
        .collect();
    if reports.is_empty() {
        let field: String = text(change, "field")
            .unwrap_or_default()
            .chars()
            .take(60)
            .collect();
        let reason = format!("a change of {field:?} that says nothing of messages");
        return vec![skipped(number_id, &reason, Some(change))];
    }
    reports
}

fn skipped(number_id: Option<String>, reason: &str, raw: Option<Json<'_>>) -> Addressed {
    Addressed {
        number_id,
        report: skip(reason, raw),
    }
}

fn skip(reason: &str, raw: Option<Json<'_>>) -> Report {
    Report::Skipped(Skipped {
        reason: reason.to_owned(),
        raw: raw.map(|raw| raw.to_string()),
    })
}

fn read_status(status: Json<'_>, value: Json<'_>) -> Report {
    match Status::read(status, value) {
        Ok(status) => Report::Status(status),
        Err(reason) => skip(&reason, None),
    }
}

fn read_message(message: Json<'_>, value: Json<'_>) -> Report {
    let sender = Person::sender(message, value);
    if !sender.is_known() {
        return skip("a message without a sender", Some(message));
    }
    let report = match words(message, "type").as_deref() {
        Some("reaction") => reaction(message, &sender),
        Some("edit") => edit(message, &sender),
        Some("revoke") => deletion(message, &sender),
        Some("system") => identity_change(message, &sender),
        Some("request_welcome") => Some(Report::Opened(Opened {
            id: id(message, &sender),
            sender: sender.clone(),
            at: moment(message, "timestamp"),
        })),
        _ => None,
    };
    report.unwrap_or_else(|| written(message, sender))
}

/// The provider's id, or one made from what came and from whom, so that a message that comes twice is still the same
/// and two customers' are not.
fn id(message: Json<'_>, sender: &Person) -> String {
    text(message, "id").unwrap_or_else(|| {
        let address = sender.phone.as_ref().or(sender.user_id.as_ref());
        let digest = Sha256::digest(format!("{address:?} {message}"));
        let digits: Vec<String> = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("unnamed.{}", digits.concat())
    })
}

fn written(message: Json<'_>, sender: Person) -> Report {
    let said = content::read(message);
    let context = message.get("context").unwrap_or(Json::NONE);
    // What is shown in words that are not all of it.
    let is_shortened = matches!(
        said.kind,
        Kind::Unsupported | Kind::Location | Kind::Contacts | Kind::Order
    );
    let raw = is_shortened.then(|| message.to_string());
    Report::Message(Box::new(Message {
        id: id(message, &sender),
        sender,
        at: moment(message, "timestamp"),
        kind: said.kind,
        text: said.text,
        media: said.media,
        replies_to: text(context, "id"),
        is_forwarded: is_true(context, "forwarded") || is_true(context, "frequently_forwarded"),
        referral: message.get("referral").and_then(referral),
        product: context.get("referred_product").and_then(product),
        group_id: text(message, "group_id"),
        raw,
    }))
}

fn referral(referral: Json<'_>) -> Option<Referral> {
    let referral = Referral {
        source_type: text(referral, "source_type"),
        source_id: text(referral, "source_id"),
        source_url: text(referral, "source_url"),
        headline: text(referral, "headline"),
        body: text(referral, "body"),
    };
    (referral != Referral::default()).then_some(referral)
}

fn product(product: Json<'_>) -> Option<String> {
    let catalog = text(product, "catalog_id").unwrap_or_default();
    text(product, "product_retailer_id").map(|product| format!("{catalog}/{product}"))
}

fn reaction(message: Json<'_>, sender: &Person) -> Option<Report> {
    let reaction = message.get("reaction")?;
    Some(Report::Reaction(Reaction {
        id: id(message, sender),
        about: text(reaction, "message_id")?,
        sender: sender.clone(),
        at: moment(message, "timestamp"),
        emoji: text(reaction, "emoji"),
    }))
}

fn edit(message: Json<'_>, sender: &Person) -> Option<Report> {
    let edit = message.get("edit")?;
    let content = content::read(edit.get("message")?);
    if content.kind == Kind::Unsupported {
        return None;
    }
    Some(Report::Edit(Box::new(Edit {
        id: id(message, sender),
        about: text(edit, "original_message_id")?,
        sender: sender.clone(),
        at: moment(message, "timestamp"),
        kind: content.kind,
        text: content.text,
        media: content.media,
    })))
}

fn deletion(message: Json<'_>, sender: &Person) -> Option<Report> {
    Some(Report::Deletion(Deletion {
        id: id(message, sender),
        about: text(message.get("revoke")?, "original_message_id")?,
        sender: sender.clone(),
        at: moment(message, "timestamp"),
    }))
}

/// A new number or user id; other notices of the provider are messages of kind `system`.
fn identity_change(message: Json<'_>, sender: &Person) -> Option<Report> {
    let system = message.get("system")?;
    let after = Person {
        phone: phone(system, "wa_id").or_else(|| phone(system, "new_wa_id")),
        user_id: text(system, "user_id"),
        ..Person::default()
    };
    let is_new = |now: &Option<String>, before: &Option<String>| now.is_some() && now != before;
    let is_other = is_new(&after.phone, &sender.phone) || is_new(&after.user_id, &sender.user_id);
    is_other.then(|| {
        Report::IdentityChange(IdentityChange {
            id: id(message, sender),
            before: sender.clone(),
            after,
            at: moment(message, "timestamp"),
            text: text(system, "body").unwrap_or_default(),
        })
    })
}
