//! What is done to a box so that parts of the lab fail in it, and which parts cannot fail there, each with the reason.
//!
//! A box has machines, switches, cables and the disks of ZFS pools. It has no power supplies or cards of its own: their failing is played by what the
//! description says follows from it, a device that goes dark or a cable that carries nothing, and what is judged is what comes after
//! that. Where nothing of the box changes there is nothing to observe, and the failure is refused.

use lab_model::{Lab, ThingId};
use lab_predict::simulate::{DriveState, Scene, Simulator};
use lab_predict::works::{DriveId, Edge, Layout, MachineId, PartId, PartKind, UnitId, Works};
use std::collections::BTreeSet;

/// One thing that is done to the box.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Act {
    /// A cable carries nothing any more, silently or with its link down, as the box does it.
    Cut {
        /// The part's name: `cable/in-the-rack switch-1:sfp-1`.
        part: String,
        /// The end by which the description names it: `switch-1:sfp-1`.
        end: String,
    },
    /// A device or machine is without power, or has stopped.
    Off {
        /// The device, host or virtual machine, as the lab has it: `device/node-1`.
        subject: String,
        /// Its name.
        name: String,
    },
    /// A disk is gone under the hands of whoever uses it.
    Disk {
        /// The part's name: `device/nas-1 bay-3`.
        part: String,
        /// Where it is: `bay-3 of nas-1`.
        place: String,
    },
    /// A line to the outside carries nothing.
    Line {
        /// The line, or who provides it, as the lab has it: `circuit/fibre`.
        subject: String,
        /// Its name.
        name: String,
    },
}

impl Act {
    /// In a few words: `switch-1 off`, `cable at switch-1:sfp-1 cut`.
    pub fn shown(&self) -> String {
        match self {
            Act::Cut { end, .. } => format!("cable at {end} cut"),
            Act::Off { name, .. } => format!("{name} off"),
            Act::Line { name, .. } => format!("line {name} cut"),
            Act::Disk { place, .. } => format!("disk in {place} gone"),
        }
    }
}

/// What a box is able to do.
pub trait Means {
    /// Whether the box can do it.
    ///
    /// # Errors
    /// Why not, as half a sentence: `the cable is not in the box`.
    fn can(&self, act: &Act) -> Result<(), String>;
}

/// What is done so that `failed` fails: every cable and line among them is cut, and whatever then is without power or does not run is
/// turned off.
///
/// # Errors
/// The reason for which the box cannot show this failure.
pub fn acts(
    lab: &Lab,
    simulator: &Simulator<'_>,
    works: &Works,
    failed: &[PartId],
    means: &impl Means,
) -> Result<Vec<Act>, String> {
    let (before, after) = (simulator.play(&[]), simulator.play(failed));
    let cut = failed.iter().flat_map(|part| cuts(lab, works, *part));
    let cut = cut.chain(disks(works, failed, &before, &after));
    let acts: BTreeSet<Act> = cut.chain(turned_off(lab, works, &before, &after)).collect();
    if acts.is_empty() {
        return Err(nothing_happens(works, failed));
    }
    let refusals: Vec<(&Act, String)> = acts
        .iter()
        .filter_map(|act| means.can(act).err().map(|why| (act, format!("{}: {why}", act.shown()))))
        .collect();
    // What goes dark and is not in the box, such as a strip or a screen, is not missed there. A cable that cannot be cut is.
    let is_missed = |(act, _): &&(&Act, String)| !matches!(act, Act::Off { .. });
    let told = refusals.iter().find(is_missed).or(refusals.first().filter(|_| refusals.len() == acts.len()));
    if let Some((_, why)) = told {
        return Err(why.clone());
    }
    Ok(acts.iter().filter(|act| refusals.iter().all(|(refused, _)| refused != act)).cloned().collect())
}

/// Cables and lines that carry nothing once a part has failed.
fn cuts(lab: &Lab, works: &Works, part: PartId) -> Vec<Act> {
    let row = &works[part];
    match (row.kind, row.thing) {
        (PartKind::Cable, _) => cut(works, part).into_iter().collect(),
        (PartKind::Circuit | PartKind::External, Some(thing)) => {
            vec![Act::Line { subject: lab.subject(thing), name: row.label.clone() }]
        }
        // A card, a duct: the cables that go with it.
        (PartKind::Card | PartKind::Shared, _) => {
            let with = works.edges.iter().filter(|edge: &&Edge| edge.fails.contains(&part));
            let cables =
                with.flat_map(|edge| &edge.fails).filter(|other| works[**other].kind == PartKind::Cable);
            cables.filter_map(|cable| cut(works, *cable)).collect()
        }
        _ => Vec::new(),
    }
}

/// Disks of pools that are gone for a machine which goes on, because they fail or nobody gets at them any more. Without the machine nothing of its
/// disks is to be seen.
fn disks(works: &Works, failed: &[PartId], before: &Scene<'_>, after: &Scene<'_>) -> Vec<Act> {
    let gone = (0..works.drives.len() as u32).map(DriveId).filter(|id| {
        let there = |scene: &Scene<'_>| scene.state().drives[id.index()] == DriveState::There;
        there(before) && !there(after)
    });
    let is_missed = |id: &DriveId| {
        let of = works.pools.iter().find(|pool| match &pool.layout {
            Layout::Groups(groups) => groups.iter().any(|group| group.drives.contains(id)),
            Layout::Separate(group) => group.drives.contains(id),
            Layout::Ceph(_) | Layout::Unknown => false,
        });
        let system = works.machines.iter().position(|machine| machine.system_drives.contains(id));
        let stopped = |machine: usize| !after.state().machines[machine];
        match of.and_then(|pool| pool.holder) {
            Some(holder) => after.state().is_up(holder),
            None => works[*id].fails.iter().any(|part| failed.contains(part)) && !system.is_some_and(stopped),
        }
    };
    let act = |id: DriveId| {
        let part = &works[*works[id].fails.first()?];
        let place = part.label.strip_prefix("the drive in ").unwrap_or(&part.label).to_owned();
        Some(Act::Disk { part: part.name.clone(), place })
    };
    gone.filter(is_missed).filter_map(act).collect()
}

fn cut(works: &Works, part: PartId) -> Option<Act> {
    let name = &works[part].name;
    let (_, end) = name.split_once(' ')?;
    Some(Act::Cut { part: name.clone(), end: end.to_owned() })
}

/// What goes dark and what stops, as the tables say.
fn turned_off(lab: &Lab, works: &Works, before: &Scene<'_>, after: &Scene<'_>) -> Vec<Act> {
    let (before, after) = (before.state(), after.state());
    let off = |thing: ThingId, name: &str| Act::Off { subject: lab.subject(thing), name: name.to_owned() };
    let units = (0..works.units.len() as u32).map(UnitId);
    let dark = units
        .filter(|id| before.units[id.index()] && !after.units[id.index()])
        .map(|id| off(works[id].thing, &works[id].label));
    let machines = (0..works.machines.len() as u32).map(MachineId);
    let stopped = machines
        .filter(|id| before.machines[id.index()] && !after.machines[id.index()])
        .map(|id| off(works[id].thing, &works[id].label));
    dark.chain(stopped).collect()
}

fn nothing_happens(works: &Works, failed: &[PartId]) -> String {
    let labels: Vec<&str> = failed.iter().map(|part| works[*part].label.as_str()).collect();
    let why = match works[failed[0]].kind {
        PartKind::Supply | PartKind::Pdu | PartKind::Ups | PartKind::Grid | PartKind::PowerNode => {
            "nothing goes dark, and the box has no power supplies that could show it"
        }
        PartKind::Card => "the box has no cards",
        _ => "nothing of it is in the box",
    };
    format!("{}: {why}", labels.join(", "))
}

#[cfg(test)]
mod tests;
