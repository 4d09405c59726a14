//! `/api/cache`: warmed, shown and forgotten.

use serde_json::json;

use super::conversation_of;
use crate::support::World;

#[tokio::test]
async fn a_warmed_question_is_answered_from_the_cache_until_it_is_cleared() {
    let world = World::demo().await;
    let (agent, customer) = (world.agent().await, world.customer().await);
    let question = "What is your return policy?";
    let warmed = agent
        .post("/api/cache/warm", &json!({"queries": [question]}))
        .await;
    assert_eq!(
        warmed.body["data"],
        json!({"cached": 1, "notAnswerable": []}),
        "{}",
        warmed.text
    );
    let conversation = conversation_of(&customer, question).await;
    let messages = agent
        .get(&format!("/api/conversations/{conversation}/messages"))
        .await;
    assert_eq!(
        messages.body["data"][1]["cachedResponse"], true,
        "{}",
        messages.text
    );
    let stats = agent.get("/api/cache/stats").await.body["data"].clone();
    assert_eq!(
        (&stats["totalCached"], &stats["byChannel"]["CHAT"]["cached"]),
        (&json!(1), &json!(1)),
        "{stats}"
    );
    assert_eq!(stats["topQueries"], json!([{"query": question, "hits": 1}]));
    let other = world.other_admin().await.get("/api/cache/stats").await;
    assert_eq!(other.body["data"]["totalCached"], 0);
    assert_eq!(agent.delete("/api/cache/clear").await.status, 204);
    assert_eq!(agent.get("/api/cache/stats").await.body["data"]["totalCached"], 0);
}

#[tokio::test]
async fn only_questions_can_be_warmed() {
    let world = World::start().await;
    for wrong in [json!([]), json!("hours?"), json!([""]), json!(vec!["a?"; 101])] {
        let refused = world
            .admin
            .post("/api/cache/warm", &json!({"queries": wrong}))
            .await;
        assert_eq!(
            (refused.status, &refused.body["errors"][0]["field"]),
            (400, &json!("queries")),
            "{}",
            refused.text
        );
    }
}
