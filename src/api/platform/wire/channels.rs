//! Messages to addresses, on the wire.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use switchboard_actors::hub::deliveries::{FailedMessage, WaitingMessage};
use switchboard_actors::hub::messages::NewMessage;
use switchboard_actors::hub::outreach::Written;
use switchboard_domain::message::{DeliveryStatus, Form, TemplateUse};
use switchboard_domain::outbox::{ErrandState, PATIENCE};

use super::files::{FileIn, into_files};
use crate::http::body::FieldError;
use crate::http::wire::{Object, OneOf, Time, Word};

/// What a provider is answered.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::api::platform) struct ReceivedOut {
    #[schemars(example = &"received")]
    status: &'static str,
}

impl ReceivedOut {
    /// All of it.
    pub(in crate::api::platform) const RECEIVED: Self = Self { status: "received" };
}

/// What kind of WhatsApp message is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::api::platform) enum WhatsAppKind {
    Text,
    Template,
}

impl Word for WhatsAppKind {
    const EXPECTED: &'static str = "one of text, template";

    fn read(word: &str) -> Option<Self> {
        match word {
            "text" => Some(Self::Text),
            "template" => Some(Self::Template),
            _ => None,
        }
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api::platform) struct WhatsAppIn {
    /// Phone number with its country code; a leading `+` and blanks are allowed.
    #[schemars(example = &"1234567890")]
    to: String,
    #[serde(rename = "type")]
    kind: Option<OneOf<WhatsAppKind>>,
    /// The words, needed where there is no file; of a template, what the conversation shows for it.
    #[schemars(length(max = 4096))]
    text: Option<String>,
    /// Needed for a template.
    template: Option<Object<TemplateIn>>,
    /// The caller's own id for it.
    message_id: Option<String>,
    /// A file, with at most 1024 characters of text beside it; none with a template.
    #[serde(default)]
    #[schemars(length(max = 1))]
    attachments: Vec<FileIn>,
}

#[derive(Debug, Deserialize, JsonSchema)]
pub(in crate::api::platform) struct TemplateIn {
    /// Its name at WhatsApp.
    #[schemars(example = &"order_shipped", length(min = 1, max = 512))]
    name: String,
    /// As WhatsApp writes it.
    #[schemars(example = &"en_US", length(min = 2, max = 16))]
    language: String,
    /// The values of the variables in its body, in order.
    #[serde(default)]
    #[schemars(length(max = 50))]
    values: Vec<String>,
}

impl WhatsAppIn {
    /// To whom, and what.
    pub(in crate::api::platform) fn into_parts(
        self,
        key: Option<&str>,
    ) -> Result<(String, NewMessage), FieldError> {
        let kind = self.kind.map_or(WhatsAppKind::Text, |OneOf(kind)| kind);
        let (text, form) = match (kind, self.text, self.template) {
            (WhatsAppKind::Text, text, _) => (text.unwrap_or_default(), None),
            (WhatsAppKind::Template, _, None) => return Err(FieldError::new("template", "an object")),
            (WhatsAppKind::Template, text, Some(Object(template))) => (
                text.unwrap_or_else(|| template.shown()),
                Some(template.into_form()?),
            ),
        };
        let message = NewMessage {
            text,
            client_id: self.message_id.or_else(|| key.map(str::to_owned)),
            form,
            files: into_files(self.attachments)?,
            ..NewMessage::default()
        };
        Ok((self.to, message))
    }
}

impl TemplateIn {
    /// What a conversation shows where the caller does not say it.
    fn shown(&self) -> String {
        format!("[{}] {}", self.name, self.values.join(" · "))
            .trim()
            .to_owned()
    }

    fn into_form(self) -> Result<Form, FieldError> {
        let is_name = |text: &str, most: usize| {
            !text.is_empty() && text.len() <= most && !text.contains(char::is_whitespace)
        };
        if !is_name(&self.name, 512) {
            return Err(FieldError::new("template.name", "the name of a template"));
        }
        if !is_name(&self.language, 16) {
            return Err(FieldError::new("template.language", "a language such as en_US"));
        }
        let fits = |value: &String| !value.is_empty() && value.chars().count() <= 1_024;
        if self.values.len() > 50 || !self.values.iter().all(fits) {
            return Err(FieldError::new(
                "template.values",
                "at most 50 texts of 1 to 1024 characters",
            ));
        }
        Ok(Form::Template(TemplateUse {
            name: self.name,
            language: self.language,
            values: self.values,
        }))
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api::platform) struct SmsIn {
    /// Phone number with its country code; a leading `+` and blanks are allowed.
    #[schemars(example = &"1234567890")]
    to: String,
    #[schemars(length(min = 1, max = 2000))]
    text: String,
    /// The caller's own id for it.
    message_id: Option<String>,
}

impl SmsIn {
    /// To whom, and what.
    pub(in crate::api::platform) fn into_parts(self, key: Option<&str>) -> (String, NewMessage) {
        let message = NewMessage {
            text: self.text,
            client_id: self.message_id.or_else(|| key.map(str::to_owned)),
            ..NewMessage::default()
        };
        (self.to, message)
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api::platform) struct WritingIn {
    /// Needed where there is no file.
    #[serde(default)]
    #[schemars(length(max = 8000))]
    text: String,
    /// The caller's own id for it.
    message_id: Option<String>,
    /// By mail and WhatsApp alone, where one goes with a message.
    #[serde(default)]
    #[schemars(length(max = 20))]
    attachments: Vec<FileIn>,
}

impl WritingIn {
    /// What is written.
    pub(in crate::api::platform) fn into_new(self, key: Option<&str>) -> Result<NewMessage, FieldError> {
        Ok(NewMessage {
            text: self.text,
            client_id: self.message_id.or_else(|| key.map(str::to_owned)),
            files: into_files(self.attachments)?,
            ..NewMessage::default()
        })
    }
}

/// A message on its way.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api::platform) struct SentOut {
    /// `queued`, `sent`, `delivered`, `read` or `failed`.
    #[schemars(example = &"sent")]
    status: &'static str,
    message_id: String,
    #[schemars(with = "Time")]
    timestamp: String,
    session_id: String,
    /// Why it will not arrive, where it has failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<String>,
}

impl From<&Written> for SentOut {
    fn from(written: &Written) -> Self {
        let message = &written.message;
        let has_failed = message.status == DeliveryStatus::Failed;
        Self {
            status: message.status.as_str(),
            message_id: message.id.to_string(),
            timestamp: message.at.to_string(),
            session_id: written.conversation.id.to_string(),
            failure: has_failed.then(|| message.failure.clone()),
        }
    }
}

/// A message that has still to leave.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api::platform) struct WaitingOut {
    /// The hub's name for it.
    reference: String,
    session_id: String,
    sequence: u64,
    #[schemars(example = &"whatsapp")]
    channel: &'static str,
    /// Attempts so far.
    attempts: u32,
    #[schemars(with = "Time")]
    waiting_since: String,
    /// When it is tried or looked at next; null while its channel is not configured.
    #[schemars(with = "Option<Time>")]
    next_attempt_at: Option<String>,
    /// No attempt begins after this.
    #[schemars(with = "Time")]
    gives_up_at: String,
    /// Why nothing is tried, where that is so.
    reason: Option<String>,
    customer_name: String,
    /// It may have arrived: nobody knows until its provider reports, so it is not sent a second time.
    uncertain: bool,
}

impl From<&WaitingMessage> for WaitingOut {
    fn from(message: &WaitingMessage) -> Self {
        let channel = message.channel.as_str();
        let closed = (!message.is_open).then(|| format!("the channel {channel} is not configured"));
        let is_held = message.errand.state == ErrandState::Held;
        let held = is_held.then(|| "its campaign is paused, or in its quiet hours".to_owned());
        Self {
            reference: message.reference.clone(),
            session_id: message.conversation.to_string(),
            sequence: message.sequence,
            channel,
            attempts: message.errand.attempts,
            waiting_since: message.errand.since.to_string(),
            next_attempt_at: message.is_open.then(|| message.errand.due.to_string()),
            gives_up_at: message.errand.since.after(PATIENCE).to_string(),
            reason: closed.or(held),
            customer_name: message.customer_name.clone(),
            uncertain: message.errand.state == ErrandState::InDoubt,
        }
    }
}

/// A message that could not be sent.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api::platform) struct FailedOut {
    /// By which it is sent after all.
    reference: String,
    session_id: String,
    sequence: u64,
    reason: String,
    #[schemars(with = "Time")]
    failed_at: String,
    #[schemars(example = &"email")]
    channel: &'static str,
    customer_name: String,
}

impl From<&FailedMessage> for FailedOut {
    fn from(message: &FailedMessage) -> Self {
        Self {
            reference: message.reference.clone(),
            session_id: message.conversation.to_string(),
            sequence: message.sequence,
            reason: message.failed.reason.clone(),
            failed_at: message.failed.at.to_string(),
            channel: message.channel.as_str(),
            customer_name: message.customer_name.clone(),
        }
    }
}
