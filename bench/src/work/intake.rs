//! A message that WhatsApp reports: signed, read, stored in its customer's conversation, synced and answered with 200.
//!
//! The assistant is switched off, for what it costs is measured by itself. So is what tells the customer that the message
//! was seen: once as it comes, and once with a Graph API so slow that these calls are left out.

use std::time::{Duration, Instant, UNIX_EPOCH};

use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use switchboard_testbed::graph::{self, Graph, Webhook, samples, sign};
use tokio::task::JoinSet;

use crate::context::{Context, settle};
use crate::http::HttpClient;
use crate::report::Figure;
use crate::samples::{Samples, count, length};
use crate::server::Server;
use crate::words;

/// Where WhatsApp calls.
const WEBHOOK: &str = "/api/channels/whatsapp/webhook";
/// Customers who write at the same time, each in a conversation of its own.
const CUSTOMERS: usize = 64;
/// Messages of each customer in a round.
const MESSAGES: usize = 200;
/// Slow enough that read marks pile up to their limit and further ones are left out.
const SLOW: Duration = Duration::from_secs(60);

/// One customer at WhatsApp.
struct Customer {
    phone: String,
    written: usize,
    client: HttpClient,
}

/// What a round has shown.
struct Round {
    cpu: f64,
    seconds: f64,
}

/// Measures it.
pub(super) async fn measure(context: &Context) -> Result<Vec<Figure>> {
    let graph = Graph::start().await?;
    let mut options = context.options();
    options.variables = variables(&graph);
    let server = Server::start(options).await?;
    silence(&server).await?;
    let mut customers = customers(&server).await?;
    let messages = context.load(MESSAGES);
    round(&server, &mut customers, messages.div_ceil(5)).await?;
    let [marked, rate] = rounds(context, &server, &mut customers).await?;
    graph.delay(SLOW);
    round(&server, &mut customers, messages.div_ceil(5)).await?;
    let [plain, _] = rounds(context, &server, &mut customers).await?;
    Ok(vec![
        Figure::new("WhatsApp message in, 64 customers", "µs CPU", plain).target("≤ 60 fjall"),
        Figure::new("the same with its read mark sent", "µs CPU", marked),
        Figure::new("the same with its read mark sent, rate", "messages/s", rate),
    ])
}

fn variables(graph: &Graph) -> Vec<(&'static str, String)> {
    vec![
        ("SWITCHBOARD_WHATSAPP__ENABLED", "true".to_owned()),
        ("SWITCHBOARD_WHATSAPP__GRAPH_BASE_URL", graph.base_url()),
        ("SWITCHBOARD_WHATSAPP__GRAPH_VERSION", graph::VERSION.to_owned()),
        (
            "SWITCHBOARD_WHATSAPP__PHONE_NUMBER_ID",
            graph::NUMBER_ID.to_owned(),
        ),
        (
            "SWITCHBOARD_WHATSAPP__ACCESS_TOKEN",
            graph::ACCESS_TOKEN.to_owned(),
        ),
        ("SWITCHBOARD_WHATSAPP__APP_SECRET", graph::APP_SECRET.to_owned()),
        (
            "SWITCHBOARD_WHATSAPP__VERIFY_TOKEN",
            graph::VERIFY_TOKEN.to_owned(),
        ),
    ]
}

/// From now on the assistant answers nobody.
pub(super) async fn silence(server: &Server) -> Result<()> {
    let token = server.admin_token().await?;
    let mut client = HttpClient::connect(server.address()).await?;
    let settings = json!({"auto_reply_enabled": false});
    let answer = client.put("/api/admin/system-config", &token, &settings).await?;
    answer.json().context("the assistant could not be switched off")?;
    Ok(())
}

async fn customers(server: &Server) -> Result<Vec<Customer>> {
    let mut customers = Vec::with_capacity(CUSTOMERS);
    for number in 0..CUSTOMERS {
        customers.push(Customer {
            phone: format!("1650555{number:04}"),
            written: 0,
            client: HttpClient::connect(server.address()).await?,
        });
    }
    Ok(customers)
}

/// CPU of a message, and messages a second.
async fn rounds(context: &Context, server: &Server, customers: &mut Vec<Customer>) -> Result<[Samples; 2]> {
    let messages = context.load(MESSAGES);
    let (mut cpu, mut rate) = (Samples::default(), Samples::default());
    for _ in 0..context.rounds() {
        let shown = round(server, customers, messages).await?;
        let all = length(messages * customers.len());
        cpu.push(shown.cpu / all);
        rate.push(all / shown.seconds);
    }
    Ok([cpu, rate])
}

async fn round(server: &Server, customers: &mut Vec<Customer>, messages: usize) -> Result<Round> {
    settle().await;
    let mut running = JoinSet::new();
    let (begun, before) = (Instant::now(), server.cpu_micros()?);
    for customer in customers.drain(..) {
        running.spawn(write(customer, messages));
    }
    while let Some(done) = running.join_next().await {
        customers.push(done??);
    }
    Ok(Round {
        cpu: count(server.cpu_micros()? - before),
        seconds: begun.elapsed().as_secs_f64(),
    })
}

/// One message after the other, each once the one before was taken.
async fn write(mut customer: Customer, messages: usize) -> Result<Customer> {
    for _ in 0..messages {
        customer.written += 1;
        let body = webhook(&customer.phone, customer.written)?;
        let signature = sign(graph::APP_SECRET, body.as_bytes());
        let answer = customer.client.post_signed(WEBHOOK, &signature, &body).await?;
        ensure!(
            answer.status == 200,
            "the webhook was answered with {}",
            answer.status
        );
    }
    Ok(customer)
}

fn webhook(phone: &str, number: usize) -> Result<String> {
    let (id, now) = (format!("wamid.{phone}.{number}"), UNIX_EPOCH.elapsed()?.as_secs());
    let message = samples::text(phone, &id, &words::sentence(number as u64));
    let message = samples::with(message, "timestamp", now.to_string().into());
    Ok(String::from_utf8(Webhook::of(message).bytes())?)
}
