//! A healthy pair's latency, alone and beside a crowd: readers that never read, connections that never send.

use std::time::{Duration, Instant};

use anyhow::Result;
use serde_json::json;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

use super::durable::exchange;
use crate::context::{Context, settle};
use crate::report::Figure;
use crate::room::{Door, Room};
use crate::samples::{Samples, length};
use crate::server::Server;
use crate::socket::Socket;

/// Clients of each kind.
const CROWD: usize = 1_000;
/// How long the pair talks in each setting.
const TALK: Duration = Duration::from_secs(8);
/// Between two of the pair's messages.
const PACE: Duration = Duration::from_millis(5);
/// Between two messages to those who do not read.
const NOISE_PACE: Duration = Duration::from_millis(50);
/// Characters of each such message: a reader is full after a few seconds.
const NOISE: usize = 4_000;
/// Bytes the system keeps for a client that does not read.
const NARROW: u32 = 4_096;

/// Measures both settings.
pub(super) async fn measure(context: &Context) -> Result<Vec<Figure>> {
    let server = context.start().await?;
    let door = Door::of(&server).await?;
    let mut pair = door.open_room().await?;
    let mut noisy = door.open_room().await?;
    settle().await;
    let alone = talk(&mut pair).await?;
    let (deaf, silent) = gather(&server, &door, &noisy, context.load(CROWD)).await?;
    let shouting: JoinHandle<Result<()>> = tokio::spawn(async move { shout(&mut noisy).await });
    let beside = talk(&mut pair).await?;
    shouting.await??;
    let held = server.memory()?.resident;
    let crowd = length(deaf.len() + silent.len());
    let millis = "ms";
    Ok(vec![
        Figure::new("healthy pair, p50", millis, quantile(&alone, 0.5)),
        Figure::new("healthy pair, p99", millis, quantile(&alone, 0.99)),
        Figure::new(
            "healthy pair beside the crowd, p50",
            millis,
            quantile(&beside, 0.5),
        ),
        Figure::new(
            "healthy pair beside the crowd, p99",
            millis,
            quantile(&beside, 0.99),
        ),
        Figure::one("crowd: slow readers and silent connections", "clients", crowd),
        Figure::one("resident with the crowd", "MB", crate::samples::count(held) / 1e6),
    ])
}

fn quantile(samples: &Samples, share: f64) -> Samples {
    samples
        .quantile(share)
        .map_or_else(Samples::default, Samples::one)
}

/// One message after the other at an easy pace; the time until each was delivered.
async fn talk(pair: &mut Room) -> Result<Samples> {
    let mut delivered = Samples::default();
    let begun = Instant::now();
    while begun.elapsed() < TALK {
        delivered.push_millis([exchange(pair).await?.delivered]);
        tokio::time::sleep(PACE).await;
    }
    Ok(delivered)
}

async fn gather(
    server: &Server,
    door: &Door,
    noisy: &Room,
    each: usize,
) -> Result<(Vec<Socket>, Vec<TcpStream>)> {
    let query = door.query(&noisy.session);
    let (mut deaf, mut silent) = (Vec::with_capacity(each), Vec::with_capacity(each));
    for _ in 0..each {
        deaf.push(Socket::connect_narrow(server.address(), &query, NARROW).await?);
    }
    for _ in 0..each {
        silent.push(TcpStream::connect(server.address()).await?);
    }
    Ok((deaf, silent))
}

/// Long messages to everybody who has joined, for as long as the pair talks.
async fn shout(noisy: &mut Room) -> Result<()> {
    let text = "loud ".repeat(NOISE / 5);
    let begun = Instant::now();
    let mut number = 0_u32;
    while begun.elapsed() < TALK {
        let frame = json!({"type": "text", "text": text, "id": format!("n{number}")});
        noisy.agent.send(&frame.to_string()).await?;
        noisy.agent.next_of("ack").await?;
        noisy.guest.next_of("message").await?;
        number += 1;
        tokio::time::sleep(NOISE_PACE).await;
    }
    Ok(())
}
