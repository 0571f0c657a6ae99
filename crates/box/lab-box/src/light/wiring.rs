//! What `ip -batch` is told for a box of namespaces. Text only.

use super::{LightPlan, Link};
use crate::net::{self, Namespace, bridge_name, tap_name};
use crate::plan::BoxPlan;
use ipnet::IpNet;
use std::fmt::Write;

const TAKES_ALL: &str = "a string takes all";

/// The namespaces, each by the box's name.
pub(super) fn namespaces(plan: &BoxPlan) -> String {
    let machines = plan.machines.iter().map(|machine| Namespace::of_machine(&plan.id, &machine.name));
    std::iter::once(Namespace::of_box(&plan.id)).chain(machines).fold(String::new(), |mut text, namespace| {
        writeln!(text, "netns add {}", namespace.name()).expect(TAKES_ALL);
        text
    })
}

/// The box's own: bridges, and a cable into each machine. The bridge takes what has no tag; a tag's frames are taken
/// out of the cable by an interface of their own, before the bridge sees them.
pub(super) fn of_box(light: &LightPlan) -> String {
    let mut text = net::bridges(&light.plan);
    let bridge = |name: &str| {
        let index = light.plan.networks.iter().position(|network| network.name == name);
        bridge_name(index.expect("carried networks are in the plan"))
    };
    for (m, (machine, devices)) in light.plan.machines.iter().zip(&light.wiring).enumerate() {
        let inside = Namespace::of_machine(&light.plan.id, &machine.name);
        for (c, device) in devices.iter().enumerate() {
            let Link::Uplink { carries } = &device.link else { continue };
            let end = tap_name(m, c);
            writeln!(text, "link add {end} type veth peer name {} netns {}", device.name, inside.name())
                .expect(TAKES_ALL);
            writeln!(text, "link set {end} up").expect(TAKES_ALL);
            for (vlan, network) in carries {
                let bridge = bridge(network);
                match vlan {
                    None => writeln!(text, "link set {end} master {bridge}"),
                    Some(vlan) => writeln!(
                        text,
                        "link add link {end} name {end}.{vlan} type vlan id {vlan}\n\
                         link set {end}.{vlan} master {bridge} up"
                    ),
                }
                .expect(TAKES_ALL);
            }
        }
    }
    text
}

/// The interfaces of the machine at `index`, and the cards of others on its bridges.
pub(super) fn links(light: &LightPlan, index: usize) -> String {
    let mut text = "link set lo up\n".to_owned();
    for device in &light.wiring[index] {
        let name = &device.name;
        match &device.link {
            Link::Uplink { .. } => {}
            Link::Vlan { over, vlan } => {
                writeln!(text, "link add link {over} name {name} type vlan id {vlan}").expect(TAKES_ALL);
            }
            Link::Bridge { port } => {
                writeln!(text, "link add {name} type bridge\nlink set {port} master {name}")
                    .expect(TAKES_ALL);
            }
            Link::OnBridge { .. } => continue,
        }
        if let Some(mac) = device.mac {
            writeln!(text, "link set {name} address {mac}").expect(TAKES_ALL);
        }
        writeln!(text, "link set {name} up").expect(TAKES_ALL);
    }
    let guests = light.plan.machines.iter().zip(&light.wiring).enumerate();
    for (g, (guest, devices)) in guests {
        let inside = Namespace::of_machine(&light.plan.id, &guest.name);
        for (c, device) in devices.iter().enumerate() {
            let Link::OnBridge { host, bridge } = &device.link else { continue };
            if *host == index {
                let end = tap_name(g, c);
                writeln!(
                    text,
                    "link add {end} type veth peer name {} netns {}\nlink set {end} master {bridge} up",
                    device.name,
                    inside.name()
                )
                .expect(TAKES_ALL);
            }
        }
    }
    text
}

/// What is set once every interface of the machine at `index` is there: cards on others' bridges, addresses, the
/// default router.
pub(super) fn addresses(light: &LightPlan, index: usize) -> String {
    let mut text = String::new();
    for device in &light.wiring[index] {
        if let (Link::OnBridge { .. }, name) = (&device.link, &device.name) {
            if let Some(mac) = device.mac {
                writeln!(text, "link set {name} address {mac}").expect(TAKES_ALL);
            }
            writeln!(text, "link set {name} up").expect(TAKES_ALL);
        }
    }
    let machine = &light.plan.machines[index];
    for card in &machine.interfaces {
        let held = card.held.iter().map(|address| IpNet::from(*address));
        for address in card.addresses.iter().copied().chain(held) {
            writeln!(text, "addr replace {address} dev {}", card.name).expect(TAKES_ALL);
        }
    }
    if let Some(gateway) = machine.gateway {
        let near = machine.interfaces.iter().find(|c| c.addresses.iter().any(|net| net.contains(&gateway)));
        if let Some(card) = near {
            writeln!(text, "route replace default via {gateway} dev {}", card.name).expect(TAKES_ALL);
        }
    }
    text
}
