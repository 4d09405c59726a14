//! `/api/faq`: made, read, replaced, removed, and answered from at once.

use serde_json::{Value, json};

use crate::support::World;

fn faq() -> Value {
    json!({"question": "What are your business hours?",
        "answer": "We're open 9 AM to 6 PM, Monday through Saturday.", "category": "hours",
        "questionVariants": ["When do you open?", "Are you open on Sunday?"]})
}

#[tokio::test]
async fn a_faq_is_made_read_replaced_and_removed() {
    let world = World::start().await;
    let agent = world.agent().await;
    let made = agent.post("/api/faq", &faq()).await;
    assert_eq!(
        (made.status, &made.body["success"]),
        (201, &json!(true)),
        "{}",
        made.text
    );
    let data = &made.body["data"];
    for (field, value) in faq().as_object().unwrap() {
        assert_eq!(&data[field], value);
    }
    let path = format!("/api/faq/{}", data["id"].as_str().unwrap());
    assert_eq!(agent.get(&path).await.body["data"], *data);
    let new = json!({"question": "Opening hours?", "answer": "Always."});
    let replaced = agent.put(&path, &new).await;
    assert_eq!(
        (replaced.status, &replaced.body["data"]["answer"]),
        (200, &json!("Always."))
    );
    assert_eq!(replaced.body["data"]["id"], data["id"]);
    assert_eq!(replaced.body["data"]["category"], "general");
    assert_eq!(agent.delete(&path).await.status, 204);
    for gone in [
        agent.get(&path).await,
        agent.put(&path, &new).await,
        agent.delete(&path).await,
    ] {
        assert_eq!(
            (gone.status, &gone.body["code"]),
            (404, &json!("NOT_FOUND")),
            "{}",
            gone.text
        );
    }
}

#[tokio::test]
async fn faqs_are_listed_by_page_and_category() {
    let world = World::start().await;
    for number in 0..5 {
        let category = if number < 2 { "hours" } else { "orders" };
        let body = json!({"question": format!("Question {number}?"), "answer": "Yes.", "category": category});
        assert_eq!(world.admin.post("/api/faq", &body).await.status, 201);
    }
    let second = world.admin.get("/api/faq?page=2&limit=2").await;
    assert_eq!(
        second.body["pagination"],
        json!({"page": 2, "limit": 2, "total": 5, "totalPages": 3})
    );
    assert_eq!(second.body["data"][0]["question"], "Question 2?");
    let hours = world.admin.get("/api/faq?category=hours").await;
    assert_eq!(
        hours.body["pagination"],
        json!({"page": 1, "limit": 20, "total": 2, "totalPages": 1})
    );
}

#[tokio::test]
async fn another_organizations_faq_is_not_found() {
    let world = World::start().await;
    let made = world.admin.post("/api/faq", &faq()).await;
    let path = format!("/api/faq/{}", made.body["data"]["id"].as_str().unwrap());
    let other_admin = world.other_admin().await;
    for answer in [
        other_admin.get(&path).await,
        other_admin.put(&path, &faq()).await,
        other_admin.delete(&path).await,
    ] {
        assert_eq!(answer.status, 404, "{}", answer.text);
    }
    assert_eq!(other_admin.get("/api/faq").await.body["pagination"]["total"], 0);
    assert_eq!(world.admin.get(&path).await.status, 200);
}

#[tokio::test]
async fn a_wrong_field_is_told_in_the_list_of_errors() {
    let world = World::start().await;
    let answer = world
        .admin
        .post("/api/faq", &json!({"question": "Why?", "answer": 5}))
        .await;
    assert_eq!(answer.status, 400);
    assert_eq!(answer.body["code"], "VALIDATION_ERROR");
    assert_eq!(
        answer.body["errors"],
        json!([{"field": "answer", "message": "answer: expected a string"}])
    );
}
