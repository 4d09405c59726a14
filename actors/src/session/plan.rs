//! Which of the waiting commands may be done, and what each asks for: stepped one on top of the other, nothing stored.
//!
//! A message id that was used before, in the store or a moment ago, is the same message: its sender gets the first
//! one's answer. What a step refuses is answered at once.

use std::sync::Arc;

use switchboard_domain::conversation::life::{self, Content, Effect, Input};
use switchboard_domain::conversation::{Conversation, Status};
use switchboard_domain::id::ConnectionId;
use switchboard_domain::message::{Author, Message};
use switchboard_domain::ports::engine::Batch;
use switchboard_domain::time::Timestamp;

use super::command::{Act, Done};
use super::state::{SessionState, Waiting};
use crate::error::HubError;
use crate::services::Services;

/// The commands that may be done, and the conversation after all of them.
pub(super) struct Plan {
    pub(super) steps: Vec<Planned>,
    pub(super) conversation: Conversation,
}

/// A command whose step is allowed.
pub(super) struct Planned {
    pub(super) origin: Option<ConnectionId>,
    pub(super) effects: Vec<Effect>,
    /// Who is in charge behind it.
    pub(super) status: Status,
    /// What its sender wants committed with it.
    pub(super) with: Batch,
    /// Who waits for it: its sender, and whoever sent the same message id again.
    pub(super) waiting: Vec<Waiting>,
    /// The message's own id and words, to know it again.
    content: Option<Content>,
}

/// Steps every command on top of the one before it; `None` when none may be done.
pub(super) fn plan(services: &Services, state: &mut SessionState, now: Timestamp) -> Option<Plan> {
    let acts = std::mem::take(&mut state.pending);
    let mut steps: Vec<Planned> = Vec::with_capacity(acts.len());
    let mut next: Option<Conversation> = None;
    for act in acts {
        let Some(act) = first_time(services, state, &mut steps, act) else {
            continue;
        };
        let content = content_of(&act.input)
            .filter(|content| content.client_id.is_some())
            .cloned();
        match life::step(next.as_ref().unwrap_or(&state.conversation), act.input, now) {
            Ok((stepped, effects)) => {
                let status = stepped.status;
                next = Some(stepped);
                let waiting = vec![Waiting {
                    reply: act.reply,
                    answer: act.answer,
                    repeated: false,
                }];
                steps.push(Planned {
                    origin: act.origin,
                    effects,
                    status,
                    with: act.with,
                    waiting,
                    content,
                });
            }
            Err(refusal) => drop(act.reply.send(Err(refusal.into()))),
        }
    }
    next.map(|conversation| Plan { steps, conversation })
}

/// Gives the command back unless its message id was used before; then its sender gets what the first one's gets.
fn first_time(services: &Services, state: &mut SessionState, steps: &mut [Planned], act: Act) -> Option<Act> {
    let Some(content) = content_of(&act.input).filter(|content| content.client_id.is_some()) else {
        return Some(act);
    };
    let twin = steps.iter_mut().find(|step| {
        step.content
            .as_ref()
            .is_some_and(|c| c.client_id == content.client_id)
    });
    if let Some(twin) = twin {
        if twin.content.as_ref() == Some(content) {
            twin.waiting.push(Waiting {
                reply: act.reply,
                answer: act.answer,
                repeated: true,
            });
        } else {
            refuse(act, other_content());
        }
        return None;
    }
    let Conversation { organization, id, .. } = *state.conversation;
    let client_id = content.client_id.as_deref().unwrap_or_default();
    match services
        .records()
        .find_client_message(organization, id, client_id)
    {
        Ok(None) => return Some(act),
        Ok(Some(message)) if is_same(&message, &act.input, content) => repeat(state, act, message),
        Ok(Some(_)) => refuse(act, other_content()),
        Err(error) => refuse(act, error.into()),
    }
    None
}

/// The message was stored long ago: it is the answer.
fn repeat(state: &mut SessionState, act: Act, message: Message) {
    let conversation = Arc::clone(&state.conversation);
    let done = Done {
        conversation,
        messages: vec![Arc::new(message)],
        repeated: true,
    };
    // A caller that has gone away needs no answer.
    drop(act.reply.send(Ok(done)));
    state.waiters.extend(act.answer);
}

fn refuse(act: Act, error: HubError) {
    drop(act.reply.send(Err(error)));
}

fn other_content() -> HubError {
    HubError::Conflict("this message id was already used for another message".to_owned())
}

/// Whether the stored message is what this command would store.
fn is_same(stored: &Message, input: &Input, content: &Content) -> bool {
    let same_author = match input {
        Input::AgentMessage { agent, .. } => stored.author == Author::Agent(agent.id),
        Input::Announce { .. } => stored.author == Author::Assistant,
        _ => stored.author == Author::Customer,
    };
    same_author && stored.text == content.text && stored.attachments == content.attachments
}

const fn content_of(input: &Input) -> Option<&Content> {
    match input {
        Input::CustomerMessage { content, .. }
        | Input::CustomerMessageForAgent { content, .. }
        | Input::CustomerFile { content }
        | Input::CustomerRemark { content }
        | Input::AgentMessage { content, .. }
        | Input::Announce { content } => Some(content),
        _ => None,
    }
}
