//! What a message costs in the store: keys and bytes of its commit, by how many are told of it.

use bytes::Bytes;
use switchboard_domain::ports::engine::{Batch, Change};

use super::endpoints::{Endpoints, world};
use super::world::World;
use crate::hub::conversations::GuestConversation;
use crate::records::keys::Kind;

/// Rows of a notice: itself, its count, its customer's row, its errand and when that is due.
const ROWS: usize = 5;

/// What a commit writes.
#[derive(Debug, PartialEq, Eq)]
struct Cost {
    keys: usize,
    bytes: usize,
    /// Keys of notices and what is owed of them.
    notices: usize,
}

impl Cost {
    fn of(batch: &Batch) -> Self {
        let kinds = [
            Kind::Errand,
            Kind::ErrandDue,
            Kind::WebhookDelivery,
            Kind::DeliveryOfCustomer,
            Kind::DeliveryEnd,
            Kind::DeliveryCount,
        ];
        let is_notice = |key: &Bytes| kinds.iter().any(|kind| key[0] == *kind as u8);
        let bytes = |change: &Change| match change {
            Change::Put { key, value } | Change::Insert { key, value } => key.len() + value.len(),
            other => other.key().len(),
        };
        Self {
            keys: batch.changes.len(),
            bytes: batch.changes.iter().map(bytes).sum(),
            notices: batch
                .changes
                .iter()
                .filter(|change| is_notice(change.key()))
                .count(),
        }
    }
}

impl World {
    /// The commit of a message with this text.
    async fn cost_of(&self, guest: &GuestConversation, text: &str) -> Cost {
        *self.engine.watched.lock() = Some(Vec::new());
        self.say(guest, text).await;
        let watched = self.engine.watched.lock().take().unwrap();
        let holds = |batch: &&Batch| {
            batch.changes.iter().any(|change| match change {
                Change::Put { value, .. } | Change::Insert { value, .. } => {
                    value.windows(text.len()).any(|part| part == text.as_bytes())
                }
                _ => false,
            })
        };
        let cost = Cost::of(watched.iter().find(holds).unwrap());
        self.until_answered(guest).await;
        cost
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_costs_rows_for_notices_only_where_somebody_is_told() {
    let (world, _): (_, std::sync::Arc<Endpoints>) = world().await;
    let guest = world.guest().await;
    world.say(&guest, "Hello").await;
    world.until_answered(&guest).await;
    let nobody = world.cost_of(&guest, "Returns? Told to nobody").await;
    assert_eq!(nobody.notices, 0, "{nobody:?}");
    world.subscribe("https://0.example/", &["cost.threshold"]).await;
    let of_other_things = world.cost_of(&guest, "Returns? Told to nobody").await;
    assert_eq!(of_other_things.notices, 0, "{of_other_things:?}");
    let mut subscribed = 0;
    for wanted in [1, 10] {
        while subscribed < wanted {
            subscribed += 1;
            let url = format!("https://{subscribed}.example/");
            world.subscribe(&url, &["message.received"]).await;
        }
        // Named, for the notice of the one before may still be under way, with its words in it.
        let text = format!("Returns? Told to {wanted}");
        let cost = world.cost_of(&guest, &text).await;
        println!("{wanted} subscribers: {cost:?}, without any: {nobody:?}");
        assert_eq!(cost.notices, wanted * ROWS);
        assert_eq!(cost.keys, nobody.keys + wanted * ROWS);
        assert!(cost.bytes < nobody.bytes + wanted * 2_000, "{cost:?}");
    }
}
