//! What a message says: its kind, its readable words and its file, from the object that is named after its type.
//!
//! Used for new messages and for the new content of edited ones. Invariant: a type that is not known, or whose object
//! does not look as documented, is [`Kind::Unsupported`]; nothing is left out because of it.

use super::json::{Json, is_true, list, text};
use super::kind::Kind;
use super::status::Failure;
use super::{Media, card};

/// What a message says.
#[derive(Debug)]
pub(super) struct Content {
    pub(super) kind: Kind,
    pub(super) text: String,
    pub(super) media: Option<Media>,
}

/// Reads `message`: an element of `messages`, or the `message` within an `edit`.
pub(super) fn read(message: Json<'_>) -> Content {
    let word = text(message, "type").unwrap_or_default();
    let object = message.get(&word).unwrap_or(Json::NONE);
    understood(&word, object).unwrap_or_else(|| Content {
        kind: Kind::Unsupported,
        text: unsupported(&word, object, message),
        media: None,
    })
}

fn understood(word: &str, object: Json<'_>) -> Option<Content> {
    let words = |kind, text| Content {
        kind,
        text,
        media: None,
    };
    match word {
        "text" => Some(words(Kind::Text, text(object, "body")?)),
        "image" => file(Kind::Image, object),
        "video" => file(Kind::Video, object),
        "audio" | "voice" => file(Kind::Audio, object),
        "document" => file(Kind::Document, object),
        "sticker" => file(Kind::Sticker, object),
        "location" => Some(words(Kind::Location, card::location(object)?)),
        "contacts" => Some(words(Kind::Contacts, card::contacts(object)?)),
        "interactive" => Some(words(Kind::Interactive, card::interactive(object)?)),
        "button" => {
            let title = text(object, "text").or_else(|| text(object, "payload"))?;
            Some(words(Kind::Button, title))
        }
        "order" => Some(words(Kind::Order, card::order(object)?)),
        "system" => Some(words(Kind::System, text(object, "body")?)),
        _ => None,
    }
}

fn file(kind: Kind, object: Json<'_>) -> Option<Content> {
    let media = Media {
        id: text(object, "id")?,
        media_type: text(object, "mime_type"),
        sha256: text(object, "sha256"),
        file_name: text(object, "filename"),
        is_voice: kind == Kind::Audio && is_true(object, "voice"),
    };
    Some(Content {
        kind,
        text: text(object, "caption").unwrap_or_default(),
        media: Some(media),
    })
}

/// `Unsupported message (poll_creation): 131051: Message type unknown`.
fn unsupported(word: &str, object: Json<'_>, message: Json<'_>) -> String {
    let named = match word {
        "" | "unsupported" | "unknown" => text(object, "type"),
        word => Some(word.to_owned()),
    };
    let named = named.map(|word| {
        let word: String = word.chars().take(40).collect();
        format!(" ({word})")
    });
    let why = list(message, "errors")
        .next()
        .map(|error| format!(": {}", Failure::read(error).reason));
    format!(
        "Unsupported message{}{}",
        named.unwrap_or_default(),
        why.unwrap_or_default()
    )
}
