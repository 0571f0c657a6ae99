//! Looking at a box that is there: which machines run, how far each came, where its console log is.

use crate::light;
use crate::net::Namespace;
use crate::power::QemuPower;
use crate::progress::Stage;
use crate::serve::serial_stage;
use crate::state::{BoxDirs, MachineState, Phase, StateError};
use crate::vm;
use crate::wired::{self, NodeRecord, ServiceRecord, WiredRecord};
use std::fs;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};

/// A box as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// The box.
    pub id: String,
    /// Its network namespace.
    pub namespace: String,
    /// Whether `up` came to its end.
    pub complete: bool,
    /// Whether the run of `up` that makes it is still at work.
    pub in_progress: bool,
    /// Its machines, in the order of the plan.
    pub machines: Vec<MachineStatus>,
    /// What is listened at in a wired box, with the machine.
    pub services: Vec<(String, ServiceRecord)>,
    /// The aggregates of a wired box, with the machine.
    pub aggregates: Vec<(String, AggregateNow)>,
}

/// An end of an aggregate as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AggregateNow {
    /// Its name.
    pub name: String,
    /// `lacp`, or `presence` where the lab describes an aggregate without a protocol.
    pub way: String,
    /// The interface of the link that carries; none: no link does.
    pub over: Option<String>,
    /// The system at the other end, where LACP tells it.
    pub partner: Option<String>,
}

/// A machine as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MachineStatus {
    /// Name in the lab.
    pub name: String,
    /// Its hostname as described.
    pub hostname: String,
    /// Where the box reaches it.
    pub address: Ipv4Addr,
    /// QEMU's word for its state, such as `running`; `namespace` when it is one; `off` when nothing runs.
    pub power: String,
    /// The last stage that it told on its serial line.
    pub stage: Option<Stage>,
}

/// What box `id` is doing.
///
/// # Errors
/// There is no such box, or its state cannot be read.
pub fn status(dirs: &BoxDirs, id: &str) -> Result<Status, StateError> {
    let state = dirs.load(id)?;
    Ok(Status {
        id: id.to_owned(),
        namespace: Namespace::of_box(id).name().to_owned(),
        complete: state.phase == Phase::Up,
        in_progress: state.phase == Phase::Starting && state.maker.is_running(),
        machines: state.machines.iter().map(|machine| machine_status(dirs, id, machine)).collect(),
        services: services(dirs, id)?,
        aggregates: state.machines.iter().flat_map(|machine| aggregates(dirs, id, &machine.name)).collect(),
    })
}

fn services(dirs: &BoxDirs, id: &str) -> Result<Vec<(String, ServiceRecord)>, StateError> {
    let nodes = match WiredRecord::load(dirs, id) {
        Ok(record) => record.nodes,
        // A box of another kind has no such record.
        Err(StateError::Absent { .. }) => Vec::new(),
        Err(error) => return Err(error),
    };
    let own = |node: NodeRecord| node.services.into_iter().map(move |service| (node.name.clone(), service));
    Ok(nodes.into_iter().flat_map(own).collect())
}

/// As the program that chooses between the links of a node has written it.
fn aggregates(dirs: &BoxDirs, id: &str, machine: &str) -> Vec<(String, AggregateNow)> {
    let file = wired::folder(dirs, id, machine).join("aggregates.now");
    let text = fs::read_to_string(file).unwrap_or_default();
    text.lines().filter_map(parse_aggregate).map(|aggregate| (machine.to_owned(), aggregate)).collect()
}

fn parse_aggregate(line: &str) -> Option<AggregateNow> {
    let mut words = line.split(' ').map(str::to_owned);
    let some = |word: String| Some(word).filter(|word| word != "-");
    let (name, way, over, partner) = (words.next()?, words.next()?, words.next()?, words.next()?);
    Some(AggregateNow { name, way, over: some(over), partner: some(partner) })
}

fn machine_status(dirs: &BoxDirs, id: &str, machine: &MachineState) -> MachineStatus {
    let folder = dirs.machine(id, &machine.name);
    let runs = machine.process.is_some_and(|process| process.is_running());
    let state = || QemuPower::at(&folder).word();
    let power = match runs {
        false => "off".to_owned(),
        true if light::command(id, machine).is_some() => "namespace".to_owned(),
        true => state().unwrap_or_else(|_| "unknown".into()),
    };
    MachineStatus {
        name: machine.name.clone(),
        hostname: machine.hostname.clone(),
        address: machine.address,
        power,
        stage: last_stage(&vm::serial_log(&folder)),
    }
}

fn last_stage(log: &Path) -> Option<Stage> {
    let bytes = fs::read(log).ok()?;
    String::from_utf8_lossy(&bytes).lines().rev().find_map(serial_stage)
}

/// The file with everything that a machine wrote on its serial line.
///
/// # Errors
/// There is no such box or machine.
pub fn logs(dirs: &BoxDirs, id: &str, machine: &str) -> Result<PathBuf, StateError> {
    let state = dirs.load(id)?;
    Ok(vm::serial_log(&dirs.machine(id, &state.machine(machine)?.name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_aggregate_is_read_as_its_program_writes_it() {
        let now = |over: Option<&str>, partner: Option<&str>| AggregateNow {
            name: "bond0".into(),
            way: "lacp".into(),
            over: over.map(str::to_owned),
            partner: partner.map(str::to_owned),
        };
        let up = now(Some("sfp-1"), Some("02:6c:77:00:00:01"));
        assert_eq!(parse_aggregate("bond0 lacp sfp-1 02:6c:77:00:00:01"), Some(up));
        assert_eq!(parse_aggregate("bond0 lacp - -"), Some(now(None, None)));
        assert_eq!(parse_aggregate("bond0 lacp"), None);
    }
}
