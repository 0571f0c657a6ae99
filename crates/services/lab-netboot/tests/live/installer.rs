//! The Debian installer's own kernel on UEFI in QEMU, from the firmware to the answers and the first report.
//!
//! Needs the package debian-installer-12-netboot-amd64, or `LABWRIGHT_DEBIAN_INSTALLER` as the folder it was unpacked to.
//! Installing to the disk needs a mirror and is not done here.

use crate::firmware::{CODE, SNPONLY, ovmf, prepare};
use crate::site::{Site, can_run};
use lab_netboot::EventKind;
use lab_netboot::answer::{Disk, Network, System, User, debian};
use lab_netboot::config::{Answer, AnswerKind, Artefact, Boot, Install};
use std::path::PathBuf;

const INSIDE: &str = "usr/lib/debian-installer/images/12/amd64/text/debian-installer/amd64";

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

#[test]
fn the_debian_installer_reads_its_answers_and_reports() {
    let (kernel, initrd) = boot_files();
    if !can_run(&["qemu-system-x86_64", CODE, SNPONLY]) || !has_installer() {
        return;
    }
    let mut site = Site::new(0);
    let mut config = prepare(&site, &kernel.to_string_lossy(), None);
    config.artefacts.insert("initrd".into(), Artefact::File(initrd));
    let system = System {
        hostname: "node0".into(),
        domain: Some("lab.test".into()),
        network: Network::Dhcp,
        disk: Disk::Serial("ABCD1234".into()),
        users: vec![User { name: "ada".into(), keys: vec!["ssh-ed25519 AAAA a@b".into()], admin: true }],
        country: "at".into(),
        keyboard: "us".into(),
        timezone: "UTC".into(),
    };
    let machine = &mut config.machines[0];
    machine.boot = Boot::Install(Install {
        kernel: "kernel".into(),
        initrds: vec!["initrd".into()],
        cmdline: debian::CMDLINE.into(),
        image: None,
        efi_program: None,
    });
    machine.answer =
        Some(Answer { kind: AnswerKind::Debian, text: debian::preseed(&system).expect("answers") });
    site.start(config);
    site.service().open_permit("node0").expect("a permit");
    let options = ["-m", "1024", "-fw_cfg", "name=opt/org.tianocore/IPv6PXESupport,string=n"];
    let _machine = ovmf(&site, &options);
    site.wait_for("the kernel", 120, |kind| *kind == EventKind::KernelFetched);
    let said = |stage: &'static str| move |kind: &EventKind| matches!(kind, EventKind::Reported { stage: told, .. } if told == stage);
    site.wait_for("the installer's first report", 300, said("installer"));
}
