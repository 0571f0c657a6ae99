//! A rack with more weight in it than it can carry. Devices without a known weight add nothing, which the finding says.

use crate::context::Context;
use crate::rule::rule;
use lab_model::Lab;
use lab_model::lab::DeviceId;

rule!("rack-overweight", Warning, Rack, "the devices in a rack weigh more than it can carry");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (rack, record) in lab.racks.iter() {
        let Some(most) = &record.max_weight else { continue };
        let here = lab.derived.devices_in(rack);
        let mut known: Vec<(DeviceId, f64)> =
            here.iter().filter_map(|id| grams(lab, *id).map(|grams| (*id, grams))).collect();
        let sum: f64 = known.iter().map(|(_, grams)| grams).sum();
        if sum <= most.value.grams() as f64 {
            continue;
        }
        known.sort_by(|one, other| other.1.total_cmp(&one.1));
        let heavy = known
            .iter()
            .take(5)
            .map(|(id, grams)| format!("{} {:.1} kg", lab.devices[*id].name, grams / 1000.0));
        let heavy: Vec<String> = heavy.collect();
        let mut finding = context
            .finding(
                format!("{} carries {:.1} kg and may carry {}", record.name, sum / 1000.0, most.value),
                most.span,
                "the most it may carry",
            )
            .about(lab.subject(rack))
            .because(format!("heaviest: {}", heavy.join(", ")));
        let silent = here.len() - known.len();
        if silent > 0 {
            finding = finding.because(format!("{silent} devices more do not say what they weigh"));
        }
        context.report(finding);
    }
}

/// The weight of a device by its type, in grams.
fn grams(lab: &Lab, device: DeviceId) -> Option<f64> {
    let ty = lab.derived.device(device).ty.as_ref()?;
    let number: f64 = ty.weight.as_ref()?.text.parse().ok()?;
    let factor = match &*ty.weight_unit.as_ref()?.text {
        "kg" => 1000.0,
        "g" => 1.0,
        "lb" => 453.592_37,
        "oz" => 28.349_523_125,
        _ => return None,
    };
    (number >= 0.0).then_some(number * factor)
}
