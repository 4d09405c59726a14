//! `Idempotency-Key`: the same request with the same key is done once, and answered the same again.
//!
//! Stands between the router and every endpoint that acts; for POST alone, since PUT and DELETE come to the same when
//! they are repeated. Kept for 24 hours are answers that tell of success: after any other the request may be tried
//! again. An answer of more than 60 KiB is not kept, and its repeat is refused with 409 rather than done twice.

use futures_util::future::BoxFuture;
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::{Method, StatusCode};
use switchboard_actors::error::HubError;
use switchboard_actors::hub::Hub;
use switchboard_actors::hub::repeats::{Claim, MAX_KEPT_BYTES, Repeatable, Reservation};
use switchboard_actors::records::repeats::KeptAnswer;

use super::call::{Call, Head};
use super::{Acting, Answer, Reply, Route};
use crate::http::body::FieldError;
use crate::http::failure::Failure;

const KEY: HeaderName = HeaderName::from_static("idempotency-key");
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");
/// Characters of a key.
const MAX_KEY: usize = 255;

/// Lets the endpoint act, once for each key.
pub(super) async fn act(route: &Route, act: Acting, call: Call, head: &Head) -> Reply {
    if route.method != Method::POST || route.secret {
        return act(call).await;
    }
    match head.headers().get(KEY) {
        None => act(call).await,
        Some(key) => Box::pin(act_once(act, call, head, readable(key)?)).await,
    }
}

fn readable(key: &HeaderValue) -> Result<&str, Failure> {
    let fits =
        |key: &&str| (1..=MAX_KEY).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic());
    let text = key.to_str().ok().filter(fits);
    text.ok_or_else(|| {
        FieldError::new("Idempotency-Key", "1 to 255 visible ASCII characters")
            .in_header()
            .into()
    })
}

async fn act_once(act: Acting, call: Call, head: &Head, key: &str) -> Reply {
    let request = Repeatable {
        key,
        endpoint: [head.method().as_str(), head.path()],
        asked: [head.query().as_bytes(), call.body()],
    };
    let hub = call.hub().clone();
    match hub.claim(call.scope().ok(), call.address(), &request).await? {
        Claim::First(reservation) => {
            let call = call.with_key(reservation.name());
            settled(hub, act(call), reservation).await
        }
        Claim::Answered(kept) => replay(kept),
        Claim::Running => Err(Failure::StillRunning),
        Claim::Another => Err(conflict("This Idempotency-Key was used for another request")),
    }
}

/// On a task of its own: a caller that hangs up leaves nothing half done, and finds the answer when it comes again.
async fn settled(hub: Hub, answer: BoxFuture<'static, Reply>, reservation: Reservation) -> Reply {
    let acting = tokio::spawn(async move {
        let reply = answer.await;
        let kept = reply.as_ref().ok().and_then(kept);
        if let Err(error) = hub.settle(reservation, kept).await {
            tracing::warn!(%error, "an answer could not be kept for its repeats");
        }
        reply
    });
    acting.await.map_err(HubError::internal)?
}

/// What is kept of an answer; nothing of one that does not tell of success.
fn kept(answer: &Answer) -> Option<KeptAnswer> {
    let content_type = answer.headers().get(CONTENT_TYPE);
    let content_type = content_type.and_then(|value| value.to_str().ok());
    let body = answer.body();
    answer.status().is_success().then(|| KeptAnswer {
        status: answer.status().as_u16(),
        content_type: content_type.unwrap_or_default().to_owned(),
        body: (body.len() <= MAX_KEPT_BYTES).then(|| body.to_vec()),
    })
}

fn replay(kept: KeptAnswer) -> Reply {
    let Some(body) = kept.body else {
        return Err(conflict(
            "This request was done, and its answer was too large to be kept",
        ));
    };
    let mut answer = Answer::new(body.into());
    *answer.status_mut() = StatusCode::from_u16(kept.status).map_err(HubError::internal)?;
    if !kept.content_type.is_empty() {
        let value = HeaderValue::try_from(kept.content_type).map_err(HubError::internal)?;
        answer.headers_mut().insert(CONTENT_TYPE, value);
    }
    answer
        .headers_mut()
        .insert(REPLAYED, HeaderValue::from_static("true"));
    Ok(answer)
}

fn conflict(sentence: &str) -> Failure {
    HubError::Conflict(sentence.to_owned()).into()
}
