//! Recordings are heard, by REST and on the socket; where hearing fails, an agent listens.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use switchboard_actors::hub::conversations::OpenConversation;
use switchboard_actors::hub::messages::{Answered, NewMessage};

use super::fake::{Fake, HEARD, Mood};
use super::{GENERATED, shop};
use crate::process::people::Guest;
use crate::support::{World, said, status};

const MODEL: (&str, &str) = ("SWITCHBOARD_AI__TRANSCRIPTION_MODEL", "whisper-1");

fn recording() -> String {
    let mut flac = b"fLaC".to_vec();
    flac.resize(4_000, 0);
    STANDARD.encode(flac)
}

/// A customer's recording, and what came of it.
async fn record(world: &World) -> Answered {
    let open = OpenConversation {
        alias: Some("s1".to_owned()),
        ..OpenConversation::default()
    };
    let (scope, audio, new) = (
        world.customer().await.scope().await,
        recording(),
        NewMessage::default(),
    );
    let recorded = world.hub.record_in(&scope, open, &audio, "flac", new);
    recorded.await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_is_heard_answered_and_kept() {
    let fake = Fake::start().await;
    let world = shop(&fake, &[MODEL]).await;
    let answered = record(&world).await;
    assert_eq!(answered.question.text, HEARD);
    assert_eq!((said(&answered), status(&answered)), (GENERATED, "active"));
    let messages = world.messages("s1");
    assert_eq!(
        (messages[0].text.as_str(), messages[0].attachments.len()),
        (HEARD, 1)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_that_cannot_be_heard_goes_to_an_agent() {
    for mood in [Mood::Refuses(500, None, usize::MAX), Mood::Hangs, Mood::Babbles] {
        let fake = Fake::start().await;
        let world = shop(&fake, &[MODEL, ("SWITCHBOARD_AI__TIMEOUT_SECONDS", "4")]).await;
        fake.feels(mood);
        let answered = record(&world).await;
        assert_eq!(answered.question.text, "", "{mood:?}");
        assert_eq!(status(&answered), "waiting", "{mood:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_on_the_socket_is_heard_and_answered() {
    let fake = Fake::start().await;
    let world = shop(&fake, &[MODEL]).await;
    let mut guest = Guest::open(world.address()).await;
    let frame = json!({"type": "audio", "audio": recording(), "format": "flac"});
    let ack = guest.socket.ask(frame, "m-1").await;
    assert_eq!(ack["type"], "ack", "{ack}");
    let heard = guest.socket.hear("transcription").await;
    assert_eq!(heard["text"], HEARD);
    let answer = guest.socket.hear("message").await;
    assert_eq!(answer["text"], GENERATED, "{answer}");
}
