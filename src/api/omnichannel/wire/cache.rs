//! The answer cache on the wire.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use switchboard_actors::hub::answers::{CacheStats, ChannelCache, Warmed};
use switchboard_domain::customer::Channel;

use super::words::channel_word;

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api::omnichannel) struct CacheStatsOut {
    /// Answers kept now.
    total_cached: usize,
    /// Questions answered from it in the last 30 days.
    total_hits: u64,
    /// In percent of the questions looked up; 0 without any.
    hit_rate: f64,
    /// By channel; the web is `CHAT` here.
    by_channel: BTreeMap<&'static str, ChannelCacheOut>,
    /// What was asked again most often.
    top_queries: Vec<TopQueryOut>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ChannelCacheOut {
    hit_rate: f64,
    cached: usize,
}

#[derive(Debug, Serialize, JsonSchema)]
struct TopQueryOut {
    query: String,
    hits: u64,
}

impl From<CacheStats> for CacheStatsOut {
    fn from(stats: CacheStats) -> Self {
        let top_queries = stats.top_queries.into_iter().map(|top| TopQueryOut {
            query: top.query,
            hits: top.hits,
        });
        Self {
            total_cached: stats.total_cached,
            total_hits: stats.total_hits,
            hit_rate: tenths(stats.hit_rate),
            by_channel: stats.by_channel.iter().map(by_channel).collect(),
            top_queries: top_queries.collect(),
        }
    }
}

fn by_channel(of: &ChannelCache) -> (&'static str, ChannelCacheOut) {
    let name = match of.channel {
        Channel::Web => "CHAT",
        other => channel_word(other),
    };
    let out = ChannelCacheOut {
        hit_rate: tenths(of.hit_rate),
        cached: of.cached,
    };
    (name, out)
}

/// With one decimal; 0 of nothing.
fn tenths(rate: Option<f64>) -> f64 {
    rate.map_or(0.0, |rate| (rate * 10.0).round() / 10.0)
}

/// Questions to be answered before customers ask them.
#[derive(Debug, Deserialize, JsonSchema)]
pub(in crate::api::omnichannel) struct WarmIn {
    #[schemars(length(min = 1, max = 100), example = ["What are your business hours?"])]
    pub(in crate::api::omnichannel) queries: Vec<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api::omnichannel) struct WarmedOut {
    /// Questions whose answer is kept now.
    cached: usize,
    /// Questions that have no answer that may be kept.
    not_answerable: Vec<String>,
}

impl From<Warmed> for WarmedOut {
    fn from(warmed: Warmed) -> Self {
        Self {
            cached: warmed.cached,
            not_answerable: warmed.not_answerable,
        }
    }
}
