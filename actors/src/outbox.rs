//! The outbox: what is owed and durably noted, found again and seen to.
//!
//! ```text
//!   commit of the cause ─▶ errand ─▶ Dispatcher ─▶ one Runner for each lane with something due
//!                                                    claim (commit) ─▶ send ─▶ record (commit)
//! ```
//! No call to the outside is made before its errand's claim is on disk, and none inside a commit. Whoever is killed in
//! between leaves a claimed errand, whose lane decides at the next start what doubt means
//! ([`switchboard_domain::outbox::Doubt`]).

mod abandoned;
pub(crate) mod charge;
mod closed;
pub mod dispatcher;
pub(crate) mod held;
mod lane;
mod media;
mod message;
mod notice;
mod queue;
mod record;
mod signature;
pub mod turns;
mod wake;

pub use abandoned::Abandoned;
pub use dispatcher::{Dispatcher, OutboxCommand};
pub(crate) use message::{reference, referred};
