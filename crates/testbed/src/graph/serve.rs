//! Which call it is, whether it may be made, and what it is answered, faults on order included.
//!
//! Invariant: a fault is taken only by a call that would have been right, so that a wrong call never hides behind one.

use std::sync::Arc;

use serde_json::{Value, json};

use super::body::{self, Asked};
use super::error::Refusal;
use super::state::State;
use super::{ACCESS_TOKEN, Call, DISPLAY_NUMBER, NUMBER_ID, VERSION, Webhook, files, samples};
use crate::fault::Fault;
use crate::http::{Answer, Answering, Request, Service};

/// Answers for the fake.
pub(super) struct Serving {
    state: Arc<State>,
}

/// A call that may be made.
enum Allowed {
    Message(Value),
    ReadMark(super::ReadMark),
    Upload,
    Address(String),
    Download(String),
    Probe,
}

impl Allowed {
    const fn call(&self) -> Call {
        match self {
            Self::Message(_) => Call::Message,
            Self::ReadMark(_) => Call::ReadMark,
            Self::Upload => Call::Upload,
            Self::Address(_) => Call::Address,
            Self::Download(_) => Call::Download,
            Self::Probe => Call::Probe,
        }
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
        let allowed = match self.allow(&request) {
            Ok(allowed) => allowed,
            Err(refusal) => return Some(self.refuse(&refusal)),
        };
        let fault = self.state.faults.lock().take(allowed.call());
        match &fault {
            Some(Fault::Code(code)) => return Some(Refusal::of_code(*code).answer()),
            Some(Fault::Answer(status, body, after)) => {
                return Some(Answer::plain(*status, body, after.clone()));
            }
            Some(fault) if !fault.is_accepting() => return None,
            _ => {}
        }
        let answer = match self.act(allowed, &request).await {
            Ok(answer) => answer,
            Err(refusal) => return Some(self.refuse(&refusal)),
        };
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

    fn refuse(&self, refusal: &Refusal) -> Answer {
        self.state.refusals.lock().push(refusal.body.clone());
        refusal.answer()
    }

    /// Token, path, method, content type and fields.
    fn allow(&self, request: &Request) -> Result<Allowed, Refusal> {
        if request.header("authorization") != format!("Bearer {ACCESS_TOKEN}") {
            return Err(Refusal::new(
                190,
                "Invalid OAuth access token - Cannot parse access token",
            ));
        }
        if request.path == "/attachments/" {
            let id = request.query.strip_prefix("mid=").unwrap_or_default();
            return Ok(Allowed::Download(id.to_owned()));
        }
        let path = request
            .path
            .strip_prefix('/')
            .and_then(|path| path.strip_prefix(VERSION)?.strip_prefix('/'))
            .ok_or_else(|| Refusal::new(2500, "Unknown path components"))?;
        let (object, edge) = path.split_once('/').unwrap_or((path, ""));
        match (request.method.as_str(), edge) {
            (_, "messages" | "media") if object != NUMBER_ID => Err(Refusal::unknown_object(object)),
            ("POST", "messages") => self.allow_message(request),
            ("POST", "media") => Ok(Allowed::Upload),
            ("GET", "") if object == NUMBER_ID => Ok(Allowed::Probe),
            ("GET", "") if self.state.files.lock().contains_key(object) => {
                Ok(Allowed::Address(object.to_owned()))
            }
            ("GET", "") => Err(Refusal::unknown_object(object)),
            _ => Err(Refusal::parameter(
                "Unsupported method or unknown path components",
            )),
        }
    }

    fn allow_message(&self, request: &Request) -> Result<Allowed, Refusal> {
        if !request.header("content-type").starts_with("application/json") {
            return Err(Refusal::parameter("The content type must be application/json."));
        }
        let body: Value = serde_json::from_slice(&request.body)
            .map_err(|_| Refusal::parameter("The body is not valid JSON."))?;
        match body::check(&body, &self.state)? {
            Asked::Message => Ok(Allowed::Message(body)),
            Asked::ReadMark(mark) => Ok(Allowed::ReadMark(mark)),
        }
    }

    async fn act(&self, allowed: Allowed, request: &Request) -> Result<Answer, Refusal> {
        let answer = match allowed {
            Allowed::Message(body) => self.send(body).await,
            Allowed::ReadMark(mark) => {
                self.state.read_marks.lock().push(mark);
                json!({"success": true})
            }
            Allowed::Upload => json!({"id": files::upload(request, &self.state)?}),
            Allowed::Address(id) => {
                self.file(&id, |file| Ok(files::address(&id, file, &self.state.base_url())))?
            }
            Allowed::Download(id) => {
                return self.file(&id, |file| {
                    if file.is_gone {
                        Ok(Answer::plain(404, "Not Found", None))
                    } else {
                        Ok(files::content(file))
                    }
                });
            }
            Allowed::Probe => json!({
                "id": NUMBER_ID, "display_phone_number": DISPLAY_NUMBER,
                "verified_name": "Testbed", "quality_rating": "GREEN"
            }),
        };
        Ok(Answer::json(200, &answer))
    }

    fn file<T>(
        &self,
        id: &str,
        use_it: impl FnOnce(&super::File) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let files = self.state.files.lock();
        files
            .get(id)
            .map_or_else(|| Err(Refusal::unknown_object(id)), use_it)
    }

    async fn send(&self, body: Value) -> Value {
        let word = |key: &str| body.get(key).and_then(Value::as_str).map(str::to_owned);
        let (to, user) = (word("to"), word("recipient"));
        let reference = word("biz_opaque_callback_data");
        let receiver = to.clone().or_else(|| user.clone()).unwrap_or_default();
        let id = self.state.add_sent(body);
        let early = self.state.early_reports.lock().clone();
        if let Some(url) = early {
            let status = samples::status(&id, "sent", &receiver, reference.as_deref());
            // Whoever does not listen finds out by the message's answer.
            drop(Webhook::of_status(status).post(&url, super::APP_SECRET).await);
        }
        let contact = match (to, user) {
            (Some(to), _) => json!({"input": to, "wa_id": to}),
            (None, user) => json!({"input": user, "user_id": user}),
        };
        json!({
            "messaging_product": "whatsapp",
            "contacts": [contact],
            "messages": [{"id": id, "message_status": "accepted"}]
        })
    }
}
