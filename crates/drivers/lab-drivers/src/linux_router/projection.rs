//! From a lab to what one router has to do, as plain values: interfaces, zones behind them, addresses that move, partners,
//! neighbours, networks it hands out addresses in. What the lab does not say is left out and told.

use ipnet::IpNet;
use lab_model::derived::AddressRole;
use lab_model::lab::{DeviceId, HostId, Kind, PrefixId, VlanIdOf};
use lab_model::written::{HostAddress, PrefixKind, VipProtocol};
use lab_model::{Lab, ThingId};
use lab_reach::{Policy, Session, ZonePolicy};
use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

/// An interface of the router.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Interface {
    pub(super) name: Arc<str>,
    /// Its fixed addresses with the lengths of their networks.
    pub(super) addresses: Vec<IpNet>,
    pub(super) is_outside: bool,
}

/// A zone as this router meets it.
#[derive(Clone, Debug)]
pub(super) struct Side<'a> {
    pub(super) zone: &'a ZonePolicy,
    /// The interfaces that lead to it; none when another router does.
    pub(super) interfaces: Vec<Arc<str>>,
}

/// An address that this router shares with others.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Shared {
    pub(super) name: String,
    pub(super) id: u8,
    pub(super) interface: Arc<str>,
    pub(super) addresses: Vec<IpNet>,
    /// 0 for the preferred member.
    pub(super) rank: usize,
    pub(super) interval_ms: u64,
    /// The names of all members together: those that move together.
    pub(super) group: String,
}

/// The other router of a pair.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Partner {
    pub(super) thing: ThingId,
    /// The interface between the two.
    pub(super) interface: Arc<str>,
    pub(super) own: IpAddr,
    pub(super) other: IpAddr,
    pub(super) syncs_state: bool,
    /// All addresses of the partner on links that both are on.
    pub(super) addresses: Vec<IpAddr>,
}

/// Everything that the files of one router are made of.
#[derive(Debug)]
pub(super) struct Router<'a> {
    pub(super) lab: &'a Lab,
    pub(super) thing: ThingId,
    pub(super) policy: &'a Policy,
    pub(super) interfaces: Vec<Interface>,
    pub(super) sides: Vec<Side<'a>>,
    pub(super) shared: Vec<Shared>,
    pub(super) partner: Option<Partner>,
    /// The only member at a time that holds the line, when it is shared so.
    pub(super) shares_line: bool,
    pub(super) sessions: Vec<Session>,
    /// Next hops to the outside.
    pub(super) default_via: Vec<IpAddr>,
    pub(super) notes: Vec<String>,
}

/// What `thing` has to do as a router of the lab.
pub(super) fn project<'a>(lab: &'a Lab, thing: ThingId, policy: &'a Policy) -> Router<'a> {
    let mut router = Router {
        lab,
        thing,
        policy,
        interfaces: interfaces(lab, thing),
        sides: Vec::new(),
        shared: Vec::new(),
        partner: None,
        shares_line: false,
        sessions: lab_reach::sessions(lab).into_iter().filter(|s| s.seen_from(thing).is_some()).collect(),
        default_via: Vec::new(),
        notes: Vec::new(),
    };
    router.add_sides();
    router.add_partner();
    router.add_shared();
    router.add_default();
    router.notes.extend(policy.unresolved.iter().map(|lost| {
        format!(
            "`{}` may reach `{}`, but nothing says which address that has: it stays closed",
            lost.from, lost.to
        )
    }));
    router
}

/// The device under a machine and the machines on a device: names for one router.
pub(super) fn is_same(lab: &Lab, one: ThingId, two: ThingId) -> bool {
    let device = |thing: ThingId| match thing.kind {
        Kind::Host => lab.hosts[HostId(thing.index)].on.as_ref().and_then(|on| on.id),
        Kind::Device => Some(DeviceId(thing.index)),
        _ => None,
    };
    one == two || (device(one).is_some() && device(one) == device(two))
}

fn interfaces(lab: &Lab, thing: ThingId) -> Vec<Interface> {
    let outside = lab_reach::outside_interfaces(lab, thing);
    let mut found: Vec<Interface> = Vec::new();
    for assignment in lab.derived.addresses_of(thing).filter(|a| a.role == AddressRole::Interface) {
        let network = assignment.prefix.and_then(|prefix| lab.derived.prefix(prefix).network);
        let length = assignment.length.or(network.map(|network| network.prefix_len()));
        let Some(address) = length.and_then(|length| IpNet::new(assignment.address, length).ok()) else {
            continue;
        };
        match found.iter_mut().find(|interface| interface.name == assignment.interface) {
            Some(interface) => interface.addresses.push(address),
            None => found.push(Interface {
                name: assignment.interface.clone(),
                addresses: vec![address],
                is_outside: outside.contains(&assignment.interface),
            }),
        }
    }
    for name in outside {
        if !found.iter().any(|interface| interface.name == name) {
            found.push(Interface { name, addresses: Vec::new(), is_outside: true });
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

impl<'a> Router<'a> {
    pub(super) fn name(&self) -> String {
        self.lab.name(self.thing).to_string()
    }

    /// True when `other` is this router, under either of its names.
    pub(super) fn is(&self, other: ThingId) -> bool {
        is_same(self.lab, self.thing, other)
    }

    /// The interfaces that lead outside.
    pub(super) fn outside(&self) -> Vec<&Arc<str>> {
        self.interfaces
            .iter()
            .filter(|interface| interface.is_outside)
            .map(|interface| &interface.name)
            .collect()
    }

    /// The interface with an address in the network of `address`, and that network's length.
    pub(super) fn interface_to(&self, address: IpAddr) -> Option<(&Interface, u8)> {
        self.interfaces.iter().find_map(|interface| {
            let net = interface.addresses.iter().find(|net| net.contains(&address))?;
            Some((interface, net.prefix_len()))
        })
    }

    /// An address of its own as IPv4, the first in order: what names it to other routers.
    pub(super) fn router_id(&self) -> Option<IpAddr> {
        let inside = self.interfaces.iter().filter(|interface| !interface.is_outside);
        inside.flat_map(|interface| &interface.addresses).map(IpNet::addr).filter(IpAddr::is_ipv4).min()
    }

    fn add_sides(&mut self) {
        for zone in &self.policy.zones {
            let leads_there = |interface: &&Interface| {
                !interface.is_outside
                    && interface.addresses.iter().any(|net| zone.members.contains(net.addr()))
            };
            let mut names: Vec<Arc<str>> =
                self.interfaces.iter().filter(leads_there).map(|interface| interface.name.clone()).collect();
            if names.is_empty() {
                names = self.stand_in(zone).into_iter().collect();
            }
            self.sides.push(Side { zone, interfaces: names });
        }
    }

    /// A name for an interface that must be there and is not written: that of the zone's VLAN.
    fn stand_in(&mut self, zone: &ZonePolicy) -> Option<Arc<str>> {
        let record = &self.lab.zones[zone.id];
        let in_zone = |prefix: PrefixId| {
            let vlan = self.lab.derived.prefix(prefix).vlan;
            record.of.ids().any(|member| {
                PrefixId::try_from(member) == Ok(prefix)
                    || VlanIdOf::try_from(member).ok().is_some_and(|of| Some(of) == vlan)
            })
        };
        let mine = self.lab.prefixes.iter().filter(|(id, _)| in_zone(*id));
        let (_, prefix) =
            mine.into_iter().find(|(_, prefix)| prefix.routers.ids().any(|router| self.is(router)))?;
        let vlan = prefix.vlan.as_ref().and_then(|vlan| vlan.id)?;
        let number = self.lab.vlans[vlan].id.as_ref()?.value;
        let name: Arc<str> = Arc::from(format!("vlan{number}"));
        self.notes.push(format!(
            "the interface of {} in `{}` is not written: `{name}` stands for it, and its address is left out",
            self.name(),
            zone.name
        ));
        self.interfaces.push(Interface { name: name.clone(), addresses: Vec::new(), is_outside: false });
        Some(name)
    }

    fn add_partner(&mut self) {
        let groups = self.lab.ha.iter().map(|(_, group)| group);
        let Some(group) = groups.into_iter().find(|group| group.members.ids().any(|member| self.is(member)))
        else {
            return;
        };
        self.shares_line = group.shared_line.is_some();
        let Some(other) = group.members.ids().find(|member| !self.is(*member)) else { return };
        let theirs = lab_reach::machine_addresses(self.lab, other);
        let mut links: Vec<(u8, &Interface, IpAddr, IpAddr)> = Vec::new();
        for interface in self.interfaces.iter().filter(|interface| !interface.is_outside) {
            for net in &interface.addresses {
                if let Some(address) = theirs.iter().find(|address| net.contains(*address)) {
                    links.push((self.quality(net.addr()), interface, net.addr(), *address));
                }
            }
        }
        let syncs_state = group.state_sync.as_ref().is_some_and(|sync| sync.value);
        let addresses = links.iter().map(|(_, _, _, other)| *other).collect();
        let Some((_, interface, own, other_address)) = links.into_iter().min_by_key(|(quality, ..)| *quality)
        else {
            self.notes.push(format!("no network joins {} and {}", self.name(), self.lab.name(other)));
            return;
        };
        self.partner = Some(Partner {
            thing: other,
            interface: interface.name.clone(),
            own,
            other: other_address,
            syncs_state,
            addresses,
        });
    }

    /// How well a link suits what two routers tell each other; lower is better: their own cable, then management.
    fn quality(&self, address: IpAddr) -> u8 {
        let prefix = self.lab.derived.prefix_of(address).map(|prefix| &self.lab.prefixes[prefix]);
        let is_own = prefix
            .and_then(|prefix| prefix.kind.as_ref())
            .is_some_and(|kind| kind.value == PrefixKind::PointToPoint);
        match (is_own, self.policy.zone_of(address)) {
            (true, _) => 0,
            (_, Some(zone)) if zone.is_management => 1,
            (_, Some(zone)) if zone.isolated.is_none() => 2,
            _ => 3,
        }
    }

    fn add_shared(&mut self) {
        for (_, vip) in self.lab.vips.iter() {
            let protocol = vip.protocol.as_ref().map(|protocol| protocol.value);
            if !matches!(protocol, Some(VipProtocol::Carp | VipProtocol::Vrrp)) {
                continue;
            }
            let Some(rank) = vip.members.ids().position(|member| self.is(member)) else { continue };
            let name = vip.name.to_string();
            let first = vip.address.first().map(|address| address.value.0);
            let place =
                first.and_then(|first| self.interface_to(first)).map(|(interface, _)| interface.name.clone());
            let Some(interface) = place else {
                self.notes.push(format!("{} has no address in the network of `{name}`", self.name()));
                continue;
            };
            let Some(id) = vip.id.as_ref().map(|id| id.value.get()) else {
                self.notes.push(format!("`{name}` has no `id`, so it is not shared"));
                continue;
            };
            if vip.authenticated.as_ref().is_some_and(|said| said.value) {
                self.notes.push(format!("`{name}`: VRRP version 3 has no password (RFC 9568); use one link that only routers are on"));
            }
            let addresses = vip.address.iter().filter_map(|address| {
                let (_, length) = self.interface_to(address.value.0)?;
                IpNet::new(address.value.0, length).ok()
            });
            let members: Vec<String> =
                vip.members.ids().map(|member| self.lab.name(member).to_string()).collect();
            self.shared.push(Shared {
                addresses: addresses.collect(),
                name,
                id,
                interface,
                rank,
                interval_ms: vip
                    .interval
                    .as_ref()
                    .map_or(1000, |interval| interval.value.milliseconds().max(10)),
                group: members.join("_"),
            });
        }
    }

    /// The next hop of each network between routers and a provider.
    fn add_default(&mut self) {
        for interface in self.interfaces.iter().filter(|interface| interface.is_outside) {
            for net in &interface.addresses {
                let prefix = self.lab.derived.prefix_of(net.addr()).map(|prefix| &self.lab.prefixes[prefix]);
                let gateway =
                    prefix.and_then(|prefix| prefix.gateway.as_ref()).map(|gateway| gateway.value.0);
                self.default_via.extend(gateway.filter(|gateway| !self.default_via.contains(gateway)));
            }
        }
        if self.outside().is_empty() {
            self.notes.push(format!("no interface of {} leads outside", self.name()));
        }
    }

    /// True when a service with a role runs on this router.
    pub(super) fn plays(&self, role: &str) -> bool {
        let has_role = |roles: &[lab_model::Text]| roles.iter().any(|known| &*known.text == role);
        self.lab
            .services
            .iter()
            .any(|(_, service)| has_role(&service.roles) && service.on.ids().any(|on| self.is(on)))
    }

    /// The networks in which this router hands out addresses, with its position among those that do.
    pub(super) fn hands_out(&self) -> Vec<(PrefixId, usize)> {
        let position =
            |(id, prefix): (PrefixId, &'a lab_model::lab::Entry<lab_model::written::PrefixPlan>)| {
                let dhcp = prefix.record.dhcp.as_ref()?;
                Some((id, dhcp.by.ids().position(|by| self.is(by))?))
            };
        self.lab.prefixes.iter().filter_map(position).collect()
    }

    /// Name servers that it asks itself, without itself.
    pub(super) fn upstream_resolvers(&self) -> Vec<IpAddr> {
        let said = match self.thing.kind {
            Kind::Host => &self.lab.hosts[HostId(self.thing.index)].dns,
            Kind::Vm => &self.lab.vms[lab_model::lab::VmId(self.thing.index)].dns,
            _ => return Vec::new(),
        };
        let own: BTreeSet<IpAddr> =
            self.interfaces.iter().flat_map(|i| &i.addresses).map(IpNet::addr).collect();
        let addresses = said.iter().filter_map(|text| text.text.parse::<IpAddr>().ok());
        addresses.filter(|address| !address.is_loopback() && !own.contains(address)).collect()
    }

    /// True when an interface outside gets its address from the provider.
    pub(super) fn asks_provider(&self) -> bool {
        let addresses = match self.thing.kind {
            Kind::Host => &self.lab.hosts[HostId(self.thing.index)].addresses,
            Kind::Vm => &self.lab.vms[lab_model::lab::VmId(self.thing.index)].addresses,
            _ => return false,
        };
        let mut all = addresses.iter().flat_map(|(_, uses)| &uses.address);
        all.any(|address| address.value == HostAddress::Dhcp)
    }
}
