//! The embedded store: two ordered key-value engines behind one single-writer group commit, and content-hash files.
//!
//! The composition root calls [`open`] and [`FileBlobs::open`]; everything else speaks to the ports of
//! `switchboard-domain`. Invariant: what a commit acknowledged or a read showed is on the disk (`fdatasync`).
//!
//! ```text
//! commit() → queue → writer thread: check, merge, apply one group → sync thread: fdatasync, publish, answer
//! get(), scan() → backend as it is now (a row from the cache, if it is there), minus what is not yet synced (history)
//! ```

mod backend;
mod blobs;
mod engine;
mod failure;
mod folder;
mod group;
mod history;
mod maintenance;
mod open;
mod options;
mod queue;
mod read;
mod space;
mod sync;
mod writer;

pub use blobs::FileBlobs;
pub use maintenance::{backup, copy};
pub use open::open;
pub use options::{EngineKind, EngineOptions};
pub use space::{DiskSpace, SpaceProbe};
