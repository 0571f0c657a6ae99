//! The netboot service of a box: its configuration made from the plan, and its events turned into stages.

use crate::image::Image;
use crate::net::{Namespace, bridge_name};
use crate::pi;
use crate::plan::{BoxPlan, Firmware, Machine};
use crate::progress::Stage;
use lab_netboot::config::{
    Artefact, Boot, ClientMatch, Config, Install, Loaders, Processor, Reservation, Segment, Unknown,
};
use lab_netboot::{EventKind, config};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const EFI_LOADER: &str = "snponly.efi";
const CMDLINE: &str = "quiet loglevel=3 console=ttyS0 net.ifnames=0 mitigations=off random.trust_cpu=on \
    lw.mode=install lw.mac={mac} lw.image={image} lw.sha256={sha256} lw.report={report}";

/// The configuration for `plan`: every network from which a machine boots, the image, and each machine's `archives`
/// (in the order of the plan's machines). What Raspberry Pis fetch lies below `disks`.
pub(crate) fn config(
    plan: &BoxPlan,
    namespace: &Namespace,
    (state, disks): (PathBuf, &Path),
    image: &Image,
    archives: Vec<Vec<u8>>,
) -> Config {
    let mut artefacts = BTreeMap::from([
        ("vmlinuz".to_owned(), Artefact::File(image.kernel.clone())),
        ("initrd.img".to_owned(), Artefact::File(image.initrd.clone())),
        ("disk.zst".to_owned(), Artefact::File(image.disk.clone())),
    ]);
    let uefi = plan.machines.iter().any(|machine| machine.firmware == Firmware::Uefi);
    if uefi {
        let file = Path::new("/usr/lib/ipxe").join(EFI_LOADER);
        artefacts.insert(EFI_LOADER.to_owned(), Artefact::File(file));
    }
    for (machine, archive) in plan.machines.iter().zip(archives).filter(|(m, _)| m.firmware.board().is_none())
    {
        // It holds the machine's host keys.
        let personal = Artefact::Personal { machine: machine.name.clone(), bytes: Arc::from(archive) };
        artefacts.insert(personal_name(machine), personal);
    }
    artefacts.insert(pi::ROOT.to_owned(), Artefact::File(image.root.clone()));
    for machine in plan.machines.iter().filter(|machine| machine.firmware.board().is_some()) {
        artefacts.insert(pi::folder_name(machine), Artefact::Folder(pi::folder(disks, machine)));
    }
    Config {
        namespace: Some(namespace.path()),
        state,
        segments: segments(plan),
        machines: plan.machines.iter().map(|machine| netboot_machine(machine, image)).collect(),
        unknown: Unknown::Ignore,
        // BIOS machines have iPXE in their card's ROM and ask for the script at once.
        loaders: Loaders { bios: None, efi_x86_64: uefi.then(|| EFI_LOADER.to_owned()), efi_arm64: None },
        artefacts,
        ports: config::Ports::default(),
        limits: config::Limits::default(),
    }
}

fn personal_name(machine: &Machine) -> String {
    format!("personal/{}.cpio", machine.name)
}

fn segments(plan: &BoxPlan) -> Vec<Segment> {
    let mut segments = Vec::new();
    for (index, network) in plan.networks.iter().enumerate() {
        let Some(service) = network.service else { continue };
        let first = |machine: &Machine| {
            let card = machine.interfaces.first().filter(|card| card.network == network.name)?;
            Some((card.mac, machine.boot_address(service)?, machine.hostname.clone()))
        };
        let reservations: Vec<Reservation> = plan
            .machines
            .iter()
            .filter_map(first)
            .map(|(mac, address, hostname)| Reservation {
                client: ClientMatch::Mac(mac),
                address,
                hostname: Some(hostname),
            })
            .collect();
        if reservations.is_empty() {
            continue;
        }
        let mut segment = Segment::new(&network.name, bridge_name(index), service.addr(), service.trunc());
        segment.reservations = reservations;
        segments.push(segment);
    }
    segments
}

fn netboot_machine(machine: &Machine, image: &Image) -> config::Machine {
    if let Some(board) = machine.firmware.board() {
        return config::Machine {
            name: machine.name.clone(),
            macs: machine.interfaces.iter().map(|card| card.mac).collect(),
            answer: None,
            serial: Some(format!("{:08x}", board.serial)),
            arch: Some(Processor::Arm64),
            boot: Boot::Folder(pi::folder_name(machine)),
        };
    }
    let serial = machine.system_disk().map_or("", |disk| &disk.serial);
    config::Machine {
        name: machine.name.clone(),
        macs: machine.interfaces.iter().map(|card| card.mac).collect(),
        answer: None,
        serial: None,
        arch: Some(Processor::X86_64),
        boot: Boot::Install(Install {
            kernel: "vmlinuz".into(),
            initrds: vec!["initrd.img".into(), personal_name(machine)],
            cmdline: format!("{CMDLINE} lw.size={} lw.disk={serial}", image.size_bytes),
            image: Some(config::Image { artefact: "disk.zst".into(), sha256: image.sha256.clone() }),
            efi_program: None,
        }),
    }
}

/// The stage that an event tells of, if any.
pub(crate) fn stage(kind: &EventKind) -> Option<Stage> {
    match kind {
        EventKind::Seen { .. } => Some(Stage::Seen),
        EventKind::Offered { .. } => Some(Stage::Offered),
        EventKind::LoaderFetched { .. } | EventKind::ScriptFetched { install: true } => Some(Stage::Loader),
        EventKind::KernelFetched => Some(Stage::Kernel),
        EventKind::Reported { stage, .. } if stage == "installed" => Some(Stage::Written),
        EventKind::Reported { stage, detail } if stage == "failed" => Some(Stage::Failed(detail.clone())),
        _ => None,
    }
}

/// The stage that a line on the serial console tells of, if any; the scripts of the image write these lines.
pub(crate) fn serial_stage(line: &str) -> Option<Stage> {
    let (_, said) = line.split_once("LW:")?;
    let said = said.trim_end();
    let (word, detail) = said.split_once(' ').unwrap_or((said, ""));
    match word {
        "installing" => Some(Stage::Installing(detail.parse().ok().filter(|percent| *percent <= 100)?)),
        "loading" => Some(Stage::Loading(detail.parse().ok().filter(|percent| *percent <= 100)?)),
        "installed" => Some(Stage::Written),
        "disk" => Some(Stage::Rebooted),
        "up" => Some(Stage::Up),
        "failed" => Some(Stage::Failed(detail.to_owned())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::tests::plan;

    fn made() -> Config {
        let image = Image {
            kernel: "/c/vmlinuz".into(),
            initrd: "/c/initrd.img".into(),
            disk: "/c/disk.zst".into(),
            sha256: "ab".repeat(32),
            root: "/c/root.tar.zst".into(),
            root_sha256: "cd".repeat(32),
            size_bytes: 1000,
        };
        config(
            &plan(2),
            &Namespace::of_box("t"),
            ("/s".into(), Path::new("/d")),
            &image,
            vec![vec![1], vec![2]],
        )
    }

    #[test]
    fn the_configuration_has_no_faults_and_names_every_machine() {
        let config = made();
        assert!(config.faults().is_empty(), "{:?}", config.faults());
        let addresses: Vec<String> = config.segments[0]
            .reservations
            .iter()
            .map(|reservation| reservation.address.to_string())
            .collect();
        assert_eq!(addresses, ["10.77.0.11", "10.77.0.12"]);
        assert!(config.artefacts.contains_key("personal/node2.cpio"));
        let Boot::Install(install) = &config.machines[0].boot else { panic!("it installs") };
        assert!(install.cmdline.ends_with("lw.size=1000 lw.disk=SN-1"), "{}", install.cmdline);
    }

    #[test]
    fn serial_lines_become_stages() {
        for (line, expect) in [
            ("LW:installing 42\r", Some(Stage::Installing(42))),
            ("\u{1b}[2JLW:disk", Some(Stage::Rebooted)),
            (
                "LW:failed no disk has serial number X",
                Some(Stage::Failed("no disk has serial number X".into())),
            ),
            ("LW:up node1", Some(Stage::Up)),
            ("LW:installing 420", None),
            ("LW:else", None),
            ("login:", None),
        ] {
            assert_eq!(serial_stage(line), expect, "{line}");
        }
    }
}
