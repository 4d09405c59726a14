//! Scans: order, ends, limits, one moment.

use switchboard_domain::ports::engine::{Batch, Direction, Entry, KeyRange};
use switchboard_store::EngineKind;

use crate::{for_both_engines, fresh, put};

for_both_engines![
    scans_keep_byte_order_in_both_directions,
    ranges_are_half_open_and_may_be_void,
    long_scans_reach_the_end,
    a_scan_shows_one_moment,
];

fn keys(entries: &[Entry]) -> Vec<&str> {
    entries
        .iter()
        .map(|entry| std::str::from_utf8(&entry.key).unwrap())
        .collect()
}

async fn scans_keep_byte_order_in_both_directions(kind: EngineKind) {
    let (_folder, engine) = fresh(kind);
    for key in ["b", "a/1", "a", "a/2", "a/10", "c"] {
        put(&engine, key, key).await;
    }
    let scan = |range, direction, limit| engine.scan(&range, direction, limit).unwrap();
    let all = scan(KeyRange::all(), Direction::Forward, 100);
    assert_eq!(keys(&all), ["a", "a/1", "a/10", "a/2", "b", "c"]);
    let last = scan(KeyRange::all(), Direction::Backward, 2);
    assert_eq!(keys(&last), ["c", "b"]);
    let first = scan(KeyRange::prefix(b"a/"), Direction::Forward, 2);
    assert_eq!(keys(&first), ["a/1", "a/10"]);
    assert!(scan(KeyRange::all(), Direction::Forward, 0).is_empty());
}

async fn ranges_are_half_open_and_may_be_void(kind: EngineKind) {
    let (_folder, engine) = fresh(kind);
    for key in ["a", "b", "c"] {
        put(&engine, key, key).await;
    }
    let scan = |from: &str, until: &str| {
        let range = KeyRange {
            from: from.into(),
            until: Some(until.into()),
        };
        engine.scan(&range, Direction::Backward, 10).unwrap()
    };
    assert_eq!(keys(&scan("a", "c")), ["b", "a"]);
    assert!(scan("b", "b").is_empty());
    assert!(scan("c", "a").is_empty());
}

async fn long_scans_reach_the_end(kind: EngineKind) {
    let (_folder, engine) = fresh(kind);
    let mut batch = Batch::new();
    for number in 0..5000 {
        batch.put(format!("{number:05}"), "x");
    }
    engine.commit(batch).await.unwrap();
    for direction in [Direction::Forward, Direction::Backward] {
        assert_eq!(
            engine
                .scan(&KeyRange::all(), direction, usize::MAX)
                .unwrap()
                .len(),
            5000
        );
        assert_eq!(
            engine.scan(&KeyRange::all(), direction, 4000).unwrap().len(),
            4000
        );
    }
    assert_eq!(engine.verify(&mut |_| ()).unwrap(), 5000);
}

/// Every batch moves all keys at once; a scan that mixed two batches would see two values.
async fn a_scan_shows_one_moment(kind: EngineKind) {
    let (_folder, engine) = fresh(kind);
    let move_all = |round: u32| {
        let mut batch = Batch::new();
        for number in 0..300 {
            // Keys come and go, too.
            batch.put(format!("{number:03}-{}", round % 2), round.to_string());
            batch.delete(format!("{number:03}-{}", (round + 1) % 2));
        }
        engine.commit(batch)
    };
    move_all(0).await.unwrap();
    let reader = tokio::task::spawn_blocking({
        let engine = engine.clone();
        move || {
            for _ in 0..500 {
                assert_one_moment(&engine.scan(&KeyRange::all(), Direction::Forward, 1000).unwrap());
            }
        }
    });
    for round in 1..=150 {
        move_all(round).await.unwrap();
    }
    reader.await.unwrap();
}

fn assert_one_moment(entries: &[Entry]) {
    assert_eq!(entries.len(), 300);
    assert!(entries.iter().all(|entry| entry.value == entries[0].value));
}
