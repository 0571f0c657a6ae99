//! The measured draw of the whole lab and the sum of what its devices draw, far apart.

use super::feeds::is_active;
use super::load::unknown;
use crate::context::Context;
use crate::rule::rule;
use lab_model::lab::DeviceId;

rule!("measured-draw-differs", Note, Power, "the measured draw is far from the sum of the parts");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let Some(measured) = &lab.head.measured_draw else { return };
    let draws = context.draws();
    let mut active: Vec<DeviceId> =
        lab.devices.iter().map(|(id, _)| id).filter(|id| is_active(lab, *id)).collect();
    let (mut sum, mut silent) = (0.0, 0usize);
    for id in &active {
        let own = draws.own(*id);
        sum += own.typical;
        silent += own.no_typical;
    }
    let real = measured.value.milliwatts() as f64 / 1000.0;
    let is_above = sum > real * 1.3;
    let is_below = silent == 0 && sum < real * 0.7;
    if !is_above && !is_below {
        return;
    }
    active.sort_by(|one, other| draws.own(*other).typical.total_cmp(&draws.own(*one).typical));
    let heavy =
        active.iter().take(5).map(|id| format!("{} {:.0} W", lab.devices[*id].name, draws.own(*id).typical));
    let heavy: Vec<String> = heavy.collect();
    let finding = context
        .finding(
            format!("{} were measured and the devices add up to {sum:.0} W", measured.value),
            measured.span,
            "measured",
        )
        .because(format!("in normal use: {}{}", heavy.join(", "), unknown(silent)))
        .because(if is_above {
            "what the devices say is too high, or the meter does not see all of them"
        } else {
            "something draws power that is not described, or what the devices say is too low"
        });
    context.report(finding);
}
