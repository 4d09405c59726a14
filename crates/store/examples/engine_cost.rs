//! What a chat message costs each engine: CPU, throughput, memory, disk, time to reopen.
//!
//! `cargo run --release -p switchboard-store --example engine_cost -- <sled|fjall> <messages> [folder]`

use std::error::Error;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use switchboard_domain::ports::engine::{Batch, Engine};
use switchboard_store::{EngineOptions, open};

/// Concurrent conversations, each with one message under way.
const WRITERS: u64 = 64;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let kind = arguments.next().ok_or("which engine?")?.parse()?;
    let messages: u64 = arguments.next().ok_or("how many messages?")?.parse()?;
    let folder = arguments
        .next()
        .map_or_else(|| PathBuf::from("/tmp/engine_cost"), PathBuf::from);
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    let options = EngineOptions::new(kind, &folder);
    let engine = open(&options)?;
    let (start, cpu) = (Instant::now(), cpu_micros()?);
    write_all(&engine, messages).await?;
    let (seconds, spent) = (start.elapsed().as_secs_f64(), cpu_micros()? - cpu);
    let stats = engine.stats();
    report(&format!(
        "{kind}: {messages} messages: {:.1} CPU µs each, {:.0}/s, {:.1} batches a group, RSS {} MB, disk {} B each",
        to_f64(spent) / to_f64(messages),
        to_f64(messages) / seconds,
        to_f64(stats.committed_batches) / to_f64(stats.committed_groups),
        resident_mb()?,
        folder_bytes(&folder)? / messages,
    ))?;
    drop(engine);
    let start = Instant::now();
    let engine = open(&options)?;
    report(&format!(
        "{kind}: reopened in {:.2} s, RSS {} MB",
        start.elapsed().as_secs_f64(),
        resident_mb()?
    ))?;
    let start = Instant::now();
    let count = engine.verify(&mut |_| ())?;
    report(&format!(
        "{kind}: {count} entries read in {:.2} s",
        start.elapsed().as_secs_f64()
    ))
}

async fn write_all(engine: &Arc<dyn Engine>, messages: u64) -> Result<(), Box<dyn Error>> {
    let tasks: Vec<_> = (0..WRITERS)
        .map(|writer| tokio::spawn(converse(engine.clone(), writer, messages / WRITERS)))
        .collect();
    for task in tasks {
        task.await??;
    }
    Ok(())
}

async fn converse(
    engine: Arc<dyn Engine>,
    writer: u64,
    messages: u64,
) -> Result<(), switchboard_domain::ports::engine::StoreError> {
    let mut record: Option<Vec<u8>> = None;
    for sequence in 0..messages {
        let conversation = writer + WRITERS * (sequence / 50);
        if sequence % 50 == 0 {
            record = None;
        }
        let next = filled(300, sequence);
        engine
            .commit(message(conversation, sequence, record.as_ref(), &next))
            .await?;
        record = Some(next);
    }
    Ok(())
}

/// One message and its effects: the message, the conversation's record, three counters, a deduplication key.
fn message(conversation: u64, sequence: u64, before: Option<&Vec<u8>>, record: &[u8]) -> Batch {
    let mut batch = Batch::new();
    let key = |kind: &str| format!("org1/{kind}/{:016x}", mix(conversation)).into_bytes();
    let entry = [key("message"), sequence.to_be_bytes().to_vec()].concat();
    match before {
        Some(before) => batch.require(key("conversation"), before.clone()),
        None => batch.require_absent(key("conversation")),
    };
    batch
        .require_absent(entry.clone())
        .put(entry, filled(250, sequence));
    batch.put(key("conversation"), record.to_vec());
    for counter in ["messages", "by_channel", "by_agent"] {
        batch.add(
            format!("org1/count/{counter}/{:06}", sequence / 2000).into_bytes(),
            1,
        );
    }
    let unique = mix(conversation << 20 | sequence);
    batch.put(
        format!("org1/unique/{unique:016x}").into_bytes(),
        filled(40, sequence),
    );
    batch
}

fn filled(length: usize, seed: u64) -> Vec<u8> {
    (0_u64..)
        .flat_map(|part| mix(seed ^ (part << 32)).to_le_bytes())
        .take(length)
        .collect()
}

/// A bijection that looks random (the finalizer of `SplitMix64`).
fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ (value >> 31)
}

/// User and system time of this process, from `/proc` (ticks of 10 ms).
fn cpu_micros() -> Result<u64, Box<dyn Error>> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    let after_name = stat.rsplit_once(')').ok_or("no name in /proc/self/stat")?.1;
    let ticks: Vec<u64> = after_name
        .split_whitespace()
        .skip(11)
        .take(2)
        .map(str::parse)
        .collect::<Result<_, _>>()?;
    Ok(ticks.iter().sum::<u64>() * 10_000)
}

fn resident_mb() -> Result<u64, Box<dyn Error>> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .ok_or("no VmRSS")?;
    let kilobytes: u64 = line.split_whitespace().nth(1).ok_or("no figure")?.parse()?;
    Ok(kilobytes / 1024)
}

/// Blocks taken, not lengths: journals are preallocated.
fn folder_bytes(folder: &Path) -> std::io::Result<u64> {
    use std::os::unix::fs::MetadataExt;
    let mut bytes = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let meta = entry.metadata()?;
        bytes += if meta.is_dir() {
            folder_bytes(&entry.path())?
        } else {
            meta.blocks() * 512
        };
    }
    Ok(bytes)
}

#[expect(clippy::cast_precision_loss, reason = "figures for a reader")]
fn to_f64(value: u64) -> f64 {
    value as f64
}

fn report(line: &str) -> Result<(), Box<dyn Error>> {
    Ok(writeln!(std::io::stdout(), "{line}")?)
}
