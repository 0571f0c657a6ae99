//! Drives of different sizes or kinds in one group: the smallest and the slowest decide.

use super::layout::groups;
use crate::amount::size;
use crate::context::Context;
use crate::rule::rule;
use lab_model::Lab;
use lab_model::derived::{DriveId, VdevFacts};
use lab_model::written::{DriveKind, VdevKind};
use std::collections::BTreeMap;

rule!("vdev-mixed-drives", Warning, Storage, "drives of different sizes or kinds in one group");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, pool) in lab.pools.iter() {
        for group in groups(lab, id) {
            let vdev = group.vdev;
            let Some((what, why, [one, other])) = mixed_kinds(lab, vdev).or_else(|| mixed_sizes(lab, vdev))
            else {
                continue;
            };
            let mut finding = context
                .finding(
                    format!("the {} of `{}` mixes {what}", group.what(vdev.kind), pool.name),
                    vdev.span,
                    "mixed drives",
                )
                .about(lab.subject(id))
                .because(why)
                .help("put like with like, or plan to replace the odd ones");
            for drive in [one, other].map(|drive| lab.derived.drive(drive)) {
                let span = drive.model.as_ref().map_or(drive.span, |model| model.span);
                finding = finding.and(span, format!("`{}`", drive.bay));
            }
            context.report_once(finding);
        }
    }
}

fn mixed_kinds(lab: &Lab, vdev: &VdevFacts) -> Option<(String, String, [DriveId; 2])> {
    let rotates = |drive: &DriveId| {
        let kind = lab.derived.drive(*drive).ty.as_ref()?.kind.as_ref()?.value;
        Some(kind == DriveKind::Hdd)
    };
    let slow = vdev.drives.iter().find(|drive| rotates(drive) == Some(true))?;
    let fast = vdev.drives.iter().find(|drive| rotates(drive) == Some(false))?;
    let what =
        format!("rotating drives and flash: `{}` and `{}`", lab.drive_name(*slow), lab.drive_name(*fast));
    Some((what, "a write is done when the slowest drive has done it".to_owned(), [*slow, *fast]))
}

fn mixed_sizes(lab: &Lab, vdev: &VdevFacts) -> Option<(String, String, [DriveId; 2])> {
    if matches!(vdev.kind, VdevKind::Stripe | VdevKind::Shr | VdevKind::Shr2) {
        return None;
    }
    let mut sizes: BTreeMap<u64, Vec<DriveId>> = BTreeMap::new();
    for &drive in &vdev.drives {
        sizes.entry(lab.derived.capacity(drive)?.bytes()).or_default().push(drive);
    }
    let (&smallest, small) = sizes.first_key_value()?;
    let (&largest, large) = sizes.last_key_value()?;
    // Makers round differently: within 2 % drives are of one size.
    if largest - smallest <= largest / 50 {
        return None;
    }
    let lost: u64 = sizes.iter().map(|(size, drives)| (size - smallest) * drives.len() as u64).sum();
    let odd = [small[0], large[0]];
    let [small, large] = odd.map(|drive| lab.drive_name(drive));
    let what = format!("sizes: `{small}` has {}, `{large}` has {}", size(smallest), size(largest));
    Some((what, format!("each drive counts as the smallest: {} lie idle", size(lost)), odd))
}
