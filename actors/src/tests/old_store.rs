//! A store as releases of format 1 have left it tells the same figures.

use switchboard_domain::counter::Metric;
use switchboard_domain::figures::Figures;
use switchboard_domain::ports::engine::{Batch, Direction, Engine, Entry, KeyRange, decode_tally};
use switchboard_domain::scope::Scope;

use super::world::World;
use crate::hub::analytics::Span;
use crate::records::keys::{Kind, global};

fn entries(engine: &dyn Engine, kind: Kind) -> Vec<Entry> {
    let range = KeyRange::prefix(&global(kind, &[]));
    engine.scan(&range, Direction::Forward, usize::MAX).expect("read")
}

/// Takes back what the upgrade has made: an hourly counter has a key of its own, and nobody counts active days.
async fn age(world: &World) {
    let engine = world.engine.as_ref();
    let mut batch = Batch::new();
    for tally in entries(engine, Kind::HourlyTally) {
        let (channel, hour) = tally.key.split_last().expect("a channel");
        for (metric, sum) in decode_tally(&tally.value).expect("a tally") {
            let mut key = hour.to_vec();
            key[0] = Kind::HourlyCounter as u8;
            key.extend([metric, *channel]);
            batch.add(key, sum);
        }
    }
    for kind in [
        Kind::HourlyTally,
        Kind::ActiveDays,
        Kind::LastActive,
        Kind::Upgraded,
    ] {
        for entry in entries(engine, kind) {
            batch.delete(entry.key);
        }
    }
    engine.commit(batch).await.expect("aged");
}

/// All there ever was, and the customers and conversations of the last days.
fn told(world: &World) -> (Figures, u64, u64) {
    let scope = Scope::hub(world.hub.credentials().default_organization().expect("one"));
    let span = Span::last_days(world.hub.services().now(), 3);
    (
        world.hub.report_all_time(&scope).expect("told"),
        world.hub.count_active_customers(&scope, span).expect("told"),
        world.hub.count_active_conversations(&scope, span).expect("told"),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_of_an_older_format_tells_the_same_figures() {
    let world = World::up().await;
    let guests = [world.guest().await, world.guest().await];
    for guest in &guests {
        world.say(guest, "Returns?").await;
        world.until_answered(guest).await;
    }
    let before = told(&world);
    assert_eq!(
        (before.0.get(Metric::CustomerMessages), before.1, before.2),
        (2, 2, 2)
    );
    let days = entries(world.engine.as_ref(), Kind::ActiveDays);
    age(&world).await;
    assert_eq!(told(&world).1, 0, "nothing is left to tell it from");
    let world = world.restarted().await;
    assert_eq!(told(&world), before);
    assert_eq!(entries(world.engine.as_ref(), Kind::ActiveDays), days);
    assert!(entries(world.engine.as_ref(), Kind::HourlyCounter).is_empty());

    world.say(&guests[0], "Returns?").await;
    world.until_answered(&guests[0]).await;
    let after = told(&world);
    assert_eq!(
        (after.0.get(Metric::CustomerMessages), after.1, after.2),
        (3, 2, 2)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upgrade_that_was_cut_off_is_done_again_and_counts_nothing_twice() {
    let world = World::up().await;
    let guest = world.guest().await;
    world.say(&guest, "Returns?").await;
    world.until_answered(&guest).await;
    let before = told(&world);
    age(&world).await;
    world.hub.services().records().upgrade().await.expect("upgraded");
    // All but the mark is there, and one counter has not moved yet.
    let mut batch = Batch::new();
    let tally = entries(world.engine.as_ref(), Kind::HourlyTally).remove(0);
    let (channel, hour) = tally.key.split_last().expect("a channel");
    let (metric, sum) = decode_tally(&tally.value).expect("a tally")[0];
    let mut key = hour.to_vec();
    key[0] = Kind::HourlyCounter as u8;
    key.extend([metric, *channel]);
    assert_ne!(sum, 0);
    batch.add(key, sum).add_to(tally.key.clone(), metric, -sum);
    batch.delete(global(Kind::Upgraded, &[]));
    world.engine.commit(batch).await.expect("cut off");
    let world = world.restarted().await;
    assert_eq!(told(&world), before);
}
