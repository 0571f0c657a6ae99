//! A copy on the same pool, or all copies on the same devices, as the original.

use crate::amount::names;
use crate::context::Context;
use crate::rule::rule;
use lab_model::Lab;
use lab_model::derived::copies::{CopyOf, by_thing, devices, is_made, pools};
use lab_model::lab::{BackupId, PoolId, ThingId};
use lab_source::{Severity, Span};
use std::collections::{BTreeMap, BTreeSet};

rule!(
    "backup-beside-original",
    Error,
    Backup,
    "a copy is on the pool, or all are on the machine, of the original"
);

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let mut same_pool: BTreeMap<(BackupId, usize), Vec<ThingId>> = BTreeMap::new();
    let mut same_machine: BTreeMap<(BackupId, usize), Vec<ThingId>> = BTreeMap::new();
    let all = by_thing(lab);
    for (&thing, copies) in &all {
        let (own_pools, own_devices) = (pools(lab, thing), devices(lab, thing));
        for copy in copies {
            let Some(to) = copy.copy.to.as_ref().and_then(|to| to.id) else { continue };
            if pools(lab, to).iter().any(|pool| shares_drives(lab, *pool, &own_pools)) || to == thing {
                same_pool.entry((copy.job, copy.index)).or_default().push(thing);
            }
        }
        let near = |copy: &CopyOf<'_>| {
            let there =
                copy.copy.to.as_ref().and_then(|to| to.id).map(|to| devices(lab, to)).unwrap_or_default();
            !there.is_empty() && there.is_subset(&own_devices)
        };
        if let Some(first) = copies.first()
            && copies.iter().all(near)
            && !copies.iter().any(|copy| same_pool.contains_key(&(copy.job, copy.index)))
        {
            same_machine.entry((first.job, first.index)).or_default().push(thing);
        }
    }
    for ((job, index), things) in same_pool {
        report(context, (job, index), &things, true);
    }
    for ((job, index), things) in same_machine {
        report(context, (job, index), &things, false);
    }
}

fn report(context: &mut Context<'_>, (job, index): (BackupId, usize), things: &[ThingId], pool: bool) {
    let lab: &Lab = context.lab;
    let copy = CopyOf { job, index, copy: &lab.backups[job].record.copies[index] };
    let to = copy.copy.to.as_ref().map_or_else(String::new, |to| to.text.to_string());
    let called: Vec<String> = things.iter().map(|thing| lab.name(*thing).to_string()).collect();
    let machine = if devices(lab, things[0]).len() > 1 { "machines" } else { "machine" };
    let (headline, why) = if pool {
        (
            format!("the copy of {} in `{to}` is on the pool of the original", names(&called)),
            "when the pool is lost, original and copy are lost together",
        )
    } else {
        (
            format!("all copies of {} are on the {machine} of the original", names(&called)),
            "a broken power supply, a fire or an intruder there takes original and copies",
        )
    };
    let place = original(lab, things[0]);
    let mut finding = context
        .finding(headline, copy.span(), "the copy")
        .and(place, "the original")
        .about(lab.subject(job))
        .because(why)
        .help("copy it to another machine as well");
    for thing in things {
        finding = finding.about(lab.subject(*thing));
    }
    let others = lab.backups[job].record.copies.iter().enumerate();
    if !pool || others.filter(|(at, copy)| *at != index && is_made(copy)).count() > 0 {
        finding.severity = Severity::Warning;
    }
    context.report_once(finding);
}

/// True for one of `pools`, and for a pool of the Ceph cluster of one of them: all its pools are on the same OSDs.
fn shares_drives(lab: &Lab, pool: PoolId, pools: &BTreeSet<PoolId>) -> bool {
    let ceph = |pool: PoolId| {
        let cluster = lab.pools[pool].cluster.as_ref().and_then(|cluster| cluster.id);
        cluster.filter(|_| lab.is_ceph(pool))
    };
    pools.iter().any(|own| *own == pool || (ceph(pool).is_some() && ceph(*own) == ceph(pool)))
}

fn original(lab: &Lab, thing: ThingId) -> Span {
    lab.name(thing).span
}
