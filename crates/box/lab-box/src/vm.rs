//! One QEMU process a machine: its command line, its start inside the box's namespace, and which accelerator works.

use crate::image::Image;
use crate::net::Namespace;
use crate::plan::Firmware;
use crate::power::{CARD_AFTER, DISK};
use crate::process::Process;
use crate::tool;
use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
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

impl VmError {
    fn file(path: &Path) -> impl FnOnce(std::io::Error) -> VmError {
        move |source| VmError::File { path: path.to_owned(), source }
    }
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
    /// KVM when a guest really comes up with it, else TCG. `/dev/kvm` existing proves little, and so does a guest of a few
    /// instructions: in some virtual machines one runs and the first boot ROM stops. So the image's own kernel is
    /// started behind firmware and boot ROM, for six seconds at most.
    /// The answer is kept in `cache` until the machine starts anew.
    pub(crate) fn probe(scratch: &Path, cache: &Path, image: &Image) -> Accelerator {
        if OpenOptions::new().read(true).write(true).open("/dev/kvm").is_err() {
            return Accelerator::Tcg;
        }
        let kept = cache.join("accelerator");
        let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
        let answer = |word: &str| format!("{} {word}\n", boot.trim());
        match fs::read_to_string(&kept) {
            Ok(text) if text == answer("kvm") => return Accelerator::Kvm,
            Ok(text) if text == answer("tcg") => return Accelerator::Tcg,
            _ => {}
        }
        let works = runs("kvm", scratch, image, Duration::from_secs(6));
        // Without it the next run tries again.
        drop(fs::write(kept, answer(if works { "kvm" } else { "tcg" })));
        if works { Accelerator::Kvm } else { Accelerator::Tcg }
    }

    fn arguments(self) -> [&'static str; 4] {
        match self {
            Accelerator::Kvm => ["-accel", "kvm", "-cpu", "host"],
            Accelerator::Tcg => ["-accel", "tcg,thread=multi,tb-size=128", "-cpu", "max"],
        }
    }
}

/// What the installer's first program says when it starts and has nothing to do.
const PROOF: &str = "LW:probe";
/// What QEMU says when KVM cannot go on; the process stays.
const KVM_FAULT: &str = "KVM internal error";

/// Whether a guest comes as far as the installer's first program.
fn runs(accelerator: &str, scratch: &Path, image: &Image, limit: Duration) -> bool {
    let (serial, said) = (scratch.join("probe.log"), scratch.join("probe.err"));
    let Some(mut child) = probe_guest(accelerator, &serial, &said, image) else { return false };
    let until = Instant::now() + limit;
    let has = |file: &Path, text: &str| fs::read_to_string(file).is_ok_and(|read| read.contains(text));
    let proved = loop {
        if has(&serial, PROOF) {
            break true;
        }
        if has(&said, KVM_FAULT) || !matches!(child.try_wait(), Ok(None)) || Instant::now() > until {
            break false;
        }
        sleep(Duration::from_millis(20));
    };
    // It may have ended by itself. Waiting keeps no dead process behind; what is left of the files lies in the box's
    // own folder and goes with it.
    drop(child.kill());
    drop(child.wait());
    drop(fs::remove_file(serial));
    drop(fs::remove_file(said));
    proved
}

fn probe_guest(accelerator: &str, serial: &Path, said: &Path, image: &Image) -> Option<Child> {
    tool::command(tool::find(QEMU)?)
        .args(["-machine", "q35", "-accel", accelerator, "-m", "256", "-nodefaults", "-display", "none"])
        .args(["-no-user-config", "-netdev", "hubport,id=n,hubid=0", "-device", "virtio-net-pci,netdev=n"])
        .args(["-append", "quiet console=ttyS0 lw.mode=probe", "-serial", &format!("file:{}", comma(serial))])
        .arg("-kernel")
        .arg(&image.kernel)
        .arg("-initrd")
        .arg(&image.initrd)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(File::create(said).ok()?)
        .spawn()
        .ok()
}

/// What QEMU said that means the machine stands still for good, if it did.
pub(crate) fn fatal_word(folder: &Path) -> Option<String> {
    let said = fs::read_to_string(qemu_log(folder)).ok()?;
    said.lines().find(|line| line.contains(KVM_FAULT)).map(str::to_owned)
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
    /// What it is started with in place of firmware; none: the firmware finds something.
    pub(crate) program: Option<Program>,
}

/// Files that somebody else fetched in the machine's name.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    pub(crate) kernel: PathBuf,
    pub(crate) initrd: PathBuf,
    /// The file with the kernel's command line.
    pub(crate) command_line: PathBuf,
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
    /// Makes all disks empty, and the firmware's memory new.
    pub(crate) fn wipe(&self) -> Result<(), VmError> {
        for disk in &self.disks {
            let made = File::create(&disk.file).and_then(|made| made.set_len(disk.size_mib * 1024 * 1024));
            made.map_err(VmError::file(&disk.file))?;
        }
        if self.firmware == Firmware::Uefi {
            let variables = self.folder.join("vars.fd");
            fs::copy(OVMF_VARIABLES, &variables).map_err(VmError::file(&variables))?;
        }
        Ok(())
    }

    /// Starts QEMU, which lives on when this program ends. Its logs begin anew.
    pub(crate) fn start(&self, namespace: &Namespace, accelerator: Accelerator) -> Result<Process, VmError> {
        // What an earlier QEMU said would be taken for this one's words.
        drop(fs::remove_file(serial_log(&self.folder)));
        let log = qemu_log(&self.folder);
        let said = File::create(&log).map_err(VmError::file(&log))?;
        let start = |source| VmError::Start { machine: self.name.clone(), source };
        // setsid and nsenter replace themselves by QEMU, so that the child's number is QEMU's.
        let child = tool::command(tool::find("setsid").unwrap_or_else(|| "setsid".into()))
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
        if let Some(program) = &self.program {
            let line = fs::read_to_string(&program.command_line).unwrap_or_default();
            add(&[
                "-kernel",
                &program.kernel.to_string_lossy(),
                "-initrd",
                &program.initrd.to_string_lossy(),
            ]);
            add(&["-append", line.trim()]);
        }
        for (i, disk) in self.disks.iter().enumerate() {
            let file = comma(&disk.file);
            let boot = if disk.boots { format!(",bootindex={DISK}") } else { String::new() };
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
            let boots = i == 0 && self.program.is_none();
            let boot = if boots { format!(",bootindex={CARD_AFTER}") } else { String::new() };
            let rom = if i == 0 && self.firmware == Firmware::Bios { "" } else { ",romfile=" };
            add(&["-netdev", &format!("tap,id=n{i},ifname={tap},script=no,downscript=no")]);
            add(&["-device", &format!("virtio-net-pci,id=card{i},netdev=n{i},mac={mac}{boot}{rom}")]);
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
            program: None,
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
    fn a_guest_that_cannot_start_proves_nothing() {
        if tool::find(QEMU).is_none() {
            lab_testkit::leave_out(QEMU);
            return;
        }
        let scratch = tempfile::tempdir().unwrap();
        let missing = scratch.path().join("no-such-file");
        let image = Image {
            kernel: missing.clone(),
            initrd: missing.clone(),
            disk: missing.clone(),
            sha256: String::new(),
            root: missing,
            root_sha256: String::new(),
            size_bytes: 0,
        };
        assert!(!runs("tcg", scratch.path(), &image, Duration::from_secs(60)));
        assert_eq!(fs::read_dir(scratch.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_machine_that_stands_still_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(fatal_word(folder.path()), None);
        fs::write(qemu_log(folder.path()), "warning: x\nKVM internal error. Suberror: 1\nEAX=0\n").unwrap();
        assert_eq!(fatal_word(folder.path()).as_deref(), Some("KVM internal error. Suberror: 1"));
    }
}
