//! The tokenizer and the encoder against an independent implementation in double precision over the published weights.
//!
//! `golden/minilm.json` holds, for each text: token ids, the first 16 components and the cosines to all texts.
#![expect(clippy::unwrap_used, reason = "a test may stop at once")]

use serde_json::Value;
use switchboard_assistant::model::Model;

fn golden() -> Vec<Value> {
    serde_json::from_str(include_str!("golden/minilm.json")).unwrap()
}

fn text(case: &Value) -> &str {
    case["text"].as_str().unwrap()
}

fn numbers(case: &Value, key: &str) -> Vec<f64> {
    case[key]
        .as_array()
        .unwrap()
        .iter()
        .map(|value| value.as_f64().unwrap())
        .collect()
}

#[test]
fn token_ids_are_those_of_the_reference() {
    let model = Model::load().unwrap();
    for case in golden() {
        let ids: Vec<f64> = model.tokenize(text(&case)).into_iter().map(f64::from).collect();
        assert_eq!(ids, numbers(&case, "ids"), "{}", text(&case));
    }
}

#[test]
fn vectors_are_those_of_the_reference() {
    let model = Model::load().unwrap();
    for case in golden() {
        let vector = model.embed(text(&case));
        let error = |(found, expected): (&f32, f64)| (f64::from(*found) - expected).abs();
        let worst = vector
            .values()
            .iter()
            .zip(numbers(&case, "first"))
            .map(error)
            .fold(0.0, f64::max);
        println!("{worst:.5} {:.40}", text(&case));
        assert!(worst < 0.01, "{worst} in {}", text(&case));
    }
}

#[test]
fn cosines_are_those_of_the_reference() {
    let model = Model::load().unwrap();
    let cases = golden();
    let vectors: Vec<_> = cases.iter().map(|case| model.embed(text(case))).collect();
    for (vector, case) in vectors.iter().zip(&cases) {
        for (other, expected) in vectors.iter().zip(numbers(case, "cosines")) {
            let found = f64::from(vector.cosine(other));
            assert!(
                (found - expected).abs() < 0.01,
                "{found} {expected} {}",
                text(case)
            );
        }
    }
}
