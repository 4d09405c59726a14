//! `/api/admin/system-config`: what an organization has decided about its assistant. Admins alone.

use futures_util::FutureExt;

use super::wire::{ConfigIn, ConfigOut};
use crate::http::reply::ok;
use crate::http::route::{Access, Call, Reply, Route};

pub(super) const ROUTES: &[Route] = &[
    Route::read("/api/admin/system-config", Access::Admin, read)
        .says("Show how the assistant is set up")
        .answers::<ConfigOut>(200),
    Route::put("/api/admin/system-config", Access::Admin, |call| {
        change(call).boxed()
    })
    .says("Change how the assistant is set up")
    .details("What is absent or null stays as it is.")
    .takes::<ConfigIn>()
    .answers::<ConfigOut>(200),
];

fn read(call: &Call) -> Reply {
    let settings = call.hub().get_settings(call.scope()?)?;
    ok(&ConfigOut::from(settings.as_ref()))
}

async fn change(call: Call) -> Reply {
    let change: ConfigIn = call.json()?;
    let settings = call
        .hub()
        .change_settings(call.scope()?, |settings| change.apply(settings))
        .await?;
    ok(&ConfigOut::from(settings.as_ref()))
}
