//! Monitoring in use, with nobody that alerts go to.

use crate::context::Context;
use crate::rule::rule;
use lab_model::Lab;
use lab_model::lab::{ExternalId, ServiceId};
use lab_model::written::ExternalKind;

rule!("monitoring-unheard", Warning, Policy, "something watches the lab and tells nobody");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let watches = |id: ServiceId| {
        lab.services[id].roles.iter().any(|role| matches!(&*role.text, "monitoring" | "alerting"))
    };
    let active: Vec<ServiceId> =
        lab.services.iter().map(|(id, _)| id).filter(|id| lab.is_active(*id)).collect();
    let Some(first) = active.iter().copied().find(|id| watches(*id)) else { return };
    let mut alerting = active.iter().copied().filter(|id| has_role(lab, *id, "alerting")).peekable();
    // What is there to alert must be heard itself; without such a service anything that speaks to people will do.
    let silent = match alerting.peek() {
        Some(_) => alerting.find(|id| !is_heard(lab, *id)),
        None => Some(first).filter(|_| !active.iter().any(|id| speaks(lab, *id))),
    };
    let Some(first) = silent else { return };
    let service = &lab.services[first];
    let finding = context
        .finding(
            format!("`{}` watches the lab and tells nobody", service.name),
            service.name.span,
            "no alert leaves it",
        )
        .about(lab.subject(first))
        .because("what is seen on a page that nobody looks at is found out when something stops")
        .help("say where alerts go: `alerts-to:` a service, or a notification service under `externals:`");
    context.report(finding);
}

fn has_role(lab: &Lab, id: ServiceId, wanted: &str) -> bool {
    lab.services[id].roles.iter().any(|role| &*role.text == wanted)
}

/// True when a service speaks with people, or hands on to one that does.
fn is_heard(lab: &Lab, id: ServiceId) -> bool {
    let service = &lab.services[id];
    let mut used = service.needs.ids().chain(service.wants.ids());
    speaks(lab, id) || used.any(|used| ServiceId::try_from(used).is_ok_and(|other| speaks(lab, other)))
}

/// True when alerts of a service go somewhere, or it speaks with something that brings messages to people.
fn speaks(lab: &Lab, id: ServiceId) -> bool {
    let service = &lab.services[id];
    let brings = |external: ExternalId| {
        let kind = lab.externals[external].kind.as_ref().map(|kind| kind.value);
        matches!(kind, Some(ExternalKind::Notification | ExternalKind::Mail | ExternalKind::Monitoring))
    };
    let mut used = service.needs.ids().chain(service.wants.ids());
    !service.alerts_to.is_empty() || used.any(|used| ExternalId::try_from(used).is_ok_and(brings))
}
