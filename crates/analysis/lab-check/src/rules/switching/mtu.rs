//! Vocabulary of the MTU rules: what each interface of a machine, and each switch port, is set to.

use super::claims::Claim;
use super::wire::port_name;
use lab_model::Lab;
use lab_model::derived::PortId;
use lab_model::grammar::Mtu;
use lab_model::lab::{HostId, Kind, ThingId, VmId};
use lab_source::Spanned;

/// Every MTU that is said on the way of a claim through its own machine, the interface's own first: virtual card, bridge,
/// aggregate, ports; each with how a finding calls it.
pub(super) fn way_of(lab: &Lab, claim: &Claim<'_>) -> Vec<(String, Spanned<Mtu>)> {
    let interface = &claim.interface;
    let own = of_own(lab, claim.owner, interface);
    let name = format!("interface `{interface}` of `{}`", lab.name(claim.owner));
    let mut way: Vec<(String, Spanned<Mtu>)> = own.map(|mtu| (name, mtu)).into_iter().collect();
    for bridge in claim.attachment.bridges.iter().map(|bridge| &lab.bridges[*bridge]) {
        way.extend(bridge.mtu.map(|mtu| (format!("bridge `{}`", bridge.name), mtu)));
    }
    if let Some(lag) = claim.attachment.lag.map(|lag| &lab.lags[lag]) {
        way.extend(lag.mtu.map(|mtu| (format!("aggregate `{}`", lag.name), mtu)));
    }
    for port in &claim.attachment.ports {
        way.extend(lab.derived.port(*port).mtu.map(|mtu| (port_name(lab, *port), mtu)));
    }
    way
}

/// The MTU that a machine says of its interface itself.
pub(super) fn of_own(lab: &Lab, owner: ThingId, interface: &str) -> Option<Spanned<Mtu>> {
    match owner.kind {
        Kind::Host => lab.hosts[HostId(owner.index)].interfaces.get(interface).and_then(|said| said.mtu),
        Kind::Vm => lab.vms[VmId(owner.index)].nics.get(interface).and_then(|nic| nic.mtu),
        _ => None,
    }
}

/// The MTU that the interface of a claim is set to: the first that is said on its way. A virtual machine's is its own.
pub(super) fn of_interface(lab: &Lab, claim: &Claim<'_>) -> Option<Spanned<Mtu>> {
    if claim.owner.kind == Kind::Vm {
        return lab.vms[VmId(claim.owner.index)].nics.get(&claim.interface).and_then(|nic| nic.mtu);
    }
    way_of(lab, claim).into_iter().next().map(|(_, mtu)| mtu)
}

/// The MTU that a switch port is set to: its own, else that of its aggregate, else that of the whole device.
pub(super) fn of_switch_port(lab: &Lab, port: PortId) -> Option<Spanned<Mtu>> {
    let facts = lab.derived.port(port);
    let by_mode = lab.derived.vlans_of(port).and_then(|vlans| vlans.mtu);
    let by_lag = || {
        let lag = lab.derived.lag(lab.derived.lag_of(port)?);
        let far = if lag.far.ports.contains(&port) { lag.far.mtu } else { None };
        far.or_else(|| lag.near.ports.contains(&port).then_some(lag.near.mtu).flatten())
    };
    by_mode.or(facts.mtu).or_else(by_lag).or_else(|| lab.devices[facts.device].mtu)
}
