//! Real machines: one from an empty disk to verified and away again, and one that is given a spoiled image.
//!
//! Needs root and the packages of a box; says "skipped: needs ..." without them. Uses the user's image cache, and makes
//! the image when it is not there.

#![expect(clippy::unwrap_used, reason = "a test ends where something went wrong")]

use lab_box::{
    BoxDirs, BoxPlan, Device, Disk, Firmware, ImageStore, Interface, LightPlan, Link, Machine, Network,
    Options, Progress, ServicePort, Shared, Stage, Transport, User, down, missing, missing_light, status, up,
    up_light,
};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

fn plan(id: &str) -> BoxPlan {
    BoxPlan {
        id: id.to_owned(),
        networks: vec![Network { name: "lan".into(), service: Some("10.77.0.254/24".parse().unwrap()) }],
        machines: vec![Machine {
            name: "node1".into(),
            hostname: "node1.lab.example".into(),
            memory_mib: 8 * 1024,
            firmware: Firmware::Bios,
            disks: vec![
                Disk { name: "data".into(), serial: "DATA1".into(), size_mib: 64, install: false },
                Disk { name: "system".into(), serial: "SYSTEM1".into(), size_mib: 2048, install: true },
            ],
            interfaces: vec![Interface {
                name: "enp1s0".into(),
                mac: "52:54:00:77:00:01".parse().unwrap(),
                network: "lan".into(),
                addresses: vec!["10.77.0.11/24".parse().unwrap(), "fd77::11/64".parse().unwrap()],
                held: vec![[10, 77, 0, 2].into()],
            }],
            gateway: Some([10, 77, 0, 1].into()),
            dns: vec![[10, 77, 0, 1].into()],
            users: vec![User { name: "ada".into(), keys: Vec::new() }],
            root_keys: Vec::new(),
            services: vec![
                ServicePort { port: 53, transport: Transport::Udp, service: "names".into() },
                ServicePort { port: 8080, transport: Transport::Tcp, service: "photos".into() },
            ],
            after: None,
        }],
        shared: vec![Shared {
            name: "gateway".into(),
            address: [10, 77, 0, 2].into(),
            network: "lan".into(),
            holder: Some("node1".into()),
        }],
        not_checked: Vec::new(),
        stand_ins: Vec::new(),
    }
}

/// Why this machine cannot run the test, if so.
fn lacks() -> Option<String> {
    if !nix::unistd::geteuid().is_root() {
        return Some("root".into());
    }
    let packages: BTreeSet<&str> =
        missing(&BTreeSet::from([Firmware::Bios])).iter().map(|missing| missing.package).collect();
    let list: Vec<&str> = packages.into_iter().collect();
    (!list.is_empty()).then(|| list.join(" "))
}

/// Everything on this machine that carries the box's name: namespace, processes.
fn traces(id: &str) -> Vec<String> {
    let namespace = format!("/run/netns/lw-{id}");
    let mut found: Vec<String> =
        Path::new(&namespace).exists().then_some(namespace.clone()).into_iter().collect();
    let processes = fs::read_dir("/proc").unwrap().flatten().filter_map(|entry| {
        let line = fs::read(entry.path().join("cmdline")).ok()?;
        let line = String::from_utf8_lossy(&line).replace('\0', " ");
        line.contains(&format!("/{id}/")).then_some(line)
    });
    found.extend(processes);
    found
}

fn options(root: &Path, cache: &Path) -> Options {
    let dirs = BoxDirs { state: root.join("state"), cache: cache.to_owned() };
    Options { dirs, ..Options::of_user() }
}

#[test]
fn a_machine_comes_up_from_an_empty_disk_and_leaves_nothing() {
    if let Some(lacks) = lacks() {
        eprintln!("skipped: needs {lacks}");
        return;
    }
    let id = format!("live{}", std::process::id());
    let root = tempfile::tempdir().unwrap();
    let options = options(root.path(), &BoxDirs::of_user().cache);
    let mut seen = Vec::new();
    let report = up(&plan(&id), &options, &mut |step: &Progress| seen.push(step.stage.clone())).unwrap();
    assert!(report.is_as_described(), "{:#?} {:?}", report.rows, report.machines);
    assert!(report.rows.iter().any(|row| row.machine == "gateway" && row.ok), "{:#?}", report.rows);
    for word in ["started", "offered", "kernel", "installing", "written", "rebooted", "up", "verified"] {
        assert!(seen.iter().any(|stage| stage.word() == word), "{word} is not among {seen:?}");
    }
    assert_eq!(status(&options.dirs, &id).unwrap().machines[0].power, "running");
    let again = up(&plan(&id), &options, &mut |_| {}).unwrap_err().to_string();
    assert!(again.contains("is up already"), "{again}");

    let removed = down(&options.dirs, &id).unwrap();
    assert_eq!((removed.processes, removed.namespace, removed.folders), (1, true, 2));
    assert_eq!(traces(&id), Vec::<String>::new());
    assert_eq!(fs::read_dir(root.path()).unwrap().count(), 0);
    assert!(!options.dirs.boxes().contains(&id));
}

#[test]
fn a_spoiled_image_is_not_accepted() {
    if let Some(lacks) = lacks() {
        eprintln!("skipped: needs {lacks}");
        return;
    }
    let image = ImageStore::new(BoxDirs::of_user().cache).ensure(&|_| {}).unwrap();
    let root = tempfile::tempdir().unwrap();
    let cache = root.path().join("cache");
    fs::create_dir(&cache).unwrap();
    let folder = image.disk.parent().unwrap();
    assert!(Command::new("cp").arg("-a").arg(folder).arg(&cache).status().unwrap().success());
    let copy = cache.join(folder.file_name().unwrap()).join(image.disk.file_name().unwrap());
    let mut bytes = fs::read(&copy).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&copy, bytes).unwrap();

    let id = format!("spoiled{}", std::process::id());
    let options = options(root.path(), &cache);
    let report = up(&plan(&id), &options, &mut |_| {}).unwrap();
    let Stage::Failed(why) = &report.machines[0].1 else { panic!("{:?}", report.machines) };
    assert!(why.contains("SHA-256"), "{why}");
    down(&options.dirs, &id).unwrap();
    assert_eq!(traces(&id), Vec::<String>::new());
}

/// Machines as namespaces, all on one network.
fn light(id: &str, n: u8) -> LightPlan {
    let mut plan = plan(id);
    plan.shared.clear();
    let model = plan.machines.remove(0);
    for number in 1..=n {
        let mut machine = model.clone();
        machine.name = format!("node{number}");
        machine.hostname = format!("node{number}.lab.example");
        machine.interfaces[0].addresses = vec![format!("10.77.0.{number}/24").parse().unwrap()];
        machine.interfaces[0].held.clear();
        machine.gateway = None;
        plan.machines.push(machine);
    }
    let link = Link::Uplink { carries: vec![(None, "lan".into())] };
    let wiring = (0..n).map(|_| vec![Device { name: "enp1s0".into(), mac: None, link: link.clone() }]);
    LightPlan { wiring: wiring.collect(), plan }
}

/// Why namespaces cannot be tried here, if so.
fn lacks_light() -> bool {
    let lacks = !nix::unistd::geteuid().is_root() || !missing_light().is_empty();
    if lacks {
        skip("needs root, ip, ping and nsenter");
    }
    lacks
}

/// Namespaces and processes of a light box.
fn light_traces(id: &str) -> Vec<String> {
    let names = fs::read_dir("/run/netns").into_iter().flatten().flatten();
    let names = names.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let processes = fs::read_dir("/proc").unwrap().flatten().filter_map(|entry| {
        let line = fs::read(entry.path().join("cmdline")).ok()?;
        Some(String::from_utf8_lossy(&line).replace('\0', " "))
    });
    names.chain(processes).filter(|text| text.contains(&format!("lw-{id}"))).collect()
}

#[test]
fn namespaces_come_up_as_described_and_leave_nothing() {
    if lacks_light() {
        return;
    }
    let id = format!("light{}", std::process::id());
    let root = tempfile::tempdir().unwrap();
    let options = options(root.path(), &root.path().join("cache"));
    let report = up_light(&light(&id, 4), &options, &mut |_| {}).unwrap();
    assert!(report.is_as_described(), "{:#?}", report.rows);
    assert_eq!(report.rows.iter().filter(|row| row.fact == "ping").count(), 4);
    let removed = down(&options.dirs, &id).unwrap();
    assert_eq!(removed.processes, 4);
    assert_eq!(light_traces(&id), Vec::<String>::new());
    assert_eq!(fs::read_dir(root.path()).unwrap().count(), 0);
}

/// A run in a process of its own is killed after each of some times; `down` finds everything.
#[test]
fn a_killed_run_leaves_nothing_that_down_does_not_find() {
    if lacks_light() {
        return;
    }
    let root = tempfile::tempdir().unwrap();
    let options = options(root.path(), &root.path().join("cache"));
    if let Ok(id) = std::env::var("LAB_BOX_KILLED") {
        let state = std::env::var("LAB_BOX_STATE").unwrap();
        let options = self::options(Path::new(&state), &Path::new(&state).join("cache"));
        up_light(&light(&id, 6), &options, &mut |_| {}).unwrap();
        return;
    }
    let kills: u64 = std::env::var("LAB_BOX_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(4);
    for kill in 0..kills {
        let id = format!("kill{}-{kill}", std::process::id());
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "a_killed_run_leaves_nothing_that_down_does_not_find"])
            .env("LAB_BOX_KILLED", &id)
            .env("LAB_BOX_STATE", root.path())
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        // Spread over the time that a run takes, some after its end.
        wait_out(std::time::Duration::from_millis(15 + kill * 600 / kills));
        child.kill().unwrap();
        child.wait().unwrap();
        down(&options.dirs, &id).unwrap();
        assert_eq!(light_traces(&id), Vec::<String>::new(), "kill {kill}");
    }
    assert_eq!(fs::read_dir(root.path()).unwrap().count(), 0);
}

/// Says that a test was left out, and why.
#[expect(clippy::print_stderr, reason = "whoever reads the test's output must see what was not tried")]
fn skip(why: &str) {
    eprintln!("skipped: {why}");
}

/// Lets a time pass. Only for killing at a moment that nothing announces.
fn wait_out(time: std::time::Duration) {
    let (_keep, never) = std::sync::mpsc::channel::<()>();
    let _ended = never.recv_timeout(time).is_err();
}
