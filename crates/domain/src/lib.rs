//! The words and rules of Switchboard: what a conversation is, who may do what, when the assistant answers.
//!
//! No input, no output, no clock and no randomness: time and random bytes are parameters, the world is behind
//! [`ports`]. Every other crate depends on this one and it depends on none of them.

pub mod account;
pub mod agreement;
pub mod analysis;
pub mod audio;
pub mod budget;
pub mod business;
pub mod campaign;
pub mod conversation;
pub mod cost;
pub mod counter;
pub mod customer;
pub mod decision;
pub mod desk;
pub mod event;
pub mod excerpt;
pub mod extraction;
pub mod figures;
pub mod handover;
pub mod id;
pub mod incoming;
pub mod knowledge;
pub mod log;
pub mod memory;
pub mod message;
pub mod organization;
pub mod outbox;
pub mod passages;
pub mod ports;
pub mod price;
pub mod retry_after;
pub mod scope;
pub mod settings;
pub mod source;
pub mod time;
pub mod topics;
pub mod vector;
pub mod webhook;
