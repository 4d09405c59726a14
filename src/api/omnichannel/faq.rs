//! `/api/faq`: the questions customers ask often, with the answers they get verbatim. Staff and services.

use futures_util::FutureExt;
use switchboard_actors::error::HubError;
use switchboard_domain::id::FaqId;

use super::wire::faq::{FaqIn, FaqOut};
use super::wire::{Data, Listed};
use crate::http::page::Numbered;
use crate::http::reply::{created, no_content, ok};
use crate::http::route::{Access, Call, Param, Reply, Route};

/// FAQs on a page, unless the caller says otherwise.
const PAGE: usize = 20;

pub(super) const ROUTES: &[Route] = &[
    Route::read("/api/faq", Access::Staff, list)
        .says("List FAQs")
        .query(&[
            Param::PAGE,
            Param::LIMIT,
            Param::text("category", "Only FAQs of this category"),
        ])
        .answers::<Listed<FaqOut>>(200),
    Route::post("/api/faq", Access::Staff, |call| create(call).boxed())
        .says("Add a FAQ")
        .takes::<FaqIn>()
        .answers::<Data<FaqOut>>(201),
    Route::read("/api/faq/:id", Access::Staff, get)
        .says("Show a FAQ")
        .answers::<Data<FaqOut>>(200),
    Route::put("/api/faq/:id", Access::Staff, |call| replace(call).boxed())
        .says("Replace a FAQ")
        .takes::<FaqIn>()
        .answers::<Data<FaqOut>>(200),
    Route::delete("/api/faq/:id", Access::Staff, |call| delete(call).boxed())
        .says("Delete a FAQ")
        .answers_nothing(),
];

fn list(call: &Call) -> Reply {
    let page = Numbered::of(call.query(), PAGE)?;
    let category = call.query().text("category");
    let faqs = call.hub().list_faqs(call.scope()?.organization, category)?;
    ok(&Listed::page(page, faqs, FaqOut::from))
}

async fn create(call: Call) -> Reply {
    let faq: FaqIn = call.json()?;
    let made = call.hub().create_faq(call.scope()?, faq.into()).await?;
    created(&Data::new(FaqOut::from(made)))
}

fn get(call: &Call) -> Reply {
    let faq = call.hub().get_faq(call.scope()?, id(call)?)?;
    ok(&Data::new(FaqOut::from(faq)))
}

async fn replace(call: Call) -> Reply {
    let faq: FaqIn = call.json()?;
    let replaced = call
        .hub()
        .update_faq(call.scope()?, id(&call)?, faq.into())
        .await?;
    ok(&Data::new(FaqOut::from(replaced)))
}

async fn delete(call: Call) -> Reply {
    call.hub().delete_faq(call.scope()?, id(&call)?).await?;
    no_content()
}

fn id(call: &Call) -> Result<FaqId, HubError> {
    FaqId::parse(call.path("id")).ok_or(HubError::NotFound("FAQ"))
}
