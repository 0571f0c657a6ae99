//! Data that matters on a pool that bears no failed drive.

use crate::amount::names;
use crate::context::Context;
use crate::rule::rule;
use lab_model::Lab;
use lab_model::lab::{DatasetId, Kind, PoolId, ThingId, VolumeId};
use lab_model::written::{Importance, PoolKind};
use lab_source::Span;

rule!(
    "pool-without-redundancy",
    Warning,
    Storage,
    "data that matters is on a pool that bears no failed drive"
);

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, pool) in lab.pools.iter() {
        let Some((span, why)) = weakness(lab, id) else { continue };
        let data = lab.datasets.iter().map(|(id, _)| ThingId::from(id));
        let data = data.chain(lab.volumes.iter().map(|(id, _)| id.into()));
        let bare: Vec<ThingId> =
            data.filter(|thing| matters(lab, *thing) && lab.pools_of(*thing).contains(&id)).collect();
        let Some(first) = bare.first() else { continue };
        let called: Vec<String> = bare.iter().map(|thing| lab.name(*thing).to_string()).collect();
        let mut finding = context
            .finding(format!("{} on `{}`, which bears no failed drive", names(&called), pool.name), span, why)
            .and(lab.name(*first).span, "important, and it keeps no second copy itself")
            .about(lab.subject(id))
            .because(
                "the first drive that fails takes it all; what was written since the last backup is gone",
            )
            .help("mirror the drives, or let the service keep copies and write `copies`");
        for thing in bare {
            finding = finding.about(lab.subject(thing));
        }
        context.report_once(finding);
    }
}

fn weakness(lab: &Lab, id: PoolId) -> Option<(Span, String)> {
    let pool = &lab.pools[id];
    match pool.kind.as_ref()?.value {
        PoolKind::CephReplicated => {
            let size = pool.size.as_ref().filter(|size| size.value < 2)?;
            Some((size.span, "a single copy".to_owned()))
        }
        PoolKind::CephErasure => {
            let m = pool.m.as_ref().filter(|m| m.value == 0)?;
            Some((m.span, "no coding chunk".to_owned()))
        }
        PoolKind::Unraid => None,
        _ => {
            let vdev =
                lab.derived.pool(id).vdevs.iter().find(|vdev| vdev.written > 0 && vdev.tolerates() == 0)?;
            Some((vdev.span, format!("{} of {}", vdev.kind, crate::amount::count(vdev.written, "drive"))))
        }
    }
}

fn matters(lab: &Lab, thing: ThingId) -> bool {
    let (importance, copies) = match thing.kind {
        Kind::Dataset => (&lab.datasets[DatasetId(thing.index)].importance, None),
        _ => {
            let volume = &lab.volumes[VolumeId(thing.index)];
            (&volume.importance, volume.copies.as_ref())
        }
    };
    let important = importance
        .as_ref()
        .is_some_and(|said| matches!(said.value, Importance::Important | Importance::Irreplaceable));
    important && copies.is_none_or(|copies| copies.value < 2)
}
