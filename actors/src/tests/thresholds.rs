//! Thresholds of the budget: told when they are crossed, once each in a month, over restarts and failing stores.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use serde_json::Value;
use switchboard_domain::budget::Budget;
use switchboard_domain::cost::{Money, Service};
use switchboard_domain::customer::Channel;
use switchboard_domain::price::Usage;

use super::endpoints::{Endpoints, SHOP, world};
use super::world::World;

/// Longest a notice takes that does not wait for the outbox to look at all its lanes, which it does every ten seconds.
const AT_ONCE: Duration = Duration::from_secs(5);

impl World {
    async fn may_spend(&self, units: i64) {
        let budget = Budget {
            monthly_budget: Some(Money::from_millionths(units * 1_000_000)),
            ..Budget::default()
        };
        let organization = self.admin().organization;
        let budgets = &self.hub.services().budgets;
        budgets.put(organization, budget).await.unwrap();
    }

    /// So many thousandths of a unit are spent.
    async fn spends(&self, thousandths: u32) {
        let usage = Usage {
            input_tokens: thousandths,
            ..Usage::default()
        };
        let budgets = Arc::clone(&self.hub.services().budgets);
        let mut tab = budgets
            .open(self.admin().organization, Channel::Web, &[])
            .unwrap();
        tab.charge(Service::OpenaiGpt, usage);
        tab.close().await;
    }

    /// Waits until so many notices were taken, which must be soon.
    async fn hears_at_once(&self, endpoints: &Endpoints, count: usize) -> Vec<u64> {
        let since = Instant::now();
        self.until("the notices", || endpoints.taken(SHOP).len() >= count)
            .await;
        assert!(since.elapsed() < AT_ONCE, "they waited for the sweep");
        endpoints.thresholds()
    }
}

impl Endpoints {
    /// The thresholds that were told, lowest first.
    fn thresholds(&self) -> Vec<u64> {
        let all = self.bodies();
        let of = |body: &Value| body["data"]["threshold"].as_u64().unwrap();
        let mut told: Vec<_> = all.iter().map(of).collect();
        told.sort_unstable();
        told
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_threshold_is_told_when_it_is_crossed_and_once_in_a_month() {
    let (world, endpoints) = world().await;
    world.subscribe(SHOP, &["cost.threshold"]).await;
    world.may_spend(1).await;
    world.spends(499).await;
    world.spends(1).await;
    assert_eq!(world.hears_at_once(&endpoints, 1).await, [50]);
    let told = endpoints.data("cost.threshold");
    let month: String = world.hub.services().now().to_string().chars().take(7).collect();
    assert_eq!(
        told,
        serde_json::json!({"threshold": 50, "month": month, "monthlyBudget": 1.0, "monthSpend": 0.5})
    );
    let world = world.restarted().await;
    world.spends(100).await;
    world.spends(200).await;
    assert_eq!(world.hears_at_once(&endpoints, 2).await, [50, 80]);
    let world = world.restarted().await;
    world.spends(199).await;
    world.spends(1).await;
    assert_eq!(world.hears_at_once(&endpoints, 3).await, [50, 80, 100]);
    world.clock.advance(Duration::from_secs(32 * 86_400));
    world.spends(500).await;
    assert_eq!(
        world.hears_at_once(&endpoints, 4).await,
        [50, 50, 80, 100],
        "the month is another one"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_smaller_budget_tells_at_once_what_is_reached_of_it() {
    let (world, endpoints) = world().await;
    world.subscribe(SHOP, &["cost.threshold"]).await;
    world.may_spend(10).await;
    world.spends(900).await;
    world.may_spend(1).await;
    assert_eq!(world.hears_at_once(&endpoints, 2).await, [50, 80]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_threshold_whose_booking_failed_is_told_with_the_next_charge() {
    let (world, endpoints) = world().await;
    world.subscribe(SHOP, &["cost.threshold"]).await;
    world.may_spend(1).await;
    world.engine.full.store(true, Ordering::SeqCst);
    world.spends(600).await;
    world.engine.full.store(false, Ordering::SeqCst);
    world.spends(1).await;
    assert_eq!(world.hears_at_once(&endpoints, 1).await, [50]);
    world.spends(1).await;
    world.spends(300).await;
    assert_eq!(world.hears_at_once(&endpoints, 2).await, [50, 80]);
}
