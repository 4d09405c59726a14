//! Random batches against a `BTreeMap`: the same answers, the same entries, also after reopening.

use std::collections::BTreeMap;

use bytes::Bytes;
use proptest::prelude::*;
use switchboard_domain::ports::engine::{Batch, Change, Direction, Engine, Entry, KeyRange, StoreError};
use switchboard_store::{EngineKind, open};

use crate::options;

type Model = BTreeMap<Bytes, Bytes>;

/// Few keys, so that batches meet; some are prefixes of others.
fn key() -> impl Strategy<Value = Bytes> {
    prop::collection::vec(prop::sample::select(vec![0_u8, 1, 0xFF]), 1..4).prop_map(Bytes::from)
}

/// Some of them counters.
fn value() -> impl Strategy<Value = Bytes> {
    prop_oneof![
        (0_i64..3).prop_map(|count| Bytes::copy_from_slice(&count.to_le_bytes())),
        (0_u8..3).prop_map(|number| Bytes::from(vec![number; 9])),
        prop::collection::vec(any::<u8>(), 0..20).prop_map(Bytes::from),
    ]
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        3 => (key(), value()).prop_map(|(key, value)| Change::Put { key, value }),
        1 => key().prop_map(|key| Change::Delete { key }),
        1 => (key(), any::<i64>()).prop_map(|(key, amount)| Change::Add { key, amount }),
        1 => (key(), 0_u8..3, any::<i64>())
            .prop_map(|(key, counter, amount)| Change::AddTo { key, counter, amount }),
    ]
}

fn batch() -> impl Strategy<Value = Batch> {
    let changes = prop::collection::vec(change(), 0..6);
    let preconditions = prop::collection::vec((key(), prop::option::of(value())), 0..2);
    (changes, preconditions).prop_map(|(changes, preconditions)| {
        let mut batch = Batch {
            changes,
            ..Batch::new()
        };
        for (key, expected) in preconditions {
            match expected {
                Some(expected) => batch.require(key, expected),
                None => batch.require_absent(key),
            };
        }
        batch
    })
}

/// The counters under a key; none where something else is stored.
fn tally(value: Option<&Bytes>) -> Option<BTreeMap<u8, i64>> {
    let bytes = value.map_or(&[][..], |value| value.as_ref());
    let mut tally = BTreeMap::new();
    for counter in bytes.chunks(9) {
        let sum = i64::from_le_bytes(counter.get(1..)?.try_into().ok()?);
        if tally
            .last_key_value()
            .is_some_and(|(last, _)| *last >= counter[0])
        {
            return None;
        }
        tally.insert(counter[0], sum);
    }
    Some(tally)
}

/// What the port promises, in the plainest words.
fn apply(model: &mut Model, batch: &Batch) -> bool {
    if batch
        .preconditions
        .iter()
        .any(|wanted| model.get(&wanted.key) != wanted.expected.as_ref())
    {
        return false;
    }
    let mut next = model.clone();
    for change in &batch.changes {
        match change {
            Change::Put { key, value } | Change::Insert { key, value } => {
                drop(next.insert(key.clone(), value.clone()));
            }
            Change::Delete { key } => drop(next.remove(key)),
            Change::Add { key, amount } => {
                let current = next
                    .get(key)
                    .map_or(Ok([0; 8]), |value| value.as_ref().try_into());
                let Ok(current) = current else { return false };
                let sum = i64::from_le_bytes(current).wrapping_add(*amount);
                next.insert(key.clone(), Bytes::copy_from_slice(&sum.to_le_bytes()));
            }
            Change::AddTo { key, counter, amount } => {
                let Some(mut tally) = tally(next.get(key)) else {
                    return false;
                };
                let sum = tally.entry(*counter).or_default();
                *sum = sum.wrapping_add(*amount);
                let bytes = tally
                    .into_iter()
                    .flat_map(|(number, sum)| [&[number], sum.to_le_bytes().as_slice()].concat());
                next.insert(key.clone(), bytes.collect());
            }
        }
    }
    *model = next;
    true
}

fn assert_equal(engine: &dyn Engine, model: &Model, limit: usize) {
    let expected: Vec<Entry> = model
        .iter()
        .map(|(key, value)| Entry {
            key: key.clone(),
            value: value.clone(),
        })
        .collect();
    let scan = |direction| engine.scan(&KeyRange::all(), direction, limit).unwrap();
    assert_eq!(scan(Direction::Forward), expected[..limit.min(expected.len())]);
    assert_eq!(
        scan(Direction::Backward),
        expected.iter().rev().take(limit).cloned().collect::<Vec<_>>()
    );
    for entry in &expected {
        assert_eq!(engine.get(&entry.key).unwrap().as_ref(), Some(&entry.value));
    }
}

/// Hands all batches over at once, so that they share groups, and compares each answer.
fn check(kind: EngineKind, rounds: &[Vec<Batch>], limit: usize) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut model = Model::new();
    for batches in rounds {
        let engine = open(&options(kind, folder.path())).unwrap();
        let answers: Vec<_> = batches.iter().map(|batch| engine.commit(batch.clone())).collect();
        for (batch, answer) in batches.iter().zip(answers) {
            let outcome = runtime.block_on(answer);
            assert_eq!(outcome.is_ok(), apply(&mut model, batch), "{outcome:?}");
            assert!(matches!(
                outcome,
                Ok(()) | Err(StoreError::Conflict { .. } | StoreError::Damaged(_))
            ));
        }
        assert_equal(engine.as_ref(), &model, limit);
        drop(engine);
    }
    assert_equal(
        open(&options(kind, folder.path())).unwrap().as_ref(),
        &model,
        limit,
    );
}

fn rounds() -> impl Strategy<Value = Vec<Vec<Batch>>> {
    prop::collection::vec(prop::collection::vec(batch(), 1..40), 1..3)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn sled_does_what_a_map_does(rounds in rounds(), limit in 1_usize..50) {
        check(EngineKind::Sled, &rounds, limit);
    }

    #[test]
    fn fjall_does_what_a_map_does(rounds in rounds(), limit in 1_usize..50) {
        check(EngineKind::Fjall, &rounds, limit);
    }
}
