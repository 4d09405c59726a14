//! `/api/faq/extract`: what customers ask again and again and no FAQ answers.

use serde_json::json;
use switchboard_actors::hub::conversations::OpenConversation;

use crate::support::World;

#[tokio::test]
async fn a_question_asked_in_other_words_is_one_candidate_with_the_agents_answer() {
    let world = World::start().await;
    let (agent, service) = (world.agent().await, world.service().await);
    let faq = json!({"question": "How do I reset my password?", "answer": "Click on 'Forgot password'."});
    assert_eq!(agent.post("/api/faq", &faq).await.status, 201);
    let asked = [
        "Do you ship to Norway?",
        "do you ship to norway",
        "Can you ship my parcel to Norway?",
        "How do I reset my password?",
        "Thank you very much!",
    ];
    for (number, question) in asked.iter().enumerate() {
        let open = OpenConversation {
            customer: Some(format!("user {number}")),
            ..OpenConversation::default()
        };
        service.speaks(open, question).await;
    }
    let wanted = json!({"minFrequency": 2, "maxResults": 10});
    let found = agent.post("/api/faq/extract", &wanted).await;
    assert_eq!(found.status, 200, "{}", found.text);
    let data = &found.body["data"];
    assert_eq!(data["extracted"], 1, "{}", found.text);
    let candidate = &data["faqs"][0];
    assert_eq!(
        (&candidate["frequency"], &candidate["answer"]),
        (&json!(3), &json!(null))
    );
    assert!(
        candidate["question"].as_str().unwrap().contains("ship"),
        "{}",
        found.text
    );
    assert!(candidate["confidence"].as_f64().unwrap() > 0.7);
    assert_eq!(
        agent.get("/api/faq").await.body["pagination"]["total"],
        1,
        "told, not stored"
    );
}
