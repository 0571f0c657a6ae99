//! Plans for tests, and what is reckoned and refused.

use super::*;
use crate::host::Host;

pub(crate) fn machine(name: &str, n: u8) -> Machine {
    Machine {
        name: name.into(),
        hostname: format!("{name}.lab.example"),
        memory_mib: 16 * 1024,
        firmware: Firmware::Bios,
        disks: vec![Disk {
            name: "system".into(),
            serial: format!("SN-{n}"),
            size_mib: 512 * 1024,
            install: true,
        }],
        interfaces: vec![Interface {
            name: "lan0".into(),
            mac: Mac([0x52, 0x54, 0, 0x77, 0, n]),
            network: "lan".into(),
            addresses: vec![
                format!("10.77.0.{}/24", 10 + n).parse().unwrap(),
                format!("fd77::{}/64", 10 + n).parse().unwrap(),
            ],
            held: Vec::new(),
        }],
        gateway: Some("10.77.0.1".parse().unwrap()),
        dns: vec!["10.77.0.1".parse().unwrap()],
        users: vec![User { name: "ada".into(), keys: vec!["ssh-ed25519 AAAAada ada".into()] }],
        root_keys: vec!["ssh-ed25519 AAAAroot me".into()],
        services: Vec::new(),
        after: None,
    }
}

pub(crate) fn plan(n: u8) -> BoxPlan {
    BoxPlan {
        id: "test".into(),
        networks: vec![Network { name: "lan".into(), service: Some("10.77.0.1/24".parse().unwrap()) }],
        machines: (1..=n).map(|n| machine(&format!("node{n}"), n)).collect(),
        shared: Vec::new(),
        not_checked: Vec::new(),
        stand_ins: vec!["node1: Debian in place of Proxmox VE".into()],
    }
}

fn host(memory_mib: u64, disk_mib: u64) -> Host {
    Host { memory_mib, disk_mib, disk_folder: "/cache".into(), cpus: 2 }
}

fn fault(change: impl FnOnce(&mut BoxPlan)) -> String {
    let mut plan = plan(2);
    change(&mut plan);
    plan.faults().iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

#[test]
fn a_good_plan_has_no_faults() {
    assert_eq!(plan(3).faults(), []);
}

#[test]
fn every_fault_is_named() {
    let check = |change: &dyn Fn(&mut BoxPlan), expect: &str| {
        let found = fault(change);
        assert!(found.contains(expect), "`{found}` does not say `{expect}`");
    };
    check(&|plan| plan.id = "Home Lab".into(), "box name `Home Lab`");
    check(&|plan| plan.machines.clear(), "no host");
    check(&|plan| plan.machines[1].name = "node1".into(), "machine `node1` is used twice");
    check(
        &|plan| plan.machines[1].interfaces[0].mac = Mac([0x52, 0x54, 0, 0x77, 0, 1]),
        "52:54:00:77:00:01` is used",
    );
    check(
        &|plan| plan.machines[1].interfaces[0].addresses = plan.machines[0].interfaces[0].addresses.clone(),
        "address `10.77.0.11` is used twice",
    );
    check(
        &|plan| plan.machines[0].interfaces[0].addresses = vec!["10.77.0.1/24".parse().unwrap()],
        "address `10.77.0.1` is used twice",
    );
    check(
        &|plan| plan.machines[0].interfaces[0].network = "dmz".into(),
        "node1:lan0 is plugged into network `dmz`",
    );
    check(&|plan| plan.networks[0].service = None, "`lan` has no address for the netboot service");
    check(
        &|plan| plan.machines[0].interfaces[0].addresses.clear(),
        "lan0 has no IPv4 address in 10.77.0.0/24",
    );
    check(&|plan| plan.machines[0].interfaces.clear(), "it has no network card");
    check(&|plan| plan.machines[0].disks[0].install = false, "node1 has 0 disks to install to");
    check(&|plan| plan.machines[0].disks[0].serial = "a serial that is too long".into(), "disk serial");
    check(&|plan| plan.machines[0].hostname = "node1;reboot".into(), "hostname `node1;reboot`");
    check(&|plan| plan.machines[0].users[0].name = "root".into(), "user `root`");
    check(&|plan| plan.machines[0].root_keys = vec!["ssh-ed25519 AAAA\nevil".into()], "ssh key");
    check(&|plan| plan.machines[0].interfaces[0].name = "a name".into(), "interface `a name`");
}

#[test]
fn machines_get_less_than_described_and_it_is_said() {
    let footprint = footprint(&plan(3), &host(16 * 1024, 100 * 1024), true).unwrap();
    assert_eq!(
        footprint.machines[2],
        Allotment { machine: "node3".into(), memory_mib: 512, disks_mib: vec![4096] }
    );
    assert_eq!((footprint.memory_mib, footprint.disk_mib), (3 * (512 + 160), 3 * 450));
    assert_eq!(
        footprint.stand_ins,
        [
            "node1: Debian in place of Proxmox VE",
            "memory: 512 MiB in place of the described 16 GiB",
            "disks: 4 GiB, sparse, in place of the described 512 GiB",
            "firmware: SeaBIOS with iPXE in the card's ROM",
            "system: a Debian 12 of apt's minimum with OpenSSH; BusyBox is its init, not systemd",
        ]
    );
}

#[test]
fn scarce_memory_is_shared_and_too_little_is_refused() {
    let tight = footprint(&plan(3), &host(512 + 3 * (160 + 400), 100 * 1024), true).unwrap();
    assert!(tight.machines.iter().all(|allotment| allotment.memory_mib == 400));
    let error = footprint(&plan(3), &host(512 + 3 * (160 + 320) - 1, 100 * 1024), true).unwrap_err();
    assert_eq!(error, Misfit::Memory { machines: 3, needed: 512 + 3 * 480, available: 512 + 3 * 480 - 1 });
}

#[test]
fn the_image_counts_only_when_it_must_be_made() {
    let small = host(16 * 1024, 3 * 450);
    assert!(footprint(&plan(3), &small, true).is_ok());
    let error = footprint(&plan(3), &small, false).unwrap_err();
    assert_eq!(error.to_string(), "2950 MiB of disk space are needed, 1350 MiB are free in /cache");
}
