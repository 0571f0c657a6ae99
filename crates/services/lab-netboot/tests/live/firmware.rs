//! Real firmware in QEMU: a BIOS with iPXE in its card, and UEFI by PXE, up to the machine's own kernel.
//!
//! The machines have no disk; the kernel they are given is a small boot program. Installing to a disk is the box's.

use crate::site::{Site, can_run};
use lab_netboot::EventKind;
use lab_netboot::config::{Artefact, Boot, Config, Install, Machine};
use lab_netboot::permit::Permit;
use std::process::{Child, Command, Stdio};

/// The machine's card; no namespace has the same.
const MACHINE: &str = "52:54:00:88:00:01";

pub(crate) const LKRN: &str = "/usr/lib/ipxe/ipxe.lkrn";
pub(crate) const SNPONLY: &str = "/usr/lib/ipxe/snponly.efi";
pub(crate) const CODE: &str = "/usr/share/OVMF/OVMF_CODE_4M.fd";
const VARS: &str = "/usr/share/OVMF/OVMF_VARS_4M.fd";

pub(crate) struct Qemu(Child);

impl Drop for Qemu {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn site(kernel: &str, efi_program: Option<String>) -> Site {
    let mut site = Site::new(0);
    let config = prepare(&site, kernel, efi_program);
    site.start(config);
    site
}

/// A tap for one machine, and the configuration that installs it.
pub(crate) fn prepare(site: &Site, kernel: &str, efi_program: Option<String>) -> Config {
    site.must(&site.name, &["ip", "tuntap", "add", "tap0", "mode", "tap"]);
    site.must(&site.name, &["ip", "link", "set", "tap0", "master", "br0", "up"]);
    let mut config = site.config();
    config.artefacts.insert("snponly.efi".into(), Artefact::File(SNPONLY.into()));
    config.artefacts.insert("undionly.kpxe".into(), Artefact::File("/usr/lib/ipxe/undionly.kpxe".into()));
    config.artefacts.insert("kernel".into(), Artefact::File(kernel.into()));
    let install = Install {
        kernel: "kernel".into(),
        initrds: vec!["even.bin".into()],
        cmdline: "name={name} report={report}".into(),
        image: None,
        efi_program,
    };
    config.machines.push(Machine {
        name: "node0".into(),
        macs: vec![MACHINE.parse().expect("a card")],
        answer: None,
        serial: None,
        arch: None,
        boot: Boot::Install(install),
    });
    config
}

/// A BIOS with the iPXE that is in its card's ROM.
pub(crate) fn qemu(site: &Site, arguments: &[&str]) -> Qemu {
    start(site, &format!("virtio-net-pci,netdev=n,mac={MACHINE}"), arguments)
}

fn start(site: &Site, card: &str, arguments: &[&str]) -> Qemu {
    let child = Command::new("ip")
        .args(["netns", "exec", &site.name, "qemu-system-x86_64", "-machine", "q35", "-accel", "tcg"])
        .args([
            "-m",
            "256",
            "-nodefaults",
            "-display",
            "none",
            "-no-user-config",
            "-device",
            "virtio-rng-pci",
        ])
        .args(["-netdev", "tap,id=n,ifname=tap0,script=no,downscript=no", "-device", card])
        .args(arguments)
        .stdin(Stdio::null())
        .spawn();
    Qemu(child.expect("QEMU"))
}

pub(crate) fn up_to_the_kernel(site: &Site, loader: bool) {
    if loader {
        site.wait_for("the boot program", 60, |kind| matches!(kind, EventKind::LoaderFetched { .. }));
    }
    site.wait_for("the script", 60, |kind| *kind == EventKind::ScriptFetched { install: true });
    site.wait_for("the kernel", 60, |kind| *kind == EventKind::KernelFetched);
    site.wait_for("the initramfs", 60, |kind| *kind == EventKind::InitrdFetched);
    assert_eq!(site.service().permit("node0"), Permit::Open { handed: 1 });
}

#[test]
fn a_bios_machine_boots_by_ipxe_while_its_permit_is_open() {
    if !can_run(&["qemu-system-x86_64", LKRN]) {
        return;
    }
    let site = site(LKRN, None);
    site.service().open_permit("node0").expect("a permit");
    let _machine = qemu(&site, &[]);
    up_to_the_kernel(&site, false);
}

#[test]
fn a_bios_machine_without_permit_is_offered_nothing() {
    if !can_run(&["qemu-system-x86_64", LKRN]) {
        return;
    }
    let site = site(LKRN, None);
    let _machine = qemu(&site, &[]);
    let offered = site.wait_for("the offer", 60, |kind| matches!(kind, EventKind::Offered { .. }));
    assert!(matches!(offered.kind, EventKind::Offered { boot_file: None, .. }), "{offered:?}");
}

/// UEFI with its own driver and its own PXE: the card has no ROM.
pub(crate) fn ovmf(site: &Site, options: &[&str]) -> Qemu {
    let vars = site.folder.path().join("vars.fd");
    std::fs::copy(VARS, &vars).expect("a copy");
    let code = format!("if=pflash,format=raw,unit=0,readonly=on,file={CODE}");
    let vars = format!("if=pflash,format=raw,unit=1,file={}", vars.display());
    let card = format!("virtio-net-pci,netdev=n,mac={MACHINE},romfile=");
    start(site, &card, &[&["-drive", &code, "-drive", &vars], options].concat())
}

#[test]
fn a_uefi_machine_boots_by_pxe_while_its_permit_is_open() {
    if !can_run(&["qemu-system-x86_64", CODE, SNPONLY]) {
        return;
    }
    let site = site(SNPONLY, None);
    site.service().open_permit("node0").expect("a permit");
    let _machine = ovmf(&site, &["-fw_cfg", "name=opt/org.tianocore/IPv6PXESupport,string=n"]);
    up_to_the_kernel(&site, true);
}

#[test]
fn a_uefi_machine_boots_by_http() {
    if !can_run(&["qemu-system-x86_64", CODE, SNPONLY]) {
        return;
    }
    let site = site(SNPONLY, Some("kernel".into()));
    site.service().open_permit("node0").expect("a permit");
    let options =
        ["IPv4PXESupport", "IPv6PXESupport"].map(|name| format!("name=opt/org.tianocore/{name},string=n"));
    let _machine = ovmf(&site, &["-fw_cfg", &options[0], "-fw_cfg", &options[1]]);
    site.wait_for("the EFI program", 60, |kind| *kind == EventKind::KernelFetched);
    assert_eq!(site.service().permit("node0"), Permit::Open { handed: 1 });
}
