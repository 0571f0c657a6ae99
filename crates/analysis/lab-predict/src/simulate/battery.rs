//! How long batteries last: the minutes after power is lost, who shuts down when, what is still up at each minute, and what comes back with the power.
//!
//! A battery gives its energy at the load that hangs on it, divided by the supply's efficiency; that a battery gives less at a higher load
//! is part of the figure that the tables hold. Nothing is charged again: power does not come back before the end.

use super::flow::{feeders, flow};
use super::index::Index;
use super::power::{Conditions, Power, Tripped};
use super::scene::Simulator;
use super::state::State;
use crate::works::{MachineId, MachineKind, PartId, UnitId, Works};
use std::collections::BTreeSet;

/// What is taken for granted about shutting down.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Habits {
    /// The share of its charge at which a battery supply tells machines to shut down, from 0 to 1.
    pub shut_down_at: f64,
    /// How long an ordered shutdown takes, in minutes; the machine draws as before until its end.
    pub shut_down_minutes: f64,
}

impl Default for Habits {
    /// At 20 %, which is what many battery supplies report as low, and two minutes.
    fn default() -> Self {
        Self { shut_down_at: 0.2, shut_down_minutes: 2.0 }
    }
}

/// What happens at some minute.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Happening {
    /// The battery of a unit is empty.
    Empty(UnitId),
    /// A unit goes off for want of power.
    Off(UnitId),
    /// A machine that had not shut down loses power.
    Cut(MachineId),
    /// A machine begins to shut down.
    ShutsDown(MachineId),
    /// A machine has shut down.
    IsShutDown(MachineId),
}

/// A moment, and the time until the next one, in which nothing changes.
#[derive(Clone, Debug)]
pub struct Step {
    /// Minutes since power was lost.
    pub minute: f64,
    /// What happens now.
    pub happenings: Vec<Happening>,
    /// Batteries in use: what hangs on them in watts, and what they still hold, from 0 to 1.
    pub batteries: Vec<InUse>,
    /// What is up from now on.
    pub state: State,
}

/// A battery in use.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct InUse {
    /// The unit whose battery it is.
    pub unit: UnitId,
    /// What hangs on its outlets, in watts.
    pub watts: f64,
    /// What it still holds, from 0 to 1; None when nobody says what it holds.
    pub charge: Option<f64>,
    /// Minutes until it is empty at this load.
    pub minutes_left: Option<f64>,
}

/// The course of an outage.
#[derive(Clone, Debug)]
pub struct Outage {
    /// The moments, the first at minute 0. The last one holds for good.
    pub steps: Vec<Step>,
    /// Units behind a battery in use at minute 0 whose watts nobody knows; taken as none, so that batteries last less long.
    pub unknown_watts: Vec<UnitId>,
    /// Units in use whose battery nobody measured; taken as never empty.
    pub unknown_energy: Vec<UnitId>,
    /// What happens when power returns after the end.
    pub return_of_power: ReturnOfPower,
}

/// What happens when power returns.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct ReturnOfPower {
    /// Units that start by themselves.
    pub by_itself: Vec<UnitId>,
    /// Units that wait for a hand.
    pub by_hand: Vec<UnitId>,
    /// Units of which nobody says.
    pub unsaid: Vec<UnitId>,
    /// Machines that shut down and whose unit never lost power: starting with power does not start them.
    pub stay_off: Vec<MachineId>,
}

impl Outage {
    /// What holds at a minute. Minutes before 0 count as 0.
    pub fn at(&self, minute: f64) -> &Step {
        let first = self.steps.first().expect("an outage has its first moment");
        self.steps.iter().rev().find(|step| step.minute <= minute).unwrap_or(first)
    }

    /// The minute at which a machine that was up at first is down.
    pub fn down_at(&self, machine: MachineId) -> Option<f64> {
        self.steps.iter().find(|step| !step.state.machines[machine.index()]).map(|step| step.minute)
    }

    /// Machines that lost power before they had shut down.
    pub fn cut(&self) -> Vec<MachineId> {
        let all = self.steps.iter().flat_map(|step| &step.happenings);
        all.filter_map(|happening| match happening {
            Happening::Cut(machine) => Some(*machine),
            _ => None,
        })
        .collect()
    }
}

/// Plays an outage: `failed` fails at minute 0 and stays failed.
pub fn outage(simulator: &Simulator<'_>, failed: &[PartId], habits: Habits) -> Outage {
    let mut course = Course::new(simulator, failed, habits);
    let mut steps = vec![course.step(Vec::new())];
    let unknown_watts = course.unknown_watts();
    let unknown_energy = (steps[0].batteries.iter())
        .filter(|battery| battery.charge.is_none())
        .map(|battery| battery.unit)
        .collect();
    while let Some(happenings) = course.advance() {
        steps.push(course.step(happenings));
    }
    Outage { steps, unknown_watts, unknown_energy, return_of_power: course.return_of_power() }
}

/// Where a machine is on its way down.
#[derive(Clone, Copy, PartialEq)]
enum Way {
    Runs,
    ShutsDown { until: f64 },
    Off,
}

struct Course<'s, 'w> {
    simulator: &'s Simulator<'w>,
    failed: Vec<bool>,
    habits: Habits,
    minute: f64,
    /// Watt hours left, by unit; endless where nobody says.
    left: Vec<f64>,
    machines: Vec<Way>,
    power: Power,
    /// What hangs on batteries, by unit.
    loads: Vec<f64>,
    unknown: Vec<UnitId>,
}

/// Below this, in watt hours or minutes, is nothing.
const NOTHING: f64 = 1e-9;

impl<'s, 'w> Course<'s, 'w> {
    fn new(simulator: &'s Simulator<'w>, failed: &[PartId], habits: Habits) -> Self {
        let works = simulator.works;
        let left = works.units.iter().map(|unit| {
            unit.battery.as_ref().map_or(0.0, |battery| battery.watt_hours.unwrap_or(f64::INFINITY))
        });
        let mut course = Self {
            simulator,
            failed: simulator.flags(failed),
            habits,
            minute: 0.0,
            left: left.collect(),
            machines: vec![Way::Runs; works.machines.len()],
            power: power(works, &simulator.index, &[], &[]),
            loads: Vec::new(),
            unknown: Vec::new(),
        };
        course.look();
        course
    }

    fn works(&self) -> &'w Works {
        self.simulator.works
    }

    /// Works out power and loads anew.
    fn look(&mut self) {
        let (works, index) = (self.works(), &self.simulator.index);
        self.power = power(works, index, &self.failed, &self.left);
        let flow = flow(works, index, &self.power, &|unit| self.draw(unit));
        self.loads = flow.batteries;
        self.unknown = flow.unknown;
    }

    /// A unit whose machines have all shut down draws nothing.
    fn draw(&self, unit: UnitId) -> Option<f64> {
        let mut own = (self.works().machines.iter().zip(&self.machines))
            .filter(|(machine, _)| machine.kind == MachineKind::Host { unit: Some(unit) })
            .peekable();
        let is_off = own.peek().is_some() && own.all(|(_, way)| *way == Way::Off);
        if is_off { Some(0.0) } else { self.simulator.index.own_watts(self.works(), unit) }
    }

    /// What a battery gives, in watts, its own losses counted.
    fn rate(&self, unit: usize) -> f64 {
        let efficiency = self.works().units[unit].battery.as_ref().map_or(1.0, |battery| battery.efficiency);
        self.loads[unit] / efficiency.clamp(0.01, 1.0)
    }

    fn in_use(&self) -> impl Iterator<Item = usize> + '_ {
        let index = &self.simulator.index;
        (0..self.loads.len()).filter(move |&unit| {
            let id = UnitId(unit as u32);
            self.works()[id].battery.is_some()
                && self.power.is_whole(id)
                && self.left[unit] > 0.0
                && !self.power.is_fed(self.works(), index, id, None)
        })
    }

    fn charge(&self, unit: usize) -> f64 {
        let full = self.works().units[unit].battery.as_ref().and_then(|battery| battery.watt_hours);
        full.filter(|&full| full > 0.0).map_or(1.0, |full| self.left[unit] / full)
    }

    fn step(&self, happenings: Vec<Happening>) -> Step {
        let off: Vec<bool> = self.machines.iter().map(|way| *way == Way::Off).collect();
        let batteries = self.in_use().map(|unit| InUse {
            unit: UnitId(unit as u32),
            watts: self.loads[unit],
            charge: self.left[unit].is_finite().then(|| self.charge(unit)),
            minutes_left: Some(self.left[unit] / self.rate(unit) * 60.0)
                .filter(|minutes| minutes.is_finite()),
        });
        let batteries = batteries.collect();
        let state = self.simulator.play_with(self.failed.clone(), self.power.clone(), off).into_state();
        Step { minute: self.minute, happenings, batteries, state }
    }

    /// Units behind batteries in use whose watts nobody knows.
    fn unknown_watts(&self) -> Vec<UnitId> {
        let unknown = self.unknown.iter().copied();
        unknown.filter(|unit| !self.batteries_of(unit.index()).is_empty()).collect()
    }

    /// The batteries in use that carry a unit.
    fn batteries_of(&self, unit: usize) -> BTreeSet<usize> {
        let in_use: BTreeSet<usize> = self.in_use().collect();
        let (mut found, mut seen, mut next) = (BTreeSet::new(), BTreeSet::new(), vec![unit]);
        while let Some(unit) = next.pop() {
            if !seen.insert(unit) {
                continue;
            }
            if in_use.contains(&unit) {
                found.insert(unit);
            } else {
                next.extend(
                    feeders(self.works(), unit)
                        .into_iter()
                        .filter(|&feeder| self.power.is_whole(UnitId(feeder as u32))),
                );
            }
        }
        found
    }

    /// The batteries on whose charge it hangs when a machine that runs and knows how shuts down. None when it has other power.
    fn tells(&self, machine: MachineId, without: &Power) -> Option<BTreeSet<usize>> {
        let unit = unit_of(self.works(), machine)?;
        let runs = self.machines[machine.index()] == Way::Runs && self.power.units[unit.index()];
        let told = runs && self.works()[machine].shuts_down_on_battery && !without.units[unit.index()];
        told.then(|| self.batteries_of(unit.index())).filter(|batteries| !batteries.is_empty())
    }

    /// Moves on to the next moment at which something changes; None at the end.
    fn advance(&mut self) -> Option<Vec<Happening>> {
        let without = power(self.works(), &self.simulator.index, &self.failed, &[]);
        let told: Vec<(MachineId, BTreeSet<usize>)> = (0..self.machines.len() as u32)
            .map(MachineId)
            .filter_map(|machine| Some((machine, self.tells(machine, &without)?)))
            .collect();
        let next = self.next_moment(&told)?;
        let hours = (next - self.minute) / 60.0;
        let used: Vec<(usize, f64)> = self.in_use().map(|unit| (unit, self.rate(unit) * hours)).collect();
        let mut happenings = Vec::new();
        for (unit, energy) in used {
            self.left[unit] = (self.left[unit] - energy).max(0.0);
            if self.left[unit] < NOTHING {
                self.left[unit] = 0.0;
                happenings.push(Happening::Empty(UnitId(unit as u32)));
            }
        }
        self.minute = next;
        self.shut_down(&told, &mut happenings);
        self.lose_power(&mut happenings);
        Some(happenings)
    }

    /// The next minute at which a battery reaches a mark, or a shutdown ends.
    fn next_moment(&self, told: &[(MachineId, BTreeSet<usize>)]) -> Option<f64> {
        let minutes = |unit: usize, share: f64| {
            let full = self.left[unit] / self.charge(unit).max(f64::MIN_POSITIVE);
            self.minute + (self.left[unit] - share * full).max(0.0) / self.rate(unit) * 60.0
        };
        let empty = self.in_use().map(|unit| minutes(unit, 0.0));
        // The fullest of several batteries decides.
        let mark = |batteries: &BTreeSet<usize>| {
            batteries.iter().map(|&unit| minutes(unit, self.habits.shut_down_at)).fold(self.minute, f64::max)
        };
        let marks = told.iter().map(|(_, batteries)| mark(batteries));
        let ends = self.machines.iter().filter_map(|way| match way {
            Way::ShutsDown { until } => Some(*until),
            Way::Runs | Way::Off => None,
        });
        empty.chain(marks).chain(ends).filter(|minute| minute.is_finite()).min_by(f64::total_cmp)
    }

    fn shut_down(&mut self, told: &[(MachineId, BTreeSet<usize>)], happenings: &mut Vec<Happening>) {
        for (machine, batteries) in told {
            if batteries.iter().all(|&unit| self.charge(unit) <= self.habits.shut_down_at + NOTHING) {
                self.machines[machine.index()] =
                    Way::ShutsDown { until: self.minute + self.habits.shut_down_minutes };
                happenings.push(Happening::ShutsDown(*machine));
            }
        }
        for (at, way) in self.machines.iter_mut().enumerate() {
            if matches!(way, Way::ShutsDown { until } if *until <= self.minute + NOTHING) {
                *way = Way::Off;
                happenings.push(Happening::IsShutDown(MachineId(at as u32)));
            }
        }
    }

    fn lose_power(&mut self, happenings: &mut Vec<Happening>) {
        let before = self.power.units.clone();
        self.look();
        let lost = |unit: UnitId| before[unit.index()] && !self.power.units[unit.index()];
        happenings
            .extend((0..before.len() as u32).map(UnitId).filter(|&unit| lost(unit)).map(Happening::Off));
        for at in 0..self.machines.len() as u32 {
            let machine = MachineId(at);
            if self.machines[machine.index()] != Way::Off && unit_of(self.works(), machine).is_some_and(lost)
            {
                happenings.push(Happening::Cut(machine));
            }
        }
        for (at, way) in self.machines.iter_mut().enumerate() {
            if matches!(way, Way::ShutsDown { .. })
                && unit_of(self.simulator.works, MachineId(at as u32)).is_some_and(lost)
            {
                *way = Way::Runs;
            }
        }
        happenings.sort();
    }

    fn return_of_power(&self) -> ReturnOfPower {
        let works = self.works();
        let mut back = ReturnOfPower::default();
        for (id, unit) in (0..)
            .map(UnitId)
            .zip(&works.units)
            .filter(|(id, _)| !self.power.units[id.index()] && self.power.is_whole(*id))
        {
            match unit.starts_with_power {
                Some(true) => back.by_itself.push(id),
                Some(false) => back.by_hand.push(id),
                None => back.unsaid.push(id),
            }
        }
        let keeps =
            |machine: MachineId| unit_of(works, machine).is_some_and(|unit| self.power.units[unit.index()]);
        let off =
            (0..self.machines.len() as u32).map(MachineId).filter(|id| self.machines[id.index()] == Way::Off);
        back.stay_off = off.filter(|&machine| keeps(machine)).collect();
        back
    }
}

/// The unit that a machine is on; of a virtual machine, that of its first host.
fn unit_of(works: &Works, machine: MachineId) -> Option<UnitId> {
    match &works[machine].kind {
        MachineKind::Host { unit } => *unit,
        MachineKind::Vm { hosts, .. } => hosts.first().and_then(|&host| unit_of(works, host)),
    }
}

/// What is on while batteries with something `left` carry.
fn power(works: &Works, index: &Index, failed: &[bool], left: &[f64]) -> Power {
    let carried = |unit: UnitId, _| left.get(unit.index()).is_some_and(|&left| left > 0.0);
    let failed = |part: PartId| failed.get(part.index()).is_some_and(|&failed| failed);
    Conditions { works, index, failed: &failed, carried: &carried, tripped: &Tripped::default() }.settle()
}

#[cfg(test)]
mod tests {
    use super::super::tests::{machine, outlet, part, point, unit};
    use super::*;
    use crate::works::{Battery, Source};

    /// A grid, a battery supply of 100 Wh at an efficiency of 0.8, and behind it a server of 120 W and a switch of 40 W.
    fn small() -> (Works, PartId, [UnitId; 3], MachineId) {
        let mut works = Works::default();
        let fails = part(&mut works, "grid");
        let grid = point(&mut works, "grid", vec![fails], vec![]);
        let ups = unit(&mut works, "ups", vec![], &[Source::Point(grid)]);
        works.units[ups.index()].battery =
            Some(Battery { watt_hours: Some(100.0), watt_hours_new: None, efficiency: 0.8 });
        let server = unit(&mut works, "server", vec![], &[outlet(ups, true)]);
        let switch = unit(&mut works, "switch", vec![], &[outlet(ups, true)]);
        works.units[server.index()].watts = Some(120.0);
        works.units[server.index()].starts_with_power = Some(false);
        works.units[switch.index()].watts = Some(40.0);
        let host = machine(&mut works, "server", MachineKind::Host { unit: Some(server) });
        (works, fails, [ups, server, switch], host)
    }

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-6
    }

    /// 160 W at the outlets take 160 / 0.8 = 200 W from the battery: 100 Wh last half an hour.
    #[test]
    fn without_shutdown_everything_goes_at_once() {
        let (works, fails, [ups, server, switch], host) = small();
        let simulator = Simulator::new(&works);
        let outage = outage(&simulator, &[fails], Habits::default());
        assert_eq!(outage.steps.len(), 2);
        assert_eq!(
            outage.steps[0].batteries,
            [InUse { unit: ups, watts: 160.0, charge: Some(1.0), minutes_left: Some(30.0) }]
        );
        assert!(outage.steps[0].state.outcomes.is_empty() && outage.at(29.0).state.outcomes.is_empty());
        assert!(close(outage.steps[1].minute, 30.0));
        let empty = [
            Happening::Empty(ups),
            Happening::Off(ups),
            Happening::Off(server),
            Happening::Off(switch),
            Happening::Cut(host),
        ];
        assert_eq!(outage.steps[1].happenings, empty);
        assert_eq!(outage.cut(), [host]);
        assert_eq!(outage.return_of_power.by_hand, [server]);
        assert_eq!(outage.return_of_power.unsaid, [ups, switch]);
    }

    /// The server is told at 20 Wh: 80 Wh at 200 W are 24 minutes. Two minutes more take 200 / 60 x 2 = 6.67 Wh and leave 13.33 Wh. From minute 26 the
    /// switch alone takes 50 W, so that they last 16 minutes, until minute 42.
    #[test]
    fn an_ordered_shutdown_leaves_more_for_the_rest() {
        let (mut works, fails, [ups, _, switch], host) = small();
        works.machines[host.index()].shuts_down_on_battery = true;
        let simulator = Simulator::new(&works);
        let outage = outage(&simulator, &[fails], Habits::default());
        let minutes: Vec<f64> = outage.steps.iter().map(|step| step.minute).collect();
        assert!(
            minutes.iter().zip([0.0, 24.0, 26.0, 42.0]).all(|(&minute, expect)| close(minute, expect))
                && minutes.len() == 4,
            "{minutes:?}"
        );
        assert_eq!(outage.steps[1].happenings, [Happening::ShutsDown(host)]);
        assert_eq!(outage.steps[2].happenings, [Happening::IsShutDown(host)]);
        assert!(outage.steps[3].happenings.contains(&Happening::Empty(ups)));
        assert_eq!(outage.down_at(host).map(f64::round), Some(26.0));
        assert!(outage.cut().is_empty() && outage.at(41.0).state.units[switch.index()]);
    }

    /// A battery of 10 Wh reaches 20 % after 8 Wh, 2.4 minutes, and is empty 0.6 minutes later: too early for a shutdown of two minutes.
    #[test]
    fn a_shutdown_may_come_too_late() {
        let (mut works, fails, [ups, ..], host) = small();
        works.machines[host.index()].shuts_down_on_battery = true;
        works.units[ups.index()].battery.as_mut().unwrap().watt_hours = Some(10.0);
        let simulator = Simulator::new(&works);
        let outage = outage(&simulator, &[fails], Habits::default());
        assert!(close(outage.steps[1].minute, 2.4) && close(outage.steps[2].minute, 3.0));
        assert_eq!(outage.cut(), [host]);
    }

    /// A server with its second supply on another, living feed is not told to shut down, and the battery carries half of it: 60 + 40 W.
    #[test]
    fn who_has_other_power_stays() {
        let (mut works, fails, [ups, server, _], host) = small();
        let feed = point(&mut works, "feed-b", vec![], vec![]);
        let supply = crate::works::Supply {
            label: "psu-2".into(),
            source: Source::Point(feed),
            fails: vec![],
            span: None,
        };
        works.units[server.index()].supplies.push(supply);
        works.machines[host.index()].shuts_down_on_battery = true;
        let simulator = Simulator::new(&works);
        let outage = outage(&simulator, &[fails], Habits::default());
        assert_eq!(outage.steps[0].batteries[0].watts, 100.0);
        assert_eq!(outage.steps[1].happenings[0], Happening::Empty(ups));
        assert!(outage.steps.last().unwrap().state.machines[host.index()]);
    }
}
