//! What a restart may not change: killed at any moment, told to stop, started twice, or started wrongly.

pub(crate) mod client;
mod drain;
pub(crate) mod history;
mod start;

use std::collections::HashSet;
use std::net::SocketAddr;

use tokio::task::JoinSet;

use self::client::{Client, read_all};
use self::history::{Life, faults};
use crate::process::dice::Dice;
use crate::process::people::{Guest, Person};
use crate::process::{Folder, Hub};

/// Rounds of `kill -9` on each engine, unless `SWITCHBOARD_KILL_ROUNDS` says otherwise.
const ROUNDS: u64 = 20;
const CONVERSATIONS: usize = 4;

#[tokio::test(flavor = "multi_thread")]
async fn killed_under_load_on_sled_nothing_acknowledged_is_lost_doubled_or_moved() {
    kill_again_and_again("sled", 0x5EED_0001).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_under_load_on_fjall_nothing_acknowledged_is_lost_doubled_or_moved() {
    kill_again_and_again("fjall", 0x5EED_0002).await;
}

/// One conversation: what opens it, and its clients.
struct Story {
    query: String,
    staff_query: String,
    clients: Vec<Client>,
}

async fn kill_again_and_again(engine: &str, seed: u64) {
    let folder = Folder::new(engine)
        .with("limits.enabled", &false)
        .with("auth.token_ttl_seconds", &86_400);
    let mut dice = Dice::new(seed);
    let mut stories = stories(&folder.start().await).await;
    let rounds = rounds();
    for _ in 0..rounds {
        round(&folder, &mut dice, &mut stories).await;
    }
    let hub = folder.start().await;
    let (mut acks, mut stored) = (0, 0);
    for story in stories {
        let found = story.checked(hub.address).await;
        (acks, stored) = (acks + found.0, stored + found.1);
    }
    println!(
        "{engine}: killed {rounds} times; {acks} acks, {stored} messages stored, none lost, doubled or moved"
    );
    assert!(
        acks > 10 * usize::try_from(rounds).unwrap(),
        "the load was a load: {acks}"
    );
}

fn rounds() -> u64 {
    let asked = std::env::var("SWITCHBOARD_KILL_ROUNDS").ok();
    asked.map_or(ROUNDS, |rounds| {
        rounds.parse().expect("SWITCHBOARD_KILL_ROUNDS is a number")
    })
}

/// Guests, agents who have joined them, and listeners.
async fn stories(hub: &Hub) -> Vec<Story> {
    let at = hub.address;
    let agent = Person::agent(at, "jane").await;
    let mut stories = Vec::new();
    for n in 0..CONVERSATIONS {
        let guest = Guest::open(at).await;
        let staff_query = format!("token={}&sessionId={}", agent.token, guest.session);
        let clients = vec![
            Client::new(&format!("guest {n}"), guest.query(), true),
            Client::new(&format!("second device {n}"), guest.query(), true),
            Client::new(&format!("listener {n}"), guest.query(), false),
            Client::new(&format!("agent {n}"), staff_query.clone(), true),
        ];
        stories.push(Story {
            query: guest.query(),
            staff_query,
            clients,
        });
    }
    stories
}

/// Starts the hub, lets everybody come back and write, and kills it; now and then while it still starts.
async fn round(folder: &Folder, dice: &mut Dice, stories: &mut [Story]) {
    let process = folder.launch();
    if dice.once_in(6) {
        tokio::time::sleep(dice.millis(0, 300)).await;
        return process.kill();
    }
    let hub = process
        .up()
        .await
        .unwrap_or_else(|| panic!("it does not start again: {}", folder.complaint()));
    let mut living = JoinSet::new();
    for (n, story) in stories.iter_mut().enumerate() {
        for client in story.clients.drain(..) {
            let life = client.live(hub.address);
            living.spawn(async move { (n, life.await) });
        }
    }
    tokio::time::sleep(dice.millis(20, 500)).await;
    hub.kill();
    while let Some(ended) = living.join_next().await {
        let (n, client) = ended.expect("a client does not fail");
        stories[n].clients.push(client);
    }
}

impl Story {
    /// Everybody finishes, then the whole history is checked; how many acks and messages there were.
    async fn checked(self, at: SocketAddr) -> (usize, usize) {
        let mut lives: Vec<Life> = Vec::new();
        let mut acks = 0;
        for client in self.clients {
            let client = client.finish(at).await;
            acks += client.acks();
            lives.push(client.life);
        }
        let log = read_all(at, &self.query).await;
        let read_by_staff = read_all(at, &self.staff_query).await;
        let both = log.len().min(read_by_staff.len());
        assert_eq!(log[..both], read_by_staff[..both], "all readers see the same");
        let found = faults(&log, &lives);
        assert!(
            found.is_empty(),
            "{} faults, first {:?}",
            found.len(),
            &found[..found.len().min(10)]
        );
        let stored: HashSet<_> = log.iter().map(|entry| &entry.text).collect();
        let unsaid = lives
            .iter()
            .flat_map(|life| &life.sent)
            .find(|sent| !stored.contains(sent));
        assert_eq!(unsaid, None, "what was sent until acknowledged is stored");
        (acks, log.len())
    }
}
