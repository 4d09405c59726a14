//! Passing a conversation between the assistant and an agent.

use serde::{Deserialize, Serialize};

/// Counts the changes of who is in charge. An answer begun in one epoch is dropped in any later one.
pub type Epoch = u64;

/// Why an agent is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HandoverReason {
    /// The customer asked for a person.
    CustomerRequest,
    /// An agent or admin asked for it.
    StaffRequest,
    /// No source was close enough to the question.
    LowConfidence,
    /// Several turns in a row did not settle the question.
    Unresolved,
    /// A complaint, by the organization's policy.
    Complaint,
    /// The model does not understand the language.
    UnknownLanguage,
    /// The assistant failed or timed out.
    AssistantFailure,
    /// A recording that nothing here can transcribe.
    Recording,
    /// The agent in charge left without answering.
    AgentLeft,
    /// The question is on a topic the organization has prohibited.
    ProhibitedTopic,
    /// A file or another thing that the assistant cannot look at.
    Attachment,
    /// So many automatic answers went to this correspondent of late that another machine may be answering them.
    AutomaticLimit,
}

impl HandoverReason {
    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CustomerRequest => "customer_request",
            Self::StaffRequest => "staff_request",
            Self::LowConfidence => "low_confidence",
            Self::Unresolved => "unresolved",
            Self::Complaint => "complaint",
            Self::UnknownLanguage => "unknown_language",
            Self::AssistantFailure => "assistant_failure",
            Self::Recording => "recording",
            Self::AgentLeft => "agent_left",
            Self::ProhibitedTopic => "prohibited_topic",
            Self::Attachment => "attachment",
            Self::AutomaticLimit => "automatic_limit",
        }
    }
}
