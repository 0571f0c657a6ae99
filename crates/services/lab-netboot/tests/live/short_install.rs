//! Whole short installations on real firmware in QEMU: firmware, boot program, script, a Linux kernel, the image fetched and
//! proved, the report, the reset, and the boot that is then left to the disk. BIOS and UEFI; the image cut short; the service
//! stopped and started in the middle.
//!
//! The kernel and its tools are the Debian installer's, with an `/init` of ours that writes to no disk: that is the box's.

use crate::firmware::{CODE, Qemu, SNPONLY, ovmf, prepare, qemu, up_to_the_kernel};
use crate::installer::{boot_files, has_installer};
use crate::site::{Site, can_run};
use lab_netboot::config::{Artefact, Boot, Config, Image, Install};
use lab_netboot::permit::Permit;
use lab_netboot::{Event, EventKind};
use std::path::{Path, PathBuf};

/// What the kernel runs: load the card's modules, ask for an address, do what the command line says, start again.
const INIT: &str = r#"#!/bin/sh
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev
for turn in 1 2 3 4; do for module in /modules/*.ko; do insmod $module; done; done 2>/dev/null
for word in $(cat /proc/cmdline); do
  case $word in report=*) report=${word#*=} ;; image=*) image=${word#*=} ;; sha256=*) sha256=${word#*=} ;; esac
done
ip link set eth0 up
udhcpc -q -i eth0 -t 20 -T 1 -s /address
tell() { wget -q -O /dev/null --post-data="$2" $report$1; }
tell started
if wget -q -O /image $image && [ "$(sha256sum /image | cut -d ' ' -f 1)" = $sha256 ]
then tell installed; else tell failed "the image does not have the asked SHA-256"; sleep 2; fi
reboot -f
"#;
const ADDRESS: &str = "#!/bin/sh\n[ \"$1\" = bound ] && ip addr add $ip/16 dev eth0\nexit 0\n";
const MODULES: [&str; 8] = [
    "net/core/failover.ko",
    "drivers/net/net_failover.ko",
    "drivers/net/virtio_net.ko",
    "drivers/virtio/virtio.ko",
    "drivers/virtio/virtio_ring.ko",
    "drivers/virtio/virtio_pci_legacy_dev.ko",
    "drivers/virtio/virtio_pci_modern_dev.ko",
    "drivers/virtio/virtio_pci.ko",
];

/// Cuts a small initramfs out of the installer's: its shell, its C library and the modules of the card.
fn small_initrd(site: &Site) -> PathBuf {
    let (from, to) = (site.folder.path().join("whole"), site.folder.path().join("small"));
    std::fs::create_dir(&from).expect("a folder");
    for folder in ["modules", "proc", "sys", "dev"] {
        std::fs::create_dir_all(to.join(folder)).expect("a folder");
    }
    let shell = |folder: &Path, script: &str| {
        let said = std::process::Command::new("sh").args(["-ec", script]).current_dir(folder).output();
        let said = said.expect("sh");
        assert!(said.status.success(), "{script}: {}", String::from_utf8_lossy(&said.stderr));
    };
    let whole = boot_files().1;
    shell(&from, &format!("zcat {} | cpio --extract --make-directories --quiet", whole.display()));
    let modules: Vec<String> = MODULES.iter().map(|name| format!("lib/modules/*/kernel/{name}")).collect();
    let to_text = to.display();
    // Not every kernel has every module; one that the card needs and that is missing shows by no report.
    shell(&from, &format!("cp $(ls {} 2>/dev/null) {to_text}/modules/", modules.join(" ")));
    let programs =
        "bin sbin usr/bin usr/sbin lib64 lib/x86_64-linux-gnu usr/lib/x86_64-linux-gnu usr/lib/*.so*";
    shell(&from, &format!("cp -a --parents {programs} {to_text}/"));
    for (name, text) in [("init", INIT), ("address", ADDRESS)] {
        std::fs::write(to.join(name), text).expect("a file");
    }
    shell(&to, "chmod 755 init address; find . | cpio --create --format=newc --quiet | gzip -1 > ../initrd");
    site.folder.path().join("initrd")
}

/// A site that installs `node0`, and its configuration. `served` bytes of the image are there.
fn site(efi: bool, served: usize) -> (Site, Config) {
    let site = Site::new(0);
    let kernel = boot_files().0;
    let mut config = prepare(&site, &kernel.to_string_lossy(), None);
    let initrd = small_initrd(&site);
    let image: Vec<u8> = (0..4_000_000_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let (whole, path) = (site.folder.path().join("image.whole"), site.folder.path().join("image"));
    std::fs::write(&whole, &image).expect("a file");
    std::fs::write(&path, &image[..served.min(image.len())]).expect("a file");
    let said = site.must(&site.name, &["sha256sum", &whole.to_string_lossy()]);
    let sha256 = said.split(' ').next().expect("a sum").to_owned();
    config.artefacts.insert("initrd".into(), Artefact::File(initrd));
    config.artefacts.insert("image".into(), Artefact::File(path));
    config.machines[0].boot = Boot::Install(Install {
        kernel: "kernel".into(),
        initrds: vec!["initrd".into()],
        cmdline: format!(
            "quiet mitigations=off net.ifnames=0 {} image={{image}} sha256={{sha256}} report={{report}}",
            if efi { "" } else { "no_timer_check" }
        ),
        image: Some(Image { artefact: "image".into(), sha256 }),
        efi_program: None,
    });
    (site, config)
}

fn start(site: &mut Site, config: Config, efi: bool) -> Qemu {
    site.start(config);
    site.service().open_permit("node0").expect("a permit");
    match efi {
        true => ovmf(site, &["-m", "512", "-fw_cfg", "name=opt/org.tianocore/IPv6PXESupport,string=n"]),
        false => qemu(site, &["-m", "512"]),
    }
}

fn can_install(efi: bool) -> bool {
    let firmware: &[&str] = if efi { &[CODE, SNPONLY] } else { &[] };
    can_run(&[&["qemu-system-x86_64", "cpio", "sha256sum"], firmware].concat()) && has_installer()
}

fn reported(site: &Site, stage: &str) -> Event {
    site.wait_for(stage, 100, |kind| matches!(kind, EventKind::Reported { stage: told, .. } if told == stage))
}

/// The machine resets and asks again, and is left to its disk.
fn left_to_its_disk(site: &Site) {
    assert_eq!(site.service().permit("node0"), Permit::Closed);
    let offered = site.wait_for("the next boot", 60, |kind| matches!(kind, EventKind::Offered { .. }));
    assert!(matches!(offered.kind, EventKind::Offered { boot_file: None, .. }), "{offered:?}");
}

fn installs(efi: bool) {
    if !can_install(efi) {
        return;
    }
    let (mut site, config) = site(efi, usize::MAX);
    let _machine = start(&mut site, config, efi);
    up_to_the_kernel(&site, efi);
    reported(&site, "started");
    reported(&site, "installed");
    site.wait_for("the end", 5, |kind| *kind == EventKind::PermitClosed);
    left_to_its_disk(&site);
}

#[test]
fn a_bios_machine_is_installed_and_left_to_its_disk() {
    installs(false);
}

#[test]
fn a_uefi_machine_is_installed_and_left_to_its_disk() {
    installs(true);
}

#[test]
fn an_image_that_was_cut_short_is_refused_and_the_permit_stays() {
    if !can_install(false) {
        return;
    }
    let (mut site, config) = site(false, 3_999_999);
    let _machine = start(&mut site, config, false);
    let failed = reported(&site, "failed");
    assert!(matches!(failed.kind, EventKind::Reported { detail, .. } if detail.contains("SHA-256")));
    assert_eq!(site.service().permit("node0"), Permit::Open { handed: 1 });
    // It tries again, and succeeds as soon as the image is whole.
    let folder = site.folder.path();
    std::fs::rename(folder.join("image.whole"), folder.join("image")).expect("the image");
    reported(&site, "installed");
    site.wait_for("the end", 5, |kind| *kind == EventKind::PermitClosed);
    left_to_its_disk(&site);
}

#[test]
fn a_service_that_ends_in_the_middle_loses_no_machine() {
    if !can_install(false) {
        return;
    }
    let (mut site, config) = site(false, usize::MAX);
    let _machine = start(&mut site, config.clone(), false);
    site.wait_for("the kernel", 60, |kind| *kind == EventKind::KernelFetched);
    // What is under way is cut: the initramfs, or what the kernel asks for.
    site.start(config);
    reported(&site, "installed");
    site.wait_for("the end", 5, |kind| *kind == EventKind::PermitClosed);
    left_to_its_disk(&site);
}
