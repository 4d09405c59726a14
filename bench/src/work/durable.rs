//! A message from an agent to the customer, in many conversations at once: stored, synced, acknowledged, delivered.

use std::time::{Duration, Instant};

use anyhow::Result;
use tokio::task::JoinSet;

use crate::context::{Context, settle};
use crate::ledger::Ledger;
use crate::report::Figure;
use crate::room::{Door, Room};
use crate::samples::{Samples, count, length};
use crate::server::Server;
use crate::traffic::{Speech, listen, speak};

/// Conversations, each with one message under way.
const ROOMS: usize = 64;
/// As many as make up for a slow disk.
const MANY_ROOMS: usize = 256;
/// Messages of each conversation in a round.
const MESSAGES: usize = 500;
/// A sync of a plain disk.
const SYNC: Duration = Duration::from_millis(4);

/// What a round has shown.
struct Round {
    cpu: f64,
    seconds: f64,
    acknowledged: Samples,
    delivered: Samples,
}

/// Measures it on the disk as it is.
pub(super) async fn measure(context: &Context) -> Result<Vec<Figure>> {
    let server = context.start().await?;
    let rounds = rounds(context, &server, ROOMS).await?;
    let target = "≤ 120 sled, ≤ 50 fjall";
    let name = "durable message, 64 conversations";
    let cpu = Figure::new(name, "µs CPU", rounds.cpu.clone()).target(target);
    Ok(std::iter::once(cpu).chain(rounds.times(name, "")).collect())
}

/// Measures it with every sync delayed.
pub(super) async fn measure_slow_disk(context: &Context) -> Result<Vec<Figure>> {
    let mut options = context.options();
    options.sync_delay = Some(SYNC);
    let server = Server::start(options).await?;
    let few = rounds(context, &server, ROOMS).await?;
    let many = rounds(context, &server, MANY_ROOMS).await?;
    let mut figures = Vec::from(few.times("4 ms more a sync, 64 conversations", "≥ 12,000"));
    figures.extend(many.times("4 ms more a sync, 256 conversations", ""));
    Ok(figures)
}

/// All rounds together.
#[derive(Default)]
struct Rounds {
    cpu: Samples,
    rate: Samples,
    acknowledged: Samples,
    delivered: [Samples; 2],
}

impl Rounds {
    fn add(&mut self, round: &Round, messages: f64) {
        self.cpu.push(round.cpu / messages);
        self.rate.push(messages / round.seconds);
        let quantile = |samples: &Samples, share| samples.quantile(share).unwrap_or(f64::NAN);
        self.acknowledged.push(quantile(&round.acknowledged, 0.5));
        let [middle, late] = &mut self.delivered;
        middle.push(quantile(&round.delivered, 0.5));
        late.push(quantile(&round.delivered, 0.99));
    }

    fn times(self, name: &str, rate_target: &'static str) -> [Figure; 4] {
        let [middle, late] = self.delivered;
        [
            Figure::new(format!("{name}, rate"), "messages/s", self.rate).target(rate_target),
            Figure::new(format!("{name}, until the ack, p50"), "ms", self.acknowledged),
            Figure::new(format!("{name}, until delivered, p50"), "ms", middle),
            Figure::new(format!("{name}, until delivered, p99"), "ms", late),
        ]
    }
}

async fn rounds(context: &Context, server: &Server, conversations: usize) -> Result<Rounds> {
    let door = Door::of(server).await?;
    let mut rooms = Vec::with_capacity(conversations);
    for _ in 0..conversations {
        rooms.push(door.open_room().await?);
    }
    let messages = context.load(MESSAGES);
    // Once without counting: caches fill, the allocator grows.
    round(server, &mut rooms, messages.div_ceil(5)).await?;
    let mut rounds = Rounds::default();
    for _ in 0..context.rounds() {
        let shown = round(server, &mut rooms, messages).await?;
        rounds.add(&shown, length(messages * conversations));
    }
    Ok(rounds)
}

async fn round(server: &Server, rooms: &mut Vec<Room>, messages: usize) -> Result<Round> {
    settle().await;
    let mut running = JoinSet::new();
    let (begun, before) = (Instant::now(), server.cpu_micros()?);
    for room in rooms.drain(..) {
        running.spawn(converse(room, messages));
    }
    let (mut acknowledged, mut delivered) = (Samples::default(), Samples::default());
    while let Some(done) = running.join_next().await {
        let (room, times) = done??;
        acknowledged.push_millis(times.iter().map(|time| time.acknowledged));
        delivered.push_millis(times.iter().map(|time| time.delivered));
        rooms.push(room);
    }
    Ok(Round {
        cpu: count(server.cpu_micros()? - before),
        seconds: begun.elapsed().as_secs_f64(),
        acknowledged,
        delivered,
    })
}

/// How long one message took, from its sending.
pub(super) struct Times {
    pub(super) acknowledged: Duration,
    pub(super) delivered: Duration,
}

/// The agent says one thing after another, each once the one before has arrived.
pub(super) async fn converse(mut room: Room, messages: usize) -> Result<(Room, Vec<Times>)> {
    let mut times = Vec::with_capacity(messages);
    for _ in 0..messages {
        times.push(exchange(&mut room).await?);
    }
    Ok((room, times))
}

/// One message to the customer.
pub(super) async fn exchange(room: &mut Room) -> Result<Times> {
    let mut said = Ledger::new(room.newest, 1);
    let mut heard = Ledger::new(room.newest, 1);
    let speech = Speech {
        messages: 1,
        window: 1,
        seed: room.newest,
    };
    let begun = Instant::now();
    let acknowledged = async {
        speak(&mut room.agent, &mut said, speech).await?;
        anyhow::Ok(begun.elapsed())
    };
    let delivered = async {
        listen(&mut room.guest, &mut heard).await?;
        anyhow::Ok(begun.elapsed())
    };
    let (acknowledged, delivered) = tokio::try_join!(acknowledged, delivered)?;
    room.newest += 1;
    Ok(Times {
        acknowledged,
        delivered,
    })
}
