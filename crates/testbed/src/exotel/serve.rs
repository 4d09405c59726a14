//! Which call it is, whether it may be made, and what it is answered, faults on order included.
//!
//! Invariant: a fault is taken only by a call that would have been right.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::{ACCOUNT_SID, API_KEY, API_TOKEN, Call, SENDER, Sent, State};
use crate::fault::Fault;
use crate::http::{Answer, Answering, Request, Service};

/// Characters of a message.
const LONGEST_BODY: usize = 2000;

/// Answers for the fake.
pub(super) struct Serving {
    state: Arc<State>,
}

/// A call that is wrong: status and words.
struct Wrong(u16, String);

impl Wrong {
    fn parameter(words: impl Into<String>) -> Self {
        Self(400, words.into())
    }

    fn answer(&self) -> Answer {
        refusal(self.0, &self.1)
    }
}

impl Service for Serving {
    fn answer(self: Arc<Self>, request: Request) -> Answering {
        Box::pin(async move { self.respond(request).await })
    }
}

impl Serving {
    pub(super) const fn new(state: Arc<State>) -> Self {
        Self { state }
    }

    async fn respond(&self, request: Request) -> Option<Answer> {
        let (call, message) = match self.allow(&request) {
            Ok(allowed) => allowed,
            Err(wrong) => {
                self.state.refusals.lock().push(wrong.1.clone());
                return Some(wrong.answer());
            }
        };
        let fault = self.state.faults.lock().take(call);
        match &fault {
            Some(Fault::Code(status)) => {
                let status = u16::try_from(*status).unwrap_or(500);
                return Some(refusal(status, "on order"));
            }
            Some(Fault::Answer(status, body, after)) => {
                return Some(Answer::plain(*status, body, after.clone()));
            }
            Some(fault) if !fault.is_accepting() => return None,
            _ => {}
        }
        let answer = message.map_or_else(
            || refusal(404, "The requested resource does not exist"),
            |message| self.accept(message),
        );
        let delay = *self.state.delay.lock();
        tokio::time::sleep(delay).await;
        match fault {
            Some(Fault::CloseAccepted) => None,
            Some(Fault::Garbage) => Some(Answer::plain(200, "<html>It works!</html>", None)),
            Some(Fault::Slow(pause)) => {
                tokio::time::sleep(pause).await;
                Some(answer)
            }
            _ => Some(answer),
        }
    }

    fn allow(&self, request: &Request) -> Result<(Call, Option<Sent>), Wrong> {
        let expected = format!("Basic {}", STANDARD.encode(format!("{API_KEY}:{API_TOKEN}")));
        if request.header("authorization") != expected {
            return Err(Wrong(401, "Authentication failed".into()));
        }
        let path = request
            .path
            .strip_prefix("/v1/Accounts/")
            .and_then(|path| path.strip_prefix(ACCOUNT_SID))
            .ok_or_else(|| Wrong(404, "Account not found".into()))?;
        match (request.method.as_str(), path) {
            ("POST", "/Sms/send.json") => self
                .message(request)
                .map(|message| (Call::Message, Some(message))),
            ("GET", path) if path.starts_with("/SMS/Messages/") => Ok((Call::Details, None)),
            _ => Err(Wrong(404, format!("No such resource: {path}"))),
        }
    }

    fn message(&self, request: &Request) -> Result<Sent, Wrong> {
        if request.header("content-type") != "application/x-www-form-urlencoded" {
            return Err(Wrong::parameter("The content type must be a form"));
        }
        let mut fields: BTreeMap<String, String> = serde_urlencoded::from_bytes(&request.body)
            .map_err(|_| Wrong::parameter("The form cannot be read"))?;
        let mut take = |key: &str| {
            fields
                .remove(key)
                .filter(|value| !value.is_empty())
                .ok_or_else(|| Wrong::parameter(format!("Mandatory Parameter missing: {key}")))
        };
        let (from, to, body) = (take("From")?, take("To")?, take("Body")?);
        let encoding = take("EncodingType").unwrap_or_else(|_| "plain".into());
        let (reference, status_callback) = (take("CustomField").ok(), take("StatusCallback").ok());
        check(&from, &to, &body, &encoding)?;
        if let Some(key) = fields.keys().next() {
            return Err(Wrong::parameter(format!("Unknown parameter: {key}")));
        }
        let number = self.state.sent.borrow().len() + 1;
        Ok(Sent {
            id: format!("{:08x}{number:024x}", *self.state.port.lock()),
            to,
            body,
            is_unicode: encoding == "unicode",
            reference,
            status_callback,
        })
    }

    fn accept(&self, message: Sent) -> Answer {
        let answer = json!({"SMSMessage": {
            "Sid": message.id, "AccountSid": ACCOUNT_SID, "From": SENDER, "To": message.to,
            "DateCreated": "2026-03-01 10:00:00", "DateUpdated": "2026-03-01 10:00:00", "DateSent": null,
            "Body": message.body, "Direction": "outbound-api", "Price": null, "Status": "queued",
            "SmsUnits": null, "DetailedStatus": "PENDING_TO_OPERATOR", "DetailedStatusCode": 21010
        }});
        self.state.sent.send_modify(|all| all.push(message));
        Answer::json(200, &answer)
    }
}

fn check(from: &str, to: &str, body: &str, encoding: &str) -> Result<(), Wrong> {
    if from != SENDER {
        return Err(Wrong::parameter("Invalid 'From': not a sender of this account"));
    }
    let digits = to.strip_prefix('+').unwrap_or(to);
    if !(8..=15).contains(&digits.len()) || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err(Wrong::parameter(format!("Invalid Recipient [{to}]")));
    }
    if body.chars().count() > LONGEST_BODY {
        return Err(Wrong::parameter("Body exceeds 2000 characters"));
    }
    match encoding {
        "plain" | "unicode" => Ok(()),
        other => Err(Wrong::parameter(format!("Invalid EncodingType: {other}"))),
    }
}

fn refusal(status: u16, words: &str) -> Answer {
    let body = json!({"RestException": {"Status": status, "Message": words}});
    Answer::json(status, &body)
}
