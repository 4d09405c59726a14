//! The port of files that a channel's provider keeps: fetched once, as soon as their message is stored.

use std::fmt;

use super::BoxFuture;
use super::transport::SendError;
use crate::message::PendingFile;

/// Where the files of customers' messages are fetched.
pub trait FileSource: Send + Sync + fmt::Debug {
    /// The bytes of a file, checked against its hash where one is known. [`SendError::Refused`]: it is gone, too large
    /// or not what was announced.
    fn fetch(&self, file: PendingFile) -> BoxFuture<'_, Result<Vec<u8>, SendError>>;
}
