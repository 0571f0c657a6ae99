//! Services that anybody on the Internet can use, and forwards to services that are meant to stay inside.

use crate::context::Context;
use crate::rule::rule;
use lab_model::lab::{Lab, ServiceId};
use lab_model::written::{Exposure, SignOn};
use lab_source::{Severity, Span};

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
        if is_public(lab, id) {
            continue;
        }
        let Some(sign_on) = &service.sign_on else {
            if !is_way_in(lab, id) {
                unsaid(context, id, exposed.span);
            }
            continue;
        };
        if sign_on.value != SignOn::None {
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

/// Reached from outside, and not a word of how people prove who they are.
fn unsaid(context: &mut Context<'_>, id: ServiceId, exposed: Span) {
    let lab = context.lab;
    let name = &lab.services[id].name;
    let mut finding = context
        .finding(format!("how people sign on to `{name}` is not said"), exposed, "reached from outside")
        .about(lab.subject(id))
        .because("whether a stranger who finds the address gets in is the first thing to know of it")
        .help("write `sign-on: oidc`, `own` or what it is, `none` when nobody is asked, or `for: public`");
    finding.severity = Severity::Note;
    context.report_once(finding);
}

/// True for what lets others through and asks in its own way, or leaves that to what is behind it.
fn is_way_in(lab: &Lab, id: ServiceId) -> bool {
    let ways = ["vpn", "ingress", "load-balancer", "tunnel", "identity", "dns", "mail"];
    lab.services[id].roles.iter().any(|role| ways.contains(&&*role.text))
}

fn is_public(lab: &Lab, id: ServiceId) -> bool {
    let audience = lab.services[id].r#for.as_ref();
    audience.is_some_and(|audience| audience.value == lab_model::written::Audience::Public)
}
