//! Sending through the Cloud API: the domain's `Transport` over one business number.
//!
//! The outbox calls it, the composition root builds it with the hub's one HTTP client, which must follow no redirects.
//! Invariant: one call of `send` asks the provider for one message at most, and what may have been taken is
//! [`SendError::Uncertain`]. An upload comes before any message, so that its failure leaves nothing open.
//!
//! Meta's page: <https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/send-messages>.

mod payload;
mod upload;

use std::fmt;
use std::time::Duration;

use reqwest::RequestBuilder;
use serde_json::{Value, json};
use switchboard_domain::ports::BoxFuture;
use switchboard_domain::ports::transport::{Outgoing, Receipt, SendError, Transport};

pub use self::payload::{MAX_CAPTION_CHARACTERS, MAX_TEXT_CHARACTERS};
pub use self::upload::MAX_FILE_BYTES;
use super::refusal::{self, Refusal};
use crate::http::{self, Answer};

/// Time that a message may take, unless told otherwise.
const PATIENCE: Duration = Duration::from_secs(30);
/// Time that a read mark or a probe may take; nothing waits for them.
const SHORT_PATIENCE: Duration = Duration::from_secs(10);

/// One business number, and the right to use it.
#[derive(Clone)]
pub struct Account {
    /// Where the Graph API is: `https://graph.facebook.com`.
    pub base_url: String,
    /// Its version: `v23.0`.
    pub version: String,
    /// The business number's id.
    pub number_id: String,
    /// The token.
    pub access_token: String,
}

/// Leaves the token out.
impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account")
            .field("base_url", &self.base_url)
            .field("version", &self.version)
            .field("number_id", &self.number_id)
            .finish_non_exhaustive()
    }
}

impl Account {
    /// The address of something below the version.
    pub(super) fn url(&self, path: &str) -> String {
        let base = self.base_url.trim_end_matches('/');
        format!("{base}/{}/{path}", self.version)
    }
}

/// The way out to WhatsApp.
///
/// A message carries one file at most and no text beyond [`MAX_TEXT_CHARACTERS`] ([`MAX_CAPTION_CHARACTERS`] with a
/// file): more is `Refused` and not split or cut, because parts could arrive alone. Whoever writes the message decides
/// how to divide it.
#[derive(Debug)]
pub struct WhatsApp {
    client: reqwest::Client,
    account: Account,
    patience: Duration,
}

impl WhatsApp {
    /// Over this HTTP client, which others may share; it gives up connecting well before the time a request may take.
    pub const fn new(client: reqwest::Client, account: Account) -> Self {
        Self {
            client,
            account,
            patience: PATIENCE,
        }
    }

    /// With another limit to the time that one request may take.
    #[must_use]
    pub const fn with_patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    async fn send_one(&self, mut message: Outgoing) -> Result<Receipt, SendError> {
        let file = payload::check(&mut message)?;
        let media = match file {
            Some(file) => Some(self.upload(file).await?),
            None => None,
        };
        let body = payload::write(&message, media.as_ref())?;
        let answer = http::exchange(self.messages(&body), self.patience)
            .await
            .map_err(unanswered)?;
        receipt(&answer)
    }

    fn messages(&self, body: &Value) -> RequestBuilder {
        let path = format!("{}/messages", self.account.number_id);
        self.authorized(self.client.post(self.account.url(&path)))
            .json(body)
    }

    fn authorized(&self, request: RequestBuilder) -> RequestBuilder {
        request.bearer_auth(&self.account.access_token)
    }

    async fn mark_read(&self, provider_id: &str, is_typing: bool) -> Result<(), String> {
        let mut body = json!({"messaging_product": "whatsapp", "status": "read", "message_id": provider_id});
        if is_typing && let Some(fields) = body.as_object_mut() {
            fields.insert("typing_indicator".into(), json!({"type": "text"}));
        }
        let answer = http::exchange(self.messages(&body), SHORT_PATIENCE)
            .await
            .map_err(|lost| lost.reason().to_owned())?;
        if answer.status.is_success() {
            return Ok(());
        }
        Err(refusal::send_error(&answer).to_string())
    }

    async fn look(&self) -> Result<(), String> {
        let path = format!(
            "{}?fields=id,display_phone_number,verified_name,quality_rating",
            self.account.number_id
        );
        let request = self.authorized(self.client.get(self.account.url(&path)));
        let answer = http::exchange(request, SHORT_PATIENCE)
            .await
            .map_err(|lost| format!("{} (see whatsapp.graph_base_url)", lost.reason()))?;
        let id = answer.body.get("id").and_then(Value::as_str);
        match (answer.status.is_success(), id) {
            (true, Some(id)) if id == self.account.number_id => Ok(()),
            (true, _) => Err(
                "the Graph API knows no number under whatsapp.phone_number_id, or this is not the Graph API \
                 (see whatsapp.graph_base_url)"
                    .to_owned(),
            ),
            (false, _) => Err(trouble(&answer)),
        }
    }
}

fn trouble(answer: &Answer) -> String {
    let unseen = Refusal::read(&answer.body).is_some_and(|refusal| refusal.code == 100);
    let error = refusal::send_error(answer);
    if unseen {
        format!("{error} (mend whatsapp.phone_number_id, or the token does not see that number)")
    } else {
        error.to_string()
    }
}

fn unanswered(lost: http::Lost) -> SendError {
    let reason = lost.reason().to_owned();
    match lost {
        http::Lost::Unreached => SendError::Later { reason, after: None },
        http::Lost::Unanswered => SendError::Uncertain { reason },
        http::Lost::Unwritable => SendError::AccountStopped { reason },
    }
}

fn receipt(answer: &Answer) -> Result<Receipt, SendError> {
    if !answer.status.is_success() {
        return Err(refusal::send_error(answer));
    }
    let id = answer.body.pointer("/messages/0/id").and_then(Value::as_str);
    let id = id
        .filter(|id| !id.is_empty())
        .ok_or_else(|| SendError::Uncertain {
            reason: "WhatsApp took the message and did not say under which id".into(),
        })?;
    Ok(Receipt {
        provider_id: id.to_owned(),
        parts: 1,
    })
}

impl Transport for WhatsApp {
    fn send(&self, message: Outgoing) -> BoxFuture<'_, Result<Receipt, SendError>> {
        Box::pin(self.send_one(message))
    }

    /// The read mark covers all earlier messages too; the typing indicator ends with our answer or after 25 seconds.
    /// Meta's page: `typing-indicators`.
    fn acknowledge(&self, provider_id: String, is_typing: bool) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            if let Err(reason) = self.mark_read(&provider_id, is_typing).await {
                tracing::debug!(
                    provider_id,
                    reason,
                    "a WhatsApp message could not be marked as read"
                );
            }
        })
    }

    fn probe(&self) -> BoxFuture<'_, Result<(), String>> {
        Box::pin(self.look())
    }
}
