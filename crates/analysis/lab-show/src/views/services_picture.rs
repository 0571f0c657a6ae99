//! The drawing of services: who needs what. Services that need the same are one box; what only one service needs stands
//! in its box; `internet`, `dns` and their like are words in boxes, since nearly everything needs them.

use super::cables::lab_name;
use super::cell::{self, join};
use super::{Asked, ShowError};
use crate::picture::{Class, Edge, Graph, Line, fold};
use lab_model::lab::ServiceId;
use lab_model::{Kind, Lab, ThingId};
use std::collections::{BTreeMap, BTreeSet};

/// What makes services alike: place, needs, wants, words; and whether something needs them.
type Like = (String, String, BTreeSet<ThingId>, BTreeSet<ThingId>, String, Option<u32>);

pub(super) fn graph(asked: &Asked<'_>) -> Result<Graph, ShowError> {
    let lab = asked.lab;
    let mut graph =
        Graph { title: format!("{}: services and what they need", lab_name(lab)), ..Graph::default() };
    let needed_by = needed_by(lab);
    let private = private(lab, &needed_by);
    let mut groups: BTreeMap<Like, Vec<ServiceId>> = BTreeMap::new();
    for (id, _) in lab.services.iter().filter(|(id, _)| !private.contains(&ThingId::from(*id))) {
        groups.entry(like(lab, id, &private, &needed_by)).or_default().push(id);
    }
    let mut boxes: BTreeMap<ThingId, usize> = BTreeMap::new();
    for (like, services) in &groups {
        let node = graph.node(label(lab, services), details(lab, like, services, &private), Class::Service);
        boxes.extend(services.iter().map(|service| (ThingId::from(*service), node)));
    }
    for ((_, _, needs, wants, _, _), services) in &groups {
        let from = boxes[&ThingId::from(services[0])];
        for (things, line) in [(needs, Line::Plain), (wants, Line::Dashed)] {
            for thing in things {
                let to = *boxes
                    .entry(*thing)
                    .or_insert_with(|| graph.node(lab.subject(*thing), Vec::new(), class(thing.kind)));
                if from != to {
                    graph.join(Edge { line, ..Edge::new(from, to) });
                }
            }
        }
    }
    stack_loners(&mut graph);
    Ok(graph)
}

/// Services by what they need.
fn needed_by(lab: &Lab) -> BTreeMap<ThingId, BTreeSet<ServiceId>> {
    let mut needed_by: BTreeMap<ThingId, BTreeSet<ServiceId>> = BTreeMap::new();
    for (id, service) in lab.services.iter() {
        for need in service.needs.ids().chain(service.wants.ids()) {
            needed_by.entry(need).or_default().insert(id);
        }
    }
    needed_by
}

/// What one service alone needs and what itself needs nothing, such as its database.
fn private(lab: &Lab, needed_by: &BTreeMap<ThingId, BTreeSet<ServiceId>>) -> BTreeSet<ThingId> {
    let is_end = |thing: &ThingId| match thing.kind {
        Kind::Service => lab.services[ServiceId(thing.index)].needs.is_empty(),
        _ => true,
    };
    let alone = needed_by.iter().filter(|(_, users)| users.len() == 1).map(|(thing, _)| *thing);
    alone.filter(is_end).filter(|thing| thing.kind != Kind::External).collect()
}

fn like(
    lab: &Lab,
    id: ServiceId,
    private: &BTreeSet<ThingId>,
    needed_by: &BTreeMap<ThingId, BTreeSet<ServiceId>>,
) -> Like {
    let service = &lab.services[id];
    let shared = |ids: Vec<ThingId>| ids.into_iter().filter(|thing| !private.contains(thing)).collect();
    let words = service.needs.items.iter().filter(|need| need.id.is_none()).map(|need| need.text.to_string());
    // What others need has a box of its own, so that lines lead to it and not to its likes.
    let own = needed_by.contains_key(&ThingId::from(id)).then_some(id.0);
    (
        cell::refs(&service.on),
        cell::value(&service.status),
        shared(service.needs.ids().collect()),
        shared(service.wants.ids().collect()),
        words.collect::<Vec<_>>().join(", "),
        own,
    )
}

fn label(lab: &Lab, services: &[ServiceId]) -> String {
    match services {
        [one] => lab.services[*one].name.to_string(),
        several => format!("{} services", several.len()),
    }
}

fn details(lab: &Lab, like: &Like, services: &[ServiceId], private: &BTreeSet<ThingId>) -> Vec<String> {
    let (on, status, _, _, words, _) = like;
    let with_own = |id: &ServiceId| {
        let service = &lab.services[*id];
        let own = service.needs.ids().chain(service.wants.ids()).filter(|thing| private.contains(thing));
        let own: Vec<String> = own.map(|thing| lab.name(thing).to_string()).collect();
        (service.name.to_string(), own)
    };
    let mut names: Vec<String> = Vec::new();
    for (name, own) in services.iter().map(with_own) {
        match (services.len(), own.is_empty()) {
            (1, true) => {}
            (1, false) => names.extend(own.into_iter().map(|own| format!("+ {own}"))),
            (_, true) => names.push(name),
            (_, false) => names.push(format!("{name} (+ {})", own.join(", "))),
        }
    }
    let place = join([on.as_str(), status], ", ");
    let head = (!place.is_empty()).then(|| format!("on {place}").replace("on planned", "planned"));
    let tail = (!words.is_empty()).then(|| format!("needs {words}"));
    head.into_iter().chain(fold(&names, 44, 24)).chain(tail).collect()
}

fn class(kind: Kind) -> Class {
    match kind {
        Kind::External | Kind::Circuit => Class::External,
        Kind::Dataset | Kind::Volume | Kind::Pool => Class::Storage,
        Kind::Device | Kind::Host | Kind::Vm | Kind::Cluster => Class::Machine,
        _ => Class::Service,
    }
}

/// Boxes without a line stand last, so that they do not come between those with lines.
fn stack_loners(graph: &mut Graph) {
    let is_joined = |node: usize| graph.edges.iter().any(|edge| edge.from == node || edge.to == node);
    let (mut order, loners): (Vec<usize>, Vec<usize>) =
        (0..graph.nodes.len()).partition(|node| is_joined(*node));
    order.extend(loners);
    let mut place = vec![0; order.len()];
    for (new, old) in order.iter().enumerate() {
        place[*old] = new;
    }
    let nodes = order.iter().map(|old| graph.nodes[*old].clone()).collect();
    graph.nodes = nodes;
    for edge in &mut graph.edges {
        (edge.from, edge.to) = (place[edge.from], place[edge.to]);
    }
}
