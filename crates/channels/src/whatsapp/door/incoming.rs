//! What a customer sent, as the hub takes it in: who, which words, which file, and what is wanted for it.
//!
//! Invariant: every function gives something readable or a file, and at least one address to answer at.

use switchboard_domain::customer::{Channel, Identity};
use switchboard_domain::handover::HandoverReason;
use switchboard_domain::incoming::{Asks, Incoming, Thread};
use switchboard_domain::message::{PendingFile, Provided};
use switchboard_domain::time::Timestamp;

use crate::whatsapp::report::{
    Deletion, Edit, IdentityChange, Kind, Media, Message, Opened, Person, Reaction,
};

/// A message of any kind.
pub(super) fn message(message: Message, now: Timestamp) -> Incoming {
    let asks = wanted(message.kind, !message.text.trim().is_empty());
    let provided = Provided {
        id: message.id,
        at: message.at.unwrap_or(now),
        kind: message.kind.as_str().to_owned(),
        about: message.replies_to,
        raw: None,
        file: message.media.map(pending),
    };
    Incoming {
        raw: message.raw.map(String::into_bytes),
        ..incoming(&message.sender, message.text, provided, asks)
    }
}

/// What is wanted for a message of this kind.
const fn wanted(kind: Kind, has_words: bool) -> Asks {
    match kind {
        Kind::Sticker | Kind::System => Asks::Nothing,
        Kind::Location | Kind::Contacts | Kind::Order | Kind::Unsupported => {
            Asks::Agent(HandoverReason::Attachment)
        }
        Kind::Image | Kind::Video | Kind::Audio | Kind::Document if !has_words => Asks::File,
        Kind::Image
        | Kind::Video
        | Kind::Audio
        | Kind::Document
        | Kind::Text
        | Kind::Interactive
        | Kind::Button => Asks::Answer,
    }
}

/// The chat was opened for the first time.
pub(super) fn opened(opened: Opened, now: Timestamp) -> Incoming {
    let provided = told(opened.id, opened.at.unwrap_or(now), "request_welcome", None);
    let text = "opened the chat".to_owned();
    incoming(&opened.sender, text, provided, Asks::Nothing)
}

/// An emoji was put on a message, or taken away.
pub(super) fn reaction(reaction: Reaction, now: Timestamp) -> Incoming {
    let text = match reaction.emoji {
        Some(emoji) => format!("reacted {emoji}"),
        None => "took a reaction back".to_owned(),
    };
    let at = reaction.at.unwrap_or(now);
    let provided = told(reaction.id, at, "reaction", Some(reaction.about));
    incoming(&reaction.sender, text, provided, Asks::Nothing)
}

/// An earlier message has new words.
pub(super) fn edit(edit: Edit, now: Timestamp) -> Incoming {
    let asks = if edit.text.trim().is_empty() {
        Asks::Nothing
    } else {
        Asks::Answer
    };
    let text = if asks == Asks::Nothing {
        "changed a message".to_owned()
    } else {
        edit.text
    };
    let provided = told(edit.id, edit.at.unwrap_or(now), "edit", Some(edit.about));
    incoming(&edit.sender, text, provided, asks)
}

/// An earlier message was taken back.
pub(super) fn deletion(deletion: Deletion, now: Timestamp) -> Incoming {
    let at = deletion.at.unwrap_or(now);
    let provided = told(deletion.id, at, "revoke", Some(deletion.about));
    let text = "deleted a message".to_owned();
    incoming(&deletion.sender, text, provided, Asks::Nothing)
}

/// The customer has another number from now on.
pub(super) fn moved(change: &IdentityChange, now: Timestamp) -> Incoming {
    let phones = change.before.phone.as_ref().zip(change.after.phone.as_ref());
    let words = change.text.trim();
    let text = match phones.filter(|(from, to)| from != to) {
        // The conversation is the only place that shows the old number from now on.
        Some((from, to)) => format!("{words} ({from} is {to} now)").trim().to_owned(),
        None if words.is_empty() => "has another number".to_owned(),
        None => change.text.clone(),
    };
    let provided = told(change.id.clone(), change.at.unwrap_or(now), "system", None);
    let (before, after) = (change.before.clone(), change.after.clone());
    let now_known_as = Person {
        phone: after.phone.or(before.phone),
        user_id: after.user_id.or(before.user_id),
        ..before
    };
    incoming(&now_known_as, text, provided, Asks::Nothing)
}

/// The addresses that somebody is known by, the phone number first.
pub(super) fn identities(person: &Person) -> Vec<Identity> {
    let phone = person.phone.clone().map(Identity::Phone);
    let user = person.user_id.clone().map(Identity::Whatsapp);
    phone.into_iter().chain(user).collect()
}

fn told(id: String, at: Timestamp, kind: &str, about: Option<String>) -> Provided {
    Provided {
        id,
        at,
        kind: kind.to_owned(),
        about,
        ..Provided::default()
    }
}

fn pending(media: Media) -> PendingFile {
    PendingFile {
        id: media.id,
        media_type: media.media_type.unwrap_or_default(),
        sha256: media.sha256.unwrap_or_default(),
        name: media.file_name.unwrap_or_default(),
        is_voice: media.is_voice,
    }
}

fn incoming(sender: &Person, text: String, provided: Provided, asks: Asks) -> Incoming {
    let reply_to = sender.phone.clone().or_else(|| sender.user_id.clone());
    let name = sender.name.clone().or_else(|| sender.username.clone());
    Incoming {
        channel: Channel::Whatsapp,
        sender: identities(sender),
        name: name.unwrap_or_default(),
        reply_to: reply_to.unwrap_or_default(),
        subject: String::new(),
        text,
        files: Vec::new(),
        raw: None,
        provided,
        asks,
        thread: Thread::Newest,
    }
}
