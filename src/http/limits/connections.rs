//! Counts open connections, in total and for each client address.
//!
//! A [`ConnectionSlot`] is held for as long as the socket is open, also after its upgrade to WebSocket: when the
//! last copy is dropped, the place is free again.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use dashmap::DashMap;
use tokio::sync::mpsc;

use crate::http::peer::TrustedProxies;

/// Why a connection is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The process has as many connections as it may have.
    #[error("too many connections")]
    Total,
    /// This address has as many connections as one may have.
    #[error("too many connections from this address")]
    Address,
}

/// The counters. Loopback and trusted proxies speak for many clients and are counted in the total alone.
#[derive(Debug)]
pub struct ConnectionLimits {
    total: usize,
    per_address: usize,
    exempt: TrustedProxies,
    open: AtomicUsize,
    addresses: DashMap<IpAddr, usize>,
    /// Never sent on: its end tells that the counters and all slots are gone.
    _alive: mpsc::Sender<()>,
}

/// A place among the open connections; cheap to copy, given back when the last copy is gone.
#[derive(Debug, Clone)]
pub struct ConnectionSlot {
    place: Arc<Place>,
}

#[derive(Debug)]
struct Place {
    limits: Arc<ConnectionLimits>,
    counted: Option<IpAddr>,
}

impl ConnectionLimits {
    /// Counters with these limits, and a receiver that closes once the counters and all slots are gone.
    pub fn new(total: usize, per_address: usize, exempt: TrustedProxies) -> (Arc<Self>, mpsc::Receiver<()>) {
        let (alive, gone) = mpsc::channel(1);
        let (open, addresses) = (AtomicUsize::new(0), DashMap::new());
        (
            Arc::new(Self {
                total,
                per_address,
                exempt,
                open,
                addresses,
                _alive: alive,
            }),
            gone,
        )
    }

    /// Takes a place for a connection from `address`, or says which limit is reached.
    pub fn admit(self: &Arc<Self>, address: IpAddr) -> Result<ConnectionSlot, Refused> {
        if self.open.fetch_add(1, Ordering::AcqRel) >= self.total {
            self.open.fetch_sub(1, Ordering::AcqRel);
            return Err(Refused::Total);
        }
        let counted = (!address.is_loopback() && !self.exempt.contains(address)).then_some(address);
        if counted.is_some_and(|address| !self.count(address)) {
            self.open.fetch_sub(1, Ordering::AcqRel);
            return Err(Refused::Address);
        }
        let place = Place {
            limits: Arc::clone(self),
            counted,
        };
        Ok(ConnectionSlot {
            place: Arc::new(place),
        })
    }

    /// How many connections are open now.
    pub fn open(&self) -> usize {
        self.open.load(Ordering::Acquire)
    }

    fn count(&self, address: IpAddr) -> bool {
        let mut held = self.addresses.entry(address).or_insert(0);
        let free = *held < self.per_address;
        *held += usize::from(free);
        free
    }
}

impl ConnectionSlot {
    /// How many connections the process has open now.
    pub fn open(&self) -> usize {
        self.place.limits.open()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.limits.open.fetch_sub(1, Ordering::AcqRel);
        let Some(address) = self.counted else { return };
        if let Some(mut held) = self.limits.addresses.get_mut(&address) {
            *held = held.saturating_sub(1);
        }
        self.limits.addresses.remove_if(&address, |_, held| *held == 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(total: usize, per_address: usize) -> Arc<ConnectionLimits> {
        let proxies = TrustedProxies::parse(&["10.0.0.0/8".to_owned()]).unwrap();
        ConnectionLimits::new(total, per_address, proxies).0
    }

    #[test]
    fn one_address_cannot_take_all_places() {
        let limits = limits(10, 2);
        let stranger: IpAddr = "203.0.113.9".parse().unwrap();
        let held = [limits.admit(stranger).unwrap(), limits.admit(stranger).unwrap()];
        assert_eq!(limits.admit(stranger).unwrap_err(), Refused::Address);
        assert!(limits.admit("203.0.113.10".parse().unwrap()).is_ok());
        drop(held);
        assert!(limits.admit(stranger).is_ok());
        assert!(limits.addresses.is_empty() && limits.open() == 0);
    }

    #[test]
    fn a_trusted_proxy_and_loopback_count_in_the_total_alone() {
        let limits = limits(3, 1);
        let held: Vec<_> = ["10.1.1.1", "10.1.1.1", "127.0.0.1"]
            .map(|ip| limits.admit(ip.parse().unwrap()))
            .into();
        assert!(held.iter().all(Result::is_ok));
        assert_eq!(
            limits.admit("10.1.1.1".parse().unwrap()).unwrap_err(),
            Refused::Total
        );
    }
}
