//! Who is counted, and against which rate: accounts and API keys by themselves, everybody else by address.
//!
//! The router of each family asks [`FamilyLimits`] once for every request, known path or not. Invariant: whoever shows
//! no credential that stands is counted by address, so inventing tokens gains nothing.

use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;

use switchboard_domain::id::{AccountId, ApiKeyId};
use switchboard_domain::scope::{Principal, Scope};
use switchboard_domain::time::Timestamp;

use super::rate::{Rate, RateLimiter, Verdict};

/// What one family allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FamilyRates {
    /// Requests of one account or API key.
    pub account: Rate,
    /// Requests of one address by callers that have neither.
    pub address: Rate,
}

/// Which rate a route counts against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RateClass {
    /// Its family's.
    Family,
    /// That of health endpoints.
    Health,
    /// That of providers' webhooks, which are checked by their signature.
    Provider,
}

/// The rates that all families share.
#[derive(Debug)]
pub struct SharedLimits {
    health: RateLimiter<IpAddr>,
    providers: RateLimiter<IpAddr>,
}

/// What one family counts.
#[derive(Debug)]
pub struct FamilyLimits {
    accounts: RateLimiter<Holder>,
    addresses: RateLimiter<IpAddr>,
    shared: Arc<SharedLimits>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Holder {
    Account(AccountId),
    Key(ApiKeyId),
}

impl SharedLimits {
    /// With these rates, by address.
    pub fn new(health: Rate, providers: Rate) -> Self {
        Self {
            health: RateLimiter::new(health),
            providers: RateLimiter::new(providers),
        }
    }

    /// Counts a look at the hub's health.
    pub fn check_health(&self, address: IpAddr, now: Timestamp) -> Verdict {
        self.health.check(network(address), now)
    }
}

impl FamilyLimits {
    /// With these rates.
    pub fn new(rates: FamilyRates, shared: Arc<SharedLimits>) -> Self {
        Self {
            accounts: RateLimiter::new(rates.account),
            addresses: RateLimiter::new(rates.address),
            shared,
        }
    }

    /// Counts a request; `scope` is that of a credential that stands.
    pub fn check(&self, class: RateClass, scope: Option<&Scope>, address: IpAddr, now: Timestamp) -> Verdict {
        match class {
            RateClass::Health => self.shared.check_health(address, now),
            RateClass::Provider => self.shared.providers.check(network(address), now),
            RateClass::Family => match scope.and_then(holder) {
                Some(holder) => self.accounts.check(holder, now),
                None => self.addresses.check(network(address), now),
            },
        }
    }
}

/// A guest has no account: its token is given to anybody who asks.
fn holder(scope: &Scope) -> Option<Holder> {
    match &scope.principal {
        Principal::Account(account) => Some(Holder::Account(account.id)),
        Principal::Key { id } => Some(Holder::Key(*id)),
        Principal::Guest { .. } | Principal::Hub => None,
    }
}

/// What counts as one address: in IPv6 the network of 64 bits, all of which one subscriber has (RFC 6177).
pub fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << 64)).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subscriber_has_one_address_however_many_it_takes() {
        let of = |text: &str| network(text.parse().unwrap());
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff:1:2:3"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
    }
}
