//! The course after a failure: how long people wait until the rest takes over, how long batteries last, what finds no place elsewhere, and
//! who notices what when. All of it played through by [`crate::simulate`]; what is there in the end is for the circuit to say.

use crate::forecast::consequence::Harm;
use crate::simulate::battery::{Habits, Happening, InUse, Outage, outage};
use crate::simulate::clock::{Recovery, recoveries};
use crate::simulate::placement::{Fit, Item, LeftOut, fit};
use crate::simulate::preference::{Holding, Split, holdings, splits};
use crate::simulate::{Scene, Simulator};
use crate::works::{Audience, MachineId, PartId, ServiceId, Works};

/// What happens after a failure, until nothing changes any more.
#[derive(Clone, Debug)]
pub struct Course {
    /// Services that are there before and after, and how long they are gone in between; the longest first.
    pub recoveries: Vec<Recovery>,
    /// How long batteries last, when the failure is one of power; None when none is in use.
    pub outage: Option<Outage>,
    /// What finds no place on the machines that are left, though it had one before.
    pub left_out: Vec<LeftOut>,
    /// Addresses that move, hold on to the wrong machine, or are held twice.
    pub addresses: Vec<Holding>,
    /// Clusters whose members do not all reach each other any more.
    pub splits: Vec<Split>,
    /// Services that go, in the order in which people miss them.
    pub notices: Vec<Notice>,
}

/// A service that is gone for everybody who uses it.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Notice {
    /// The service.
    pub service: ServiceId,
    /// Minutes until it is gone: 0 unless a battery carries it.
    pub minute: f64,
    /// Minutes until its absence is not tolerated any more, when the lab says.
    pub missed_at: Option<f64>,
}

impl Course {
    /// Plays the failure of some parts.
    pub fn of(works: &Works, failed: &[PartId], harm: &Harm) -> Self {
        let simulator = Simulator::new(works);
        let (before, after) = (simulator.play(&[]), simulator.play(failed));
        let outage = Some(outage(&simulator, failed, Habits::default()))
            .filter(|outage| !outage.steps[0].batteries.is_empty());
        let notices = notices(works, harm, outage.as_ref());
        Self {
            recoveries: recoveries(&before, &after),
            left_out: left_out(&before, &after),
            addresses: addresses(&before, &after),
            splits: splits(&after).into_iter().filter(|split| !splits(&before).contains(split)).collect(),
            notices,
            outage,
        }
    }
}

/// What finds no place after the failure and had one before.
fn left_out(before: &Scene<'_>, after: &Scene<'_>) -> Vec<LeftOut> {
    let known: Vec<Item> = fit(before).left_out.iter().map(|left| left.item).collect();
    let Fit { left_out, .. } = fit(after);
    left_out.into_iter().filter(|left| !known.contains(&left.item)).collect()
}

/// Addresses with another holder than before, and those that lead nowhere though somebody would.
fn addresses(before: &Scene<'_>, after: &Scene<'_>) -> Vec<Holding> {
    let was_there = |holding: &Holding| holding.before.is_some();
    let is_news = |holding: &Holding| {
        let moved = !holding.now.is_empty() && holding.now.first() != holding.before.as_ref();
        moved || holding.now.len() > 1 || !holding.blackholes.is_empty()
    };
    holdings(before, after).into_iter().filter(|holding| was_there(holding) && is_news(holding)).collect()
}

/// Services that are gone in the end, the first missed first: the household before the lab, what is gone at once before what a battery
/// carries, what is missed soon before what can wait.
fn notices(works: &Works, harm: &Harm, outage: Option<&Outage>) -> Vec<Notice> {
    let mut all: Vec<Notice> = harm
        .services_gone
        .iter()
        .map(|&service| {
            let minute = outage.map_or(0.0, |outage| gone_at(outage, service));
            let missed_at = works[service].tolerates_seconds.map(|seconds| minute + seconds / 60.0);
            Notice { service, minute, missed_at }
        })
        .collect();
    let for_people =
        |notice: &Notice| !matches!(works[notice.service].audience, Audience::Household | Audience::Public);
    let rank = |notice: &Notice| match works[notice.service].audience {
        Audience::Household => 0,
        Audience::Public => 1,
        Audience::Owner => 2,
        Audience::Lab => 3,
    };
    all.sort_by(|one, other| {
        for_people(one)
            .cmp(&for_people(other))
            .then(one.minute.total_cmp(&other.minute))
            .then(rank(one).cmp(&rank(other)))
            .then(one.missed_at.unwrap_or(f64::MAX).total_cmp(&other.missed_at.unwrap_or(f64::MAX)))
            .then(works[other.service].criticality.cmp(&works[one.service].criticality))
            .then(one.service.cmp(&other.service))
    });
    all
}

fn gone_at(outage: &Outage, service: ServiceId) -> f64 {
    let mut steps = outage.steps.iter();
    let gone = steps.find(|step| !step.state.services[service.index()].is_there());
    gone.map_or(0.0, |step| step.minute)
}

/// How long one battery lasts, played to its end.
pub(super) fn minutes_of(outage: &Outage, in_use: &InUse) -> Option<f64> {
    let is_end = |happening: &Happening| *happening == Happening::Empty(in_use.unit);
    let ends = outage.steps.iter().find(|step| step.happenings.iter().any(is_end));
    ends.map(|step| step.minute)
}

/// Machines that shut down in order, and those that are cut off, with the minute of each.
pub(super) fn ends(outage: &Outage) -> Vec<(f64, bool, Vec<MachineId>)> {
    let mut all: Vec<(f64, bool, Vec<MachineId>)> = Vec::new();
    for step in &outage.steps {
        for is_cut in [false, true] {
            let machines = step.happenings.iter().filter_map(|happening| match happening {
                Happening::ShutsDown(machine) if !is_cut => Some(*machine),
                Happening::Cut(machine) if is_cut => Some(*machine),
                _ => None,
            });
            let machines: Vec<MachineId> = machines.collect();
            if !machines.is_empty() {
                all.push((step.minute, is_cut, machines));
            }
        }
    }
    all
}
