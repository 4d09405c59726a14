//! The session actor: takes commands, keeps one batch under way, and does what a durable batch asks for.

use std::collections::VecDeque;
use std::sync::Arc;

use ractor::{Actor, ActorProcessingErr, ActorRef};
use switchboard_domain::conversation::Conversation;
use switchboard_domain::conversation::life::Input;
use switchboard_domain::message::{Author, Message};
use switchboard_domain::ports::bus::Topic;
use switchboard_domain::ports::engine::StoreError;
use tokio::time::Instant;

use super::command::{Act, Done, SessionCommand, TurnReply};
use super::state::{InFlight, RECENT, SessionState, Waiting};
use super::{commit, turns};
use crate::desk::DeskCommand;
use crate::error::HubError;
use crate::links::Links;
use crate::outbox::OutboxCommand;
use crate::records::Stored;

/// The session of one conversation.
#[derive(Debug)]
pub struct SessionActor {
    /// Its neighbours.
    pub links: Links,
}

impl Actor for SessionActor {
    type Msg = SessionCommand;
    type State = SessionState;
    type Arguments = Stored<Conversation>;

    async fn pre_start(
        &self,
        myself: ActorRef<Self::Msg>,
        stored: Self::Arguments,
    ) -> Result<Self::State, ActorProcessingErr> {
        let mut state = self.load(stored)?;
        if state.conversation.turn_due.is_some() {
            turns::schedule(&self.links, &myself, &mut state);
        }
        let idle = self.links.services.settings.session_idle;
        myself.send_after(idle, || SessionCommand::IdleCheck);
        Ok(state)
    }

    async fn handle(
        &self,
        myself: ActorRef<Self::Msg>,
        command: Self::Msg,
        state: &mut Self::State,
    ) -> Result<(), ActorProcessingErr> {
        match command {
            SessionCommand::Act(act) => take(state, *act),
            SessionCommand::Committed(result) => self.committed(&myself, state, result)?,
            SessionCommand::TurnTimer(turn) => turns::launch(&self.links, &myself, state, turn),
            SessionCommand::TurnTimeout(turn) => turns::give_up(&self.links, state, turn),
            SessionCommand::TurnFinished(turn, outcome) => turns::finish(state, turn, *outcome),
            SessionCommand::Advised(sequence, advice) => {
                state.pending.push(turns::unanswered(Input::Advised {
                    sequence,
                    advice: *advice,
                }));
            }
            SessionCommand::TurnDiscarded(turn) => turns::retry(&self.links, &myself, state, turn),
            SessionCommand::IdleCheck => self.put_away_if_idle(&myself, state),
            SessionCommand::Wake => turns::resume(&self.links, &myself, state),
            #[cfg(test)]
            SessionCommand::Panic => panic!("asked to"),
        }
        self.begin(&myself, state).await
    }
}

impl SessionActor {
    fn load(&self, stored: Stored<Conversation>) -> Result<SessionState, StoreError> {
        let Conversation {
            organization,
            id,
            last_sequence,
            ..
        } = stored.record;
        let newest =
            self.links
                .services
                .records()
                .list_latest_messages(organization, id, last_sequence, RECENT)?;
        let recent: VecDeque<_> = newest.into_iter().rev().collect();
        Ok(SessionState::new(stored.record, stored.bytes, recent))
    }

    /// Puts everything that waits into a batch, unless one is under way.
    async fn begin(
        &self,
        myself: &ActorRef<SessionCommand>,
        state: &mut SessionState,
    ) -> Result<(), ActorProcessingErr> {
        if state.in_flight.is_some() || state.pending.is_empty() {
            return Ok(());
        }
        match commit::draft(&self.links.services, state).await {
            Ok(Some((batch, mut work))) => {
                let alone = work.alone.take();
                state.in_flight = Some(work);
                let myself = myself.clone();
                let told = move |result| {
                    // Here, not with the session: the batch goes on even when its session ends.
                    drop(alone);
                    // A session that has ended needs no news.
                    drop(myself.send_message(SessionCommand::Committed(result)));
                };
                let engine = self.links.services.ports.records.engine();
                engine.commit_then(batch, Box::new(told));
            }
            Ok(None) => answer_idle_waiters(state),
            Err(error) => tracing::warn!(%error, "a batch could not be drafted"),
        }
        Ok(())
    }

    fn committed(
        &self,
        myself: &ActorRef<SessionCommand>,
        state: &mut SessionState,
        result: Result<(), StoreError>,
    ) -> Result<(), ActorProcessingErr> {
        let Some(work) = state.in_flight.take() else {
            return Ok(());
        };
        match result {
            Ok(()) => self.apply(myself, state, work),
            Err(error) => self.refused(state, work, error)?,
        }
        Ok(())
    }

    /// The batch is durable: the new state, the replies, the news.
    fn apply(&self, myself: &ActorRef<SessionCommand>, state: &mut SessionState, work: InFlight) {
        state.conversation = work.conversation;
        state.bytes = work.bytes;
        let records = self.links.services.records();
        records.stored_conversation(&state.conversation, &state.bytes);
        for message in &work.messages {
            state.remember(message);
        }
        if !work.turn_started {
            self.acknowledge(state, &work.messages);
        }
        for message in &work.annotated {
            state.annotate(message);
        }
        if work.turn_ended {
            turns::say_typing(&self.links, state, false);
        }
        // Before the replies: an ack that overtakes what precedes it would make its client resume behind what it has
        // never seen.
        let topic = Topic::Conversation(state.conversation.id);
        self.links.services.ports.bus.publish(topic, &work.occurrences);
        for accepted in work.accepted {
            let messages = work.messages.get(accepted.messages).unwrap_or_default();
            for Waiting {
                reply,
                answer,
                repeated,
            } in accepted.waiting
            {
                let (conversation, messages) = (Arc::clone(&state.conversation), messages.to_vec());
                // A caller that has gone away needs no answer.
                drop(reply.send(Ok(Done {
                    conversation,
                    messages,
                    repeated,
                })));
                state.waiters.extend(answer);
            }
        }
        if work.status_changed {
            self.links
                .desk
                .notify(DeskCommand::StatusChanged(Arc::clone(&state.conversation)));
        }
        for lane in work.owed {
            self.links.outbox.notify(OutboxCommand::Owed(lane));
        }
        if let Some(sequence) = work.advise {
            turns::advise(&self.links, myself, state, sequence);
        }
        settle_waiters(state);
        if work.turn_started {
            turns::schedule(&self.links, myself, state);
        }
    }

    /// No answer is due to what the customer sent: it was seen all the same.
    fn acknowledge(&self, state: &SessionState, messages: &[Arc<Message>]) {
        let is_theirs = |message: &&Arc<Message>| message.author == Author::Customer;
        if let Some(newest) = messages.iter().rfind(is_theirs) {
            let channel = state.conversation.channel;
            self.links.services.acknowledge(channel, newest, false);
        }
    }

    /// The batch was refused: everybody whose step was in it is told, and nothing has changed.
    fn refused(
        &self,
        state: &mut SessionState,
        work: InFlight,
        error: StoreError,
    ) -> Result<(), ActorProcessingErr> {
        let overtaken = matches!(error, StoreError::Conflict { .. });
        let told = if overtaken {
            HubError::Overloaded
        } else {
            HubError::from(error)
        };
        for waiting in work.accepted.into_iter().flat_map(|accepted| accepted.waiting) {
            drop(waiting.reply.send(Err(told.clone())));
        }
        if overtaken {
            self.reload(state)?;
        }
        Ok(())
    }

    /// Somebody else has written this conversation: what is in memory is worth nothing.
    fn reload(&self, state: &mut SessionState) -> Result<(), ActorProcessingErr> {
        let Conversation { organization, id, .. } = *state.conversation;
        let stored = self
            .links
            .services
            .records()
            .find_conversation(organization, id)?;
        let stored = stored.ok_or("the conversation is gone")?;
        let fresh = self.load(stored)?;
        (state.conversation, state.bytes, state.recent) = (fresh.conversation, fresh.bytes, fresh.recent);
        Ok(())
    }

    fn put_away_if_idle(&self, myself: &ActorRef<SessionCommand>, state: &SessionState) {
        let idle = self.links.services.settings.session_idle;
        let quiet_for = state.active_at.elapsed();
        if quiet_for >= idle && state.is_quiet() {
            self.links.directory.forget(state.conversation.id, myself);
            // What was sent before the directory forgot is still done; whatever comes later finds a new session.
            if myself.drain().is_err() {
                myself.stop(None);
            }
            return;
        }
        myself.send_after(idle.saturating_sub(quiet_for).max(idle / 8), || {
            SessionCommand::IdleCheck
        });
    }
}

fn take(state: &mut SessionState, act: Act) {
    state.active_at = Instant::now();
    state.pending.push(act);
}

/// Callers that wait for the assistant's turn hear how it ended as soon as none is due any more.
fn settle_waiters(state: &mut SessionState) {
    if state.conversation.turn_due.is_some() {
        return;
    }
    state.turn_since = None;
    if state.waiters.is_empty() {
        return;
    }
    let conversation = Arc::clone(&state.conversation);
    let said = state
        .recent
        .back()
        .filter(|message| message.trace.is_some())
        .cloned();
    let reply = match said {
        Some(message) => TurnReply::Said {
            question: last_question(state),
            message,
            conversation,
        },
        None => TurnReply::Silent { conversation },
    };
    state.answer_waiters(&reply);
}

fn last_question(state: &SessionState) -> Option<Arc<Message>> {
    let asked = state.conversation.last_customer_sequence;
    state
        .recent
        .iter()
        .rev()
        .find(|message| message.sequence == asked)
        .cloned()
}

/// Callers whose message was a repetition and to whom nothing is owed any more.
fn answer_idle_waiters(state: &mut SessionState) {
    if state.conversation.turn_due.is_none() {
        let conversation = Arc::clone(&state.conversation);
        state.answer_waiters(&TurnReply::Silent { conversation });
    }
}
