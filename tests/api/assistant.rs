//! The `assistant` family.

mod auth;
mod chat;
mod faqs;
mod logs;
mod reports;
pub(super) mod story;
pub(super) mod wrong_input;
