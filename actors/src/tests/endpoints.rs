//! Scripted endpoints of webhooks: they take notices, refuse them, or never answer; and a core that tells them.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use serde_json::Value;
use switchboard_domain::cost::Money;
use switchboard_domain::id::WebhookId;
use switchboard_domain::outbox::{ErrandState, LEASE, Lane};
use switchboard_domain::ports::BoxFuture;
use switchboard_domain::ports::poster::{Answered, Post, PostError, Poster};
use switchboard_domain::scope::Scope;
use switchboard_domain::webhook::Delivery;

use super::world::{World, settings};
use crate::channel::ChannelPorts;
use crate::hub::notices::NoticePage;
use crate::hub::webhooks::WebhookChange;

pub(super) const SHOP: &str = "https://shop.example/hook";
pub(super) const OTHER: &str = "https://other.example/hook";

/// Endpoints on the other side, which take everything unless they are told otherwise.
#[derive(Debug, Default)]
pub(super) struct Endpoints {
    taken: Mutex<Vec<Post>>,
    pub(super) asked: Mutex<Vec<Post>>,
    answers: Mutex<HashMap<&'static str, Option<u16>>>,
}

impl Endpoints {
    /// From now on this endpoint answers so; none: never.
    pub(super) fn answer(&self, url: &'static str, status: Option<u16>) {
        self.answers.lock().insert(url, status);
    }

    pub(super) fn asked(&self, url: &str) -> usize {
        self.asked.lock().iter().filter(|post| post.url == url).count()
    }

    /// What this endpoint has taken: events and the notices' ids.
    pub(super) fn taken(&self, url: &str) -> Vec<(String, String)> {
        let taken = self.taken.lock();
        let of = taken.iter().filter(|post| post.url == url);
        let read = |post: &Post| {
            let body: Value = serde_json::from_str(&post.body).unwrap();
            let id = post.headers.iter().find(|(name, _)| *name == "webhook-id");
            (body["event"].as_str().unwrap().to_owned(), id.unwrap().1.clone())
        };
        of.map(read).collect()
    }

    /// The words of the messages that this endpoint was told of, in the order in which it took them.
    pub(super) fn said_to(&self, url: &str) -> Vec<String> {
        let taken = self.taken.lock();
        let of = taken.iter().filter(|post| post.url == url);
        let read = |post: &Post| serde_json::from_str::<Value>(&post.body).unwrap();
        of.map(|post| read(post)["data"]["content"].as_str().unwrap().to_owned())
            .collect()
    }

    pub(super) fn events(&self, url: &str) -> Vec<String> {
        self.taken(url).into_iter().map(|(event, _)| event).collect()
    }

    /// Everything that was taken by anybody, in order.
    pub(super) fn bodies(&self) -> Vec<Value> {
        let taken = self.taken.lock();
        let bodies = taken.iter().map(|post| serde_json::from_str(&post.body).unwrap());
        bodies.collect()
    }

    /// What the first notice of this event told.
    pub(super) fn data(&self, event: &str) -> Value {
        let mut bodies = self.bodies().into_iter();
        bodies.find(|body| body["event"] == event).unwrap()["data"].clone()
    }
}

impl Poster for Endpoints {
    fn post(&self, post: Post) -> BoxFuture<'_, Result<Answered, PostError>> {
        Box::pin(async move {
            self.asked.lock().push(post.clone());
            let answer = self.answers.lock().get(post.url.as_str()).copied();
            let status = match answer {
                Some(None) => std::future::pending().await,
                Some(Some(status)) => status,
                None => 204,
            };
            if (200..300).contains(&status) {
                self.taken.lock().push(post);
            }
            Ok(Answered {
                status,
                retry_after: None,
            })
        })
    }

    fn check(&self, _: &str) -> Result<(), String> {
        Ok(())
    }
}

/// A core whose notices go to the endpoints, and where a thousand tokens cost a unit.
pub(super) async fn world() -> (World, Arc<Endpoints>) {
    let endpoints = Arc::new(Endpoints::default());
    let poster: Arc<dyn Poster> = Arc::<Endpoints>::clone(&endpoints);
    let channels = ChannelPorts {
        poster: Some(poster),
        ..ChannelPorts::default()
    };
    let mut paid = settings();
    paid.prices.chat_input = Money::from_millionths(1_000_000);
    (World::with_channels(paid, channels).await, endpoints)
}

impl World {
    pub(super) fn admin(&self) -> Scope {
        Scope::hub(self.hub.credentials().default_organization().unwrap())
    }

    pub(super) async fn subscribe(&self, url: &str, events: &[&str]) -> WebhookId {
        let change = WebhookChange {
            url: Some(url.to_owned()),
            events: Some(events.iter().map(|&event| event.to_owned()).collect()),
            is_active: None,
        };
        self.hub.create_webhook(&self.admin(), change).await.unwrap().id
    }

    pub(super) fn notices(&self, webhook: WebhookId) -> Vec<Delivery> {
        let page = NoticePage {
            limit: 100,
            ..NoticePage::default()
        };
        self.hub.list_deliveries(&self.admin(), webhook, page).unwrap().0
    }

    pub(super) fn is_active(&self, webhook: WebhookId) -> bool {
        self.hub.get_webhook(&self.admin(), webhook).unwrap().is_active
    }

    /// Time goes on until it holds, never by so much that an attempt under way seems to have been given up.
    pub(super) async fn passes_until(&self, webhook: WebhookId, what: &str, holds: impl Fn() -> bool) {
        let (records, lane) = (self.hub.services().records(), Lane::Webhook(webhook));
        let is_at_rest = || {
            let all = records.list_errands_due(lane, self.hub.services().now().after(10 * LEASE), 100);
            all.unwrap()
                .iter()
                .all(|one| one.record.state != ErrandState::Claimed)
        };
        for _ in 0..20_000 {
            if holds() {
                return;
            }
            self.go_on(LEASE / 2);
            tokio::time::sleep(Duration::from_millis(1)).await;
            self.until("rest", is_at_rest).await;
        }
        panic!("never came: {what}");
    }

    /// The next sweep of Housekeeping.
    pub(super) async fn remove_ended(&self) {
        let records = self.hub.services().records();
        let ended = records
            .ended_deliveries(self.hub.services().now(), 1_000)
            .unwrap();
        records.commit(ended).await.unwrap();
    }
}
