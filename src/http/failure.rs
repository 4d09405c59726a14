//! Why a request got no answer of its endpoint: one type for every cause, which each family tells in its own form.

use hyper::StatusCode;
use hyper::header::{ALLOW, HeaderMap, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use switchboard_actors::error::HubError;

use super::body::{BodyError, FieldError};
use super::status;

/// Why a request failed.
#[derive(Debug, Clone)]
pub enum Failure {
    /// No route has this path.
    NoSuchPath,
    /// The path has other methods.
    NoSuchMethod {
        /// Those, as the `Allow` header lists them.
        allow: HeaderValue,
    },
    /// The caller has used up its requests; when there are more is in the headers that every answer has.
    TooManyRequests,
    /// A request with the same `Idempotency-Key` is being answered.
    StillRunning,
    /// The body or the query is not as expected.
    Body(BodyError),
    /// The hub refused or failed.
    Hub(HubError),
}

impl Failure {
    /// The status that tells it.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::NoSuchPath => StatusCode::NOT_FOUND,
            Self::NoSuchMethod { .. } => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
            Self::StillRunning => StatusCode::CONFLICT,
            Self::Body(error) => error.status(),
            Self::Hub(error) => status::of(error),
        }
    }

    /// A sentence that any caller may read; no inner detail.
    pub fn sentence(&self) -> String {
        match self {
            Self::NoSuchPath => "Resource not found".to_owned(),
            Self::NoSuchMethod { .. } => "Method not allowed".to_owned(),
            Self::TooManyRequests => "Rate limit exceeded".to_owned(),
            Self::StillRunning => "A request with this Idempotency-Key is still being answered".to_owned(),
            Self::Body(error) => error.to_string(),
            Self::Hub(HubError::Invalid { field, message }) => format!("{field} {message}"),
            Self::Hub(HubError::NotFound(what)) => capitalized(&format!("{what} not found")),
            Self::Hub(error) => capitalized(&error.to_string()),
        }
    }

    /// The one field that is wrong, by its name on the wire; none for other causes.
    pub fn field(&self) -> Option<&str> {
        match self {
            Self::Body(BodyError::Field(error)) => Some(&error.field),
            Self::Hub(HubError::Invalid { field, .. }) => Some(field),
            _ => None,
        }
    }

    /// Adds `Allow`, `Retry-After` and `WWW-Authenticate` where they belong (RFC 9110).
    pub fn write_headers(&self, headers: &mut HeaderMap) {
        match self {
            Self::NoSuchMethod { allow } => {
                headers.insert(ALLOW, allow.clone());
            }
            Self::Hub(HubError::Unauthenticated) => {
                headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            Self::StillRunning => {
                headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
            }
            Self::Hub(error) => status::write_retry(error, headers),
            Self::NoSuchPath | Self::TooManyRequests | Self::Body(_) => {}
        }
    }

    /// The detail that is for the log alone.
    pub fn inner(&self) -> Option<&str> {
        match self {
            Self::Hub(HubError::Internal(inner)) => Some(inner),
            _ => None,
        }
    }
}

/// Gives the hub's field names those of an endpoint's body: `text` may be `message.text` there.
pub fn named(names: &'static [(&'static str, &'static str)]) -> impl FnOnce(HubError) -> HubError + Copy {
    move |error| match error {
        HubError::Invalid { field, message } => {
            let wire = names.iter().find(|(hub, _)| *hub == field);
            HubError::Invalid {
                field: wire.map_or(field, |(_, wire)| *wire),
                message,
            }
        }
        other => other,
    }
}

fn capitalized(text: &str) -> String {
    let mut text = text.to_owned();
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    text
}

impl From<HubError> for Failure {
    fn from(error: HubError) -> Self {
        Self::Hub(error)
    }
}

impl From<BodyError> for Failure {
    fn from(error: BodyError) -> Self {
        Self::Body(error)
    }
}

impl From<FieldError> for Failure {
    fn from(error: FieldError) -> Self {
        Self::Body(BodyError::Field(error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_told_by_its_name_on_the_wire() {
        let failure: Failure =
            named(&[("text", "message.text")])(HubError::invalid("text", "must not be empty")).into();
        assert_eq!(failure.field(), Some("message.text"));
        assert_eq!(failure.sentence(), "message.text must not be empty");
        assert_eq!(failure.status(), StatusCode::BAD_REQUEST);
    }

    #[test]
    fn inner_detail_is_not_in_the_sentence() {
        let failure = Failure::from(HubError::internal("the index of org_1 is damaged"));
        assert_eq!(failure.sentence(), "Internal error");
        assert_eq!(failure.inner(), Some("the index of org_1 is damaged"));
    }
}
