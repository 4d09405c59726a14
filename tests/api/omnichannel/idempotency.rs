//! The same request twice: FAQs, at once, after a mistake and after a restart.

use serde_json::{Value, json};

use crate::idempotency::{assert_once, is_replay, keyed, post};
use crate::process::Folder;
use crate::process::people::Person;
use crate::support::World;

fn faq(question: &str) -> Value {
    json!({"question": question, "answer": "Always."})
}

#[tokio::test]
async fn of_five_at_once_one_makes_the_record() {
    let world = World::start().await;
    let agent = keyed(&world.agent().await, "key-1");
    let body = faq("Are you open?");
    let posts: Vec<_> = (0..5)
        .map(|_| {
            let (agent, body) = (agent.clone(), body.clone());
            tokio::spawn(async move { agent.post("/api/faq", &body).await })
        })
        .collect();
    let mut made = 0;
    for post in posts {
        let answer = post.await.unwrap();
        match answer.status {
            201 => made += u32::from(!is_replay(&answer)),
            409 => {
                assert_eq!(answer.header("retry-after"), "1");
                assert_eq!(answer.body["code"], "VALIDATION_ERROR", "{}", answer.text);
            }
            other => panic!("{other}: {}", answer.text),
        }
    }
    assert_eq!(made, 1);
    assert!(is_replay(&agent.post("/api/faq", &body).await));
    let listed = agent.get("/api/faq").await;
    assert_eq!(listed.body["pagination"]["total"], 1, "{}", listed.text);
}

#[tokio::test]
async fn a_mistake_is_not_kept() {
    let world = World::start().await;
    let agent = keyed(&world.agent().await, "key-1");
    let wrong = json!({"question": "", "answer": "Always."});
    for _ in 0..2 {
        let refused = agent.post("/api/faq", &wrong).await;
        assert!(refused.status == 400 && !is_replay(&refused), "{}", refused.text);
    }
    assert_once(&agent, "/api/faq", &faq("Are you open?")).await;
}

#[tokio::test]
async fn a_key_that_cannot_be_one_is_refused_and_nothing_is_stored() {
    let world = World::start().await;
    for key in ["", "two words", &"k".repeat(256)] {
        let agent = keyed(&world.admin, key);
        let refused = agent.post("/api/faq", &faq("Are you open?")).await;
        assert_eq!(refused.status, 400, "{key}: {}", refused.text);
        assert_eq!(refused.body["errors"][0]["field"], "Idempotency-Key");
    }
    assert_once(
        &keyed(&world.admin, &"k".repeat(255)),
        "/api/faq",
        &faq("Are you open?"),
    )
    .await;
}

#[tokio::test]
async fn a_restart_in_between_changes_nothing() {
    for engine in ["sled", "fjall"] {
        let folder = Folder::new(engine);
        let hub = folder.start().await;
        let admin = Person::admin(hub.address).await;
        let first = post(hub.address, "/api/faq", &admin.token, &faq("Are you open?")).await;
        assert_eq!(first.status, 201, "{}", first.body);
        hub.kill();
        let hub = folder.start().await;
        let again = post(hub.address, "/api/faq", &admin.token, &faq("Are you open?")).await;
        assert_eq!(again.header("idempotent-replayed"), Some("true"));
        assert_eq!((again.status, again.body), (201, first.body));
    }
}
