//! A start without a channel's configuration: what waits for it waits on, for a day.

use std::sync::Arc;
use std::time::Duration;

use switchboard_domain::conversation::Conversation;
use switchboard_domain::incoming::Asks;
use switchboard_domain::message::{DeliveryStatus, PendingFile};
use switchboard_domain::outbox::PATIENCE;
use switchboard_domain::scope::Scope;

use super::wamid;
use crate::channel::ChannelPorts;
use crate::hub::health::ChannelState;
use crate::tests::carrier::{Carrier, carried};
use crate::tests::world::World;

const HOUR: Duration = Duration::from_secs(60 * 60);
const ALMOST_A_DAY: Duration = Duration::from_secs(23 * 60 * 60);

/// A conversation on WhatsApp, in a hub that has lost WhatsApp's configuration; that configuration and its provider.
async fn closed() -> (World, ChannelPorts, Arc<Carrier>, Arc<Conversation>) {
    let (world, carrier) = carried().await;
    let received = world.take(wamid(1, "Hello")).await;
    world.until_sent(&received.conversation, 2).await;
    let (world, configured) = world.restarted_with(ChannelPorts::default()).await;
    (world, configured, carrier, received.conversation)
}

impl World {
    async fn until_waiting(&self, waiting: usize) {
        let is_so = || self.hub.figures().whatsapp == ChannelState::Off { waiting };
        self.until("so many to wait", is_so).await;
    }

    fn scope(&self) -> Scope {
        Scope::hub(self.organization())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_for_a_channel_without_configuration_goes_out_when_it_is_configured_again() {
    let (world, configured, carrier, conversation) = closed().await;
    let first = world.announce(&conversation, "First").await;
    world.until_waiting(1).await;
    world.go_on(ALMOST_A_DAY);
    let second = world.announce(&conversation, "Second").await;
    world.until_waiting(2).await;
    let waiting = world.hub.list_waiting_messages(&world.scope()).unwrap();
    let told: Vec<_> = waiting
        .iter()
        .map(|told| (told.sequence, told.is_open, told.errand.attempts))
        .collect();
    assert_eq!(told, [(first, false, 0), (second, false, 0)]);
    let (world, _) = world.restarted_with(configured).await;
    // The clock begins anew with the core.
    world.go_on(ALMOST_A_DAY);
    world.until_sent(&conversation, second).await;
    let texts: Vec<_> = carrier.sent().into_iter().skip(1).map(|sent| sent.text).collect();
    assert_eq!(texts, ["First", "Second"]);
    assert!(
        world
            .hub
            .list_waiting_messages(&world.scope())
            .unwrap()
            .is_empty()
    );
    assert!(!matches!(world.hub.figures().whatsapp, ChannelState::Off { .. }));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_waited_for_a_day_has_failed_with_the_reason() {
    let (world, configured, carrier, conversation) = closed().await;
    let told = world.announce(&conversation, "Told").await;
    world.until_waiting(1).await;
    world.go_on(PATIENCE + HOUR);
    world
        .until("it to fail", || {
            world.status(&conversation, told) == DeliveryStatus::Failed
        })
        .await;
    let failed = world.hub.list_failed_messages(&world.scope()).unwrap();
    assert_eq!(failed.len(), 1);
    assert!(
        failed[0].failed.reason.contains("whatsapp is not configured"),
        "{failed:?}"
    );
    world.go_on(HOUR);
    world.until_waiting(0).await;
    let (world, _) = world.restarted_with(configured).await;
    world
        .hub
        .send_again(&world.scope(), &failed[0].reference)
        .await
        .unwrap();
    world.until_sent(&conversation, told).await;
    assert_eq!(carrier.sent().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_waits_for_its_channel_too() {
    let (world, configured, _, conversation) = closed().await;
    let mut file = wamid(2, "");
    file.provided.file = Some(PendingFile {
        id: "1".to_owned(),
        media_type: "application/pdf".to_owned(),
        sha256: String::new(),
        name: String::new(),
        is_voice: false,
    });
    file.asks = Asks::File;
    let received = world.take(file).await;
    assert_eq!(received.conversation.id, conversation.id);
    world.go_on(ALMOST_A_DAY);
    world.announce(&conversation, "Told").await;
    world.until_waiting(1).await;
    let (world, _) = world.restarted_with(configured).await;
    let place = usize::try_from(received.sequence - 1).unwrap();
    world
        .until("the file", || {
            !world.written(&conversation)[place].attachments.is_empty()
        })
        .await;
}
