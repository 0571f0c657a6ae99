//! The projection of small labs.

use super::*;
use lab_netboot::config::ClientMatch;

const LAB: &str = "
lab: { name: Home, domain: home.example }
vlans: { servers: { id: 20, mtu: 9000 }, far: 30 }
prefixes:
  10.0.0.0/16: { kind: container }
  10.0.20.0/24:
    vlan: servers
    gateway: 10.0.20.1
    dns: 10.0.20.1
    ntp: 10.0.20.1
    dhcp: { by: router, lease: 2 h, reservations: { ap-1: { address: 10.0.20.5, mac: 52:54:00:10:10:05 } } }
    ranges: { 10.0.20.10-10.0.20.19: dhcp }
  10.0.30.0/24: { vlan: far, dhcp: { by: router, relayed: true }, ranges: { 10.0.30.100-10.0.30.199: dhcp } }
devices:
  box-1..2: { interfaces: { eth0: { mac: '52:54:00:00:00:01..02' } }, drives: { nvme-0: { serial: ABCD1234 } } }
  board: { cpu: { architecture: arm64 }, serial: 10000000abcdef01, interfaces: { eth0: { mac: dc:a6:32:00:00:01 } } }
hosts:
  router: { on: box-1, os: OPNsense, addresses: { eth0: 10.0.20.1/24 } }
  node: { on: box-2, os: debian 12, addresses: { eth0: 10.0.20.11/24 } }
  pi: { on: board, boots-from: network, firmware: raspberry-pi, addresses: { eth0: dhcp } }
vms:
  web: { on: node, nics: { net0: { mac: 52:54:00:00:00:77 } } }
";

pub(super) fn lab(text: &str) -> Lab {
    let files = vec![lab_source::Input { name: "lab.yaml".into(), bytes: text.into() }];
    lab_model::read(lab_model::Input { files, overlays: Vec::new(), types: &() }).lab
}

pub(super) fn projected(text: &str, files: &Files, role: Role) -> Projection {
    let interface = Interface { name: "eth9".into(), address: "10.0.20.9/24".parse().expect("an address") };
    let locale = Locale { country: "at".into(), keyboard: "de".into() };
    let interfaces = [interface];
    project(&lab(text), &Stand { interfaces: &interfaces, role, state: "/s".into(), files, locale: &locale })
}

fn reserved(segment: &config::Segment) -> Vec<String> {
    let of = |kept: &config::Reservation| match &kept.client {
        ClientMatch::Mac(mac) => format!("{mac} {} {}", kept.address, kept.hostname.as_deref().unwrap_or("")),
        ClientMatch::ClientId(id) => format!("{id:?}"),
    };
    segment.reservations.iter().map(of).collect()
}

#[test]
fn a_network_becomes_a_segment_with_everything_the_lab_says_of_it() {
    let projection = projected(LAB, &Files::default(), Role::Server);
    assert_eq!(projection.config.faults(), []);
    let [near, far] = &projection.config.segments[..] else { panic!("{:?}", projection.config.segments) };
    assert_eq!(near.network.to_string(), "10.0.20.0/24");
    assert_eq!(near.interface.as_deref(), Some("eth9"));
    assert_eq!(
        reserved(near),
        [
            "52:54:00:10:10:05 10.0.20.5 ap-1",
            "52:54:00:00:00:01 10.0.20.1 router",
            "52:54:00:00:00:02 10.0.20.11 node",
        ]
    );
    let pools: Vec<String> = near.pools.iter().map(|pool| format!("{}-{}", pool.first, pool.last)).collect();
    assert_eq!(pools, ["10.0.20.10-10.0.20.10", "10.0.20.12-10.0.20.19"], "node's address is no pool's");
    let options = &near.options;
    assert_eq!(options.routers, [Ipv4Addr::new(10, 0, 20, 1)]);
    assert_eq!((options.dns.len(), options.ntp.len(), options.mtu), (1, 1, Some(9000)));
    assert_eq!((options.lease.as_secs(), options.domain.as_deref()), (7200, Some("home.example")));
    assert_eq!((far.network.to_string().as_str(), &far.interface), ("10.0.30.0/24", &None));
    assert!(projection.notes[0].contains("router gives the addresses"), "{:?}", projection.notes);
}

#[test]
fn hosts_vms_and_reservations_are_machines() {
    let config = projected(LAB, &Files::default(), Role::Server).config;
    let names: Vec<&str> = config.machines.iter().map(|machine| machine.name.as_str()).collect();
    assert_eq!(names, ["router", "node", "pi", "web", "ap-1"]);
    let pi = &config.machines[2];
    assert_eq!((pi.serial.as_deref(), pi.arch), (Some("10000000abcdef01"), Some(Processor::Arm64)));
}

#[test]
fn beside_another_server_nothing_is_said_of_pools_and_relays() {
    let projection = projected(LAB, &Files::default(), Role::Proxy);
    assert_eq!(projection.config.segments.len(), 1);
    assert_eq!(projection.config.segments[0].role, Role::Proxy);
    assert!(!projection.notes.iter().any(|note| note.contains("addresses here")), "{:?}", projection.notes);
}

#[test]
fn only_a_disk_that_is_certain_is_a_target() {
    let check = |device: &str, host: &str, expect: Result<&str, &str>| {
        let text = format!("devices: {{ box: {{ {device} }} }}\nhosts: {{ node: {{ on: box, {host} }} }}\n");
        let lab = lab(&text);
        let found = disk::target(&lab, lab.hosts.find("node").expect("the host"));
        match (found, expect) {
            (Ok(target), Ok(words)) => assert_eq!(target.to_string(), words),
            (Err(why), Err(part)) => assert!(why.contains(part), "{why}"),
            (found, expect) => panic!("{text}: {found:?}, not {expect:?}"),
        }
    };
    let serial = "the disk with serial number ABCD1234 in bay nvme-0";
    check("drives: { nvme-0: { serial: ABCD1234 } }", "os: debian", Ok(serial));
    check("drives: { nvme-0: { holds: os } }", "os: debian", Ok("its only disk, in bay nvme-0"));
    check("drives: { nvme-0: { serial: ABCD1234, holds: os }, sata-0: {} }", "os: debian", Ok(serial));
    check("drives: { nvme-0: { serial: ABCD1234 }, sata-0: {} }", "system-drive: nvme-0", Ok(serial));
    check("drives: { nvme-0: {}, sata-0: {} }", "system-drive: nvme-0", Err("no `serial`"));
    check("drives: { nvme-0: {}, sata-0: {} }", "os: debian", Err("does not say which"));
    check("drives: { nvme-0: {} }", "system-drive: sata-0", Err("no drive in bay `sata-0`"));
    check("drives: { nvme-0: { serial: 'x*; rm -r' } }", "os: debian", Err("is not a serial number"));
    check("drives: {}", "os: debian", Err("no drive"));
}

/// A lab of hosts with one system each.
const SYSTEMS: &str = "
lab: { name: Home, domain: home.example, timezone: Europe/Vienna }
prefixes: { 10.0.20.0/24: { gateway: 10.0.20.1, dns: 10.0.20.2 } }
devices:
  box-1..4: { drives: { nvme-0: { serial: ABCD1234 } }, interfaces: { eth0: { mac: '52:54:00:00:00:01..04' } } }
  board: { cpu: { architecture: arm64 }, interfaces: { eth0: { mac: dc:a6:32:00:00:01 } } }
hosts:
  deb: { on: box-1, os: debian 12.4, addresses: { eth0: 10.0.20.11/24 }, users: { ada: { keys: ssh-ed25519 AAAA a@b, admin: true } } }
  pve: { on: box-2, os: proxmox 9, addresses: { eth0: 10.0.20.12/24 }, users: { root: { keys: ssh-ed25519 AAAA a@b } } }
  talos: { on: box-3, os: talos 1.11.5, addresses: { eth0: 10.0.20.13/24 } }
  other: { on: box-4, os: haiku, addresses: { eth0: 10.0.20.14/24 } }
  pi: { on: board, boots-from: network, boot-server: deb, firmware: raspberry-pi, addresses: { eth0: dhcp } }
";

fn files() -> Files {
    let mut files = Files::default();
    for name in [
        "debian-11/amd64/linux",
        "debian-12/amd64/linux",
        "debian-12/amd64/initrd.gz",
        "talos-1.11.5/amd64/vmlinuz",
        "talos-1.11.5/amd64/initramfs.xz",
        "raspberry-pi",
    ] {
        files.by_name.insert(name.into(), PathBuf::from("/f").join(name));
    }
    files.folders.insert("raspberry-pi".into());
    files.talos.insert("talos".into(), "machine: { type: worker }".into());
    files
}

#[test]
fn each_system_is_installed_in_its_own_way() {
    use lab_netboot::config::AnswerKind;
    let projection = projected(SYSTEMS, &files(), Role::Server);
    assert_eq!(projection.config.faults(), []);
    let machine = |name: &str| {
        projection.config.machines.iter().find(|machine| machine.name == name).expect("a machine")
    };
    let kind = |name: &str| machine(name).answer.as_ref().map(|answer| answer.kind);
    let Boot::Install(debian) = &machine("deb").boot else { panic!("{:?}", machine("deb").boot) };
    assert_eq!(debian.kernel, "debian-12/amd64/linux");
    assert!(debian.cmdline.contains("url={answer}"), "{}", debian.cmdline);
    assert_eq!(kind("deb"), Some(AnswerKind::Debian));
    assert!(
        machine("deb").answer.as_ref().is_some_and(|answer| answer.text.contains("address 10.0.20.11/24"))
    );
    assert!(matches!(machine("pve").boot, Boot::Disk));
    assert_eq!(kind("pve"), Some(AnswerKind::Proxmox));
    assert!(
        matches!(&machine("talos").boot, Boot::Install(talos) if talos.cmdline.contains("talos.config={answer}"))
    );
    assert_eq!(kind("talos"), Some(AnswerKind::Talos));
    assert_eq!(projection.installs["other"], Err("nothing here installs haiku".into()));
    assert!(matches!(&machine("pi").boot, Boot::Folder(folder) if folder == "pi/pi"));
    let Some(Artefact::Bytes(cmdline)) = projection.config.artefacts.get("pi/pi/cmdline.txt") else {
        panic!("{:?}", projection.config.artefacts.keys());
    };
    let cmdline = String::from_utf8_lossy(cmdline);
    assert!(cmdline.contains("nfsroot=10.0.20.11:/srv/netboot/pi,"), "{cmdline}");
}

#[test]
fn without_files_nothing_is_installed_and_the_reason_says_which() {
    let projection = projected(SYSTEMS, &Files::default(), Role::Server);
    for (host, part) in
        [("deb", "`linux` and `initrd.gz` in `debian-12/amd64`"), ("talos", "in `talos-1.11.5/amd64`")]
    {
        let why = projection.installs[host].clone().expect_err(host);
        assert!(why.contains(part), "{why}");
    }
    assert!(projection.installs["pve"].is_ok(), "its installer comes from its own ISO");
    assert!(
        projection.notes.iter().any(|note| note.contains("folder `raspberry-pi`")),
        "{:?}",
        projection.notes
    );
}
