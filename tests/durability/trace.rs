//! What `strace` sees between a message coming in and its acknowledgement going out.

use std::path::Path;
use std::process::Command;

use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::process::socket::{UPGRADE, upgrade};
use crate::process::{Folder, leave_out, until};

const CALLS: &str = "trace=read,recvfrom,readv,recvmsg,write,writev,sendto,sendmsg,fsync,fdatasync";
const MESSAGES: usize = 10;

#[tokio::test]
async fn between_a_message_and_its_ack_the_disk_is_synced() {
    if Command::new("strace").arg("-V").output().is_err() {
        return leave_out("strace is not installed");
    }
    for engine in ["sled", "fjall"] {
        let calls = traced(engine).await;
        for n in 0..MESSAGES {
            let synced = is_synced(&calls, &format!("words of {n}."), &ack(n));
            assert!(synced, "{engine}: message {n} was acknowledged before a sync");
        }
    }
}

/// The system calls of a hub that was sent messages, one after the other.
async fn traced(engine: &str) -> Vec<String> {
    let folder = Folder::new(engine);
    let file = folder.path().with_extension("trace");
    let file = file.to_str().unwrap().to_owned();
    let folder = folder.through(&["strace", "-D", "-f", "-s", "400", "-e", CALLS, "-o", &file]);
    let hub = folder.start().await;
    let mut socket = upgrade(hub.address, "", &UPGRADE).await.stream;
    for n in 0..MESSAGES {
        say_in_clear(&mut socket, n).await;
        until("the ack", || async {
            calls(&file).iter().any(|call| call.contains(&ack(n)))
        })
        .await;
    }
    hub.kill();
    until("the end of the trace", || async {
        calls(&file).iter().any(|call| call.contains("+++ killed"))
    })
    .await;
    calls(&file)
}

/// How the ack of a message looks in the trace.
fn ack(n: usize) -> String {
    format!(r#"\"type\":\"ack\",\"id\":\"m-{n}\""#)
}

fn calls(file: impl AsRef<Path>) -> Vec<String> {
    let bytes = std::fs::read(file).unwrap_or_default();
    String::from_utf8_lossy(&bytes)
        .lines()
        .map(str::to_owned)
        .collect()
}

/// A frame whose mask is zero, so that the trace shows its words.
async fn say_in_clear(socket: &mut TcpStream, n: usize) {
    let text =
        json!({"type": "text", "text": format!("These are the words of {n}."), "id": format!("m-{n}")});
    let text = text.to_string();
    let length = u8::try_from(text.len()).unwrap();
    assert!(length <= 125, "a short frame");
    let frame = [&[0x81, 0x80 | length, 0, 0, 0, 0], text.as_bytes()].concat();
    socket.write_all(&frame).await.unwrap();
}

/// Whether a sync has begun and succeeded between the call that reads `words` and the one that writes `ack`.
fn is_synced(calls: &[String], words: &str, ack: &str) -> bool {
    let place = |sought: &str, from: usize| {
        let found = calls[from..].iter().position(|call| call.contains(sought));
        found.map(|place| place + from)
    };
    let Some(read) = place(words, 0) else { return false };
    let Some(written) = place(ack, read + 1) else {
        return false;
    };
    let between = &calls[read + 1..written];
    between.iter().enumerate().any(|(n, call)| {
        let begun = call.contains(" fsync(") || call.contains(" fdatasync(");
        begun && (call.ends_with("= 0") || is_resumed(call, &between[n + 1..]))
    })
}

/// Whether the thread of this unfinished sync has finished it, with success, in one of the later calls.
fn is_resumed(call: &str, later: &[String]) -> bool {
    let thread = call.split(' ').next().unwrap();
    later
        .iter()
        .any(|call| call.starts_with(thread) && call.contains("sync resumed>") && call.ends_with("= 0"))
}

fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::to_owned).collect()
}

#[test]
fn a_sync_counts_only_if_it_begins_after_the_message_and_succeeds_before_the_ack() {
    let good = [
        "1 recvfrom(9, \"words\"\n2 fdatasync(5) = 0\n1 sendto(9, \"ack\"",
        "1 recvfrom(9, \"words\"\n2 fsync(5 <unfinished ...>\n3 read(1)\n2 <... fsync resumed>) = 0\n1 sendto(9, \"ack\"",
    ];
    let bad = [
        "1 recvfrom(9, \"words\"\n1 sendto(9, \"ack\"\n2 fdatasync(5) = 0",
        "2 fdatasync(5) = 0\n1 recvfrom(9, \"words\"\n1 sendto(9, \"ack\"",
        "1 recvfrom(9, \"words\"\n2 fdatasync(5) = -1 EIO\n1 sendto(9, \"ack\"",
        "1 recvfrom(9, \"words\"\n2 fsync(5 <unfinished ...>\n1 sendto(9, \"ack\"\n2 <... fsync resumed>) = 0",
        "2 fsync(5 <unfinished ...>\n1 recvfrom(9, \"words\"\n2 <... fsync resumed>) = 0\n1 sendto(9, \"ack\"",
    ];
    assert!(good.iter().all(|calls| is_synced(&lines(calls), "words", "ack")));
    assert!(!bad.iter().any(|calls| is_synced(&lines(calls), "words", "ack")));
}
