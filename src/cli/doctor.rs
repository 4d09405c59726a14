//! `switchboard doctor`: what was found, a line each; a failure where anything is wrong.

use tokio::runtime::Runtime;

use super::{CliError, say};
use crate::config::Config;
use crate::startup::doctor::{Finding, examine};

/// Looks, and tells.
pub(super) fn look(config: &Config) -> Result<(), CliError> {
    for warning in config.warnings() {
        say(&format!("warning  configuration: {warning}"));
    }
    let runtime = Runtime::new().map_err(|error| CliError::Failed(error.to_string()))?;
    let findings = runtime.block_on(examine(config));
    for finding in &findings {
        say(&line(finding));
    }
    match findings.iter().filter(|finding| finding.found.is_err()).count() {
        0 => Ok(()),
        1 => Err(CliError::Failed("one thing is wrong".to_owned())),
        wrong => Err(CliError::Failed(format!("{wrong} things are wrong"))),
    }
}

fn line(finding: &Finding) -> String {
    let (mark, words) = match &finding.found {
        Ok(words) => ("ok   ", words),
        Err(words) => ("WRONG", words),
    };
    format!("{mark}  {:<10} {words}", finding.what)
}
