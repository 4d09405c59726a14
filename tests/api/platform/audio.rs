//! `POST /api/core/messages/audio`: recordings are kept for an agent, and what is none is refused.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::provider::fake::{Fake, HEARD, KEY};
use crate::support::World;

const PATH: &str = "/api/core/messages/audio";

fn recording(bytes: usize) -> Value {
    let mut flac = b"fLaC".to_vec();
    flac.resize(bytes, 0);
    json!({"audio": STANDARD.encode(flac), "format": "flac", "userId": "anna", "sessionId": "s1"})
}

#[tokio::test]
async fn a_recording_is_kept_and_an_agent_is_asked_for() {
    let world = World::start().await;
    let answer = world.admin.post(PATH, &recording(4_000)).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let body = &answer.body;
    assert_eq!(body["transcription"], "");
    assert_eq!(body["sessionId"], "s1");
    assert_eq!(body["status"], "waiting");
    assert!(body["response"]["id"].as_str().unwrap().starts_with("msg_"));
    let handover = &world.settings().await.handover_message;
    assert_eq!(body["response"]["text"], handover.as_str());
    let detail = world.admin.get("/api/admin/sessions/s1").await;
    let senders: Vec<_> = detail.body["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|m| m["sender"].clone())
        .collect();
    assert_eq!(senders, ["customer", "ai"]);
}

#[tokio::test]
async fn a_recording_over_the_limit_is_refused_and_one_at_the_limit_is_taken() {
    let world = World::start_with(&[("SWITCHBOARD_SERVER__MAX_RECORDING_BYTES", "2000000")]).await;
    let taken = world.admin.post(PATH, &recording(2_000_000)).await;
    assert_eq!(taken.status, 200, "{}", taken.text);
    let refused = world.admin.post(PATH, &recording(2_000_001)).await;
    assert_eq!(refused.status, 413, "{}", refused.text);
    assert_eq!(refused.body["error"]["code"], "invalid_request");
    let far_over = world.admin.post(PATH, &recording(4_000_000)).await;
    assert_eq!(far_over.status, 413, "{}", far_over.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_that_is_heard_is_answered_in_the_same_call() {
    let fake = Fake::start().await;
    let base_url = fake.base_url();
    let world = World::start_with(&[
        ("SWITCHBOARD_AI__PROVIDER", "openai"),
        ("SWITCHBOARD_AI__BASE_URL", base_url.as_str()),
        ("SWITCHBOARD_AI__API_KEY", KEY),
        ("SWITCHBOARD_AI__TRANSCRIPTION_MODEL", "whisper-1"),
    ])
    .await;
    world.knows(HEARD, "Only on Tuesdays.").await;
    let answer = world.admin.post(PATH, &recording(4_000)).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.body["transcription"], HEARD);
    assert_eq!(answer.body["status"], "active");
    let said = answer.body["response"]["text"].as_str().unwrap();
    assert!(said.contains("Only on Tuesdays."), "{}", answer.text);
}
