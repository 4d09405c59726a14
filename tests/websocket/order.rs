//! When many write at once: everything that precedes a message reaches a connection before that message's ack.
//!
//! A client takes its `lastSequence` from messages and acks alike; an ack that overtakes a message of somebody else
//! would make the client ask for what comes after a message it has never seen.

use crate::process::Folder;
use crate::process::people::{Guest, Person};
use crate::restart::client::{Client, read_all};
use crate::restart::history::faults;

#[tokio::test(flavor = "multi_thread")]
async fn no_ack_overtakes_a_message_that_precedes_it() {
    let folder = Folder::new("sled").with("limits.enabled", &false);
    let hub = folder.start().await;
    let guest = Guest::open(hub.address).await;
    let agent = Person::agent(hub.address, "jane").await;
    let staff = format!("token={}&sessionId={}", agent.token, guest.session);
    let writers: Vec<_> = (0..6)
        .map(|n| {
            let query = if n % 2 == 0 { guest.query() } else { staff.clone() };
            tokio::spawn(Client::new(&format!("writer {n}"), query, true).live(hub.address))
        })
        .collect();
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    hub.kill();
    let mut lives = Vec::new();
    let hub = folder.start().await;
    for writer in writers {
        lives.push(writer.await.unwrap().finish(hub.address).await.life);
    }
    let log = read_all(hub.address, &guest.query()).await;
    let found = faults(&log, &lives);
    assert!(
        found.is_empty(),
        "{} of {}, first {:?}",
        found.len(),
        log.len(),
        found.first()
    );
}
