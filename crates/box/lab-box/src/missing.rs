//! What the box needs from Debian and what of it is not there; and, only when asked to, installing it.
//!
//! Knows Debian's package names; on another system the program names still tell what is needed.

use crate::plan::Firmware;
use crate::tool::{Tool, ToolError, find};
use crate::wired::WiredPlan;
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Something that is needed and not there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Missing {
    /// The Debian package that has it.
    pub package: &'static str,
    /// The program or file.
    pub what: &'static str,
}

/// A package manager that failed.
#[derive(Debug, thiserror::Error)]
pub enum InstallError {
    /// Installing needs root.
    #[error("installing packages needs root")]
    NotRoot,
    /// The system has no apt-get.
    #[error("this system has no apt-get; install by hand: {0}")]
    NoApt(String),
    /// apt-get failed.
    #[error(transparent)]
    Tool(#[from] ToolError),
    /// The guard against starting daemons could not be written.
    #[error("cannot write {POLICY}")]
    Policy(#[source] std::io::Error),
}

const POLICY: &str = "/usr/sbin/policy-rc.d";

/// (package, program) that every box needs.
const PROGRAMS: [(&str, &str); 14] = [
    ("dosfstools", "mkfs.vfat"),
    ("e2fsprogs", "mkfs.ext4"),
    ("e2fsprogs", "tune2fs"),
    ("fdisk", "sfdisk"),
    ("grub-common", "grub-mkimage"),
    ("iproute2", "ip"),
    ("iputils-ping", "ping"),
    ("mmdebstrap", "mmdebstrap"),
    ("mtools", "mcopy"),
    ("openssh-client", "ssh"),
    ("openssh-client", "ssh-keygen"),
    ("qemu-system-x86", "qemu-system-x86_64"),
    ("util-linux", "nsenter"),
    ("zstd", "zstd"),
];

/// (package, file) that every box needs.
const FILES: [(&str, &str); 3] = [
    ("grub-efi-amd64-bin", "/usr/lib/grub/x86_64-efi/normal.mod"),
    ("grub-pc-bin", "/usr/lib/grub/i386-pc/boot.img"),
    ("ipxe-qemu", "/usr/lib/ipxe/qemu/efi-virtio.rom"),
];

/// (package, file) that a box with UEFI machines needs.
const UEFI_FILES: [(&str, &str); 2] =
    [("ipxe", "/usr/lib/ipxe/snponly.efi"), ("ovmf", "/usr/share/OVMF/OVMF_CODE_4M.fd")];

/// What machines with these kinds of firmware need and this system lacks, by package.
pub fn missing(firmware: &BTreeSet<Firmware>) -> Vec<Missing> {
    let uefi: &[(&str, &str)] = if firmware.contains(&Firmware::Uefi) { &UEFI_FILES } else { &[] };
    let programs = PROGRAMS.iter().filter(|(_, program)| find(program).is_none());
    let files = FILES.iter().chain(uefi).filter(|(_, file)| !Path::new(file).exists());
    let mut missing: Vec<Missing> =
        programs.chain(files).map(|&(package, what)| Missing { package, what }).collect();
    missing.sort();
    missing
}

/// What namespaces in place of machines need and this system lacks, by package.
pub fn missing_light() -> Vec<Missing> {
    let needed =
        [("iproute2", "ip"), ("iputils-ping", "ping"), ("perl-base", "perl"), ("util-linux", "nsenter")];
    let missing = needed.into_iter().filter(|(_, program)| find(program).is_none());
    missing.map(|(package, what)| Missing { package, what }).collect()
}

/// What each program of a wired box's nodes needs: (its name in a plan, package, program).
const OF_NODES: [(&str, &str, &str); 9] = [
    ("bird", "bird2", "bird"),
    ("conntrackd", "conntrackd", "conntrackd"),
    ("dnsmasq", "dnsmasq-base", "dnsmasq"),
    ("frr", "frr", "vtysh"),
    ("kea-dhcp4", "kea-dhcp4-server", "kea-dhcp4"),
    ("keepalived", "keepalived", "keepalived"),
    ("lease", "udhcpc", "udhcpc"),
    ("sysctl", "procps", "sysctl"),
    ("unbound", "unbound", "unbound"),
];

/// What the nodes of a wired box need and this system lacks, by package.
pub fn missing_wired(plan: &WiredPlan) -> Vec<Missing> {
    let programs = plan.nodes.iter().flat_map(|node| &node.programs);
    let names: BTreeSet<&str> = programs.map(|program| program.name.as_str()).collect();
    let own = OF_NODES.iter().filter(|(name, ..)| names.contains(name));
    let nft = [("nftables", "nft")].into_iter().chain(own.map(|(_, package, program)| (*package, *program)));
    let absent = nft.filter(|(_, program)| find(program).is_none());
    let mut missing = missing_light();
    missing.extend(absent.map(|(package, what)| Missing { package, what }));
    missing.sort();
    missing
}

/// Installs `packages` with apt-get, without recommended ones and without letting any daemon start.
///
/// Call this only when the user asked for it: it changes the system.
///
/// # Errors
/// Not root, no apt-get, or apt-get's own failure with its last words.
pub fn install_packages(packages: &BTreeSet<&str>) -> Result<(), InstallError> {
    if packages.is_empty() {
        return Ok(());
    }
    let list = packages.iter().copied().collect::<Vec<_>>();
    if find("apt-get").is_none() {
        return Err(InstallError::NoApt(list.join(" ")));
    }
    if !nix::unistd::geteuid().is_root() {
        return Err(InstallError::NotRoot);
    }
    let _policy = Policy::set()?;
    let had_utils = is_installed("qemu-utils");
    apt_get(&["update", "-qq"])?;
    let install = ["install", "-y", "-qq", "--no-install-recommends"];
    apt_get(&[&install[..], &list].concat())?;
    // The emulator's package removes a qemu-utils of another version, which the machine's owner had for a reason.
    if had_utils && !is_installed("qemu-utils") {
        apt_get(&[&install[..], &["qemu-utils"]].concat())?;
    }
    Ok(())
}

fn apt_get(args: &[&str]) -> Result<(), ToolError> {
    Tool::new("apt-get").args(args).env("DEBIAN_FRONTEND", "noninteractive").run().map(drop)
}

fn is_installed(package: &str) -> bool {
    let status = Tool::new("dpkg-query").args(["-W", "-f=${Status}", package]).run();
    status.is_ok_and(|text| text.contains("ok installed"))
}

/// Debian's own switch against starting services during an installation; taken away again unless it was there before.
struct Policy {
    ours: bool,
}

impl Policy {
    fn set() -> Result<Policy, InstallError> {
        if Path::new(POLICY).exists() {
            return Ok(Policy { ours: false });
        }
        fs::write(POLICY, "#!/bin/sh\nexit 101\n").map_err(InstallError::Policy)?;
        fs::set_permissions(POLICY, fs::Permissions::from_mode(0o755)).map_err(InstallError::Policy)?;
        Ok(Policy { ours: true })
    }
}

impl Drop for Policy {
    fn drop(&mut self) {
        if self.ours {
            // Nothing can be done about a failure here, and the next run finds it and leaves it as it is.
            drop(fs::remove_file(POLICY));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_uefi_machines_need_their_firmware() {
        let packages = |firmware: &[Firmware]| -> BTreeSet<&str> {
            let uefi: &[(&str, &str)] = if firmware.contains(&Firmware::Uefi) { &UEFI_FILES } else { &[] };
            uefi.iter().map(|(package, _)| *package).collect()
        };
        assert!(packages(&[Firmware::Bios]).is_empty());
        assert_eq!(packages(&[Firmware::Bios, Firmware::Uefi]), BTreeSet::from(["ipxe", "ovmf"]));
    }

    #[test]
    fn what_is_missing_is_sorted_by_package() {
        let found = missing(&BTreeSet::from([Firmware::Bios, Firmware::Uefi]));
        assert!(found.is_sorted(), "{found:?}");
    }

    #[test]
    fn nothing_to_install_changes_nothing() {
        install_packages(&BTreeSet::new()).unwrap();
    }
}
