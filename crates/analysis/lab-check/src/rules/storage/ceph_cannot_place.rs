//! A Ceph pool whose copies cannot all be placed: fewer hosts (or drives, or racks) than copies.

use crate::amount::{count, names};
use crate::context::Context;
use crate::rule::rule;
use lab_model::derived::DriveId;
use lab_model::lab::{Lab, PoolId};
use lab_model::written::{DriveKind, PoolKind};
use std::collections::BTreeSet;

rule!("ceph-cannot-place", Error, Storage, "a Ceph pool has more copies than places for them");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, pool) in lab.pools.iter() {
        let Some((copies, span)) = copies(lab, id) else { continue };
        let Some(cluster) = pool.cluster.as_ref().and_then(|cluster| cluster.id) else { continue };
        let osds = &lab.derived.cluster_drives(cluster).osds;
        if osds.is_empty() {
            continue;
        }
        let usable: Vec<DriveId> = match pool.device_class.as_ref() {
            Some(class) => osds.iter().copied().filter(|drive| may_be(lab, *drive, &class.text)).collect(),
            None => osds.clone(),
        };
        let domain = pool.failure_domain.as_ref().map_or("host", |domain| &*domain.text);
        let places: BTreeSet<u32> = match domain {
            "osd" => usable.iter().map(|drive| drive.0).collect(),
            "host" | "chassis" | "rack" => {
                usable.iter().map(|drive| lab.derived.drive(*drive).device.0).collect()
            }
            _ => continue,
        };
        let racks: BTreeSet<_> =
            usable.iter().map(|drive| lab.rack_of(lab.derived.drive(*drive).device)).collect();
        let (places, unit) = match (domain, racks.contains(&None)) {
            ("rack", false) => (racks.len(), "rack"),
            ("osd", _) => (places.len(), "drive"),
            _ => (places.len(), "host"),
        };
        if places >= copies {
            continue;
        }
        let called: Vec<String> = usable.iter().map(|drive| lab.drive_name(*drive)).collect();
        let mut finding = context
            .finding(
                format!("`{}` has {copies} copies or chunks and {} to put them on", pool.name, count(places, unit)),
                span,
                format!("{copies}, no two in one {domain}"),
            )
            .and(lab.clusters[cluster].name.span, format!("OSDs: {}", if called.is_empty() { "none of this class".to_owned() } else { names(&called) }))
            .about(lab.subject(id))
            .about(lab.subject(cluster))
            .because("placement groups stay undersized for ever: less is borne than is meant, or nothing is written at all")
            .help(format!("add OSDs in other {domain}s, or keep fewer copies"));
        if let Some(class) = pool.device_class.as_ref().filter(|_| usable.len() < osds.len()) {
            finding =
                finding.and(class.span, format!("{} of {} OSDs are of this class", usable.len(), osds.len()));
        }
        context.report_once(finding);
    }
}

/// How many copies or chunks a pool has, and where that is written.
fn copies(lab: &Lab, id: PoolId) -> Option<(usize, lab_source::Span)> {
    let pool = &lab.pools[id];
    match pool.kind.as_ref()?.value {
        PoolKind::CephReplicated => pool.size.as_ref().map(|size| (size.value as usize, size.span)),
        PoolKind::CephErasure => {
            let (k, m) = (pool.k.as_ref()?, pool.m.as_ref()?);
            Some((k.value as usize + m.value as usize, k.span))
        }
        _ => None,
    }
}

/// False when a drive is known to be of another class.
fn may_be(lab: &Lab, drive: DriveId, class: &str) -> bool {
    let ty = lab.derived.drive(drive).ty.as_ref();
    let Some(kind) = ty.and_then(|ty| ty.kind.as_ref()).map(|kind| kind.value) else { return true };
    match class {
        "hdd" => kind == DriveKind::Hdd,
        "ssd" | "nvme" => kind != DriveKind::Hdd,
        _ => true,
    }
}
