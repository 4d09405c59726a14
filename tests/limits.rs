//! What nobody may take from the others: time, memory, places.

mod rates;
mod silent;
mod slow;
mod sockets;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::process::people::{Guest, Person};
use crate::process::socket::Socket;

/// Connections of each kind that do harm.
const CROWD: usize = if cfg!(debug_assertions) { 200 } else { 1_000 };
/// However quick the hub is without them, this is quick enough.
const QUICK: Duration = Duration::from_millis(250);
const TRIPS: usize = 40;

/// Two devices of one guest who only want to talk.
struct Pair {
    writer: Socket,
    reader: Socket,
    said: usize,
}

impl Pair {
    /// With an agent in charge, so that no assistant answers.
    async fn open(at: SocketAddr, agent: &Person) -> Self {
        let guest = Guest::open(at).await;
        agent
            .join(at, &guest.session)
            .await
            .say("I am with you.", "a-1")
            .await;
        let reader = guest.device(at).await;
        Self {
            writer: guest.socket,
            reader,
            said: 0,
        }
    }

    /// The median time from one device's sending to the other's hearing.
    async fn round_trip(&mut self) -> Duration {
        let mut times = Vec::new();
        for _ in 0..TRIPS {
            times.push(self.one_trip().await);
        }
        times.sort();
        println!(
            "round trip: median {:?}, longest {:?}",
            times[TRIPS / 2],
            times[TRIPS - 1]
        );
        times[TRIPS / 2]
    }

    async fn one_trip(&mut self) -> Duration {
        self.said += 1;
        let words = format!("trip {}", self.said);
        let begun = Instant::now();
        self.writer
            .send(json!({"type": "text", "text": words, "id": words}))
            .await;
        while self.reader.hear("message").await["text"] != words.as_str() {}
        let took = begun.elapsed();
        self.writer.answer(&words).await;
        took
    }
}

/// Whether the pair was not held up.
fn is_unharmed(before: Duration, during: Duration) -> bool {
    during <= QUICK.max(before * 5)
}
