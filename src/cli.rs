//! The command line: what was typed, and the table of what it means.
//!
//! `main` calls [`run`] with the function that starts the hub. Exit codes: 0 clean, 1 failure, 2 bad configuration or
//! arguments.

mod doctor;
mod progress;
mod serve;
mod store;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};
use switchboard_store::EngineKind;

pub use self::serve::Start;
use crate::config::{Config, ConfigError};

/// A self-hosted hub for customer conversations: one process, one data folder.
#[derive(Debug, Parser)]
#[command(name = "switchboard", version, args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: ServeArgs,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the hub (what happens without a command, too).
    Serve(ServeArgs),
    /// Check the configuration and say what is wrong with it.
    CheckConfig(ConfigArgs),
    /// Look at the disk, the clock and every channel that is switched on, and say what is wrong and how to mend it.
    Doctor(ConfigArgs),
    /// Look after the data folder of a hub that is not running.
    #[command(subcommand)]
    Store(StoreCommand),
}

#[derive(Debug, Args)]
struct ServeArgs {
    #[command(flatten)]
    config: ConfigArgs,
    /// Load a sample account (test@example.com) and sample knowledge.
    #[arg(long)]
    demo: bool,
}

#[derive(Debug, Args)]
struct ConfigArgs {
    /// A TOML file with the keys that differ from the defaults.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum StoreCommand {
    /// Copy the store into an empty folder, for another engine, and check the result.
    Copy {
        /// The folder to copy to.
        #[arg(long, value_name = "DIR")]
        to: PathBuf,
        /// The engine of the copy.
        #[arg(long)]
        engine: EngineArg,
        #[command(flatten)]
        config: ConfigArgs,
    },
    /// Read every entry and check the files.
    Verify {
        #[command(flatten)]
        config: ConfigArgs,
    },
    /// Save the store into an empty folder, and check the result.
    Backup {
        /// The folder to save to.
        #[arg(long, value_name = "DIR")]
        to: PathBuf,
        #[command(flatten)]
        config: ConfigArgs,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum EngineArg {
    Sled,
    Fjall,
}

impl From<EngineArg> for EngineKind {
    fn from(engine: EngineArg) -> Self {
        match engine {
            EngineArg::Sled => Self::Sled,
            EngineArg::Fjall => Self::Fjall,
        }
    }
}

/// Why a command did not end well.
#[derive(Debug, thiserror::Error)]
enum CliError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Store(#[from] switchboard_domain::ports::engine::StoreError),
    #[error("{0}")]
    Failed(String),
}

impl CliError {
    fn exit_code(&self) -> ExitCode {
        ExitCode::from(if matches!(self, Self::Config(_)) { 2 } else { 1 })
    }
}

/// Does what the command line says; `start` runs the hub.
pub fn run(start: Start) -> ExitCode {
    // clap itself answers wrong arguments with code 2, and `--help` with code 0.
    let cli = Cli::parse();
    match execute(cli, start) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error);
            error.exit_code()
        }
    }
}

fn execute(cli: Cli, start: Start) -> Result<(), CliError> {
    match cli.command.unwrap_or(Command::Serve(cli.serve)) {
        Command::Serve(args) => {
            let mut config = load(&args.config)?;
            config.demo = args.demo;
            serve::serve(config, start)
        }
        Command::CheckConfig(args) => {
            say_checked(&load(&args)?);
            Ok(())
        }
        Command::Doctor(args) => doctor::look(&load(&args)?),
        Command::Store(command) => look_after(command),
    }
}

fn look_after(command: StoreCommand) -> Result<(), CliError> {
    match command {
        StoreCommand::Copy { to, engine, config } => store::save(&load(&config)?, to, Some(engine.into())),
        StoreCommand::Backup { to, config } => store::save(&load(&config)?, to, None),
        StoreCommand::Verify { config } => store::verify(&load(&config)?),
    }
}

fn load(args: &ConfigArgs) -> Result<Config, ConfigError> {
    let environment: Vec<_> = std::env::vars_os()
        .map(|(name, value)| {
            (
                name.to_string_lossy().into_owned(),
                value.to_string_lossy().into_owned(),
            )
        })
        .collect();
    Config::load(args.config.as_deref(), &environment)
}

fn say_checked(config: &Config) {
    for warning in config.warnings() {
        say(&format!("warning: {warning}"));
    }
    say("the configuration is valid");
}

/// One line on standard output; a reader that has gone is no failure of ours.
fn say(line: &str) {
    drop(writeln!(std::io::stdout(), "{line}"));
}

fn complain(error: &CliError) {
    drop(writeln!(std::io::stderr(), "error: {error}"));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Cli {
        Cli::try_parse_from(line.split_whitespace()).unwrap()
    }

    #[test]
    fn without_a_command_the_hub_is_run() {
        let cli = parse("switchboard --demo --config hub.toml");
        assert!(cli.command.is_none() && cli.serve.demo);
        assert!(matches!(parse("switchboard serve --demo").command, Some(Command::Serve(args)) if args.demo));
    }

    #[test]
    fn every_command_of_the_outside_interface_is_known() {
        for line in [
            "switchboard",
            "switchboard serve --config x",
            "switchboard check-config",
            "switchboard check-config --config x",
            "switchboard store copy --to /x --engine fjall",
            "switchboard doctor",
            "switchboard doctor --config x",
            "switchboard store verify",
            "switchboard store backup --to /x --config y",
        ] {
            parse(line);
        }
        let wrong = Cli::try_parse_from(["switchboard", "store", "copy", "--to", "/x", "--engine", "redis"]);
        assert_eq!(wrong.unwrap_err().exit_code(), 2);
    }
}
