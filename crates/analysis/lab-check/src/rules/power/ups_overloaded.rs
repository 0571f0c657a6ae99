//! A UPS that feeds more than it can give.

use super::feeds::{Feeder, is_active};
use super::overload;
use crate::context::Context;
use crate::rule::rule;
use lab_model::written::DeviceRole;

rule!("ups-overloaded", Warning, Power, "a UPS feeds more than it can give");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let devices = lab.devices.iter().map(|(id, _)| id).filter(|id| is_active(lab, *id));
    let devices = devices.filter(|id| lab.derived.device(*id).role == Some(DeviceRole::Ups));
    overload::check(context, devices.map(Feeder::Device));
}
