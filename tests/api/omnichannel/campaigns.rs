//! `/api/campaigns`: written, checked, scheduled, sent to each recipient once, and stopped.

use std::time::Duration;

use serde_json::{Value, json};
use switchboard_domain::conversation::Status;
use switchboard_domain::message::Author;
use switchboard_domain::time::Timestamp;

use crate::support::{Persona, World};

fn news() -> Value {
    json!({"name": "News", "type": "NEWS", "channel": "WEB", "messageTemplate": "Hi {{name}}, we have news."})
}

async fn write(persona: &Persona, campaign: &Value) -> String {
    let made = persona.post("/api/campaigns", campaign).await;
    assert_eq!(made.status, 201, "{}", made.text);
    made.body["data"]["id"].as_str().unwrap().to_owned()
}

/// Asks until the campaign has this status; the runner looks every second.
async fn becomes(persona: &Persona, id: &str, status: &str) -> Value {
    for _ in 0..1_200 {
        let data = persona.get(&format!("/api/campaigns/{id}")).await.body["data"].clone();
        if data["status"] == status {
            return data;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the campaign did not become {status}");
}

#[tokio::test]
async fn the_seeds_campaign_is_written_and_shown() {
    let world = World::start().await;
    let agent = world.agent().await;
    let campaign = json!({
        "name": "Appointment Reminders", "type": "REMINDER", "channel": "SMS", "triggerType": "SCHEDULED",
        "scheduledAt": "2999-01-20T09:00:00Z",
        "targetFilter": {"hasUpcomingAppointment": true, "appointmentWithin": "24h"},
        "messageTemplate": "Hi {{name}}, this is a reminder for your appointment tomorrow at {{time}}. Reply CONFIRM \
            to confirm or RESCHEDULE to change."
    });
    let made = agent.post("/api/campaigns", &campaign).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let data = &made.body["data"];
    for field in [
        "name",
        "type",
        "channel",
        "triggerType",
        "targetFilter",
        "messageTemplate",
    ] {
        assert_eq!(data[field], campaign[field], "{field}");
    }
    assert_eq!(
        (&data["status"], &data["scheduledAt"]),
        (&json!("SCHEDULED"), &json!("2999-01-20T09:00:00.000Z"))
    );
    let listed = agent.get("/api/campaigns?status=SCHEDULED").await;
    assert_eq!(listed.body["pagination"]["total"], 1);
    assert_eq!(
        agent.get("/api/campaigns?status=DRAFT").await.body["pagination"]["total"],
        0
    );
}

#[tokio::test]
async fn what_nobody_knows_is_refused_by_its_field() {
    let world = World::start().await;
    let agent = world.agent().await;
    let wrong = [
        (json!({"messageTemplate": "Hi {{nmae}}"}), "messageTemplate"),
        (json!({"messageTemplate": ""}), "messageTemplate"),
        (json!({"targetFilter": {"vip": true}}), "targetFilter.vip"),
        (
            json!({"targetFilter": {"appointmentWithin": "soon"}}),
            "targetFilter.appointmentWithin",
        ),
        (json!({"channel": "FAX"}), "channel"),
        (
            json!({"quietHours": {"from": "21:00", "until": "08:00", "timezone": "Europe/Atlantis"}}),
            "quietHours.timezone",
        ),
        (
            json!({"quietHours": {"from": "21:00", "until": "08:00", "timezone": "UTC", "utcOffset": "+02:00"}}),
            "quietHours.utcOffset",
        ),
        (
            json!({"quietHours": {"from": "21:00", "until": "08:00", "utcOffset": "Europe/Berlin"}}),
            "quietHours.utcOffset",
        ),
        (json!({"scheduledAt": "2001-01-01T00:00:00Z"}), "scheduledAt"),
        (json!({"triggerType": "SCHEDULED"}), "scheduledAt"),
        (json!({"name": " "}), "name"),
    ];
    for (change, field) in wrong {
        let mut campaign = news();
        for (key, value) in change.as_object().unwrap() {
            campaign[key] = value.clone();
        }
        let refused = agent.post("/api/campaigns", &campaign).await;
        assert_eq!(
            (refused.status, &refused.body["code"]),
            (400, &json!("VALIDATION_ERROR")),
            "{}",
            refused.text
        );
        let named = refused.body["errors"][0]["field"].as_str().unwrap();
        assert!(
            named.starts_with(field) || field.starts_with(named),
            "{field}: {}",
            refused.text
        );
    }
    assert_eq!(agent.get("/api/campaigns").await.body["pagination"]["total"], 0);
}

#[tokio::test]
async fn quiet_hours_are_of_a_zone_or_of_a_fixed_offset_and_read_back_as_they_were_written() {
    let world = World::start().await;
    let agent = world.agent().await;
    for (written, shown) in [
        (
            json!({"timezone": "America/New_York"}),
            json!({"timezone": "America/New_York"}),
        ),
        (
            json!({"timezone": "europe/berlin"}),
            json!({"timezone": "Europe/Berlin"}),
        ),
        (json!({"utcOffset": "-03:30"}), json!({"utcOffset": "-03:30"})),
        (json!({}), json!({"utcOffset": "+00:00"})),
    ] {
        let with_hours = |mut clock: Value| {
            clock["from"] = json!("21:00");
            clock["until"] = json!("08:00");
            clock
        };
        let mut campaign = news();
        campaign["quietHours"] = with_hours(written);
        let id = write(&agent, &campaign).await;
        let path = format!("/api/campaigns/{id}");
        let data = agent.get(&path).await.body["data"].clone();
        assert_eq!(data["quietHours"], with_hours(shown));
        campaign["quietHours"] = data["quietHours"].clone();
        let again = agent.put(&path, &campaign).await;
        assert_eq!(
            (again.status, &again.body["data"]["quietHours"]),
            (200, &data["quietHours"])
        );
    }
}

#[tokio::test]
async fn each_recipient_gets_the_message_once_in_its_own_words() {
    let world = World::start().await;
    let (agent, customer) = (world.agent().await, world.customer().await);
    world.stranger().await;
    customer.asks("own", "Hello").await;
    let id = write(&agent, &news()).await;
    let begun = agent
        .post(&format!("/api/campaigns/{id}/execute"), &json!({}))
        .await;
    assert_eq!(begun.status, 200, "{}", begun.text);
    assert_eq!(
        begun.body["data"],
        json!({"campaignId": id, "status": "RUNNING", "targeted": 2, "estimatedCost": 0.0})
    );
    let again = agent
        .post(&format!("/api/campaigns/{id}/execute"), &json!({}))
        .await;
    assert_eq!(again.status, 409, "{}", again.text);

    let done = becomes(&agent, &id, "COMPLETED").await;
    assert_eq!((&done["sent"], &done["failed"]), (&json!(2), &json!(0)));
    let messages = world.messages("own");
    let news: Vec<_> = messages
        .iter()
        .filter(|message| message.text == "Hi customer, we have news.")
        .collect();
    assert_eq!(news.len(), 1, "into the open conversation, once: {messages:#?}");
    assert_eq!(
        (news[0].author, world.conversation("own").status),
        (Author::Assistant, Status::Active)
    );
    let lines = agent.get(&format!("/api/campaigns/{id}/recipients")).await;
    assert_eq!(lines.body["pagination"]["total"], 2);
    assert!(
        lines.body["data"]
            .as_array()
            .unwrap()
            .iter()
            .all(|line| line["status"] == "SENT")
    );
}

#[tokio::test]
async fn a_scheduled_campaign_starts_by_itself_and_one_without_its_channel_fails_with_the_reason() {
    let world = World::start().await;
    let (agent, _) = (world.agent().await, world.customer().await);
    let health = world.nobody.get("/health").await;
    let now = Timestamp::parse(health.body["timestamp"].as_str().unwrap()).unwrap();
    let soon = now.after(Duration::from_secs(4)).to_string();
    let mut campaign = news();
    campaign["scheduledAt"] = json!(soon);
    let web = write(&agent, &campaign).await;
    campaign["channel"] = json!("SMS");
    let sms = write(&agent, &campaign).await;
    assert_eq!(becomes(&agent, &web, "COMPLETED").await["sent"], 1);
    let failed = becomes(&agent, &sms, "FAILED").await;
    assert_eq!(failed["failureReason"], "the channel sms is not configured");
}

#[tokio::test]
async fn a_campaign_can_be_stopped_and_removed_and_is_unknown_to_others() {
    let world = World::start().await;
    let (agent, other) = (world.agent().await, world.other_admin().await);
    let id = write(&agent, &news()).await;
    let path = format!("/api/campaigns/{id}");
    assert_eq!(other.get(&path).await.status, 404);
    let cancelled = agent.post(&format!("{path}/cancel"), &json!({})).await;
    assert_eq!(
        cancelled.body["data"]["status"], "CANCELLED",
        "{}",
        cancelled.text
    );
    assert_eq!(
        agent.post(&format!("{path}/cancel"), &json!({})).await.status,
        409
    );
    assert_eq!(agent.put(&path, &news()).await.status, 409);
    assert_eq!(agent.delete(&path).await.status, 204);
    assert_eq!(agent.get(&path).await.status, 404);
}
