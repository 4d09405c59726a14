//! `/api/webhooks`: subscriptions of the organization's own systems. Admins.

use futures_util::FutureExt;
use switchboard_actors::error::HubError;
use switchboard_actors::hub::notices::NoticePage;
use switchboard_domain::id::{DeliveryId, WebhookId};

use super::wire::webhooks::{DeliveryOut, SecretOut, WebhookIn, WebhookOut};
use super::wire::{Data, Listed};
use crate::http::body::FieldError;
use crate::http::page::Numbered;
use crate::http::reply::{created, no_content, ok};
use crate::http::route::{Access, Call, Param, Reply, Route};

/// Entries on a page, unless the caller says otherwise.
const PAGE: usize = 20;
/// What each event tells, and when.
const EVENTS: &str = include_str!("webhooks/events.md");
const BEFORE: Param = Param::text("before", "Only notices older than the one of this id");

pub(super) const ROUTES: &[Route] = &[
    Route::read("/api/webhooks", Access::Admin, list)
        .says("List webhooks")
        .query(&[Param::PAGE, Param::LIMIT])
        .answers::<Listed<WebhookOut>>(200),
    Route::post("/api/webhooks", Access::Admin, |call| create(call).boxed())
        .says("Subscribe to events")
        .details(EVENTS)
        .takes::<WebhookIn>()
        .answers::<Data<SecretOut>>(201)
        .secret(),
    Route::read("/api/webhooks/:id", Access::Admin, get)
        .says("Show a webhook")
        .answers::<Data<WebhookOut>>(200),
    Route::put("/api/webhooks/:id", Access::Admin, |call| change(call).boxed())
        .says("Change a webhook")
        .details("What is absent or null stays as it is, and so does the secret.")
        .takes::<WebhookIn>()
        .answers::<Data<WebhookOut>>(200),
    Route::delete("/api/webhooks/:id", Access::Admin, |call| delete(call).boxed())
        .says("Delete a webhook")
        .answers_nothing(),
    Route::act("/api/webhooks/:id/rotate-secret", Access::Admin, |call| {
        rotate(call).boxed()
    })
    .says("Give a webhook a new secret")
    .details("The new one is told this once; `webhook-signature` carries one with the old secret, too, for 24 hours.")
    .answers::<Data<SecretOut>>(200)
    .secret(),
    Route::read("/api/webhooks/:id/deliveries", Access::Admin, deliveries)
        .says("List a webhook's notices")
        .details("Newest first. Taken ones are kept for 7 days, given up ones for 30.")
        .query(&[Param::PAGE, Param::LIMIT, BEFORE])
        .answers::<Listed<DeliveryOut>>(200),
    Route::act(
        "/api/webhooks/:id/deliveries/:delivery/redeliver",
        Access::Admin,
        |call| redeliver(call).boxed(),
    )
    .says("Send a notice again")
    .details("Whatever became of it; it keeps its id.")
    .answers::<Data<DeliveryOut>>(200),
];

fn list(call: &Call) -> Reply {
    let page = Numbered::of(call.query(), PAGE)?;
    let webhooks = call.hub().list_webhooks(call.scope()?)?;
    ok(&Listed::page(page, webhooks, WebhookOut::from))
}

async fn create(call: Call) -> Reply {
    let webhook: WebhookIn = call.json()?;
    let made = call.hub().create_webhook(call.scope()?, webhook.into()).await?;
    created(&Data::new(SecretOut::from(made)))
}

fn get(call: &Call) -> Reply {
    let webhook = call.hub().get_webhook(call.scope()?, id(call)?)?;
    ok(&Data::new(WebhookOut::from(webhook)))
}

async fn change(call: Call) -> Reply {
    let webhook: WebhookIn = call.json()?;
    let changed = call
        .hub()
        .update_webhook(call.scope()?, id(&call)?, webhook.into())
        .await?;
    ok(&Data::new(WebhookOut::from(changed)))
}

async fn delete(call: Call) -> Reply {
    call.hub().delete_webhook(call.scope()?, id(&call)?).await?;
    no_content()
}

async fn rotate(call: Call) -> Reply {
    let rotated = call
        .hub()
        .rotate_webhook_secret(call.scope()?, id(&call)?)
        .await?;
    ok(&Data::new(SecretOut::from(rotated)))
}

fn deliveries(call: &Call) -> Reply {
    let page = Numbered::of(call.query(), PAGE)?;
    let asked = NoticePage {
        before: before(call)?,
        skip: page.skip(),
        limit: page.limit,
    };
    let (found, total) = call.hub().list_deliveries(call.scope()?, id(call)?, asked)?;
    ok(&Listed::of(page, found, total, DeliveryOut::from))
}

async fn redeliver(call: Call) -> Reply {
    let delivery = DeliveryId::parse(call.path("delivery")).ok_or(HubError::NotFound("delivery"))?;
    let again = call.hub().redeliver(call.scope()?, id(&call)?, delivery).await?;
    ok(&Data::new(DeliveryOut::from(again)))
}

/// The notice behind which a page begins.
fn before(call: &Call) -> Result<Option<DeliveryId>, FieldError> {
    let Some(named) = call.query().text("before") else {
        return Ok(None);
    };
    let wrong = || FieldError::new("before", "a notice's id").in_query();
    DeliveryId::parse(named).ok_or_else(wrong).map(Some)
}

fn id(call: &Call) -> Result<WebhookId, HubError> {
    WebhookId::parse(call.path("id")).ok_or(HubError::NotFound("webhook"))
}
