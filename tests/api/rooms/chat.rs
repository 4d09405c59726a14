//! `/api/chat`: rooms, what is said in them, and what a message means.

use serde_json::{Value, json};

use crate::support::{Persona, World};

const ROOMS: &str = "/api/chat/rooms";

async fn open(persona: &Persona, name: &str) -> Value {
    let answer = persona.post(ROOMS, &json!({"customer_name": name})).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.body
}

async fn say(persona: &Persona, room: &str, content: &str, user_type: &str) -> Value {
    let body = json!({"content": content, "user_type": user_type});
    let answer = persona.post(&format!("{ROOMS}/{room}/messages"), &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.body
}

fn id(room: &Value) -> String {
    room["room_id"].as_str().unwrap().to_owned()
}

fn ids(rooms: &Value) -> Vec<&str> {
    let rooms = rooms.as_array().unwrap();
    rooms.iter().map(|room| room["id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_customer_sees_its_own_rooms_and_staff_all_that_are_open() {
    let world = World::start().await;
    let (customer, stranger, agent) = (
        world.customer().await,
        world.stranger().await,
        world.agent().await,
    );
    let own = open(&customer, "Anna").await;
    assert_eq!(
        (&own["customer_name"], &own["status"]),
        (&json!("Anna"), &json!("active"))
    );
    assert!(own["customer_id"].as_str().unwrap().starts_with("cust_"), "{own}");
    let (own, other) = (id(&own), id(&open(&stranger, "").await));

    assert_eq!(ids(&customer.get(ROOMS).await.body), [&own]);
    assert_eq!(ids(&agent.get(ROOMS).await.body), [&other, &own], "newest first");
    assert_eq!(
        ids(&agent.get(&format!("{ROOMS}?skip=1&limit=1")).await.body),
        [&own]
    );
    let room = customer.get(&format!("{ROOMS}/{own}")).await.body;
    assert_eq!(
        (&room["message_count"], &room["status"]),
        (&json!(0), &json!("active"))
    );
    for field in ["customer_id", "customer_name", "created_at", "last_message_at"] {
        assert!(room[field].is_string(), "{field}: {room}");
    }

    let closed = customer.post(&format!("{ROOMS}/{own}/close"), &json!({})).await;
    assert_eq!(closed.body["status"], "closed", "{}", closed.text);
    assert_eq!(ids(&customer.get(ROOMS).await.body), [""; 0]);
    assert_eq!(customer.get(&format!("{ROOMS}/{own}")).await.status, 200);
    assert_eq!(
        customer
            .post(&format!("{ROOMS}/{own}/close"), &json!({}))
            .await
            .status,
        409
    );
}

#[tokio::test]
async fn nobody_else_learns_that_a_room_exists() {
    let world = World::start().await;
    let (customer, stranger) = (world.customer().await, world.stranger().await);
    let other_admin = world.other_admin().await;
    let room = id(&open(&customer, "Anna").await);
    for persona in [&stranger, &other_admin] {
        for path in ["", "/messages"] {
            let hidden = persona.get(&format!("{ROOMS}/{room}{path}")).await;
            assert_eq!(
                (hidden.status, &hidden.body),
                (404, &json!({"detail": "Resource not found"}))
            );
        }
        let body = json!({"content": "Hello"});
        assert_eq!(
            persona
                .post(&format!("{ROOMS}/{room}/messages"), &body)
                .await
                .status,
            404
        );
        assert_eq!(
            persona
                .post(&format!("{ROOMS}/{room}/close"), &json!({}))
                .await
                .status,
            404
        );
        assert_eq!(ids(&persona.get(ROOMS).await.body), [""; 0]);
    }
    let accepted = other_admin
        .post(&format!("{ROOMS}/{room}/accept"), &json!({}))
        .await;
    assert_eq!(accepted.status, 404);
}

#[tokio::test]
async fn a_message_is_answered_in_the_same_call_and_customers_get_no_suggestions() {
    let world = World::demo().await;
    let customer = world.customer().await;
    let room = id(&open(&customer, "Anna").await);
    let sent = say(&customer, &room, "Hello", "customer").await;
    assert_eq!(
        (&sent["content"], &sent["user_type"]),
        (&json!("Hello"), &json!("customer"))
    );
    assert_eq!((&sent["room_id"], &sent["sequence"]), (&json!(room), &json!(1)));
    let analysis = &sent["ai_analysis"];
    assert_eq!(
        (&analysis["intent"], &analysis["suggestions"]),
        (&json!("greeting"), &json!([]))
    );
    assert!(analysis["confidence"].as_f64().unwrap() > 0.5, "{analysis}");
    assert!(
        !sent["ai_response"]["content"].as_str().unwrap().is_empty(),
        "{sent}"
    );
    assert_eq!(sent["ai_response"]["sequence"], 2);
    assert_eq!(sent["status"], "active");

    let path = format!("{ROOMS}/{room}/messages");
    let said = customer.get(&path).await.body;
    assert_eq!(said[0]["user_id"], customer.id().await.as_str());
    assert_eq!(
        (&said[0]["intent"], &said[0]["ai_suggestion"]),
        (&json!("greeting"), &json!(""))
    );
    assert_eq!(said[1]["id"], sent["ai_response"]["message_id"]);
    assert_eq!(
        (&said[1]["user_type"], &said[1]["is_ai_generated"]),
        (&json!("admin"), &json!(true))
    );
    let second = customer.get(&format!("{path}?skip=1&limit=1")).await.body;
    assert_eq!(
        (second.as_array().unwrap().len(), &second[0]["sequence"]),
        (1, &json!(2))
    );
}

#[tokio::test]
async fn what_could_be_answered_is_shown_to_staff_alone() {
    let world = World::demo().await;
    let (customer, agent, service) = (world.customer().await, world.agent().await, world.service().await);
    let room = id(&open(&customer, "Anna").await);
    say(
        &customer,
        &room,
        "How long do I have to return an item?",
        "customer",
    )
    .await;
    let path = format!("{ROOMS}/{room}/messages");
    assert_eq!(customer.get(&path).await.body[0]["ai_suggestion"], "");
    let seen = agent.get(&path).await.body;
    assert!(!seen[0]["ai_suggestion"].as_str().unwrap().is_empty(), "{seen}");
    assert_eq!(
        seen[1]["ai_suggestion"], "",
        "the assistant's own words need none"
    );
    let by_service = say(
        &service,
        &room,
        "How long do I have to return an item?",
        "customer",
    )
    .await;
    assert!(
        !by_service["ai_analysis"]["suggestions"]
            .as_array()
            .unwrap()
            .is_empty(),
        "{by_service}"
    );

    let question = json!({"message": "How long do I have to return an item?"});
    let told = agent.post("/api/chat/analyze", &question).await.body;
    assert_eq!(told["message"], question["message"]);
    assert!(
        told["suggestions"][0].is_string() && told["confidence"].is_f64(),
        "{told}"
    );
    let told = customer.post("/api/chat/analyze", &question).await.body;
    assert_eq!(told["suggestions"], json!([]));
    assert_eq!(
        agent.get(&path).await.body.as_array().unwrap().len(),
        4,
        "nothing was stored"
    );
}

#[tokio::test]
async fn a_claim_to_be_on_the_other_side_is_refused_and_stores_nothing() {
    let world = World::start().await;
    let (customer, agent, service) = (world.customer().await, world.agent().await, world.service().await);
    let room = id(&open(&customer, "Anna").await);
    let path = format!("{ROOMS}/{room}/messages");
    for (persona, claim) in [(&customer, "admin"), (&agent, "customer"), (&service, "admin")] {
        let refused = persona
            .post(&path, &json!({"content": "Hello", "user_type": claim}))
            .await;
        assert_eq!(refused.status, 403, "{claim}: {}", refused.text);
        assert!(refused.body["detail"].is_string());
    }
    assert_eq!(customer.get(&path).await.body, json!([]));
    for wrong in [
        json!({"content": " "}),
        json!({"content": "a", "user_type": "robot"}),
        json!({}),
    ] {
        assert_eq!(customer.post(&path, &wrong).await.status, 400, "{wrong}");
    }
    let own = id(&open(&agent, "Walk-in").await);
    assert_eq!(say(&agent, &own, "Good day", "admin").await["user_type"], "admin");
}

#[tokio::test]
async fn a_message_of_staff_takes_the_room_over_until_it_is_released() {
    let world = World::start().await;
    let (customer, agent) = (world.customer().await, world.agent().await);
    let room = id(&open(&customer, "Anna").await);
    let sent = say(&agent, &room, "Hi, I am Jane.", "admin").await;
    assert_eq!(
        (&sent["status"], &sent["ai_response"]),
        (&json!("with_agent"), &Value::Null)
    );
    assert_eq!(sent["ai_analysis"]["intent"], "uncategorized");
    let unanswered = say(
        &customer,
        &room,
        "This is a complaint, my parcel is broken",
        "customer",
    )
    .await;
    assert_eq!(unanswered["ai_response"], Value::Null);
    assert_eq!(
        unanswered["ai_analysis"]["intent"], "complaint",
        "understood all the same"
    );
    let seen = agent.get(&format!("{ROOMS}/{room}")).await.body;
    assert_eq!(
        (&seen["status"], &seen["agent_name"]),
        (&json!("with_agent"), &json!("Jane Smith"))
    );
    let released = agent.post(&format!("{ROOMS}/{room}/release"), &json!({})).await;
    assert_eq!(released.body["status"], "active", "{}", released.text);
    let accepted = agent.post(&format!("{ROOMS}/{room}/accept"), &json!({})).await;
    assert_eq!(accepted.body["status"], "with_agent", "{}", accepted.text);
}

#[tokio::test]
async fn staff_open_a_room_for_somebody_new_each_time() {
    let world = World::start().await;
    let service = world.service().await;
    let (first, second) = (open(&service, "Bob").await, open(&service, "Bob").await);
    assert_ne!(first["customer_id"], second["customer_id"]);
    assert_eq!(first["customer_name"], "Bob");
    let nameless = service.post(ROOMS, &json!({"customer_name": " "})).await;
    assert_eq!(nameless.status, 400);
    assert!(nameless.text.contains("customer_name"), "{}", nameless.text);
    let keyed = service.with_header("idempotency-key", "room-1");
    assert_eq!(open(&keyed, "Carl").await, open(&keyed, "Carl").await);
    assert_eq!(ids(&service.get(ROOMS).await.body).len(), 3);
}

#[tokio::test]
async fn a_page_that_is_none_is_named() {
    let world = World::start().await;
    let room = id(&open(&world.admin, "Anna").await);
    let messages = format!("{ROOMS}/{room}/messages");
    for path in [ROOMS, &messages, "/api/admin/customers"] {
        for wrong in ["skip=-1", "skip=x", "limit=0", "limit=1.5"] {
            let answer = world.admin.get(&format!("{path}?{wrong}")).await;
            assert_eq!(answer.status, 400, "{path}?{wrong}: {}", answer.text);
            assert!(
                answer.text.contains(wrong.split('=').next().unwrap()),
                "{}",
                answer.text
            );
        }
        assert_eq!(
            world.admin.get(&format!("{path}?limit=5000&skip=99")).await.body,
            json!([])
        );
    }
}
