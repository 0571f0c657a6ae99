//! The drawing of storage: drives, the Ceph clusters they form, pools, datasets and classes, and what is kept on them.

use super::cables::lab_name;
use super::cell::{self, join, shown, size};
use super::copies::stands_on;
use super::storage::{alike, layout, tolerates};
use super::{Asked, ShowError};
use crate::picture::{Class, Edge, Graph, fold};
use lab_model::derived::DriveId;
use lab_model::lab::{Id, VolumeId};
use lab_model::{Kind, Lab, ThingId};
use std::collections::BTreeMap;

const COLUMNS: [&str; 5] =
    ["drives", "clusters", "pools", "datasets and classes", "what is kept there, and by whom"];

/// Letters on a line of a box of names.
const LINE: usize = 46;
/// Lines of a box of names.
const LINES: usize = 26;

/// Boxes by what they stand for.
type Boxes = BTreeMap<ThingId, usize>;

pub(super) fn graph(asked: &Asked<'_>) -> Result<Graph, ShowError> {
    let lab = asked.lab;
    let mut graph = Graph {
        title: format!("{}: storage", lab_name(lab)),
        columns: COLUMNS.map(str::to_owned).to_vec(),
        ..Graph::default()
    };
    let mut boxes = Boxes::new();
    add_clusters(lab, &mut graph, &mut boxes);
    add_pools(lab, &mut graph, &mut boxes);
    add_datasets(lab, &mut graph, &mut boxes);
    add_classes(lab, &mut graph, &mut boxes);
    add_users(lab, &mut graph, &boxes);
    graph.close_columns();
    Ok(graph)
}

/// A box for drives of one use, and the line to it.
fn add_drives(lab: &Lab, drives: &[DriveId], what: &str, to: usize, graph: &mut Graph) {
    if drives.is_empty() {
        return;
    }
    let names = drives.iter().map(|drive| {
        let drive = lab.derived.drive(*drive);
        format!("{}/{}", lab.devices[drive.device].name, drive.bay)
    });
    let names = cell::ranges(&names.collect::<Vec<_>>());
    let mut models: Vec<String> = drives
        .iter()
        .filter_map(|drive| lab.derived.drive(*drive).model.as_ref())
        .map(ToString::to_string)
        .collect();
    models.dedup();
    let details = fold(&models, LINE, 2).into_iter().chain(fold(&names, LINE, 4)).collect();
    let from = graph.node_in(0, alike(lab, drives), details, Class::Other);
    graph.edges.push(Edge { label: what.to_owned(), ..Edge::new(from, to) });
}

fn add_clusters(lab: &Lab, graph: &mut Graph, boxes: &mut Boxes) {
    for (id, cluster) in lab.clusters.iter() {
        let holds_pools =
            lab.pools.iter().any(|(_, pool)| pool.cluster.as_ref().and_then(|of| of.id) == Some(id));
        if !holds_pools {
            continue;
        }
        let raw = lab.derived.raw_of_cluster(id).map(|raw| format!("{} raw", size(raw)));
        let members = cell::refs(&cluster.members);
        let details = raw.into_iter().chain((!members.is_empty()).then_some(members)).collect();
        let node = graph.node_in(1, cluster.name.to_string(), details, Class::Machine);
        boxes.insert(id.into(), node);
        add_drives(lab, &lab.derived.cluster_drives(id).osds, "OSDs", node, graph);
    }
}

fn add_pools(lab: &Lab, graph: &mut Graph, boxes: &mut Boxes) {
    for (id, pool) in lab.pools.iter() {
        let kind = shown(pool.kind.as_ref().map(|kind| kind.value));
        let on = cell::named(&pool.on);
        let usable = lab.derived.usable_of_pool(lab, id).map(size);
        let details: Vec<String> = [
            join([kind.as_str(), &on], " on "),
            layout(lab, id),
            usable.map_or_else(String::new, |usable| format!("{usable} usable")),
            super::hosts::prefixed("may lose ", &tolerates(lab, id)),
        ]
        .into_iter()
        .filter(|line| !line.is_empty())
        .collect();
        let node = graph.node_in(2, pool.name.to_string(), details, Class::Storage);
        boxes.insert(id.into(), node);
        let cluster =
            pool.cluster.as_ref().and_then(|cluster| cluster.id).and_then(|id| boxes.get(&id.into()));
        graph.edges.extend(cluster.map(|cluster| Edge::new(*cluster, node)));
        let facts = lab.derived.pool(id);
        for vdev in &facts.vdevs {
            add_drives(lab, &vdev.drives, vdev.kind.as_str(), node, graph);
        }
        for (vdev, what) in [(&facts.log, "log"), (&facts.special, "special")] {
            if let Some(vdev) = vdev {
                add_drives(lab, &vdev.drives, &format!("{what}, {}", vdev.kind), node, graph);
            }
        }
        add_drives(lab, &facts.cache, "cache", node, graph);
        add_drives(lab, &facts.spares, "spares", node, graph);
    }
}

fn add_datasets(lab: &Lab, graph: &mut Graph, boxes: &mut Boxes) {
    for (id, dataset) in lab.datasets.iter() {
        let importance = shown(dataset.importance.as_ref().map(|importance| importance.value));
        let held = shown(dataset.size.as_ref().map(|size| size.value));
        let shares: Vec<String> = dataset.shares.iter().map(|share| cell::value(&share.protocol)).collect();
        let details: Vec<String> = [
            join([importance.as_str(), &held], ", "),
            super::hosts::prefixed("shared by ", &shares.join(", ")),
        ]
        .into_iter()
        .filter(|line| !line.is_empty())
        .collect();
        let node = graph.node_in(3, dataset.name.to_string(), details, Class::Storage);
        boxes.insert(id.into(), node);
        let pool = dataset.pool.as_ref().and_then(|pool| pool.id).and_then(|pool| boxes.get(&pool.into()));
        graph.edges.extend(pool.map(|pool| Edge::new(*pool, node)));
    }
}

/// Classes that stand on the same things are one box.
fn add_classes(lab: &Lab, graph: &mut Graph, boxes: &mut Boxes) {
    let mut groups: BTreeMap<Vec<usize>, Vec<lab_model::lab::StorageClassId>> = BTreeMap::new();
    for (id, class) in lab.storage_classes.iter() {
        let pools = class
            .pool
            .as_ref()
            .and_then(|pool| pool.id)
            .into_iter()
            .chain(class.pools.ids())
            .map(ThingId::from);
        let dataset = class.dataset.as_ref().and_then(|dataset| dataset.id).map(ThingId::from);
        let below: Vec<usize> = pools.chain(dataset).filter_map(|thing| boxes.get(&thing).copied()).collect();
        groups.entry(below).or_default().push(id);
    }
    for (below, classes) in groups {
        let names: Vec<String> =
            classes.iter().map(|class| lab.storage_classes[*class].name.to_string()).collect();
        let first = &lab.storage_classes[classes[0]];
        let mode = first.mode.as_ref().map(|mode| format!("class, {}", mode.value));
        let label = if names.len() == 1 { names[0].clone() } else { format!("{} classes", names.len()) };
        let more = if names.len() == 1 { Vec::new() } else { fold(&names, LINE, 6) };
        let details = mode.into_iter().chain(more).collect();
        let node = graph.node_in(3, label, details, Class::Machine);
        boxes.extend(classes.iter().map(|class| (ThingId::from(*class), node)));
        graph.edges.extend(below.into_iter().map(|from| Edge::new(from, node)));
    }
}

/// One box for all volumes in one place, and for the services that use the place itself.
fn add_users(lab: &Lab, graph: &mut Graph, boxes: &Boxes) {
    let mut kept: BTreeMap<Option<usize>, Vec<String>> = BTreeMap::new();
    for (index, (_, volume)) in lab.volumes.iter().enumerate() {
        let on = stands_on(lab, VolumeId::new(index as u32).into()).and_then(|on| boxes.get(&on).copied());
        let held = shown(volume.size.as_ref().map(|size| size.value));
        kept.entry(on).or_default().push(join([volume.name.text.as_ref(), &held], " "));
    }
    for (on, names) in kept {
        let label = format!("{} volume{}", names.len(), if names.len() == 1 { "" } else { "s" });
        let details = fold(&names, LINE, LINES);
        let place = if on.is_some() { label } else { format!("{label}, place not known") };
        let node = graph.node_in(4, place, details, Class::Storage);
        graph.edges.extend(on.map(|on| Edge::new(on, node)));
    }
    let mut users: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for (_, service) in lab.services.iter() {
        let places = service.needs.ids().filter(|need| matches!(need.kind, Kind::Dataset | Kind::Pool));
        for place in places.filter_map(|place| boxes.get(&place)) {
            users.entry(*place).or_default().push(service.name.to_string());
        }
    }
    for (place, names) in users {
        let label = format!("{} service{}", names.len(), if names.len() == 1 { "" } else { "s" });
        let node = graph.node_in(4, label, fold(&names, LINE, LINES), Class::Service);
        graph.edges.push(Edge::new(place, node));
    }
}
