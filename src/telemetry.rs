//! What the hub tells of itself: a log on standard error, figures for Prometheus.
//!
//! `serve` installs both once, before anything else starts. No line holds a text, an address or a secret.

use std::io::IsTerminal;
use std::sync::OnceLock;
use std::time::Duration;

use metrics_exporter_prometheus::{BuildError, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::ParseError;
use tracing_subscriber::util::TryInitError;

use crate::config::log::{Access, Format, Log};

/// Upper ends of the buckets of every time, seconds.
const SECONDS: [f64; 12] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 20.0,
];
/// How often recorded times are added up, so that they take no more memory than their buckets.
const UPKEEP: Duration = Duration::from_secs(5);

static FIGURES: OnceLock<PrometheusHandle> = OnceLock::new();

/// Why the telemetry could not be installed.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// `RUST_LOG` cannot be read.
    #[error("RUST_LOG is wrong: {0}")]
    Filter(#[from] ParseError),
    /// There is a log already.
    #[error("the log cannot be installed: {0}")]
    Log(#[from] TryInitError),
    /// There is a recorder already.
    #[error("the metrics cannot be installed: {0}")]
    Metrics(#[from] BuildError),
}

/// Installs log and metrics for the whole process.
pub fn install(log: &Log, rust_log: Option<&str>) -> Result<(), TelemetryError> {
    install_log(log, filter(log, rust_log)?)?;
    install_metrics()
}

/// The figures in Prometheus' text format, what `/metrics` answers; empty when none are installed.
pub fn render_metrics() -> String {
    FIGURES.get().map(PrometheusHandle::render).unwrap_or_default()
}

/// Keeps the recorded figures small for as long as the runtime lives.
pub async fn keep_metrics_small() {
    loop {
        tokio::time::sleep(UPKEEP).await;
        if let Some(figures) = FIGURES.get() {
            figures.run_upkeep();
        }
    }
}

/// What is logged: `RUST_LOG` where it is set, else the configuration.
fn filter(log: &Log, rust_log: Option<&str>) -> Result<EnvFilter, ParseError> {
    let access = match log.access {
        Access::All => "info",
        Access::Errors => "warn",
        Access::Off => "off",
    };
    let configured = format!("{},access={access}", log.level);
    EnvFilter::try_new(rust_log.filter(|text| !text.is_empty()).unwrap_or(&configured))
}

fn install_log(log: &Log, filter: EnvFilter) -> Result<(), TryInitError> {
    use tracing_subscriber::util::SubscriberInitExt;
    let on_terminal = std::io::stderr().is_terminal();
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    match log.format {
        Format::Text => lines.with_ansi(on_terminal).finish().try_init(),
        Format::Auto if on_terminal => lines.finish().try_init(),
        Format::Auto | Format::Json => lines.json().flatten_event(true).finish().try_init(),
    }
}

fn install_metrics() -> Result<(), TelemetryError> {
    let figures = PrometheusBuilder::new()
        .set_buckets(&SECONDS)?
        .install_recorder()?;
    // The recorder is installed at most once, so the place is still free.
    FIGURES.get_or_init(|| figures);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(access: Access) -> Log {
        Log {
            level: "info".to_owned(),
            format: Format::Auto,
            access,
        }
    }

    #[test]
    fn rust_log_goes_before_the_configuration() {
        assert_eq!(
            filter(&log(Access::Off), None).unwrap().to_string(),
            "access=off,info"
        );
        assert_eq!(
            filter(&log(Access::All), Some("debug")).unwrap().to_string(),
            "debug"
        );
        assert_eq!(
            filter(&log(Access::Errors), Some("")).unwrap().to_string(),
            "access=warn,info"
        );
        assert!(filter(&log(Access::All), Some("=5=")).is_err());
    }

    #[test]
    fn what_was_counted_is_rendered() {
        install_metrics().unwrap();
        metrics::counter!("tried_total").increment(2);
        metrics::histogram!("tried_seconds").record(0.002);
        let text = render_metrics();
        assert!(
            text.contains("tried_total 2") && text.contains("tried_seconds_bucket"),
            "{text}"
        );
        assert!(install_metrics().is_err());
    }
}
