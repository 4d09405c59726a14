//! The `care` family.

mod analytics;
mod auth;
mod conversations;
mod messages;
