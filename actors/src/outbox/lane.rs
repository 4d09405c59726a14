//! The runner of one lane: claims what is due, has it carried, several errands at a time, until nothing more is due.
//!
//! Invariants: the messages of one conversation leave in their order; one that has to wait holds back those behind it, one
//! of which nobody knows whether it has left does not, nor one of a campaign that is paused. What this runner has under
//! way ends with its own task, whatever the clock on the wall says; the end of a lease tells of a runner that is gone.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use switchboard_domain::customer::Channel;
use switchboard_domain::id::OrganizationId;
use switchboard_domain::outbox::breaker::Breaker;
use switchboard_domain::outbox::{Errand, ErrandState, Lane, Next, Subject};
use switchboard_domain::ports::engine::{Batch, StoreError};
use switchboard_domain::time::Timestamp;
use tokio::task::{self, JoinSet};

use super::queue::Front;
use super::wake::Wake;
use super::{media, message, notice, record};
use crate::channel::condition::Attempt;
use crate::error::HubError;
use crate::links::Links;
use crate::records::{Stored, errands};

/// Errands of a lane that are under way at the same time.
const AT_ONCE: usize = 8;
/// Longest an attempt may take; well below the lease.
const ATTEMPT: Duration = Duration::from_secs(60);
/// Messages of a conversation looked at for one that goes before another.
const AHEAD: usize = 64;
/// How much later a message is looked at that another one of its conversation holds back.
const BEHIND: Duration = Duration::from_millis(10);

/// What an attempt has shown of its destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    /// It is there.
    There,
    /// It is not, or does not take anything.
    Away,
    /// It takes nothing of this account until somebody mends it.
    Stopped,
    /// Nothing was tried.
    Nothing,
}

/// The runner.
pub(super) struct Runner {
    links: Links,
    lane: Lane,
    breaker: Breaker,
    wake: Arc<Wake>,
    under_way: JoinSet<(OrganizationId, Seen)>,
    /// What each task under way is about.
    subjects: HashMap<task::Id, Subject>,
    /// The last attempt has shown that somebody is there.
    is_there: bool,
}

impl Runner {
    pub(super) fn new(links: Links, lane: Lane, breaker: Breaker, wake: Arc<Wake>) -> Self {
        Self {
            links,
            lane,
            breaker,
            wake,
            under_way: JoinSet::new(),
            subjects: HashMap::new(),
            is_there: false,
        }
    }

    /// Runs until nothing is due and nothing under way; returns what it has learned of the lane.
    pub(super) async fn run(mut self) -> Breaker {
        loop {
            self.begin_due().await;
            if self.under_way.is_empty() {
                return self.breaker;
            }
            tokio::select! {
                Some(ended) = self.under_way.join_next_with_id() => {
                    let id = ended.as_ref().map_or_else(task::JoinError::id, |(id, _)| *id);
                    self.subjects.remove(&id);
                    if let Ok((_, (organization, seen))) = ended {
                        self.learn(organization, seen).await;
                    }
                }
                () = self.wake.called() => {}
            }
        }
    }

    async fn learn(&mut self, organization: OrganizationId, seen: Seen) {
        self.note(seen);
        if seen != Seen::Nothing {
            self.is_there = seen == Seen::There;
        }
        let now = self.links.services.now();
        match seen {
            Seen::There => self.breaker.succeeded(),
            Seen::Away => self.breaker.failed(now),
            Seen::Stopped => {
                if self.breaker.stopped(now) {
                    notice::tell_of_stop(&self.links, organization, self.lane).await;
                }
            }
            Seen::Nothing => {}
        }
    }

    /// What the attempt tells of the channel's provider.
    fn note(&self, seen: Seen) {
        let channel = match self.lane {
            Lane::Whatsapp => Channel::Whatsapp,
            Lane::Sms => Channel::Sms,
            Lane::Email => Channel::Email,
            Lane::Media | Lane::Webhook(_) => return,
        };
        let attempt = match seen {
            Seen::There => Attempt::Answered,
            Seen::Away => Attempt::Away,
            Seen::Stopped => Attempt::Stopped,
            Seen::Nothing => return,
        };
        self.links.services.conditions.attempted(channel, attempt);
    }

    /// Begins what was asked for whether the breaker is open or not, and what is due as far as the breaker admits it.
    async fn begin_due(&mut self) {
        let free = AT_ONCE.saturating_sub(self.under_way.len());
        self.begin_all(self.asked_for(free)).await;
        let (under_way, now) = (self.under_way.len(), self.links.services.now());
        let free = self.breaker.admits(AT_ONCE, under_way, now);
        self.begin_all(self.due_now(now, free)).await;
    }

    async fn begin_all(&mut self, errands: Result<Vec<Stored<Errand>>, StoreError>) {
        let claimed = match errands {
            Ok(errands) => self.claim(errands).await,
            Err(error) => Err(error.into()),
        };
        match claimed {
            Ok(claimed) => {
                for errand in claimed {
                    self.begin(errand);
                }
            }
            // Somebody else has claimed one of them: the next look shows.
            Err(HubError::Conflict(_)) => {}
            Err(error) => tracing::warn!(%error, lane = ?self.lane, "errands could not be claimed"),
        }
    }

    fn begin(&mut self, errand: Stored<Errand>) {
        let (links, organization) = (self.links.clone(), errand.record.organization);
        let subject = errand.record.subject;
        let task = self
            .under_way
            .spawn(async move { (organization, carry(links, errand).await) });
        self.subjects.insert(task.id(), subject);
    }

    /// Claims these, in one commit; what is overdue is settled first.
    async fn claim(&self, errands: Vec<Stored<Errand>>) -> Result<Vec<Stored<Errand>>, HubError> {
        let (services, now) = (&self.links.services, self.links.services.now());
        let (mut batch, mut claimed) = (Batch::new(), Vec::new());
        for due in errands {
            if !due.record.state.is_open() {
                settle_overdue(&self.links, &due).await?;
                continue;
            }
            let held_back = self.held_back_until(&due.record)?;
            let next = match held_back {
                Some(until) => Errand {
                    due: until,
                    ..due.record.clone()
                },
                None => due.record.claimed(now),
            };
            let bytes = errands::update(&mut batch, &due, &next)?;
            if held_back.is_none() {
                claimed.push(Stored { record: next, bytes });
            }
        }
        if !batch.is_empty() {
            services.records().commit(batch).await?;
        }
        Ok(claimed)
    }

    /// At most `free` errands that are due and not under way here: a clock that was put forward, or a machine that slept,
    /// makes the lease of a running attempt seem to have ended.
    fn due_now(&self, now: Timestamp, free: usize) -> Result<Vec<Stored<Errand>>, StoreError> {
        if free == 0 {
            return Ok(Vec::new());
        }
        let own: HashSet<Subject> = self.subjects.values().copied().collect();
        let records = self.links.services.records();
        if let Lane::Webhook(webhook) = self.lane {
            let front = Front {
                own: &own,
                is_there: self.is_there,
                now,
            };
            let next = front.next(records, webhook, free)?;
            // Behind a window full of what waits, whatever is due.
            if !next.is_empty() || !own.is_empty() {
                return Ok(next);
            }
        }
        let mut due = records.list_errands_due(self.lane, now, free + own.len())?;
        due.retain(|errand| !own.contains(&errand.record.subject));
        due.truncate(free);
        Ok(due)
    }

    /// At most `free` errands that somebody wants tried now and that wait.
    fn asked_for(&self, free: usize) -> Result<Vec<Stored<Errand>>, StoreError> {
        let records = self.links.services.records();
        let mut found = Vec::new();
        for (organization, subject) in self.wake.take_asked(free) {
            let errand = records.find_errand(organization, &subject)?;
            found.extend(errand.filter(|errand| errand.record.state == ErrandState::Waiting));
        }
        Ok(found)
    }

    /// When a message may be looked at again behind which another one of its conversation has still to leave.
    fn held_back_until(&self, errand: &Errand) -> Result<Option<Timestamp>, StoreError> {
        let Subject::Message(conversation, _) = errand.subject else {
            return Ok(None);
        };
        let (services, now) = (&self.links.services, self.links.services.now());
        let ahead = services
            .records()
            .list_message_errands(errand.organization, conversation, AHEAD)?;
        let ahead = ahead.iter().take_while(|other| other.subject != errand.subject);
        let mut until = ahead.filter_map(|first| match first.state {
            ErrandState::Claimed => Some(now.after(BEHIND)),
            ErrandState::Waiting => Some(first.due.max(now).after(BEHIND)),
            // Of two that were held back the first goes first, once it may.
            ErrandState::Held if errand.state == ErrandState::Held && first.due <= now => {
                Some(now.after(BEHIND))
            }
            ErrandState::Held | ErrandState::InDoubt => None,
        });
        Ok(until.next())
    }
}

/// Does one errand and records what came of it.
async fn carry(links: Links, errand: Stored<Errand>) -> Seen {
    let done = match errand.record.subject {
        Subject::Message(conversation, sequence) => {
            message::send(&links, &errand, conversation, sequence).await
        }
        Subject::Media(conversation, sequence) => media::fetch(&links, &errand, conversation, sequence).await,
        Subject::Notice(webhook, delivery) => notice::send(&links, &errand, webhook, delivery).await,
    };
    done.unwrap_or_else(|error: HubError| {
        tracing::warn!(%error, "what came of an errand could not be recorded");
        Seen::Nothing
    })
}

/// Somebody had claimed it and was never heard of again, or no report has come.
pub(super) async fn settle_overdue(links: &Links, errand: &Stored<Errand>) -> Result<(), HubError> {
    let next = if message::is_settled(links, &errand.record)? {
        Next::Settled
    } else {
        errand.record.overdue(links.services.now(), record::draw(links))
    };
    record::next(links, errand, next).await
}

/// An attempt with its limit of time.
pub(super) async fn attempt<T>(doing: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout(ATTEMPT, doing).await.ok()
}
