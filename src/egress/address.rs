//! Which addresses may be called for somebody else: those that anybody on the internet may call.
//!
//! By the registries of special addresses (IANA, RFC 6890): what is not known to be open is refused. Addresses that stand
//! for an IPv4 one (mapped, NAT64, 6to4) are what that one is. Invariant: nothing here asks anybody.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Where the machines of a cloud ask about themselves, though the address looks like any other (Azure).
const WIRE_SERVER: Ipv4Addr = Ipv4Addr::new(168, 63, 129, 16);

/// The well-known prefix of NAT64 (RFC 6052).
const NAT64: Ipv6Addr = Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0);

/// Networks of IPv4 that are not open to all, with the length of their prefix.
const CLOSED: [(Ipv4Addr, u32); 15] = [
    (Ipv4Addr::UNSPECIFIED, 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    (Ipv4Addr::new(224, 0, 0, 0), 3),
    (WIRE_SERVER, 32),
];

/// Whether anybody may call this address.
pub fn is_open(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_open_v4(address),
        IpAddr::V6(address) => is_open_v6(address),
    }
}

fn is_open_v4(address: Ipv4Addr) -> bool {
    let lies_in = |(network, length): &(Ipv4Addr, u32)| {
        let shift = 32 - length;
        address.to_bits().checked_shr(shift) == network.to_bits().checked_shr(shift)
    };
    !CLOSED.iter().any(lies_in)
}

fn is_open_v6(address: Ipv6Addr) -> bool {
    let bits = address.to_bits();
    let [first, second, third, ..] = address.segments();
    let is_nat64 = bits >> 32 == NAT64.to_bits() >> 32;
    match (first, second) {
        // What an IPv6-only network makes of names that have IPv4 addresses alone.
        _ if is_nat64 => is_open_v4(last_of(bits)),
        // Mapped; compatible addresses are out of use and lie outside what is open.
        _ if bits >> 32 == 0xffff => is_open_v4(last_of(bits)),
        // 6to4.
        (0x2002, _) => is_open_v4(Ipv4Addr::from_bits(u32::from(second) << 16 | u32::from(third))),
        // Protocols' own (Teredo among them), and examples.
        (0x2001, 0..0x200 | 0xdb8) | (0x3fff, 0..0x1000) => false,
        // Global unicast.
        (0x2000..0x4000, _) => true,
        _ => false,
    }
}

/// The IPv4 address in the last bits of an IPv6 one.
fn last_of(bits: u128) -> Ipv4Addr {
    let [.., a, b, c, d] = bits.to_be_bytes();
    Ipv4Addr::new(a, b, c, d)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What must never be called, with the length of the prefix.
    const NEVER: [(&str, u32); 19] = [
        ("127.0.0.0", 8),
        ("10.0.0.0", 8),
        ("172.16.0.0", 12),
        ("192.168.0.0", 16),
        ("169.254.0.0", 16),
        ("100.64.0.0", 10),
        ("224.0.0.0", 4),
        ("240.0.0.0", 4),
        ("0.0.0.0", 8),
        ("168.63.129.16", 32),
        ("::1", 128),
        ("::", 128),
        ("::", 96),
        ("fc00::", 7),
        ("fe80::", 10),
        ("fec0::", 10),
        ("ff00::", 8),
        ("2001::", 32),
        ("64:ff9b:1::", 48),
    ];

    /// An address whose first `length` bits are the network's and whose others are `bits`.
    fn within(network: &str, length: u32, bits: u128) -> IpAddr {
        match network.parse().unwrap() {
            IpAddr::V4(network) => {
                let mask = u32::MAX.checked_shr(length).unwrap_or(0);
                let low = u32::try_from(bits & u128::from(u32::MAX)).unwrap() & mask;
                IpAddr::V4(Ipv4Addr::from_bits(network.to_bits() & !mask | low))
            }
            IpAddr::V6(network) => {
                let mask = u128::MAX.checked_shr(length).unwrap_or(0);
                IpAddr::V6(Ipv6Addr::from_bits(network.to_bits() & !mask | bits & mask))
            }
        }
    }

    fn standing_for(address: Ipv4Addr) -> [Ipv6Addr; 5] {
        let bits = u128::from(address.to_bits());
        let nat64: Ipv6Addr = "64:ff9b::".parse().unwrap();
        let teredo: Ipv6Addr = "2001::".parse().unwrap();
        [
            address.to_ipv6_mapped(),
            address.to_ipv6_compatible(),
            Ipv6Addr::from_bits(nat64.to_bits() | bits),
            Ipv6Addr::from_bits(0x2002 << 112 | bits << 80),
            Ipv6Addr::from_bits(teredo.to_bits() | !bits & u128::from(u32::MAX)),
        ]
    }

    proptest! {
        #[test]
        fn nothing_in_a_closed_network_is_open(which in 0..NEVER.len(), bits: u128) {
            let (network, length) = NEVER[which];
            prop_assert!(!is_open(within(network, length, bits)));
        }

        #[test]
        fn what_stands_for_a_closed_address_is_closed(which in 0_usize..10, bits: u128) {
            let (network, length) = NEVER[which];
            if let IpAddr::V4(address) = within(network, length, bits) {
                for form in standing_for(address) {
                    prop_assert!(!is_open(IpAddr::V6(form)), "{form} for {address}");
                }
            }
        }

        #[test]
        fn beyond_global_unicast_nothing_is_open_but_what_stands_for_ipv4(bits: u128) {
            let address = Ipv6Addr::from_bits(bits);
            let is_unicast = bits >> 125 == 1;
            let stands = address.to_ipv4_mapped().is_some() || bits >> 32 == 0x0064_ff9b << 64;
            prop_assert!(is_unicast || stands || !is_open(IpAddr::V6(address)));
        }
    }

    #[test]
    fn the_internet_is_open() {
        for open in [
            "1.1.1.1",
            "93.184.216.34",
            "100.63.255.255",
            "172.32.0.1",
            "223.255.255.255",
            "2606:4700:4700::1111",
            "2a00:1450:4001:82a::200e",
            "::ffff:1.1.1.1",
            "64:ff9b::101:101",
        ] {
            assert!(is_open(open.parse().unwrap()), "{open}");
        }
    }
}
