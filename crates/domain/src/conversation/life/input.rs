//! What can happen to a conversation: the inputs of its step, and what they carry.

use crate::analysis::Analysis;
use crate::conversation::{Closing, Rating};
use crate::handover::{Epoch, HandoverReason};
use crate::id::AccountId;
use crate::message::{Attachment, DeliveryReport, Form, Provided, Sequence, Trace};

/// The agent who acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acting {
    /// The account.
    pub id: AccountId,
    /// Its name as customers see it.
    pub name: String,
}

/// The words and files of a message to append.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Content {
    /// Plain text.
    pub text: String,
    /// Files.
    pub attachments: Vec<Attachment>,
    /// The caller's own id for it.
    pub client_id: Option<String>,
    /// What its channel's provider tells of it.
    pub provided: Option<Provided>,
    /// How it goes out where plain text is not all of it.
    pub form: Option<Form>,
}

impl Content {
    /// Text without anything else.
    pub fn text(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            ..Self::default()
        }
    }
}

/// What the assistant tells staff about a customer's message.
#[derive(Debug, Clone, PartialEq)]
pub struct Advice {
    /// What was understood.
    pub analysis: Analysis,
    /// What staff could answer, best first.
    pub suggestions: Vec<String>,
}

/// What the assistant made of a turn.
#[derive(Debug, Clone, PartialEq)]
pub struct TurnOutcome {
    /// The epoch the turn began in.
    pub epoch: Epoch,
    /// The newest customer message it has read.
    pub through: Sequence,
    /// What it understood; none when the assistant failed.
    pub advice: Option<Advice>,
    /// What it says.
    pub text: String,
    /// Why.
    pub trace: Trace,
    /// Whether the question is settled.
    pub verdict: Verdict,
    /// Whether an earlier answer was found; none when none was looked for.
    pub cache_hit: Option<bool>,
}

/// Whether a turn settled the question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Answered.
    Settled,
    /// Asked back.
    Open,
    /// An agent is needed.
    HandOver(HandoverReason),
}

/// What can happen to a conversation.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// The customer writes. `auto_reply`: the organization lets the assistant answer.
    CustomerMessage {
        /// The message.
        content: Content,
        /// Whether the assistant may answer.
        auto_reply: bool,
    },
    /// The customer sent what an agent has to see: a recording that nothing here can transcribe, a picture.
    CustomerMessageForAgent {
        /// The message.
        content: Content,
        /// Why the assistant cannot answer it.
        reason: HandoverReason,
        /// The handover text, absent when nothing may be said in the assistant's name.
        say: Option<String>,
    },
    /// The customer sent a file that has still to be fetched; what is done with it is decided then.
    CustomerFile {
        /// The message.
        content: Content,
    },
    /// Something from the customer's side that asks for no answer: a reaction, a machine's mail.
    CustomerRemark {
        /// The message.
        content: Content,
    },
    /// The customer is reached at another address of the same channel from now on.
    CustomerMoved {
        /// That address.
        to: String,
    },
    /// The file of a customer's message was fetched, or is lost.
    FileSettled {
        /// Which message.
        sequence: Sequence,
        /// The file, or why there is none.
        file: Result<Attachment, String>,
        /// What is to be done now.
        then: AfterFile,
    },
    /// What has become of a message to the customer.
    Delivered {
        /// Which message.
        sequence: Sequence,
        /// What is known of it.
        report: DeliveryReport,
    },
    /// A message to the customer that has failed is to be sent after all.
    SendAgain {
        /// Which message.
        sequence: Sequence,
    },
    /// A member of staff writes; this takes the conversation over.
    AgentMessage {
        /// Who.
        agent: Acting,
        /// What.
        content: Content,
    },
    /// The organization says something of its own accord; nobody takes charge by it.
    Announce {
        /// What.
        content: Content,
    },
    /// A turn of the assistant is finished.
    TurnFinished(TurnOutcome),
    /// The assistant has understood a message it was not asked to answer.
    Advised {
        /// Which message.
        sequence: Sequence,
        /// For staff.
        advice: Advice,
    },
    /// An agent is asked for.
    RequestHandover {
        /// Why.
        reason: HandoverReason,
        /// The handover text, absent when nothing may be said in the assistant's name.
        say: Option<String>,
    },
    /// An agent takes a waiting conversation.
    Accept {
        /// Who.
        agent: Acting,
    },
    /// Staff give it back to the assistant.
    Release,
    /// The agent in charge has gone.
    AgentLeft {
        /// Who.
        agent: AccountId,
    },
    /// It is over.
    Close(Closing),
    /// The customer rates it.
    Rate(Rating),
    /// The assistant's context starts anew; the messages stay on record.
    ResetContext,
}

/// What is done once the file of a customer's message was fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AfterFile {
    /// Nothing more: its words have been seen to.
    Nothing,
    /// These words were heard in it; they are the message now.
    Heard {
        /// The words.
        text: String,
        /// Whether the assistant may answer.
        auto_reply: bool,
    },
    /// An agent has to see it.
    HandOver {
        /// Why the assistant cannot answer it.
        reason: HandoverReason,
        /// The handover text, absent when nothing may be said in the assistant's name.
        say: Option<String>,
    },
}
