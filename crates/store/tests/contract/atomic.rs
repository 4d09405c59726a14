//! Batches: whole or not at all, checked in order, counters added up.

use switchboard_domain::ports::engine::{Batch, MAX_VALUE_BYTES, StoreError, decode_counter, decode_tally};
use switchboard_store::EngineKind;

use crate::{for_both_engines, fresh, is_conflict, put, text};

for_both_engines![
    a_batch_takes_effect_whole_or_not_at_all,
    preconditions_see_earlier_batches_of_the_same_group,
    a_batch_is_queued_before_its_future_is_polled,
    counters_are_added_up,
    counters_that_share_a_key_are_added_up,
    a_counter_can_be_put_and_added_to_in_one_batch,
    damaged_counters_refuse_their_batch_only,
    too_large_values_are_refused,
    only_one_of_many_writers_inserts_an_absent_key,
    sixty_four_tasks_lose_no_update,
];

async fn a_batch_takes_effect_whole_or_not_at_all(kind: EngineKind) {
    let (_folder, engine) = fresh(kind);
    put(&engine, "a", "1").await;
    let mut batch = Batch::new();
    batch.put("b", "2").delete("a").require("a", "other");
    assert!(is_conflict(&engine.commit(batch).await, "a"));
    assert_eq!(
        (text(&engine, "a").as_deref(), text(&engine, "b")),
        (Some("1"), None)
    );
    let mut batch = Batch::new();
    batch
        .require("a", "1")
        .require_absent("b")
        .put("b", "2")
        .delete("a");
    engine.commit(batch).await.unwrap();
    assert_eq!(
        (text(&engine, "a"), text(&engine, "b").as_deref()),
        (None, Some("2"))
    );
}

async fn preconditions_see_earlier_batches_of_the_same_group(kind: EngineKind) {
    let (_folder, engine) = fresh(kind);
    let steps = |from: u32| {
        let mut batch = Batch::new();
        match from {
            0 => batch.require_absent("chain"),
            _ => batch.require("chain", from.to_string()),
        };
        batch.put("chain", (from + 1).to_string());
        engine.commit(batch)
    };
    let all: Vec<_> = (0..200).map(steps).collect();
    let stale = steps(7);
    for step in all {
        step.await.unwrap();
    }
    assert!(is_conflict(&stale.await, "chain"));
    assert_eq!(text(&engine, "chain").as_deref(), Some("200"));
}

async fn a_batch_is_queued_before_its_future_is_polled(kind: EngineKind) {
    let (_folder, engine) = fresh(kind);
    let mut batch = Batch::new();
    batch.put("unpolled", "kept");
    let future = engine.commit(batch);
    put(&engine, "after", "it").await;
    assert_eq!(text(&engine, "unpolled").as_deref(), Some("kept"));
    drop(future);
}

async fn counters_are_added_up(kind: EngineKind) {
    let (_folder, engine) = fresh(kind);
    let additions: Vec<_> = (1..=100)
        .map(|amount| {
            let mut batch = Batch::new();
            batch.add("sum", amount).add("sum", -1).add("least", i64::MIN);
            engine.commit(batch)
        })
        .collect();
    for addition in additions {
        addition.await.unwrap();
    }
    let counter = |key: &str| decode_counter(&engine.get(key.as_bytes()).unwrap().unwrap());
    assert_eq!(counter("sum"), Some(5050 - 100));
    assert_eq!(
        counter("least"),
        Some(0),
        "an even number of i64::MIN wraps to zero"
    );
}

async fn a_counter_can_be_put_and_added_to_in_one_batch(kind: EngineKind) {
    let (_folder, engine) = fresh(kind);
    let mut batch = Batch::new();
    batch
        .add("n", 5)
        .put("n", 40_i64.to_le_bytes().to_vec())
        .add("n", 2);
    batch.add("gone", 5).delete("gone").add("gone", 1);
    engine.commit(batch).await.unwrap();
    assert_eq!(decode_counter(&engine.get(b"n").unwrap().unwrap()), Some(42));
    assert_eq!(decode_counter(&engine.get(b"gone").unwrap().unwrap()), Some(1));
}

async fn counters_that_share_a_key_are_added_up(kind: EngineKind) {
    let (_folder, engine) = fresh(kind);
    let additions: Vec<_> = (1..=100)
        .map(|amount| {
            let mut batch = Batch::new();
            batch.add_to("sums", 9, amount).add_to("sums", 2, -amount);
            batch.add_to("gone", 1, 5).delete("gone").add_to("gone", 1, 1);
            engine.commit(batch)
        })
        .collect();
    for addition in additions {
        addition.await.unwrap();
    }
    let tally = |key: &str| decode_tally(&engine.get(key.as_bytes()).unwrap().unwrap());
    assert_eq!(tally("sums"), Some(vec![(2, -5050), (9, 5050)]));
    assert_eq!(tally("gone"), Some(vec![(1, 1)]));
    let mut bad = Batch::new();
    bad.put("word", "three").add_to("word", 1, 1);
    assert!(matches!(engine.commit(bad).await, Err(StoreError::Damaged(_))));
    assert_eq!(text(&engine, "word"), None);
}

async fn damaged_counters_refuse_their_batch_only(kind: EngineKind) {
    let (_folder, engine) = fresh(kind);
    put(&engine, "word", "three").await;
    let mut bad = Batch::new();
    bad.put("other", "x").add("word", 1);
    let mut good = Batch::new();
    good.put("good", "y");
    let (bad, good) = (engine.commit(bad), engine.commit(good));
    assert!(matches!(bad.await, Err(StoreError::Damaged(_))));
    good.await.unwrap();
    assert_eq!(
        (text(&engine, "other"), text(&engine, "word").as_deref()),
        (None, Some("three"))
    );
}

async fn too_large_values_are_refused(kind: EngineKind) {
    let (_folder, engine) = fresh(kind);
    let mut batch = Batch::new();
    batch.put("fits", vec![7; MAX_VALUE_BYTES]);
    engine.commit(batch).await.unwrap();
    let mut batch = Batch::new();
    batch.put("small", "x").put("large", vec![7; MAX_VALUE_BYTES + 1]);
    let refused = engine.commit(batch).await;
    assert!(matches!(refused, Err(StoreError::TooLarge { bytes }) if bytes == MAX_VALUE_BYTES + 1));
    assert_eq!(engine.get(b"fits").unwrap().unwrap().len(), MAX_VALUE_BYTES);
    assert_eq!(engine.get(b"small").unwrap(), None);
}

async fn only_one_of_many_writers_inserts_an_absent_key(kind: EngineKind) {
    let (_folder, engine) = fresh(kind);
    let tasks: Vec<_> = (0..32)
        .map(|writer| {
            let mut batch = Batch::new();
            batch.require_absent("unique").put("unique", writer.to_string());
            tokio::spawn(engine.commit(batch))
        })
        .collect();
    let mut winners = 0;
    for task in tasks {
        winners += u32::from(task.await.unwrap().is_ok());
    }
    assert_eq!(winners, 1);
}

async fn sixty_four_tasks_lose_no_update(kind: EngineKind) {
    let (_folder, engine) = fresh(kind);
    let tasks: Vec<_> = (0..64)
        .map(|_| tokio::spawn(increment(engine.clone(), 10)))
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(decode_counter(&engine.get(b"added").unwrap().unwrap()), Some(640));
    assert_eq!(text(&engine, "compared").unwrap().parse(), Ok(640));
}

/// Optimistic updates: what was read is compared at the commit; a refused writer reads again.
async fn increment(engine: std::sync::Arc<dyn switchboard_domain::ports::engine::Engine>, times: u32) {
    for _ in 0..times {
        loop {
            let before = text(&engine, "compared");
            let next = before.as_deref().map_or(0, |value| value.parse::<u32>().unwrap()) + 1;
            let mut batch = Batch::new();
            match before {
                Some(before) => batch.require("compared", before),
                None => batch.require_absent("compared"),
            };
            batch.put("compared", next.to_string()).add("added", 1);
            match engine.commit(batch).await {
                Ok(()) => break,
                refused => assert!(is_conflict(&refused, "compared")),
            }
        }
    }
}
