//! How a session writes what its channel's provider tells: ids, files that were fetched, how far messages have got.

use std::sync::Arc;

use switchboard_domain::conversation::Conversation;
use switchboard_domain::customer::Channel;
use switchboard_domain::event::Event;
use switchboard_domain::message::{
    Attachment, Author, DeliveryReport, DeliveryStatus, Message, Provided, Sequence,
};
use switchboard_domain::outbox::{Errand, Lane, Subject};
use switchboard_domain::ports::engine::StoreError;
use switchboard_domain::time::Timestamp;

use super::commit::Draft;
use crate::outbox::charge;
use crate::records::errands::{self, FailedErrand};
use crate::records::{automatic, campaign_messages, messages, provided};

impl Draft<'_> {
    /// The status a new message starts with.
    pub(super) fn first_status(&self, author: Author) -> DeliveryStatus {
        match self.way_out(author) {
            Some(_) => DeliveryStatus::Queued,
            None => DeliveryStatus::Sent,
        }
    }

    /// The lane of what is said to the customer, where a provider has to carry it.
    fn way_out(&self, author: Author) -> Option<Lane> {
        let is_carried = author != Author::Customer && self.conversation.route.is_some();
        is_carried.then(|| Lane::of(self.conversation.channel)).flatten()
    }

    /// Notes what a new message owes to the outside, and by which id its provider knows it.
    pub(super) fn owe(&mut self, message: &Message) -> Result<(), StoreError> {
        let Conversation {
            organization,
            channel,
            id,
            ..
        } = self.conversation;
        if let Some(told) = &message.provided {
            let name = provided::name(channel, told);
            provided::insert(
                &mut self.batch,
                (organization, channel),
                &name,
                id,
                message.sequence,
            );
            if told.file.is_some() {
                self.owe_errand(Lane::Media, Subject::Media(id, message.sequence))?;
            }
        }
        match self.way_out(message.author) {
            Some(lane) => {
                self.count_automatic(message);
                self.owe_errand(lane, Subject::Message(id, message.sequence))
            }
            None => Ok(()),
        }
    }

    /// Another machine may answer what no person wrote: how much of it goes to an address is counted.
    fn count_automatic(&mut self, message: &Message) {
        let Conversation {
            organization,
            channel,
            ..
        } = self.conversation;
        let is_automatic = channel == Channel::Email && message.author == Author::Assistant;
        if let Some(route) = self.conversation.route.as_ref().filter(|_| is_automatic) {
            automatic::count(&mut self.batch, organization, &route.to, self.now);
        }
    }

    pub(super) fn owe_errand(&mut self, lane: Lane, subject: Subject) -> Result<(), StoreError> {
        let errand = Errand::new(self.conversation.organization, lane, subject, self.now);
        self.work.owed.push(lane);
        errands::insert(&mut self.batch, &errand)
    }

    /// A message has got further; a report that tells nothing new changes nothing.
    pub(super) fn deliver(&mut self, sequence: Sequence, report: DeliveryReport) -> Result<(), StoreError> {
        let known = self.known_message(sequence)?;
        let Some(message) = known.filter(|message| message.author != Author::Customer) else {
            return Ok(());
        };
        let mut next = message.clone();
        next.status = message.status.climbed(report.status);
        let tells_new_id = charge::tells_new_id(self.services, &self.conversation, &message, &report)?;
        next.is_unpaid = (tells_new_id || message.is_unpaid) && !report.costs() && !report.billing.is_free;
        if next.status == DeliveryStatus::Failed && report.status == DeliveryStatus::Failed {
            next.failure = report.failure;
        } else if next.status != DeliveryStatus::Failed {
            next.failure.clear();
        }
        if let Some(id) = report.provider_id.filter(|_| tells_new_id) {
            next.provided = Some(self.known_as(id, sequence, report.at));
        }
        if next == message {
            return Ok(());
        }
        match (message.status, next.status) {
            (DeliveryStatus::Failed, DeliveryStatus::Failed) => {}
            (_, DeliveryStatus::Failed) => self.list_failed(&next)?,
            // It was given up, and has arrived all the same.
            (DeliveryStatus::Failed, _) => {
                let subject = Subject::Message(self.conversation.id, sequence);
                errands::forgive(&mut self.batch, self.conversation.organization, &subject);
            }
            _ => {}
        }
        self.note_of_campaign(&message, &next);
        self.tell_of_status(message.status, &next)?;
        let is_news = next.status != message.status || next.failure != message.failure;
        self.rewrite(next, is_news)
    }

    /// From now on a message is known by its provider's id.
    fn known_as(&mut self, id: String, sequence: Sequence, at: Timestamp) -> Provided {
        let (organization, channel) = (self.conversation.organization, self.conversation.channel);
        let conversation = self.conversation.id;
        let ids = &mut self.batch;
        provided::insert(ids, (organization, channel), &id, conversation, sequence);
        Provided {
            id,
            at,
            kind: "text".to_owned(),
            ..Provided::default()
        }
    }

    /// What has failed is listed, so that it can be sent after all.
    fn list_failed(&mut self, message: &Message) -> Result<(), StoreError> {
        let Some(lane) = self.way_out(message.author) else {
            return Ok(());
        };
        let subject = Subject::Message(self.conversation.id, message.sequence);
        let failed = FailedErrand {
            errand: Errand::new(self.conversation.organization, lane, subject, message.at),
            at: self.now,
            reason: message.failure.clone(),
        };
        errands::insert_failed(&mut self.batch, &failed)
    }

    /// A message that has failed waits for its channel once more.
    pub(super) fn send_again(&mut self, sequence: Sequence) -> Result<(), StoreError> {
        let known = self.known_message(sequence)?;
        let Some(message) = known.filter(|message| message.status == DeliveryStatus::Failed) else {
            return Ok(());
        };
        let Some(lane) = self.way_out(message.author) else {
            return Ok(());
        };
        errands::forgive(
            &mut self.batch,
            self.conversation.organization,
            &Subject::Message(self.conversation.id, sequence),
        );
        let next = Message {
            status: DeliveryStatus::Queued,
            failure: String::new(),
            provided: None,
            is_unpaid: false,
            ..message.clone()
        };
        self.note_of_campaign(&message, &next);
        self.owe_errand(lane, Subject::Message(self.conversation.id, sequence))?;
        self.rewrite(next, true)
    }

    /// A campaign's message has got further, or waits once more.
    fn note_of_campaign(&mut self, before: &Message, now: &Message) {
        let Conversation { organization, id, .. } = self.conversation;
        campaign_messages::note(&mut self.batch, organization, id, Some(before), now);
    }

    /// The file of a customer's message is there, or it is known why not.
    pub(super) fn attach(
        &mut self,
        sequence: Sequence,
        file: Result<Attachment, String>,
        heard: Option<String>,
    ) -> Result<(), StoreError> {
        let Some(mut message) = self.known_message(sequence)? else {
            return Ok(());
        };
        if let Some(told) = &mut message.provided {
            told.file = None;
        }
        match file {
            Ok(file) => {
                let Conversation { organization, id, .. } = self.conversation;
                messages::hold(&mut self.batch, organization, id, sequence, &file);
                message.attachments.push(file);
            }
            Err(reason) => message.failure = reason,
        }
        if let Some(text) = heard {
            message.text = text;
        }
        self.rewrite(message, true)
    }

    fn rewrite(&mut self, message: Message, is_news: bool) -> Result<(), StoreError> {
        let Conversation { organization, id, .. } = self.conversation;
        messages::replace(&mut self.batch, organization, id, &message)?;
        let message = Arc::new(message);
        if is_news {
            self.occurred(Event::Updated(Arc::clone(&message)), None);
        }
        self.work.annotated.push(message);
        Ok(())
    }

    /// The message as this batch has left it so far.
    pub(super) fn known_message(&self, sequence: Sequence) -> Result<Option<Message>, StoreError> {
        let of = |message: &&Arc<Message>| message.sequence == sequence;
        let work = self.work.annotated.iter().rev().find(of);
        let known = work
            .or_else(|| self.work.messages.iter().find(of))
            .or_else(|| self.state.recent.iter().find(of));
        if let Some(message) = known {
            return Ok(Some(message.as_ref().clone()));
        }
        let Conversation { organization, id, .. } = self.conversation;
        self.services.records().find_message(organization, id, sequence)
    }
}
