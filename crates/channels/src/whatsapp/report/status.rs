//! How far a message of ours has come, and what went wrong.
//!
//! Invariant: a status names the message by the provider's id; the hub's own reference is there where the provider
//! gives it back (`biz_opaque_callback_data`), so that a send whose answer was lost is still settled.
//!
//! Meta's page: <https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages/status>.

use switchboard_domain::time::Timestamp;

use super::identity::Person;
use super::json::{Json, integer, list, moment, text};

/// Characters of a reason that is shown to staff.
const LONGEST_REASON: usize = 500;

/// How far a message has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// The provider sent it on.
    Sent,
    /// It is on the customer's device.
    Delivered,
    /// It was seen, or heard.
    Read,
    /// It will not arrive.
    Failed,
}

/// What the provider charges for a message, as far as it says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pricing {
    /// Whether it costs anything.
    pub is_billable: Option<bool>,
    /// `service`, `utility`, `marketing`, `authentication`, …
    pub category: Option<String>,
    /// `PMP` (per message) or, of old, `CBP` (per conversation).
    pub model: Option<String>,
}

/// What went wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The provider's number for it.
    pub code: Option<i64>,
    /// Code and words, for staff.
    pub reason: String,
}

/// How far a message of ours has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// The provider's id of the message.
    pub id: String,
    /// How far.
    pub state: State,
    /// When, by the provider's clock.
    pub at: Option<Timestamp>,
    /// To whom it went.
    pub recipient: Person,
    /// The hub's own name for the message, where it comes back.
    pub reference: Option<String>,
    /// Why it failed.
    pub failure: Option<Failure>,
    /// What it costs.
    pub pricing: Option<Pricing>,
    /// The provider's id for the conversation it is charged to.
    pub conversation_id: Option<String>,
}

impl Status {
    /// Reads one element of `statuses`.
    ///
    /// # Errors
    /// Why it says nothing of a message of ours.
    pub(super) fn read(status: Json<'_>, value: Json<'_>) -> Result<Self, String> {
        let id = text(status, "id").ok_or("a status without the id of a message")?;
        let word = text(status, "status").ok_or("a status that does not say how far")?;
        let conversation = status.get("conversation").unwrap_or(Json::NONE);
        Ok(Self {
            id,
            state: state(&word)?,
            at: moment(status, "timestamp"),
            recipient: Person::recipient(status, value),
            reference: text(status, "biz_opaque_callback_data"),
            failure: list(status, "errors").next().map(Failure::read),
            // In groups it is said within the conversation.
            pricing: status
                .get("pricing")
                .or_else(|| conversation.get("pricing"))
                .map(Pricing::read),
            conversation_id: text(conversation, "id"),
        })
    }
}

fn state(word: &str) -> Result<State, String> {
    match word {
        "sent" => Ok(State::Sent),
        "delivered" => Ok(State::Delivered),
        // A voice message is played where others are read.
        "read" | "played" => Ok(State::Read),
        "failed" => Ok(State::Failed),
        other => {
            let known: String = other.chars().take(40).collect();
            Err(format!("a status {known:?} that is not known"))
        }
    }
}

impl Pricing {
    fn read(pricing: Json<'_>) -> Self {
        Self {
            is_billable: pricing.get("billable").and_then(Json::as_bool),
            category: text(pricing, "category"),
            model: text(pricing, "pricing_model"),
        }
    }
}

impl Failure {
    /// Reads one element of an `errors` list.
    pub(super) fn read(error: Json<'_>) -> Self {
        let code = integer(error, "code");
        let title = text(error, "title").or_else(|| text(error, "message"));
        let details = error.get("error_data").and_then(|data| text(data, "details"));
        let number = code.map(|code| code.to_string());
        let words: Vec<String> = [number, title, details].into_iter().flatten().collect();
        let reason = if words.is_empty() {
            "the provider does not say why".to_owned()
        } else {
            words.join(": ").chars().take(LONGEST_REASON).collect()
        };
        Self { code, reason }
    }
}
