//! Campaigns that somebody or something gets in the way of: refusals, cancellations, second starts, a dead hub.

mod held;
mod sums;

use std::time::Duration;

use switchboard_domain::campaign::{Campaign, CampaignStatus, Recipient, RecipientState};
use switchboard_domain::cost::Money;
use switchboard_domain::customer::Channel;
use switchboard_domain::ports::engine::Batch;
use switchboard_domain::ports::transport::SendError;
use switchboard_domain::price::PriceTable;
use tokio::time::timeout;

use super::campaigns::{NIGHT, news};
use super::carrier::{carried, carried_at, carried_by};
use super::world::{World, settings};
use crate::error::HubError;
use crate::hub::campaigns::{NewApproved, NewCampaign, UNWANTED};
use crate::records::campaigns;
use crate::records::keys::Kind;
use crate::settings::HubSettings;

impl World {
    fn ledger(&self, campaign: &Campaign) -> Vec<RecipientState> {
        let page = self.hub.list_recipients(&self.staff(), campaign.id, 0, 1_000);
        page.unwrap().items.into_iter().map(|line| line.state).collect()
    }

    fn failures(&self, campaign: &Campaign) -> Vec<String> {
        let lines = self.ledger(campaign).into_iter();
        lines
            .filter_map(|state| match state {
                RecipientState::Failed(reason) => Some(reason),
                _ => None,
            })
            .collect()
    }

    /// What is on disk when a hub dies behind sending a campaign and before recording it.
    async fn forget_record_of(&self, over: &Campaign) {
        let records = self.hub.services().records();
        let stored = records
            .find_campaign(over.organization, over.id)
            .unwrap()
            .unwrap();
        let running = Campaign {
            status: CampaignStatus::Running,
            cursor: None,
            handed_over: 0,
            ended_at: None,
            ..stored.record.clone()
        };
        let mut batch = Batch::new();
        campaigns::update(&mut batch, &stored, &running).unwrap();
        for line in records
            .list_recipients(over.organization, over.id, None, 1_000)
            .unwrap()
        {
            let RecipientState::Sent(conversation) = line.state else {
                panic!("{line:?}");
            };
            let line = Recipient {
                state: RecipientState::Addressed(conversation),
                ..line
            };
            campaigns::put_recipient(&mut batch, over.organization, over.id, &line).unwrap();
        }
        records.commit(batch).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_says_stop_behind_the_start_gets_nothing() {
    let (world, carrier) = carried().await;
    world.people(2).await;
    let begun = world.started_by_night().await;
    assert_eq!(begun.targeted, 2);
    world.texts_in(0, "STOP").await;
    world.clock.advance(NIGHT);
    let over = world.until_over(begun.id).await;
    assert_eq!((over.sent, over.failed), (1, 1));
    world.until("the other", || carrier.sent().len() == 1).await;
    assert_eq!(carrier.sent()[0].text, "Hello Person 1");
    assert_eq!(world.failures(&begun), [UNWANTED]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_waits_for_its_provider_does_not_go_to_who_said_stop_meanwhile() {
    let (world, carrier) = carried().await;
    world.people(1).await;
    let busy = SendError::Later {
        reason: "busy".to_owned(),
        after: None,
    };
    carrier.fail(1, busy);
    let begun = world.started(news(Channel::Sms)).await;
    world.until("the refusal", || carrier.calls() == 1).await;
    world.texts_in(0, "STOP").await;
    world
        .until("the end", || {
            world.go_on(Duration::from_secs(5));
            !world.failures(&begun).is_empty()
        })
        .await;
    assert_eq!(world.failures(&begun), [UNWANTED]);
    assert_eq!((carrier.calls(), carrier.sent().len()), (1, 0));
    world.until_over(begun.id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_is_slow_is_given_little_at_a_time_and_what_was_cancelled_meanwhile_stays() {
    let (world, carrier) = carried().await;
    world.people(170).await;
    carrier.wait_for(1_000);
    let begun = world.started(news(Channel::Sms)).await;
    let handed_over = || world.campaign(begun.id).handed_over;
    world
        .until("a full lane", || handed_over() == 150 && carrier.calls() == 8)
        .await;
    let organization = world.staff().organization;
    assert!(!world.hub.advance_campaign(organization, begun.id).await.unwrap());
    assert_eq!(handed_over(), 150, "the rest waits");
    world.hub.cancel_campaign(&world.staff(), begun.id).await.unwrap();
    carrier.go_on();
    world
        .until("the end", || world.failures(&begun).len() == 162)
        .await;
    assert!(
        world
            .failures(&begun)
            .iter()
            .all(|reason| reason == "the campaign was cancelled")
    );
    assert_eq!(carrier.sent().len(), 8, "what was under way");
    let told = world.campaign(begun.id);
    assert_eq!((told.sent, told.failed, told.undelivered), (8, 162, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn many_starts_at_once_are_one() {
    let (world, carrier) = carried().await;
    world.people(60).await;
    let staff = world.staff();
    let made = world
        .hub
        .create_campaign(&staff, news(Channel::Sms))
        .await
        .unwrap();
    let start = || {
        let (hub, staff) = (world.hub.clone(), staff.clone());
        tokio::spawn(async move { hub.execute_campaign(&staff, made.id).await })
    };
    // The first start is writing its ledger when the others come. Were one of them let in, the first would write over a
    // ledger that is being sent by.
    let go_on = world.engine.hold(Kind::CampaignRecipient);
    let mut starts = vec![start()];
    world.until("the first ledger", || world.engine.is_held()).await;
    starts.extend((0..20).map(|_| start()));
    let mut ended = Vec::new();
    if let Ok(second) = timeout(Duration::from_secs(1), &mut starts[1]).await {
        world.until_over(made.id).await;
        starts.remove(1);
        ended.push(second.unwrap());
    }
    go_on.send(()).unwrap();
    for start in starts {
        ended.push(start.await.unwrap());
    }
    assert_eq!(ended.iter().filter(|start| start.is_ok()).count(), 1);
    let refused = |start: &Result<Campaign, HubError>| matches!(start, Err(HubError::Conflict(_)));
    assert_eq!(ended.iter().filter(|start| refused(start)).count(), 20);
    let over = world.until_over(made.id).await;
    assert_eq!((over.targeted, over.sent, over.failed), (60, 60, 0));
    world.until("all", || carrier.sent().len() == 60).await;
    assert!(
        world
            .ledger(&made)
            .iter()
            .all(|state| matches!(state, RecipientState::Sent(_)))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_sent_and_not_recorded_when_the_hub_died_is_not_sent_again() {
    let (world, carrier) = carried().await;
    world.people(60).await;
    let begun = world.started(news(Channel::Sms)).await;
    let over = world.until_over(begun.id).await;
    world.until("all", || carrier.sent().len() == 60).await;
    world.forget_record_of(&over).await;
    let world = world.restarted().await;
    let over = world.until_over(begun.id).await;
    assert_eq!((over.sent, over.failed), (60, 0));
    world
        .until("rest", || {
            world.hub.services().records().list_lanes().unwrap().is_empty()
        })
        .await;
    assert_eq!(carrier.calls(), 60);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_variable_is_looked_at_beforehand_and_what_it_costs_is_told_by_parts() {
    let prices = PriceTable {
        sms_message: Money::from_millionths(20_000),
        ..PriceTable::default()
    };
    let (world, carrier) = carried_at(prices).await;
    world.people(3).await;
    let staff = world.staff();
    let look = async |new: NewCampaign| {
        let made = world.hub.create_campaign(&staff, new).await.unwrap();
        (made.id, world.hub.preflight_campaign(&staff, made.id).unwrap())
    };
    let approved = NewApproved {
        name: "news".to_owned(),
        language: "en_US".to_owned(),
        values: vec!["{{name}}".to_owned(), "{{email}}".to_owned()],
    };
    let with_values = NewCampaign {
        approved: Some(approved),
        ..news(Channel::Whatsapp)
    };
    let (id, seen) = look(with_values).await;
    assert_eq!((seen.targeted, seen.missing), (3, 3));
    assert!(
        seen.missing_values
            .iter()
            .all(|(_, variable)| variable == "email")
    );
    world.hub.execute_campaign(&staff, id).await.unwrap();
    let over = world.until_over(id).await;
    assert_eq!((over.sent, over.failed, carrier.calls()), (0, 3, 0));

    let long = NewCampaign {
        template: "Hello {{name}}. ".repeat(11),
        ..news(Channel::Sms)
    };
    let (_, seen) = look(long).await;
    assert_eq!(seen.estimated_cost, Money::from_millionths(3 * 2 * 20_000));
    let subject = NewCampaign {
        subject: Some("For {{nmae}}".to_owned()),
        ..news(Channel::Email)
    };
    let refused = world.hub.create_campaign(&staff, subject).await;
    assert!(matches!(refused, Err(HubError::Invalid { field: "subject", .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_mail_of_a_campaign_goes_out_that_nobody_could_unsubscribe_from() {
    let nowhere = HubSettings {
        public_url: None,
        ..settings()
    };
    let (world, _carrier) = carried_by(nowhere).await;
    let staff = world.staff();
    let made = world
        .hub
        .create_campaign(&staff, news(Channel::Email))
        .await
        .unwrap();
    let started = world.hub.execute_campaign(&staff, made.id).await;
    assert!(matches!(started, Err(HubError::Invalid { field: "channel", .. })));
    let seen = world.hub.preflight_campaign(&staff, made.id);
    assert!(matches!(seen, Err(HubError::Invalid { field: "channel", .. })));
}
