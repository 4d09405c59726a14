//! Who calls a REST endpoint: `Authorization: Bearer` (RFC 6750, 2.1) or `X-API-Key`.
//!
//! Asked by [`route`](super::route) for every request. A token in the query is for sockets alone: it ends up in logs.

use hyper::HeaderMap;
use hyper::header::{AUTHORIZATION, HeaderName};
use switchboard_actors::credentials::{API_KEY_PREFIX, Authenticated, Credential};
use switchboard_actors::error::HubError;
use switchboard_actors::hub::Hub;

/// The header services send their key in.
pub const X_API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// The caller behind a request's headers, for the family of that name.
///
/// # Errors
/// [`HubError::Unauthenticated`] without a credential or with one that does not stand, [`HubError::Forbidden`] for an
/// API key of other families.
pub async fn authenticate(hub: &Hub, headers: &HeaderMap, family: &str) -> Result<Authenticated, HubError> {
    let credential = credential(headers).ok_or(HubError::Unauthenticated)?;
    hub.authenticate(credential, family).await
}

/// What a request shows; a token goes before a key. None: the caller is nobody.
pub fn credential(headers: &HeaderMap) -> Option<Credential<'_>> {
    let text = |name| headers.get(name)?.to_str().ok();
    if let Some(token) = text(AUTHORIZATION).and_then(bearer) {
        // Clients that know one header alone send a key there, too.
        let is_key = token.starts_with(API_KEY_PREFIX);
        return Some(if is_key {
            Credential::ApiKey(token)
        } else {
            Credential::Bearer(token)
        });
    }
    text(X_API_KEY).map(|key| Credential::ApiKey(key.trim()))
}

/// The token of a `Bearer` header; the scheme's case does not matter.
fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.trim().split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(entries: &[(HeaderName, &str)]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for (name, value) in entries {
            headers.insert(name, value.parse().unwrap());
        }
        credential(&headers).map(|credential| match credential {
            Credential::Bearer(token) => format!("token {token}"),
            Credential::ApiKey(key) => format!("key {key}"),
        })
    }

    #[test]
    fn a_token_goes_before_a_key_and_other_schemes_are_nobody() {
        let (bearer, key) = ((AUTHORIZATION, "bearer  abc"), (X_API_KEY, "sk_1"));
        assert_eq!(
            shown(&[bearer.clone(), key.clone()]).as_deref(),
            Some("token abc")
        );
        assert_eq!(shown(&[key]).as_deref(), Some("key sk_1"));
        assert_eq!(
            shown(&[(AUTHORIZATION, "Bearer sk_1")]).as_deref(),
            Some("key sk_1")
        );
        assert_eq!(shown(&[(AUTHORIZATION, "Basic YTpi")]), None);
        assert_eq!(shown(&[(AUTHORIZATION, "Bearer")]), None);
    }
}
