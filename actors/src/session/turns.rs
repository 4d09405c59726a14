//! When the assistant takes its turn: after the customer has been silent for a moment, once for a burst of messages.
//!
//! A turn has a number; whatever comes back under an older one is stale. The turn itself is owed durably (`turn_due` in
//! the conversation), so a restart in between only delays it.

use std::time::Duration;

use ractor::ActorRef;
use switchboard_domain::conversation::life::{Input, TurnOutcome, Verdict};
use switchboard_domain::cost::Money;
use switchboard_domain::event::{Event, Typist};
use switchboard_domain::handover::HandoverReason;
use switchboard_domain::message::{Author, Sequence, Trace};
use switchboard_domain::ports::assistant::PastMessage;
use switchboard_domain::ports::bus::Topic;
use tokio::time::Instant;

use super::command::{Act, SessionCommand};
use super::state::SessionState;
use crate::assistant::{TurnJob, TurnKind};
use crate::links::Links;

/// Pause before a turn that found the assistant's queue full is tried again.
const RETRY: Duration = Duration::from_secs(1);

/// A turn is due: (re)start the debounce. A caller that waits for the answer has said all it wants to say.
pub(super) fn schedule(links: &Links, myself: &ActorRef<SessionCommand>, state: &mut SessionState) {
    state.turn += 1;
    state.turn_since.get_or_insert_with(Instant::now);
    let turn = state.turn;
    let pause = if state.waiters.is_empty() {
        links.services.settings.assistant.debounce
    } else {
        Duration::ZERO
    };
    myself.send_after(pause, move || SessionCommand::TurnTimer(turn));
}

/// The debounce is over: hand the turn to the assistant's pool.
pub(super) fn launch(links: &Links, myself: &ActorRef<SessionCommand>, state: &mut SessionState, turn: u64) {
    if turn != state.turn || state.conversation.turn_due.is_none() {
        return;
    }
    say_typing(links, state, true);
    if let Some(asked) = state.open_question().last() {
        links
            .services
            .acknowledge(state.conversation.channel, asked, true);
    }
    links
        .assistant
        .dispatch(job(myself, state, turn, TurnKind::Answer));
    let limit = links.services.settings.assistant.timeout + RETRY;
    myself.send_after(limit, move || SessionCommand::TurnTimeout(turn));
}

/// Staff want to know what a message means: best effort, and only while one of them listens.
pub(super) fn advise(
    links: &Links,
    myself: &ActorRef<SessionCommand>,
    state: &SessionState,
    sequence: Sequence,
) {
    if links
        .services
        .ports
        .bus
        .has_staff(Topic::Conversation(state.conversation.id))
    {
        links
            .assistant
            .dispatch(job(myself, state, state.turn, TurnKind::Advise(sequence)));
    }
}

/// The queue was full: try again, until the turn has waited too long.
pub(super) fn retry(links: &Links, myself: &ActorRef<SessionCommand>, state: &mut SessionState, turn: u64) {
    if turn != state.turn {
        return;
    }
    let waited = state.turn_since.map(|since| since.elapsed()).unwrap_or_default();
    if waited > links.services.settings.assistant.timeout {
        give_up(links, state, turn);
    } else {
        myself.send_after(RETRY, move || SessionCommand::TurnTimer(turn));
    }
}

/// A turn is owed and nothing has come of it for long: its outcome could not be stored, or its worker failed.
pub(super) fn resume(links: &Links, myself: &ActorRef<SessionCommand>, state: &mut SessionState) {
    let patience = links.services.settings.assistant.timeout * 2;
    let stuck = state.turn_since.is_none_or(|since| since.elapsed() > patience);
    if stuck && state.conversation.turn_due.is_some() {
        schedule(links, myself, state);
    }
}

/// The assistant has not come back in time: an agent is asked for, in the fallback's words.
pub(super) fn give_up(links: &Links, state: &mut SessionState, turn: u64) {
    if turn != state.turn || state.conversation.turn_due.is_none() {
        return;
    }
    let text = links.services.organization(state.conversation.organization);
    let text = text
        .map(|org| org.settings.load().fallback_message.clone())
        .unwrap_or_default();
    let trace = Trace {
        sources: Vec::new(),
        decision: "fallback".to_owned(),
        reason: "the assistant did not answer in time".to_owned(),
        tokens: 0,
        response_millis: 0,
        epoch: state.conversation.epoch,
        cost: Money::ZERO,
        cached: false,
    };
    let outcome = TurnOutcome {
        epoch: state.conversation.epoch,
        through: state.conversation.last_customer_sequence,
        advice: None,
        text,
        trace,
        verdict: Verdict::HandOver(HandoverReason::AssistantFailure),
        cache_hit: None,
    };
    finish(state, turn, outcome);
}

/// A turn's outcome becomes a command like any other; its step refuses it if it is stale.
pub(super) fn finish(state: &mut SessionState, turn: u64, outcome: TurnOutcome) {
    if turn == state.turn {
        state.pending.push(unanswered(Input::TurnFinished(outcome)));
    }
}

/// A command nobody waits for.
pub(super) fn unanswered(input: Input) -> Act {
    Act::new(input).0
}

/// Customers see that the assistant works, and that it has stopped.
pub(super) fn say_typing(links: &Links, state: &mut SessionState, is_typing: bool) {
    if state.typing == is_typing {
        return;
    }
    state.typing = is_typing;
    let event = Event::Typing {
        typist: Typist::Assistant,
        is_typing,
    };
    let (organization, id) = (state.conversation.organization, state.conversation.id);
    let occurrence = links.services.occurrence(organization, id, None, event);
    links
        .services
        .ports
        .bus
        .publish(Topic::Conversation(id), &[occurrence]);
}

fn job(myself: &ActorRef<SessionCommand>, state: &SessionState, turn: u64, kind: TurnKind) -> TurnJob {
    let question = match kind {
        TurnKind::Answer => state.open_question(),
        TurnKind::Advise(sequence) => state
            .recent
            .iter()
            .filter(|m| m.sequence == sequence)
            .cloned()
            .collect(),
    };
    let asked_at = question
        .first()
        .map_or(state.conversation.last_message_at, |message| message.at);
    let first = question.first().map_or(0, |message| message.sequence);
    let after = state.conversation.context_after;
    let earlier = state
        .recent
        .iter()
        .filter(|message| message.sequence > after && message.sequence < first);
    let history = earlier.map(|message| PastMessage {
        from_customer: message.author == Author::Customer,
        text: message.text.clone(),
    });
    TurnJob {
        kind,
        organization: state.conversation.organization,
        customer: state.conversation.customer,
        conversation: state.conversation.id,
        session: myself.clone(),
        turn,
        epoch: state.conversation.epoch,
        channel: state.conversation.channel,
        through: state.conversation.last_customer_sequence,
        question: question
            .iter()
            .map(|message| message.text.as_str())
            .collect::<Vec<_>>()
            .join("\n"),
        history: history.collect(),
        unresolved_turns: state.conversation.unresolved_turns,
        asked_at,
    }
}
