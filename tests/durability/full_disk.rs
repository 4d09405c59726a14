//! A disk that is full: nothing is acknowledged that could not be kept, what is there can be read, and when there is
//! room again it goes on without a restart.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Command;

use serde_json::json;
use tempfile::TempDir;

use crate::process::http::get;
use crate::process::people::{Guest, Person};
use crate::process::socket::Socket;
use crate::process::{Folder, Hub, leave_out, until};
use crate::restart::client::read_all;

/// The disk's size, and what must stay free on it, megabytes.
const DISK: usize = 256;
const RESERVE: usize = 32;

/// A small file system of its own; gone when it is dropped.
struct Disk(TempDir);

impl Disk {
    /// None where this process may not mount.
    fn mount() -> Option<Self> {
        let folder = TempDir::new().unwrap();
        let size = format!("size={DISK}m");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &size, "tmpfs"])
            .arg(folder.path())
            .output();
        mounted
            .is_ok_and(|mounted| mounted.status.success())
            .then_some(Self(folder))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// Takes all the room there is.
    fn fill(&self) {
        let mut filler = fs::File::options()
            .create(true)
            .append(true)
            .open(self.filler())
            .unwrap();
        let block = vec![1; 64 * 1024];
        while filler.write_all(&block).is_ok() {}
    }

    fn make_room(&self) {
        fs::remove_file(self.filler()).unwrap();
    }

    fn filler(&self) -> std::path::PathBuf {
        self.path().join("filler")
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        Command::new("umount").arg("-l").arg(self.path()).status().ok();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_writes_serves_reads_and_heals_by_itself() {
    for engine in ["sled", "fjall"] {
        let Some(disk) = Disk::mount() else {
            return leave_out("a small disk can be mounted by root alone");
        };
        let folder = Folder::at(&disk.path().join("data"), engine).with("store.reserve_mb", &RESERVE);
        let hub = folder.start().await;
        let mut guest = Guest::open(hub.address).await;
        let admin = Person::admin(hub.address).await;
        guest.socket.say("before", "before").await;
        disk.fill();
        refused(&hub, &mut guest, &admin).await;
        readable(&hub, &guest).await;
        disk.make_room();
        healed(&hub, &mut guest, &admin).await;
        hub.kill();
        let hub = folder.start().await;
        let kept: Vec<_> = read_all(hub.address, &guest.query()).await;
        let said: Vec<_> = kept
            .iter()
            .filter(|entry| entry.sender == "customer")
            .map(|e| &e.text)
            .collect();
        assert_eq!(said, ["before", "in need", "after"], "{engine}");
        assert!(
            (1..).zip(&kept).all(|(n, entry)| entry.sequence == n),
            "{engine}: no gap"
        );
    }
}

async fn refused(hub: &Hub, guest: &mut Guest, admin: &Person) {
    let text = json!({"type": "text", "text": "in need"});
    let error = guest.socket.ask(text, "in-need").await;
    assert_eq!(
        (error["type"].as_str(), error["code"].as_str()),
        (Some("error"), Some("service_unavailable"))
    );
    assert_eq!(
        Socket::open(hub.address, "").await.unwrap_err(),
        507,
        "no new session"
    );
    let answer = admin.tries_to_teach(hub.address, "Why?", "Because.").await;
    assert!(
        [503, 507].contains(&answer.status),
        "{} {}",
        answer.status,
        answer.body
    );
}

async fn readable(hub: &Hub, guest: &Guest) {
    assert_eq!(read_all(hub.address, &guest.query()).await[0].text, "before");
    let health = get(hub.address, "/health", "").await;
    assert_eq!(
        (health.status, health.json()["status"].as_str()),
        (200, Some("degraded")),
        "{}",
        health.body
    );
    assert_eq!(get(hub.address, "/ready", "").await.status, 503);
    Person::admin(hub.address).await;
}

async fn healed(hub: &Hub, guest: &mut Guest, admin: &Person) {
    until("it to be ready again", || async {
        get(hub.address, "/ready", "").await.status == 200
    })
    .await;
    guest.socket.say("in need", "in-need").await;
    guest.socket.say("after", "after").await;
    admin.teaches(hub.address, "Why?", "Because.").await;
}
