//! What the providers of channels speak: WhatsApp's Graph API, mail servers, SMS services.
//!
//! Protocol alone: bytes in, typed reports out; a typed message in, a request out. No actors, no store, no clock; the
//! core calls it through the domain's `Transport` and the composition root names what is concrete. Whatever comes from
//! outside is data: no input makes a parser fail the caller or panic.

pub mod email;
pub mod foreign;
mod hex;
mod http;
pub mod secret;
pub mod sms;
pub mod whatsapp;
