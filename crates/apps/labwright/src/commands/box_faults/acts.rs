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
    let dark = darkness(&forecast, record, &before, &after);
    acts.extend(disks(&forecast.works, record, &before, &after).into_iter().filter(|act| {
        // Disks of a dark node go with it.
        let is_of = |dark: &Act| matches!((act, dark), (Act::ProcessKilled { node, .. }, Act::NodeOff { node: off }) if node == off);
        !dark.iter().any(is_of)
    }));
    acts.extend(dark);
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

/// The disks of the box that are gone, dead or out of reach.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::LabArgs;
    use crate::{analysis, input};
    use lab_box::wired::Program;
    use std::path::Path;

    /// The acts that let things of `labs/starter` fail, a line each; an exclamation mark before why nothing was done.
    fn acts(names: &[&str], way: Way) -> Vec<String> {
        let lab = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../labs/starter");
        let args = LabArgs { lab, at: None, overlays: Vec::new() };
        let (reading, _) = analysis::read(input::load(&args).unwrap());
        let (mut plan, _) = lab_box::project_wired(&reading.lab);
        // As where ZFS is installed.
        let node = plan.find("nas-1").unwrap();
        for bay in ["bay-3", "bay-4"] {
            let name = lab_box::disk_program("nas-1", bay);
            let (script, processes, is_last) = (String::new(), Vec::new(), false);
            plan.nodes[node].programs.push(Program { name, script, processes, is_last });
        }
        let wanted: Vec<(String, Way)> = names.iter().map(|name| ((*name).to_owned(), way)).collect();
        match of(&reading.lab, &WiredRecord::of(&plan), &wanted) {
            Ok(acts) => acts.iter().map(Act::to_string).collect(),
            Err(error) => vec![format!("! {error}")],
        }
    }

    /// Each kind of thing that can fail.
    #[test]
    fn a_failure_takes_down_exactly_what_hangs_on_it() {
        let check = |names: &[&str], expect: &[&str]| assert_eq!(acts(names, Way::Cut), expect, "{names:?}");
        // With what it feeds over its cables.
        check(&["switch-1"], &["off ap-1", "off hub-1", "off switch-1"]);
        check(&["router-1"], &["off router-1"]);
        check(&["node-1"], &["off node-1", "off node-1.ipmi"]);
        // One supply, strip or breaker of two stops nobody but who has one.
        check(&["nas-1:psu-1"], &["! nothing in the box goes down with nas-1:psu-1"]);
        check(&["nas-1:psu-1", "nas-1:psu-2"], &["off nas-1", "off nas-1.ipmi"]);
        check(&["pdu-1"], &["off modem-1"]);
        check(&["circuit-2"], &["! nothing in the box goes down with circuit-2"]);
        check(&["ups-1"], &["off modem-1", "off ups-1", "off ups-1.net"]);
        let all = acts(&["circuit-1", "circuit-2"], Way::Cut);
        for node in ["nas-1", "nas-1.ipmi", "node-3", "router-1", "router-2", "switch-1", "modem-1"] {
            assert!(all.contains(&format!("off {node}")), "{node}: {all:?}");
        }
        assert!(all.iter().all(|act| act.starts_with("off ")), "disks go with their machine: {all:?}");
        check(&["nas-1/bay-3"], &["killed disk.nas-1.bay-3 nas-1"]);
        check(&["nas-1/bay-1"], &["! nothing in the box goes down with nas-1/bay-1"]);
        check(&["router-1/keepalived"], &["killed keepalived router-1"]);
        check(&["circuit/internet"], &["cut provider-internet:line modem-1:line"]);
        check(&["switch-1:1"], &["cut router-1:eth0 switch-1:1"]);
        assert_eq!(acts(&["switch-1:1"], Way::Silent), ["silent router-1:eth0 switch-1:1"]);
        let bad = Way::Bad { loss: Some(5), delay: Some(20) };
        let both = ["lossy 5 router-1:eth0 switch-1:1", "slow 20 router-1:eth0 switch-1:1"];
        assert_eq!(acts(&["switch-1:1"], bad), both);
        assert!(acts(&["switch-1"], bad)[0].contains("is no cable"));
    }
}
