//! A hub that is killed while the provider thinks answers after its restart.

use serde_json::json;

use super::fake::{Fake, KEY, Mood};
use super::{GENERATED, PENGUINS, fake};
use crate::process::people::{Guest, Person};
use crate::process::socket::Socket;
use crate::process::{Folder, until};

#[tokio::test(flavor = "multi_thread")]
async fn killed_between_a_message_and_its_answer_the_hub_answers_after_its_restart() {
    let fake = Fake::start().await;
    let folder = Folder::new("sled")
        .with("ai.provider", "openai")
        .with("ai.base_url", &fake.base_url())
        .with("ai.api_key", KEY);
    let hub = folder.start().await;
    let admin = Person::admin(hub.address).await;
    admin.teaches(hub.address, fake::HEARD, PENGUINS).await;
    let mut guest = Guest::open(hub.address).await;
    fake.feels(Mood::Hangs);
    guest.socket.say("Do you sell penguins?", "m-1").await;
    guest.socket.hear("typing_start").await;
    let query = format!("{}&lastSequence=0", guest.query());
    hub.kill();
    fake.feels(Mood::Well);
    let hub = folder.start().await;
    until("the answer", || async {
        !fake.asked("grounded_answer").is_empty()
    })
    .await;
    let mut socket = Socket::open(hub.address, &query)
        .await
        .expect("the connection is let in");
    let mut heard = socket.hear("message").await;
    while heard["sender"] != "ai" {
        heard = socket.hear("message").await;
    }
    assert_eq!(
        (&heard["text"], &heard["sequence"]),
        (&json!(GENERATED), &json!(2)),
        "{heard}"
    );
}
