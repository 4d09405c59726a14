//! Mails that wait in a mailbox: read over IMAP, each stored in a conversation of its own with its original.
//!
//! The mailbox is a real one, Debian's Dovecot. The assistant is switched off, so that this is the way in alone.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use switchboard_testbed::dovecot::{self, Dovecot};
use switchboard_testbed::smtp::Daemon;

use super::intake::silence;
use crate::context::Context;
use crate::http::HttpClient;
use crate::report::Figure;
use crate::samples::{count, length};
use crate::server::{Ending, Server};
use crate::words;

/// Mails in the mailbox.
const MAILS: usize = 10_000;
/// Mails that are brought in one go.
const BATCH: usize = 500;
/// Between two looks at how many have come in.
const LOOK: Duration = Duration::from_secs(1);
/// How long a mailbox may stand still before the measurement gives up.
const PATIENCE: Duration = Duration::from_secs(60);

/// Measures it.
pub(super) async fn measure(context: &Context) -> Result<Vec<Figure>> {
    let imap = Dovecot::start()?.context("Dovecot is missing")?;
    let smtp = Daemon::start()?.context("aiosmtpd is missing")?;
    let mails = context.load(MAILS);
    bring(&imap, mails)?;
    let mut server = context.start().await?;
    silence(&server).await?;
    // The mailbox is there from the second start on: nothing is read before the assistant is silent.
    server.configure(variables(&imap, &smtp));
    let server = server.restart(Ending::Orderly).await?;
    let (begun, before) = (Instant::now(), server.cpu_micros()?);
    until_read(&server, mails).await?;
    let seconds = begun.elapsed().as_secs_f64();
    let cpu = count(server.cpu_micros()? - before);
    Ok(vec![
        Figure::one("a mail read from a mailbox", "µs CPU", cpu / length(mails)),
        Figure::one("mails read from one mailbox", "mails/s", length(mails) / seconds).target("≥ 34"),
    ])
}

fn variables(imap: &Dovecot, smtp: &Daemon) -> Vec<(&'static str, String)> {
    vec![
        ("SWITCHBOARD_EMAIL__ENABLED", "true".to_owned()),
        ("SWITCHBOARD_EMAIL__ADDRESS", dovecot::ADDRESS.to_owned()),
        ("SWITCHBOARD_EMAIL__IMAP_HOST", "127.0.0.1".to_owned()),
        ("SWITCHBOARD_EMAIL__IMAP_PORT", imap.imap_port().to_string()),
        ("SWITCHBOARD_EMAIL__IMAP_PASSWORD", dovecot::PASSWORD.to_owned()),
        ("SWITCHBOARD_EMAIL__IMAP_TLS", "none".to_owned()),
        ("SWITCHBOARD_EMAIL__SMTP_HOST", "127.0.0.1".to_owned()),
        ("SWITCHBOARD_EMAIL__SMTP_PORT", smtp.port().to_string()),
        ("SWITCHBOARD_EMAIL__SMTP_TLS", "none".to_owned()),
    ]
}

fn bring(imap: &Dovecot, mails: usize) -> Result<()> {
    let written: Vec<Vec<u8>> = (0..mails).map(written).collect();
    for batch in written.chunks(BATCH) {
        let batch: Vec<&[u8]> = batch.iter().map(Vec::as_slice).collect();
        imap.deliver_to(dovecot::ADDRESS, &batch)?;
    }
    Ok(())
}

/// A mail of about the size people write, each from a customer of its own.
fn written(number: usize) -> Vec<u8> {
    let from = format!("c{number}@mail.example");
    let paragraphs: Vec<String> = (0..8).map(|n| words::sentence((number * 8 + n) as u64)).collect();
    let lines = [
        format!("From: Customer {number} <{from}>"),
        format!("To: {}", dovecot::ADDRESS),
        format!("Subject: Order {number}"),
        format!("Message-ID: <m{number}@mail.example>"),
        "Date: Thu, 01 Oct 2026 10:00:00 +0000".to_owned(),
        "MIME-Version: 1.0".to_owned(),
        "Content-Type: text/plain; charset=utf-8".to_owned(),
        String::new(),
        paragraphs.join("\r\n\r\n"),
        String::new(),
    ];
    lines.join("\r\n").into_bytes()
}

/// Waits until each mail has its conversation.
async fn until_read(server: &Server, mails: usize) -> Result<()> {
    let token = server.admin_token().await?;
    let mut client = HttpClient::connect(server.address()).await?;
    let (mut seen, mut since) = (0, Instant::now());
    while seen < mails {
        tokio::time::sleep(LOOK).await;
        let read = conversations(&mut client, &token).await?;
        if read > seen {
            (seen, since) = (read, Instant::now());
        }
        ensure!(since.elapsed() < PATIENCE, "{seen} of {mails} mails were read");
    }
    Ok(())
}

async fn conversations(client: &mut HttpClient, token: &str) -> Result<usize> {
    let answer = client.get("/api/conversations?limit=1", Some(token)).await?;
    let total = answer
        .json()?
        .pointer("/pagination/total")
        .and_then(Value::as_u64);
    Ok(usize::try_from(total.context("a list without a total")?)?)
}
