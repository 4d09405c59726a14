//! The attachments' port: immutable bytes, named by their SHA-256, outside the key-value store.

use std::fmt;

use super::BoxFuture;
use super::engine::StoreError;
use crate::message::BlobId;

/// Content-hash files. All calls may block on the disk and therefore return futures.
pub trait Blobs: Send + Sync + fmt::Debug {
    /// Keeps `content` durably and returns its name; keeping the same bytes again is no error and costs no space.
    fn put(&self, content: Vec<u8>) -> BoxFuture<'_, Result<BlobId, StoreError>>;

    /// The bytes of `id`, `None` when they were never kept or have been removed.
    fn get(&self, id: BlobId) -> BoxFuture<'_, Result<Option<Vec<u8>>, StoreError>>;

    /// Removes the bytes of `id` for good; removing what is not there is no error.
    fn remove(&self, id: BlobId) -> BoxFuture<'_, Result<(), StoreError>>;
}
