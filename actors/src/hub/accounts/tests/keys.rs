//! API keys and their scopes.

use switchboard_domain::account::Role;
use switchboard_domain::scope::Principal;

use super::world::{World, invalid_field, is_forbidden, is_not_found, is_unauthenticated, new_account};
use crate::credentials::{Authenticated, Credential};
use crate::error::HubError;

fn show(world: &World, secret: &str, family: &str) -> Result<Authenticated, HubError> {
    world
        .hub
        .credentials
        .authenticate(Credential::ApiKey(secret), family)
}

#[tokio::test]
async fn a_key_acts_for_its_organization_with_an_agents_rights() {
    let world = World::started().await;
    let admin = world.admin().await;
    let (key, secret) = world
        .hub
        .create_api_key(&admin, "robot", &[])
        .await
        .expect("a key");
    assert!(secret.starts_with("sk_") && secret.len() >= 3 + 32);
    let shown = show(&world, &secret, "rooms").expect("it stands");
    assert_eq!(shown.scope.organization, admin.organization);
    assert_eq!(shown.scope.principal, Principal::Key { id: key.id });
    assert_eq!(shown.expires, None);
    assert!(shown.scope.is_staff() && !shown.scope.is_admin());
    let created = world
        .hub
        .create_account(&shown.scope, new_account("eve"), Role::Agent, None)
        .await;
    assert!(is_forbidden(&created));
    assert!(is_forbidden(
        &world.hub.create_api_key(&shown.scope, "another", &[]).await
    ));
}

#[tokio::test]
async fn scopes_narrow_a_key_to_families() {
    let world = World::started().await;
    let admin = world.admin().await;
    let scopes = ["care".to_owned(), "rooms".to_owned(), "care".to_owned()];
    let (key, secret) = world
        .hub
        .create_api_key(&admin, "robot", &scopes)
        .await
        .expect("a key");
    assert_eq!(key.scopes, ["care", "rooms"]);
    assert!(show(&world, &secret, "care").is_ok());
    assert!(is_forbidden(&show(&world, &secret, "platform")));
    let unknown = world
        .hub
        .create_api_key(&admin, "robot", &["everything".to_owned()])
        .await;
    assert_eq!(invalid_field(&unknown), Some("scopes"));
    assert_eq!(
        invalid_field(&world.hub.create_api_key(&admin, " ", &[]).await),
        Some("name")
    );
}

#[tokio::test]
async fn a_deleted_key_ends_and_what_is_open_with_it() {
    let world = World::started().await;
    let admin = world.admin().await;
    let (key, secret) = world
        .hub
        .create_api_key(&admin, "robot", &[])
        .await
        .expect("a key");
    let (other, _) = world
        .hub
        .create_api_key(&admin, "other", &[])
        .await
        .expect("a key");
    let scope = show(&world, &secret, "care").expect("it stands").scope;
    assert!(world.hub.credentials.recheck(&scope).is_ok());
    let revocations = world.hub.credentials.revocations();
    world.hub.delete_api_key(&admin, key.id).await.expect("deletes");
    assert!(revocations.has_changed().expect("open"));
    assert!(is_unauthenticated(&world.hub.credentials.recheck(&scope)));
    assert!(is_unauthenticated(&show(&world, &secret, "care")));
    assert_eq!(world.hub.list_api_keys(&admin).expect("lists"), [other]);
    assert!(is_not_found(&world.hub.delete_api_key(&admin, key.id).await));
}

#[tokio::test]
async fn what_is_no_key_is_refused() {
    let world = World::started().await;
    let token = world.token("admin").await;
    let unknown = format!("sk_{}", "0".repeat(64));
    for secret in ["", "sk_", unknown.as_str(), token.as_str()] {
        assert!(is_unauthenticated(&show(&world, secret, "care")), "{secret}");
    }
    assert!(
        is_unauthenticated(&world.authenticate(&unknown)),
        "a key is no bearer token"
    );
}
