//! Campaigns: one message to many customers, started by hand or at a time, each recipient once.
//!
//! ```text
//!   draft ──▶ scheduled ──▶ running ──▶ completed
//!     │            │           ▲ │
//!     │            │     paused┴─┤
//!     └────────────┴─────────────┴──▶ failed, cancelled
//! ```

pub mod quiet;
pub mod target;
pub mod template;
pub mod words;

use serde::{Deserialize, Serialize};

use self::quiet::{QuietHours, QuietTime, Zone};
use self::target::Target;
use self::template::Template;
use crate::cost::Money;
use crate::customer::Channel;
use crate::id::{CampaignId, ConversationId, CustomerId, OrganizationId};
use crate::time::Timestamp;

/// How far a campaign has got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum CampaignStatus {
    /// Being written.
    Draft,
    /// Waits for its time.
    Scheduled,
    /// Being sent.
    Running,
    /// Every recipient was seen to, and nothing of it is on its way out any more.
    Completed,
    /// It could not be sent.
    Failed,
    /// Stopped by hand.
    Cancelled,
    /// Stopped by hand, to go on later.
    Paused,
}

impl CampaignStatus {
    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "DRAFT",
            Self::Scheduled => "SCHEDULED",
            Self::Running => "RUNNING",
            Self::Completed => "COMPLETED",
            Self::Failed => "FAILED",
            Self::Cancelled => "CANCELLED",
            Self::Paused => "PAUSED",
        }
    }

    /// Not begun: it may be changed and started.
    pub const fn is_pending(self) -> bool {
        matches!(self, Self::Draft | Self::Scheduled)
    }

    /// Nothing more will happen.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Cancelled)
    }
}

/// One campaign.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Campaign {
    /// Its id.
    pub id: CampaignId,
    /// The organization it belongs to.
    pub organization: OrganizationId,
    /// What staff call it.
    pub name: String,
    /// What it is for, a word of the caller's (`REMINDER`, …).
    pub purpose: String,
    /// By which way it goes out.
    pub channel: Channel,
    /// When it starts by itself.
    pub scheduled_at: Option<Timestamp>,
    /// Whom it is for.
    pub target: Target,
    /// What it says.
    pub template: Template,
    /// How far it has got.
    pub status: CampaignStatus,
    /// Why it failed.
    pub reason: Option<String>,
    /// Customers it was started for.
    pub targeted: u64,
    /// Recipients whose message the channel's provider has taken, whether or not it arrived.
    pub sent: u64,
    /// Recipients it could not be sent to.
    pub failed: u64,
    /// What it will cost at most, told at its start.
    pub estimated_cost: Money,
    /// The last recipient that was seen to.
    pub cursor: Option<CustomerId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was started.
    pub started_at: Option<Timestamp>,
    /// When it was over.
    pub ended_at: Option<Timestamp>,
    /// When nothing of it is sent.
    pub quiet: Option<QuietHours>,
    /// Its subject (email); its name without.
    pub subject: Option<String>,
    /// As which approved template it goes out (WhatsApp).
    pub approved: Option<ApprovedTemplate>,
    /// By which zone's clocks the quiet hours are.
    pub quiet_zone: Option<Zone>,
    /// Recipients among [`Campaign::sent`] whom the message did not reach, as the provider tells.
    pub undelivered: u64,
    /// Recipients whose message was put into the outbox.
    pub handed_over: u64,
    /// What has become of its messages is counted apart, with each of them, and added when it is told.
    pub is_counted: bool,
}

/// How many of a campaign's messages got how far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counted {
    /// The provider has taken them.
    pub taken: u64,
    /// Those among them that did not arrive.
    pub undelivered: u64,
    /// The provider never took them.
    pub failed: u64,
}

impl Campaign {
    /// Whether nothing of it is sent at this moment.
    pub fn is_quiet(&self, now: Timestamp) -> bool {
        let zone = self.quiet_zone.as_ref();
        self.quiet.is_some_and(|quiet| quiet.covers(now, zone))
    }

    /// With what has become of its messages. Whoever was still to get one when it was cancelled gets none.
    #[must_use]
    pub fn with(self, counted: Counted) -> Self {
        if !self.is_counted {
            return self;
        }
        let seen_to = self.handed_over.saturating_add(self.failed);
        let left = match self.status {
            CampaignStatus::Cancelled => self.targeted.saturating_sub(seen_to),
            _ => 0,
        };
        Self {
            sent: counted.taken,
            undelivered: counted.undelivered,
            failed: self.failed.saturating_add(counted.failed).saturating_add(left),
            ..self
        }
    }

    /// When nothing of it is sent.
    pub fn quiet_time(&self) -> Option<QuietTime> {
        let zone = self.quiet_zone.clone();
        self.quiet.map(|hours| QuietTime { hours, zone })
    }
}

/// A template that WhatsApp has approved, with what its variables are for each customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApprovedTemplate {
    /// Its name at WhatsApp.
    pub name: String,
    /// Its language, as WhatsApp writes it.
    pub language: String,
    /// What each variable of its body says, in order.
    pub values: Vec<Template>,
}

/// What has become of one recipient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum RecipientState {
    /// Nothing yet.
    Planned,
    /// It goes into this conversation, and has not left yet.
    Addressed(ConversationId),
    /// The channel's provider has it; as it is stored, the outbox.
    Sent(ConversationId),
    /// It cannot be sent, and why.
    Failed(String),
}

impl RecipientState {
    /// The name on the wire.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Planned | Self::Addressed(_) => "QUEUED",
            Self::Sent(_) => "SENT",
            Self::Failed(_) => "FAILED",
        }
    }
}

/// A line of a campaign's ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipient {
    /// Who.
    pub customer: CustomerId,
    /// What has become of it.
    pub state: RecipientState,
    /// Since when.
    pub at: Timestamp,
}
