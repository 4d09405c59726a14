//! How the hub is: what families' health endpoints tell, and the two endpoints for machines, `/ready` and `/metrics`.
//!
//! Found by looking each time, not assumed.

mod counted;

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::ready as answered;
use hyper::header::{ALLOW, CONTENT_TYPE, HeaderValue};
use hyper::{Method, StatusCode};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;
use switchboard_actors::hub::Hub;
use switchboard_actors::hub::health::{ChannelState, Figures};
use switchboard_domain::ports::engine::WriteHealth;

pub use self::counted::Counted;
use super::wire::Time;
use super::{Handler, Request, Response, full};
use crate::shutdown::Signal;
use crate::telemetry::render_metrics;

/// How one thing is that the hub depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Condition {
    /// Works.
    Healthy,
    /// Works in part.
    Degraded,
    /// Does not work.
    Unhealthy,
    /// Not configured.
    Disabled,
}

/// How the hub is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// All of it together: healthy or degraded, for a hub that can say so is not down.
    pub status: Condition,
    /// Each thing it depends on, by name.
    pub dependencies: Vec<(&'static str, Condition)>,
    /// Messages that wait for a channel to be configured again, by its name; none where nothing waits.
    pub waiting: Vec<(&'static str, usize)>,
}

/// What `/health` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AliveOut {
    /// `ok`, or `degraded` where something does not work.
    #[schemars(example = &"ok")]
    status: &'static str,
    version: &'static str,
    #[schemars(with = "Time")]
    timestamp: String,
    dependencies: BTreeMap<&'static str, Condition>,
    /// Messages that wait for a channel that is `disabled`; they go out when it is configured again within a day.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    waiting: BTreeMap<&'static str, usize>,
}

/// What `/ready` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ReadyOut {
    /// `ready` or `not_ready`.
    #[schemars(example = &"ready")]
    status: &'static str,
    /// Why it is not.
    #[schemars(example = &"draining")]
    reason: Option<&'static str>,
}

/// The version of this build.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Looks at the hub.
pub fn look(hub: &Hub) -> Health {
    Health::of(&hub.figures())
}

impl From<ChannelState> for Condition {
    fn from(state: ChannelState) -> Self {
        match state {
            ChannelState::Off { .. } => Self::Disabled,
            ChannelState::Works => Self::Healthy,
            ChannelState::Limps => Self::Degraded,
            ChannelState::Fails => Self::Unhealthy,
        }
    }
}

impl Health {
    fn of(figures: &Figures) -> Self {
        let works = |is| {
            if is {
                Condition::Healthy
            } else {
                Condition::Unhealthy
            }
        };
        let store = match (figures.readable, figures.store) {
            (true, WriteHealth::Healthy) => Condition::Healthy,
            (true, WriteHealth::Full) => Condition::Degraded,
            (_, WriteHealth::Dead) | (false, _) => Condition::Unhealthy,
        };
        let dependencies = vec![
            ("store", store),
            ("ai", works(figures.assistant)),
            ("memory_engine", works(figures.readable)),
            ("websocket", works(figures.websocket)),
            // Within one process the bus is a table in memory: whoever can answer has it.
            ("bus", Condition::Healthy),
            ("whatsapp", figures.whatsapp.into()),
            ("email", figures.email.into()),
            ("sms", figures.sms.into()),
        ];
        let fine =
            |(_, condition): &(_, Condition)| matches!(condition, Condition::Healthy | Condition::Disabled);
        let status = if dependencies.iter().all(fine) {
            Condition::Healthy
        } else {
            Condition::Degraded
        };
        let waiting = [
            ("whatsapp", figures.whatsapp),
            ("email", figures.email),
            ("sms", figures.sms),
        ];
        let waiting = waiting.into_iter().filter_map(|(name, state)| match state {
            ChannelState::Off { waiting } if waiting > 0 => Some((name, waiting)),
            _ => None,
        });
        Self {
            status,
            dependencies,
            waiting: waiting.collect(),
        }
    }
}

/// Answers `/ready`: 200 when requests will be served, 503 while draining or unable to write.
///
/// A hub that is starting does not listen yet, which is an answer, too.
pub fn ready(hub: Hub, stop: Signal) -> Arc<dyn Handler> {
    Arc::new(move |request: Request| answered(reading(&request, || readiness(&hub, &stop))).boxed())
}

/// Answers `/health`: 200 for as long as the process can answer; `status` says how it is.
pub fn alive(hub: Hub) -> Arc<dyn Handler> {
    Arc::new(move |request: Request| {
        let overview = || {
            let Health {
                status,
                dependencies,
                waiting,
            } = look(&hub);
            let status = if status == Condition::Healthy {
                "ok"
            } else {
                "degraded"
            };
            let body = AliveOut {
                status,
                version: VERSION,
                timestamp: hub.services().now().to_string(),
                dependencies: dependencies.into_iter().collect(),
                waiting: waiting.into_iter().collect(),
            };
            answer(StatusCode::OK, "application/json", json!(body).to_string())
        };
        answered(reading(&request, overview)).boxed()
    })
}

/// Answers `/metrics` with what was counted, after a look at the hub.
pub fn metrics(hub: Hub) -> Arc<dyn Handler> {
    Arc::new(move |request: Request| {
        let text = || {
            record(&hub.figures());
            answer(
                StatusCode::OK,
                "text/plain; version=0.0.4; charset=utf-8",
                render_metrics(),
            )
        };
        answered(reading(&request, text)).boxed()
    })
}

fn readiness(hub: &Hub, stop: &Signal) -> Response {
    let figures = hub.figures();
    let obstacle = if stop.is_given() {
        Some("draining")
    } else if !figures.readable || figures.store != WriteHealth::Healthy {
        Some("the store cannot be written")
    } else {
        None
    };
    let (status, word) = match obstacle {
        None => (StatusCode::OK, "ready"),
        Some(_) => (StatusCode::SERVICE_UNAVAILABLE, "not_ready"),
    };
    let body = ReadyOut {
        status: word,
        reason: obstacle,
    };
    answer(status, "application/json", json!(body).to_string())
}

/// The hub's own figures, beside those counted as things happen.
fn record(figures: &Figures) {
    // Gauges are floating point; these counts stay far below where that matters.
    let gauge = |name: &'static str, value: usize| {
        metrics::gauge!(name).set(u32::try_from(value).map_or(f64::MAX, f64::from));
    };
    gauge("sessions_live", figures.sessions);
    gauge("connections_open", figures.connections);
    gauge(
        "store_writable",
        usize::from(figures.store == WriteHealth::Healthy),
    );
    gauge("assistant_up", usize::from(figures.assistant));
}

/// Answers GET and HEAD of exactly the mounted path.
fn reading(request: &Request, answer_it: impl FnOnce() -> Response) -> Response {
    if request.method() == Method::GET || request.method() == Method::HEAD {
        return answer_it();
    }
    let mut refused = answer(
        StatusCode::METHOD_NOT_ALLOWED,
        "application/json",
        json!({"detail": "Method not allowed"}).to_string(),
    );
    refused
        .headers_mut()
        .insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
    refused
}

fn answer(status: StatusCode, kind: &'static str, text: impl Into<Bytes>) -> Response {
    let mut answer = Response::new(full(text));
    *answer.status_mut() = status;
    answer
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    answer
}

#[cfg(test)]
mod tests {
    use switchboard_domain::ports::engine::EngineStats;

    use super::*;

    fn figures(store: WriteHealth, assistant: bool) -> Figures {
        Figures {
            store,
            readable: true,
            assistant,
            websocket: true,
            email: ChannelState::Off { waiting: 3 },
            sessions: 0,
            connections: 0,
            engine: EngineStats::default(),
            whatsapp: ChannelState::Works,
            sms: ChannelState::Works,
        }
    }

    #[test]
    fn one_thing_that_does_not_work_degrades_the_whole() {
        let status = |store, assistant| Health::of(&figures(store, assistant)).status;
        assert_eq!(status(WriteHealth::Healthy, true), Condition::Healthy);
        assert_eq!(status(WriteHealth::Healthy, false), Condition::Degraded);
        assert_eq!(status(WriteHealth::Full, true), Condition::Degraded);
        assert_eq!(status(WriteHealth::Dead, true), Condition::Degraded);
    }

    #[test]
    fn what_is_not_configured_is_told_apart_from_what_fails() {
        let health = Health::of(&figures(WriteHealth::Full, true));
        let of = |name| health.dependencies.iter().find(|(known, _)| *known == name);
        assert_eq!(of("store"), Some(&("store", Condition::Degraded)));
        assert_eq!(of("email"), Some(&("email", Condition::Disabled)));
        assert_eq!(health.waiting, [("email", 3)]);
        assert_eq!(of("sms"), Some(&("sms", Condition::Healthy)));
        let gone = Figures {
            sms: ChannelState::Fails,
            ..figures(WriteHealth::Healthy, true)
        };
        assert_eq!(Health::of(&gone).status, Condition::Degraded);
    }
}
