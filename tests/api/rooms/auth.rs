//! `/api/auth`: who may register as what, and when a token ends.

use serde_json::json;

use crate::idempotency::{assert_never_kept, keyed};
use crate::support::{PASSWORD, World};

fn account(name: &str, user_type: &str) -> serde_json::Value {
    json!({"username": name, "email": format!("{name}@example.com"), "password": PASSWORD, "user_type": user_type})
}

#[tokio::test]
async fn a_customer_registers_logs_in_by_name_or_email_and_is_known() {
    let world = World::start().await;
    let made = world
        .nobody
        .post("/api/auth/register", &account("anna", "customer"))
        .await;
    assert_eq!(made.status, 200, "{}", made.text);
    assert_eq!(
        (&made.body["token_type"], &made.body["user_type"]),
        (&json!("bearer"), &json!("customer"))
    );
    for name in ["anna", "ANNA@example.com"] {
        let login = json!({"username": name, "password": PASSWORD});
        let answer = world.nobody.post("/api/auth/login", &login).await;
        assert_eq!(answer.body["user_id"], made.body["user_id"], "{}", answer.text);
        assert_eq!(answer.body["username"], "anna");
    }
    let anna = world
        .nobody
        .with_token(made.body["access_token"].as_str().unwrap());
    let me = anna.get("/api/auth/me").await;
    assert_eq!(
        me.body,
        json!({"id": made.body["user_id"], "username": "anna", "email": "anna@example.com",
            "user_type": "customer"})
    );
}

#[tokio::test]
async fn registering_an_admin_needs_an_admins_token_and_stores_nothing_without() {
    let world = World::start().await;
    let (customer, agent) = (world.customer().await, world.agent().await);
    let forged = world.nobody.with_token("forged");
    for persona in [&world.nobody, &forged, &customer, &agent] {
        let refused = persona
            .post("/api/auth/register", &account("boss", "admin"))
            .await;
        assert_eq!(
            (refused.status, refused.body),
            (403, json!({"detail": "Admin access required"}))
        );
    }
    let made = world
        .admin
        .post("/api/auth/register", &account("boss", "admin"))
        .await;
    assert_eq!(
        (made.status, &made.body["user_type"]),
        (200, &json!("admin")),
        "{}",
        made.text
    );
    let boss = world
        .nobody
        .with_token(made.body["access_token"].as_str().unwrap());
    assert_eq!(boss.get("/api/admin/system-config").await.status, 200);
}

#[tokio::test]
async fn a_taken_name_or_email_is_a_mistake_whatever_its_case() {
    let world = World::start().await;
    let _customer = world.customer().await;
    let mut same_email = account("other", "customer");
    same_email["email"] = json!("Customer@Example.com");
    for body in [account("CUSTOMER", "customer"), same_email] {
        let answer = world.nobody.post("/api/auth/register", &body).await;
        assert_eq!(answer.status, 400, "{}", answer.text);
        assert!(answer.body["detail"].as_str().unwrap().contains("already taken"));
    }
}

#[tokio::test]
async fn a_wrong_login_tells_nothing_about_the_account() {
    let world = World::start().await;
    for (name, password) in [("admin", "wrong password"), ("nobody", PASSWORD)] {
        let login = json!({"username": name, "password": password});
        let answer = world.nobody.post("/api/auth/login", &login).await;
        assert_eq!(
            (answer.status, answer.body),
            (401, json!({"detail": "Could not validate credentials"}))
        );
    }
}

#[tokio::test]
async fn a_token_ends_with_its_logout_and_all_of_them_with_a_new_password() {
    let world = World::start().await;
    let customer = world.customer().await;
    let refreshed = customer.post("/api/auth/refresh", &json!({})).await;
    assert_eq!(refreshed.status, 200, "{}", refreshed.text);
    let second = world
        .nobody
        .with_token(refreshed.body["access_token"].as_str().unwrap());
    assert_eq!(customer.post("/api/auth/logout", &json!({})).await.status, 200);
    assert_eq!(customer.get("/api/auth/me").await.status, 401);
    assert_eq!(second.get("/api/auth/me").await.status, 200);
    let wrong = json!({"old_password": "not this one", "new_password": "another password"});
    let refused = second.post("/api/auth/password", &wrong).await;
    assert_eq!(refused.status, 400);
    assert!(refused.text.contains("old_password"), "{}", refused.text);
    let weak = json!({"old_password": PASSWORD, "new_password": "short"});
    assert!(
        second
            .post("/api/auth/password", &weak)
            .await
            .text
            .contains("new_password")
    );
    let change = json!({"old_password": PASSWORD, "new_password": "another password"});
    let changed = second.post("/api/auth/password", &change).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    assert_eq!(second.get("/api/auth/me").await.status, 401);
    let third = world
        .nobody
        .with_token(changed.body["access_token"].as_str().unwrap());
    assert_eq!(third.get("/api/auth/me").await.status, 200);
}

#[tokio::test]
async fn a_service_has_no_account_of_its_own() {
    let world = World::start().await;
    let service = world.service().await;
    assert_eq!(service.get("/api/auth/me").await.status, 403);
    assert_eq!(service.post("/api/auth/logout", &json!({})).await.status, 403);
}

#[tokio::test]
async fn a_login_that_is_sent_again_is_done_again() {
    let world = World::start().await;
    let login = json!({"username": "admin", "password": PASSWORD});
    assert_never_kept(&keyed(&world.nobody, "key-1"), "/api/auth/login", &login).await;
}
