//! An interface with an address and no cable, on a device, or in a lab, of whose cables is spoken.

use super::ends::called;
use crate::context::Context;
use crate::rule::rule;
use lab_model::Lab;
use lab_model::derived::{Connector, PortClass, PortId};
use lab_model::lab::DeviceId;
use lab_model::written::{AddressUse, HostAddress, Status};
use lab_source::{Severity, Span};
use std::collections::{BTreeSet, HashMap};

rule!("interface-without-cable", Note, Cabling, "an interface has an address and no cable");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let ended: BTreeSet<(&str, &str)> = lab
        .circuits
        .iter()
        .filter_map(|(_, circuit)| circuit.ends_at.as_ref())
        .map(|end| (&*end.value.device.name, &*end.value.interface.name))
        .collect();
    let cabled = cabled_by_type(lab);
    let addressed = with_address(lab);
    let n_cabled = addressed.iter().filter(|(port, _)| !lab.derived.links_of(*port).is_empty()).count();
    // Where nearly every address has its cable, one without is a slip; elsewhere cables are simply not described.
    let most_are_cabled = n_cabled * 10 > addressed.len() * 8;
    let mut told = BTreeSet::new();
    for (port, span) in addressed {
        let facts = lab.derived.port(port);
        let device = &lab.devices[facts.device];
        let is_line = ended.contains(&(&*device.name.text, &*facts.name));
        let is_plug = facts.class == PortClass::Network
            && !matches!(facts.ty.connector, Connector::Virtual | Connector::Radio);
        let is_free = lab.derived.links_of(port).is_empty() && facts.split_into.is_empty();
        if is_line || !is_plug || !is_free || !facts.enabled || !told.insert(span) {
            continue;
        }
        let speaks =
            lab.derived.device(facts.device).ports.iter().any(|port| !lab.derived.links_of(*port).is_empty());
        let twin = key(lab, port).and_then(|key| cabled.get(&key).copied()).filter(|twin| *twin != port);
        if !speaks && twin.is_none() && !most_are_cabled {
            continue;
        }
        let mut finding = context
            .finding(format!("{} has an address and no cable", called(lab, port)), span, "its address")
            .about(lab.subject(facts.device))
            .because("nothing says what it is plugged into, so as described nobody reaches the address");
        if let Some(twin) = twin {
            finding.severity = Severity::Warning;
            finding = finding.because(format!("{} of the same type has a cable", called(lab, twin)));
        }
        context.report(finding);
    }
}

/// Ports that hold a fixed address or one by DHCP, for their device or for the host on it.
fn with_address(lab: &Lab) -> Vec<(PortId, Span)> {
    let mut found = Vec::new();
    let mut add = |device: DeviceId, interface: &str, uses: &AddressUse, span: Span| {
        let known = uses.address.iter().any(|address| address.value != HostAddress::Unknown);
        let by_os = || {
            let ports = lab.derived.device(device).ports.iter().copied();
            ports.into_iter().find(|port| lab.derived.port(*port).os_name.as_deref() == Some(interface))
        };
        let port = lab.derived.find_port(device, interface).or_else(by_os);
        found.extend(port.filter(|_| known).map(|port| (port, span)));
    };
    let in_use = |status: Option<&lab_source::Spanned<Status>>| {
        status.is_none_or(|status| status.value == Status::Active)
    };
    for (id, device) in lab.devices.iter().filter(|(_, device)| in_use(device.status.as_ref())) {
        for (interface, uses) in device.addresses.iter() {
            add(id, &interface.text, uses, interface.span);
        }
    }
    for (_, host) in lab.hosts.iter().filter(|(_, host)| in_use(host.status.as_ref())) {
        let Some(device) = host.on.as_ref().and_then(|on| on.id) else { continue };
        if in_use(lab.devices[device].status.as_ref()) {
            for (interface, uses) in host.addresses.iter() {
                add(device, &interface.text, uses, interface.span);
            }
        }
    }
    found
}

/// One cabled port for each type of device and name of port.
fn cabled_by_type(lab: &Lab) -> HashMap<(&str, &str), PortId> {
    let ids = (0u32..).map(PortId).zip(&lab.derived.ports).map(|(id, _)| id);
    let cabled = ids.filter(|id| !lab.derived.links_of(*id).is_empty());
    cabled.filter_map(|id| Some((key(lab, id)?, id))).collect()
}

fn key(lab: &Lab, port: PortId) -> Option<(&str, &str)> {
    let facts = lab.derived.port(port);
    let ty = lab.devices[facts.device].r#type.as_ref()?;
    Some((&ty.text, &facts.name))
}
