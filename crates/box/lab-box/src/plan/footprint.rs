//! What a plan takes: memory and disk, machine by machine, and whether it fits. Pure arithmetic.

use super::{BoxPlan, Firmware, Machine};
use crate::host::Host;
use std::fmt;

/// Memory that a machine is given at most: the stand-in system needs no more.
const MEMORY_MAX_MIB: u64 = 512;
/// Memory below which the installer fails: the compressed image lies in memory while it is checked.
pub(crate) const MEMORY_MIN_MIB: u64 = 320;
/// Memory of a machine without a disk, whose system lies in memory, packed and unpacked for a moment.
const MEMORY_LIVE_MIB: u64 = 768;
/// What a QEMU process takes beside its guest's memory: translated code and its own heap, measured 110 to 150.
pub(crate) const QEMU_MIB: u64 = 160;
/// Memory left to everything else on the host.
const RESERVE_MIB: u64 = 512;
/// Largest system disk; sparse, so only what is written counts.
const SYSTEM_DISK_MAX_MIB: u64 = 4096;
/// Smallest system disk that holds the image.
const SYSTEM_DISK_MIN_MIB: u64 = 1024;
/// Largest other disk.
const DATA_DISK_MAX_MIB: u64 = 1024;
/// What an installation really writes to a system disk, with logs and room for some use.
pub(crate) const WRITTEN_MIB: u64 = 450;
/// What building the image takes: tree, temporary file systems, result.
const IMAGE_MIB: u64 = 1600;

/// What one machine is given in the box.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allotment {
    /// The machine.
    pub machine: String,
    /// Memory of the guest.
    pub memory_mib: u64,
    /// Size of each disk, in the order of the plan.
    pub disks_mib: Vec<u64>,
}

/// What the whole box takes and what it replaces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Footprint {
    /// Machine by machine, in the order of the plan.
    pub machines: Vec<Allotment>,
    /// Memory of all machines with what their emulators take.
    pub memory_mib: u64,
    /// Disk space at most, with the image's building when it is not cached.
    pub disk_mib: u64,
    /// What stands in for what, in words.
    pub stand_ins: Vec<String>,
}

/// Why a plan does not fit on this machine.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Misfit {
    /// Too little memory even with the least that each machine can have.
    #[error(
        "{machines} machines need {needed} MiB of memory at least, {available} MiB are free; choose fewer with `--only`"
    )]
    Memory {
        /// How many machines.
        machines: usize,
        /// What they need, with what is left to the host.
        needed: u64,
        /// What is free.
        available: u64,
    },
    /// Too little disk space.
    #[error("{needed} MiB of disk space are needed, {available} MiB are free in {folder}")]
    Disk {
        /// Needed.
        needed: u64,
        /// Free.
        available: u64,
        /// Where.
        folder: String,
    },
}

/// Reckons what `plan` takes on `host`. `image_cached` tells that the image need not be built.
///
/// # Errors
/// [`Misfit`] when there is too little memory or disk space.
pub fn footprint(plan: &BoxPlan, host: &Host, image_cached: bool) -> Result<Footprint, Misfit> {
    let n = plan.machines.len() as u64;
    let boards = plan.machines.iter().filter(|machine| machine.firmware.board().is_some()).count() as u64;
    let reserve = RESERVE_MIB + boards * (MEMORY_LIVE_MIB - MEMORY_MIN_MIB);
    let each = host.memory_mib.saturating_sub(reserve).checked_div(n).unwrap_or(0).saturating_sub(QEMU_MIB);
    if each < MEMORY_MIN_MIB {
        let needed = n * (MEMORY_MIN_MIB + QEMU_MIB) + reserve;
        return Err(Misfit::Memory { machines: plan.machines.len(), needed, available: host.memory_mib });
    }
    let machines: Vec<Allotment> = plan.machines.iter().map(|machine| allot(machine, each)).collect();
    let disk_mib = n * WRITTEN_MIB + if image_cached { 0 } else { IMAGE_MIB };
    if disk_mib > host.disk_mib {
        let folder = host.disk_folder.display().to_string();
        return Err(Misfit::Disk { needed: disk_mib, available: host.disk_mib, folder });
    }
    let memory_mib = machines.iter().map(|allotment| allotment.memory_mib + QEMU_MIB).sum();
    let stand_ins = plan.stand_ins.iter().cloned().chain(reductions(plan, &machines)).collect();
    Ok(Footprint { machines, memory_mib, disk_mib, stand_ins })
}

fn allot(machine: &Machine, each: u64) -> Allotment {
    let disks_mib = machine.disks.iter().map(|disk| {
        if disk.install {
            disk.size_mib.clamp(SYSTEM_DISK_MIN_MIB, SYSTEM_DISK_MAX_MIB)
        } else {
            disk.size_mib.clamp(1, DATA_DISK_MAX_MIB)
        }
    });
    Allotment {
        machine: machine.name.clone(),
        memory_mib: match machine.firmware {
            Firmware::RaspberryPi(_) => MEMORY_LIVE_MIB,
            _ => machine.memory_mib.clamp(MEMORY_MIN_MIB, MEMORY_MAX_MIB).min(each),
        },
        disks_mib: disks_mib.collect(),
    }
}

fn reductions(plan: &BoxPlan, allotted: &[Allotment]) -> Vec<String> {
    let mut texts = Vec::new();
    let pairs = || plan.machines.iter().zip(allotted);
    let memory = Span::of(pairs().filter(|(m, a)| m.memory_mib > a.memory_mib).map(|(m, _)| m.memory_mib));
    if let Some(described) = memory {
        let given = Span::of(allotted.iter().map(|a| a.memory_mib)).expect("a machine was reduced");
        texts.push(format!("memory: {given} in place of the described {described}"));
    }
    let disks = || {
        pairs().flat_map(|(m, a)| m.disks.iter().zip(&a.disks_mib)).filter(|(d, given)| d.size_mib > **given)
    };
    if let Some(described) = Span::of(disks().map(|(disk, _)| disk.size_mib)) {
        let given = Span::of(disks().map(|(_, given)| *given)).expect("a disk was reduced");
        texts.push(format!("disks: {given}, sparse, in place of the described {described}"));
    }
    let uefi = plan.machines.iter().filter(|machine| machine.firmware == Firmware::Uefi).count();
    let boards = plan.machines.iter().filter(|machine| machine.firmware.board().is_some()).count();
    let bios = plan.machines.len() - uefi - boards;
    texts.push(match (bios, uefi) {
        (0, 0) => "firmware: what a Raspberry Pi's asks for is asked for in its name".to_owned(),
        (_, 0) => "firmware: SeaBIOS with iPXE in the card's ROM".to_owned(),
        (0, _) => "firmware: OVMF, then iPXE".to_owned(),
        _ => format!("firmware: SeaBIOS on {bios}, OVMF on {uefi}"),
    });
    texts.push(
        "system: a Debian 12 of apt's minimum with OpenSSH; BusyBox is its init, not systemd".to_owned(),
    );
    texts
}

/// Smallest and largest of some sizes, printed as one size or as a range.
struct Span {
    least: u64,
    most: u64,
}

impl Span {
    fn of(sizes: impl Iterator<Item = u64>) -> Option<Span> {
        sizes.fold(None, |span, size| {
            let Span { least, most } = span.unwrap_or(Span { least: size, most: size });
            Some(Span { least: least.min(size), most: most.max(size) })
        })
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.least == self.most {
            return write!(f, "{}", Size(self.least));
        }
        write!(f, "{} to {}", Size(self.least), Size(self.most))
    }
}

/// MiB, printed in the unit in which it is a round number.
struct Size(u64);

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            mib if mib >= 1024 * 1024 && mib % (1024 * 1024) == 0 => write!(f, "{} TiB", mib / 1024 / 1024),
            mib if mib >= 10 * 1024 || mib % 1024 == 0 => write!(f, "{} GiB", mib / 1024),
            mib => write!(f, "{mib} MiB"),
        }
    }
}
