//! The Debian installer's own kernel in QEMU, on UEFI and on BIOS: from the firmware to the answers, and to the choice of the disk
//! that would be wiped, made by our commands with the installer's own tools.
//!
//! Needs the package debian-installer-12-netboot-amd64, or `LABWRIGHT_DEBIAN_INSTALLER` as the folder it was unpacked to.
//! What comes after the choice needs a mirror of Debian and is not done here. The partitioner, which would give the command, comes
//! from that mirror too, so it is given as soon as the answers are read; the disks are on USB, which the installer knows without it.

use crate::firmware::{CODE, SNPONLY, ovmf, prepare, qemu};
use crate::site::{Site, can_run};
use lab_netboot::EventKind;
use lab_netboot::answer::{Disk, Network, System, User, debian};
use lab_netboot::config::{Answer, AnswerKind, Artefact, Boot, Install};
use lab_netboot::permit::Permit;
use std::path::PathBuf;

const INSIDE: &str = "usr/lib/debian-installer/images/12/amd64/text/debian-installer/amd64";

/// The disks: serial number and MiB.
const DISKS: [(&str, u64); 2] = [("OTHER-1", 64), ("ABCD1234", 96)];

/// Until both disks are there, for a minute.
const AWAIT_DISKS: &str = "modprobe -a xhci-pci usb-storage sd_mod; i=0; \
    while [ $(list-devices disk | wc -l) -lt 2 ] && [ $i -lt 60 ]; do i=$((i+1)); sleep 1; done; udevadm settle";

/// Tells the size of the disk that was chosen, in sectors of 512 bytes.
const TELL_SIZE: &str = "wget -q -O /dev/null --post-data=$(cat /sys/block/${t##*/}/size) {report}chosen";

/// The installer's kernel and its initramfs.
pub(crate) fn boot_files() -> (PathBuf, PathBuf) {
    let root =
        std::env::var_os("LABWRIGHT_DEBIAN_INSTALLER").map_or_else(|| PathBuf::from("/"), PathBuf::from);
    let folder = root.join(INSIDE);
    (folder.join("linux"), folder.join("initrd.gz"))
}

/// Whether they are there; says it when not.
pub(crate) fn has_installer() -> bool {
    can_run(&[&boot_files().0.to_string_lossy()])
}

/// The answers, with the choice of the disk made at once.
fn answers(disk: Disk) -> String {
    let system = System {
        hostname: "node0".into(),
        domain: Some("lab.test".into()),
        network: Network::Dhcp,
        disk,
        users: vec![User { name: "ada".into(), keys: vec!["ssh-ed25519 AAAA a@b".into()], admin: true }],
        country: "at".into(),
        keyboard: "us".into(),
        timezone: "UTC".into(),
    };
    let text = debian::preseed(&system).expect("answers");
    let choice = text.lines().find_map(|line| line.strip_prefix("d-i partman/early_command string "));
    let choice = choice.expect("the choice of the disk").to_owned();
    let early = |line: &str| match line.starts_with("d-i preseed/early_command ") {
        true => format!("{line}; {AWAIT_DISKS}; {choice}; {TELL_SIZE}\n"),
        false => format!("{line}\n"),
    };
    text.lines().map(early).collect()
}

/// A site that installs one machine with the installer, its permit open, and QEMU's options for two disks.
fn site(disk: Disk) -> (Site, Vec<String>) {
    let (kernel, initrd) = boot_files();
    let mut site = Site::new(0);
    let mut config = prepare(&site, &kernel.to_string_lossy(), None);
    config.artefacts.insert("initrd".into(), Artefact::File(initrd));
    let machine = &mut config.machines[0];
    machine.boot = Boot::Install(Install {
        kernel: "kernel".into(),
        initrds: vec!["initrd".into()],
        cmdline: debian::CMDLINE.into(),
        image: None,
        efi_program: None,
    });
    machine.answer = Some(Answer { kind: AnswerKind::Debian, text: answers(disk) });
    site.start(config);
    site.service().open_permit("node0").expect("a permit");
    let mut options: Vec<String> = ["-m", "1024", "-device", "qemu-xhci"].map(str::to_owned).to_vec();
    for (serial, mib) in DISKS {
        let file = site.folder.path().join(serial);
        std::fs::File::create(&file).and_then(|file| file.set_len(mib << 20)).expect("a disk");
        options.push("-drive".into());
        options.push(format!("if=none,format=raw,id={serial},file={}", file.display()));
        options.push("-device".into());
        options.push(format!("usb-storage,drive={serial},serial={serial}"));
    }
    (site, options)
}

/// What the installer tells of a stage, awaited.
fn told(site: &Site, stage: &str, seconds: u64) -> String {
    let is_it = |kind: &EventKind| matches!(kind, EventKind::Reported { stage: told, .. } if told == stage);
    match site.wait_for(stage, seconds, is_it).kind {
        EventKind::Reported { detail, .. } => detail,
        _ => unreachable!("it was matched"),
    }
}

#[test]
fn the_debian_installer_reads_its_answers_and_finds_its_disk() {
    if !can_run(&["qemu-system-x86_64", CODE, SNPONLY]) || !has_installer() {
        return;
    }
    let (site, mut options) = site(Disk::Serial("ABCD1234".into()));
    options.extend(["-fw_cfg", "name=opt/org.tianocore/IPv6PXESupport,string=n"].map(str::to_owned));
    let _machine = ovmf(&site, &options.iter().map(String::as_str).collect::<Vec<_>>());
    site.wait_for("the kernel", 120, |kind| *kind == EventKind::KernelFetched);
    assert_eq!(told(&site, "installer", 300), "started");
    assert!(told(&site, "partitioning", 120).starts_with("/dev/sd"));
    assert_eq!(told(&site, "chosen", 20), (96 * 2048).to_string());
    assert_eq!(site.service().permit("node0"), Permit::Open { handed: 1 }, "nothing is installed yet");
}

#[test]
fn the_debian_installer_refuses_two_disks_without_a_serial_number() {
    if !can_run(&["qemu-system-x86_64"]) || !has_installer() {
        return;
    }
    let (site, options) = site(Disk::Only);
    let _machine = qemu(&site, &options.iter().map(String::as_str).collect::<Vec<_>>());
    site.wait_for("the kernel", 120, |kind| *kind == EventKind::KernelFetched);
    assert_eq!(told(&site, "failed", 300), "2 disks are there, and the lab says the serial number of none");
    assert_eq!(site.service().permit("node0"), Permit::Open { handed: 1 });
}
