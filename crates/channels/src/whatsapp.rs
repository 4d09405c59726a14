//! WhatsApp through Meta's Cloud API: what its webhooks report, and what is sent to it.
//!
//! In: [`signature`] turns raw bytes into something verified, [`report`] reads it. Out: [`client`] sends (the domain's
//! `Transport`), [`pace`] says when something may go ([`paced`] heeds it); [`media`] fetches what customers attach.
//! [`door`] puts reports into the domain's words, which is the one place that decides what a report means for a
//! conversation. The access token goes to the configured hosts alone.

pub mod client;
pub mod door;
pub mod media;
pub mod pace;
pub mod paced;
mod refusal;
pub mod report;
pub mod signature;
