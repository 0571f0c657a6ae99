//! The drawing of power: from the grid to the last supply, each part with what it carries and what it is made for.

use super::cables::{class_of, lab_name};
use super::power::{Load, rating, walk};
use super::{Asked, ShowError};
use crate::picture::{Class, Edge, Graph};
use lab_model::derived::PowerSource;
use lab_model::lab::{DeviceId, PowerId};
use lab_model::{Lab, ThingId};
use std::collections::BTreeMap;

pub(super) fn graph(asked: &Asked<'_>) -> Result<Graph, ShowError> {
    let lab = asked.lab;
    let mut graph = Graph { title: format!("{}: power", lab_name(lab)), ..Graph::default() };
    let (_, loads) = walk(lab);
    let mut boxes: BTreeMap<ThingId, usize> = BTreeMap::new();
    for (id, node) in lab.power.iter() {
        let breaker = node.breaker.map(|breaker| format!("breaker {}", breaker.value));
        let details = breaker.into_iter().chain(carries(loads.get(&id.into()))).collect();
        boxes.insert(id.into(), graph.node(node.name.to_string(), details, Class::Power));
    }
    for (id, device) in lab.devices.iter() {
        let powered = lab.derived.inlets_of(id).any(|(_, inlet)| inlet.source.is_some());
        if powered || lab.derived.poe_source(id).is_some() {
            let class = class_of(lab.derived.device(id).role);
            let details = device_lines(lab, id, &loads);
            boxes.insert(id.into(), graph.node(device.name.to_string(), details, class));
        }
    }
    for (id, node) in lab.power.iter() {
        let feeds = node.from.ids().filter_map(|from: PowerId| boxes.get(&from.into()));
        graph.edges.extend(feeds.map(|from| Edge::new(*from, boxes[&id.into()])));
    }
    cords(lab, &boxes, &mut graph);
    Ok(graph)
}

/// What a part carries, when something of it is known.
fn carries(load: Option<&Load>) -> Option<String> {
    let load = load.filter(|load| load.typical > 0)?;
    let [typical, peak] = load.shown();
    let peak = if load.peak > load.typical { format!(", at most {peak}") } else { String::new() };
    Some(format!("carries {typical}{peak}"))
}

/// A device that feeds others says what it carries and can; another what it draws.
fn device_lines(lab: &Lab, id: DeviceId, loads: &BTreeMap<ThingId, Load>) -> Vec<String> {
    let feeds = lab.derived.fed_by_device(id).next().is_some();
    let rated = Some(rating(lab, id)).filter(|rating| !rating.is_empty());
    let draw = lab.derived.draw(id);
    let watts = match (draw.typical, draw.peak) {
        _ if feeds => carries(loads.get(&id.into())),
        (Some(typical), Some(peak)) if peak > typical => Some(format!("{typical}, at most {peak}")),
        (typical, peak) => typical.or(peak).map(|watts| watts.to_string()),
    };
    rated.into_iter().chain(watts).collect()
}

/// Cords from sources to inlets, those between two boxes as one line; and network cables that power.
fn cords(lab: &Lab, boxes: &BTreeMap<ThingId, usize>, graph: &mut Graph) {
    let mut lines: BTreeMap<(usize, usize), (Vec<String>, Vec<String>)> = BTreeMap::new();
    for inlet in &lab.derived.inlets {
        let (from, outlet) = match inlet.source {
            Some(PowerSource::Node(node)) => (ThingId::from(node), None),
            Some(PowerSource::Device(feeder)) => (feeder.into(), None),
            Some(PowerSource::Outlet(outlet)) => {
                let outlet = lab.derived.outlet(outlet);
                (outlet.device.into(), Some(outlet.name.to_string()))
            }
            None => continue,
        };
        let (Some(&from), Some(&to)) = (boxes.get(&from), boxes.get(&inlet.device.into())) else { continue };
        let line = lines.entry((from, to)).or_default();
        line.0.extend(outlet);
        line.1.push(inlet.name.to_string());
    }
    for ((from, to), (outlets, inlets)) in lines {
        let words = |names: &[String]| super::cell::ranges(names).join(", ");
        graph.edges.push(Edge { tail: words(&outlets), head: words(&inlets), ..Edge::new(from, to) });
    }
    for (id, _) in lab.devices.iter() {
        let Some(port) = lab.derived.poe_source(id) else { continue };
        let port = lab.derived.port(port);
        if let (Some(&from), Some(&to)) = (boxes.get(&port.device.into()), boxes.get(&id.into())) {
            let tail = port.name.to_string();
            graph.edges.push(Edge { tail, label: "PoE".to_owned(), ..Edge::new(from, to) });
        }
    }
}
