//! The kinds of message that a customer can send.
//!
//! Invariant: the words are the provider's own, so that a kind reads the same in a log, in a record and in Meta's pages.

use std::fmt;

/// What a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Words.
    Text,
    /// A picture.
    Image,
    /// A film.
    Video,
    /// Sound; recorded in the chat where its media says so.
    Audio,
    /// Any other file.
    Document,
    /// A sticker.
    Sticker,
    /// A place.
    Location,
    /// Address cards.
    Contacts,
    /// An answer given with a button, a list or a form of ours.
    Interactive,
    /// A quick reply to a template.
    Button,
    /// A shopping cart.
    Order,
    /// The provider tells of the customer.
    System,
    /// Anything else.
    Unsupported,
}

impl Kind {
    /// The provider's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Image => "image",
            Self::Video => "video",
            Self::Audio => "audio",
            Self::Document => "document",
            Self::Sticker => "sticker",
            Self::Location => "location",
            Self::Contacts => "contacts",
            Self::Interactive => "interactive",
            Self::Button => "button",
            Self::Order => "order",
            Self::System => "system",
            Self::Unsupported => "unsupported",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
