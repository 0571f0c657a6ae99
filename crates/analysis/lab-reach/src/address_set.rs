//! Sets of addresses as sorted runs, both families beside each other. Exact: a set is what it holds, however it was put together.

use ipnet::{IpNet, Ipv4Subnets, Ipv6Subnets};
use lab_model::grammar::AddressRange;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Runs of addresses of one family: sorted, none touching the next.
type Runs = Vec<(u128, u128)>;

/// A set of addresses.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct AddressSet {
    v4: Runs,
    v6: Runs,
}

const V4_MAX: u128 = u32::MAX as u128;

impl AddressSet {
    /// Every address of both families.
    pub fn everything() -> Self {
        Self { v4: vec![(0, V4_MAX)], v6: vec![(0, u128::MAX)] }
    }

    /// True when it holds nothing.
    pub fn is_empty(&self) -> bool {
        self.v4.is_empty() && self.v6.is_empty()
    }

    /// True when it holds the address.
    pub fn contains(&self, address: IpAddr) -> bool {
        let (runs, number) = match address {
            IpAddr::V4(address) => (&self.v4, u128::from(u32::from(address))),
            IpAddr::V6(address) => (&self.v6, u128::from(address)),
        };
        runs.iter().any(|&(first, last)| first <= number && number <= last)
    }

    /// What is in either.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self { v4: joined(&self.v4, &other.v4), v6: joined(&self.v6, &other.v6) }
    }

    /// What is in this and not in the other.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        Self { v4: without(&self.v4, &other.v4), v6: without(&self.v6, &other.v6) }
    }

    /// What is in both.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        self.minus(&self.minus(other))
    }

    /// True when both hold the same address.
    pub fn overlaps(&self, other: &Self) -> bool {
        !self.intersection(other).is_empty()
    }

    /// The runs in order, IPv4 first.
    pub fn ranges(&self) -> impl Iterator<Item = AddressRange> + '_ {
        let v4 = self.v4.iter().map(|&(first, last)| (v4(first).into(), v4(last).into()));
        let v6 = self.v6.iter().map(|&(first, last)| (IpAddr::from(v6(first)), IpAddr::from(v6(last))));
        v4.chain(v6).filter_map(|(first, last): (IpAddr, IpAddr)| AddressRange::new(first, last))
    }

    /// The fewest prefixes that make up the set, IPv4 first.
    pub fn prefixes(&self) -> Vec<IpNet> {
        self.ranges()
            .flat_map(|range| match (range.first(), range.last()) {
                (IpAddr::V4(first), IpAddr::V4(last)) => {
                    Ipv4Subnets::new(first, last, 0).map(IpNet::V4).collect::<Vec<_>>()
                }
                (IpAddr::V6(first), IpAddr::V6(last)) => {
                    Ipv6Subnets::new(first, last, 0).map(IpNet::V6).collect()
                }
                _ => Vec::new(),
            })
            .collect()
    }

    /// Its prefixes of one family: IPv4 when `v4`.
    pub fn of_family(&self, v4: bool) -> Vec<IpNet> {
        let mut prefixes = self.prefixes();
        prefixes.retain(|prefix| prefix.addr().is_ipv4() == v4);
        prefixes
    }
}

fn v4(number: u128) -> Ipv4Addr {
    Ipv4Addr::from(u32::try_from(number).expect("runs of IPv4 end at its last address"))
}

fn v6(number: u128) -> Ipv6Addr {
    Ipv6Addr::from(number)
}

fn joined(a: &Runs, b: &Runs) -> Runs {
    let mut all: Runs = a.iter().chain(b).copied().collect();
    all.sort_unstable();
    let mut runs: Runs = Vec::with_capacity(all.len());
    for (first, last) in all {
        match runs.last_mut() {
            Some((_, end)) if first <= end.saturating_add(1) => *end = last.max(*end),
            _ => runs.push((first, last)),
        }
    }
    runs
}

fn without(a: &Runs, b: &Runs) -> Runs {
    let mut left = Vec::new();
    for &(first, last) in a {
        let mut from = Some(first);
        for &(cut, end) in b.iter().filter(|(cut, end)| *cut <= last && *end >= first) {
            let Some(start) = from else { break };
            if start < cut {
                left.push((start, cut - 1));
            }
            from = end.checked_add(1).filter(|next| *next <= last);
        }
        left.extend(from.map(|start| (start, last)));
    }
    left
}

impl From<AddressRange> for AddressSet {
    fn from(range: AddressRange) -> Self {
        match (range.first(), range.last()) {
            (IpAddr::V4(first), IpAddr::V4(last)) => {
                Self { v4: vec![(u32::from(first).into(), u32::from(last).into())], v6: Vec::new() }
            }
            (IpAddr::V6(first), IpAddr::V6(last)) => {
                Self { v4: Vec::new(), v6: vec![(first.into(), last.into())] }
            }
            _ => Self::default(),
        }
    }
}

impl FromIterator<IpNet> for AddressSet {
    fn from_iter<T: IntoIterator<Item = IpNet>>(nets: T) -> Self {
        let mut set = Self::default();
        for net in nets {
            let (runs, run) = match net {
                IpNet::V4(net) => {
                    (&mut set.v4, (u32::from(net.network()).into(), u32::from(net.broadcast()).into()))
                }
                IpNet::V6(net) => (&mut set.v6, (u128::from(net.network()), u128::from(net.broadcast()))),
            };
            *runs = joined(runs, &vec![run]);
        }
        set
    }
}

impl FromIterator<IpAddr> for AddressSet {
    fn from_iter<T: IntoIterator<Item = IpAddr>>(addresses: T) -> Self {
        addresses.into_iter().map(IpNet::from).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(nets: &[&str]) -> AddressSet {
        nets.iter().map(|net| net.parse::<IpNet>().unwrap()).collect()
    }

    #[test]
    fn sets_are_what_they_hold() {
        assert_eq!(set(&["10.0.0.0/25", "10.0.0.128/25"]), set(&["10.0.0.0/24"]));
        let hole = set(&["10.0.0.0/24"]).minus(&set(&["10.0.0.64/26"]));
        assert_eq!(hole, set(&["10.0.0.0/26", "10.0.0.128/25"]));
        assert!(!hole.contains("10.0.0.65".parse().unwrap()) && hole.contains("10.0.0.63".parse().unwrap()));
        assert_eq!(
            set(&["10.0.0.0/8", "fd00::/8"]).intersection(&set(&["10.1.0.0/16"])),
            set(&["10.1.0.0/16"])
        );
        let everything = AddressSet::everything();
        assert!(everything.minus(&everything).is_empty());
        assert_eq!(everything.minus(&hole).union(&hole), everything);
        assert_eq!(everything.prefixes().len(), 2);
    }
}
