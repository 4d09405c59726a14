//! `/conversations`: opened without a body, listed in bare pages, read and closed by whom they concern.

use bytes::Bytes;
use hyper::Method;
use serde_json::json;

use crate::support::{Persona, World};

const PATH: &str = "/conversations";

async fn open(persona: &Persona) -> String {
    let made = persona.send(Method::POST, PATH, None, Bytes::new()).await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert!(made.body["created_at"].as_str().unwrap().ends_with('Z'));
    made.body["conversation_id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_conversation_is_opened_without_a_body_and_seen_by_its_customer_and_staff() {
    let world = World::start().await;
    let (customer, stranger, agent) = (
        world.customer().await,
        world.stranger().await,
        world.agent().await,
    );
    let id = open(&customer).await;
    let path = format!("{PATH}/{id}");
    for persona in [&customer, &agent, &world.admin] {
        let shown = persona.get(&path).await;
        assert_eq!((shown.status, &shown.body["conversation_id"]), (200, &json!(id)));
        assert_eq!(
            (&shown.body["status"], &shown.body["message_count"]),
            (&json!("active"), &json!(0))
        );
    }
    let other_admin = world.other_admin().await;
    for persona in [&stranger, &other_admin] {
        for answer in [
            persona.get(&path).await,
            persona.get(&format!("{path}/messages")).await,
            persona
                .post(&format!("{path}/messages"), &json!({"message": "Hello"}))
                .await,
            persona.post(&format!("{path}/close"), &json!({})).await,
        ] {
            assert_eq!(
                (answer.status, &answer.body["error"]["code"]),
                (404, &json!("not_found")),
                "{}",
                answer.text
            );
        }
    }
}

#[tokio::test]
async fn a_list_is_bare_and_its_paging_is_in_the_headers() {
    let world = World::start().await;
    let (customer, stranger) = (world.customer().await, world.stranger().await);
    open(&stranger).await;
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.push(open(&customer).await);
    }
    let page = customer.get("/conversations?limit=2&offset=2").await;
    let listed: Vec<_> = page.body.as_array().unwrap().iter().collect();
    assert_eq!(listed.len(), 2);
    assert_eq!(listed[0]["conversation_id"], json!(ids[2]), "newest first");
    let headers = ["x-total-count", "x-page-size", "x-page", "x-total-pages"];
    assert_eq!(headers.map(|name| page.header(name)), ["5", "2", "2", "3"]);
    let all = world.admin.get("/v1/conversations?limit=1000").await;
    assert_eq!(all.body.as_array().unwrap().len(), 6);
    assert_eq!(headers.map(|name| all.header(name)), ["6", "100", "1", "1"]);
    let beyond = customer.get("/conversations?offset=50").await;
    assert_eq!(beyond.body, json!([]));
    assert_eq!(headers.map(|name| beyond.header(name)), ["5", "20", "3", "1"]);
}

#[tokio::test]
async fn a_customer_closes_its_conversation_and_opens_it_by_writing() {
    let world = World::start().await;
    let customer = world.customer().await;
    let path = format!("{PATH}/{}", open(&customer).await);
    let closed = customer.post(&format!("{path}/close"), &json!({})).await;
    assert_eq!(
        (closed.status, &closed.body["status"]),
        (200, &json!("closed")),
        "{}",
        closed.text
    );
    assert_eq!(
        customer.post(&format!("{path}/close"), &json!({})).await.status,
        409
    );
    let said = customer
        .post(&format!("{path}/messages"), &json!({"message": "Hello"}))
        .await;
    assert_eq!(
        (said.status, &said.body["status"]),
        (200, &json!("active")),
        "{}",
        said.text
    );
}

#[tokio::test]
async fn a_service_names_its_customer_and_a_customer_only_itself() {
    let world = World::start().await;
    let (customer, service) = (world.customer().await, world.service().await);
    let nobody = service.post(PATH, &json!({})).await;
    assert_eq!(nobody.status, 400, "{}", nobody.text);
    assert_eq!(
        nobody.body["error"]["details"],
        json!({"customer_id": "is required"})
    );
    let made = service.post(PATH, &json!({"customer_id": "anna"})).await;
    assert_eq!(
        (made.status, &made.body["customer_name"]),
        (201, &json!("anna")),
        "{}",
        made.text
    );
    let named = service
        .post(PATH, &json!({"customer_id": customer.id().await}))
        .await;
    let path = format!("{PATH}/{}", named.body["conversation_id"].as_str().unwrap());
    assert_eq!(customer.get(&path).await.status, 200);
    let foreign = customer.post(PATH, &json!({"customer_id": "anna"})).await;
    assert_eq!(
        (foreign.status, &foreign.body["error"]["code"]),
        (403, &json!("forbidden"))
    );
}

#[tokio::test]
async fn every_list_by_offset_refuses_what_is_no_page() {
    let world = World::start().await;
    let opened = world.admin.post("/conversations", &json!({})).await;
    let id = opened.body["conversation_id"].as_str().unwrap().to_owned();
    for path in [
        "/conversations".to_owned(),
        format!("/v1/conversations/{id}/messages"),
    ] {
        for wrong in ["offset=-1", "offset=x", "limit=0", "limit=-5", "limit="] {
            let answer = world.admin.get(&format!("{path}?{wrong}")).await;
            assert_eq!(answer.status, 400, "{path}?{wrong}: {}", answer.text);
            let field = wrong.split('=').next().unwrap();
            assert!(
                answer.body["error"]["details"][field].is_string(),
                "{}",
                answer.text
            );
        }
        for fine in ["offset=99999999999999999999", "limit=99999999999999999999"] {
            let answer = world.admin.get(&format!("{path}?{fine}")).await;
            assert_eq!(answer.status, 200, "{path}?{fine}: {}", answer.text);
        }
    }
}
