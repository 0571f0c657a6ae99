//! Watts: what every point, outlet group and battery carries, given what is on and what each unit draws.
//!
//! A unit's load is shared evenly by the supplies of it that are on, as server supplies do. What hangs on an outlet that names a supply hangs on that one. A
//! battery supply that is fed passes its load on; one that is not takes it from its battery. Phases and power factors are not looked at.

use super::index::Index;
use super::power::Power;
use crate::works::{Source, UnitId, Works};

/// Watts everywhere.
pub(super) struct Flow {
    /// What hangs on the outlets of a unit: cords, cables with power, units inside.
    pub(super) outlets: Vec<f64>,
    /// What a power point carries.
    pub(super) points: Vec<f64>,
    /// What the battery of a unit carries.
    pub(super) batteries: Vec<f64>,
    /// Units that are on, and whose watts nobody knows; taken as none.
    pub(super) unknown: Vec<UnitId>,
}

struct Pour<'a> {
    works: &'a Works,
    index: &'a Index,
    power: &'a Power,
    flow: Flow,
    /// What hangs on single supplies.
    named: Vec<f64>,
}

/// Watts, with `draw` for what a unit draws itself while it is up.
pub(super) fn flow(
    works: &Works,
    index: &Index,
    power: &Power,
    draw: &dyn Fn(UnitId) -> Option<f64>,
) -> Flow {
    let flow = Flow {
        outlets: vec![0.0; works.units.len()],
        points: vec![0.0; works.points.len()],
        batteries: vec![0.0; works.units.len()],
        unknown: Vec::new(),
    };
    let mut pour = Pour { works, index, power, flow, named: vec![0.0; index.all_supplies()] };
    for unit in consumers_first(works.units.len(), |unit| feeders(works, unit)) {
        let own = if power.units[unit] { draw(UnitId(unit as u32)) } else { Some(0.0) };
        if own.is_none() {
            pour.flow.unknown.push(UnitId(unit as u32));
        }
        pour.pass_on(unit, own.unwrap_or(0.0));
    }
    pour.points();
    pour.flow.unknown.sort();
    pour.flow
}

impl Pour<'_> {
    fn pass_on(&mut self, at: usize, own: f64) {
        let (unit, range) = (&self.works.units[at], self.index.supplies(at));
        let id = UnitId(at as u32);
        let named: f64 = self.named[range.clone()].iter().sum();
        if unit.battery.is_some() && !self.power.is_fed(self.works, self.index, id, None) {
            self.flow.batteries[at] = self.flow.outlets[at];
            return;
        }
        let load = own + self.flow.outlets[at] - named;
        if unit.supplies.is_empty() {
            if let Some(chassis) = unit.inside {
                self.flow.outlets[chassis.index()] += own + self.flow.outlets[at];
            }
            return;
        }
        let on = range.clone().filter(|&supply| self.power.supplies[supply]).count();
        for (supply, position) in
            unit.supplies.iter().zip(range).filter(|&(_, position)| self.power.supplies[position])
        {
            self.give(supply.source, load / on as f64 + self.named[position]);
        }
    }

    fn give(&mut self, source: Source, watts: f64) {
        match source {
            Source::Point(point) => self.flow.points[point.index()] += watts,
            Source::Outlet { unit, supply, .. } => {
                self.flow.outlets[unit.index()] += watts;
                let position =
                    supply.and_then(|supply| self.index.supplies(unit.index()).nth(supply as usize));
                if let Some(position) = position {
                    self.named[position] += watts;
                }
            }
            Source::Poe(unit) => self.flow.outlets[unit.index()] += watts,
            Source::Unknown => {}
        }
    }

    /// A point takes everything from the first of its sources that is on: a transfer switch has one side closed.
    fn points(&mut self) {
        let works = self.works;
        let from = |point: usize| works.points[point].from.iter().map(|from| from.index()).collect();
        for point in consumers_first(works.points.len(), from) {
            if let Some(source) = works.points[point].from.iter().find(|from| self.power.points[from.index()])
            {
                self.flow.points[source.index()] += self.flow.points[point];
            }
        }
    }
}

/// The units that a unit hangs on.
pub(super) fn feeders(works: &Works, unit: usize) -> Vec<usize> {
    let unit = &works.units[unit];
    let sources = unit.supplies.iter().filter_map(|supply| match supply.source {
        Source::Outlet { unit, .. } | Source::Poe(unit) => Some(unit.index()),
        Source::Point(_) | Source::Unknown => None,
    });
    sources.chain(unit.inside.map(UnitId::index)).collect()
}

/// Rows in an order in which each comes before what it hangs on.
fn consumers_first(rows: usize, feeders: impl Fn(usize) -> Vec<usize>) -> Vec<usize> {
    fn visit(row: usize, feeders: &impl Fn(usize) -> Vec<usize>, seen: &mut [bool], order: &mut Vec<usize>) {
        if !std::mem::replace(&mut seen[row], true) {
            feeders(row).into_iter().for_each(|feeder| visit(feeder, feeders, seen, order));
            order.push(row);
        }
    }
    let (mut seen, mut order) = (vec![false; rows], Vec::with_capacity(rows));
    (0..rows).for_each(|row| visit(row, &feeders, &mut seen, &mut order));
    order.reverse();
    order
}
