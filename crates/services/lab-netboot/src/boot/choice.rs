//! What one client is given to boot: nothing, a first-stage program, or a URL, with the reason when it is nothing.
//!
//! Rules, in this order: an unknown machine gets nothing; a machine without an open permit gets nothing that could
//! wipe it; a client of the wrong processor gets nothing; iPXE gets its script; UEFI HTTP boot gets its program; the
//! rest gets iPXE.

use super::client::{Client, Firmware};
use super::pi;
use crate::config::{Artefact, Boot, Config, Install, Machine, Processor, Segment};
use crate::mac::Mac;
use crate::permit::Permit;

/// What a client is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// An address only.
    Nothing(Why),
    /// A file by TFTP.
    File(String),
    /// A URL.
    Url(String),
    /// Its own folder, as a Raspberry Pi fetches it: by TFTP and by names of its own.
    Folder(String),
}

/// Why a client is given nothing to boot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// It did not ask for anything.
    NotBooting,
    /// It is no known machine.
    Unknown,
    /// It is to boot from its own disk.
    OwnDisk,
    /// It is not to be served, for this reason.
    Refused(String),
}

/// Base of every URL on a segment, without a last `/`.
pub fn base_url(config: &Config, segment: &Segment) -> String {
    match config.ports.http {
        80 => format!("http://{}", segment.server),
        port => format!("http://{}:{port}", segment.server),
    }
}

/// Path of a machine's script, with the card it was asked for.
pub fn script_path(mac: Mac) -> String {
    format!("boot/{mac}.ipxe")
}

/// Decides for one client.
pub fn choose(
    config: &Config,
    segment: &Segment,
    machine: Option<&Machine>,
    permit: Permit,
    mac: Option<Mac>,
    client: &Client,
) -> Choice {
    if !client.boots() {
        return Choice::Nothing(Why::NotBooting);
    }
    let (Some(machine), Some(mac)) = (machine, mac) else { return Choice::Nothing(Why::Unknown) };
    if let Boot::Folder(folder) = &machine.boot {
        return match client.firmware {
            Firmware::RaspberryPi => Choice::Folder(folder.clone()),
            _ => Choice::Nothing(Why::Refused(format!(
                "it has a Raspberry Pi's boot folder, but it is {client}"
            ))),
        };
    }
    let install = match allowed(config, machine, permit, client) {
        Ok(install) => install,
        Err(why) => return Choice::Nothing(why),
    };
    if client.ipxe {
        return Choice::Url(format!("{}/{}", base_url(config, segment), script_path(mac)));
    }
    let refused = |reason: String| Choice::Nothing(Why::Refused(reason));
    if let Firmware::EfiHttp(_) = client.firmware {
        return match &install.efi_program {
            Some(program) => Choice::Url(format!("{}/{program}", base_url(config, segment))),
            None => refused("UEFI HTTP boot needs one EFI program, and the machine has none; use PXE".into()),
        };
    }
    match loader(config, client.firmware) {
        Some(file) if config.artefacts.contains_key(file) => Choice::File(file.to_owned()),
        Some(file) => refused(format!("the boot program `{file}` for {client} is not served")),
        None => refused(format!("there is no boot program for {client}")),
    }
}

/// The installation, when the machine may have it now.
pub fn allowed<'a>(
    config: &Config,
    machine: &'a Machine,
    permit: Permit,
    client: &Client,
) -> Result<&'a Install, Why> {
    if let (Some(expected), Some(claimed)) = (machine.arch, client.processor())
        && expected != claimed
    {
        return Err(Why::Refused(format!("it is {client}, but the machine is {}", name_of(expected))));
    }
    installs(config, machine, permit)
}

/// The installation, when permit and configuration allow it; whoever asks.
pub fn installs<'a>(config: &Config, machine: &'a Machine, permit: Permit) -> Result<&'a Install, Why> {
    match (&machine.boot, permit) {
        (Boot::Refuse(reason), _) => Err(Why::Refused(reason.clone())),
        (Boot::Disk | Boot::Folder(_), _) | (Boot::Install(_), Permit::Never | Permit::Closed) => {
            Err(Why::OwnDisk)
        }
        (Boot::Install(_), Permit::Open { handed }) if handed >= config.limits.install_attempts => {
            Err(Why::Refused(format!("the installation was handed out {handed} times and never finished")))
        }
        (Boot::Install(install), Permit::Open { .. }) => Ok(install),
    }
}

/// The first-stage program for a firmware.
pub fn loader(config: &Config, firmware: Firmware) -> Option<&str> {
    let loaders = &config.loaders;
    match firmware {
        Firmware::Bios => loaders.bios.as_deref(),
        Firmware::Efi(Processor::X86_64) => loaders.efi_x86_64.as_deref(),
        Firmware::Efi(Processor::Arm64) => loaders.efi_arm64.as_deref(),
        Firmware::None | Firmware::EfiHttp(_) | Firmware::RaspberryPi | Firmware::Other(_) => None,
    }
}

/// What an artefact is to a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// A first-stage boot program.
    Loader,
    /// The machine's kernel, or its EFI program for HTTP boot.
    Kernel,
    /// One of its initial file systems.
    Initrd,
    /// Its image.
    Image,
    /// Anything else.
    Other,
}

/// What an artefact is to a machine.
pub fn part(config: &Config, machine: &Machine, artefact: &str) -> Part {
    let loaders = &config.loaders;
    if [&loaders.bios, &loaders.efi_x86_64, &loaders.efi_arm64].iter().any(|l| l.as_deref() == Some(artefact))
    {
        return Part::Loader;
    }
    let install = match &machine.boot {
        Boot::Install(install) => install,
        Boot::Folder(folder) => return pi::part(folder, artefact),
        Boot::Disk | Boot::Refuse(_) => return Part::Other,
    };
    if install.kernel == artefact || install.efi_program.as_deref() == Some(artefact) {
        Part::Kernel
    } else if install.initrds.iter().any(|name| name == artefact) {
        Part::Initrd
    } else if install.image.as_ref().is_some_and(|image| image.artefact == artefact) {
        Part::Image
    } else {
        Part::Other
    }
}

/// Whether some machine boots this artefact by UEFI HTTP boot.
pub fn is_efi_program(config: &Config, artefact: &str) -> bool {
    config.machines.iter().any(|machine| match &machine.boot {
        Boot::Install(install) => install.efi_program.as_deref() == Some(artefact),
        Boot::Disk | Boot::Folder(_) | Boot::Refuse(_) => false,
    })
}

/// Whether some machine writes this artefact to its disk.
pub fn is_image(config: &Config, artefact: &str) -> bool {
    config.machines.iter().any(|machine| part(config, machine, artefact) == Part::Image)
}

/// The artefact a name stands for, and the path below it when it is a folder.
pub fn find<'a>(config: &'a Config, name: &'a str) -> Option<(&'a Artefact, Option<&'a str>)> {
    let whole = config.artefacts.get(name).map(|artefact| (artefact, None));
    let below = || {
        name.match_indices('/').find_map(|(at, _)| match config.artefacts.get(&name[..at]) {
            Some(folder @ Artefact::Folder(_)) => Some((folder, Some(&name[at + 1..]))),
            _ => None,
        })
    };
    match whole {
        Some((Artefact::Folder(_), _)) => None,
        Some(found) => Some(found),
        None => below(),
    }
}

fn name_of(processor: Processor) -> &'static str {
    match processor {
        Processor::X86_64 => "x86-64",
        Processor::Arm64 => "arm64",
    }
}
