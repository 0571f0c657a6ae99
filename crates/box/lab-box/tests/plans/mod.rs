//! Plans that the box's tests bring up, what they leave, and what this machine lacks for them.

use lab_box::{
    Board, BoxDirs, BoxPlan, Device, Disk, Firmware, Interface, LightPlan, Link, Machine, Network, Options,
    ServicePort, Shared, Transport, User, down, missing, missing_light,
};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Machines `node1`, `node2` and so on in one network, one for each firmware. The first holds an address that is nobody's
/// own.
pub(crate) fn plan(id: &str, firmware: &[Firmware]) -> BoxPlan {
    let mut machines: Vec<Machine> = (1..).zip(firmware).map(|(n, firmware)| machine(n, *firmware)).collect();
    machines[0].interfaces[0].held.push([10, 77, 0, 2].into());
    BoxPlan {
        id: id.to_owned(),
        networks: vec![Network { name: "lan".into(), service: Some("10.77.0.254/24".parse().unwrap()) }],
        shared: vec![Shared {
            name: "gateway".into(),
            address: [10, 77, 0, 2].into(),
            network: "lan".into(),
            holder: Some(machines[0].name.clone()),
        }],
        machines,
        not_checked: Vec::new(),
        stand_ins: Vec::new(),
    }
}

fn machine(n: u8, firmware: Firmware) -> Machine {
    let service = |port, transport, service: &str| ServicePort { port, transport, service: service.into() };
    let disk = |name: &str, serial: &str, size_mib, install| {
        let (name, serial) = (name.to_owned(), serial.to_owned());
        Disk { name, serial, size_mib, install }
    };
    let (disks, card) = match firmware {
        Firmware::RaspberryPi(Board { generation: 3, .. }) => (Vec::new(), "b8:27:eb"),
        Firmware::RaspberryPi(_) => (Vec::new(), "dc:a6:32"),
        _ => (vec![disk("data", "DATA1", 64, false), disk("system", "SYSTEM1", 2048, true)], "52:54:00"),
    };
    Machine {
        name: format!("node{n}"),
        hostname: format!("node{n}.lab.example"),
        memory_mib: 8 * 1024,
        firmware,
        disks,
        interfaces: vec![Interface {
            name: "enp1s0".into(),
            mac: format!("{card}:77:00:{n:02x}").parse().unwrap(),
            network: "lan".into(),
            addresses: vec![
                format!("10.77.0.{}/24", 10 + n).parse().unwrap(),
                format!("fd77::{}/64", 10 + n).parse().unwrap(),
            ],
            held: Vec::new(),
        }],
        gateway: Some([10, 77, 0, 1].into()),
        dns: vec![[10, 77, 0, 1].into()],
        users: vec![User { name: "ada".into(), keys: Vec::new() }],
        root_keys: Vec::new(),
        services: vec![service(53, Transport::Udp, "names"), service(8080, Transport::Tcp, "photos")],
        after: None,
    }
}

/// Machines as namespaces, all on one network.
pub(crate) fn light(id: &str, n: usize) -> LightPlan {
    let mut plan = plan(id, &vec![Firmware::Bios; n]);
    plan.machines.iter_mut().for_each(|machine| machine.gateway = None);
    let link = Link::Uplink { carries: vec![(None, "lan".into())] };
    let wiring = (0..n).map(|_| vec![Device { name: "enp1s0".into(), mac: None, link: link.clone() }]);
    LightPlan { wiring: wiring.collect(), plan }
}

/// A state folder of the test's own and the given cache.
pub(crate) fn options(root: &Path, cache: &Path) -> Options {
    let dirs = BoxDirs { state: root.join("state"), cache: cache.to_owned() };
    Options { dirs, ..Options::of_user() }
}

/// A box that is taken down when the test ends, however it ends.
pub(crate) struct Guarded<'a>(pub(crate) &'a BoxDirs, pub(crate) &'a str);

impl Drop for Guarded<'_> {
    fn drop(&mut self) {
        // A test that fails must not leave machines running; of one that passed nothing is there.
        drop(down(self.0, self.1));
    }
}

/// True, after saying so, when machines of these kinds cannot be tried here.
pub(crate) fn lacks(firmware: &[Firmware]) -> bool {
    let missing = missing(&firmware.iter().copied().collect());
    let packages: BTreeSet<&str> = missing.iter().map(|missing| missing.package).collect();
    skip(packages)
}

/// True, after saying so, when namespaces cannot be tried here.
pub(crate) fn lacks_light() -> bool {
    skip(missing_light().iter().map(|missing| missing.package).collect())
}

fn skip(packages: BTreeSet<&str>) -> bool {
    let is_root = nix::unistd::geteuid().is_root();
    if !is_root || !packages.is_empty() {
        let root = if is_root { "" } else { "root " };
        let packages: Vec<&str> = packages.into_iter().collect();
        lab_testkit::leave_out(&format!("{root}{}", packages.join(" ")));
        return true;
    }
    false
}

/// Everything on this machine that carries the box's name: namespaces, mounts, processes.
pub(crate) fn traces(id: &str) -> Vec<String> {
    let names = fs::read_dir("/run/netns").into_iter().flatten().flatten();
    let names = names.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mounts = fs::read_to_string("/proc/mounts").unwrap();
    let processes = fs::read_dir("/proc").unwrap().flatten().filter_map(|entry| {
        let line = fs::read(entry.path().join("cmdline")).ok()?;
        Some(String::from_utf8_lossy(&line).replace('\0', " "))
    });
    let all = names.chain(mounts.lines().map(str::to_owned)).chain(processes);
    all.filter(|text| text.contains(&format!("lw-{id}")) || text.contains(&format!("/{id}/"))).collect()
}
