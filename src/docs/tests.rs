//! The document as a whole: what every route has to say, and that nothing in it points nowhere.

mod complete;

use std::collections::BTreeSet;

use serde_json::Value;

use super::document::{self, Document};
use crate::api::FAMILIES;
use crate::http::route::{Family, Route};

fn told() -> Document {
    document::build(FAMILIES)
}

fn routes() -> impl Iterator<Item = (&'static Family, &'static Route)> {
    FAMILIES.iter().flat_map(|family| {
        family
            .routes
            .iter()
            .copied()
            .flatten()
            .map(move |route| (family, route))
    })
}

fn named(route: &Route) -> String {
    format!("{} {}", route.method, route.pattern)
}

fn operation<'a>(document: &'a Value, route: &Route) -> &'a Value {
    let path = super::operation::path(route);
    &document["paths"][&path][route.method.as_str().to_ascii_lowercase()]
}

#[test]
fn every_route_is_in_the_document_once() {
    let document = told().value;
    let mut ids = BTreeSet::new();
    for (family, route) in routes() {
        let operation = operation(&document, route);
        assert_eq!(operation["tags"][0], family.name, "{}", named(route));
        assert!(
            ids.insert(operation["operationId"].to_string()),
            "{}",
            named(route)
        );
    }
}

/// Everything that is called `name` below `value`.
fn all<'a>(value: &'a Value, name: &str, found: &mut Vec<&'a Value>) {
    match value {
        Value::Object(fields) => {
            for (key, field) in fields {
                if key == name {
                    found.push(field);
                }
                all(field, name, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| all(item, name, found)),
        _ => {}
    }
}

#[test]
fn every_reference_points_at_a_component() {
    let document = told().value;
    let mut references = Vec::new();
    all(&document, "$ref", &mut references);
    assert!(references.len() > 100);
    for reference in references {
        let pointer = reference.as_str().unwrap().strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
}

#[test]
fn every_capture_is_a_parameter_and_every_tag_is_told() {
    let document = told().value;
    let tags = document["tags"].as_array().unwrap();
    assert!(
        tags.iter()
            .all(|tag| !tag["description"].as_str().unwrap().is_empty())
    );
    for (path, item) in document["paths"].as_object().unwrap() {
        let captures: BTreeSet<_> = path
            .split('/')
            .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
            .collect();
        for (method, operation) in item.as_object().unwrap() {
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            let in_path = parameters.filter(|parameter| parameter["in"] == "path");
            let named: BTreeSet<_> = in_path
                .filter_map(|parameter| parameter["name"].as_str())
                .collect();
            assert_eq!(named, captures, "{method} {path}");
            assert!(
                tags.iter().any(|tag| tag["name"] == operation["tags"][0]),
                "{method} {path}"
            );
        }
    }
}
