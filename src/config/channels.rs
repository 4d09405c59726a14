//! `[whatsapp]`, `[email]`, `[sms]`: the channels to the outside, one file each.

mod email;
mod sms;
mod whatsapp;

pub use self::email::{Email, Encryption, FurtherMailbox};
pub use self::sms::Sms;
pub use self::whatsapp::WhatsApp;
