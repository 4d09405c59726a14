//! Whose request it is, as an address: the socket's, or what a configured proxy says.
//!
//! `serve` puts a [`Peer`] into every request's extensions. `X-Forwarded-For` counts only when the socket's other end
//! is one of `server.trusted_proxies`, and then the right-most hop that is not itself such a proxy: everything left of
//! it was written by the client.

use std::net::{IpAddr, SocketAddr};

use hyper::HeaderMap;

use super::limits::connections::ConnectionSlot;

/// The other end of the connection a request came on.
#[derive(Debug, Clone)]
pub struct Peer {
    /// The socket's other end.
    pub address: SocketAddr,
    /// The connection's place among the open ones; an upgraded connection keeps a copy.
    pub slot: ConnectionSlot,
}

/// A network such as `10.0.0.0/8`, or a single address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Network {
    address: u128,
    mask: u128,
}

/// The proxies whose `X-Forwarded-For` is believed.
#[derive(Debug, Clone, Default)]
pub struct TrustedProxies {
    networks: Vec<Network>,
}

impl TrustedProxies {
    /// Reads addresses and networks (`"10.0.0.0/8"`); the error is the entry that is neither.
    pub fn parse(entries: &[String]) -> Result<Self, String> {
        let parse = |entry: &String| Network::parse(entry).ok_or_else(|| entry.clone());
        Ok(Self {
            networks: entries.iter().map(parse).collect::<Result<_, _>>()?,
        })
    }

    /// Whether this address is one of them.
    pub fn contains(&self, address: IpAddr) -> bool {
        let wide = widen(address);
        self.networks
            .iter()
            .any(|network| wide & network.mask == network.address)
    }

    /// The client's address, from the socket's other end and the request's headers.
    pub fn client_address(&self, socket: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = socket.to_canonical();
        for hop in forwarded_hops(headers) {
            if !self.contains(client) {
                break;
            }
            let Some(address) = hop else { break };
            client = address;
        }
        client
    }
}

impl Network {
    fn parse(entry: &str) -> Option<Self> {
        let (address, bits) = match entry.split_once('/') {
            Some((address, bits)) => (address, Some(bits.parse::<u32>().ok()?)),
            None => (entry, None),
        };
        let address: IpAddr = address.trim().parse().ok()?;
        let width = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.unwrap_or(width);
        let host_bits = width.checked_sub(bits)?;
        let mask = u128::MAX.checked_shl(host_bits).unwrap_or(0);
        Some(Self {
            address: widen(address) & mask,
            mask,
        })
    }
}

/// Every address as an IPv6 one: IPv4 in the mapped range, so that `::ffff:10.0.0.1` and `10.0.0.1` are the same.
fn widen(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => v4.to_ipv6_mapped().to_bits(),
        IpAddr::V6(v6) => v6.to_bits(),
    }
}

/// The hops of all `X-Forwarded-For` headers, nearest first; `None` for one that is no address.
fn forwarded_hops(headers: &HeaderMap) -> impl Iterator<Item = Option<IpAddr>> {
    let lines: Vec<&str> = headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|line| line.to_str().ok())
        .collect();
    lines
        .into_iter()
        .rev()
        .flat_map(|line| line.rsplit(','))
        .map(|hop| parse_hop(hop.trim()))
}

fn parse_hop(hop: &str) -> Option<IpAddr> {
    let address = hop
        .parse::<IpAddr>()
        .or_else(|_| hop.parse::<SocketAddr>().map(|socket| socket.ip()));
    address.ok().map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(proxies: &[&str], socket: &str, forwarded: &[&str]) -> String {
        let entries: Vec<String> = proxies.iter().map(|&entry| entry.to_owned()).collect();
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append("x-forwarded-for", line.parse().unwrap());
        }
        let proxies = TrustedProxies::parse(&entries).unwrap();
        proxies
            .client_address(socket.parse().unwrap(), &headers)
            .to_string()
    }

    #[test]
    fn a_stranger_cannot_choose_its_address() {
        assert_eq!(client(&[], "203.0.113.9", &["1.2.3.4"]), "203.0.113.9");
        assert_eq!(client(&["10.0.0.1"], "203.0.113.9", &["1.2.3.4"]), "203.0.113.9");
        assert_eq!(
            client(&["10.0.0.0/8"], "10.0.0.1", &["1.2.3.4, 203.0.113.9"]),
            "203.0.113.9"
        );
    }

    #[test]
    fn the_right_most_untrusted_hop_is_the_client() {
        assert_eq!(
            client(&["10.0.0.0/8"], "10.0.0.1", &["6.6.6.6", "203.0.113.9, 10.7.7.7"]),
            "203.0.113.9"
        );
        assert_eq!(
            client(&["10.0.0.0/8"], "::ffff:10.0.0.1", &["203.0.113.9:4711"]),
            "203.0.113.9"
        );
        assert_eq!(client(&["fd00::/8"], "fd00::1", &["2001:db8::5"]), "2001:db8::5");
        assert_eq!(
            client(&["10.0.0.0/8"], "10.0.0.1", &["6.6.6.6, unknown"]),
            "10.0.0.1"
        );
    }

    #[test]
    fn what_is_no_network_is_named() {
        let entries = ["10.0.0.1".to_owned(), "10.0.0.0/33".to_owned()];
        assert_eq!(TrustedProxies::parse(&entries).unwrap_err(), "10.0.0.0/33");
        assert!(
            TrustedProxies::parse(&["0.0.0.0/0".to_owned()])
                .unwrap()
                .contains("9.9.9.9".parse().unwrap())
        );
    }
}
