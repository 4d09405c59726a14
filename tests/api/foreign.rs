//! Another organization's records: every route that names one is called for it by a stranger's admin, with a body that
//! the route would take. The routes come from the families' tables, the bodies from the API description.

use hyper::Method;
use serde_json::{Value, json};
use switchboard::api::FAMILIES;
use switchboard::http::route::{Access, Route};
use switchboard_actors::hub::campaigns::NewCampaign;
use switchboard_actors::hub::webhooks::WebhookChange;
use switchboard_actors::records::mailboxes::{self, MailCursor, QuarantinedMail};
use switchboard_domain::campaign::target::Target;
use switchboard_domain::customer::Channel;
use switchboard_domain::ports::engine::Batch;

use super::wrong_input::assert_form;
use crate::support::{Persona, World};

/// The records of one organization that routes can name: what stands before the capture, and the id.
struct Records(Vec<(&'static str, String)>);

impl Records {
    /// One record of each kind, made by the hub itself: whatever families there are can name them.
    async fn make(world: &World) -> Self {
        let customer = world.customer().await;
        let conversation = customer.asks("own", "Hello").await.conversation;
        let (conversation, number) = (conversation.id.to_string(), conversation.number.to_string());
        let faq = world.knows("Open?", "Always.").await;
        let log = customer.reports("Login", "It fails").await;
        let person = world.customers()[0].id.to_string();
        let (campaign, webhook, key) = Self::make_of_staff(world).await;
        let (user, faqs, faq) = (customer.id().await, faq.number.to_string(), faq.id.to_string());
        let log = log.number.to_string();
        let mail = quarantined(world).await;
        Self(vec![
            ("/api/channels/email/quarantine/", mail),
            ("/api/channels/messages/failed/", format!("{conversation}.1")),
            ("/api/channels/email/messages/", format!("{conversation}.1")),
            ("/conversations/", conversation.clone()),
            ("/api/core/sessions/", conversation.clone()),
            ("/api/admin/sessions/", conversation.clone()),
            ("/api/chat/rooms/", conversation.clone()),
            ("/api/conversations/", conversation),
            ("/api/v1/chat/conversations/", number),
            ("/api/v1/chat/faqs/", faqs),
            ("/api/faq/", faq),
            ("/api/v1/logs/logs/", log),
            ("/api/customers/", person.clone()),
            ("/api/memory/memories/", person),
            ("/api/campaigns/", campaign),
            ("/api/webhooks/", webhook),
            ("/api/admin/users/", user),
            ("/api/admin/api-keys/", key),
        ])
    }

    /// A campaign, a webhook and an API key.
    async fn make_of_staff(world: &World) -> (String, String, String) {
        let admin = world.admin.scope().await;
        let campaign = NewCampaign {
            name: "News".to_owned(),
            purpose: "news".to_owned(),
            channel: Channel::Web,
            scheduled_at: None,
            target: Target::default(),
            template: "News".to_owned(),
            quiet: None,
            subject: None,
            approved: None,
        };
        let campaign = world.hub.create_campaign(&admin, campaign).await.unwrap();
        let webhook = WebhookChange {
            url: Some("https://hooks.invalid/hook".to_owned()),
            events: Some(vec!["message.received".to_owned()]),
            is_active: None,
        };
        let webhook = world.hub.create_webhook(&admin, webhook).await.unwrap();
        let (key, _) = world.hub.create_api_key(&admin, "k", &[]).await.unwrap();
        (
            campaign.id.to_string(),
            webhook.id.to_string(),
            key.id.to_string(),
        )
    }

    /// The route's path with the id of a record in place of its first capture, and something unknown in later ones.
    fn path(&self, route: &Route) -> String {
        let (before, behind) = route.pattern.split_once("/:").unwrap();
        let before = format!("{before}/");
        let found = self.0.iter().find(|(prefix, _)| *prefix == before);
        let (_, id) = found.unwrap_or_else(|| panic!("make a record that {} can name", route.pattern));
        let rest = behind.split_once('/').map_or("", |(_, rest)| rest);
        let segments = rest.split('/').filter(|segment| !segment.is_empty());
        segments.fold(format!("{before}{id}"), |path, segment| {
            let segment = if segment.starts_with(':') {
                "nothing"
            } else {
                segment
            };
            format!("{path}/{segment}")
        })
    }
}

/// A mail that could not be understood; its id.
async fn quarantined(world: &World) -> String {
    let services = world.hub.services();
    let raw = services.ports.blobs.put(b"no mail".to_vec()).await.unwrap();
    let mail = QuarantinedMail {
        raw,
        bytes: 7,
        at: services.now(),
        folder: "INBOX".to_owned(),
        place: MailCursor::default(),
        reason: "it is none".to_owned(),
        is_cut: false,
    };
    let organization = world.hub.credentials().default_organization().unwrap();
    let mut batch = Batch::new();
    mailboxes::quarantine(&mut batch, organization, &mail).unwrap();
    services.records().commit(batch).await.unwrap();
    raw.to_string()
}

/// The example of a route's body in the API description.
fn example(document: &Value, route: &Route) -> Value {
    let segments = route.pattern.split('/').map(|segment| {
        let capture = segment.strip_prefix(':');
        capture.map_or_else(|| segment.to_owned(), |name| format!("{{{name}}}"))
    });
    let path = segments.collect::<Vec<_>>().join("/");
    let method = route.method.as_str().to_lowercase();
    let content = &document["paths"][&path][&method]["requestBody"]["content"]["application/json"];
    let example = &content["example"];
    if example.is_null() {
        json!({})
    } else {
        example.clone()
    }
}

/// Routes that name a record, not those that everybody may call.
fn naming() -> impl Iterator<Item = (&'static str, &'static Route)> {
    let all = FAMILIES.iter().flat_map(|family| {
        let routes = family.routes.iter().copied().flatten();
        routes.map(|route| (family.name, route))
    });
    all.filter(|(_, route)| route.pattern.contains("/:") && route.access != Access::Public)
}

async fn refused(family: &str, persona: &Persona, route: &Route, path: &str, body: &Value) {
    let answer = persona.json(route.method.clone(), path, body).await;
    let of_a_name = route.pattern.starts_with("/api/memory/memories/:userId") && answer.status == 200;
    if of_a_name {
        assert_eq!(answer.body["memories"], json!([]), "{}", answer.text);
        return;
    }
    assert_eq!(answer.status, 404, "{} {path}: {}", route.method, answer.text);
    assert_form(family, &answer);
}

#[tokio::test]
async fn another_organizations_records_do_not_exist() {
    let world = World::start().await;
    let (records, other) = (Records::make(&world).await, world.other_admin().await);
    let document = world.nobody.get("/openapi.json").await.body;
    for (family, route) in naming() {
        let (path, body) = (records.path(route), example(&document, route));
        refused(family, &other, route, &path, &body).await;
    }
}

#[tokio::test]
async fn another_customers_records_do_not_exist() {
    let world = World::start().await;
    let (records, stranger) = (Records::make(&world).await, world.stranger().await);
    let document = world.nobody.get("/openapi.json").await.body;
    for (family, route) in naming().filter(|(_, route)| route.access == Access::Caller) {
        if route.pattern.starts_with("/api/memory/memories/:userId") {
            continue;
        }
        let (path, body) = (records.path(route), example(&document, route));
        refused(family, &stranger, route, &path, &body).await;
    }
}

#[tokio::test]
async fn no_list_shows_another_organizations_records() {
    let world = World::start().await;
    let (records, other) = (Records::make(&world).await, world.other_admin().await);
    let lists = FAMILIES
        .iter()
        .flat_map(|family| family.routes.iter().copied().flatten())
        .filter(|route| route.method == Method::GET && !route.pattern.contains("/:"));
    for route in lists.filter(|route| route.access != Access::Public) {
        let answer = other.get(route.pattern).await;
        assert!(answer.status < 500, "{}: {}", route.pattern, answer.text);
        for (_, id) in records.0.iter().filter(|(_, id)| id.len() > 20) {
            assert!(
                !answer.text.contains(id.as_str()),
                "{}: {}",
                route.pattern,
                answer.text
            );
        }
    }
}
