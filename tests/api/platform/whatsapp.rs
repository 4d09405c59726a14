//! WhatsApp from end to end: the real hub with a Graph API beside it that is as strict as Meta's.

mod closed;
mod damaged;
mod files;
mod files_out;
mod inbound;
mod killed;
mod moved;
mod outbound;
mod subscription;
mod voice;

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use switchboard_domain::conversation::Conversation;
use switchboard_domain::message::{DeliveryStatus, Message};
use switchboard_testbed::graph::{self, Graph, Webhook, samples};

use crate::support::{Answer, Persona, World};

/// Where WhatsApp calls.
const WEBHOOK: &str = "/api/channels/whatsapp/webhook";
/// The customer of these tests.
const CUSTOMER: &str = "16505551234";
/// The fake keeps its files on loopback, where the hub fetches nothing unless it may.
const ALLOWED: (&str, &str) = ("SWITCHBOARD_EGRESS__ALLOW_PRIVATE", "true");
/// Longest a test waits for anything.
const PATIENCE: Duration = Duration::from_secs(30);

/// A hub, and WhatsApp.
struct Chat {
    world: World,
    graph: Graph,
}

/// A message of now, by which the hub may answer freely.
fn fresh(message: Value) -> Value {
    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
    samples::with(message, "timestamp", now.to_string().into())
}

/// Fresh words.
fn words(id: &str, text: &str) -> Value {
    fresh(samples::text(CUSTOMER, id, text))
}

impl Chat {
    async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// One that may fetch the fake's files.
    async fn with_files() -> Self {
        Self::start_with(&[ALLOWED]).await
    }

    async fn start_with(variables: &[(&str, &str)]) -> Self {
        let graph = Graph::start().await.unwrap();
        let base = graph.base_url();
        let mut all = vec![
            ("SWITCHBOARD_WHATSAPP__ENABLED", "true"),
            ("SWITCHBOARD_WHATSAPP__GRAPH_BASE_URL", base.as_str()),
            ("SWITCHBOARD_WHATSAPP__GRAPH_VERSION", graph::VERSION),
            ("SWITCHBOARD_WHATSAPP__PHONE_NUMBER_ID", graph::NUMBER_ID),
            ("SWITCHBOARD_WHATSAPP__ACCESS_TOKEN", graph::ACCESS_TOKEN),
            ("SWITCHBOARD_WHATSAPP__APP_SECRET", graph::APP_SECRET),
            ("SWITCHBOARD_WHATSAPP__VERIFY_TOKEN", graph::VERIFY_TOKEN),
        ];
        all.extend(variables);
        let world = World::start_with(&all).await;
        Self { world, graph }
    }

    /// Tells the hub, signed as Meta does.
    async fn tells(&self, webhook: &Webhook) -> Answer {
        post_signed(&self.world.nobody, &webhook.bytes(), graph::APP_SECRET).await
    }

    /// A customer's message comes in.
    async fn comes(&self, message: Value) {
        let answer = self.tells(&Webhook::of(message)).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }

    /// The one conversation there is.
    fn conversation(&self) -> Arc<Conversation> {
        let mut all = self.world.conversations();
        assert_eq!(all.len(), 1, "{all:#?}");
        all.remove(0)
    }

    /// The messages of the one conversation there is.
    fn messages(&self) -> Vec<Arc<Message>> {
        self.world.messages(&self.conversation().id.to_string())
    }

    /// Waits until the messages of the one conversation are as they should be.
    async fn until(&self, what: &str, holds: impl Fn(&[Arc<Message>]) -> bool) -> Vec<Arc<Message>> {
        let since = std::time::Instant::now();
        loop {
            let messages = self.messages();
            if holds(&messages) {
                return messages;
            }
            assert!(since.elapsed() < PATIENCE, "{what}: {messages:#?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits until the message at this place has this status.
    async fn until_is(&self, sequence: usize, status: DeliveryStatus) {
        let is_so = |messages: &[Arc<Message>]| {
            let found = messages.get(sequence - 1);
            found.is_some_and(|message| message.status == status)
        };
        self.until(&format!("{sequence} is {status:?}"), is_so).await;
    }

    /// Staff write to the customer.
    async fn writes(&self, text: &str) -> Answer {
        self.writes_to(CUSTOMER, text).await
    }

    async fn writes_to(&self, to: &str, text: &str) -> Answer {
        let body = json!({"to": to, "type": "text", "text": text});
        self.world
            .admin
            .post("/api/channels/whatsapp/messages", &body)
            .await
    }
}

async fn post_signed(persona: &Persona, body: &[u8], secret: &str) -> Answer {
    let signature = graph::sign(secret, body);
    let persona = persona.with_header("x-hub-signature-256", &signature);
    let bytes = bytes::Bytes::copy_from_slice(body);
    let json = Some("application/json");
    persona.send(hyper::Method::POST, WEBHOOK, json, bytes).await
}
