//! `show addresses`: the tree of prefixes with what is used, handed out and free in each, then every address with its
//! owner. A prefix, a VLAN, an address or the name of a thing narrows it.

use super::cables::lab_name;
use super::cell::{count, join, shown, texts, value, values};
use super::{Asked, ShowError, View};
use crate::document::{Block, Document, Table, Tree};
use ipnet::IpNet;
use lab_model::derived::{AddressRole, Assignment, PrefixFacts, RangeOf};
use lab_model::grammar::{AddressRange, Grammar};
use lab_model::lab::PrefixId;
use lab_model::{Kind, Lab, ThingId};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

pub(super) const VIEW: View = View {
    name: "addresses",
    summary: "prefixes with free space and the next free address, and who has which; of a prefix, VLAN or thing when named",
    document,
    drawing: None,
};

/// What stands beside each prefix, the most asked for first: a narrow terminal cuts at the right.
const HEADS: [&str; 7] = ["used", "free", "next free", "vlan", "gateway", "dhcp", "for"];

/// More gaps of a supernet than this are counted, not listed.
const GAPS_MAX: usize = 6;

/// What of the lab is shown.
struct Chosen {
    prefixes: BTreeSet<PrefixId>,
    owners: BTreeSet<ThingId>,
    addresses: BTreeSet<IpAddr>,
}

fn document(asked: &Asked<'_>) -> Result<Document, ShowError> {
    let lab = asked.lab;
    let chosen = choose(asked)?;
    let used = used(lab);
    let mut root = Tree::new("prefix");
    root.details = HEADS.map(str::to_owned).to_vec();
    for (id, _) in lab.prefixes.iter() {
        let is_top = match &chosen {
            Some(chosen) => chosen.prefixes.contains(&id),
            None => lab.derived.prefix(id).parent.is_none(),
        };
        if is_top {
            root.children.push(prefix_tree(lab, id, &used));
        }
    }
    let mut blocks = Vec::new();
    if !root.children.is_empty() {
        blocks.push(Block::Tree(root));
    }
    blocks.push(Block::Table(assignments(lab, chosen.as_ref())));
    let servers = servers(lab, chosen.as_ref());
    if !servers.rows.is_empty() {
        blocks.push(Block::Table(servers));
    }
    Ok(Document { title: format!("{}: addresses", lab_name(lab)), blocks })
}

fn choose(asked: &Asked<'_>) -> Result<Option<Chosen>, ShowError> {
    let lab = asked.lab;
    if asked.names.is_empty() {
        return Ok(None);
    }
    let mut chosen =
        Chosen { prefixes: BTreeSet::new(), owners: BTreeSet::new(), addresses: BTreeSet::new() };
    for name in asked.names {
        let before = chosen.prefixes.len() + chosen.owners.len() + chosen.addresses.len();
        if let Ok(address) = lab_model::grammar::Address::parse(name) {
            chosen.addresses.insert(address.0);
            chosen.prefixes.extend(lab.derived.prefix_of(address.0));
        }
        if let Some(vlan) = lab.vlans.find(name) {
            let of_vlan = lab.prefixes.iter().filter(|(id, _)| lab.derived.prefix(*id).vlan == Some(vlan));
            chosen.prefixes.extend(of_vlan.map(|(id, _)| id));
        }
        chosen.prefixes.extend(lab.prefixes.find(name));
        for &kind in Kind::ALL.iter().filter(|kind| !matches!(kind, Kind::Vlan | Kind::Prefix)) {
            chosen.owners.extend(lab.find(kind, name));
        }
        if chosen.prefixes.len() + chosen.owners.len() + chosen.addresses.len() == before {
            let prefixes = lab.prefixes.iter().map(|(_, prefix)| &*prefix.name.text);
            let vlans = lab.vlans.iter().map(|(_, vlan)| &*vlan.name.text);
            let owners = lab.derived.assignments.iter().map(|of| &*lab.name(of.owner).text);
            return Err(ShowError::unknown(
                "prefix, VLAN or thing",
                name,
                prefixes.chain(vlans).chain(owners),
            ));
        }
    }
    Ok(Some(chosen))
}

/// The distinct addresses in use, by the prefix around them.
fn used(lab: &Lab) -> BTreeMap<PrefixId, BTreeSet<IpAddr>> {
    let mut used: BTreeMap<PrefixId, BTreeSet<IpAddr>> = BTreeMap::new();
    for assignment in &lab.derived.assignments {
        if let Some(prefix) = assignment.prefix {
            used.entry(prefix).or_default().insert(assignment.address);
        }
    }
    used
}

fn prefix_tree(lab: &Lab, id: PrefixId, used: &BTreeMap<PrefixId, BTreeSet<IpAddr>>) -> Tree {
    let (plan, facts) = (&lab.prefixes[id], lab.derived.prefix(id));
    let none = BTreeSet::new();
    let taken = used.get(&id).unwrap_or(&none);
    let vlan = facts.vlan.map_or_else(String::new, |vlan| {
        let number = lab.vlans[vlan].id.as_ref().map_or_else(String::new, |id| format!(" ({})", id.value));
        format!("{}{number}", lab.vlans[vlan].name)
    });
    let space = facts.network.map(|network| Space::of(lab, id, network, taken));
    let is_parent = !facts.children.is_empty();
    let free = space.as_ref().filter(|_| !is_parent).map(|space| count(space.free));
    let next = space.as_ref().filter(|_| !is_parent).and_then(|space| space.next);
    let kind = plan.kind.as_ref().map(|kind| kind.value.to_string());
    let words = [shown(kind), shown(plan.description.as_ref())];
    let mut tree = Tree::new(plan.name.to_string());
    tree.details = vec![
        if taken.is_empty() { String::new() } else { taken.len().to_string() },
        shown(free),
        shown(next),
        vlan,
        value(&plan.gateway),
        space.as_ref().filter(|space| space.dhcp > 0).map_or_else(String::new, |space| count(space.dhcp)),
        join(words.iter().map(String::as_str), ": "),
    ];
    for range in &facts.ranges {
        tree.children.push(range_tree(range, facts.network, &kept(facts), taken));
    }
    let mut children = facts.children.clone();
    children.sort_by_key(|child| lab.derived.prefix(*child).network);
    tree.children.extend(children.iter().map(|child| prefix_tree(lab, *child, used)));
    if let Some(network) = facts.network.filter(|_| is_parent) {
        let inside: Vec<IpNet> =
            children.iter().filter_map(|child| lab.derived.prefix(*child).network).collect();
        tree.children.extend(gaps(network, &inside));
    }
    tree
}

fn range_tree(of: &RangeOf, network: Option<IpNet>, kept: &[(u128, u128)], taken: &BTreeSet<IpAddr>) -> Tree {
    let range = of.range;
    // The network's own address and the broadcast address are in many ranges and never free.
    let (low, high) = network.map_or((range.first(), range.last()), usable);
    let (first, last) = (range.first().max(low), range.last().min(high));
    let inside = if first <= last { taken.range(first..=last).count() } else { 0 };
    let size = range.count();
    let free = size.filter(|_| !of.is_dhcp()).map(|size| size.saturating_sub(inside as u128));
    let next = (!of.is_dhcp() && first <= last).then(|| next_free(first, last, taken, kept)).flatten();
    let mut tree = Tree::new(range.to_string());
    tree.details = vec![
        if inside > 0 { inside.to_string() } else { String::new() },
        shown(free.map(count)),
        shown(next),
        String::new(),
        String::new(),
        if of.is_dhcp() { shown(size.map(count)) } else { String::new() },
        of.purpose.to_string(),
    ];
    tree
}

/// The parts of a prefix that nobody should take an address from, sorted.
fn kept(facts: &PrefixFacts) -> Vec<(u128, u128)> {
    let mut kept: Vec<(u128, u128)> = facts
        .ranges
        .iter()
        .filter(|range| range.is_dhcp() || &*range.purpose == "reserved")
        .map(|range| (number(range.range.first()), number(range.range.last())))
        .collect();
    kept.sort_unstable();
    kept
}

/// What is left of a prefix.
struct Space {
    /// How many addresses DHCP hands out.
    dhcp: u128,
    /// How many are neither used nor for DHCP.
    free: u128,
    /// The first of those.
    next: Option<IpAddr>,
}

impl Space {
    fn of(lab: &Lab, id: PrefixId, network: IpNet, taken: &BTreeSet<IpAddr>) -> Self {
        let facts = lab.derived.prefix(id);
        let (first, last) = usable(network);
        let kept = kept(facts);
        let of_dhcp =
            facts.ranges.iter().filter(|range| range.is_dhcp()).filter_map(|range| range.range.count());
        let all = number(last) - number(first) + 1;
        let is_kept =
            |address: &IpAddr| kept.iter().any(|(low, high)| (*low..=*high).contains(&number(*address)));
        let own = taken.iter().filter(|address| !is_kept(address)).count() as u128;
        let in_ranges: u128 =
            kept.iter().map(|(low, high)| (high - low).saturating_add(1)).fold(0, u128::saturating_add);
        Self {
            dhcp: of_dhcp.fold(0, u128::saturating_add),
            free: all.saturating_sub(own).saturating_sub(in_ranges),
            next: next_free(first, last, taken, &kept),
        }
    }
}

/// First and last address that a host may have: not the network's and not the broadcast address, where there are such
/// (RFC 3021 has neither in a /31).
fn usable(network: IpNet) -> (IpAddr, IpAddr) {
    match network {
        IpNet::V4(v4) if v4.prefix_len() < 31 => {
            let (first, last) = (u32::from(v4.network()), u32::from(v4.broadcast()));
            (IpAddr::V4((first + 1).into()), IpAddr::V4((last - 1).into()))
        }
        IpNet::V4(v4) => (IpAddr::V4(v4.network()), IpAddr::V4(v4.broadcast())),
        IpNet::V6(v6) => {
            let first = u128::from(v6.network());
            // The first address of a subnet is the routers' anycast address (RFC 4291, 2.6.1).
            let first = if v6.prefix_len() < 127 { first + 1 } else { first };
            (IpAddr::V6(first.into()), IpAddr::V6(v6.broadcast()))
        }
    }
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => u128::from(u32::from(v4)),
        IpAddr::V6(v6) => u128::from(v6),
    }
}

fn address(number: u128, like: IpAddr) -> Option<IpAddr> {
    match like {
        IpAddr::V4(_) => u32::try_from(number).ok().map(|number| IpAddr::V4(number.into())),
        IpAddr::V6(_) => Some(IpAddr::V6(number.into())),
    }
}

/// The first address that is not taken and in none of the sorted ranges. Steps over as many as are taken, at most.
fn next_free(first: IpAddr, last: IpAddr, taken: &BTreeSet<IpAddr>, kept: &[(u128, u128)]) -> Option<IpAddr> {
    let mut at = number(first);
    let mut kept = kept.iter().peekable();
    let mut used = taken.range(first..=last).map(|address| number(*address)).peekable();
    while at <= number(last) {
        if let Some((low, high)) = kept.peek()
            && *low <= at
        {
            at = if *high >= at { high.checked_add(1)? } else { at };
            kept.next();
        } else if let Some(&next) = used.peek()
            && next <= at
        {
            at = if next == at { at.checked_add(1)? } else { at };
            used.next();
        } else {
            return address(at, first);
        }
    }
    None
}

/// What of a supernet belongs to none of the prefixes inside, which are sorted.
fn gaps(network: IpNet, inside: &[IpNet]) -> Vec<Tree> {
    let like = network.network();
    let end = number(network.broadcast());
    let mut at = Some(number(network.network()));
    let mut gaps: Vec<(u128, u128)> = Vec::new();
    for child in inside {
        let (low, high) = (number(child.network()), number(child.broadcast()));
        if let Some(from) = at
            && from < low
        {
            gaps.push((from, low - 1));
        }
        at = at.and_then(|from| Some(from.max(high.checked_add(1)?)));
    }
    gaps.extend(at.filter(|from| *from <= end).map(|from| (from, end)));
    let more = gaps.len().saturating_sub(GAPS_MAX);
    let shown = gaps.iter().take(GAPS_MAX).filter_map(|(low, high)| {
        let range = AddressRange::new(address(*low, like)?, address(*high, like)?)?;
        let mut tree = Tree::new(format!("free {range}"));
        tree.details = vec![String::new(), shown(range.count().map(count))];
        Some(tree)
    });
    let rest = (more > 0).then(|| Tree::new(format!("and {more} more free parts")));
    shown.chain(rest).collect()
}

/// What an address is for, in a word.
fn role(role: AddressRole) -> &'static str {
    match role {
        AddressRole::Interface => "",
        AddressRole::Reservation => "reservation",
        AddressRole::Vip => "VIP",
        AddressRole::Gateway => "gateway",
        AddressRole::Service => "service",
        AddressRole::Api => "API",
        AddressRole::Name => "name",
    }
}

/// Owners that share an address, such as a gateway and its VIP, stand on lines of their own.
fn assignments(lab: &Lab, chosen: Option<&Chosen>) -> Table {
    let mut table =
        Table::new(&["address", "owner", "interface", "~as", "-prefix", "~vlan", "-mac"]).titled("Addresses");
    let is_chosen = |assignment: &&Assignment| {
        chosen.is_none_or(|chosen| {
            let holds = |prefix: PrefixId| is_inside(lab, prefix, &chosen.prefixes);
            chosen.owners.contains(&assignment.owner)
                || chosen.addresses.contains(&assignment.address)
                || (chosen.addresses.is_empty() && assignment.prefix.is_some_and(holds))
        })
    };
    for assignment in lab.derived.assignments.iter().filter(is_chosen) {
        let facts = assignment.prefix.map(|prefix| lab.derived.prefix(prefix));
        let length = assignment.length.map_or_else(String::new, |length| format!("/{length}"));
        table.row([
            format!("{}{length}", assignment.address),
            lab.subject(assignment.owner),
            assignment.interface.to_string(),
            role(assignment.role).to_owned(),
            assignment.prefix.map_or_else(String::new, |prefix| lab.prefixes[prefix].name.to_string()),
            facts
                .and_then(|facts| facts.vlan)
                .map_or_else(String::new, |vlan| lab.vlans[vlan].name.to_string()),
            mac(lab, assignment),
        ]);
    }
    table
}

/// The addresses of one thing.
pub(super) fn of_owner(lab: &Lab, owner: ThingId) -> Table {
    let owners = BTreeSet::from([owner]);
    let chosen = Chosen { prefixes: BTreeSet::new(), owners, addresses: BTreeSet::new() };
    assignments(lab, Some(&chosen))
}

/// The MAC that a reservation is for.
fn mac(lab: &Lab, assignment: &Assignment) -> String {
    if assignment.role != AddressRole::Reservation {
        return String::new();
    }
    let reservations = assignment.prefix.into_iter().flat_map(|prefix| &lab.prefixes[prefix].dhcp);
    let found = reservations.flat_map(|dhcp| dhcp.reservations.iter()).find(|(_, reservation)| {
        reservation.address.as_ref().is_some_and(|at| at.value.0 == assignment.address)
    });
    found.map_or_else(String::new, |(_, reservation)| value(&reservation.mac))
}

fn is_inside(lab: &Lab, prefix: PrefixId, chosen: &BTreeSet<PrefixId>) -> bool {
    let mut at = Some(prefix);
    while let Some(here) = at {
        if chosen.contains(&here) {
            return true;
        }
        at = lab.derived.prefix(here).parent;
    }
    false
}

/// DHCP, name and time servers of each prefix.
fn servers(lab: &Lab, chosen: Option<&Chosen>) -> Table {
    let heads = ["prefix", "dhcp by", "failover", ">lease", "dns", "ntp", "-domain", "~routers"];
    let mut table = Table::new(&heads).titled("What hosts are given");
    for (id, plan) in lab.prefixes.iter() {
        let says =
            plan.dhcp.is_some() || !plan.dns.is_empty() || !plan.ntp.is_empty() || !plan.routers.is_empty();
        if !says || chosen.is_some_and(|chosen| !is_inside(lab, id, &chosen.prefixes)) {
            continue;
        }
        let dhcp = plan.dhcp.as_ref();
        table.row([
            plan.name.to_string(),
            dhcp.map_or_else(String::new, |dhcp| super::cell::refs(&dhcp.by)),
            dhcp.map_or_else(String::new, |dhcp| value(&dhcp.failover)),
            dhcp.map_or_else(String::new, |dhcp| value(&dhcp.lease)),
            values(&plan.dns),
            texts(&plan.ntp),
            dhcp.map_or_else(String::new, |dhcp| shown(dhcp.domain.as_ref())),
            super::cell::refs(&plan.routers),
        ]);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_free_address_is_outside_what_is_kept() {
        let check = |network: &str, taken: &[&str], kept: &[(&str, &str)], expect: &str| {
            let (first, last) = usable(network.parse().unwrap());
            let taken: BTreeSet<IpAddr> = taken.iter().map(|text| text.parse().unwrap()).collect();
            let parse = |text: &str| number(text.parse().unwrap());
            let kept: Vec<(u128, u128)> = kept.iter().map(|(low, high)| (parse(low), parse(high))).collect();
            let found = next_free(first, last, &taken, &kept);
            assert_eq!(shown(found), expect, "{network} {taken:?}");
        };
        check("10.0.0.0/24", &[], &[], "10.0.0.1");
        check("10.0.0.0/24", &["10.0.0.1", "10.0.0.2", "10.0.0.4"], &[], "10.0.0.3");
        check("10.0.0.0/24", &["10.0.0.1"], &[("10.0.0.2", "10.0.0.99")], "10.0.0.100");
        check("10.0.0.0/30", &["10.0.0.1", "10.0.0.2"], &[], "");
        check("10.0.0.0/31", &["10.0.0.0"], &[], "10.0.0.1");
        check("10.0.0.5/32", &[], &[], "10.0.0.5");
        check("fd00::/64", &["fd00::1"], &[], "fd00::2");
        check("255.255.255.0/24", &[], &[("255.255.255.0", "255.255.255.255")], "");
    }

    #[test]
    fn gaps_are_what_no_child_takes() {
        let names = |network: &str, inside: &[&str]| -> Vec<String> {
            let inside: Vec<IpNet> = inside.iter().map(|text| text.parse().unwrap()).collect();
            gaps(network.parse().unwrap(), &inside).into_iter().map(|tree| tree.label).collect()
        };
        assert_eq!(names("10.0.0.0/8", &["10.0.0.0/9"]), ["free 10.128.0.0/9"]);
        assert_eq!(names("0.0.0.0/0", &["128.0.0.0/1"]), ["free 0.0.0.0/1"]);
        assert_eq!(names("::/0", &["8000::/1"]).len(), 1);
        assert!(names("10.0.0.0/24", &["10.0.0.0/25", "10.0.0.128/25"]).is_empty());
    }
}
