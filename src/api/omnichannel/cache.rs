//! `/api/cache`: answers that were given before, for whoever asks the same again. Staff and services.

use futures_util::FutureExt;

use super::wire::Data;
use super::wire::cache::{CacheStatsOut, WarmIn, WarmedOut};
use crate::http::reply::{no_content, ok};
use crate::http::route::{Access, Call, Reply, Route};

pub(super) const ROUTES: &[Route] = &[
    Route::read("/api/cache/stats", Access::Staff, stats)
        .says("Show how the answer cache has done")
        .answers::<Data<CacheStatsOut>>(200),
    Route::post("/api/cache/warm", Access::Staff, |call| warm(call).boxed())
        .says("Answer questions before customers ask them")
        .details("Where answers must be paid for, so must these.")
        .takes::<WarmIn>()
        .answers::<Data<WarmedOut>>(200),
    Route::delete("/api/cache/clear", Access::Staff, |call| {
        async move { clear(&call) }.boxed()
    })
    .says("Forget every kept answer")
    .answers_nothing(),
];

fn stats(call: &Call) -> Reply {
    let stats = call.hub().cache_stats(call.scope()?)?;
    ok(&Data::new(CacheStatsOut::from(stats)))
}

async fn warm(call: Call) -> Reply {
    let WarmIn { queries } = call.json()?;
    let warmed = call.hub().warm_cache(call.scope()?, &queries).await?;
    ok(&Data::new(WarmedOut::from(warmed)))
}

fn clear(call: &Call) -> Reply {
    call.hub().clear_cache(call.scope()?)?;
    no_content()
}
