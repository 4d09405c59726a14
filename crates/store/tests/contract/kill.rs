//! `kill -9` under load: what was acknowledged is there, no batch is torn.
//!
//! The child is this test executable, started again with [`CHILD`] set; it prints a line for each acknowledgement.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use switchboard_domain::ports::engine::{Batch, Engine, decode_counter};
use switchboard_store::{EngineKind, open};

use crate::{options, text};

const CHILD: &str = "SWITCHBOARD_STORE_KILL";
const WRITERS: usize = 8;
const KILLS: u64 = 12;

#[test]
fn sled_keeps_what_it_acknowledged() {
    kill_again_and_again(EngineKind::Sled);
}

#[test]
fn fjall_keeps_what_it_acknowledged() {
    kill_again_and_again(EngineKind::Fjall);
}

/// Not a test of its own: what a killed child runs.
#[test]
fn child() {
    let Ok(order) = std::env::var(CHILD) else { return };
    let (kind, folder) = order.split_once(':').unwrap();
    let engine = open(&options(kind.parse().unwrap(), Path::new(folder))).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .build()
        .unwrap();
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| runtime.spawn(write(engine.clone(), writer)))
        .collect();
    for writer in writers {
        runtime.block_on(writer).unwrap();
    }
}

/// Three entries, a counter and a pointer to the newest, over and over.
async fn write(engine: Arc<dyn Engine>, writer: usize) {
    let start = text(&engine, &format!("newest/{writer}")).map_or(0, |newest| newest.parse().unwrap());
    for number in start + 1..u64::MAX {
        let mut batch = Batch::new();
        for part in ["a", "b", "c"] {
            let key = format!("entry/{writer}/{number}/{part}");
            batch
                .require_absent(key.clone())
                .put(key, format!("{number}").repeat(30));
        }
        batch
            .put(format!("newest/{writer}"), number.to_string())
            .add(format!("count/{writer}"), 1);
        engine.commit(batch).await.unwrap();
        let mut acknowledgements = std::io::stdout();
        writeln!(acknowledgements, "ack {writer} {number}").unwrap();
    }
}

fn kill_again_and_again(kind: EngineKind) {
    let folder = tempfile::tempdir().unwrap();
    let mut acknowledged = [0; WRITERS];
    for round in 0..KILLS {
        let mut child = start(kind, folder.path());
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let killer = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(150 + 37 * round));
            child.kill().unwrap();
            child.wait().unwrap();
        });
        lines
            .map_while(Result::ok)
            .for_each(|line| remember(&line, &mut acknowledged));
        killer.join().unwrap();
        let engine = open(&options(kind, folder.path())).unwrap();
        (0..WRITERS).for_each(|writer| assert_whole(&engine, writer, acknowledged[writer]));
    }
    assert!(
        acknowledged.iter().all(|count| *count > KILLS),
        "{acknowledged:?}"
    );
}

fn start(kind: EngineKind, folder: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["kill::child", "--exact", "--nocapture"])
        .env(CHILD, format!("{kind}:{}", folder.display()))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

fn remember(line: &str, acknowledged: &mut [u64; WRITERS]) {
    let words: Vec<&str> = line.split(' ').collect();
    if let ["ack", writer, number] = words[..] {
        let writer: usize = writer.parse().unwrap();
        acknowledged[writer] = acknowledged[writer].max(number.parse().unwrap());
    }
}

fn assert_whole(engine: &Arc<dyn Engine>, writer: usize, acknowledged: u64) {
    let newest: u64 = text(engine, &format!("newest/{writer}")).map_or(0, |newest| newest.parse().unwrap());
    assert!(
        newest >= acknowledged,
        "writer {writer}: {acknowledged} was acknowledged, {newest} is there"
    );
    let count = engine.get(format!("count/{writer}").as_bytes()).unwrap();
    assert_eq!(
        count
            .map_or(0, |count| decode_counter(&count).unwrap())
            .cast_unsigned(),
        newest
    );
    for number in 1..=newest + 1 {
        for part in ["a", "b", "c"] {
            let expected = (number <= newest).then(|| format!("{number}").repeat(30));
            assert_eq!(text(engine, &format!("entry/{writer}/{number}/{part}")), expected);
        }
    }
}
