//! Which VLANs machines use on which of their ports, however that is written: an address in a VLAN's prefix, a tagged
//! or untagged VLAN of an interface, the VLAN of a bridge or of a virtual card.

use crate::rules::addressing::plan::Plan;
use lab_model::Lab;
use lab_model::derived::{AddressRole, Attachment};
use lab_model::lab::{DeviceId, HostId, Kind, PrefixId, ThingId, VlanIdOf, VmId};
use lab_model::written::{AddressUse, HostAddress};
use lab_source::Span;
use std::collections::HashSet;
use std::net::IpAddr;
use std::sync::Arc;

/// One use of a VLAN by a machine.
#[derive(Clone, Debug)]
pub(crate) struct Claim<'a> {
    /// The machine or device.
    pub owner: ThingId,
    /// Its interface.
    pub interface: Arc<str>,
    /// The VLAN.
    pub vlan: VlanIdOf,
    /// Whether its frames have the tag; `None` when both are possible.
    pub tagged: Option<bool>,
    /// What the interface stands on.
    pub attachment: &'a Attachment,
    /// Where it follows from.
    pub span: Span,
    /// What is written there.
    wording: Wording,
}

/// What is written at the place of a claim; put into words for findings only.
#[derive(Clone, Copy, Debug)]
enum Wording {
    Address(IpAddr, PrefixId),
    Reservation(IpAddr, PrefixId),
    Own,
    Tagged,
}

impl Claim<'_> {
    /// What is written there, in words.
    pub(crate) fn what(&self, lab: &Lab) -> String {
        let (interface, vlan) = (&self.interface, &lab.vlans[self.vlan].name);
        match self.wording {
            Wording::Address(address, prefix) => format!("{address} is in {}", lab.prefixes[prefix].name),
            Wording::Reservation(address, prefix) => {
                format!("{address} is reserved for it in {}", lab.prefixes[prefix].name)
            }
            Wording::Own => format!("`{interface}` is in VLAN `{vlan}`"),
            Wording::Tagged => format!("`{interface}` uses VLAN `{vlan}` with a tag"),
        }
    }
}

/// All claims; the same VLAN in the same form on the same interface once, addresses first.
pub(crate) fn claims<'a>(lab: &'a Lab, plan: &Plan<'_>) -> Vec<Claim<'a>> {
    let mut found = Collector { lab, seen: HashSet::new(), claims: Vec::new() };
    for assignment in &lab.derived.assignments {
        if !matches!(assignment.role, AddressRole::Interface | AddressRole::Reservation)
            || assignment.interface.is_empty()
        {
            continue;
        }
        let Some(id) = assignment.prefix.and_then(|prefix| plan.link_around(prefix)) else { continue };
        let Some(vlan) = lab.derived.prefix(id).vlan else { continue };
        let Some(attachment) = lab.derived.attachment(assignment.owner, &assignment.interface) else {
            continue;
        };
        if attachment.vlan.is_some_and(|said| said != vlan) {
            continue;
        }
        let wording = Wording::Address(assignment.address, id);
        found.add(
            assignment.owner,
            &assignment.interface,
            (vlan, attachment.tagged),
            assignment.span,
            wording,
        );
    }
    reservations(lab, &mut found);
    for (id, host) in lab.hosts.iter() {
        for (name, said) in host.interfaces.iter() {
            found.add_own(id.into(), &name.text, name.span);
            for vlan in &said.tagged.some.items {
                found.add_tagged(id.into(), &name.text, vlan.id, vlan.span);
            }
        }
    }
    for (id, vm) in lab.vms.iter() {
        vm.nics.iter().for_each(|(name, _)| found.add_own(id.into(), &name.text, name.span));
    }
    for (_, bridge) in lab.bridges.iter() {
        let Some(on) = bridge.on.as_ref().and_then(|on| on.id) else { continue };
        if let Some(vlan) = &bridge.vlan {
            found.add_own(on, &bridge.name.text, vlan.span);
        }
        for vlan in &bridge.tagged.some.items {
            found.add_tagged(on, &bridge.name.text, vlan.id, vlan.span);
        }
    }
    found.claims
}

/// A reservation is for the one interface of its machine that asks by DHCP.
fn reservations(lab: &Lab, found: &mut Collector<'_>) {
    for (id, plan) in lab.prefixes.iter() {
        let Some(vlan) = lab.derived.prefix(id).vlan else { continue };
        for (name, reservation) in plan.dhcp.iter().flat_map(|dhcp| dhcp.reservations.iter()) {
            let owner =
                reservation.host.as_ref().and_then(|host| host.id).or_else(|| lab.addressed(&name.text));
            let (Some(owner), Some(address)) = (owner, &reservation.address) else { continue };
            let asks = asking(lab, owner);
            let [interface] = &asks[..] else { continue };
            let Some(attachment) = lab.derived.attachment(owner, interface) else { continue };
            if attachment.vlan.is_none_or(|said| said == vlan) {
                let wording = Wording::Reservation(address.value.0, id);
                found.add(owner, interface, (vlan, attachment.tagged), address.span, wording);
            }
        }
    }
}

/// The interfaces of a machine that ask for an address by DHCP.
fn asking(lab: &Lab, owner: ThingId) -> Vec<Arc<str>> {
    let addresses = match owner.kind {
        Kind::Host => &lab.hosts[HostId(owner.index)].addresses,
        Kind::Vm => &lab.vms[VmId(owner.index)].addresses,
        Kind::Device => &lab.devices[DeviceId(owner.index)].addresses,
        _ => return Vec::new(),
    };
    let asks = |uses: &AddressUse| uses.address.iter().any(|address| address.value == HostAddress::Dhcp);
    addresses.iter().filter(|(_, uses)| asks(uses)).map(|(name, _)| name.text.clone()).collect()
}

struct Collector<'a> {
    lab: &'a Lab,
    seen: HashSet<(ThingId, Arc<str>, VlanIdOf, bool)>,
    claims: Vec<Claim<'a>>,
}

impl Collector<'_> {
    fn add(
        &mut self,
        owner: ThingId,
        interface: &Arc<str>,
        (vlan, tagged): (VlanIdOf, Option<bool>),
        span: Span,
        wording: Wording,
    ) {
        let Some(attachment) = self.lab.derived.attachment(owner, interface) else { return };
        if self.seen.insert((owner, interface.clone(), vlan, tagged == Some(true))) {
            self.claims.push(Claim {
                owner,
                interface: interface.clone(),
                vlan,
                tagged,
                attachment,
                span,
                wording,
            });
        }
    }

    /// The VLAN that the interface itself says.
    fn add_own(&mut self, owner: ThingId, interface: &Arc<str>, span: Span) {
        let said =
            self.lab.derived.attachment(owner, interface).and_then(|found| Some((found.vlan?, found.tagged)));
        if let Some(said) = said {
            self.add(owner, interface, said, span, Wording::Own);
        }
    }

    fn add_tagged(&mut self, owner: ThingId, interface: &Arc<str>, vlan: Option<VlanIdOf>, span: Span) {
        if let Some(vlan) = vlan {
            self.add(owner, interface, (vlan, Some(true)), span, Wording::Tagged);
        }
    }
}
