//! A VLAN interface over a trunk of the host that is not said to carry the VLAN.

use crate::context::Context;
use crate::rule::rule;
use lab_model::record::Ref;

rule!(
    "vlan-not-on-trunk",
    Error,
    Switching,
    "an interface of a host uses a VLAN that the interface under it does not have"
);

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, host) in lab.hosts.iter() {
        for (name, interface) in host.interfaces.iter() {
            let (Some(vlan), Some(over)) = (&interface.vlan, &interface.over) else { continue };
            let Some(under) = host.interfaces.get(&over.text) else { continue };
            let carried = &under.tagged;
            let (Some(wanted), false) = (vlan.id, carried.all || carried.some.is_empty()) else { continue };
            let is_there = |other: &Ref<_>| other.id.is_none_or(|other| other == wanted);
            if carried.some.items.iter().any(is_there) {
                continue;
            }
            let finding = context
                .finding(
                    format!(
                        "`{name}` of `{}` uses VLAN `{vlan}`, `{}` under it does not",
                        host.name, over.text
                    ),
                    vlan.span,
                    "the tag it adds",
                )
                .and(carried.some.span.unwrap_or(over.span), format!("the VLANs of `{}`", over.text))
                .about(lab.subject(id))
                .because("its frames are dropped before they leave the host")
                .help(format!("add `{vlan}` to `tagged` of `{}`", over.text));
            context.report_once(finding);
        }
    }
}
