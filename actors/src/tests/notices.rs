//! Notices to webhooks: owed with their cause, carried until they are taken, recorded, ended.

use std::time::Duration;

use serde_json::Value;
use switchboard_domain::campaign::target::Target;
use switchboard_domain::customer::Channel;
use switchboard_domain::outbox::{ErrandState, LEASE, Lane};
use switchboard_domain::ports::poster::Post;
use switchboard_domain::webhook::{Delivery, DeliveryState, FORBEARANCE, KEPT_DELIVERED, KEPT_FAILED};

use super::endpoints::{OTHER, SHOP, world};
use crate::error::HubError;
use crate::hub::campaigns::NewCampaign;
use crate::hub::webhooks::WebhookChange;

const HOUR: Duration = Duration::from_secs(3_600);

#[tokio::test(flavor = "multi_thread")]
async fn everything_that_happens_to_a_conversation_is_told_once_and_in_the_seeds_words() {
    let (world, endpoints) = world().await;
    let all = [
        "conversation.started",
        "message.received",
        "message.sent",
        "conversation.handover",
        "conversation.ended",
    ];
    world.subscribe(SHOP, &all).await;
    let guest = world.guest().await;
    world.say(&guest, "Returns?").await;
    world.until_answered(&guest).await;
    let (scope, id) = (world.agent(1), guest.conversation.id.to_string());
    world.hub.request_handover(&scope, &id).await.unwrap();
    world.hub.accept_handover(&scope, &id).await.unwrap();
    world.hub.close_conversation(&scope, &id).await.unwrap();
    world
        .until("the end", || endpoints.events(SHOP).contains(&all[4].to_owned()))
        .await;
    let handovers = || {
        endpoints
            .events(SHOP)
            .iter()
            .filter(|event| *event == all[3])
            .count()
    };
    world.until("both handovers", || handovers() == 2).await;
    for event in [all[0], all[1], all[4]] {
        let told = endpoints
            .events(SHOP)
            .iter()
            .filter(|told| *told == event)
            .count();
        assert_eq!(told, 1, "{event}");
    }
    let said = endpoints.data("message.received");
    assert_eq!(said["messageId"], world.messages(&guest)[0].id.to_string());
    assert_eq!(
        (
            &said["conversationId"],
            &said["channel"],
            &said["status"],
            &said["role"],
            &said["content"]
        ),
        (
            &Value::from(id.clone()),
            &"WEB".into(),
            &"SENT".into(),
            &"USER".into(),
            &"Returns?".into()
        )
    );
    let ended = endpoints.data("conversation.ended");
    assert_eq!(
        (&ended["conversationId"], &ended["status"]),
        (&Value::from(id), &"CLOSED".into())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_was_down_for_an_hour_gets_everything_in_order_and_delays_no_other() {
    let (world, endpoints) = world().await;
    let webhook = world.subscribe(SHOP, &["message.received"]).await;
    world.subscribe(OTHER, &["message.received"]).await;
    endpoints.answer(SHOP, Some(503));
    let guest = world.guest().await;
    for number in 0..12 {
        world.say(&guest, &format!("Returns? {number}")).await;
    }
    world
        .until("the other", || endpoints.taken(OTHER).len() == 12)
        .await;
    assert!(endpoints.taken(SHOP).is_empty());
    let up_again = world.hub.services().now().after(HOUR);
    let is_over = || world.hub.services().now() >= up_again;
    world.passes_until(webhook, "an hour", is_over).await;
    assert!(endpoints.asked(SHOP) < 60, "it is not hammered");
    endpoints.answer(SHOP, Some(200));
    world
        .passes_until(webhook, "all of it", || endpoints.taken(SHOP).len() >= 12)
        .await;
    assert_eq!(endpoints.said_to(SHOP), numbered(12));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waited_for_an_endpoint_over_a_restart_goes_before_what_comes_when_it_is_back() {
    let (world, endpoints) = world().await;
    let webhook = world.subscribe(SHOP, &["message.received"]).await;
    endpoints.answer(SHOP, Some(503));
    let guest = world.guest().await;
    for number in 0..10 {
        world.say(&guest, &format!("Returns? {number}")).await;
    }
    let up_again = world.hub.services().now().after(HOUR);
    let is_over = || world.hub.services().now() >= up_again;
    world.passes_until(webhook, "an hour", is_over).await;
    let world = world.restarted().await;
    // The clock has begun anew, and one that was under way when the hub ended waits for its lease.
    world.go_on(HOUR + LEASE);
    endpoints.answer(SHOP, Some(200));
    world.say(&guest, "Returns? 10").await;
    world
        .passes_until(webhook, "all of it", || endpoints.taken(SHOP).len() >= 11)
        .await;
    assert_eq!(endpoints.said_to(SHOP), numbered(11));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_that_the_endpoint_does_not_take_holds_nobody_back() {
    let (world, endpoints) = world().await;
    let webhook = world.subscribe(SHOP, &["message.received"]).await;
    endpoints.answer(SHOP, Some(422));
    let guest = world.guest().await;
    world.say(&guest, "Returns? 0").await;
    let is_refused = || world.notices(webhook)[0].status_code == Some(422);
    world.until("the refusal", is_refused).await;
    endpoints.answer(SHOP, Some(200));
    world.say(&guest, "Returns? 1").await;
    world
        .until("the next", || !endpoints.taken(SHOP).is_empty())
        .await;
    assert_eq!(endpoints.said_to(SHOP), ["Returns? 1"]);
    world
        .passes_until(webhook, "its own turn", || endpoints.taken(SHOP).len() == 2)
        .await;
    assert_eq!(endpoints.said_to(SHOP), ["Returns? 1", "Returns? 0"]);
}

/// What a customer said, in order.
fn numbered(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("Returns? {number}")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_between_sending_and_recording_a_notice_comes_again_with_the_same_id() {
    let (world, endpoints) = world().await;
    let webhook = world.subscribe(SHOP, &["message.received"]).await;
    endpoints.answer(SHOP, None);
    let guest = world.guest().await;
    world.say(&guest, "Returns?").await;
    world.until("the call", || endpoints.asked(SHOP) == 1).await;
    let world = world.restarted().await;
    endpoints.answer(SHOP, Some(200));
    let (records, lane) = (world.hub.services().records(), Lane::Webhook(webhook));
    let waits = || {
        let owed = records.list_errands(lane, 1).unwrap();
        let first = owed.into_iter().next().map(|errand| errand.record);
        first.filter(|errand| errand.state == ErrandState::Waiting)
    };
    world
        .until("its turn to be given again", || waits().is_some())
        .await;
    let pause = waits().unwrap().due.since(world.hub.services().now());
    assert!(
        pause < LEASE / 2,
        "nobody waits for the lease of the dead: {pause:?}"
    );
    world.go_on(pause);
    world
        .until("the second call", || endpoints.taken(SHOP).len() == 1)
        .await;
    let asked = endpoints.asked.lock();
    let id = |post: &Post| {
        post.headers
            .iter()
            .find(|(name, _)| *name == "webhook-id")
            .unwrap()
            .1
            .clone()
    };
    assert_eq!((asked.len(), id(&asked[0])), (2, id(&asked[1])));
    assert_eq!(asked[0].body, asked[1].body);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_is_gone_is_switched_off_at_once_and_the_others_are_told() {
    let (world, endpoints) = world().await;
    let gone = world
        .subscribe(SHOP, &["message.received", "error.occurred"])
        .await;
    world.subscribe(OTHER, &["error.occurred"]).await;
    endpoints.answer(SHOP, Some(410));
    let guest = world.guest().await;
    world.say(&guest, "Returns?").await;
    world
        .until("the notice", || endpoints.taken(OTHER).len() == 1)
        .await;
    assert!(!world.is_active(gone));
    let told = endpoints.data("error.occurred");
    assert_eq!(
        (&told["error"], &told["webhookId"]),
        (&"webhook_disabled".into(), &gone.to_string().into())
    );
    let notice = &world.notices(gone)[0];
    assert_eq!(
        (notice.state, notice.status_code),
        (DeliveryState::Failed, Some(410))
    );
    world.say(&guest, "Returns?").await;
    assert_eq!(world.notices(gone).len(), 1, "nothing is owed to it any more");
    let again = world.hub.redeliver(&world.admin(), gone, notice.id).await;
    assert!(matches!(again, Err(HubError::Conflict(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn five_days_without_a_success_switch_an_endpoint_off_until_somebody_switches_it_on() {
    let (world, endpoints) = world().await;
    let webhook = world.subscribe(SHOP, &["message.received"]).await;
    world.subscribe(OTHER, &["error.occurred"]).await;
    endpoints.answer(SHOP, Some(500));
    let guest = world.guest().await;
    world.say(&guest, "Returns?").await;
    let failing = || {
        world
            .hub
            .get_webhook(&world.admin(), webhook)
            .unwrap()
            .failing_since
    };
    world.until("the failure", || failing().is_some()).await;
    assert!(world.is_active(webhook));
    world.go_on(FORBEARANCE);
    world.say(&guest, "Returns?").await;
    world
        .passes_until(webhook, "its end", || !world.is_active(webhook))
        .await;
    world
        .until("the others to be told", || endpoints.taken(OTHER).len() == 1)
        .await;
    let told = endpoints.data("error.occurred");
    assert_eq!(
        (&told["error"], &told["webhookId"]),
        (&"webhook_disabled".into(), &webhook.to_string().into())
    );
    let listed = world.hub.list_webhooks(&world.admin()).unwrap();
    let shown = listed.iter().find(|one| one.id == webhook).unwrap();
    assert_eq!(
        (shown.is_active, shown.stopped_because.as_deref()),
        (false, told["reason"].as_str())
    );
    let on = WebhookChange {
        is_active: Some(true),
        ..WebhookChange::default()
    };
    let next = world
        .hub
        .update_webhook(&world.admin(), webhook, on)
        .await
        .unwrap();
    assert_eq!(
        (next.is_active, next.failing_since, next.stopped_because),
        (true, None, None)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_that_failed_for_a_day_is_kept_as_failed_and_can_be_sent_after_all() {
    let (world, endpoints) = world().await;
    let webhook = world.subscribe(SHOP, &["message.received"]).await;
    endpoints.answer(SHOP, Some(400));
    let guest = world.guest().await;
    world.say(&guest, "Returns?").await;
    let has_failed = || world.notices(webhook)[0].state == DeliveryState::Failed;
    world
        .passes_until(webhook, "the end of patience", has_failed)
        .await;
    let failed = world.notices(webhook)[0].clone();
    assert!(failed.attempts > 1, "{failed:?}");
    assert_eq!(
        (failed.status_code, failed.failure.as_deref()),
        (Some(400), Some("the endpoint answered 400"))
    );
    endpoints.answer(SHOP, Some(200));
    for taken in 1..=2 {
        world
            .hub
            .redeliver(&world.admin(), webhook, failed.id)
            .await
            .unwrap();
        let is_taken = || {
            let is_noted = world.notices(webhook)[0].state == DeliveryState::Delivered;
            endpoints.taken(SHOP).len() == taken && is_noted
        };
        world.passes_until(webhook, "it to be taken", is_taken).await;
    }
    assert_eq!(endpoints.taken(SHOP)[0].1, failed.id.to_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sent_again_by_hand_goes_out_at_once_and_tells_whether_the_endpoint_is_back() {
    let (world, endpoints) = world().await;
    let webhook = world.subscribe(SHOP, &["message.received"]).await;
    endpoints.answer(SHOP, Some(503));
    let guest = world.guest().await;
    for number in 0..8 {
        world.say(&guest, &format!("Returns? {number}")).await;
    }
    // By now it is left alone for longer than this test lasts.
    world
        .passes_until(webhook, "many failures", || endpoints.asked(SHOP) >= 14)
        .await;
    let asked = endpoints.asked(SHOP);
    let Delivery {
        id: newest, attempts, ..
    } = world.notices(webhook)[0].clone();
    world
        .hub
        .redeliver(&world.admin(), webhook, newest)
        .await
        .unwrap();
    world
        .until("the attempt", || {
            let is_recorded = world.notices(webhook)[0].attempts > attempts;
            endpoints.asked(SHOP) == asked + 1 && is_recorded
        })
        .await;
    world.say(&guest, "Returns?").await;
    endpoints.answer(SHOP, Some(200));
    world
        .hub
        .redeliver(&world.admin(), webhook, newest)
        .await
        .unwrap();
    world
        .until("the notice", || !endpoints.taken(SHOP).is_empty())
        .await;
    assert_eq!(endpoints.taken(SHOP)[0].1, newest.to_string());
    world.say(&guest, "Returns?").await;
    let last = world.notices(webhook)[0].id.to_string();
    world
        .until("what comes after it", || {
            endpoints.taken(SHOP).iter().any(|(_, id)| *id == last)
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_taken_is_kept_for_a_week_and_what_was_not_for_a_month() {
    let (world, endpoints) = world().await;
    let taken = world.subscribe(SHOP, &["message.received"]).await;
    let failed = world.subscribe(OTHER, &["message.received"]).await;
    endpoints.answer(OTHER, Some(410));
    let guest = world.guest().await;
    world.say(&guest, "Returns?").await;
    let states = || (world.notices(taken)[0].state, world.notices(failed)[0].state);
    world
        .until("both", || {
            states() == (DeliveryState::Delivered, DeliveryState::Failed)
        })
        .await;
    let left = || (world.notices(taken).len(), world.notices(failed).len());
    world.remove_ended().await;
    assert_eq!(left(), (1, 1));
    world.clock.advance(KEPT_DELIVERED);
    world.remove_ended().await;
    assert_eq!(left(), (0, 1));
    world.clock.advance(KEPT_FAILED.saturating_sub(KEPT_DELIVERED));
    world.remove_ended().await;
    assert_eq!(left(), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_goes_with_all_its_notices_however_many_still_wait() {
    let (world, endpoints) = world().await;
    let webhook = world.subscribe(SHOP, &["message.received"]).await;
    endpoints.answer(SHOP, Some(500));
    let guest = world.guest().await;
    for _ in 0..40 {
        world.say(&guest, "Returns?").await;
    }
    let (scope, records) = (world.admin(), world.hub.services().records());
    assert_eq!(records.count_deliveries(scope.organization, webhook).unwrap(), 40);
    world.hub.delete_webhook(&scope, webhook).await.unwrap();
    let left = records
        .list_deliveries(scope.organization, webhook, None, 100)
        .unwrap();
    assert!(left.is_empty());
    world
        .until("the lane to end", || records.list_lanes().unwrap().is_empty())
        .await;
    assert_eq!(records.count_deliveries(scope.organization, webhook).unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn notices_of_an_erased_customer_are_gone_whether_they_were_sent_or_not() {
    let (world, endpoints) = world().await;
    let sent = world.subscribe(SHOP, &["message.received"]).await;
    let waits = world.subscribe(OTHER, &["message.received"]).await;
    endpoints.answer(OTHER, Some(500));
    let (gone, stays) = (world.guest().await, world.guest().await);
    for guest in [&gone, &stays] {
        world.say(guest, "Returns?").await;
    }
    world
        .until("both", || {
            endpoints.taken(SHOP).len() == 2 && endpoints.asked(OTHER) >= 2
        })
        .await;
    world
        .hub
        .erase_customer(&world.admin(), gone.conversation.customer)
        .await
        .unwrap();
    for webhook in [sent, waits] {
        let told: Vec<_> = world
            .notices(webhook)
            .iter()
            .map(|notice| notice.customer)
            .collect();
        assert_eq!(told, [Some(stays.conversation.customer)]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_a_campaign_is_told() {
    let (world, endpoints) = world().await;
    world.subscribe(SHOP, &["campaign.completed"]).await;
    let scope = world.admin();
    let new = NewCampaign {
        name: "News".to_owned(),
        purpose: "NEWS".to_owned(),
        channel: Channel::Web,
        scheduled_at: None,
        target: Target::default(),
        template: "We have news.".to_owned(),
        quiet: None,
        subject: None,
        approved: None,
    };
    let campaign = world.hub.create_campaign(&scope, new).await.unwrap();
    world.hub.execute_campaign(&scope, campaign.id).await.unwrap();
    world
        .until("the notice", || endpoints.taken(SHOP).len() == 1)
        .await;
    let completed = endpoints.data("campaign.completed");
    assert_eq!(completed["campaignId"], campaign.id.to_string());
}
