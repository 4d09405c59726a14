//! Which conversation has a live session, and how one is found or started.

use std::sync::atomic::{AtomicUsize, Ordering};

use dashmap::DashMap;
use ractor::ActorRef;
use switchboard_domain::conversation::life::Input;
use switchboard_domain::id::{ConnectionId, ConversationId, OrganizationId};
use switchboard_domain::ports::engine::Batch;
use tokio::sync::oneshot;

use crate::error::HubError;
use crate::session::{Act, Done, SessionCommand, TurnReply};
use crate::shard::ShardCommand;
use crate::supervision::Address;

/// How many shards supervise the sessions.
pub const SHARDS: usize = 16;

/// The live sessions.
#[derive(Debug)]
pub struct Directory {
    live: DashMap<ConversationId, ActorRef<SessionCommand>>,
    shards: Vec<Address<ShardCommand>>,
    waiting: AtomicUsize,
    max_waiting: usize,
}

/// One command admitted to the sessions; leaves the count when it is answered or given up.
struct Admitted<'a>(&'a AtomicUsize);

impl Drop for Admitted<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Directory {
    /// Nobody is live yet. At most `max_waiting` commands wait in all sessions together.
    pub fn new(max_waiting: usize) -> Self {
        let shards = (0..SHARDS).map(|_| Address::default()).collect();
        Self {
            live: DashMap::new(),
            shards,
            waiting: AtomicUsize::new(0),
            max_waiting,
        }
    }

    /// The addresses of the shards.
    pub fn shards(&self) -> &[Address<ShardCommand>] {
        &self.shards
    }

    /// Sessions alive.
    pub fn live(&self) -> usize {
        self.live.len()
    }

    /// Does something to a conversation and returns once it is durable.
    ///
    /// # Errors
    /// [`HubError::Overloaded`] when too much waits already; what the step or the store refuses.
    pub fn act(
        &self,
        organization: OrganizationId,
        conversation: ConversationId,
        input: Input,
        origin: Option<ConnectionId>,
    ) -> impl Future<Output = Result<Done, HubError>> + Send {
        let (act, done) = Act::new(input);
        self.send(organization, conversation, Act { origin, ..act }.into(), done)
    }

    /// The same by the hub itself, with records that are committed with it or not at all.
    ///
    /// # Errors
    /// As [`Directory::act`].
    pub fn act_with(
        &self,
        organization: OrganizationId,
        conversation: ConversationId,
        input: Input,
        with: Batch,
    ) -> impl Future<Output = Result<Done, HubError>> + Send {
        let (act, done) = Act::new(input);
        self.send(organization, conversation, Act { with, ..act }.into(), done)
    }

    /// The same, and a promise of how the assistant's turn ends.
    pub fn ask(
        &self,
        organization: OrganizationId,
        conversation: ConversationId,
        input: Input,
        origin: Option<ConnectionId>,
    ) -> impl Future<Output = Result<(Done, oneshot::Receiver<TurnReply>), HubError>> + Send {
        let (answer, answered) = oneshot::channel();
        let (act, done) = Act::new(input);
        let act = Act {
            origin,
            answer: Some(answer),
            ..act
        };
        let sent = self.send(organization, conversation, act.into(), done);
        async move { Ok((sent.await?, answered)) }
    }

    /// Starts the session of a conversation that is owed something.
    pub async fn wake(
        &self,
        organization: OrganizationId,
        conversation: ConversationId,
    ) -> Result<(), HubError> {
        let session = self.session(organization, conversation).await?;
        session
            .send_message(SessionCommand::Wake)
            .map_err(|_| HubError::Unavailable)
    }

    /// The act is boxed before anything waits: futures hold what they are given, and each that waits for this one would
    /// grow by it.
    async fn send(
        &self,
        organization: OrganizationId,
        conversation: ConversationId,
        act: Box<Act>,
        done: oneshot::Receiver<Result<Done, HubError>>,
    ) -> Result<Done, HubError> {
        let _admitted = self.admit()?;
        let mut command = SessionCommand::Act(act);
        // A session that is being put away refuses the command; the one started in its place takes it.
        for _ in 0..3 {
            let session = self.session(organization, conversation).await?;
            match session.send_message(command) {
                Ok(()) => return done.await.map_err(|_| HubError::Unavailable)?,
                Err(ractor::MessagingErr::SendErr(back)) => command = back,
                Err(_) => return Err(HubError::Unavailable),
            }
            self.forget(conversation, &session);
        }
        Err(HubError::Unavailable)
    }

    fn admit(&self) -> Result<Admitted<'_>, HubError> {
        let before = self.waiting.fetch_add(1, Ordering::Relaxed);
        let admitted = Admitted(&self.waiting);
        if before >= self.max_waiting {
            Err(HubError::Overloaded)
        } else {
            Ok(admitted)
        }
    }

    async fn session(
        &self,
        organization: OrganizationId,
        conversation: ConversationId,
    ) -> Result<ActorRef<SessionCommand>, HubError> {
        if let Some(session) = self.live.get(&conversation) {
            return Ok(session.clone());
        }
        let (reply, started) = oneshot::channel();
        self.shard(conversation)?.send(ShardCommand::Start {
            organization,
            conversation,
            reply,
        })?;
        started.await.map_err(|_| HubError::Unavailable)?
    }

    fn shard(&self, conversation: ConversationId) -> Result<&Address<ShardCommand>, HubError> {
        let random = usize::from(conversation.as_bytes()[15]);
        self.shards.get(random % SHARDS).ok_or(HubError::Unavailable)
    }

    /// The live session of a conversation.
    pub(crate) fn find(&self, conversation: ConversationId) -> Option<ActorRef<SessionCommand>> {
        self.live.get(&conversation).map(|session| session.clone())
    }

    /// The conversation is gone: its session stops, and whoever waits for it is told to come back.
    pub(crate) fn end(&self, conversation: ConversationId) {
        if let Some((_, session)) = self.live.remove(&conversation) {
            session.stop(Some("the conversation is gone".to_owned()));
        }
    }

    /// A session has started.
    pub(crate) fn remember(&self, conversation: ConversationId, session: ActorRef<SessionCommand>) {
        self.live.insert(conversation, session);
    }

    /// A session has ended or is about to; one started since in its place stays.
    pub(crate) fn forget(&self, conversation: ConversationId, session: &ActorRef<SessionCommand>) {
        self.live.remove_if(&conversation, |_, live| live == session);
    }
}
