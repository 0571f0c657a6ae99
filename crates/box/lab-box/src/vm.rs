//! One QEMU process a machine: its command line, its start inside the box's namespace, and which accelerator works.

use crate::net::Namespace;
use crate::plan::Firmware;
use crate::process::Process;
use crate::tool;
use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

const QEMU: &str = "qemu-system-x86_64";
const OVMF_CODE: &str = "/usr/share/OVMF/OVMF_CODE_4M.fd";
const OVMF_VARIABLES: &str = "/usr/share/OVMF/OVMF_VARS_4M.fd";

/// A machine could not be started.
#[derive(Debug, thiserror::Error)]
pub enum VmError {
    /// A file could not be made.
    #[error("cannot make {}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// QEMU could not be started.
    #[error("cannot start QEMU for {machine}")]
    Start {
        /// The machine.
        machine: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

/// Who executes the machines' instructions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accelerator {
    /// The processor itself.
    Kvm,
    /// QEMU's translator; works everywhere, some ten times slower.
    Tcg,
}

impl Accelerator {
    /// KVM when a guest really runs with it, else TCG. `/dev/kvm` existing proves nothing: in some virtual machines a
    /// guest hangs on it, so a guest of three instructions is tried, for two seconds at most.
    pub fn probe(scratch: &Path) -> Accelerator {
        let opens = OpenOptions::new().read(true).write(true).open("/dev/kvm").is_ok();
        if opens && runs("kvm", scratch) { Accelerator::Kvm } else { Accelerator::Tcg }
    }

    fn arguments(self) -> [&'static str; 4] {
        match self {
            Accelerator::Kvm => ["-accel", "kvm", "-cpu", "host"],
            Accelerator::Tcg => ["-accel", "tcg,thread=multi,tb-size=128", "-cpu", "max"],
        }
    }
}

/// What the tiny guest writes to QEMU's exit port.
const EXIT_VALUE: u8 = 0x31;

/// A ROM whose reset vector (its last 16 bytes) tells QEMU to exit: `mov al, 0x31; out 0xf4, al; hlt`.
fn tiny_rom() -> Vec<u8> {
    let mut rom = vec![0; 64 * 1024];
    let reset = rom.len() - 16;
    rom[reset..reset + 5].copy_from_slice(&[0xb0, EXIT_VALUE, 0xe6, 0xf4, 0xf4]);
    rom
}

fn runs(accelerator: &str, scratch: &Path) -> bool {
    let rom = scratch.join("probe.rom");
    if fs::write(&rom, tiny_rom()).is_err() {
        return false;
    }
    let ended = tiny_guest(accelerator, &rom);
    // A file that is left lies in the box's own folder and goes with it.
    drop(fs::remove_file(rom));
    // isa-debug-exit ends QEMU with twice the value plus one.
    ended == Some(i32::from(EXIT_VALUE) * 2 + 1)
}

fn tiny_guest(accelerator: &str, rom: &Path) -> Option<i32> {
    let mut child = Command::new(tool::find(QEMU)?)
        .args(["-machine", "pc", "-accel", accelerator, "-m", "16", "-nodefaults", "-display", "none"])
        .args(["-no-user-config", "-device", "isa-debug-exit,iobase=0xf4,iosize=0x04", "-bios"])
        .arg(rom)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let limit = Instant::now() + Duration::from_secs(2);
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return status.code(),
            Ok(None) if Instant::now() < limit => sleep(Duration::from_millis(20)),
            _ => {
                // It hangs; that is the answer. Waiting keeps no dead process behind.
                drop(child.kill());
                drop(child.wait());
                return None;
            }
        }
    }
}

/// A machine as QEMU is told it.
#[derive(Clone, Debug)]
pub(crate) struct Vm {
    pub(crate) name: String,
    /// Folder for its sockets, logs and firmware variables.
    pub(crate) folder: PathBuf,
    pub(crate) memory_mib: u64,
    pub(crate) firmware: Firmware,
    pub(crate) disks: Vec<VmDisk>,
    /// Tap and address of each card; the first boots.
    pub(crate) cards: Vec<(String, lab_netboot::Mac)>,
}

/// A disk of a machine.
#[derive(Clone, Debug)]
pub(crate) struct VmDisk {
    pub(crate) file: PathBuf,
    pub(crate) serial: String,
    pub(crate) size_mib: u64,
    pub(crate) boots: bool,
}

/// The serial line's log in a machine's folder.
pub(crate) fn serial_log(folder: &Path) -> PathBuf {
    folder.join("serial.log")
}

/// The serial line itself.
pub(crate) fn console_socket(folder: &Path) -> PathBuf {
    folder.join("console.sock")
}

/// The socket for QMP.
pub(crate) fn qmp_socket(folder: &Path) -> PathBuf {
    folder.join("qmp.sock")
}

/// What QEMU itself says.
pub(crate) fn qemu_log(folder: &Path) -> PathBuf {
    folder.join("qemu.log")
}

impl Vm {
    /// Makes the empty disks and starts QEMU, which lives on when this program ends.
    pub(crate) fn start(&self, namespace: &Namespace, accelerator: Accelerator) -> Result<Process, VmError> {
        let file = |path: &Path, source| VmError::File { path: path.to_owned(), source };
        for disk in &self.disks {
            let made = File::create(&disk.file).and_then(|made| made.set_len(disk.size_mib * 1024 * 1024));
            made.map_err(|source| file(&disk.file, source))?;
        }
        if self.firmware == Firmware::Uefi {
            let variables = self.folder.join("vars.fd");
            fs::copy(OVMF_VARIABLES, &variables).map_err(|source| file(&variables, source))?;
        }
        let log = qemu_log(&self.folder);
        let said = File::create(&log).map_err(|source| file(&log, source))?;
        let start = |source| VmError::Start { machine: self.name.clone(), source };
        // setsid and nsenter replace themselves by QEMU, so that the child's number is QEMU's.
        let child = Command::new(tool::find("setsid").unwrap_or_else(|| "setsid".into()))
            .arg("nsenter")
            .arg(format!("--net={}", namespace.path().display()))
            .arg(tool::find(QEMU).unwrap_or_else(|| QEMU.into()))
            .args(self.arguments(accelerator))
            .stdin(Stdio::null())
            .stdout(said.try_clone().map_err(start)?)
            .stderr(said)
            .spawn()
            .map_err(start)?;
        let ended = std::io::Error::other("it ended at once");
        Process::of(child.id().cast_signed()).ok_or_else(|| start(ended))
    }

    fn arguments(&self, accelerator: Accelerator) -> Vec<String> {
        let mut list: Vec<String> = ["-name", &self.name, "-machine", "q35"].map(str::to_owned).to_vec();
        let mut add = |arguments: &[&str]| list.extend(arguments.iter().map(|&argument| argument.to_owned()));
        add(&accelerator.arguments());
        add(&["-smp", "1", "-m", &self.memory_mib.to_string()]);
        add(&["-nodefaults", "-no-user-config", "-display", "none"]);
        if self.firmware == Firmware::Uefi {
            let variables = comma(&self.folder.join("vars.fd"));
            add(&["-drive", &format!("if=pflash,format=raw,unit=0,readonly=on,file={OVMF_CODE}")]);
            add(&["-drive", &format!("if=pflash,format=raw,unit=1,file={variables}")]);
            add(&["-fw_cfg", "name=opt/org.tianocore/IPv6PXESupport,string=n"]);
        }
        for (i, disk) in self.disks.iter().enumerate() {
            let file = comma(&disk.file);
            let boot = if disk.boots { ",bootindex=1" } else { "" };
            add(&[
                "-drive",
                &format!(
                    "if=none,id=d{i},file={file},format=raw,cache=unsafe,discard=unmap,detect-zeroes=unmap"
                ),
                "-device",
                &format!("virtio-blk-pci,drive=d{i},serial={}{boot}", disk.serial),
            ]);
        }
        for (i, (tap, mac)) in self.cards.iter().enumerate() {
            // The first card's own ROM is iPXE; UEFI uses its own driver instead, and other cards do not boot.
            let boot = if i == 0 { ",bootindex=2" } else { "" };
            let rom = if i == 0 && self.firmware == Firmware::Bios { "" } else { ",romfile=" };
            add(&["-netdev", &format!("tap,id=n{i},ifname={tap},script=no,downscript=no")]);
            add(&["-device", &format!("virtio-net-pci,netdev=n{i},mac={mac}{boot}{rom}")]);
        }
        let console = comma(&console_socket(&self.folder));
        let log = comma(&serial_log(&self.folder));
        add(&["-device", "virtio-rng-pci"]);
        add(&["-chardev", &format!("socket,id=s,path={console},server=on,wait=off,logfile={log}")]);
        add(&["-serial", "chardev:s"]);
        add(&["-qmp", &format!("unix:{},server=on,wait=off", comma(&qmp_socket(&self.folder)))]);
        list
    }
}

/// A path as a value in QEMU's lists, where a comma is written twice.
fn comma(path: &Path) -> String {
    path.to_string_lossy().replace(',', ",,")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vm(firmware: Firmware) -> Vm {
        let disk = |name: &str, boots| VmDisk {
            file: PathBuf::from("/disks,x").join(name),
            serial: format!("SN-{name}"),
            size_mib: 64,
            boots,
        };
        let card = |n: u8| (format!("m0c{n}"), lab_netboot::Mac([0x52, 0x54, 0, 0x77, 0, n]));
        Vm {
            name: "node1".into(),
            folder: "/state/m/node1".into(),
            memory_mib: 384,
            firmware,
            disks: vec![disk("system", true), disk("data", false)],
            cards: vec![card(0), card(1)],
        }
    }

    fn line(firmware: Firmware) -> String {
        vm(firmware).arguments(Accelerator::Tcg).join(" ")
    }

    #[test]
    fn the_system_disk_boots_before_the_first_card() {
        let line = line(Firmware::Bios);
        assert!(line.contains("id=d0,file=/disks,,x/system,format=raw"), "{line}");
        assert!(line.contains("virtio-blk-pci,drive=d0,serial=SN-system,bootindex=1 "), "{line}");
        assert!(line.contains("virtio-blk-pci,drive=d1,serial=SN-data -"), "{line}");
        assert!(line.contains("netdev=n0,mac=52:54:00:77:00:00,bootindex=2 "), "{line}");
        assert!(line.contains("netdev=n1,mac=52:54:00:77:00:01,romfile= "), "{line}");
        assert!(!line.contains("pflash"), "{line}");
    }

    #[test]
    fn uefi_machines_use_the_firmwares_own_network_driver() {
        let line = line(Firmware::Uefi);
        assert!(line.contains("mac=52:54:00:77:00:00,bootindex=2,romfile= "), "{line}");
        assert!(line.contains("if=pflash,format=raw,unit=1,file=/state/m/node1/vars.fd"), "{line}");
    }

    #[test]
    fn the_tiny_guest_starts_at_the_reset_vector() {
        let rom = tiny_rom();
        assert_eq!(rom.len(), 65_536);
        assert_eq!(rom[0xfff0..0xfff5], [0xb0, 0x31, 0xe6, 0xf4, 0xf4]);
    }

    #[test]
    fn the_probe_recognises_an_accelerator_that_works() {
        if tool::find(QEMU).is_none() {
            eprintln!("skipped: needs {QEMU}");
            return;
        }
        let scratch = tempfile::tempdir().unwrap();
        assert!(runs("tcg", scratch.path()));
        assert!(!runs("no-such-accelerator", scratch.path()));
        assert_eq!(fs::read_dir(scratch.path()).unwrap().count(), 0);
    }
}
