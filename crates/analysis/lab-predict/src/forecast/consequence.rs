//! What follows from a set of failures: harm, sorted by how bad it is, and what is one failure away from harm.

use super::Forecast;
use crate::works::{ClusterId, DataId, Fate, MachineId, Outcome, PartId, PoolId, ServiceId, Subject, UnitId};
use lab_model::Kind;
use lab_model::lab::{DatasetId, VolumeId};
use lab_model::written::Importance;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// What becomes of things. Equal harm of different failures is one line in an overview.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
pub struct Harm {
    /// Pools whose data is lost.
    pub pools_lost: Vec<PoolId>,
    /// Data that is lost.
    pub data_lost: Vec<DataId>,
    /// Pools that are lost with nothing but scratch, or further copies, on them.
    pub scratch_lost: Vec<PoolId>,
    /// Pools that cannot be read and written, and are not lost.
    pub pools_stopped: Vec<PoolId>,
    /// Data that cannot be read and written, and is not lost.
    pub data_stopped: Vec<DataId>,
    /// Services gone for everybody who uses them, the most critical first.
    pub services_gone: Vec<ServiceId>,
    /// Services gone for some vantages only.
    pub gone_for_some: Vec<(ServiceId, Vec<u32>)>,
    /// Vantages without Internet.
    pub no_internet: Vec<u32>,
    /// Clusters that cannot decide.
    pub no_quorum: Vec<ClusterId>,
    /// Machines that stop.
    pub machines_down: Vec<MachineId>,
    /// Units that go off.
    pub units_off: Vec<UnitId>,
}

impl Harm {
    /// Sorts outcomes.
    pub fn of(forecast: &Forecast<'_>, outcomes: impl IntoIterator<Item = Outcome>) -> Self {
        let mut harm = Self::default();
        for outcome in outcomes {
            harm.add(outcome);
        }
        harm.set_scratch_apart(forecast);
        let is_lost = |pool: &PoolId| harm.pools_lost.contains(pool) || harm.scratch_lost.contains(pool);
        harm.pools_stopped.retain(|pool| !is_lost(pool));
        harm.data_stopped.retain(|data| !harm.data_lost.contains(data));
        harm.services_gone.sort_unstable();
        harm.gone_for_some.retain(|(service, _)| harm.services_gone.binary_search(service).is_err());
        let works = &forecast.works;
        harm.services_gone.sort_by_key(|id| (std::cmp::Reverse(works[*id].criticality), *id));
        harm
    }

    /// What is said to be ephemeral is not lost when it is gone, and a pool that loses nothing else is scratch: what is on it is known, and
    /// each of it is ephemeral or has another copy left. Of a pool of which nobody says what is on it, the worst is taken.
    fn set_scratch_apart(&mut self, forecast: &Forecast<'_>) {
        let works = &forecast.works;
        let on = |pool: PoolId| {
            let all = (0..).map(DataId).zip(&works.data);
            all.filter(move |(_, data)| data.pools.contains(&pool)).map(|(id, _)| id)
        };
        self.data_lost.retain(|data| !is_ephemeral(forecast, *data));
        let kept = &self.data_lost;
        let is_scratch =
            |pool: &PoolId| on(*pool).next().is_some() && !on(*pool).any(|data| kept.contains(&data));
        let (scratch, lost) = self.pools_lost.iter().copied().partition(is_scratch);
        (self.scratch_lost, self.pools_lost) = (scratch, lost);
    }

    fn add(&mut self, outcome: Outcome) {
        match (outcome.subject, outcome.fate) {
            (Subject::Pool(id), Fate::Lost) => self.pools_lost.push(id),
            (Subject::Data(id), Fate::Lost) => self.data_lost.push(id),
            (Subject::Pool(id), _) => self.pools_stopped.push(id),
            (Subject::Data(id), _) => self.data_stopped.push(id),
            (Subject::Service(id), Fate::GoneFor(at)) => match self.gone_for_some.last_mut() {
                Some((known, vantages)) if *known == id => vantages.push(at),
                _ => self.gone_for_some.push((id, vec![at])),
            },
            (Subject::Service(id), _) => self.services_gone.push(id),
            (Subject::Vantage(at), _) => self.no_internet.push(at),
            (Subject::Cluster(id), _) => self.no_quorum.push(id),
            (Subject::Machine(id), _) => self.machines_down.push(id),
            (Subject::Unit(id), _) => self.units_off.push(id),
        }
    }

    /// True when nobody loses anything: no data, no service, no way. Machines and units may have stopped.
    pub fn is_none(&self) -> bool {
        self.n_lost() == 0
            && self.scratch_lost.is_empty()
            && self.pools_stopped.is_empty()
            && self.data_stopped.is_empty()
            && self.services_gone.is_empty()
            && self.gone_for_some.is_empty()
            && self.no_internet.is_empty()
            && self.no_quorum.is_empty()
    }

    /// How much is lost for good.
    pub fn n_lost(&self) -> usize {
        self.pools_lost.len() + self.data_lost.len()
    }

    /// For sorting: larger is worse. Loss before standstill, standstill by how critical the services are.
    pub fn weight(&self, forecast: &Forecast<'_>) -> (usize, u32, usize, usize) {
        let critical = |id: &ServiceId| 1 + 3 * u32::from(forecast.works[*id].criticality);
        let gone: u32 = self.services_gone.iter().map(critical).sum();
        let partly: u32 = self.gone_for_some.iter().map(|(id, _)| critical(id) / 2).sum();
        let offline = 2 * self.no_internet.len() as u32 + 2 * self.no_quorum.len() as u32;
        let stopped = self.scratch_lost.len() + self.pools_stopped.len() + self.data_stopped.len();
        (self.n_lost(), gone + partly + offline, stopped, self.machines_down.len() + self.units_off.len())
    }

    /// For programs.
    pub fn json(&self, forecast: &Forecast<'_>) -> Value {
        let works = &forecast.works;
        let subject = |subject: Subject| match works.thing(subject) {
            Some(thing) => forecast.lab.subject(thing),
            None => works.label(subject).to_owned(),
        };
        let vantage = |at: &u32| works.vantages[*at as usize].label.clone();
        json!({
            "pools_lost": self.pools_lost.iter().map(|id| subject(Subject::Pool(*id))).collect::<Vec<_>>(),
            "data_lost": self.data_lost.iter().map(|id| subject(Subject::Data(*id))).collect::<Vec<_>>(),
            "scratch_lost": self.scratch_lost.iter().map(|id| subject(Subject::Pool(*id))).collect::<Vec<_>>(),
            "pools_stopped": self.pools_stopped.iter().map(|id| subject(Subject::Pool(*id))).collect::<Vec<_>>(),
            "data_stopped": self.data_stopped.iter().map(|id| subject(Subject::Data(*id))).collect::<Vec<_>>(),
            "services_gone": self.services_gone.iter().map(|id| subject(Subject::Service(*id))).collect::<Vec<_>>(),
            "services_gone_for": self.gone_for_some.iter().map(|(id, at)| json!({
                "service": subject(Subject::Service(*id)), "for": at.iter().map(vantage).collect::<Vec<_>>(),
            })).collect::<Vec<_>>(),
            "without_internet": self.no_internet.iter().map(vantage).collect::<Vec<_>>(),
            "without_quorum": self.no_quorum.iter().map(|id| subject(Subject::Cluster(*id))).collect::<Vec<_>>(),
            "machines_down": self.machines_down.iter().map(|id| subject(Subject::Machine(*id))).collect::<Vec<_>>(),
            "units_off": self.units_off.iter().map(|id| subject(Subject::Unit(*id))).collect::<Vec<_>>(),
        })
    }
}

/// True for data that its owner says need not be kept.
fn is_ephemeral(forecast: &Forecast<'_>, id: DataId) -> bool {
    let (lab, thing) = (forecast.lab, forecast.works[id].thing);
    let importance = match thing.kind {
        Kind::Dataset => lab.datasets[DatasetId(thing.index)].importance.as_ref(),
        Kind::Volume => lab.volumes[VolumeId(thing.index)].importance.as_ref(),
        _ => None,
    };
    importance.is_some_and(|importance| importance.value == Importance::Ephemeral)
}

/// What follows once some parts have failed.
#[derive(Clone, Debug)]
pub struct Consequence {
    /// What has failed.
    pub failed: Vec<PartId>,
    /// What becomes of things.
    pub harm: Harm,
    /// What still stands and would fall with one more failure that was harmless to it before.
    pub weakened: Harm,
}

impl Consequence {
    /// What follows from these failures.
    pub fn of(forecast: &Forecast<'_>, failed: &[PartId]) -> Self {
        let holding = forecast.holds_after(failed);
        let outcome = |at: &usize| forecast.compiled.outcomes[*at].0;
        let harm = Harm::of(forecast, holding.iter().map(outcome));
        let holding: BTreeSet<usize> = holding.into_iter().collect();
        let weak = forecast.outcomes().filter(|(at, _, sets)| {
            !holding.contains(at) && !sets.is_always && next_failures(sets, failed).next().is_some()
        });
        let weakened = Harm::of(forecast, weak.map(|(_, outcome, _)| outcome));
        Self { failed: failed.to_vec(), harm, weakened }
    }
}

/// Parts that complete a cut set of which the rest has failed already, and that are none by themselves.
pub(crate) fn next_failures<'a>(
    sets: &'a crate::cutsets::CutSets,
    failed: &'a [PartId],
) -> impl Iterator<Item = PartId> + 'a {
    let has_failed =
        |event: &crate::circuit::EventId| failed.iter().any(|part| part.index() == event.index());
    let orders = 2..=sets.complete_to.min(failed.len() + 1);
    orders
        .flat_map(move |order| {
            sets.class_sets(order).filter_map(move |classes| {
                // Events of a class are alike in effect: a class has failed when one of its events has.
                let mut open = classes.iter().filter(|class| !class.iter().any(has_failed));
                match (open.next(), open.next()) {
                    (Some(class), None) => Some(class.iter().map(|event| PartId(event.index() as u32))),
                    _ => None,
                }
            })
        })
        .flatten()
}
