//! Which networks pass through ports that nothing is written about: they carry what is claimed at the other ends.
//!
//! A port with its VLANs written needs none of this. A plain switch, an access point without settings, or an interface whose address
//! nobody gave does: such ports form domains, cables join domains, and whatever is written at the edge of a joined domain is
//! what it carries.

use lab_model::lab::{PrefixId, VlanIdOf};
use std::collections::BTreeSet;

/// What a segment is made from.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(in crate::survey) enum Net {
    /// A VLAN.
    Vlan(VlanIdOf),
    /// A prefix that is used without a VLAN.
    Prefix(PrefixId),
    /// What cables join and nothing names, by its domain.
    Unnamed(u32),
}

/// A network on a port.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Carried {
    /// The network.
    pub(super) net: Net,
    /// True when its frames have a tag there.
    pub(super) tagged: bool,
}

/// What a domain takes of the networks that are claimed in it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Takes {
    /// All: it forwards what comes.
    All,
    /// One: it is an interface.
    One,
    /// One: it is the far end of a line to the outside.
    Line,
}

/// Domains, joined by cables.
#[derive(Default, Debug)]
pub(super) struct Domains {
    parent: Vec<u32>,
    takes: Vec<Takes>,
    claims: Vec<Vec<Carried>>,
    /// The only network of the lab, for domains in which nobody claims any.
    pub(super) only: Option<Net>,
}

impl Domains {
    /// A new domain.
    pub(super) fn add(&mut self, takes: Takes) -> u32 {
        let id = u32::try_from(self.parent.len()).expect("fewer domains than ports");
        self.parent.push(id);
        self.takes.push(takes);
        self.claims.push(Vec::new());
        id
    }

    /// Says that something at the edge of a domain expects networks in it.
    pub(super) fn claim(&mut self, domain: u32, carried: &[Carried]) {
        self.claims[domain as usize].extend_from_slice(carried);
    }

    /// A cable joins two domains.
    pub(super) fn join(&mut self, one: u32, other: u32) {
        let (one, other) = (self.root(one), self.root(other));
        self.parent[one.max(other) as usize] = one.min(other);
    }

    fn root(&self, mut domain: u32) -> u32 {
        while self.parent[domain as usize] != domain {
            domain = self.parent[domain as usize];
        }
        domain
    }

    /// After all joins: what each domain carries.
    pub(super) fn resolve(&self) -> Vec<Vec<Net>> {
        let count = self.parent.len();
        let mut joined: Vec<Joined> = (0..count).map(|_| Joined::default()).collect();
        for domain in 0..count as u32 {
            let (root, own) = (self.root(domain) as usize, domain as usize);
            joined[root].claims.extend_from_slice(&self.claims[own]);
            joined[root].has_interface |= self.takes[own] != Takes::All;
            joined[root].has_line |= self.takes[own] == Takes::Line;
        }
        (0..count as u32)
            .map(|domain| {
                let root = self.root(domain);
                joined[root as usize].nets(self.takes[domain as usize], root, self.only)
            })
            .collect()
    }
}

/// What is known of domains that are joined.
#[derive(Default)]
struct Joined {
    claims: Vec<Carried>,
    has_interface: bool,
    has_line: bool,
}

impl Joined {
    fn nets(&self, takes: Takes, root: u32, only: Option<Net>) -> Vec<Net> {
        if self.claims.is_empty() {
            let unnamed = self.has_interface.then_some(Net::Unnamed(root));
            let named = only.filter(|_| self.has_interface && !self.has_line);
            return named.or(unnamed).into_iter().collect();
        }
        match takes {
            Takes::All => {
                let all: BTreeSet<Net> = self.claims.iter().map(|carried| carried.net).collect();
                all.into_iter().collect()
            }
            Takes::One | Takes::Line => vec![self.most_claimed()],
        }
    }

    /// The network that most edges of the domain expect without a tag; with a tag when none is without.
    fn most_claimed(&self) -> Net {
        let tagged = self.claims.iter().all(|carried| carried.tagged);
        let of_kind =
            || self.claims.iter().filter(|carried| carried.tagged == tagged).map(|carried| carried.net);
        let count = |net: Net| of_kind().filter(|&other| other == net).count();
        let best = of_kind().min_by_key(|&net| (std::cmp::Reverse(count(net)), net));
        best.expect("there is a claim")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vlan(number: u32, tagged: bool) -> Carried {
        Carried { net: Net::Vlan(VlanIdOf(number)), tagged }
    }

    #[test]
    fn a_plain_switch_carries_what_is_claimed_and_an_interface_takes_what_has_no_tag() {
        let mut domains = Domains::default();
        let (switch, other, host) =
            (domains.add(Takes::All), domains.add(Takes::All), domains.add(Takes::One));
        domains.claim(switch, &[vlan(3, true), vlan(2, false)]);
        domains.join(switch, other);
        domains.join(other, host);
        let nets = domains.resolve();
        assert_eq!(nets[1], [Net::Vlan(VlanIdOf(2)), Net::Vlan(VlanIdOf(3))]);
        assert_eq!(nets[2], [Net::Vlan(VlanIdOf(2))]);
    }

    #[test]
    fn what_nobody_names_is_a_network_of_its_own() {
        let mut domains = Domains::default();
        let (router, line, idle) =
            (domains.add(Takes::One), domains.add(Takes::Line), domains.add(Takes::All));
        domains.join(router, line);
        let nets = domains.resolve();
        assert_eq!((&nets[0][..], &nets[1][..]), (&[Net::Unnamed(router)][..], &[Net::Unnamed(router)][..]));
        assert_eq!(nets[idle as usize], []);
    }
}
