//! `/api/v1/chat`: answered in the same call, kept under whole numbers, seen by whom they concern.

use serde_json::{Value, json};

use crate::support::{Answer, Persona, World};

const CHAT: &str = "/api/v1/chat/chat";
const CONVERSATIONS: &str = "/api/v1/chat/conversations";

async fn say(persona: &Persona, text: &str, conversation: Option<u64>) -> Answer {
    let answer = persona
        .post(CHAT, &json!({"message": text, "conversation_id": conversation}))
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer
}

async fn teach(world: &World) {
    let answer = "To reset your password, click on 'Forgot Password'.";
    world.knows("How do I reset my password?", answer).await;
}

#[tokio::test]
async fn a_question_is_answered_and_its_conversation_goes_on_by_number() {
    let world = World::start().await;
    teach(&world).await;
    let customer = world.customer().await;
    let first = say(&customer, "How do I reset my password?", None).await;
    let body = &first.body;
    assert_eq!(
        body["response"],
        "To reset your password, click on 'Forgot Password'."
    );
    assert!(
        body["tokens_used"].is_u64() && body["response_time"].is_u64(),
        "{}",
        first.text
    );
    assert_eq!(body["status"], "active");
    let number = body["conversation_id"].as_u64().unwrap();
    let second = say(&customer, "Hello", Some(number)).await;
    assert_eq!(second.body["conversation_id"], number);
    let shown = customer.get(&format!("{CONVERSATIONS}/{number}")).await;
    let me = customer.get("/api/v1/auth/me").await;
    assert_eq!(
        (
            &shown.body["id"],
            &shown.body["user_id"],
            &shown.body["is_active"]
        ),
        (&json!(number), &me.body["id"], &json!(true)),
        "{}",
        shown.text
    );
    assert_eq!(shown.body["title"], "How do I reset my password?");
    let messages = shown.body["messages"].as_array().unwrap();
    let roles: Vec<_> = messages
        .iter()
        .map(|message| message["role"].as_str().unwrap())
        .collect();
    assert_eq!(roles, ["user", "assistant", "user", "assistant"]);
    assert_eq!(messages[0]["tokens_used"], 0);
    assert_eq!(
        (&messages[1]["content"], &messages[1]["conversation_id"]),
        (&body["response"], &json!(number))
    );
    assert_eq!(messages[1]["response_time"], body["response_time"]);
    let page = customer
        .get(&format!("{CONVERSATIONS}/{number}?skip=1&limit=2"))
        .await;
    assert_eq!(page.body["messages"], json!([messages[1], messages[2]]));
}

#[tokio::test]
async fn anothers_conversation_is_as_unknown_as_none() {
    let world = World::start().await;
    let (customer, stranger) = (world.customer().await, world.stranger().await);
    let number = say(&customer, "Hello", None).await.body["conversation_id"]
        .as_u64()
        .unwrap();
    let other_admin = world.other_admin().await;
    let unknown = number + 1_000_000;
    for (persona, number) in [(&stranger, number), (&other_admin, number), (&customer, unknown)] {
        let path = format!("{CONVERSATIONS}/{number}");
        for answer in [
            persona
                .post(CHAT, &json!({"message": "Hello", "conversation_id": number}))
                .await,
            persona.get(&path).await,
            persona.post(&format!("{path}/close"), &json!({})).await,
        ] {
            let detail = json!({"detail": "Conversation not found"});
            assert_eq!((answer.status, answer.body), (404, detail));
        }
    }
    assert_eq!(
        customer.get(&format!("{CONVERSATIONS}/{number}")).await.status,
        200
    );
}

#[tokio::test]
async fn a_list_is_bare_and_newest_first_or_a_page() {
    let world = World::start().await;
    let customer = world.customer().await;
    let mut numbers = Vec::new();
    for _ in 0..3 {
        numbers.push(
            say(&customer, "Hello", None).await.body["conversation_id"]
                .as_u64()
                .unwrap(),
        );
    }
    let bare = customer.get(CONVERSATIONS).await;
    let listed: Vec<_> = bare
        .body
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["id"].as_u64().unwrap())
        .collect();
    numbers.reverse();
    assert_eq!(listed, numbers);
    assert_eq!(bare.body[0]["messages"], json!([]));
    let page = customer
        .get(&format!("{CONVERSATIONS}?skip=1&limit=1"))
        .await
        .body;
    assert_eq!(
        (&page["total"], &page["skip"], &page["limit"]),
        (&json!(3), &json!(1), &json!(1))
    );
    assert_eq!(page["items"], json!([bare.body[1]]));
    let only_skip = customer.get(&format!("{CONVERSATIONS}?skip=0")).await.body;
    assert_eq!(
        (&only_skip["limit"], only_skip["items"].as_array().unwrap().len()),
        (&json!(100), 3)
    );
    let capped = customer.get(&format!("{CONVERSATIONS}?limit=5000")).await.body;
    assert_eq!(capped["limit"], 1000);
    assert_eq!(world.stranger().await.get(CONVERSATIONS).await.body, json!([]));
    for wrong in ["skip=-1", "limit=0", "limit=x"] {
        let refused = customer.get(&format!("{CONVERSATIONS}?{wrong}")).await;
        let field = wrong.split('=').next().unwrap();
        assert_eq!(
            (refused.status, &refused.body["detail"][0]["loc"]),
            (422, &json!(["query", field])),
            "{}",
            refused.text
        );
    }
}

#[tokio::test]
async fn with_an_agent_in_charge_the_handover_text_answers() {
    let world = World::start().await;
    let (customer, agent) = (world.customer().await, world.agent().await);
    let asked = say(&customer, "I want to talk to a human", None).await;
    assert_eq!(asked.body["status"], "waiting", "{}", asked.text);
    let number = asked.body["conversation_id"].as_u64();
    let taken = say(&agent, "This is Jane.", number).await;
    assert_eq!(
        (&taken.body["status"], &taken.body["response"]),
        (&json!("with_agent"), &json!(""))
    );
    let again = say(&customer, "Good to hear", number).await;
    assert_eq!(again.body["response"], asked.body["response"], "{}", again.text);
    assert_eq!(
        (&again.body["status"], &again.body["tokens_used"]),
        (&json!("with_agent"), &json!(0))
    );
    let shown = customer
        .get(&format!("{CONVERSATIONS}/{}", number.unwrap()))
        .await;
    let message = &shown.body["messages"][2];
    assert_eq!(
        (&message["role"], &message["agent_name"]),
        (&json!("assistant"), &json!("Jane Smith"))
    );
}

#[tokio::test]
async fn a_closed_conversation_is_not_active_until_its_customer_writes() {
    let world = World::start().await;
    let customer = world.customer().await;
    let number = say(&customer, "Hello", None).await.body["conversation_id"]
        .as_u64()
        .unwrap();
    let closed = customer
        .post(&format!("{CONVERSATIONS}/{number}/close"), &json!({}))
        .await;
    assert_eq!(
        (closed.status, &closed.body["is_active"]),
        (200, &json!(false)),
        "{}",
        closed.text
    );
    let opened = say(&customer, "One more thing", Some(number)).await;
    assert_eq!(opened.body["status"], "active");
}

#[tokio::test]
async fn a_message_that_is_none_is_refused_and_opens_nothing() {
    let world = World::start().await;
    let customer = world.customer().await;
    for (body, field) in [
        (json!({}), "message"),
        (json!({"message": " "}), "message"),
        (json!({"message": 5}), "message"),
        (json!({"message": "a".repeat(8_001)}), "message"),
        (
            json!({"message": "Hello", "conversation_id": "abc"}),
            "conversation_id",
        ),
        (
            json!({"message": "Hello", "conversation_id": -1}),
            "conversation_id",
        ),
        (
            json!({"message": "Hello", "conversation_id": 1.5}),
            "conversation_id",
        ),
    ] {
        let refused = customer.post(CHAT, &body).await;
        assert_eq!(
            (refused.status, &refused.body["detail"][0]["loc"]),
            (422, &json!(["body", field])),
            "{}",
            refused.text
        );
    }
    assert_eq!(customer.get(CONVERSATIONS).await.body, json!([]));
}

#[tokio::test]
async fn a_message_sent_twice_under_one_key_is_one_message() {
    let world = World::start().await;
    let customer = world.customer().await.with_header("idempotency-key", "key-1");
    let body = json!({"message": "Hello"});
    let (first, again) = (customer.post(CHAT, &body).await, customer.post(CHAT, &body).await);
    assert_eq!(
        (again.header("idempotent-replayed"), &first.text),
        ("true", &again.text)
    );
    assert_eq!(
        customer.get(CONVERSATIONS).await.body.as_array().unwrap().len(),
        1
    );
}

#[tokio::test]
async fn a_service_without_an_account_reads_all_and_begins_nothing() {
    let world = World::start().await;
    let (customer, service) = (world.customer().await, world.service().await);
    let number = say(&customer, "Hello", None).await.body["conversation_id"]
        .as_u64()
        .unwrap();
    assert_eq!(
        service.get(&format!("{CONVERSATIONS}/{number}")).await.status,
        200
    );
    let refused = service.post(CHAT, &json!({"message": "Hello"})).await;
    assert_eq!(refused.status, 403, "{}", refused.text);
    assert_ne!(refused.body["detail"], Value::Null);
}
