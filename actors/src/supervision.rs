//! How failures are met: one policy for every supervisor, a tree of static children, stable addresses.
//!
//! ractor itself restarts nothing, and its default supervisor stops when any child ends. Here every supervisor counts
//! its children's failures; within the policy the child is started again after a growing pause, beyond it the
//! supervisor itself fails, and its own supervisor decides. Past the root the process ends with an error, which is
//! for the service manager to see. State is rebuilt from the store, never carried over from what failed.

pub mod address;
pub mod policy;
pub mod tree;

pub use address::Address;
pub use policy::{RestartPolicy, Restarts, Verdict};
pub use tree::{ChildSpec, Supervisor, SupervisorCommand};
