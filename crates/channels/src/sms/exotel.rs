//! Exotel: sending, and reading its callbacks.
//!
//! Invariant: a message that may have been taken is `Uncertain` and is settled by the status callback, which carries
//! the hub's own reference as `CustomField`.
//!
//! Exotel's pages: <https://developer.exotel.com/api/sms>, <https://developer.exotel.com/docs/sms-support/sms-webhooks>.

mod callback;

use std::fmt;
use std::time::Duration;

use reqwest::header::CONTENT_TYPE;
use serde_json::Value;
use switchboard_domain::ports::BoxFuture;
use switchboard_domain::ports::transport::{Outgoing, Receipt, SendError, Transport};

pub use self::callback::ExotelCallbacks;
use super::parts;
use crate::http::{self, Answer, Lost};

/// Characters of a message, whatever its parts.
pub const MAX_TEXT_CHARACTERS: usize = 2000;
const PATIENCE: Duration = Duration::from_secs(30);
/// An id that no message has: asking for it tells whether the credentials are good.
const NO_MESSAGE: &str = "00000000000000000000000000000000";

/// An account at Exotel.
#[derive(Clone)]
pub struct Account {
    /// Where the service is: `https://api.exotel.com` (Singapore) or `https://api.in.exotel.com` (Mumbai).
    pub base_url: String,
    /// The account.
    pub sid: String,
    /// User of the basic authentication.
    pub api_key: String,
    /// Password of the basic authentication.
    pub api_token: String,
    /// What customers see as the sender: an `ExoPhone` or a registered sender id.
    pub sender: String,
    /// Where the service reports what became of a message; it does not report without.
    pub status_callback: Option<String>,
}

/// Leaves key and token out.
impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account")
            .field("base_url", &self.base_url)
            .field("sid", &self.sid)
            .field("sender", &self.sender)
            .finish_non_exhaustive()
    }
}

/// The way out to Exotel.
#[derive(Debug)]
pub struct Exotel {
    client: reqwest::Client,
    account: Account,
    patience: Duration,
}

impl Exotel {
    /// Over this HTTP client, which others may share and which must follow no redirects.
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

    fn url(&self, path: &str) -> String {
        let base = self.account.base_url.trim_end_matches('/');
        format!("{base}/v1/Accounts/{}/{path}", self.account.sid)
    }

    async fn send_one(&self, message: Outgoing) -> Result<Receipt, SendError> {
        let form = self.form(&message)?;
        let request = self
            .client
            .post(self.url("Sms/send.json"))
            .basic_auth(&self.account.api_key, Some(&self.account.api_token))
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(form);
        let answer = http::exchange(request, self.patience).await.map_err(unanswered)?;
        if !answer.status.is_success() {
            return Err(refusal(&answer));
        }
        receipt(&answer, parts::count(&message.text).count)
    }

    fn form(&self, message: &Outgoing) -> Result<String, SendError> {
        check(message)?;
        let encoding = if parts::count(&message.text).is_unicode {
            "unicode"
        } else {
            "plain"
        };
        let mut fields = vec![
            ("From", self.account.sender.as_str()),
            ("To", &message.to),
            ("Body", &message.text),
            ("EncodingType", encoding),
            ("CustomField", &message.reference),
        ];
        if let Some(url) = &self.account.status_callback {
            fields.push(("StatusCallback", url));
        }
        serde_urlencoded::to_string(fields).map_err(|error| refused(error.to_string()))
    }

    async fn look(&self) -> Result<(), String> {
        let request = self
            .client
            .get(self.url(&format!("SMS/Messages/{NO_MESSAGE}.json")))
            .basic_auth(&self.account.api_key, Some(&self.account.api_token));
        let answer = http::exchange(request, self.patience)
            .await
            .map_err(|lost| format!("{} (see sms.base_url)", lost.reason()))?;
        match answer.status.as_u16() {
            200 | 400 | 404 => Ok(()),
            401 | 403 => Err(format!(
                "Exotel answered {} (mend sms.account_sid, sms.api_key and sms.api_token)",
                answer.status.as_u16()
            )),
            other => Err(format!("Exotel answered {other} (see sms.base_url)")),
        }
    }
}

fn refused(reason: impl Into<String>) -> SendError {
    SendError::Refused {
        reason: reason.into(),
    }
}

fn check(message: &Outgoing) -> Result<(), SendError> {
    if !message.files.is_empty() || message.template.is_some() {
        return Err(refused("an SMS carries text alone"));
    }
    let digits = message.to.strip_prefix('+').unwrap_or_default();
    if !(5..=15).contains(&digits.len()) || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err(refused("the receiver is no phone number"));
    }
    let length = message.text.chars().count();
    if message.text.trim().is_empty() || length > MAX_TEXT_CHARACTERS {
        return Err(refused(format!(
            "the text has {length} characters, an SMS takes 1 to {MAX_TEXT_CHARACTERS}"
        )));
    }
    Ok(())
}

fn unanswered(lost: Lost) -> SendError {
    let reason = lost.reason().to_owned();
    match lost {
        Lost::Unreached => SendError::Later { reason, after: None },
        Lost::Unanswered => SendError::Uncertain { reason },
        Lost::Unwritable => SendError::AccountStopped { reason },
    }
}

/// By the status alone, as Exotel asks its callers to; its words are for staff.
fn refusal(answer: &Answer) -> SendError {
    let status = answer.status.as_u16();
    let told = answer
        .body
        .pointer("/RestException/Message")
        .and_then(Value::as_str);
    let words: String = told.unwrap_or("no reason given").chars().take(300).collect();
    let reason = format!("Exotel error {status}: {words}");
    match status {
        401 | 403 => SendError::AccountStopped {
            reason: format!(
                "{reason} (see sms.account_sid, sms.api_key, sms.api_token and the account's balance)"
            ),
        },
        402 => SendError::AccountStopped { reason },
        502 | 504 if told.is_none() => SendError::Uncertain { reason },
        408 | 425 | 429 | 500.. => SendError::Later {
            reason,
            after: answer.after,
        },
        300..=399 => SendError::AccountStopped {
            reason: format!("{reason} (mend sms.base_url)"),
        },
        _ => SendError::Refused { reason },
    }
}

fn receipt(answer: &Answer, parts: u32) -> Result<Receipt, SendError> {
    let message = answer.body.get("SMSMessage").unwrap_or(&Value::Null);
    let word = |key: &str| message.get(key).and_then(Value::as_str).unwrap_or_default();
    if word("Sid").is_empty() {
        return Err(SendError::Uncertain {
            reason: "Exotel took the message and did not say under which id".into(),
        });
    }
    if word("Status").starts_with("failed") {
        return Err(refused(format!(
            "Exotel did not send it: {}",
            word("DetailedStatus")
        )));
    }
    Ok(Receipt {
        provider_id: word("Sid").to_owned(),
        parts,
    })
}

impl Transport for Exotel {
    fn send(&self, message: Outgoing) -> BoxFuture<'_, Result<Receipt, SendError>> {
        Box::pin(self.send_one(message))
    }

    /// Short messages that the text takes.
    fn parts(&self, text: &str) -> u32 {
        parts::count(text).count.max(1)
    }

    /// An SMS has no read mark.
    fn acknowledge(&self, _provider_id: String, _is_typing: bool) -> BoxFuture<'_, ()> {
        Box::pin(async {})
    }

    fn probe(&self) -> BoxFuture<'_, Result<(), String>> {
        Box::pin(self.look())
    }
}
