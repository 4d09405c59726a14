//! The life of a conversation as a pure step: `(conversation, input, now) → (conversation, effects)` or a refusal.
//!
//! The session actor commits the new record together with its effects or keeps the old one; nothing else may change a
//! conversation. Invariant: `last_sequence` grows by exactly one for each [`Effect::Append`], and every change of who
//! is in charge counts up `epoch`, which makes an answer begun before it stale.

mod input;

pub use self::input::{Acting, Advice, AfterFile, Content, Input, TurnOutcome, Verdict};
pub use crate::conversation::Closing;
use crate::conversation::{Conversation, Rating, Status};
use crate::counter::{Answerer, Tally};
use crate::excerpt::first_characters;
use crate::handover::HandoverReason;
use crate::id::AccountId;
use crate::message::{Attachment, Author, DeliveryReport, Sequence, Trace};
use crate::time::Timestamp;

/// Most entities a conversation remembers.
const MAX_ENTITIES: usize = 32;
/// Longest title, characters.
const MAX_TITLE_CHARACTERS: usize = 80;

/// What a step asks to be done, in this order, all in one commit.
#[derive(Debug, Clone, PartialEq)]
#[expect(
    clippy::large_enum_variant,
    reason = "an effect lives for one step; a box for each would cost more"
)]
pub enum Effect {
    /// A message gets the next sequence.
    Append {
        /// Who wrote it.
        author: Author,
        /// The writer's name as readers see it.
        author_name: String,
        /// What it says.
        content: Content,
        /// Why the assistant wrote it.
        trace: Option<Trace>,
    },
    /// The analysis of the customer message with this sequence is known.
    Annotate {
        /// Which message.
        sequence: Sequence,
        /// What was understood, for staff.
        advice: Advice,
    },
    /// The file of the message with this sequence is there, or lost.
    Attach {
        /// Which message.
        sequence: Sequence,
        /// The file, or why there is none.
        file: Result<Attachment, String>,
        /// The words heard in it.
        heard: Option<String>,
    },
    /// The message with this sequence has got further.
    Deliver {
        /// Which message.
        sequence: Sequence,
        /// What is known of it.
        report: DeliveryReport,
    },
    /// The message with this sequence waits for its channel once more.
    SendAgain {
        /// Which message.
        sequence: Sequence,
    },
    /// The assistant's turn is due.
    StartTurn,
    /// No turn is due any more.
    EndTurn,
    /// Staff want to know what this customer message means, though the assistant may not answer it.
    Advise,
    /// Who is in charge has changed.
    StatusChanged,
    /// Staff are to hear what the customer thinks.
    Rated(Rating),
    /// Something to count in the analytics of this hour.
    Count(Tally),
}

/// Why a step cannot be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The conversation is closed.
    #[error("the conversation is closed")]
    Closed,
    /// Another agent is in charge.
    #[error("another agent has already taken this conversation")]
    Taken,
    /// Nobody is in charge whom one could relieve.
    #[error("the conversation is not with an agent")]
    NotWithAgent,
    /// An answer begun before someone else took charge; it is dropped.
    #[error("somebody else has taken charge since the answer was begun")]
    StaleEpoch,
    /// The customer has written more since the turn began; it is done again.
    #[error("the customer has written more since the answer was begun")]
    Outdated,
}

/// A finished step: the new record and what to do with it.
pub type Stepped = (Conversation, Vec<Effect>);

/// Moves a conversation by one input.
pub fn step(conversation: &Conversation, input: Input, now: Timestamp) -> Result<Stepped, Refusal> {
    let mut life = Life {
        next: conversation.clone(),
        effects: Vec::new(),
        now,
    };
    match input {
        Input::CustomerMessage { content, auto_reply } => life.customer_writes(content, auto_reply),
        Input::CustomerMessageForAgent { content, reason, say } => {
            life.customer_needs_agent(content, reason, say);
        }
        Input::CustomerFile { content } => life.append_from_customer(content),
        Input::CustomerRemark { content } => life.customer_remarks(content),
        Input::CustomerMoved { to } => life.lead_to(to),
        Input::FileSettled { sequence, file, then } => life.settle_file(sequence, file, then),
        Input::SendAgain { sequence } => life.effects.push(Effect::SendAgain { sequence }),
        Input::Delivered { sequence, report } => life.effects.push(Effect::Deliver { sequence, report }),
        Input::AgentMessage { agent, content } => life.agent_writes(agent, content),
        Input::Announce { content } => life.announce(content)?,
        Input::TurnFinished(outcome) => life.finish_turn(outcome)?,
        Input::Advised { sequence, advice } => life.understand(sequence, Some(advice)),
        Input::RequestHandover { reason, say } => life.request_handover(reason, say)?,
        Input::Accept { agent } => life.accept(agent)?,
        Input::Release => life.release()?,
        Input::AgentLeft { agent } => life.agent_left(agent)?,
        Input::Close(closing) => life.close(closing)?,
        Input::Rate(rating) => life.rate(rating),
        Input::ResetContext => life.reset_context(),
    }
    Ok((life.next, life.effects))
}

/// A step under way.
struct Life {
    next: Conversation,
    effects: Vec<Effect>,
    now: Timestamp,
}

impl Life {
    fn customer_writes(&mut self, content: Content, auto_reply: bool) {
        self.append_from_customer(content);
        match self.next.status {
            Status::Active if auto_reply => self.start_turn(),
            _ => self.effects.push(Effect::Advise),
        }
    }

    fn customer_needs_agent(&mut self, content: Content, reason: HandoverReason, say: Option<String>) {
        self.append_from_customer(content);
        self.hand_over_if_active(reason, say);
    }

    fn hand_over_if_active(&mut self, reason: HandoverReason, say: Option<String>) {
        if self.next.status == Status::Active {
            self.wait_for_agent(reason, say);
        }
    }

    fn append_from_customer(&mut self, content: Content) {
        if !self.next.status.is_open() {
            self.change_status(Status::Active);
        }
        self.entitle(&content.text);
        self.hear(&content);
        let name = self.next.customer_name.clone();
        self.append(Author::Customer, name, content, None);
        self.next.last_customer_sequence = self.next.last_sequence;
        self.next.unanswered_since.get_or_insert(self.now);
    }

    /// It opens nothing that is closed, and whoever waits for an answer goes on waiting.
    fn customer_remarks(&mut self, content: Content) {
        self.hear(&content);
        let (name, last_author) = (self.next.customer_name.clone(), self.next.last_author);
        self.append(Author::Customer, name, content, None);
        self.next.last_author = last_author;
    }

    fn entitle(&mut self, text: &str) {
        if self.next.title.is_empty() {
            first_characters(text.trim(), MAX_TITLE_CHARACTERS).clone_into(&mut self.next.title);
        }
    }

    fn lead_to(&mut self, to: String) {
        if let Some(route) = &mut self.next.route {
            route.to = to;
        }
    }

    /// Notes when the customer wrote by the provider's clock, which need not be in the order the messages come in. A
    /// notice of the provider's own (a new number) is nothing that the customer wrote.
    fn hear(&mut self, content: &Content) {
        let written = content.provided.as_ref().filter(|told| !told.is_notice());
        if let (Some(route), Some(provided)) = (&mut self.next.route, written) {
            route.heard_at = route.heard_at.max(Some(provided.at));
        }
    }

    fn settle_file(&mut self, sequence: Sequence, file: Result<Attachment, String>, then: AfterFile) {
        let heard = match &then {
            AfterFile::Heard { text, .. } => Some(text.clone()),
            AfterFile::Nothing | AfterFile::HandOver { .. } => None,
        };
        self.effects.push(Effect::Attach {
            sequence,
            file,
            heard,
        });
        match then {
            AfterFile::Nothing => {}
            AfterFile::HandOver { reason, say } => self.hand_over_if_active(reason, say),
            AfterFile::Heard { text, auto_reply } => {
                self.entitle(&text);
                match self.next.status {
                    Status::Active if auto_reply => self.start_turn(),
                    _ => self.effects.push(Effect::Advise),
                }
            }
        }
    }

    fn agent_writes(&mut self, agent: Acting, content: Content) {
        if self.next.status.agent() != Some(agent.id) {
            self.take_over(agent.clone());
        }
        self.count_response(Answerer::Agent);
        self.append(Author::Agent(agent.id), agent.name, content, None);
    }

    /// It stands on the assistant's side, for no agent wrote it; it is no answer, so whoever waits for one goes on waiting.
    fn announce(&mut self, content: Content) -> Result<(), Refusal> {
        if !self.next.status.is_open() {
            return Err(Refusal::Closed);
        }
        let last_author = self.next.last_author;
        self.append(Author::Assistant, String::new(), content, None);
        self.next.last_author = last_author;
        Ok(())
    }

    fn finish_turn(&mut self, outcome: TurnOutcome) -> Result<(), Refusal> {
        if outcome.epoch != self.next.epoch || self.next.status != Status::Active {
            return Err(Refusal::StaleEpoch);
        }
        if outcome.through < self.next.last_customer_sequence {
            return Err(Refusal::Outdated);
        }
        self.understand(outcome.through, outcome.advice);
        if let Some(hit) = outcome.cache_hit {
            self.count(Tally::Cache { hit });
        }
        self.end_turn();
        self.count_response(Answerer::Assistant);
        self.append(
            Author::Assistant,
            String::new(),
            Content::text(outcome.text),
            Some(outcome.trace),
        );
        match outcome.verdict {
            Verdict::Settled => self.next.unresolved_turns = 0,
            Verdict::Open => self.next.unresolved_turns = self.next.unresolved_turns.saturating_add(1),
            Verdict::HandOver(reason) => self.wait_for_agent(reason, None),
        }
        Ok(())
    }

    fn understand(&mut self, sequence: Sequence, advice: Option<Advice>) {
        let Some(advice) = advice else { return };
        self.next.intent = Some(advice.analysis.intent);
        for entity in &advice.analysis.entities {
            if !self.next.entities.contains(entity) && self.next.entities.len() < MAX_ENTITIES {
                self.next.entities.push(entity.clone());
            }
        }
        self.count(Tally::Intent(advice.analysis.intent));
        self.effects.push(Effect::Annotate { sequence, advice });
    }

    fn request_handover(&mut self, reason: HandoverReason, say: Option<String>) -> Result<(), Refusal> {
        match self.next.status {
            Status::Closed { .. } => Err(Refusal::Closed),
            Status::Waiting { .. } | Status::WithAgent { .. } => Ok(()),
            Status::Active => {
                self.wait_for_agent(reason, say);
                Ok(())
            }
        }
    }

    fn wait_for_agent(&mut self, reason: HandoverReason, say: Option<String>) {
        if let Some(text) = say {
            self.append(Author::Assistant, String::new(), Content::text(text), None);
        }
        self.count_handover();
        self.end_turn();
        self.change_status(Status::Waiting {
            reason,
            since: self.now,
        });
    }

    fn accept(&mut self, agent: Acting) -> Result<(), Refusal> {
        match self.next.status {
            Status::Closed { .. } => Err(Refusal::Closed),
            Status::WithAgent { agent: other, .. } if other != agent.id => Err(Refusal::Taken),
            Status::WithAgent { .. } => Ok(()),
            Status::Active | Status::Waiting { .. } => {
                self.take_over(agent);
                Ok(())
            }
        }
    }

    fn take_over(&mut self, agent: Acting) {
        if matches!(self.next.status, Status::Active | Status::Closed { .. }) {
            self.count_handover();
        }
        self.end_turn();
        self.change_status(Status::WithAgent {
            agent: agent.id,
            since: self.now,
        });
        self.next.agent_name = Some(agent.name);
    }

    fn release(&mut self) -> Result<(), Refusal> {
        if !self.next.status.needs_desk() {
            return Err(Refusal::NotWithAgent);
        }
        self.next.unresolved_turns = 0;
        self.change_status(Status::Active);
        if self.next.last_author == Some(Author::Customer) {
            self.start_turn();
        }
        Ok(())
    }

    fn agent_left(&mut self, agent: AccountId) -> Result<(), Refusal> {
        if self.next.status.agent() != Some(agent) {
            return Err(Refusal::NotWithAgent);
        }
        if self.next.unanswered_since.is_some() {
            self.change_status(Status::Waiting {
                reason: HandoverReason::AgentLeft,
                since: self.now,
            });
        }
        Ok(())
    }

    fn close(&mut self, closing: Closing) -> Result<(), Refusal> {
        if !self.next.status.is_open() {
            return Err(Refusal::Closed);
        }
        let begun = self.next.first_message_at.unwrap_or(self.next.opened_at);
        let seconds = self.now.since(begun).as_secs();
        self.count(Tally::Closed {
            seconds,
            by_assistant: self.next.handovers == 0,
            intent: self.next.intent,
        });
        self.end_turn();
        self.next.unanswered_since = None;
        self.next.closing = Some(closing);
        self.change_status(Status::Closed { at: self.now });
        Ok(())
    }

    fn rate(&mut self, rating: Rating) {
        if let Some(old) = self.next.rating.take() {
            self.count(Tally::RatingWithdrawn(old.stars));
        }
        self.count(Tally::Rating(rating.stars));
        self.effects.push(Effect::Rated(rating.clone()));
        self.next.rating = Some(rating);
    }

    fn reset_context(&mut self) {
        self.next.context_after = self.next.last_sequence;
        self.next.intent = None;
        self.next.entities.clear();
        self.next.unresolved_turns = 0;
    }

    fn append(&mut self, author: Author, author_name: String, content: Content, trace: Option<Trace>) {
        if self.next.last_sequence == 0 {
            self.count(Tally::Conversation);
            self.next.first_message_at = Some(self.now);
        }
        self.count(Tally::Message(author.into()));
        self.next.counts.count(author);
        self.next.last_sequence += 1;
        self.next.last_author = Some(author);
        self.next.last_message_at = self.now;
        self.effects.push(Effect::Append {
            author,
            author_name,
            content,
            trace,
        });
    }

    fn start_turn(&mut self) {
        self.next.turn_due.get_or_insert(self.next.last_customer_sequence);
        self.effects.push(Effect::StartTurn);
    }

    fn end_turn(&mut self) {
        if self.next.turn_due.take().is_some() {
            self.effects.push(Effect::EndTurn);
        }
    }

    fn change_status(&mut self, status: Status) {
        self.next.status = status;
        self.next.agent_name = None;
        self.next.epoch += 1;
        self.effects.push(Effect::StatusChanged);
    }

    fn count_handover(&mut self) {
        self.next.handovers = self.next.handovers.saturating_add(1);
        self.count(Tally::Handover {
            first: self.next.handovers == 1,
        });
    }

    fn count_response(&mut self, by: Answerer) {
        if let Some(asked) = self.next.unanswered_since.take() {
            let millis = u64::try_from(self.now.since(asked).as_millis()).unwrap_or(u64::MAX);
            self.count(Tally::Response { by, millis });
        }
    }

    fn count(&mut self, tally: Tally) {
        self.effects.push(Effect::Count(tally));
    }
}

#[cfg(test)]
mod tests;
