//! Looking at a box that is there: which machines run, how far each came, where its console log is.

use crate::light;
use crate::net::Namespace;
use crate::power::QemuPower;
use crate::progress::Stage;
use crate::serve::serial_stage;
use crate::state::{BoxDirs, MachineState, Phase, StateError};
use crate::vm;
use crate::wired::{NodeRecord, ServiceRecord, WiredRecord};
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
