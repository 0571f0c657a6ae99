//! One parity drive over large rotating drives.

use super::layout::kind_of;
use crate::amount::{count, size};
use crate::context::Context;
use crate::rule::rule;
use lab_model::written::{DriveKind, VdevKind};

rule!("single-parity-large-drives", Warning, Storage, "large rotating drives with a single parity drive");

/// From this size on a rebuild takes about a day and reads more than a drive is warranted to read without an error.
const LARGE: u64 = 8_000_000_000_000;

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, pool) in lab.pools.iter() {
        for vdev in &lab.derived.pool(id).vdevs {
            let single = matches!(vdev.kind, VdevKind::Raidz1 | VdevKind::Raid5 | VdevKind::Shr);
            let largest = vdev.drives.iter().filter_map(|drive| lab.derived.capacity(*drive)).max();
            let Some(largest) = largest.map(|size| size.bytes()).filter(|size| *size >= LARGE) else {
                continue;
            };
            if !single || vdev.written < 3 || kind_of(lab, vdev) != Some(DriveKind::Hdd) {
                continue;
            }
            let read = largest.saturating_mul(vdev.written.saturating_sub(1) as u64);
            let finding = context
                .finding(
                    format!(
                        "`{}` has {} of {} and only one may fail",
                        pool.name,
                        count(vdev.written, "drive"),
                        size(largest)
                    ),
                    vdev.span,
                    format!("{}: one parity drive", vdev.kind),
                )
                .about(lab.subject(id))
                .because(format!(
                    "a rebuild must read up to {} without one error, for a day or more",
                    size(read)
                ))
                .because("a second failure, or one unreadable sector, in that time loses data")
                .help("use two parity drives (`raidz2`, `raid6`) or mirrors");
            context.report_once(finding);
        }
    }
}
