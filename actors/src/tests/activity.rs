//! How many customers and conversations were active: the counters tell what counting the rows tells.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

use switchboard_domain::conversation::Conversation;
use switchboard_domain::id::{ConversationId, CustomerId, OrganizationId};
use switchboard_domain::ports::engine::{Batch, StoreError};
use switchboard_domain::scope::Scope;
use switchboard_domain::time::Timestamp;

use super::world::{World, message};
use crate::activity;
use crate::hub::analytics::Span;
use crate::records::active_days::Active;
use crate::records::{Records, conversations};
use crate::services::Services;

/// A day on which a block of days ends soon.
const FIRST_DAY: i64 = 20_000;
const DAYS: i64 = 40;

fn scope(world: &World) -> Scope {
    Scope::hub(world.hub.credentials().default_organization().expect("one"))
}

/// The same conversation as another customer's, with nothing said yet.
fn conversation(like: &Conversation, customer: u8, number: u8) -> Conversation {
    Conversation {
        id: ConversationId::from_bytes([number; 16]),
        customer: CustomerId::from_bytes([customer; 16]),
        last_sequence: 0,
        ..like.clone()
    }
}

/// With one more message on a day.
fn said(old: &Conversation, day: i64) -> Conversation {
    let at = Timestamp::from_day(day);
    Conversation {
        last_sequence: old.last_sequence + 1,
        first_message_at: old
            .first_message_at
            .filter(|_| old.last_sequence > 0)
            .or(Some(at)),
        last_message_at: at,
        ..old.clone()
    }
}

/// What a session does, as far as activity goes.
async fn commit(services: &Services, old: &Conversation, next: &Conversation) -> Result<(), StoreError> {
    let mut batch = Batch::new();
    let alone = activity::note(services, &mut batch, old, next).await?;
    let result = services.records().commit(batch).await;
    drop(alone);
    result
}

/// Customers and conversations of the rows from a day on, and of the counters.
fn both(records: &Records, organization: OrganizationId, from: i64, today: i64) -> [(usize, usize); 2] {
    let rows = records.list_activity(organization, from, i64::MAX).expect("read");
    let customers: BTreeSet<_> = rows.iter().map(|row| row.customer).collect();
    let conversations: BTreeSet<_> = rows.iter().map(|row| row.conversation).collect();
    let counted = |what| {
        let count = records.count_active_since(organization, what, from, today);
        usize::try_from(count.expect("read")).expect("few")
    };
    [
        (customers.len(), conversations.len()),
        (counted(Active::Customers), counted(Active::Conversations)),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn any_order_of_messages_counts_as_many_as_the_rows() {
    let world = World::up().await;
    let services = world.hub.services();
    let like = world.guest().await.conversation;
    for seed in 0..6_u64 {
        let organization = OrganizationId::from_bytes([u8::try_from(seed).unwrap() + 1; 16]);
        let like = Conversation {
            organization,
            ..like.as_ref().clone()
        };
        // Nine conversations of four customers.
        let mut all: Vec<_> = (0..9)
            .map(|number| conversation(&like, number % 4, number))
            .collect();
        let mut state = seed;
        let mut dice = move |sides: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % sides
        };
        let mut day = FIRST_DAY;
        while day < FIRST_DAY + DAYS {
            let place = usize::try_from(dice(9)).unwrap();
            let next = said(&all[place], day);
            commit(services, &all[place], &next).await.expect("stored");
            all[place] = next;
            // Some days have many messages, some have none.
            day += [0, 0, 0, 1, 1, 3][usize::try_from(dice(6)).unwrap()];
        }
        let records = services.records();
        for from in FIRST_DAY - 1..=FIRST_DAY + DAYS {
            let [rows, counters] = both(records, organization, from, day);
            assert_eq!(counters, rows, "seed {seed}, from day {from}");
        }
        let [(customers, conversations), _] = both(records, organization, FIRST_DAY, day);
        assert!(customers == 4 && conversations > 4, "{customers} {conversations}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_with_many_conversations_at_the_same_moment_moves_once() {
    let world = World::up().await;
    let organization = OrganizationId::from_bytes([7; 16]);
    let like = world.guest().await.conversation;
    let like = Conversation {
        organization,
        ..like.as_ref().clone()
    };
    let mut all: Vec<_> = (0..40).map(|number| conversation(&like, 1, number)).collect();
    for day in [FIRST_DAY, FIRST_DAY + 1, FIRST_DAY + 33] {
        let nexts: Vec<_> = all.iter().map(|old| said(old, day)).collect();
        let writers: Vec<_> = all
            .into_iter()
            .zip(nexts.clone())
            .map(|(old, next)| {
                let hub = world.hub.clone();
                tokio::spawn(async move { commit(hub.services(), &old, &next).await })
            })
            .collect();
        for writer in writers {
            writer.await.unwrap().expect("nobody is refused");
        }
        let [rows, counters] = both(world.hub.services().records(), organization, day, day);
        assert_eq!((rows, counters), ((1, 40), (1, 40)));
        let [_, ever] = both(world.hub.services().records(), organization, 0, day);
        assert_eq!(ever, (1, 40), "on one day alone");
        all = nexts;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_set_back_takes_no_customer_back() {
    let world = World::up().await;
    let services = world.hub.services();
    let organization = OrganizationId::from_bytes([7; 16]);
    let like = world.guest().await.conversation;
    let like = Conversation {
        organization,
        ..like.as_ref().clone()
    };
    let (one, other) = (conversation(&like, 1, 1), conversation(&like, 1, 2));
    commit(services, &one, &said(&one, FIRST_DAY))
        .await
        .expect("stored");
    commit(services, &other, &said(&other, FIRST_DAY - 1))
        .await
        .expect("stored");
    let count = |from| {
        services
            .records()
            .count_active_since(organization, Active::Customers, from, FIRST_DAY - 1)
    };
    assert_eq!((count(FIRST_DAY - 1).unwrap(), count(FIRST_DAY).unwrap()), (1, 1));
    let last = services.records().last_active_day(organization, one.customer);
    assert_eq!(last.unwrap(), Some(FIRST_DAY));
}

/// Customers and conversations of the last thirty days, as reports tell them.
fn active(world: &World) -> (u64, u64) {
    let span = Span::last_days(world.hub.services().now(), 30);
    let scope = scope(world);
    (
        world.hub.count_active_customers(&scope, span).expect("told"),
        world.hub.count_active_conversations(&scope, span).expect("told"),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_was_stored_counts_and_it_counts_after_a_restart_until_it_is_erased() {
    let world = World::up().await;
    let (quiet, one, other) = (world.guest().await, world.guest().await, world.guest().await);
    assert_eq!(active(&world), (0, 0), "nobody has written");
    world.engine.full.store(true, Ordering::SeqCst);
    let refused = world
        .hub
        .receive_message(&one.scope, &one.conversation, message("Hello"));
    refused.await.expect_err("no room");
    world.engine.full.store(false, Ordering::SeqCst);
    assert_eq!(active(&world), (0, 0), "nothing was stored");
    for guest in [&one, &other, &one] {
        world.say(guest, "Hello").await;
        world.until_answered(guest).await;
    }
    assert_eq!(active(&world), (2, 2));
    let world = world.restarted().await;
    world.say(&one, "Hello again").await;
    assert_eq!(active(&world), (2, 2));
    for guest in [&one, &quiet] {
        let (scope, customer) = (scope(&world), guest.conversation.customer);
        world.hub.erase_customer(&scope, customer).await.expect("erased");
    }
    assert_eq!(active(&world), (1, 1));
    let records = world.hub.services().records();
    let gone = records.last_active_day(one.conversation.organization, one.conversation.customer);
    assert_eq!(gone.expect("read"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_conversation_is_active_no_more() {
    let world = World::up().await;
    let guest = world.guest().await;
    world.say(&guest, "Hello").await;
    world.until_answered(&guest).await;
    let records = world.hub.services().records();
    let stored = records.find_conversation(guest.conversation.organization, guest.conversation.id);
    let mut batch = Batch::new();
    conversations::remove(&mut batch, &stored.expect("read").expect("there"));
    records.commit(batch).await.expect("removed");
    assert_eq!(active(&world).1, 0);
}
