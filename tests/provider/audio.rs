//! Recordings are heard, by REST and on the socket; where hearing fails, an agent listens.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::fake::{Fake, HEARD, KEY, Mood};
use super::{GENERATED, shop};
use crate::process::Folder;
use crate::process::http::send;
use crate::process::people::{Guest, Person};

const MODEL: (&str, &str) = ("SWITCHBOARD_AI__TRANSCRIPTION_MODEL", "whisper-1");

fn recording() -> String {
    let mut flac = b"fLaC".to_vec();
    flac.resize(4_000, 0);
    STANDARD.encode(flac)
}

fn body() -> Value {
    json!({"audio": recording(), "format": "flac", "userId": "anna", "sessionId": "s1"})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_is_heard_answered_and_kept() {
    let fake = Fake::start().await;
    let world = shop(&fake, &[MODEL]).await;
    let answer = world.admin.post("/api/core/messages/audio", &body()).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.body["transcription"], HEARD);
    assert_eq!(
        (&answer.body["response"]["text"], &answer.body["status"]),
        (&json!(GENERATED), &json!("active"))
    );
    let scope =
        switchboard_domain::scope::Scope::hub(world.hub.credentials().default_organization().unwrap());
    let conversation = world.hub.get_conversation(&scope, "s1").unwrap();
    let messages = world.hub.list_messages(&scope, &conversation, 0, 10).unwrap();
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
        let answer = world.admin.post("/api/core/messages/audio", &body()).await;
        assert_eq!(
            (answer.status, &answer.body["transcription"]),
            (200, &json!("")),
            "{mood:?}: {}",
            answer.text
        );
        assert_eq!(answer.body["status"], "waiting", "{mood:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_on_the_socket_is_heard_and_answered() {
    let fake = Fake::start().await;
    let folder = Folder::new("sled")
        .with("ai.provider", "openai")
        .with("ai.base_url", &fake.base_url())
        .with("ai.api_key", KEY)
        .with("ai.transcription_model", "whisper-1");
    let hub = folder.start().await;
    let admin = Person::admin(hub.address).await;
    let faq = json!({"question": HEARD, "answer": "Only on Tuesdays.", "category": "animals"});
    let made = send(hub.address, "POST", "/api/faq", &admin.token, &faq).await;
    assert_eq!(made.status, 201);
    let mut guest = Guest::open(hub.address).await;
    let frame = json!({"type": "audio", "audio": recording(), "format": "flac"});
    let ack = guest.socket.ask(frame, "m-1").await;
    assert_eq!(ack["type"], "ack", "{ack}\n{}", folder.complaint());
    let heard = guest.socket.hear("transcription").await;
    assert_eq!(heard["text"], HEARD);
    let answer = guest.socket.hear("message").await;
    assert_eq!(answer["text"], GENERATED, "{answer}");
}
