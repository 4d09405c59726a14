//! Money: every paid call goes through a [`Tab`], which reserves before it and books after it.
//!
//! Callers: the assistant's turns, recordings, the index of the knowledge, channels that pay per message. The ledger in
//! memory decides, behind a lock, so that calls at once never spend more than there is; the store's counters are what it
//! is rebuilt from. Whoever crosses a threshold owes its notice in the commit of the charge that crosses it, and sends it
//! right behind that commit. A crash between a call and its booking loses the booking of that call (at most those under way),
//! never one that was booked; reservations are in memory alone and end with the process. What a message of a channel costs
//! is booked in the commit that notes that its provider has it (`Tab::close_into`), and so not even a crash loses it.

use std::sync::Arc;

use dashmap::DashMap;
use parking_lot::Mutex;
use serde::Serialize;
use switchboard_domain::budget::{Budget, Credits, Ledger};
use switchboard_domain::cost::{Money, Service};
use switchboard_domain::customer::Channel;
use switchboard_domain::id::OrganizationId;
use switchboard_domain::outbox::Lane;
use switchboard_domain::ports::clock::Clock;
use switchboard_domain::ports::engine::{Batch, StoreError};
use switchboard_domain::price::{PriceTable, Usage};
use switchboard_domain::time::Timestamp;
use switchboard_domain::webhook::WebhookEvent;
use tokio::task::JoinHandle;

use crate::error::HubError;
use crate::records::Records;
use crate::records::budgets::{self, Charge, CostAlert};
use crate::subscriptions::{Cause, Subscriptions};

/// The books of all organizations.
#[derive(Debug)]
pub struct Budgets {
    records: Records,
    clock: Arc<dyn Clock>,
    prices: PriceTable,
    told: Arc<Subscriptions>,
    ledgers: DashMap<OrganizationId, Arc<Mutex<Ledger>>>,
}

impl Budgets {
    /// Over these records and prices; thresholds that are reached are told to these subscriptions.
    pub(crate) fn new(
        records: Records,
        clock: Arc<dyn Clock>,
        prices: PriceTable,
        told: Arc<Subscriptions>,
    ) -> Self {
        Self {
            records,
            clock,
            prices,
            told,
            ledgers: DashMap::new(),
        }
    }

    /// What things cost.
    pub const fn prices(&self) -> &PriceTable {
        &self.prices
    }

    /// How an organization stands.
    pub fn credits(&self, organization: OrganizationId) -> Result<Credits, StoreError> {
        let ledger = self.ledger(organization)?;
        let ledger = ledger.lock();
        Ok(ledger.credits(self.clock.now().month()))
    }

    /// Other limits, from now on and for good; what is spent may have reached thresholds of them.
    pub async fn put(&self, organization: OrganizationId, budget: Budget) -> Result<(), StoreError> {
        let ledger = self.ledger(organization)?;
        let mut batch = Batch::new();
        budgets::put_budget(&mut batch, organization, &budget)?;
        self.records.commit(batch).await?;
        let now = self.clock.now();
        let alerts = {
            let mut ledger = ledger.lock();
            let reached = ledger.set_budget(budget, now.month());
            alerts(reached, &ledger.credits(now.month()), now)
        };
        let charges = Vec::new();
        self.book(Booking {
            organization,
            charges,
            alerts,
        })
        .await;
        Ok(())
    }

    /// Opens a tab for calls that may use so much, for a message of this channel.
    ///
    /// # Errors
    /// [`HubError::BudgetUsedUp`] when there is not enough money for all of it.
    pub fn open(
        self: &Arc<Self>,
        organization: OrganizationId,
        channel: Channel,
        bounds: &[(Service, Usage)],
    ) -> Result<Tab, HubError> {
        let ledger = self.ledger(organization)?;
        let reserved = bounds
            .iter()
            .map(|(service, usage)| self.prices.charge(*service, *usage))
            .sum();
        let now = self.clock.now();
        let (granted, ran_dry) = {
            let mut ledger = ledger.lock();
            let granted = ledger.reserve(reserved, now.month());
            (granted, ledger.ran_dry().map(|_| ledger.credits(now.month())))
        };
        if granted.is_err() {
            if let Some(credits) = ran_dry {
                self.tell(organization, vec![alert(100, &credits, now)]);
            }
            return Err(HubError::BudgetUsedUp);
        }
        Ok(Tab {
            budgets: Arc::clone(self),
            organization,
            channel,
            ledger,
            reserved,
            charges: Vec::new(),
            is_open: true,
        })
    }

    /// A tab for what is spent already, whether there is money for it or not.
    pub(crate) fn open_late(
        self: &Arc<Self>,
        organization: OrganizationId,
        channel: Channel,
    ) -> Result<Tab, StoreError> {
        Ok(Tab {
            budgets: Arc::clone(self),
            organization,
            channel,
            ledger: self.ledger(organization)?,
            reserved: Money::ZERO,
            charges: Vec::new(),
            is_open: true,
        })
    }

    fn ledger(&self, organization: OrganizationId) -> Result<Arc<Mutex<Ledger>>, StoreError> {
        if let Some(known) = self.ledgers.get(&organization) {
            return Ok(Arc::clone(&known));
        }
        let month = self.clock.now().month();
        let budget = self.records.find_budget(organization)?;
        let (used, month_spend) = self.records.spent(organization, month)?;
        let told = self.records.list_cost_alerts(organization, month)?;
        let told = told.iter().map(|alert| alert.threshold).collect();
        let read = Ledger::new(budget, used, month, month_spend, told);
        let entry = self.ledgers.entry(organization);
        Ok(Arc::clone(&entry.or_insert_with(|| Arc::new(Mutex::new(read)))))
    }
}

/// What a run of paid calls has cost so far. Closed or dropped, it is booked.
#[derive(Debug)]
pub struct Tab {
    budgets: Arc<Budgets>,
    organization: OrganizationId,
    channel: Channel,
    ledger: Arc<Mutex<Ledger>>,
    reserved: Money,
    charges: Vec<Charge>,
    is_open: bool,
}

impl Tab {
    /// A call has used this.
    pub fn charge(&mut self, service: Service, usage: Usage) {
        let amount = self.budgets.prices.charge(service, usage);
        if amount != Money::ZERO {
            self.charges.push(Charge {
                service,
                amount,
                channel: self.channel,
            });
        }
    }

    /// The sum so far.
    pub fn total(&self) -> Money {
        self.charges.iter().map(|charge| charge.amount).sum()
    }

    /// Books it; durable when this returns, and being made so when the caller gives up waiting.
    pub async fn close(mut self) -> Money {
        let total = self.total();
        if let Some(booking) = self.settle()
            && booking.await.is_err()
        {
            tracing::error!(organization = %self.organization, "a booking was given up");
        }
        total
    }

    /// Books it in a commit of the caller's, who says afterwards whether that was made.
    pub(crate) fn close_into(mut self, batch: &mut Batch) -> Result<Booked, StoreError> {
        let budgets = Arc::clone(&self.budgets);
        let organization = self.organization;
        let booking = self.settle_ledger().unwrap_or(Booking {
            organization,
            charges: Vec::new(),
            alerts: Vec::new(),
        });
        match budgets.write(batch, &booking) {
            Ok(owed) => Ok(Booked {
                budgets,
                booking,
                owed,
            }),
            Err(error) => {
                budgets.take_back(&booking);
                Err(error)
            }
        }
    }

    /// The ledger at once, the store in a task of its own, which nobody's time-out ends.
    fn settle(&mut self) -> Option<JoinHandle<()>> {
        let booking = self.settle_ledger()?;
        self.budgets.spawn(booking)
    }

    /// What is to be booked in the store, if anything is.
    fn settle_ledger(&mut self) -> Option<Booking> {
        if !std::mem::take(&mut self.is_open) {
            return None;
        }
        let now = self.budgets.clock.now();
        let (reached, credits) = {
            let mut ledger = self.ledger.lock();
            let reached = ledger.settle(self.reserved, self.total(), now.month());
            (reached, ledger.credits(now.month()))
        };
        if self.charges.is_empty() {
            return None;
        }
        Some(Booking {
            organization: self.organization,
            charges: std::mem::take(&mut self.charges),
            alerts: alerts(reached, &credits, now),
        })
    }
}

/// What is booked in a commit that is still to be made.
#[derive(Debug)]
pub(crate) struct Booked {
    budgets: Arc<Budgets>,
    booking: Booking,
    owed: Vec<Lane>,
}

impl Booked {
    /// The sum.
    pub(crate) fn total(&self) -> Money {
        self.booking.total()
    }

    /// Whether the commit was made: thresholds are told, or the ledger takes everything back.
    pub(crate) fn conclude(self, is_made: bool) {
        if is_made {
            self.budgets.announce(&self.booking, self.owed);
        } else {
            self.budgets.take_back(&self.booking);
        }
    }
}

impl Drop for Tab {
    fn drop(&mut self) {
        drop(self.settle());
    }
}

/// What `cost.threshold` tells.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BudgetReached {
    threshold: u8,
    month: String,
    monthly_budget: f64,
    month_spend: f64,
}

#[derive(Debug)]
struct Booking {
    organization: OrganizationId,
    charges: Vec<Charge>,
    alerts: Vec<CostAlert>,
}

impl Booking {
    fn total(&self) -> Money {
        self.charges.iter().map(|charge| charge.amount).sum()
    }

    fn thresholds(&self) -> Vec<u8> {
        self.alerts.iter().map(|alert| alert.threshold).collect()
    }
}

fn alerts(reached: Vec<u8>, credits: &Credits, now: Timestamp) -> Vec<CostAlert> {
    let reached = reached.into_iter();
    reached.map(|threshold| alert(threshold, credits, now)).collect()
}

fn alert(threshold: u8, credits: &Credits, now: Timestamp) -> CostAlert {
    CostAlert {
        month: now.month().0,
        threshold,
        monthly_budget: credits.monthly_budget.unwrap_or_default(),
        month_spend: credits.month_spend,
        at: now,
    }
}

impl Budgets {
    fn tell(self: &Arc<Self>, organization: OrganizationId, alerts: Vec<CostAlert>) {
        let charges = Vec::new();
        drop(self.spawn(Booking {
            organization,
            charges,
            alerts,
        }));
    }

    fn spawn(self: &Arc<Self>, booking: Booking) -> Option<JoinHandle<()>> {
        let budgets = Arc::clone(self);
        let runtime = tokio::runtime::Handle::try_current().ok()?;
        Some(runtime.spawn(async move { budgets.book(booking).await }))
    }

    async fn book(&self, booking: Booking) {
        if let Err(error) = self.try_book(&booking).await {
            let organization = booking.organization;
            tracing::error!(%organization, %error, "a paid call could not be booked");
            if let Some(ledger) = self.ledgers.get(&organization) {
                ledger.lock().untell(&booking.thresholds());
            }
        }
    }

    fn take_back(&self, booking: &Booking) {
        if let Some(ledger) = self.ledgers.get(&booking.organization) {
            ledger.lock().unsettle(booking.total(), &booking.thresholds());
        }
    }

    fn owe_notice(
        &self,
        batch: &mut Batch,
        organization: OrganizationId,
        alert: &CostAlert,
    ) -> Result<Vec<Lane>, StoreError> {
        let cause = Cause {
            organization,
            event: WebhookEvent::CostThreshold,
            at: alert.at,
            customer: None,
        };
        let data = || BudgetReached {
            threshold: alert.threshold,
            month: alert.at.to_string().chars().take(7).collect(),
            monthly_budget: alert.monthly_budget.as_units(),
            month_spend: alert.month_spend.as_units(),
        };
        self.told.owe(batch, cause, data)
    }

    async fn try_book(&self, booking: &Booking) -> Result<(), StoreError> {
        let mut batch = Batch::new();
        let owed = self.write(&mut batch, booking)?;
        if batch.is_empty() {
            return Ok(());
        }
        self.records.commit(batch).await?;
        self.announce(booking, owed);
        Ok(())
    }

    /// Writes a booking into a batch; the lanes in which its thresholds' notices are owed.
    fn write(&self, batch: &mut Batch, booking: &Booking) -> Result<Vec<Lane>, StoreError> {
        let (organization, mut owed) = (booking.organization, Vec::new());
        budgets::book(batch, organization, self.clock.now(), &booking.charges);
        for alert in &booking.alerts {
            budgets::put_alert(batch, organization, alert)?;
            owed.extend(self.owe_notice(batch, organization, alert)?);
        }
        Ok(owed)
    }

    /// Tells of the thresholds that a booking on disk has reached.
    fn announce(&self, booking: &Booking, owed: Vec<Lane>) {
        self.told.announce(owed);
        let organization = booking.organization;
        for CostAlert {
            threshold,
            month_spend,
            monthly_budget,
            ..
        } in &booking.alerts
        {
            tracing::warn!(%organization, threshold, %month_spend, %monthly_budget, "cost.threshold");
        }
    }
}
