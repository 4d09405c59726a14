//! The program: the command line in front, the hub behind it.

use std::process::ExitCode;

use futures_util::FutureExt;
use futures_util::future::TryFutureExt;
use switchboard::{cli, startup};

fn main() -> ExitCode {
    cli::run(|config, listeners, stop| startup::run(config, listeners, stop).err_into().boxed())
}
