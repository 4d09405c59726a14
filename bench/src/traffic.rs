//! Messages said and heard, each counted.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use serde_json::json;

use crate::ledger::Ledger;
use crate::socket::{Socket, text};
use crate::words;

/// What a speaker says.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Speech {
    /// How many messages.
    pub(crate) messages: usize,
    /// How many of them may be unanswered at once.
    pub(crate) window: usize,
    /// Tells this speaker's texts and ids from others'.
    pub(crate) seed: u64,
}

/// What a frame was.
enum Taken {
    Message,
    Acknowledgement,
    Other,
}

/// Says it all and hears whatever else the ledger is owed; the time until each acknowledgement.
///
/// # Errors
/// When the hub refuses a message or the ledger does not come out even.
pub(crate) async fn speak(socket: &mut Socket, ledger: &mut Ledger, speech: Speech) -> Result<Vec<Duration>> {
    let mut waiting = VecDeque::with_capacity(speech.window);
    let mut times = Vec::with_capacity(speech.messages);
    let mut said = 0;
    while times.len() < speech.messages || !ledger.is_complete() {
        while said < speech.messages && waiting.len() < speech.window {
            waiting.push_back(Instant::now());
            socket.send(&frame(speech.seed + said as u64)).await?;
            said += 1;
        }
        if let Taken::Acknowledgement = take(socket, ledger).await? {
            let begun = waiting.pop_front().context("an ack for nothing")?;
            times.push(begun.elapsed());
        }
    }
    Ok(times)
}

/// Hears everything the ledger is owed.
///
/// # Errors
/// When something comes twice, out of order or not at all.
pub(crate) async fn listen(socket: &mut Socket, ledger: &mut Ledger) -> Result<()> {
    while !ledger.is_complete() {
        take(socket, ledger).await?;
    }
    Ok(())
}

/// A text frame with an id of its own.
pub(crate) fn frame(number: u64) -> String {
    json!({"type": "text", "text": words::sentence(number), "id": format!("m{number}")}).to_string()
}

async fn take(socket: &mut Socket, ledger: &mut Ledger) -> Result<Taken> {
    let frame = socket.next().await?;
    let sequence = || text::sequence(&frame).context("a frame without a sequence");
    match text::kind(&frame) {
        b"message" => {
            ledger.message(sequence()?)?;
            Ok(Taken::Message)
        }
        b"ack" => {
            ledger.acknowledged(sequence()?)?;
            Ok(Taken::Acknowledgement)
        }
        b"error" => bail!("the hub refused: {}", String::from_utf8_lossy(&frame)),
        _ => Ok(Taken::Other),
    }
}
