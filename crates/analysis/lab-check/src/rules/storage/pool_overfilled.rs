//! More data, or more promises of room, than a pool holds; and pools that are nearly full.

use crate::amount::{percent, size};
use crate::context::Context;
use crate::rule::rule;
use lab_model::grammar::Bytes;
use lab_model::lab::{Kind, PoolId, ThingId};
use lab_model::written::PoolKind;
use lab_model::{Lab, Name};
use lab_source::{Severity, Span, Spanned};
use std::collections::BTreeMap;

rule!("pool-overfilled", Error, Storage, "a pool holds, or has promised, more than it has room for");

/// ZFS slows down beyond this; Ceph warns at 85 % and stops at 95 %.
const NEARLY: u64 = 80;

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let parts = parts(lab);
    let of = |place: ThingId| parts.get(&place).map_or(&[][..], Vec::as_slice);
    for (id, pool) in lab.pools.iter() {
        let said = pool.usable.as_ref().map(|usable| usable.value);
        let usable = said.or_else(|| lab.derived.usable_of_pool(lab, id)).map(|usable| usable.bytes());
        if let Some(usable) = usable
            && judge(context, id.into(), usable, of(id.into()))
        {
            continue;
        }
        let Some(used) = &pool.used else { continue };
        let share = used.value.of(100);
        if share >= NEARLY {
            let mut finding = context
                .finding(format!("`{}` is {share} % full", pool.name), used.span, "in use")
                .about(lab.subject(id))
                .because(if lab.is_ceph(id) { "Ceph warns at 85 %, and stops all writes at 95 %" } else { "beyond 80 % free space is in pieces and writes become slow; a full pool cannot even delete" })
                .help("delete snapshots, move something away, or add drives");
            finding.severity = Severity::Warning;
            context.report_once(finding);
        }
    }
    for (id, dataset) in lab.datasets.iter() {
        let Some(quota) = &dataset.quota else { continue };
        judge(context, id.into(), quota.value.bytes(), of(id.into()));
        if let Some(holds) = dataset.size.as_ref().filter(|holds| holds.value > quota.value) {
            let finding = context
                .finding(
                    format!(
                        "`{}` holds {} and may hold {}",
                        dataset.name,
                        size(holds.value.bytes()),
                        size(quota.value.bytes())
                    ),
                    quota.span,
                    "at most",
                )
                .and(holds.span, "holds")
                .about(lab.subject(id))
                .help("raise the quota");
            context.report_once(finding);
        }
    }
}

/// What is in a place: by whom, how much, where written, and whether it is there already or only promised.
struct Part {
    name: String,
    bytes: u64,
    span: Span,
    there: bool,
}

/// What is in each pool and dataset.
fn parts(lab: &Lab) -> BTreeMap<ThingId, Vec<Part>> {
    let mut all: BTreeMap<ThingId, Vec<Part>> = BTreeMap::new();
    let mut add = |place: ThingId, name: &Name, bytes: &Spanned<Bytes>, there: bool| {
        let part = Part { name: name.to_string(), bytes: bytes.value.bytes(), span: bytes.span, there };
        all.entry(place).or_default().push(part);
    };
    for (_, dataset) in lab.datasets.iter() {
        let Some(pool) = dataset.pool.as_ref().and_then(|pool| pool.id) else { continue };
        let promised = dataset.reserved.as_ref().or(dataset.quota.as_ref());
        match (&dataset.size, promised) {
            (Some(size), _) => add(pool.into(), &dataset.name, size, true),
            (None, Some(size)) => add(pool.into(), &dataset.name, size, false),
            (None, None) => {}
        }
    }
    for (id, volume) in lab.volumes.iter() {
        let Some(bytes) = &volume.size else { continue };
        // Volumes in a dataset count there, and in its pool when the dataset itself has no size.
        match (lab.dataset_of(id.into()), &lab.pools_of(id.into())[..]) {
            (Some(dataset), pools) => {
                add(dataset.into(), &volume.name, bytes, false);
                let record = &lab.datasets[dataset];
                let is_bound = record.size.is_some() || record.quota.is_some() || record.reserved.is_some();
                if let ([pool], false) = (pools, is_bound) {
                    add((*pool).into(), &volume.name, bytes, false);
                }
            }
            (None, [pool]) => add((*pool).into(), &volume.name, bytes, false),
            _ => {}
        }
    }
    all
}

/// Reports a place that is overfilled; true when it did.
fn judge(context: &mut Context<'_>, place: ThingId, room: u64, parts: &[Part]) -> bool {
    let lab = context.lab;
    let sum = |there: bool| {
        parts
            .iter()
            .filter(|part| part.there || !there)
            .fold(0u64, |sum, part| sum.saturating_add(part.bytes))
    };
    let (there, all) = (sum(true), sum(false));
    let unraid = place.kind == Kind::Pool
        && lab.pools[PoolId(place.index)].kind.as_ref().is_some_and(|kind| kind.value == PoolKind::Unraid);
    let name = lab.name(place);
    let (severity, headline) = if there > room {
        (Severity::Error, format!("`{name}` holds {} and {} are in it", size(room), size(there)))
    } else if all > room {
        (Severity::Warning, format!("`{name}` holds {} and {} are promised of it", size(room), size(all)))
    } else if percent(there, room) >= NEARLY && place.kind == Kind::Pool && !unraid {
        (Severity::Warning, format!("`{name}` is {} % full", percent(there, room)))
    } else {
        return false;
    };
    let mut finding = context
        .finding(headline, name.span, format!("room for {}", size(room)))
        .about(lab.subject(place))
        .help("add drives, or give some of it less");
    let mut largest: Vec<&Part> = parts.iter().collect();
    largest.sort_by_key(|part| std::cmp::Reverse(part.bytes));
    for part in largest.into_iter().take(3) {
        finding = finding.and(part.span, format!("`{}`: {}", part.name, size(part.bytes)));
    }
    finding.severity = severity;
    context.report_once(finding);
    true
}
