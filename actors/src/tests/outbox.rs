//! What is owed to a channel's provider: carried once, in order, seen to fail, settled by reports.

mod closed;
mod paid;

use std::time::Duration;

use switchboard_domain::conversation::Conversation;
use switchboard_domain::customer::{Channel, Identity};
use switchboard_domain::id::OrganizationId;
use switchboard_domain::incoming::{Asks, Incoming, Thread};
use switchboard_domain::message::{Billing, DeliveryReport, DeliveryStatus, Message, PendingFile, Provided};
use switchboard_domain::outbox::{LEASE, REPORT};
use switchboard_domain::ports::transport::SendError;
use switchboard_domain::scope::Scope;
use switchboard_domain::time::Timestamp;

use tokio::task::JoinSet;

use super::carrier::{Carrier, carried};
use super::world::{ANSWER, World, message};
use crate::error::HubError;
use crate::hub::incoming::Received;
use crate::outbox::OutboxCommand;

const PHONE: &str = "+4915112345678";

fn wamid(number: u32, text: &str) -> Incoming {
    Incoming {
        channel: Channel::Whatsapp,
        sender: vec![Identity::Phone(PHONE.to_owned())],
        name: "Ann".to_owned(),
        reply_to: PHONE.to_owned(),
        subject: String::new(),
        text: text.to_owned(),
        files: Vec::new(),
        raw: None,
        provided: Provided {
            id: format!("wamid.{number}"),
            at: Timestamp::from_millis(i64::MAX / 4),
            kind: "text".to_owned(),
            ..Provided::default()
        },
        asks: Asks::Answer,
        thread: Thread::Newest,
    }
}

impl World {
    fn organization(&self) -> OrganizationId {
        self.hub.credentials().default_organization().unwrap()
    }

    async fn take(&self, incoming: Incoming) -> Received {
        self.hub
            .receive_incoming(self.organization(), incoming.into())
            .await
            .unwrap()
    }

    async fn take_at_once(&self, all: impl Iterator<Item = Incoming>) -> Vec<Received> {
        let mut taken = JoinSet::new();
        for incoming in all {
            let (hub, organization) = (self.hub.clone(), self.organization());
            taken.spawn(async move { hub.receive_incoming(organization, incoming.into()).await.unwrap() });
        }
        taken.join_all().await
    }

    fn written(&self, conversation: &Conversation) -> Vec<Message> {
        let records = self.hub.services().records();
        let found = records.list_messages(self.organization(), conversation.id, 0, 100);
        found
            .unwrap()
            .iter()
            .map(|message| message.as_ref().clone())
            .collect()
    }

    fn status(&self, conversation: &Conversation, sequence: u64) -> DeliveryStatus {
        let place = usize::try_from(sequence - 1).unwrap();
        self.written(conversation)
            .get(place)
            .map_or(DeliveryStatus::Queued, |message| message.status)
    }

    async fn report(&self, named: Option<&str>, id: &str, status: DeliveryStatus) {
        let report = DeliveryReport {
            status,
            provider_id: Some(id.to_owned()),
            at: self.hub.services().now(),
            failure: "131026".to_owned(),
            billing: Billing::default(),
        };
        self.hub
            .receive_delivery_report(self.organization(), Channel::Whatsapp, named, report)
            .await
            .unwrap();
    }

    /// The organization writes into a conversation.
    async fn announce(&self, conversation: &Conversation, text: &str) -> u64 {
        let scope = Scope::hub(self.organization());
        let written = self.hub.write_message(&scope, conversation, message(text)).await;
        written.unwrap().message.sequence
    }

    /// An hour of lanes: the clock goes on, and the outbox looks again.
    pub(super) fn go_on(&self, time: Duration) {
        self.clock.advance(time);
        self.hub.links.outbox.notify(OutboxCommand::Sweep);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_on_whatsapp_is_answered_there_and_each_status_only_climbs() {
    let (world, carrier) = carried().await;
    let received = world.take(wamid(1, "Can I return it?")).await;
    let conversation = &received.conversation;
    world
        .until("the answer", || {
            world.status(conversation, 2) == DeliveryStatus::Sent && world.written(conversation).len() == 2
        })
        .await;
    let sent = carrier.sent();
    assert_eq!(
        (sent.len(), sent[0].text.as_str(), sent[0].to.as_str()),
        (1, ANSWER, PHONE)
    );
    let answer = world.written(conversation)[1].clone();
    assert_eq!(answer.provided.unwrap().id, "out.1");

    world
        .report(Some(&sent[0].reference), "out.1", DeliveryStatus::Read)
        .await;
    world.report(None, "out.1", DeliveryStatus::Delivered).await;
    world.report(None, "out.1", DeliveryStatus::Failed).await;
    assert_eq!(world.status(conversation, 2), DeliveryStatus::Read);
    assert_eq!(world.written(conversation)[1].failure, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_permutation_of_statuses_ends_the_same() {
    let (world, _carrier) = carried().await;
    let first = world.take(wamid(1, "Hello")).await;
    world.until_sent(&first.conversation, 2).await;
    let all = [
        DeliveryStatus::Sent,
        DeliveryStatus::Delivered,
        DeliveryStatus::Read,
    ];
    let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    for order in orders {
        let sequence = world.announce(&first.conversation, "News").await;
        world.until_sent(&first.conversation, sequence).await;
        let place = usize::try_from(sequence - 1).unwrap();
        let id = world.written(&first.conversation)[place]
            .provided
            .clone()
            .unwrap()
            .id;
        for which in order {
            world.report(None, &id, all[which]).await;
        }
        assert_eq!(
            world.status(&first.conversation, sequence),
            DeliveryStatus::Read,
            "{order:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_message_five_times_at_once_is_one_and_an_album_is_one_conversation() {
    let (world, _carrier) = carried().await;
    let copies = world.take_at_once((0..5).map(|_| wamid(7, "Hello"))).await;
    assert_eq!(copies.iter().filter(|copy| !copy.repeated).count(), 1);
    let pictures = (10..15).map(|number| Incoming {
        sender: vec![Identity::Phone("+49222".to_owned())],
        reply_to: "+49222".to_owned(),
        ..wamid(number, "Picture")
    });
    let album = world.take_at_once(pictures).await;
    let first = album[0].conversation.id;
    assert!(
        album
            .iter()
            .all(|one| one.conversation.id == first && !one.repeated)
    );
    let mut sequences: Vec<_> = album.iter().map(|one| one.sequence).collect();
    sequences.sort_unstable();
    assert_eq!(sequences.len(), 5);
    sequences.dedup();
    assert_eq!(sequences.len(), 5, "each has its own place");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_that_comes_before_the_answer_that_tells_the_id_waits_for_it() {
    let (world, carrier) = carried().await;
    let received = world.take(wamid(1, "Hello")).await;
    world.until_sent(&received.conversation, 2).await;
    carrier.wait_for(1);
    let sequence = world.announce(&received.conversation, "News").await;
    world.until("the call", || carrier.calls() == 2).await;
    world.report(None, "out.2", DeliveryStatus::Delivered).await;
    assert_eq!(
        world.status(&received.conversation, sequence),
        DeliveryStatus::Queued
    );
    carrier.go_on();
    world
        .until("the report", || {
            world.status(&received.conversation, sequence) == DeliveryStatus::Delivered
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_provider_refuses_has_failed_is_listed_and_can_be_sent_after_all() {
    let (world, carrier) = carried().await;
    let received = world.take(wamid(1, "Hello")).await;
    let conversation = &received.conversation;
    world.until_sent(conversation, 2).await;
    carrier.fail(
        1,
        SendError::Refused {
            reason: "131026: not on WhatsApp".to_owned(),
        },
    );
    let sequence = world.announce(conversation, "News").await;
    world
        .until("the failure", || {
            world.status(conversation, sequence) == DeliveryStatus::Failed
        })
        .await;

    let staff = world.agent(1);
    let failed = world.hub.list_failed_messages(&staff).unwrap();
    assert_eq!((failed.len(), failed[0].sequence), (1, sequence));
    assert_eq!(failed[0].failed.reason, "131026: not on WhatsApp");
    world.hub.send_again(&staff, &failed[0].reference).await.unwrap();
    world.until_sent(conversation, sequence).await;
    assert!(world.hub.list_failed_messages(&staff).unwrap().is_empty());
    let again = world.hub.send_again(&staff, &failed[0].reference).await;
    assert!(matches!(again, Err(HubError::NotFound(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_messages_of_a_conversation_leave_in_their_order_though_the_first_has_to_wait() {
    let (world, carrier) = carried().await;
    let received = world.take(wamid(1, "Hello")).await;
    let conversation = &received.conversation;
    world.until_sent(conversation, 2).await;
    carrier.fail(
        1,
        SendError::Later {
            reason: "busy".to_owned(),
            after: None,
        },
    );
    let first = world.announce(conversation, "First").await;
    world.until("the refusal", || carrier.calls() == 2).await;
    let second = world.announce(conversation, "Second").await;
    world
        .until("both", || {
            world.go_on(Duration::from_secs(5));
            world.status(conversation, second) == DeliveryStatus::Sent
        })
        .await;
    assert_eq!(world.status(conversation, first), DeliveryStatus::Sent);
    let texts: Vec<_> = carrier.sent().into_iter().map(|sent| sent.text).collect();
    assert_eq!(texts, [ANSWER, "First", "Second"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_between_sending_and_recording_nothing_is_sent_twice_and_a_report_settles_it() {
    let (world, carrier) = carried().await;
    let received = world.take(wamid(1, "Hello")).await;
    world.until_sent(&received.conversation, 2).await;
    carrier.wait_for(2);
    let told = world.announce(&received.conversation, "Told").await;
    let mut other = wamid(2, "Hello");
    (other.reply_to, other.sender) = ("+49333".to_owned(), vec![Identity::Phone("+49333".to_owned())]);
    other.asks = Asks::Nothing;
    let other = world.take(other).await;
    let untold = world.announce(&other.conversation, "Untold").await;
    world.until("the calls", || carrier.calls() == 3).await;

    let world = world.restarted().await;
    world
        .report(
            Some(&format!("{}.{told}", received.conversation.id)),
            "out.2",
            DeliveryStatus::Delivered,
        )
        .await;
    let behind = world.announce(&other.conversation, "Behind").await;
    world.until_sent(&other.conversation, behind).await;
    world
        .until("doubt", || {
            world.go_on(Duration::from_secs(60));
            world.status(&other.conversation, untold) == DeliveryStatus::Failed
        })
        .await;
    assert_eq!(
        carrier.calls(),
        4,
        "nothing was sent again, and neither doubt nor a lease of the dead holds anybody back"
    );
    assert_eq!(
        world.status(&received.conversation, told),
        DeliveryStatus::Delivered
    );
    let place = usize::try_from(untold - 1).unwrap();
    let failure = world.written(&other.conversation)[place].failure.clone();
    assert!(failure.starts_with("uncertain"), "{failure}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_put_forward_during_an_attempt_ends_no_attempt_but_a_dead_hubs() {
    let (world, carrier) = carried().await;
    let received = world.take(wamid(1, "Hello")).await;
    let conversation = &received.conversation;
    world.until_sent(conversation, 2).await;
    carrier.wait_for(1);
    let slow = world.announce(conversation, "Slow").await;
    world.until("the call", || carrier.calls() == 2).await;
    for number in 2..12 {
        world.go_on(10 * LEASE + REPORT);
        let mut other = wamid(number, "Hello");
        (other.reply_to, other.sender) = (
            format!("+4933{number}"),
            vec![Identity::Phone(format!("+4933{number}"))],
        );
        let other = world.take(other).await;
        // The lane was looked at, and whoever else is due is served.
        world.until_sent(&other.conversation, 2).await;
    }
    assert_eq!(world.status(conversation, slow), DeliveryStatus::Queued);
    carrier.go_on();
    world.until_sent(conversation, slow).await;
    let texts = carrier.sent().into_iter().map(|sent| sent.text);
    assert_eq!(texts.filter(|text| text == "Slow").count(), 1);
    assert_eq!(carrier.calls(), 12, "each was tried once");
}

#[tokio::test(flavor = "multi_thread")]
async fn free_text_is_refused_a_day_after_the_customer_wrote() {
    let (world, carrier) = carried().await;
    let mut old = wamid(1, "Hello");
    old.provided.at = Timestamp::from_millis(world.hub.services().now().as_millis() - 25 * 3_600_000);
    old.asks = Asks::Nothing;
    let received = world.take(old).await;
    let scope = Scope::hub(world.organization());
    let refused = world
        .hub
        .write_message(&scope, &received.conversation, message("News"))
        .await;
    assert!(matches!(refused, Err(HubError::Invalid { field: "text", .. })));
    assert_eq!(
        (world.written(&received.conversation).len(), carrier.calls()),
        (1, 0)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_voice_message_that_nothing_here_hears_goes_to_an_agent_with_the_recording() {
    let (world, carrier) = carried().await;
    let mut voice = wamid(1, "");
    voice.asks = Asks::File;
    voice.provided.kind = "audio".to_owned();
    voice.provided.file = Some(PendingFile {
        id: "media-1".to_owned(),
        media_type: "audio/ogg".to_owned(),
        sha256: String::new(),
        name: String::new(),
        is_voice: true,
    });
    let received = world.take(voice).await;
    world
        .until("the handover", || {
            let now = world
                .hub
                .services()
                .records()
                .find_conversation(world.organization(), received.conversation.id);
            now.unwrap().unwrap().record.status.needs_desk()
        })
        .await;
    let written = world.written(&received.conversation);
    assert_eq!(written[0].attachments[0].name, "audio.ogg");
    let kept = world
        .hub
        .services()
        .ports
        .blobs
        .get(written[0].attachments[0].blob)
        .await
        .unwrap();
    assert_eq!(kept.as_deref(), Some(Carrier::FILE));
    world
        .until("the handover text", || carrier.sent().len() == 1)
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_customer_leaves_neither_ids_nor_anything_owed_nor_files() {
    let (world, carrier) = carried().await;
    let mut odd = wamid(1, "Hello");
    odd.raw = Some(b"as it came".to_vec());
    let received = world.take(odd).await;
    let conversation = &received.conversation;
    world.until_sent(conversation, 2).await;
    carrier.fail(
        1,
        SendError::Refused {
            reason: "no".to_owned(),
        },
    );
    let sequence = world.announce(conversation, "News").await;
    world
        .until("the failure", || {
            world.status(conversation, sequence) == DeliveryStatus::Failed
        })
        .await;
    let raw = world.written(conversation)[0]
        .provided
        .clone()
        .unwrap()
        .raw
        .unwrap();
    let admin = Scope::hub(world.organization());
    world
        .hub
        .erase_customer(&admin, conversation.customer)
        .await
        .unwrap();
    let records = world.hub.services().records();
    let known = records.find_provided(world.organization(), Channel::Whatsapp, "wamid.1");
    assert_eq!(known.unwrap(), None);
    assert!(
        world
            .hub
            .list_failed_messages(&world.agent(1))
            .unwrap()
            .is_empty()
    );
    assert_eq!(world.hub.services().ports.blobs.get(raw).await.unwrap(), None);
    let again = world.take(wamid(1, "Hello again")).await;
    assert!(!again.repeated && again.conversation.id != conversation.id);
}
