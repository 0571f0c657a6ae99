//! Cores and threads of a processor written the wrong way round.

use crate::context::Context;
use crate::rule::rule;

rule!("threads-below-cores", Error, Rack, "a processor has fewer threads than cores");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, device) in lab.devices.iter() {
        let Some(cpu) = &device.cpu else { continue };
        let (Some(cores), Some(threads)) = (&cpu.cores, &cpu.threads) else { continue };
        if threads.value >= cores.value {
            continue;
        }
        let finding = context
            .finding(
                format!("`{}` has {} cores and {} threads", device.name, cores.value, threads.value),
                threads.span,
                "threads",
            )
            .and(cores.span, "cores")
            .about(lab.subject(id))
            .because("each core runs at least one thread")
            .help(format!(
                "perhaps `cores: {}, threads: {}`; both count all sockets",
                threads.value, cores.value
            ));
        context.report_once(finding);
    }
}
