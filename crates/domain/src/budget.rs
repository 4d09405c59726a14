//! What an organization may spend, and the ledger that keeps it from spending more. Pure: no store, no clock.
//!
//! Caller: the core's budgets, one ledger for each organization behind a lock. A paid call reserves an upper bound before
//! it begins and settles what it has used after it; so any number of calls at once never spend more than there is.

use serde::{Deserialize, Serialize};

use crate::cost::Money;
use crate::time::Month;

/// What an organization may spend; without a limit it pays as it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Budget {
    /// Over all time.
    pub total_credits: Option<Money>,
    /// In one calendar month (UTC).
    pub monthly_budget: Option<Money>,
}

/// How an organization stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Credits {
    /// What it may spend over all time; none: as much as it likes.
    pub total_credits: Option<Money>,
    /// Spent over all time.
    pub used_credits: Money,
    /// What is left of the credits, never below zero.
    pub available: Option<Money>,
    /// What it may spend in a month.
    pub monthly_budget: Option<Money>,
    /// Spent this month.
    pub month_spend: Money,
    /// Of the monthly budget, without one of the credits; none without either.
    pub percent_used: Option<f64>,
    /// Nothing more is paid for until there is money again.
    pub is_paused: bool,
}

/// Percentages at which the organization is told, once each in a month.
pub const THRESHOLDS: [u8; 3] = [50, 80, 100];

/// There is not enough money left for this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the budget is used up")]
pub struct UsedUp;

/// The books of one organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ledger {
    budget: Budget,
    used: Money,
    month: Month,
    month_spend: Money,
    reserved: Money,
    /// A call could not be paid though no other was under way: there is money left, but for nothing.
    is_dry: bool,
    told: Vec<u8>,
}

impl Ledger {
    /// The books as they stand in the store: `told` are the thresholds already told in `month`.
    pub const fn new(budget: Budget, used: Money, month: Month, month_spend: Money, told: Vec<u8>) -> Self {
        Self {
            budget,
            used,
            month,
            month_spend,
            reserved: Money::ZERO,
            is_dry: false,
            told,
        }
    }

    /// Other limits, from now on; answers the thresholds of theirs that were reached before.
    pub fn set_budget(&mut self, budget: Budget, month: Month) -> Vec<u8> {
        self.turn_to(month);
        self.budget = budget;
        self.is_dry = false;
        self.reached()
    }

    /// The limits.
    pub const fn budget(&self) -> Budget {
        self.budget
    }

    /// Puts `amount` aside for a call that may cost so much.
    pub fn reserve(&mut self, amount: Money, month: Month) -> Result<(), UsedUp> {
        self.turn_to(month);
        let wanted = self.reserved + amount;
        let fits = |limit: Option<Money>, spent: Money| {
            limit.is_none_or(|limit| limit > spent && spent + wanted <= limit)
        };
        if fits(self.budget.total_credits, self.used) && fits(self.budget.monthly_budget, self.month_spend) {
            self.reserved = wanted;
            return Ok(());
        }
        self.is_dry |= self.reserved == Money::ZERO;
        Err(UsedUp)
    }

    /// The last threshold, if a call could not be paid though the budget is not spent to the end; it counts as told now.
    pub fn ran_dry(&mut self) -> Option<u8> {
        let is_news = self.is_dry && self.budget.monthly_budget.is_some() && !self.told.contains(&100);
        is_news.then(|| {
            self.told.push(100);
            100
        })
    }

    /// Books what a call has cost in place of what was reserved for it; answers the thresholds this has reached.
    pub fn settle(&mut self, reserved: Money, actual: Money, month: Month) -> Vec<u8> {
        self.turn_to(month);
        self.release(reserved);
        self.used += actual;
        self.month_spend += actual;
        self.reached()
    }

    /// Gives back what was reserved for a call that cost nothing.
    pub fn release(&mut self, reserved: Money) {
        self.reserved = (self.reserved - reserved).max(Money::ZERO);
    }

    /// How the organization stands in `month`.
    pub fn credits(&self, month: Month) -> Credits {
        let (month_spend, is_dry) = if month == self.month {
            (self.month_spend, self.is_dry)
        } else {
            (Money::ZERO, false)
        };
        let Budget {
            total_credits,
            monthly_budget,
        } = self.budget;
        let spent_up = |limit: Option<Money>, spent: Money| limit.is_some_and(|limit| spent >= limit);
        let percent = |limit: Money, spent: Money| {
            if limit == Money::ZERO {
                100.0
            } else {
                spent.percent_of(limit)
            }
        };
        Credits {
            total_credits,
            used_credits: self.used,
            available: total_credits.map(|total| (total - self.used).max(Money::ZERO)),
            monthly_budget,
            month_spend,
            percent_used: monthly_budget
                .map(|limit| percent(limit, month_spend))
                .or_else(|| total_credits.map(|limit| percent(limit, self.used))),
            is_paused: is_dry || spent_up(total_credits, self.used) || spent_up(monthly_budget, month_spend),
        }
    }

    /// The thresholds of the monthly budget that have been reached and not told yet; they count as told now.
    fn reached(&mut self) -> Vec<u8> {
        let Some(limit) = self.budget.monthly_budget else {
            return Vec::new();
        };
        let percent = self.month_spend.percent_of(limit);
        let new: Vec<u8> = THRESHOLDS
            .into_iter()
            .filter(|threshold| percent >= f64::from(*threshold) && !self.told.contains(threshold))
            .collect();
        self.told.extend(&new);
        new
    }

    /// Takes back a charge that could not be booked, with the thresholds it had reached.
    pub fn unsettle(&mut self, actual: Money, thresholds: &[u8]) {
        self.used = self.used - actual;
        self.month_spend = (self.month_spend - actual).max(Money::ZERO);
        self.untell(thresholds);
    }

    /// These could not be told after all: the next charge tells them.
    pub fn untell(&mut self, thresholds: &[u8]) {
        self.told.retain(|told| !thresholds.contains(told));
    }

    fn turn_to(&mut self, month: Month) {
        if month != self.month {
            self.month = month;
            self.month_spend = Money::ZERO;
            self.is_dry = false;
            self.told.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAY: Month = Month(24_316);
    const JUNE: Month = Month(24_317);

    fn money(units: i64) -> Money {
        Money::from_millionths(units * 1_000_000)
    }

    fn ledger(total: Option<i64>, monthly: Option<i64>) -> Ledger {
        let budget = Budget {
            total_credits: total.map(money),
            monthly_budget: monthly.map(money),
        };
        Ledger::new(budget, Money::ZERO, MAY, Money::ZERO, Vec::new())
    }

    #[test]
    fn a_hundred_calls_at_once_with_money_for_one_pay_for_one() {
        let mut ledger = ledger(None, Some(10));
        let granted = (0..100)
            .filter(|_| ledger.reserve(money(10), MAY).is_ok())
            .count();
        assert_eq!(granted, 1);
        assert!(
            !ledger.credits(MAY).is_paused,
            "one is under way, it may cost less"
        );
        ledger.settle(money(10), money(4), MAY);
        assert!(
            ledger.reserve(money(6), MAY).is_ok(),
            "what was not used is free again"
        );
    }

    #[test]
    fn without_limits_everything_is_paid_and_counted() {
        let mut ledger = ledger(None, None);
        ledger.reserve(money(1_000), MAY).unwrap();
        assert!(ledger.settle(money(1_000), money(7), MAY).is_empty());
        let credits = ledger.credits(MAY);
        assert_eq!((credits.used_credits, credits.month_spend), (money(7), money(7)));
        assert_eq!(
            (credits.available, credits.percent_used, credits.is_paused),
            (None, None, false)
        );
    }

    #[test]
    fn each_threshold_is_told_once_a_month() {
        let mut ledger = ledger(None, Some(100));
        assert_eq!(ledger.settle(money(0), money(49), MAY), []);
        assert_eq!(ledger.settle(money(0), money(40), MAY), [50, 80]);
        assert_eq!(ledger.settle(money(0), money(1), MAY), []);
        assert_eq!(ledger.settle(money(0), money(10), MAY), [100]);
        assert!(ledger.credits(MAY).is_paused);
        assert_eq!(ledger.settle(money(0), money(60), JUNE), [50]);
        assert_eq!(ledger.credits(JUNE).used_credits, money(160));
    }

    #[test]
    fn a_smaller_budget_tells_what_it_finds_reached_and_a_larger_one_tells_nothing_again() {
        let mut ledger = ledger(None, Some(100));
        assert_eq!(ledger.settle(money(0), money(40), MAY), []);
        let monthly = |units| Budget {
            monthly_budget: Some(money(units)),
            ..Budget::default()
        };
        assert_eq!(ledger.set_budget(monthly(50), MAY), [50, 80]);
        assert_eq!(ledger.set_budget(monthly(1_000), MAY), []);
        assert_eq!(ledger.settle(money(0), money(500), MAY), []);
        assert_eq!(ledger.set_budget(monthly(50), JUNE), [], "another month");
    }

    #[test]
    fn a_rest_that_pays_for_nothing_pauses_until_there_is_money_again() {
        let mut ledger = ledger(Some(10), None);
        ledger.settle(money(0), money(9), MAY);
        assert!(!ledger.credits(MAY).is_paused);
        assert_eq!(ledger.reserve(money(2), MAY), Err(UsedUp));
        assert!(ledger.credits(MAY).is_paused);
        assert_eq!(ledger.ran_dry(), None, "there is no monthly budget to tell of");
        let more = Budget {
            total_credits: Some(money(20)),
            monthly_budget: None,
        };
        ledger.set_budget(more, MAY);
        assert!(!ledger.credits(MAY).is_paused && ledger.reserve(money(2), MAY).is_ok());
    }

    #[test]
    fn a_month_that_runs_dry_before_its_end_is_told_as_used_up_once() {
        let mut ledger = ledger(None, Some(10));
        ledger.settle(money(0), money(9), MAY);
        assert_eq!(ledger.ran_dry(), None);
        assert_eq!(ledger.reserve(money(2), MAY), Err(UsedUp));
        assert_eq!((ledger.ran_dry(), ledger.ran_dry()), (Some(100), None));
        assert_eq!(ledger.settle(money(0), money(1), MAY), []);
    }

    #[test]
    fn a_budget_of_nothing_pays_for_nothing_not_even_what_is_free() {
        let mut ledger = ledger(None, Some(0));
        assert_eq!(ledger.reserve(Money::ZERO, MAY), Err(UsedUp));
        let credits = ledger.credits(MAY);
        assert!(credits.is_paused);
        assert_eq!(credits.percent_used, Some(100.0));
    }
}
