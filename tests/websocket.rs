//! The WebSocket protocols, frame by frame, against the real binary: `/ws` here, the others in folders of their own.

mod assistant;
mod care;
mod credentials;
mod frames;
mod guests;
mod order;
pub(crate) mod roles;
mod typing;
