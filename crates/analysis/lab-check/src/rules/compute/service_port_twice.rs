//! Two services on one machine that want the same port. Services with an address of their own, and those on clusters, have ports of their own.

use crate::context::Context;
use crate::rule::rule;
use lab_model::grammar::Port;
use lab_model::lab::{Kind, ServiceId, ThingId};
use lab_source::Spanned;
use std::collections::BTreeMap;

rule!("service-port-twice", Error, Compute, "two services listen on one port of one machine");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let mut taken: BTreeMap<ThingId, Vec<(ServiceId, Spanned<Port>)>> = BTreeMap::new();
    for (id, service) in
        lab.services.iter().filter(|(id, service)| lab.is_active(*id) && service.address.is_empty())
    {
        let machines = service.on.ids().filter(|on| matches!(on.kind, Kind::Host | Kind::Vm | Kind::Device));
        for machine in machines {
            taken.entry(machine).or_default().extend(service.ports.iter().map(|port| (id, *port)));
        }
    }
    for (machine, mut ports) in taken {
        ports.sort_by_key(|(id, port)| (port.value, *id));
        for pair in ports.windows(2) {
            let [(first, one), (second, two)] = pair else { continue };
            if first == second || !one.value.overlaps(two.value) {
                continue;
            }
            // What is written later is what was added.
            let ((first, one), (second, two)) =
                if one.span.start <= two.span.start { (pair[0], pair[1]) } else { (pair[1], pair[0]) };
            let names = (&lab.services[first].name, &lab.services[second].name);
            let finding = context
                .finding(
                    format!(
                        "`{}` and `{}` want port {} of `{}`",
                        names.0,
                        names.1,
                        two.value,
                        lab.name(machine)
                    ),
                    two.span,
                    format!("of `{}`", names.1),
                )
                .and(one.span, format!("of `{}`", names.0))
                .about(lab.subject(second))
                .about(lab.subject(first))
                .because("the one that starts second stops with `address already in use`")
                .help("give one of them another port");
            context.report_once(finding);
        }
    }
}
