//! What admins do with accounts, and what nobody else may.

use switchboard_domain::account::Role;

use super::world::{PASSWORD, World, invalid_field, is_forbidden, is_unauthenticated, new_account};
use crate::error::HubError;

#[tokio::test]
async fn only_an_admin_creates_lists_and_changes_accounts() {
    let world = World::started().await;
    let anna = world.person("anna", Role::Agent).await;
    world.person("carl", Role::Customer).await;
    let hub = &world.hub;
    for name in ["anna", "carl"] {
        let scope = world.scope(name).await;
        let created = hub
            .create_account(&scope, new_account("eve"), Role::Agent, None)
            .await;
        assert!(matches!(
            created,
            Err(HubError::Forbidden("Admin access required"))
        ));
        assert!(is_forbidden(&hub.list_accounts(&scope, None, 0, 10)));
        assert!(is_forbidden(&hub.set_role(&scope, anna.id, Role::Admin).await));
        assert!(is_forbidden(
            &hub.set_account_active(&scope, anna.id, false).await
        ));
        assert!(is_forbidden(&hub.create_api_key(&scope, "key", &[]).await));
    }
    assert!(is_unauthenticated(&world.login("eve", PASSWORD).await));
    let carl = world.scope("carl").await;
    assert!(is_forbidden(&hub.get_account(&carl, anna.id)));
    assert_eq!(hub.me(&carl).expect("its own").username, "carl");
}

#[tokio::test]
async fn lists_and_totals_follow_the_role() {
    let world = World::started().await;
    for n in 0..5 {
        world.person(&format!("agent{n}"), Role::Agent).await;
    }
    let carl = world.person("carl", Role::Customer).await;
    let admin = world.admin().await;
    let list = |role, offset, limit| {
        let page = world
            .hub
            .list_accounts(&admin, role, offset, limit)
            .expect("lists");
        let names: Vec<_> = page
            .items
            .iter()
            .map(|account| account.username.clone())
            .collect();
        (names, page.total)
    };
    assert_eq!(
        list(Some(Role::Agent), 1, 2),
        (vec!["agent1".to_owned(), "agent2".to_owned()], 5)
    );
    assert_eq!(list(None, 6, 10), (vec!["carl".to_owned()], 7));
    world
        .hub
        .set_role(&admin, carl.id, Role::Agent)
        .await
        .expect("promotes");
    assert_eq!(list(Some(Role::Customer), 0, 10), (Vec::new(), 0));
    assert_eq!(list(Some(Role::Agent), 5, 10), (vec!["carl".to_owned()], 6));
    assert_eq!(list(None, 0, 0).1, 7);
}

#[tokio::test]
async fn a_disabled_accounts_tokens_are_void_and_stay_so() {
    let world = World::started().await;
    let anna = world.person("anna", Role::Agent).await;
    let token = world.token("anna").await;
    let scope = world.authenticate(&token).expect("it stands");
    let admin = world.admin().await;
    let revocations = world.hub.credentials.revocations();
    world
        .hub
        .set_account_active(&admin, anna.id, false)
        .await
        .expect("disables");
    assert!(revocations.has_changed().expect("open"));
    assert!(is_unauthenticated(&world.authenticate(&token)));
    assert!(is_unauthenticated(&world.hub.credentials.recheck(&scope)));
    assert!(is_unauthenticated(&world.hub.refresh(&scope)));
    world
        .hub
        .set_account_active(&admin, anna.id, true)
        .await
        .expect("enables");
    assert!(is_unauthenticated(&world.authenticate(&token)));
    assert!(world.login("anna", PASSWORD).await.is_ok());
}

#[tokio::test]
async fn another_role_ends_tokens_and_counts_from_the_next_login() {
    let world = World::started().await;
    let anna = world.person("anna", Role::Agent).await;
    let token = world.token("anna").await;
    let admin = world.admin().await;
    world
        .hub
        .set_role(&admin, anna.id, Role::Customer)
        .await
        .expect("demotes");
    assert!(is_unauthenticated(&world.authenticate(&token)));
    let scope = world.scope("anna").await;
    assert!(!scope.is_staff());
    assert!(
        world.hub.me(&scope).expect("its own").customer.is_some(),
        "a customer has a record"
    );
}

#[tokio::test]
async fn nothing_happens_where_nothing_changes() {
    let world = World::started().await;
    let admin = world.admin().await;
    let me = world.hub.me(&admin).expect("its own").id;
    world
        .hub
        .set_role(&admin, me, Role::Admin)
        .await
        .expect("the same");
    world
        .hub
        .set_account_active(&admin, me, true)
        .await
        .expect("the same");
    assert!(world.hub.credentials.recheck(&admin).is_ok());
}

#[tokio::test]
async fn the_last_active_admin_stays() {
    let world = World::started().await;
    let second = world.person("second", Role::Admin).await;
    let admin = world.admin().await;
    let first = world.hub.me(&admin).expect("its own").id;
    world
        .hub
        .set_account_active(&admin, second.id, false)
        .await
        .expect("another is there");
    let demoted = world.hub.set_role(&admin, first, Role::Agent).await;
    let disabled = world.hub.set_account_active(&admin, first, false).await;
    assert!(
        matches!(demoted, Err(HubError::Conflict(_))),
        "a disabled admin does not count"
    );
    assert!(matches!(disabled, Err(HubError::Conflict(_))));
    world
        .hub
        .set_role(&admin, second.id, Role::Agent)
        .await
        .expect("a disabled admin may go");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_admins_who_disable_each_other_at_the_same_moment_leave_one() {
    let world = World::started().await;
    let first = world.hub.me(&world.admin().await).expect("its own").id;
    let second = world.person("second", Role::Admin).await.id;
    let hub_scope =
        switchboard_domain::scope::Scope::hub(world.hub.credentials.default_organization().expect("started"));
    for round in 0..10 {
        let (one, two) = tokio::join!(
            world.hub.set_account_active(&hub_scope, first, false),
            world.hub.set_role(&hub_scope, second, Role::Agent)
        );
        assert_eq!(
            usize::from(one.is_ok()) + usize::from(two.is_ok()),
            1,
            "round {round}"
        );
        world
            .hub
            .set_account_active(&hub_scope, first, true)
            .await
            .expect("enables");
        world
            .hub
            .set_role(&hub_scope, second, Role::Admin)
            .await
            .expect("promotes");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_acknowledged_change_is_seen_at_once_however_many_read() {
    let world = World::started().await;
    let anna = world.person("anna", Role::Agent).await.id;
    let admin = world.admin().await;
    let readers: Vec<_> = (0..2)
        .map(|_| {
            let hub = world.hub.clone();
            tokio::spawn(async move {
                loop {
                    hub.credentials.find_account(anna).expect("reads");
                    tokio::task::yield_now().await;
                }
            })
        })
        .collect();
    for _ in 0..50 {
        let seen = world.hub.get_account(&admin, anna).expect("reads");
        let changed = world.hub.set_account_active(&admin, anna, !seen.is_active).await;
        let changed = changed.expect("changes");
        assert_eq!(world.hub.get_account(&admin, anna).expect("reads"), changed);
    }
    for reader in readers {
        reader.abort();
    }
}

#[tokio::test]
async fn a_weak_password_is_refused_for_staff_too() {
    let world = World::started().await;
    let admin = world.admin().await;
    let mut new = new_account("anna");
    new.password = "short".to_owned();
    let created = world.hub.create_account(&admin, new, Role::Admin, None).await;
    assert_eq!(invalid_field(&created), Some("password"));
}
