//! How many automatic mails went to an address of late: a counter for every ten minutes.
//!
//! Another machine may be answering them; beyond a limit an agent decides. Counters that are over are removed when the
//! next mail comes from that address.

use sha2::{Digest, Sha256};
use switchboard_domain::id::OrganizationId;
use switchboard_domain::ports::engine::{Batch, Direction, KeyRange, StoreError, decode_counter};
use switchboard_domain::time::Timestamp;

use super::Records;
use super::keys::{Kind, scoped};

/// Milliseconds a counter covers.
const BUCKET: i64 = 10 * 60 * 1_000;
/// Counters that make an hour, the one that has begun included.
const HOUR: i64 = 6;
/// Most counters looked at; more are not made in a day.
const MOST: usize = 256;

fn row(organization: OrganizationId, address: &str, bucket: Option<i64>) -> Vec<u8> {
    let hash = Sha256::digest(address.to_lowercase().as_bytes());
    let bucket = bucket.map(i64::to_be_bytes);
    let bucket = bucket.as_ref().map_or(&[][..], |bytes| bytes.as_slice());
    scoped(Kind::AutomaticMail, organization, &[&hash, bucket])
}

/// One more goes out to this address.
pub fn count(batch: &mut Batch, organization: OrganizationId, address: &str, now: Timestamp) {
    let bucket = now.as_millis().div_euclid(BUCKET);
    batch.add(row(organization, address, Some(bucket)), 1);
}

impl Records {
    /// How many went to this address within the hour; counters from before it are removed by the batch.
    pub fn automatic_mails(
        &self,
        organization: OrganizationId,
        address: &str,
        now: Timestamp,
        batch: &mut Batch,
    ) -> Result<i64, StoreError> {
        let first = now.as_millis().div_euclid(BUCKET) - HOUR + 1;
        let range = KeyRange::prefix(&row(organization, address, None));
        let mut sum = 0;
        for entry in self.entries(&range, Direction::Forward, MOST)? {
            let bucket = entry.key.last_chunk::<8>().copied().map(i64::from_be_bytes);
            if bucket.is_some_and(|bucket| bucket >= first) {
                sum += decode_counter(&entry.value).unwrap_or(0);
            } else {
                batch.delete(entry.key);
            }
        }
        Ok(sum)
    }
}
