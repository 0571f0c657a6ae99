//! What is made before the machines start: state, folders, keys, the files of each machine.

use crate::image::personal::{self, HostKey};
use crate::image::{self, ImageStore};
use crate::net::tap_name;
use crate::pi;
use crate::plan::{BoxPlan, Footprint, Machine};
use crate::process::Process;
use crate::state::{BoxDirs, BoxState, MachineState, Mark, Phase, StateError, make_private};
use crate::tool::{Tool, ToolError};
use crate::vm::{Vm, VmDisk};
use ipnet::Ipv4Net;
use std::fmt::Write;
use std::fs;
use std::net::Ipv4Addr;
use std::path::Path;

/// The address by which the box reaches a machine.
pub(super) fn address(plan: &BoxPlan, machine: &Machine) -> Ipv4Addr {
    machine.boot_address(service(plan, machine)).expect("the plan has no faults")
}

/// The address of the netboot service as a machine sees it.
pub(super) fn server(plan: &BoxPlan, machine: &Machine) -> Ipv4Addr {
    service(plan, machine).addr()
}

fn service(plan: &BoxPlan, machine: &Machine) -> Ipv4Net {
    let network = machine.interfaces.first().map(|card| &card.network);
    let found = plan.networks.iter().find(|candidate| Some(&candidate.name) == network);
    found.and_then(|network| network.service).expect("the plan has no faults")
}

/// Tells plans apart, and images that are made differently.
pub(super) fn digest(plan: &BoxPlan) -> String {
    image::digest_of(&[&format!("{plan:?}"), &ImageStore::key()])
}

pub(super) fn state(plan: &BoxPlan) -> BoxState {
    let machine = |machine: &Machine| MachineState {
        name: machine.name.clone(),
        hostname: machine.hostname.clone(),
        address: address(plan, machine),
        process: None,
        mark: Mark::New,
    };
    BoxState {
        id: plan.id.clone(),
        phase: Phase::Starting,
        plan: digest(plan),
        maker: Process::own(),
        machines: plan.machines.iter().map(machine).collect(),
    }
}

pub(super) fn folders(plan: &BoxPlan, dirs: &BoxDirs) -> Result<(), StateError> {
    make_private(&dirs.disks(&plan.id))?;
    plan.machines.iter().try_for_each(|machine| make_private(&dirs.machine(&plan.id, &machine.name)))
}

/// Makes the box's key, a host key for each machine and the list of known hosts; returns each machine's archive.
pub(super) fn keys(plan: &BoxPlan, folder: &Path) -> Result<Vec<Vec<u8>>, KeyError> {
    let read = |path: &Path| fs::read_to_string(path).map_err(StateError::file("read", path));
    let box_key = make_key(&folder.join("key"), &plan.id)?;
    let mut known = String::new();
    let mut archives = Vec::new();
    for machine in &plan.machines {
        let file = folder.join("m").join(&machine.name).join("host_key");
        let public = make_key(&file, &machine.hostname)?;
        let address = address(plan, machine);
        let key = public.split(' ').take(2).collect::<Vec<_>>().join(" ");
        writeln!(known, "{address} {key}").expect("a string takes all");
        let host_key = HostKey { secret: read(&file)?, public };
        archives.push(personal::archive(machine, &hosts(plan, machine), &host_key, &box_key));
    }
    let path = folder.join("known_hosts");
    fs::write(&path, known).map_err(StateError::file("write", &path))?;
    Ok(archives)
}

/// A key could not be made or read.
#[derive(Debug, thiserror::Error)]
pub(super) enum KeyError {
    #[error(transparent)]
    Tool(#[from] ToolError),
    #[error(transparent)]
    State(#[from] StateError),
}

impl From<KeyError> for super::UpError {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::Tool(error) => error.into(),
            KeyError::State(error) => error.into(),
        }
    }
}

/// A key that an earlier run made is kept: machines that it installed know it.
fn make_key(file: &Path, comment: &str) -> Result<String, KeyError> {
    let public = file.with_extension("pub");
    if public.exists() {
        return Ok(fs::read_to_string(&public).map_err(StateError::file("read", &public))?);
    }
    Tool::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-C", comment, "-f"]).arg(file).run()?;
    Ok(fs::read_to_string(&public).map_err(StateError::file("read", &public))?)
}

/// The lines of `/etc/hosts` for all machines but `own`.
fn hosts(plan: &BoxPlan, own: &Machine) -> String {
    let others = plan.machines.iter().filter(|machine| machine.name != own.name);
    others.fold(String::new(), |mut text, machine| {
        let short = machine.hostname.split('.').next().unwrap_or_default();
        let name = if short == machine.hostname { String::new() } else { format!(" {short}") };
        writeln!(text, "{} {}{name}", address(plan, machine), machine.hostname).expect("a string takes all");
        text
    })
}

/// The machines as QEMU is told them.
pub(super) fn vms(plan: &BoxPlan, footprint: &Footprint, dirs: &BoxDirs) -> Vec<Vm> {
    let pairs = plan.machines.iter().zip(&footprint.machines).enumerate();
    let vm = |(m, (machine, allotment)): (usize, (&Machine, &crate::plan::Allotment))| Vm {
        name: machine.name.clone(),
        folder: dirs.machine(&plan.id, &machine.name),
        memory_mib: allotment.memory_mib,
        firmware: machine.firmware,
        disks: machine
            .disks
            .iter()
            .zip(&allotment.disks_mib)
            .map(|(disk, &size_mib)| VmDisk {
                file: dirs.disks(&plan.id).join(format!("{}-{}.img", machine.name, disk.name)),
                serial: disk.serial.clone(),
                size_mib,
                boots: disk.install,
            })
            .collect(),
        program: machine.firmware.board().map(|_| pi::program(&dirs.machine(&plan.id, &machine.name))),
        cards: machine.interfaces.iter().enumerate().map(|(c, card)| (tap_name(m, c), card.mac)).collect(),
    };
    pairs.map(vm).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::tests::plan;

    #[test]
    fn hosts_are_the_others() {
        let plan = plan(3);
        assert_eq!(
            hosts(&plan, &plan.machines[1]),
            "10.77.0.11 node1.lab.example node1\n10.77.0.13 node3.lab.example node3\n"
        );
    }

    #[test]
    fn the_state_names_everything_before_it_is_made() {
        let state = state(&plan(2));
        assert_eq!(state.phase, Phase::Starting);
        assert_eq!(state.machines[1].address, Ipv4Addr::new(10, 77, 0, 12));
        assert_eq!(state.machines[1].process, None);
    }
}
