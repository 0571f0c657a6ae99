//! `show storage`: drives, pools with their layout and what they can lose, datasets, storage classes and volumes.

use super::cables::lab_name;
use super::cell::{self, join, named, refs, shown, size, value};
use super::hosts::prefixed;
use super::{Asked, Drawing, ShowError, View};
use crate::document::{Block, Document, Table};
use lab_model::Lab;
use lab_model::derived::{DriveId, DriveRole, VdevFacts};
use lab_model::grammar::Bytes;
use lab_model::lab::PoolId;
use lab_model::written::{PoolKind, Share};
use std::collections::BTreeMap;

pub(super) const VIEW: View = View {
    name: "storage",
    summary: "drives, pools, datasets, storage classes and volumes; drawn, what stands on what",
    document,
    drawing: Some(Drawing::Graph(super::storage_picture::graph)),
};

fn document(asked: &Asked<'_>) -> Result<Document, ShowError> {
    let lab = asked.lab;
    let tables = [pools(lab), datasets(lab), classes(lab), volumes(lab), drives(lab)];
    let blocks = tables.into_iter().filter(|table| !table.rows.is_empty()).map(Block::Table).collect();
    Ok(Document { title: format!("{}: storage", lab_name(lab)), blocks })
}

/// Drives drawn together by what they hold: `8 × 8 TB`; of unknown ones the count and the model.
pub(super) fn alike(lab: &Lab, drives: &[DriveId]) -> String {
    let mut kinds: Vec<(String, usize)> = Vec::new();
    for &drive in drives {
        let model = lab.derived.drive(drive).model.as_ref().map(ToString::to_string);
        let kind = lab.derived.capacity(drive).map(size).or(model).unwrap_or_else(|| "drive".to_owned());
        match kinds.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, count)) => *count += 1,
            None => kinds.push((kind, 1)),
        }
    }
    kinds.into_iter().map(|(kind, count)| format!("{count} × {kind}")).collect::<Vec<_>>().join(" + ")
}

fn vdev(lab: &Lab, vdev: &VdevFacts) -> String {
    format!("{} of {}", vdev.kind, alike(lab, &vdev.drives))
}

/// How a pool is laid out, in words.
pub(super) fn layout(lab: &Lab, id: PoolId) -> String {
    let (pool, facts) = (&lab.pools[id], lab.derived.pool(id));
    let number = |value: &Option<lab_source::Spanned<u32>>| value.as_ref().map(|value| value.value);
    match pool.kind.as_ref().map(|kind| kind.value) {
        Some(PoolKind::CephErasure) => match (number(&pool.k), number(&pool.m)) {
            (Some(k), Some(m)) => format!("{k} data + {m} coding chunks"),
            _ => String::new(),
        },
        Some(PoolKind::CephReplicated) => {
            number(&pool.size).map_or_else(String::new, |size| format!("{size} copies"))
        }
        _ => facts.vdevs.iter().map(|group| vdev(lab, group)).collect::<Vec<_>>().join(" + "),
    }
}

/// How many parts may be lost without loss of data, whichever they are.
pub(super) fn tolerates(lab: &Lab, id: PoolId) -> String {
    let (pool, facts) = (&lab.pools[id], lab.derived.pool(id));
    let domain = pool.failure_domain.as_ref().map_or("osd", |domain| &domain.text);
    let count = match pool.kind.as_ref().map(|kind| kind.value) {
        Some(PoolKind::CephErasure) => pool.m.as_ref().map(|m| m.value as usize),
        Some(PoolKind::CephReplicated) => {
            pool.size.as_ref().map(|size| (size.value as usize).saturating_sub(1))
        }
        _ => facts.vdevs.iter().map(VdevFacts::tolerates).min(),
    };
    let part = if pool.cluster.is_some() { domain } else { "drive" };
    match count {
        None => String::new(),
        Some(0) => format!("no {part}"),
        Some(1) => format!("any {part}"),
        Some(count) if part == "chassis" => format!("any {count} {part}"),
        Some(count) => format!("any {count} {part}s"),
    }
}

/// What the drives of a pool hold together.
fn raw(lab: &Lab, id: PoolId) -> Option<Bytes> {
    let pool = &lab.pools[id];
    if let Some(cluster) = pool.cluster.as_ref().and_then(|cluster| cluster.id) {
        return lab.derived.raw_of_cluster(cluster);
    }
    let drives: Vec<DriveId> =
        lab.derived.pool(id).vdevs.iter().flat_map(|vdev| vdev.drives.iter().copied()).collect();
    let sizes: Option<Vec<Bytes>> = drives.iter().map(|drive| lab.derived.capacity(*drive)).collect();
    sizes.filter(|sizes| !sizes.is_empty()).map(|sizes| sizes.into_iter().sum())
}

fn pools(lab: &Lab) -> Table {
    let mut table = Table::new(&[
        "pool",
        "kind",
        "on",
        "~layout",
        ">raw",
        ">usable",
        "may lose",
        "~log",
        "~-cache",
        "~-special",
        "~-spares",
        "-min size",
        "-domain",
        "-class",
        "-more",
        ">-said raw",
        ">-said usable",
        ">-used",
        "~-description",
    ])
    .titled("Pools");
    for (id, pool) in lab.pools.iter() {
        let facts = lab.derived.pool(id);
        let more = join(
            [
                prefixed("ashift ", &value(&pool.ashift)).as_str(),
                &shown(pool.compression.as_ref()),
                cell::when(&pool.deduplicated, "deduplicated"),
                cell::when(&pool.encrypted, "encrypted"),
                cell::when(&pool.multipath, "multipath"),
            ],
            ", ",
        );
        table.row([
            pool.name.to_string(),
            value(&pool.kind),
            join(
                [
                    named(&pool.on).as_str(),
                    &named(&pool.cluster),
                    &prefixed("drives in ", &named(&pool.drives_in)),
                ],
                ", ",
            ),
            layout(lab, id),
            shown(raw(lab, id).map(size)),
            shown(lab.derived.usable_of_pool(lab, id).map(size)),
            tolerates(lab, id),
            facts.log.as_ref().map_or_else(String::new, |log| vdev(lab, log)),
            alike(lab, &facts.cache),
            facts.special.as_ref().map_or_else(String::new, |special| vdev(lab, special)),
            alike(lab, &facts.spares),
            value(&pool.min_size),
            shown(pool.failure_domain.as_ref()),
            shown(pool.device_class.as_ref()),
            more,
            value(&pool.raw),
            value(&pool.usable),
            value(&pool.used),
            shown(pool.description.as_ref()),
        ]);
    }
    table
}

fn share(share: &Share) -> String {
    let to = join([refs(&share.to).as_str(), &cell::values(&share.networks)], ", ");
    join(
        [
            value(&share.protocol).as_str(),
            &prefixed("to ", &to),
            &value(&share.mode),
            cell::when(&share.root_is_root, "root is root"),
            &share.options.as_ref().map_or_else(String::new, |options| format!("({options})")),
        ],
        " ",
    )
}

fn datasets(lab: &Lab) -> Table {
    let mut table = Table::new(&[
        "dataset",
        "pool",
        "importance",
        ">size",
        "~shares",
        ">-quota",
        ">-reserved",
        "-grows",
        "~snapshots",
        "~-path",
        "-more",
        "~description",
    ])
    .titled("Datasets");
    for (_, dataset) in lab.datasets.iter() {
        let snapshots = dataset.snapshots.as_ref();
        let more =
            [cell::when(&dataset.synchronous, "synchronous"), cell::when(&dataset.encrypted, "encrypted")];
        table.row([
            dataset.name.to_string(),
            named(&dataset.pool),
            value(&dataset.importance),
            value(&dataset.size),
            dataset.shares.iter().map(share).collect::<Vec<_>>().join("; "),
            value(&dataset.quota),
            value(&dataset.reserved),
            shown(dataset.grows.as_ref()),
            snapshots.map_or_else(String::new, |snapshots| {
                join([value(&snapshots.every).as_str(), &prefixed("keep ", &value(&snapshots.keep))], ", ")
            }),
            shown(dataset.path.as_ref()),
            join(more, ", "),
            shown(dataset.description.as_ref()),
        ]);
    }
    table
}

fn classes(lab: &Lab) -> Table {
    let heads =
        ["class", "cluster", "mode", "on", "~driver", "reclaim", "default", "-snapshots", "~description"];
    let mut table = Table::new(&heads).titled("Storage classes");
    for (_, class) in lab.storage_classes.iter() {
        table.row([
            class.name.to_string(),
            named(&class.cluster),
            value(&class.mode),
            join([named(&class.pool).as_str(), &named(&class.dataset), &refs(&class.pools)], ", "),
            shown(class.driver.as_ref()),
            value(&class.reclaim),
            cell::when(&class.default, "default").to_owned(),
            cell::when(&class.snapshots, "yes").to_owned(),
            shown(class.description.as_ref()),
        ]);
    }
    table
}

fn volumes(lab: &Lab) -> Table {
    let heads = [
        "volume",
        "service",
        "on",
        ">size",
        "importance",
        ">copies",
        "~-more",
        "-grows",
        "-controller",
        "~description",
    ];
    let mut table = Table::new(&heads).titled("Volumes");
    for (_, volume) in lab.volumes.iter() {
        let parts =
            cell::names(volume.parts.iter().map(|(name, text)| join([name.text.as_ref(), &text.text], ": ")));
        let more = join(
            [
                cell::when(&volume.database, "database"),
                cell::when(&volume.shared, "shared"),
                &prefixed("changes ", &value(&volume.changes)),
                &parts,
            ],
            ", ",
        );
        table.row([
            volume.name.to_string(),
            named(&volume.service),
            named(&volume.on),
            value(&volume.size),
            value(&volume.importance),
            value(&volume.copies),
            more,
            shown(volume.grows.as_ref()),
            value(&volume.controller),
            shown(volume.description.as_ref()),
        ]);
    }
    table
}

fn role(role: DriveRole) -> &'static str {
    match role {
        DriveRole::Data => "data",
        DriveRole::Log => "log",
        DriveRole::Cache => "cache",
        DriveRole::Special => "special",
        DriveRole::Spare => "spare",
        DriveRole::Osd => "OSD",
        DriveRole::System => "system",
        DriveRole::PassedThrough => "passed through",
    }
}

fn drives(lab: &Lab) -> Table {
    drives_of(lab, |_| true)
}

/// The drives of the devices that are wanted.
pub(super) fn drives_of(lab: &Lab, wanted: impl Fn(lab_model::lab::DeviceId) -> bool) -> Table {
    let mut owners: BTreeMap<DriveId, Vec<String>> = BTreeMap::new();
    for owner in &lab.derived.drive_owners {
        owners.entry(owner.drive).or_default().push(format!(
            "{} ({})",
            lab.name(owner.owner),
            role(owner.role)
        ));
    }
    let mut table = Table::new(&[
        "device", "bay", "~model", ">size", "kind", "~by", "used by", "-serial", "-wwn", "-bus", "-age",
        "status",
    ])
    .titled("Drives");
    for (index, drive) in (0u32..).zip(&lab.derived.drives).filter(|(_, drive)| wanted(drive.device)) {
        let id = DriveId(index);
        let ty = drive.ty.as_ref();
        let used = owners.get(&id).map(|owners| owners.join(", "));
        table.row([
            lab.devices[drive.device].name.to_string(),
            drive.bay.to_string(),
            shown(drive.model.as_ref()),
            shown(lab.derived.capacity(id).map(size)),
            ty.map_or_else(String::new, |ty| value(&ty.kind)),
            ty.map_or_else(String::new, |ty| value(&ty.interface)),
            used.unwrap_or_else(|| value(&drive.said.holds)),
            shown(drive.said.serial.as_ref()),
            shown(drive.said.wwn.as_ref()),
            shown(drive.said.bus.as_ref()),
            value(&drive.said.age),
            value(&drive.said.status),
        ]);
    }
    table
}
