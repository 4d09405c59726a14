//! What counters add up to, as every report of every family defines it.
//!
//! Invariant: nothing is made up. An average of nothing is `None`, a share of nothing is 0.

use std::collections::BTreeMap;

use crate::analysis::Intent;
use crate::cost::{Money, Service};
use crate::counter::Metric;

/// Sums of counters over some hours and channels.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figures(BTreeMap<u8, i64>);

/// What customers wanted, and how often it was settled without an agent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct IntentFigures {
    /// The intent.
    pub intent: Intent,
    /// Messages of it.
    pub count: u64,
    /// Its share of all messages with an intent, percent.
    pub percentage: f64,
    /// Of the conversations closed with it, the share closed without any handover, 0.0 to 1.0.
    pub ai_resolved_rate: f64,
}

impl Figures {
    /// Adds `value` to the metric of this code.
    pub fn add(&mut self, code: u8, value: i64) {
        *self.0.entry(code).or_default() += value;
    }

    /// Adds every sum of `other`.
    pub fn add_all(&mut self, other: &Self) {
        for (code, value) in &other.0 {
            self.add(*code, *value);
        }
    }

    /// One sum; never below zero, for amounts are withdrawn in later hours than they were counted in.
    pub fn get(&self, metric: Metric) -> u64 {
        let sum = self.0.get(&metric.code()).copied().unwrap_or(0);
        u64::try_from(sum).unwrap_or(0)
    }

    /// Messages by anybody.
    pub fn messages(&self) -> u64 {
        self.get(Metric::CustomerMessages) + self.staff_side_messages()
    }

    /// Messages by assistant and agents.
    pub fn staff_side_messages(&self) -> u64 {
        self.get(Metric::AssistantMessages) + self.get(Metric::AgentMessages)
    }

    /// AI messages over all messages not from customers, 0.0 to 1.0.
    pub fn ai_usage(&self) -> f64 {
        share(self.get(Metric::AssistantMessages), self.staff_side_messages())
    }

    /// Mean seconds from a customer's message to the next answer by the assistant.
    pub fn assistant_response_seconds(&self) -> Option<f64> {
        let millis = self.get(Metric::AssistantResponseMillis);
        mean(millis, self.get(Metric::AssistantResponses)).map(|millis| millis / 1000.0)
    }

    /// Mean seconds from a customer's message to the next answer by an agent.
    pub fn agent_response_seconds(&self) -> Option<f64> {
        let millis = self.get(Metric::AgentResponseMillis);
        mean(millis, self.get(Metric::AgentResponses)).map(|millis| millis / 1000.0)
    }

    /// Mean seconds from a customer's message to the next answer by anybody.
    pub fn response_seconds(&self) -> Option<f64> {
        let millis = self.get(Metric::AssistantResponseMillis) + self.get(Metric::AgentResponseMillis);
        mean(millis, self.responses()).map(|millis| millis / 1000.0)
    }

    /// Answers to customers by anybody.
    pub fn responses(&self) -> u64 {
        self.get(Metric::AssistantResponses) + self.get(Metric::AgentResponses)
    }

    /// Mean seconds from a conversation's first message to its close.
    pub fn resolution_seconds(&self) -> Option<f64> {
        mean(self.get(Metric::ResolutionSeconds), self.get(Metric::Closed))
    }

    /// Mean of the ratings, 1 to 5.
    pub fn satisfaction(&self) -> Option<f64> {
        mean(self.get(Metric::RatingStars), self.get(Metric::Ratings))
    }

    /// What one service has cost.
    pub fn cost(&self, service: Service) -> Money {
        let sum = self.0.get(&Metric::Cost(service).code());
        Money::from_millionths(sum.copied().unwrap_or(0))
    }

    /// What all services have cost.
    pub fn total_cost(&self) -> Money {
        Service::ALL.into_iter().map(|service| self.cost(service)).sum()
    }

    /// Of the answers that were looked for in the cache, the share that was there, percent.
    pub fn cache_hit_percentage(&self) -> f64 {
        let hits = self.get(Metric::CacheHits);
        100.0 * share(hits, hits + self.get(Metric::CacheMisses))
    }

    /// The intents that occurred, most frequent first.
    pub fn intents(&self) -> Vec<IntentFigures> {
        let all: u64 = Intent::ALL
            .iter()
            .map(|intent| self.get(Metric::Intent(*intent)))
            .sum();
        let mut found: Vec<_> = Intent::ALL
            .into_iter()
            .map(|intent| self.intent(intent, all))
            .filter(|figures| figures.count > 0)
            .collect();
        found.sort_by_key(|figures| std::cmp::Reverse(figures.count));
        found
    }

    fn intent(&self, intent: Intent, all: u64) -> IntentFigures {
        let count = self.get(Metric::Intent(intent));
        IntentFigures {
            intent,
            count,
            percentage: 100.0 * share(count, all),
            ai_resolved_rate: share(
                self.get(Metric::ResolvedOf(intent)),
                self.get(Metric::ClosedOf(intent)),
            ),
        }
    }
}

/// `part` of `whole`, 0.0 to 1.0; 0 of nothing.
pub fn share(part: u64, whole: u64) -> f64 {
    mean(part, whole).unwrap_or(0.0)
}

/// `sum` over `count`; nothing without a count.
#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
pub fn mean(sum: u64, count: u64) -> Option<f64> {
    (count > 0).then(|| sum as f64 / count as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_made_up() {
        let none = Figures::default();
        assert_eq!((none.response_seconds(), none.satisfaction()), (None, None));
        assert_eq!(none.resolution_seconds(), None);
        assert!(none.ai_usage().abs() < f64::EPSILON && none.intents().is_empty());
    }

    #[test]
    fn figures_are_what_the_contract_says() {
        let mut figures = Figures::default();
        for (metric, value) in [
            (Metric::CustomerMessages, 4),
            (Metric::AssistantMessages, 3),
            (Metric::AgentMessages, 1),
            (Metric::AssistantResponses, 3),
            (Metric::AssistantResponseMillis, 3_000),
            (Metric::AgentResponses, 1),
            (Metric::AgentResponseMillis, 5_000),
            (Metric::Intent(Intent::Greeting), 1),
            (Metric::Intent(Intent::Complaint), 3),
            (Metric::ClosedOf(Intent::Complaint), 2),
            (Metric::ResolvedOf(Intent::Complaint), 1),
        ] {
            figures.add(metric.code(), value);
        }
        assert_eq!(figures.messages(), 8);
        assert_eq!(figures.ai_usage().to_string(), "0.75");
        assert_eq!(figures.response_seconds(), Some(2.0));
        let intents = figures.intents();
        assert_eq!(intents[0].intent, Intent::Complaint);
        assert_eq!((intents[0].percentage, intents[0].ai_resolved_rate), (75.0, 0.5));
    }

    #[test]
    fn a_withdrawal_without_its_counterpart_is_nothing_and_not_negative() {
        let mut figures = Figures::default();
        figures.add(Metric::Ratings.code(), -1);
        figures.add(Metric::RatingStars.code(), -5);
        assert_eq!(figures.satisfaction(), None);
    }
}
