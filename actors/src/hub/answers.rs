//! The answer cache as staff see it: figures, filling it before customers ask, and emptying it.

use switchboard_domain::counter::{Metric, channel_code};
use switchboard_domain::customer::Channel;
use switchboard_domain::scope::Scope;

use super::{Hub, staff_only};
use crate::answers::TopQuery;
use crate::assistant::turn::{self, Question};
use crate::error::HubError;
use crate::records::counters::HourlyCount;

/// Days the hit rates are taken of.
const DAYS: i64 = 30;
/// Questions asked again most often that are shown.
const TOP: usize = 10;
/// Most questions that are warmed in one call.
const MAX_QUERIES: usize = 100;
/// Longest question to warm, characters.
const MAX_QUERY_CHARACTERS: usize = 500;

/// How the cache has done, in the last thirty days.
#[derive(Debug, Clone, PartialEq)]
pub struct CacheStats {
    /// Answers kept now.
    pub total_cached: usize,
    /// Questions answered from it.
    pub total_hits: u64,
    /// Hits in percent of the questions looked up; none without any.
    pub hit_rate: Option<f64>,
    /// Channels that have kept answers or lookups.
    pub by_channel: Vec<ChannelCache>,
    /// What was asked again most often, most often first.
    pub top_queries: Vec<TopQuery>,
}

/// How it has done on one channel.
#[derive(Debug, Clone, PartialEq)]
pub struct ChannelCache {
    /// Which.
    pub channel: Channel,
    /// Hits in percent of the questions looked up; none without any.
    pub hit_rate: Option<f64>,
    /// Answers kept that were first given there.
    pub cached: usize,
}

/// What came of warming.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warmed {
    /// Questions whose answer is kept now.
    pub cached: usize,
    /// Questions that have no answer that may be kept.
    pub not_answerable: Vec<String>,
}

impl Hub {
    /// How the cache has done. Staff and services.
    pub fn cache_stats(&self, scope: &Scope) -> Result<CacheStats, HubError> {
        staff_only(scope)?;
        let answers = &self.services.organization(scope.organization)?.answers;
        let until = self.services.now().hour() + 1;
        let counts = self
            .services
            .counts(scope.organization, until - DAYS * 24, until)?;
        let all = looked_up(&counts, None);
        let by_channel = Channel::ALL.into_iter().filter_map(|channel| {
            let (hits, lookups) = looked_up(&counts, Some(channel));
            let cached = answers.count(Some(channel));
            (lookups > 0 || cached > 0).then(|| ChannelCache {
                channel,
                hit_rate: rate(hits, lookups),
                cached,
            })
        });
        Ok(CacheStats {
            total_cached: answers.count(None),
            total_hits: u64::try_from(all.0).unwrap_or(0),
            hit_rate: rate(all.0, all.1),
            by_channel: by_channel.collect(),
            top_queries: answers.top(TOP),
        })
    }

    /// Answers these questions as a customer's first on the web, and keeps what may be kept. Staff and services.
    ///
    /// # Errors
    /// [`HubError::Invalid`] naming `queries`; [`HubError::BudgetUsedUp`] when answers must be paid for and the money
    /// ends, whatever was warmed before that is kept.
    pub async fn warm_cache(&self, scope: &Scope, queries: &[String]) -> Result<Warmed, HubError> {
        staff_only(scope)?;
        check(queries)?;
        let mut warmed = Warmed {
            cached: 0,
            not_answerable: Vec::new(),
        };
        for query in queries {
            let question = Question {
                organization: scope.organization,
                channel: Channel::Web,
                text: query.trim(),
                history: &[],
                memories: &[],
                unresolved_turns: 0,
                must_pay: true,
            };
            let limit = self.services.settings.assistant.timeout;
            let answered =
                tokio::time::timeout(limit, Box::pin(turn::answer(&self.services, question))).await;
            let (_, reply) = answered.map_err(|_| HubError::Overloaded)??;
            if reply.is_kept || reply.cache_hit == Some(true) {
                warmed.cached += 1;
            } else {
                warmed.not_answerable.push(query.clone());
            }
        }
        Ok(warmed)
    }

    /// Forgets every answer; returns how many there were. Staff and services.
    pub fn clear_cache(&self, scope: &Scope) -> Result<usize, HubError> {
        staff_only(scope)?;
        Ok(self.services.organization(scope.organization)?.answers.clear())
    }
}

fn check(queries: &[String]) -> Result<(), HubError> {
    if !(1..=MAX_QUERIES).contains(&queries.len()) {
        return Err(HubError::invalid(
            "queries",
            format!("must be 1 to {MAX_QUERIES} questions"),
        ));
    }
    let fits = |query: &String| !query.trim().is_empty() && query.chars().count() <= MAX_QUERY_CHARACTERS;
    if queries.iter().all(fits) {
        return Ok(());
    }
    let expected = format!("must be questions of 1 to {MAX_QUERY_CHARACTERS} characters");
    Err(HubError::invalid("queries", expected))
}

/// Hits, and all lookups.
fn looked_up(counts: &[HourlyCount], channel: Option<Channel>) -> (i64, i64) {
    let sum = |metric: Metric| -> i64 {
        counts
            .iter()
            .filter(|count| count.metric == metric.code())
            .filter(|count| channel.is_none_or(|channel| count.channel == channel_code(channel)))
            .map(|count| count.value)
            .sum()
    };
    let hits = sum(Metric::CacheHits);
    (hits, hits + sum(Metric::CacheMisses))
}

#[expect(clippy::cast_precision_loss, reason = "a share to show")]
fn rate(hits: i64, lookups: i64) -> Option<f64> {
    (lookups > 0).then(|| 100.0 * hits as f64 / lookups as f64)
}
