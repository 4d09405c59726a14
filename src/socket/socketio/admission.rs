//! Who connects: from the credential alone, checked before the client hears that it is connected.
//!
//! A token is looked for in `auth.token`, then in the query, then in the `Authorization` header. What does not stand
//! refuses the connection; nothing shown is a visitor, who knows at most the id of a guest's room.

use serde::Deserialize;
use serde_json::Value;
use socketioxide::extract::SocketRef;
use switchboard_actors::credentials::{API_KEY_PREFIX, Authenticated, Credential};
use switchboard_actors::error::HubError;
use switchboard_actors::hub::Hub;

use crate::http::auth;
use crate::http::query::Query;

/// The family's name, as API keys are narrowed by it.
const FAMILY: &str = "rooms";

/// What a client sends with its connection.
#[derive(Debug, Default, Deserialize)]
pub(super) struct AuthIn {
    #[serde(default)]
    token: Value,
}

/// Why a client is not connected; its text is the message of `connect_error`.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refusal {
    /// A credential that does not stand.
    #[error("Could not validate credentials")]
    Credentials,
    /// The account has as many connections as it may have.
    #[error("Too many connections")]
    TooMany,
    /// Anything else.
    #[error("{0}")]
    Other(String),
}

impl From<HubError> for Refusal {
    fn from(error: HubError) -> Self {
        match error {
            HubError::Unauthenticated => Self::Credentials,
            HubError::Throttled(_) => Self::TooMany,
            HubError::Internal(inner) => {
                tracing::error!(inner, "a Socket.IO client could not be connected");
                Self::Other("Internal server error".to_owned())
            }
            other => Self::Other(other.to_string()),
        }
    }
}

/// The caller behind a connection; `None` for a visitor.
///
/// # Errors
/// [`HubError::Unauthenticated`] when what is shown does not stand.
pub(super) async fn caller(
    hub: &Hub,
    socket: &SocketRef,
    shown: &AuthIn,
) -> Result<Option<Authenticated>, HubError> {
    let request = socket.req_parts();
    let query = Query::parse(request.uri.query().unwrap_or_default());
    let token = match &shown.token {
        Value::Null => None,
        Value::String(token) => Some(token.as_str()),
        _ => return Err(HubError::Unauthenticated),
    };
    let token = token
        .filter(|token| !token.is_empty())
        .or_else(|| query.text("token").filter(|token| !token.is_empty()));
    let credential = token.map(of_token).or_else(|| auth::credential(&request.headers));
    match credential {
        Some(credential) => hub.authenticate(credential, FAMILY).await.map(Some),
        None => Ok(None),
    }
}

fn of_token(token: &str) -> Credential<'_> {
    if token.starts_with(API_KEY_PREFIX) {
        Credential::ApiKey(token)
    } else {
        Credential::Bearer(token)
    }
}
