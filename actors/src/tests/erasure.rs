//! Handing out and removing all that is kept of a customer.

use std::net::Ipv4Addr;
use std::sync::atomic::Ordering;

use switchboard_domain::campaign::target::Target;
use switchboard_domain::customer::Channel;
use switchboard_domain::id::{CampaignId, CustomerId};
use switchboard_domain::memory::MemoryKind;
use switchboard_domain::message::BlobId;
use switchboard_domain::ports::bus::Topic;
use switchboard_domain::ports::engine::{Batch, Direction, Engine, KeyRange};
use switchboard_domain::scope::Scope;

use super::world::{World, message};
use crate::error::HubError;
use crate::hub::campaigns::NewCampaign;
use crate::hub::conversations::GuestConversation;
use crate::hub::memories::NewMemory;
use crate::hub::messages::NewMessage;
use crate::hub::repeats::{Claim, Repeatable, Reservation};
use crate::records::repeats::{KEPT, KeptAnswer};
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
    let (customer, conversation) = (guest.conversation.customer, guest.conversation.id);
    let words = [customer.to_string(), conversation.to_string()];
    let mut ids = vec![customer.as_bytes().to_vec(), conversation.as_bytes().to_vec()];
    ids.extend(words.map(String::into_bytes));
    let has = |bytes: &[u8], id: &[u8]| bytes.windows(id.len()).any(|window| window == id);
    let names = |bytes: &[u8]| ids.iter().any(|id| has(bytes, id));
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
    erasure::mark(&mut batch, organization, id, None, world.hub.services().now());
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

/// A campaign that all customers got: its id.
async fn campaign_to_all(world: &World) -> CampaignId {
    let scope = hub_scope(world);
    let new = NewCampaign {
        name: "News".to_owned(),
        purpose: "NEWS".to_owned(),
        channel: Channel::Web,
        scheduled_at: None,
        target: Target::default(),
        template: "We have moved.".to_owned(),
        quiet: None,
        subject: None,
        approved: None,
    };
    let made = world.hub.create_campaign(&scope, new).await.expect("written");
    world
        .hub
        .execute_campaign(&scope, made.id)
        .await
        .expect("started");
    let is_over = || {
        let read = world.hub.get_campaign(&scope, made.id).expect("there");
        read.status.is_over()
    };
    world.until("the end of the campaign", is_over).await;
    made.id
}

#[tokio::test(flavor = "multi_thread")]
async fn no_campaign_tells_that_an_erased_customer_got_it() {
    let world = World::up().await;
    let scope = hub_scope(&world);
    let (gone, last) = (known_guest(&world).await, known_guest(&world).await);
    let campaign = campaign_to_all(&world).await;
    let ledger = || {
        let lines = world.hub.list_recipients(&scope, campaign, 0, 10).expect("read");
        let customers = lines.items.into_iter().map(|line| line.customer);
        customers.collect::<Vec<_>>()
    };
    assert_eq!(ledger(), [gone.conversation.customer, last.conversation.customer]);
    for (erased, left) in [(&gone, vec![last.conversation.customer]), (&last, Vec::new())] {
        let id = erased.conversation.customer;
        world.hub.erase_customer(&scope, id).await.expect("erased");
        assert_eq!((ledger(), traces(&world, erased)), (left, 0));
    }
    let told = world.hub.get_campaign(&scope, campaign).expect("there");
    assert_eq!((told.sent, told.cursor), (2, None), "figures stay");
}

/// Claims a key for a request to this path.
async fn claim(world: &World, scope: &Scope, key: &str, path: &str) -> Claim {
    let request = Repeatable {
        key,
        endpoint: ["POST", path],
        asked: [b"", b"{}"],
    };
    let claimed = world.hub.claim(Some(scope), Ipv4Addr::LOCALHOST.into(), &request);
    claimed.await.expect("claimed")
}

async fn reserve(world: &World, scope: &Scope, key: &str, path: &str) -> Reservation {
    match claim(world, scope, key, path).await {
        Claim::First(reservation) => reservation,
        other => panic!("not the first: {other:?}"),
    }
}

fn answered(body: &str) -> KeptAnswer {
    KeptAnswer {
        status: 200,
        content_type: "application/json".to_owned(),
        body: Some(body.as_bytes().to_vec()),
    }
}

/// Answers are kept to: the guest, somebody who names the guest in the path, one whose answer names it, and one whose
/// message is in its conversation.
async fn keep_answers(
    world: &World,
    guest: &GuestConversation,
    whose: &str,
) -> [(Scope, &'static str, String); 4] {
    let (service, id) = (hub_scope(world), guest.conversation.id);
    let asked = [
        (guest.scope.clone(), "own", "/own".to_owned()),
        (service.clone(), "path", format!("/conversations/{id}/close")),
        (service.clone(), "answer", format!("/answer/{whose}")),
        (service, "message", format!("/messages/{whose}")),
    ];
    for (scope, key, path) in &asked {
        let reservation = reserve(world, scope, key, path).await;
        let body = if *key == "answer" {
            format!(r#"{{"room_id":"{id}"}}"#)
        } else {
            "{}".to_owned()
        };
        if *key == "message" {
            let new = NewMessage {
                client_id: Some(reservation.name()),
                ..message("Once.")
            };
            let (scope, conversation) = (&guest.scope, &guest.conversation);
            let sent = world.hub.receive_message(scope, conversation, new);
            sent.await.expect("stored");
        }
        world
            .hub
            .settle(reservation, Some(answered(&body)))
            .await
            .expect("kept");
    }
    asked
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_kept_for_repeats_are_forgotten_with_the_customer_they_tell_of() {
    let world = World::up().await;
    let (gone, stays) = (known_guest(&world).await, known_guest(&world).await);
    let (forgotten, kept) = (
        keep_answers(&world, &gone, "gone").await,
        keep_answers(&world, &stays, "stays").await,
    );
    let under_way = reserve(&world, &gone.scope, "late", "/late").await;
    let (scope, id) = (hub_scope(&world), gone.conversation.customer);
    world.hub.erase_customer(&scope, id).await.expect("erased");
    let late = world.hub.settle(under_way, Some(answered("{}"))).await;
    assert!(late.is_err(), "what comes too late is not kept");
    assert_eq!(traces(&world, &gone), 0);
    for (scope, key, path) in &kept {
        let again = claim(&world, scope, key, path).await;
        assert!(matches!(again, Claim::Answered(_)), "{key}: {again:?}");
    }
    for (scope, key, path) in &forgotten {
        let again = claim(&world, scope, key, path).await;
        assert!(matches!(again, Claim::First(_)), "{key}: {again:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kept_answer_that_ends_leaves_no_row_behind() {
    let world = World::up().await;
    let guest = world.guest().await;
    let before = traces(&world, &guest);
    for (scope, key, path) in [
        (&guest.scope, "done", "/done"),
        (&guest.scope, "failed", "/failed"),
    ] {
        let reservation = reserve(&world, scope, key, path).await;
        assert!(traces(&world, &guest) > before);
        let answer = (key == "done").then(|| answered("{}"));
        world.hub.settle(reservation, answer).await.expect("settled");
    }
    assert!(traces(&world, &guest) > before, "an answer is kept");
    let records = world.hub.services().records();
    let end = world.hub.services().now().after(KEPT).after(KEPT);
    let ended = records.ended_repeats(end, 10).expect("read");
    records.commit(ended).await.expect("removed");
    assert_eq!(traces(&world, &guest), before);
}
