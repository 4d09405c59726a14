//! `rooms`: login, chat rooms, reports and the system's configuration.

mod auth;
mod chat;
mod reports;
pub(super) mod story;
mod system_config;
pub(super) mod wrong_input;
