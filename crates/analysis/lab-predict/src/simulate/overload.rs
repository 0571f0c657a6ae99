//! What trips when a feed dies and its load moves to the sibling: breakers, battery supplies and strips beyond their limit, one after the other until it holds.
//!
//! Looked at once batteries are empty. Inrush, phases and the seconds that a breaker bears an overload are not looked at: what is over its limit trips.

use super::flow::{Flow, flow};
use super::power::{Tripped, settle_power};
use super::scene::Simulator;
use super::state::State;
use crate::works::{PartId, PointId, UnitId};

/// Which watts are taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Draw {
    /// In ordinary use.
    Typical,
    /// At most; in ordinary use where nobody says.
    Peak,
}

/// What has a limit.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Limited {
    /// A breaker, circuit or generator.
    Point(PointId),
    /// The outlets of a strip, battery supply or switch, together.
    Outlets(UnitId),
}

/// A load against its limit.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Load {
    /// What carries it.
    pub what: Limited,
    /// The load in watts.
    pub watts: f64,
    /// The limit in watts, when it is known.
    pub limit: Option<f64>,
}

impl Load {
    /// Watts beyond the limit; none when there is no limit, or it holds.
    pub fn over(&self) -> Option<f64> {
        self.limit.map(|limit| self.watts - limit).filter(|&over| over > 0.0)
    }
}

/// What tripped, and what is left.
#[derive(Clone, Debug)]
pub struct Cascade {
    /// What tripped, in order, each with the load that did it. Empty when it holds.
    pub trips: Vec<Load>,
    /// Every load once it holds: what is on, points first.
    pub loads: Vec<Load>,
    /// Units that are on at first and whose watts nobody knows; taken as none, so that the truth may be worse.
    pub unknown: Vec<UnitId>,
    /// The state once it holds.
    pub state: State,
}

/// Lets parts fail and overloaded protection trip, the most overloaded first, until nothing is beyond its limit.
pub fn cascade(simulator: &Simulator<'_>, failed: &[PartId], draw: Draw) -> Cascade {
    let (works, index) = (simulator.works, &simulator.index);
    let failed = simulator.flags(failed);
    let (mut tripped, mut trips, mut unknown) = (Tripped::default(), Vec::new(), None);
    loop {
        let power = settle_power(works, index, &failed, &tripped);
        let flow = flow(works, index, &power, &|unit| watts(simulator, unit, draw));
        let loads = loads(simulator, &flow);
        unknown.get_or_insert(flow.unknown);
        let Some(worst) = worst(&loads) else {
            let state = simulator.play_with(failed, power, vec![false; works.machines.len()]).into_state();
            return Cascade { trips, loads, unknown: unknown.unwrap_or_default(), state };
        };
        match worst.what {
            Limited::Point(point) => tripped.points.insert(point),
            Limited::Outlets(unit) => tripped.outlets.insert(unit),
        };
        trips.push(worst);
    }
}

fn watts(simulator: &Simulator<'_>, unit: UnitId, draw: Draw) -> Option<f64> {
    let typical = simulator.index.own_watts(simulator.works, unit);
    match draw {
        Draw::Typical => typical,
        Draw::Peak => simulator.works[unit].watts_peak.or(typical),
    }
}

fn loads(simulator: &Simulator<'_>, flow: &Flow) -> Vec<Load> {
    let works = simulator.works;
    let points = (0..).map(PointId).zip(&works.points).zip(&flow.points).map(|((id, point), &watts)| Load {
        what: Limited::Point(id),
        watts,
        limit: point.limit_watts,
    });
    let outlets = (0..).map(UnitId).zip(&works.units).zip(&flow.outlets).map(|((id, unit), &watts)| Load {
        what: Limited::Outlets(id),
        watts,
        limit: unit.limit_watts,
    });
    points.chain(outlets).filter(|load| load.watts > 0.0).collect()
}

/// The load that is furthest beyond its limit, as a share of it.
fn worst(loads: &[Load]) -> Option<Load> {
    let share = |load: &Load| load.limit.map_or(0.0, |limit| load.watts / limit.max(f64::MIN_POSITIVE));
    loads
        .iter()
        .filter(|load| load.over().is_some())
        .copied()
        .reduce(|worst, load| if share(&load) > share(&worst) { load } else { worst })
}

#[cfg(test)]
mod tests {
    use super::super::tests::{outlet, part, point, unit};
    use super::*;
    use crate::works::{Source, Works};

    /// Two feeds with breakers of 500 W, a strip with a limit of 450 W on each, three servers of 150 W with a supply on both strips.
    ///
    /// Whole: 3 x 150 / 2 = 225 W on each. Feed a dies: 450 W on strip b, which is just what it bears. With 160 W each it is 480 W: strip b
    /// trips, 30 W over its 450; the breaker, at 480 of 500 W, never does. Then nothing is on.
    #[test]
    fn the_sibling_takes_the_load_or_trips() {
        let mut works = Works::default();
        let fails = part(&mut works, "feed-a");
        let feeds = [vec![fails], vec![]].map(|fails| point(&mut works, "feed", fails, vec![]));
        let strips = feeds.map(|feed| unit(&mut works, "strip", vec![], &[Source::Point(feed)]));
        feeds.iter().for_each(|feed| works.points[feed.index()].limit_watts = Some(500.0));
        strips.iter().for_each(|strip| works.units[strip.index()].limit_watts = Some(450.0));
        let servers: Vec<UnitId> = (0..3)
            .map(|_| unit(&mut works, "server", vec![], &strips.map(|strip| outlet(strip, false))))
            .collect();
        servers.iter().for_each(|server| works.units[server.index()].watts = Some(150.0));
        servers.iter().for_each(|server| works.units[server.index()].watts_peak = Some(160.0));

        let simulator = Simulator::new(&works);
        let whole = cascade(&simulator, &[], Draw::Typical);
        assert_eq!(whole.loads.iter().map(|load| load.watts).collect::<Vec<_>>(), [225.0; 4]);
        let bears = cascade(&simulator, &[fails], Draw::Typical);
        assert!(bears.trips.is_empty() && bears.state.units[servers[0].index()]);
        let trips = cascade(&simulator, &[fails], Draw::Peak);
        assert_eq!(
            trips.trips,
            [Load { what: Limited::Outlets(strips[1]), watts: 480.0, limit: Some(450.0) }]
        );
        assert_eq!(trips.trips[0].over(), Some(30.0));
        assert!(servers.iter().all(|server| !trips.state.units[server.index()]));
    }

    /// A server of 100 W and one that nobody measured.
    #[test]
    fn what_nobody_measured_is_named() {
        let mut works = Works::default();
        let feed = point(&mut works, "feed", vec![], vec![]);
        let known = unit(&mut works, "known", vec![], &[Source::Point(feed)]);
        let unknown = unit(&mut works, "unknown", vec![], &[Source::Point(feed)]);
        works.units[known.index()].watts = Some(100.0);
        let simulator = Simulator::new(&works);
        let cascade = cascade(&simulator, &[], Draw::Peak);
        assert_eq!(cascade.unknown, [unknown]);
        assert_eq!(cascade.loads, [Load { what: Limited::Point(feed), watts: 100.0, limit: None }]);
    }
}
