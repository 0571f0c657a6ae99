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
    if active.iter().any(|id| is_heard(lab, *id)) {
        return;
    }
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

/// True when alerts of a service go somewhere, or it speaks with something that brings messages to people.
fn is_heard(lab: &Lab, id: ServiceId) -> bool {
    let service = &lab.services[id];
    let brings = |external: ExternalId| {
        let kind = lab.externals[external].kind.as_ref().map(|kind| kind.value);
        matches!(kind, Some(ExternalKind::Notification | ExternalKind::Mail | ExternalKind::Monitoring))
    };
    let mut used = service.needs.ids().chain(service.wants.ids());
    !service.alerts_to.is_empty() || used.any(|used| ExternalId::try_from(used).is_ok_and(brings))
}
