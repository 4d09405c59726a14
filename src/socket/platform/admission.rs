//! Who may open `/ws`, and which session: decided before the upgrade, from the credential alone.

use std::sync::Arc;

use switchboard_actors::error::HubError;
use switchboard_actors::hub::conversations::{GuestConversation, OpenConversation};
use switchboard_domain::conversation::Conversation;
use switchboard_domain::id::ConversationId;
use switchboard_domain::message::Sequence;
use switchboard_domain::scope::{Principal, Scope};
use switchboard_domain::time::Timestamp;

use crate::http::Request;
use crate::socket::gate::{ConnectQuery, Gate, Seat};

/// A connection that may be upgraded.
#[derive(Debug)]
pub(super) struct Admitted {
    pub(super) seat: Seat,
    /// None: an agent who waits for offers and has joined no session.
    pub(super) conversation: Option<Arc<Conversation>>,
    pub(super) user_id: String,
    /// A guest's key to come back with.
    pub(super) token: Option<String>,
    pub(super) last_sequence: Option<Sequence>,
}

/// A checked credential; a guest's is made with its session.
struct Caller {
    scope: Scope,
    expires: Option<Timestamp>,
    guest: Option<GuestConversation>,
}

/// The session a caller is to have.
enum Wanted {
    /// One that exists.
    Known(Arc<Conversation>),
    /// A new one.
    New,
    /// None: staff who wait for offers.
    None,
}

impl Admitted {
    pub(super) async fn check(gate: &Gate, request: &Request) -> Result<Self, HubError> {
        gate.check_origin(request)?;
        let query = ConnectQuery::of(request.uri());
        let last_sequence = query.last_sequence()?;
        let caller = caller(gate, request, &query).await?;
        let wanted = wanted(gate, &caller, &query)?;
        // Before a session is opened: an account with too many connections is not to fill the store.
        let seat = gate.seat(&caller.scope, caller.expires)?;
        let conversation = match wanted {
            Wanted::Known(conversation) => Some(conversation),
            Wanted::New => Some(gate.hub.open_conversation(&caller.scope, opening(&query)).await?),
            Wanted::None => None,
        };
        let user_id = user_id(&caller.scope, &query, conversation.as_deref())?;
        Ok(Self {
            seat,
            conversation,
            user_id,
            token: caller.guest.map(|guest| guest.token),
            last_sequence,
        })
    }
}

fn opening(query: &ConnectQuery) -> OpenConversation {
    OpenConversation {
        alias: query.text("sessionId").map(str::to_owned),
        customer: query.text("userId").map(str::to_owned),
        ..OpenConversation::default()
    }
}

async fn caller(gate: &Gate, request: &Request, query: &ConnectQuery) -> Result<Caller, HubError> {
    let Some(authenticated) = gate.authenticate(request, query, "platform").await? else {
        gate.admit_stranger(request)?;
        return open_guest(gate, query).await;
    };
    Ok(Caller {
        scope: authenticated.scope,
        expires: authenticated.expires,
        guest: None,
    })
}

async fn open_guest(gate: &Gate, query: &ConnectQuery) -> Result<Caller, HubError> {
    let organization = gate.hub.credentials().default_organization()?;
    let guest = gate
        .hub
        .open_guest_conversation(organization, opening(query))
        .await?;
    Ok(Caller {
        scope: guest.scope.clone(),
        expires: None,
        guest: Some(guest),
    })
}

/// The session this credential opens: the named one, a guest's own, a new one for a customer, none for staff.
fn wanted(gate: &Gate, caller: &Caller, query: &ConnectQuery) -> Result<Wanted, HubError> {
    let (hub, scope) = (&gate.hub, &caller.scope);
    let asked = query.text("sessionId");
    if let Some(guest) = &caller.guest {
        return Ok(Wanted::Known(Arc::clone(&guest.conversation)));
    }
    if let Principal::Guest { conversation, .. } = &scope.principal {
        let own = hub.get_conversation(scope, &conversation.to_string())?;
        let fits =
            asked.is_none_or(|asked| asked == own.id.to_string() || own.alias.as_deref() == Some(asked));
        return fits
            .then_some(Wanted::Known(own))
            .ok_or(HubError::NotFound("session"));
    }
    if let Some(asked) = asked
        && let Some(found) = hub.find_conversation(scope, asked)?
    {
        return Ok(Wanted::Known(found));
    }
    match (scope.is_staff(), asked) {
        (true, None) => Ok(Wanted::None),
        (true, Some(_)) => Err(HubError::NotFound("session")),
        // An id of the hub's own is nobody's to bring: it stands for somebody else's session.
        (false, Some(asked)) if ConversationId::parse(asked).is_some() => Err(HubError::NotFound("session")),
        (false, _) => Ok(Wanted::New),
    }
}

/// The user a connection acts for: what the credential says; what the query says may only repeat it.
fn user_id(
    scope: &Scope,
    query: &ConnectQuery,
    conversation: Option<&Conversation>,
) -> Result<String, HubError> {
    let asked = query.text("userId");
    if let Principal::Guest { customer, .. } = &scope.principal {
        let label = conversation.and_then(|conversation| conversation.customer_label.clone());
        let own = label.unwrap_or_else(|| customer.to_string());
        return match asked {
            Some(asked) if asked != own => {
                Err(HubError::Forbidden("A guest's token may name only its own user"))
            }
            _ => Ok(own),
        };
    }
    let own = scope
        .account()
        .map(|account| account.id.to_string())
        .unwrap_or_default();
    match asked {
        Some(asked) if asked != own && !scope.is_staff() => Err(HubError::Forbidden(
            "A customer's token may name only its own user",
        )),
        _ => Ok(own),
    }
}
