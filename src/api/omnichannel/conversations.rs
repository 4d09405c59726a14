//! `/api/conversations`: listed, shown, closed and rated; customers reach their own.

use futures_util::FutureExt;
use switchboard_actors::hub::conversations::ConversationFilter;
use switchboard_domain::id::CustomerId;

use super::wire::conversations::{CloseIn, ConversationOut, RatingIn};
use super::wire::{ChannelWord, Data, Listed, StatusWord};
use crate::http::body::FieldError;
use crate::http::page::Numbered;
use crate::http::query::Query;
use crate::http::reply::ok;
use crate::http::route::{Access, Call, Param, Reply, Route};

/// Conversations on a page, unless the caller says otherwise.
const PAGE: usize = 20;

pub(super) const ROUTES: &[Route] = &[
    Route::read("/api/conversations", Access::Caller, list)
        .says("List conversations")
        .details("Newest first. Customers see their own.")
        .query(&[
            Param::word::<StatusWord>("status", "Only conversations in this state"),
            Param::word::<ChannelWord>("channel", "Only conversations of this channel"),
            Param::text("customerId", "Only conversations with this customer"),
            Param::PAGE,
            Param::LIMIT,
        ])
        .answers::<Listed<ConversationOut>>(200),
    Route::read("/api/conversations/:id", Access::Caller, get)
        .says("Show a conversation")
        .answers::<Data<ConversationOut>>(200),
    Route::post("/api/conversations/:id/close", Access::Caller, |call| {
        close(call).boxed()
    })
    .says("Close a conversation")
    .details("409 when it is closed. A customer who writes into it opens it again.")
    .takes::<CloseIn>()
    .answers::<Data<ConversationOut>>(200),
    Route::post("/api/conversations/:id/rating", Access::Caller, |call| {
        rate(call).boxed()
    })
    .says("Rate a conversation")
    .details("By its customer, or by staff and services in the customer's name. A later rating replaces an earlier one.")
    .takes::<RatingIn>()
    .answers::<Data<ConversationOut>>(200),
];

fn list(call: &Call) -> Reply {
    let page = Numbered::of(call.query(), PAGE)?;
    let filter = filter(call.query())?;
    let found = call
        .hub()
        .list_conversations(call.scope()?, filter, page.skip(), page.limit)?;
    ok(&Listed::of(page, found.items, found.total, ConversationOut::from))
}

fn filter(query: &Query) -> Result<ConversationFilter, FieldError> {
    let customer = query.text("customerId").map(|text| {
        CustomerId::parse(text).ok_or_else(|| FieldError::new("customerId", "the id of a customer"))
    });
    Ok(ConversationFilter {
        state: query.word("status")?.map(|StatusWord(state)| state),
        channel: query.word("channel")?.map(|ChannelWord(channel)| channel),
        customer: customer.transpose()?,
        before: None,
    })
}

fn get(call: &Call) -> Reply {
    let found = call.hub().get_conversation(call.scope()?, call.path("id"))?;
    ok(&Data::new(ConversationOut::from(found)))
}

async fn close(call: Call) -> Reply {
    let close: CloseIn = call.json()?;
    let closed = call
        .hub()
        .close_conversation_with(call.scope()?, call.path("id"), close.into())
        .await?;
    ok(&Data::new(ConversationOut::from(closed)))
}

async fn rate(call: Call) -> Reply {
    let rating: RatingIn = call.json()?;
    let rated = call
        .hub()
        .rate_conversation(call.scope()?, call.path("id"), rating.into())
        .await?;
    ok(&Data::new(ConversationOut::from(rated)))
}
