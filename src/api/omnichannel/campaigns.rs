//! `/api/campaigns`: one message to many customers. Staff and services.
//!
//! Whom a `targetFilter` selects and what a `messageTemplate` may name is told with the fields in `wire`.

mod wire;

use bytes::Bytes;
use futures_util::FutureExt;
use hyper::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue};
use switchboard_actors::error::HubError;
use switchboard_domain::id::CampaignId;

use self::wire::{CampaignIn, CampaignOut, CostedOut, ExecutedOut, PreflightOut, RecipientOut, StatusIn};
use super::wire::{Data, Listed};
use crate::http::page::Numbered;
use crate::http::reply::{created, no_content, ok};
use crate::http::route::{Access, Answer, Call, Param, Reply, Route};

/// Entries on a page, unless the caller says otherwise.
const PAGE: usize = 20;

/// Asks before it changes anything: programs that look at mails open links.
const ASK: &str = include_str!("campaigns/unsubscribe.html");
/// Says that it is done.
const DONE: &str = include_str!("campaigns/unsubscribed.html");

pub(super) const ROUTES: &[Route] = &[
    Route::read("/api/campaigns", Access::Staff, list)
        .says("List campaigns")
        .query(&[
            Param::PAGE,
            Param::LIMIT,
            Param::word::<StatusIn>("status", "Only campaigns of this status"),
        ])
        .answers::<Listed<CampaignOut>>(200),
    Route::post("/api/campaigns", Access::Staff, |call| create(call).boxed())
        .says("Write a campaign")
        .details(
            "With `scheduledAt` it starts by itself. An unknown filter key or template variable is a validation error.",
        )
        .takes::<CampaignIn>()
        .answers::<Data<CampaignOut>>(201),
    Route::read("/api/campaigns/:id", Access::Staff, get)
        .says("Show a campaign with what it has cost")
        .answers::<Data<CostedOut>>(200),
    Route::put("/api/campaigns/:id", Access::Staff, |call| replace(call).boxed())
        .says("Replace a campaign that has not begun")
        .takes::<CampaignIn>()
        .answers::<Data<CampaignOut>>(200),
    Route::delete("/api/campaigns/:id", Access::Staff, |call| delete(call).boxed())
        .says("Delete a campaign that is not running")
        .answers_nothing(),
    Route::act("/api/campaigns/:id/execute", Access::Staff, |call| {
        execute(call).boxed()
    })
    .says("Start a campaign now")
    .answers::<Data<ExecutedOut>>(200),
    Route::read("/api/campaigns/:id/preflight", Access::Staff, preflight)
        .says("Look at whom a campaign would go to")
    .details("Nothing is sent. Tells who is left out and why, and which variables have no value for whom.")
    .answers::<Data<PreflightOut>>(200),
    Route::act("/api/campaigns/:id/pause", Access::Staff, |call| pause(call).boxed())
        .says("Pause a running campaign")
        .answers::<Data<CampaignOut>>(200),
    Route::act("/api/campaigns/:id/resume", Access::Staff, |call| {
        resume(call).boxed()
    })
    .says("Let a paused campaign go on")
    .answers::<Data<CampaignOut>>(200),
    Route::read("/api/campaigns/unsubscribe/:token", Access::Public, ask)
        .says("Show the page that ends campaigns to a customer")
        .details("The link in every mail of a campaign. Opening it changes nothing; its button does.")
        .answers_with("text/html"),
    Route::act("/api/campaigns/unsubscribe/:token", Access::Public, |call| {
        unsubscribe(call).boxed()
    })
    .says("End campaigns to a customer with one click")
    .details("RFC 8058; the body is not read.")
    .answers_with("text/html"),
    Route::act("/api/campaigns/:id/cancel", Access::Staff, |call| {
        cancel(call).boxed()
    })
    .says("Stop a campaign")
    .details("What was sent stays sent.")
    .answers::<Data<CampaignOut>>(200),
    Route::read("/api/campaigns/:id/recipients", Access::Staff, list_recipients)
        .says("List what has become of each recipient")
        .query(&[Param::PAGE, Param::LIMIT])
        .answers::<Listed<RecipientOut>>(200),
];

fn list(call: &Call) -> Reply {
    let page = Numbered::of(call.query(), PAGE)?;
    let status = call.query().word::<StatusIn>("status")?;
    let found = call
        .hub()
        .list_campaigns(call.scope()?, status.map(|StatusIn(status)| status))?;
    ok(&Listed::page(page, found, CampaignOut::from))
}

async fn create(call: Call) -> Reply {
    let new = call.json::<CampaignIn>()?.into_new()?;
    let made = call.hub().create_campaign(call.scope()?, new).await?;
    created(&Data::new(CampaignOut::from(made)))
}

fn get(call: &Call) -> Reply {
    let (scope, id) = (call.scope()?, id(call)?);
    let campaign = call.hub().get_campaign(scope, id)?;
    let cost = call.hub().campaign_cost(scope, id)?;
    ok(&Data::new(CostedOut::new(campaign, cost)))
}

async fn replace(call: Call) -> Reply {
    let new = call.json::<CampaignIn>()?.into_new()?;
    let replaced = call.hub().update_campaign(call.scope()?, id(&call)?, new).await?;
    ok(&Data::new(CampaignOut::from(replaced)))
}

async fn delete(call: Call) -> Reply {
    call.hub().delete_campaign(call.scope()?, id(&call)?).await?;
    no_content()
}

async fn execute(call: Call) -> Reply {
    let begun = call.hub().execute_campaign(call.scope()?, id(&call)?).await?;
    ok(&Data::new(ExecutedOut::from(begun)))
}

fn preflight(call: &Call) -> Reply {
    let look = call.hub().preflight_campaign(call.scope()?, id(call)?)?;
    ok(&Data::new(PreflightOut::from(look)))
}

async fn pause(call: Call) -> Reply {
    let paused = call.hub().pause_campaign(call.scope()?, id(&call)?).await?;
    ok(&Data::new(CampaignOut::from(paused)))
}

async fn resume(call: Call) -> Reply {
    let resumed = call.hub().resume_campaign(call.scope()?, id(&call)?).await?;
    ok(&Data::new(CampaignOut::from(resumed)))
}

fn ask(call: &Call) -> Reply {
    call.hub().check_unsubscribe_token(call.path("token"))?;
    Ok(page(ASK))
}

async fn unsubscribe(call: Call) -> Reply {
    call.hub().unsubscribe(call.path("token")).await?;
    Ok(page(DONE))
}

fn page(html: &'static str) -> Answer {
    let mut answer = Answer::new(Bytes::from_static(html.as_bytes()));
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'",
        ),
    );
    answer
}

async fn cancel(call: Call) -> Reply {
    let cancelled = call.hub().cancel_campaign(call.scope()?, id(&call)?).await?;
    ok(&Data::new(CampaignOut::from(cancelled)))
}

fn list_recipients(call: &Call) -> Reply {
    let page = Numbered::of(call.query(), PAGE)?;
    let found = call
        .hub()
        .list_recipients(call.scope()?, id(call)?, page.skip(), page.limit)?;
    ok(&Listed::of(page, found.items, found.total, RecipientOut::from))
}

fn id(call: &Call) -> Result<CampaignId, HubError> {
    CampaignId::parse(call.path("id")).ok_or(HubError::NotFound("campaign"))
}
