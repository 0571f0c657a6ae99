//! Whether what moves still fits: virtual machines on hosts, instances of services on machines, by memory and by what may not share a machine.
//!
//! An exact search. The answer is an assignment, or the best one that there is, with what it leaves out and why each machine refuses it; it
//! is proved that no assignment leaves out less, unless the search says that it gave up. That something fits does not mean that a scheduler
//! finds it: Kubernetes and Proxmox move nothing that runs in order to make room.

mod problem;
mod search;
#[cfg(test)]
mod tests;

use super::scene::{Scene, Simulator};
use crate::works::{MachineId, MachineKind, ServiceId};
use problem::Problem;
use search::Search;

/// What wants a place.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Item {
    /// A virtual machine.
    Vm(MachineId),
    /// An instance of a service, numbered from 0.
    Instance(ServiceId, u32),
}

/// Why a machine does not take what is left out, while everything else is where it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refusal {
    /// It lacks this many bytes.
    Short(u64),
    /// Another instance of the same service is there.
    Spread,
    /// An instance of this service is there, and the two stay apart.
    Apart(ServiceId),
}

/// Something that is left out.
#[derive(Clone, PartialEq, Debug)]
pub struct LeftOut {
    /// What.
    pub item: Item,
    /// What it takes, in bytes; 0 when nobody says.
    pub needs: u64,
    /// Why not, for each machine on which it could run otherwise. Empty: no machine is left that it could run on.
    pub refusals: Vec<(MachineId, Refusal)>,
}

/// The answer.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Fit {
    /// Where things go.
    pub assigned: Vec<(Item, MachineId)>,
    /// What finds no place. Empty: all fits.
    pub left_out: Vec<LeftOut>,
    /// Bytes that everything that wants a place on the machines of `left_out` takes together.
    pub wanted: u64,
    /// Bytes that those machines have for it.
    pub room: u64,
    /// Those machines.
    pub among: Vec<MachineId>,
    /// Items without a figure for memory; taken as needing none.
    pub unknown_items: Vec<Item>,
    /// Machines without a figure for memory; taken as roomy enough.
    pub unknown_machines: Vec<MachineId>,
    /// True when the search ended early: something better may exist than what is said here.
    pub gave_up: bool,
}

/// Whether what moves fits on what is left in a scene.
pub fn fit(scene: &Scene<'_>) -> Fit {
    let problem = Problem::new(scene);
    let mut at = vec![None; problem.items.len()];
    let mut gave_up = false;
    for group in problem.groups() {
        let found = Search::new(&problem, &group).run();
        gave_up |= found.gave_up;
        group.iter().zip(found.at).for_each(|(&item, machine)| at[item] = machine);
    }
    let mut fit = problem.told(&at);
    fit.gave_up = gave_up;
    fit
}

/// Whether it fits after each single machine on a unit is gone, and after each pair; healthy first. Only what does not fit is listed.
pub fn fit_without_hosts(simulator: &Simulator<'_>) -> Vec<(Vec<MachineId>, Fit)> {
    let works = simulator.works;
    let is_host = |machine: &MachineId| {
        matches!(works[*machine].kind, MachineKind::Host { .. }) && works[*machine].memory.is_some()
    };
    let hosts: Vec<MachineId> = (0..works.machines.len() as u32).map(MachineId).filter(is_host).collect();
    let singles = hosts.iter().map(|&host| vec![host]);
    let pairs =
        hosts.iter().enumerate().flat_map(|(at, &a)| hosts[at + 1..].iter().map(move |&b| vec![a, b]));
    let sets = std::iter::once(Vec::new()).chain(singles).chain(pairs);
    sets.map(|gone| {
        let fit = fit(&simulator.play_without(&[], &gone));
        (gone, fit)
    })
    .filter(|(_, fit)| !fit.left_out.is_empty() || fit.gave_up)
    .collect()
}
