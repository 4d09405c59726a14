//! What the id of a room opens to a visitor who shows no token.

use switchboard_domain::scope::Scope;

use super::world::World;
use crate::error::HubError;
use crate::hub::conversations::OpenConversation;

#[tokio::test(flavor = "multi_thread")]
async fn the_id_of_a_guests_room_opens_that_room_alone() {
    let world = World::up().await;
    let (mine, other) = (world.guest().await, world.guest().await);
    let scope = world
        .hub
        .guest_scope_of_room(&mine.conversation.id.to_string())
        .expect("a guest's room");
    assert_eq!(scope, mine.scope);
    assert!(scope.reaches(&mine.conversation) && !scope.reaches(&other.conversation));
    assert!(!scope.is_staff());
}

#[tokio::test(flavor = "multi_thread")]
async fn no_other_conversation_is_found_by_its_id() {
    let world = World::up().await;
    let organization = world.hub.credentials().default_organization().expect("one");
    let named = |name: &str| OpenConversation {
        alias: Some(format!("alias of {name}")),
        customer: Some(name.to_owned()),
        ..OpenConversation::default()
    };
    let service = Scope::hub(organization);
    let of_service = world
        .hub
        .open_conversation(&service, named("bob"))
        .await
        .expect("opened");
    let unknown = "conv_00000000000000000000000000000000";
    let refused = [&of_service.id.to_string(), "alias of bob", unknown, ""];
    for room in refused {
        let found = world.hub.guest_scope_of_room(room);
        assert!(matches!(found, Err(HubError::NotFound(_))), "{room}: {found:?}");
    }
}
