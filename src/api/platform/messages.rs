//! `/api/core/messages`: a customer's words or recording in, the answer out in the same call.

use futures_util::FutureExt;
use switchboard_actors::error::HubError;
use switchboard_actors::hub::conversations::OpenConversation;
use switchboard_actors::hub::messages::NewMessage;
use switchboard_domain::scope::{Principal, Scope};

use super::wire::{AnsweredOut, MessageIn, RecordedOut, RecordingIn};
use crate::http::failure::named;
use crate::http::reply::ok;
use crate::http::route::{Access, Call, Reply, Route};

pub(super) const ROUTES: &[Route] = &[
    Route::post("/api/core/messages", Access::Caller, |call| receive(call).boxed())
        .says("Send a customer's message and wait for the answer")
        .details(
            "A `sessionId` of the caller's own is kept as an alias; a repeated `message.id` gets the first \
             answer again. With an agent in charge `response` is null.",
        )
        .takes::<MessageIn>()
        .answers::<AnsweredOut>(200),
    Route::record("/api/core/messages/audio", Access::Caller, |call| {
        record(call).boxed()
    })
    .says("Send a customer's recording and wait for the answer")
    .details("`audio` is Base64. Without a transcription the recording is kept and an agent is called.")
    .takes::<RecordingIn>()
    .answers::<RecordedOut>(200),
];

async fn receive(call: Call) -> Reply {
    let parts = call.json::<MessageIn>()?.into_parts();
    let (open, message) = named_by_key(&call, parts);
    let answered = call.hub().ask_in(call.scope()?, open, message).await;
    let answered = answered.map_err(named(&[("text", "message.text"), ("id", "message.id")]))?;
    ok(&AnsweredOut::from(&answered))
}

async fn record(call: Call) -> Reply {
    let recording: RecordingIn = call.json()?;
    check_size(&recording, call.surface().max_recording_bytes)?;
    let (open, message) = named_by_key(&call, recording.parts());
    let recorded = call
        .hub()
        .record_in(call.scope()?, open, &recording.audio, &recording.format, message)
        .await?;
    ok(&RecordedOut::from(&recorded))
}

/// What the caller gave no id of its own gets one from its key, so that a repeat after a crash finds both again.
fn named_by_key(call: &Call, parts: (OpenConversation, NewMessage)) -> (OpenConversation, NewMessage) {
    let (mut open, mut message) = parts;
    let Some(key) = call.idempotency_key() else {
        return (open, message);
    };
    message.client_id.get_or_insert_with(|| key.to_owned());
    // A guest has one session, whatever it is called.
    if call.scope().is_ok_and(|scope| !is_guest(scope)) {
        open.alias.get_or_insert_with(|| key.to_owned());
    }
    (open, message)
}

fn is_guest(scope: &Scope) -> bool {
    matches!(scope.principal, Principal::Guest { .. })
}

/// The size of what Base64 stands for, without decoding it.
fn check_size(recording: &RecordingIn, most: usize) -> Result<(), HubError> {
    let encoded = recording.audio.trim_end_matches('=').len();
    if encoded / 4 * 3 + encoded % 4 * 3 / 4 <= most {
        return Ok(());
    }
    Err(HubError::TooLarge {
        what: "the recording",
        limit: format!("{most} bytes"),
    })
}
