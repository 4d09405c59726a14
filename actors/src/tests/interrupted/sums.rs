//! What is told of a campaign's messages: what went out, what did not arrive, and when all of it is over.

use std::time::Duration;

use switchboard_domain::campaign::{Campaign, CampaignStatus, RecipientState};
use switchboard_domain::customer::Channel;
use switchboard_domain::id::ConversationId;
use switchboard_domain::message::{Billing, DeliveryReport, DeliveryStatus};
use switchboard_domain::outbox::{Errand, ErrandState, Lane, Subject};
use switchboard_domain::ports::engine::Batch;
use switchboard_domain::ports::transport::SendError;

use super::super::campaigns::news;
use super::super::carrier::carried;
use super::super::world::World;
use crate::records::errands;

/// More than were ever looked at.
const OTHERS: u16 = 600;
const HOUR: Duration = Duration::from_secs(60 * 60);

/// Sent, failed, and not arrived of what was sent.
const fn sums(told: &Campaign) -> (u64, u64, u64) {
    (told.sent, told.failed, told.undelivered)
}

impl World {
    /// Others have much to do in the lane before anything of a campaign is due there.
    async fn others_are_under_way(&self) {
        let (organization, now) = (self.staff().organization, self.hub.services().now());
        let mut batch = Batch::new();
        for number in 0..OTHERS {
            let [high, low] = number.to_be_bytes();
            let mut conversation = [7; 16];
            conversation[..2].copy_from_slice(&[high, low]);
            let subject = Subject::Message(ConversationId::from_bytes(conversation), 1);
            let errand = Errand {
                due: now.after(HOUR / 2),
                state: ErrandState::Claimed,
                ..Errand::new(organization, Lane::Sms, subject, now)
            };
            errands::insert(&mut batch, &errand).unwrap();
        }
        self.hub.services().records().commit(batch).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_its_provider_has_not_taken_yet_is_not_told_as_sent() {
    let (world, carrier) = carried().await;
    world.people(3).await;
    carrier.wait_for(1);
    let begun = world.started(news(Channel::Sms)).await;
    world
        .until("two to be sent", || {
            let told = world.campaign(begun.id);
            (told.handed_over, told.sent) == (3, 2)
        })
        .await;
    assert_eq!(sums(&world.campaign(begun.id)), (2, 0, 0));
    let waits = |state: &RecipientState| matches!(state, RecipientState::Addressed(_));
    let ledger = world.ledger(&begun);
    assert_eq!(
        ledger.iter().filter(|state| waits(state)).count(),
        1,
        "{ledger:?}"
    );
    carrier.go_on();
    assert_eq!(sums(&world.until_over(begun.id).await), (3, 0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_did_not_arrive_is_told_apart_and_no_more_once_it_was_sent_again() {
    let (world, carrier) = carried().await;
    world.people(2).await;
    let begun = world.started(news(Channel::Sms)).await;
    assert_eq!(sums(&world.until_over(begun.id).await), (2, 0, 0));
    let (staff, named) = (world.staff(), carrier.sent()[0].reference.clone());
    for _ in 0..2 {
        let report = DeliveryReport {
            status: DeliveryStatus::Failed,
            provider_id: None,
            at: world.hub.services().now(),
            failure: "30003".to_owned(),
            billing: Billing::default(),
        };
        let told = world
            .hub
            .receive_delivery_report(staff.organization, Channel::Sms, Some(&named), report);
        told.await.unwrap();
        assert_eq!(sums(&world.campaign(begun.id)), (2, 0, 1));
        assert_eq!(world.failures(&begun), ["30003"]);
    }
    carrier.wait_for(1);
    world.hub.send_again(&staff, &named).await.unwrap();
    assert_eq!(sums(&world.campaign(begun.id)), (1, 0, 0), "it waits once more");
    carrier.go_on();
    world
        .until("both", || sums(&world.campaign(begun.id)) == (2, 0, 0))
        .await;
    world.hub.delete_campaign(&staff, begun.id).await.unwrap();
    let counted = world
        .hub
        .services()
        .records()
        .count_campaign_messages(staff.organization, begun.id);
    assert_eq!(counted.unwrap().taken, 0, "nothing of it is kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn however_much_of_others_is_due_before_it_a_campaign_is_not_over_while_a_message_of_it_waits() {
    let (world, carrier) = carried().await;
    world.people(1).await;
    world.others_are_under_way().await;
    let busy = SendError::Later {
        reason: "busy".to_owned(),
        after: Some(HOUR),
    };
    carrier.fail(1, busy);
    let begun = world.started(news(Channel::Sms)).await;
    world
        .until("the refusal", || {
            carrier.calls() == 1 && world.campaign(begun.id).handed_over == 1
        })
        .await;
    for _ in 0..3 {
        let more = world.hub.advance_campaign(begun.organization, begun.id).await;
        assert!(!more.unwrap());
        assert_eq!(world.campaign(begun.id).status, CampaignStatus::Running);
    }
    world.go_on(2 * HOUR);
    let over = world.until_over(begun.id).await;
    assert_eq!((over.status, sums(&over)), (CampaignStatus::Completed, (1, 0, 0)));
    assert_eq!(carrier.calls(), 2);
}
