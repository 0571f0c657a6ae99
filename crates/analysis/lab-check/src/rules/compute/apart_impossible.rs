//! Services that must not share a host and have no other.

use crate::context::Context;
use crate::rule::rule;
use lab_model::lab::ThingId;

rule!("apart-impossible", Error, Compute, "services that must be apart can only run on the same host");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, service) in lab.services.iter().filter(|(id, _)| lab.is_active(*id)) {
        for other in &service.apart_from.items {
            let Some(other_id) = other.id.filter(|other| lab.is_active(*other)) else { continue };
            let hosts = |service| -> Vec<ThingId> {
                let mut devices: Vec<ThingId> = lab
                    .places_of(service)
                    .into_iter()
                    .flat_map(|place| lab.devices_under(place))
                    .map(ThingId::from)
                    .collect();
                devices.sort_unstable();
                devices.dedup();
                devices
            };
            let (own, theirs) = (hosts(id), hosts(other_id));
            let all_own: Vec<&ThingId> = own.iter().chain(&theirs).collect();
            let (false, Some(first)) = (own.is_empty() || theirs.is_empty(), all_own.first()) else {
                continue;
            };
            if id == other_id || all_own.iter().any(|device| device != first) {
                continue;
            }
            let finding = context
                .finding(
                    format!(
                        "`{}` and `{other}` must be apart, and both can only be on `{}`",
                        service.name,
                        lab.name(**first)
                    ),
                    other.span,
                    "apart from this one",
                )
                .and(service.on.span.unwrap_or(service.name.span), format!("`{}` runs there", service.name))
                .and(lab.services[other_id].on.span.unwrap_or(other.span), format!("`{other}` runs there"))
                .about(lab.subject(id))
                .about(lab.subject(other_id))
                .help("give one of them another place");
            context.report_once(finding);
        }
    }
}
