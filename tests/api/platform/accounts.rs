//! `/api/admin`: users, organizations, API keys.

use std::net::Ipv4Addr;

use serde_json::{Value, json};
use switchboard_actors::error::HubError;

use crate::support::{PASSWORD, World};

/// What staff and services may read.
const STAFF: &str = "/api/admin/sessions/active";

#[tokio::test]
async fn users_are_listed_by_page_and_role() {
    let world = World::start().await;
    let (_agent, _customer) = (world.agent().await, world.customer().await);
    let all = world.admin.get("/api/admin/users?limit=2").await;
    assert_eq!(
        all.body["pagination"],
        json!({"total": 3, "page": 1, "limit": 2, "pages": 2})
    );
    let agents = world.admin.get("/api/admin/users?role=agent").await;
    let agent = &agents.body["users"][0];
    assert_eq!(agents.body["pagination"]["total"], 1);
    assert_eq!(
        (&agent["email"], &agent["firstName"]),
        (&json!("agent@example.com"), &json!("Jane"))
    );
    assert_eq!(
        (&agent["role"], &agent["isActive"]),
        (&json!("agent"), &json!(true))
    );
    for field in ["id", "lastName", "organizationId", "createdAt", "lastLoginAt"] {
        assert!(agent[field].is_string(), "{field}: {agent}");
    }
    assert_eq!(world.admin.get("/api/admin/users?role=owner").await.status, 400);
}

#[tokio::test]
async fn an_admin_creates_changes_and_disables_users_of_its_own_organization() {
    let world = World::start().await;
    let agent = world.agent().await;
    let path = format!("/api/admin/users/{}", agent.id().await);
    let promoted = world.admin.put(&path, &json!({"role": "admin"})).await;
    assert_eq!(
        (promoted.status, &promoted.body["role"]),
        (200, &json!("admin")),
        "{}",
        promoted.text
    );
    let ended = agent.known().await;
    assert!(
        matches!(ended, Err(HubError::Unauthenticated)),
        "another role ends the tokens"
    );
    let disabled = world
        .admin
        .put(&path, &json!({"isActive": false, "role": "agent"}))
        .await;
    assert_eq!(disabled.body["isActive"], false);
    assert_eq!(world.admin.get(&path).await.body["isActive"], false);
    let here = Ipv4Addr::LOCALHOST.into();
    let login = world.hub.login("agent@example.com", PASSWORD, here).await;
    assert!(matches!(login, Err(HubError::Unauthenticated)));

    let other_admin = world.other_admin().await;
    for answer in [
        other_admin.get(&path).await,
        other_admin.put(&path, &json!({"isActive": true})).await,
    ] {
        assert_eq!(answer.status, 404, "{}", answer.text);
    }
    assert_eq!(
        other_admin.get("/api/admin/users").await.body["pagination"]["total"],
        1
    );
}

#[tokio::test]
async fn an_organization_keeps_its_last_admin() {
    let world = World::start().await;
    let path = format!("/api/admin/users/{}", world.admin.id().await);
    for change in [json!({"isActive": false}), json!({"role": "agent"})] {
        let answer = world.admin.put(&path, &change).await;
        assert_eq!(answer.status, 409, "{}", answer.text);
        assert_eq!(answer.body["error"]["code"], "invalid_request");
    }
}

#[tokio::test]
async fn naming_a_foreign_organization_is_not_found_and_creates_nobody() {
    let world = World::start().await;
    let other_admin = world.other_admin().await;
    let users = other_admin.get("/api/admin/users").await;
    let foreign = users.body["users"][0]["organizationId"].clone();
    for id in [foreign, json!("org-123")] {
        let body = json!({"email": "new@example.com", "password": PASSWORD, "role": "agent",
            "organizationId": id});
        assert_eq!(world.admin.post("/api/admin/users", &body).await.status, 404);
    }
    assert_eq!(
        world.admin.get("/api/admin/users").await.body["pagination"]["total"],
        1
    );
}

#[tokio::test]
async fn only_the_operator_makes_organizations() {
    let world = World::start().await;
    let other_admin = world.other_admin().await;
    let body = json!({"name": "Third", "adminEmail": "a@third.example", "adminPassword": PASSWORD});
    let refused = other_admin.post("/api/admin/organizations", &body).await;
    assert_eq!(
        (refused.status, &refused.body["error"]["code"]),
        (403, &json!("authorization_error"))
    );
    let made = world.admin.post("/api/admin/organizations", &body).await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(made.body["name"], "Third");
    assert_eq!(made.body["admin"]["organizationId"], made.body["id"]);
}

#[tokio::test]
async fn a_keys_text_is_shown_once_and_ends_with_the_key() {
    let world = World::start().await;
    let made = world
        .admin
        .post("/api/admin/api-keys", &json!({"name": "shop"}))
        .await;
    assert_eq!(made.status, 201, "{}", made.text);
    let (id, text) = (
        made.body["id"].as_str().unwrap(),
        made.body["key"].as_str().unwrap(),
    );
    let service = world.nobody.with_key(text);
    assert_eq!(service.get(STAFF).await.status, 200);
    assert_eq!(world.nobody.with_token(text).get(STAFF).await.status, 200);
    let listed = world.admin.get("/api/admin/api-keys").await;
    assert_eq!(listed.body["apiKeys"][0]["id"], id);
    assert!(!listed.text.contains(text));
    let path = format!("/api/admin/api-keys/{id}");
    let other_admin = world.other_admin().await;
    assert_eq!(other_admin.delete(&path).await.status, 404);
    let deleted = world.admin.delete(&path).await;
    assert_eq!((deleted.status, deleted.body), (204, Value::Null));
    assert_eq!(service.get(STAFF).await.status, 401);
    assert_eq!(world.admin.delete(&path).await.status, 404);
}
