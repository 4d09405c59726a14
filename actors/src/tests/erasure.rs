//! Handing out and removing all that is kept of a customer.

use std::sync::atomic::Ordering;

use switchboard_domain::id::CustomerId;
use switchboard_domain::memory::MemoryKind;
use switchboard_domain::message::BlobId;
use switchboard_domain::ports::bus::Topic;
use switchboard_domain::ports::engine::{Batch, Direction, Engine, KeyRange};
use switchboard_domain::scope::Scope;

use super::world::{World, message};
use crate::error::HubError;
use crate::hub::conversations::GuestConversation;
use crate::hub::memories::NewMemory;
use crate::records::{customers, erasure};

/// A recording, as Base64.
const RECORDING: &str = "ZkxhQwAAACI=";

fn hub_scope(world: &World) -> Scope {
    Scope::hub(world.hub.credentials().default_organization().expect("one"))
}

/// A guest who has written, sent a recording, and is remembered.
async fn known_guest(world: &World) -> GuestConversation {
    let guest = world.guest().await;
    world.say(&guest, "Returns?").await;
    world.until_answered(&guest).await;
    let (scope, conversation) = (&guest.scope, &guest.conversation);
    let recorded = world
        .hub
        .receive_audio(scope, conversation, RECORDING, "flac", message(""));
    recorded.await.expect("kept");
    let memory = NewMemory {
        user: guest.conversation.customer.to_string(),
        kind: MemoryKind::ShortTerm,
        key: "size".to_owned(),
        value: "41".to_owned(),
        importance: None,
        source: None,
    };
    world.hub.store_memory(scope, memory).await.expect("remembered");
    world
        .hub
        .list_memories(scope, &guest.conversation.customer.to_string(), None, None)
        .expect("told");
    guest
}

/// How many entries of the store name this guest.
fn traces(world: &World, guest: &GuestConversation) -> usize {
    let ids = [
        *guest.conversation.customer.as_bytes(),
        *guest.conversation.id.as_bytes(),
    ];
    let names = |bytes: &[u8]| bytes.windows(16).any(|window| ids.iter().any(|id| id == window));
    let entries = world
        .engine
        .scan(&KeyRange::all(), Direction::Forward, usize::MAX);
    let entries = entries.expect("read");
    entries
        .iter()
        .filter(|entry| names(&entry.key) || names(&entry.value))
        .count()
}

async fn blob(world: &World, guest: &GuestConversation) -> Option<(BlobId, bool)> {
    let recorded = world
        .messages(guest)
        .into_iter()
        .find_map(|message| message.attachments.first().cloned())?;
    let found = world
        .hub
        .services()
        .ports
        .blobs
        .get(recorded.blob)
        .await
        .expect("read");
    Some((recorded.blob, found.is_some()))
}

async fn is_kept(world: &World, blob: BlobId) -> bool {
    world
        .hub
        .services()
        .ports
        .blobs
        .get(blob)
        .await
        .expect("read")
        .is_some()
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_an_erased_customer_is_left_and_others_keep_theirs() {
    let world = World::up().await;
    let scope = hub_scope(&world);
    let (gone, stays) = (known_guest(&world).await, known_guest(&world).await);
    let ear = world.ear(Topic::Conversation(gone.conversation.id), 7, false);
    let other_ear = world.ear(Topic::Conversation(stays.conversation.id), 8, false);
    let (blob, _) = blob(&world, &gone).await.expect("a recording");
    let before = traces(&world, &stays);
    assert!(traces(&world, &gone) > 5);

    world
        .hub
        .erase_customer(&scope, gone.conversation.customer)
        .await
        .expect("erased");
    assert_eq!((traces(&world, &gone), traces(&world, &stays)), (0, before));
    assert!(ear.ended.load(Ordering::SeqCst) && !other_ear.ended.load(Ordering::SeqCst));
    assert!(
        is_kept(&world, blob).await,
        "another message holds the same bytes"
    );
    let stock = world.hub.stock(&scope).expect("counted");
    assert_eq!(
        (stock.customers, stock.conversations, stock.open, stock.waiting),
        (1, 1, 1, 1)
    );
    let again = world.hub.erase_customer(&scope, gone.conversation.customer).await;
    assert!(matches!(again, Err(HubError::NotFound(_))));

    world
        .hub
        .erase_customer(&scope, stays.conversation.customer)
        .await
        .expect("erased");
    assert_eq!(traces(&world, &stays), 0);
    assert!(!is_kept(&world, blob).await, "nobody holds it any more");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_turn_under_way_brings_nothing_back() {
    let world = World::up().await;
    let scope = hub_scope(&world);
    let guest = world.guest().await;
    world.assistant.gate.forget_permits(usize::MAX);
    let turns = world.assistant.turns.load(Ordering::SeqCst);
    world.say(&guest, "Returns?").await;
    world
        .until("the turn", || {
            world.assistant.turns.load(Ordering::SeqCst) > turns
        })
        .await;
    world
        .hub
        .erase_customer(&scope, guest.conversation.customer)
        .await
        .expect("erased");
    world.assistant.gate.add_permits(100);
    let late = world
        .hub
        .receive_message(&guest.scope, &guest.conversation, message("Hello?"))
        .await;
    assert!(matches!(late, Err(HubError::NotFound(_))), "{late:?}");
    let other = world.guest().await;
    world.say(&other, "Returns?").await;
    world.until_answered(&other).await;
    assert_eq!(traces(&world, &guest), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erasure_that_was_interrupted_is_finished_after_the_restart() {
    let world = World::up().await;
    let guest = known_guest(&world).await;
    let (organization, id) = (guest.conversation.organization, guest.conversation.customer);
    let records = world.hub.services().records();
    let stored = records
        .find_customer(organization, id)
        .expect("read")
        .expect("there");
    let mut batch = Batch::new();
    erasure::mark(&mut batch, organization, id, world.hub.services().now());
    customers::remove(&mut batch, &stored);
    records.commit(batch).await.expect("begun");
    let world = world.restarted().await;
    world
        .until("the end of the erasure", || traces(&world, &guest) == 0)
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_holds_all_of_a_customer_and_is_for_staff() {
    let world = World::up().await;
    let (guest, _other) = (known_guest(&world).await, known_guest(&world).await);
    let id = guest.conversation.customer;
    let export = world
        .hub
        .export_customer(&world.agent(1), id)
        .await
        .expect("exported");
    assert_eq!((export.customer.id, export.account), (id, None));
    assert_eq!((export.conversations.len(), export.memories.len()), (1, 1));
    let told = export.conversations[0].messages.len();
    assert_eq!(told, world.messages(&guest).len());
    let refused = world.hub.export_customer(&guest.scope, id).await;
    assert!(matches!(refused, Err(HubError::Forbidden(_))));
    let refused = world.hub.erase_customer(&world.agent(1), id).await;
    assert!(matches!(refused, Err(HubError::Forbidden(_))), "admins alone");
    let unknown = CustomerId::from_bytes([9; 16]);
    let absent = world.hub.export_customer(&world.agent(1), unknown).await;
    assert!(matches!(absent, Err(HubError::NotFound(_))));
}
