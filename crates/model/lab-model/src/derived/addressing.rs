//! Which addresses are whose: a table over everything that holds one, and the tree of prefixes.

use super::Derived;
use crate::grammar::{AddressRange, Grammar, Prefix};
use crate::lab::{Kind, Lab, PrefixId, ThingId, VlanIdOf};
use crate::record::{BAD_VALUE, Named};
use crate::written::{AddressUse, HostAddress, PrefixPlan};
use ipnet::IpNet;
use lab_source::{Diagnostic, Span};
use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;
use std::sync::Arc;

/// Why an address is taken.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum AddressRole {
    /// Fixed on an interface.
    Interface,
    /// Kept for an interface by DHCP.
    Reservation,
    /// Moves between members.
    Vip,
    /// A router's, said by the prefix.
    Gateway,
    /// A service's own.
    Service,
    /// The API of a cluster.
    Api,
    /// A DNS record's.
    Name,
}

/// One use of an address.
#[derive(Clone, Debug)]
pub struct Assignment {
    /// The address.
    pub address: IpAddr,
    /// The prefix length given with it.
    pub length: Option<u8>,
    /// Whose it is.
    pub owner: ThingId,
    /// On which interface; empty when that makes no sense.
    pub interface: Arc<str>,
    /// Why it is taken.
    pub role: AddressRole,
    /// The smallest prefix of the lab that holds it.
    pub prefix: Option<PrefixId>,
    /// Where it is written.
    pub span: Span,
}

/// A part of a prefix that has a use.
#[derive(Clone, Debug)]
pub struct RangeOf {
    /// The addresses.
    pub range: AddressRange,
    /// The use as written: `dhcp`, `static`, words.
    pub purpose: Arc<str>,
    /// Where it is written.
    pub span: Span,
}

impl RangeOf {
    /// True when DHCP hands these out.
    pub fn is_dhcp(&self) -> bool {
        &*self.purpose == "dhcp"
    }
}

/// A prefix with its place in the tree.
#[derive(Clone, Debug)]
pub struct PrefixFacts {
    /// As written, host bits kept; `None` when its name is not a prefix.
    pub written: Option<Prefix>,
    /// The network.
    pub network: Option<IpNet>,
    /// The smallest prefix around it.
    pub parent: Option<PrefixId>,
    /// Those directly inside.
    pub children: Vec<PrefixId>,
    /// Parts with a use.
    pub ranges: Vec<RangeOf>,
    /// The VLAN it is used in.
    pub vlan: Option<VlanIdOf>,
}

/// Prefixes by network, with the lengths that occur: an address is looked up once a length, the longest first.
#[derive(Default, Debug)]
pub(crate) struct PrefixIndex {
    networks: HashMap<IpNet, PrefixId>,
    lengths: BTreeSet<u8>,
}

impl PrefixIndex {
    fn of(prefixes: &[PrefixFacts]) -> Self {
        let mut index = Self::default();
        for (id, facts) in (0u32..).map(PrefixId).zip(prefixes) {
            let Some(network) = facts.network else { continue };
            index.networks.entry(network).or_insert(id);
            index.lengths.insert(network.prefix_len());
        }
        index
    }

    fn find(&self, address: IpAddr) -> Option<PrefixId> {
        let network = |&length: &u8| Some(IpNet::new(address, length).ok()?.trunc());
        self.lengths.iter().rev().filter_map(network).find_map(|network| self.networks.get(&network).copied())
    }
}

/// Fills prefixes and assignments.
pub(super) fn derive(lab: &Lab, derived: &mut Derived, findings: &mut Vec<Diagnostic>) {
    derived.prefixes = lab
        .prefixes
        .iter()
        .map(|(_, plan)| prefix_facts(&plan.name.text, plan.name.span, plan, findings))
        .collect();
    derived.prefix_index = PrefixIndex::of(&derived.prefixes);
    build_tree(derived);
    collect(lab, derived);
    derived.assignments.sort_by_key(|assignment| (assignment.address, assignment.owner, assignment.span));
    for (index, assignment) in derived.assignments.iter().enumerate() {
        derived.assignments_of.entry(assignment.owner).or_default().push(index);
    }
}

fn prefix_facts(name: &str, span: Span, plan: &PrefixPlan, findings: &mut Vec<Diagnostic>) -> PrefixFacts {
    let written = match Prefix::parse(name) {
        Ok(prefix) => Some(prefix),
        Err(error) => {
            findings.push(bad(&error, name, span));
            None
        }
    };
    let mut ranges = Vec::new();
    for (range, purpose) in plan.ranges.iter() {
        match AddressRange::parse(&range.text) {
            Ok(parsed) => ranges.push(RangeOf {
                range: parsed,
                purpose: purpose.r#use.as_ref().map_or_else(|| Arc::from(""), |text| text.text.clone()),
                span: range.span,
            }),
            Err(error) => findings.push(bad(&error, &range.text, range.span)),
        }
    }
    let network = written.map(Prefix::network);
    let vlan = plan.vlan.as_ref().and_then(|vlan| vlan.id);
    PrefixFacts { written, network, parent: None, children: Vec::new(), ranges, vlan }
}

fn bad(error: &crate::grammar::GrammarError, text: &str, span: Span) -> Diagnostic {
    let inside = (span.end - span.start) as usize == text.len();
    let at = if inside && !error.at.is_empty() { span.part(error.at.start, error.at.end) } else { span };
    let finding = Diagnostic::error(BAD_VALUE, error.message.clone()).at(at, "here");
    match &error.help {
        Some(help) => finding.help(help.clone()),
        None => finding,
    }
}

/// Sorted by network, larger first, a stack of the networks around gives each its parent.
fn build_tree(derived: &mut Derived) {
    let mut order: Vec<(IpNet, PrefixId)> = (0u32..)
        .map(PrefixId)
        .zip(&derived.prefixes)
        .filter_map(|(id, facts)| facts.network.map(|network| (network, id)))
        .collect();
    order.sort_by_key(|(network, id)| (network.network(), network.prefix_len(), *id));
    let mut around: Vec<(IpNet, PrefixId)> = Vec::new();
    for (network, id) in order {
        while around.last().is_some_and(|(outer, _)| !outer.contains(&network)) {
            around.pop();
        }
        if let Some(&(outer, parent)) = around.last()
            && outer != network
        {
            derived.prefixes[id.0 as usize].parent = Some(parent);
            derived.prefixes[parent.0 as usize].children.push(id);
        }
        around.push((network, id));
    }
}

fn collect(lab: &Lab, derived: &mut Derived) {
    let none: Arc<str> = Arc::from("");
    for (id, host) in lab.hosts.iter() {
        collect_interfaces(&host.addresses, id.into(), derived);
    }
    for (id, vm) in lab.vms.iter() {
        collect_interfaces(&vm.addresses, id.into(), derived);
    }
    for (id, device) in lab.devices.iter() {
        collect_interfaces(&device.addresses, id.into(), derived);
    }
    for (id, bridge) in lab.bridges.iter() {
        let owner = bridge.on.as_ref().and_then(|on| on.id).unwrap_or_else(|| id.into());
        for address in &bridge.addresses {
            add_fixed(address.value, owner, &bridge.name.text, AddressRole::Interface, address.span, derived);
        }
    }
    for (id, vip) in lab.vips.iter() {
        for address in &vip.address {
            add(address.value.0, None, id.into(), &none, AddressRole::Vip, address.span, derived);
        }
    }
    for (id, plan) in lab.prefixes.iter() {
        if let Some(gateway) = &plan.gateway {
            add(gateway.value.0, None, id.into(), &none, AddressRole::Gateway, gateway.span, derived);
        }
        for (name, reservation) in plan.dhcp.iter().flat_map(|dhcp| dhcp.reservations.iter()) {
            if let Some(address) = &reservation.address {
                let said = reservation.host.as_ref().and_then(|host| host.id);
                let owner = said.or_else(|| lab.addressed(&name.text)).unwrap_or_else(|| id.into());
                add(address.value.0, None, owner, &none, AddressRole::Reservation, address.span, derived);
            }
        }
    }
    for (id, service) in lab.services.iter() {
        for address in &service.address {
            add(address.value.0, None, id.into(), &none, AddressRole::Service, address.span, derived);
        }
    }
    for (id, cluster) in lab.clusters.iter() {
        if let Some(address) = &cluster.api {
            add(address.value.0, None, id.into(), &none, AddressRole::Api, address.span, derived);
        }
    }
    for (id, record) in lab.names.iter() {
        for address in &record.addresses {
            add(address.value.0, None, id.into(), &none, AddressRole::Name, address.span, derived);
        }
    }
}

fn collect_interfaces(addresses: &Named<AddressUse>, owner: ThingId, derived: &mut Derived) {
    for (interface, uses) in addresses.iter() {
        let reserved = uses.reserved.as_ref().is_some_and(|reserved| reserved.value);
        let role = if reserved { AddressRole::Reservation } else { AddressRole::Interface };
        for address in &uses.address {
            add_fixed(address.value, owner, &interface.text, role, address.span, derived);
        }
    }
}

fn add_fixed(
    address: HostAddress,
    owner: ThingId,
    interface: &Arc<str>,
    role: AddressRole,
    span: Span,
    derived: &mut Derived,
) {
    if let HostAddress::Fixed(fixed) = address {
        add(fixed.address, fixed.length(), owner, interface, role, span, derived);
    }
}

fn add(
    address: IpAddr,
    length: Option<u8>,
    owner: ThingId,
    interface: &Arc<str>,
    role: AddressRole,
    span: Span,
    derived: &mut Derived,
) {
    let prefix = derived.prefix_of(address);
    let interface = interface.clone();
    derived.assignments.push(Assignment { address, length, owner, interface, role, prefix, span });
}

impl Lab {
    /// The host, virtual machine or device of a name, in this order.
    pub fn addressed(&self, name: &str) -> Option<ThingId> {
        [Kind::Host, Kind::Vm, Kind::Device].into_iter().find_map(|kind| self.find(kind, name))
    }
}

impl Derived {
    /// What is known of a prefix.
    pub fn prefix(&self, id: PrefixId) -> &PrefixFacts {
        &self.prefixes[id.0 as usize]
    }

    /// The smallest prefix of the lab that holds an address.
    pub fn prefix_of(&self, address: IpAddr) -> Option<PrefixId> {
        self.prefix_index.find(address)
    }

    /// All uses of addresses of one thing, in order of the address.
    pub fn addresses_of(&self, owner: impl Into<ThingId>) -> impl Iterator<Item = &Assignment> {
        let owner = owner.into();
        let indices = self.assignments_of.get(&owner).into_iter().flatten();
        indices.map(|&index| &self.assignments[index])
    }
}
