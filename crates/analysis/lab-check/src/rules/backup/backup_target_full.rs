//! Copies that do not fit where they go.

use crate::amount::size;
use crate::context::Context;
use crate::rule::rule;
use lab_model::Lab;
use lab_model::derived::copies::by_thing;
use lab_model::grammar::Bytes;
use lab_model::lab::{DatasetId, DeviceId, Kind, PoolId, ThingId, VolumeId};
use lab_source::Span;
use std::collections::{BTreeMap, BTreeSet};

rule!("backup-target-full", Error, Backup, "what is backed up does not fit where it goes");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let mut into: BTreeMap<ThingId, (Span, BTreeSet<ThingId>)> = BTreeMap::new();
    for (thing, copies) in by_thing(lab) {
        for copy in copies {
            let Some(to) = copy.copy.to.as_ref().and_then(|to| to.id) else { continue };
            into.entry(to).or_insert((copy.span(), BTreeSet::new())).1.insert(thing);
        }
    }
    for (to, (span, things)) in into {
        let Some((room, what)) = room(lab, to) else { continue };
        let sum: u64 = things.iter().filter_map(|thing| bytes(lab, *thing)).fold(0, u64::saturating_add);
        if sum <= room {
            continue;
        }
        let largest = things.iter().max_by_key(|thing| bytes(lab, **thing));
        let mut finding = context
            .finding(
                format!("{} are copied to `{}`, {what} of {}", size(sum), lab.name(to), size(room)),
                span,
                "too small for one full copy",
            )
            .about(lab.subject(to))
            .help("give it more room, or leave something out");
        if let Some(largest) = largest {
            finding = finding
                .and(
                    lab.name(*largest).span,
                    format!("the largest part: {}", size(bytes(lab, *largest).unwrap_or(0))),
                )
                .about(lab.subject(*largest));
        }
        context.report_once(finding);
    }
}

/// What a place can hold, and what decides that.
fn room(lab: &Lab, place: ThingId) -> Option<(u64, &'static str)> {
    match place.kind {
        Kind::Dataset => {
            let dataset = &lab.datasets[DatasetId(place.index)];
            if let Some(quota) = &dataset.quota {
                return Some((quota.value.bytes(), "with a quota"));
            }
            room(lab, dataset.pool.as_ref()?.id?.into())
        }
        Kind::Pool => {
            let pool = PoolId(place.index);
            let said = lab.pools[pool].usable.as_ref().map(|usable| usable.value);
            Some((said.or_else(|| lab.derived.usable_of_pool(lab, pool))?.bytes(), "with a pool"))
        }
        Kind::Device => {
            let device = DeviceId(place.index);
            let holds_pool = lab.pools.iter().any(|(id, _)| lab.devices_of_pool(id).contains(&device));
            let drives = &lab.derived.device(device).drives;
            let sizes: Option<Vec<Bytes>> = drives.iter().map(|drive| lab.derived.capacity(*drive)).collect();
            let sum = sizes?.into_iter().try_fold(Bytes::ZERO, Bytes::checked_add)?;
            (!holds_pool && !drives.is_empty()).then_some((sum.bytes(), "with drives"))
        }
        Kind::Volume => {
            Some((lab.volumes[VolumeId(place.index)].size.as_ref()?.value.bytes(), "with a size"))
        }
        _ => None,
    }
}

/// How much a thing holds, as far as it is said.
fn bytes(lab: &Lab, thing: ThingId) -> Option<u64> {
    match thing.kind {
        Kind::Dataset => lab.datasets[DatasetId(thing.index)].size.as_ref().map(|size| size.value.bytes()),
        Kind::Volume => lab.volumes[VolumeId(thing.index)].size.as_ref().map(|size| size.value.bytes()),
        _ => None,
    }
}
