//! Services that anybody on the Internet can use, and forwards to services that are meant to stay inside.

use crate::context::Context;
use crate::rule::rule;
use lab_model::lab::{Lab, ServiceId};
use lab_model::written::{Exposure, SignOn};
use lab_source::Severity;

rule!(
    "exposed-to-everybody",
    Warning,
    Security,
    "a service is open to the Internet without sign-on, or against its own word"
);

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, service) in lab.services.iter().filter(|(id, _)| lab.is_active(*id)) {
        let outside = |value| matches!(value, Exposure::Internet | Exposure::Tunnel);
        let Some(exposed) = service.exposed.as_ref().filter(|exposed| outside(exposed.value)) else {
            continue;
        };
        let Some(sign_on) = service.sign_on.as_ref().filter(|sign_on| sign_on.value == SignOn::None) else {
            continue;
        };
        if is_public(lab, id) {
            continue;
        }
        let finding = context
            .finding(
                format!("anybody on the Internet can use `{}`", service.name),
                sign_on.span,
                "nobody is asked who they are",
            )
            .and(exposed.span, format!("reached from outside: {}", exposed.value))
            .about(lab.subject(id))
            .help("ask for sign-on, expose it by `vpn`, or write `for: public` when it is meant for all");
        context.report_once(finding);
    }
    for (id, forward) in lab.forwards.iter() {
        let Some(to) = &forward.to else { continue };
        let Some(service) = to.id.and_then(|to| ServiceId::try_from(to).ok()) else { continue };
        let record = &lab.services[service];
        let Some(said) = record
            .exposed
            .as_ref()
            .filter(|said| matches!(said.value, Exposure::Lan | Exposure::Cluster | Exposure::Vpn))
        else {
            continue;
        };
        let mut finding = context
            .finding(
                format!("a port is forwarded to `{to}`, which is meant for `{}` only", said.value),
                to.span,
                "leads there from outside",
            )
            .and(said.span, format!("`exposed: {}`", said.value))
            .about(lab.subject(id))
            .about(lab.subject(service))
            .help("take the forward away, or say that the service is exposed to the Internet");
        finding.severity = Severity::Error;
        context.report_once(finding);
    }
}

fn is_public(lab: &Lab, id: ServiceId) -> bool {
    let audience = lab.services[id].r#for.as_ref();
    audience.is_some_and(|audience| audience.value == lab_model::written::Audience::Public)
}
