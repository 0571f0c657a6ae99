//! From names to acts: nodes and programs of the box by their own names, everything else as `lab-predict` knows it.

use super::Way;
use crate::error::CommandError;
use lab_box::faults::Act;
use lab_box::wired::{CableRecord, NodeKind, NodeRecord, WiredRecord};
use lab_model::Lab;
use lab_predict::answers::{Forecast, parts_named};
use lab_predict::simulate::{DriveState, State, simulate};
use lab_predict::works::{Part, PartKind, Works};
use std::collections::BTreeSet;

/// What is to be done so that everything `wanted` fails, each with what becomes of its cables.
pub(super) fn of(
    lab: &Lab,
    record: &WiredRecord,
    wanted: &[(String, Way)],
) -> Result<Vec<Act>, CommandError> {
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let today = jiff::Zoned::now().date();
    let forecast = Forecast::new(lab, today, 1)
        .map_err(|error| CommandError::failed("cannot work out what follows").caused_by(error))?;
    let mut acts = BTreeSet::new();
    // Together, since what two failures take down may be more than what each does.
    let mut parts = Vec::new();
    for (name, way) in wanted {
        if let Some(act) = program(record, name) {
            acts.insert(act);
            continue;
        }
        match parts_named(&forecast, name) {
            Ok(found) => {
                for part in &found {
                    acts.extend(cables(record, &forecast.works[*part], *way)?);
                }
                // What a bad cable carries goes on, power included.
                if !matches!(way, Way::Bad { .. }) {
                    parts.extend(found);
                }
            }
            Err(error) => match of_the_box(record, name, *way) {
                own if !own.is_empty() => acts.extend(own),
                _ => return Err(CommandError::usage(error.message).did_you_mean(error.near.as_deref())),
            },
        }
    }
    let (before, after) = (simulate(&forecast.works, &[]), simulate(&forecast.works, &parts));
    acts.extend(darkness(&forecast, record, &before, &after));
    acts.extend(disks(&forecast.works, record, &before, &after));
    if acts.is_empty() {
        let names: Vec<&str> = wanted.iter().map(|(name, _)| name.as_str()).collect();
        return Err(CommandError::refused(format!("nothing in the box goes down with {}", names.join(", ")))
            .hint("`labwright predict --fail` says what else follows"));
    }
    Ok(acts.into_iter().collect())
}

/// `NODE/PROGRAM`.
fn program(record: &WiredRecord, name: &str) -> Option<Act> {
    let (node, program) = name.split_once('/')?;
    let known = &record.nodes[record.find(node)?];
    known
        .programs
        .iter()
        .any(|(own, _)| own == program)
        .then(|| Act::ProcessKilled { node: known.name.clone(), program: program.to_owned() })
}

/// What only the box knows: one leg of a cable by its own end, a node that the lab does not describe.
fn of_the_box(record: &WiredRecord, name: &str, way: Way) -> Vec<Act> {
    if let Some(cable) = record.cables.iter().find(|cable| cable.is_called(name)) {
        return on_cable(cable, way);
    }
    let node = record.nodes.iter().find(|node| node.name == name && !matches!(way, Way::Bad { .. }));
    node.map(|node| Act::NodeOff { node: node.name.clone() }).into_iter().collect()
}

fn on_cable(cable: &CableRecord, way: Way) -> Vec<Act> {
    let name = || cable.name.clone();
    match way {
        Way::Silent => vec![Act::CableSilent { cable: name() }],
        Way::Cut => vec![Act::CableCut { cable: name() }],
        Way::Bad { loss, delay } => {
            let lossy = loss.map(|percent| Act::CableLossy { cable: name(), percent });
            lossy.into_iter().chain(delay.map(|ms| Act::CableSlow { cable: name(), ms })).collect()
        }
    }
}

/// What a part is of the box's cables: the cable, or the line.
fn cables(record: &WiredRecord, part: &Part, way: Way) -> Result<Vec<Act>, CommandError> {
    if !matches!(part.kind, PartKind::Cable | PartKind::Circuit) {
        if matches!(way, Way::Bad { .. }) {
            return Err(CommandError::refused(format!(
                "{} is no cable: only cables lose or hold back",
                part.label
            )));
        }
        return Ok(Vec::new());
    }
    let own = record.cables.iter().filter(|cable| cable.things.contains(&part.name));
    let acts: Vec<Act> = own.flat_map(|cable| on_cable(cable, way)).collect();
    match acts.is_empty() {
        true => Err(CommandError::refused(format!("{} is not in the box", part.label))),
        false => Ok(acts),
    }
}

/// The disks of the box that are gone, dead or out of reach; those of a dark node go with it.
fn disks(works: &Works, record: &WiredRecord, before: &State, after: &State) -> Vec<Act> {
    let states = works.drives.iter().zip(before.drives.iter().zip(&after.drives));
    let gone = states.filter(|(_, (was, is))| **was == DriveState::There && **is != DriveState::There);
    let programs: BTreeSet<String> = gone
        .filter_map(|(drive, _)| drive.label.split_once('/'))
        .map(|(device, bay)| lab_box::disk_program(device, bay))
        .collect();
    let killed = |node: &NodeRecord| -> Vec<Act> {
        let own = node.programs.iter().map(|(name, _)| name).filter(|name| programs.contains(*name));
        own.map(|program| Act::ProcessKilled { node: node.name.clone(), program: program.clone() }).collect()
    };
    record.nodes.iter().flat_map(killed).collect()
}

/// The nodes that go dark between two states, as the lab's tables say.
fn darkness(forecast: &Forecast<'_>, record: &WiredRecord, before: &State, after: &State) -> Vec<Act> {
    let works = &forecast.works;
    let lost = |rows: fn(&State) -> &Vec<bool>| -> Vec<usize> {
        let pairs = rows(before).iter().zip(rows(after)).enumerate();
        pairs.filter(|(_, (was, is))| **was && !**is).map(|(index, _)| index).collect()
    };
    let units = lost(|state| &state.units).into_iter().map(|index| works.units[index].thing);
    let machines = lost(|state| &state.machines).into_iter().map(|index| works.machines[index].thing);
    let mut nodes = BTreeSet::new();
    for thing in units.chain(machines) {
        nodes.extend(record.find(&forecast.lab.subject(thing)));
        // A machine's controller has no power of its own; it goes with the device and not with the machine's system.
        let controller = format!("{}.", forecast.lab.name(thing).text);
        let is_its =
            |node: &&NodeRecord| node.kind == NodeKind::Controller && node.name.starts_with(&controller);
        if thing.kind == lab_model::lab::Kind::Device {
            let own = record.nodes.iter().filter(is_its);
            nodes.extend(own.filter_map(|node| record.find(&node.name)));
        }
    }
    nodes.into_iter().map(|node| Act::NodeOff { node: record.nodes[node].name.clone() }).collect()
}
