//! A device with more memory than its board takes.

use crate::context::Context;
use crate::rule::rule;
use std::collections::BTreeSet;

rule!("memory-above-maximum", Error, Rack, "a device has more memory than it takes");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let mut told = BTreeSet::new();
    for (id, device) in lab.devices.iter() {
        let most = lab.derived.device(id).ty.as_ref().and_then(|ty| ty.memory_max.as_ref());
        let (Some(memory), Some(most)) = (&device.memory, most) else { continue };
        // Memory comes in powers of two; makers write 96 GB for what is 96 GiB.
        let limit = most.value.bytes() as f64 * 1.0738;
        if memory.value.bytes() as f64 <= limit || !told.insert(memory.span) {
            continue;
        }
        let finding = context
            .finding(
                format!("{} takes {} of memory at most", device.name, most.value),
                memory.span,
                "more than it takes",
            )
            .about(lab.subject(id))
            .because(
                "by its type; some boards take more than their maker says, then the type is to be corrected",
            );
        context.report(finding);
    }
}
