//! Wanting no more campaigns: by the link in a mail, by a word in a message.
//!
//! The link carries a signed token, so that nobody unsubscribes anybody else, and needs no login (RFC 8058 asks for one
//! click). Invariant: what a customer has once refused is not sent again before the customer or staff say so.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use switchboard_domain::customer::{Channel, Customer};
use switchboard_domain::id::{CustomerId, OrganizationId};
use switchboard_domain::incoming::Incoming;
use switchboard_domain::ports::engine::{Batch, StoreError};

use super::Hub;
use crate::error::HubError;
use crate::records::customers;

/// Tells these signatures apart from all others made with the hub's secret.
const LABEL: &[u8] = b"switchboard unsubscribe 1";
/// Bytes of a signature that are kept.
const SIGNATURE: usize = 16;
/// Attempts to change a customer whom somebody else changes.
const ATTEMPTS: usize = 5;
/// Words by which a customer wants no more of this channel. SMS: CTIA's messaging principles, 5.1.2.2.
const STOP: [&str; 4] = ["stop", "stopall", "unsubscribe", "stop all"];
/// Words by which it wants them again.
const START: [&str; 2] = ["start", "unstop"];

/// Whom a token unsubscribes from what.
struct Refusal {
    organization: OrganizationId,
    customer: CustomerId,
    channel: Channel,
}

impl Hub {
    /// Where one click ends campaigns by this channel; none unless the hub knows its own address.
    pub(crate) fn unsubscribe_url(&self, customer: &Customer, channel: Channel) -> Option<String> {
        let base = self.services.settings.public_url.as_deref()?;
        let place = Channel::ALL.iter().position(|known| *known == channel)?;
        let mut token = customer.organization.as_bytes().to_vec();
        token.extend_from_slice(customer.id.as_bytes());
        token.push(u8::try_from(place).ok()?);
        let signature = self.signed(&token)?.finalize().into_bytes();
        token.extend_from_slice(signature.get(..SIGNATURE)?);
        let base = base.trim_end_matches('/');
        Some(format!(
            "{base}/api/campaigns/unsubscribe/{}",
            URL_SAFE_NO_PAD.encode(token)
        ))
    }

    /// Sends no more campaigns by the channel of this token to its customer.
    ///
    /// # Errors
    /// [`HubError::NotFound`] for a token that this hub has not made.
    pub async fn unsubscribe(&self, token: &str) -> Result<(), HubError> {
        let refusal = self.read_token(token).ok_or(HubError::NotFound("subscription"))?;
        let Refusal {
            organization,
            customer,
            channel,
        } = refusal;
        self.set_unsubscribed(organization, customer, channel, true).await
    }

    /// Whether such a token is one of this hub's.
    ///
    /// # Errors
    /// [`HubError::NotFound`] for one that is not.
    pub fn check_unsubscribe_token(&self, token: &str) -> Result<(), HubError> {
        self.read_token(token)
            .map(drop)
            .ok_or(HubError::NotFound("subscription"))
    }

    /// Heeds a message that is nothing but a word for ending or resuming campaigns; whether it was one.
    pub(super) async fn heed_opt_out(
        &self,
        organization: OrganizationId,
        customer: CustomerId,
        incoming: &Incoming,
    ) -> Result<bool, HubError> {
        let is_short = matches!(incoming.channel, Channel::Sms | Channel::Whatsapp);
        let said = incoming.text.trim();
        let is_among = |words: &[&str]| is_short && words.iter().any(|word| said.eq_ignore_ascii_case(word));
        let wants_none = is_among(&STOP);
        if !wants_none && !is_among(&START) {
            return Ok(false);
        }
        let set = self.set_unsubscribed(organization, customer, incoming.channel, wants_none);
        Box::pin(set).await?;
        Ok(wants_none)
    }

    async fn set_unsubscribed(
        &self,
        organization: OrganizationId,
        customer: CustomerId,
        channel: Channel,
        wants_none: bool,
    ) -> Result<(), HubError> {
        let records = self.services.records();
        for _ in 0..ATTEMPTS {
            let found = records.find_customer(organization, customer)?;
            let old = found.ok_or(HubError::NotFound("subscription"))?;
            if old.record.unsubscribed.contains(&channel) == wants_none {
                return Ok(());
            }
            let mut next = old.record.clone();
            next.unsubscribed.retain(|known| *known != channel);
            if wants_none {
                next.unsubscribed.push(channel);
            }
            let mut batch = Batch::new();
            customers::update(&mut batch, &old, &next)?;
            match records.commit(batch).await {
                Err(StoreError::Conflict { .. }) => {}
                other => return Ok(other?),
            }
        }
        Err(HubError::Overloaded)
    }

    fn read_token(&self, token: &str) -> Option<Refusal> {
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (told, signature) = bytes.split_at_checked(33)?;
        if signature.len() != SIGNATURE {
            return None;
        }
        self.signed(told)?.verify_truncated_left(signature).ok()?;
        let (organization, rest) = told.split_at_checked(16)?;
        let (customer, place) = rest.split_at_checked(16)?;
        Some(Refusal {
            organization: OrganizationId::from_bytes(organization.try_into().ok()?),
            customer: CustomerId::from_bytes(customer.try_into().ok()?),
            channel: *Channel::ALL.get(usize::from(*place.first()?))?,
        })
    }

    fn signed(&self, told: &[u8]) -> Option<Hmac<Sha256>> {
        let secret = &self.services.settings.accounts.token_secret;
        let mut mac = Hmac::<Sha256>::new_from_slice(secret).ok()?;
        mac.update(LABEL);
        mac.update(told);
        Some(mac)
    }
}
