//! Logging in and out, and what ends a token.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use switchboard_domain::account::Role;
use switchboard_domain::id::{ConversationId, CustomerId};
use switchboard_domain::scope::{Principal, Scope};

use super::world::{
    HOME, LOGINS, PASSWORD, TOKEN_TTL, World, invalid_field, is_forbidden, is_unauthenticated, new_account,
};
use crate::credentials::Credential;
use crate::error::HubError;

#[tokio::test]
async fn one_logs_in_by_username_or_email_whatever_the_case() {
    let world = World::started().await;
    let anna = world.person("anna", Role::Agent).await;
    for name in ["anna", "ANNA", "anna@example.com", "Anna@Example.COM", " anna "] {
        let login = world.login(name, PASSWORD).await.expect("logs in");
        assert_eq!(login.account.id, anna.id);
        assert_eq!(login.expires_in, TOKEN_TTL);
        assert!(login.account.last_login_at.is_some());
    }
}

#[tokio::test]
async fn a_wrong_password_an_unknown_and_a_disabled_account_are_answered_alike() {
    let world = World::started().await;
    let anna = world.person("anna", Role::Agent).await;
    let admin = world.admin().await;
    assert!(is_unauthenticated(&world.login("anna", "wrong horse").await));
    assert!(is_unauthenticated(&world.login("nobody", PASSWORD).await));
    assert!(is_unauthenticated(&world.login("", "").await));
    world
        .hub
        .set_account_active(&admin, anna.id, false)
        .await
        .expect("disables");
    assert!(is_unauthenticated(&world.login("anna", PASSWORD).await));
}

#[tokio::test]
async fn guessing_is_slowed_down_for_a_minute_and_no_longer() {
    let world = World::started().await;
    world.person("anna", Role::Agent).await;
    for name in ["anna", "nobody"] {
        for _ in 0..LOGINS {
            assert!(is_unauthenticated(&world.login(name, "wrong horse").await));
        }
        let refused = world.login(name, PASSWORD).await;
        assert!(matches!(refused, Err(HubError::Throttled(wait)) if wait <= Duration::from_secs(60)));
    }
    world.clock.turn(Duration::from_secs(60));
    assert!(world.login("anna", PASSWORD).await.is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn guesses_sent_at_the_same_moment_count_too_and_right_passwords_do_not() {
    let world = World::started().await;
    world.person("anna", Role::Agent).await;
    let logins = (0..40).map(|_| {
        let hub = world.hub.clone();
        tokio::spawn(async move { hub.login("anna", PASSWORD, HOME).await.is_ok() })
    });
    for login in logins.collect::<Vec<_>>() {
        assert!(login.await.expect("ends"), "a right password is never throttled");
    }
    let elsewhere = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
    let guesses = (0..40).map(|_| {
        let hub = world.hub.clone();
        tokio::spawn(async move { hub.login("anna", "wrong horse", elsewhere).await })
    });
    let mut verified = 0;
    for guess in guesses.collect::<Vec<_>>() {
        verified += u32::from(is_unauthenticated(&guess.await.expect("ends")));
    }
    assert_eq!(verified, LOGINS);
}

#[tokio::test]
async fn a_token_ends_by_itself() {
    let world = World::started().await;
    let token = world.token("admin").await;
    let authenticated = world
        .hub
        .credentials
        .authenticate(Credential::Bearer(&token), "care");
    let expires = authenticated.expect("it stands").expires.expect("it ends");
    assert_eq!(expires, world.hub.services.now().after(TOKEN_TTL));
    world.clock.turn(TOKEN_TTL);
    assert!(is_unauthenticated(&world.authenticate(&token)));
}

#[tokio::test]
async fn logout_ends_this_token_alone_and_open_sockets_hear_of_it() {
    let world = World::started().await;
    let (one, two) = (world.token("admin").await, world.token("admin").await);
    let scope = world.authenticate(&one).expect("it stands");
    let mut revocations = world.hub.credentials.revocations();
    assert!(!revocations.has_changed().expect("open"));
    assert!(world.hub.credentials.recheck(&scope).is_ok());
    world.hub.logout(&scope).await.expect("logs out");
    assert!(revocations.has_changed().expect("open"));
    revocations.mark_unchanged();
    assert!(is_unauthenticated(&world.hub.credentials.recheck(&scope)));
    assert!(is_unauthenticated(&world.authenticate(&one)));
    assert!(matches!(
        world.hub.refresh(&scope),
        Err(HubError::Unauthenticated)
    ));
    assert!(world.authenticate(&two).is_ok());
}

#[tokio::test]
async fn revocations_do_not_pile_up() {
    let world = World::started().await;
    for _ in 0..3 {
        let scope = world.admin().await;
        world.hub.logout(&scope).await.expect("logs out");
    }
    world.clock.turn(TOKEN_TTL + Duration::from_secs(1));
    let records = world.hub.services.records();
    let now = world.hub.services.now();
    assert_eq!(
        records.list_expired_revocations(now, 100).expect("reads").len(),
        3
    );
    let scope = world.admin().await;
    world.hub.logout(&scope).await.expect("logs out");
    assert!(
        records
            .list_expired_revocations(now, 100)
            .expect("reads")
            .is_empty()
    );
}

#[tokio::test]
async fn a_refreshed_token_stands_longer() {
    let world = World::started().await;
    let scope = world.admin().await;
    world.clock.turn(TOKEN_TTL / 2);
    let fresh = world
        .hub
        .refresh(&scope)
        .map(|login| login.token)
        .expect("refreshes");
    world.clock.turn(TOKEN_TTL / 2);
    assert_eq!(
        world.authenticate(&fresh).expect("it stands").organization,
        scope.organization
    );
}

#[tokio::test]
async fn a_new_password_ends_every_token_and_the_old_password() {
    let world = World::started().await;
    world.person("anna", Role::Agent).await;
    let other = world.token("anna").await;
    let scope = world.scope("anna").await;
    let changed = world
        .hub
        .change_password(&scope, "wrong horse", "better horse")
        .await;
    assert_eq!(invalid_field(&changed), Some("old_password"));
    let changed = world.hub.change_password(&scope, PASSWORD, "short").await;
    assert_eq!(invalid_field(&changed), Some("password"));
    let changed = world.hub.change_password(&scope, PASSWORD, "better horse").await;
    let fresh = changed.map(|login| login.token).expect("changes");
    assert!(world.authenticate(&fresh).is_ok());
    assert!(is_unauthenticated(&world.authenticate(&other)));
    assert!(is_unauthenticated(&world.hub.credentials.recheck(&scope)));
    assert!(is_unauthenticated(&world.login("anna", PASSWORD).await));
    assert!(world.login("anna", "better horse").await.is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_password_changes_at_the_same_moment_one_succeeds() {
    let world = World::started().await;
    let scope = world.admin().await;
    let (one, two) = tokio::join!(
        world.hub.change_password(&scope, PASSWORD, "better horse"),
        world.hub.change_password(&scope, PASSWORD, "fastest horse")
    );
    assert_eq!(usize::from(one.is_ok()) + usize::from(two.is_ok()), 1);
    let stands = if one.is_ok() {
        "better horse"
    } else {
        "fastest horse"
    };
    assert!(world.login("admin", stands).await.is_ok());
}

#[tokio::test]
async fn a_guests_token_opens_its_conversation_and_no_account() {
    let world = World::started().await;
    let random = world.hub.services.ports.random.as_ref();
    let now = world.hub.services.now();
    let (conversation, customer) = (
        ConversationId::generate(now, random),
        CustomerId::generate(now, random),
    );
    let organization = world.hub.credentials.default_organization().expect("started");
    let token = world
        .hub
        .credentials()
        .guest_token(conversation, customer, organization)
        .expect("a token");
    let scope = world.authenticate(&token).expect("it stands");
    let expected = Scope {
        organization,
        principal: Principal::Guest {
            conversation,
            customer,
        },
    };
    assert_eq!(scope, expected);
    assert!(world.hub.credentials.recheck(&scope).is_ok());
    assert!(is_forbidden(&world.hub.me(&scope)));
    assert!(is_forbidden(&world.hub.logout(&scope).await));
    let account = world
        .hub
        .create_account(&scope, new_account("eve"), Role::Admin, None)
        .await;
    assert!(is_forbidden(&account));
}
