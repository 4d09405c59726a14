//! Sending a campaign on: a helping of recipients at a time, each exactly once over any number of restarts.
//!
//! A recipient's conversation is written into the ledger before anything is sent, and the message carries the campaign's
//! id as its caller's id: sent again into the same conversation it is the same message.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use switchboard_domain::campaign::words::Words;
use switchboard_domain::campaign::{Campaign, CampaignStatus, Recipient, RecipientState};
use switchboard_domain::conversation::Conversation;
use switchboard_domain::conversation::life::{Content, Input};
use switchboard_domain::customer::{Channel, Customer};
use switchboard_domain::id::{CampaignId, ConversationId, OrganizationId};
use switchboard_domain::message::{Form, LetterForm, TemplateUse};
use switchboard_domain::outbox::{Errand, ErrandState, Lane, Subject};
use switchboard_domain::ports::engine::{Batch, StoreError};
use switchboard_domain::webhook::WebhookEvent;

use crate::error::HubError;
use crate::hub::Hub;
use crate::hub::campaigns::{LINES, TRIES};
use crate::hub::writing::check_window;
use crate::records::Stored;
use crate::records::campaigns;
use crate::subscriptions::Cause;

/// Recipients seen to at a time.
const HELPING: usize = 50;
/// Errands of a lane that a campaign adds nothing to.
const BACKLOG: usize = 100;
/// Errands of a lane looked at for those that are not held back.
const LOOKED_AT: usize = 2_000;
/// What is due within this time counts as waiting; what failed and is tried much later does not.
const SOON: Duration = Duration::from_secs(10 * 60);
/// Why somebody who has unsubscribed gets nothing.
pub(crate) const UNWANTED: &str = "the customer wants no campaigns by this channel";
/// Why nobody gets what was still to be sent of a campaign that was cancelled.
pub(crate) const CANCELLED: &str = "the campaign was cancelled";
/// Open conversations of a customer looked at for the one a message goes into.
const CONVERSATIONS: usize = 10;

/// What `campaign.completed` tells.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CompletedData {
    campaign_id: String,
    name: String,
    channel: String,
    status: &'static str,
    targeted: u64,
    sent: u64,
    failed: u64,
}

impl Hub {
    /// Begins a campaign that is due, or sends a running one on; whether it has more to do at once.
    pub(crate) async fn advance_campaign(
        &self,
        organization: OrganizationId,
        id: CampaignId,
    ) -> Result<bool, HubError> {
        let _alone = self.services.campaigns.lock(&id.to_string()).await;
        let stored = self.stored_campaign(organization, id)?;
        match stored.record.status {
            CampaignStatus::Scheduled => self.begin_scheduled(stored).await,
            CampaignStatus::Running if stored.record.is_quiet(self.services.now()) => Ok(false),
            CampaignStatus::Running => self.send_helping(stored).await,
            _ => Ok(false),
        }
    }

    async fn begin_scheduled(&self, stored: Stored<Campaign>) -> Result<bool, HubError> {
        let reason = match self.obstacle(stored.record.channel) {
            Some(reason) => reason,
            None => match self.begin_campaign(stored.clone()).await {
                Err(error @ HubError::BudgetUsedUp) => error.to_string(),
                other => return other.map(|_| true),
            },
        };
        let failed = Campaign {
            status: CampaignStatus::Failed,
            reason: Some(reason),
            ended_at: Some(self.services.now()),
            ..stored.record.clone()
        };
        self.replace_campaign(&stored, failed).await?;
        Ok(false)
    }

    async fn send_helping(&self, stored: Stored<Campaign>) -> Result<bool, HubError> {
        let campaign = &stored.record;
        let (organization, id) = (campaign.organization, campaign.id);
        if self.is_congested(campaign.channel)? {
            return Ok(false);
        }
        let records = self.services.records();
        let lines = records.list_recipients(organization, id, campaign.cursor, HELPING)?;
        if lines.is_empty() && self.is_leaving(campaign)? {
            return Ok(false);
        }
        if lines.is_empty() {
            let completed = Campaign {
                status: CampaignStatus::Completed,
                ended_at: Some(self.services.now()),
                ..campaign.clone()
            };
            self.complete_campaign(&stored, &completed).await?;
            return Ok(false);
        }
        let addressed = self.address(campaign, lines).await?;
        let business = self.business_name(organization)?;
        let mut lines = Vec::with_capacity(addressed.len());
        for line in addressed {
            // Whoever pauses or cancels it does not wait for the end of a helping.
            if self.stored_campaign(organization, id)?.record.status != CampaignStatus::Running {
                break;
            }
            lines.push(self.send_to(campaign, &business, line).await?);
        }
        if !lines.is_empty() {
            self.record_helping(organization, id, &lines).await?;
        }
        Ok(true)
    }

    /// Whether the channel has enough to do already; what is held back there is none of it.
    fn is_congested(&self, channel: Channel) -> Result<bool, StoreError> {
        let Some(lane) = Lane::of(channel) else {
            return Ok(false);
        };
        let (records, soon) = (self.services.records(), self.services.now().after(SOON));
        let most = |most: usize| records.list_errands_due(lane, soon, most);
        let is_held = |errand: &Stored<Errand>| errand.record.state == ErrandState::Held;
        let mut found = most(BACKLOG + 1)?;
        // Those that are held may stand before all others.
        if found.len() > BACKLOG && found.iter().any(is_held) {
            found = most(LOOKED_AT)?;
        }
        let waiting = found.iter().filter(|errand| !is_held(errand)).count();
        Ok(waiting > BACKLOG)
    }

    /// Whether messages of it have still to leave the outbox, where a pause holds them; what nobody knows the outcome of is
    /// not waited for.
    fn is_leaving(&self, campaign: &Campaign) -> Result<bool, StoreError> {
        let (organization, id) = (campaign.organization, campaign.id);
        let (records, mut after) = (self.services.records(), None);
        loop {
            let waiting = records.list_campaign_messages(organization, id, after, LINES)?;
            let Some(last) = waiting.last() else {
                return Ok(false);
            };
            after = Some(*last);
            for (conversation, sequence) in waiting {
                let errand = records.find_errand(organization, &Subject::Message(conversation, sequence))?;
                if errand.is_some_and(|errand| errand.record.state != ErrandState::InDoubt) {
                    return Ok(true);
                }
            }
        }
    }

    /// The last commit of a campaign; whoever has subscribed is told.
    async fn complete_campaign(&self, old: &Stored<Campaign>, next: &Campaign) -> Result<(), HubError> {
        let mut batch = Batch::new();
        campaigns::update(&mut batch, old, next)?;
        let cause = Cause {
            organization: next.organization,
            event: WebhookEvent::CampaignCompleted,
            at: self.services.now(),
            customer: None,
        };
        let told = self.with_sums(next.clone())?;
        let data = || CompletedData {
            campaign_id: told.id.to_string(),
            name: told.name,
            channel: told.channel.as_str().to_ascii_uppercase(),
            status: told.status.as_str(),
            targeted: told.targeted,
            sent: told.sent,
            failed: told.failed,
        };
        let lanes = self.services.subscriptions.owe(&mut batch, cause, data)?;
        self.services.records().commit(batch).await?;
        self.services.subscriptions.announce(lanes);
        Ok(())
    }

    /// Writes down which conversation each message goes into.
    async fn address(&self, campaign: &Campaign, lines: Vec<Recipient>) -> Result<Vec<Recipient>, HubError> {
        let mut batch = Batch::new();
        let mut addressed = Vec::with_capacity(lines.len());
        for mut line in lines {
            if line.state == RecipientState::Planned {
                line.state = self.find_address(campaign, &line).await?;
                campaigns::put_recipient(&mut batch, campaign.organization, campaign.id, &line)?;
            }
            addressed.push(line);
        }
        if !batch.is_empty() {
            self.services.records().commit(batch).await?;
        }
        Ok(addressed)
    }

    async fn find_address(&self, campaign: &Campaign, line: &Recipient) -> Result<RecipientState, HubError> {
        let records = self.services.records();
        let Some(customer) = records.find_customer(campaign.organization, line.customer)? else {
            return Ok(RecipientState::Failed("the customer is gone".to_owned()));
        };
        if customer.record.unsubscribed.contains(&campaign.channel) {
            return Ok(RecipientState::Failed(UNWANTED.to_owned()));
        }
        if let Some(open) = self.find_open_conversation(&customer.record, campaign)? {
            return Ok(RecipientState::Addressed(open));
        }
        let alias = format!("{}:{}", campaign.id, line.customer);
        let opened = self
            .open_for_customer(&customer.record, campaign.channel, Some(alias))
            .await?;
        Ok(RecipientState::Addressed(opened.id))
    }

    /// The conversation that is open with a customer on this channel; a mail has one of its own.
    fn find_open_conversation(
        &self,
        customer: &Customer,
        campaign: &Campaign,
    ) -> Result<Option<ConversationId>, StoreError> {
        if campaign.channel == Channel::Email {
            return Ok(None);
        }
        let records = self.services.records();
        for id in records.list_of_customer(customer.organization, customer.id, CONVERSATIONS)? {
            let found = self.read_conversation(customer.organization, id)?;
            let fits = |conversation: Arc<Conversation>| {
                conversation.status.is_open() && conversation.channel == campaign.channel
            };
            if found.is_some_and(fits) {
                return Ok(Some(id));
            }
        }
        Ok(None)
    }

    /// Sends one recipient's message; what is final either way is told by the line's new state.
    async fn send_to(
        &self,
        campaign: &Campaign,
        business: &str,
        line: Recipient,
    ) -> Result<Recipient, HubError> {
        let RecipientState::Addressed(conversation) = line.state else {
            return Ok(line);
        };
        let at = self.services.now();
        let sent = self.announce_to(campaign, business, &line, conversation).await;
        let state = match sent {
            Ok(()) => RecipientState::Sent(conversation),
            Err(HubError::Invalid { message, .. } | HubError::Conflict(message)) => {
                RecipientState::Failed(message)
            }
            Err(HubError::NotFound(what)) => RecipientState::Failed(format!("the {what} is gone")),
            // The store or the hub is in trouble: the line stays as it is, and the next tick comes back to it.
            Err(error) => return Err(error),
        };
        Ok(Recipient { state, at, ..line })
    }

    async fn announce_to(
        &self,
        campaign: &Campaign,
        business: &str,
        line: &Recipient,
        conversation: ConversationId,
    ) -> Result<(), HubError> {
        let records = self.services.records();
        let found = records.find_customer(campaign.organization, line.customer)?;
        let customer = found.ok_or(HubError::NotFound("customer"))?.record;
        if customer.unsubscribed.contains(&campaign.channel) {
            return Err(HubError::Conflict(UNWANTED.to_owned()));
        }
        let words = campaign
            .words(&customer, business)
            .map_err(|missing| HubError::invalid(missing.field, missing.to_string()))?;
        let content = Content {
            client_id: Some(campaign.id.to_string()),
            form: self.form_for(campaign, &customer, &words),
            ..Content::text(words.text)
        };
        if let Some(known) = records.read_conversation(campaign.organization, conversation)? {
            check_window(&known, &content, self.services.now())?;
        }
        let input = Input::Announce { content };
        let directory = &self.links.directory;
        directory
            .act(campaign.organization, conversation, input, None)
            .await
            .map(drop)
    }

    /// How it goes out to this customer, where plain text is not all of it.
    fn form_for(&self, campaign: &Campaign, customer: &Customer, words: &Words) -> Option<Form> {
        match (campaign.channel, &campaign.approved) {
            (Channel::Email, _) => Some(Form::Letter(LetterForm {
                subject: words.subject.clone(),
                unsubscribe_url: self.unsubscribe_url(customer, Channel::Email),
                ..LetterForm::default()
            })),
            (Channel::Whatsapp, Some(approved)) => Some(Form::Template(TemplateUse {
                name: approved.name.clone(),
                language: approved.language.clone(),
                values: words.values.clone(),
            })),
            _ => None,
        }
    }

    /// Writes the helping's lines, the sums and the cursor in one commit; whoever changed the campaign meanwhile keeps
    /// the change.
    async fn record_helping(
        &self,
        organization: OrganizationId,
        id: CampaignId,
        lines: &[Recipient],
    ) -> Result<(), HubError> {
        let count = |test: fn(&RecipientState) -> bool| {
            let counted = lines.iter().filter(|line| test(&line.state)).count();
            u64::try_from(counted).unwrap_or(u64::MAX)
        };
        let handed_over = count(|state| matches!(state, RecipientState::Sent(_)));
        let failed = count(|state| matches!(state, RecipientState::Failed(_)));
        for _ in 0..TRIES {
            let stored = self.stored_campaign(organization, id)?;
            let next = Campaign {
                handed_over: stored.record.handed_over + handed_over,
                sent: stored.record.sent + if stored.record.is_counted { 0 } else { handed_over },
                failed: stored.record.failed + failed,
                cursor: lines.last().map(|line| line.customer),
                ..stored.record.clone()
            };
            let mut batch = Batch::new();
            for line in lines {
                campaigns::put_recipient(&mut batch, organization, id, line)?;
            }
            campaigns::update(&mut batch, &stored, &next)?;
            match self.services.records().commit(batch).await {
                Err(StoreError::Conflict { .. }) => {}
                other => return Ok(other?),
            }
        }
        Err(HubError::Overloaded)
    }
}
