//! What the assistant understood of a message: intent, confidence, entities, sentiment.

use serde::{Deserialize, Serialize};

/// How sure, 0.0 to 1.0. There is no other way to make one than [`Confidence::new`] or [`Confidence::clamped`].
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Confidence(f32);

impl Confidence {
    /// No confidence at all.
    pub const ZERO: Self = Self(0.0);

    /// `None` unless `value` lies in 0.0–1.0.
    pub fn new(value: f32) -> Option<Self> {
        (0.0..=1.0).contains(&value).then_some(Self(value))
    }

    /// The nearest value in 0.0–1.0; not a number becomes 0.
    pub fn clamped(value: f32) -> Self {
        if value.is_nan() {
            Self(0.0)
        } else {
            Self(value.clamp(0.0, 1.0))
        }
    }

    /// The plain number.
    pub const fn value(self) -> f32 {
        self.0
    }

    /// The number for a JSON answer: three decimals, without the noise of a widened `f32`.
    pub fn rounded(self) -> f64 {
        (f64::from(self.0) * 1000.0).round() / 1000.0
    }
}

/// What a customer wants with a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Intent {
    /// "Hello".
    Greeting,
    /// A general question about the company, its goods or its rules.
    Inquiry,
    /// About placing, changing or cancelling an order.
    OrderInquiry,
    /// Where an order is.
    OrderStatus,
    /// Something went wrong and the customer is unhappy.
    Complaint,
    /// Praise or a suggestion.
    Feedback,
    /// Help with something that does not work.
    Support,
    /// Wants to talk to a person.
    AgentRequest,
    /// "Thank you".
    Thanks,
    /// "Bye".
    Goodbye,
    /// None of the above, or not sure.
    Uncategorized,
}

impl Intent {
    /// All intents, in a fixed order.
    pub const ALL: [Self; 11] = [
        Self::Greeting,
        Self::Inquiry,
        Self::OrderInquiry,
        Self::OrderStatus,
        Self::Complaint,
        Self::Feedback,
        Self::Support,
        Self::AgentRequest,
        Self::Thanks,
        Self::Goodbye,
        Self::Uncategorized,
    ];

    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Greeting => "greeting",
            Self::Inquiry => "inquiry",
            Self::OrderInquiry => "order_inquiry",
            Self::OrderStatus => "order_status",
            Self::Complaint => "complaint",
            Self::Feedback => "feedback",
            Self::Support => "support",
            Self::AgentRequest => "agent_request",
            Self::Thanks => "thanks",
            Self::Goodbye => "goodbye",
            Self::Uncategorized => "uncategorized",
        }
    }

    /// The nearest of the six intents that callers of the `rooms` family know: greeting, complaint, inquiry, support,
    /// feedback, uncategorized.
    #[must_use]
    pub const fn broad(self) -> Self {
        match self {
            Self::Greeting | Self::Goodbye => Self::Greeting,
            Self::Inquiry | Self::OrderInquiry | Self::OrderStatus => Self::Inquiry,
            Self::Support | Self::AgentRequest => Self::Support,
            Self::Feedback | Self::Thanks => Self::Feedback,
            Self::Complaint => Self::Complaint,
            Self::Uncategorized => Self::Uncategorized,
        }
    }

    /// The intent of that wire name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|intent| intent.as_str() == name)
    }
}

/// The few kinds of intents that some readers tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum IntentGroup {
    /// "Hello".
    Greeting,
    /// Wants to know something, or help with it.
    Question,
    /// Is unhappy.
    Complaint,
    /// Praises or suggests.
    Feedback,
    /// All else.
    Other,
}

impl IntentGroup {
    /// All groups, in a fixed order.
    pub const ALL: [Self; 5] = [
        Self::Greeting,
        Self::Question,
        Self::Complaint,
        Self::Feedback,
        Self::Other,
    ];

    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Greeting => "greeting",
            Self::Question => "question",
            Self::Complaint => "complaint",
            Self::Feedback => "feedback",
            Self::Other => "other",
        }
    }
}

impl Intent {
    /// The group it is of.
    pub const fn group(self) -> IntentGroup {
        match self {
            Self::Greeting => IntentGroup::Greeting,
            Self::Inquiry | Self::OrderInquiry | Self::OrderStatus | Self::Support => IntentGroup::Question,
            Self::Complaint => IntentGroup::Complaint,
            Self::Feedback => IntentGroup::Feedback,
            Self::AgentRequest | Self::Thanks | Self::Goodbye | Self::Uncategorized => IntentGroup::Other,
        }
    }
}

/// What a found entity is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntityKind {
    /// An e-mail address.
    Email,
    /// A phone number, digits with an optional leading `+`.
    Phone,
    /// An order number without its `#`.
    OrderNumber,
    /// A sum of money as written.
    Amount,
    /// A date as written.
    Date,
    /// A web address.
    Url,
}

impl EntityKind {
    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Phone => "phone",
            Self::OrderNumber => "order_number",
            Self::Amount => "amount",
            Self::Date => "date",
            Self::Url => "url",
        }
    }
}

/// Something concrete a message names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entity {
    /// What it is.
    pub kind: EntityKind,
    /// Its value, trimmed of decoration.
    pub value: String,
}

/// The mood of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sentiment {
    /// Unhappy.
    Negative,
    /// Neither.
    #[default]
    Neutral,
    /// Happy.
    Positive,
}

/// All that the assistant understood of one message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Analysis {
    /// The most likely intent.
    pub intent: Intent,
    /// Calibrated probability of that intent.
    pub confidence: Confidence,
    /// How close the message lies to anything the model was taught, whatever its intent.
    pub familiarity: Confidence,
    /// In order of appearance.
    pub entities: Vec<Entity>,
    /// The mood.
    pub sentiment: Sentiment,
    /// `false` when the message is in a language the model does not understand.
    pub language_known: bool,
}
