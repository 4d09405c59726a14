//! `/api/v1/logs/logs`: reported by customers for themselves, worked on by staff.

use serde_json::{Value, json};

use crate::support::{Persona, World};

const LOGS: &str = "/api/v1/logs/logs";

fn log() -> Value {
    json!({"title": "Unable to login to account", "description": "I keep getting invalid credentials error",
        "log_type": "support", "priority": "medium", "category": "account"})
}

async fn report(persona: &Persona, body: &Value) -> Value {
    let made = persona.post(LOGS, body).await;
    assert_eq!(made.status, 201, "{}", made.text);
    made.body
}

fn path(log: &Value) -> String {
    format!("{LOGS}/{}", log["id"])
}

#[tokio::test]
async fn a_log_is_made_as_documented_with_defaults_for_what_is_not_said() {
    let world = World::start().await;
    let customer = world.customer().await;
    let made = report(&customer, &log()).await;
    for (field, value) in log().as_object().unwrap() {
        assert_eq!(&made[field], value);
    }
    let me = customer.get("/api/v1/auth/me").await.body;
    assert_eq!((&made["status"], &made["user_id"]), (&json!("open"), &me["id"]));
    assert_eq!(
        (&made["updated_at"], &made["resolved_at"]),
        (&Value::Null, &Value::Null)
    );
    assert!(made["id"].is_u64() && made["created_at"].as_str().unwrap().ends_with('Z'));
    assert_eq!(customer.get(&path(&made)).await.body, made);
    let short = report(
        &customer,
        &json!({"title": "Hello", "description": "Is anybody there?"}),
    )
    .await;
    assert_eq!(
        (&short["log_type"], &short["priority"], &short["category"]),
        (&json!("inquiry"), &json!("medium"), &json!("general"))
    );
    let service = world.service().await;
    assert_eq!(
        service.post(LOGS, &log()).await.status,
        403,
        "a key has no account"
    );
}

#[tokio::test]
async fn customers_see_their_own_logs_and_staff_all_of_the_organization() {
    let world = World::start().await;
    let (customer, stranger, agent) = (
        world.customer().await,
        world.stranger().await,
        world.agent().await,
    );
    let (first, second) = (report(&customer, &log()).await, report(&stranger, &log()).await);
    assert_eq!(customer.get(LOGS).await.body, json!([first]));
    assert_eq!(agent.get(LOGS).await.body, json!([second, first]), "newest first");
    assert_eq!(
        world
            .service()
            .await
            .get(LOGS)
            .await
            .body
            .as_array()
            .unwrap()
            .len(),
        2
    );
    let other_admin = world.other_admin().await;
    assert_eq!(other_admin.get(LOGS).await.body, json!([]));
    for persona in [&stranger, &other_admin] {
        for answer in [
            persona.get(&path(&first)).await,
            persona.put(&path(&first), &json!({"title": "Mine now"})).await,
        ] {
            assert_eq!(
                (answer.status, answer.body),
                (404, json!({"detail": "Log not found"}))
            );
        }
    }
    assert_eq!(customer.get(&path(&first)).await.body, first);
}

#[tokio::test]
async fn a_list_is_filtered_by_every_word_and_paged_when_asked() {
    let world = World::start().await;
    let customer = world.customer().await;
    for (priority, category) in [("low", "account"), ("high", "billing"), ("high", "account")] {
        let mut body = log();
        body["priority"] = json!(priority);
        body["category"] = json!(category);
        report(&customer, &body).await;
    }
    for (query, count) in [
        ("", 3),
        ("?priority=high", 2),
        ("?category=account", 2),
        ("?priority=high&category=account", 1),
        ("?status=open", 3),
        ("?status=resolved", 0),
        ("?hours=1", 3),
        ("?hours=99999999999999999999", 3),
    ] {
        let listed = customer.get(&format!("{LOGS}{query}")).await;
        assert_eq!(
            listed.body.as_array().unwrap().len(),
            count,
            "{query}: {}",
            listed.text
        );
    }
    let page = customer
        .get(&format!("{LOGS}?category=account&skip=1&limit=1"))
        .await
        .body;
    assert_eq!(
        (&page["total"], page["items"].as_array().unwrap().len()),
        (&json!(2), 1)
    );
    assert_eq!(page["items"][0]["priority"], "low", "the older one");
    for (wrong, field) in [
        ("status=new", "status"),
        ("priority=5", "priority"),
        ("hours=0", "hours"),
    ] {
        let refused = customer.get(&format!("{LOGS}?{wrong}")).await;
        assert_eq!(
            (refused.status, &refused.body["detail"][0]["loc"]),
            (422, &json!(["query", field])),
            "{}",
            refused.text
        );
    }
}

#[tokio::test]
async fn staff_resolve_a_log_and_its_reporter_changes_only_the_words() {
    let world = World::start().await;
    let (customer, agent) = (world.customer().await, world.agent().await);
    let made = report(&customer, &log()).await;
    let words = json!({"description": "It works on my phone"});
    let changed = customer.put(&path(&made), &words).await;
    assert_eq!(
        (changed.status, &changed.body["description"]),
        (200, &words["description"]),
        "{}",
        changed.text
    );
    assert!(changed.body["updated_at"].is_string());
    for beyond in [
        json!({"status": "resolved"}),
        json!({"priority": "urgent", "title": "Now!"}),
    ] {
        let refused = customer.put(&path(&made), &beyond).await;
        assert_eq!(
            (refused.status, refused.body),
            (403, json!({"detail": "Not enough permissions"}))
        );
    }
    let resolution = json!({"status": "resolved", "description": "Updated with resolution details"});
    let resolved = agent.put(&path(&made), &resolution).await.body;
    assert_eq!(
        (&resolved["status"], &resolved["priority"]),
        (&json!("resolved"), &json!("medium"))
    );
    assert_eq!(resolved["resolved_at"], resolved["updated_at"]);
    let reopened = agent
        .put(&path(&made), &json!({"status": "in_progress"}))
        .await
        .body;
    assert_eq!(reopened["resolved_at"], Value::Null);
    let nothing = customer.get(&path(&made)).await.body;
    assert_eq!(
        nothing["title"], "Unable to login to account",
        "a refused change changes nothing"
    );
}

#[tokio::test]
async fn staff_delete_a_log_for_good() {
    let world = World::start().await;
    let customer = world.customer().await;
    let made = report(&customer, &log()).await;
    assert_eq!(customer.delete(&path(&made)).await.status, 403);
    assert_eq!(world.admin.delete(&path(&made)).await.status, 204);
    assert_eq!(world.admin.delete(&path(&made)).await.status, 404);
    assert_eq!(customer.get(&path(&made)).await.status, 404);
    assert_eq!(customer.get(LOGS).await.body, json!([]));
    assert_eq!(world.admin.get(LOGS).await.body, json!([]));
}
