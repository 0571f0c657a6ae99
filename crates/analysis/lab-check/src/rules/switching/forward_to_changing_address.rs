//! A forward to a machine whose address changes.

use crate::context::Context;
use crate::rule::rule;
use lab_model::derived::AddressRole;
use lab_model::lab::{HostId, Kind, VmId};
use lab_model::written::HostAddress;

rule!(
    "forward-to-changing-address",
    Error,
    Switching,
    "a port is forwarded to a machine whose address changes"
);

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, forward) in lab.forwards.iter() {
        let Some((to, target)) = forward.to.as_ref().and_then(|to| Some((to, to.id?))) else { continue };
        let addresses = match target.kind {
            Kind::Host => &lab.hosts[HostId(target.index)].addresses,
            Kind::Vm => &lab.vms[VmId(target.index)].addresses,
            _ => continue,
        };
        let leased = addresses
            .iter()
            .flat_map(|(_, uses)| &uses.address)
            .find(|address| address.value == HostAddress::Dhcp);
        let fixed = lab
            .derived
            .addresses_of(target)
            .any(|other| matches!(other.role, AddressRole::Interface | AddressRole::Reservation));
        let Some(leased) = leased.filter(|_| !fixed) else { continue };
        let finding = context
            .finding(
                format!("`{}` leads to `{to}`, whose address changes", forward.name),
                to.span,
                "forwarded here",
            )
            .and(leased.span, "from a DHCP pool, not reserved")
            .about(lab.subject(id))
            .about(lab.subject(target))
            .because("after the next lease the port is open to whatever machine has the address then")
            .help(format!("reserve an address for `{to}`, or fix it"));
        context.report_once(finding);
    }
}
