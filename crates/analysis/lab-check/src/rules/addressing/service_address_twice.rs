//! Two services that ask for the same address of their own. Services that share one on different ports are not this.

use crate::context::Context;
use crate::rule::rule;
use lab_model::Lab;
use lab_model::lab::ServiceId;
use lab_source::Span;
use std::collections::BTreeMap;
use std::net::IpAddr;

rule!("service-address-twice", Warning, Addressing, "two services ask for one address");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let mut asked: BTreeMap<IpAddr, Vec<(ServiceId, Span)>> = BTreeMap::new();
    for (id, service) in lab.services.iter() {
        for address in &service.address {
            asked.entry(address.value.0).or_default().push((id, address.span));
        }
    }
    for (address, services) in asked {
        let Some((first, second)) = first_clash(lab, &services) else { continue };
        let names = (&lab.services[first.0].name, &lab.services[second.0].name);
        let finding = context
            .finding(
                format!("`{}` and `{}` ask for {address}", names.0, names.1),
                second.1,
                format!("of `{}`", names.1),
            )
            .and(first.1, format!("of `{}`", names.0))
            .about(lab.subject(second.0))
            .about(lab.subject(first.0))
            .because("the one that comes second waits for an address for ever, or both answer")
            .help(
                "give one of them another address; services that share one say on which `ports` each listens",
            );
        context.report_once(finding);
    }
}

type Asked = (ServiceId, Span);

/// The first two whose ports are not known to differ, and that do not stand for the same thing in several places.
fn first_clash(lab: &Lab, services: &[Asked]) -> Option<(Asked, Asked)> {
    let (first, others) = services.split_first()?;
    let share = |other: &&Asked| {
        let (one, two) = (&lab.services[first.0].ports, &lab.services[other.0].ports);
        let unknown = one.is_empty() || two.is_empty();
        first.0 != other.0
            && (unknown || one.iter().any(|port| two.iter().any(|other| port.value.overlaps(other.value))))
    };
    others.iter().find(share).map(|other| (*first, *other))
}
