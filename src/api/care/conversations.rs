//! `/conversations`: opened, listed, read, closed.

use futures_util::FutureExt;
use switchboard_actors::hub::conversations::ConversationFilter;

use super::paging;
use super::wire::conversations::{ConversationOut, OpenIn};
use crate::http::failure::named;
use crate::http::reply::{created, ok};
use crate::http::route::{Access, Call, Reply, Route};

pub(super) const ROUTES: &[Route] = &[
    Route::post_or_act("/conversations", Access::Caller, |call| open(call).boxed())
        .says("Start a conversation")
        .details(
            "No body is needed: the caller is the customer. A service names its customer with `customer_id`, staff may.",
        )
        .takes::<OpenIn>()
        .answers::<ConversationOut>(201),
    Route::read("/conversations", Access::Caller, list)
        .says("List conversations, newest first")
        .details(paging::DETAILS)
        .query(paging::PARAMETERS)
        .answers::<Vec<ConversationOut>>(200),
    Route::read("/conversations/:conversation_id", Access::Caller, get)
        .says("Show a conversation")
        .answers::<ConversationOut>(200),
    Route::act("/conversations/:conversation_id/close", Access::Caller, |call| {
        close(call).boxed()
    })
    .says("Close a conversation")
    .details("A customer who writes into it again opens it again.")
    .answers::<ConversationOut>(200),
];

async fn open(call: Call) -> Reply {
    let wanted: OpenIn = call.json_or_default()?;
    let wanted = wanted.into_request(call.idempotency_key());
    let (hub, scope) = (call.hub(), call.scope()?);
    let opened = if wanted.customer.is_none() && scope.account().is_some() {
        hub.open_own_conversation(scope, wanted).await
    } else {
        hub.open_conversation(scope, wanted).await
    };
    let conversation = opened.map_err(named(&[("userId", "customer_id")]))?;
    created(&ConversationOut::from(conversation.as_ref()))
}

fn list(call: &Call) -> Reply {
    let page = paging::asked(call)?;
    let filter = ConversationFilter::default();
    let found = call
        .hub()
        .list_conversations(call.scope()?, filter, page.skip, page.limit)?;
    let items: Vec<_> = found
        .items
        .iter()
        .map(|conversation| ConversationOut::from(conversation.as_ref()))
        .collect();
    paging::listed(page, &items, found.total)
}

fn get(call: &Call) -> Reply {
    let conversation = call
        .hub()
        .get_conversation(call.scope()?, call.path("conversation_id"))?;
    ok(&ConversationOut::from(conversation.as_ref()))
}

async fn close(call: Call) -> Reply {
    let conversation = call
        .hub()
        .close_conversation(call.scope()?, call.path("conversation_id"))
        .await?;
    ok(&ConversationOut::from(conversation.as_ref()))
}
