//! `switchboard store …`: copy, save and check the data folder of a hub that is not running.
//!
//! The work is the store's; here is what it is called with, and how far it is.

use std::path::PathBuf;

use switchboard_store::{EngineKind, EngineOptions, backup, open};

use super::progress::Progress;
use super::{CliError, say};
use crate::config::Config;
use crate::config::store::EngineName;

impl From<EngineName> for EngineKind {
    fn from(engine: EngineName) -> Self {
        match engine {
            EngineName::Sled => Self::Sled,
            EngineName::Fjall => Self::Fjall,
        }
    }
}

/// Writes the whole store into an empty folder, for `engine` or the same one, and reads it back.
pub(super) fn save(config: &Config, to: PathBuf, engine: Option<EngineKind>) -> Result<(), CliError> {
    let from = open(&source(config)?)?;
    let target = EngineOptions {
        cache_mb: config.store.cache_mb,
        ..EngineOptions::new(engine.unwrap_or(config.store.engine.into()), to)
    };
    let mut progress = Progress::start("entries written");
    let count = backup(from.as_ref(), &target, &mut |entries| progress.at(entries))?;
    from.close()?;
    progress.end();
    say(&format!(
        "{count} entries written to {} ({}), read back and compared",
        target.path.display(),
        target.kind
    ));
    Ok(())
}

/// Reads every entry.
pub(super) fn verify(config: &Config) -> Result<(), CliError> {
    let engine = open(&source(config)?)?;
    let mut progress = Progress::start("entries checked");
    let count = engine.verify(&mut |entries| progress.at(entries))?;
    engine.close()?;
    progress.end();
    say(&format!("{count} entries, all of them readable"));
    Ok(())
}

/// The configured store; one that is not there is an error here, not a new one.
fn source(config: &Config) -> Result<EngineOptions, CliError> {
    let path = &config.store.path;
    let holds_anything = path.read_dir().is_ok_and(|mut entries| entries.next().is_some());
    if !holds_anything {
        return Err(CliError::Failed(format!(
            "there is no store in {} (store.path)",
            path.display()
        )));
    }
    let options = EngineOptions::new(config.store.engine.into(), path);
    Ok(EngineOptions {
        cache_mb: config.store.cache_mb,
        ..options
    })
}
