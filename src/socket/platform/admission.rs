//! Who may open `/ws`, and which session: decided before the upgrade, from the credential alone.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use hyper::{StatusCode, Uri};
use serde_json::json;
use switchboard_actors::channel::web::Closer;
use switchboard_actors::credentials::Credential;
use switchboard_actors::error::HubError;
use switchboard_actors::hub::connections::Registration;
use switchboard_actors::hub::conversations::{GuestConversation, OpenConversation};
use switchboard_domain::conversation::Conversation;
use switchboard_domain::id::{ConversationId, RequestId};
use switchboard_domain::message::Sequence;
use switchboard_domain::scope::{Principal, Scope};
use switchboard_domain::time::Timestamp;

use super::PlatformSocket;
use crate::http::limits::caller::network;
use crate::http::peer::Peer;
use crate::http::{Request, Response, full, request_id};
use crate::socket::close::CloseCode;
use crate::socket::outbox::Outbox;

/// A connection that may be upgraded.
#[derive(Debug)]
pub(super) struct Admitted {
    pub(super) scope: Scope,
    pub(super) registration: Registration,
    /// None: an agent who waits for offers and has joined no session.
    pub(super) conversation: Option<Arc<Conversation>>,
    pub(super) user_id: String,
    /// A guest's key to come back with.
    pub(super) token: Option<String>,
    pub(super) last_sequence: Option<Sequence>,
    pub(super) outbox: Arc<LateOutbox>,
}

/// The connection's outbox, which exists only after the upgrade; until then there is nothing to close.
#[derive(Debug, Default)]
pub(super) struct LateOutbox(OnceLock<Outbox>);

impl LateOutbox {
    pub(super) fn set(&self, outbox: Outbox) {
        // Set once, by the handler of this connection.
        drop(self.0.set(outbox));
    }
}

impl Closer for LateOutbox {
    fn credential_ended(&self) {
        if let Some(outbox) = self.0.get() {
            outbox.close(CloseCode::CredentialsEnded);
        }
    }
}

/// Why a connection is refused, as an HTTP answer.
#[derive(Debug)]
pub(super) struct Refusal {
    error: HubError,
    request: Option<RequestId>,
}

/// What the query asks for.
struct Query {
    user_id: Option<String>,
    session_id: Option<String>,
    token: Option<String>,
    last_sequence: Option<Sequence>,
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
    pub(super) async fn check(socket: &PlatformSocket, request: &Request) -> Result<Self, Refusal> {
        let id = request_id::of(request.extensions());
        Self::open(socket, request)
            .await
            .map_err(|error| Refusal { error, request: id })
    }

    async fn open(socket: &PlatformSocket, request: &Request) -> Result<Self, HubError> {
        if !socket.origins.allows(request.headers()) {
            return Err(HubError::Forbidden("This origin may not connect"));
        }
        let query = Query::of(request.uri())?;
        let caller = caller(socket, request, &query).await?;
        let wanted = wanted(socket, &caller, &query)?;
        let outbox = Arc::new(LateOutbox::default());
        let closer: Arc<dyn Closer> = Arc::<LateOutbox>::clone(&outbox);
        let id = socket.hub.new_connection_id();
        let hub = &socket.hub;
        // Before a session is opened: an account with too many connections is not to fill the store.
        let registration = hub.register_connection(id, &caller.scope, caller.expires, closer)?;
        let conversation = match wanted {
            Wanted::Known(conversation) => Some(conversation),
            Wanted::New => Some(hub.open_conversation(&caller.scope, query.opening()).await?),
            Wanted::None => None,
        };
        let user_id = user_id(&caller.scope, &query, conversation.as_deref())?;
        Ok(Self {
            scope: caller.scope,
            registration,
            conversation,
            user_id,
            token: caller.guest.map(|guest| guest.token),
            last_sequence: query.last_sequence,
            outbox,
        })
    }
}

impl Query {
    fn of(uri: &Uri) -> Result<Self, HubError> {
        let pairs: HashMap<String, String> = serde_urlencoded::from_str(uri.query().unwrap_or_default())
            .map_err(|_| HubError::invalid("query", "must be name=value pairs, each name once"))?;
        let text = |name: &str| pairs.get(name).filter(|value| !value.is_empty()).cloned();
        let last_sequence = match text("lastSequence") {
            None => None,
            Some(value) => Some(value.parse().map_err(|_| {
                HubError::invalid("lastSequence", "must be a whole number, 0 for everything")
            })?),
        };
        let (user_id, session_id, token) = (text("userId"), text("sessionId"), text("token"));
        Ok(Self {
            user_id,
            session_id,
            token,
            last_sequence,
        })
    }

    fn opening(&self) -> OpenConversation {
        OpenConversation {
            alias: self.session_id.clone(),
            customer: self.user_id.clone(),
            ..OpenConversation::default()
        }
    }
}

async fn caller(socket: &PlatformSocket, request: &Request, query: &Query) -> Result<Caller, HubError> {
    let bearer = request
        .headers()
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    let Some(token) = query.token.as_deref().or(bearer) else {
        admit_stranger(socket, request)?;
        return open_guest(socket, query).await;
    };
    let authenticated = socket
        .hub
        .credentials()
        .authenticate(Credential::Bearer(token), "platform")?;
    Ok(Caller {
        scope: authenticated.scope,
        expires: authenticated.expires,
        guest: None,
    })
}

/// Strangers cost a record each, so each address may open so many in a window.
fn admit_stranger(socket: &PlatformSocket, request: &Request) -> Result<(), HubError> {
    let (Some(guests), Some(peer)) = (&socket.guests, request.extensions().get::<Peer>()) else {
        return Ok(());
    };
    let address = socket
        .proxies
        .client_address(peer.address.ip(), request.headers());
    let verdict = guests.check(network(address), socket.hub.services().now());
    if verdict.allowed {
        Ok(())
    } else {
        Err(HubError::Throttled(Duration::from_secs(verdict.retry_after)))
    }
}

async fn open_guest(socket: &PlatformSocket, query: &Query) -> Result<Caller, HubError> {
    let organization = socket.hub.credentials().default_organization()?;
    let guest = socket
        .hub
        .open_guest_conversation(organization, query.opening())
        .await?;
    Ok(Caller {
        scope: guest.scope.clone(),
        expires: None,
        guest: Some(guest),
    })
}

/// The session this credential opens: the named one, a guest's own, a new one for a customer, none for staff.
fn wanted(socket: &PlatformSocket, caller: &Caller, query: &Query) -> Result<Wanted, HubError> {
    let (hub, scope) = (&socket.hub, &caller.scope);
    if let Some(guest) = &caller.guest {
        return Ok(Wanted::Known(Arc::clone(&guest.conversation)));
    }
    if let Principal::Guest { conversation, .. } = &scope.principal {
        let own = hub.get_conversation(scope, &conversation.to_string())?;
        let asked = query.session_id.as_deref();
        let fits =
            asked.is_none_or(|asked| asked == own.id.to_string() || own.alias.as_deref() == Some(asked));
        return fits
            .then_some(Wanted::Known(own))
            .ok_or(HubError::NotFound("session"));
    }
    if let Some(asked) = &query.session_id
        && let Some(found) = hub.find_conversation(scope, asked)?
    {
        return Ok(Wanted::Known(found));
    }
    match (scope.is_staff(), &query.session_id) {
        (true, None) => Ok(Wanted::None),
        (true, Some(_)) => Err(HubError::NotFound("session")),
        // An id of the hub's own is nobody's to bring: it stands for somebody else's session.
        (false, Some(asked)) if ConversationId::parse(asked).is_some() => Err(HubError::NotFound("session")),
        (false, _) => Ok(Wanted::New),
    }
}

/// The user a connection acts for: what the credential says; what the query says may only repeat it.
fn user_id(scope: &Scope, query: &Query, conversation: Option<&Conversation>) -> Result<String, HubError> {
    let asked = query.user_id.as_deref();
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

impl Refusal {
    /// The answer in the family's error form.
    pub(super) fn answer(self) -> Response {
        let (status, code) = match &self.error {
            HubError::Unauthenticated => (StatusCode::UNAUTHORIZED, "authentication_error"),
            HubError::Forbidden(_) => (StatusCode::FORBIDDEN, "authorization_error"),
            HubError::NotFound(_) => (StatusCode::NOT_FOUND, "resource_not_found"),
            HubError::Invalid { .. } | HubError::Conflict(_) | HubError::TooLarge { .. } => {
                (StatusCode::BAD_REQUEST, "invalid_request")
            }
            HubError::Throttled(_) => (StatusCode::TOO_MANY_REQUESTS, "rate_limit_exceeded"),
            HubError::Overloaded | HubError::Unavailable | HubError::StoreFull => {
                (StatusCode::SERVICE_UNAVAILABLE, "service_unavailable")
            }
            HubError::Internal(inner) => {
                tracing::error!(inner, "a socket could not be opened");
                (StatusCode::INTERNAL_SERVER_ERROR, "internal_error")
            }
        };
        let error = json!({"code": code, "message": self.error.to_string(), "details": null});
        let body = json!({"error": error, "requestId": self.request});
        let mut answer = Response::new(full(Bytes::from(body.to_string())));
        *answer.status_mut() = status;
        answer
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let HubError::Throttled(after) = self.error {
            answer
                .headers_mut()
                .insert(RETRY_AFTER, HeaderValue::from(after.as_secs().max(1)));
        }
        answer
    }
}
