//! A cabled switch port of which nobody says what it carries, while its neighbours are described.

use super::wire::{device_of, plug, port_name};
use crate::context::Context;
use crate::rule::rule;
use lab_model::derived::{Connector, PortClass, PortId};
use lab_model::lab::DeviceId;
use lab_model::written::Status;
use std::collections::BTreeMap;

rule!("port-without-vlan", Warning, Switching, "a cable is plugged into a switch port without a VLAN");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let mut described: BTreeMap<DeviceId, usize> = BTreeMap::new();
    for (port, _) in &lab.derived.port_vlans {
        *described.entry(device_of(lab, *port)).or_default() += 1;
    }
    for (index, facts) in (0u32..).zip(&lab.derived.ports) {
        let port = PortId(index);
        let whole = facts.split_into.is_empty() && facts.class == PortClass::Network && !facts.management;
        let frames = !matches!(facts.ty.connector, Connector::Virtual | Connector::Radio | Connector::Sas);
        let Some(count) = described.get(&facts.device) else { continue };
        if !whole || !frames || !facts.enabled || lab.derived.vlans_of(port).is_some() {
            continue;
        }
        let Some(span) = plug(lab, port) else { continue };
        let far = lab.derived.peer(port);
        let planned = far.is_some_and(|far| {
            lab.devices[device_of(lab, far)]
                .status
                .as_ref()
                .is_some_and(|status| status.value != Status::Active)
        });
        if planned {
            continue;
        }
        let mut finding = context
            .finding(format!("{} has a cable and no VLAN", port_name(lab, port)), span, "plugged in here")
            .about(lab.subject(facts.device))
            .because(format!(
                "{count} other ports of `{}` say what they carry",
                lab.devices[facts.device].name
            ));
        if let Some(far) = far {
            finding = finding
                .about(lab.subject(device_of(lab, far)))
                .because(format!("{} is at the other end", port_name(lab, far)));
        }
        context.report_once(
            finding.help("say it under `ports:`, or plug the cable into the port that is meant"),
        );
    }
}
