//! What is in the outbox of a campaign when it is paused, cancelled, or its quiet hours begin.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use switchboard_domain::campaign::quiet::{QuietHours, QuietTime};
use switchboard_domain::campaign::{Campaign, CampaignStatus};
use switchboard_domain::customer::Channel;
use switchboard_domain::outbox::{Errand, ErrandState, Lane};
use switchboard_domain::ports::transport::SendError;

use super::super::campaigns::news;
use super::super::carrier::{Carrier, carried};
use super::super::world::{World, message};
use crate::hub::campaigns::NewCampaign;
use crate::records::keys::Kind;

/// More than a campaign puts into the outbox at a time.
const PEOPLE: u32 = 170;
/// What it puts there, and what of it a provider that does not answer has been given.
const HANDED_OVER: usize = 150;
const UNDER_WAY: usize = 8;
const HALF_AN_HOUR: Duration = Duration::from_secs(30 * 60);

impl World {
    fn errands(&self) -> Vec<Errand> {
        let all = self.hub.services().records().list_errands(Lane::Sms, 1_000);
        all.unwrap().into_iter().map(|stored| stored.record).collect()
    }

    /// Waits until all that is in the outbox is held, and will not be looked at before long.
    async fn until_held(&self, count: usize) {
        let is_held = |errand: &Errand| {
            errand.state == ErrandState::Held && errand.due > self.hub.services().now().after(HALF_A_MINUTE)
        };
        self.until("all to be held", || {
            let errands = self.errands();
            errands.len() == count && errands.iter().all(is_held)
        })
        .await;
    }
}

const HALF_A_MINUTE: Duration = Duration::from_secs(30);

/// A campaign of which some is under way, more is in the outbox, and the rest is not even there.
async fn under_way(quiet: Option<QuietTime>) -> (World, Arc<Carrier>, Campaign) {
    let (world, carrier) = carried().await;
    world.people(PEOPLE).await;
    carrier.wait_for(UNDER_WAY);
    let begun = world
        .started(NewCampaign {
            quiet,
            ..news(Channel::Sms)
        })
        .await;
    world
        .until("a full lane", || {
            world.errands().len() == HANDED_OVER && carrier.calls() == UNDER_WAY
        })
        .await;
    (world, carrier, begun)
}

/// Everybody got it, and nobody twice.
fn is_complete(carrier: &Carrier) -> bool {
    let sent = carrier.sent().into_iter();
    let to: Vec<_> = sent
        .filter(|sent| sent.text.starts_with("Hello"))
        .map(|sent| sent.to)
        .collect();
    let different: HashSet<_> = to.iter().collect();
    assert_eq!(different.len(), to.len(), "somebody got it twice");
    u32::try_from(to.len()).unwrap() == PEOPLE
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_the_outbox_of_a_paused_campaign_goes_out_once_when_it_goes_on_over_a_restart() {
    let (world, carrier, begun) = under_way(None).await;
    let staff = world.staff();
    world.hub.pause_campaign(&staff, begun.id).await.unwrap();
    carrier.go_on();
    world.until_held(HANDED_OVER - UNDER_WAY).await;
    assert_eq!(carrier.calls(), UNDER_WAY, "what was under way");

    // What else is said to such a customer does not wait for the campaign.
    let Some(switchboard_domain::outbox::Subject::Message(id, _)) =
        world.errands().first().map(|errand| errand.subject)
    else {
        panic!("nothing is held");
    };
    let records = world.hub.services().records();
    let conversation = records.find_conversation(staff.organization, id).unwrap();
    let conversation = conversation.unwrap().record;
    world
        .hub
        .write_message(&staff, &conversation, message("By the way"))
        .await
        .unwrap();
    world
        .until("the other message, and its end to be recorded", || {
            carrier.sent().len() == UNDER_WAY + 1 && world.errands().len() == HANDED_OVER - UNDER_WAY
        })
        .await;

    let world = world.restarted().await;
    world.go_on(HALF_AN_HOUR);
    world.until_held(HANDED_OVER - UNDER_WAY).await;
    assert_eq!(carrier.calls(), UNDER_WAY + 1);
    let on = world.hub.resume_campaign(&staff, begun.id).await.unwrap();
    assert_eq!(on.status, CampaignStatus::Running);
    world.until("everybody", || is_complete(&carrier)).await;
    let over = world.until_over(begun.id).await;
    assert_eq!((over.sent, over.failed), (PEOPLE.into(), 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_the_outbox_of_a_campaign_cancelled_while_paused_is_dropped_and_its_ledger_says_so() {
    let (world, carrier, begun) = under_way(None).await;
    let staff = world.staff();
    world.hub.pause_campaign(&staff, begun.id).await.unwrap();
    carrier.go_on();
    world.until_held(HANDED_OVER - UNDER_WAY).await;
    world.hub.cancel_campaign(&staff, begun.id).await.unwrap();
    world.until("an empty lane", || world.errands().is_empty()).await;
    let failures = world.failures(&begun);
    assert_eq!(failures.len(), usize::try_from(PEOPLE).unwrap() - UNDER_WAY);
    assert!(
        failures
            .iter()
            .all(|reason| reason == "the campaign was cancelled")
    );
    assert_eq!(carrier.calls(), UNDER_WAY);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_the_outbox_when_quiet_hours_begin_waits_for_their_end() {
    let (world, carrier, begun) = under_way(Some(soon_quiet())).await;
    world.clock.advance(HALF_AN_HOUR);
    carrier.go_on();
    world.until_held(HANDED_OVER - UNDER_WAY).await;
    assert_eq!(carrier.calls(), UNDER_WAY, "what was under way");
    world.go_on(2 * HALF_AN_HOUR);
    world.until("everybody", || is_complete(&carrier)).await;
    let over = world.until_over(begun.id).await;
    assert_eq!((over.sent, over.failed), (PEOPLE.into(), 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_campaign_that_is_all_in_the_outbox_is_not_over_and_can_be_paused() {
    let (world, carrier) = carried().await;
    world.people(3).await;
    let busy = SendError::Later {
        reason: "busy".to_owned(),
        after: None,
    };
    carrier.fail(3, busy);
    let begun = world.started(news(Channel::Sms)).await;
    world
        .until("three refusals", || {
            let is_waiting = |errand: &Errand| errand.state == ErrandState::Waiting;
            carrier.calls() == 3 && world.errands().iter().all(is_waiting)
        })
        .await;
    world
        .until("all to be written down", || {
            world.campaign(begun.id).handed_over == 3
        })
        .await;
    let organization = world.staff().organization;
    world.hub.advance_campaign(organization, begun.id).await.unwrap();
    assert_eq!(world.campaign(begun.id).status, CampaignStatus::Running);
    let staff = world.staff();
    world.hub.pause_campaign(&staff, begun.id).await.unwrap();
    world.go_on(HALF_AN_HOUR);
    world.until_held(3).await;
    assert_eq!(carrier.calls(), 3);
    world.hub.resume_campaign(&staff, begun.id).await.unwrap();
    let over = world.until_over(begun.id).await;
    assert_eq!((over.status, over.sent), (CampaignStatus::Completed, 3));
    assert_eq!((carrier.calls(), carrier.sent().len()), (6, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn pausing_is_never_refused_because_the_campaign_is_being_sent() {
    let (world, carrier) = carried().await;
    world.people(PEOPLE).await;
    let begun = world.started(news(Channel::Sms)).await;
    let staff = world.staff();
    // The runner is about to write down what it has handed over.
    let go_on = world.engine.hold(Kind::Campaign);
    world.until("the sums", || world.engine.is_held()).await;
    let (hub, scope) = (world.hub.clone(), staff.clone());
    let pause = world.engine.hold(Kind::Campaign);
    let paused = tokio::spawn(async move { hub.pause_campaign(&scope, begun.id).await });
    world.until("the pause", || world.engine.is_held()).await;
    go_on.send(()).unwrap();
    world
        .until("the sums on disk", || world.campaign(begun.id).handed_over > 0)
        .await;
    pause.send(()).unwrap();
    let paused = paused.await.unwrap().unwrap();
    assert_eq!(paused.status, CampaignStatus::Paused);
    world.hub.resume_campaign(&staff, begun.id).await.unwrap();
    world.until("everybody", || is_complete(&carrier)).await;
}

/// An hour that begins in a quarter of one.
fn soon_quiet() -> QuietTime {
    let minute = World::minute_of_day();
    let at = |ahead: u16| (minute + ahead) % (24 * 60);
    let hours = QuietHours {
        from: at(15),
        until: at(75),
        utc_offset: 0,
    };
    QuietTime { hours, zone: None }
}

impl World {
    #[expect(
        clippy::disallowed_methods,
        reason = "the clock of these tests begins with the machine's"
    )]
    fn minute_of_day() -> u16 {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        u16::try_from(since.unwrap().as_secs() / 60 % (24 * 60)).unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_campaigns_messages_in_the_outbox_are_in_no_other_campaigns_way() {
    let (world, carrier, begun) = under_way(None).await;
    let staff = world.staff();
    world.hub.pause_campaign(&staff, begun.id).await.unwrap();
    carrier.go_on();
    world.until_held(HANDED_OVER - UNDER_WAY).await;
    let other = NewCampaign {
        template: "Something else, {{name}}".to_owned(),
        ..news(Channel::Sms)
    };
    let other = world.started(other).await;
    let over = world.until_over(other.id).await;
    assert_eq!((over.sent, over.failed), (PEOPLE.into(), 0));
    let others = || {
        let sent = carrier.sent().into_iter();
        sent.filter(|sent| sent.text.starts_with("Something else"))
            .count()
    };
    world.until("all of it", || others() == 170).await;
}
