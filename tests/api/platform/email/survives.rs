//! Three hundred mails, five kills and a new numbering: each mail in one conversation, once.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use super::{keys, mail, servers};
use crate::process::Folder;
use crate::process::http::send;
use crate::process::people::Person;
use serde_json::Value;
use switchboard_testbed::dovecot;

const MAILS: usize = 300;
const KILLS: usize = 5;

#[tokio::test(flavor = "multi_thread")]
async fn every_mail_is_in_one_conversation_once_through_kills_and_a_new_numbering() {
    let Some((imap, smtp)) = servers() else { return };
    let mut folder = Folder::new("sled");
    for (key, value) in keys(&imap, &smtp, dovecot::ADDRESS) {
        folder = folder.with(key, &value);
    }
    let folder = folder.with("limits.enabled", "false");
    let mails: Vec<Vec<u8>> = (0..MAILS).map(written).collect();
    let (first, rest) = mails.split_at(MAILS / 2);
    deliver(&imap, first);
    for kill in 0..KILLS {
        let hub = folder.start().await;
        tokio::time::sleep(Duration::from_millis(400 + 300 * kill as u64)).await;
        hub.kill();
        if kill == 2 {
            imap.change_uid_validity().unwrap();
            deliver(&imap, rest);
        }
    }
    let hub = folder.start().await;
    let admin = Person::admin(hub.address).await;
    let whole = MAILS - MAILS / 10;
    crate::process::until("every mail", || async {
        let listed = send(
            hub.address,
            "GET",
            "/api/admin/sessions/active?limit=1",
            &admin.token,
            &Value::Null,
        )
        .await;
        let total = &listed.json()["pagination"]["total"];
        let broken = quarantined(hub.address, &admin).await;
        *total == whole && broken == MAILS / 10
    })
    .await;
    // A conversation is there a moment before its first message.
    crate::process::until("every message", || async {
        seen(hub.address, &admin, whole).await.len() == whole
    })
    .await;
    let seen = seen(hub.address, &admin, whole).await;
    assert!(
        seen.values().all(|times| *times == 1),
        "each is there once: {seen:?}"
    );
}

/// What customers wrote, and how often it is there, in so many conversations.
async fn seen(at: SocketAddr, admin: &Person, conversations: usize) -> BTreeMap<String, usize> {
    let get = async |path: String| send(at, "GET", &path, &admin.token, &Value::Null).await.json();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for page in 1..=conversations.div_ceil(100) {
        let listed = get(format!("/api/admin/sessions/active?limit=100&page={page}")).await;
        for conversation in listed["sessions"].as_array().unwrap() {
            let id = conversation["id"].as_str().unwrap();
            let read = get(format!("/api/admin/sessions/{id}")).await;
            let by_customer = read["messages"].as_array().unwrap().iter();
            for message in by_customer.filter(|message| message["sender"] == "customer") {
                let text = message["text"].as_str().unwrap().to_owned();
                *seen.entry(text).or_default() += 1;
            }
        }
    }
    seen
}

/// Each tenth one names no sender; all others are a machine's, so that the assistant has time for the mails.
fn written(number: usize) -> Vec<u8> {
    let (from, id) = (
        format!("c{number}@mail.example"),
        format!("m{number}@mail.example"),
    );
    if number.is_multiple_of(10) {
        return format!("Subject: broken {number}\r\n\r\nnobody\r\n").into_bytes();
    }
    mail(
        &from,
        &id,
        "Hi",
        "Auto-Submitted: auto-generated\r\n",
        &format!("This is mail {number}."),
    )
}

fn deliver(imap: &dovecot::Dovecot, mails: &[Vec<u8>]) {
    let mails: Vec<_> = mails.iter().map(Vec::as_slice).collect();
    imap.deliver_to(dovecot::ADDRESS, &mails).unwrap();
}

async fn quarantined(at: SocketAddr, admin: &Person) -> usize {
    let listed = send(
        at,
        "GET",
        "/api/channels/email/quarantine",
        &admin.token,
        &Value::Null,
    )
    .await;
    listed.json().as_array().unwrap().len()
}
