//! Vocabulary of the address rules: what prefixes are for, which network an address is on, who holds it.

use lab_model::Lab;
use lab_model::derived::{AddressRole, Assignment};
use lab_model::lab::{DeviceId, HostId, Kind, PrefixId, ThingId, VmId};
use lab_model::written::{DeviceRole, PrefixKind};
use std::net::IpAddr;

/// What each prefix is for.
pub(crate) struct Plan<'a> {
    lab: &'a Lab,
    uses: Vec<Option<PrefixKind>>,
}

impl<'a> Plan<'a> {
    /// Reads it off the lab: what the prefix says, else how clusters and VLANs use it.
    pub(crate) fn of(lab: &'a Lab) -> Self {
        let mut uses: Vec<Option<PrefixKind>> =
            lab.prefixes.iter().map(|(_, plan)| plan.kind.as_ref().map(|kind| kind.value)).collect();
        let mut guess = |id: PrefixId, kind: PrefixKind| {
            uses[id.0 as usize].get_or_insert(kind);
        };
        for (_, cluster) in lab.clusters.iter() {
            cluster.pods.iter().filter_map(|pods| pods.id).for_each(|id| guess(id, PrefixKind::Pods));
            cluster
                .services
                .iter()
                .filter_map(|range| range.id)
                .for_each(|id| guess(id, PrefixKind::Services));
        }
        for (id, plan) in lab.prefixes.iter() {
            if plan.vlan.is_some() || plan.unnumbered_vlan.as_ref().is_some_and(|said| said.value) {
                guess(id, PrefixKind::OnLink);
            }
        }
        let pools = lab.clusters.iter().flat_map(|(_, cluster)| cluster.load_balancers.ids());
        pools.for_each(|id| guess(id, PrefixKind::LoadBalancers));
        for (id, _) in lab.prefixes.iter() {
            if !lab.derived.prefix(id).children.is_empty() {
                guess(id, PrefixKind::Container);
            }
        }
        Self { lab, uses }
    }

    /// What a prefix is for; `None` when nothing tells.
    pub(crate) fn use_of(&self, id: PrefixId) -> Option<PrefixKind> {
        self.uses[id.0 as usize]
    }

    /// True when those who have an address in it reach each other without a router.
    pub(crate) fn is_link(&self, id: PrefixId) -> bool {
        use PrefixKind::{OnLink, PointToPoint, Transit, Tunnel};
        matches!(self.use_of(id), Some(OnLink | PointToPoint | Transit | Tunnel))
    }

    /// The network that an address is on: the smallest link that holds it, else the smallest prefix when nothing tells
    /// what that is for.
    pub(crate) fn link_of(&self, address: IpAddr) -> Option<PrefixId> {
        self.link_around(self.lab.derived.prefix_of(address)?)
    }

    /// The same for an address whose smallest prefix is known.
    pub(crate) fn link_around(&self, smallest: PrefixId) -> Option<PrefixId> {
        let mut around = Some(smallest);
        while let Some(id) = around {
            if self.is_link(id) {
                return Some(id);
            }
            around = self.lab.derived.prefix(id).parent;
        }
        self.use_of(smallest).is_none().then_some(smallest)
    }
}

/// All uses of an address.
pub(crate) fn uses_of(lab: &Lab, address: IpAddr) -> &[Assignment] {
    let all = &lab.derived.assignments;
    let start = all.partition_point(|other| other.address < address);
    let end = start + all[start..].partition_point(|other| other.address == address);
    &all[start..end]
}

/// True for uses that put an address on the wire. A gateway, an API or a name only points at one.
pub(crate) fn holds(role: AddressRole) -> bool {
    matches!(
        role,
        AddressRole::Interface | AddressRole::Reservation | AddressRole::Vip | AddressRole::Service
    )
}

/// Whoever answers to an address.
pub(crate) fn holder_of(lab: &Lab, address: IpAddr) -> Option<&Assignment> {
    uses_of(lab, address).iter().find(|assignment| holds(assignment.role))
}

/// How a finding calls the owner of an address.
pub(crate) fn owner_name(lab: &Lab, assignment: &Assignment) -> String {
    let name = lab.name(assignment.owner);
    match (&*assignment.interface, assignment.role) {
        (_, AddressRole::Gateway) => format!("the gateway of {name}"),
        (_, AddressRole::Reservation) => format!("the reservation of `{name}`"),
        (_, AddressRole::Api) => format!("the API of `{name}`"),
        ("", _) => format!("{} `{name}`", assignment.owner.kind.word()),
        (interface, _) => format!("`{name}`, interface `{interface}`"),
    }
}

/// True for addresses that nobody outside can reach: RFC 1918, RFC 4193, RFC 6598.
pub(crate) fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_private() || (v4.octets()[0] == 100 && v4.octets()[1] & 0xc0 == 64),
        IpAddr::V6(v6) => v6.segments()[0] & 0xfe00 == 0xfc00,
    }
}

/// True for addresses that mean something on one machine or link only.
pub(crate) fn is_local(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_loopback() || v4.is_link_local() || v4.is_unspecified(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unspecified() || v6.segments()[0] & 0xffc0 == 0xfe80,
    }
}

/// A thing and what stands for it: the device under a host, the host on a device.
pub(crate) fn alter_egos(lab: &Lab, thing: ThingId) -> Vec<ThingId> {
    let mut all = vec![thing];
    match thing.kind {
        Kind::Host => {
            all.extend(
                lab.derived
                    .machine(thing)
                    .into_iter()
                    .flat_map(|facts| &facts.devices)
                    .map(|device| ThingId::from(*device)),
            );
        }
        Kind::Device => {
            let hosts = lab.derived.hosts_on(DeviceId(thing.index));
            all.extend(hosts.iter().map(|host| ThingId::from(*host)));
        }
        _ => {}
    }
    all
}

/// True for what passes packets on: most routers answer for names and for the time as well.
pub(crate) fn forwards(lab: &Lab, machine: ThingId) -> bool {
    let says = match machine.kind {
        Kind::Host => lab.hosts[HostId(machine.index)].routes.as_ref().is_some_and(|routes| routes.value),
        Kind::Vm => lab.vms[VmId(machine.index)].routes.as_ref().is_some_and(|routes| routes.value),
        _ => false,
    };
    let devices = lab.derived.machine(machine).map_or(&[][..], |facts| &facts.devices);
    says || devices.iter().any(|device| {
        matches!(lab.derived.device(*device).role, Some(DeviceRole::Router | DeviceRole::Modem))
    })
}
