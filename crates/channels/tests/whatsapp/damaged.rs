//! Whatever is missing or of another type, nothing panics, and what is whole is still reported.

use proptest::prelude::*;
use serde_json::{Value, json};
use switchboard_channels::whatsapp::report::{self, Addressed};
use switchboard_testbed::damage;
use switchboard_testbed::graph::{Webhook, samples};

use crate::support::{CUSTOMER, verified};

fn parse(body: &Value) -> Vec<Addressed> {
    report::parse(verified(body.to_string().as_bytes()))
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
        let damaged = damage::every(&entry);
        assert!(damaged.len() > 150, "{entry}");
        for damaged in damaged {
            let both = json!({"object": "x", "entry": [damaged.value, whole["entry"][0]]});
            let reports = parse(&both);
            assert_eq!(reports.last(), expected.last(), "{}", damaged.what);
        }
    }
}

#[test]
fn a_damaged_message_leaves_its_neighbours_in_the_same_change() {
    let neighbour = samples::text(CUSTOMER, "wamid.whole", "I am whole");
    for (_, sample) in samples::every_kind(CUSTOMER) {
        for damaged in damage::every(&sample) {
            let webhook = Webhook::of(neighbour.clone()).with_message(damaged.value);
            let reports = parse(&webhook.json());
            assert_eq!(reports.len(), 2, "{}", damaged.what);
            assert_eq!(
                reports[0],
                parse(&Webhook::of(neighbour.clone()).json())[0],
                "{}",
                damaged.what
            );
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
        prop_assert!(!report::parse(verified(&body)).is_empty());
    }
}
