//! Customers' moves to other addresses that are under way: whom a provider's notice is about.
//!
//! Written in the commit that gives the customer its new address, removed once the notice itself is stored. Invariant: a
//! notice that comes again goes on with the customer it was about the first time, whoever has the old address by then.

use switchboard_domain::customer::Channel;
use switchboard_domain::id::{CustomerId, OrganizationId};
use switchboard_domain::ports::engine::{Batch, StoreError};

use super::Records;
use super::keys::{Kind, trailing_id};
use super::provided::row;

impl Records {
    /// The customer whose move this notice has begun.
    pub fn find_move(
        &self,
        organization: OrganizationId,
        channel: Channel,
        notice: &str,
    ) -> Result<Option<CustomerId>, StoreError> {
        let bytes = self.engine.get(&row(Kind::Move, organization, channel, notice))?;
        Ok(bytes
            .and_then(|bytes| trailing_id(&bytes))
            .map(CustomerId::from_bytes))
    }
}

/// A notice's move has begun.
pub fn begin(
    batch: &mut Batch,
    organization: OrganizationId,
    channel: Channel,
    notice: &str,
    customer: CustomerId,
) {
    let at = row(Kind::Move, organization, channel, notice);
    batch.put(at, customer.as_bytes().to_vec());
}

/// It is over.
pub fn end(batch: &mut Batch, organization: OrganizationId, channel: Channel, notice: &str) {
    batch.delete(row(Kind::Move, organization, channel, notice));
}
