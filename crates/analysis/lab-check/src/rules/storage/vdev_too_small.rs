//! A group with fewer drives than its layout can, or should, be made of.

use super::layout::groups;
use crate::amount::count;
use crate::context::Context;
use crate::rule::rule;
use lab_model::written::VdevKind;
use lab_source::Severity;

rule!("vdev-too-small", Error, Storage, "a group of drives has too few drives for its layout");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, pool) in lab.pools.iter() {
        for group in groups(lab, id) {
            let vdev = group.vdev;
            let (needed, sensible) = least(vdev.kind);
            let odd = vdev.kind == VdevKind::Raid10 && vdev.written % 2 == 1;
            if vdev.written == 0 || (vdev.written >= sensible && !odd) {
                continue;
            }
            let why = if odd {
                "it is made of pairs".to_owned()
            } else if vdev.written < needed {
                format!("a {} takes at least {}", vdev.kind, count(needed, "drive"))
            } else {
                format!("a mirror of {} survives as much and is faster", count(vdev.written, "drive"))
            };
            let mut finding = context
                .finding(
                    format!(
                        "the {} of `{}` has {}",
                        group.what(vdev.kind),
                        pool.name,
                        count(vdev.written, "drive")
                    ),
                    vdev.span,
                    count(vdev.written, "drive"),
                )
                .about(lab.subject(id))
                .because(why)
                .help(format!("name {sensible} drives or more, or choose another layout"));
            if lab.pools.iter().any(|(other, made)| other != id && made.name.span == pool.name.span) {
                finding = finding.help(
                    "a range as long as the one that makes the pools gives each one drive; write a list, `[bay-1, bay-2]`",
                );
            }
            if vdev.written >= needed && !odd {
                finding.severity = Severity::Warning;
            }
            context.report_once(finding);
        }
    }
}

/// The fewest drives with which it can be made at all, and with which it gains anything over a mirror.
fn least(kind: VdevKind) -> (usize, usize) {
    match kind {
        VdevKind::Stripe => (1, 1),
        VdevKind::Mirror | VdevKind::Shr => (2, 2),
        VdevKind::Raidz1 => (2, 3),
        VdevKind::Raidz2 => (3, 4),
        VdevKind::Raidz3 => (4, 5),
        VdevKind::Raid5 => (3, 3),
        VdevKind::Raid6 | VdevKind::Raid10 | VdevKind::Shr2 => (4, 4),
    }
}
