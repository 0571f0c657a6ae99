//! A zone that says its members may reach each other, in a VLAN that was made to keep them apart.

use crate::context::Context;
use crate::rule::rule;
use lab_model::lab::VlanIdOf;

rule!(
    "isolation-switched-off",
    Warning,
    Switching,
    "a zone does not isolate what its private VLAN keeps apart"
);

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, zone) in lab.zones.iter() {
        let Some(said) = zone.isolated.as_ref().filter(|said| !said.value) else { continue };
        let vlans = zone.of.ids().filter_map(|member| VlanIdOf::try_from(member).ok());
        for vlan in vlans {
            let record = &lab.vlans[vlan];
            let Some(private) = record.private.as_ref().filter(|private| private.isolated.is_some()) else {
                continue;
            };
            let finding = context
                .finding(
                    format!("the zone `{}` is not isolated, and its VLAN `{}` is", zone.name, record.name),
                    said.span,
                    "members may reach each other",
                )
                .and(private.span, "members are kept apart")
                .about(lab.subject(id))
                .about(lab.subject(vlan))
                .because("the switch keeps them apart and the router lets them meet: one of the two is not as meant")
                .help("write `isolated: true`, or make the VLAN an ordinary one");
            context.report_once(finding);
        }
    }
}
