//! The Debian packages that tests need. The one list; a test that needs another program adds it here.

use std::path::Path;
use std::process::{Command, Stdio};

/// Something that tests need of the system.
struct Needed {
    /// A program in `PATH`, or the path of a file.
    thing: &'static str,
    package: &'static str,
    what_for: &'static str,
}

const NEEDED: &[Needed] = &[
    needed("git", "git", "labs at a revision"),
    needed("ip", "iproute2", "network namespaces"),
    needed("ping", "iputils-ping", "a packet that is answered"),
    needed("sysctl", "procps", "settings of routers"),
    needed("/etc/services", "netbase", "the names of ports that clients know"),
    needed("udhcpc", "udhcpc", "a DHCP client"),
    needed("curl", "curl", "an HTTP and TFTP client"),
    needed("tftp", "tftp-hpa", "a second TFTP client"),
    needed("atftp", "atftp", "a TFTP client with windows"),
    needed("dhclient", "isc-dhcp-client", "a second DHCP client"),
    needed("dhcrelay", "isc-dhcp-relay", "a relay between two networks"),
    needed("perfdhcp", "kea-admin", "many DHCP clients"),
    needed("dnsmasq", "dnsmasq-base", "another DHCP server on the same network"),
    needed("cpio", "cpio", "an initramfs for machines that boot over the network"),
    needed(
        "/usr/lib/debian-installer/images/12/amd64/text/debian-installer/amd64/linux",
        "debian-installer-12-netboot-amd64",
        "a kernel for machines that boot over the network",
    ),
    needed("scram", "scram", "a second opinion on fault trees"),
    needed("nft", "nftables", "firewalls of routers"),
    needed("vtysh", "frr", "routes of routers"),
    needed("keepalived", "keepalived", "addresses that move between routers"),
    needed("conntrackd", "conntrackd", "connections that outlive a router"),
    needed("unbound-checkconf", "unbound", "names that routers answer for"),
    needed("kea-dhcp4", "kea-dhcp4-server", "addresses that routers hand out"),
    needed("bird", "bird2", "the other end of BGP"),
    needed("etcd", "etcd-server", "a key-value store with a quorum"),
    needed("etcdctl", "etcd-client", "asking it"),
    needed("nginx", "nginx-light", "pages of services"),
    needed("openssl", "openssl", "their certificates"),
    needed("/usr/lib/postgresql/15/bin/postgres", "postgresql", "databases of services"),
    needed("ganesha.nfsd", "nfs-ganesha", "shares of services"),
    needed("/etc/ganesha/vfs.conf", "nfs-ganesha-vfs", "what the shares hold"),
    needed("zfs-fuse", "zfs-fuse", "pools whose disks fail"),
    needed("fusermount", "fuse", "their disks"),
    needed("ovs-vswitchd", "openvswitch-switch", "aggregates that speak LACP"),
    needed("qemu-storage-daemon", "qemu-system-common", "their disks"),
    needed("qemu-system-x86_64", "qemu-system-x86", "machines that boot over the network"),
    needed("/usr/lib/ipxe/ipxe.lkrn", "ipxe", "network boot of BIOS machines"),
    needed("/usr/share/OVMF/OVMF_CODE_4M.fd", "ovmf", "UEFI machines"),
    needed("/usr/lib/ipxe/qemu/efi-virtio.rom", "ipxe-qemu", "network boot of machines in the box"),
    needed("mmdebstrap", "mmdebstrap", "the image of machines in the box"),
    needed("mkfs.vfat", "dosfstools", "the image's EFI system partition"),
    needed("mcopy", "mtools", "the image's EFI system partition"),
    needed("sfdisk", "fdisk", "the image's partitions"),
    needed("grub-mkimage", "grub-common", "the image's boot loader"),
    needed("/usr/lib/grub/i386-pc/boot.img", "grub-pc-bin", "the image's boot loader for BIOS"),
    needed("/usr/lib/grub/x86_64-efi/normal.mod", "grub-efi-amd64-bin", "the image's boot loader for UEFI"),
    needed("zstd", "zstd", "the image, packed"),
    needed("ssh", "openssh-client", "logging in to machines of the box"),
];

const fn needed(thing: &'static str, package: &'static str, what_for: &'static str) -> Needed {
    Needed { thing, package, what_for }
}

/// Installs what is missing, if this is a Debian system and we are root.
///
/// # Errors
/// What stays missing, in words. Tests that need it say so themselves.
pub(crate) fn install_missing() -> Result<(), String> {
    let missing = missing();
    if missing.is_empty() {
        println!("packages: nothing missing");
        return Ok(());
    }
    for needed in &missing {
        println!("packages: {} is missing, for {}", needed.package, needed.what_for);
    }
    let names: Vec<&str> = missing.iter().map(|needed| needed.package).collect();
    if !is_there("apt-get") || !is_root() {
        return Err(format!("installing {} takes root on a Debian system", names.join(" ")));
    }
    let apt = |args: &[&str]| {
        let mut command = Command::new("apt-get");
        command.env("DEBIAN_FRONTEND", "noninteractive").args(["-q", "-y"]).args(args).stdin(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    let installed =
        apt(&["update"]) && apt(&[&["install", "--no-install-recommends"], names.as_slice()].concat());
    if installed { Ok(()) } else { Err(format!("apt-get could not install {}", names.join(" "))) }
}

fn missing() -> Vec<&'static Needed> {
    let is_missing = |needed: &&Needed| match needed.thing.starts_with('/') {
        true => !Path::new(needed.thing).is_file(),
        false => !is_there(needed.thing),
    };
    NEEDED.iter().filter(is_missing).collect()
}

/// True if a program of that name stands in `PATH`, or where Debian keeps programs of the administrator.
pub(crate) fn is_there(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin".into(), "/sbin".into()]);
    folders.map(|folder| folder.join(program)).any(|file| file.is_file())
}

/// Asks the file system instead of the C library: our own process's folder belongs to who runs it.
fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    Path::new("/proc/self").metadata().is_ok_and(|metadata| metadata.uid() == 0)
}
