//! `/auth`: register, log in, refresh, log out; under `/v1` again.

use serde_json::{Value, json};
use switchboard_domain::account::Role;

use crate::support::{PASSWORD, World};

fn account(name: &str) -> Value {
    json!({"email": format!("{name}@example.com"), "password": PASSWORD, "name": "John Doe"})
}

#[tokio::test]
async fn a_customer_registers_and_logs_in_as_documented() {
    let world = World::start().await;
    let made = world.nobody.post("/auth/register", &account("john")).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let user = made.body.as_object().unwrap();
    assert_eq!(user.len(), 4);
    assert!(user["id"].as_str().unwrap().starts_with("user_"));
    assert_eq!(
        (&user["email"], &user["name"]),
        (&json!("john@example.com"), &json!("John Doe"))
    );
    assert!(user["created_at"].as_str().unwrap().ends_with('Z'));
    let login = json!({"email": "JOHN@example.com", "password": PASSWORD});
    let answer = world.nobody.post("/auth/login", &login).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(
        (
            &answer.body["token_type"],
            &answer.body["expires_in"],
            &answer.body["user"]
        ),
        (&json!("bearer"), &json!(3600), &made.body)
    );
    let john = world
        .nobody
        .with_token(answer.body["access_token"].as_str().unwrap());
    assert_eq!(john.get("/auth/me").await.body, made.body);
    assert_eq!(john.account().await.role, Role::Customer);
}

#[tokio::test]
async fn everything_is_found_again_under_v1() {
    let world = World::start().await;
    let made = world.nobody.post("/v1/auth/register", &account("john")).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let login = json!({"email": "john@example.com", "password": PASSWORD});
    let answer = world.nobody.post("/v1/auth/login", &login).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    for path in ["/health", "/v1/health"] {
        let health = world.nobody.get(path).await;
        assert_eq!(
            (health.status, &health.body["status"]),
            (200, &json!("ok")),
            "{path}"
        );
        assert!(health.body["version"].is_string() && health.body["timestamp"].is_string());
    }
    for unknown in ["/v1", "/v1/v1/auth/me", "/v1auth/me", "/v1/api/auth/me"] {
        assert_eq!(world.nobody.get(unknown).await.status, 404, "{unknown}");
    }
}

#[tokio::test]
async fn a_wrong_login_or_a_taken_email_is_told_in_this_familys_form() {
    let world = World::start().await;
    let login = json!({"email": "admin", "password": "wrong password"});
    let refused = world.nobody.post("/auth/login", &login).await;
    let error = json!({"code": "unauthorized", "message": "Could not validate credentials", "details": null});
    assert_eq!((refused.status, refused.body), (401, json!({"error": error})));
    assert_eq!(
        world.nobody.post("/auth/register", &account("john")).await.status,
        201
    );
    let taken = world.nobody.post("/auth/register", &account("JOHN")).await;
    assert_eq!(
        (taken.status, &taken.body["error"]["code"]),
        (400, &json!("invalid_request"))
    );
    assert_eq!(
        taken.body["error"]["details"],
        json!({"email": "is already taken"})
    );
    let missing = world
        .nobody
        .post("/auth/register", &json!({"email": "a@b.c"}))
        .await;
    assert_eq!(
        missing.body["error"]["details"],
        json!({"password": "this field is required"})
    );
}

#[tokio::test]
async fn a_token_is_refreshed_and_ends_with_its_logout() {
    let world = World::start().await;
    let customer = world.customer().await;
    let refreshed = customer.post("/auth/refresh", &json!({})).await;
    assert_eq!(refreshed.status, 200, "{}", refreshed.text);
    let second = world
        .nobody
        .with_token(refreshed.body["access_token"].as_str().unwrap());
    assert_eq!(customer.post("/auth/logout", &json!({})).await.status, 204);
    assert_eq!(customer.get("/auth/me").await.status, 401);
    assert_eq!(second.get("/auth/me").await.status, 200);
}
