//! Guests or things that may reach all of a zone that is not for them. What is opened on certain ports, or with a reason, is meant.

use crate::context::Context;
use crate::rule::rule;
use lab_model::lab::ZoneId;

rule!(
    "untrusted-reaches-trusted",
    Warning,
    Switching,
    "an untrusted zone reaches a trusted one on every port"
);

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let untrusted = |id: ZoneId| lab.zones[id].untrusted.as_ref().is_some_and(|said| said.value);
    for (id, zone) in lab.zones.iter().filter(|(id, _)| untrusted(*id)) {
        for reach in &zone.may_reach {
            let Some(to) = &reach.to else { continue };
            let Some(other) = to.id.and_then(|to| ZoneId::try_from(to).ok()).filter(|other| *other != id)
            else {
                continue;
            };
            let is_management = lab.zones[other].management.as_ref().is_some_and(|said| said.value);
            if untrusted(other) || is_management || !reach.on.is_empty() || reach.because.is_some() {
                continue;
            }
            let finding = context
                .finding(
                    format!("`{}` is untrusted and reaches all of `{to}`", zone.name),
                    to.span,
                    "on every port",
                )
                .and(zone.untrusted.as_ref().map_or(zone.name.span, |said| said.span), "not trusted")
                .about(lab.subject(id))
                .about(lab.subject(other))
                .because("one guest, or one thing with old software, is then as close to it as you are")
                .help(format!(
                    "name the ports, `{{ to: {to}, on: https }}`, or say `because:` what it is for"
                ));
            context.report_once(finding);
        }
    }
}
