//! Requests that callers mark with a key of their own (`Idempotency-Key`): done once, however often they come.
//!
//! Surfaces claim the key, do what is asked, and settle. A reservation is durable before anything is done, and one that
//! nobody in this process is busy with was left by a process that ended in between: the request is done again, and what
//! it stores under ids derived from the key ([`Reservation::name`]) is found again instead of stored twice. Invariant:
//! of two requests with one key at the same time one is told to wait.

mod named;

use std::fmt::Write as _;
use std::net::IpAddr;
use std::sync::Arc;

use dashmap::{DashMap, Entry};
use sha2::{Digest, Sha256};
use switchboard_domain::id::OrganizationId;
use switchboard_domain::ports::engine::{Batch, StoreError};
use switchboard_domain::scope::{Principal, Scope};

use self::named::{add_named, named_at_first};
use super::Hub;
use crate::error::HubError;
use crate::records::Stored;
use crate::records::repeats::{self, KeptAnswer, Named, Repeat, RepeatId};

/// Bytes of a body that is kept; with what stands around it, it has to fit into one record.
pub const MAX_KEPT_BYTES: usize = 60 * 1024;

/// A request with its key.
#[derive(Debug, Clone, Copy)]
pub struct Repeatable<'a> {
    /// The caller's key.
    pub key: &'a str,
    /// What names the endpoint: the method, the path.
    pub endpoint: [&'a str; 2],
    /// All that is asked of it: the query, the body.
    pub asked: [&'a [u8]; 2],
}

/// What is to be done about a request.
#[derive(Debug)]
pub enum Claim {
    /// It is to be done, then settled.
    First(Reservation),
    /// It was answered before, like this.
    Answered(KeptAnswer),
    /// Somebody is at it.
    Running,
    /// The key was used for something else.
    Another,
}

/// A request that is being done; dropped without [`Hub::settle`] it may be done again.
#[derive(Debug)]
pub struct Reservation {
    organization: OrganizationId,
    id: RepeatId,
    reserved: Stored<Repeat>,
    named: Vec<Named>,
    _turn: Turn,
}

/// What a request asks for.
struct Asked {
    hash: [u8; 32],
    named: Vec<Named>,
}

/// The requests being done in this process.
#[derive(Debug, Default)]
pub(crate) struct Running(DashMap<RepeatId, ()>);

#[derive(Debug)]
struct Turn {
    running: Arc<Running>,
    id: RepeatId,
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.running.0.remove(&self.id);
    }
}

impl Running {
    fn take(self: &Arc<Self>, id: RepeatId) -> Option<Turn> {
        match self.0.entry(id) {
            Entry::Occupied(_) => None,
            Entry::Vacant(place) => {
                place.insert(());
                let running = Arc::clone(self);
                Some(Turn { running, id })
            }
        }
    }
}

impl Reservation {
    /// An id for what the request makes, the same each time it is done: unguessable without the key, and at most 128
    /// bytes like any caller's id.
    pub fn name(&self) -> String {
        name(&self.id)
    }
}

impl Hub {
    /// Claims a request's key for its caller: an account, a service, a guest, or without any of them an address.
    pub async fn claim(
        &self,
        scope: Option<&Scope>,
        address: IpAddr,
        request: &Repeatable<'_>,
    ) -> Result<Claim, HubError> {
        let organization = match scope {
            Some(scope) => scope.organization,
            None => self.credentials.default_organization()?,
        };
        let id = repeat_id(scope, address, request);
        let Some(turn) = self.running.take(id) else {
            return Ok(Claim::Running);
        };
        let asked = Asked {
            hash: self.hash_asked(request),
            named: named_at_first(scope, request.endpoint[1], &name(&id)),
        };
        let now = self.services.now();
        let found = self.services.records().find_repeat(organization, &id)?;
        let reserved = match found {
            Some(old) if old.record.has_ended(now) => {
                self.reserve(organization, &id, &asked, Some(&old)).await?
            }
            Some(old) if old.record.request != asked.hash => return Ok(Claim::Another),
            Some(Stored {
                record: Repeat {
                    answer: Some(answer), ..
                },
                ..
            }) => return Ok(Claim::Answered(answer)),
            Some(abandoned) => Some(abandoned),
            None => self.reserve(organization, &id, &asked, None).await?,
        };
        Ok(reserved.map_or(Claim::Running, |reserved| {
            Claim::First(Reservation {
                organization,
                id,
                reserved,
                named: asked.named,
                _turn: turn,
            })
        }))
    }

    /// Keeps the answer to a request for its repeats; without one the request is as if it had never come.
    pub async fn settle(&self, reservation: Reservation, answer: Option<KeptAnswer>) -> Result<(), HubError> {
        let Reservation {
            organization,
            id,
            reserved,
            mut named,
            _turn,
        } = reservation;
        let mut batch = Batch::new();
        match answer {
            Some(answer) => {
                add_named(&mut named, answer.body.as_deref().unwrap_or_default());
                repeats::name(&mut batch, organization, &id, reserved.record.at, &named);
                repeats::settle(&mut batch, organization, &id, &reserved, answer)?;
            }
            None => repeats::release(&mut batch, organization, &id, &reserved, &named),
        }
        Ok(self.services.records().commit(batch).await?)
    }

    /// A durable reservation; none when somebody else was quicker.
    async fn reserve(
        &self,
        organization: OrganizationId,
        id: &RepeatId,
        asked: &Asked,
        ended: Option<&Stored<Repeat>>,
    ) -> Result<Option<Stored<Repeat>>, HubError> {
        let record = Repeat {
            request: asked.hash,
            at: self.services.now(),
            answer: None,
        };
        let mut batch = Batch::new();
        let bytes = repeats::reserve(&mut batch, organization, id, &record, ended)?;
        repeats::name(&mut batch, organization, id, record.at, &asked.named);
        match self.services.records().commit(batch).await {
            Err(StoreError::Conflict { .. }) => Ok(None),
            done => Ok(done.map(|()| Some(Stored { record, bytes }))?),
        }
    }

    /// Keyed with the hub's own secret: a body may hold a password, and no hash of one is to be guessed at.
    fn hash_asked(&self, request: &Repeatable<'_>) -> [u8; 32] {
        let secret = Sha256::digest(&self.services.settings.accounts.token_secret);
        hash_parts(&[&secret, request.asked[0], request.asked[1]])
    }
}

fn name(id: &RepeatId) -> String {
    let (digits, _) = id.split_at(16);
    digits.iter().fold("once_".to_owned(), |mut text, byte| {
        // Writing to a string cannot fail.
        write!(text, "{byte:02x}").unwrap_or_default();
        text
    })
}

fn repeat_id(scope: Option<&Scope>, address: IpAddr, request: &Repeatable<'_>) -> RepeatId {
    let holder = match scope.map(|scope| &scope.principal) {
        Some(Principal::Account(account)) => account.id.to_string(),
        Some(Principal::Key { id }) => id.to_string(),
        Some(Principal::Guest { conversation, .. }) => conversation.to_string(),
        Some(Principal::Hub) => String::new(),
        None => address.to_string(),
    };
    let [method, path] = request.endpoint.map(str::as_bytes);
    hash_parts(&[holder.as_bytes(), request.key.as_bytes(), method, path])
}

/// The hash of a list, in which no part can pass for the end of another.
fn hash_parts(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}
