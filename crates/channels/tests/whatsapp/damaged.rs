//! Whatever is missing or of another type, nothing panics, and what is whole is still reported.

use proptest::prelude::*;
use serde_json::{Value, json};
use switchboard_channels::whatsapp::report::{self, Addressed};
use switchboard_testbed::graph::{Webhook, samples};

use crate::support::{CUSTOMER, verified};

/// Every place in `value`, outermost first, as a pointer.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    let children: Vec<(String, &Value)> = match value {
        Value::Object(fields) => fields.iter().map(|(key, value)| (key.clone(), value)).collect(),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .map(|(index, value)| (index.to_string(), value))
            .collect(),
        _ => Vec::new(),
    };
    for (key, child) in children {
        let place = format!("{at}/{key}");
        found.push(place.clone());
        places(child, &place, found);
    }
}

fn remove(value: &mut Value, place: &str) {
    let (parent, key) = place.rsplit_once('/').unwrap();
    match value.pointer_mut(parent).unwrap() {
        Value::Object(fields) => drop(fields.remove(key)),
        Value::Array(items) => drop(items.remove(key.parse().unwrap())),
        other => panic!("{other}"),
    }
}

/// What a value may turn into.
fn stand_ins() -> Vec<Value> {
    vec![
        Value::Null,
        json!(true),
        json!(-1),
        json!(1e300),
        json!(""),
        json!("text"),
        json!([]),
        json!([[]]),
        json!({}),
        json!({"id": {"id": []}}),
    ]
}

fn damaged(value: &Value, place: &str) -> Vec<Value> {
    let mut without = value.clone();
    remove(&mut without, place);
    let mut all = vec![without];
    for stand_in in stand_ins() {
        let mut retyped = value.clone();
        *retyped.pointer_mut(place).unwrap() = stand_in;
        all.push(retyped);
    }
    all
}

fn parse(body: &Value) -> Vec<Addressed> {
    report::parse(&verified(body.to_string().into_bytes()))
}

/// Webhooks of every kind: a body each, of one entry.
fn bodies() -> Vec<Value> {
    let messages = samples::every_kind(CUSTOMER)
        .into_iter()
        .map(|(_, sample)| Webhook::of(sample));
    let statuses = ["sent", "failed"].map(|word| {
        let status = samples::status("wamid.9", word, CUSTOMER, Some("out_1"));
        Webhook::of_status(status).with_error(samples::error(131_000, "Something went wrong"))
    });
    messages.chain(statuses).map(|webhook| webhook.json()).collect()
}

#[test]
fn a_damaged_key_costs_what_it_is_about_and_nothing_else() {
    let whole = Webhook::of(samples::text(CUSTOMER, "wamid.whole", "I am whole")).json();
    let expected = parse(&whole);
    for body in bodies() {
        let entry = body["entry"][0].clone();
        let mut found = Vec::new();
        places(&entry, "", &mut found);
        assert!(found.len() > 15, "{entry}");
        for place in found {
            for damaged in damaged(&entry, &place) {
                let both = json!({"object": "x", "entry": [damaged, whole["entry"][0]]});
                let reports = parse(&both);
                assert_eq!(reports.last(), expected.last(), "{place}");
            }
        }
    }
}

#[test]
fn a_damaged_message_leaves_its_neighbours_in_the_same_change() {
    let neighbour = samples::text(CUSTOMER, "wamid.whole", "I am whole");
    for (_, sample) in samples::every_kind(CUSTOMER) {
        let mut found = Vec::new();
        places(&sample, "", &mut found);
        for place in found {
            for damaged in damaged(&sample, &place) {
                let webhook = Webhook::of(neighbour.clone()).with_message(damaged);
                let reports = parse(&webhook.json());
                assert_eq!(reports.len(), 2, "{place}");
                assert_eq!(
                    reports[0],
                    parse(&Webhook::of(neighbour.clone()).json())[0],
                    "{place}"
                );
            }
        }
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    let words = prop_oneof![
        Just("entry"),
        Just("changes"),
        Just("value"),
        Just("messages"),
        Just("statuses"),
        Just("errors"),
        Just("type"),
        Just("text"),
        Just("id"),
        Just("from"),
        Just("edit"),
        Just("message"),
        Just("system"),
    ];
    leaf.prop_recursive(8, 64, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((words.clone(), inner), 0..5).prop_map(|fields| fields
                .into_iter()
                .map(|(key, value)| (key.to_owned(), value))
                .collect()),
        ]
    })
}

proptest! {
    #[test]
    fn any_json_is_read_without_a_panic(body in any_json()) {
        prop_assert!(!parse(&body).is_empty());
    }

    #[test]
    fn any_bytes_are_read_without_a_panic(body in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(!report::parse(&verified(body)).is_empty());
    }
}
