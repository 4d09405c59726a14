//! The first start, and organizations beside the default one.

use switchboard_domain::account::Role;

use super::world::{PASSWORD, World, invalid_field, is_forbidden, is_not_found, new_account};
use crate::hub::accounts::FirstStart;

async fn second_organization(world: &World) {
    let operator = world.admin().await;
    let made = world
        .hub
        .create_organization(
            &operator,
            "Acme",
            "boss@acme.example".to_owned(),
            PASSWORD.to_owned(),
        )
        .await;
    let (organization, admin) = made.expect("the operator may");
    assert!(!organization.is_default);
    assert_eq!((admin.role, admin.organization), (Role::Admin, organization.id));
}

#[tokio::test]
async fn the_first_start_makes_an_admin_and_the_second_nothing() {
    let world = World::empty().await;
    let mut password = String::new();
    let first = world
        .hub
        .ensure_first_start(None, |generated| generated.clone_into(&mut password))
        .await;
    assert_eq!(first.expect("starts"), FirstStart::Yes);
    let login = world.login("admin@localhost", &password).await.expect("logs in");
    assert_eq!(
        (login.account.username.as_str(), login.account.role),
        ("admin", Role::Admin)
    );
    let again = world
        .hub
        .ensure_first_start(Some("another horse".to_owned()), |_| panic!("one was given"))
        .await;
    assert!(again.expect("starts") == FirstStart::No);
    assert!(
        world.login("admin", &password).await.is_ok(),
        "the password stays"
    );
}

#[tokio::test]
async fn a_given_password_is_not_told_back_and_a_short_one_stops_the_start() {
    let world = World::empty().await;
    let short = world
        .hub
        .ensure_first_start(Some("short".to_owned()), |_| panic!("one was given"))
        .await;
    assert_eq!(invalid_field(&short), Some("password"));
    let started = world
        .hub
        .ensure_first_start(Some(PASSWORD.to_owned()), |_| panic!("one was given"))
        .await;
    assert_eq!(started.expect("starts"), FirstStart::Yes);
    assert!(world.login("admin", PASSWORD).await.is_ok());
}

#[tokio::test]
async fn an_admin_cannot_tell_that_another_organizations_account_exists() {
    let world = World::started().await;
    let anna = world.person("anna", Role::Agent).await;
    let operator = world.admin().await;
    second_organization(&world).await;
    let stranger = world.scope("boss@acme.example").await;
    let hub = &world.hub;
    assert!(is_not_found(&hub.get_account(&stranger, anna.id)));
    assert!(is_not_found(
        &hub.set_role(&stranger, anna.id, Role::Customer).await
    ));
    assert!(is_not_found(
        &hub.set_account_active(&stranger, anna.id, false).await
    ));
    let page = hub.list_accounts(&stranger, None, 0, 100).expect("lists");
    assert_eq!((page.items.len(), page.total), (1, 1));
    let foreign = Some(operator.organization);
    let created = hub
        .create_account(&stranger, new_account("eve"), Role::Agent, foreign)
        .await;
    assert!(is_not_found(&created));
}

#[tokio::test]
async fn api_keys_stay_in_their_organization() {
    let world = World::started().await;
    let operator = world.admin().await;
    second_organization(&world).await;
    let stranger = world.scope("boss@acme.example").await;
    let (key, _) = world
        .hub
        .create_api_key(&operator, "robot", &[])
        .await
        .expect("a key");
    assert!(world.hub.list_api_keys(&stranger).expect("lists").is_empty());
    assert!(is_not_found(&world.hub.delete_api_key(&stranger, key.id).await));
}

#[tokio::test]
async fn only_the_operator_makes_organizations() {
    let world = World::started().await;
    world.person("anna", Role::Agent).await;
    second_organization(&world).await;
    for name in ["anna", "boss@acme.example"] {
        let scope = world.scope(name).await;
        let made = world
            .hub
            .create_organization(&scope, "Mine", "me@mine.example".to_owned(), PASSWORD.to_owned())
            .await;
        assert!(is_forbidden(&made), "{name}");
    }
    let operator = world.admin().await;
    let made = world
        .hub
        .create_organization(
            &operator,
            "Acme",
            "boss@acme.example".to_owned(),
            PASSWORD.to_owned(),
        )
        .await;
    assert_eq!(invalid_field(&made), Some("email"));
    let organizations = world.hub.services.records().list_organizations();
    assert_eq!(organizations.expect("lists").len(), 2, "nothing was stored");
}

#[tokio::test]
async fn numbers_count_up_in_each_organization() {
    let world = World::started().await;
    let anna = world.person("anna", Role::Agent).await;
    let bert = world.person("bert", Role::Agent).await;
    assert_eq!((anna.number, bert.number), (2, 3));
    second_organization(&world).await;
    let stranger = world.scope("boss@acme.example").await;
    assert_eq!(world.hub.me(&stranger).expect("its own").number, 1);
}
