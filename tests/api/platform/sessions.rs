//! Sessions: their context, their reset, and what staff see of them.

use serde_json::{Value, json};

use crate::support::{Persona, World};

async fn say(persona: &Persona, text: &str, user: &str, session: &str, channel: &str) {
    let body = json!({"message": {"text": text}, "userId": user, "sessionId": session, "channel": channel});
    let answer = persona.post("/api/core/messages", &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

#[tokio::test]
async fn the_context_tells_the_history_until_it_is_reset() {
    let world = World::start().await;
    say(
        &world.admin,
        "Hello, I need help with my order",
        "anna",
        "s 1/2",
        "whatsapp",
    )
    .await;
    let path = "/api/core/sessions/s%201%2F2/context";
    let context = world.admin.get(path).await;
    assert_eq!(context.status, 200, "{}", context.text);
    assert_eq!(context.body["sessionId"], "s 1/2");
    assert_eq!(context.body["userId"], "anna");
    assert_eq!(context.body["channel"], "whatsapp");
    let known = &context.body["context"];
    let first = &known["conversation_history"][0];
    assert_eq!(
        first,
        &json!({"role": "user", "content": "Hello, I need help with my order"})
    );
    assert_eq!(known["conversation_history"][1]["role"], "assistant");
    assert_eq!(known["entities"], json!({"order_number": null}));
    assert_eq!(known["intent"], "order_inquiry");
    assert!(known["last_interaction"].as_str().unwrap().ends_with('Z'));

    let reset = world
        .admin
        .post("/api/core/sessions/s%201%2F2/reset", &json!({}))
        .await;
    assert_eq!(
        reset.body,
        json!({"status": "success", "message": "Session context has been reset", "sessionId": "s 1/2"})
    );
    let after = world.admin.get(path).await.body["context"].clone();
    assert_eq!(after["conversation_history"], json!([]));
    assert_eq!((&after["entities"], &after["intent"]), (&json!({}), &Value::Null));
    let detail = world.admin.get("/api/admin/sessions/s%201%2F2").await;
    assert_eq!(
        detail.body["messages"].as_array().unwrap().len(),
        2,
        "the messages stay on record"
    );
}

#[tokio::test]
async fn a_customer_sees_its_own_session_and_nobody_elses() {
    let world = World::start().await;
    let (customer, stranger) = (world.customer().await, world.stranger().await);
    let opened = customer
        .post("/api/core/messages", &json!({"message": {"text": "Hello"}}))
        .await;
    let session = opened.body["sessionId"].as_str().unwrap();
    let path = format!("/api/core/sessions/{session}/context");
    assert_eq!(customer.get(&path).await.status, 200);
    assert_eq!(world.agent().await.get(&path).await.status, 200);
    let other_admin = world.other_admin().await;
    for other in [&stranger, &other_admin] {
        assert_eq!(other.get(&path).await.status, 404);
        let reset = format!("/api/core/sessions/{session}/reset");
        assert_eq!(other.post(&reset, &json!({})).await.status, 404);
    }
    assert_eq!(
        other_admin
            .get(&format!("/api/admin/sessions/{session}"))
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn active_sessions_are_listed_by_page_and_channel() {
    let world = World::start().await;
    for (session, channel) in [
        ("s1", "web"),
        ("s2", "whatsapp"),
        ("s3", "whatsapp"),
        ("s4", "email"),
    ] {
        say(&world.admin, "Hello", session, session, channel).await;
    }
    let agent = world.agent().await;
    let all = agent.get("/api/admin/sessions/active?page=2&limit=3").await;
    assert_eq!(
        all.body["pagination"],
        json!({"total": 4, "page": 2, "limit": 3, "pages": 2})
    );
    assert_eq!(all.body["sessions"][0]["id"], "s1", "newest first");
    let whatsapp = agent
        .get("/api/admin/sessions/active?channel=whatsapp&limit=1")
        .await;
    assert_eq!(
        whatsapp.body["pagination"],
        json!({"total": 2, "page": 1, "limit": 1, "pages": 2})
    );
    assert_eq!(whatsapp.body["sessions"][0]["id"], "s3");
    let session = &whatsapp.body["sessions"][0];
    for field in [
        "customerId",
        "customerName",
        "channel",
        "status",
        "startedAt",
        "lastMessageAt",
    ] {
        assert!(session[field].is_string(), "{field}: {session}");
    }
    assert_eq!(
        (&session["agentId"], &session["agentName"]),
        (&Value::Null, &Value::Null)
    );
    let wrong = agent.get("/api/admin/sessions/active?channel=fax").await;
    assert_eq!(wrong.status, 400);
}

#[tokio::test]
async fn active_sessions_are_read_on_by_key_whatever_opens_or_closes_in_between() {
    let world = World::start().await;
    for session in ["s1", "s2", "s3", "s4", "s5"] {
        say(&world.admin, "Hello", session, session, "web").await;
    }
    let agent = world.agent().await;
    let first = agent.get("/api/admin/sessions/active?limit=2").await;
    assert_eq!(names(&first.body), ["s5", "s4"]);
    let last = first.body["sessions"][1]["conversationId"].as_str().unwrap();
    say(&world.admin, "Hello", "s6", "s6", "web").await;
    let close = format!("/api/conversations/{last}/close");
    assert_eq!(world.admin.post(&close, &json!({})).await.status, 200);
    for channel in ["", "&channel=web"] {
        let path = format!("/api/admin/sessions/active?limit=2&before={last}{channel}");
        let next = agent.get(&path).await;
        assert_eq!(names(&next.body), ["s3", "s2"], "{channel}");
        assert_eq!(next.body["pagination"]["total"], 5, "all that are open");
        let second = agent.get(&format!("{path}&page=2")).await;
        assert_eq!(names(&second.body), ["s1"], "{channel}");
    }
    let wrong = agent.get("/api/admin/sessions/active?before=s3").await;
    assert_eq!(wrong.status, 400, "{}", wrong.text);
    let details = wrong.body["error"]["details"].as_str().unwrap();
    assert!(details.contains("before"), "{details}");
}

fn names(listed: &Value) -> Vec<&str> {
    let sessions = listed["sessions"].as_array().unwrap();
    sessions
        .iter()
        .map(|session| session["id"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn a_sessions_detail_reads_on_from_any_message() {
    let world = World::start().await;
    let customer = world.customer().await;
    let opened = customer
        .post("/api/core/messages", &json!({"message": {"text": "Hello"}}))
        .await;
    let session = opened.body["sessionId"].as_str().unwrap().to_owned();
    for text in ["Hello again", "Thanks"] {
        let body = json!({"message": {"text": text}, "sessionId": session});
        assert_eq!(customer.post("/api/core/messages", &body).await.status, 200);
    }
    let path = format!("/api/admin/sessions/{session}");
    let whole = world.admin.get(&path).await;
    assert_eq!(
        whole.body["session"]["customerInfo"]["email"],
        "customer@example.com"
    );
    let sequences = |answer: &Value| -> Vec<u64> {
        let messages = answer["messages"].as_array().unwrap();
        messages
            .iter()
            .map(|message| message["sequence"].as_u64().unwrap())
            .collect()
    };
    assert_eq!(sequences(&whole.body), [1, 2, 3, 4, 5, 6]);
    let newest = world.admin.get(&format!("{path}?limit=2")).await;
    assert_eq!(sequences(&newest.body), [5, 6]);
    let behind = world.admin.get(&format!("{path}?after=2&limit=2")).await;
    assert_eq!(sequences(&behind.body), [3, 4]);
    assert_eq!(world.admin.get("/api/admin/sessions/none").await.status, 404);
}
