//! `/api/memory/memories`: what is remembered of a customer, by the caller's own name for it.

use futures_util::FutureExt;
use switchboard_actors::hub::memories::NewMemory;
use switchboard_domain::memory::MemoryKind;

use super::wire::{MemoriesOut, MemoryChangeIn, MemoryIn, MemoryOut, ToldOut};
use crate::http::failure::named;
use crate::http::reply::{created, no_content, ok};
use crate::http::route::{Access, Call, Param, Reply, Route};

const USER: Param = Param::text(
    "userId",
    "The caller's own name for the customer, its id, or its account's",
);

pub(super) const ROUTES: &[Route] = &[
    Route::post("/api/memory/memories", Access::Caller, |call| {
        store(call).boxed()
    })
    .says("Remember something of a customer")
    .details(
        "One of the same user, type and key is replaced; the answer is 200 then. A customer has at most 200: the \
         short-term, least important, least asked for go first.",
    )
    .takes::<MemoryIn>()
    .answers::<ToldOut>(201),
    Route::read("/api/memory/memories/:userId", Access::Caller, list)
        .says("Tell what is remembered of a customer")
        .path(&[USER])
        .query(&[
            Param::word::<MemoryKind>("type", "Only memories of this type"),
            Param::text("key", "Only the memory of this key"),
        ])
        .answers::<MemoriesOut>(200),
    Route::read("/api/memory/memories/:userId/:memoryId", Access::Caller, get)
        .says("Show a memory")
        .path(&[USER])
        .answers::<MemoryOut>(200),
    Route::put("/api/memory/memories/:userId/:memoryId", Access::Caller, |call| {
        change(call).boxed()
    })
    .says("Change a memory")
    .details("What is absent stays as it is. A short-term memory lasts as long again.")
    .path(&[USER])
    .takes::<MemoryChangeIn>()
    .answers::<MemoryOut>(200),
    Route::delete("/api/memory/memories/:userId/:memoryId", Access::Caller, |call| {
        delete(call).boxed()
    })
    .says("Forget a memory")
    .path(&[USER])
    .answers_nothing(),
];

async fn store(call: Call) -> Reply {
    let new: NewMemory = call.json::<MemoryIn>()?.into();
    let user = new.user.clone();
    let remembered = call.hub().store_memory(call.scope()?, new).await;
    let remembered = remembered.map_err(named(&[("source", "metadata.source")]))?;
    let told = ToldOut::of(&remembered, user);
    if remembered.is_new {
        created(&told)
    } else {
        ok(&told)
    }
}

fn list(call: &Call) -> Reply {
    let (user, kind) = (call.path("userId"), call.query().word("type")?);
    let found = call
        .hub()
        .list_memories(call.scope()?, user, kind, call.query().text("key"))?;
    ok(&MemoriesOut {
        user_id: user.to_owned(),
        memories: found.into_iter().map(MemoryOut::from).collect(),
    })
}

fn get(call: &Call) -> Reply {
    let (user, id) = (call.path("userId"), call.path("memoryId"));
    let memory = call.hub().get_memory(call.scope()?, user, id)?;
    ok(&MemoryOut::from(memory))
}

async fn change(call: Call) -> Reply {
    let change: MemoryChangeIn = call.json()?;
    let (user, id) = (call.path("userId"), call.path("memoryId"));
    let changed = call
        .hub()
        .change_memory(call.scope()?, user, id, change.into())
        .await;
    let changed = changed.map_err(named(&[("source", "metadata.source")]))?;
    ok(&MemoryOut::from(changed))
}

async fn delete(call: Call) -> Reply {
    let (user, id) = (call.path("userId"), call.path("memoryId"));
    call.hub().delete_memory(call.scope()?, user, id).await?;
    no_content()
}
