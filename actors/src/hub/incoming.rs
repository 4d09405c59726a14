//! What comes in by channels: a customer's message, each once, into the right conversation.
//!
//! Called by the adapters of the channels after they have checked who speaks. Whatever of one address comes at the same
//! time is taken in one after the other, so that an album is one conversation. Invariant: when a call returns, the
//! message is on disk together with the provider's id of it, by which it is known when it comes again.

use std::collections::HashMap;
use std::sync::Arc;

use sha2::{Digest, Sha256};
use switchboard_domain::conversation::life::{Content, Input};
use switchboard_domain::conversation::{Conversation, Route};
use switchboard_domain::customer::{Channel, Customer, Identity};
use switchboard_domain::excerpt::first_characters;
use switchboard_domain::handover::HandoverReason;
use switchboard_domain::id::OrganizationId;
use switchboard_domain::incoming::{Asks, Incoming, IncomingFile, Thread};
use switchboard_domain::message::{Attachment, BlobId, MAX_TEXT_CHARACTERS, Sequence};
use switchboard_domain::ports::engine::Batch;

use super::conversations::opening::MAX_NAME_CHARACTERS;
use super::{Hub, moves};
use crate::error::HubError;
use crate::records::provided;

/// Conversations of a customer looked at for the one a message belongs to.
const LOOK_BACK: usize = 50;

/// A message that was taken in.
#[derive(Debug, Clone)]
pub struct Received {
    /// The conversation it stands in.
    pub conversation: Arc<Conversation>,
    /// Its place there.
    pub sequence: Sequence,
    /// It had come before; nothing was stored.
    pub repeated: bool,
}

impl Hub {
    /// Takes in what a customer sent.
    ///
    /// # Errors
    /// [`HubError::Overloaded`], [`HubError::StoreFull`] and the like: nothing was stored, and the provider is to come
    /// again.
    pub async fn receive_incoming(
        &self,
        organization: OrganizationId,
        mut incoming: Box<Incoming>,
    ) -> Result<Received, HubError> {
        incoming.provided.raw = incoming.raw.as_deref().map(blob_id);
        let _alone = self.services.incoming.lock(&incoming.reply_to).await;
        if let Some(before) = self.received_before(organization, &incoming)? {
            return Ok(before);
        }
        let conversation = self.conversation_for(organization, &incoming).await?;
        if self
            .heed_opt_out(organization, conversation.customer, &incoming)
            .await?
        {
            incoming.asks = Asks::Nothing;
        }
        self.take_in(&conversation, incoming).await
    }

    fn received_before(
        &self,
        organization: OrganizationId,
        incoming: &Incoming,
    ) -> Result<Option<Received>, HubError> {
        let records = self.services.records();
        let id = provided::name(incoming.channel, &incoming.provided);
        let known = records.find_provided(organization, incoming.channel, &id)?;
        let Some((conversation, sequence)) = known else {
            return Ok(None);
        };
        let conversation = self.read_conversation(organization, conversation)?;
        Ok(conversation.map(|conversation| Received {
            conversation,
            sequence,
            repeated: true,
        }))
    }

    async fn take_in(
        &self,
        conversation: &Conversation,
        incoming: Box<Incoming>,
    ) -> Result<Received, HubError> {
        let Conversation { organization, id, .. } = *conversation;
        let mut with = Batch::new();
        let asks = self.wanted(organization, &incoming, &mut with)?;
        let settings = self.services.organization(organization)?.settings.load_full();
        let auto_reply = settings.auto_reply_enabled;
        let _held = self.services.attachments.read().await;
        let content = Content {
            text: first_characters(&incoming.text, MAX_TEXT_CHARACTERS).to_owned(),
            attachments: self.keep_files(incoming.files, incoming.raw).await?,
            provided: Some(incoming.provided),
            ..Content::default()
        };
        let input = match asks {
            Asks::Answer => Input::CustomerMessage { content, auto_reply },
            Asks::File => Input::CustomerFile { content },
            Asks::Nothing => Input::CustomerRemark { content },
            Asks::Agent(reason) => {
                let is_silent = reason == HandoverReason::AutomaticLimit;
                let say = (auto_reply && !is_silent).then(|| settings.handover_message.clone());
                Input::CustomerMessageForAgent { content, reason, say }
            }
        };
        let done = self
            .links
            .directory
            .act_with(organization, id, input, with)
            .await?;
        let stored = done.messages.first();
        let stored = stored.ok_or_else(|| HubError::internal("a message was not stored"))?;
        Ok(Received {
            sequence: stored.sequence,
            conversation: done.conversation,
            repeated: false,
        })
    }

    /// Keeps what comes with a message before the message that names it.
    async fn keep_files(
        &self,
        files: Vec<IncomingFile>,
        raw: Option<Vec<u8>>,
    ) -> Result<Vec<Attachment>, HubError> {
        if let Some(raw) = raw {
            self.services.ports.blobs.put(raw).await?;
        }
        let mut kept = Vec::with_capacity(files.len());
        for file in files {
            kept.push(self.keep_file(file.name, file.media_type, file.content).await?);
        }
        Ok(kept)
    }

    /// What is wanted for it, unless so much went to its sender automatically that an agent has to decide.
    fn wanted(
        &self,
        organization: OrganizationId,
        incoming: &Incoming,
        with: &mut Batch,
    ) -> Result<Asks, HubError> {
        if incoming.channel != Channel::Email || incoming.asks == Asks::Nothing {
            return Ok(incoming.asks);
        }
        let (records, now) = (self.services.records(), self.services.now());
        let sent = records.automatic_mails(organization, &incoming.reply_to, now, with)?;
        let most = i64::from(self.services.settings.automatic_mails_per_hour);
        Ok(if sent < most {
            incoming.asks
        } else {
            Asks::Agent(HandoverReason::AutomaticLimit)
        })
    }

    /// What is rare is boxed: a message of somebody known, in a conversation that is known, needs none of its room.
    async fn conversation_for(
        &self,
        organization: OrganizationId,
        incoming: &Incoming,
    ) -> Result<Arc<Conversation>, HubError> {
        if matches!(incoming.thread, Thread::Newest)
            && let Some(usual) = self.find_usual_thread(organization, incoming)?
        {
            return Ok(usual);
        }
        let Some(customer) = self.find_sender(organization, incoming)? else {
            let customer = self.new_sender(organization, incoming);
            let opened = self.open_with_new(&customer, incoming.channel, route(incoming));
            return Box::pin(opened).await;
        };
        let unknown = self.unknown_addresses(&customer, &incoming.sender)?;
        let customer = if unknown.is_empty() {
            customer
        } else {
            Box::pin(self.learn_addresses(customer, unknown)).await?
        };
        if let Some(known) = self.find_thread(&customer, incoming)? {
            return Ok(known);
        }
        Box::pin(self.open_on_route(&customer, incoming.channel, route(incoming))).await
    }

    /// The newest conversation with an address whose customer is known by all that is told: nearly always the one, and
    /// then the customer need not be read.
    fn find_usual_thread(
        &self,
        organization: OrganizationId,
        incoming: &Incoming,
    ) -> Result<Option<Arc<Conversation>>, HubError> {
        let records = self.services.records();
        let mut customer = None;
        for identity in &incoming.sender {
            match records.find_identity(organization, identity)? {
                Some(known) => customer = customer.or(Some(known)),
                None => return Ok(None),
            }
        }
        let Some(customer) = customer else {
            return Ok(None);
        };
        let Some(newest) = records.find_newest(organization, customer, incoming.channel)? else {
            return Ok(None);
        };
        let known = self.read_conversation(organization, newest)?;
        Ok(known.filter(|known| is_of(known, incoming, |to| to == incoming.reply_to)))
    }

    fn find_sender(
        &self,
        organization: OrganizationId,
        incoming: &Incoming,
    ) -> Result<Option<Customer>, HubError> {
        let records = self.services.records();
        for identity in &incoming.sender {
            if let Some(id) = records.find_identity(organization, identity)? {
                return Ok(records
                    .find_customer(organization, id)?
                    .map(|stored| stored.record));
            }
        }
        Ok(None)
    }

    fn new_sender(&self, organization: OrganizationId, incoming: &Incoming) -> Customer {
        let name = first_characters(incoming.name.trim(), MAX_NAME_CHARACTERS).to_owned();
        let mut customer = self.new_customer(organization, name, incoming.sender.clone());
        for identity in &incoming.sender {
            match identity {
                Identity::Phone(phone) => customer.phone = Some(phone.clone()),
                Identity::Email(email) => customer.email = Some(email.clone()),
                Identity::Account(_) | Identity::External(_) | Identity::Whatsapp(_) => {}
            }
        }
        customer
    }

    /// The conversation it belongs to, if there is one.
    fn find_thread(
        &self,
        customer: &Customer,
        incoming: &Incoming,
    ) -> Result<Option<Arc<Conversation>>, HubError> {
        let organization = customer.organization;
        if let Thread::Of(id) = incoming.thread {
            let known = self.read_conversation(organization, id)?;
            let theirs = known.filter(|known| known.customer == customer.id);
            if theirs.is_some() {
                return Ok(theirs);
            }
        }
        let records = self.services.records();
        let is_there =
            |to: &str| to == incoming.reply_to || moves::is_same_account(customer, to, &incoming.reply_to);
        let fitting = |id| -> Result<Option<Arc<Conversation>>, HubError> {
            let read = self.read_conversation(organization, id)?;
            Ok(read.filter(|known| is_of(known, incoming, is_there)))
        };
        // The likeliest, and found without a scan.
        let newest = records.find_newest(organization, customer.id, incoming.channel)?;
        if let Some(known) = newest.map(fitting).transpose()?.flatten() {
            return Ok(Some(known));
        }
        for id in records.list_of_customer(organization, customer.id, LOOK_BACK)? {
            if let Some(known) = fitting(id)? {
                return Ok(Some(known));
            }
        }
        Ok(None)
    }
}

/// Things apart by whom they are from or about, each in its order.
pub(super) fn by_name<T>(things: Vec<T>, name: impl Fn(&T) -> String) -> Vec<Vec<T>> {
    let (mut places, mut apart): (HashMap<String, usize>, Vec<Vec<T>>) = (HashMap::new(), Vec::new());
    for thing in things {
        let place = *places.entry(name(&thing)).or_insert_with(|| {
            apart.push(Vec::new());
            apart.len() - 1
        });
        if let Some(of_name) = apart.get_mut(place) {
            of_name.push(thing);
        }
    }
    apart
}

/// Whether a conversation is the one there is with this address; of a mail's own, only one that nothing came into yet,
/// as a crash leaves it.
fn is_of(known: &Conversation, incoming: &Incoming, is_there: impl Fn(&str) -> bool) -> bool {
    let route = known.route.as_ref();
    let same_way = known.channel == incoming.channel && route.is_some_and(|route| is_there(&route.to));
    let may_join = match incoming.thread {
        Thread::Newest => true,
        Thread::New | Thread::Of(_) => known.last_sequence == 0,
    };
    same_way && may_join
}

fn blob_id(bytes: &[u8]) -> BlobId {
    BlobId(Sha256::digest(bytes).into())
}

fn route(incoming: &Incoming) -> Route {
    Route {
        to: incoming.reply_to.clone(),
        subject: incoming.subject.clone(),
        heard_at: None,
    }
}
