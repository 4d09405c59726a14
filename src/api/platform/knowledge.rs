//! `/api/memory`: what the assistant answers from, stored and searched.

use futures_util::FutureExt;

use super::convert::own_organization;
use super::wire::{FoundOut, SearchIn, StoredOut, VectorIn};
use crate::http::failure::named;
use crate::http::page::MAX_LIMIT;
use crate::http::reply::{created, ok};
use crate::http::route::{Access, Call, Reply, Route};

/// Results of a search, unless the caller says otherwise.
const RESULTS: usize = 5;

pub(super) const ROUTES: &[Route] = &[
    Route::post("/api/memory/vectors", Access::Staff, |call| store(call).boxed())
        .says("Store a text to answer from")
        .takes::<VectorIn>()
        .answers::<StoredOut>(201),
    Route::post("/api/memory/knowledge/search", Access::Caller, |call| {
        search(call).boxed()
    })
    .says("Search what is known by meaning")
    .takes::<SearchIn>()
    .answers::<FoundOut>(200),
];

async fn store(call: Call) -> Reply {
    let vector: VectorIn = call.json()?;
    own_organization(call.scope()?, vector.organization())?;
    let stored = call.hub().store_passage(call.scope()?, vector.into()).await;
    let stored = stored.map_err(named(&[
        ("title", "metadata.title"),
        ("source", "metadata.source"),
        ("sourceId", "metadata.sourceId"),
        ("url", "metadata.url"),
    ]))?;
    created(&StoredOut::from(stored))
}

async fn search(call: Call) -> Reply {
    let search: SearchIn = call.json()?;
    own_organization(call.scope()?, search.organization_id.as_deref())?;
    let limit = search.limit.map_or(RESULTS, |limit| limit.0).min(MAX_LIMIT);
    let sources = call
        .hub()
        .search_knowledge(call.scope()?, &search.query, limit)
        .await?;
    ok(&FoundOut::from(sources))
}
