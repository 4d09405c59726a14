//! `platform`: sessions by the caller's own ids, knowledge, administration.

mod accounts;
mod analytics;
mod attachments;
mod audio;
mod email;
mod idempotency;
mod knowledge;
mod memories;
mod messages;
mod sessions;
mod sms;
pub(super) mod story;
mod whatsapp;
pub(super) mod wrong_input;
