//! Campaigns over a channel's provider: each recipient once, held back by night, by pause and by refusal.

use std::time::Duration;

use switchboard_domain::campaign::quiet::{QuietHours, QuietTime};
use switchboard_domain::campaign::target::Target;
use switchboard_domain::campaign::{Campaign, CampaignStatus};
use switchboard_domain::cost::Money;
use switchboard_domain::customer::{Channel, Identity};
use switchboard_domain::id::CampaignId;
use switchboard_domain::incoming::{Asks, Incoming, Thread};
use switchboard_domain::message::Provided;
use switchboard_domain::price::PriceTable;
use switchboard_domain::scope::Scope;

use super::carrier::{carried, carried_at};
use super::world::World;
use crate::error::HubError;
use crate::hub::campaigns::{NewApproved, NewCampaign};

/// Longer than the night of these tests lasts from any of its moments.
pub(super) const NIGHT: Duration = Duration::from_secs(61 * 60);

pub(super) fn news(channel: Channel) -> NewCampaign {
    NewCampaign {
        name: "News".to_owned(),
        purpose: "NEWS".to_owned(),
        channel,
        scheduled_at: None,
        target: Target::default(),
        template: "Hello {{name}}".to_owned(),
        quiet: None,
        subject: None,
        approved: None,
    }
}

impl World {
    pub(super) fn staff(&self) -> Scope {
        Scope::hub(self.hub.credentials().default_organization().unwrap())
    }

    /// Customers who have written by SMS.
    pub(super) async fn people(&self, count: u32) {
        for number in 0..count {
            self.texts_in(number, "Hello").await;
        }
    }

    pub(super) async fn texts_in(&self, number: u32, text: &str) {
        let phone = format!("+4915100000{number:02}");
        let incoming = Incoming {
            channel: Channel::Sms,
            sender: vec![Identity::Phone(phone.clone())],
            name: format!("Person {number}"),
            reply_to: phone,
            subject: String::new(),
            text: text.to_owned(),
            files: Vec::new(),
            raw: None,
            provided: Provided {
                id: format!("sms-{number}-{text}"),
                at: self.hub.services().now(),
                kind: "text".to_owned(),
                ..Provided::default()
            },
            asks: Asks::Nothing,
            thread: Thread::Newest,
        };
        let organization = self.staff().organization;
        self.hub
            .receive_incoming(organization, incoming.into())
            .await
            .unwrap();
    }

    pub(super) async fn started(&self, new: NewCampaign) -> Campaign {
        let made = self.hub.create_campaign(&self.staff(), new).await.unwrap();
        self.hub.execute_campaign(&self.staff(), made.id).await.unwrap()
    }

    /// One that has begun while nothing may be sent.
    pub(super) async fn started_by_night(&self) -> Campaign {
        let minute = self.hub.services().now().as_seconds() / 60 % (24 * 60);
        let at = |ahead: i64| u16::try_from((minute + ahead).rem_euclid(24 * 60)).unwrap();
        let hours = QuietHours {
            from: at(-60),
            until: at(60),
            utc_offset: 0,
        };
        let quiet = QuietTime { hours, zone: None };
        self.started(NewCampaign {
            quiet: Some(quiet),
            ..news(Channel::Sms)
        })
        .await
    }

    /// What the runner does at a tick; whether there is more to do at once.
    async fn goes_on(&self, id: CampaignId) -> bool {
        let organization = self.staff().organization;
        self.hub.advance_campaign(organization, id).await.unwrap()
    }

    pub(super) fn campaign(&self, id: CampaignId) -> Campaign {
        self.hub.get_campaign(&self.staff(), id).unwrap()
    }

    pub(super) async fn until_over(&self, id: CampaignId) -> Campaign {
        self.until("the campaign's end", || self.campaign(id).status.is_over())
            .await;
        self.campaign(id)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_recipient_gets_it_once_and_it_costs_what_was_sent() {
    let prices = PriceTable {
        sms_message: Money::from_millionths(20_000),
        ..PriceTable::default()
    };
    let (world, carrier) = carried_at(prices).await;
    world.people(5).await;
    let begun = world.started(news(Channel::Sms)).await;
    assert_eq!(
        (begun.targeted, begun.estimated_cost),
        (5, Money::from_millionths(100_000))
    );
    let over = world.until_over(begun.id).await;
    assert_eq!(
        (over.status, over.sent, over.failed),
        (CampaignStatus::Completed, 5, 0)
    );
    world.until("all of them", || carrier.sent().len() == 5).await;
    let mut to: Vec<_> = carrier
        .sent()
        .into_iter()
        .map(|sent| (sent.to, sent.text))
        .collect();
    to.sort();
    to.dedup();
    assert_eq!((to.len(), to[0].1.as_str()), (5, "Hello Person 0"));
    let cost = || world.hub.campaign_cost(&world.staff(), begun.id).unwrap();
    world
        .until("the costs", || cost() == Money::from_millionths(100_000))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_said_stop_is_left_out_and_who_says_start_is_not() {
    let (world, carrier) = carried().await;
    world.people(2).await;
    world.texts_in(0, " Stop ").await;
    let first = world.started(news(Channel::Sms)).await;
    assert_eq!(first.targeted, 1);
    world.until_over(first.id).await;
    world.texts_in(0, "START").await;
    let second = world.started(news(Channel::Sms)).await;
    assert_eq!(second.targeted, 2);
    world.until_over(second.id).await;
    world.until("three messages", || carrier.sent().len() == 3).await;
    let look = world.hub.preflight_campaign(&world.staff(), first.id).unwrap();
    assert_eq!(
        (look.targeted, look.unsubscribed, look.unreachable, look.missing),
        (2, 0, 0, 0)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_link_of_a_mail_ends_campaigns_to_its_customer_alone_and_no_other_token_does() {
    let (world, _carrier) = carried().await;
    world.people(2).await;
    let records = world.hub.services().records();
    let customers = records.list_customers(world.staff().organization, 10).unwrap();
    let url = world.hub.unsubscribe_url(&customers[0], Channel::Sms).unwrap();
    let token = url
        .strip_prefix("https://hub.example/api/campaigns/unsubscribe/")
        .unwrap();
    for wrong in ["", "AAAA", &token[1..], &token.replace(&token[..2], "AB")] {
        assert!(
            matches!(world.hub.unsubscribe(wrong).await, Err(HubError::NotFound(_))),
            "{wrong}"
        );
    }
    world.hub.unsubscribe(token).await.unwrap();
    world.hub.unsubscribe(token).await.unwrap();
    let made = world
        .hub
        .create_campaign(&world.staff(), news(Channel::Sms))
        .await
        .unwrap();
    let look = world.hub.preflight_campaign(&world.staff(), made.id).unwrap();
    assert_eq!((look.targeted, look.unsubscribed), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_goes_out_in_quiet_hours_and_it_goes_on_after_them() {
    let (world, carrier) = carried().await;
    world.people(1).await;
    let begun = world.started_by_night().await;
    assert!(!world.goes_on(begun.id).await);
    assert_eq!(
        (world.campaign(begun.id).status, carrier.calls()),
        (CampaignStatus::Running, 0)
    );
    world.clock.advance(NIGHT);
    world.until_over(begun.id).await;
    world.until("the message", || carrier.sent().len() == 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_campaign_sends_nothing_until_it_goes_on() {
    let (world, carrier) = carried().await;
    world.people(3).await;
    let begun = world.started_by_night().await;
    let staff = world.staff();
    let paused = world.hub.pause_campaign(&staff, begun.id).await.unwrap();
    assert_eq!(paused.status, CampaignStatus::Paused);
    let again = world.hub.pause_campaign(&staff, begun.id).await;
    assert!(matches!(again, Err(HubError::Conflict(_))));
    world.clock.advance(NIGHT);
    assert!(!world.goes_on(begun.id).await);
    assert_eq!(carrier.calls(), 0);
    world.hub.resume_campaign(&staff, begun.id).await.unwrap();
    let over = world.until_over(begun.id).await;
    assert_eq!((over.sent, over.failed), (3, 0));
    world.until("all", || carrier.sent().len() == 3).await;
    let over = world.hub.resume_campaign(&staff, begun.id).await;
    assert!(matches!(over, Err(HubError::Conflict(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn on_whatsapp_a_template_reaches_who_has_not_written_and_free_text_does_not() {
    let (world, carrier) = carried().await;
    world.people(1).await;
    let free = world.started(news(Channel::Whatsapp)).await;
    let free = world.until_over(free.id).await;
    assert_eq!((free.sent, free.failed, carrier.calls()), (0, 1, 0));
    let approved = NewApproved {
        name: "news".to_owned(),
        language: "en_US".to_owned(),
        values: vec!["{{name}}".to_owned()],
    };
    let new = NewCampaign {
        approved: Some(approved),
        ..news(Channel::Whatsapp)
    };
    let begun = world.started(new).await;
    world.until_over(begun.id).await;
    world.until("the template", || carrier.sent().len() == 1).await;
    let template = carrier.sent()[0].template.clone().unwrap();
    assert_eq!(
        (template.name.as_str(), template.values),
        ("news", vec!["Person 0".to_owned()])
    );
}
