//! What goes out to customers: when it may, what becomes of it, and what is done about failures.

use std::time::Duration;

use serde_json::{Value, json};
use switchboard_domain::message::DeliveryStatus;
use switchboard_testbed::fault::Fault;
use switchboard_testbed::graph::{Call, Webhook, samples};

use super::{CUSTOMER, Chat, WEBHOOK, words};

/// A chat in which the customer has written and an agent is in charge, so that nothing else goes out.
pub(super) async fn with_agent() -> Chat {
    let chat = Chat::start().await;
    chat.comes(words("wamid.in", "Let me talk to a human, please"))
        .await;
    chat.graph.wait_for_sent(1).await;
    chat.until_is(2, DeliveryStatus::Sent).await;
    chat
}

fn orders<T: Clone>(items: &[T]) -> Vec<Vec<T>> {
    if items.is_empty() {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for (index, first) in items.iter().enumerate() {
        let mut rest = items.to_vec();
        rest.remove(index);
        for mut order in orders(&rest) {
            order.insert(0, first.clone());
            all.push(order);
        }
    }
    all
}

#[tokio::test]
async fn in_whatever_order_reports_come_the_status_only_climbs() {
    let chat = with_agent().await;
    let mut sequence = 2;
    for order in orders(&["sent", "delivered", "read", "failed"]) {
        let sent = chat.writes("How can I help?").await;
        assert_eq!(sent.status, 200, "{}", sent.text);
        sequence += 1;
        let ours = chat.graph.wait_for_sent(sequence - 1).await;
        let ours = ours.last().unwrap();
        for state in order {
            // Twice, because providers do.
            for reference in [ours.reference.as_deref(), None] {
                let status = samples::status(&ours.id, state, CUSTOMER, reference);
                assert_eq!(chat.tells(&Webhook::of_status(status)).await.status, 200);
            }
        }
        chat.until_is(sequence, DeliveryStatus::Read).await;
    }
}

#[tokio::test]
async fn a_status_that_comes_before_the_answer_is_not_lost() {
    let chat = with_agent().await;
    let address = chat.world.nobody.address();
    chat.graph
        .report_before_answer(Some(format!("http://{address}{WEBHOOK}")));
    let sent = chat.writes("How can I help?").await;
    assert_eq!(sent.body["status"], "sent", "{}", sent.text);
    let ours = chat.graph.wait_for_sent(2).await;
    assert_eq!(ours.len(), 2);
}

#[tokio::test]
async fn free_text_outside_the_day_is_refused_and_a_template_goes() {
    let chat = Chat::start().await;
    // The samples are from long ago.
    chat.comes(samples::reaction(CUSTOMER, "wamid.1", "wamid.0", Some("👍")))
        .await;
    let refused = chat.writes("Hello?").await;
    assert_eq!(refused.status, 400, "{}", refused.text);
    assert!(chat.graph.sent().is_empty());
    chat.graph.approve_template("order_shipped", "en_US", 1);
    let body = json!({"to": CUSTOMER, "type": "template",
        "template": {"name": "order_shipped", "language": "en_US", "values": ["A-1"]}});
    let path = "/api/channels/whatsapp/messages";
    let sent = chat.world.admin.post(path, &body).await;
    assert_eq!(
        (sent.status, &sent.body["status"]),
        (200, &json!("sent")),
        "{}",
        sent.text
    );
    assert_eq!(chat.graph.sent()[0].kind, "template");
    assert_eq!(chat.graph.refusals(), Vec::<Value>::new());
}

#[tokio::test]
async fn somebody_unknown_gets_no_free_text_and_is_made_no_customer() {
    let chat = Chat::start().await;
    let refused = chat.writes("Hello?").await;
    assert_eq!(refused.status, 400, "{}", refused.text);
    assert_eq!(chat.world.customers(), []);
}

#[tokio::test]
async fn what_whatsapp_will_never_take_has_failed_and_is_sent_after_all_when_asked_for() {
    let chat = with_agent().await;
    chat.graph.fail_next(Call::Message, 1, Fault::Code(131_026));
    let sent = chat.writes("How can I help?").await;
    assert_eq!(sent.body["status"], "failed", "{}", sent.text);
    let failed = "/api/channels/messages/failed";
    let listed = chat.world.admin.get(failed).await;
    let entry = &listed.body[0];
    assert!(
        entry["reason"].as_str().unwrap().contains("131026"),
        "{}",
        listed.text
    );
    let path = format!("{failed}/{}/retry", entry["reference"].as_str().unwrap());
    let again = chat.world.admin.post(&path, &json!({})).await;
    assert_eq!(again.status, 204, "{}", again.text);
    assert_eq!(chat.graph.wait_for_sent(2).await.len(), 2);
    chat.until_is(3, DeliveryStatus::Sent).await;
    let listed = chat.world.admin.get(failed).await;
    assert_eq!(listed.body, json!([]));
}

#[tokio::test]
async fn what_may_be_taken_later_is_tried_again() {
    let chat = with_agent().await;
    chat.graph.fail_next(Call::Message, 1, Fault::Code(131_000));
    let sent = chat.writes("How can I help?").await;
    assert_ne!(sent.body["status"], "failed", "{}", sent.text);
    assert_eq!(chat.graph.wait_for_sent(2).await.len(), 2);
    chat.until_is(3, DeliveryStatus::Sent).await;
}

#[tokio::test]
async fn an_answer_that_was_lost_is_settled_by_the_report_and_not_by_sending_again() {
    let chat = with_agent().await;
    chat.graph.fail_next(Call::Message, 1, Fault::CloseAccepted);
    let sent = chat.writes("How can I help?").await;
    assert_eq!(sent.body["status"], "queued", "{}", sent.text);
    let ours = chat.graph.wait_for_sent(2).await;
    let status = samples::status(&ours[1].id, "delivered", CUSTOMER, ours[1].reference.as_deref());
    assert_eq!(chat.tells(&Webhook::of_status(status)).await.status, 200);
    chat.until_is(3, DeliveryStatus::Delivered).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(chat.graph.sent().len(), 2);
}

#[tokio::test]
async fn health_tells_how_whatsapp_is() {
    let chat = with_agent().await;
    let told = async || {
        let health = chat.world.nobody.get("/health").await;
        health.body["dependencies"]["whatsapp"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(told().await, "healthy");
    chat.graph.fail_next(Call::Message, 1, Fault::Code(190));
    let sent = chat.writes("How can I help?").await;
    assert_eq!(sent.body["status"], "queued", "{}", sent.text);
    assert_eq!(told().await, "unhealthy");
}
