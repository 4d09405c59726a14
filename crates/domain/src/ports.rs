//! The doors of the core: what the hub asks of the outside world, as traits.
//!
//! Only the composition root knows which concrete type stands behind each. Nothing here may assume that one process
//! owns all data: a cluster engine and a networked bus must fit the same traits.

pub mod assistant;
pub mod blobs;
pub mod bus;
pub mod clock;
pub mod engine;
pub mod files;
pub mod keys;
pub mod mailbox;
pub mod poster;
pub mod provider;
pub mod reports;
pub mod transport;

use std::future::Future;
use std::pin::Pin;

/// A boxed future, the return type of asynchronous ports (they are used as `dyn` traits).
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
