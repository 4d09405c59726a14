//! Registration.

use switchboard_domain::account::Role;
use switchboard_domain::customer::Identity;

use super::world::{PASSWORD, World, invalid_field, is_unauthenticated, new_account};
use crate::error::HubError;
use crate::hub::accounts::NewAccount;

fn by_email(email: &str) -> NewAccount {
    NewAccount {
        username: None,
        email: email.to_owned(),
        ..new_account("x")
    }
}

#[tokio::test]
async fn a_registered_customer_has_a_customer_record_in_the_default_organization() {
    let world = World::started().await;
    let new = NewAccount {
        first_name: "Anna".to_owned(),
        last_name: "Berg".to_owned(),
        ..new_account("anna")
    };
    let account = world.hub.register_customer(new).await.expect("registers");
    let organization = world
        .hub
        .credentials
        .default_organization()
        .expect("after the first start");
    assert_eq!(
        (account.role, account.organization),
        (Role::Customer, organization)
    );
    let records = world.hub.services.records();
    let identity = Identity::Account(account.id);
    let known = records.find_identity(organization, &identity).expect("reads");
    assert_eq!(known, account.customer);
    let customer = records
        .find_customer(organization, known.expect("a customer"))
        .expect("reads");
    let customer = customer.expect("a record").record;
    assert_eq!(
        (customer.name.as_str(), customer.email.as_deref()),
        ("Anna Berg", Some("anna@example.com"))
    );
}

#[tokio::test]
async fn a_taken_name_or_email_is_refused_whatever_its_case() {
    let world = World::started().await;
    world
        .hub
        .register_customer(new_account("anna"))
        .await
        .expect("registers");
    let same_name = NewAccount {
        email: "other@example.com".to_owned(),
        ..new_account("ANNA")
    };
    let same_email = NewAccount {
        email: "Anna@Example.com".to_owned(),
        ..new_account("other")
    };
    assert_eq!(
        invalid_field(&world.hub.register_customer(same_name).await),
        Some("username")
    );
    assert_eq!(
        invalid_field(&world.hub.register_customer(same_email).await),
        Some("email")
    );
    assert!(
        is_unauthenticated(&world.login("other", PASSWORD).await),
        "nothing was stored"
    );
}

#[tokio::test]
async fn nobody_takes_the_name_another_logs_in_by() {
    let world = World::started().await;
    let eve = NewAccount {
        username: Some("victim@example.com".to_owned()),
        ..new_account("eve")
    };
    assert_eq!(
        invalid_field(&world.hub.register_customer(eve).await),
        Some("username")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_registrations_of_one_name_at_the_same_moment_give_exactly_one_account() {
    let world = World::started().await;
    for round in 0..10 {
        let name = format!("anna{round}");
        let again = NewAccount {
            email: format!("other{round}@example.com"),
            ..new_account(&name)
        };
        let (one, two) = tokio::join!(
            world.hub.register_customer(new_account(&name)),
            world.hub.register_customer(again)
        );
        assert_eq!(
            usize::from(one.is_ok()) + usize::from(two.is_ok()),
            1,
            "round {round}"
        );
        let refused = if one.is_ok() { two } else { one };
        assert_eq!(invalid_field(&refused), Some("username"));
    }
    let admin = world.admin().await;
    let page = world
        .hub
        .list_accounts(&admin, Some(Role::Customer), 0, 100)
        .expect("lists");
    assert_eq!((page.items.len(), page.total), (10, 10));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_name_taken_from_the_email_gives_way_to_the_whole_email() {
    let world = World::started().await;
    let (one, two) = tokio::join!(
        world.hub.register_customer(by_email("bert@a.example")),
        world.hub.register_customer(by_email("bert@b.example"))
    );
    let (one, two) = (one.expect("registers"), two.expect("registers"));
    let mut names = [one.username.as_str(), two.username.as_str()];
    names.sort_unstable();
    assert!(
        matches!(names, ["bert", "bert@a.example" | "bert@b.example"]),
        "{names:?}"
    );
    assert_eq!(
        invalid_field(&world.hub.register_customer(by_email("bert@a.example")).await),
        Some("email")
    );
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    let world = World::started().await;
    let wrong = |change: fn(&mut NewAccount)| {
        let mut new = new_account("anna");
        change(&mut new);
        world.hub.register_customer(new)
    };
    assert_eq!(
        invalid_field(&wrong(|new| new.email = "anna".to_owned()).await),
        Some("email")
    );
    assert_eq!(
        invalid_field(&wrong(|new| new.password = "1234567".to_owned()).await),
        Some("password")
    );
    assert_eq!(
        invalid_field(&wrong(|new| new.username = Some("a b".to_owned())).await),
        Some("username")
    );
    assert_eq!(
        invalid_field(&wrong(|new| new.first_name = "x".repeat(101)).await),
        Some("first_name")
    );
    assert_eq!(
        invalid_field(&wrong(|new| new.last_name = "a\nb".to_owned()).await),
        Some("last_name")
    );
}

#[tokio::test]
async fn before_the_first_start_nobody_registers() {
    let world = World::empty().await;
    let refused = world.hub.register_customer(new_account("anna")).await;
    assert!(matches!(refused, Err(HubError::Unavailable)));
}
