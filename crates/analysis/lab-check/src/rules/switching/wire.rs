//! Vocabulary of the switching rules: which port faces which, panels passed through, and how findings name them.

use lab_model::Lab;
use lab_model::derived::{PortId, PortVlans};
use lab_model::lab::{DeviceId, VlanIdOf};
use lab_source::Span;

/// Two network ports that face each other.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wire {
    /// The port with the smaller id.
    pub one: PortId,
    /// The other.
    pub other: PortId,
}

/// Every pair of ports that face each other, once, in the order of the ports.
pub(crate) fn wires(lab: &Lab) -> impl Iterator<Item = Wire> {
    lab.derived.ways.iter().map(|way| Wire { one: way.one, other: way.other })
}

/// The port as `device:interface`.
pub(crate) fn port_name(lab: &Lab, port: PortId) -> String {
    let facts = lab.derived.port(port);
    format!("{}:{}", lab.devices[facts.device].name, facts.name)
}

/// The device of a port.
pub(crate) fn device_of(lab: &Lab, port: PortId) -> DeviceId {
    lab.derived.port(port).device
}

/// Names of VLANs, each in backquotes.
pub(crate) fn vlan_names(lab: &Lab, vlans: impl IntoIterator<Item = VlanIdOf>) -> String {
    let names: Vec<String> = vlans.into_iter().map(|vlan| format!("`{}`", lab.vlans[vlan].name)).collect();
    names.join(", ")
}

/// What a port is set to carry, in words.
pub(crate) fn carried(lab: &Lab, vlans: &PortVlans) -> String {
    let untagged = vlans.untagged.map(|vlan| format!("untagged {}", vlan_names(lab, [vlan])));
    let tagged = match (vlans.all, vlans.tagged.len()) {
        (true, _) => Some("all others tagged".to_owned()),
        (false, 0) => None,
        (false, _) => Some(format!("tagged {}", vlan_names(lab, vlans.tagged.iter().copied()))),
    };
    match (untagged, tagged) {
        (None, None) => "carries no VLAN".to_owned(),
        (untagged, tagged) => untagged.into_iter().chain(tagged).collect::<Vec<_>>().join(", "),
    }
}

/// Where the plug in a port is written.
pub(crate) fn plug(lab: &Lab, port: PortId) -> Option<Span> {
    let derived = &lab.derived;
    let link = derived.link(*derived.links_of(port).first()?);
    let cable = derived.cable(link.cable);
    if link.near == port {
        return Some(cable.near_span);
    }
    let index = cable.far.iter().position(|far| *far == port)?;
    cable.far_spans.get(index).copied()
}
