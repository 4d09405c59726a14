//! The `care` family.

mod analytics;
mod auth;
mod conversations;
mod messages;
pub(super) mod story;
pub(super) mod wrong_input;
