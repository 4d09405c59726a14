//! What every route of every table has to say of itself: read from the tables, so that no route can be forgotten.

use super::{named, operation, routes, told};
use crate::http::route::Upload;
use crate::http::route::doc::Content;

#[test]
fn every_route_says_what_it_does_takes_and_answers() {
    let silent: Vec<_> = routes()
        .filter(|(_, route)| {
            let doc = &route.doc;
            let takes = route.upload == Upload::None || doc.takes.is_some();
            let answers = doc
                .answers
                .is_some_and(|success| matches!(success.content, Content::None) == (success.status == 204));
            doc.summary.is_empty()
                || doc.summary.len() > 60
                || doc.summary.ends_with('.')
                || !takes
                || !answers
        })
        .map(|(_, route)| named(route))
        .collect();
    assert!(
        silent.is_empty(),
        "routes without .says, .takes or .answers: {silent:#?}"
    );
}

#[test]
fn an_endpoint_reads_the_example_of_its_body() {
    let document = told().value;
    let mut refused = Vec::new();
    for (_, route) in routes() {
        let Some(input) = route.doc.takes.filter(|_| route.upload != Upload::Form) else {
            continue;
        };
        let example = &operation(&document, route)["requestBody"]["content"]["application/json"]["example"];
        if let Err(error) = (input.reads)(example.to_string().as_bytes()) {
            refused.push(format!("{}: {error}: {example}", named(route)));
        }
    }
    assert!(refused.is_empty(), "{refused:#?}");
}

#[test]
fn a_name_stands_for_one_form() {
    let disputed = told().disputed;
    assert!(
        disputed.is_empty(),
        "read in one form, written in another: {disputed:?}"
    );
}

#[test]
fn no_two_components_are_told_apart_by_a_number() {
    let document = told().value;
    let numbered: Vec<_> = document["components"]["schemas"]
        .as_object()
        .unwrap()
        .keys()
        .filter(|name| name.ends_with(|last: char| last.is_ascii_digit()))
        .collect();
    assert!(
        numbered.is_empty(),
        "say #[schemars(rename = \"DataOf{{T}}\")] on a generic type, another name on the second of two: {numbered:?}"
    );
}
