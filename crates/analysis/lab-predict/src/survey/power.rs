//! What is upstream of the first plug: grid, panels, breakers, generators.

use super::Surveyor;
use super::figures::{self, Figures};
use crate::works::{Mode, PartId, PartKind, PowerPoint};
use lab_model::lab::PowerId;
use lab_model::written::{PowerKind, PowerNode};

/// Adds every power point.
pub(super) fn survey(surveyor: &mut Surveyor<'_>) {
    let points: Vec<_> = surveyor.point_of.iter().map(|(&node, &point)| (node, point)).collect();
    for (node, promised) in points {
        let fails = fails_of(surveyor, node);
        let record = &surveyor.lab.power[node];
        let from = record.from.ids().filter_map(|from| surveyor.point_of.get(&from).copied()).collect();
        let point = PowerPoint {
            thing: node.into(),
            label: record.name.to_string(),
            fails,
            from,
            span: Some(record.name.span),
            limit_watts: limit(surveyor, record),
        };
        Surveyor::added(surveyor.works.points(point), promised);
    }
}

/// The company's grid fails for long or for a moment; everything else just fails.
fn fails_of(surveyor: &mut Surveyor<'_>, node: PowerId) -> Vec<PartId> {
    let record = &surveyor.lab.power[node];
    let per_year = record.outages.as_ref().map(|rate| rate.value.per_year());
    let hours = record.typical_outage.as_ref().map(|period| figures::hours(period.value));
    let is_said = per_year.is_some() && hours.is_some();
    if kind_of(record) == PowerKind::Utility {
        let [long, briefly] = figures::of_a_grid(per_year, hours);
        return [(Mode::Long, long), (Mode::Briefly, briefly)]
            .map(|(mode, figures)| {
                let part = surveyor.power_node(node, PartKind::Grid, mode);
                surveyor.set_figures(part, figures, !is_said);
                part
            })
            .to_vec();
    }
    let part = surveyor.power_node(node, PartKind::PowerNode, Mode::Fails);
    let field = figures::of_the_field(PartKind::PowerNode, Mode::Fails);
    let figures = Figures {
        per_year: per_year.unwrap_or(field.per_year),
        hours_to_mend: hours.unwrap_or(field.hours_to_mend),
    };
    surveyor.set_figures(part, figures, !is_said);
    vec![part]
}

fn kind_of(record: &PowerNode) -> PowerKind {
    let by_feed = if record.from.is_empty() { PowerKind::Utility } else { PowerKind::Circuit };
    record.kind.as_ref().map_or(by_feed, |kind| kind.value)
}

/// The least of what breaker and source can give.
fn limit(surveyor: &Surveyor<'_>, record: &PowerNode) -> Option<f64> {
    let voltage = record.voltage.as_ref().or(surveyor.lab.head.voltage.as_ref());
    let by_breaker = record.breaker.as_ref().zip(voltage);
    let by_breaker = by_breaker.map(|(breaker, voltage)| {
        thousandths(breaker.value.milliamperes()) * thousandths(voltage.value.millivolts())
    });
    let said = record.power.as_ref().map(|power| thousandths(power.value.milliwatts()));
    let apparent = record.apparent_power.as_ref();
    let apparent = apparent.map(|power| thousandths(power.value.millivolt_amperes()));
    [by_breaker, said, apparent].into_iter().flatten().reduce(f64::min)
}

/// From thousandths of a unit, as the model keeps measures, to the unit.
#[expect(clippy::cast_precision_loss, reason = "an estimate; 53 bits are plenty")]
pub(super) fn thousandths(value: u64) -> f64 {
    value as f64 / 1000.0
}
