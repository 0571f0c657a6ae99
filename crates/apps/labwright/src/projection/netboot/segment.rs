//! One network of the lab as the netboot service gives addresses in it: pools, reservations, options.

use super::card::Card;
use ipnet::{IpNet, Ipv4Net};
use lab_model::Lab;
use lab_model::lab::PrefixId;
use lab_netboot::Mac;
use lab_netboot::config::{ClientMatch, Options, Pool, Reservation, Role, Segment};
use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

/// The IPv4 network of a prefix.
pub(super) fn network(lab: &Lab, id: PrefixId) -> Option<Ipv4Net> {
    match lab.derived.prefix(id).network {
        Some(IpNet::V4(network)) => Some(network),
        _ => None,
    }
}

/// The narrowest network of the lab in which an address is.
pub(super) fn around(lab: &Lab, address: Ipv4Addr) -> Option<(PrefixId, Ipv4Net)> {
    let id = lab.derived.prefix_of(IpAddr::V4(address))?;
    Some((id, network(lab, id)?))
}

/// The segment of a prefix. `interface` is none for a network behind a relay agent.
pub(super) fn segment(
    lab: &Lab,
    id: PrefixId,
    network: Ipv4Net,
    server: Ipv4Addr,
    interface: Option<&str>,
    cards: &[(String, Card)],
) -> Segment {
    let name = lab.prefixes[id].name.text.to_string();
    let mut segment = Segment::new(name, interface.unwrap_or_default(), server, network);
    segment.interface = interface.map(str::to_owned);
    segment.role = Role::Server;
    segment.reservations = reservations(lab, id, network, server, cards);
    segment.pools = pools(lab, id, network, server);
    segment.options = options(lab, id, network);
    segment
}

/// What the lab reserves, then the fixed addresses of machines whose card is known. Each card and address once.
fn reservations(
    lab: &Lab,
    id: PrefixId,
    network: Ipv4Net,
    server: Ipv4Addr,
    cards: &[(String, Card)],
) -> Vec<Reservation> {
    let said = lab.prefixes[id].dhcp.iter().flat_map(|dhcp| dhcp.reservations.iter());
    let said = said.filter_map(|(name, kept)| {
        let IpAddr::V4(address) = kept.address.as_ref()?.value.0 else { return None };
        let host = kept.host.as_ref().and_then(|host| host.id).map(|id| lab.name(id).text.to_string());
        Some((host.unwrap_or_else(|| name.text.to_string()), Mac(kept.mac.as_ref()?.value.0), address))
    });
    let fixed = cards.iter().flat_map(|(name, card)| {
        card.addresses.iter().map(move |address| (name.clone(), card.mac, *address))
    });
    let (mut macs, mut addresses) = (BTreeSet::new(), BTreeSet::from([server]));
    let mut kept = Vec::new();
    for (name, mac, address) in said.chain(fixed) {
        if network.contains(&address) && !addresses.contains(&address) && macs.insert(mac) {
            addresses.insert(address);
            kept.push(Reservation { client: ClientMatch::Mac(mac), address, hostname: Some(name) });
        }
    }
    kept
}

/// The ranges for DHCP, without any address that the lab gives to somebody.
fn pools(lab: &Lab, id: PrefixId, network: Ipv4Net, server: Ipv4Addr) -> Vec<Pool> {
    let taken = lab.derived.assignments.iter().filter_map(|assignment| match assignment.address {
        IpAddr::V4(address) => Some(address),
        IpAddr::V6(_) => None,
    });
    let gateway = match lab.prefixes[id].gateway.as_ref().map(|gateway| gateway.value.0) {
        Some(IpAddr::V4(gateway)) => Some(gateway),
        _ => None,
    };
    let ends = [network.network(), network.broadcast(), server];
    let taken: BTreeSet<Ipv4Addr> = taken.chain(gateway).chain(ends).collect();
    let ranges = lab.derived.prefix(id).ranges.iter().filter(|range| range.is_dhcp());
    ranges
        .filter_map(|range| match (range.range.first(), range.range.last()) {
            (IpAddr::V4(first), IpAddr::V4(last)) if network.contains(&first) && network.contains(&last) => {
                Some(without(first, last, &taken))
            }
            _ => None,
        })
        .flatten()
        .collect()
}

/// The parts of a range that are left when some addresses are taken out of it.
fn without(first: Ipv4Addr, last: Ipv4Addr, taken: &BTreeSet<Ipv4Addr>) -> Vec<Pool> {
    let mut pools = Vec::new();
    let mut begin = u64::from(first.to_bits());
    let end = u64::from(last.to_bits());
    let address = |bits: u64| Ipv4Addr::from_bits(u32::try_from(bits).expect("inside the range"));
    for hole in taken.range(first..=last).map(|hole| u64::from(hole.to_bits())) {
        if begin < hole {
            pools.push(Pool { first: address(begin), last: address(hole - 1) });
        }
        begin = hole + 1;
    }
    if begin <= end {
        pools.push(Pool { first: address(begin), last: address(end) });
    }
    pools
}

fn options(lab: &Lab, id: PrefixId, network: Ipv4Net) -> Options {
    let prefix = &lab.prefixes[id];
    let v4 = |address: IpAddr| match address {
        IpAddr::V4(address) => Some(address),
        IpAddr::V6(_) => None,
    };
    let dhcp = prefix.dhcp.as_ref();
    let domain = dhcp.and_then(|dhcp| dhcp.domain.as_ref()).map(|domain| domain.text.to_string());
    let vlan = lab.derived.prefix(id).vlan.map(|vlan| &lab.vlans[vlan]);
    let lease = dhcp.and_then(|dhcp| dhcp.lease.as_ref()).map(|lease| {
        // The shortest is what a client can renew in time, the longest what fits the option's 32 bits.
        Duration::from_millis(lease.value.milliseconds())
            .clamp(Duration::from_secs(60), Duration::from_secs(365 * 86_400))
    });
    Options {
        routers: prefix
            .gateway
            .iter()
            .filter_map(|gateway| v4(gateway.value.0))
            .filter(|a| network.contains(a))
            .collect(),
        dns: prefix.dns.iter().filter_map(|server| v4(server.value.0)).collect(),
        domain: domain.or_else(|| lab.head.domain.as_ref().map(|domain| domain.value.to_string())),
        ntp: prefix.ntp.iter().filter_map(|server| server.text.parse().ok()).collect(),
        mtu: vlan.and_then(|vlan| vlan.mtu.as_ref()).map(|mtu| mtu.value.get()).filter(|mtu| *mtu != 1500),
        lease: lease.unwrap_or(Options::default().lease),
        ..Options::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn taken_addresses_are_holes() {
        let at = |last| Ipv4Addr::new(10, 0, 0, last);
        let check = |taken: &[u8], expect: &[(u8, u8)]| {
            let taken = taken.iter().map(|last| at(*last)).collect();
            let pools: Vec<Pool> = without(at(10), at(20), &taken);
            let expect: Vec<Pool> =
                expect.iter().map(|(first, last)| Pool { first: at(*first), last: at(*last) }).collect();
            assert_eq!(pools, expect, "{taken:?}");
        };
        check(&[], &[(10, 20)]);
        check(&[10, 20, 30], &[(11, 19)]);
        check(&[12, 13], &[(10, 11), (14, 20)]);
        check(&(10..=20).collect::<Vec<_>>(), &[]);
        let everything: BTreeSet<Ipv4Addr> = BTreeSet::new();
        let whole = without(Ipv4Addr::UNSPECIFIED, Ipv4Addr::BROADCAST, &everything);
        assert_eq!(whole, [Pool { first: Ipv4Addr::UNSPECIFIED, last: Ipv4Addr::BROADCAST }]);
    }
}
