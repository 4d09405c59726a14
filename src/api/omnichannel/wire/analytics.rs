//! Figures on the wire.

use schemars::JsonSchema;
use serde::Serialize;
use switchboard_actors::hub::analytics::spending::Spending;
use switchboard_actors::hub::analytics::{Report, Stock, Timeframe};
use switchboard_domain::cost::{Money, Service};
use switchboard_domain::counter::Metric;
use switchboard_domain::figures::Figures;

use super::words::channel_word;
use crate::http::wire::Word;

const SECONDS_PER_MINUTE: f64 = 60.0;

/// What costs are added up by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::api::omnichannel) enum GroupBy {
    Service,
    Channel,
    Day,
}

impl Word for GroupBy {
    const EXPECTED: &'static str = "one of service, channel, day";

    fn read(word: &str) -> Option<Self> {
        match word {
            "service" => Some(Self::Service),
            "channel" => Some(Self::Channel),
            "day" => Some(Self::Day),
            _ => None,
        }
    }
}

#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::api::omnichannel) struct DashboardOut {
    conversations: ConversationsOut,
    customers: CustomersOut,
    costs: CostsOut,
    cache: CacheOut,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ConversationsOut {
    total: u64,
    /// Not closed.
    active: u64,
    closed: u64,
    /// Minutes from the first message to the close, on average; 0 while none was closed.
    avg_duration: f64,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct CustomersOut {
    total: u64,
    new_this_month: u64,
    verified: u64,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct CostsOut {
    today: f64,
    this_month: f64,
    /// This month's, if it goes on as it has.
    projected: f64,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct CacheOut {
    /// Answers that were there already, in percent of those looked for.
    hit_rate: f64,
    total_cached: usize,
}

/// All that the dashboard tells.
#[derive(Debug)]
pub(in crate::api::omnichannel) struct Dashboard {
    pub(in crate::api::omnichannel) stock: Stock,
    pub(in crate::api::omnichannel) all_time: Figures,
    pub(in crate::api::omnichannel) month: Figures,
    pub(in crate::api::omnichannel) spending: Spending,
    pub(in crate::api::omnichannel) cached: usize,
}

impl From<Dashboard> for DashboardOut {
    fn from(dashboard: Dashboard) -> Self {
        let Dashboard {
            stock,
            all_time,
            month,
            spending,
            cached,
        } = dashboard;
        let minutes = all_time.resolution_seconds().unwrap_or(0.0) / SECONDS_PER_MINUTE;
        Self {
            conversations: ConversationsOut {
                total: stock.conversations,
                active: stock.open,
                closed: stock.closed(),
                avg_duration: tenths(minutes),
            },
            customers: CustomersOut {
                total: stock.customers,
                new_this_month: month.get(Metric::Customers),
                verified: stock.verified_customers,
            },
            costs: CostsOut {
                today: spending.today.as_units(),
                this_month: spending.this_month.as_units(),
                projected: spending.projected.as_units(),
            },
            cache: CacheOut {
                hit_rate: tenths(all_time.cache_hit_percentage()),
                total_cached: cached,
            },
        }
    }
}

#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::api::omnichannel) struct BreakdownOut {
    total: f64,
    /// By service and channel those that cost something, the dearest first; by day every day, the oldest first.
    breakdown: Vec<ShareOut>,
}

/// One of the parts that costs are added up by; it is named by the one field that is there.
#[derive(Debug, Default, Serialize, JsonSchema)]
struct ShareOut {
    #[serde(skip_serializing_if = "Option::is_none")]
    service: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    channel: Option<&'static str>,
    /// A date, UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    day: Option<String>,
    cost: f64,
    /// Of the total.
    percentage: f64,
}

impl BreakdownOut {
    /// The costs of a report, added up.
    pub(in crate::api::omnichannel) fn of(report: &Report, group: GroupBy) -> Self {
        let total = report.figures().total_cost();
        let parts = match group {
            GroupBy::Service => dearest_first(by_service(&report.figures())),
            GroupBy::Channel => dearest_first(by_channel(report)),
            GroupBy::Day => by_day(report),
        };
        let breakdown = parts.into_iter().map(|(share, cost)| ShareOut {
            cost: cost.as_units(),
            percentage: tenths(cost.percent_of(total)),
            ..share
        });
        Self {
            total: total.as_units(),
            breakdown: breakdown.collect(),
        }
    }
}

type Part = (ShareOut, Money);

fn by_service(figures: &Figures) -> Vec<Part> {
    let part = |service: Service| {
        let share = ShareOut {
            service: Some(service.as_str()),
            ..ShareOut::default()
        };
        (share, figures.cost(service))
    };
    Service::ALL.into_iter().map(part).collect()
}

fn by_channel(report: &Report) -> Vec<Part> {
    let parts = report.by_channel().into_iter().map(|(channel, figures)| {
        let share = ShareOut {
            channel: Some(channel_word(channel)),
            ..ShareOut::default()
        };
        (share, figures.total_cost())
    });
    parts.collect()
}

fn by_day(report: &Report) -> Vec<Part> {
    let days = report.by(Timeframe::Daily).into_iter().map(|(day, figures)| {
        let share = ShareOut {
            day: Some(day.date()),
            ..ShareOut::default()
        };
        (share, figures.total_cost())
    });
    days.collect()
}

fn dearest_first(mut parts: Vec<Part>) -> Vec<Part> {
    parts.retain(|(_, cost)| *cost != Money::ZERO);
    parts.sort_by_key(|(_, cost)| std::cmp::Reverse(*cost));
    parts
}

/// With one decimal.
fn tenths(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}
