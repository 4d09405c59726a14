//! Benchmarks of the hub, on this machine alone: `cargo run --release -p switchboard-bench` measures and prints one table.
//!
//! A measurement starts the hub as a child on a free loopback port with an empty data folder, drives it over HTTP and
//! WebSocket as clients would, and ends it by its own process id. What is compared is the child's CPU time for each
//! operation, which stays steady on a busy machine; every delivery is counted by its sequence, none missing, none twice.

mod arguments;
mod context;
mod http;
mod ledger;
mod report;
mod room;
mod samples;
mod server;
mod socket;
mod traffic;
mod usage;
mod words;
mod work;

use std::io::{self, Write};

use anyhow::{Context as _, Result};
use clap::Parser;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use self::arguments::Arguments;
use self::context::Context;
use self::report::Report;

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    raise_open_files()?;
    let binary = arguments.binary()?;
    // One thread, so that the load generator leaves the other core to the hub.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("the runtime could not be started")?;
    let report = runtime.block_on(measure(&arguments, &binary))?;
    report.write(&mut io::stdout().lock())?;
    Ok(())
}

/// Measures every chosen work with every chosen engine; one that fails is told and leaves its cells empty.
async fn measure(arguments: &Arguments, binary: &std::path::Path) -> Result<Report> {
    let engines = arguments.engines();
    let mut report = Report::new(engines.clone());
    for engine in engines {
        let context = Context::new(binary.to_path_buf(), engine, arguments.quick);
        for work in arguments.works() {
            tell(&format!("{}: {}", engine.name(), work.name()))?;
            match work.measure(&context).await {
                Ok(figures) => report.add(engine, figures),
                Err(error) => tell(&format!("  not measured: {error:#}"))?,
            }
        }
    }
    Ok(report)
}

/// A line for whoever watches; the table alone goes to standard output.
fn tell(line: &str) -> io::Result<()> {
    writeln!(io::stderr().lock(), "{line}")
}

/// As many open files as the system allows: each connection is one, here and in the child, which inherits the limit.
fn raise_open_files() -> Result<()> {
    let maximum = getrlimit(Resource::Nofile).maximum;
    let raised = Rlimit {
        current: maximum,
        maximum,
    };
    setrlimit(Resource::Nofile, raised).context("the limit of open files could not be raised")
}
