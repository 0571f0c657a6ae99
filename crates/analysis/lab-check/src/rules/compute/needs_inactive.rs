//! Something in use that needs what is not.

use crate::context::Context;
use crate::rule::rule;
use lab_model::lab::ThingId;
use lab_model::record::Refs;
use lab_model::written::Need;

rule!("needs-inactive", Error, Compute, "something in use needs what is not in use");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let services = lab.services.iter().map(|(id, service)| (ThingId::from(id), &service.needs));
    let hosts = lab.hosts.iter().map(|(id, host)| (ThingId::from(id), &host.needs));
    let vms = lab.vms.iter().map(|(id, vm)| (ThingId::from(id), &vm.needs));
    for (id, needs) in services.chain(hosts).chain(vms).filter(|(id, _)| lab.is_active(*id)) {
        judge(context, id, needs);
    }
}

fn judge(context: &mut Context<'_>, id: ThingId, needs: &Refs<Need>) {
    let lab = context.lab;
    for need in &needs.items {
        let Some(thing) = need.id.filter(|thing| !lab.is_active(*thing)) else { continue };
        let status = lab.status_of(thing);
        let finding = context
            .finding(format!("`{}` needs `{need}`, which is {status}", lab.name(id)), need.span, "needed")
            .and(lab.name(thing).span, format!("{status} here"))
            .about(lab.subject(id))
            .about(lab.subject(thing))
            .help(format!("put `{need}` into use, or write the need under `wants`"));
        context.report_once(finding);
    }
}
