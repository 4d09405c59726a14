//! Connections that do nothing: guests with a new session each, and connections alone, all in one session.

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::context::{Context, settle};
use crate::report::Figure;
use crate::samples::{Samples, count, length};
use crate::server::Server;
use crate::socket::Socket;

/// Connections opened.
const CONNECTIONS: usize = 10_000;

/// Measures both.
pub(super) async fn measure(context: &Context) -> Result<Vec<Figure>> {
    let connections = context.load(CONNECTIONS);
    let (mut alone, mut alone_anonymous) = (Samples::default(), Samples::default());
    let (mut guests, mut guests_cpu) = (Samples::default(), Samples::default());
    for _ in 0..context.rounds() {
        let server = context.start().await?;
        let query = guest_query(&server).await?;
        let grown = grown(&server, &query, connections).await?;
        alone.push(grown.resident);
        alone_anonymous.push(grown.anonymous);
        let grown = self::grown(&context.start().await?, "", connections).await?;
        guests.push(grown.resident);
        guests_cpu.push(grown.cpu);
    }
    let kilobytes = "KB of memory each";
    Ok(vec![
        Figure::new("idle connection, resident", kilobytes, alone),
        Figure::new("idle connection, anonymous", kilobytes, alone_anonymous).target("≤ 5"),
        Figure::new("idle guest with a new session, resident", kilobytes, guests),
        Figure::new("connection of a new guest, opened", "µs CPU", guests_cpu),
    ])
}

/// What one connection has added.
struct Grown {
    resident: f64,
    anonymous: f64,
    cpu: f64,
}

async fn grown(server: &Server, query: &str, connections: usize) -> Result<Grown> {
    // What the first few connections allocate once is not charged to the others.
    let mut held = connect(server, query, 50).await?;
    settle().await;
    let (before, cpu) = (server.memory()?, server.cpu_micros()?);
    held.extend(connect(server, query, connections).await?);
    let cpu = server.cpu_micros()? - cpu;
    settle().await;
    let after = server.memory()?;
    let each = |after: u64, before: u64| (count(after) - count(before)) / length(connections) / 1e3;
    drop(held);
    Ok(Grown {
        resident: each(after.resident, before.resident),
        anonymous: each(after.anonymous, before.anonymous),
        cpu: count(cpu) / length(connections),
    })
}

async fn connect(server: &Server, query: &str, connections: usize) -> Result<Vec<Socket>> {
    let mut held = Vec::with_capacity(connections);
    for _ in 0..connections {
        let mut socket = Socket::connect(server.address(), query).await?;
        socket.greeting().await?;
        held.push(socket);
    }
    Ok(held)
}

/// The query that opens one guest's session again and again.
async fn guest_query(server: &Server) -> Result<String> {
    let mut guest = Socket::connect(server.address(), "").await?;
    let greeting = guest.greeting().await?;
    let token = greeting.get("token").and_then(Value::as_str);
    Ok(format!("token={}", token.context("a guest without a token")?))
}
