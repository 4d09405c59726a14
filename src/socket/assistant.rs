//! `/ws/chat`, the socket of the `assistant` family: many conversations on one connection, each called by its number.
//!
//! A message without a `conversation_id` opens a conversation in which the caller is the customer; a frame with one
//! belongs there. The connection hears every conversation it has opened or named, and is told in each frame which one
//! it is about.

mod error;
mod incoming;
mod outgoing;

use std::sync::Arc;

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use hyper::Method;
use hyper::header::HeaderValue;
use switchboard_actors::error::HubError;
use switchboard_actors::hub::Hub;
use switchboard_actors::hub::messages::NewMessage;
use switchboard_domain::conversation::Conversation;
use switchboard_domain::message::Sequence;
use switchboard_domain::time::Timestamp;

use self::incoming::{FrameIn, Kind};
use super::gate::{Cause, ConnectQuery, Gate, Refusal, Seat};
use super::live::Words;
use super::outbox::Outbox;
use super::talk::act::Done;
use super::talk::{self, Dialect, Talk};
use super::upgrade;
use crate::http::failure::{Failure, named};
use crate::http::{Handler, Request, Response};

/// Where it is.
pub const PATH: &str = "/ws/chat";
/// Conversations that one connection may hear.
const MAX_JOINED: usize = 100;
/// The hub's names of fields, and this family's.
const FIELDS: &[(&str, &str)] = &[("text", "content")];

/// The handler of `/ws/chat`.
#[derive(Debug, Clone)]
pub struct AssistantSocket {
    /// What it stands on.
    pub gate: Gate,
}

/// The dialect.
#[derive(Default)]
struct Assistant {
    /// The ids of frames that have opened a conversation, and its number: sent again, they open no other.
    openings: Vec<(String, u64)>,
}

/// A connection that may be upgraded.
struct Admitted {
    seat: Seat,
    /// The conversation the query names.
    conversation: Option<Arc<Conversation>>,
    last_sequence: Option<Sequence>,
}

impl Handler for AssistantSocket {
    fn call(&self, request: Request) -> BoxFuture<'static, Response> {
        let socket = self.clone();
        async move { socket.connect(request).await }.boxed()
    }
}

impl AssistantSocket {
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
        if request.uri().path() != PATH {
            return Err(Failure::NoSuchPath.into());
        }
        if request.method() != Method::GET {
            let allow = HeaderValue::from_static("GET");
            return Err(Failure::NoSuchMethod { allow }.into());
        }
        self.gate.check_origin(request)?;
        let query = ConnectQuery::of(request.uri());
        let caller = self.gate.authenticate(request, &query, "assistant").await?;
        let caller = caller.ok_or(HubError::Unauthenticated)?;
        let last_sequence = query.last_sequence()?;
        let conversation = match conversation_number(&query)? {
            Some(number) => Some(self.gate.hub.get_conversation_by_number(&caller.scope, number)?),
            None => None,
        };
        upgrade::check(request)?;
        let seat = self.gate.seat(&caller.scope, caller.expires)?;
        Ok(Admitted {
            seat,
            conversation,
            last_sequence,
        })
    }
}

fn conversation_number(query: &ConnectQuery) -> Result<Option<u64>, HubError> {
    let expected = || HubError::invalid("conversation_id", "must be a whole number");
    let asked = query.text("conversation_id");
    asked
        .map(|value| value.parse().map_err(|_| expected()))
        .transpose()
}

/// Subscribes the client to what its query names, and starts sending what it has missed there.
fn begin(hub: Hub, admitted: Admitted, outbox: Outbox) -> Talk<Assistant> {
    let mut talk = Talk::new(hub, admitted.seat, outbox, Assistant::default());
    if let Some(conversation) = &admitted.conversation {
        // The reach was checked at admission.
        drop(talk.join(conversation, admitted.last_sequence));
    }
    talk
}

impl Dialect for Assistant {
    type FrameIn = FrameIn;

    const WORDS: Words = outgoing::WORDS;

    async fn act(talk: &mut Talk<Self>, id: Option<&str>, frame: FrameIn) -> Result<Done, HubError> {
        let conversation = place(talk, id, &frame).await?;
        talk.act(id, &conversation, frame.kind.into())
            .await
            .map_err(named(FIELDS))
    }

    fn ack(id: &str, done: &Done, now: Timestamp) -> Bytes {
        outgoing::ack(id, done, now)
    }

    fn code(error: &HubError) -> &'static str {
        talk::outgoing::code(error)
    }
}

/// The conversation a frame belongs to, which the connection hears from now on. Without a number a message opens a new
/// one; anything else is about the one joined last.
async fn place(
    talk: &mut Talk<Assistant>,
    id: Option<&str>,
    frame: &FrameIn,
) -> Result<Arc<Conversation>, HubError> {
    match (frame.conversation_id, &frame.kind) {
        (Some(number), _) => named_by(talk, number).await,
        (None, Kind::Message { content }) => open(talk, id, content).await,
        (None, _) => talk
            .joined()
            .ok_or_else(|| HubError::invalid("conversation_id", "is required")),
    }
}

async fn named_by(talk: &mut Talk<Assistant>, number: u64) -> Result<Arc<Conversation>, HubError> {
    if let Some(joined) = talk.find_joined(number) {
        return Ok(joined);
    }
    let found = talk.hub().get_conversation_by_number(talk.scope(), number)?;
    join(talk, &found).await?;
    Ok(found)
}

async fn open(
    talk: &mut Talk<Assistant>,
    id: Option<&str>,
    content: &str,
) -> Result<Arc<Conversation>, HubError> {
    if let Some(opened) = opened_by(talk, id) {
        return Ok(opened);
    }
    check_room(talk)?;
    let message = NewMessage {
        text: content.to_owned(),
        client_id: id.map(str::to_owned),
        origin: Some(talk.id()),
        ..NewMessage::default()
    };
    let opened = talk.hub().open_own_for(talk.scope(), &message).await;
    let opened = opened.map_err(named(FIELDS))?;
    join(talk, &opened).await?;
    // As many as may be joined, and no more.
    let openings = &mut talk.dialect().openings;
    openings.extend(id.map(|id| (id.to_owned(), opened.number)));
    Ok(opened)
}

/// The conversation that the frame of this id has opened on this connection.
fn opened_by(talk: &mut Talk<Assistant>, id: Option<&str>) -> Option<Arc<Conversation>> {
    let mut openings = talk.dialect().openings.iter();
    let (_, number) = openings.find(|(opening, _)| Some(opening.as_str()) == id)?;
    let number = *number;
    talk.find_joined(number)
}

/// Joined and live before the frame is acted on, so that its sender hears no echo.
async fn join(talk: &mut Talk<Assistant>, conversation: &Arc<Conversation>) -> Result<(), HubError> {
    check_room(talk)?;
    talk.join(conversation, None)?;
    talk.caught_up().await;
    Ok(())
}

fn check_room(talk: &Talk<Assistant>) -> Result<(), HubError> {
    if talk.joined_count() < MAX_JOINED {
        return Ok(());
    }
    Err(HubError::Conflict(format!(
        "a connection hears at most {MAX_JOINED} conversations: open another one"
    )))
}
