//! Something in use that stands on something that is not.

use crate::amount::names;
use crate::context::Context;
use crate::rule::rule;
use lab_model::Lab;
use lab_model::lab::{DeviceId, HostId, Kind, ThingId, VmId};
use lab_source::Span;

rule!("runs-on-inactive", Error, Compute, "something in use runs on something that is not in use");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, host) in lab.hosts.iter() {
        if let Some(on) = &host.on {
            judge(context, id.into(), on.id.map(ThingId::from).as_slice(), on.span);
        }
    }
    for (id, vm) in lab.vms.iter() {
        if let Some(on) = &vm.on {
            judge(context, id.into(), on.id.as_slice(), on.span);
        }
    }
    for (id, service) in lab.services.iter() {
        let places = lab.places_of(id);
        judge(context, id.into(), &places, service.on.span.unwrap_or(service.name.span));
    }
    for (id, cluster) in lab.clusters.iter() {
        let members: Vec<ThingId> = cluster.members.ids().collect();
        let active = members.iter().filter(|member| lab.is_active(**member)).count();
        for member in cluster.members.items.iter().filter(|_| active > 0) {
            let Some(machine) = member.id.filter(|machine| !lab.is_active(*machine)) else { continue };
            let finding = context
                .finding(
                    format!("`{member}` has a vote in `{}` and is {}", cluster.name, lab.status_of(machine)),
                    member.span,
                    "a member",
                )
                .and(status_span(lab, machine), format!("{} here", lab.status_of(machine)))
                .about(lab.subject(id))
                .about(lab.subject(machine))
                .because(format!("{active} of {} votes are left", members.len()))
                .help("take it out of the members, or mend its status");
            context.report_once(finding);
        }
    }
}

/// Reports a thing in use all of whose places are known not to be.
fn judge(context: &mut Context<'_>, thing: ThingId, places: &[ThingId], span: Span) {
    let lab: &Lab = context.lab;
    if !lab.is_active(thing) || places.is_empty() || places.iter().any(|place| runs(lab, *place)) {
        return;
    }
    let place = places[0];
    let called: Vec<String> = places.iter().map(|place| lab.name(*place).to_string()).collect();
    let status = lab.status_of(place);
    let verb = if places.len() == 1 { "is" } else { "are" };
    let finding = context
        .finding(
            format!("`{}` is in use, and {} it runs on {verb} {status}", lab.name(thing), names(&called)),
            span,
            "runs there",
        )
        .and(status_span(lab, place), format!("{status} here"))
        .about(lab.subject(thing))
        .about(lab.subject(place))
        .help(format!("name a place in use, or give `{}` the status `{status}` too", lab.name(thing)));
    context.report_once(finding);
}

/// Where the status of a machine is said, else its name.
fn status_span(lab: &Lab, machine: ThingId) -> Span {
    let said = match machine.kind {
        Kind::Device => lab.devices[DeviceId(machine.index)].status.as_ref(),
        Kind::Host => lab.hosts[HostId(machine.index)].status.as_ref(),
        Kind::Vm => lab.vms[VmId(machine.index)].status.as_ref(),
        _ => None,
    };
    said.map_or(lab.name(machine).span, |status| status.span)
}

fn runs(lab: &Lab, place: ThingId) -> bool {
    lab.is_active(place)
}
