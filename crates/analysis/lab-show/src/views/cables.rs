//! `show cables`: every physical cable with its ends; drawn, the topology of layer 1.

use super::cell::{join, ranges, shown, value};
use super::{Asked, Drawing, ShowError, View};
use crate::document::{Block, Document, Table};
use crate::picture::{Class, Edge, Graph, Line};
use lab_model::Lab;
use lab_model::derived::PortId;
use lab_model::grammar::BitRate;
use lab_model::lab::DeviceId;
use lab_model::written::{DeviceRole, Status};
use std::collections::{BTreeMap, BTreeSet};

pub(super) const VIEW: View = View {
    name: "cables",
    summary: "every cable with both ends; drawn, how the devices are connected",
    document,
    drawing: Some(Drawing::Graph(graph)),
};

fn document(asked: &Asked<'_>) -> Result<Document, ShowError> {
    let lab = asked.lab;
    let title = format!("{} cables", lab.derived.cables.len());
    Ok(Document { title, blocks: vec![Block::Table(cables_of(lab, |_| true))] })
}

/// The cables with an end that is wanted.
pub(super) fn cables_of(lab: &Lab, wanted: impl Fn(PortId) -> bool) -> Table {
    let mut table = Table::new(&[
        "cable",
        "kind",
        "from",
        "to",
        ">length",
        ">speed",
        "~connector",
        "-far connector",
        "-polish",
        "-polarity",
        "-vendor",
        "-part",
        "-color",
        "-label",
        "-duct",
    ]);
    let set = set_speeds(lab);
    for cable in &lab.derived.cables {
        if !wanted(cable.near) && !cable.far.iter().any(|far| wanted(*far)) {
            continue;
        }
        let group = &lab.cables[cable.group];
        let far: Vec<String> = cable.far.iter().map(|port| port_name(lab, *port)).collect();
        let made_for = group.speed.as_ref().map(|speed| speed.value);
        let speed = cable.far.first().and_then(|far| link_speed(lab, &set, cable.near, *far)).or(made_for);
        let polish = [shown(group.polish.as_ref()), shown(group.far_polish.as_ref())];
        table.row([
            group.name.to_string(),
            value(&group.kind),
            port_name(lab, cable.near),
            ranges(&far).join(", "),
            value(&group.length),
            shown(speed),
            shown(group.connector.as_ref()),
            shown(group.far_connector.as_ref()),
            join(polish.iter().map(String::as_str), " to "),
            shown(group.polarity.as_ref()),
            shown(group.vendor.as_ref()),
            shown(group.part.as_ref()),
            shown(group.color.as_ref()),
            shown(group.record.label.as_ref()),
            shown(group.duct.as_ref()),
        ]);
    }
    table
}

/// `device:port`.
pub(super) fn port_name(lab: &Lab, port: PortId) -> String {
    let port = lab.derived.port(port);
    format!("{}:{}", lab.devices[port.device].name, port.name)
}

/// The speeds that ports are set to under `ports:`.
pub(super) fn set_speeds(lab: &Lab) -> BTreeMap<PortId, BitRate> {
    let mut speeds = BTreeMap::new();
    for (device, ports) in &lab.ports {
        let Some(device) = lab.devices.find(&device.text) else { continue };
        for (name, mode) in ports.iter() {
            let port = lab.derived.find_port(device, &name.text);
            speeds.extend(port.zip(mode.speed.map(|speed| speed.value)));
        }
    }
    speeds
}

/// What both ends can do, as far as known: the slower of set or fastest speeds.
fn link_speed(lab: &Lab, set: &BTreeMap<PortId, BitRate>, near: PortId, far: PortId) -> Option<BitRate> {
    let of = |id: PortId| {
        let port = lab.derived.port(id);
        set.get(&id).copied().or(port.set_speed.map(|speed| speed.value)).or(port.ty.speed)
    };
    match (of(near), of(far)) {
        (Some(near), Some(far)) => Some(near.min(far)),
        (one, other) => one.or(other),
    }
}

/// The class of a device, by its role.
pub(super) fn class_of(role: Option<DeviceRole>) -> Class {
    match role {
        Some(DeviceRole::Ups | DeviceRole::Pdu | DeviceRole::TransferSwitch) => Class::Power,
        Some(DeviceRole::Server | DeviceRole::Appliance) => Class::Machine,
        Some(DeviceRole::Nas | DeviceRole::DiskShelf | DeviceRole::TapeLibrary) => Class::Storage,
        Some(
            DeviceRole::Switch
            | DeviceRole::Router
            | DeviceRole::AccessPoint
            | DeviceRole::Modem
            | DeviceRole::PatchPanel,
        ) => Class::Network,
        _ => Class::Other,
    }
}

/// Devices as boxes, the cables between two devices as one line. Lines to the outside come first, on the left.
fn graph(asked: &Asked<'_>) -> Result<Graph, ShowError> {
    let lab = asked.lab;
    let mut graph = Graph { title: format!("{}: layer 1", lab_name(lab)), ..Graph::default() };
    let between = links_by_devices(lab);
    let cabled: BTreeSet<DeviceId> = between.keys().flat_map(|(near, far)| [*near, *far]).collect();
    let mut boxes: BTreeMap<DeviceId, usize> = BTreeMap::new();
    for (id, device) in lab.devices.iter() {
        let cabled = cabled.contains(&id);
        let used = !matches!(
            device.status.as_ref().map(|status| status.value),
            Some(Status::Unused | Status::Planned)
        );
        let outside = lab.circuits.iter().any(|(_, circuit)| ends_at(lab, circuit) == Some(id));
        if (cabled || outside) && used {
            let role = lab.derived.device(id).role;
            let details = device.r#type.iter().map(ToString::to_string).collect();
            boxes.insert(id, graph.node(device.name.to_string(), details, class_of(role)));
        }
    }
    add_circuits(lab, &boxes, &mut graph);
    let set = set_speeds(lab);
    for ((near, far), links) in &between {
        let (Some(&from), Some(&to)) = (boxes.get(near), boxes.get(far)) else { continue };
        graph.edges.push(edge(lab, &set, from, to, links));
    }
    add_roots(lab, &boxes, &mut graph);
    Ok(graph)
}

/// The links between each two devices, the lower id first.
fn links_by_devices(lab: &Lab) -> BTreeMap<(DeviceId, DeviceId), Vec<(PortId, PortId)>> {
    let mut between: BTreeMap<(DeviceId, DeviceId), Vec<(PortId, PortId)>> = BTreeMap::new();
    for link in &lab.derived.links {
        let (near, far) = (lab.derived.port(link.near).device, lab.derived.port(link.far).device);
        if near <= far {
            between.entry((near, far)).or_default().push((link.near, link.far));
        } else {
            between.entry((far, near)).or_default().push((link.far, link.near));
        }
    }
    between
}

/// The links between two devices as one line; links of one speed are counted together.
fn edge(
    lab: &Lab,
    set: &BTreeMap<PortId, BitRate>,
    from: usize,
    to: usize,
    links: &[(PortId, PortId)],
) -> Edge {
    let names = |port: &dyn Fn(&(PortId, PortId)) -> PortId| {
        let names: Vec<String> =
            links.iter().map(|link| lab.derived.port(port(link)).name.to_string()).collect();
        ranges(&names).join(", ")
    };
    let mut speeds: BTreeMap<Option<BitRate>, usize> = BTreeMap::new();
    for (near, far) in links {
        *speeds.entry(link_speed(lab, set, *near, *far)).or_default() += 1;
    }
    let words = speeds.iter().rev().map(|(speed, count)| match (speed, count) {
        (Some(speed), 1) => speed.to_string(),
        (Some(speed), count) => format!("{count} × {speed}"),
        (None, 1) => String::new(),
        (None, count) => format!("{count} ×"),
    });
    let words: Vec<String> = words.collect();
    Edge {
        tail: names(&|link| link.0),
        head: names(&|link| link.1),
        label: join(words.iter().map(String::as_str), " + "),
        line: if links.len() > 1 { Line::Thick } else { Line::Plain },
        ..Edge::new(from, to)
    }
}

fn ends_at(lab: &Lab, circuit: &lab_model::written::Circuit) -> Option<DeviceId> {
    lab.devices.find(&circuit.ends_at.as_ref()?.value.device.name)
}

fn add_circuits(lab: &Lab, boxes: &BTreeMap<DeviceId, usize>, graph: &mut Graph) {
    for (_, circuit) in lab.circuits.iter() {
        let details = circuit.kind.iter().map(ToString::to_string).collect();
        let line = graph.node(circuit.name.to_string(), details, Class::External);
        graph.roots.push(line);
        if let Some(&to) = ends_at(lab, circuit).and_then(|device| boxes.get(&device)) {
            let head =
                circuit.ends_at.as_ref().map_or_else(String::new, |end| end.value.interface.to_string());
            graph.edges.push(Edge { head, ..Edge::new(line, to) });
        }
    }
}

/// Without a line to the outside the picture begins at the routers, else at the device with most links.
fn add_roots(lab: &Lab, boxes: &BTreeMap<DeviceId, usize>, graph: &mut Graph) {
    if !graph.edges.iter().any(|edge| graph.roots.contains(&edge.from)) {
        let routers =
            boxes.iter().filter(|(id, _)| lab.derived.device(**id).role == Some(DeviceRole::Router));
        graph.roots.extend(routers.map(|(_, node)| *node));
    }
    let degree = |node: usize| graph.edges.iter().filter(|edge| edge.from == node || edge.to == node).count();
    if graph.roots.iter().all(|root| degree(*root) == 0)
        && let Some(most) =
            (0..graph.nodes.len()).max_by_key(|node| (degree(*node), std::cmp::Reverse(*node)))
    {
        graph.roots.push(most);
    }
}

/// The lab's name for titles.
pub(super) fn lab_name(lab: &Lab) -> String {
    lab.head.name.as_ref().map_or_else(|| "lab".to_owned(), ToString::to_string)
}
