//! What a host boots when it asks the network, by `boots-from`, `firmware` and `os`, as far as the files for it are there.
//!
//! Names of files: `debian-12/amd64/linux` and `initrd.gz`, `talos-1.11.5/amd64/vmlinuz` and `initramfs.xz`,
//! `talos/HOST.yaml` for the host's machine configuration, and the folder `raspberry-pi`.

use super::system::system;
use super::{Stand, Target, disk};
use lab_model::Lab;
use lab_model::lab::HostId;
use lab_model::written::{BootFrom, Firmware};
use lab_netboot::answer::{debian, proxmox};
use lab_netboot::config::{Answer, AnswerKind, Artefact, Boot, Config, Install};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;

/// The files that can be served, by the names of their artefacts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Files {
    /// Each file or folder.
    pub(crate) by_name: BTreeMap<String, PathBuf>,
    /// Which of them are folders.
    pub(crate) folders: BTreeSet<String>,
    /// Talos machine configurations, by host. They hold secrets, so they are no artefacts.
    pub(crate) talos: BTreeMap<String, String>,
}

/// What installers ask that a lab does not say.
#[derive(Clone, Debug)]
pub(crate) struct Locale {
    /// Country, as in ISO 3166, in lower case.
    pub(crate) country: String,
    /// Keyboard layout.
    pub(crate) keyboard: String,
}

/// What is decided for a host.
pub(super) struct Choice {
    pub(super) boot: Boot,
    pub(super) answer: Option<Answer>,
    pub(super) install: Result<Target, String>,
    pub(super) note: Option<String>,
}

/// How a host is installed.
struct Way {
    boot: Boot,
    answer: Answer,
}

/// The folder with a Raspberry Pi's firmware among the files.
const PI: &str = "raspberry-pi";
/// Where a host's root file system is on its boot server.
const ROOTS: &str = "/srv/netboot";
const TALOS_CMDLINE: &str = "talos.platform=metal talos.config={answer} init_on_alloc=1 slab_nomerge pti=on \
    consoleblank=0 nvme_core.io_timeout=4294967295 printk.devkmsg=on console=tty0";

/// Decides for one host, and adds what it needs to the artefacts.
pub(super) fn choose(lab: &Lab, id: HostId, stand: &Stand<'_>, config: &mut Config) -> Choice {
    let host = &lab.hosts[id];
    let only = |install: &str, note: Option<String>| Choice {
        boot: Boot::Disk,
        answer: None,
        install: Err(install.to_owned()),
        note,
    };
    let is_pi = host.firmware.as_ref().is_some_and(|firmware| firmware.value == Firmware::RaspberryPi);
    match host.boots_from.as_ref().map_or(BootFrom::Disk, |from| from.value) {
        BootFrom::Network => {
            let why = "it boots from the network each time; there is no disk of its system";
            let boot = if is_pi {
                pi_folder(lab, id, stand, config)
            } else {
                Err("it boots from the network each time, and there is no such system for it".into())
            };
            match boot {
                Ok(boot) => Choice { boot, ..only(why, None) },
                Err(note) => only(why, Some(format!("{note}; it gets an address only"))),
            }
        }
        BootFrom::Card => only("it boots from a card; write that with another machine", None),
        BootFrom::Disk => {
            match disk::target(lab, id).and_then(|target| Ok((way(lab, id, stand, &target)?, target))) {
                Ok((way, target)) => {
                    Choice { boot: way.boot, answer: Some(way.answer), install: Ok(target), note: None }
                }
                Err(why) => only(&why, None),
            }
        }
    }
}

fn way(lab: &Lab, id: HostId, stand: &Stand<'_>, target: &Target) -> Result<Way, String> {
    let os = lab.hosts[id].os.as_ref().map_or("", |os| &os.text).to_lowercase();
    let (name, version) = os.split_once(' ').unwrap_or((&os, ""));
    match name {
        "debian" => debian(lab, id, stand, target, version),
        "proxmox" => {
            let text =
                proxmox::answer(&system(lab, id, stand, target)?).map_err(|error| error.to_string())?;
            // Its installer starts from an ISO of its own and asks us for the answers.
            Ok(Way { boot: Boot::Disk, answer: Answer { kind: AnswerKind::Proxmox, text } })
        }
        "talos" => talos(lab, id, stand, version),
        "" => Err("the lab does not say what it runs (`os`)".into()),
        other => Err(format!("nothing here installs {other}")),
    }
}

fn debian(lab: &Lab, id: HostId, stand: &Stand<'_>, target: &Target, version: &str) -> Result<Way, String> {
    let release = version.split('.').next().unwrap_or_default();
    let folder = newest(stand.files, "debian", release, "linux", "initrd.gz").ok_or_else(|| {
        missing(
            &format!("debian-{}", or_number(release)),
            "linux` and `initrd.gz",
            "the package debian-installer-12-netboot-amd64 or the like brings them, or ",
        )
    })?;
    let text = debian::preseed(&system(lab, id, stand, target)?).map_err(|error| error.to_string())?;
    let install = install(&folder, "linux", "initrd.gz", debian::CMDLINE);
    Ok(Way { boot: Boot::Install(install), answer: Answer { kind: AnswerKind::Debian, text } })
}

fn talos(lab: &Lab, id: HostId, stand: &Stand<'_>, version: &str) -> Result<Way, String> {
    let name = &*lab.hosts[id].name.text;
    let folder = newest(stand.files, "talos", version, "vmlinuz", "initramfs.xz")
        .ok_or_else(|| missing(&format!("talos-{}", or_number(version)), "vmlinuz` and `initramfs.xz", ""))?;
    let text = stand.files.talos.get(name).cloned().ok_or_else(|| {
        format!(
            "its machine configuration is not here (file `talos/{name}.yaml` in the state folder's `files`)"
        )
    })?;
    if let Some(why) = super::talos::refusal(name, &text) {
        return Err(format!("its machine configuration (`talos/{name}.yaml`) cannot be used: {why}"));
    }
    let install = install(&folder, "vmlinuz", "initramfs.xz", TALOS_CMDLINE);
    Ok(Way { boot: Boot::Install(install), answer: Answer { kind: AnswerKind::Talos, text } })
}

fn or_number(version: &str) -> &str {
    if version.is_empty() { "NUMBER" } else { version }
}

fn missing(folder: &str, files: &str, more: &str) -> String {
    format!(
        "the files of its installer are not here (`{files}` in `{folder}/amd64`); {more}`labwright netboot fetch` gets \
         what the lab's `netboot/artefacts.txt` names"
    )
}

fn install(folder: &str, kernel: &str, initrd: &str, cmdline: &str) -> Install {
    Install {
        kernel: format!("{folder}/{kernel}"),
        initrds: vec![format!("{folder}/{initrd}")],
        cmdline: cmdline.to_owned(),
        image: None,
        efi_program: None,
    }
}

/// The folder of a release with both files; of the newest release when none is asked for.
fn newest(files: &Files, name: &str, release: &str, kernel: &str, initrd: &str) -> Option<String> {
    let start = format!("{name}-{release}");
    let folders = files.by_name.keys().filter_map(|file| file.strip_suffix(&format!("/amd64/{kernel}")));
    folders
        .filter(|folder| if release.is_empty() { folder.starts_with(&start) } else { **folder == start })
        .filter(|folder| files.by_name.contains_key(&format!("{folder}/amd64/{initrd}")))
        .max_by_key(|folder| {
            let numbers = folder.trim_start_matches(|c: char| !c.is_ascii_digit()).split('.');
            numbers.map(|number| number.parse::<u32>().unwrap_or(0)).collect::<Vec<_>>()
        })
        .map(|folder| format!("{folder}/amd64"))
}

/// A Raspberry Pi's own view of the firmware folder, with its configuration and command line in it.
fn pi_folder(lab: &Lab, id: HostId, stand: &Stand<'_>, config: &mut Config) -> Result<Boot, String> {
    let path = stand.files.by_name.get(PI).filter(|_| stand.files.folders.contains(PI));
    let path =
        path.ok_or_else(|| format!("the boot files of a Raspberry Pi are not here (folder `{PI}`)"))?;
    let name = &*lab.hosts[id].name.text;
    let server = root_server(lab, id, stand).ok_or("the address of its `boot-server` is not known")?;
    let folder = format!("pi/{name}");
    let bytes = |text: String| Artefact::Bytes(Arc::from(text.into_bytes()));
    let cmdline = format!(
        "console=serial0,115200 console=tty1 root=/dev/nfs nfsroot={server}:{ROOTS}/{name},vers=3,tcp rw ip=dhcp rootwait\n"
    );
    let settings = "arm_64bit=1\nenable_uart=1\nauto_initramfs=1\n".to_owned();
    config.artefacts.insert(folder.clone(), Artefact::Folder(path.clone()));
    config.artefacts.insert(format!("{folder}/cmdline.txt"), bytes(cmdline));
    config.artefacts.insert(format!("{folder}/config.txt"), bytes(settings));
    Ok(Boot::Folder(folder))
}

/// The server of its root file system: the one that the lab names, or this machine.
fn root_server(lab: &Lab, id: HostId, stand: &Stand<'_>) -> Option<IpAddr> {
    let Some(server) = &lab.hosts[id].boot_server else {
        return stand.interfaces.first().map(|interface| IpAddr::V4(interface.address.addr()));
    };
    lab.derived.addresses_of(server.id?).map(|one| one.address).find(IpAddr::is_ipv4)
}
