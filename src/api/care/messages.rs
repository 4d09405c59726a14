//! `/conversations/{id}/messages`: said, answered in the same call, and read again.

use futures_util::FutureExt;

use super::paging;
use super::wire::messages::{MessageIn, MessageOut, SaidOut};
use crate::http::failure::named;
use crate::http::reply::ok;
use crate::http::route::{Access, Call, Reply, Route};

pub(super) const ROUTES: &[Route] = &[
    Route::post(
        "/conversations/:conversation_id/messages",
        Access::Caller,
        |call| say(call).boxed(),
    )
    .says("Send a message and wait for the answer")
    .details(
        "`response` is null while an agent is wanted or in charge. A member of staff speaks as an agent, and takes the \
         conversation over.",
    )
    .takes::<MessageIn>()
    .answers::<SaidOut>(200),
    Route::read(
        "/conversations/:conversation_id/messages",
        Access::Caller,
        list,
    )
    .says("List the messages of a conversation, oldest first")
    .details(paging::DETAILS)
    .query(paging::PARAMETERS)
    .answers::<Vec<MessageOut>>(200),
];

async fn say(call: Call) -> Reply {
    let message: MessageIn = call.json()?;
    let (hub, scope) = (call.hub(), call.scope()?);
    let conversation = hub.get_conversation(scope, call.path("conversation_id"))?;
    let message = message.into_new(call.idempotency_key());
    let said = hub.speak(scope, &conversation, message).await;
    ok(&SaidOut::from(&said.map_err(named(&[("text", "message")]))?))
}

fn list(call: &Call) -> Reply {
    let page = paging::asked(call)?;
    let (hub, scope) = (call.hub(), call.scope()?);
    let conversation = hub.get_conversation(scope, call.path("conversation_id"))?;
    // Sequences have no gaps: so many messages are left out by starting behind that one.
    let after = u64::try_from(page.skip).unwrap_or(u64::MAX);
    let messages = hub.list_messages(scope, &conversation, after, page.limit)?;
    let items: Vec<_> = messages
        .iter()
        .map(|message| MessageOut::of(&conversation, message))
        .collect();
    paging::listed(page, &items, conversation.last_sequence)
}
