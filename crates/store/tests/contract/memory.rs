//! Memory stays flat however much is written: neither undone values nor sled's discarded pages are kept.
//!
//! Measured in a child process (this executable, started again), where no other test runs.

use std::path::Path;
use std::process::Command;

use switchboard_domain::ports::engine::Batch;
use switchboard_store::{EngineKind, open};

use crate::options;

const CHILD: &str = "SWITCHBOARD_STORE_MEMORY";
const ROUNDS: u64 = 6_000;

/// Measured: 20 MB, and 156 MB when the history of every group is kept.
const GROWTH_MB: u64 = 60;

#[test]
fn sled_does_not_grow_with_every_message() {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["memory::child", "--exact", "--nocapture"])
        .env(CHILD, folder.path())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let grown = text
        .split("grown ")
        .nth(1)
        .and_then(|rest| rest.split(' ').next())
        .unwrap();
    assert!(grown.parse::<u64>().unwrap() < GROWTH_MB, "grown by {grown} MB");
}

/// Not a test of its own: writes and says how much memory that took.
#[test]
fn child() {
    let Ok(folder) = std::env::var(CHILD) else { return };
    let engine = open(&options(EngineKind::Sled, Path::new(&folder))).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let before = resident_mb();
    for round in 0..ROUNDS {
        let commits: Vec<_> = (0..16).map(|part| engine.commit(message(round, part))).collect();
        for commit in commits {
            runtime.block_on(commit).unwrap();
        }
    }
    println!("grown {} MB", resident_mb().saturating_sub(before));
}

fn message(round: u64, part: u64) -> Batch {
    let mut batch = Batch::new();
    batch.put(format!("message/{part}/{round:08}"), vec![b'x'; 250]);
    batch
        .put(format!("conversation/{part}"), vec![b'y'; 300])
        .add("count", 1);
    batch
}

fn resident_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
}
