//! Power: watts, what each breaker, battery and strip carries against its limit, energy and money a year, minutes on battery, and what
//! happens to the loads when a feed dies.

use super::{Answer, JSON_VERSION};
use crate::forecast::Forecast;
use crate::forecast::words::drawn_together;
use crate::simulate::Simulator;
use crate::simulate::battery::{Habits, Happening, Outage, Step, outage};
use crate::simulate::overload::{Draw, Limited, Load, cascade};
use crate::works::{MachineId, Mode, PartId, PartKind, UnitId, Works};
use lab_model::grammar::{Money, WattHours};
use lab_show::document::{Block, Document, Table};
use serde_json::{Value, json};

/// The lab's power.
#[derive(Clone, Debug)]
pub struct Power {
    /// Loads in ordinary use, and at most, of everything that has a limit or carries something.
    pub loads: Vec<(Load, f64)>,
    /// Watts in ordinary use, of everything together.
    pub watts: f64,
    /// Watts at most.
    pub watts_peak: f64,
    /// Units of which nobody knows the watts.
    pub unknown: Vec<UnitId>,
    /// Energy of a year in kWh.
    pub kwh_a_year: f64,
    /// What that costs, when the lab says a price.
    pub cost_a_year: Option<Money>,
    /// What happens when the grid is gone; None without a battery in use.
    pub outage: Option<Outage>,
    /// For each battery: minutes at today's load when new, today, and with half of what it gave when new.
    pub batteries: Vec<BatteryMinutes>,
    /// Feeds whose loss overloads what is left, with what trips.
    pub cascades: Vec<(PartId, Vec<Load>)>,
}

/// How long a battery lasts.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct BatteryMinutes {
    /// The unit.
    pub unit: UnitId,
    /// What hangs on it, in watts.
    pub watts: f64,
    /// Minutes when it was new.
    pub new: Option<f64>,
    /// Minutes today.
    pub today: Option<f64>,
    /// Minutes at half of what it gave when new: when to replace it at the latest.
    pub at_half: Option<f64>,
}

/// Hours of a year, leap years in their share.
const HOURS_A_YEAR: f64 = 8766.0;

/// Works the power out.
pub fn power(forecast: &Forecast<'_>) -> Power {
    let works = &forecast.works;
    let simulator = Simulator::new(works);
    let typical = cascade(&simulator, &[], Draw::Typical);
    let peak = cascade(&simulator, &[], Draw::Peak);
    let peak_of = |load: &Load| {
        let same = peak.loads.iter().chain(&peak.trips).find(|other| other.what == load.what);
        same.map_or(load.watts, |other| other.watts)
    };
    let loads: Vec<(Load, f64)> = typical.loads.iter().map(|load| (*load, peak_of(load))).collect();
    // An empty sum of floating-point numbers is -0.
    let watts: f64 = works.units.iter().filter_map(|unit| unit.watts).fold(0.0, |sum, watts| sum + watts);
    let watts_peak: f64 = works.units.iter().filter_map(|unit| unit.watts_peak.or(unit.watts)).sum();
    let kwh_a_year = watts * HOURS_A_YEAR / 1000.0;
    let price = forecast.lab.head.energy_price.as_ref().map(|price| price.value);
    // Energy is kept in thousandths of a watt hour.
    let energy = WattHours::from_milliwatt_hours((kwh_a_year * 1e6) as u64);
    let grid: Vec<PartId> = parts(works, |part| part.kind == PartKind::Grid && part.mode != Mode::Briefly);
    let outage = (!grid.is_empty()).then(|| outage(&simulator, &grid, Habits::default()));
    let outage = outage.filter(|outage| !outage.steps[0].batteries.is_empty());
    let batteries = outage.as_ref().map_or_else(Vec::new, |outage| batteries(works, outage));
    let cascades = feeds(works)
        .into_iter()
        .map(|part| (part, cascade(&simulator, &[part], Draw::Peak).trips))
        .filter(|(_, trips)| !trips.is_empty())
        .collect();
    Power {
        loads,
        watts,
        watts_peak,
        unknown: typical.unknown,
        kwh_a_year,
        cost_a_year: price.map(|price| price.cost(energy)),
        outage,
        batteries,
        cascades,
    }
}

fn parts(works: &Works, wanted: impl Fn(&crate::works::Part) -> bool) -> Vec<PartId> {
    (0..).map(PartId).zip(&works.parts).filter(|(_, part)| wanted(part)).map(|(id, _)| id).collect()
}

/// What feeds others: breakers, battery supplies, strips.
fn feeds(works: &Works) -> Vec<PartId> {
    parts(works, |part| {
        matches!(part.kind, PartKind::PowerNode | PartKind::Ups | PartKind::Pdu) && part.mode != Mode::Briefly
    })
}

fn batteries(works: &Works, outage: &Outage) -> Vec<BatteryMinutes> {
    let minutes = |battery: Option<f64>, efficiency: f64, watts: f64| {
        battery.filter(|_| watts > 0.0).map(|watt_hours| watt_hours * efficiency / watts * 60.0)
    };
    let in_use = outage.steps[0].batteries.iter().filter_map(|use_| {
        let battery = works[use_.unit].battery.as_ref()?;
        let of = |watt_hours: Option<f64>| minutes(watt_hours, battery.efficiency, use_.watts);
        Some(BatteryMinutes {
            unit: use_.unit,
            watts: use_.watts,
            new: of(battery.watt_hours_new),
            today: of(battery.watt_hours),
            at_half: of(battery.watt_hours_new.map(|new| new / 2.0)),
        })
    });
    in_use.collect()
}

impl Power {
    /// The answer in words and as JSON.
    pub fn answer(&self, forecast: &Forecast<'_>) -> Answer {
        Answer { document: self.document(forecast), json: self.json(forecast) }
    }

    fn document(&self, forecast: &Forecast<'_>) -> Document {
        let works = &forecast.works;
        let cost = self.cost_a_year.map_or_else(String::new, |cost| format!(", {cost}"));
        let n_known = works.units.iter().filter(|unit| unit.watts.is_some()).count();
        let mut text = format!(
            "{:.0} W in ordinary use, {:.0} W at most; {:.0} kWh a year{cost}.",
            self.watts, self.watts_peak, self.kwh_a_year
        );
        if n_known == 0 {
            text = "Nobody says what anything draws, so loads, cost and minutes are not known.".to_owned();
        }
        if !self.unknown.is_empty() {
            let names = drawn_together(self.unknown.iter().map(|id| works[*id].label.as_str())).join(", ");
            text.push_str(&format!(" Not counted, since nobody says their watts: {names}."));
        }
        let mut blocks = vec![Block::Text(text)];
        if !self.loads.is_empty() {
            blocks.push(Block::Table(self.loads_table(works)));
        }
        blocks.extend(self.batteries_table(works).map(Block::Table));
        blocks.extend(self.course_table(works).map(Block::Table));
        blocks.extend(self.returning(works).map(Block::Text));
        blocks.push(Block::Text(self.cascade_text(works)));
        Document { title: format!("Power of {}", super::overview::lab_name(forecast)), blocks }
    }

    fn loads_table(&self, works: &Works) -> Table {
        let mut table = Table::new(&["feed", ">ordinary", ">at most", ">limit", ">at most, of limit"])
            .titled("What carries what");
        for (load, peak) in &self.loads {
            let limit = load.limit.map_or_else(String::new, |limit| format!("{limit:.0} W"));
            let share = load.limit.map_or_else(String::new, |limit| format!("{:.0} %", peak / limit * 100.0));
            table.row([
                limited(works, load.what).to_owned(),
                format!("{:.0} W", load.watts),
                format!("{peak:.0} W"),
                limit,
                share,
            ]);
        }
        table
    }

    fn batteries_table(&self, works: &Works) -> Option<Table> {
        if self.batteries.is_empty() {
            return None;
        }
        let mut table = Table::new(&["battery", ">load", ">new", ">today", ">at half of new"])
            .titled("Minutes on battery");
        let minutes =
            |minutes: Option<f64>| minutes.map_or_else(|| "not known".to_owned(), |m| format!("{m:.0} min"));
        for battery in &self.batteries {
            table.row([
                works[battery.unit].label.clone(),
                format!("{:.0} W", battery.watts),
                minutes(battery.new),
                minutes(battery.today),
                minutes(battery.at_half),
            ]);
        }
        Some(table)
    }

    /// The outage minute by minute: only the moments at which something happens.
    fn course_table(&self, works: &Works) -> Option<Table> {
        let outage = self.outage.as_ref().filter(|outage| outage.steps.len() > 1)?;
        let mut table =
            Table::new(&[">minute", "=what happens", ">services left"]).titled("When the grid is gone");
        for step in &outage.steps {
            let told = happenings(works, step);
            let left =
                step.state.outcomes.iter().filter(|outcome| outcome.fate == crate::works::Fate::Gone).count();
            let left = works.services.len() - left;
            table.row([format!("{:.0}", step.minute), told, left.to_string()]);
        }
        Some(table)
    }

    fn returning(&self, works: &Works) -> Option<String> {
        let outage = self.outage.as_ref()?;
        let endless: Vec<&str> = (outage.steps.last().into_iter().flat_map(|step| &step.batteries))
            .map(|battery| works[battery.unit].label.as_str())
            .collect();
        if !endless.is_empty() {
            return Some(format!(
                "How long these last is not known, since nobody says what they hold or what hangs on them: {}.",
                endless.join(", ")
            ));
        }
        let cut = outage.cut();
        let mut text = match cut.is_empty() {
            true => "Every machine on battery has shut down before its battery is empty.".to_owned(),
            false => format!("Lose power without having shut down: {}.", machines(works, &cut)),
        };
        let back = &outage.return_of_power;
        if !back.by_hand.is_empty() {
            let names = drawn_together(back.by_hand.iter().map(|id| works[*id].label.as_str())).join(", ");
            text.push_str(&format!(" When power is back, a hand switches on: {names}."));
        }
        if !back.stay_off.is_empty() {
            text.push_str(&format!(
                " Stay off, having shut down without their device losing power: {}.",
                machines(works, &back.stay_off)
            ));
        }
        Some(text)
    }

    fn cascade_text(&self, works: &Works) -> String {
        if self.loads.is_empty() {
            return "Without watts nothing can be said of what trips when a feed dies.".to_owned();
        }
        if self.cascades.is_empty() {
            return format!(
                "Whichever of {} feeds (breakers, battery supplies, strips) fails, what is left carries the rest at its peak, as far as limits and watts are known.",
                feeds(works).len()
            );
        }
        let told = self.cascades.iter().map(|(part, trips)| {
            let trips: Vec<String> = trips
                .iter()
                .map(|trip| {
                    format!("{} by {:.0} W", limited(works, trip.what), trip.over().unwrap_or_default())
                })
                .collect();
            format!("when {} fails, this trips at peak: {}", works[*part].label, trips.join(", then "))
        });
        format!("OVERLOAD: {}.", told.collect::<Vec<_>>().join("; "))
    }

    fn json(&self, forecast: &Forecast<'_>) -> Value {
        let works = &forecast.works;
        let loads: Vec<Value> = self
            .loads
            .iter()
            .map(|(load, peak)| {
                json!({ "feed": limited(works, load.what), "watts": load.watts, "watts_peak": peak, "limit": load.limit })
            })
            .collect();
        let batteries: Vec<Value> = self
            .batteries
            .iter()
            .map(|battery| {
                json!({
                    "unit": works[battery.unit].label, "watts": battery.watts, "minutes_new": battery.new,
                    "minutes_today": battery.today, "minutes_at_half": battery.at_half,
                })
            })
            .collect();
        let course: Vec<Value> = self
            .outage
            .iter()
            .flat_map(|outage| &outage.steps)
            .map(|step| json!({ "minute": step.minute, "what": happenings(works, step) }))
            .collect();
        let cascades: Vec<Value> = self
            .cascades
            .iter()
            .map(|(part, trips)| {
                let trips: Vec<Value> = trips
                    .iter()
                    .map(|trip| json!({ "feed": limited(works, trip.what), "watts": trip.watts, "limit": trip.limit }))
                    .collect();
                json!({ "fails": works[*part].name, "trips": trips })
            })
            .collect();
        json!({
            "version": JSON_VERSION, "question": "power", "watts": self.watts, "watts_peak": self.watts_peak,
            "kwh_a_year": self.kwh_a_year, "cost_a_year": self.cost_a_year.map(|cost| cost.to_string()),
            "unknown": self.unknown.iter().map(|id| works[*id].label.as_str()).collect::<Vec<_>>(),
            "loads": loads, "batteries": batteries, "outage": course, "cascades": cascades,
        })
    }
}

fn limited(works: &Works, what: Limited) -> &str {
    match what {
        Limited::Point(id) => &works[id].label,
        Limited::Outlets(id) => &works[id].label,
    }
}

fn machines(works: &Works, ids: &[MachineId]) -> String {
    drawn_together(ids.iter().map(|id| works[*id].label.as_str())).join(", ")
}

fn happenings(works: &Works, step: &Step) -> String {
    if step.minute <= 0.0 {
        let carried: Vec<&str> =
            step.batteries.iter().map(|battery| works[battery.unit].label.as_str()).collect();
        return format!("batteries carry on: {}", carried.join(", "));
    }
    let mut kinds: Vec<(&str, Vec<&str>)> = Vec::new();
    for happening in &step.happenings {
        let (word, label) = match happening {
            Happening::Empty(id) => ("battery empty", &works[*id].label),
            Happening::Off(id) => ("off", &works[*id].label),
            Happening::Cut(id) => ("CUT OFF while running", &works[*id].label),
            Happening::ShutsDown(id) => ("shuts down", &works[*id].label),
            Happening::IsShutDown(id) => ("has shut down", &works[*id].label),
        };
        match kinds.iter_mut().find(|(known, _)| *known == word) {
            Some((_, labels)) => labels.push(label),
            None => kinds.push((word, vec![label])),
        }
    }
    let told: Vec<String> = kinds
        .into_iter()
        .map(|(word, labels)| format!("{word}: {}", drawn_together(labels).join(", ")))
        .collect();
    told.join("; ")
}
