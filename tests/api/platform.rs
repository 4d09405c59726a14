//! `platform`: sessions by the caller's own ids, knowledge, administration.

mod accounts;
mod analytics;
mod audio;
mod knowledge;
mod memories;
mod messages;
mod sessions;
pub(super) mod wrong_input;
