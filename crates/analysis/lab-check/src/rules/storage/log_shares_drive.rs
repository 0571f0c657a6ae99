//! One drive as log and cache, or as log and system disk. Drives with two full owners are another rule's matter.

use crate::amount::names;
use crate::context::Context;
use crate::rule::rule;
use lab_model::derived::{DriveOwner, DriveRole};
use lab_source::Span;
use std::collections::BTreeMap;

rule!(
    "log-shares-drive",
    Warning,
    Storage,
    "the log of a pool shares its drive with the cache or the system"
);

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let partial = |owner: &&DriveOwner| {
        matches!(owner.role, DriveRole::Log | DriveRole::Cache | DriveRole::System)
            && lab.is_active(owner.owner)
    };
    let mut uses: Vec<&DriveOwner> = lab.derived.drive_owners.iter().filter(partial).collect();
    uses.sort_by_key(|owner| owner.drive);
    let mut found: BTreeMap<(Span, Span), (&DriveOwner, &DriveOwner, Vec<String>)> = BTreeMap::new();
    for same in uses.chunk_by(|one, other| one.drive == other.drive) {
        let Some(log) = same.iter().find(|owner| owner.role == DriveRole::Log) else { continue };
        let Some(other) = same.iter().find(|owner| owner.role != DriveRole::Log) else { continue };
        let group = found.entry((log.span, other.span)).or_insert((log, other, Vec::new()));
        group.2.push(lab.drive_name(log.drive));
    }
    for (log, other, drives) in found.into_values() {
        let what = if other.role == DriveRole::Cache { "read cache" } else { "system" };
        let finding = context
            .finding(
                format!("the log of `{}` shares {} with the {what}", lab.name(log.owner), names(&drives)),
                log.span,
                "the log",
            )
            .and(other.span, format!("the {what} of `{}`", lab.name(other.owner)))
            .about(lab.subject(log.owner))
            .about(lab.subject(other.owner))
            .because("each synchronous write waits behind whatever else the drive has to do")
            .help(format!("give the log drives of its own, or do without the {what} on them"));
        context.report_once(finding);
    }
}
