//! The desk: the waiting line of each organization, who is offered what, and who is in charge of what.
//!
//! The rules are in [`switchboard_domain::desk`]; this actor feeds them and tells agents. It keeps nothing that the
//! store does not have: a restart reads the conversations at the desk again.

use std::collections::HashMap;
use std::sync::Arc;

use ractor::{Actor, ActorCell, ActorProcessingErr, ActorRef, SpawnErr};
use switchboard_domain::conversation::life::Input;
use switchboard_domain::conversation::{Conversation, Status};
use switchboard_domain::desk::{Desk, Offer, Waiting};
use switchboard_domain::event::Event;
use switchboard_domain::id::{AccountId, ConversationId, OrganizationId};
use switchboard_domain::ports::bus::Topic;

use crate::links::Links;
use crate::presence::PresenceCommand;

/// What the desk can be told.
#[derive(Debug)]
pub enum DeskCommand {
    /// Who is in charge of a conversation has changed.
    StatusChanged(Arc<Conversation>),
    /// An agent has come online.
    AgentOnline(OrganizationId, AccountId),
    /// An agent has gone for longer than the grace time.
    AgentOffline(OrganizationId, AccountId),
    /// Another client of an agent listens: it hears the offers that already stand.
    OffersHeard(OrganizationId, AccountId),
    /// An offer may have run out.
    Tick,
    /// How many wait and how many agents are online.
    Figures(OrganizationId, tokio::sync::oneshot::Sender<DeskFigures>),
}

/// The desk of one organization in figures.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DeskFigures {
    /// Conversations waiting for an agent.
    pub waiting: usize,
    /// Agents online.
    pub agents: usize,
}

/// The desk's actor.
#[derive(Debug)]
pub struct DeskActor {
    links: Links,
}

/// The desks.
#[derive(Debug, Default)]
pub struct DeskState {
    desks: HashMap<OrganizationId, Desk>,
}

impl DeskActor {
    /// Starts the desk under a supervisor and points the links' address at it.
    pub async fn spawn(links: Links, supervisor: ActorCell) -> Result<ActorCell, SpawnErr> {
        let address = links.desk.clone();
        let (desk, _) = Actor::spawn_linked(None, Self { links: links.clone() }, (), supervisor).await?;
        address.set(desk.clone());
        // Agents who were online before a restart of the desk say so again.
        links.presence.notify(PresenceCommand::Announce);
        Ok(desk.get_cell())
    }
}

impl Actor for DeskActor {
    type Msg = DeskCommand;
    type State = DeskState;
    type Arguments = ();

    async fn pre_start(&self, _: ActorRef<Self::Msg>, (): ()) -> Result<Self::State, ActorProcessingErr> {
        let mut state = DeskState::default();
        let records = self.links.services.records();
        for (organization, id) in records.list_at_desk(usize::MAX)? {
            if let Some(stored) = records.find_conversation(organization, id)? {
                self.place(&mut state, &stored.record);
            }
        }
        Ok(state)
    }

    async fn handle(
        &self,
        myself: ActorRef<Self::Msg>,
        command: Self::Msg,
        state: &mut Self::State,
    ) -> Result<(), ActorProcessingErr> {
        let now = self.links.services.now();
        match command {
            DeskCommand::StatusChanged(conversation) => self.place(state, &conversation),
            DeskCommand::AgentOnline(organization, agent) => {
                self.desk(state, organization).agent_online(agent, now);
            }
            DeskCommand::AgentOffline(organization, agent) => {
                let left = self.desk(state, organization).agent_offline(agent);
                self.give_back(organization, agent, left);
            }
            DeskCommand::OffersHeard(organization, agent) => {
                let standing = self.desk(state, organization).standing_offers(agent, now);
                for offer in &standing {
                    self.tell(organization, offer);
                }
            }
            DeskCommand::Tick => {}
            DeskCommand::Figures(organization, reply) => {
                let desk = self.desk(state, organization);
                let figures = DeskFigures {
                    waiting: desk.waiting(),
                    agents: desk.online(),
                };
                if reply.send(figures).is_err() {
                    tracing::debug!("nobody waits for the desk's figures any more");
                }
            }
        }
        self.offer(&myself, state);
        Ok(())
    }
}

impl DeskActor {
    fn desk<'a>(&self, state: &'a mut DeskState, organization: OrganizationId) -> &'a mut Desk {
        let policy = self.links.services.settings.desk;
        state
            .desks
            .entry(organization)
            .or_insert_with(|| Desk::new(policy))
    }

    fn place(&self, state: &mut DeskState, conversation: &Conversation) {
        let now = self.links.services.now();
        let desk = self.desk(state, conversation.organization);
        match conversation.status {
            Status::Waiting { reason, since } => desk.enqueue(Waiting {
                conversation: conversation.id,
                since,
                reason,
                customer_name: conversation.customer_name.clone(),
            }),
            Status::WithAgent { agent, .. } => desk.taken(conversation.id, agent),
            Status::Active | Status::Closed { .. } => desk.settled(conversation.id, now),
        }
    }

    /// Makes the offers that are due, and comes back when the next one runs out.
    fn offer(&self, myself: &ActorRef<DeskCommand>, state: &mut DeskState) {
        let now = self.links.services.now();
        for (organization, desk) in &mut state.desks {
            let offers = desk.assign(now);
            if offers.is_empty() {
                continue;
            }
            for offer in offers {
                self.tell(*organization, &offer);
            }
            if let Some(deadline) = desk.next_deadline() {
                myself.send_after(deadline.since(now), || DeskCommand::Tick);
            }
        }
    }

    fn tell(&self, organization: OrganizationId, offer: &Offer) {
        let event = Event::Offered {
            reason: offer.waiting.reason,
            customer_name: offer.waiting.customer_name.clone(),
            until: offer.until,
        };
        let occurrence =
            self.links
                .services
                .occurrence(organization, offer.waiting.conversation, None, event);
        self.links
            .services
            .ports
            .bus
            .publish(Topic::Agent(offer.agent), &[occurrence]);
    }

    /// Conversations whose agent has left wait again, as far as the customer is still owed an answer.
    fn give_back(&self, organization: OrganizationId, agent: AccountId, left: Vec<ConversationId>) {
        let directory = Arc::clone(&self.links.directory);
        tokio::spawn(async move {
            for conversation in left {
                let input = Input::AgentLeft { agent };
                if let Err(error) = directory.act(organization, conversation, input, None).await {
                    tracing::warn!(%conversation, %error, "a conversation could not be given back");
                }
            }
        });
    }
}
