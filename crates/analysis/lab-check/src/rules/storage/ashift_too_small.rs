//! ZFS pools that write in sectors of 512 bytes on drives that have sectors of 4096.

use super::layout::{groups, kind_of};
use crate::context::Context;
use crate::rule::rule;
use lab_model::written::DriveKind;

rule!("ashift-too-small", Warning, Storage, "a pool writes in smaller sectors than its drives have");

/// 2 to the 12: sectors of 4096 bytes.
const SECTOR_4K: u32 = 12;
/// Rotating drives from this size on have sectors of 4096 bytes inside, whatever they say.
const LARGE: u64 = 6_000_000_000_000;

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, pool) in lab.pools.iter() {
        // 0 lets ZFS choose.
        let small = |ashift: u32| (1..SECTOR_4K).contains(&ashift);
        let Some(ashift) = pool.ashift.as_ref().filter(|ashift| small(ashift.value)) else { continue };
        let wide = groups(lab, id).into_iter().find(|group| match kind_of(lab, group.vdev) {
            Some(DriveKind::Ssd) => true,
            Some(DriveKind::Hdd) => group
                .vdev
                .drives
                .iter()
                .all(|drive| lab.derived.capacity(*drive).is_some_and(|of| of.bytes() >= LARGE)),
            _ => false,
        });
        let Some(wide) = wide else { continue };
        let finding = context
            .finding(
                format!("`{}` writes sectors of {} bytes to drives with 4096", pool.name, 1u32 << ashift.value),
                ashift.span,
                format!("2 to the {}", ashift.value),
            )
            .and(wide.vdev.span, "drives with larger sectors")
            .about(lab.subject(id))
            .because("for each small write the drive reads and writes a whole sector of its own; it cannot be changed later, and a new 4K drive does not fit in")
            .help("make the pool anew with `ashift: 12`, or move the data to one that has it");
        context.report_once(finding);
    }
}
