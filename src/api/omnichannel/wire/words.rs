//! This family's closed lists of words. Written in upper case, read in any.

use switchboard_actors::hub::conversations::State;
use switchboard_domain::conversation::Status;
use switchboard_domain::customer::Channel;

use crate::http::wire::Word;

/// A channel; `CHAT` is another name of the web.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::api::omnichannel) struct ChannelWord(pub(in crate::api::omnichannel) Channel);

/// Who is in charge of a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::api::omnichannel) struct StatusWord(pub(in crate::api::omnichannel) State);

/// `true` or `false`, in a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::api::omnichannel) struct Flag(pub(in crate::api::omnichannel) bool);

impl Word for ChannelWord {
    const EXPECTED: &'static str = "one of WEB, CHAT, WHATSAPP, EMAIL, SMS";

    fn read(word: &str) -> Option<Self> {
        match word.to_ascii_lowercase().as_str() {
            "chat" => Some(Self(Channel::Web)),
            word => Channel::from_name(word).map(Self),
        }
    }
}

impl Word for StatusWord {
    const EXPECTED: &'static str = "one of ACTIVE, TRANSFERRED, CLOSED";

    fn read(word: &str) -> Option<Self> {
        let state = match word.to_ascii_uppercase().as_str() {
            "ACTIVE" => State::Active,
            "TRANSFERRED" => State::Transferred,
            "CLOSED" => State::Closed,
            _ => return None,
        };
        Some(Self(state))
    }
}

impl Word for Flag {
    const EXPECTED: &'static str = "one of true, false";

    fn read(word: &str) -> Option<Self> {
        word.parse().ok().map(Self)
    }
}

/// A channel's name.
pub(in crate::api::omnichannel) const fn channel_word(channel: Channel) -> &'static str {
    match channel {
        Channel::Web => "WEB",
        Channel::Whatsapp => "WHATSAPP",
        Channel::Email => "EMAIL",
        Channel::Sms => "SMS",
    }
}

/// The name of who is in charge.
pub(in crate::api::omnichannel) const fn status_word(status: &Status) -> &'static str {
    match status {
        Status::Active => "ACTIVE",
        Status::Waiting { .. } | Status::WithAgent { .. } => "TRANSFERRED",
        Status::Closed { .. } => "CLOSED",
    }
}
