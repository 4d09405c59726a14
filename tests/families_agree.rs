//! One story told through all five families: one account, one conversation, one record.

use serde_json::{Value, json};

use crate::support::{PASSWORD, Persona, World};

const EMAIL: &str = "ann@example.com";

/// What each family is told in the story, in order.
const STORY: [&str; 5] = [
    "Do you deliver to Norway?",
    "And how long does that take?",
    "Do you have blue curtains?",
    "In which sizes?",
    "Thank you for asking, I will look it up.",
];

fn texts(list: &Value, field: &str) -> Vec<String> {
    let entries = list.as_array().unwrap().iter();
    entries
        .map(|entry| entry[field].as_str().unwrap().to_owned())
        .collect()
}

/// The number by which the one family with numbers knows the only conversation.
async fn number(customer: &Persona) -> u64 {
    let list = customer.get("/api/v1/chat/conversations").await;
    assert_eq!(list.body.as_array().map(Vec::len), Some(1), "{}", list.text);
    list.body[0]["id"].as_u64().unwrap()
}

/// Says one thing through each family, the last one as an agent.
async fn tell(customer: &Persona, agent: &Persona, id: &str) {
    let number = number(customer).await;
    let told = [
        (
            format!("/conversations/{id}/messages"),
            json!({"message": STORY[0], "metadata": {"device": "web"}}),
        ),
        (
            "/api/core/messages".to_owned(),
            json!({"message": {"text": STORY[1], "type": "text"}, "channel": "web", "sessionId": id}),
        ),
        (
            "/api/v1/chat/chat".to_owned(),
            json!({"message": STORY[2], "conversation_id": number}),
        ),
        (
            format!("/api/chat/rooms/{id}/messages"),
            json!({"content": STORY[3], "user_type": "customer"}),
        ),
    ];
    for (path, body) in told {
        let answer = customer.post(&path, &body).await;
        assert!((200..300).contains(&answer.status), "{path}: {}", answer.text);
    }
    let path = format!("/api/conversations/{id}/messages");
    let answer = agent.post(&path, &json!({"content": STORY[4]})).await;
    assert!((200..300).contains(&answer.status), "{path}: {}", answer.text);
}

/// What every family shows of the conversation: all texts, in order.
async fn shown(customer: &Persona, agent: &Persona, id: &str) -> Vec<(&'static str, Vec<String>)> {
    let number = number(customer).await;
    let care = customer
        .get(&format!("/conversations/{id}/messages?limit=100"))
        .await;
    let platform = agent.get(&format!("/api/admin/sessions/{id}")).await;
    let assistant = customer
        .get(&format!("/api/v1/chat/conversations/{number}"))
        .await;
    let rooms = customer
        .get(&format!("/api/chat/rooms/{id}/messages?limit=100"))
        .await;
    let omnichannel = agent
        .get(&format!("/api/conversations/{id}/messages?limit=100"))
        .await;
    vec![
        ("care", texts(&care.body, "message")),
        ("platform", texts(&platform.body["messages"], "text")),
        ("assistant", texts(&assistant.body["messages"], "content")),
        ("rooms", texts(&rooms.body, "content")),
        ("omnichannel", texts(&omnichannel.body["data"], "content")),
    ]
}

#[tokio::test]
async fn a_story_told_through_all_five_families_is_one_conversation() {
    let world = World::start().await;
    let agent = world.agent().await;
    let new = json!({"email": EMAIL, "password": PASSWORD, "name": "Ann Lee"});
    let registered = world.nobody.post("/auth/register", &new).await;
    assert!((200..300).contains(&registered.status), "{}", registered.text);
    let customer = world.nobody.login(EMAIL).await;
    let opened = customer.post("/conversations", &json!({})).await;
    let id = opened.body["conversation_id"].as_str().unwrap().to_owned();

    tell(&customer, &agent, &id).await;

    let shown = shown(&customer, &agent, &id).await;
    let (_, first) = &shown[0];
    let story: Vec<_> = first
        .iter()
        .filter(|text| STORY.contains(&text.as_str()))
        .collect();
    assert_eq!(story, STORY.iter().collect::<Vec<_>>());
    for (family, texts) in &shown {
        assert_eq!(texts, first, "{family} shows something else");
    }
}

#[tokio::test]
async fn who_is_in_charge_and_whether_it_is_over_is_the_same_everywhere() {
    let world = World::start().await;
    let (agent, customer) = (world.agent().await, world.customer().await);
    let opened = customer.post("/conversations", &json!({})).await;
    let id = opened.body["conversation_id"].as_str().unwrap().to_owned();
    tell(&customer, &agent, &id).await;
    assert_eq!(
        states(&customer, &agent, &id).await,
        ["with_agent", "with_agent", "TRANSFERRED", "true"]
    );
    let closed = agent
        .post(
            &format!("/api/conversations/{id}/close"),
            &json!({"reason": "RESOLVED", "summary": "Told"}),
        )
        .await;
    assert_eq!(closed.status, 200, "{}", closed.text);
    assert_eq!(
        states(&customer, &agent, &id).await,
        ["closed", "closed", "CLOSED", "false"]
    );
}

async fn states(customer: &Persona, agent: &Persona, id: &str) -> Vec<String> {
    let room = customer.get(&format!("/api/chat/rooms/{id}")).await;
    let session = agent.get(&format!("/api/admin/sessions/{id}")).await;
    let conversation = agent.get(&format!("/api/conversations/{id}")).await;
    let number = number(customer).await;
    let chat = customer
        .get(&format!("/api/v1/chat/conversations/{number}"))
        .await;
    vec![
        room.body["status"].as_str().unwrap().to_owned(),
        session.body["session"]["status"].as_str().unwrap().to_owned(),
        conversation.body["data"]["status"].as_str().unwrap().to_owned(),
        chat.body["is_active"].as_bool().unwrap().to_string(),
    ]
}

#[tokio::test]
async fn one_account_logs_in_through_every_family() {
    let world = World::start().await;
    let new = json!({"username": "ann", "email": EMAIL, "password": PASSWORD, "full_name": "Ann Lee"});
    let registered = world.nobody.post("/api/v1/auth/register", &new).await;
    assert!((200..300).contains(&registered.status), "{}", registered.text);
    let logins = [
        ("/auth/login", json!({"email": EMAIL, "password": PASSWORD})),
        ("/v1/auth/login", json!({"email": EMAIL, "password": PASSWORD})),
        (
            "/api/auth/login",
            json!({"username": "ann", "password": PASSWORD}),
        ),
        (
            "/api/v1/auth/login",
            json!({"username": EMAIL, "password": PASSWORD}),
        ),
    ];
    for (path, body) in logins {
        let answer = world.nobody.post(path, &body).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        let ann = world
            .nobody
            .with_token(answer.body["access_token"].as_str().unwrap());
        let seen = ann.get("/api/auth/me").await;
        assert_eq!(seen.body["username"], "ann", "{path}: {}", seen.text);
        assert_eq!(ann.get("/api/conversations").await.status, 200, "{path}");
    }
}
