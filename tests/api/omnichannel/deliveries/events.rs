//! Every event that can be subscribed to arrives: from its cause through the hub to the subscriber's own server, with the
//! fields that the documentation names.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};
use switchboard_domain::webhook::WebhookEvent;
use switchboard_testbed::fault::Fault;
use switchboard_testbed::graph::{self, Call, Graph, Webhook, samples};

use super::{ALLOWED, subscribe};
use crate::support::receiver::{Heard, Receiver};
use crate::support::{Persona, World};

/// The customer on WhatsApp.
const CUSTOMER: &str = "16505551234";
/// Longest a step of the story takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// What has happened, as the API shows it.
struct Story {
    conversation: String,
    customer: String,
    agent: String,
    /// Ids of the conversation's messages, in order.
    messages: Vec<String>,
    campaign: String,
    /// The subscription whose endpoint is gone.
    gone: String,
    gone_url: String,
    month: String,
}

/// What one event has to tell, each time with these words. An event without an arm does not compile.
fn expected(event: WebhookEvent, story: &Story) -> Vec<Value> {
    let talk = |status: &str, state: &str, reason: Value, agent: Value| {
        json!({"conversationId": story.conversation, "customerId": story.customer, "channel": "WHATSAPP",
            "status": status, "state": state, "reason": reason, "agentId": agent})
    };
    let said = |sequence: usize, role: &str, content: &str, status: &str| {
        json!({"messageId": story.messages[sequence - 1], "conversationId": story.conversation,
            "customerId": story.customer, "channel": "WHATSAPP", "status": status, "role": role,
            "sequence": sequence, "content": content})
    };
    match event {
        WebhookEvent::ConversationStarted => vec![talk("ACTIVE", "active", Value::Null, Value::Null)],
        WebhookEvent::ConversationHandover => vec![
            talk("TRANSFERRED", "waiting", json!("customer_request"), Value::Null),
            talk("TRANSFERRED", "with_agent", Value::Null, json!(story.agent)),
        ],
        WebhookEvent::ConversationEnded => vec![talk("CLOSED", "closed", json!("RESOLVED"), Value::Null)],
        WebhookEvent::MessageReceived => vec![said(1, "USER", "Let me talk to a human", "SENT")],
        WebhookEvent::MessageSent => vec![
            said(3, "AGENT", "Here I am", "SENT"),
            said(4, "AGENT", "Still there?", "SENT"),
        ],
        WebhookEvent::MessageDelivered => vec![said(3, "AGENT", "Here I am", "DELIVERED")],
        WebhookEvent::MessageRead => vec![said(3, "AGENT", "Here I am", "READ")],
        WebhookEvent::MessageFailed => {
            let mut failed = said(4, "AGENT", "Still there?", "FAILED");
            failed["reason"] = json!("131047: Re-engagement message: Re-engagement message, in more words");
            vec![failed]
        }
        WebhookEvent::CostThreshold => {
            vec![json!({"threshold": 50, "month": story.month, "monthlyBudget": 4.0, "monthSpend": 2.0})]
        }
        WebhookEvent::CampaignCompleted => vec![json!({"campaignId": story.campaign, "name": "News",
            "channel": "WEB", "status": "COMPLETED", "targeted": 1, "sent": 1, "failed": 0})],
        WebhookEvent::ErrorOccurred => vec![
            json!({"error": "webhook_disabled", "webhookId": story.gone, "url": story.gone_url,
                "reason": "the endpoint answered 410 Gone"}),
            json!({"error": "channel_stopped", "channel": "WHATSAPP",
                "reason": "the provider takes nothing of this account until it is mended"}),
        ],
    }
}

/// The hub, WhatsApp, and who takes part.
struct Stage {
    world: World,
    graph: Graph,
    receiver: Receiver,
    agent: Persona,
}

impl Stage {
    async fn set() -> Self {
        let graph = Graph::start().await.unwrap();
        let base = graph.base_url();
        let variables = [
            ALLOWED[0],
            ("SWITCHBOARD_PRICES__WHATSAPP_MESSAGE", "1.0"),
            ("SWITCHBOARD_WHATSAPP__ENABLED", "true"),
            ("SWITCHBOARD_WHATSAPP__GRAPH_BASE_URL", base.as_str()),
            ("SWITCHBOARD_WHATSAPP__GRAPH_VERSION", graph::VERSION),
            ("SWITCHBOARD_WHATSAPP__PHONE_NUMBER_ID", graph::NUMBER_ID),
            ("SWITCHBOARD_WHATSAPP__ACCESS_TOKEN", graph::ACCESS_TOKEN),
            ("SWITCHBOARD_WHATSAPP__APP_SECRET", graph::APP_SECRET),
            ("SWITCHBOARD_WHATSAPP__VERIFY_TOKEN", graph::VERIFY_TOKEN),
        ];
        let world = World::start_with(&variables).await;
        let agent = world.agent().await;
        Self {
            receiver: Receiver::start().await,
            agent,
            graph,
            world,
        }
    }

    async fn provider_tells(&self, webhook: &Webhook) {
        let url = format!(
            "http://{}/api/channels/whatsapp/webhook",
            self.world.nobody.address()
        );
        assert_eq!(self.graph.deliver(&url, webhook).await.unwrap(), 200);
    }

    /// The customer asks for a person: the conversation's id and the customer's.
    async fn customer_writes(&self) -> (String, String) {
        let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
        let words = samples::text(CUSTOMER, "wamid.1", "Let me talk to a human");
        let words = samples::with(words, "timestamp", now.to_string().into());
        self.provider_tells(&Webhook::of(words)).await;
        self.graph.wait_for_sent(1).await;
        let listed = self.world.admin.get("/api/conversations").await.body;
        let conversation = &listed["data"][0];
        let id = |field: &str| conversation[field].as_str().unwrap().to_owned();
        (id("id"), id("customerId"))
    }

    /// The agent writes; the provider takes it, and then tells this of it.
    async fn agent_writes(&self, conversation: &str, text: &str, reports: &[&str]) {
        let before = self.graph.sent().len();
        let path = format!("/api/conversations/{conversation}/messages");
        let said = self.agent.post(&path, &json!({"content": text})).await;
        assert_eq!(said.status, 201, "{}", said.text);
        let sent = self.graph.wait_for_sent(before + 1).await;
        assert_eq!(sent.len(), before + 1, "{sent:?}");
        self.becomes(&path, "SENT").await;
        for report in reports {
            let last = &sent[before];
            let status = samples::status(&last.id, report, CUSTOMER, last.reference.as_deref());
            self.provider_tells(&Webhook::of_status(status)).await;
            self.becomes(&path, &report.to_uppercase()).await;
        }
    }

    /// Waits until the newest message has this status.
    async fn becomes(&self, path: &str, status: &str) {
        let waiting = async {
            loop {
                let all = self.agent.get(path).await.body["data"].clone();
                if all.as_array().unwrap().last().unwrap()["status"] == status {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(PATIENCE, waiting).await.expect(status);
    }

    async fn month(&self) -> String {
        let health = self.world.nobody.get("/health").await.body;
        health["timestamp"].as_str().unwrap()[..7].to_owned()
    }

    /// A campaign to the one customer who has its tag.
    async fn campaign(&self) -> String {
        let ann = json!({"name": "Ann", "email": "ann@example.com", "tags": ["news"]});
        let made = self.agent.post("/api/customers", &ann).await;
        assert_eq!(made.status, 201, "{}", made.text);
        let news = json!({"name": "News", "type": "NEWS", "channel": "WEB", "messageTemplate": "Hi {{name}}",
            "targetFilter": {"tags": ["news"]}});
        let made = self.agent.post("/api/campaigns", &news).await;
        let id = made.body["data"]["id"].as_str().unwrap().to_owned();
        let begun = self
            .agent
            .post(&format!("/api/campaigns/{id}/execute"), &json!({}))
            .await;
        assert_eq!(begun.status, 200, "{}", begun.text);
        id
    }

    /// Everything that there is an event for happens.
    async fn everything_happens(&self) -> Story {
        let admin = &self.world.admin;
        let all = WebhookEvent::ALL.map(WebhookEvent::as_str);
        subscribe(admin, &self.receiver.url("/200"), &all).await;
        let gone_url = self.receiver.url("/410");
        let (gone, _) = subscribe(admin, &gone_url, &["message.received"]).await;
        let limits = json!({"totalCredits": null, "monthlyBudget": 4.0});
        assert_eq!(admin.put("/api/business/credits", &limits).await.status, 200);

        let (conversation, customer) = self.customer_writes().await;
        self.agent_writes(&conversation, "Here I am", &["delivered", "read"])
            .await;
        self.agent_writes(&conversation, "Still there?", &["failed"])
            .await;
        self.graph.fail_next(Call::Message, 1, Fault::Code(190));
        let path = format!("/api/conversations/{conversation}");
        self.agent
            .post(&format!("{path}/messages"), &json!({"content": "Goodbye"}))
            .await;
        let closed = self
            .agent
            .post(&format!("{path}/close"), &json!({"reason": "RESOLVED"}))
            .await;
        assert_eq!(closed.status, 200, "{}", closed.text);
        let messages = self.agent.get(&format!("{path}/messages")).await.body["data"].clone();
        let id = |message: &Value| message["id"].as_str().unwrap().to_owned();
        Story {
            campaign: self.campaign().await,
            agent: self.agent.id().await,
            messages: messages.as_array().unwrap().iter().map(id).collect(),
            month: self.month().await,
            gone: gone.rsplit('/').next().unwrap().to_owned(),
            conversation,
            customer,
            gone_url,
        }
    }

    /// Waits until everything expected of the event was heard.
    async fn hears(&self, event: WebhookEvent, expected: &[Value]) {
        let mut heard = Vec::new();
        let waiting = async {
            loop {
                heard = data_of(event.as_str(), &self.receiver.heard("/200"));
                if expected.iter().all(|one| heard.contains(one)) {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let came = tokio::time::timeout(PATIENCE, waiting).await;
        assert!(
            came.is_ok(),
            "{}: {expected:#?}\nheard {heard:#?}",
            event.as_str()
        );
        for one in expected {
            let times = heard.iter().filter(|other| *other == one).count();
            assert_eq!(times, 1, "{}: {one:#}", event.as_str());
        }
    }
}

/// What this event has told, in order.
fn data_of(event: &str, heard: &[Heard]) -> Vec<Value> {
    let of = heard.iter().filter(|one| one.event() == event);
    of.map(|one| serde_json::from_str::<Value>(&one.body).unwrap()["data"].clone())
        .collect()
}

/// The fields that the documentation names for an event: one set for each line about it.
fn documented(document: &Value, event: &str) -> Vec<BTreeSet<String>> {
    let text = document["paths"]["/api/webhooks"]["post"]["description"]
        .as_str()
        .unwrap();
    let lines = text.lines().filter_map(|line| {
        let cells: Vec<_> = line.trim_matches('|').split('|').map(str::trim).collect();
        (cells.len() == 3 && cells[0] == format!("`{event}`")).then(|| cells[2].to_owned())
    });
    lines
        .map(|fields| {
            fields
                .split(", ")
                .map(|field| field.trim_matches('`').to_owned())
                .collect()
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_event_arrives_with_the_fields_that_are_documented() {
    let stage = Stage::set().await;
    let story = stage.everything_happens().await;
    let document = stage.world.nobody.get("/openapi.json").await.body;
    for event in WebhookEvent::ALL {
        let expected = expected(event, &story);
        stage.hears(event, &expected).await;
        let named = documented(&document, event.as_str());
        assert!(!named.is_empty(), "{} is not documented", event.as_str());
        for heard in data_of(event.as_str(), &stage.receiver.heard("/200")) {
            let fields = heard.as_object().unwrap().keys().cloned().collect();
            assert!(
                named.contains(&fields),
                "{}: {fields:?} of {named:?}",
                event.as_str()
            );
        }
    }
}
