//! How often the classifier is right on sentences it was not taught (`data/intents-test`).
#![expect(clippy::unwrap_used, reason = "a test may stop at once")]

use std::collections::{BTreeMap, HashSet};
use std::{fs, path::Path};

use switchboard_assistant::intents::{IntentModel, examples};
use switchboard_assistant::model::Model;
use switchboard_domain::analysis::Intent;

fn asked() -> Vec<(Intent, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/intents-test");
    let read = |intent: Intent| fs::read_to_string(folder.join(format!("{}.txt", intent.as_str()))).unwrap();
    let lines = |intent| {
        read(intent)
            .lines()
            .map(|line| (intent, line.to_owned()))
            .collect::<Vec<_>>()
    };
    Intent::ALL.into_iter().flat_map(lines).collect()
}

fn plain(text: &str) -> String {
    text.to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric() || *c == ' ')
        .collect()
}

#[test]
fn every_intent_has_enough_sentences() {
    for intent in Intent::ALL {
        assert!(examples().filter(|example| example.intent == intent).count() >= 25);
        assert!(
            asked().iter().filter(|(other, _)| *other == intent).count() >= 20,
            "{intent:?}"
        );
    }
}

#[test]
fn no_sentence_asked_was_taught() {
    let taught: HashSet<String> = examples().map(|example| plain(example.text)).collect();
    for (_, text) in asked() {
        assert!(!taught.contains(&plain(&text)), "{text}");
    }
}

#[test]
fn most_sentences_are_understood_and_confidence_is_honest() {
    let model = Model::load().unwrap();
    let intents = IntentModel::load(&model);
    let asked = asked();
    let (mut right, mut confidence) = (0.0_f64, 0.0_f64);
    let mut confused: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (intent, text) in &asked {
        let found = intents.predict(&model.embed(text));
        confidence += f64::from(found.confidence.value());
        if found.intent == *intent {
            right += 1.0;
        } else {
            let pair = format!("{} taken for {}", intent.as_str(), found.intent.as_str());
            confused
                .entry(pair)
                .or_default()
                .push(format!("{text} ({})", found.confidence.rounded()));
        }
    }
    let count = f64::from(u32::try_from(asked.len()).unwrap());
    println!(
        "accuracy {:.3} mean confidence {:.3} {confused:#?}",
        right / count,
        confidence / count
    );
    assert!(right / count > 0.89);
    assert!((right / count - confidence / count).abs() < 0.1);
}
