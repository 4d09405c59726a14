//! Customers' addresses: those that are told besides, and those that take another's place.
//!
//! Called for what providers tell. Carriers give numbers to others after a while, so an address that was left leads to
//! nobody: whoever writes from it is somebody new. The provider alone says who moved where, and is believed: the new
//! address is the mover's even if somebody wrote from there before, be it the mover before the notice came or another who
//! had it long ago. What that one wrote stays a conversation of its own, and nobody's records are joined.
//!
//! WhatsApp's new number is the same person's new telephone, so the customer's conversations by SMS go on there, too: the
//! old number is another's before long, who is not to read what was meant for the customer. Those that lead to any other
//! number of the customer's stay as they are, and so do another's that once led to the same number.
//!
//! Every conversation follows, some at a time, each by the commit of its own session. Invariants: an address leads to one
//! customer at most, and is taken from one and given to the other in one commit; and a move that was cut off in the middle
//! goes on when its notice comes again, as it does until it was taken in, with the customer whose move it is.

use futures_util::future::try_join_all;
use switchboard_domain::conversation::Conversation;
use switchboard_domain::conversation::life::Input;
use switchboard_domain::customer::{Channel, Customer, Identity};
use switchboard_domain::id::{ConversationId, CustomerId, OrganizationId};
use switchboard_domain::ports::engine::{Batch, StoreError};
use switchboard_domain::ports::reports::Move;

use super::Hub;
use crate::error::HubError;
use crate::records::{customers, moves};

/// Attempts to change a customer whom somebody else changes.
const ATTEMPTS: usize = 3;
/// Conversations that are led elsewhere at the same time.
const PAGE: usize = 50;

/// Which conversations of a customer go on where.
#[derive(Debug, Clone, Copy)]
struct Leads<'a> {
    channel: Channel,
    /// Those by SMS, too.
    is_phone: bool,
    from: &'a str,
    to: &'a str,
}

impl<'a> Leads<'a> {
    /// What a move on a channel means; nothing for one account that is told in two ways, whose conversations lead to
    /// where they should already.
    fn of(channel: Channel, told: &'a Move) -> Option<Self> {
        let (is_phone, from, to) = match (&told.from, &told.to) {
            (Identity::Phone(from), Identity::Phone(to)) => (true, from, to),
            (Identity::Whatsapp(from), Identity::Whatsapp(to)) => (false, from, to),
            _ => return None,
        };
        Some(Self {
            channel,
            is_phone,
            from,
            to,
        })
    }

    fn meets(&self, known: &Conversation) -> bool {
        let by_channel = known.channel == self.channel || (self.is_phone && known.channel == Channel::Sms);
        by_channel && known.route.as_ref().is_some_and(|route| route.to == self.from)
    }
}

impl Hub {
    /// Which of a sender's addresses nobody had yet.
    pub(super) fn unknown_addresses(
        &self,
        customer: &Customer,
        sender: &[Identity],
    ) -> Result<Vec<Identity>, HubError> {
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
        Ok(unknown)
    }

    /// These addresses are the customer's from now on.
    pub(super) async fn learn_addresses(
        &self,
        customer: Customer,
        unknown: Vec<Identity>,
    ) -> Result<Customer, HubError> {
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
        let begun = records.find_move(organization, channel, &told.notice)?;
        let customer = match begun {
            Some(customer) => Some(customer),
            None => self.take_up(organization, channel, &told).await?,
        };
        match customer.zip(Leads::of(channel, &told)) {
            Some((customer, leads)) => self.lead_elsewhere(organization, customer, leads).await,
            None => Ok(()),
        }
    }

    /// The notice of a move is on disk, which is all over then.
    pub(super) async fn end_move(
        &self,
        organization: OrganizationId,
        channel: Channel,
        notice: &str,
    ) -> Result<(), HubError> {
        let records = self.services.records();
        if records.find_move(organization, channel, notice)?.is_none() {
            return Ok(());
        }
        let mut batch = Batch::new();
        moves::end(&mut batch, organization, channel, notice);
        Ok(records.commit(batch).await?)
    }

    /// The new address is the customer's, and the one it takes the place of nobody's; the customer, if there is one.
    async fn take_up(
        &self,
        organization: OrganizationId,
        channel: Channel,
        told: &Move,
    ) -> Result<Option<CustomerId>, HubError> {
        let records = self.services.records();
        let Some(id) = records.find_identity(organization, &told.from)? else {
            return Ok(None);
        };
        for _ in 0..ATTEMPTS {
            let Some(old) = records.find_customer(organization, id)? else {
                return Ok(None);
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
            moves::begin(&mut batch, organization, channel, &told.notice, id);
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
                Ok(()) => return Ok(Some(id)),
                Err(StoreError::Conflict { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(HubError::Overloaded)
    }

    /// The oldest first: what is opened meanwhile at the old address comes last.
    async fn lead_elsewhere(
        &self,
        organization: OrganizationId,
        customer: CustomerId,
        leads: Leads<'_>,
    ) -> Result<(), HubError> {
        let (records, mut after) = (self.services.records(), None);
        loop {
            let page = records.list_of_customer_after(organization, customer, after, PAGE)?;
            let Some(last) = page.last() else {
                return Ok(());
            };
            after = Some(*last);
            let led = page.iter().map(|id| self.lead(organization, *id, leads));
            drop(try_join_all(led).await?);
        }
    }

    async fn lead(
        &self,
        organization: OrganizationId,
        id: ConversationId,
        leads: Leads<'_>,
    ) -> Result<(), HubError> {
        let known = self.read_conversation(organization, id)?;
        if known.is_none_or(|known| !leads.meets(&known)) {
            return Ok(());
        }
        let input = Input::CustomerMoved {
            to: leads.to.to_owned(),
        };
        let directory = &self.links.directory;
        directory.act_with(organization, id, input, Batch::new()).await?;
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
