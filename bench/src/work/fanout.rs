//! Fan-out: what one more reader of a message costs.
//!
//! The same rooms with the same senders are measured without readers too, in turns with those that have readers; the
//! cost of a delivery is the difference, divided by what the readers have received. So storing, acknowledging and
//! delivering to the other senders are left out, and what readers cost beyond the write itself is left in.

use anyhow::{Context as _, Result};
use tokio::task::JoinSet;

use crate::context::{Context, settle};
use crate::ledger::Ledger;
use crate::report::Figure;
use crate::room::Door;
use crate::samples::{Samples, count, length};
use crate::server::Server;
use crate::socket::Socket;
use crate::traffic::{Speech, listen, speak};

/// Rooms, and who is in each of them.
#[derive(Debug, Clone, Copy)]
struct Shape {
    rooms: usize,
    readers: usize,
    senders: usize,
    /// Messages each sender says in a round.
    messages: usize,
}

/// A load with its line in the table.
struct Load {
    name: &'static str,
    target: &'static str,
    shape: Shape,
}

/// One frame a write where a sender waits for each acknowledgement alone; several where others say something meanwhile.
const LOADS: [Load; 4] = [
    Load {
        name: "fan-out, 10 rooms × 100, one frame a write",
        target: "≤ 5",
        shape: Shape {
            rooms: 10,
            readers: 100,
            senders: 1,
            messages: 300,
        },
    },
    Load {
        name: "fan-out, 10 rooms × 100, 8 senders",
        target: "< 3",
        shape: Shape {
            rooms: 10,
            readers: 100,
            senders: 8,
            messages: 80,
        },
    },
    Load {
        name: "fan-out, 500 rooms × 2, one frame a write",
        target: "≤ 8",
        shape: Shape {
            rooms: 500,
            readers: 2,
            senders: 1,
            messages: 60,
        },
    },
    Load {
        name: "fan-out, 500 rooms × 2, 4 senders",
        target: "",
        shape: Shape {
            rooms: 500,
            readers: 2,
            senders: 4,
            messages: 20,
        },
    },
];

/// A room with everybody in it.
struct Hall {
    senders: Vec<Socket>,
    readers: Vec<Socket>,
    newest: u64,
}

/// Measures every load.
pub(super) async fn measure(context: &Context) -> Result<Vec<Figure>> {
    let mut figures = Vec::new();
    for load in &LOADS {
        let messages = context.load(load.shape.messages);
        figures.extend(
            measure_load(
                context,
                load,
                Shape {
                    messages,
                    ..load.shape
                },
            )
            .await?,
        );
    }
    Ok(figures)
}

async fn measure_load(context: &Context, load: &Load, shape: Shape) -> Result<[Figure; 3]> {
    let server = context.start().await?;
    let door = Door::of(&server).await?;
    let mut empty = open(&door, Shape { readers: 0, ..shape }).await?;
    let mut full = open(&door, shape).await?;
    settle().await;
    let messages = length(shape.rooms * shape.senders * shape.messages);
    let deliveries = messages * length(shape.readers);
    let (mut net, mut gross, mut message) = (Samples::default(), Samples::default(), Samples::default());
    for _ in 0..context.rounds() {
        let without = round(&server, &mut empty, shape.messages).await?;
        let with = round(&server, &mut full, shape.messages).await?;
        net.push((with - without) / deliveries);
        gross.push(with / deliveries);
        message.push(without / messages);
    }
    let unit = "µs CPU a delivery";
    Ok([
        Figure::new(load.name, unit, net).target(load.target),
        Figure::new(format!("{}, storing and acks included", load.name), unit, gross),
        Figure::new(
            format!("{}, without readers", load.name),
            "µs CPU a message",
            message,
        ),
    ])
}

async fn open(door: &Door, shape: Shape) -> Result<Vec<Hall>> {
    let mut halls = Vec::with_capacity(shape.rooms);
    for _ in 0..shape.rooms {
        let room = door.open_room().await?;
        let mut hall = Hall {
            senders: Vec::new(),
            readers: Vec::new(),
            newest: room.newest,
        };
        for _ in 0..shape.senders {
            hall.senders.push(door.join(&room.session).await?);
        }
        for _ in 0..shape.readers {
            hall.readers.push(door.join(&room.session).await?);
        }
        halls.push(hall);
    }
    Ok(halls)
}

/// Everybody says and hears everything once; microseconds of CPU the hub has used for it.
async fn round(server: &Server, halls: &mut Vec<Hall>, messages: usize) -> Result<f64> {
    settle().await;
    let mut running = JoinSet::new();
    let before = server.cpu_micros()?;
    for hall in halls.drain(..) {
        running.spawn(hall.round(messages));
    }
    while let Some(hall) = running.join_next().await {
        halls.push(hall??);
    }
    Ok(count(server.cpu_micros()? - before))
}

impl Hall {
    async fn round(mut self, messages: usize) -> Result<Self> {
        let owed = self.senders.len() * messages;
        let mut listening = JoinSet::new();
        let mut speaking = JoinSet::new();
        for mut reader in self.readers.drain(..) {
            let mut ledger = Ledger::new(self.newest, owed);
            listening.spawn(async move { listen(&mut reader, &mut ledger).await.map(|()| reader) });
        }
        for (seed, mut sender) in (0_u64..).zip(self.senders.drain(..)) {
            let mut ledger = Ledger::new(self.newest, owed);
            // No two ids are the same, in no round.
            let seed = self.newest * 1_000_003 + seed * 1_000_000_007;
            let speech = Speech {
                messages,
                window: 1,
                seed,
            };
            speaking.spawn(async move { speak(&mut sender, &mut ledger, speech).await.map(|_| sender) });
        }
        self.senders = all(speaking).await.context("a sender")?;
        self.readers = all(listening).await.context("a reader")?;
        self.newest += owed as u64;
        Ok(self)
    }
}

async fn all(mut tasks: JoinSet<Result<Socket>>) -> Result<Vec<Socket>> {
    let mut sockets = Vec::with_capacity(tasks.len());
    while let Some(socket) = tasks.join_next().await {
        sockets.push(socket??);
    }
    Ok(sockets)
}
