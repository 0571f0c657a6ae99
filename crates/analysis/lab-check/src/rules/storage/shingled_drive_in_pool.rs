//! Shingled drives where a rebuild writes without pause.

use super::layout::groups;
use crate::amount::names;
use crate::context::Context;
use crate::rule::rule;
use lab_model::written::VdevKind;

rule!("shingled-drive-in-pool", Warning, Storage, "shingled drives in a group with redundancy");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, pool) in lab.pools.iter() {
        for group in groups(lab, id).into_iter().filter(|group| group.vdev.kind != VdevKind::Stripe) {
            let shingled: Vec<String> = group
                .vdev
                .drives
                .iter()
                .filter(|drive| {
                    let ty = lab.derived.drive(**drive).ty.as_ref();
                    ty.and_then(|ty| ty.shingled.as_ref()).is_some_and(|shingled| shingled.value)
                })
                .map(|drive| lab.drive_name(*drive))
                .collect();
            if shingled.is_empty() {
                continue;
            }
            let finding = context
                .finding(format!("`{}` has shingled drives: {}", pool.name, names(&shingled)), group.vdev.span, "shingled recording")
                .about(lab.subject(id))
                .because("they take hours to write what others write in minutes: a rebuild takes days or is given up")
                .help("use conventionally recorded drives in groups with redundancy");
            context.report_once(finding);
        }
    }
}
