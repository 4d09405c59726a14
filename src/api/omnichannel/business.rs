//! `/api/business`: the organization itself, and how its assistant is to speak.

use futures_util::FutureExt;

use super::wire::Data;
use super::wire::business::{AiConfigIn, AiConfigOut, BusinessIn, BusinessOut, CreditsIn, CreditsOut};
use crate::http::failure::named;
use crate::http::reply::ok;
use crate::http::route::{Access, Call, Reply, Route};

/// The hub's names of what the assistant's configuration calls otherwise.
const NAMES: &[(&str, &str)] = &[
    ("prompt", "customPrompt"),
    ("prohibited_topics", "prohibitedTopics"),
    ("fallback_message", "fallbackMessage"),
];

pub(super) const ROUTES: &[Route] = &[
    Route::read("/api/business/me", Access::Staff, get)
        .says("Show the organization")
        .details("What it has not set is null.")
        .answers::<Data<BusinessOut>>(200),
    Route::put("/api/business/me", Access::Admin, |call| change(call).boxed())
        .says("Change what the organization tells about itself")
        .takes::<BusinessIn>()
        .answers::<Data<BusinessOut>>(200),
    Route::read("/api/business/ai-config", Access::Admin, get_ai_config)
        .says("Show how the assistant is steered")
        .answers::<Data<AiConfigOut>>(200),
    Route::put("/api/business/ai-config", Access::Admin, |call| {
        change_ai_config(call).boxed()
    })
    .says("Steer the assistant")
    .details("It holds from the next answer on.")
    .takes::<AiConfigIn>()
    .answers::<Data<AiConfigOut>>(200),
    Route::read("/api/business/credits", Access::Staff, get_credits)
        .says("Show what may be spent and what was")
        .answers::<Data<CreditsOut>>(200),
    Route::put("/api/business/credits", Access::Admin, |call| {
        put_credits(call).boxed()
    })
    .says("Set what may be spent")
    .details("A budget used up pauses paid answers: the embedded assistant goes on. Null: no limit.")
    .takes::<CreditsIn>()
    .answers::<Data<CreditsOut>>(200),
];

fn get(call: &Call) -> Reply {
    let business = call.hub().get_business(call.scope()?)?;
    ok(&Data::new(BusinessOut::from(business)))
}

async fn change(call: Call) -> Reply {
    let business: BusinessIn = call.json()?;
    let changed = call.hub().update_business(call.scope()?, business.into()).await?;
    ok(&Data::new(BusinessOut::from(changed)))
}

fn get_ai_config(call: &Call) -> Reply {
    let settings = call.hub().get_settings(call.scope()?)?;
    ok(&Data::new(AiConfigOut::from(settings.as_ref())))
}

async fn change_ai_config(call: Call) -> Reply {
    let config: AiConfigIn = call.json()?;
    let changed = call
        .hub()
        .change_settings(call.scope()?, |settings| config.apply(settings))
        .await
        .map_err(named(NAMES))?;
    ok(&Data::new(AiConfigOut::from(changed.as_ref())))
}

fn get_credits(call: &Call) -> Reply {
    let credits = call.hub().get_credits(call.scope()?)?;
    ok(&Data::new(CreditsOut::from(credits)))
}

async fn put_credits(call: Call) -> Reply {
    let credits: CreditsIn = call.json()?;
    let set = call.hub().put_credits(call.scope()?, credits.budget()?).await?;
    ok(&Data::new(CreditsOut::from(set)))
}
