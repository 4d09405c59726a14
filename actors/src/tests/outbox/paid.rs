//! What messages cost: each is charged once, by the provider's answer or by its report where the answer was lost.

use std::sync::Arc;
use std::time::Duration;

use switchboard_domain::conversation::Conversation;
use switchboard_domain::cost::Money;
use switchboard_domain::customer::Channel;
use switchboard_domain::message::{Billing, DeliveryReport, DeliveryStatus};
use switchboard_domain::outbox::LEASE;
use switchboard_domain::price::PriceTable;

use super::wamid;
use crate::tests::carrier::{Carrier, carried_at};
use crate::tests::world::World;

const PRICE: i64 = 5_000;

/// A conversation with one message of ours that was sent and paid.
async fn paid() -> (World, Arc<Carrier>, Arc<Conversation>) {
    let prices = PriceTable {
        whatsapp_message: Money::from_millionths(PRICE),
        ..PriceTable::default()
    };
    let (world, carrier) = carried_at(prices).await;
    let received = world.take(wamid(1, "Hello")).await;
    world.until_sent(&received.conversation, 2).await;
    world.until_spent(1).await;
    (world, carrier, received.conversation)
}

/// The same, with one more that was sent when the hub was killed; its place.
async fn in_doubt() -> (World, Arc<Carrier>, Arc<Conversation>, u64) {
    let (world, carrier, conversation) = paid().await;
    carrier.wait_for(1);
    let told = world.announce(&conversation, "News").await;
    world.until("the call", || carrier.calls() == 2).await;
    (world.restarted().await, carrier, conversation, told)
}

impl World {
    /// Messages paid for, as the books have it and as the store has it.
    fn spent(&self) -> (i64, i64) {
        let services = self.hub.services();
        let organization = self.organization();
        let credits = services.budgets.credits(organization).unwrap();
        let (stored, _) = services
            .records()
            .spent(organization, services.now().month())
            .unwrap();
        let messages = |money: Money| money.as_millionths() / PRICE;
        (messages(credits.used_credits), messages(stored))
    }

    async fn until_spent(&self, messages: i64) {
        self.until("the charge", || self.spent() == (messages, messages))
            .await;
    }

    /// The provider tells of a message by the hub's own name for it.
    async fn is_told(
        &self,
        conversation: &Conversation,
        place: u64,
        status: DeliveryStatus,
        billing: Billing,
    ) {
        self.is_told_as("out.2", conversation, place, status, billing)
            .await;
    }

    async fn is_told_as(
        &self,
        id: &str,
        conversation: &Conversation,
        place: u64,
        status: DeliveryStatus,
        billing: Billing,
    ) {
        let report = DeliveryReport {
            status,
            provider_id: Some(id.to_owned()),
            at: self.hub.services().now(),
            failure: String::new(),
            billing,
        };
        let named = format!("{}.{place}", conversation.id);
        self.hub
            .receive_delivery_report(self.organization(), Channel::Whatsapp, Some(&named), report)
            .await
            .unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_report_settles_after_a_kill_is_charged_once_however_many_reports_come() {
    let (world, carrier, conversation, told) = in_doubt().await;
    assert_eq!(world.spent(), (1, 1));
    let reports = [
        DeliveryStatus::Sent,
        DeliveryStatus::Sent,
        DeliveryStatus::Delivered,
        DeliveryStatus::Read,
    ];
    for status in reports {
        world
            .is_told(&conversation, told, status, Billing::default())
            .await;
        assert_eq!(world.spent(), (2, 2), "{status:?}");
    }
    let world = world.restarted().await;
    world
        .is_told(&conversation, told, DeliveryStatus::Read, Billing::default())
        .await;
    world.go_on(LEASE + Duration::from_secs(1));
    world
        .until("rest", || {
            world.go_on(Duration::from_secs(60));
            world.hub.services().records().list_lanes().unwrap().is_empty()
        })
        .await;
    assert_eq!((world.spent(), carrier.calls()), ((2, 2), 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_given_up_as_uncertain_and_has_arrived_is_charged_and_has_not_failed() {
    let (world, carrier, conversation, told) = in_doubt().await;
    world
        .until("doubt to end", || {
            world.go_on(Duration::from_secs(60));
            world.status(&conversation, told) == DeliveryStatus::Failed
        })
        .await;
    let staff = world.agent(1);
    assert_eq!(world.hub.list_failed_messages(&staff).unwrap().len(), 1);
    assert_eq!(world.spent(), (1, 1), "nobody knows that it was sent");
    world
        .is_told(&conversation, told, DeliveryStatus::Delivered, Billing::default())
        .await;
    assert_eq!(world.spent(), (2, 2));
    assert_eq!(world.status(&conversation, told), DeliveryStatus::Delivered);
    assert!(world.hub.list_failed_messages(&staff).unwrap().is_empty());
    assert_eq!(carrier.calls(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_tells_the_parts_that_are_charged_and_that_a_message_is_free() {
    for (billing, messages) in [
        (
            Billing {
                parts: Some(3),
                ..Billing::default()
            },
            4,
        ),
        (
            Billing {
                is_free: true,
                ..Billing::default()
            },
            1,
        ),
    ] {
        let (world, _carrier, conversation, told) = in_doubt().await;
        for status in [DeliveryStatus::Sent, DeliveryStatus::Delivered] {
            world.is_told(&conversation, told, status, billing).await;
        }
        assert_eq!(world.spent(), (messages, messages), "{billing:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_that_is_quicker_than_the_answer_makes_no_second_charge() {
    let (world, carrier, conversation) = paid().await;
    carrier.wait_for(1);
    let told = world.announce(&conversation, "News").await;
    world.until("the call", || carrier.calls() == 2).await;
    world
        .is_told(&conversation, told, DeliveryStatus::Delivered, Billing::default())
        .await;
    assert_eq!(world.spent(), (2, 2));
    carrier.go_on();
    world
        .until("the answer", || {
            world.hub.services().records().list_lanes().unwrap().is_empty()
        })
        .await;
    let next = world.announce(&conversation, "More").await;
    world.until_sent(&conversation, next).await;
    world.until_spent(3).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_recorded_is_not_charged_until_it_is() {
    let (world, carrier, conversation) = paid().await;
    carrier.wait_for(1);
    let told = world.announce(&conversation, "News").await;
    world.until("the call", || carrier.calls() == 2).await;
    world.engine.full.store(true, std::sync::atomic::Ordering::SeqCst);
    carrier.go_on();
    world.until("the sending", || carrier.sent().len() == 2).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(world.spent(), (1, 1));
    world
        .engine
        .full
        .store(false, std::sync::atomic::Ordering::SeqCst);
    world
        .is_told(&conversation, told, DeliveryStatus::Sent, Billing::default())
        .await;
    assert_eq!(world.spent(), (2, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_told_to_have_failed_and_arrives_all_the_same_is_charged_when_it_does_once() {
    let (world, carrier, conversation, told) = in_doubt().await;
    let free = Billing::default();
    for _ in 0..2 {
        world
            .is_told(&conversation, told, DeliveryStatus::Failed, free)
            .await;
        assert_eq!(world.spent(), (1, 1), "nothing was delivered");
    }
    let world = world.restarted().await;
    for status in [
        DeliveryStatus::Delivered,
        DeliveryStatus::Delivered,
        DeliveryStatus::Read,
    ] {
        world.is_told(&conversation, told, status, free).await;
        assert_eq!(world.spent(), (2, 2), "{status:?}");
    }
    assert_eq!(world.status(&conversation, told), DeliveryStatus::Read);
    assert_eq!(carrier.calls(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_failed_is_charged_where_its_provider_charges_that_once_and_as_it_says() {
    let (world, _carrier, conversation, told) = in_doubt().await;
    let due = Billing {
        is_due_on_failure: true,
        parts: Some(2),
        ..Billing::default()
    };
    for status in [
        DeliveryStatus::Failed,
        DeliveryStatus::Failed,
        DeliveryStatus::Delivered,
    ] {
        world.is_told(&conversation, told, status, due).await;
        assert_eq!(world.spent(), (3, 3), "{status:?}");
    }
    world.go_on(LEASE + Duration::from_secs(1));
    // Of what the provider had taken the price is known already.
    let next = world.announce(&conversation, "More").await;
    world.until_sent(&conversation, next).await;
    world.until_spent(4).await;
    let id = world
        .written(&conversation)
        .last()
        .unwrap()
        .provided
        .clone()
        .unwrap()
        .id;
    world
        .is_told_as(&id, &conversation, next, DeliveryStatus::Failed, due)
        .await;
    assert_eq!(world.status(&conversation, next), DeliveryStatus::Failed);
    assert_eq!(world.spent(), (4, 4));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_that_is_told_before_the_provider_has_answered_leaves_one_charge() {
    let (world, carrier, conversation) = paid().await;
    carrier.wait_for(1);
    let told = world.announce(&conversation, "News").await;
    world.until("the call", || carrier.calls() == 2).await;
    let free = Billing::default();
    world
        .is_told(&conversation, told, DeliveryStatus::Failed, free)
        .await;
    assert_eq!(world.spent(), (1, 1));
    carrier.go_on();
    world.until_spent(2).await;
    world
        .is_told(&conversation, told, DeliveryStatus::Delivered, free)
        .await;
    assert_eq!(world.spent(), (2, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sent_again_is_charged_again_and_late_news_of_its_first_attempt_are_not() {
    let (world, carrier, conversation) = paid().await;
    let free = Billing::default();
    world
        .is_told_as("out.1", &conversation, 2, DeliveryStatus::Failed, free)
        .await;
    carrier.wait_for(1);
    let named = format!("{}.2", conversation.id);
    world.hub.send_again(&world.agent(1), &named).await.unwrap();
    world.until("the call", || carrier.calls() == 2).await;
    world
        .is_told_as("out.1", &conversation, 2, DeliveryStatus::Delivered, free)
        .await;
    assert_eq!(world.spent(), (1, 1), "the first attempt was paid");
    assert_eq!(world.status(&conversation, 2), DeliveryStatus::Delivered);
    carrier.go_on();
    world.until_spent(2).await;
    world
        .is_told_as("out.2", &conversation, 2, DeliveryStatus::Read, free)
        .await;
    assert_eq!(world.spent(), (2, 2));
}
