//! `/ws`, the socket of the `platform` family: web chat for guests and customers, and agents who join a session.
//!
//! Without a token a new session is opened for a guest; with one, the session it names, if the token may. Refusals come
//! before the upgrade as HTTP answers in the family's error form; from then on there are close codes.

mod admission;
mod error;
mod incoming;
mod outgoing;

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use switchboard_actors::error::HubError;
use switchboard_actors::hub::Hub;
use switchboard_domain::time::Timestamp;

use self::admission::Admitted;
use self::incoming::FrameIn;
use super::gate::{Gate, Refusal};
use super::live::Words;
use super::outbox::Outbox;
use super::talk::act::{Act, Done};
use super::talk::{Dialect, Talk};
use super::upgrade::{self, UpgradeError};
use crate::http::{Handler, Request, Response};

/// The handler of `/ws`.
#[derive(Debug, Clone)]
pub struct PlatformSocket {
    /// What it stands on.
    pub gate: Gate,
}

/// The dialect.
struct Platform;

impl Handler for PlatformSocket {
    fn call(&self, request: Request) -> BoxFuture<'static, Response> {
        let socket = self.clone();
        async move { socket.connect(request).await }.boxed()
    }
}

impl PlatformSocket {
    async fn connect(&self, mut request: Request) -> Response {
        if let Err(error) = upgrade::check(&request) {
            return error.answer();
        }
        let admitted = match Admitted::check(&self.gate, &request).await {
            Ok(admitted) => admitted,
            Err(error) => return Refusal::of(&request, error).answer(error::answer),
        };
        let hub = self.gate.hub.clone();
        let opened = self
            .gate
            .open(&mut request, move |outbox| begin(hub, admitted, outbox));
        opened.unwrap_or_else(UpgradeError::answer)
    }
}

/// Greets the client, subscribes it, and starts sending what it has missed.
fn begin(hub: Hub, admitted: Admitted, outbox: Outbox) -> Talk<Platform> {
    let greeting = outgoing::established(&admitted, hub.services().now());
    let Admitted {
        seat,
        conversation,
        last_sequence,
        ..
    } = admitted;
    let mut talk = Talk::new(hub, seat, outbox, Platform);
    talk.send(&[greeting]);
    if let Some(conversation) = &conversation {
        // The reach was checked at admission.
        drop(talk.join(conversation, last_sequence));
    }
    talk.hear_offers();
    talk
}

impl Dialect for Platform {
    type FrameIn = FrameIn;

    const WORDS: Words = outgoing::WORDS;

    async fn act(talk: &mut Talk<Self>, id: Option<&str>, frame: FrameIn) -> Result<Done, HubError> {
        let joined = talk.joined();
        if let (
            FrameIn::HandoverAccept {
                session_id: Some(offered),
            },
            None,
        ) = (&frame, &joined)
        {
            return accept(talk, offered).await;
        }
        let missing = || HubError::invalid("sessionId", "join a session first: connect with sessionId");
        talk.act(id, &joined.ok_or_else(missing)?, frame.into()).await
    }

    fn besides(done: &Done, now: Timestamp) -> Option<Bytes> {
        let recording = done.message.as_ref().filter(|_| done.is_recording)?;
        Some(outgoing::transcription(&recording.text, now))
    }

    fn code(error: &HubError) -> &'static str {
        error::code(error)
    }
}

/// Takes an offered session, and joins it.
async fn accept(talk: &mut Talk<Platform>, offered: &str) -> Result<Done, HubError> {
    let conversation = talk.hub().get_conversation(talk.scope(), offered)?;
    let done = talk.act(None, &conversation, Act::Accept).await?;
    talk.join(&conversation, Some(0))?;
    Ok(done)
}
