//! A spare that is too small for, or of another kind than, the drives it should stand in for.

use super::layout::kind_of;
use crate::amount::size;
use crate::context::Context;
use crate::rule::rule;
use lab_model::written::DriveKind;

rule!("spare-does-not-fit", Warning, Storage, "a spare is too small or too slow to replace a drive");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, pool) in lab.pools.iter() {
        let facts = lab.derived.pool(id);
        let span = pool.spares.span().unwrap_or(pool.name.span);
        for &spare in &facts.spares {
            let name = lab.drive_name(spare);
            for vdev in &facts.vdevs {
                let smallest = vdev.drives.iter().filter_map(|drive| lab.derived.capacity(*drive)).min();
                let spare_size = lab.derived.capacity(spare);
                let kind = lab
                    .derived
                    .drive(spare)
                    .ty
                    .as_ref()
                    .and_then(|ty| ty.kind.as_ref())
                    .map(|kind| kind.value);
                let why = match (spare_size, smallest) {
                    (Some(own), Some(least)) if own < least => {
                        format!("it has {}, the drives have {}", size(own.bytes()), size(least.bytes()))
                    }
                    _ if kind == Some(DriveKind::Hdd)
                        && kind_of(lab, vdev).is_some_and(|kind| kind != DriveKind::Hdd) =>
                    {
                        "it rotates, the drives are flash".to_owned()
                    }
                    _ => continue,
                };
                let finding = context
                    .finding(
                        format!("the spare `{name}` cannot stand in for a drive of `{}`", pool.name),
                        span,
                        why,
                    )
                    .and(vdev.span, "the drives it is for")
                    .about(lab.subject(id))
                    .help("keep a drive of at least the same size and kind");
                context.report_once(finding);
            }
        }
    }
}
