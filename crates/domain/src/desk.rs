//! The waiting line and who is offered what: pure, driven by the desk actor.
//!
//! A waiting conversation goes to the online agent with the most free capacity, longest idle first; when the offer runs
//! out unanswered, to the next one. Invariant: a conversation has at most one open offer, an agent never more open
//! offers and conversations than its capacity.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

use crate::handover::HandoverReason;
use crate::id::{AccountId, ConversationId};
use crate::time::Timestamp;

/// How the desk works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeskPolicy {
    /// How long an offer stands.
    pub offer: Duration,
    /// Conversations one agent takes at a time.
    pub capacity: usize,
}

/// A conversation that wants an agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Which.
    pub conversation: ConversationId,
    /// Since when.
    pub since: Timestamp,
    /// Why.
    pub reason: HandoverReason,
    /// The customer's name.
    pub customer_name: String,
}

/// An offer to be told to an agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// To whom.
    pub agent: AccountId,
    /// What.
    pub waiting: Waiting,
    /// Until when.
    pub until: Timestamp,
}

#[derive(Debug)]
struct Line {
    waiting: Waiting,
    offered: Option<(AccountId, Timestamp)>,
    asked: HashSet<AccountId>,
}

#[derive(Debug, Default)]
struct OnlineAgent {
    conversations: HashSet<ConversationId>,
    idle_since: Timestamp,
}

/// The waiting line of one organization and its agents who are online.
#[derive(Debug)]
pub struct Desk {
    policy: DeskPolicy,
    line: BTreeMap<(Timestamp, ConversationId), Line>,
    places: HashMap<ConversationId, Timestamp>,
    agents: HashMap<AccountId, OnlineAgent>,
    in_charge: HashMap<ConversationId, AccountId>,
}

impl Desk {
    /// An empty desk.
    pub fn new(policy: DeskPolicy) -> Self {
        Self {
            policy,
            line: BTreeMap::new(),
            places: HashMap::new(),
            agents: HashMap::new(),
            in_charge: HashMap::new(),
        }
    }

    /// An agent has come online.
    pub fn agent_online(&mut self, agent: AccountId, now: Timestamp) {
        let conversations = self
            .in_charge
            .iter()
            .filter(|(_, who)| **who == agent)
            .map(|(id, _)| *id)
            .collect();
        self.agents.entry(agent).or_insert(OnlineAgent {
            conversations,
            idle_since: now,
        });
    }

    /// An agent has gone for good; its open offers go to the next one. Returns the conversations it is in charge of.
    pub fn agent_offline(&mut self, agent: AccountId) -> Vec<ConversationId> {
        self.agents.remove(&agent);
        for line in self
            .line
            .values_mut()
            .filter(|line| line.offered.is_some_and(|(to, _)| to == agent))
        {
            line.offered = None;
        }
        self.in_charge
            .iter()
            .filter(|(_, who)| **who == agent)
            .map(|(id, _)| *id)
            .collect()
    }

    /// A conversation wants an agent.
    pub fn enqueue(&mut self, waiting: Waiting) {
        self.settle(waiting.conversation);
        self.places.insert(waiting.conversation, waiting.since);
        let place = (waiting.since, waiting.conversation);
        self.line.insert(
            place,
            Line {
                waiting,
                offered: None,
                asked: HashSet::new(),
            },
        );
    }

    /// An agent has taken charge of a conversation.
    pub fn taken(&mut self, conversation: ConversationId, agent: AccountId) {
        self.settle(conversation);
        self.in_charge.insert(conversation, agent);
        if let Some(online) = self.agents.get_mut(&agent) {
            online.conversations.insert(conversation);
        }
    }

    /// A conversation needs the desk no more: it went back to the assistant, or was closed.
    pub fn settled(&mut self, conversation: ConversationId, now: Timestamp) {
        if let Some(agent) = self.settle(conversation)
            && let Some(online) = self.agents.get_mut(&agent)
        {
            online.idle_since = now;
        }
    }

    fn settle(&mut self, conversation: ConversationId) -> Option<AccountId> {
        if let Some(since) = self.places.remove(&conversation) {
            self.line.remove(&(since, conversation));
        }
        let agent = self.in_charge.remove(&conversation)?;
        if let Some(online) = self.agents.get_mut(&agent) {
            online.conversations.remove(&conversation);
        }
        Some(agent)
    }

    /// Withdraws offers that have run out and makes new ones, oldest waiting first.
    pub fn assign(&mut self, now: Timestamp) -> Vec<Offer> {
        for line in self
            .line
            .values_mut()
            .filter(|line| line.offered.is_some_and(|(_, until)| until <= now))
        {
            line.offered = None;
        }
        let open: Vec<_> = self
            .line
            .iter()
            .filter(|(_, line)| line.offered.is_none())
            .map(|(at, _)| *at)
            .collect();
        open.into_iter()
            .filter_map(|place| self.offer(place, now))
            .collect()
    }

    /// The offers to this agent that still stand, oldest waiting first: for a client of theirs that has just come.
    pub fn standing_offers(&self, agent: AccountId, now: Timestamp) -> Vec<Offer> {
        self.line
            .values()
            .filter_map(|line| {
                let (to, until) = line.offered?;
                (to == agent && until > now).then(|| Offer {
                    agent,
                    waiting: line.waiting.clone(),
                    until,
                })
            })
            .collect()
    }

    fn offer(&mut self, place: (Timestamp, ConversationId), now: Timestamp) -> Option<Offer> {
        let asked = &self.line.get(&place)?.asked;
        let agent = self
            .best_agent(asked)
            .or_else(|| self.best_agent(&HashSet::new()))?;
        let until = now.after(self.policy.offer);
        let line = self.line.get_mut(&place)?;
        if line.asked.contains(&agent) {
            line.asked.clear();
        }
        line.asked.insert(agent);
        line.offered = Some((agent, until));
        Some(Offer {
            agent,
            waiting: line.waiting.clone(),
            until,
        })
    }

    fn best_agent(&self, not: &HashSet<AccountId>) -> Option<AccountId> {
        let free = |id: &AccountId, agent: &OnlineAgent| {
            let offers = self
                .line
                .values()
                .filter(|line| line.offered.is_some_and(|(to, _)| to == *id))
                .count();
            self.policy
                .capacity
                .saturating_sub(agent.conversations.len() + offers)
        };
        self.agents
            .iter()
            .filter(|(id, _)| !not.contains(id))
            .map(|(id, agent)| (free(id, agent), agent.idle_since, *id))
            .filter(|(free, ..)| *free > 0)
            .min_by_key(|(free, idle_since, id)| (std::cmp::Reverse(*free), *idle_since, *id))
            .map(|(.., id)| id)
    }

    /// When the next offer runs out.
    pub fn next_deadline(&self) -> Option<Timestamp> {
        self.line
            .values()
            .filter_map(|line| line.offered.map(|(_, until)| until))
            .min()
    }

    /// Conversations waiting for an agent.
    pub fn waiting(&self) -> usize {
        self.line.len()
    }

    /// Agents online.
    pub fn online(&self) -> usize {
        self.agents.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: DeskPolicy = DeskPolicy {
        offer: Duration::from_secs(30),
        capacity: 2,
    };

    fn agent(number: u8) -> AccountId {
        AccountId::from_bytes([number; 16])
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1000)
    }

    fn waiting(number: u8, since: i64) -> Waiting {
        Waiting {
            conversation: ConversationId::from_bytes([number; 16]),
            since: at(since),
            reason: HandoverReason::CustomerRequest,
            customer_name: String::new(),
        }
    }

    #[test]
    fn the_agent_with_most_free_capacity_gets_the_offer() {
        let mut desk = Desk::new(POLICY);
        desk.agent_online(agent(1), at(0));
        desk.agent_online(agent(2), at(1));
        desk.taken(waiting(9, 0).conversation, agent(1));
        desk.enqueue(waiting(3, 2));
        assert_eq!(
            desk.assign(at(3)).first().map(|offer| offer.agent),
            Some(agent(2))
        );
    }

    #[test]
    fn an_unanswered_offer_goes_to_the_next_agent() {
        let mut desk = Desk::new(POLICY);
        desk.agent_online(agent(1), at(0));
        desk.agent_online(agent(2), at(1));
        desk.enqueue(waiting(3, 2));
        assert_eq!(
            desk.assign(at(3)).first().map(|offer| offer.agent),
            Some(agent(1))
        );
        assert!(desk.assign(at(32)).is_empty(), "the offer still stands");
        assert_eq!(
            desk.assign(at(33)).first().map(|offer| offer.agent),
            Some(agent(2))
        );
        assert_eq!(
            desk.assign(at(63)).first().map(|offer| offer.agent),
            Some(agent(1)),
            "and around again"
        );
    }

    #[test]
    fn nobody_is_offered_more_than_fits() {
        let mut desk = Desk::new(POLICY);
        desk.agent_online(agent(1), at(0));
        (1..=3).for_each(|number| desk.enqueue(waiting(number, i64::from(number))));
        assert_eq!(desk.assign(at(4)).len(), 2);
    }

    #[test]
    fn whoever_goes_offline_hands_back_what_it_is_in_charge_of() {
        let mut desk = Desk::new(POLICY);
        desk.agent_online(agent(1), at(0));
        desk.enqueue(waiting(3, 1));
        desk.assign(at(2));
        desk.taken(waiting(3, 1).conversation, agent(1));
        assert_eq!(desk.agent_offline(agent(1)), vec![waiting(3, 1).conversation]);
        assert_eq!(desk.waiting(), 0);
    }
}
