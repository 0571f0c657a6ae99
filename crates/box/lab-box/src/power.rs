//! The power of the box's machines, by QEMU's machine protocol: a driver of [`lab_driver::Power`] like those of real machines.
//!
//! A QEMU process goes on while its machine is off: the machine is held at its first instruction. So its disks, cards and serial line
//! stay what they are, and `down` finds it as before. A process that ended is no matter of the switch: `up` starts it anew.

use crate::qmp::{Qmp, QmpError};
use crate::state::{BoxDirs, StateError};
use crate::{light, vm};
use lab_driver::{BootDevice, Power, PowerError};
use serde_json::json;
use std::path::{Path, PathBuf};

/// Boot order of the system's disk: lower is earlier.
pub(crate) const DISK: u8 = 1;
/// Boot order of the first card, when the disk comes first.
pub(crate) const CARD_AFTER: u8 = 2;
/// Boot order of the first card, when the network comes first.
const CARD_BEFORE: u8 = 0;
/// QEMU's path of the first card.
const CARD: &str = "/machine/peripheral/card0";

/// QEMU's words for a machine that has no power: stopped by us, or not started yet.
const OFF: [&str; 3] = ["paused", "prelaunch", "shutdown"];

/// A machine whose power cannot be switched.
#[derive(Debug, thiserror::Error)]
pub enum SwitchError {
    /// There is no such box or machine.
    #[error(transparent)]
    State(#[from] StateError),
    /// It is a namespace.
    #[error("{machine} is a namespace, which has no power to switch")]
    Namespace {
        /// The machine.
        machine: String,
    },
    /// Its QEMU does not answer.
    #[error("the QEMU of {machine} does not answer; the next `up` starts what has ended")]
    Qemu {
        /// The machine.
        machine: String,
        /// Why.
        #[source]
        source: QmpError,
    },
}

/// The power switch of a virtual machine. QEMU talks to one at a time, so each move connects anew and leaves at once.
pub struct QemuPower {
    socket: PathBuf,
}

impl QemuPower {
    /// The switch of machine `machine` of box `id`.
    ///
    /// # Errors
    /// There is no such machine, or its QEMU does not run.
    pub fn of(dirs: &BoxDirs, id: &str, machine: &str) -> Result<QemuPower, SwitchError> {
        let state = dirs.load(id)?;
        if light::command(id, state.machine(machine)?).is_some() {
            return Err(SwitchError::Namespace { machine: machine.to_owned() });
        }
        let mut switch = QemuPower::at(&dirs.machine(id, machine));
        match switch.word() {
            Ok(_) => Ok(switch),
            Err(source) => Err(SwitchError::Qemu { machine: machine.to_owned(), source }),
        }
    }

    /// The switch of the machine with this folder.
    pub(crate) fn at(folder: &Path) -> QemuPower {
        QemuPower { socket: vm::qmp_socket(folder) }
    }

    /// A word for people: `running`, `off`, or QEMU's own for a machine that stands still for another reason.
    pub(crate) fn word(&mut self) -> Result<String, QmpError> {
        let state = Qmp::connect(&self.socket)?.run_state()?;
        Ok(if OFF.contains(&state.as_str()) { "off".to_owned() } else { state })
    }

    fn commands(&self, commands: &[&str]) -> Result<(), PowerError> {
        let mut qmp = Qmp::connect(&self.socket).map_err(failed)?;
        commands.iter().try_for_each(|command| qmp.execute(command).map(drop)).map_err(failed)
    }
}

fn failed(error: QmpError) -> PowerError {
    PowerError::Failed(Box::new(error))
}

impl Power for QemuPower {
    fn is_on(&mut self) -> Result<bool, PowerError> {
        self.word().map(|word| word != "off").map_err(failed)
    }

    /// Reset first: the firmware is told at a reset what it tries first, and that may have been said since.
    fn on(&mut self) -> Result<(), PowerError> {
        if self.is_on()? {
            return Ok(());
        }
        self.commands(&["system_reset", "cont"])
    }

    /// Held first and reset then: in the other order it would run a little of its firmware.
    fn off(&mut self) -> Result<(), PowerError> {
        self.commands(&["stop", "system_reset"])
    }

    fn boot_first(&mut self, device: BootDevice) -> Result<(), PowerError> {
        let order = match device {
            BootDevice::Disk => CARD_AFTER,
            BootDevice::Network => CARD_BEFORE,
        };
        let card = json!({"path": CARD, "property": "bootindex", "value": order});
        let mut qmp = Qmp::connect(&self.socket).map_err(failed)?;
        qmp.execute_with("qom-set", &card).map(drop).map_err(failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tool;
    use lab_driver::conformance;
    use std::process::{Command, Stdio};

    /// A real QEMU without anything to boot; it ends with the value.
    struct Empty {
        child: std::process::Child,
        folder: tempfile::TempDir,
    }

    impl Empty {
        fn start() -> Option<Empty> {
            let folder = tempfile::tempdir().unwrap();
            let socket = format!("unix:{},server=on,wait=off", vm::qmp_socket(folder.path()).display());
            let child = Command::new(tool::find("qemu-system-x86_64")?)
                .args(["-accel", "tcg", "-m", "64", "-nodefaults", "-no-user-config", "-display", "none"])
                .args([
                    "-netdev",
                    "hubport,id=n0,hubid=0",
                    "-device",
                    "virtio-net-pci,id=card0,netdev=n0,bootindex=2",
                ])
                .args(["-qmp", &socket])
                .stdin(Stdio::null())
                .spawn()
                .unwrap();
            Some(Empty { child, folder })
        }

        /// Its switch, once QEMU listens.
        fn switch(&mut self) -> QemuPower {
            let mut switch = QemuPower::at(self.folder.path());
            while let Err(error) = switch.word() {
                assert!(matches!(error, QmpError::Io(_)), "{error}");
                assert!(self.child.try_wait().unwrap().is_none(), "QEMU ended");
                std::thread::yield_now();
            }
            switch
        }
    }

    impl Drop for Empty {
        fn drop(&mut self) {
            drop(self.child.kill());
            drop(self.child.wait());
        }
    }

    #[test]
    fn a_real_qemu_holds_to_the_contract() {
        let Some(mut machine) = Empty::start() else {
            lab_testkit::leave_out("qemu-system-x86_64");
            return;
        };
        let mut switch = machine.switch();
        assert_eq!(conformance::power_faults(&mut switch), Vec::<String>::new());
        let socket = switch.socket.clone();
        let order = || {
            let card = json!({"path": CARD, "property": "bootindex"});
            Qmp::connect(&socket).unwrap().execute_with("qom-get", &card).unwrap()
        };
        assert_eq!(order(), CARD_AFTER);
        switch.boot_first(BootDevice::Network).unwrap();
        assert_eq!(order(), CARD_BEFORE);
        switch.off().unwrap();
        assert_eq!(switch.word().unwrap(), "off");
    }

    #[test]
    fn a_machine_that_is_not_there_has_no_switch() {
        let folder = tempfile::tempdir().unwrap();
        let dirs = BoxDirs { state: folder.path().to_owned(), cache: folder.path().to_owned() };
        assert!(matches!(
            QemuPower::of(&dirs, "lab", "node1"),
            Err(SwitchError::State(StateError::Absent { .. }))
        ));
    }
}
