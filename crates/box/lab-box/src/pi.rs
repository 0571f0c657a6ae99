//! A Raspberry Pi in the box: the folder that its firmware is served, the conversation that its boot ROM would hold, and
//! the x86 machine that is started with what came of it.
//!
//! The conversation is real, with the box's own netboot service, from the Pi's card address and below its serial number;
//! firmware and device tree are placeholders that nobody executes.

use crate::image::Image;
use crate::net::{Namespace, NetError, bridge_name};
use crate::plan::{Board, BoxPlan, Machine};
use crate::tool::{Tool, ToolError};
use crate::verify::Row;
use crate::vm::Program;
use lab_netboot::pi_client::network::{self, BootError};
use lab_netboot::pi_client::{Model, Pi, Prefix};
use std::fs;
use std::io;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The files of the system for machines without a disk, as they are served.
pub(crate) const ROOT: &str = "root.tar.zst";
const INITRAMFS: &str = "initramfs8";
const INTERFACE: &str = "eth0";
/// How long a Pi waits for an answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// A Raspberry Pi did not boot.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PiError {
    /// The boot ROM would have stopped.
    #[error("its boot ROM stops")]
    Boot(#[source] BootError),
    /// A file that its configuration names is not served.
    #[error("`{0}` is not served")]
    Absent(String),
    /// Its place in the network could not be made.
    #[error(transparent)]
    Net(#[from] NetError),
    /// A program failed.
    #[error(transparent)]
    Tool(#[from] ToolError),
    /// A file could not be written.
    #[error("cannot write {}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

impl PiError {
    fn file(path: &Path) -> impl FnOnce(io::Error) -> PiError {
        move |source| PiError::File { path: path.to_owned(), source }
    }
}

/// The name of the folder that the service serves a Pi.
pub(crate) fn folder_name(machine: &Machine) -> String {
    format!("pi-{}", machine.name)
}

/// Where that folder lies.
pub(crate) fn folder(disks: &Path, machine: &Machine) -> PathBuf {
    disks.join(folder_name(machine))
}

/// What the stand-in is started with, once it was fetched.
pub(crate) fn program(machine_folder: &Path) -> Program {
    Program {
        kernel: machine_folder.join("kernel"),
        initrd: machine_folder.join("initrd"),
        command_line: machine_folder.join("cmdline"),
    }
}

fn client(machine: &Machine, board: Board) -> Pi {
    let model = match board.generation {
        3 => Model::Pi3,
        5 => Model::Pi5,
        _ => Model::Pi4,
    };
    let mac = machine.interfaces.first().expect("the plan has no faults").mac;
    Pi { model, mac, serial: board.serial, prefix: Prefix::Serial }
}

fn kernel_name(pi: &Pi) -> &'static str {
    pi.boot_files().last().expect("a Pi boots a kernel").name
}

/// Writes the folder for `machine`: every file that its generation asks for. `server` is the netboot service, `personal`
/// what makes the system this machine's own.
pub(crate) fn write_folder(
    disks: &Path,
    machine: &Machine,
    server: Ipv4Addr,
    image: &Image,
    personal: &[u8],
) -> Result<(), PiError> {
    let Some(board) = machine.firmware.board() else { return Ok(()) };
    let (pi, folder) = (client(machine, board), folder(disks, machine));
    fs::create_dir_all(&folder).map_err(PiError::file(&folder))?;
    let kernel = kernel_name(&pi);
    let names = pi.boot_files().iter().chain(pi.first_files()).map(|file| file.name);
    for name in names.chain(pi.prefix_files().iter().copied()) {
        let text = match name {
            "config.txt" => format!("arm_64bit=1\nkernel={kernel}\ninitramfs {INITRAMFS} followkernel\n"),
            "cmdline.txt" => command_line(&pi, server, image),
            "bootsig.bin" => continue,
            other => format!("{other} of a Raspberry Pi would be here; nothing executes it\n"),
        };
        let path = folder.join(name);
        if name != kernel {
            fs::write(&path, text).map_err(PiError::file(&path))?;
        }
    }
    let path = folder.join(kernel);
    fs::copy(&image.kernel, &path).map_err(PiError::file(&path))?;
    let mut initramfs = fs::read(&image.initrd).map_err(PiError::file(&image.initrd))?;
    initramfs.extend_from_slice(personal);
    let path = folder.join(INITRAMFS);
    fs::write(&path, initramfs).map_err(PiError::file(&path))
}

fn command_line(pi: &Pi, server: Ipv4Addr, image: &Image) -> String {
    format!(
        "quiet loglevel=3 console=ttyS0 net.ifnames=0 mitigations=off random.trust_cpu=on lw.mode=live \
         lw.mac={} lw.image=http://{server}/{ROOT} lw.sha256={} lw.size={}\n",
        pi.mac, image.root_sha256, image.size_bytes
    )
}

/// Holds the conversation of the machine at `index` and leaves what was fetched in `machine_folder`. A row tells what the
/// boot ROM was given.
pub(crate) fn boot(
    plan: &BoxPlan,
    index: usize,
    machine_folder: &Path,
    namespace: &Namespace,
) -> Result<Vec<Row>, PiError> {
    let machine = &plan.machines[index];
    let board = machine.firmware.board().expect("only Raspberry Pis come here");
    let pi = client(machine, board);
    let place = Namespace::of_machine(&plan.id, &machine.name);
    place.remove()?;
    plug_in(plan, index, namespace, &place)?;
    let booted = place.enter(|| fetch(&pi, &place, machine_folder));
    place.remove()?;
    let (address, files) = booted??;
    Ok(vec![Row {
        machine: machine.name.clone(),
        fact: "boot ROM".to_owned(),
        asked: format!("Raspberry Pi {}, serial {:08x}", board.generation, board.serial),
        observed: format!("takes {address}, fetches {files} files"),
        ok: true,
    }])
}

/// A cable from the Pi's place to its network.
fn plug_in(plan: &BoxPlan, index: usize, namespace: &Namespace, place: &Namespace) -> Result<(), PiError> {
    let card = plan.machines[index].interfaces.first().expect("the plan has no faults");
    let network = plan.networks.iter().position(|network| network.name == card.network);
    let bridge = bridge_name(network.expect("the plan has no faults"));
    Tool::new("ip").args(["netns", "add", place.name()]).run()?;
    let commands = format!(
        "link add pi{index} type veth peer name {INTERFACE} address {} netns {}\nlink set pi{index} master {bridge} up\n",
        card.mac,
        place.name()
    );
    Tool::new("ip").args(["-n", namespace.name(), "-batch", "-"]).input(commands).run()?;
    let up = format!("link set lo up\nlink set {INTERFACE} up\n");
    Tool::new("ip").args(["-n", place.name(), "-batch", "-"]).input(up).run()?;
    Ok(())
}

/// As the boot ROM and the firmware after it: an address, the files up to the kernel, then what `config.txt` names.
fn fetch(pi: &Pi, place: &Namespace, folder: &Path) -> Result<(Ipv4Addr, usize), PiError> {
    let set_address = |offer: &lab_netboot::pi_client::Offer| {
        let address = format!("{}/{}", offer.address, offer.prefix_len);
        let tool = Tool::new("ip").args(["-n", place.name(), "addr", "add", &address, "dev", INTERFACE]);
        tool.run().map(drop).map_err(io::Error::other)
    };
    let booted = network::boot(pi, INTERFACE, PATIENCE, set_address).map_err(PiError::Boot)?;
    let program = program(folder);
    let wanted = [
        (kernel_name(pi), &program.kernel),
        (INITRAMFS, &program.initrd),
        ("cmdline.txt", &program.command_line),
    ];
    for (name, file) in wanted {
        let name = format!("{}{name}", pi.prefix_text());
        let bytes = network::read(booted.offer.tftp, &name, PATIENCE).map_err(PiError::Boot)?;
        fs::write(file, bytes.ok_or(PiError::Absent(name))?).map_err(PiError::file(file))?;
    }
    let n_there = booted.files.iter().filter(|(_, length)| length.is_some()).count();
    // The initial file system is what config.txt adds.
    Ok((booted.offer.address, n_there + 1))
}
