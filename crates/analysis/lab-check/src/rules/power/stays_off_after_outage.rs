//! A machine that others need and that stays off when power comes back.

use super::feeds::is_active;
use crate::context::Context;
use crate::rule::rule;
use lab_model::written::{DeviceRole, PowerRestore};
use std::collections::BTreeSet;

rule!("stays-off-after-outage", Warning, Power, "a machine stays off when power comes back");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let mut told = BTreeSet::new();
    for (id, device) in lab.devices.iter().filter(|(id, _)| is_active(lab, *id)) {
        let Some(restore) = device.power_restore.as_ref().filter(|said| said.value == PowerRestore::Off)
        else {
            continue;
        };
        use DeviceRole::{Appliance, Nas, Router, Server, Switch};
        let role = lab.derived.device(id).role;
        let is_needed = matches!(role, Some(Server | Nas | Router | Switch | Appliance));
        let is_controlled = device.power_control.is_some();
        if !is_needed || is_controlled || !told.insert(restore.span) {
            continue;
        }
        let finding = context
            .finding(
                format!("{} stays off after an outage until somebody comes", device.name),
                restore.span,
                "set so here",
            )
            .about(lab.subject(id))
            .because("after an outage longer than the battery the lab does not come back by itself")
            .help("set it to `on`, or to `last`, in its firmware and here");
        context.report(finding);
    }
}
