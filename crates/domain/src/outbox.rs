//! What is owed to the outside: an errand for each message, file or notice, and when it is tried again.
//!
//! An errand is a row written in the commit of its cause, claimed under a lease before anything leaves the hub, and
//! settled in the commit that records the outcome. Pure: the dispatcher tells the time and draws the random numbers.
//! Invariant: what may have reached its receiver is sent again only where the receiver can tell that it is the same.

pub mod breaker;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::customer::Channel;
use crate::id::{ConversationId, DeliveryId, OrganizationId, WebhookId};
use crate::message::Sequence;
use crate::time::Timestamp;

/// How long a claimed errand is left to whoever claimed it.
pub const LEASE: Duration = Duration::from_secs(120);
/// How long a retry may still begin after the errand's cause.
pub const PATIENCE: Duration = Duration::from_secs(24 * 60 * 60);
/// How long the provider's report is waited for when nobody knows whether a message went out.
pub const REPORT: Duration = Duration::from_secs(10 * 60);
/// The longest pause before each further attempt; the last stands for all that follow. Half of it up to all of it is
/// drawn, so that a crowd that failed together does not come back together, and the day is not spent in a minute.
const PAUSES: [Duration; 6] = [
    Duration::from_secs(5),
    Duration::from_secs(5 * 60),
    Duration::from_secs(30 * 60),
    Duration::from_secs(2 * 60 * 60),
    Duration::from_secs(5 * 60 * 60),
    Duration::from_secs(10 * 60 * 60),
];

/// Where errands go, one behind the other: a lane that is stuck delays no other lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Lane {
    /// Messages to WhatsApp.
    Whatsapp,
    /// Messages by SMS.
    Sms,
    /// Mails.
    Email,
    /// Files of customers' messages, fetched from their provider.
    Media,
    /// Notices to one webhook subscription.
    Webhook(WebhookId),
}

/// What is done when nobody knows whether an attempt has reached its receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubt {
    /// It is tried again: the receiver knows it by its id, or nothing is changed by doing it twice.
    TryAgain,
    /// The provider's own report is waited for.
    AwaitReport,
    /// It is given up and marked uncertain; staff decide.
    GiveUp,
}

impl Lane {
    /// The lane of a channel's messages; none for the web, where connections hear the message itself.
    pub const fn of(channel: Channel) -> Option<Self> {
        match channel {
            Channel::Web => None,
            Channel::Whatsapp => Some(Self::Whatsapp),
            Channel::Sms => Some(Self::Sms),
            Channel::Email => Some(Self::Email),
        }
    }

    /// What is done in doubt.
    pub const fn doubt(self) -> Doubt {
        match self {
            Self::Webhook(_) | Self::Media => Doubt::TryAgain,
            Self::Whatsapp | Self::Sms => Doubt::AwaitReport,
            Self::Email => Doubt::GiveUp,
        }
    }

    /// As it stands in keys: lanes of a kind lie together.
    pub fn as_bytes(&self) -> [u8; 17] {
        let mut bytes = [0; 17];
        let (kind, webhook) = match self {
            Self::Whatsapp => (1, None),
            Self::Sms => (2, None),
            Self::Email => (3, None),
            Self::Media => (4, None),
            Self::Webhook(webhook) => (5, Some(webhook.as_bytes())),
        };
        let [first, rest @ ..] = &mut bytes;
        *first = kind;
        if let Some(webhook) = webhook {
            rest.copy_from_slice(webhook);
        }
        bytes
    }

    /// The lane of those bytes.
    pub fn from_bytes(bytes: [u8; 17]) -> Option<Self> {
        let [kind, rest @ ..] = bytes;
        match kind {
            1 => Some(Self::Whatsapp),
            2 => Some(Self::Sms),
            3 => Some(Self::Email),
            4 => Some(Self::Media),
            5 => Some(Self::Webhook(WebhookId::from_bytes(rest))),
            _ => None,
        }
    }
}

/// What an errand is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Subject {
    /// A message to the customer.
    Message(ConversationId, Sequence),
    /// The file of a customer's message.
    Media(ConversationId, Sequence),
    /// A notice to a webhook subscription.
    Notice(WebhookId, DeliveryId),
}

/// How an errand stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ErrandState {
    /// To be done when it is due.
    Waiting,
    /// Somebody is at it until it is due; from then on nobody knows what came of it.
    Claimed,
    /// Nobody knows what came of it; until it is due the provider may still tell.
    InDoubt,
    /// It may not be done for now; when it is due it is looked at again. What comes behind it does not wait for it.
    Held,
}

impl ErrandState {
    /// Whether somebody may take it when it is due.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Waiting | Self::Held)
    }
}

/// One thing owed to the outside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Errand {
    /// Whose it is.
    pub organization: OrganizationId,
    /// Where it goes.
    pub lane: Lane,
    /// What it is about.
    pub subject: Subject,
    /// When its cause was committed, somebody asked for it anew, or it was last held back.
    pub since: Timestamp,
    /// When it is looked at next.
    pub due: Timestamp,
    /// Attempts begun.
    pub attempts: u32,
    /// How it stands.
    pub state: ErrandState,
}

/// What came of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is done.
    Done,
    /// It was not tried: its pace asks for this pause. Counts as no attempt.
    NotYet(Duration),
    /// It may not be tried for now and is looked at again after this pause. Counts as no attempt, and costs no patience.
    Held(Duration),
    /// It will never be taken.
    Refused(String),
    /// It was not taken; later it may be, not before this pause if one was asked for.
    Later(String, Option<Duration>),
    /// Nobody knows.
    Uncertain(String),
}

/// What becomes of an errand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Nothing is owed any more.
    Settled,
    /// It waits, in this new form.
    Waits(Errand),
    /// It is given up, for this reason.
    Failed(String),
}

impl Errand {
    /// A new one, due at once.
    pub const fn new(organization: OrganizationId, lane: Lane, subject: Subject, now: Timestamp) -> Self {
        Self {
            organization,
            lane,
            subject,
            since: now,
            due: now,
            attempts: 0,
            state: ErrandState::Waiting,
        }
    }

    /// Taken by somebody who is about to do it.
    #[must_use]
    pub fn claimed(&self, now: Timestamp) -> Self {
        Self {
            due: now.after(LEASE),
            attempts: self.attempts.saturating_add(1),
            state: ErrandState::Claimed,
            ..self.clone()
        }
    }

    /// What becomes of it after an attempt. `draw` is any random number.
    pub fn after(&self, outcome: Outcome, now: Timestamp, draw: u32) -> Next {
        match outcome {
            Outcome::Done => Next::Settled,
            Outcome::Refused(reason) => Next::Failed(reason),
            Outcome::NotYet(pause) => Next::Waits(Self {
                attempts: self.attempts.saturating_sub(1),
                ..self.waiting_until(now.after(pause))
            }),
            Outcome::Held(pause) => Next::Waits(Self {
                attempts: self.attempts.saturating_sub(1),
                since: now,
                state: ErrandState::Held,
                ..self.waiting_until(now.after(pause))
            }),
            Outcome::Later(reason, asked) => self.later(reason, asked, now, draw),
            Outcome::Uncertain(reason) => self.doubted(reason, now, draw),
        }
    }

    /// What becomes of it when it is due though somebody had claimed it, or its outcome has stayed unknown.
    pub fn overdue(&self, now: Timestamp, draw: u32) -> Next {
        match self.state {
            ErrandState::Waiting | ErrandState::Held => Next::Waits(self.clone()),
            ErrandState::Claimed => {
                self.doubted("the hub ended while it was under way".to_owned(), now, draw)
            }
            ErrandState::InDoubt => Next::Failed("uncertain: no report of it has come".to_owned()),
        }
    }

    fn later(&self, reason: String, asked: Option<Duration>, now: Timestamp, draw: u32) -> Next {
        let pause = pause(self.attempts, draw).max(asked.unwrap_or_default());
        let due = now.after(pause);
        if due > self.since.after(PATIENCE) {
            return Next::Failed(reason);
        }
        Next::Waits(self.waiting_until(due))
    }

    fn doubted(&self, reason: String, now: Timestamp, draw: u32) -> Next {
        match self.lane.doubt() {
            Doubt::TryAgain => self.later(reason, None, now, draw),
            Doubt::GiveUp => Next::Failed(format!("uncertain: {reason}")),
            Doubt::AwaitReport => Next::Waits(Self {
                due: now.after(REPORT),
                state: ErrandState::InDoubt,
                ..self.clone()
            }),
        }
    }

    fn waiting_until(&self, due: Timestamp) -> Self {
        Self {
            due,
            state: ErrandState::Waiting,
            ..self.clone()
        }
    }
}

/// The pause behind so many attempts, drawn from the upper half of its bound.
fn pause(attempts: u32, draw: u32) -> Duration {
    let place = usize::try_from(attempts.saturating_sub(1)).unwrap_or(usize::MAX);
    let bound = PAUSES.get(place).or(PAUSES.last()).copied().unwrap_or_default();
    let half = bound / 2;
    half + half.mul_f64(f64::from(draw) / f64::from(u32::MAX))
}

#[cfg(test)]
mod tests;
