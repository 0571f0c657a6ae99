//! Synchronous writes that go straight to rotating drives: no separate log confirms them.

use crate::context::Context;
use crate::rule::rule;
use lab_model::Lab;
use lab_model::lab::{PoolId, ThingId};
use lab_model::written::{DriveKind, PoolKind};
use lab_source::Span;

rule!("sync-writes-without-log", Note, Storage, "synchronous writes wait for rotating drives");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, pool) in lab.pools.iter() {
        let is_zfs = pool.kind.as_ref().is_some_and(|kind| kind.value == PoolKind::Zfs);
        if !is_zfs || pool.log.is_some() || !rotates(lab, id) {
            continue;
        }
        let Some((thing, span)) = writes_synchronously(lab, id) else { continue };
        let place = pool.vdevs.first().map_or(pool.name.span, |vdev| vdev.span);
        let finding = context
            .finding(
                format!("`{}` has no log, and `{}` writes synchronously", pool.name, lab.name(thing)),
                place,
                "rotating drives only",
            )
            .and(span, "waits until each write is on the drives")
            .about(lab.subject(id))
            .about(lab.subject(thing))
            .because("a rotating drive confirms a hundred such writes a second: databases and virtual machines crawl")
            .help("give the pool a mirrored `log:` on flash with power-loss protection, or move the data to flash");
        context.report_once(finding);
    }
}

/// True when all data of a pool is known to be on rotating drives.
fn rotates(lab: &Lab, pool: PoolId) -> bool {
    let drives = lab.data_drives_of(pool);
    let is_hdd = |kind: Option<DriveKind>| kind == Some(DriveKind::Hdd);
    let kind = |drive| lab.derived.drive(drive).ty.as_ref()?.kind.as_ref().map(|kind| kind.value);
    !drives.is_empty() && drives.into_iter().all(|drive| is_hdd(kind(drive)))
}

/// The first dataset said to be written synchronously, or database, on a pool.
fn writes_synchronously(lab: &Lab, pool: PoolId) -> Option<(ThingId, Span)> {
    let here = |thing: ThingId| lab.pools_of(thing)[..] == [pool];
    let datasets = lab.datasets.iter().filter_map(|(id, dataset)| {
        let said = dataset.synchronous.as_ref().filter(|said| said.value)?;
        here(id.into()).then_some((ThingId::from(id), said.span))
    });
    let volumes = lab.volumes.iter().filter_map(|(id, volume)| {
        let said = volume.database.as_ref().filter(|said| said.value)?;
        here(id.into()).then_some((ThingId::from(id), said.span))
    });
    datasets.chain(volumes).next()
}
