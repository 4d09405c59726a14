//! From the libraries' errors to the port's; used by the backends, the blobs and the folder.

use std::error::Error;
use std::io;

use switchboard_domain::ports::engine::StoreError;

/// An error of the operating system; a full disk or quota is told apart.
pub(crate) fn io(error: &io::Error) -> StoreError {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => StoreError::Full,
        _ => StoreError::Failed(error.to_string()),
    }
}

/// Any library's error: the operating system's error underneath decides, if there is one.
pub(crate) fn library(error: &(dyn Error + 'static)) -> StoreError {
    let mut cause = Some(error);
    while let Some(inner) = cause {
        if let Some(found) = inner.downcast_ref::<io::Error>() {
            return io(found);
        }
        cause = inner.source();
    }
    StoreError::Failed(error.to_string())
}
