//! Email through a real mailbox and a real mail server: Dovecot is read, aiosmtpd takes what goes out.
//!
//! What this machine lacks of them is left out, and says so; `SWITCHBOARD_TESTS_COMPLETE` forbids it.

mod answered;
mod files_out;
mod handed_over;
mod protected;
mod quarantine;
mod silent;
mod survives;

use std::future::Future;
use std::time::Instant;

use serde_json::{Value, json};
use switchboard_testbed::dovecot::{self, Dovecot};
use switchboard_testbed::smtp::Daemon;

use crate::process::PATIENCE;
use crate::support::{Persona, World};

/// A question that the sample knowledge answers.
const QUESTION: &str = "How long do I have to return an item?";

/// Both servers and a hub between them.
struct Post {
    world: World,
    imap: Dovecot,
    smtp: Daemon,
}

/// The keys of a hub that reads and sends by these servers.
fn keys(imap: &Dovecot, smtp: &Daemon, address: &str) -> Vec<(&'static str, String)> {
    vec![
        ("email.enabled", "true".to_owned()),
        ("email.address", address.to_owned()),
        ("email.imap_host", "127.0.0.1".to_owned()),
        ("email.imap_port", imap.imap_port().to_string()),
        ("email.imap_password", dovecot::PASSWORD.to_owned()),
        ("email.imap_tls", "none".to_owned()),
        ("email.smtp_host", "127.0.0.1".to_owned()),
        ("email.smtp_port", smtp.port().to_string()),
        ("email.smtp_tls", "none".to_owned()),
        ("email.poll_seconds", "5".to_owned()),
    ]
}

/// A hub with a mailbox that nobody answers for: what is tried is handed over, or in the hub already.
pub(super) async fn unreachable() -> World {
    World::start_with(&[
        ("SWITCHBOARD_EMAIL__ENABLED", "true"),
        ("SWITCHBOARD_EMAIL__ADDRESS", "support@shop.example"),
        ("SWITCHBOARD_EMAIL__IMAP_HOST", "127.0.0.1"),
        ("SWITCHBOARD_EMAIL__IMAP_PORT", "1"),
        ("SWITCHBOARD_EMAIL__SMTP_HOST", "127.0.0.1"),
        ("SWITCHBOARD_EMAIL__SMTP_PORT", "1"),
    ])
    .await
}

/// Servers, where this machine has them.
fn servers() -> Option<(Dovecot, Daemon)> {
    let imap = Dovecot::start().unwrap()?;
    let smtp = Daemon::start().unwrap()?;
    Some((imap, smtp))
}

impl Post {
    async fn start() -> Option<Self> {
        let (imap, smtp) = servers()?;
        let world = hub(&imap, &smtp, dovecot::ADDRESS).await;
        Some(Self { world, imap, smtp })
    }

    /// Mails that went out, once there are so many.
    async fn sent(&self, count: usize) -> Vec<Value> {
        until("mails to go out", || async {
            let sent = sent(&self.smtp);
            (sent.len() >= count).then_some(sent)
        })
        .await
    }
}

/// A hub that knows one answer.
async fn hub(imap: &Dovecot, smtp: &Daemon, address: &str) -> World {
    hub_with(keys(imap, smtp, address)).await
}

async fn hub_with(keys: Vec<(&'static str, String)>) -> World {
    let names: Vec<_> = keys
        .iter()
        .map(|(key, _)| format!("SWITCHBOARD_{}", key.replace('.', "__").to_uppercase()))
        .collect();
    let variables: Vec<_> = names
        .iter()
        .map(String::as_str)
        .zip(keys.iter().map(|(_, value)| value.as_str()))
        .collect();
    let world = World::start_with(&variables).await;
    world.knows(QUESTION, "You have thirty days.").await;
    world
}

/// The mails that a server took, each as its header fields in lower case and, under `body`, its text.
fn sent(smtp: &Daemon) -> Vec<Value> {
    smtp.mails().unwrap().iter().map(|raw| fields(raw)).collect()
}

fn fields(raw: &[u8]) -> Value {
    let text = String::from_utf8_lossy(raw).replace("\r\n", "\n");
    let (head, body) = text.split_once("\n\n").unwrap();
    let head = head.replace("\n ", " ").replace("\n\t", " ");
    let mut fields = json!({ "body": body });
    for (name, value) in head.lines().filter_map(|line| line.split_once(':')) {
        fields[name.to_lowercase()] = json!(value.trim());
    }
    fields
}

/// A mail as customers write them.
fn mail(from: &str, id: &str, subject: &str, more: &str, text: &str) -> Vec<u8> {
    let head = format!(
        "From: {from}\r\nTo: support@shop.example\r\nSubject: {subject}\r\nMessage-ID: <{id}>\r\n\
         Date: Mon, 19 Oct 2026 09:00:00 +0000\r\n{more}"
    );
    format!("{head}Content-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n").into_bytes()
}

/// The staff's view of every conversation there is, with its messages.
async fn conversations(admin: &Persona) -> Vec<Value> {
    let listed = admin.get("/api/admin/sessions/active?limit=100").await;
    assert_eq!(listed.status, 200, "{}", listed.text);
    listed.body["sessions"].as_array().unwrap().clone()
}

async fn messages(admin: &Persona, conversation: &str) -> Vec<Value> {
    let listed = admin.get(&format!("/api/admin/sessions/{conversation}")).await;
    assert_eq!(listed.status, 200, "{}", listed.text);
    listed.body["messages"].as_array().unwrap().clone()
}

/// Looks again and again until there is something.
async fn until<T, F: Future<Output = Option<T>>>(what: &str, mut look: impl FnMut() -> F) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(begun.elapsed() < PATIENCE, "still waiting for {what}");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}
