//! The embedded assistant through the port that the hub uses.

use switchboard_assistant::{EmbeddedAssistant, Size};
use switchboard_domain::analysis::{Confidence, EntityKind, Intent, Sentiment};
use switchboard_domain::ports::assistant::{AnswerRequest, Assistant, AssistantError};
use switchboard_domain::settings::Guidance;
use switchboard_domain::source::{Source, SourceKind};

fn source(text: &str) -> Source {
    let relevance = Confidence::clamped(0.8);
    Source {
        kind: SourceKind::Faq,
        id: "1".into(),
        title: "T".into(),
        text: text.into(),
        url: None,
        relevance,
    }
}

fn request(sources: Vec<Source>, max_characters: usize) -> AnswerRequest {
    AnswerRequest {
        question: "How?".into(),
        history: Vec::new(),
        memories: Vec::new(),
        sources,
        max_characters,
        guidance: Guidance::default(),
    }
}

#[tokio::test]
async fn a_message_is_understood_as_a_whole() {
    let assistant = EmbeddedAssistant::load().unwrap();
    let found = assistant
        .analyze("Where is my order #12345? This is terrible".into())
        .await
        .unwrap();
    assert_eq!(found.intent, Intent::OrderStatus);
    assert_eq!(found.sentiment, Sentiment::Negative);
    assert!(found.language_known && found.familiarity.value() > 0.5);
    let entity = found.entities.first().unwrap();
    assert_eq!(
        (entity.kind, entity.value.as_str()),
        (EntityKind::OrderNumber, "12345")
    );
}

#[tokio::test]
async fn a_request_for_a_person_is_certain() {
    let assistant = EmbeddedAssistant::load().unwrap();
    let found = assistant.analyze("real person please".into()).await.unwrap();
    assert_eq!(found.intent, Intent::AgentRequest);
    assert!(found.confidence.value() > 0.9);
}

#[tokio::test]
async fn vectors_come_in_the_order_of_their_texts() {
    let assistant = EmbeddedAssistant::load().unwrap();
    let texts: Vec<String> = ["a", "b", "c", "d", "e", "a"].map(str::to_owned).to_vec();
    let vectors = assistant.embed(texts.clone()).await.unwrap();
    let alone = assistant.embed(vec!["e".into()]).await.unwrap();
    assert_eq!(vectors.len(), 6);
    assert_eq!(vectors.get(4), alone.first());
    assert_eq!(vectors.first(), vectors.last());
    assert_eq!(assistant.embed(texts).await.unwrap(), vectors);
}

#[tokio::test]
async fn an_answer_is_the_best_source_verbatim() {
    let assistant = EmbeddedAssistant::load().unwrap();
    let sources = vec![source("Thirty days. Then it is too late."), source("Other.")];
    let answer = assistant.answer(request(sources.clone(), 20)).await.unwrap();
    assert_eq!(answer.text, "Thirty days.");
    assert_eq!(answer.sources.as_slice(), sources.get(..1).unwrap());
    assert_eq!(answer.tokens, 0);
}

#[tokio::test]
async fn without_a_source_there_is_no_answer() {
    let assistant = EmbeddedAssistant::load().unwrap();
    assert!(matches!(
        assistant.answer(request(Vec::new(), 20)).await,
        Err(AssistantError::Failed(_))
    ));
}

#[tokio::test]
async fn audio_is_not_understood() {
    let assistant = EmbeddedAssistant::with_size(Size {
        threads: 2,
        ..Size::default()
    })
    .unwrap();
    let heard = assistant.transcribe(Vec::new(), "ogg".into()).await;
    assert!(matches!(
        heard,
        Err(AssistantError::Unsupported("transcribe audio"))
    ));
}
