//! `/api/chat`: rooms, what is said in them, and what a message means.

use futures_util::FutureExt;
use switchboard_actors::hub::conversations::{ConversationFilter, State};
use switchboard_actors::hub::messages::NewMessage;

use super::wire::{AnalyzeIn, AnalyzedOut, MessageIn, MessageOut, OpenedOut, RoomIn, RoomOut, SentOut};
use crate::http::failure::named;
use crate::http::page::{MAX_LIMIT, Skipping};
use crate::http::reply::ok;
use crate::http::route::{Access, Call, Param, Reply, Route};

/// Rooms of a list, unless the caller says otherwise.
const ROOMS: usize = 100;
/// Messages of a list, unless the caller says otherwise.
const MESSAGES: usize = 50;

pub(super) const ROUTES: &[Route] = &[
    Route::post("/api/chat/rooms", Access::Caller, |call| open(call).boxed())
        .says("Open a room")
        .details(
            "A customer opens its own. Staff open one for a new customer of that name, who joins it over Socket.IO \
             without an account: the room's id is the key.",
        )
        .takes::<RoomIn>()
        .answers::<OpenedOut>(200),
    Route::read("/api/chat/rooms", Access::Caller, list)
        .says("List rooms that are not closed, newest first")
        .details("A customer sees its own.")
        .query(&[Param::SKIP, Param::LIMIT])
        .answers::<Vec<RoomOut>>(200),
    Route::read("/api/chat/rooms/:room_id", Access::Caller, get)
        .says("Show a room")
        .answers::<RoomOut>(200),
    Route::read("/api/chat/rooms/:room_id/messages", Access::Caller, messages)
        .says("List a room's messages, oldest first")
        .query(&[Param::SKIP, Param::LIMIT])
        .answers::<Vec<MessageOut>>(200),
    Route::post("/api/chat/rooms/:room_id/messages", Access::Caller, |call| {
        send(call).boxed()
    })
    .says("Send a message, and wait for the assistant's answer")
    .details(
        "`user_type` is checked against the credential. A message of staff takes the room over from the assistant. \
         `suggestions` are for staff; customers get none.",
    )
    .takes::<MessageIn>()
    .answers::<SentOut>(200),
    Route::act("/api/chat/rooms/:room_id/close", Access::Caller, |call| {
        close(call).boxed()
    })
    .says("Close a room")
    .answers::<RoomOut>(200),
    Route::act("/api/chat/rooms/:room_id/accept", Access::Staff, |call| {
        accept(call).boxed()
    })
    .says("Take charge of a room")
    .answers::<RoomOut>(200),
    Route::act("/api/chat/rooms/:room_id/release", Access::Staff, |call| {
        release(call).boxed()
    })
    .says("Give a room back to the assistant")
    .answers::<RoomOut>(200),
    Route::post("/api/chat/analyze", Access::Caller, |call| analyze(call).boxed())
        .says("Tell what a message means")
        .details("Nothing is stored. `suggestions` are for staff; customers get none.")
        .takes::<AnalyzeIn>()
        .answers::<AnalyzedOut>(200),
];

async fn open(call: Call) -> Reply {
    let room: RoomIn = call.json()?;
    let opening = room.into_opening(call.idempotency_key());
    let room = call.hub().open_or_invite(call.scope()?, opening).await;
    let room = room.map_err(named(&[("name", "customer_name")]))?;
    ok(&OpenedOut::from(room.as_ref()))
}

fn list(call: &Call) -> Reply {
    let page = Skipping::of(call.query(), ROOMS, MAX_LIMIT)?;
    let filter = ConversationFilter {
        state: Some(State::Open),
        ..ConversationFilter::default()
    };
    let found = call
        .hub()
        .list_conversations(call.scope()?, filter, page.skip, page.limit)?;
    let rooms = found.items.iter().map(|room| RoomOut::from(room.as_ref()));
    ok(&rooms.collect::<Vec<_>>())
}

fn get(call: &Call) -> Reply {
    let room = call.hub().get_conversation(call.scope()?, call.path("room_id"))?;
    ok(&RoomOut::from(room.as_ref()))
}

fn messages(call: &Call) -> Reply {
    let page = Skipping::of(call.query(), MESSAGES, MAX_LIMIT)?;
    let (hub, scope) = (call.hub(), call.scope()?);
    let room = hub.get_conversation(scope, call.path("room_id"))?;
    // Sequences count from 1 without gaps: so many messages are left out in front.
    let after = u64::try_from(page.skip).unwrap_or(u64::MAX);
    let found = hub.list_messages(scope, &room, after, page.limit)?;
    let for_staff = scope.is_staff();
    let told = found
        .iter()
        .map(|message| MessageOut::of(&room, message, for_staff));
    ok(&told.collect::<Vec<_>>())
}

async fn send(call: Call) -> Reply {
    let message: MessageIn = call.json()?;
    let (hub, scope, side) = (call.hub(), call.scope()?, message.side());
    let room = hub.get_conversation(scope, call.path("room_id"))?;
    let message = NewMessage {
        text: message.content,
        client_id: call.idempotency_key().map(str::to_owned),
        ..NewMessage::default()
    };
    let answered = hub.speak_as(scope, &room, side, message).await;
    let answered = answered.map_err(named(&[("text", "content")]))?;
    let understood = hub.understand(scope, &answered).await;
    ok(&SentOut::of(&answered, understood))
}

async fn close(call: Call) -> Reply {
    let room = call.hub().close_conversation(call.scope()?, call.path("room_id"));
    ok(&RoomOut::from(room.await?.as_ref()))
}

async fn accept(call: Call) -> Reply {
    let room = call.hub().accept_handover(call.scope()?, call.path("room_id"));
    ok(&RoomOut::from(room.await?.as_ref()))
}

async fn release(call: Call) -> Reply {
    let room = call.hub().release_handover(call.scope()?, call.path("room_id"));
    ok(&RoomOut::from(room.await?.as_ref()))
}

async fn analyze(call: Call) -> Reply {
    let AnalyzeIn { message } = call.json()?;
    let understood = call.hub().analyze(call.scope()?, &message).await;
    let understood = understood.map_err(named(&[("text", "message")]))?;
    ok(&AnalyzedOut::of(message, understood))
}
