//! Sessions: the context their customers' callers see, and what staff see of them.
//!
//! `GET /api/admin/sessions/:sessionId` answers the newest messages, at most 1000; `after` (a sequence) with `limit`
//! reads on from there.

use futures_util::FutureExt;
use switchboard_actors::hub::conversations::ConversationFilter;
use switchboard_domain::customer::Channel;
use switchboard_domain::id::ConversationId;

use super::wire::{
    ContextOut, PaginationOut, ResetOut, SentOut, SessionDetailOut, SessionOut, SessionsOut, WritingIn,
};
use crate::http::body::FieldError;
use crate::http::failure::named;
use crate::http::page::{self, Numbered};
use crate::http::reply::ok;
use crate::http::route::{Access, Call, Param, Reply, Route};

/// Sessions on a page, unless the caller says otherwise.
const PAGE: usize = 10;
/// The most messages of a context.
const MAX_CONTEXT: usize = 100;
/// The most messages of a session's detail.
const MAX_TRANSCRIPT: usize = 1_000;

pub(super) const ROUTES: &[Route] = &[
    Route::read("/api/core/sessions/:sessionId/context", Access::Caller, context)
        .says("Show what the assistant goes by in a session")
        .answers::<ContextOut>(200),
    Route::act("/api/core/sessions/:sessionId/reset", Access::Caller, |call| {
        reset(call).boxed()
    })
    .says("Start a session's context anew")
    .details("The messages stay on record.")
    .answers::<ResetOut>(200),
    Route::read("/api/admin/sessions/active", Access::Staff, list_active)
        .says("List sessions that are not closed")
        .details(
            "The newest first. `before` reads on by key: with the `conversationId` of the last session of an answer it \
             gives those that follow, whatever was opened or closed in between; `pagination.total` counts all.",
        )
        .query(&[
            Param::PAGE,
            Param::LIMIT,
            Param::text("before", "Only sessions older than the one of this `conversationId`"),
            Param::word::<Channel>("channel", "Only sessions of this channel"),
        ])
        .answers::<SessionsOut>(200),
    Route::read("/api/admin/sessions/:sessionId", Access::Staff, detail)
        .says("Show a session with its messages")
        .details("The newest messages; with `after` those that follow that sequence.")
        .query(&[
            Param::number("after", "Only messages after this sequence"),
            Param::LIMIT,
        ])
        .answers::<SessionDetailOut>(200),
    Route::post("/api/admin/sessions/:sessionId/messages", Access::Staff, |call| {
        write(call).boxed()
    })
    .says("Write to a session's customer")
    .details(
        "An agent who writes is in charge from then on; a service writes on the assistant's side. Answered once it is on \
         disk; where it goes out by a channel, `message_updated` on the sockets and the session's messages tell how far it \
         has got. A repeated `messageId` is the same message.",
    )
    .with_files()
    .takes::<WritingIn>()
    .answers::<SentOut>(200),
];

fn context(call: &Call) -> Reply {
    let context = call
        .hub()
        .get_context(call.scope()?, call.path("sessionId"), MAX_CONTEXT)?;
    ok(&ContextOut::from(&context))
}

async fn reset(call: Call) -> Reply {
    let conversation = call
        .hub()
        .reset_context(call.scope()?, call.path("sessionId"))
        .await?;
    ok(&ResetOut::from(conversation.as_ref()))
}

fn list_active(call: &Call) -> Reply {
    let page = Numbered::of(call.query(), PAGE)?;
    let filter = ConversationFilter {
        channel: call.query().word("channel")?,
        before: before(call)?,
        ..ConversationFilter::default()
    };
    let found = call
        .hub()
        .list_open_conversations(call.scope()?, filter, page.skip(), page.limit)?;
    ok(&SessionsOut {
        sessions: found
            .items
            .iter()
            .map(|conversation| SessionOut::from(conversation.as_ref()))
            .collect(),
        pagination: PaginationOut::of(page, found.total),
    })
}

fn before(call: &Call) -> Result<Option<ConversationId>, FieldError> {
    let Some(named) = call.query().text("before") else {
        return Ok(None);
    };
    let wrong = || FieldError::new("before", "a session's conversationId").in_query();
    ConversationId::parse(named).map(Some).ok_or_else(wrong)
}

fn detail(call: &Call) -> Reply {
    let after = call.query().number("after", 0)?;
    let limit = page::limit(call.query(), MAX_TRANSCRIPT, MAX_TRANSCRIPT)?;
    let transcript = call
        .hub()
        .get_transcript(call.scope()?, call.path("sessionId"), after, limit)?;
    ok(&SessionDetailOut::from(&transcript))
}

async fn write(call: Call) -> Reply {
    let message = call.json::<WritingIn>()?.into_new(call.idempotency_key())?;
    let written = call
        .hub()
        .write_in(call.scope()?, call.path("sessionId"), message)
        .await;
    ok(&SentOut::from(&written.map_err(named(&[("id", "messageId")]))?))
}
