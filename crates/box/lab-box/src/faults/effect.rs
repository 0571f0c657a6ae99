//! What each node and interface shall be while a set of acts is in force. Pure.

use super::{Act, FaultError};
use crate::wired::{CableRecord, WiredRecord};
use std::collections::{BTreeMap, BTreeSet};

/// What shall be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Effect {
    /// Nodes without power.
    pub(super) off: BTreeSet<usize>,
    /// Programs that are not to run.
    pub(super) killed: BTreeSet<(usize, String)>,
    down: BTreeSet<(usize, String)>,
    drops: BTreeMap<usize, BTreeMap<String, u8>>,
    delays: BTreeMap<usize, BTreeMap<String, u16>>,
}

impl Effect {
    /// The interfaces of a node that are to be down.
    pub(super) fn downs(&self, node: usize) -> impl Iterator<Item = &str> {
        self.down.iter().filter(move |(owner, _)| *owner == node).map(|(_, device)| device.as_str())
    }

    /// Whether an interface is to be down.
    pub(super) fn is_down(&self, node: usize, device: &str) -> bool {
        self.down.contains(&(node, device.to_owned()))
    }

    /// The interfaces of a node that drop frames which leave, with how many of a hundred.
    pub(super) fn drops(&self, node: usize) -> BTreeMap<String, u8> {
        self.drops.get(&node).cloned().unwrap_or_default()
    }

    /// The interfaces of a node that hold back frames which leave, with the milliseconds.
    pub(super) fn delays(&self, node: usize) -> BTreeMap<String, u16> {
        self.delays.get(&node).cloned().unwrap_or_default()
    }
}

/// What shall be while `acts` are in force.
pub(super) fn of(record: &WiredRecord, acts: &BTreeSet<Act>, id: &str) -> Result<Effect, FaultError> {
    let unknown = |what: &'static str, name: &str| FaultError::Unknown {
        id: id.to_owned(),
        what,
        name: name.to_owned(),
    };
    let node = |name: &str| record.find(name).ok_or_else(|| unknown("node", name));
    let cable = |name: &str| {
        let found = record.cables.iter().find(|cable| cable.is_called(name));
        found.ok_or_else(|| unknown("cable", name))
    };
    let mut effect = Effect::default();
    for act in acts {
        match act {
            Act::NodeOff { node: name } => {
                effect.off.insert(node(name)?);
            }
            Act::CableCut { cable: name } => {
                for (owner, device) in devices(cable(name)?) {
                    effect.down.insert((owner, device));
                }
            }
            Act::CableSilent { cable: name } => effect.drop_frames(cable(name)?, 100),
            Act::CableLossy { cable: name, percent } => effect.drop_frames(cable(name)?, *percent),
            Act::CableSlow { cable: name, ms } => effect.hold_back(cable(name)?, *ms),
            Act::ProcessKilled { node: name, program } => {
                let owner = node(name)?;
                if !record.nodes[owner].programs.iter().any(|(known, _)| known == program) {
                    return Err(unknown("program", program));
                }
                effect.killed.insert((owner, program.clone()));
            }
        }
    }
    effect.spread(record);
    Ok(effect)
}

fn devices(cable: &CableRecord) -> impl Iterator<Item = (usize, String)> {
    cable
        .ends
        .iter()
        .zip(&cable.devices)
        .flat_map(|((node, _), devices)| devices.iter().map(|device| (*node, device.clone())))
}

impl Effect {
    fn drop_frames(&mut self, cable: &CableRecord, percent: u8) {
        for (owner, device) in devices(cable) {
            let now = self.drops.entry(owner).or_default().entry(device).or_insert(0);
            *now = percent.max(*now);
        }
    }

    fn hold_back(&mut self, cable: &CableRecord, ms: u16) {
        for (owner, device) in devices(cable) {
            let now = self.delays.entry(owner).or_default().entry(device).or_insert(0);
            *now = ms.max(*now);
        }
    }

    /// Virtual machines go off with their host, and the links of all that is off go down.
    fn spread(&mut self, record: &WiredRecord) {
        let is_carried_off = |off: &BTreeSet<usize>, index: usize| {
            record.nodes[index].inside.is_some_and(|host| off.contains(&host)) && !off.contains(&index)
        };
        while let Some(index) = (0..record.nodes.len()).find(|&index| is_carried_off(&self.off, index)) {
            self.off.insert(index);
        }
        for cable in &record.cables {
            for (owner, device) in devices(cable).filter(|(owner, _)| self.off.contains(owner)) {
                self.down.insert((owner, device));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wired::tests::two_hosts_on_a_switch;

    fn effect(acts: &[&str]) -> Result<Effect, String> {
        let mut plan = two_hosts_on_a_switch("t");
        plan.nodes[2].inside = Some(1);
        let acts = acts.iter().map(|line| Act::parse(line).unwrap()).collect();
        of(&WiredRecord::of(&plan), &acts, "t").map_err(|error| error.to_string())
    }

    fn downs(acts: &[&str]) -> Vec<String> {
        let effect = effect(acts).unwrap();
        effect.down.iter().map(|(node, device)| format!("{node} {device}")).collect()
    }

    #[test]
    fn a_cut_takes_all_lanes_down_at_both_ends_and_power_one_end() {
        assert_eq!(downs(&["cut switch:1"]), ["0 p1", "0 p1.20", "1 eth0", "1 eth0.20"]);
        assert_eq!(downs(&["off two"]), ["2 eth0"]);
        assert_eq!(downs(&["off host/one"]), ["1 eth0", "1 eth0.20", "2 eth0"], "with the machine in it");
        assert_eq!(downs(&["silent switch:1"]), [""; 0]);
    }

    #[test]
    fn the_worse_of_two_losses_counts() {
        let effect = effect(&["lossy 30 switch:2", "silent switch:2"]).unwrap();
        assert_eq!(effect.drops(0), BTreeMap::from([("p2".to_owned(), 100)]));
        assert_eq!(effect.drops(1), BTreeMap::new());
        let effect = self::effect(&["slow 20 switch:2", "slow 5 switch:2"]).unwrap();
        assert_eq!(effect.delays(0), BTreeMap::from([("p2".to_owned(), 20)]));
    }

    #[test]
    fn what_is_not_there_is_named() {
        assert_eq!(effect(&["off three"]), Err("box `t` has no node `three`".into()));
        assert_eq!(effect(&["cut switch:9"]), Err("box `t` has no cable `switch:9`".into()));
        assert_eq!(effect(&["killed bgpd one"]), Err("box `t` has no program `bgpd`".into()));
    }
}
