//! The drawing of layers 2 and 3: lines to the outside, routers, VLANs with their prefixes and gateways, and who has an
//! address in each. Machines in the same networks are one box.

use super::cables::lab_name;
use super::cell::{self, join, value};
use super::hosts::prefixed;
use super::vlans::{prefixes, zones_of};
use super::{Asked, ShowError};
use crate::picture::{Class, Edge, Graph, fold};
use lab_model::derived::AddressRole;
use lab_model::lab::{CircuitId, PrefixId, VlanIdOf};
use lab_model::{Kind, Lab, ThingId};
use std::collections::{BTreeMap, BTreeSet};

/// A network: a VLAN, or a prefix outside of all VLANs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Net {
    Vlan(VlanIdOf),
    Prefix(PrefixId),
}

pub(super) fn graph(asked: &Asked<'_>) -> Result<Graph, ShowError> {
    let lab = asked.lab;
    let mut graph = Graph {
        title: format!("{}: layers 2 and 3", lab_name(lab)),
        columns: ["outside", "routers", "networks", "who has an address there"].map(str::to_owned).to_vec(),
        ..Graph::default()
    };
    let members = members(lab);
    let nets = add_nets(lab, &members, &mut graph);
    let routers: BTreeSet<ThingId> = routers(lab);
    add_routers(lab, &routers, &members, &nets, &mut graph);
    add_members(lab, &routers, &members, &nets, &mut graph);
    graph.close_columns();
    Ok(graph)
}

/// The networks each thing has a fixed or reserved address in, with the addresses.
fn members(lab: &Lab) -> BTreeMap<ThingId, BTreeMap<Net, Vec<String>>> {
    let mut members: BTreeMap<ThingId, BTreeMap<Net, Vec<String>>> = BTreeMap::new();
    for of in &lab.derived.assignments {
        let is_own =
            matches!(of.role, AddressRole::Interface | AddressRole::Reservation | AddressRole::Service);
        let Some(prefix) = of.prefix.filter(|_| is_own && of.owner.kind != Kind::Prefix) else { continue };
        let net = lab.derived.prefix(prefix).vlan.map_or(Net::Prefix(prefix), Net::Vlan);
        members.entry(of.owner).or_default().entry(net).or_default().push(of.address.to_string());
    }
    members
}

/// Everything that routes: what says so, and what the lab names as a router of a prefix, VIP or BGP speaker.
fn routers(lab: &Lab) -> BTreeSet<ThingId> {
    let says =
        |routes: &Option<lab_source::Spanned<bool>>| routes.as_ref().is_some_and(|routes| routes.value);
    let hosts = lab.hosts.iter().filter(|(_, host)| says(&host.routes)).map(|(id, _)| ThingId::from(id));
    let vms = lab.vms.iter().filter(|(_, vm)| says(&vm.routes)).map(|(id, _)| ThingId::from(id));
    let named = lab.prefixes.iter().flat_map(|(_, prefix)| prefix.routers.ids());
    let devices = lab
        .devices
        .iter()
        .filter(|(id, _)| lab.derived.device(*id).role == Some(lab_model::written::DeviceRole::Router))
        .map(|(id, _)| ThingId::from(id))
        .filter(|device| !has_host(lab, *device));
    hosts.chain(vms).chain(named).chain(devices).collect()
}

/// A device with a host of its own is shown as its host.
fn has_host(lab: &Lab, device: ThingId) -> bool {
    lab.hosts.iter().any(|(_, host)| host.on.as_ref().and_then(|on| on.id).map(ThingId::from) == Some(device))
}

fn add_nets(
    lab: &Lab,
    members: &BTreeMap<ThingId, BTreeMap<Net, Vec<String>>>,
    graph: &mut Graph,
) -> BTreeMap<Net, usize> {
    let of_vlans = prefixes(lab);
    let mut nets = BTreeMap::new();
    for (id, vlan) in lab.vlans.iter() {
        let own = of_vlans.get(&id).map_or(&[][..], Vec::as_slice);
        let number = value(&vlan.record.id);
        let mut details: Vec<String> = own.iter().map(|prefix| net_line(lab, *prefix)).collect();
        details.extend(gateways(lab, own));
        let zones = cell::things(lab, zones_of(lab, id, own));
        details.extend(
            Some(prefixed("zone ", &zones)).filter(|line| !line.is_empty() && zones != *vlan.name.text),
        );
        let private = vlan.private.as_ref().and_then(|private| private.isolated.as_ref());
        details.extend(private.map(|isolated| format!("isolated {}", isolated.value)));
        details.extend(vlan.mtu.as_ref().map(|mtu| format!("MTU {}", mtu.value)));
        nets.insert(
            Net::Vlan(id),
            graph.node_in(2, format!("{} ({number})", vlan.name), details, Class::Network),
        );
    }
    let used: BTreeSet<Net> = members.values().flat_map(|nets| nets.keys().copied()).collect();
    for (id, prefix) in lab.prefixes.iter() {
        if lab.derived.prefix(id).vlan.is_none() && used.contains(&Net::Prefix(id)) {
            let kind = value(&prefix.kind);
            let words = cell::shown(prefix.description.as_ref());
            let details =
                [kind, words].into_iter().filter(|line| !line.is_empty()).map(|line| shorten(&line));
            let details = details.chain(gateways(lab, &[id])).collect();
            nets.insert(Net::Prefix(id), graph.node_in(2, prefix.name.to_string(), details, Class::Other));
        }
    }
    nets
}

fn shorten(text: &str) -> String {
    if text.chars().count() <= 44 { text.to_owned() } else { text.chars().take(43).chain(['…']).collect() }
}

fn net_line(lab: &Lab, prefix: PrefixId) -> String {
    let dhcp = if lab.prefixes[prefix].dhcp.is_some() { "DHCP" } else { "" };
    join([lab.prefixes[prefix].name.text.as_ref(), dhcp], ", ")
}

/// Gateways, with the protocol of the VIP they are.
fn gateways(lab: &Lab, prefixes: &[PrefixId]) -> Vec<String> {
    let gateway = |prefix: &PrefixId| {
        let gateway = lab.prefixes[*prefix].gateway.as_ref()?.value;
        let vip = lab.vips.iter().find(|(_, vip)| vip.address.iter().any(|address| address.value == gateway));
        let by = vip.map_or_else(String::new, |(_, vip)| {
            join([value(&vip.protocol).as_str(), &value(&vip.record.id)], " ")
        });
        Some(join([format!("gateway {gateway}").as_str(), &by], ", "))
    };
    prefixes.iter().filter_map(gateway).collect()
}

fn add_routers(
    lab: &Lab,
    routers: &BTreeSet<ThingId>,
    members: &BTreeMap<ThingId, BTreeMap<Net, Vec<String>>>,
    nets: &BTreeMap<Net, usize>,
    graph: &mut Graph,
) {
    let mut boxes: BTreeMap<ThingId, usize> = BTreeMap::new();
    for &router in routers {
        let node = graph.node_in(
            1,
            lab.name(router).to_string(),
            vec![router.kind.word().to_owned()],
            Class::Machine,
        );
        boxes.insert(router, node);
        for (net, addresses) in members.get(&router).into_iter().flatten() {
            let tail = addresses.join(", ");
            graph.edges.push(Edge { head: tail, ..Edge::new(node, nets[net]) });
        }
    }
    for (id, circuit) in lab.circuits.iter() {
        let details = [cell::shown(circuit.kind.as_ref()), value(&circuit.prefix)];
        let details = details.into_iter().filter(|line| !line.is_empty()).collect();
        let line = graph.node_in(0, circuit.name.to_string(), details, Class::External);
        let behind: Vec<usize> = routers
            .iter()
            .filter(|router| is_behind(lab, **router, id))
            .map(|router| boxes[router])
            .collect();
        graph.edges.extend(behind.into_iter().map(|to| Edge::new(line, to)));
    }
}

/// True when the line ends at the router, at the device it runs on, or is the shared line of its group; a line that
/// ends at nothing that routes is taken to lead to all routers.
fn is_behind(lab: &Lab, router: ThingId, circuit: CircuitId) -> bool {
    let shared = lab.ha.iter().any(|(_, group)| {
        group.shared_line.as_ref().and_then(|line| line.circuit.as_ref()).and_then(|of| of.id)
            == Some(circuit)
            && group.members.ids().any(|member| member == router)
    });
    let end = lab.circuits[circuit].ends_at.as_ref().and_then(|end| lab.devices.find(&end.value.device.name));
    let Some(end) = end else { return shared };
    let own: Vec<_> = match router.kind {
        Kind::Device => vec![lab_model::lab::DeviceId(router.index)],
        _ => lab.derived.machine(router).map(|facts| facts.devices.clone()).unwrap_or_default(),
    };
    let joined = |device: &lab_model::lab::DeviceId| {
        *device == end
            || lab.derived.device(end).ports.iter().any(|port| {
                lab.derived.peer(*port).is_some_and(|peer| lab.derived.port(peer).device == *device)
            })
    };
    shared || own.iter().any(joined)
}

/// Machines and devices that are in the same networks, drawn as one box.
fn add_members(
    lab: &Lab,
    routers: &BTreeSet<ThingId>,
    members: &BTreeMap<ThingId, BTreeMap<Net, Vec<String>>>,
    nets: &BTreeMap<Net, usize>,
    graph: &mut Graph,
) {
    let mut groups: BTreeMap<(Vec<Net>, Class), Vec<ThingId>> = BTreeMap::new();
    for (thing, of) in members.iter().filter(|(thing, _)| !routers.contains(thing)) {
        let class = match thing.kind {
            Kind::Service => Class::Service,
            Kind::Device => Class::Other,
            _ => Class::Machine,
        };
        groups.entry((of.keys().copied().collect(), class)).or_default().push(*thing);
    }
    for ((of, class), things) in groups {
        let names =
            cell::ranges(&things.iter().map(|thing| lab.name(*thing).to_string()).collect::<Vec<_>>());
        let (label, details) = match &names[..] {
            [one] => (one.clone(), Vec::new()),
            several => (format!("{} {}s", things.len(), word(class)), fold(several, 44, 10)),
        };
        let node = graph.node_in(3, label, details, class);
        graph.edges.extend(of.iter().map(|net| Edge::new(nets[net], node)));
    }
}

fn word(class: Class) -> &'static str {
    match class {
        Class::Service => "service",
        Class::Other => "device",
        _ => "machine",
    }
}
