//! The assistant's pool: a ractor factory of workers, one key per conversation, bounded, discarding visibly.
//!
//! A worker takes one turn at a time (`turn`) and casts the outcome to the session, which alone decides whether it
//! still counts. A discarded or lost job is not an error: the session owes its turn durably and asks again.

pub(crate) mod turn;

use std::sync::Arc;

use ractor::factory::discard::{DiscardHandler, DiscardReason};
use ractor::factory::queues::DefaultQueue;
use ractor::factory::routing::StickyQueuerRouting;
use ractor::factory::{
    DiscardMode, DiscardSettings, Factory, FactoryArguments, FactoryMessage, Job, Worker, WorkerId,
    worker_builder,
};
use ractor::{Actor, ActorCell, ActorProcessingErr, ActorRef, SpawnErr};
use switchboard_domain::customer::Channel;
use switchboard_domain::id::{ConversationId, CustomerId, OrganizationId};
use switchboard_domain::message::Sequence;
use switchboard_domain::ports::assistant::PastMessage;
use switchboard_domain::time::Timestamp;

use crate::services::Services;
use crate::session::SessionCommand;
use crate::supervision::Address;

/// What a job is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TurnKind {
    /// The assistant is in charge and answers.
    Answer,
    /// Somebody else is in charge; staff want to know what the message of this sequence means.
    Advise(Sequence),
}

/// One turn to take.
#[derive(Debug)]
pub struct TurnJob {
    /// What it is for.
    pub kind: TurnKind,
    /// Whose customer asks.
    pub organization: OrganizationId,
    /// Which customer.
    pub customer: CustomerId,
    /// Where.
    pub conversation: ConversationId,
    /// Who gets the outcome.
    pub session: ActorRef<SessionCommand>,
    /// The session's number of this turn.
    pub turn: u64,
    /// The handover epoch it begins in.
    pub epoch: u64,
    /// Where the conversation comes in.
    pub channel: Channel,
    /// The newest customer message it has read.
    pub through: Sequence,
    /// The customer's unanswered messages, joined by newlines.
    pub question: String,
    /// What was said before, oldest first.
    pub history: Vec<PastMessage>,
    /// Turns in a row that did not settle the question.
    pub unresolved_turns: u8,
    /// When the customer asked.
    pub asked_at: Timestamp,
}

type Message = FactoryMessage<ConversationId, TurnJob>;
type Routing = StickyQueuerRouting<ConversationId, TurnJob>;
type Queue = DefaultQueue<ConversationId, TurnJob>;
type Pool = Factory<ConversationId, TurnJob, (), TurnWorker, Routing, Queue>;

/// Where turns are handed in.
#[derive(Debug, Clone, Default)]
pub struct AssistantQueue {
    pool: Address<Message>,
}

impl AssistantQueue {
    /// Hands in a turn; while the pool is being restarted the session is asked to try again.
    pub fn dispatch(&self, job: TurnJob) {
        let (session, turn) = (job.session.clone(), job.turn);
        if self
            .pool
            .send(FactoryMessage::Dispatch(Job::new(job.conversation, job)))
            .is_err()
        {
            tell(&session, SessionCommand::TurnDiscarded(turn));
        }
    }

    /// Whether the pool is there.
    pub fn is_up(&self) -> bool {
        self.pool.get().is_some()
    }

    /// Starts the pool under a supervisor.
    pub async fn spawn(self, services: Arc<Services>, supervisor: ActorCell) -> Result<ActorCell, SpawnErr> {
        let limits = services.settings.assistant;
        let worker = move |_: WorkerId| {
            (
                TurnWorker {
                    services: Arc::clone(&services),
                },
                (),
            )
        };
        let arguments = FactoryArguments::builder()
            .worker_builder(Box::new(worker_builder(worker)))
            .num_initial_workers(limits.workers)
            .router(Routing::default())
            .queue(Queue::default())
            .discard_handler(Arc::new(Discards))
            .discard_settings(DiscardSettings::Static {
                limit: limits.queue,
                mode: DiscardMode::Newest,
            })
            .build();
        let (pool, _) = Actor::spawn_linked(None, Pool::default(), arguments, supervisor).await?;
        self.pool.set(pool.clone());
        Ok(pool.get_cell())
    }
}

/// Tells the session of every discarded job, so that nothing is lost in silence.
#[derive(Debug)]
struct Discards;

impl DiscardHandler<ConversationId, TurnJob> for Discards {
    fn discard(&self, _: DiscardReason, job: &mut Job<ConversationId, TurnJob>) {
        metrics::counter!("switchboard_assistant_discarded_total").increment(1);
        if job.msg.kind == TurnKind::Answer {
            tell(&job.msg.session, SessionCommand::TurnDiscarded(job.msg.turn));
        }
    }
}

/// Takes turns, one at a time.
#[derive(Debug)]
pub struct TurnWorker {
    services: Arc<Services>,
}

impl Worker for TurnWorker {
    type Key = ConversationId;
    type Message = TurnJob;
    type State = ();
    type Arguments = ();

    async fn pre_start(&self, _: WorkerId, _: &ActorRef<Message>, (): ()) -> Result<(), ActorProcessingErr> {
        Ok(())
    }

    async fn handle(
        &self,
        _: WorkerId,
        _: &ActorRef<Message>,
        job: Job<ConversationId, TurnJob>,
        (): &mut (),
    ) -> Result<ConversationId, ActorProcessingErr> {
        let Job { key, msg, .. } = job;
        match msg.kind {
            TurnKind::Answer => {
                let outcome = turn::take(&self.services, &msg).await;
                tell(
                    &msg.session,
                    SessionCommand::TurnFinished(msg.turn, Box::new(outcome)),
                );
            }
            TurnKind::Advise(sequence) => {
                if let Some(advice) = turn::advise(&self.services, &msg).await {
                    tell(&msg.session, SessionCommand::Advised(sequence, Box::new(advice)));
                }
            }
        }
        Ok(key)
    }
}

/// A session that has gone meanwhile needs no telling: it owes its turn durably.
fn tell(session: &ActorRef<SessionCommand>, command: SessionCommand) {
    if session.send_message(command).is_err() {
        tracing::debug!("a session had gone before its turn was finished");
    }
}
