//! Power, from the first point to every unit: what is on, given what has failed, which batteries carry and what has tripped.

use super::index::Index;
use crate::works::{Mode, PartId, PointId, Source, Unit, UnitId, Works};
use std::collections::BTreeSet;

/// What is on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Power {
    pub(super) points: Vec<bool>,
    /// By [`Index::supplies`].
    pub(super) supplies: Vec<bool>,
    pub(super) units: Vec<bool>,
    /// Units that could work if they were fed.
    whole: Vec<bool>,
}

/// What protection has switched off.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub(super) struct Tripped {
    pub(super) points: BTreeSet<PointId>,
    /// Units whose outlets are off.
    pub(super) outlets: BTreeSet<UnitId>,
}

/// The conditions under which power is looked at.
pub(super) struct Conditions<'a> {
    pub(super) works: &'a Works,
    pub(super) index: &'a Index,
    /// Whether a part has failed.
    pub(super) failed: &'a dyn Fn(PartId) -> bool,
    /// Whether the battery of a unit stands in for what feeds it, or for what feeds one supply of it.
    pub(super) carried: &'a dyn Fn(UnitId, Option<u32>) -> bool,
    pub(super) tripped: &'a Tripped,
}

/// What is on now, with batteries that outlast whatever is brief and nothing else.
pub(super) fn settle_power(works: &Works, index: &Index, failed: &[bool], tripped: &Tripped) -> Power {
    let lasting = |part: PartId| failed[part.index()] && works[part].mode != Mode::Briefly;
    let late = Conditions { works, index, failed: &lasting, carried: &|_, _| false, tripped }.settle();
    if works.units.iter().all(|unit| unit.battery.is_none()) && !has_brief(works, failed) {
        return late;
    }
    let carried = |unit: UnitId, supply| late.is_fed(works, index, unit, supply);
    Conditions { works, index, failed: &|part| failed[part.index()], carried: &carried, tripped }.settle()
}

fn has_brief(works: &Works, failed: &[bool]) -> bool {
    works.parts.iter().zip(failed).any(|(part, &failed)| failed && part.mode == Mode::Briefly)
}

impl Conditions<'_> {
    /// Everything on, until nothing more goes off.
    pub(super) fn settle(&self) -> Power {
        let mut power = Power {
            points: vec![true; self.works.points.len()],
            supplies: vec![true; self.index.all_supplies()],
            units: vec![true; self.works.units.len()],
            whole: vec![true; self.works.units.len()],
        };
        while self.pass(&mut power) {}
        power
    }

    /// Applies every line once; true when something went off.
    fn pass(&self, power: &mut Power) -> bool {
        let mut changed = false;
        for (at, point) in self.works.points.iter().enumerate() {
            let on = !self.any(&point.fails)
                && !self.tripped.points.contains(&PointId(at as u32))
                && (point.from.is_empty() || point.from.iter().any(|from| power.points[from.index()]));
            changed |= std::mem::replace(&mut power.points[at], on) != on;
        }
        for (at, unit) in self.works.units.iter().enumerate() {
            for (supply, position) in unit.supplies.iter().zip(self.index.supplies(at)) {
                let on = !self.any(&supply.fails) && self.is_on(power, supply.source);
                changed |= std::mem::replace(&mut power.supplies[position], on) != on;
            }
            let whole =
                !self.any(&unit.fails) && unit.inside.is_none_or(|chassis| power.units[chassis.index()]);
            let up = whole && self.reaches_it(power, unit, UnitId(at as u32), None, unit.battery.is_some());
            changed |= std::mem::replace(&mut power.whole[at], whole) != whole;
            changed |= std::mem::replace(&mut power.units[at], up) != up;
        }
        changed
    }

    fn any(&self, parts: &[PartId]) -> bool {
        parts.iter().any(|&part| (self.failed)(part))
    }

    /// Whether a source gives power.
    fn is_on(&self, power: &Power, source: Source) -> bool {
        match source {
            Source::Point(point) => power.points[point.index()],
            Source::Outlet { unit: id, supply, on_battery } => {
                let unit = &self.works[id];
                power.whole[id.index()]
                    && !self.tripped.outlets.contains(&id)
                    && self.reaches_it(power, unit, id, supply, on_battery && unit.battery.is_some())
            }
            Source::Poe(unit) => power.units[unit.index()] && !self.tripped.outlets.contains(&unit),
            Source::Unknown => true,
        }
    }

    /// Whether a unit is fed, or carried by its battery where that counts.
    fn reaches_it(
        &self,
        power: &Power,
        unit: &Unit,
        id: UnitId,
        supply: Option<u32>,
        on_battery: bool,
    ) -> bool {
        power.feeds(unit, self.index, id, supply) || (on_battery && (self.carried)(id, supply))
    }
}

impl Power {
    /// Whether enough supplies of a unit are on, and the one that is named.
    pub(super) fn is_fed(&self, works: &Works, index: &Index, id: UnitId, supply: Option<u32>) -> bool {
        self.feeds(&works[id], index, id, supply)
    }

    fn feeds(&self, unit: &Unit, index: &Index, id: UnitId, supply: Option<u32>) -> bool {
        if unit.supplies.is_empty() {
            return true;
        }
        let supplies = &self.supplies[index.supplies(id.index())];
        let on = supplies.iter().filter(|&&on| on).count() as u32;
        on >= unit.supplies_needed && supply.and_then(|at| supplies.get(at as usize)).is_none_or(|&on| on)
    }

    /// Whether a unit could work if it were fed: not broken, its chassis up.
    pub(super) fn is_whole(&self, id: UnitId) -> bool {
        self.whole[id.index()]
    }
}
