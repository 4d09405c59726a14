//! `/ws/conversations/{id}`, the socket of the `care` family: one conversation, named in the path.
//!
//! The token is in the query. Whoever may not connect is told so before the upgrade, in the family's error form; from
//! then on there are close codes. Customers speak for themselves, staff join as agents.

mod error;
mod incoming;
mod outgoing;

use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use hyper::Method;
use hyper::header::HeaderValue;
use switchboard_actors::error::HubError;
use switchboard_actors::hub::Hub;
use switchboard_domain::conversation::Conversation;
use switchboard_domain::message::Sequence;

use self::incoming::FrameIn;
use super::gate::{Cause, ConnectQuery, Gate, Refusal, Seat};
use super::live::Words;
use super::outbox::Outbox;
use super::talk::act::Done;
use super::talk::{self, Dialect, Talk};
use super::upgrade;
use crate::http::failure::{Failure, named};
use crate::http::{Handler, Request, Response};

/// Where the conversations are, newest version of the address first.
pub const PREFIXES: [&str; 2] = ["/ws/conversations", "/v1/ws/conversations"];
/// The hub's names of fields, and this family's.
const FIELDS: &[(&str, &str)] = &[("text", "content")];

/// The handler of `/ws/conversations/{id}`.
#[derive(Debug, Clone)]
pub struct CareSocket {
    /// What it stands on.
    pub gate: Gate,
}

/// The dialect.
struct Care;

/// A connection that may be upgraded.
struct Admitted {
    seat: Seat,
    conversation: Arc<Conversation>,
    last_sequence: Option<Sequence>,
}

impl Handler for CareSocket {
    fn call(&self, request: Request) -> BoxFuture<'static, Response> {
        let socket = self.clone();
        async move { socket.connect(request).await }.boxed()
    }
}

impl CareSocket {
    async fn connect(&self, mut request: Request) -> Response {
        let admitted = match self.admit(&request).await {
            Ok(admitted) => admitted,
            Err(cause) => return Refusal::of(&request, cause).answer(error::answer),
        };
        let hub = self.gate.hub.clone();
        let opened = self
            .gate
            .open(&mut request, move |outbox| begin(hub, admitted, outbox));
        opened.unwrap_or_else(|error| Refusal::of(&request, error).answer(error::answer))
    }

    async fn admit(&self, request: &Request) -> Result<Admitted, Cause> {
        let reference = conversation_of(request.uri().path()).ok_or(Failure::NoSuchPath)?;
        if request.method() != Method::GET {
            let allow = HeaderValue::from_static("GET");
            return Err(Failure::NoSuchMethod { allow }.into());
        }
        self.gate.check_origin(request)?;
        let query = ConnectQuery::of(request.uri());
        let caller = self.gate.authenticate(request, &query, "care").await?;
        let caller = caller.ok_or(HubError::Unauthenticated)?;
        let last_sequence = query.last_sequence()?;
        let conversation = self.gate.hub.get_conversation(&caller.scope, reference)?;
        upgrade::check(request)?;
        let seat = self.gate.seat(&caller.scope, caller.expires)?;
        Ok(Admitted {
            seat,
            conversation,
            last_sequence,
        })
    }
}

/// The id in the path; `None` when there is none, or more than one segment.
fn conversation_of(path: &str) -> Option<&str> {
    let rest = PREFIXES.iter().find_map(|prefix| path.strip_prefix(prefix));
    let id = rest?.strip_prefix('/')?;
    (!id.is_empty() && !id.contains('/')).then_some(id)
}

/// Subscribes the client, and starts sending what it has missed.
fn begin(hub: Hub, admitted: Admitted, outbox: Outbox) -> Talk<Care> {
    let mut talk = Talk::new(hub, admitted.seat, outbox, Care);
    // The reach was checked at admission.
    drop(talk.join(&admitted.conversation, admitted.last_sequence));
    talk.hear_offers();
    talk
}

impl Dialect for Care {
    type FrameIn = FrameIn;

    const WORDS: Words = outgoing::WORDS;

    async fn act(talk: &mut Talk<Self>, id: Option<&str>, frame: FrameIn) -> Result<Done, HubError> {
        let joined = talk.joined().ok_or(HubError::NotFound("conversation"))?;
        talk.act(id, &joined, frame.into()).await.map_err(named(FIELDS))
    }

    fn code(error: &HubError) -> &'static str {
        talk::outgoing::code(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_names_one_conversation() {
        assert_eq!(conversation_of("/ws/conversations/conv_1"), Some("conv_1"));
        assert_eq!(conversation_of("/v1/ws/conversations/conv_1"), Some("conv_1"));
        for other in [
            "/ws/conversations",
            "/ws/conversations/",
            "/ws/conversations/a/b",
            "/ws",
        ] {
            assert_eq!(conversation_of(other), None, "{other}");
        }
    }
}
