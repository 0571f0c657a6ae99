//! An interface that sends larger packets than what carries it.

use super::mtu::{of_interface, of_switch_port, way_of};
use super::wire::port_name;
use crate::context::Context;
use crate::rule::rule;
use lab_model::Lab;
use lab_model::ThingId;
use lab_model::grammar::Mtu;
use lab_model::lab::Kind;
use lab_source::Spanned;
use std::sync::Arc;

rule!("mtu-above-carrier", Error, Switching, "an interface sends larger packets than what carries it");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for claim in context.claims() {
        let Some(mtu) = of_interface(lab, claim) else { continue };
        let name = format!("`{}`, interface `{}`,", lab.name(claim.owner), claim.interface);
        let facing = claim.attachment.ports.iter().filter_map(|port| lab.derived.peer(*port));
        let switch = facing.filter_map(|port| Some((port_name(lab, port), of_switch_port(lab, port)?)));
        let vlan = &lab.vlans[claim.vlan];
        let of_vlan =
            vlan.mtu.filter(|_| claim.tagged != Some(true)).map(|mtu| (format!("VLAN `{}`", vlan.name), mtu));
        let below = way_of(lab, claim).into_iter().skip(1);
        for (carrier, below) in below.chain(switch).chain(of_vlan) {
            tell(context, claim.owner, &name, &mtu, &carrier, &below);
        }
    }
    for (id, host) in lab.hosts.iter() {
        for (name, said) in host.interfaces.iter() {
            let over =
                said.over.as_ref().and_then(|over| host.interfaces.get(over)).and_then(|below| below.mtu);
            if let (Some(mtu), Some(below), Some(over)) = (&said.mtu, over, &said.over) {
                tell(
                    context,
                    id.into(),
                    &format!("`{}`, interface `{name}`,", host.name),
                    mtu,
                    &format!("`{over}` below"),
                    &below,
                );
            }
        }
    }
    for (id, bridge) in lab.bridges.iter() {
        let Some((mtu, on)) = bridge.mtu.as_ref().zip(bridge.on.as_ref().and_then(|on| on.id)) else {
            continue;
        };
        for port in &bridge.ports.items {
            if let Some((name, below)) = below_bridge(lab, on, &port.text) {
                tell(context, id.into(), &format!("bridge `{}`", bridge.name), mtu, &name, &below);
            }
        }
    }
    virtual_cards(context);
    aggregates(context);
}

/// A port or described interface under a bridge.
fn below_bridge(lab: &Lab, on: ThingId, name: &Arc<str>) -> Option<(String, Spanned<Mtu>)> {
    let host = lab_model::lab::HostId::try_from(on).ok()?;
    let said = lab.hosts[host].interfaces.get(name).and_then(|said| said.mtu);
    let device = lab.hosts[host].on.as_ref()?.id?;
    let of_port = || lab.derived.find_port(device, name).and_then(|port| lab.derived.port(port).mtu);
    said.or_else(of_port).map(|mtu| (format!("`{name}` below"), mtu))
}

fn virtual_cards(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, vm) in lab.vms.iter() {
        let owner = ThingId { kind: Kind::Vm, index: id.0 };
        for (name, nic) in vm.nics.iter() {
            let Some((mtu, attachment)) = nic.mtu.as_ref().zip(lab.derived.attachment(owner, &name.text))
            else {
                continue;
            };
            let bridges = attachment.bridges.iter().map(|bridge| &lab.bridges[*bridge]);
            let of_bridges =
                bridges.filter_map(|bridge| Some((format!("bridge `{}`", bridge.name), bridge.mtu?)));
            let lag = attachment.lag.map(|lag| &lab.lags[lag]);
            let of_lag = lag.and_then(|lag| Some((format!("aggregate `{}`", lag.name), lag.mtu?)));
            let ports = attachment.ports.iter();
            let of_ports =
                ports.filter_map(|port| Some((port_name(lab, *port), lab.derived.port(*port).mtu?)));
            for (carrier, below) in of_bridges.chain(of_lag).chain(of_ports) {
                tell(context, owner, &format!("`{}`, card `{name}`,", vm.name), mtu, &carrier, &below);
            }
        }
    }
}

fn aggregates(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, lag) in lab.lags.iter() {
        let Some(mtu) = &lag.mtu else { continue };
        for &port in &lab.derived.lag(id).near.ports {
            if let Some(below) = &lab.derived.port(port).mtu {
                tell(
                    context,
                    id.into(),
                    &format!("aggregate `{}`", lag.name),
                    mtu,
                    &port_name(lab, port),
                    below,
                );
            }
        }
        for &port in &lab.derived.lag(id).far.ports {
            let own = lab.derived.vlans_of(port).and_then(|vlans| vlans.mtu);
            if let Some(below) = own.or_else(|| lab.devices[lab.derived.port(port).device].mtu) {
                tell(
                    context,
                    id.into(),
                    &format!("aggregate `{}`", lag.name),
                    mtu,
                    &port_name(lab, port),
                    &below,
                );
            }
        }
    }
}

fn tell(
    context: &mut Context<'_>,
    owner: ThingId,
    what: &str,
    mtu: &Spanned<Mtu>,
    carrier: &str,
    below: &Spanned<Mtu>,
) {
    if mtu.value <= below.value {
        return;
    }
    let lab = context.lab;
    let finding = context
        .finding(
            format!("{what} sends packets of {} bytes, {carrier} carries {}", mtu.value, below.value),
            mtu.span,
            format!("{} here", mtu.value),
        )
        .and(below.span, format!("{} here", below.value))
        .about(lab.subject(owner))
        .because("small packets pass and large ones vanish: pings work, transfers hang")
        .help(format!("raise {carrier} to {} or more, or lower this to {}", mtu.value, below.value));
    context.report_once(finding);
}
