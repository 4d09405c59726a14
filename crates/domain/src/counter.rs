//! What the analytics count: additions in hourly buckets, made in the commit of what they count.
//!
//! A report adds up the buckets of its span, so it costs the span, not the messages stored.

use crate::analysis::Intent;
use crate::cost::{Money, Service};
use crate::customer::Channel;
use crate::message::Author;

/// Who answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Answerer {
    /// The AI.
    Assistant,
    /// A human.
    Agent,
}

/// Who wrote a counted message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Writer {
    /// The person outside.
    Customer,
    /// The AI.
    Assistant,
    /// A human who answers.
    Agent,
}

impl From<Author> for Writer {
    fn from(author: Author) -> Self {
        match author {
            Author::Customer => Self::Customer,
            Author::Assistant => Self::Assistant,
            Author::Agent(_) => Self::Agent,
        }
    }
}

/// One thing that happened and is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tally {
    /// A conversation's first message.
    Conversation,
    /// A message.
    Message(Writer),
    /// A handover; `first`: of its conversation.
    Handover {
        /// The conversation had none before.
        first: bool,
    },
    /// A conversation was closed.
    Closed {
        /// From its first message.
        seconds: u64,
        /// Without any handover.
        by_assistant: bool,
        /// What the customer wanted last.
        intent: Option<Intent>,
    },
    /// A customer's question was answered.
    Response {
        /// By whom.
        by: Answerer,
        /// From the customer's first unanswered message.
        millis: u64,
    },
    /// A message's intent was recognised.
    Intent(Intent),
    /// A customer rated, 1–5.
    Rating(u8),
    /// An earlier rating was replaced.
    RatingWithdrawn(u8),
    /// A customer came for the first time.
    Customer,
    /// An answer was there already, or was not.
    Cache {
        /// It was.
        hit: bool,
    },
    /// Something was paid for.
    Cost(Service, Money),
}

/// What one counter counts. The number is part of stored keys: never change one, only add.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Metric {
    /// Conversations begun.
    Conversations,
    /// Messages by customers.
    CustomerMessages,
    /// Messages by the assistant.
    AssistantMessages,
    /// Messages by agents.
    AgentMessages,
    /// Conversations handed over for the first time.
    Handovers,
    /// Conversations closed.
    Closed,
    /// Conversations closed without any handover.
    AssistantResolved,
    /// Seconds from opening to close, summed.
    ResolutionSeconds,
    /// Answers by the assistant.
    AssistantResponses,
    /// Milliseconds to them, summed.
    AssistantResponseMillis,
    /// Answers by agents.
    AgentResponses,
    /// Milliseconds to them, summed.
    AgentResponseMillis,
    /// Ratings given.
    Ratings,
    /// Their stars, summed.
    RatingStars,
    /// Customers who came for the first time.
    Customers,
    /// Answers that were there already.
    CacheHits,
    /// Answers that were looked for in the cache and were not there.
    CacheMisses,
    /// Millionths of the currency unit paid for a service.
    Cost(Service),
    /// Messages of an intent.
    Intent(Intent),
    /// Conversations closed whose last intent this was.
    ClosedOf(Intent),
    /// Those of them closed without any handover.
    ResolvedOf(Intent),
}

impl Metric {
    /// The metric's place in a stored key.
    pub fn code(self) -> u8 {
        match self {
            Self::Conversations => 1,
            Self::CustomerMessages => 2,
            Self::AssistantMessages => 3,
            Self::AgentMessages => 4,
            Self::Handovers => 5,
            Self::Closed => 6,
            Self::AssistantResolved => 7,
            Self::ResolutionSeconds => 8,
            Self::AssistantResponses => 9,
            Self::AssistantResponseMillis => 10,
            Self::AgentResponses => 11,
            Self::AgentResponseMillis => 12,
            Self::Ratings => 13,
            Self::RatingStars => 14,
            Self::Customers => 15,
            Self::CacheHits => 16,
            Self::CacheMisses => 17,
            Self::Cost(service) => 50 + service_code(service),
            Self::Intent(intent) => 100 + intent_code(intent),
            Self::ClosedOf(intent) => 150 + intent_code(intent),
            Self::ResolvedOf(intent) => 200 + intent_code(intent),
        }
    }
}

/// The intent's place in a stored key: never change one, only add.
const fn intent_code(intent: Intent) -> u8 {
    match intent {
        Intent::Greeting => 0,
        Intent::Inquiry => 1,
        Intent::OrderInquiry => 2,
        Intent::OrderStatus => 3,
        Intent::Complaint => 4,
        Intent::Feedback => 5,
        Intent::Support => 6,
        Intent::AgentRequest => 7,
        Intent::Thanks => 8,
        Intent::Goodbye => 9,
        Intent::Uncategorized => 10,
    }
}

/// The service's place in a stored key: never change one, only add.
const fn service_code(service: Service) -> u8 {
    match service {
        Service::OpenaiGpt => 0,
        Service::OpenaiEmbedding => 1,
        Service::OpenaiAudio => 2,
        Service::Whatsapp => 3,
        Service::Email => 4,
        Service::ExotelSms => 5,
    }
}

/// A channel's place in a stored key: never change one, only add.
pub const fn channel_code(channel: Channel) -> u8 {
    match channel {
        Channel::Web => 0,
        Channel::Whatsapp => 1,
        Channel::Email => 2,
        Channel::Sms => 3,
    }
}

impl Tally {
    /// The additions this makes: metric and amount.
    pub fn additions(self) -> Vec<(Metric, i64)> {
        let amount = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
        match self {
            Self::Conversation => vec![(Metric::Conversations, 1)],
            Self::Message(Writer::Customer) => vec![(Metric::CustomerMessages, 1)],
            Self::Message(Writer::Assistant) => vec![(Metric::AssistantMessages, 1)],
            Self::Message(Writer::Agent) => vec![(Metric::AgentMessages, 1)],
            Self::Handover { first } => {
                if first {
                    vec![(Metric::Handovers, 1)]
                } else {
                    Vec::new()
                }
            }
            Self::Closed {
                seconds,
                by_assistant,
                intent,
            } => closed(seconds, by_assistant, intent),
            Self::Response {
                by: Answerer::Assistant,
                millis,
            } => {
                vec![
                    (Metric::AssistantResponses, 1),
                    (Metric::AssistantResponseMillis, amount(millis)),
                ]
            }
            Self::Response {
                by: Answerer::Agent,
                millis,
            } => {
                vec![
                    (Metric::AgentResponses, 1),
                    (Metric::AgentResponseMillis, amount(millis)),
                ]
            }
            Self::Intent(intent) => vec![(Metric::Intent(intent), 1)],
            Self::Rating(stars) => vec![(Metric::Ratings, 1), (Metric::RatingStars, i64::from(stars))],
            Self::RatingWithdrawn(stars) => {
                vec![(Metric::Ratings, -1), (Metric::RatingStars, -i64::from(stars))]
            }
            Self::Customer => vec![(Metric::Customers, 1)],
            Self::Cache { hit: true } => vec![(Metric::CacheHits, 1)],
            Self::Cache { hit: false } => vec![(Metric::CacheMisses, 1)],
            Self::Cost(service, money) => vec![(Metric::Cost(service), money.as_millionths())],
        }
    }
}

fn closed(seconds: u64, by_assistant: bool, intent: Option<Intent>) -> Vec<(Metric, i64)> {
    let resolved = i64::from(by_assistant);
    let mut additions = vec![
        (Metric::Closed, 1),
        (
            Metric::ResolutionSeconds,
            i64::try_from(seconds).unwrap_or(i64::MAX),
        ),
        (Metric::AssistantResolved, resolved),
    ];
    if let Some(intent) = intent {
        additions.push((Metric::ClosedOf(intent), 1));
        additions.push((Metric::ResolvedOf(intent), resolved));
    }
    additions
}
