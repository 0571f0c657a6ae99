//! A forward to a service that does not listen on the port, or to a machine on which nothing does.

use crate::context::Context;
use crate::rule::rule;
use lab_model::Lab;
use lab_model::lab::{ForwardId, Kind, ServiceId, ThingId};

rule!("forward-port-not-served", Warning, Switching, "a port is forwarded to where nothing listens on it");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, forward) in lab.forwards.iter() {
        if let Some(machine) = forward.to.as_ref().and_then(|to| to.id) {
            to_idle_machine(context, id, machine);
        }
        let Some(service) =
            forward.to.as_ref().and_then(|to| to.id).and_then(|thing| ServiceId::try_from(thing).ok())
        else {
            continue;
        };
        let record = &lab.services[service];
        if record.ports.is_empty() {
            continue;
        }
        let inside: Vec<_> =
            forward.to_port.as_ref().map_or_else(|| forward.ports.iter().collect(), |port| vec![port]);
        let Some(port) =
            inside.into_iter().find(|port| !record.ports.iter().any(|own| own.value.overlaps(port.value)))
        else {
            continue;
        };
        let listens: Vec<String> = record.ports.iter().map(|port| port.value.to_string()).collect();
        let finding = context
            .finding(
                format!(
                    "`{}` does not listen on {}, where `{}` leads",
                    record.name, port.value, forward.name
                ),
                port.span,
                "this port inside",
            )
            .and(record.ports[0].span, format!("it listens on {}", listens.join(", ")))
            .about(lab.subject(id))
            .about(lab.subject(service))
            .help("mend the port, or add it to the ports of the service");
        context.report_once(finding);
    }
}

/// A forward to a host or virtual machine on which no service runs, in a lab that says what runs where.
fn to_idle_machine(context: &mut Context<'_>, id: ForwardId, machine: ThingId) {
    let lab = context.lab;
    let forward = &lab.forwards[id];
    let placed = lab.services.iter().filter(|(service, _)| lab.is_active(*service));
    let mut places =
        placed.map(|(service, _)| lab.places_of(service)).filter(|places| !places.is_empty()).peekable();
    let is_machine = matches!(machine.kind, Kind::Host | Kind::Vm);
    if !is_machine || places.peek().is_none() || places.any(|places| places.contains(&machine)) {
        return;
    }
    if is_member(lab, machine) && asks_for_api(lab, id) || is_way_in(lab, machine) {
        return;
    }
    let Some(to) = &forward.to else { return };
    let finding = context
        .finding(
            format!("`{}` leads to `{}`, where no service runs", forward.name, lab.name(machine)),
            to.span,
            "leads there",
        )
        .and(lab.name(machine).span, "nothing is said to run here")
        .about(lab.subject(id))
        .about(lab.subject(machine))
        .because("visitors get no answer, and a port stays open for whatever is started there one day")
        .help("lead it to the service, its VIP or its machine, or describe the service that runs there");
    context.report_once(finding);
}

fn is_member(lab: &Lab, machine: ThingId) -> bool {
    lab.derived.machine(machine).is_some_and(|facts| !facts.clusters.is_empty())
}

/// True when the port inside is that of a Kubernetes API, which is no service of its own.
fn asks_for_api(lab: &Lab, id: ForwardId) -> bool {
    let forward = &lab.forwards[id];
    let mut inside = forward.to_port.iter().chain(forward.ports.iter().filter(|_| forward.to_port.is_none()));
    inside.all(|port| port.value.to_string().starts_with("6443"))
}

/// True for routers, which answer for themselves.
fn is_way_in(lab: &Lab, machine: ThingId) -> bool {
    crate::rules::addressing::plan::forwards(lab, machine)
}
