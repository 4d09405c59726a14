//! What can be asked for on the command line, and which binary is measured.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use clap::{Parser, ValueEnum};

use crate::work::Work;

/// Measures the hub and prints a table in Markdown.
#[derive(Debug, Parser)]
pub(crate) struct Arguments {
    /// Which engine of the store.
    #[arg(long, value_enum, default_value_t = EngineChoice::Both)]
    engine: EngineChoice,
    /// A tenth of the load: a first look, not a result.
    #[arg(long)]
    pub(crate) quick: bool,
    /// Only this work; may be given more than once.
    #[arg(long, value_enum, value_name = "NAME")]
    only: Vec<Work>,
    /// The hub's binary; without it the one beside this program is brought up to date and taken.
    #[arg(long, value_name = "PATH")]
    server: Option<PathBuf>,
}

/// The engines that can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum EngineChoice {
    /// The default engine.
    Sled,
    /// The one for large installations.
    Fjall,
    /// One after the other.
    Both,
}

/// An engine of the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Engine {
    /// The default engine.
    Sled,
    /// The one for large installations.
    Fjall,
}

impl Engine {
    /// Its name in the configuration.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Sled => "sled",
            Self::Fjall => "fjall",
        }
    }
}

impl Arguments {
    /// The engines to measure, in order.
    pub(crate) fn engines(&self) -> Vec<Engine> {
        match self.engine {
            EngineChoice::Sled => vec![Engine::Sled],
            EngineChoice::Fjall => vec![Engine::Fjall],
            EngineChoice::Both => vec![Engine::Sled, Engine::Fjall],
        }
    }

    /// The work to measure, in order; all of it unless some was named.
    pub(crate) fn works(&self) -> Vec<Work> {
        if self.only.is_empty() {
            Work::value_variants().to_vec()
        } else {
            self.only.clone()
        }
    }

    /// The binary to measure.
    ///
    /// # Errors
    /// When it is not there, or could not be built.
    pub(crate) fn binary(&self) -> Result<PathBuf> {
        let path = match &self.server {
            Some(path) => path.clone(),
            None => beside_us()?,
        };
        ensure!(path.is_file(), "{} is no file", path.display());
        Ok(path)
    }
}

fn beside_us() -> Result<PathBuf> {
    let own = std::env::current_exe().context("this program's own path is unknown")?;
    let folder = own.parent().context("this program lies in no folder")?;
    ensure!(
        folder.ends_with("release"),
        "measure a release build: cargo run --release -p switchboard-bench"
    );
    bring_up_to_date()?;
    Ok(folder.join("switchboard"))
}

/// Under `cargo run` the hub is built too, so that no older build is measured.
fn bring_up_to_date() -> Result<()> {
    let Some(cargo) = std::env::var_os("CARGO") else {
        return Ok(());
    };
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.toml");
    let status = Command::new(cargo)
        .args([
            "build",
            "--release",
            "--package",
            "switchboard",
            "--manifest-path",
        ])
        .arg(manifest)
        .status()
        .context("cargo could not be started")?;
    ensure!(status.success(), "the hub could not be built");
    Ok(())
}
