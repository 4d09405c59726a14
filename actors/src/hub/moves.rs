//! Customers' addresses: those that are told besides, and those that take another's place.
//!
//! Called for what providers tell. Carriers give numbers to others after a while, so an address that was left leads to
//! nobody: whoever writes from it is somebody new. The provider alone says who moved where, and is believed: the new
//! address is the mover's even if somebody wrote from there before, be it the mover before the notice came or another who
//! had it long ago. What that one wrote stays a conversation of its own, and nobody's records are joined. Invariant: an
//! address leads to one customer at most, and is taken from one and given to the other in one commit.

use switchboard_domain::conversation::life::Input;
use switchboard_domain::customer::{Channel, Customer, Identity};
use switchboard_domain::id::{CustomerId, OrganizationId};
use switchboard_domain::ports::engine::{Batch, StoreError};
use switchboard_domain::ports::reports::Move;

use super::Hub;
use super::incoming::LOOK_BACK;
use crate::error::HubError;
use crate::records::customers;

/// Attempts to change a customer whom somebody else changes.
const ATTEMPTS: usize = 3;

impl Hub {
    /// Addresses that nobody had yet are the customer's from now on.
    pub(super) async fn learn_addresses(
        &self,
        customer: Customer,
        sender: &[Identity],
    ) -> Result<Customer, HubError> {
        let records = self.services.records();
        let mut unknown = Vec::new();
        for identity in sender
            .iter()
            .filter(|identity| !customer.identities.contains(identity))
        {
            if records.find_identity(customer.organization, identity)?.is_none() {
                unknown.push(identity.clone());
            }
        }
        if unknown.is_empty() {
            return Ok(customer);
        }
        let (organization, id) = (customer.organization, customer.id);
        let learn = |next: &mut Customer| next.identities.extend(unknown.iter().cloned());
        let learned = self.change_known(organization, id, learn).await?;
        Ok(learned.unwrap_or(customer))
    }

    /// A customer has another address from now on: it is found by that alone, and its conversations go on there.
    /// Told a second time nothing happens, whatever has happened since.
    pub(super) async fn move_address(
        &self,
        organization: OrganizationId,
        channel: Channel,
        told: Move,
    ) -> Result<(), HubError> {
        let records = self.services.records();
        if records
            .find_provided(organization, channel, &told.notice)?
            .is_some()
        {
            return Ok(());
        }
        // Nobody is made a customer at the new address meanwhile.
        let _alone = self.services.incoming.lock(name(&told.to)).await;
        let Some(id) = records.find_identity(organization, &told.from)? else {
            return Ok(());
        };
        if !self.take_up(organization, id, &told).await? {
            return Ok(());
        }
        match (told.from, told.to) {
            (Identity::Phone(from), Identity::Phone(to))
            | (Identity::Whatsapp(from), Identity::Whatsapp(to)) => {
                self.lead_elsewhere(organization, id, channel, &from, &to).await
            }
            // One account told in two ways: where its conversations lead is right already.
            _ => Ok(()),
        }
    }

    /// The new address is the customer's, and the one it takes the place of nobody's; whether the customer was there.
    async fn take_up(
        &self,
        organization: OrganizationId,
        id: CustomerId,
        told: &Move,
    ) -> Result<bool, HubError> {
        let records = self.services.records();
        for _ in 0..ATTEMPTS {
            let Some(old) = records.find_customer(organization, id)? else {
                return Ok(false);
            };
            let mut next = old.record.clone();
            if is_in_place_of(&told.from, &told.to) {
                next.give_up(&told.from);
            }
            next.take_up(&told.to);
            let had_by = records.find_identity(organization, &told.to)?;
            let other = match had_by.filter(|other| *other != id) {
                Some(other) => records.find_customer(organization, other)?,
                None => None,
            };
            let mut batch = Batch::new();
            match &other {
                Some(other) => {
                    // Whoever said STOP there has said it for the address.
                    let unwanted = other.record.unsubscribed.iter();
                    let news = unwanted.filter(|channel| !old.record.unsubscribed.contains(channel));
                    next.unsubscribed.extend(news);
                    customers::take_over(&mut batch, &old, &next, (other, &told.to))?;
                }
                None => customers::update(&mut batch, &old, &next)?,
            }
            match records.commit(batch).await {
                Ok(()) => return Ok(true),
                Err(StoreError::Conflict { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(HubError::Overloaded)
    }

    async fn lead_elsewhere(
        &self,
        organization: OrganizationId,
        customer: CustomerId,
        channel: Channel,
        from: &str,
        to: &str,
    ) -> Result<(), HubError> {
        let records = self.services.records();
        for id in records.list_of_customer(organization, customer, LOOK_BACK)? {
            let read = self.read_conversation(organization, id)?;
            let leads_there = read.is_some_and(|known| {
                known.channel == channel && known.route.as_ref().is_some_and(|route| route.to == from)
            });
            if leads_there {
                let input = Input::CustomerMoved { to: to.to_owned() };
                let directory = &self.links.directory;
                directory.act_with(organization, id, input, Batch::new()).await?;
            }
        }
        Ok(())
    }

    /// Changes a customer; `None` when there is none any more, or somebody else was quicker every time.
    async fn change_known(
        &self,
        organization: OrganizationId,
        id: CustomerId,
        change: impl Fn(&mut Customer),
    ) -> Result<Option<Customer>, HubError> {
        let records = self.services.records();
        for _ in 0..ATTEMPTS {
            let Some(old) = records.find_customer(organization, id)? else {
                return Ok(None);
            };
            let mut next = old.record.clone();
            change(&mut next);
            let mut batch = Batch::new();
            customers::update(&mut batch, &old, &next)?;
            match records.commit(batch).await {
                Ok(()) => return Ok(Some(next)),
                Err(StoreError::Conflict { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(None)
    }
}

/// Whether somebody who has the second address has the first one no more; a number and a user id go together.
const fn is_in_place_of(from: &Identity, to: &Identity) -> bool {
    matches!(
        (from, to),
        (Identity::Phone(_), Identity::Phone(_)) | (Identity::Whatsapp(_), Identity::Whatsapp(_))
    )
}

/// As messages from there name it, to be answered at.
pub(super) fn name(address: &Identity) -> &str {
    match address {
        Identity::Phone(name) | Identity::Whatsapp(name) | Identity::Email(name) => name,
        Identity::Account(_) | Identity::External(_) => "",
    }
}

/// Whether these two are the phone number and the user id of one account at WhatsApp, which tells either or both.
pub(super) fn is_same_account(customer: &Customer, known: &str, told: &str) -> bool {
    let (phone, user) = if known.starts_with('+') {
        (known, told)
    } else {
        (told, known)
    };
    let has = |identity: Identity| customer.identities.contains(&identity);
    has(Identity::Phone(phone.to_owned())) && has(Identity::Whatsapp(user.to_owned()))
}
