//! Answers of endpoints: a status and a value as JSON, or nothing.

use bytes::Bytes;
use hyper::StatusCode;
use serde::Serialize;
use switchboard_actors::error::HubError;

use super::route::{Answer, Reply, json_answer};

/// 200 with this value.
pub fn ok<T: Serialize>(value: &T) -> Reply {
    json(StatusCode::OK, value)
}

/// 201 with what was made.
pub fn created<T: Serialize>(value: &T) -> Reply {
    json(StatusCode::CREATED, value)
}

/// 204.
pub fn no_content() -> Reply {
    let mut answer = Answer::new(Bytes::new());
    *answer.status_mut() = StatusCode::NO_CONTENT;
    Ok(answer)
}

fn json<T: Serialize>(status: StatusCode, value: &T) -> Reply {
    let bytes = serde_json::to_vec(value).map_err(HubError::internal)?;
    Ok(json_answer(status, bytes))
}
