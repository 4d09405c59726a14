//! The program: the command line in front, the hub behind it.

use std::process::ExitCode;

use futures_util::FutureExt;
use switchboard::config::Config;
use switchboard::http::BoxError;
use switchboard::shutdown::Signal;
use tokio::net::TcpListener;

fn main() -> ExitCode {
    switchboard::cli::run(|config, listeners, stop| start(config, listeners, stop).boxed())
}

/// Holds the listeners until the order to stop; nothing is mounted on them.
async fn start(config: Config, listeners: Vec<TcpListener>, mut stop: Signal) -> Result<(), BoxError> {
    tracing::warn!(path = %config.store.path.display(), "no family is mounted");
    stop.given().await;
    drop(listeners);
    Ok(())
}
