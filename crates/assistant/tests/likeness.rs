//! When two questions are the same to the answer cache: measured on the sample shop's questions and their variants.

#![expect(clippy::expect_used, reason = "a test that cannot read its sample fails")]

use serde::Deserialize;
use switchboard_assistant::model::Model;
use switchboard_domain::agreement::agree;
use switchboard_domain::vector::Embedding;

/// The cache's least likeness (`switchboard_actors::answers::LIKENESS`).
const LIKENESS: f32 = 0.9;

#[derive(Deserialize)]
struct Faq {
    question: String,
    question_variants: Vec<String>,
}

/// Every question of the shop with the number of its FAQ.
fn questions() -> Vec<(usize, String, Embedding)> {
    let faqs: Vec<Faq> =
        serde_json::from_str(include_str!("../../../demo/faqs.json")).expect("the sample is read");
    let model = Model::load().expect("the model loads");
    let all = faqs.into_iter().enumerate().flat_map(|(number, faq)| {
        let texts = std::iter::once(faq.question).chain(faq.question_variants);
        texts.map(move |text| (number, text))
    });
    all.map(|(number, text)| {
        let vector = model.embed(&text);
        (number, text, vector)
    })
    .collect()
}

#[test]
fn no_two_different_questions_of_the_shop_are_the_same_to_the_cache() {
    let questions = questions();
    let (mut pairs, mut alike, mut nearest) = (0, 0, 0.0_f32);
    for (place, (faq, text, vector)) in questions.iter().enumerate() {
        for (other_faq, other, other_vector) in &questions[place + 1..] {
            if faq == other_faq {
                continue;
            }
            let likeness = vector.cosine(other_vector);
            (pairs, nearest) = (pairs + 1, nearest.max(likeness));
            alike += usize::from(likeness >= LIKENESS);
            assert!(
                likeness < LIKENESS || !agree(text, other),
                "{text} / {other}: {likeness}"
            );
        }
    }
    println!(
        "{pairs} pairs, the nearest at {nearest:.3}, {alike} from {LIKENESS} on and told apart by their words"
    );
    assert!(pairs > 1_000, "there is something to compare: {pairs}");
}

#[test]
fn the_same_question_in_other_small_words_is_the_same_to_the_cache() {
    let model = Model::load().unwrap();
    for (one, other) in [
        ("Do you ship to Norway?", "do you ship to norway"),
        ("How do I return an item?", "How can I return items?"),
        ("Where is my order?", "where is my order please"),
        ("How long does delivery take?", "How long will the delivery take?"),
    ] {
        let likeness = model.embed(one).cosine(&model.embed(other));
        assert!(
            likeness >= LIKENESS && agree(one, other),
            "{one} / {other}: {likeness}"
        );
    }
}
