//! JSON with exactly one thing wrong: a key that is not there, or a value of another type.
//!
//! For tests of whatever reads a provider's JSON. Invariant: every place of the original is damaged in every way once.

use serde_json::{Value, json};

/// A copy with one thing wrong.
#[derive(Debug, Clone)]
pub struct Damaged {
    /// What is wrong, for people: the place as a JSON pointer, and how.
    pub what: String,
    /// The copy.
    pub value: Value,
}

/// Copies of `value`: at each place below it, once without it and once with a value of every type in its stead.
pub fn every(value: &Value) -> Vec<Damaged> {
    let mut found = Vec::new();
    places(value, "", &mut found);
    found.iter().flat_map(|place| at(value, place)).collect()
}

fn at(value: &Value, place: &str) -> Vec<Damaged> {
    let mut without = value.clone();
    remove(&mut without, place);
    let mut all = vec![Damaged {
        what: format!("without {place}"),
        value: without,
    }];
    for stand_in in stand_ins() {
        let (mut copy, what) = (value.clone(), format!("{place} = {stand_in}"));
        if let Some(there) = copy.pointer_mut(place) {
            *there = stand_in;
        }
        all.push(Damaged { what, value: copy });
    }
    all
}

/// What a value may turn into: each type, the awkward ones of it first.
fn stand_ins() -> [Value; 9] {
    [
        Value::Null,
        json!(true),
        json!(-1),
        json!(1e300),
        json!(""),
        json!("text"),
        json!([]),
        json!([[]]),
        json!({"id": {"id": []}}),
    ]
}

/// Every place in `value`, outermost first, as a pointer.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    let children: Vec<(String, &Value)> = match value {
        Value::Object(fields) => fields.iter().map(|(key, value)| (key.clone(), value)).collect(),
        Value::Array(items) => {
            let numbered = items.iter().enumerate();
            numbered
                .map(|(index, value)| (index.to_string(), value))
                .collect()
        }
        _ => Vec::new(),
    };
    for (key, child) in children {
        let place = format!("{at}/{key}");
        found.push(place.clone());
        places(child, &place, found);
    }
}

fn remove(value: &mut Value, place: &str) {
    let Some((parent, key)) = place.rsplit_once('/') else {
        return;
    };
    match value.pointer_mut(parent) {
        Some(Value::Object(fields)) => drop(fields.remove(key)),
        Some(Value::Array(items)) => items.retain(has_other_place(key)),
        _ => {}
    }
}

/// Whether an item stands elsewhere than at `key`, asked of all items in their order.
fn has_other_place(key: &str) -> impl FnMut(&Value) -> bool {
    let (wanted, mut next) = (key.parse::<usize>().ok(), 0);
    move |_| {
        let place = next;
        next += 1;
        wanted != Some(place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_is_missing_once_and_of_each_type_once() {
        let damaged = every(&json!({"a": [1, {"b": "x"}]}));
        assert_eq!(damaged.len(), 4 * 10);
        let has = |value: Value| damaged.iter().any(|damaged| damaged.value == value);
        assert!(has(json!({})));
        assert!(has(json!({"a": [{"b": "x"}]})));
        assert!(has(json!({"a": [1, {}]})));
        assert!(has(json!({"a": [1, {"b": null}]})));
        assert!(has(json!({"a": [true, {"b": "x"}]})));
    }
}
