//! What is remembered of customers: told, asked for, changed and forgotten.
//!
//! A customer reaches its own, staff and services those of every customer of their organization, by the customer's id,
//! its account's, or the name a service knows it by.

use switchboard_domain::analysis::Confidence;
use switchboard_domain::customer::Identity;
use switchboard_domain::id::{AccountId, CustomerId, MemoryId, OrganizationId};
use switchboard_domain::memory::{
    MAX_KEY_CHARACTERS, MAX_MEMORIES, MAX_SOURCE_CHARACTERS, MAX_VALUE_BYTES, Memory, MemoryKind, least_worth,
};
use switchboard_domain::ports::engine::Batch;
use switchboard_domain::scope::{Principal, Scope};

use super::Hub;
use super::conversations::MAX_CALLER_ID_BYTES;
use crate::error::HubError;
use crate::records::{Stored, memories};

/// How much a memory is worth of which nobody said it.
const USUAL_IMPORTANCE: f32 = 0.5;

/// Something to remember.
#[derive(Debug, Clone)]
pub struct NewMemory {
    /// Of whom, as the caller calls it.
    pub user: String,
    /// How long.
    pub kind: MemoryKind,
    /// What it is about.
    pub key: String,
    /// Any JSON, as text.
    pub value: String,
    /// How much it is worth.
    pub importance: Option<Confidence>,
    /// Where it comes from.
    pub source: Option<String>,
}

/// What is to change of a memory; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct MemoryChange {
    /// Any JSON, as text.
    pub value: Option<String>,
    /// How much it is worth.
    pub importance: Option<Confidence>,
    /// Where it comes from.
    pub source: Option<String>,
}

/// A memory that was just told.
#[derive(Debug, Clone)]
pub struct Remembered {
    /// The memory.
    pub memory: Memory,
    /// It was not known before.
    pub is_new: bool,
}

impl Hub {
    /// Remembers something, in place of what was remembered under the same kind and key.
    ///
    /// # Errors
    /// [`HubError::Forbidden`] when a customer names somebody else.
    pub async fn store_memory(&self, scope: &Scope, new: NewMemory) -> Result<Remembered, HubError> {
        check(Some(&new.key), Some(&new.value), new.source.as_deref())?;
        let customer = self.named_customer(scope, &new.user).await?;
        let notes = &self.services.memories;
        let _alone = notes.lock(customer).await;
        let known = self.stored_memories(scope.organization, customer)?;
        let same = |stored: &&Stored<Memory>| stored.record.kind == new.kind && stored.record.key == new.key;
        let old = known.iter().find(same).cloned();
        let is_new = old
            .as_ref()
            .is_none_or(|old| old.record.has_ended(self.services.now()));
        let memory = self.draft_memory(
            scope.organization,
            customer,
            new,
            old.as_ref().filter(|_| !is_new),
        );
        let mut batch = Batch::new();
        if old.is_none() {
            make_room(&mut batch, known);
        }
        memories::put(&mut batch, old.as_ref(), &memory)?;
        self.services.records().commit(batch).await?;
        Ok(Remembered { memory, is_new })
    }

    /// What is remembered of a user: of one kind, or under one key, if given. Nothing of one who was never heard of.
    pub fn list_memories(
        &self,
        scope: &Scope,
        user: &str,
        kind: Option<MemoryKind>,
        key: Option<&str>,
    ) -> Result<Vec<Memory>, HubError> {
        let Some(customer) = self.known_customer(scope, user)? else {
            return Ok(Vec::new());
        };
        let mut found = self.services.memories_of(scope.organization, customer)?;
        found.retain(|memory| kind.is_none_or(|kind| kind == memory.kind));
        found.retain(|memory| key.is_none_or(|key| key == memory.key));
        self.note_access(&mut found);
        Ok(found)
    }

    /// One memory of a user.
    pub fn get_memory(&self, scope: &Scope, user: &str, id: &str) -> Result<Memory, HubError> {
        let mut found = vec![self.find_memory(scope, user, id)?.record];
        self.note_access(&mut found);
        found.pop().ok_or(HubError::NotFound("memory"))
    }

    /// Changes a memory; a short-term one lasts as long again.
    pub async fn change_memory(
        &self,
        scope: &Scope,
        user: &str,
        id: &str,
        change: MemoryChange,
    ) -> Result<Memory, HubError> {
        check(None, change.value.as_deref(), change.source.as_deref())?;
        let old = self.find_memory(scope, user, id)?;
        let _alone = self.services.memories.lock(old.record.customer).await;
        let old = self.find_memory(scope, user, id)?;
        let now = self.services.now();
        let next = Memory {
            value: change.value.unwrap_or_else(|| old.record.value.clone()),
            importance: change.importance.unwrap_or(old.record.importance),
            source: change.source.unwrap_or_else(|| old.record.source.clone()),
            updated_at: now,
            last_accessed: now,
            expires_at: self.memory_end(old.record.kind),
            ..old.record.clone()
        };
        let mut batch = Batch::new();
        memories::put(&mut batch, Some(&old), &next)?;
        self.services.records().commit(batch).await?;
        Ok(next)
    }

    /// Forgets a memory.
    pub async fn delete_memory(&self, scope: &Scope, user: &str, id: &str) -> Result<(), HubError> {
        let old = self.find_memory(scope, user, id)?;
        let _alone = self.services.memories.lock(old.record.customer).await;
        let old = self.find_memory(scope, user, id)?;
        let mut batch = Batch::new();
        memories::remove(&mut batch, &old);
        Ok(self.services.records().commit(batch).await?)
    }

    fn draft_memory(
        &self,
        organization: OrganizationId,
        customer: CustomerId,
        new: NewMemory,
        old: Option<&Stored<Memory>>,
    ) -> Memory {
        let now = self.services.now();
        let old = old.map(|stored| &stored.record);
        let fresh = || MemoryId::generate(now, self.services.ports.random.as_ref());
        let usual = Confidence::clamped(USUAL_IMPORTANCE);
        let importance = new.importance.or_else(|| old.map(|old| old.importance));
        let source = new.source.or_else(|| old.map(|old| old.source.clone()));
        Memory {
            id: old.map_or_else(fresh, |old| old.id),
            organization,
            customer,
            kind: new.kind,
            key: new.key,
            value: new.value,
            importance: importance.unwrap_or(usual),
            source: source.unwrap_or_default(),
            created_at: old.map_or(now, |old| old.created_at),
            updated_at: now,
            last_accessed: now,
            expires_at: self.memory_end(new.kind),
        }
    }

    fn memory_end(&self, kind: MemoryKind) -> Option<switchboard_domain::time::Timestamp> {
        let span = self.services.settings.short_term_memory;
        (kind == MemoryKind::ShortTerm).then(|| self.services.now().after(span))
    }

    fn note_access(&self, found: &mut [Memory]) {
        let now = self.services.now();
        self.services.memories.note(&*found, now);
        for memory in found {
            memory.last_accessed = now;
        }
    }

    fn find_memory(&self, scope: &Scope, user: &str, id: &str) -> Result<Stored<Memory>, HubError> {
        let (now, id) = (self.services.now(), MemoryId::parse(id));
        let customer = self.known_customer(scope, user)?;
        let (Some(id), Some(customer)) = (id, customer) else {
            return Err(HubError::NotFound("memory"));
        };
        let mut all = self.stored_memories(scope.organization, customer)?.into_iter();
        let found = all.find(|stored| stored.record.id == id && !stored.record.has_ended(now));
        found.ok_or(HubError::NotFound("memory"))
    }

    fn stored_memories(
        &self,
        organization: OrganizationId,
        customer: CustomerId,
    ) -> Result<Vec<Stored<Memory>>, HubError> {
        let records = self.services.records();
        Ok(records.list_memories(organization, customer, usize::MAX)?)
    }

    /// The customer a caller means; one whom a service names for the first time is made.
    async fn named_customer(&self, scope: &Scope, user: &str) -> Result<CustomerId, HubError> {
        if let Some(known) = self.known_customer(scope, user)? {
            return Ok(known);
        }
        let identity = Identity::External(user.to_owned());
        let made = self.customer_known_as(scope.organization, identity, user.to_owned());
        Ok(made.await?.id)
    }

    /// The customer a caller means, `None` for a name that nobody has mentioned.
    fn known_customer(&self, scope: &Scope, user: &str) -> Result<Option<CustomerId>, HubError> {
        if user.is_empty() || user.len() > MAX_CALLER_ID_BYTES || user.chars().any(char::is_control) {
            let expected = "must be 1 to 128 bytes without control characters";
            return Err(HubError::invalid("userId", expected));
        }
        if !scope.is_staff() {
            return self.own_customer(scope, user).map(Some);
        }
        let (organization, records) = (scope.organization, self.services.records());
        if let Some(id) = CustomerId::parse(user) {
            let found = records.find_customer(organization, id)?;
            return found.map(|_| Some(id)).ok_or(HubError::NotFound("customer"));
        }
        if let Some(id) = AccountId::parse(user) {
            let found = records.find_identity(organization, &Identity::Account(id))?;
            return found.map(Some).ok_or(HubError::NotFound("customer"));
        }
        Ok(records.find_identity(organization, &Identity::External(user.to_owned()))?)
    }

    fn own_customer(&self, scope: &Scope, user: &str) -> Result<CustomerId, HubError> {
        let (own, is_named) = match &scope.principal {
            Principal::Guest {
                customer,
                conversation,
            } => {
                let conversation = self.get_conversation(scope, &conversation.to_string())?;
                (
                    Some(*customer),
                    conversation.customer_label.as_deref() == Some(user),
                )
            }
            Principal::Account(account) => {
                let found = self.credentials.find_account(account.id)?;
                let customer = found.and_then(|account| account.customer);
                (customer, account.id.to_string() == user)
            }
            Principal::Key { .. } | Principal::Hub => (None, false),
        };
        let own = own.ok_or(HubError::Unauthenticated)?;
        if is_named || own.to_string() == user {
            return Ok(own);
        }
        Err(HubError::Forbidden(
            "A customer's token may name only its own user",
        ))
    }
}

/// Lets the least worth go until there is room for one more.
fn make_room(batch: &mut Batch, mut known: Vec<Stored<Memory>>) {
    while known.len() >= MAX_MEMORIES {
        let records: Vec<_> = known.iter().map(|stored| stored.record.clone()).collect();
        let Some(id) = least_worth(&records).map(|memory| memory.id) else {
            return;
        };
        if let Some(place) = known.iter().position(|stored| stored.record.id == id) {
            memories::remove(batch, &known.swap_remove(place));
        }
    }
}

fn check(key: Option<&str>, value: Option<&str>, source: Option<&str>) -> Result<(), HubError> {
    let is_line = |text: &str, most: usize| {
        !text.trim().is_empty() && text.chars().count() <= most && !text.chars().any(char::is_control)
    };
    if key.is_some_and(|key| !is_line(key, MAX_KEY_CHARACTERS)) {
        let expected = format!("must be 1 to {MAX_KEY_CHARACTERS} characters in one line");
        return Err(HubError::invalid("key", expected));
    }
    if source.is_some_and(|source| !source.is_empty() && !is_line(source, MAX_SOURCE_CHARACTERS)) {
        let expected = format!("must be at most {MAX_SOURCE_CHARACTERS} characters in one line");
        return Err(HubError::invalid("source", expected));
    }
    if value.is_some_and(|value| value.len() > MAX_VALUE_BYTES) {
        let expected = format!("must be at most {MAX_VALUE_BYTES} bytes of JSON");
        return Err(HubError::invalid("value", expected));
    }
    Ok(())
}
