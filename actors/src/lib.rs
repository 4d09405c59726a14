//! The supervised core of Switchboard: every conversation is an actor, every failure has somebody who meets it.
//!
//! ```text
//! Root
//! ├─ SessionShard × 16 ── SessionActor, one per live conversation, started on demand, put away when idle
//! ├─ channels ── WebChannel (open connections, credentials that end, typing) · EmailChannel (mailboxes, where there
//! │              are any)
//! ├─ agents ── AgentSupervisor ── AgentActor, one per agent online · DeskActor (waiting line, offers)
//! ├─ assistant ── Factory ── TurnWorker × n (one key per conversation, bounded)
//! └─ outbox ── TurnDispatcher (turns owed since before a restart) · CampaignRunner (campaigns due and running) ·
//!              Reindexer (knowledge a new model has not read) · Housekeeping (what has ended by itself)
//!              · IssuerKeys (keys of external issuers, where there are any)
//! ```
//!
//! A message's way: surface → [`hub::Hub`] → [`directory`] → [`session`] (its conversation's only writer) → one atomic
//! batch to the store → [`bus`] → connections; and, while the assistant is in charge, → [`assistant`] → back to the
//! session, which commits the answer if its epoch still stands. Data flows one way; nobody reaches back up.

mod activity;
pub mod answers;
pub mod assistant;
pub mod budgets;
pub mod bus;
pub mod campaign;
pub mod channel;
pub mod credentials;
pub mod desk;
pub mod directory;
mod erasure;
pub mod error;
mod hearing;
pub mod history;
pub mod housekeeping;
pub mod hub;
pub mod index;
pub mod issuer_keys;
pub mod links;
mod locks;
pub mod memories;
pub mod outbox;
pub mod presence;
pub mod records;
pub mod root;
pub mod services;
pub mod session;
pub mod settings;
pub mod shard;
pub mod subscriptions;
pub mod supervision;

#[cfg(test)]
mod tests;
