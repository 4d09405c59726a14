//! Time and randomness as parameters, so that tests decide both.

use std::fmt;

use crate::time::Timestamp;

/// Where the hub reads the time of day.
pub trait Clock: Send + Sync + fmt::Debug {
    /// Now, to the millisecond.
    fn now(&self) -> Timestamp;
}

/// Where the hub takes unguessable bytes from.
pub trait Random: Send + Sync + fmt::Debug {
    /// Fills `bytes` from a cryptographically secure source.
    fn fill(&self, bytes: &mut [u8]);
}
