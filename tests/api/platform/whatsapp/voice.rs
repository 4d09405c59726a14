//! Words that a customer speaks: heard by the paid AI, and answered like written ones.

use switchboard_testbed::graph::samples;

use super::{ALLOWED, CUSTOMER, Chat, fresh};
use crate::provider::fake::{Fake, HEARD, KEY};

#[tokio::test(flavor = "multi_thread")]
async fn a_voice_message_from_whatsapp_is_heard_and_answered() {
    let fake = Fake::start().await;
    let base_url = fake.base_url();
    let chat = Chat::start_with(&[
        ALLOWED,
        ("SWITCHBOARD_AI__PROVIDER", "openai"),
        ("SWITCHBOARD_AI__BASE_URL", base_url.as_str()),
        ("SWITCHBOARD_AI__API_KEY", KEY),
        ("SWITCHBOARD_AI__TRANSCRIPTION_MODEL", "whisper-1"),
    ])
    .await;
    let mut recording = b"fLaC".to_vec();
    recording.resize(4_000, 0);
    let file = chat.graph.keep_file("audio/ogg; codecs=opus", recording);
    let voice = samples::media(CUSTOMER, "wamid.1", "audio", &file, "audio/ogg");
    chat.comes(fresh(voice)).await;
    chat.until("the words", |messages| messages[0].text == HEARD)
        .await;
    let sent = chat.graph.wait_for_sent(1).await;
    assert_eq!(sent[0].to, CUSTOMER);
}
