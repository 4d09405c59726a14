//! The analytics of the dashboard on the wire.
//!
//! Times are seconds. What has no data is 0, the satisfaction null.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use switchboard_actors::hub::analytics::{Report, Timeframe};
use switchboard_domain::counter::Metric;
use switchboard_domain::figures::{Figures, IntentFigures};
use switchboard_domain::time::Timestamp;

/// Intents told of.
const INTENTS: usize = 10;

/// Three decimals are enough for people.
fn rounded(value: f64) -> f64 {
    (value * 1_000.0).round() / 1_000.0
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api::platform) struct AnalyticsOut {
    period: PeriodOut,
    overview: OverviewOut,
    /// By channel, those that occurred.
    by_channel: BTreeMap<&'static str, HandledOut>,
    /// Every day, those without anything too.
    by_day: Vec<DayOut>,
    /// The most frequent first.
    top_intents: Vec<IntentOut>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct PeriodOut {
    #[schemars(extend("format" = "date"), example = "2026-01-01")]
    start: String,
    #[schemars(extend("format" = "date"), example = "2026-01-31")]
    end: String,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct OverviewOut {
    /// Conversations begun.
    total_conversations: u64,
    /// Closed without any handover.
    ai_resolved: u64,
    /// Handed over for the first time.
    agent_handovers: u64,
    avg_response_time: f64,
    avg_resolution_time: f64,
    /// 1 to 5; null without any rating.
    avg_satisfaction_score: Option<f64>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct HandledOut {
    conversations: u64,
    ai_resolved: u64,
    agent_handovers: u64,
}

#[derive(Debug, Serialize, JsonSchema)]
struct DayOut {
    #[schemars(extend("format" = "date"), example = "2026-01-31")]
    date: String,
    #[serde(flatten)]
    handled: HandledOut,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct IntentOut {
    intent: &'static str,
    count: u64,
    /// Of the conversations closed with it, 0.0 to 1.0.
    ai_resolved_rate: f64,
}

impl AnalyticsOut {
    /// Of a report on the days from `first` to `last`.
    pub(in crate::api::platform) fn of(report: &Report, first: Timestamp, last: Timestamp) -> Self {
        let figures = report.figures();
        let channels = report.by_channel();
        let days = report.by(Timeframe::Daily);
        Self {
            period: PeriodOut {
                start: first.date(),
                end: last.date(),
            },
            overview: (&figures).into(),
            by_channel: channels
                .iter()
                .map(|(channel, figures)| (channel.as_str(), figures.into()))
                .collect(),
            by_day: days
                .iter()
                .map(|(day, figures)| DayOut {
                    date: day.date(),
                    handled: figures.into(),
                })
                .collect(),
            top_intents: figures
                .intents()
                .iter()
                .take(INTENTS)
                .map(IntentOut::from)
                .collect(),
        }
    }
}

impl From<&Figures> for OverviewOut {
    fn from(figures: &Figures) -> Self {
        Self {
            total_conversations: figures.get(Metric::Conversations),
            ai_resolved: figures.get(Metric::AssistantResolved),
            agent_handovers: figures.get(Metric::Handovers),
            avg_response_time: rounded(figures.response_seconds().unwrap_or(0.0)),
            avg_resolution_time: rounded(figures.resolution_seconds().unwrap_or(0.0)),
            avg_satisfaction_score: figures.satisfaction().map(rounded),
        }
    }
}

impl From<&Figures> for HandledOut {
    fn from(figures: &Figures) -> Self {
        Self {
            conversations: figures.get(Metric::Conversations),
            ai_resolved: figures.get(Metric::AssistantResolved),
            agent_handovers: figures.get(Metric::Handovers),
        }
    }
}

impl From<&IntentFigures> for IntentOut {
    fn from(figures: &IntentFigures) -> Self {
        Self {
            intent: figures.intent.as_str(),
            count: figures.count,
            ai_resolved_rate: rounded(figures.ai_resolved_rate),
        }
    }
}
