//! Why a machine does not boot: its timeline read backwards to where it stopped, what that usually means, what to do.
//!
//! A value in, a value out: timelines come from [`crate::history`], words for the terminal are the caller's. What
//! cannot be seen from here (cables, settings of the firmware) is named as a possibility, never as a fact.

mod attempt;
mod cause;
mod near;
#[cfg(test)]
mod tests;

pub use cause::Cause;
pub use near::near;

use crate::boot::choice::{self, Part};
use crate::config::{Boot, Config, Machine};
use crate::mac::Mac;
use crate::permit::Permit;
use crate::timeline::{Entry, Fact};
use attempt::Attempt;
use std::net::Ipv4Addr;
use std::time::{Duration, SystemTime};

/// A machine that did something so short ago may simply not be done.
const PATIENCE: Duration = Duration::from_secs(15);

/// Everything known about the machine in question.
#[derive(Clone, Debug)]
pub struct Patient<'a> {
    /// The service's configuration.
    pub config: &'a Config,
    /// The machine, when it is one of the lab's.
    pub machine: Option<&'a Machine>,
    /// The card that is asked about; for a machine, its first one.
    pub mac: Option<Mac>,
    /// Its permit.
    pub permit: Permit,
    /// What it sent and was answered, oldest first, from all its cards.
    pub entries: &'a [Entry],
    /// Cards that are no machine's and were seen on the wire, each once.
    pub strangers: &'a [Mac],
    /// Other DHCP servers that were seen.
    pub rivals: &'a [Ipv4Addr],
    /// The present time.
    pub now: SystemTime,
}

/// How far a machine came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Nothing was ever heard from it.
    NeverSeen,
    /// It is no machine of the lab. A machine of the lab has nearly the same card.
    NearlyKnown {
        /// That machine.
        machine: String,
        /// And its card in the lab.
        mac: Mac,
    },
    /// It is no machine of the lab.
    Unknown,
    /// It asked, and no address was free, or it is not to be served.
    Refused(String),
    /// It claims another processor or firmware than the machine has.
    WrongKind(String),
    /// It has only been heard as a running system.
    RunsAlready,
    /// It is to boot from its disk, and nothing was offered to boot.
    OwnDisk,
    /// It was offered an address and did not take it.
    NoRequest,
    /// It took another server's offer.
    OtherServer(Ipv4Addr),
    /// It was refused the address it asked for.
    Denied(String),
    /// It has an address and a boot file's name, and never asked for the file.
    NoFetch,
    /// It asked for a file that is not there.
    FileMissing(String),
    /// A TFTP transfer stopped in the middle.
    TftpSilent(String),
    /// The boot program arrived, and nothing came of it. The text says which.
    LoaderDead(String),
    /// The same on UEFI.
    LoaderDeadUefi(String),
    /// iPXE runs and never fetched its script.
    NoScript,
    /// The script told it to boot from its disk.
    ScriptDisk,
    /// It has its script and not the kernel.
    NoKernel,
    /// It has the kernel and not all initial file systems.
    NoInitrd,
    /// It has kernel and initial file systems, and fetched nothing more.
    NoInstaller,
    /// The image, or another large file, broke off.
    Broken(String),
    /// It has the image and told nothing.
    NoReport,
    /// It told that it failed.
    Failed(String),
    /// It told a stage and nothing after it.
    Stage(String),
    /// It was installed.
    Installed,
    /// A Raspberry Pi asked for an address and never for its files.
    PiNoFiles,
    /// A Raspberry Pi has fetched files; the last one is named.
    PiLoading(String),
}

impl Stop {
    /// A word for programs; it never changes.
    pub fn word(&self) -> &'static str {
        match self {
            Stop::NeverSeen => "never-seen",
            Stop::NearlyKnown { .. } => "nearly-known",
            Stop::Unknown => "unknown",
            Stop::Refused(_) => "refused",
            Stop::WrongKind(_) => "wrong-kind",
            Stop::RunsAlready => "runs-already",
            Stop::OwnDisk => "own-disk",
            Stop::NoRequest => "no-request",
            Stop::OtherServer(_) => "other-server",
            Stop::Denied(_) => "denied",
            Stop::NoFetch => "no-fetch",
            Stop::FileMissing(_) => "file-missing",
            Stop::TftpSilent(_) => "tftp-silent",
            Stop::LoaderDead(_) => "loader-dead",
            Stop::LoaderDeadUefi(_) => "loader-dead-uefi",
            Stop::NoScript => "no-script",
            Stop::ScriptDisk => "script-disk",
            Stop::NoKernel => "no-kernel",
            Stop::NoInitrd => "no-initrd",
            Stop::NoInstaller => "no-installer",
            Stop::Broken(_) => "broken",
            Stop::NoReport => "no-report",
            Stop::Failed(_) => "failed",
            Stop::Stage(_) => "stage",
            Stop::Installed => "installed",
            Stop::PiNoFiles => "pi-no-files",
            Stop::PiLoading(_) => "pi-loading",
        }
    }
}

/// What is the matter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnosis {
    /// How far it came.
    pub stop: Stop,
    /// In a sentence.
    pub sentence: String,
    /// What that usually means, the likeliest first.
    pub causes: Vec<Cause>,
    /// True when it did something a moment ago and may simply go on.
    pub is_fresh: bool,
}

/// Finds out where a machine stopped.
pub fn diagnose(patient: &Patient<'_>) -> Diagnosis {
    let stop = stop(patient);
    let last = patient.entries.last().map(|entry| entry.at);
    let is_fresh =
        last.is_some_and(|last| patient.now.duration_since(last).is_ok_and(|passed| passed < PATIENCE));
    Diagnosis { sentence: cause::sentence(&stop), causes: cause::causes(&stop, patient), stop, is_fresh }
}

fn stop(patient: &Patient<'_>) -> Stop {
    let Some(machine) = patient.machine else { return stranger(patient) };
    if patient.entries.is_empty() {
        return match near::among(machine, patient.strangers) {
            Some(mac) => Stop::NearlyKnown { machine: machine.name.clone(), mac },
            None => Stop::NeverSeen,
        };
    }
    let attempt = Attempt::last(patient.entries);
    if !attempt.booted {
        return Stop::RunsAlready;
    }
    let progress = Progress::of(patient.config, machine, &attempt);
    reported(&attempt)
        .or_else(|| progress.installing(&attempt))
        .or_else(|| progress.booting(&attempt, machine))
        .unwrap_or_else(|| address(&attempt, machine))
}

fn stranger(patient: &Patient<'_>) -> Stop {
    let lab = patient.config.machines.iter().flat_map(|m| m.macs.iter().map(move |mac| (*mac, m)));
    match patient.mac.and_then(|mac| near::nearest(mac, lab)) {
        Some((mac, machine)) => Stop::NearlyKnown { machine: machine.name.clone(), mac },
        None if patient.entries.is_empty() => Stop::NeverSeen,
        None => Stop::Unknown,
    }
}

/// What the machine told of itself last.
fn reported(attempt: &Attempt<'_>) -> Option<Stop> {
    let last = attempt.facts().rev().find_map(|fact| match fact {
        Fact::Reported { stage, detail } => Some((stage, detail)),
        _ => None,
    })?;
    Some(match last {
        (stage, _) if stage == "installed" => Stop::Installed,
        (stage, detail) if stage == "failed" => Stop::Failed(detail.clone()),
        (stage, _) => Stop::Stage(stage.clone()),
    })
}

/// Which parts of an installation have arrived whole.
struct Progress {
    loader: Option<String>,
    kernel: bool,
    initrds: usize,
    wanted_initrds: usize,
    has_image: bool,
    image: bool,
}

impl Progress {
    fn of(config: &Config, machine: &Machine, attempt: &Attempt<'_>) -> Progress {
        let (wanted_initrds, has_image) = match &machine.boot {
            Boot::Install(install) => (install.initrds.len(), install.image.is_some()),
            Boot::Disk | Boot::Folder(_) | Boot::Refuse(_) => (0, false),
        };
        let mut progress =
            Progress { loader: None, kernel: false, initrds: 0, wanted_initrds, has_image, image: false };
        for fact in attempt.facts() {
            let Fact::Fetched { file, to, whole, .. } = fact else { continue };
            if to != whole {
                continue;
            }
            match choice::part(config, machine, file) {
                Part::Loader => progress.loader = Some(file.clone()),
                Part::Kernel => progress.kernel = true,
                Part::Initrd => progress.initrds += 1,
                Part::Image => progress.image = true,
                Part::Other => {}
            }
        }
        progress
    }

    /// From the kernel on.
    fn installing(&self, attempt: &Attempt<'_>) -> Option<Stop> {
        if self.image {
            return Some(Stop::NoReport);
        }
        if let Some(Fact::Aborted { file, by: crate::timeline::By::Http }) = attempt.facts().next_back() {
            return Some(Stop::Broken(file.clone()));
        }
        match (self.kernel, self.initrds >= self.wanted_initrds) {
            (true, true) if self.has_image || attempt.script == Some(true) => Some(Stop::NoInstaller),
            (true, false) => Some(Stop::NoInitrd),
            _ => None,
        }
    }

    /// From the boot program to the script.
    fn booting(&self, attempt: &Attempt<'_>, machine: &Machine) -> Option<Stop> {
        if let Boot::Folder(_) = machine.boot {
            return pi(attempt);
        }
        match attempt.script {
            Some(true) => return Some(Stop::NoKernel),
            Some(false) => return Some(Stop::ScriptDisk),
            None => {}
        }
        if let Some(file) = attempt.missing() {
            return Some(Stop::FileMissing(file));
        }
        if attempt.ipxe && attempt.offered_boot {
            return Some(Stop::NoScript);
        }
        match &self.loader {
            Some(file) if attempt.uefi => return Some(Stop::LoaderDeadUefi(file.clone())),
            Some(file) => return Some(Stop::LoaderDead(file.clone())),
            None => {}
        }
        attempt.silent().map(Stop::TftpSilent)
    }
}

fn pi(attempt: &Attempt<'_>) -> Option<Stop> {
    let last = attempt.facts().rev().find_map(|fact| match fact {
        Fact::Fetched { file, .. } => Some(file.clone()),
        _ => None,
    });
    last.map(Stop::PiLoading)
        .or_else(|| attempt.silent().map(Stop::TftpSilent))
        .or_else(|| attempt.offered_boot.then_some(Stop::PiNoFiles))
}

/// Up to the address.
fn address(attempt: &Attempt<'_>, machine: &Machine) -> Stop {
    if let Some(reason) = attempt.refused() {
        let wrong = ["but the machine is", "but it is", "no boot program for", "UEFI HTTP boot needs"];
        return match wrong.iter().any(|part| reason.contains(part)) {
            true => Stop::WrongKind(reason),
            false => Stop::Refused(reason),
        };
    }
    if let Some(server) = attempt.other {
        return Stop::OtherServer(server);
    }
    if let Some(reason) = attempt.denied() {
        return Stop::Denied(reason);
    }
    match (attempt.acked, attempt.offered_boot) {
        (_, false) if attempt.answered => Stop::OwnDisk,
        (false, _) if matches!(machine.boot, Boot::Folder(_)) => Stop::PiNoFiles,
        (false, _) => Stop::NoRequest,
        (true, _) => Stop::NoFetch,
    }
}
