//! Vocabulary of the MTU rules: what each interface of a machine, and each switch port, is set to.

use super::claims::Claim;
use lab_model::Lab;
use lab_model::derived::PortId;
use lab_model::grammar::Mtu;
use lab_model::lab::{HostId, Kind, VmId};
use lab_source::Spanned;

/// The MTU that the interface of a claim is set to: its own, else that of its virtual card, aggregate or port.
pub(super) fn of_interface(lab: &Lab, claim: &Claim<'_>) -> Option<Spanned<Mtu>> {
    let own = match claim.owner.kind {
        Kind::Host => {
            lab.hosts[HostId(claim.owner.index)].interfaces.get(&claim.interface).and_then(|said| said.mtu)
        }
        Kind::Vm => lab.vms[VmId(claim.owner.index)].nics.get(&claim.interface).and_then(|nic| nic.mtu),
        _ => None,
    };
    let bridge = || claim.attachment.bridges.iter().find_map(|bridge| lab.bridges[*bridge].mtu);
    let lag = || claim.attachment.lag.and_then(|lag| lab.lags[lag].mtu);
    let port = || claim.attachment.ports.iter().find_map(|port| lab.derived.port(*port).mtu);
    match claim.owner.kind {
        Kind::Vm => own,
        _ => own.or_else(bridge).or_else(lag).or_else(port),
    }
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
