//! A drive with two owners. Log, cache and system on parts of one drive are another rule's matter, as is one drive that
//! two virtual machines are given.

use crate::amount::names;
use crate::context::Context;
use crate::rule::rule;
use lab_model::derived::{DriveId, DriveOwner, DriveRole};
use lab_model::lab::{HostId, Kind, Lab, PoolId, ThingId};
use lab_model::written::PoolKind;
use lab_source::Span;
use std::collections::BTreeMap;

rule!("drive-used-twice", Error, Storage, "a drive is in two pools, or has two uses that exclude each other");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let mut uses: Vec<&DriveOwner> =
        lab.derived.drive_owners.iter().filter(|owner| lab.is_active(owner.owner)).collect();
    uses.sort_by_key(|owner| owner.drive);
    let mut clashes: BTreeMap<(Span, Span), (&DriveOwner, &DriveOwner, Vec<DriveId>)> = BTreeMap::new();
    for same in uses.chunk_by(|one, other| one.drive == other.drive) {
        let pairs = same
            .iter()
            .enumerate()
            .flat_map(|(at, one)| same[at + 1..].iter().map(move |other| (*one, *other)));
        if let Some((one, other)) = pairs.into_iter().find(|(one, other)| clash(lab, one, other)) {
            let group = clashes.entry((other.span, one.span)).or_insert((one, other, Vec::new()));
            group.2.push(one.drive);
        }
    }
    for (one, other, drives) in clashes.into_values() {
        let called: Vec<String> = drives.iter().map(|drive| lab.drive_name(*drive)).collect();
        let be = if drives.len() == 1 { "is" } else { "are" };
        let headline = if one.owner == other.owner {
            format!("{} {be} twice in {}", names(&called), owner(lab, one))
        } else {
            format!("{} {be} used by {} and by {}", names(&called), owner(lab, one), owner(lab, other))
        };
        let mut finding = context
            .finding(headline, other.span, format!("{} of {}", role(other.role), owner(lab, other)))
            .and(one.span, format!("{} of {}", role(one.role), owner(lab, one)))
            .about(lab.subject(other.owner))
            .about(lab.subject(one.owner))
            .because("whoever writes last destroys what the other has stored");
        for device in drives.iter().map(|drive| lab.derived.drive(*drive).device) {
            let subject = lab.subject(device);
            if !finding.subjects.contains(&subject) {
                finding = finding.about(subject);
            }
        }
        context.report_once(finding.help(advice(one, other)));
    }
}

fn advice(one: &DriveOwner, other: &DriveOwner) -> &'static str {
    let roles = [one.role, other.role];
    if roles.contains(&DriveRole::PassedThrough) {
        "name the virtual machine as the pool's `on`, or keep the drive for its host"
    } else if roles.contains(&DriveRole::System) {
        "name another drive; when the pool is the one that the system is on, write `system-pool` at the host"
    } else {
        "name another drive in one of them"
    }
}

fn clash(lab: &Lab, one: &DriveOwner, other: &DriveOwner) -> bool {
    use DriveRole::{Cache, Log, Osd, PassedThrough, Spare, System};
    match (one.role, other.role) {
        (PassedThrough, PassedThrough) | (System, System) => false,
        (PassedThrough, _) => !serves(lab, one.owner, other),
        (_, PassedThrough) => !serves(lab, other.owner, one),
        (Spare, Spare) => one.owner == other.owner,
        (Log | Cache | System, Log | Cache | System) => one.owner == other.owner && one.role == other.role,
        (System, _) => !system_is_there(lab, one.owner, other),
        (_, System) => !system_is_there(lab, other.owner, one),
        (Osd, Osd) => true,
        _ => true,
    }
}

/// True when the machine that the drive is handed to is the one that uses it.
fn serves(lab: &Lab, vm: ThingId, user: &DriveOwner) -> bool {
    match user.owner.kind {
        Kind::Pool => lab.pools[PoolId(user.owner.index)].on.as_ref().and_then(|on| on.id) == Some(vm),
        Kind::Cluster => {
            let cluster = &lab.clusters[lab_model::lab::ClusterId(user.owner.index)];
            cluster.members.ids().chain(cluster.workers.ids()).any(|machine| machine == vm)
        }
        _ => false,
    }
}

/// True when the system may be on the same drive: its own pool, or a kind that takes a part of a drive.
fn system_is_there(lab: &Lab, host: ThingId, user: &DriveOwner) -> bool {
    let (Ok(host), Ok(pool)) = (HostId::try_from(host), PoolId::try_from(user.owner)) else { return false };
    let own = lab.hosts[host].system_pool.as_ref().and_then(|pool| pool.id) == Some(pool);
    let kind = lab.pools[pool].kind.as_ref().map(|kind| kind.value);
    own || matches!(kind, Some(PoolKind::Lvm | PoolKind::Single | PoolKind::Md | PoolKind::Btrfs))
}

fn owner(lab: &Lab, user: &DriveOwner) -> String {
    let word = if user.owner.kind == Kind::Vm { "virtual machine" } else { user.owner.kind.word() };
    format!("{word} `{}`", lab.name(user.owner))
}

fn role(role: DriveRole) -> &'static str {
    match role {
        DriveRole::Data => "a data drive",
        DriveRole::Log => "the log",
        DriveRole::Cache => "the read cache",
        DriveRole::Special => "the special vdev",
        DriveRole::Spare => "a spare",
        DriveRole::Osd => "an OSD",
        DriveRole::System => "the system",
        DriveRole::PassedThrough => "a drive",
    }
}
