//! From commands to one batch: steps each command, writes its effects, and keeps what is to be done once it is durable.

use std::sync::Arc;

use switchboard_domain::conversation::Conversation;
use switchboard_domain::conversation::life::{Advice, Content, Effect};
use switchboard_domain::event::Event;
use switchboard_domain::id::{ConnectionId, MessageId};
use switchboard_domain::message::{Author, Message, Sequence, Trace};
use switchboard_domain::ports::engine::{Batch, StoreError};
use switchboard_domain::time::Timestamp;

use super::plan::{Plan, Planned, plan};
use super::state::{Accepted, InFlight, SessionState};
use crate::activity;
use crate::error::HubError;
use crate::records::numbers::Numbered;
use crate::records::{campaign_messages, conversations, counters, faq_views, messages};
use crate::services::Services;

/// A batch in the making.
pub(super) struct Draft<'a> {
    pub(super) services: &'a Services,
    pub(super) state: &'a SessionState,
    pub(super) now: Timestamp,
    pub(super) batch: Batch,
    pub(super) conversation: Conversation,
    sequence: Sequence,
    number: u64,
    pub(super) work: InFlight,
}

/// Turns everything that waits into one batch; `None` when nothing of it is to be stored.
pub(super) async fn draft(
    services: &Services,
    state: &mut SessionState,
) -> Result<Option<(Batch, InFlight)>, HubError> {
    let now = services.now();
    let Some(plan) = plan(services, state, now) else {
        return Ok(None);
    };
    let number = numbers(services, &plan).await?;
    let draft = Draft::new(services, state, now, plan.conversation, number);
    let (mut batch, mut work) = draft.write(plan.steps)?;
    work.alone = activity::note(services, &mut batch, &state.conversation, &work.conversation).await?;
    Ok(Some((batch, work)))
}

/// The first of as many numbers as messages are appended.
async fn numbers(services: &Services, plan: &Plan) -> Result<u64, HubError> {
    let effects = plan.steps.iter().flat_map(|step| &step.effects);
    let appended = effects
        .filter(|effect| matches!(effect, Effect::Append { .. }))
        .count();
    match u64::try_from(appended).unwrap_or(0) {
        0 => Ok(0),
        count => {
            let organization = plan.conversation.organization;
            Ok(services
                .numbers
                .take(organization, Numbered::Message, count)
                .await?)
        }
    }
}

impl<'a> Draft<'a> {
    fn new(
        services: &'a Services,
        state: &'a SessionState,
        now: Timestamp,
        conversation: Conversation,
        number: u64,
    ) -> Self {
        let sequence = state.conversation.last_sequence;
        let work = InFlight::over(&state.conversation);
        Self {
            services,
            state,
            now,
            batch: Batch::new(),
            conversation,
            sequence,
            number,
            work,
        }
    }

    fn write(mut self, planned: Vec<Planned>) -> Result<(Batch, InFlight), StoreError> {
        let mut status = self.state.conversation.status;
        for step in planned {
            let first = self.work.messages.len();
            for effect in step.effects {
                self.effect(effect, step.origin)?;
            }
            self.tell_of_charge(status, step.status)?;
            status = step.status;
            self.batch.changes.extend(step.with.changes);
            self.batch.preconditions.extend(step.with.preconditions);
            let messages = first..self.work.messages.len();
            self.work.accepted.push(Accepted {
                waiting: step.waiting,
                messages,
            });
        }
        let old = self.state.conversation.as_ref();
        self.work.bytes = conversations::update(&mut self.batch, old, &self.state.bytes, &self.conversation)?;
        counters::move_totals(&mut self.batch, old, &self.conversation);
        self.work.conversation = Arc::new(self.conversation);
        Ok((self.batch, self.work))
    }

    fn effect(&mut self, effect: Effect, origin: Option<ConnectionId>) -> Result<(), StoreError> {
        match effect {
            Effect::Append {
                author,
                author_name,
                content,
                trace,
            } => self.append(author, author_name, content, trace, origin),
            Effect::Annotate { sequence, advice } => self.annotate(sequence, advice),
            Effect::Attach {
                sequence,
                file,
                heard,
            } => self.attach(sequence, file, heard),
            Effect::SendAgain { sequence } => self.send_again(sequence),
            Effect::Deliver { sequence, report } => self.deliver(sequence, report),
            Effect::StartTurn => {
                self.work.turn_started = true;
                Ok(())
            }
            Effect::EndTurn => {
                self.work.turn_ended = true;
                self.work.turn_started = false;
                Ok(())
            }
            Effect::Advise => {
                self.work.advise = Some(self.sequence);
                Ok(())
            }
            Effect::StatusChanged => {
                self.status_changed();
                Ok(())
            }
            Effect::Rated(rating) => {
                self.occurred(Event::Rated(rating), None);
                Ok(())
            }
            Effect::Count(tally) => {
                let Conversation {
                    organization,
                    channel,
                    ..
                } = self.conversation;
                counters::count(&mut self.batch, organization, channel, self.now, tally);
                Ok(())
            }
        }
    }

    fn append(
        &mut self,
        author: Author,
        author_name: String,
        content: Content,
        trace: Option<Trace>,
        origin: Option<ConnectionId>,
    ) -> Result<(), StoreError> {
        self.sequence += 1;
        let message = Message {
            id: MessageId::generate(self.now, self.services.ports.random.as_ref()),
            sequence: self.sequence,
            number: self.number,
            author,
            author_name,
            text: content.text,
            attachments: content.attachments,
            at: self.now,
            status: self.first_status(author),
            client_id: content.client_id,
            analysis: None,
            trace,
            suggestion: String::new(),
            provided: content.provided,
            failure: String::new(),
            form: content.form,
            is_unpaid: false,
        };
        self.number += 1;
        let Conversation { organization, id, .. } = self.conversation;
        messages::insert(&mut self.batch, organization, id, &message)?;
        campaign_messages::note(&mut self.batch, organization, id, None, &message);
        self.owe(&message)?;
        self.tell_of_new(&message)?;
        if let Some(faq) = message.trace.as_ref().and_then(Trace::answering_faq) {
            faq_views::add_view(&mut self.batch, organization, faq);
        }
        let message = Arc::new(message);
        // An origin hears no echo of its own words, but hears what the assistant says in the same step.
        let origin = origin.filter(|_| author != Author::Assistant);
        let answers = (author == Author::Assistant).then(|| self.question()).flatten();
        let said = self
            .services
            .said(organization, id, origin, Arc::clone(&message), answers);
        self.work.occurrences.push(said);
        self.work.messages.push(message);
        Ok(())
    }

    /// The newest customer message that is remembered, with what this batch has understood of it.
    fn question(&self) -> Option<Arc<Message>> {
        let mut known = self
            .work
            .messages
            .iter()
            .rev()
            .chain(self.state.recent.iter().rev());
        let newest = known.find(|message| message.author == Author::Customer)?;
        let understood = self.work.annotated.iter();
        let understood = understood
            .rev()
            .find(|message| message.sequence == newest.sequence);
        Some(Arc::clone(understood.unwrap_or(newest)))
    }

    fn annotate(&mut self, sequence: Sequence, advice: Advice) -> Result<(), StoreError> {
        let Conversation { organization, id, .. } = self.conversation;
        let Some(message) = self.known_message(sequence)? else {
            return Ok(());
        };
        let message = Message {
            analysis: Some(advice.analysis.clone()),
            suggestion: advice.suggestions.first().cloned().unwrap_or_default(),
            ..message
        };
        messages::replace(&mut self.batch, organization, id, &message)?;
        let text = message.text.clone();
        let Advice {
            analysis,
            suggestions,
        } = advice;
        self.occurred(
            Event::Analyzed {
                sequence,
                text,
                analysis,
                suggestions,
            },
            None,
        );
        self.work.annotated.push(Arc::new(message));
        Ok(())
    }

    fn status_changed(&mut self) {
        self.work.status_changed = true;
        let handover_text = || {
            let organization = self.services.organization(self.conversation.organization).ok()?;
            Some(organization.settings.load().handover_message.clone())
        };
        let waiting = self.conversation.status.as_str() == "waiting";
        let event = Event::StatusChanged {
            status: self.conversation.status,
            agent_name: self.conversation.agent_name.clone(),
            text: waiting.then(handover_text).flatten(),
        };
        self.occurred(event, None);
    }

    pub(super) fn occurred(&mut self, event: Event, origin: Option<ConnectionId>) {
        let Conversation { organization, id, .. } = self.conversation;
        self.work
            .occurrences
            .push(self.services.occurrence(organization, id, origin, event));
    }
}

impl InFlight {
    /// Nothing done yet to the conversation as it stands.
    fn over(conversation: &Arc<Conversation>) -> Self {
        Self {
            conversation: Arc::clone(conversation),
            bytes: bytes::Bytes::new(),
            messages: Vec::new(),
            annotated: Vec::new(),
            occurrences: Vec::new(),
            accepted: Vec::new(),
            status_changed: false,
            turn_started: false,
            turn_ended: false,
            advise: None,
            alone: None,
            owed: Vec::new(),
        }
    }
}
