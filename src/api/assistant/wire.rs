//! What this family's callers send and get, and how it is made from the hub's types; a file a resource.

pub(super) mod accounts;
pub(super) mod chat;
pub(super) mod faqs;
pub(super) mod logs;
