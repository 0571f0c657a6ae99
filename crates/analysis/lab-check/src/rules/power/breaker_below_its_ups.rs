//! A breaker that opens before the UPS behind it draws what it may, or that cannot feed even half of what it gives.

use super::feeds::{Feeder, is_active, source_of, voltage};
use super::load::apparent;
use crate::context::Context;
use crate::rule::rule;
use lab_model::written::DeviceRole;

rule!("breaker-below-its-ups", Warning, Power, "a breaker is too small for the UPS behind it");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, device) in lab.devices.iter().filter(|(id, _)| is_active(lab, *id)) {
        let facts = lab.derived.device(id);
        if facts.role != Some(DeviceRole::Ups) {
            continue;
        }
        let rating = facts.ty.as_ref().and_then(|ty| ty.rating.as_ref());
        let draws = rating.and_then(|rating| rating.input.as_ref());
        let Some(gives) = rating.and_then(|rating| rating.real.as_ref()) else { continue };
        let gives = gives.value.milliwatts() as f64 / 1000.0;
        for (inlet, _) in lab.derived.inlets_of(id) {
            let Some(feeder @ Feeder::Node(node)) = source_of(lab, inlet) else { continue };
            let (Some(breaker), Some(volts)) = (&lab.power[node].breaker, voltage(lab, feeder)) else {
                continue;
            };
            let most = apparent(breaker.value.at(volts));
            if let Some(draws) = draws.filter(|draws| draws.value > breaker.value) {
                let finding = context
                    .finding(
                        format!(
                            "{} may draw {}, and {} before it opens at {}",
                            device.name, draws.value, lab.power[node].name, breaker.value
                        ),
                        breaker.span,
                        "the breaker",
                    )
                    .and(super::feeds::source_span(lab, inlet), "plugged in here")
                    .about(lab.subject(node))
                    .about(lab.subject(id))
                    .because("under load with batteries to charge, the breaker opens and the UPS runs empty")
                    .help("take a circuit with a larger breaker, or a smaller UPS");
                context.report_once(finding);
                continue;
            }
            if most * 2.0 >= gives {
                continue;
            }
            let finding = context
                .finding(
                    format!(
                        "{} gives {most:.0} W at most, and {} behind it is made for {gives:.0} W",
                        lab.power[node].name, device.name
                    ),
                    breaker.span,
                    format!("{} at {volts}", breaker.value),
                )
                .and(super::feeds::source_span(lab, inlet), "plugged in here")
                .about(lab.subject(node))
                .about(lab.subject(id))
                .because("charging the batteries alone opens the breaker, and then the UPS runs empty")
                .help("take a circuit that can feed it, or a smaller UPS");
            context.report_once(finding);
        }
    }
}
