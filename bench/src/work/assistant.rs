//! The assistant: customers of the sample shop ask what its FAQs answer, in words of their own.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use crate::context::Context;
use crate::report::Figure;
use crate::room::Door;
use crate::samples::{Samples, count, length};
use crate::server::Server;
use crate::socket::{Socket, text};

/// The sample shop's FAQs.
const FAQS: &str = include_str!("../../../demo/faqs.json");
/// Questions asked in a round, each by another guest.
const QUESTIONS: usize = 120;
/// How long the hub must have been at rest before it is measured: the sample's vectors are made after the start.
const REST: Duration = Duration::from_secs(1);
/// How often it is looked whether it is.
const LOOKS: usize = 60;

/// What came of a question.
enum Outcome {
    Answered,
    HandedOver,
}

/// Measures it.
pub(super) async fn measure(context: &Context) -> Result<Vec<Figure>> {
    let mut options = context.options();
    options.demo = true;
    let server = Server::start(options).await?;
    until_at_rest(&server).await?;
    let questions = questions(context.load(QUESTIONS))?;
    let before = server.cpu_micros()?;
    let mut answered = 0;
    for question in &questions {
        if let Outcome::Answered = ask(&server, question).await? {
            answered += 1;
        }
    }
    let cpu = count(server.cpu_micros()? - before) / 1e3;
    let asked = length(questions.len());
    let advised = advise(&server, &questions).await? / asked;
    Ok(vec![
        Figure::new(
            "assistant, customer's question",
            "ms CPU",
            Samples::one(cpu / asked),
        ),
        Figure::one(
            "assistant, advice to an agent on a customer's message",
            "ms CPU",
            advised,
        ),
        Figure::one(
            "assistant, questions answered without an agent",
            "%",
            length(answered) * 100.0 / asked,
        ),
        Figure::one(
            "start with the sample shop",
            "ms",
            server.started_in().as_secs_f64() * 1e3,
        ),
    ])
}

async fn until_at_rest(server: &Server) -> Result<()> {
    for _ in 0..LOOKS {
        let before = server.cpu_micros()?;
        tokio::time::sleep(REST).await;
        if server.cpu_micros()? - before <= 20_000 {
            return Ok(());
        }
    }
    anyhow::bail!("the hub does not come to rest")
}

/// Other words than the sample's own, whose vectors are known already.
fn questions(most: usize) -> Result<Vec<String>> {
    let faqs: Vec<Value> = serde_json::from_str(FAQS)?;
    let variants = faqs
        .iter()
        .filter_map(|faq| faq.get("question_variants")?.as_array());
    let questions: Vec<_> = variants
        .flatten()
        .filter_map(Value::as_str)
        .map(|question| format!("Hi, a question: {question}"))
        .take(most)
        .collect();
    ensure!(!questions.is_empty(), "the sample has no questions");
    Ok(questions)
}

/// A customer tells an agent the same in other words; milliseconds of CPU until the agent has been advised on all of it.
async fn advise(server: &Server, questions: &[String]) -> Result<f64> {
    let mut room = Door::of(server).await?.open_room().await?;
    let before = server.cpu_micros()?;
    for (number, question) in questions.iter().enumerate() {
        let text = format!("Sorry to bother you again. {question}");
        let frame = json!({"type": "text", "text": text, "id": format!("q{number}")});
        room.guest.send(&frame.to_string()).await?;
        room.agent.next_of("message").await?;
        room.agent.next_of("analysis").await.context("no advice")?;
    }
    Ok(count(server.cpu_micros()? - before) / 1e3)
}

/// A new guest asks; what the assistant does.
async fn ask(server: &Server, question: &str) -> Result<Outcome> {
    let mut guest = Socket::connect(server.address(), "").await?;
    guest.greeting().await?;
    let frame = json!({"type": "text", "text": question, "id": "question"});
    guest.send(&frame.to_string()).await?;
    guest.next_of("ack").await.context("no ack")?;
    loop {
        let frame = guest.next().await.context("no answer")?;
        match text::kind(&frame) {
            b"message" if text::is_by_assistant(&frame) => return Ok(Outcome::Answered),
            b"handover_initiated" => return Ok(Outcome::HandedOver),
            _ => {}
        }
    }
}
