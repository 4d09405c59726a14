//! The dashboard and the analytics on the wire.
//!
//! Rates lie between 0.0 and 1.0, percentages between 0 and 100; times are seconds, minutes where the name says so. What
//! has no data is 0.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use switchboard_actors::hub::analytics::{Report, Stock, Timeframe};
use switchboard_actors::hub::engagement::{Behavior, Engagement};
use switchboard_domain::analysis::Intent;
use switchboard_domain::counter::Metric;
use switchboard_domain::figures::{Figures, mean, share};
use switchboard_domain::time::Timestamp;

use crate::http::wire::Time;

/// Three decimals are enough for people.
fn rounded(value: f64) -> f64 {
    (value * 1_000.0).round() / 1_000.0
}

fn known(value: Option<f64>) -> f64 {
    rounded(value.unwrap_or(0.0))
}

fn minutes(seconds: Option<f64>) -> f64 {
    known(seconds.map(|seconds| seconds / 60.0))
}

#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::api::rooms) struct DashboardOut {
    total_customers: u64,
    /// Rooms that are neither closed nor waiting.
    active_chats: u64,
    /// Rooms that wait for an agent.
    pending_chats: u64,
    total_messages: u64,
    ai_usage_rate: f64,
    /// Seconds.
    avg_response_time: f64,
}

impl DashboardOut {
    /// Of what is there now, and all that ever happened.
    pub(in crate::api::rooms) fn of(stock: &Stock, figures: &Figures) -> Self {
        Self {
            total_customers: stock.customers,
            active_chats: stock.open.saturating_sub(stock.waiting),
            pending_chats: stock.waiting,
            total_messages: figures.messages(),
            ai_usage_rate: rounded(figures.ai_usage()),
            avg_response_time: known(figures.response_seconds()),
        }
    }
}

#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::api::rooms) struct CustomerOut {
    customer_id: String,
    customer_name: String,
    /// The newest room; empty for a customer without any.
    room_id: String,
    message_count: u64,
    #[schemars(with = "Time")]
    last_activity: String,
    /// How the newest room stands; `inactive` for a customer without any.
    status: &'static str,
    ai_usage_percentage: f64,
}

impl From<&Engagement> for CustomerOut {
    fn from(customer: &Engagement) -> Self {
        let newest = customer.newest.as_ref();
        Self {
            customer_id: customer.customer.to_string(),
            customer_name: customer.customer_name.clone(),
            room_id: newest.map(|(room, _)| room.to_string()).unwrap_or_default(),
            message_count: customer.messages.total(),
            last_activity: customer.last_activity.to_string(),
            status: newest.map_or("inactive", |(_, status)| status.as_str()),
            ai_usage_percentage: rounded(customer.ai_usage_percentage()),
        }
    }
}

#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::api::rooms) struct IntentOut {
    intent: &'static str,
    count: u64,
    percentage: f64,
}

/// The six intents of this family that occurred, most frequent first.
pub(in crate::api::rooms) fn intents(figures: &Figures) -> Vec<IntentOut> {
    let mut counts: BTreeMap<&'static str, u64> = BTreeMap::new();
    for found in figures.intents() {
        *counts.entry(Intent::broad(found.intent).as_str()).or_default() += found.count;
    }
    let all = counts.values().sum();
    let mut intents: Vec<_> = counts
        .into_iter()
        .map(|(intent, count)| IntentOut {
            intent,
            count,
            percentage: rounded(100.0 * share(count, all)),
        })
        .collect();
    intents.sort_by_key(|intent| std::cmp::Reverse(intent.count));
    intents
}

#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::api::rooms) struct OverviewOut {
    period: PeriodOut,
    overview: SumsOut,
    intent_distribution: Vec<IntentOut>,
    daily_activity: Vec<DayOut>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct PeriodOut {
    #[schemars(with = "Time")]
    start_date: String,
    #[schemars(with = "Time")]
    end_date: String,
    days: u64,
}

#[derive(Debug, Serialize, JsonSchema)]
struct SumsOut {
    total_messages: u64,
    /// Rooms that were written in.
    total_chat_rooms: u64,
    ai_generated_messages: u64,
    ai_usage_rate: f64,
    avg_messages_per_room: f64,
}

#[derive(Debug, Serialize, JsonSchema)]
struct DayOut {
    #[schemars(extend("format" = "date"), example = "2026-01-31")]
    date: String,
    message_count: u64,
    ai_count: u64,
    /// By customers and agents.
    human_count: u64,
}

impl OverviewOut {
    /// Of a span of so many days up to `now`, in which so many rooms were written in.
    pub(in crate::api::rooms) fn of(report: &Report, days: u64, now: Timestamp, rooms: u64) -> Self {
        let figures = report.figures();
        let each_day = report.by(Timeframe::Daily);
        Self {
            period: PeriodOut {
                start_date: report.span.from.to_string(),
                end_date: now.to_string(),
                days,
            },
            overview: SumsOut {
                total_messages: figures.messages(),
                total_chat_rooms: rooms,
                ai_generated_messages: figures.get(Metric::AssistantMessages),
                ai_usage_rate: rounded(figures.ai_usage()),
                avg_messages_per_room: known(mean(figures.messages(), rooms)),
            },
            intent_distribution: intents(&figures),
            daily_activity: each_day.iter().map(DayOut::of).collect(),
        }
    }
}

impl DayOut {
    fn of((day, figures): &(Timestamp, Figures)) -> Self {
        let (all, ai) = (figures.messages(), figures.get(Metric::AssistantMessages));
        Self {
            date: day.date(),
            message_count: all,
            ai_count: ai,
            human_count: all - ai,
        }
    }
}

#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::api::rooms) struct BehaviorOut {
    customer_engagement: EngagementOut,
    response_times: ResponseTimesOut,
    customer_details: Vec<CustomerDetailOut>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct EngagementOut {
    /// Customers whose rooms were written in.
    total_customers: u64,
    avg_messages_per_customer: f64,
    /// From a room's first message to its newest, minutes.
    avg_session_duration: f64,
    top_customers: Vec<TopCustomerOut>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct TopCustomerOut {
    customer_id: String,
    customer_name: String,
    message_count: u64,
}

#[derive(Debug, Serialize, JsonSchema)]
struct ResponseTimesOut {
    avg_response_time_minutes: f64,
    avg_ai_response_time_minutes: f64,
    avg_human_response_time_minutes: f64,
    total_responses: u64,
}

/// The messages are those of whole rooms, also before the span.
#[derive(Debug, Serialize, JsonSchema)]
struct CustomerDetailOut {
    customer_id: String,
    customer_name: String,
    room_count: u64,
    message_count: u64,
    ai_message_count: u64,
    ai_usage_percentage: f64,
    /// Minutes.
    avg_session_duration: f64,
    #[schemars(with = "Time")]
    last_activity: String,
}

/// Customers at the top.
const TOP: usize = 10;

impl BehaviorOut {
    /// Of the customers of a span, and its counters.
    pub(in crate::api::rooms) fn of(behavior: &Behavior, figures: &Figures) -> Self {
        let customers = &behavior.most_active;
        Self {
            customer_engagement: EngagementOut {
                total_customers: behavior.customers,
                avg_messages_per_customer: known(mean(figures.messages(), behavior.customers)),
                avg_session_duration: known(behavior.session_minutes()),
                top_customers: customers.iter().take(TOP).map(TopCustomerOut::from).collect(),
            },
            response_times: ResponseTimesOut {
                avg_response_time_minutes: minutes(figures.response_seconds()),
                avg_ai_response_time_minutes: minutes(figures.assistant_response_seconds()),
                avg_human_response_time_minutes: minutes(figures.agent_response_seconds()),
                total_responses: figures.responses(),
            },
            customer_details: customers.iter().map(CustomerDetailOut::from).collect(),
        }
    }
}

impl From<&Engagement> for TopCustomerOut {
    fn from(customer: &Engagement) -> Self {
        Self {
            customer_id: customer.customer.to_string(),
            customer_name: customer.customer_name.clone(),
            message_count: customer.messages.total(),
        }
    }
}

impl From<&Engagement> for CustomerDetailOut {
    fn from(customer: &Engagement) -> Self {
        Self {
            customer_id: customer.customer.to_string(),
            customer_name: customer.customer_name.clone(),
            room_count: customer.conversations,
            message_count: customer.messages.total(),
            ai_message_count: customer.messages.assistant,
            ai_usage_percentage: rounded(customer.ai_usage_percentage()),
            avg_session_duration: known(customer.session_minutes()),
            last_activity: customer.last_activity.to_string(),
        }
    }
}
