//! Requests to the service: bounded in time and size, tried again where that helps, refused while the breaker is open.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use reqwest::header::{CONTENT_TYPE, DATE, RETRY_AFTER};
use reqwest::{Response, StatusCode};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use switchboard_domain::ports::assistant::AssistantError;
use switchboard_domain::ports::clock::Random;
use switchboard_domain::retry_after::retry_after;
use tokio::time::Instant;

use super::breaker::Breaker;
use super::pace;

/// Bytes of the longest answer that is read.
const LONGEST_BODY: usize = 16 * 1024 * 1024;

/// The way to one service.
pub(super) struct Transport {
    client: reqwest::Client,
    base_url: String,
    api_key: Option<String>,
    random: Arc<dyn Random>,
    patience: Duration,
    breaker: Mutex<Breaker>,
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport")
            .field("base_url", &self.base_url)
            .finish_non_exhaustive()
    }
}

/// A body to send, as often as it takes.
pub(super) struct Body {
    /// Its media type.
    pub(super) content_type: String,
    /// Its bytes.
    pub(super) bytes: bytes::Bytes,
}

/// Why one attempt failed.
enum Failure {
    /// Trying again may help, after so long if the service says so.
    Passing(AssistantError, Option<Duration>),
    /// It would fail again.
    Lasting(AssistantError),
}

/// An error as the service words it; its message may repeat what was sent and is not read.
#[derive(Deserialize)]
struct Refusal {
    error: RefusalDetail,
}

#[derive(Deserialize)]
struct RefusalDetail {
    #[serde(default)]
    code: Option<String>,
    #[serde(default, rename = "type")]
    kind: Option<String>,
}

impl Transport {
    pub(super) const fn new(
        client: reqwest::Client,
        base_url: String,
        api_key: Option<String>,
        random: Arc<dyn Random>,
        patience: Duration,
    ) -> Self {
        Self {
            client,
            base_url,
            api_key,
            random,
            patience,
            breaker: Mutex::new(Breaker::Closed(0)),
        }
    }

    /// Sends `request` as JSON and reads the answer.
    pub(super) async fn post<T: Serialize, O: DeserializeOwned>(
        &self,
        path: &str,
        request: &T,
    ) -> Result<O, AssistantError> {
        let bytes = serde_json::to_vec(request)
            .map_err(|_| AssistantError::Failed("a request could not be written".into()))?;
        let body = Body {
            content_type: "application/json".to_owned(),
            bytes: bytes.into(),
        };
        self.send(path, &body).await
    }

    /// Sends a body and reads the answer, trying again where that helps.
    pub(super) async fn send<O: DeserializeOwned>(
        &self,
        path: &str,
        body: &Body,
    ) -> Result<O, AssistantError> {
        let began = Instant::now();
        let mut attempts = 0;
        loop {
            if !self.breaker.lock().admit(Instant::now()) {
                return Err(AssistantError::Overloaded);
            }
            attempts += 1;
            let left = self.patience.saturating_sub(began.elapsed());
            let (error, asked_for) = match self.attempt(path, body, left).await {
                Ok(answer) => {
                    self.breaker.lock().succeeded();
                    return Ok(answer);
                }
                Err(Failure::Lasting(error)) => {
                    self.breaker.lock().succeeded();
                    return Err(error);
                }
                Err(Failure::Passing(error, asked_for)) => (error, asked_for),
            };
            self.breaker.lock().failed(Instant::now());
            let left = self.patience.saturating_sub(began.elapsed());
            match pace::pause(attempts, asked_for, left, self.dice()) {
                Some(pause) => tokio::time::sleep(pause).await,
                None => return Err(error),
            }
        }
    }

    async fn attempt<O: DeserializeOwned>(
        &self,
        path: &str,
        body: &Body,
        limit: Duration,
    ) -> Result<O, Failure> {
        let answered = tokio::time::timeout(limit, self.exchange(path, body)).await;
        let bytes = answered.unwrap_or_else(|_| {
            Err(Failure::Passing(
                AssistantError::Failed("it did not answer in time".into()),
                None,
            ))
        })?;
        serde_json::from_slice(&bytes).map_err(|error| {
            let place = format!(
                "its answer cannot be read at line {}, column {}",
                error.line(),
                error.column()
            );
            Failure::Lasting(AssistantError::Failed(place))
        })
    }

    async fn exchange(&self, path: &str, body: &Body) -> Result<Vec<u8>, Failure> {
        let url = format!("{}{path}", self.base_url);
        let mut request = self
            .client
            .post(url)
            .header(CONTENT_TYPE, &body.content_type)
            .body(body.bytes.clone());
        if let Some(key) = &self.api_key {
            request = request.bearer_auth(key);
        }
        let response = request.send().await.map_err(|error| unreachable_host(&error))?;
        let status = response.status();
        if status.is_success() {
            return read(response).await;
        }
        Err(refused(status, response).await)
    }

    fn dice(&self) -> u8 {
        let mut bytes = [0];
        self.random.fill(&mut bytes);
        let [byte] = bytes;
        byte
    }
}

/// The body, as long as it is not too long.
async fn read(mut response: Response) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| unreachable_host(&error))? {
        if bytes.len() + chunk.len() > LONGEST_BODY {
            return Err(Failure::Lasting(AssistantError::Failed(
                "its answer is too long".into(),
            )));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

fn unreachable_host(error: &reqwest::Error) -> Failure {
    let what = if error.is_connect() {
        "it cannot be reached"
    } else {
        "the connection broke off"
    };
    Failure::Passing(AssistantError::Failed(what.into()), None)
}

/// A status other than success: too much asked of it and its own failures pass, everything else would come again.
async fn refused(status: StatusCode, response: Response) -> Failure {
    let word = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
    let asked_for = word(RETRY_AFTER).and_then(|value| retry_after(value, word(DATE)));
    let told = read(response).await.ok();
    let detail = told.and_then(|bytes| serde_json::from_slice::<Refusal>(&bytes).ok());
    let word = detail.and_then(|refusal| refusal.error.code.or(refusal.error.kind));
    let word: String = word.unwrap_or_default().chars().take(60).collect();
    let error = AssistantError::Failed(format!("it answered {} {word}", status.as_u16()));
    match status {
        StatusCode::TOO_MANY_REQUESTS if word == "insufficient_quota" => Failure::Lasting(error),
        StatusCode::TOO_MANY_REQUESTS => Failure::Passing(AssistantError::Overloaded, asked_for),
        status if status.is_server_error() => Failure::Passing(error, asked_for),
        _ => Failure::Lasting(error),
    }
}
