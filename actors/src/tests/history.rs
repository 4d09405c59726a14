//! What is kept of hours gone by is what the store holds of them.

use switchboard_domain::counter::{Tally, Writer};
use switchboard_domain::customer::Channel;
use switchboard_domain::id::OrganizationId;
use switchboard_domain::ports::engine::Batch;
use switchboard_domain::time::Timestamp;

use super::world::World;
use crate::records::counters::count;

#[tokio::test(flavor = "multi_thread")]
async fn reports_of_any_span_in_any_order_tell_every_hour_once() {
    let world = World::up().await;
    let services = world.hub.services();
    let organization = OrganizationId::from_bytes([7; 16]);
    let now = services.now().hour();
    let mut batch = Batch::new();
    for hour in (now - 100..=now).step_by(3) {
        let at = Timestamp::from_hour(hour);
        for channel in [Channel::Web, Channel::Email] {
            count(
                &mut batch,
                organization,
                channel,
                at,
                Tally::Message(Writer::Agent),
            );
        }
    }
    services.records().commit(batch).await.expect("stored");
    let spans = [
        (50, 40),
        (45, 30),
        (60, 45),
        (20, 10),
        (52, 12),
        (100, 90),
        (101, -1),
        (30, -1),
        (3, -1),
        (0, -1),
        (101, -24),
    ];
    for (from, until) in spans {
        let (from, until) = (now - from, now - until);
        let expected = services
            .records()
            .list_counts(organization, from, until)
            .expect("read");
        assert_eq!(
            services.counts(organization, from, until).expect("read"),
            expected,
            "{from}..{until}"
        );
    }
    assert_eq!(services.counts(organization, now + 2, now + 9).expect("read"), []);
    assert_eq!(services.counts(organization, now - 5, now - 5).expect("read"), []);
}
