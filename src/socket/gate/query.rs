//! The query a socket connects with: its credential and where it left off, alike in every dialect.

use hyper::Uri;
use switchboard_actors::error::HubError;
use switchboard_domain::message::Sequence;

use crate::http::query::Query;

/// A decoded query; a parameter without a value counts as absent.
#[derive(Debug, Clone)]
pub struct ConnectQuery(Query);

impl ConnectQuery {
    /// The query of this address.
    pub fn of(uri: &Uri) -> Self {
        Self(Query::parse(uri.query().unwrap_or_default()))
    }

    /// A parameter's value.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.text(name).filter(|value| !value.is_empty())
    }

    /// The credential.
    pub fn token(&self) -> Option<&str> {
        self.text("token")
    }

    /// The newest message the client has seen: what comes behind it is sent again; 0 for everything.
    ///
    /// # Errors
    /// [`HubError::Invalid`] for anything but a whole number.
    pub fn last_sequence(&self) -> Result<Option<Sequence>, HubError> {
        let expected = || HubError::invalid("lastSequence", "must be a whole number, 0 for everything");
        self.text("lastSequence")
            .map(|value| value.parse().map_err(|_| expected()))
            .transpose()
    }
}
