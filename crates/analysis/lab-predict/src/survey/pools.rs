//! Pools: groups of drives with what each tolerates, and who serves them. Ceph is in `ceph`.

use super::{Surveyor, ceph};
use crate::works::{DriveId, Holder, Layout, Pool, Vdev};
use lab_model::derived::VdevFacts;
use lab_model::lab::PoolId;
use lab_model::written::{PoolKind, VdevKind};

/// Adds every pool.
pub(super) fn survey(surveyor: &mut Surveyor<'_>) {
    let pools: Vec<_> = surveyor.pool_of.iter().map(|(&pool, &row)| (pool, row)).collect();
    for (pool, promised) in pools {
        let record = &surveyor.lab.pools[pool];
        let row = Pool {
            thing: pool.into(),
            label: record.name.to_string(),
            layout: layout(surveyor, pool),
            holder: holder(surveyor, pool),
            serving_fails: Vec::new(),
            span: Some(record.name.span),
        };
        Surveyor::added(surveyor.works.pools(row), promised);
    }
}

fn holder(surveyor: &mut Surveyor<'_>, pool: PoolId) -> Option<Holder> {
    if surveyor.lab.is_ceph(pool) {
        return None;
    }
    let record = &surveyor.lab.pools[pool];
    let holder = record.on.as_ref().and_then(|on| on.id).and_then(|on| surveyor.holder(on));
    if holder.is_none() {
        let what = format!("{} is always served: nothing says by whom", record.name);
        surveyor.assume(what, Some(record.name.span));
    }
    holder
}

fn layout(surveyor: &mut Surveyor<'_>, pool: PoolId) -> Layout {
    let lab = surveyor.lab;
    if lab.is_ceph(pool) {
        return ceph::survey(surveyor, pool);
    }
    let record = &lab.pools[pool];
    let kind = record.kind.as_ref().map(|kind| kind.value);
    let facts = lab.derived.pool(pool);
    let name = &*record.name.text;
    let mut data = Vec::new();
    for vdev in &facts.vdevs {
        data.extend(groups(surveyor, name, kind, vdev));
    }
    if data.is_empty() {
        let what = format!("{name} never loses data by itself: its drives are not written down");
        surveyor.assume(what, Some(record.name.span));
        return Layout::Unknown;
    }
    if kind == Some(PoolKind::Unraid) {
        let tolerates = data.iter().map(|vdev| vdev.tolerates).max().unwrap_or(0);
        let drives = data.into_iter().flat_map(|vdev| vdev.drives).collect();
        return Layout::Separate(Vdev { label: format!("drives of {name}"), drives, tolerates });
    }
    if let Some(special) = &facts.special {
        let special = groups(surveyor, name, kind, special).into_iter();
        data.extend(special.map(|vdev| Vdev { label: format!("special {}", vdev.label), ..vdev }));
    }
    Layout::Groups(data)
}

/// The groups that a vdev is in which failures count: itself, or each mirrored pair. Drives that are not in use are gone already.
fn groups(surveyor: &mut Surveyor<'_>, pool: &str, kind: Option<PoolKind>, vdev: &VdevFacts) -> Vec<Vdev> {
    let drives: Vec<DriveId> =
        vdev.drives.iter().filter_map(|drive| surveyor.drive_of.get(drive).copied()).collect();
    let (word, gone) = (vdev.kind, vdev.written.saturating_sub(drives.len()));
    if gone > 0 {
        let what =
            format!("the {word} of {pool} is without {gone} of its {} drives: not in use", vdev.written);
        surveyor.assume(what, Some(vdev.span));
    }
    if drives.is_empty() {
        return Vec::new();
    }
    // btrfs mirrors chunk by chunk, on any two drives: there are no fixed pairs.
    let has_pairs = word == VdevKind::Raid10 && kind != Some(PoolKind::Btrfs);
    if has_pairs && gone == 0 && drives.len().is_multiple_of(2) {
        // Neighbours mirror each other, as md(4) lays them out with two near copies.
        let pair = |(at, pair): (usize, &[DriveId])| {
            let label = format!("pair {} of the {word} of {pool}", at + 1);
            Vdev { label, drives: pair.to_vec(), tolerates: 1 }
        };
        return drives.chunks(2).enumerate().map(pair).collect();
    }
    let tolerates = u32::try_from(vdev.tolerates().saturating_sub(gone)).expect("a group has few drives");
    vec![Vdev { label: format!("{word} of {pool}"), drives, tolerates }]
}
