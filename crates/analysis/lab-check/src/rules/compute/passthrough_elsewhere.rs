//! A virtual machine that is given a part of a device it does not run on.

use crate::amount::names;
use crate::context::Context;
use crate::rule::rule;

rule!(
    "passthrough-elsewhere",
    Error,
    Compute,
    "a virtual machine is handed a part of another device than its host's"
);

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for given in &lab.derived.passed_through {
        let vm = &lab.vms[given.vm];
        let home = lab.devices_under(given.vm.into());
        if home.is_empty() || home.contains(&given.device) {
            continue;
        }
        let called: Vec<String> = home.iter().map(|device| lab.devices[*device].name.to_string()).collect();
        let mut finding = context
            .finding(
                format!(
                    "`{}` is handed a part of `{}`, and runs on {}",
                    vm.name,
                    lab.devices[given.device].name,
                    names(&called)
                ),
                given.span,
                "in another device",
            )
            .about(lab.subject(given.vm))
            .about(lab.subject(given.device))
            .help("name a part of its own device, or move it");
        if let Some(on) = &vm.on {
            finding = finding.and(on.span, "runs here");
        }
        context.report_once(finding);
    }
}
