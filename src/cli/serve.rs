//! `switchboard serve`: log and metrics, listening sockets, signals, then the hub until it is told to stop.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use super::CliError;
use crate::config::Config;
use crate::http::BoxError;
use crate::http::serve::bind;
use crate::shutdown::{self, Signal};
use crate::telemetry;

/// Runs the hub on these listeners until the signal is given, and returns when all is written.
pub type Start = fn(Config, Vec<TcpListener>, Signal) -> BoxFuture<'static, Result<(), BoxError>>;

/// Time that work without a future (hashing, embedding) has to finish at the end.
const LAST_WORK: Duration = Duration::from_secs(2);

/// Serves until SIGTERM or SIGINT.
pub(super) fn serve(config: Config, start: Start) -> Result<(), CliError> {
    let rust_log = std::env::var("RUST_LOG").ok();
    telemetry::install(&config.log, rust_log.as_deref()).map_err(failed)?;
    for warning in config.warnings() {
        tracing::warn!("{warning}");
    }
    let runtime = Runtime::new().map_err(failed)?;
    let ended = runtime.block_on(run(config, start));
    runtime.shutdown_timeout(LAST_WORK);
    ended
}

async fn run(config: Config, start: Start) -> Result<(), CliError> {
    let (trigger, signal) = shutdown::channel();
    shutdown::on_signals(trigger).map_err(failed)?;
    let listeners = bind(&config.server.listen).map_err(|(address, error)| cannot_listen(address, &error))?;
    for listener in &listeners {
        let address = listener.local_addr().map_err(failed)?;
        tracing::info!(%address, "listening");
    }
    let upkeep = tokio::spawn(telemetry::keep_metrics_small());
    let ended = start(config, listeners, signal).await.map_err(failed);
    upkeep.abort();
    ended
}

fn cannot_listen(address: SocketAddr, error: &std::io::Error) -> CliError {
    CliError::Failed(format!("cannot listen on {address} (server.listen): {error}"))
}

fn failed(error: impl std::fmt::Display) -> CliError {
    CliError::Failed(error.to_string())
}
