//! A bridge, or an interface, that rides on something its host does not have.

use crate::context::Context;
use crate::rule::rule;
use lab_model::Lab;
use lab_model::derived::PortId;
use lab_model::lab::{DeviceId, HostId, LagId};
use std::sync::Arc;

rule!(
    "bridge-port-unknown",
    Error,
    Switching,
    "a bridge or interface rides on an interface that its host does not have"
);

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, bridge) in lab.bridges.iter() {
        let Some(host) = bridge.on.as_ref().and_then(|on| on.id).and_then(|on| HostId::try_from(on).ok())
        else {
            continue;
        };
        for port in &bridge.ports.items {
            let Some(known) = unknown(lab, host, &port.text) else { continue };
            let finding = context
                .finding(
                    format!(
                        "`{}` has no interface `{}` for the bridge `{}`",
                        lab.hosts[host].name, port.text, bridge.name
                    ),
                    port.span,
                    "not there",
                )
                .about(lab.subject(id))
                .about(lab.subject(host))
                .because(format!("known there: {}", known.join(", ")));
            context.report_once(with_help(finding, &port.text, &known));
        }
    }
    for (id, host) in lab.hosts.iter() {
        for (name, said) in host.interfaces.iter() {
            let Some(over) = said.over.as_ref().or(said.port.as_ref()).filter(|over| over.text != name.text)
            else {
                continue;
            };
            let Some(known) = unknown(lab, id, &over.text) else { continue };
            let finding = context
                .finding(
                    format!("`{}` has no interface `{over}` for `{name}`", host.name),
                    over.span,
                    "not there",
                )
                .about(lab.subject(id))
                .because(format!("known there: {}", known.join(", ")));
            context.report_once(with_help(finding, &over.text, &known));
        }
    }
}

fn with_help(finding: lab_source::Diagnostic, name: &str, known: &[String]) -> lab_source::Diagnostic {
    match lab_source::suggest::nearest(name, known.iter().map(String::as_str)) {
        Some(near) => finding.help(format!("did you mean `{near}`?")),
        None => finding,
    }
}

/// True when the name is that of a port, an interface or an aggregate there: nearly always, and without a look at all
/// aggregates and bridges of the lab.
fn is_plainly_there(lab: &Lab, host: HostId, device: DeviceId, name: &str) -> bool {
    let base = name.rsplit_once('.').map_or(name, |(base, _)| base);
    let of_lag = |port: &PortId| {
        let Some(id) = lab.derived.lag_of(*port) else { return false };
        let facts = lab.derived.lag(id);
        let sides = [&facts.near, &facts.far].into_iter().filter(|side| side.devices.contains(&device));
        let mut names = sides.flat_map(|side| side.name.iter().chain([&lab.lags[id].name.text]));
        names.any(|known| **known == *name || **known == *base)
    };
    [name, base].into_iter().any(|name| {
        lab.derived.find_port(device, name).is_some() || lab.hosts[host].interfaces.get(name).is_some()
    }) || lab.derived.device(device).ports.iter().any(of_lag)
}

/// What the host has, when `name` is none of it. `None` when it is there, or when nothing is known of the host's ports.
fn unknown(lab: &Lab, host: HostId, name: &Arc<str>) -> Option<Vec<String>> {
    let device = lab.hosts[host].on.as_ref()?.id?;
    let ports = &lab.derived.device(device).ports;
    if ports.is_empty() || lab.derived.device(device).ty.is_none() && lab.devices[device].r#type.is_some() {
        return None;
    }
    if is_plainly_there(lab, host, device, name) {
        return None;
    }
    let mut known: Vec<String> = Vec::new();
    for port in ports.iter().map(|port| lab.derived.port(*port)) {
        known.push(port.name.to_string());
        known.extend(port.os_name.as_ref().map(|name| name.to_string()));
    }
    known.extend(lab.hosts[host].interfaces.iter().map(|(name, _)| name.text.to_string()));
    for (index, facts) in (0u32..).zip(&lab.derived.lags) {
        let lag = &lab.lags[LagId(index)];
        for side in [&facts.near, &facts.far].into_iter().filter(|side| side.devices.contains(&device)) {
            known.extend(side.name.as_ref().map(|name| name.to_string()));
            known.push(lag.name.to_string());
        }
    }
    let bridges =
        lab.bridges.iter().filter(|(_, bridge)| bridge.on.as_ref().and_then(|on| on.id) == Some(host.into()));
    known
        .extend(bridges.flat_map(|(_, bridge)| [bridge.name.to_string(), bridge.name_in_host().to_string()]));
    let base = name.rsplit_once('.').map_or(&**name, |(base, _)| base);
    let there = known.iter().any(|known| *known == **name || known == base);
    known.sort_unstable();
    known.dedup();
    (!there).then_some(known)
}
