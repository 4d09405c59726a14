//! What happens is told to a webhook that is down, though the hub is killed meanwhile: all of it, in order, signed, and
//! the same notice under the same id however often it is sent.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::process::Folder;
use crate::process::people::{Guest, Person, joined};
use crate::support::Persona;
use crate::support::receiver::{Down, Heard, Receiver};

const CUSTOMERS: usize = 3;
/// Messages of each customer in each of the hub's three lives.
const MESSAGES: [usize; 3] = [4, 4, 1];
/// What was under way when the hub was killed is tried again once its lease of two minutes has ended.
const LONGEST: Duration = Duration::from_secs(200);
const EVENT: &str = "message.received";

/// What customer `customer` writes as message `number`.
fn words(customer: usize, number: usize) -> String {
    format!("Words {number} of {customer}")
}

/// Everybody writes so many messages more, and each is acknowledged.
async fn write(at: std::net::SocketAddr, queries: &[String], written: &mut usize, more: usize) {
    for (customer, query) in queries.iter().enumerate() {
        let mut socket = joined(at, query).await;
        for number in *written..*written + more {
            let text = words(customer, number);
            let ack = socket
                .ask(json!({"type": "text", "text": text}), &format!("m-{number}"))
                .await;
            assert_eq!(ack["type"], "ack", "{ack}");
        }
    }
    *written += more;
}

fn content(heard: &Heard) -> String {
    let body: Value = serde_json::from_str(&heard.body).unwrap();
    body["data"]["content"].as_str().unwrap().to_owned()
}

/// The words that were taken, in the order in which each was first.
fn taken(heard: &[Heard]) -> Vec<String> {
    let mut known = HashSet::new();
    let taken = heard.iter().filter(|one| one.is_taken).map(content);
    taken.filter(|text| known.insert(text.clone())).collect()
}

async fn wait(receiver: &Receiver, what: &str, holds: impl Fn(&[Heard]) -> bool) -> Vec<Heard> {
    let begun = Instant::now();
    loop {
        let heard = receiver.heard("/200");
        if holds(&heard) {
            return heard;
        }
        assert!(
            begun.elapsed() < LONGEST,
            "still waiting for {what}: {:?}",
            taken(&heard)
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_was_down_while_the_hub_was_killed_twice_is_told_everything_in_order() {
    let receiver = Receiver::start().await;
    let folder = Folder::new("fjall")
        .with("limits.enabled", &false)
        .with("egress.allow_private", &true);
    let hub = folder.start().await;
    let admin = Persona::outside(hub.address).with_token(&Person::admin(hub.address).await.token);
    let subscription = json!({"url": receiver.url("/200"), "events": [EVENT]});
    let made = admin.post("/api/webhooks", &subscription).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let secret = made.body["data"]["secret"].as_str().unwrap().to_owned();

    let (mut queries, mut written) = (Vec::new(), 0);
    for _ in 0..CUSTOMERS {
        queries.push(Guest::open(hub.address).await.query());
    }
    receiver.is_down(Some(Down::Unavailable));
    write(hub.address, &queries, &mut written, MESSAGES[0]).await;
    wait(&receiver, "a first attempt", |heard| !heard.is_empty()).await;
    hub.kill();

    let hub = folder.start().await;
    receiver.is_down(Some(Down::HangsUp));
    let before = receiver.heard("/200").len();
    write(hub.address, &queries, &mut written, MESSAGES[1]).await;
    wait(&receiver, "another attempt", |heard| heard.len() > before).await;
    hub.kill();

    let heard = receiver.heard("/200");
    assert_eq!(taken(&heard), Vec::<String>::new(), "it was down");
    receiver.is_down(None);
    let hub = folder.start().await;
    write(hub.address, &queries, &mut written, MESSAGES[2]).await;
    let heard = wait(&receiver, "all of it", |heard| {
        taken(heard).len() == CUSTOMERS * written
    })
    .await;

    let taken = taken(&heard);
    for customer in 0..CUSTOMERS {
        let of_customer = format!(" of {customer}");
        let told: Vec<_> = taken.iter().filter(|text| text.ends_with(&of_customer)).collect();
        let said: Vec<_> = (0..written).map(|number| words(customer, number)).collect();
        assert_eq!(told, said.iter().collect::<Vec<_>>());
    }
    let mut ids: HashMap<String, String> = HashMap::new();
    for one in &heard {
        assert!(one.is_signed_by(&secret), "{one:?}");
        assert_eq!(one.event(), EVENT);
        let id = one.header("webhook-id").to_owned();
        let known = ids.entry(content(one)).or_insert_with(|| id.clone());
        assert_eq!(*known, id, "sent again, a notice has the same id");
    }
    let different: HashSet<_> = ids.values().collect();
    assert_eq!(different.len(), ids.len(), "different notices have different ids");
    assert!(heard.len() > ids.len(), "something was tried more than once");
}
