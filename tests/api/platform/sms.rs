//! SMS from end to end: the real hub with an Exotel beside it that is as strict as the real one.

mod damaged;
mod trouble;

use std::sync::Arc;
use std::time::Duration;

use hyper::Method;
use serde_json::json;
use switchboard_domain::message::{Author, DeliveryStatus, Message};
use switchboard_testbed::exotel::{self, Call, Exotel, Sent};
use switchboard_testbed::fault::Fault;

use crate::support::{Answer, World};

/// The customer of these tests.
const CUSTOMER: &str = "+919052161119";
/// Where the hub says that it is reached.
const PUBLIC: &str = "https://hub.example";

struct Texting {
    world: World,
    exotel: Exotel,
}

impl Texting {
    async fn start() -> Self {
        Self::start_with(&[]).await
    }

    async fn start_with(variables: &[(&str, &str)]) -> Self {
        let exotel = Exotel::start().await.unwrap();
        let base = exotel.base_url();
        let mut all = vec![
            ("SWITCHBOARD_SERVER__PUBLIC_URL", PUBLIC),
            ("SWITCHBOARD_SMS__ENABLED", "true"),
            ("SWITCHBOARD_SMS__BASE_URL", base.as_str()),
            ("SWITCHBOARD_SMS__ACCOUNT_SID", exotel::ACCOUNT_SID),
            ("SWITCHBOARD_SMS__API_KEY", exotel::API_KEY),
            ("SWITCHBOARD_SMS__API_TOKEN", exotel::API_TOKEN),
            ("SWITCHBOARD_SMS__SENDER", exotel::SENDER),
        ];
        all.extend(variables);
        let world = World::start_with(&all).await;
        Self { world, exotel }
    }

    async fn writes(&self, text: &str) -> Answer {
        self.writes_to(CUSTOMER, text).await
    }

    async fn writes_to(&self, to: &str, text: &str) -> Answer {
        let body = json!({"to": to, "text": text});
        self.world.admin.post("/api/channels/sms/messages", &body).await
    }

    /// The hub's own token, as it stands in what it tells Exotel.
    async fn token(&self) -> String {
        let sent = self.exotel.wait_for_sent(1).await;
        let callback = sent[0].status_callback.as_deref().unwrap();
        let path = callback.strip_prefix(PUBLIC).unwrap();
        path.strip_prefix("/api/channels/sms/status/").unwrap().to_owned()
    }

    /// The address at which the hub really is.
    fn here(&self, path: &str) -> String {
        format!("http://{}{path}", self.world.nobody.address())
    }

    async fn reports(&self, sent: &Sent, status: &str, detail: &str) -> u16 {
        let path = sent
            .status_callback
            .as_deref()
            .unwrap()
            .strip_prefix(PUBLIC)
            .unwrap();
        let url = self.here(path);
        self.exotel
            .deliver_status(&url, sent, status, detail)
            .await
            .unwrap()
    }

    /// The messages of the only conversation.
    fn messages(&self) -> Vec<Arc<Message>> {
        let all = self.world.conversations();
        assert_eq!(all.len(), 1, "{all:#?}");
        self.world.messages(&all[0].id.to_string())
    }
}

#[tokio::test]
async fn an_sms_goes_out_and_its_report_comes_back() {
    let texting = Texting::start().await;
    let sent = texting.writes("Your parcel has arrived").await;
    assert_eq!(
        (sent.status, &sent.body["status"]),
        (200, &json!("sent")),
        "{}",
        sent.text
    );
    let ours = texting.exotel.wait_for_sent(1).await;
    assert_eq!((ours[0].to.as_str(), ours[0].is_unicode), (CUSTOMER, false));
    assert_eq!(
        texting.reports(&ours[0], "sent", "DELIVERED_TO_HANDSET").await,
        200
    );
    assert_eq!(texting.messages()[0].status, DeliveryStatus::Delivered);
    assert_eq!(
        texting.reports(&ours[0], "queued", "PENDING_TO_OPERATOR").await,
        200
    );
    assert_eq!(texting.messages()[0].status, DeliveryStatus::Delivered);
    assert_eq!(texting.exotel.refusals(), Vec::<String>::new());
}

#[tokio::test]
async fn a_customers_sms_is_answered_once_however_often_it_comes() {
    let texting = Texting::start().await;
    assert_eq!(texting.writes("Hello from the shop").await.status, 200);
    let path = format!("/api/channels/sms/incoming/{}", texting.token().await);
    for _ in 0..3 {
        let url = texting.here(&path);
        let answered = texting
            .exotel
            .deliver_message(&url, "sms-1", "09052161119", "Hello!")
            .await;
        assert_eq!(answered.unwrap(), 200);
    }
    let passed = texting
        .world
        .nobody
        .get(&format!(
            "{path}?SmsSid=sms-2&From=09052161119&To=08088919888&Body=Thank+you"
        ))
        .await;
    assert_eq!(passed.status, 200, "{}", passed.text);
    texting.exotel.wait_for_sent(2).await;
    let messages = texting.messages();
    let theirs = messages
        .iter()
        .filter(|message| message.author == Author::Customer);
    let texts: Vec<_> = theirs.map(|message| message.text.as_str()).collect();
    assert_eq!(texts, ["Hello!", "Thank you"], "{messages:#?}");
}

#[tokio::test]
async fn without_the_token_nothing_is_taken_in() {
    let texting = Texting::start().await;
    let wrong = "0".repeat(64);
    for path in ["status", "incoming"] {
        let form = bytes::Bytes::from_static(b"SmsSid=sms-1&From=%2B919052161119&Body=Hello");
        let kind = Some("application/x-www-form-urlencoded");
        let path = format!("/api/channels/sms/{path}/{wrong}");
        let answer = texting.world.nobody.send(Method::POST, &path, kind, form).await;
        assert_eq!(answer.status, 403, "{}", answer.text);
    }
    assert_eq!(texting.world.conversations(), []);
}

#[tokio::test]
async fn a_failed_sms_says_why_and_can_be_sent_after_all() {
    let texting = Texting::start().await;
    texting.exotel.fail_next(Call::Message, 1, Fault::Code(400));
    let sent = texting.writes("Your parcel has arrived").await;
    assert_eq!(sent.body["status"], "failed", "{}", sent.text);
    let failed = "/api/channels/messages/failed";
    let listed = texting.world.admin.get(failed).await;
    assert_eq!(listed.body[0]["channel"], "sms");
    assert!(listed.body[0]["customerName"].is_string(), "{}", listed.text);
    let told = listed.body[0]["sessionId"].as_str().unwrap();
    let told = texting
        .world
        .admin
        .get(&format!("/api/admin/sessions/{told}"))
        .await;
    assert_eq!(told.body["messages"][0]["failure"], listed.body[0]["reason"]);
    let reference = listed.body[0]["reference"].as_str().unwrap().to_owned();
    let again = texting
        .world
        .admin
        .post(&format!("{failed}/{reference}/retry"), &json!({}))
        .await;
    assert_eq!(again.status, 204, "{}", again.text);
    assert_eq!(texting.exotel.wait_for_sent(1).await.len(), 1);
}

#[tokio::test]
async fn a_lost_answer_is_settled_by_the_report() {
    let texting = Texting::start().await;
    texting.exotel.fail_next(Call::Message, 1, Fault::CloseAccepted);
    let sent = texting.writes("Your parcel has arrived").await;
    assert_eq!(sent.body["status"], "queued", "{}", sent.text);
    let ours = texting.exotel.wait_for_sent(1).await;
    assert_eq!(
        texting.reports(&ours[0], "sent", "DELIVERED_TO_HANDSET").await,
        200
    );
    assert_eq!(texting.messages()[0].status, DeliveryStatus::Delivered);
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(texting.exotel.sent().len(), 1);
}
