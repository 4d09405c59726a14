//! `/api/v1/chat`: a message with its answer in the same call, and the conversations they are kept in.

use futures_util::FutureExt;
use switchboard_actors::error::HubError;
use switchboard_actors::hub::conversations::ConversationFilter;
use switchboard_domain::conversation::Conversation;

use super::number;
use super::paging::{self, Asked, ListedOut, MOST};
use super::wire::chat::{AnswerOut, ChatIn, ConversationOut, MessageOut};
use crate::http::failure::{Failure, named};
use crate::http::reply::ok;
use crate::http::route::{Access, Call, Param, Reply, Route};

const NUMBER: &[Param] = &[Param::count("conversation_id", "The conversation's number")];

pub(super) const ROUTES: &[Route] = &[
    Route::post("/api/v1/chat/chat", Access::Caller, |call| chat(call).boxed())
        .says("Send a message and wait for the answer")
        .details(
            "Without `conversation_id` a new conversation begins. While an agent is wanted or in charge `response` is \
             the text that says so, and `status` tells who is.",
        )
        .takes::<ChatIn>()
        .answers::<AnswerOut>(200),
    Route::read("/api/v1/chat/conversations", Access::Caller, list)
        .says("List conversations, newest first")
        .details(paging::DETAILS)
        .query(paging::PARAMETERS)
        .answers::<ListedOut<ConversationOut>>(200),
    Route::read(
        "/api/v1/chat/conversations/:conversation_id",
        Access::Caller,
        get,
    )
    .path(NUMBER)
    .says("Show a conversation with its messages")
    .details("The newest 1000, oldest first; with `skip` or `limit` counted from the oldest.")
    .query(paging::PARAMETERS)
    .answers::<ConversationOut>(200),
    Route::act(
        "/api/v1/chat/conversations/:conversation_id/close",
        Access::Caller,
        |call| close(call).boxed(),
    )
    .path(NUMBER)
    .says("Close a conversation")
    .details("A customer who writes into it again opens it again.")
    .answers::<ConversationOut>(200),
];

async fn chat(call: Call) -> Reply {
    let chat: ChatIn = call.json()?;
    let (number, message) = chat.into_parts(call.idempotency_key());
    let said = call.hub().speak_in(call.scope()?, number, message).await;
    ok(&AnswerOut::from(&said.map_err(named(&[("text", "message")]))?))
}

fn list(call: &Call) -> Reply {
    let asked = Asked::of(call)?;
    let (skip, limit) = (asked.page.skip, asked.page.limit);
    let filter = ConversationFilter::default();
    let found = call
        .hub()
        .list_conversations(call.scope()?, filter, skip, limit)?;
    let items: Result<Vec<_>, _> = found
        .items
        .iter()
        .map(|conversation| shown(call, conversation, Vec::new()))
        .collect();
    asked.listed(items?, found.total)
}

fn get(call: &Call) -> Reply {
    let asked = Asked::of(call)?;
    let (hub, scope) = (call.hub(), call.scope()?);
    let conversation = hub.get_conversation_by_number(scope, id(call)?)?;
    let after = if asked.is_paged {
        u64::try_from(asked.page.skip).unwrap_or(u64::MAX)
    } else {
        let newest = u64::try_from(MOST).unwrap_or(u64::MAX);
        conversation.last_sequence.saturating_sub(newest)
    };
    let messages = hub.list_messages(scope, &conversation, after, asked.page.limit)?;
    let messages = messages
        .iter()
        .map(|message| MessageOut::of(&conversation, message));
    let messages = messages.collect();
    ok(&shown(call, &conversation, messages)?)
}

async fn close(call: Call) -> Reply {
    let (hub, scope) = (call.hub(), call.scope()?);
    let conversation = hub.get_conversation_by_number(scope, id(&call)?)?;
    let closed = hub
        .close_conversation(scope, &conversation.id.to_string())
        .await?;
    ok(&shown(&call, &closed, Vec::new())?)
}

fn id(call: &Call) -> Result<u64, HubError> {
    number(call, "conversation_id", "conversation")
}

fn shown(
    call: &Call,
    conversation: &Conversation,
    messages: Vec<MessageOut>,
) -> Result<ConversationOut, Failure> {
    let owner = call.hub().get_owner_number(call.scope()?, conversation)?;
    Ok(ConversationOut::of(conversation, owner, messages))
}
