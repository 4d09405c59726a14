//! The session: the live actor of one conversation and its only writer.
//!
//! Commands wait in `pending` while a commit is under way; when it is durable everything that waits becomes the next
//! batch: one record of the conversation, one write to each listener, however many messages came meanwhile. The state
//! in memory changes only after its commit, so a failed commit leaves nothing to undo.
//!
//! ```text
//!   Act ─▶ pending ─▶ step (pure) ─▶ one batch ─▶ store ─▶ Committed ─▶ replies, bus, desk, assistant
//! ```

pub mod actor;
pub mod command;
mod commit;
mod delivery;
mod notices;
mod plan;
mod state;
mod turns;

pub use actor::SessionActor;
pub use command::{Act, Done, SessionCommand, TurnReply};
