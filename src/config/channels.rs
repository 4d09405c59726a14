//! `[whatsapp]`, `[email]`, `[sms]`: the channels to the outside, one file each.

mod email;
mod sms;
mod whatsapp;

pub use self::email::{Email, Encryption, FurtherMailbox};
pub use self::sms::Sms;
pub use self::whatsapp::WhatsApp;
use super::error::{Invalid, require};
use super::values::Secret;

/// A channel that is switched on needs this text.
fn required(text: &str, key: &'static str) -> Result<(), Invalid> {
    require(
        !text.trim().is_empty(),
        key,
        "a text, because the channel is enabled",
    )
}

/// A channel that is switched on needs this secret.
fn required_secret(secret: Option<&Secret>, key: &'static str) -> Result<(), Invalid> {
    required(secret.map_or("", Secret::expose), key)
}

/// Whether requests can be sent to this address.
fn is_address(text: &str) -> bool {
    let behind = |scheme| text.strip_prefix(scheme);
    let host = behind("https://").or_else(|| behind("http://"));
    host.is_some_and(|host| !host.trim_matches('/').is_empty() && !host.contains(char::is_whitespace))
}
