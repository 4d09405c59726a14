//! `/api/conversations/…/messages`: what was said, and saying more.

use futures_util::FutureExt;
use switchboard_actors::error::HubError;
use switchboard_domain::id::CustomerId;

use super::wire::messages::{MessageIn, MessageOut, OutreachIn, SentOut, new_message};
use super::wire::{Data, Listed};
use crate::http::failure::named;
use crate::http::page::Numbered;
use crate::http::reply::{created, ok};
use crate::http::route::{Access, Call, Param, Reply, Route};

/// Messages on a page, unless the caller says otherwise.
const PAGE: usize = 50;
/// The hub's names of what a message's body calls otherwise.
const NAMES: &[(&str, &str)] = &[("text", "content"), ("id", "Idempotency-Key")];

pub(super) const ROUTES: &[Route] = &[
    Route::post("/api/conversations/messages", Access::Staff, |call| {
        reach_out(call).boxed()
    })
    .says("Send a message to a customer")
    .details(
        "It goes into the customer's open conversation of that channel, else into a new one. Members of staff write as \
         agents and take the conversation over; services write on the assistant's side and put nobody in charge.",
    )
    .takes::<OutreachIn>()
    .answers::<Data<SentOut>>(201),
    Route::read("/api/conversations/:id/messages", Access::Caller, list)
        .says("List a conversation's messages")
        .details("Oldest first.")
        .query(&[Param::PAGE, Param::LIMIT])
        .answers::<Listed<MessageOut>>(200),
    Route::post("/api/conversations/:id/messages", Access::Caller, |call| {
        write(call).boxed()
    })
    .says("Write into a conversation")
    .details(
        "Its customer writes as the customer and finds the answer among the messages, or hears it on a socket; members \
         of staff write as agents and take the conversation over; services write on the assistant's side.",
    )
    .takes::<MessageIn>()
    .answers::<Data<SentOut>>(201),
];

fn list(call: &Call) -> Reply {
    let page = Numbered::of(call.query(), PAGE)?;
    let scope = call.scope()?;
    let conversation = call.hub().get_conversation(scope, call.path("id"))?;
    // Sequences have no gaps: those before a page are the page's skip.
    let after = u64::try_from(page.skip()).unwrap_or(u64::MAX);
    let items = call
        .hub()
        .list_messages(scope, &conversation, after, page.limit)?;
    let total = conversation.last_sequence;
    let channel = conversation.channel;
    ok(&Listed::of(page, items, total, |message| {
        MessageOut::of(&message, channel)
    }))
}

async fn write(call: Call) -> Reply {
    let message: MessageIn = call.json()?;
    let message = new_message(message.content, call.idempotency_key());
    let scope = call.scope()?;
    let conversation = call.hub().get_conversation(scope, call.path("id"))?;
    let written = call.hub().write_message(scope, &conversation, message).await;
    created(&Data::new(SentOut::from(written.map_err(named(NAMES))?)))
}

async fn reach_out(call: Call) -> Reply {
    let OutreachIn {
        customer_id,
        content,
        channel,
    } = call.json()?;
    let customer = CustomerId::parse(&customer_id).ok_or(HubError::NotFound("customer"))?;
    let message = new_message(content, call.idempotency_key());
    let written = call
        .hub()
        .write_to_customer(call.scope()?, customer, channel.0.0, message)
        .await;
    created(&Data::new(SentOut::from(written.map_err(named(NAMES))?)))
}
