//! The way out to what an organization or a payload names: notices to webhooks, and whatever else is fetched from there.
//!
//! Built by `startup`. The names are looked up here, and only addresses that [`super::address`] calls open are handed to
//! the connection, so that what was checked is what is called. Invariant: no redirect is followed and no proxy of the
//! environment is used, for either would call for us what was never looked at.

use std::error::Error;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use std::{fmt, io};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{DATE, RETRY_AFTER};
use reqwest::{Client, Response, Url};
use switchboard_domain::ports::BoxFuture;
use switchboard_domain::ports::poster::{Answered, Post, PostError, Poster};
use switchboard_domain::retry_after;

use super::address::is_open;

/// Time an endpoint has for its answer.
const ANSWER: Duration = Duration::from_secs(15);
/// What callers read of an address that is never called.
const REFUSED: &str = "must name a host on the internet: addresses and localhost are refused unless egress.allow_private is true";

/// The client for foreign addresses, made when it is first needed.
#[derive(Debug)]
pub struct Outward {
    allow_private: bool,
    /// From the look-up of the name to the head of the answer.
    answer: Duration,
    names: Arc<dyn Names>,
    client: OnceLock<Result<Client, String>>,
}

/// All addresses of the name are closed.
#[derive(Debug, thiserror::Error)]
#[error(
    "{0} is a private, loopback or otherwise special address; such are refused unless egress.allow_private is true"
)]
struct Closed(String);

/// Who knows the addresses of names.
trait Names: Send + Sync + fmt::Debug {
    fn look_up(&self, name: Name) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>>;
}

/// As the system does.
#[derive(Debug)]
struct SystemNames;

impl Names for SystemNames {
    fn look_up(&self, name: Name) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>> {
        Box::pin(async move { Ok(tokio::net::lookup_host((name.as_str(), 0)).await?.collect()) })
    }
}

/// Looks names up for one connection, and keeps what is open: what it does not give is not called.
#[derive(Debug)]
struct Guarded(Arc<dyn Names>);

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let found = self.0.look_up(name);
        Box::pin(async move {
            let (open, closed): (Vec<SocketAddr>, Vec<_>) = found
                .await?
                .into_iter()
                .partition(|address| is_open(address.ip()));
            if let ([], Some(first)) = (open.as_slice(), closed.first()) {
                return Err(Closed(first.ip().to_string()).into());
            }
            let open: Addrs = Box::new(open.into_iter());
            Ok(open)
        })
    }
}

impl Outward {
    /// Which calls private addresses, too, if it may.
    pub fn new(allow_private: bool) -> Self {
        Self {
            allow_private,
            answer: ANSWER,
            names: Arc::new(SystemNames),
            client: OnceLock::new(),
        }
    }

    /// The client; made the first time.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn client(&self) -> Result<&Client, String> {
        let made = self.client.get_or_init(|| {
            let builder = super::builder().no_proxy();
            let builder = if self.allow_private {
                builder
            } else {
                builder.dns_resolver(Arc::new(Guarded(Arc::clone(&self.names))))
            };
            builder.build().map_err(|error| error.to_string())
        });
        made.as_ref().map_err(Clone::clone)
    }

    /// The URL, unless its host is an address or this machine itself. Addresses are never looked up, so that the way they
    /// are written (decimal, octal, with fewer parts) must not matter: the URL's own parser has made them one form.
    fn admitted(&self, url: &str) -> Result<Url, String> {
        let url = Url::parse(url).map_err(|error| format!("must be a URL: {error}"))?;
        self.admit(&url)?;
        Ok(url)
    }

    /// The same for one that was read already.
    ///
    /// # Errors
    /// What its host must be.
    pub fn admit(&self, url: &Url) -> Result<(), String> {
        let host = url.host_str().unwrap_or_default().trim_end_matches('.');
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let is_local = host == "localhost" || host.ends_with(".localhost");
        if !self.allow_private && (is_local || bare.parse::<IpAddr>().is_ok()) {
            return Err(REFUSED.to_owned());
        }
        Ok(())
    }

    async fn send(&self, post: Post) -> Result<Answered, PostError> {
        let url = self.admitted(&post.url).map_err(PostError::Refused)?;
        let client = self.client().map_err(PostError::Failed)?;
        let mut request = client.post(url).timeout(self.answer).body(post.body);
        for (name, value) in post.headers {
            request = request.header(name, value);
        }
        match request.send().await {
            // Its body is never read: it ends with the connection.
            Ok(answer) => Ok(Answered {
                status: answer.status().as_u16(),
                retry_after: retry_after(&answer),
            }),
            Err(error) if error.is_timeout() => {
                let seconds = self.answer.as_secs();
                Err(PostError::Failed(format!("no answer came within {seconds} s")))
            }
            Err(error) => Err(failure(&error)),
        }
    }
}

impl Poster for Outward {
    fn post(&self, post: Post) -> BoxFuture<'_, Result<Answered, PostError>> {
        Box::pin(self.send(post))
    }

    fn check(&self, url: &str) -> Result<(), String> {
        self.admitted(url).map(drop)
    }
}

/// The wait that the endpoint asks for, at most a day.
fn retry_after(answer: &Response) -> Option<Duration> {
    let word = |name| answer.headers().get(name)?.to_str().ok();
    retry_after::retry_after(word(RETRY_AFTER)?, word(DATE))
}

/// The innermost reason says most; the URL, which may hold a secret of the endpoint's, is not in it.
fn failure(error: &reqwest::Error) -> PostError {
    if let Some(closed) = closed(error) {
        return PostError::Refused(closed);
    }
    let mut inner: &(dyn Error + 'static) = error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    PostError::Failed(inner.to_string())
}

/// Which closed address its name stands for, if that is why a request was not sent.
pub fn closed(error: &reqwest::Error) -> Option<String> {
    let mut next = error.source();
    while let Some(source) = next {
        if let Some(closed) = source.downcast_ref::<Closed>() {
            return Some(closed.to_string());
        }
        next = source.source();
    }
    None
}

#[cfg(test)]
mod tests;
