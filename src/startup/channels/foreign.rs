//! The guarded client as the channels want it: where a provider says that a file lies is called by it alone.
//!
//! Invariant: it decides nothing; who may be called is [`Outward`]'s to say.

use reqwest::{Client, Url};
use switchboard_channels::foreign::Guard;

use crate::egress::outward::{Outward, closed};

/// The way to where files lie.
#[derive(Debug)]
pub(super) struct Foreign(Outward);

impl Foreign {
    pub(super) fn new(allow_private: bool) -> Self {
        Self(Outward::new(allow_private))
    }
}

impl Guard for Foreign {
    fn client_for(&self, url: &Url) -> Result<Client, String> {
        self.0
            .admit(url)
            .map_err(|expected| format!("the file's address {expected}"))?;
        self.0.client().cloned()
    }

    fn refusal(&self, error: &reqwest::Error) -> Option<String> {
        closed(error).map(|why| format!("the file's host: {why}"))
    }
}
