//! Whether customers' questions find the right FAQ of the demo shop, and unrelated ones find none.
//!
//! A record's score is the best of the cosines to its texts, as `passages` makes them.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test may stop at once and print"
)]

use std::{fs, path::Path};

use serde_json::Value;
use switchboard_assistant::model::Model;
use switchboard_domain::passages::{faq_texts, passage_text, passages};
use switchboard_domain::vector::Embedding;

/// From this score on a FAQ is given as the answer.
const ANSWER: f32 = 0.55;

/// Below this score nothing was found.
const CLARIFY: f32 = 0.45;

struct Record {
    name: String,
    vectors: Vec<Embedding>,
}

fn json(path: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn texts(value: &Value) -> impl Iterator<Item = &str> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|text| text.as_str().unwrap())
}

fn faqs(model: &Model) -> Vec<Record> {
    let record = |faq: &Value| {
        let (question, answer) = (faq["question"].as_str().unwrap(), faq["answer"].as_str().unwrap());
        let texts = faq_texts(question, answer, texts(&faq["question_variants"]));
        let vectors = texts.iter().map(|text| model.embed(text)).collect();
        Record {
            name: question.to_owned(),
            vectors,
        }
    };
    json("../../demo/faqs.json")
        .as_array()
        .unwrap()
        .iter()
        .map(record)
        .collect()
}

fn articles(model: &Model) -> Vec<Record> {
    let record = |article: &Value| {
        let (title, content) = (
            article["title"].as_str().unwrap(),
            article["content"].as_str().unwrap(),
        );
        let titled = passages(content)
            .into_iter()
            .map(|passage| passage_text(title, &passage));
        Record {
            name: title.to_owned(),
            vectors: titled.map(|text| model.embed(&text)).collect(),
        }
    };
    json("../../demo/knowledge.json")
        .as_array()
        .unwrap()
        .iter()
        .map(record)
        .collect()
}

fn best<'a>(records: &'a [Record], question: &Embedding) -> (&'a str, f32) {
    let score = |record: &Record| {
        record
            .vectors
            .iter()
            .map(|v| v.cosine(question))
            .fold(-1.0, f32::max)
    };
    let scored = records.iter().map(|record| (record.name.as_str(), score(record)));
    scored.max_by(|a, b| a.1.total_cmp(&b.1)).unwrap()
}

fn spread(label: &str, mut scores: Vec<f32>) {
    scores.sort_by(f32::total_cmp);
    let at = |percent: usize| scores[(scores.len() - 1) * percent / 100];
    println!(
        "{label}: min {:.3} p10 {:.3} p25 {:.3} p50 {:.3} p90 {:.3} max {:.3}",
        at(0),
        at(10),
        at(25),
        at(50),
        at(90),
        at(100)
    );
}

#[test]
fn paraphrased_questions_find_their_faq() {
    let model = Model::load().unwrap();
    let faqs = faqs(&model);
    let questions = json("tests/golden/questions.json");
    let asked = questions["asked"].as_array().unwrap();
    let (mut right, mut answered, mut scores) = (0, 0, Vec::new());
    for case in asked {
        let (question, expected) = (case["question"].as_str().unwrap(), case["faq"].as_str().unwrap());
        let (found, score) = best(&faqs, &model.embed(question));
        right += usize::from(found == expected);
        answered += usize::from(score >= ANSWER);
        scores.push(score);
        if found != expected || score < ANSWER {
            println!("{score:.3} {question:?} found {found:?}, expected {expected:?}");
        }
    }
    spread("asked", scores);
    println!("right {right}, sure of {answered}, of {}", asked.len());
    assert!(right * 100 >= asked.len() * 90);
    assert!(answered * 100 >= asked.len() * 60);
}

#[test]
fn unrelated_questions_find_nothing() {
    let model = Model::load().unwrap();
    let (faqs, articles) = (faqs(&model), articles(&model));
    let questions = json("tests/golden/questions.json");
    let score = |records: &[Record], question: &str| best(records, &model.embed(question)).1;
    let of = |records: &[Record]| {
        texts(&questions["unrelated"])
            .map(|q| score(records, q))
            .collect::<Vec<_>>()
    };
    spread("unrelated, FAQs", of(&faqs));
    spread("unrelated, articles", of(&articles));
    assert!(
        of(&faqs)
            .into_iter()
            .chain(of(&articles))
            .all(|score| score < CLARIFY)
    );
}

#[test]
fn questions_of_the_trade_without_an_answer_rarely_find_one() {
    let model = Model::load().unwrap();
    let faqs = faqs(&model);
    let questions = json("tests/golden/questions.json");
    let scores: Vec<f32> = texts(&questions["unanswered"])
        .map(|question| best(&faqs, &model.embed(question)).1)
        .collect();
    let wrong = scores.iter().filter(|score| **score >= ANSWER).count();
    spread("unanswered", scores);
    assert!(wrong <= 4, "{wrong}");
}

#[test]
fn questions_about_articles_find_the_right_one() {
    let model = Model::load().unwrap();
    let articles = articles(&model);
    let questions = json("tests/golden/questions.json");
    let (mut right, mut scores) = (0, Vec::new());
    let asked = questions["about_articles"].as_array().unwrap();
    for case in asked {
        let (question, expected) = (
            case["question"].as_str().unwrap(),
            case["article"].as_str().unwrap(),
        );
        let (found, score) = best(&articles, &model.embed(question));
        right += usize::from(found == expected);
        scores.push(score);
        println!("{score:.3} {question:?} found {found:?}, expected {expected:?}");
    }
    spread("about articles", scores);
    assert!(right * 100 >= asked.len() * 85, "{right} of {}", asked.len());
}
