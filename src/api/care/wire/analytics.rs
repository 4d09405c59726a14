//! Reports, made from the figures that every family's reports are made of.

use schemars::JsonSchema;
use serde::Serialize;
use switchboard_actors::hub::analytics::{Report, Timeframe};
use switchboard_domain::analysis::{Intent, IntentGroup};
use switchboard_domain::counter::Metric;
use switchboard_domain::figures::{Figures, share};

use crate::http::wire::Time;

#[derive(Serialize, JsonSchema)]
pub(in crate::api::care) struct AnalyticsOut {
    /// Conversations whose first message came in the span.
    total_conversations: u64,
    /// Customers who wrote or were written to.
    active_users: u64,
    /// Messages of the span for each conversation begun in it; 0 without any.
    messages_per_conversation: f64,
    /// Messages of customers by what they wanted, all five.
    intent_distribution: Vec<IntentOut>,
    /// Conversations begun, by step, those without any, too.
    time_series: Vec<StepOut>,
}

#[derive(Serialize, JsonSchema)]
pub(in crate::api::care) struct IntentOut {
    #[schemars(extend("enum" = ["greeting", "question", "complaint", "feedback", "other"]))]
    intent: &'static str,
    count: u64,
}

#[derive(Serialize, JsonSchema)]
pub(in crate::api::care) struct StepOut {
    /// Its first moment.
    #[schemars(with = "Time")]
    timestamp: String,
    count: u64,
}

impl AnalyticsOut {
    /// What was counted, and how many customers were there.
    pub(in crate::api::care) fn of(report: &Report, active_users: u64, timeframe: Timeframe) -> Self {
        let figures = report.figures();
        let begun = figures.get(Metric::Conversations);
        let steps = report.by(timeframe).into_iter();
        Self {
            total_conversations: begun,
            active_users,
            messages_per_conversation: two_decimals(share(figures.messages(), begun)),
            intent_distribution: IntentGroup::ALL
                .map(|group| IntentOut::of(group, &figures))
                .into(),
            time_series: steps
                .map(|(start, figures)| StepOut {
                    timestamp: start.to_string(),
                    count: figures.get(Metric::Conversations),
                })
                .collect(),
        }
    }
}

impl IntentOut {
    fn of(group: IntentGroup, figures: &Figures) -> Self {
        let of_group = Intent::ALL.into_iter().filter(|intent| intent.group() == group);
        Self {
            intent: group.as_str(),
            count: of_group.map(|intent| figures.get(Metric::Intent(intent))).sum(),
        }
    }
}

fn two_decimals(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}
