//! What SMS cost, and what happens when Exotel is slow, wants to be left alone, or takes nothing of the account.

use std::time::Duration;

use serde_json::json;
use switchboard_actors::hub::analytics::span::Span;
use switchboard_domain::budget::Budget;
use switchboard_domain::cost::{Money, Service};
use switchboard_domain::customer::Channel;
use switchboard_domain::outbox::Lane;
use switchboard_testbed::exotel::Call;
use switchboard_testbed::fault::{Fault, wait_until};

use super::{CUSTOMER, Texting};

/// Another customer, whose messages wait for nobody else's.
const NEIGHBOUR: &str = "+919052161120";
const PRICE: (&str, &str) = ("SWITCHBOARD_PRICES__SMS_MESSAGE", "0.25");

fn units(units: f64) -> Money {
    Money::from_units(units).unwrap()
}

impl Texting {
    /// How long it is until something in the lane is due.
    fn wait(&self) -> Duration {
        let services = self.world.hub.services();
        let due = services.records().next_errand_due(Lane::Sms).unwrap();
        due.expect("something waits").since(services.now())
    }

    async fn health(&self) -> String {
        let health = self.world.nobody.get("/health").await;
        health.body["dependencies"]["sms"].as_str().unwrap().to_owned()
    }
}

#[tokio::test]
async fn every_part_of_an_sms_is_in_the_costs() {
    let texting = Texting::start_with(&[PRICE]).await;
    // 161 places are two parts, 71 characters outside the alphabet two more, and a short one is one.
    for text in ["a".repeat(161), "न".repeat(71), "Hello".to_owned()] {
        let sent = texting.writes(&text).await;
        assert_eq!(sent.body["status"], "sent", "{}", sent.text);
    }
    let world = &texting.world;
    let now = world.hub.services().now();
    let report = world.hub.report(&world.scope(), Span::of_days(now, now)).unwrap();
    let by_channel = report.by_channel();
    let (_, of_sms) = by_channel
        .iter()
        .find(|(channel, _)| *channel == Channel::Sms)
        .unwrap();
    assert_eq!(of_sms.cost(Service::ExotelSms), units(1.25));
    assert_eq!(world.hub.spending(&world.scope()).unwrap().today, units(1.25));
}

#[tokio::test]
async fn an_sms_of_more_parts_than_there_is_money_for_is_not_sent() {
    let texting = Texting::start_with(&[PRICE]).await;
    let budget = Budget {
        total_credits: None,
        monthly_budget: Some(units(0.5)),
    };
    let scope = texting.world.scope();
    texting.world.hub.put_credits(&scope, budget).await.unwrap();
    let refused = texting.writes(&"a".repeat(307)).await;
    assert_eq!(refused.body["status"], "failed", "{}", refused.text);
    assert!(texting.exotel.sent().is_empty());
    let sent = texting.writes(&"a".repeat(306)).await;
    assert_eq!(sent.body["status"], "sent", "{}", sent.text);
}

#[tokio::test]
async fn a_wait_that_exotel_asks_for_is_kept_in_both_its_forms() {
    let texting = Texting::start().await;
    let (long, short) = ("3600".to_owned(), wait_until(Duration::from_secs(1_800)));
    for (customer, asked, expected) in [(CUSTOMER, long, 3_600), (NEIGHBOUR, short, 1_800)] {
        let slow = Fault::Answer(503, String::new(), Some(asked));
        texting.exotel.fail_next(Call::Message, 1, slow);
        let sent = texting.writes_to(customer, "Your parcel has arrived").await;
        assert_eq!(sent.body["status"], "queued", "{}", sent.text);
        let wait = texting.wait().as_secs();
        assert!((expected - 30..=expected).contains(&wait), "{wait} of {expected}");
    }
    assert!(texting.exotel.sent().is_empty());
}

#[tokio::test]
async fn an_account_that_is_refused_stops_everybodys_messages_and_health_tells() {
    let texting = Texting::start().await;
    assert_eq!(texting.writes("Hello").await.body["status"], "sent");
    assert_eq!(texting.health().await, "healthy");
    texting.exotel.fail_next(Call::Message, 1, Fault::Code(401));
    let sent = texting.writes("Your parcel has arrived").await;
    assert_eq!(sent.body["status"], "queued", "{}", sent.text);
    assert_eq!(texting.health().await, "unhealthy");
    let neighbour = texting.writes_to(NEIGHBOUR, "Yours, too").await;
    assert_eq!(neighbour.body["status"], "queued", "{}", neighbour.text);
    assert_eq!(texting.exotel.sent().len(), 1, "nobody has tried");
    let failed = texting.world.admin.get("/api/channels/messages/failed").await;
    assert_eq!(failed.body, json!([]), "they wait");
}

#[tokio::test]
async fn what_exotel_will_never_take_is_listed_as_failed_at_once() {
    let texting = Texting::start().await;
    for status in [400, 404] {
        texting.exotel.fail_next(Call::Message, 1, Fault::Code(status));
        let sent = texting.writes("Your parcel has arrived").await;
        assert_eq!(sent.body["status"], "failed", "{}", sent.text);
    }
    let failed = texting.world.admin.get("/api/channels/messages/failed").await;
    let reasons = failed.body.as_array().unwrap().iter();
    let mut reasons: Vec<_> = reasons.map(|entry| entry["reason"].as_str().unwrap()).collect();
    reasons.sort_unstable();
    assert_eq!(reasons.len(), 2, "{}", failed.text);
    assert!(
        reasons[0].contains("400") && reasons[1].contains("404"),
        "{reasons:?}"
    );
    assert_eq!(
        texting.health().await,
        "healthy",
        "one message says nothing of the others"
    );
}

#[tokio::test]
async fn a_number_without_a_country_is_of_the_configured_one() {
    let texting = Texting::start_with(&[("SWITCHBOARD_SMS__COUNTRY_CODE", "49")]).await;
    assert_eq!(texting.writes("Hello from the shop").await.status, 200);
    let url = texting.here(&format!("/api/channels/sms/incoming/{}", texting.token().await));
    let told = texting
        .exotel
        .deliver_message(&url, "sms-1", "015112345678", "Hello!");
    assert_eq!(told.await.unwrap(), 200);
    let ours = texting.exotel.wait_for_sent(2).await;
    assert_eq!(ours[1].to, "+4915112345678");
}

/// Exotel bills whatever it has taken, by its units, but for what the customer's do-not-disturb list forbids.
#[tokio::test]
async fn an_sms_in_doubt_that_has_failed_is_in_the_costs_once_unless_it_was_not_wanted() {
    for (status, detail, cost) in [
        ("failed", "FAILED_INVALID_NUMBER", 0.25),
        ("failed_dnd", "FAILED_DND", 0.0),
    ] {
        let texting = Texting::start_with(&[PRICE]).await;
        texting.exotel.fail_next(Call::Message, 1, Fault::CloseAccepted);
        let sent = texting.writes("Your parcel has arrived").await;
        assert_eq!(sent.body["status"], "queued", "{}", sent.text);
        let ours = texting.exotel.wait_for_sent(1).await;
        let world = &texting.world;
        for _ in 0..2 {
            assert_eq!(texting.reports(&ours[0], status, detail).await, 200);
            let today = world.hub.spending(&world.scope()).unwrap().today;
            assert_eq!(today, units(cost), "{status}");
        }
    }
}
