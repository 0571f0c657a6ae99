//! "It runs so long on battery": the outage is played through until something that had power loses it.

use super::target::parts_of_thing;
use super::{Aspect, Witness};
use crate::forecast::{Forecast, words};
use crate::simulate::Simulator;
use crate::simulate::battery::{Habits, Happening, InUse, Outage, outage};
use crate::works::{Mode, PartId, PartKind, UnitId};
use lab_model::ThingId;
use lab_model::written::Claim;
use std::collections::BTreeSet;

/// Lets the grid, or what the claim names, fail for good, and reads the clock when the first thing goes off.
pub(super) fn judge(forecast: &Forecast<'_>, claim: &Claim) -> Vec<Aspect> {
    let Some(battery) = &claim.battery else { return Vec::new() };
    let works = &forecast.works;
    let wanted = battery.value.milliseconds() as f64 / 60_000.0;
    let said = format!("it runs for {} on battery", battery.value);
    let named: BTreeSet<PartId> =
        claim.losing.ids().flat_map(|thing| parts_of_thing(forecast, thing)).collect();
    let is_grid = |part: &crate::works::Part| part.kind == PartKind::Grid && part.mode != Mode::Briefly;
    let grid = (0..).map(PartId).zip(&works.parts).filter(|(_, part)| is_grid(part)).map(|(id, _)| id);
    let failed: Vec<PartId> = if named.is_empty() { grid.collect() } else { named.into_iter().collect() };
    if failed.is_empty() {
        return vec![Aspect::not_judged(
            said,
            "The lab does not say what feeds it: there is no grid that could fail.",
        )];
    }
    let simulator = Simulator::new(works);
    let course = outage(&simulator, &failed, Habits::default());
    let of: BTreeSet<ThingId> = claim.of.ids().collect();
    let (minutes, facts) = first_to_go(forecast, &course, &of);
    let unknown: Vec<&str> = course.unknown_watts.iter().map(|unit| works[*unit].label.as_str()).collect();
    let unmeasured: Vec<&str> =
        course.unknown_energy.iter().map(|unit| works[*unit].label.as_str()).collect();
    let Some(minutes) = minutes else {
        let in_use = course.steps.first().map_or(&[][..], |step| &step.batteries);
        let why = match (unmeasured.is_empty(), unknown.is_empty()) {
            (false, _) => format!("Nobody says what the battery of {} holds.", words::names(unmeasured)),
            (true, false) => format!(
                "Nobody says what {} draw.{}",
                words::names(unknown),
                bearable(forecast, in_use, wanted)
            ),
            (true, true) if in_use.is_empty() => "No battery is in use once the power is gone.".to_owned(),
            (true, true) => "Nothing of it hangs on a battery.".to_owned(),
        };
        return vec![Aspect::not_judged(said, why)];
    };
    let told = format!("At today's load and age of the batteries it is {}", clock(minutes));
    if minutes < wanted {
        return vec![Aspect::refuted(said, format!("{told}.")).with(facts)];
    }
    if !unknown.is_empty() {
        let why = format!("{told}, not counting {}, whose watts nobody says.", words::names(unknown));
        return vec![Aspect::not_judged(said, why).with(facts)];
    }
    vec![Aspect::proved(said, format!("{told}.")).with(facts)]
}

/// Up to which load the only battery in use would last so long, losses counted.
fn bearable(forecast: &Forecast<'_>, in_use: &[InUse], minutes: f64) -> String {
    let [only] = in_use else { return String::new() };
    let unit = &forecast.works[only.unit];
    let Some((battery, energy)) =
        unit.battery.as_ref().and_then(|battery| Some((battery, battery.watt_hours?)))
    else {
        return String::new();
    };
    let watts = energy * battery.efficiency / (minutes / 60.0);
    match unit.limit_watts.filter(|limit| *limit < watts) {
        Some(limit) => format!(
            " {} holds energy for {} of its full {limit:.0} W; a battery gives less of it at such a load.",
            unit.label,
            clock(energy * battery.efficiency / limit * 60.0)
        ),
        None => format!(" {} holds energy for so long at up to {watts:.0} W.", unit.label),
    }
}

/// The minute at which the first thing in `of` goes, or at which the first battery in `of` is empty; of everything that a battery carries
/// when nothing is named.
fn first_to_go(
    forecast: &Forecast<'_>,
    course: &Outage,
    of: &BTreeSet<ThingId>,
) -> (Option<f64>, Vec<Witness>) {
    let works = &forecast.works;
    let is_meant = |unit: UnitId| of.is_empty() || of.contains(&works[unit].thing);
    let in_use = course.steps.first().map_or(&[][..], |step| &step.batteries);
    let mut facts: Vec<Witness> = in_use
        .iter()
        .map(|battery| {
            let left = battery
                .minutes_left
                .map_or_else(|| "for a time nobody knows".to_owned(), |left| format!("for {}", clock(left)));
            let label = &works[battery.unit].label;
            Witness::new(format!("{label} carries {:.0} W {left}", battery.watts), works[battery.unit].span)
        })
        .collect();
    let of_battery = in_use.iter().filter(|battery| !of.is_empty() && is_meant(battery.unit));
    let mut first: Option<f64> = of_battery.filter_map(|battery| battery.minutes_left).min_by(f64::total_cmp);
    if first.is_none() {
        let goes = course.steps.iter().find_map(|step| {
            step.happenings.iter().find_map(|happening| match happening {
                Happening::Off(unit) if is_meant(*unit) => Some((step.minute, works[*unit].label.clone())),
                Happening::ShutsDown(machine) | Happening::Cut(machine)
                    if of.is_empty() || of.contains(&works[*machine].thing) =>
                {
                    Some((step.minute, works[*machine].label.clone()))
                }
                _ => None,
            })
        });
        if let Some((minute, label)) = goes {
            first = Some(minute);
            facts.push(Witness::new(format!("first to go: {label}, after {}", clock(minute)), None));
        }
    }
    (first, facts)
}

/// `7 min`, `1 h 12 min`.
fn clock(minutes: f64) -> String {
    let whole = minutes.floor() as u64;
    match (whole / 60, whole % 60) {
        (0, 0) => format!("{:.0} s", minutes * 60.0),
        (0, minutes) => format!("{minutes} min"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::verdicts;

    #[test]
    fn minutes_on_battery_are_compared() {
        // 100 Wh at 100 W are an hour, less the supply's own losses.
        let lab = |minutes: &str| {
            format!(
                "
device-types:
  own/ups:
    manufacturer: own
    model: ups
    role: ups
    power-ports: [{{ name: in, type: iec-60320-c14 }}]
    power-outlets: [{{ names: 1..2, type: iec-60320-c13 }}]
    battery: {{ capacity: 100 Wh, life: 4 y }}
  own/server:
    manufacturer: own
    model: server
    power-ports: [{{ name: psu-1, type: iec-60320-c14 }}]
    watts: {{ typical: 100 W, peak: 100 W }}
power: {{ grid: {{ kind: utility }} }}
devices:
  ups: {{ type: own/ups, inlets: {{ in: grid }} }}
  server: {{ type: own/server, inlets: {{ psu-1: 'ups:1' }} }}
promises: {{ it: {{ says: it, claim: {{ battery: {minutes} }} }} }}
"
            )
        };
        assert_eq!(verdicts(&lab("20 min")), ["proved"]);
        assert_eq!(verdicts(&lab("2 h")), ["REFUTED"]);
    }
}
