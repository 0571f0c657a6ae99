//! A gateway that is one router's own address, although an address that moves between the routers is there.

use super::plan::{alter_egos, uses_of};
use crate::context::Context;
use crate::rule::rule;
use lab_model::derived::AddressRole;
use lab_model::lab::VipId;
use std::collections::BTreeMap;

rule!(
    "gateway-is-one-member",
    Warning,
    Addressing,
    "a gateway is one router's own address beside the VIP that moves between routers"
);

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let mut vips: BTreeMap<_, Vec<VipId>> = BTreeMap::new();
    for assignment in lab.derived.assignments.iter().filter(|assignment| assignment.role == AddressRole::Vip)
    {
        if let (Some(prefix), Ok(vip)) = (assignment.prefix, VipId::try_from(assignment.owner)) {
            vips.entry(prefix).or_default().push(vip);
        }
    }
    for (id, plan) in lab.prefixes.iter() {
        let Some(gateway) = &plan.gateway else { continue };
        let Some(holder) =
            uses_of(lab, gateway.value.0).iter().find(|other| other.role == AddressRole::Interface)
        else {
            continue;
        };
        let is_member = |vip: &&VipId| {
            let members = &lab.vips[**vip].members;
            members.items.len() > 1
                && members.ids().any(|member| alter_egos(lab, member).contains(&holder.owner))
        };
        let Some(&vip) = vips.get(&id).into_iter().flatten().find(is_member) else { continue };
        let record = &lab.vips[vip];
        let Some(address) =
            record.address.iter().find(|address| lab.derived.prefix_of(address.value.0) == Some(id))
        else {
            continue;
        };
        let router = lab.name(holder.owner);
        let finding = context
            .finding(format!("the gateway of {} is `{router}` itself, not the VIP `{}`", plan.name, record.name), gateway.span, format!("`{router}`'s own address"))
            .and(address.span, format!("{} moves between {} routers", address.value, record.members.items.len()))
            .about(lab.subject(id))
            .about(lab.subject(vip))
            .because(format!("when `{router}` is down this network has no gateway, although another router took the VIP over"))
            .help(format!("write `gateway: {}`", address.value));
        context.report_once(finding);
    }
}
