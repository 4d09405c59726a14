//! Campaigns as staff write, start, pause and stop them; whom they go to is chosen in `choice`, they are sent in
//! `delivery`, by the campaign runner.

mod choice;
mod delivery;
mod ledger;

use switchboard_domain::campaign::quiet::QuietTime;
use switchboard_domain::campaign::target::Target;
use switchboard_domain::campaign::template::Template;
use switchboard_domain::campaign::{ApprovedTemplate, Campaign, CampaignStatus, Recipient, RecipientState};
use switchboard_domain::cost::{Money, Service};
use switchboard_domain::customer::Channel;
use switchboard_domain::id::{CampaignId, OrganizationId};
use switchboard_domain::outbox::Lane;
use switchboard_domain::ports::engine::{Batch, StoreError};
use switchboard_domain::price::Usage;
use switchboard_domain::scope::Scope;
use switchboard_domain::time::Timestamp;

use self::choice::Choice;
pub use self::choice::Preflight;
pub(crate) use self::delivery::{CANCELLED, UNWANTED};
use super::{Hub, staff_only};
use crate::error::HubError;
use crate::outbox::held;
use crate::records::Stored;
use crate::records::campaigns;

/// Longest name, characters.
const MAX_NAME_CHARACTERS: usize = 200;
/// Longest purpose, characters.
const MAX_PURPOSE_CHARACTERS: usize = 50;
/// Lines of a ledger written or removed in one commit.
const LINES: usize = 500;
/// Times a campaign is changed anew that somebody else has changed meanwhile.
const TRIES: usize = 5;
/// Most values of an approved template.
const MAX_VALUES: usize = 50;

/// A campaign as it is written.
#[derive(Debug, Clone)]
pub struct NewCampaign {
    /// What staff call it.
    pub name: String,
    /// What it is for, in a word.
    pub purpose: String,
    /// By which way it goes out.
    pub channel: Channel,
    /// When it starts by itself; by hand without.
    pub scheduled_at: Option<Timestamp>,
    /// Whom it is for.
    pub target: Target,
    /// What it says, with `{{variables}}`.
    pub template: String,
    /// When nothing of it is sent.
    pub quiet: Option<QuietTime>,
    /// Its subject (email).
    pub subject: Option<String>,
    /// The approved template it goes out as (WhatsApp): name, language, and what its variables say.
    pub approved: Option<NewApproved>,
}

/// An approved template as it is written.
#[derive(Debug, Clone)]
pub struct NewApproved {
    /// Its name at WhatsApp.
    pub name: String,
    /// Its language.
    pub language: String,
    /// What its variables say, with `{{variables}}` of ours.
    pub values: Vec<String>,
}

impl Hub {
    /// Writes a campaign; with a time it is scheduled. Staff and services.
    pub async fn create_campaign(&self, scope: &Scope, new: NewCampaign) -> Result<Campaign, HubError> {
        staff_only(scope)?;
        let (template, approved) = self.check_campaign(&new)?;
        let now = self.services.now();
        let campaign = Campaign {
            id: CampaignId::generate(now, self.services.ports.random.as_ref()),
            organization: scope.organization,
            status: pending(new.scheduled_at),
            name: new.name,
            purpose: new.purpose,
            channel: new.channel,
            scheduled_at: new.scheduled_at,
            target: new.target,
            template,
            reason: None,
            targeted: 0,
            sent: 0,
            failed: 0,
            estimated_cost: Money::ZERO,
            cursor: None,
            created_at: now,
            started_at: None,
            ended_at: None,
            quiet: new.quiet.as_ref().map(|quiet| quiet.hours),
            quiet_zone: new.quiet.and_then(|quiet| quiet.zone),
            subject: new.subject,
            approved,
            undelivered: 0,
            handed_over: 0,
            is_counted: true,
        };
        let mut batch = Batch::new();
        campaigns::insert(&mut batch, &campaign)?;
        self.services.records().commit(batch).await?;
        Ok(campaign)
    }

    /// Writes a campaign anew that has not begun. Staff and services.
    pub async fn update_campaign(
        &self,
        scope: &Scope,
        id: CampaignId,
        new: NewCampaign,
    ) -> Result<Campaign, HubError> {
        staff_only(scope)?;
        let old = self.stored_campaign(scope.organization, id)?;
        require_pending(&old.record)?;
        let (template, approved) = self.check_campaign(&new)?;
        let next = Campaign {
            status: pending(new.scheduled_at),
            name: new.name,
            purpose: new.purpose,
            channel: new.channel,
            scheduled_at: new.scheduled_at,
            target: new.target,
            template,
            quiet: new.quiet.as_ref().map(|quiet| quiet.hours),
            quiet_zone: new.quiet.and_then(|quiet| quiet.zone),
            subject: new.subject,
            approved,
            ..old.record.clone()
        };
        self.replace_campaign(&old, next).await
    }

    /// One campaign. Staff and services.
    pub fn get_campaign(&self, scope: &Scope, id: CampaignId) -> Result<Campaign, HubError> {
        staff_only(scope)?;
        let found = self.stored_campaign(scope.organization, id)?;
        Ok(self.with_sums(found.record)?)
    }

    /// Campaigns, newest first, of one status or all. Staff and services.
    pub fn list_campaigns(
        &self,
        scope: &Scope,
        status: Option<CampaignStatus>,
    ) -> Result<Vec<Campaign>, HubError> {
        staff_only(scope)?;
        let mut found = self.services.records().list_campaigns(scope.organization)?;
        found.retain(|campaign| status.is_none_or(|status| status == campaign.status));
        let told = found.into_iter().map(|campaign| self.with_sums(campaign));
        Ok(told.collect::<Result<_, _>>()?)
    }

    /// Starts a campaign now: its recipients are chosen and written down before this returns. Staff and services.
    ///
    /// # Errors
    /// [`HubError::Conflict`] when it has begun already, [`HubError::Invalid`] when its channel is not there.
    pub async fn execute_campaign(&self, scope: &Scope, id: CampaignId) -> Result<Campaign, HubError> {
        staff_only(scope)?;
        let _alone = self.services.campaigns.lock(&id.to_string()).await;
        let campaign = self.stored_campaign(scope.organization, id)?;
        require_pending(&campaign.record)?;
        if let Some(reason) = self.obstacle(campaign.record.channel) {
            return Err(HubError::invalid("channel", reason));
        }
        self.begin_campaign(campaign).await
    }

    /// Stops a campaign that is not over; what was sent stays sent, and what has still to leave is dropped. Staff and
    /// services.
    pub async fn cancel_campaign(&self, scope: &Scope, id: CampaignId) -> Result<Campaign, HubError> {
        staff_only(scope)?;
        let end = |campaign: &Campaign| {
            if campaign.status.is_over() {
                return Err(HubError::Conflict("the campaign is over".to_owned()));
            }
            Ok(Campaign {
                status: CampaignStatus::Cancelled,
                ended_at: Some(self.services.now()),
                ..campaign.clone()
            })
        };
        let ended = self.change_campaign(scope.organization, id, end).await?;
        self.look_at_held(ended.channel).await;
        Ok(self.with_sums(ended)?)
    }

    /// Removes a campaign that is not running, with its ledger. Staff and services.
    pub async fn delete_campaign(&self, scope: &Scope, id: CampaignId) -> Result<(), HubError> {
        staff_only(scope)?;
        let _alone = self.services.campaigns.lock(&id.to_string()).await;
        let old = self.stored_campaign(scope.organization, id)?;
        if old.record.status == CampaignStatus::Running {
            return Err(HubError::Conflict(
                "a running campaign has to be cancelled first".to_owned(),
            ));
        }
        self.clear_ledger(&old.record).await?;
        let mut batch = Batch::new();
        campaigns::delete(&mut batch, &old);
        Ok(self.services.records().commit(batch).await?)
    }

    /// Chooses the recipients, writes them down, and lets the campaign run. For one at a time: whoever comes second would
    /// remove the ledger that the first is sending by.
    async fn begin_campaign(&self, old: Stored<Campaign>) -> Result<Campaign, HubError> {
        let campaign = &old.record;
        // What an earlier start wrote that came to nothing.
        self.clear_ledger(campaign).await?;
        let now = self.services.now();
        let Choice {
            chosen: customers,
            parts,
            ..
        } = self.choose_recipients(campaign, now)?;
        self.check_budget(campaign, parts)?;
        for lines in customers.chunks(LINES) {
            let mut batch = Batch::new();
            for customer in lines {
                let (customer, state) = (*customer, RecipientState::Planned);
                let line = Recipient {
                    customer,
                    state,
                    at: now,
                };
                campaigns::put_recipient(&mut batch, campaign.organization, campaign.id, &line)?;
            }
            self.services.records().commit(batch).await?;
        }
        let targeted = u64::try_from(customers.len()).unwrap_or(u64::MAX);
        let next = Campaign {
            status: CampaignStatus::Running,
            targeted,
            estimated_cost: self.estimate(campaign.channel, parts),
            started_at: Some(now),
            is_counted: true,
            ..campaign.clone()
        };
        self.replace_campaign(&old, next).await
    }

    fn stored_campaign(
        &self,
        organization: OrganizationId,
        id: CampaignId,
    ) -> Result<Stored<Campaign>, HubError> {
        let found = self.services.records().find_campaign(organization, id)?;
        found.ok_or(HubError::NotFound("campaign"))
    }

    async fn replace_campaign(&self, old: &Stored<Campaign>, next: Campaign) -> Result<Campaign, HubError> {
        let mut batch = Batch::new();
        campaigns::update(&mut batch, old, &next)?;
        self.services.records().commit(batch).await?;
        Ok(next)
    }

    fn check_campaign(&self, new: &NewCampaign) -> Result<(Template, Option<ApprovedTemplate>), HubError> {
        check_words("name", &new.name, MAX_NAME_CHARACTERS)?;
        check_words("type", &new.purpose, MAX_PURPOSE_CHARACTERS)?;
        if new.scheduled_at.is_some_and(|at| at <= self.services.now()) {
            return Err(HubError::invalid("scheduledAt", "must be a time to come"));
        }
        if let Some(subject) = &new.subject {
            check_words("subject", subject, MAX_NAME_CHARACTERS)?;
            checked("subject", subject)?;
        }
        let template = checked("messageTemplate", &new.template)?;
        let approved = new.approved.as_ref().map(check_approved).transpose()?;
        Ok((template, approved))
    }

    /// What the outbox holds back may go, or be dropped; by itself it would see so a little later.
    async fn look_at_held(&self, channel: Channel) {
        let Some(lane) = Lane::of(channel) else { return };
        if let Err(error) = held::look_again(&self.links, lane).await {
            tracing::warn!(%error, ?lane, "what is held back could not be looked at");
        }
    }

    /// Stops a running campaign for a while; what has still to leave is held back. Staff and services.
    pub async fn pause_campaign(&self, scope: &Scope, id: CampaignId) -> Result<Campaign, HubError> {
        self.switch_campaign(scope, id, (CampaignStatus::Running, CampaignStatus::Paused))
            .await
    }

    /// Lets a paused campaign go on: with what was held back, and behind the last recipient that was seen to. Staff and
    /// services.
    pub async fn resume_campaign(&self, scope: &Scope, id: CampaignId) -> Result<Campaign, HubError> {
        let switch = (CampaignStatus::Paused, CampaignStatus::Running);
        let running = self.switch_campaign(scope, id, switch).await?;
        self.look_at_held(running.channel).await;
        Ok(running)
    }

    async fn switch_campaign(
        &self,
        scope: &Scope,
        id: CampaignId,
        (from, to): (CampaignStatus, CampaignStatus),
    ) -> Result<Campaign, HubError> {
        staff_only(scope)?;
        let switch = |campaign: &Campaign| {
            if campaign.status != from {
                let expected = from.as_str().to_lowercase();
                return Err(HubError::Conflict(format!("the campaign is not {expected}")));
            }
            Ok(Campaign {
                status: to,
                ..campaign.clone()
            })
        };
        let switched = self.change_campaign(scope.organization, id, switch).await?;
        Ok(self.with_sums(switched)?)
    }

    /// Changes a campaign whose sums the runner may be writing at this moment.
    async fn change_campaign(
        &self,
        organization: OrganizationId,
        id: CampaignId,
        change: impl Fn(&Campaign) -> Result<Campaign, HubError>,
    ) -> Result<Campaign, HubError> {
        for _ in 0..TRIES {
            let old = self.stored_campaign(organization, id)?;
            let next = change(&old.record)?;
            let mut batch = Batch::new();
            campaigns::update(&mut batch, &old, &next)?;
            match self.services.records().commit(batch).await {
                Err(StoreError::Conflict { .. }) => {}
                done => return Ok(done.map(|()| next)?),
            }
        }
        Err(HubError::Overloaded)
    }

    /// What a campaign's messages have cost so far. Staff and services.
    pub fn campaign_cost(&self, scope: &Scope, id: CampaignId) -> Result<Money, HubError> {
        staff_only(scope)?;
        Ok(self.services.records().campaign_spend(scope.organization, id)?)
    }

    /// Whether there is money for so many messages of the provider's.
    fn check_budget(&self, campaign: &Campaign, parts: u64) -> Result<(), HubError> {
        let Some(service) = Service::of(campaign.channel) else {
            return Ok(());
        };
        if self.services.budgets.prices().charge(service, Usage::default()) == Money::ZERO {
            return Ok(());
        }
        let parts = usize::try_from(parts).unwrap_or(usize::MAX);
        let bounds = vec![(service, Usage::default()); parts];
        let tab = self
            .services
            .budgets
            .open(campaign.organization, campaign.channel, &bounds)?;
        // Nothing is charged yet: each message opens a tab of its own.
        drop(tab);
        Ok(())
    }
}

fn pending(scheduled_at: Option<Timestamp>) -> CampaignStatus {
    match scheduled_at {
        Some(_) => CampaignStatus::Scheduled,
        None => CampaignStatus::Draft,
    }
}

fn require_pending(campaign: &Campaign) -> Result<(), HubError> {
    if campaign.status.is_pending() {
        Ok(())
    } else {
        Err(HubError::Conflict("the campaign has begun already".to_owned()))
    }
}

fn checked(field: &'static str, text: &str) -> Result<Template, HubError> {
    Template::parse(text).map_err(|error| HubError::invalid(field, error.to_string()))
}

fn check_approved(new: &NewApproved) -> Result<ApprovedTemplate, HubError> {
    check_words("whatsappTemplate.name", &new.name, MAX_NAME_CHARACTERS)?;
    check_words("whatsappTemplate.language", &new.language, MAX_PURPOSE_CHARACTERS)?;
    if new.values.len() > MAX_VALUES {
        let expected = format!("must be at most {MAX_VALUES} texts");
        return Err(HubError::invalid("whatsappTemplate.values", expected));
    }
    let values = new
        .values
        .iter()
        .map(|value| checked("whatsappTemplate.values", value));
    Ok(ApprovedTemplate {
        name: new.name.clone(),
        language: new.language.clone(),
        values: values.collect::<Result<_, _>>()?,
    })
}

fn check_words(field: &'static str, text: &str, most: usize) -> Result<(), HubError> {
    let fits = !text.trim().is_empty() && text.chars().count() <= most && !text.chars().any(char::is_control);
    if fits {
        Ok(())
    } else {
        Err(HubError::invalid(
            field,
            format!("must be 1 to {most} characters"),
        ))
    }
}
