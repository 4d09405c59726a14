//! `/api/v1/auth`: integer ids, taken names in words, wrong values in a list.

use serde_json::{Value, json};

use crate::support::{PASSWORD, World};

fn account(name: &str) -> Value {
    json!({"username": name, "email": format!("{name}@example.com"), "password": PASSWORD,
        "full_name": "Anna Maria Smith"})
}

#[tokio::test]
async fn an_account_is_registered_logged_in_and_shown_as_documented() {
    let world = World::start().await;
    let made = world.nobody.post("/api/v1/auth/register", &account("anna")).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let body = &made.body;
    assert!(body["id"].as_u64().unwrap() > 0);
    assert_eq!(
        (&body["username"], &body["email"]),
        (&json!("anna"), &json!("anna@example.com"))
    );
    assert_eq!(body["full_name"], "Anna Maria Smith");
    assert_eq!(
        (&body["is_active"], &body["is_admin"]),
        (&json!(true), &json!(false))
    );
    assert!(body["created_at"].as_str().unwrap().ends_with('Z'));
    let login = json!({"username": "anna", "password": PASSWORD});
    let token = world.nobody.post("/api/v1/auth/login", &login).await;
    assert_eq!(
        (token.status, &token.body["token_type"]),
        (200, &json!("bearer")),
        "{}",
        token.text
    );
    let anna = world
        .nobody
        .with_token(token.body["access_token"].as_str().unwrap());
    assert_eq!(anna.get("/api/v1/auth/me").await.body, made.body);
    let admin = world.admin.get("/api/v1/auth/me").await.body;
    assert_eq!(
        (&admin["is_admin"], &admin["full_name"]),
        (&json!(true), &Value::Null)
    );
    let agent = world.agent().await.get("/api/v1/auth/me").await.body;
    assert_eq!(agent["is_admin"], false, "admins alone");
}

#[tokio::test]
async fn a_taken_name_is_told_in_words_and_a_wrong_value_by_its_place() {
    let world = World::start().await;
    assert_eq!(
        world
            .nobody
            .post("/api/v1/auth/register", &account("anna"))
            .await
            .status,
        201
    );
    let mut same_email = account("other");
    same_email["email"] = json!("ANNA@example.com");
    for (body, sentence) in [
        (account("Anna"), "Username already registered"),
        (same_email, "Email already registered"),
    ] {
        let refused = world.nobody.post("/api/v1/auth/register", &body).await;
        assert_eq!((refused.status, refused.body), (400, json!({"detail": sentence})));
    }
    let bare = world
        .nobody
        .post("/api/v1/auth/register", &json!({"username": "eve"}))
        .await;
    let entry = json!({"loc": ["body", "email"], "msg": "field required", "type": "value_error.missing"});
    assert_eq!((bare.status, bare.body), (422, json!({"detail": [entry]})));
    let login = json!({"username": "anna", "password": "wrong password"});
    let refused = world.nobody.post("/api/v1/auth/login", &login).await;
    let detail = json!({"detail": "Could not validate credentials"});
    assert_eq!((refused.status, refused.body), (401, detail));
}

#[tokio::test]
async fn a_token_is_refreshed_and_ends_with_its_logout() {
    let world = World::start().await;
    let customer = world.customer().await;
    let refreshed = customer.post("/api/v1/auth/refresh", &json!({})).await;
    let second = world
        .nobody
        .with_token(refreshed.body["access_token"].as_str().unwrap());
    assert_eq!(customer.post("/api/v1/auth/logout", &json!({})).await.status, 204);
    assert_eq!(customer.get("/api/v1/auth/me").await.status, 401);
    assert_eq!(second.get("/api/v1/auth/me").await.status, 200);
}
