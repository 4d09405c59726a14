//! The program: the command line in front, the hub behind it.

use std::process::ExitCode;

use futures_util::FutureExt;
use futures_util::future::TryFutureExt;
use mimalloc::MiMalloc;
use switchboard::{cli, startup};

/// A message is some hundred small allocations, many of them let go by another thread than took them.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    cli::run(|config, listeners, stop| startup::run(config, listeners, stop).err_into().boxed())
}
