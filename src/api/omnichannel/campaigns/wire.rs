//! Campaigns as this family's callers send and get them.

use std::collections::BTreeMap;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use switchboard_actors::hub::campaigns::{NewApproved, NewCampaign, Preflight};
use switchboard_domain::campaign::quiet::{
    QuietHours, QuietTime, Zone, clock_text, offset_text, parse_clock, parse_offset,
};
use switchboard_domain::campaign::target::{Target, parse_span, span_text};
use switchboard_domain::campaign::{Campaign, CampaignStatus, Recipient, RecipientState};
use switchboard_domain::cost::Money;
use switchboard_domain::customer::Channel;
use switchboard_domain::time::Timestamp;

use crate::http::body::FieldError;
use crate::http::wire::{Object, OneOf, Time, Word};

/// The most tags or attributes of a filter.
const MAX_CONDITIONS: usize = 50;

/// A campaign's status out of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct StatusIn(pub(super) CampaignStatus);

/// A channel a campaign goes out by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ChannelIn(Channel);

/// How a campaign is started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trigger {
    /// By hand.
    Manual,
    /// At a time.
    Scheduled,
}

const STATUSES: [CampaignStatus; 7] = [
    CampaignStatus::Draft,
    CampaignStatus::Scheduled,
    CampaignStatus::Running,
    CampaignStatus::Completed,
    CampaignStatus::Failed,
    CampaignStatus::Cancelled,
    CampaignStatus::Paused,
];

impl Word for StatusIn {
    const EXPECTED: &'static str = "one of DRAFT, SCHEDULED, RUNNING, PAUSED, COMPLETED, FAILED, CANCELLED";

    fn read(word: &str) -> Option<Self> {
        let found = STATUSES.into_iter().find(|status| status.as_str() == word);
        found.map(Self)
    }
}

impl Word for ChannelIn {
    const EXPECTED: &'static str = "one of SMS, WHATSAPP, EMAIL, WEB";

    fn read(word: &str) -> Option<Self> {
        let found = Channel::ALL
            .into_iter()
            .find(|channel| channel.as_str().to_uppercase() == word);
        found.map(Self)
    }
}

impl Word for Trigger {
    const EXPECTED: &'static str = "one of SCHEDULED, MANUAL";

    fn read(word: &str) -> Option<Self> {
        match word {
            "MANUAL" => Some(Self::Manual),
            "SCHEDULED" => Some(Self::Scheduled),
            _ => None,
        }
    }
}

/// A campaign as it is written.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct CampaignIn {
    #[schemars(length(min = 1, max = 200))]
    name: String,
    /// What it is for, in a word.
    #[schemars(length(min = 1, max = 50), example = &"REMINDER")]
    r#type: Option<String>,
    channel: OneOf<ChannelIn>,
    trigger_type: Option<OneOf<Trigger>>,
    /// When it starts by itself (RFC 3339); needed by the trigger SCHEDULED alone.
    #[schemars(with = "Option<Time>", example = &"2099-01-20T09:00:00Z")]
    scheduled_at: Option<String>,
    target_filter: Option<Object<FilterIn>>,
    /// Text with `{{name}}`, `{{first_name}}`, `{{email}}`, `{{phone}}`, `{{business}}`, `{{date}}` and `{{time}}` (of the
    /// customer's attribute `appointmentAt`), or `{{attributes.key}}`.
    #[schemars(length(min = 1, max = 4000), example = &"Hi {{name}}, we have news.")]
    message_template: String,
    /// The time of day in which nothing of it is sent.
    quiet_hours: Option<Object<QuietIn>>,
    /// The mail's subject; the campaign's name without.
    #[schemars(length(min = 1, max = 200))]
    subject: Option<String>,
    /// The approved template a WhatsApp campaign goes out as; needed for customers who have not written for a day.
    whatsapp_template: Option<Object<ApprovedIn>>,
}

/// A time of day, in the organization's own time.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(example = json!({"from": "21:00", "until": "08:00", "timezone": "Europe/Berlin"}))]
struct QuietIn {
    #[schemars(example = &"21:00")]
    from: String,
    #[schemars(example = &"08:00")]
    until: String,
    /// The zone whose clocks tell that time, summer time included: a name of the IANA database.
    #[schemars(example = &"Europe/Berlin")]
    timezone: Option<String>,
    /// In a zone's place: how far that time is ahead of UTC, all year round; `+00:00` without either.
    #[schemars(example = &"+02:00")]
    utc_offset: Option<String>,
}

/// A template that WhatsApp has approved.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ApprovedIn {
    #[schemars(length(min = 1, max = 200), example = &"appointment_reminder")]
    name: String,
    #[schemars(length(min = 1, max = 50), example = &"en_US")]
    language: String,
    /// What its variables say, in order; each may hold the variables of `messageTemplate`.
    #[serde(default)]
    #[schemars(length(max = 50))]
    values: Vec<String>,
}

impl QuietIn {
    fn read(&self) -> Result<QuietTime, FieldError> {
        let clock = |field, text: &str| {
            parse_clock(text).ok_or_else(|| FieldError::new(field, "a time of day such as 21:00"))
        };
        let zone = self.timezone.as_deref().map(|name| {
            let expected = "the name of an IANA time zone such as Europe/Berlin";
            Zone::parse(name).ok_or_else(|| FieldError::new("quietHours.timezone", expected))
        });
        let zone = zone.transpose()?;
        let offset = match &self.utc_offset {
            Some(_) if zone.is_some() => None,
            Some(text) => parse_offset(text),
            None => Some(0),
        };
        let expected = "an offset such as +02:00, and none with a timezone";
        let hours = QuietHours {
            from: clock("quietHours.from", &self.from)?,
            until: clock("quietHours.until", &self.until)?,
            utc_offset: offset.ok_or_else(|| FieldError::new("quietHours.utcOffset", expected))?,
        };
        Ok(QuietTime { hours, zone })
    }
}

/// Whom it is for: all conditions have to hold; without any, everybody.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct FilterIn {
    /// All of these tags.
    tags: Option<Vec<String>>,
    /// Verified, or not.
    verified: Option<bool>,
    /// Has a conversation on this channel.
    channel: Option<OneOf<ChannelIn>>,
    /// Was in contact within this time: a number and m, h or d.
    #[schemars(example = &"30d")]
    last_interaction_within: Option<String>,
    /// Was not in contact within this time.
    #[schemars(example = &"90d")]
    no_interaction_within: Option<String>,
    /// The attribute `appointmentAt` lies ahead, or does not.
    has_upcoming_appointment: Option<bool>,
    /// The attribute `appointmentAt` lies ahead by at most this time.
    #[schemars(example = &"24h")]
    appointment_within: Option<String>,
    /// Exactly these attributes.
    attributes: Option<BTreeMap<String, String>>,
}

impl CampaignIn {
    /// The campaign it describes.
    pub(super) fn into_new(self) -> Result<NewCampaign, FieldError> {
        let scheduled_at = self.schedule()?;
        let filter = self
            .target_filter
            .map(|Object(filter)| filter)
            .unwrap_or_default();
        let OneOf(ChannelIn(channel)) = self.channel;
        Ok(NewCampaign {
            name: self.name,
            purpose: self.r#type.unwrap_or_else(|| "MESSAGE".to_owned()),
            channel,
            scheduled_at,
            target: filter.into_target()?,
            template: self.message_template,
            quiet: self.quiet_hours.map(|Object(quiet)| quiet.read()).transpose()?,
            subject: self.subject,
            approved: self.whatsapp_template.map(|Object(template)| NewApproved {
                name: template.name,
                language: template.language,
                values: template.values,
            }),
        })
    }

    /// Told apart by the trigger; without one, a time makes it scheduled.
    fn schedule(&self) -> Result<Option<Timestamp>, FieldError> {
        let time = self.scheduled_at.as_deref().map(|text| {
            Timestamp::parse(text).ok_or_else(|| FieldError::new("scheduledAt", "a time (RFC 3339)"))
        });
        match (self.trigger_type, time.transpose()?) {
            (Some(OneOf(Trigger::Scheduled)), None) => {
                Err(FieldError::new("scheduledAt", "a time, for a scheduled campaign"))
            }
            (Some(OneOf(Trigger::Manual)), Some(_)) => Err(FieldError::new(
                "triggerType",
                "SCHEDULED, for a campaign with a time",
            )),
            (_, time) => Ok(time),
        }
    }
}

impl FilterIn {
    fn into_target(self) -> Result<Target, FieldError> {
        let (tags, attributes) = (self.tags.unwrap_or_default(), self.attributes.unwrap_or_default());
        if tags.len() > MAX_CONDITIONS || attributes.len() > MAX_CONDITIONS {
            return Err(FieldError::new(
                "targetFilter",
                "at most 50 tags and 50 attributes",
            ));
        }
        Ok(Target {
            tags,
            attributes,
            is_verified: self.verified,
            channel: self.channel.map(|OneOf(ChannelIn(channel))| channel),
            interaction_within: span("targetFilter.lastInteractionWithin", self.last_interaction_within)?,
            no_interaction_within: span("targetFilter.noInteractionWithin", self.no_interaction_within)?,
            has_upcoming_appointment: self.has_upcoming_appointment,
            appointment_within: span("targetFilter.appointmentWithin", self.appointment_within)?,
        })
    }
}

fn span(field: &'static str, text: Option<String>) -> Result<Option<Duration>, FieldError> {
    let Some(text) = text else { return Ok(None) };
    let span = parse_span(&text);
    span.map(Some)
        .ok_or_else(|| FieldError::new(field, "a whole number and m, h or d, such as 24h"))
}

/// A campaign.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct CampaignOut {
    id: String,
    name: String,
    r#type: String,
    channel: String,
    trigger_type: &'static str,
    #[schemars(with = "Option<Time>")]
    scheduled_at: Option<String>,
    target_filter: FilterOut,
    message_template: String,
    status: &'static str,
    /// Why it failed.
    failure_reason: Option<String>,
    /// Customers it was started for.
    targeted: u64,
    /// Those whose message the channel's provider has taken.
    sent: u64,
    /// Those it could not be sent to.
    failed: u64,
    /// Those among `sent` whom it did not reach, as the provider reports.
    undelivered: u64,
    estimated_cost: f64,
    quiet_hours: Option<QuietOut>,
    subject: Option<String>,
    whatsapp_template: Option<ApprovedOut>,
    #[schemars(with = "Time")]
    created_at: String,
    #[schemars(with = "Option<Time>")]
    started_at: Option<String>,
    #[schemars(with = "Option<Time>")]
    ended_at: Option<String>,
}

/// The time of day in which nothing is sent.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct QuietOut {
    from: String,
    until: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    timezone: Option<String>,
    /// Where there is no zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    utc_offset: Option<String>,
}

impl From<QuietTime> for QuietOut {
    fn from(QuietTime { hours, zone }: QuietTime) -> Self {
        Self {
            from: clock_text(hours.from),
            until: clock_text(hours.until),
            utc_offset: zone.is_none().then(|| offset_text(hours.utc_offset)),
            timezone: zone.map(|zone| zone.as_str().to_owned()),
        }
    }
}

/// The approved template.
#[derive(Debug, Serialize, JsonSchema)]
struct ApprovedOut {
    name: String,
    language: String,
    values: Vec<String>,
}

/// The conditions that were given.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct FilterOut {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verified: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    channel: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_interaction_within: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    no_interaction_within: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    has_upcoming_appointment: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    appointment_within: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    attributes: BTreeMap<String, String>,
}

impl From<Target> for FilterOut {
    fn from(target: Target) -> Self {
        Self {
            tags: target.tags,
            verified: target.is_verified,
            channel: target.channel.map(|channel| channel.as_str().to_uppercase()),
            last_interaction_within: target.interaction_within.map(span_text),
            no_interaction_within: target.no_interaction_within.map(span_text),
            has_upcoming_appointment: target.has_upcoming_appointment,
            appointment_within: target.appointment_within.map(span_text),
            attributes: target.attributes,
        }
    }
}

impl From<Campaign> for CampaignOut {
    fn from(campaign: Campaign) -> Self {
        let text = |time: Option<Timestamp>| time.map(|time| time.to_string());
        let quiet = campaign.quiet_time();
        Self {
            id: campaign.id.to_string(),
            name: campaign.name,
            r#type: campaign.purpose,
            channel: campaign.channel.as_str().to_uppercase(),
            trigger_type: if campaign.scheduled_at.is_some() {
                "SCHEDULED"
            } else {
                "MANUAL"
            },
            scheduled_at: text(campaign.scheduled_at),
            target_filter: campaign.target.into(),
            message_template: campaign.template.as_str().to_owned(),
            status: campaign.status.as_str(),
            failure_reason: campaign.reason,
            targeted: campaign.targeted,
            sent: campaign.sent,
            failed: campaign.failed,
            undelivered: campaign.undelivered,
            estimated_cost: campaign.estimated_cost.as_units(),
            quiet_hours: quiet.map(QuietOut::from),
            subject: campaign.subject,
            whatsapp_template: campaign.approved.map(|approved| ApprovedOut {
                name: approved.name,
                language: approved.language,
                values: approved
                    .values
                    .iter()
                    .map(|value| value.as_str().to_owned())
                    .collect(),
            }),
            created_at: campaign.created_at.to_string(),
            started_at: text(campaign.started_at),
            ended_at: text(campaign.ended_at),
        }
    }
}

/// A campaign that was started.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ExecutedOut {
    campaign_id: String,
    status: &'static str,
    /// Customers it was started for.
    targeted: u64,
    estimated_cost: f64,
}

impl From<Campaign> for ExecutedOut {
    fn from(campaign: Campaign) -> Self {
        Self {
            campaign_id: campaign.id.to_string(),
            status: campaign.status.as_str(),
            targeted: campaign.targeted,
            estimated_cost: campaign.estimated_cost.as_units(),
        }
    }
}

/// What has become of one recipient.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct RecipientOut {
    customer_id: String,
    /// QUEUED until the channel's provider has taken it, then SENT, or FAILED.
    status: &'static str,
    conversation_id: Option<String>,
    failure_reason: Option<String>,
    #[schemars(with = "Time")]
    updated_at: String,
}

impl From<Recipient> for RecipientOut {
    fn from(line: Recipient) -> Self {
        let (conversation, reason) = match &line.state {
            RecipientState::Planned => (None, None),
            RecipientState::Addressed(conversation) | RecipientState::Sent(conversation) => {
                (Some(conversation.to_string()), None)
            }
            RecipientState::Failed(reason) => (None, Some(reason.clone())),
        };
        Self {
            customer_id: line.customer.to_string(),
            status: line.state.as_str(),
            conversation_id: conversation,
            failure_reason: reason,
            updated_at: line.at.to_string(),
        }
    }
}

/// A campaign with what it has cost so far.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct CostedOut {
    #[serde(flatten)]
    campaign: CampaignOut,
    actual_cost: f64,
}

impl CostedOut {
    /// Of a campaign that has cost so much.
    pub(super) fn new(campaign: Campaign, cost: Money) -> Self {
        Self {
            campaign: campaign.into(),
            actual_cost: cost.as_units(),
        }
    }
}

/// What a look at a campaign before its start shows.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct PreflightOut {
    /// Customers it would go to.
    targeted: u64,
    /// Customers of its target who want no campaigns by this channel.
    unsubscribed: u64,
    /// Customers of its target who have no address for it.
    unreachable: u64,
    /// Customers it would go to who have no value for one of its variables.
    missing: u64,
    /// The first hundred of them.
    missing_values: Vec<MissingOut>,
    estimated_cost: f64,
}

/// A variable that has no value for a customer.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct MissingOut {
    customer_id: String,
    variable: String,
}

impl From<Preflight> for PreflightOut {
    fn from(look: Preflight) -> Self {
        let missing = look.missing_values.into_iter();
        Self {
            targeted: look.targeted,
            unsubscribed: look.unsubscribed,
            unreachable: look.unreachable,
            missing: look.missing,
            missing_values: missing
                .map(|(customer, variable)| MissingOut {
                    customer_id: customer.to_string(),
                    variable,
                })
                .collect(),
            estimated_cost: look.estimated_cost.as_units(),
        }
    }
}
