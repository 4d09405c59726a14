//! What every measurement is given: which binary, which engine, how much load.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;

use crate::arguments::Engine;
use crate::server::{Options, Server};

/// Rounds of each load; the table shows their median and their lowest.
const ROUNDS: usize = 3;

/// The setting of one engine's measurements.
#[derive(Debug)]
pub(crate) struct Context {
    binary: PathBuf,
    engine: Engine,
    quick: bool,
}

impl Context {
    /// Measurements of this binary with this engine, with a tenth of the load if `quick`.
    pub(crate) const fn new(binary: PathBuf, engine: Engine, quick: bool) -> Self {
        Self {
            binary,
            engine,
            quick,
        }
    }

    /// The options of a server as it comes, with limits lifted.
    pub(crate) fn options(&self) -> Options {
        Options::new(self.binary.clone(), self.engine)
    }

    /// Starts a server with an empty data folder.
    ///
    /// # Errors
    /// When it does not come up.
    pub(crate) async fn start(&self) -> Result<Server> {
        Server::start(self.options()).await
    }

    /// This much load, or a tenth of it.
    pub(crate) const fn load(&self, full: usize) -> usize {
        if self.quick { full / 10 } else { full }
    }

    /// How often a load is repeated.
    pub(crate) const fn rounds(&self) -> usize {
        if self.quick { 1 } else { ROUNDS }
    }

    /// The binary's path.
    pub(crate) fn binary(&self) -> &std::path::Path {
        &self.binary
    }
}

/// Lets the server come to rest, so that what went before is not charged to what comes.
pub(crate) async fn settle() {
    tokio::time::sleep(Duration::from_millis(500)).await;
}
