//! Giving machines power: anew with empty disks, again from their disk, or not at all because an earlier run of the
//! program left them running. What was done is written down before anything rests on it.

use super::{UpError, prepare};
use crate::net::Namespace;
use crate::plan::{BoxPlan, Footprint};
use crate::process::Process;
use crate::serve;
use crate::state::{BoxDirs, BoxState, MachineState, Mark, Phase};
use crate::vm::{self, Accelerator, Vm};
use crate::{Stage, down};
use lab_netboot::{Permit, Service};
use std::fs;
use std::path::Path;

/// What becomes of a machine at the start of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// An earlier run installed it, and it runs.
    Keep,
    /// An earlier run installed it; it is started from its disk.
    Boot,
    /// It is started with empty disks.
    Install,
}

/// Whoever starts machines, with what is written down about them.
pub(super) struct Starter<'a> {
    pub(super) plan: &'a BoxPlan,
    pub(super) dirs: &'a BoxDirs,
    pub(super) namespace: &'a Namespace,
    pub(super) service: &'a Service,
    pub(super) accelerator: Accelerator,
    pub(super) state: BoxState,
    vms: Vec<Vm>,
    fates: Vec<Fate>,
}

impl<'a> Starter<'a> {
    pub(super) fn new(
        (plan, dirs): (&'a BoxPlan, &'a BoxDirs),
        namespace: &'a Namespace,
        service: &'a Service,
        (accelerator, footprint): (Accelerator, &Footprint),
        state: BoxState,
    ) -> Starter<'a> {
        let fate = |machine: &MachineState| {
            let serial = vm::serial_log(&dirs.machine(&plan.id, &machine.name));
            fate(machine, service.permit(&machine.name), &serial)
        };
        let mut fates: Vec<Fate> = state.machines.iter().map(fate).collect();
        for (fate, machine) in fates.iter_mut().zip(&plan.machines) {
            // What it had in memory is gone.
            if machine.firmware.board().is_some() && *fate == Fate::Boot {
                *fate = Fate::Install;
            }
        }
        let vms = prepare::vms(plan, footprint, dirs);
        Starter { plan, dirs, namespace, service, accelerator, state, vms, fates }
    }

    /// The machines that an earlier run installed.
    pub(super) fn kept(&self) -> Vec<&str> {
        let pairs = self.state.machines.iter().zip(&self.fates);
        pairs.filter(|(_, fate)| **fate != Fate::Install).map(|(machine, _)| machine.name.as_str()).collect()
    }

    /// Whether the machine at `index` runs since an earlier run.
    pub(super) fn is_kept(&self, index: usize) -> bool {
        self.fates[index] == Fate::Keep
    }

    /// Ends every process in the box that no kept machine needs, such as an installer that lost its server.
    pub(super) fn end_others(&self) -> Result<(), UpError> {
        let kept = self.state.machines.iter().zip(&self.fates);
        let kept: Vec<Process> = kept
            .filter(|(_, fate)| **fate == Fate::Keep)
            .filter_map(|(machine, _)| machine.process)
            .collect();
        for process in self.namespace.processes() {
            if process != Process::own() && !kept.contains(&process) && !process.end() {
                return Err(UpError::Remains(down::DownError::Process(process.pid)));
            }
        }
        Ok(())
    }

    /// Whether a boot ROM must be played for the machine at `index` before it is given power.
    pub(super) fn must_be_played(&self, index: usize) -> bool {
        self.plan.machines[index].firmware.board().is_some() && !self.is_kept(index)
    }

    /// Gives the machine at `index` power, unless it has.
    pub(super) fn start(&mut self, index: usize) -> Result<(), UpError> {
        let machine = &self.plan.machines[index];
        let name = &machine.name;
        match self.fates[index] {
            // It has no disk that could be wiped.
            _ if machine.firmware.board().is_some() => {}
            Fate::Keep | Fate::Boot => {
                // Its report may have been lost with the run that awaited it.
                if matches!(self.service.permit(name), Permit::Open { .. }) {
                    self.service.close_permit(name)?;
                }
            }
            Fate::Install => {
                self.vms[index].wipe()?;
                self.service.open_permit(name)?;
            }
        }
        if self.fates[index] != Fate::Keep {
            let process = self.vms[index].start(self.namespace, self.accelerator)?;
            self.state.machines[index].process = Some(process);
        }
        self.dirs.store(&self.state)?;
        Ok(())
    }

    /// Writes down that a machine came as far as `stage`, when that matters to a later run.
    pub(super) fn came_to(&mut self, index: usize, stage: &Stage) {
        let mark = match stage {
            Stage::Verified => Mark::Verified,
            Stage::Written | Stage::Rebooted | Stage::Up => Mark::Installed,
            _ => return,
        };
        if mark > self.state.machines[index].mark {
            self.state.machines[index].mark = mark;
            // Without it a later run finds out from the permit or the serial line, or installs the machine once more.
            drop(self.dirs.store(&self.state));
        }
    }

    /// Writes down that the box is complete.
    pub(super) fn finish(mut self) -> Result<(), UpError> {
        self.state.phase = Phase::Up;
        Ok(self.dirs.store(&self.state)?)
    }
}

/// A machine is never wiped again once any of three says that its system is complete: what is written down, its
/// permit, which the installer's report closed, or its own words.
fn fate(machine: &MachineState, permit: Permit, serial: &Path) -> Fate {
    let is_installed = machine.mark != Mark::New || permit == Permit::Closed || said_installed(serial);
    match (is_installed, machine.is_running()) {
        (true, true) => Fate::Keep,
        (true, false) => Fate::Boot,
        (false, _) => Fate::Install,
    }
}

fn said_installed(serial: &Path) -> bool {
    let Ok(said) = fs::read(serial) else { return false };
    let said = String::from_utf8_lossy(&said);
    said.lines().filter_map(serve::serial_stage).any(|stage| stage == Stage::Written)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    #[test]
    fn what_any_of_three_calls_installed_is_not_wiped() {
        let folder = tempfile::tempdir().unwrap();
        let (said, silent) = (folder.path().join("said"), folder.path().join("silent"));
        fs::write(&said, "LW:installing 100\r\nLW:installed\r\n").unwrap();
        fs::write(&silent, "LW:installing 100\r\n").unwrap();
        let open = Permit::Open { handed: 1 };
        let running = Some(Process::own());
        for (mark, permit, serial, process, expect) in [
            (Mark::New, Permit::Never, &silent, None, Fate::Install),
            (Mark::New, open, &silent, running, Fate::Install),
            (Mark::New, open, &said, running, Fate::Keep),
            (Mark::New, Permit::Closed, &silent, running, Fate::Keep),
            (Mark::Installed, open, &silent, running, Fate::Keep),
            (Mark::Verified, Permit::Closed, &silent, None, Fate::Boot),
            (Mark::New, open, &said, None, Fate::Boot),
        ] {
            let (name, hostname) = ("node1".to_owned(), "node1".to_owned());
            let address = Ipv4Addr::LOCALHOST;
            let machine = MachineState { name, hostname, address, process, mark };
            assert_eq!(fate(&machine, permit, serial), expect, "{mark:?} {permit:?} {serial:?}");
        }
    }
}
