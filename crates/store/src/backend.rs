//! What an engine's library must offer; the writer, the reads and the queue are written once over it.
//!
//! A backend is called by one writer thread, one sync thread and any number of readers. It knows nothing of
//! preconditions, counters or durability of reads.

pub(crate) mod cached;
pub(crate) mod fjall;
pub(crate) mod sled;

use bytes::Bytes;
use switchboard_domain::ports::engine::{Direction, Entry, KeyRange, StoreError};

use crate::group::Slots;

/// An ordered map on the disk.
pub(crate) trait Backend: Send + Sync + 'static {
    /// The newest value of `key`, synced or not.
    fn get(&self, key: &[u8]) -> Result<Option<Bytes>, StoreError>;

    /// At most `limit` of the newest entries of a range that is not empty.
    fn range(&self, range: &KeyRange, direction: Direction, limit: usize) -> Result<Vec<Entry>, StoreError>;

    /// Makes all changes of a group, as one batch that a crash leaves whole or absent, and hands them to the system.
    fn apply(&self, slots: &Slots) -> Result<(), StoreError>;

    /// Ends when everything applied before the call is on the disk.
    fn sync(&self) -> Result<(), StoreError>;

    /// Bytes on the disk.
    fn disk_bytes(&self) -> u64;
}
