//! Deduplication on a machine whose memory cannot hold its table.

use crate::amount::{memory, size};
use crate::context::Context;
use crate::rule::rule;

rule!("deduplication-memory", Warning, Storage, "a deduplicated pool needs more memory than its machine has");

/// The table of ZFS takes about 5 GB of memory for each TB of data (OpenZFS documentation, 64 KiB blocks).
const TABLE_SHARE: u64 = 200;

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, pool) in lab.pools.iter() {
        let Some(on) = pool.deduplicated.as_ref().filter(|on| on.value) else { continue };
        let Some(machine) = pool.on.as_ref().and_then(|on| on.id) else { continue };
        let of_device = || {
            let device = lab_model::lab::DeviceId::try_from(machine).ok()?;
            lab.devices[device].memory.as_ref().map(|memory| memory.value)
        };
        let has = lab.derived.machine(machine).and_then(|facts| facts.memory).or_else(of_device);
        let room =
            pool.usable.as_ref().map(|usable| usable.value).or_else(|| lab.derived.usable_of_pool(lab, id));
        let (Some(has), Some(room)) = (has, room) else { continue };
        let held = pool.used.as_ref().map_or(room.bytes(), |used| used.value.of(room.bytes()));
        let table = held / TABLE_SHARE;
        if table <= has.bytes() {
            continue;
        }
        let finding = context
            .finding(
                format!(
                    "deduplicating {} takes about {} of memory, `{}` has {}",
                    size(held),
                    memory(table),
                    lab.name(machine),
                    memory(has.bytes())
                ),
                on.span,
                "deduplicated",
            )
            .about(lab.subject(id))
            .about(lab.subject(machine))
            .because(
                "when the table is not in memory, each write reads from the drives first: the pool crawls",
            )
            .help("use compression instead, or deduplicate a small dataset only");
        context.report_once(finding);
    }
}
