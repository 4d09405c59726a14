//! `platform`: sessions by the caller's own ids, knowledge, administration.

mod accounts;
mod analytics;
mod audio;
mod email;
mod knowledge;
mod memories;
mod messages;
mod sessions;
mod sms;
mod whatsapp;
pub(super) mod wrong_input;
