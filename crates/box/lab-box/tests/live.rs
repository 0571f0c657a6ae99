//! The box under bad treatment: killed at any moment and at every state of an installation, two at once, a full disk, a
//! spoiled image. After each the machine that carries it is as it was. And a real Ceph in a wired box whose machines go.
//!
//! Needs root and the packages of a box; says "skipped: needs ..." without them. Uses the user's image cache, and makes
//! the image when it is not there. `LAB_BOX_KILLS` is how often a run is killed; few when nothing is said.

#![expect(clippy::unwrap_used, reason = "a test ends where something went wrong")]

mod ceph;
mod plans;
#[expect(dead_code, reason = "the tests of wired boxes use what is not used here")]
#[path = "wired/set_up.rs"]
mod set_up;

use lab_box::{
    Board, BoxDirs, Firmware, ImageStore, Progress, QemuPower, Removed, Stage, UpError, down, status, up,
    up_light,
};
use lab_driver::{BootDevice, Power};
use lab_netboot::config::{Boot, ClientMatch, Config, Machine, Reservation, Segment};
use lab_netboot::{EventKind, Service};
use plans::{Guarded, lacks, lacks_light, light, options, plan, traces};
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

#[test]
fn namespaces_come_up_as_described_and_leave_nothing() {
    if lacks_light() {
        return;
    }
    let id = format!("light{}", std::process::id());
    let root = tempfile::tempdir().unwrap();
    let options = options(root.path(), &root.path().join("cache"));
    let _guard = Guarded(&options.dirs, &id);
    let report = up_light(&light(&id, 4), &options, &mut |_| {}).unwrap();
    assert!(report.is_as_described(), "{:#?}", report.rows);
    // Two addresses and two services each, and the shared address.
    let count = |fact: &str| report.rows.iter().filter(|row| row.fact.starts_with(fact)).count();
    assert_eq!((count("ping"), count("service")), (5, 8), "{:#?}", report.rows);
    let removed = down(&options.dirs, &id).unwrap();
    assert_eq!(removed.processes, 4);
    assert_eq!(traces(&id), Vec::<String>::new());
    assert_eq!(fs::read_dir(root.path()).unwrap().count(), 0);
}

#[test]
fn two_boxes_with_the_same_addresses_do_not_meet() {
    if lacks_light() {
        return;
    }
    let root = tempfile::tempdir().unwrap();
    let options = options(root.path(), &root.path().join("cache"));
    let ids = ["a", "b"].map(|name| format!("two{}-{name}", std::process::id()));
    std::thread::scope(|scope| {
        let runs: Vec<_> = ids
            .iter()
            .map(|id| scope.spawn(|| up_light(&light(id, 3), &options, &mut |_| {}).unwrap()))
            .collect();
        for run in runs {
            let report = run.join().unwrap();
            assert!(report.is_as_described(), "{:#?}", report.rows);
        }
    });
    assert!(down(&options.dirs, &ids[0]).unwrap().processes == 3);
    let other = status(&options.dirs, &ids[1]).unwrap();
    assert!(other.machines.iter().all(|machine| machine.power == "namespace"), "{other:?}");
    down(&options.dirs, &ids[1]).unwrap();
    assert_eq!(fs::read_dir(root.path()).unwrap().count(), 0);
}

#[test]
fn a_spoiled_image_is_not_accepted() {
    if lacks(&[Firmware::Bios]) {
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
    let _guard = Guarded(&options.dirs, &id);
    let report = up(&plan(&id, &[Firmware::Bios]), &options, &mut |_| {}).unwrap();
    let Stage::Failed(why) = &report.machines[0].1 else { panic!("{:?}", report.machines) };
    assert!(why.contains("SHA-256"), "{why}");
    down(&options.dirs, &id).unwrap();
    assert_eq!(traces(&id), Vec::<String>::new());
}

#[test]
fn raspberry_pis_boot_from_the_network_after_their_server() {
    let board = |generation, serial| Firmware::RaspberryPi(Board { generation, serial });
    let firmware = [Firmware::Bios, board(3, 0x0123_4567), board(4, 0x9ffe_fdef), board(5, 0x89ab_cdef)];
    if lacks(&firmware) {
        return;
    }
    let id = format!("pis{}", std::process::id());
    let root = tempfile::tempdir().unwrap();
    let options = options(root.path(), &BoxDirs::of_user().cache);
    let _guard = Guarded(&options.dirs, &id);
    let mut plan = plan(&id, &firmware);
    plan.machines[1..].iter_mut().for_each(|machine| machine.after = Some("node1".into()));
    let mut seen = Vec::new();
    let report = up(&plan, &options, &mut |step: &Progress| {
        seen.extend(step.machine.clone().map(|machine| format!("{machine} {}", step.stage.word())));
    })
    .unwrap();
    assert!(report.is_as_described(), "{:#?} {:?}", report.rows, report.machines);
    let at =
        |what: &str| seen.iter().position(|said| said == what).unwrap_or_else(|| panic!("{what}: {seen:?}"));
    for machine in ["node2", "node3", "node4"] {
        assert!(at("node1 verified") < at(&format!("{machine} started")), "{seen:?}");
        assert!(at(&format!("{machine} kernel")) < at(&format!("{machine} loading")), "{seen:?}");
        let rom = report.rows.iter().find(|row| row.machine == machine && row.fact == "boot ROM").unwrap();
        assert!(rom.observed.contains(" files"), "{rom:?}");
    }
    assert_eq!(down(&options.dirs, &id).unwrap().processes, 4);
    assert_eq!(traces(&id), Vec::<String>::new());
    assert_eq!(fs::read_dir(root.path()).unwrap().count(), 0);
}

/// A netboot service in a box that is up, which gives `node1` an address and nothing to boot, and what it tells.
fn beside(id: &str, state: &Path) -> (Service, std::sync::mpsc::Receiver<lab_netboot::Event>) {
    let network = "10.77.0.0/24".parse().unwrap();
    let mut segment = Segment::new("lan", "br0", [10, 77, 0, 254].into(), network);
    let mac = "52:54:00:77:00:01".parse().unwrap();
    let client = ClientMatch::Mac(mac);
    segment.reservations.push(Reservation { client, address: [10, 77, 0, 11].into(), hostname: None });
    let mut config = Config::new(state.to_owned(), segment);
    config.machines.push(Machine {
        name: "node1".into(),
        macs: vec![mac],
        serial: None,
        arch: None,
        boot: Boot::Disk,
        answer: None,
    });
    config.namespace = Some(format!("/run/netns/lw-{id}").into());
    let (sender, receiver) = std::sync::mpsc::channel();
    (Service::start(config, sender).unwrap(), receiver)
}

#[test]
fn the_power_switch_stops_starts_and_chooses_what_boots() {
    if lacks(&[Firmware::Bios]) {
        return;
    }
    let id = format!("power{}", std::process::id());
    let root = tempfile::tempdir().unwrap();
    let options = options(root.path(), &BoxDirs::of_user().cache);
    let _guard = Guarded(&options.dirs, &id);
    let report = up(&plan(&id, &[Firmware::Bios]), &options, &mut |_| {}).unwrap();
    assert!(report.is_as_described(), "{:#?} {:?}", report.rows, report.machines);
    let power = || status(&options.dirs, &id).unwrap().machines[0].power.clone();
    assert_eq!(power(), "running");
    let mut switch = QemuPower::of(&options.dirs, &id, "node1").unwrap();
    switch.off().unwrap();
    assert_eq!(power(), "off");
    let (_service, events) = beside(&id, &root.path().join("netboot"));
    let heard = |seconds| {
        let end = Instant::now() + Duration::from_secs(seconds);
        std::iter::from_fn(|| events.recv_timeout(end.saturating_duration_since(Instant::now())).ok())
            .find(|event| matches!(event.kind, EventKind::Seen { .. }))
    };
    switch.boot_first(BootDevice::Network).unwrap();
    switch.on().unwrap();
    let event = heard(60).expect("its firmware asks the network");
    assert_eq!(event.mac.map(|mac| mac.to_string()).as_deref(), Some("52:54:00:77:00:01"));
    // From its disk it does not ask; `up` finds it as it was.
    switch.boot_first(BootDevice::Disk).unwrap();
    switch.reset().unwrap();
    while events.try_recv().is_ok() {}
    let again = up(&plan(&id, &[Firmware::Bios]), &options, &mut |_| {});
    assert!(matches!(again, Err(UpError::AlreadyUp { .. })), "{again:?}");
    assert!(heard(20).is_none(), "it asked the network");
    drop(events);
    down(&options.dirs, &id).unwrap();
    assert_eq!(traces(&id), Vec::<String>::new());
}

/// How often runs are killed.
fn kills(otherwise: u64) -> u64 {
    std::env::var("LAB_BOX_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(otherwise)
}

/// The box that this process shall bring up so that it can be killed, if it was started for that.
fn victim() -> Option<(String, lab_box::Options)> {
    let (id, root) = (std::env::var("LAB_BOX_KILLED").ok()?, std::env::var("LAB_BOX_STATE").ok()?);
    Some((id, options(Path::new(&root), &BoxDirs::of_user().cache)))
}

/// Runs a test again in a process of its own, which is to bring up box `id`, and kills it when `is_time` says so of a
/// line that it prints, or after a time.
fn kill_a_run(test: &str, id: &str, root: &Path, moment: &Moment) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .envs([("LAB_BOX_KILLED", id), ("LAB_BOX_STATE", root.to_str().unwrap())])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    match moment {
        Moment::After(time) => wait_out(*time),
        Moment::Said(what) => {
            let lines = BufReader::new(child.stdout.take().unwrap()).lines();
            assert!(lines.map_while(Result::ok).any(|line| line == *what), "it never said `{what}`");
        }
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

enum Moment {
    After(Duration),
    Said(String),
}

/// Tells each new stage of a machine on a line of its own.
#[expect(clippy::print_stdout, reason = "the test that started this one reads it")]
fn print(step: &Progress) {
    if let Some(machine) = &step.machine {
        println!("{machine} {}", step.stage.word());
    }
}

/// Lets a time pass. Only for killing at a moment that nothing announces.
fn wait_out(time: Duration) {
    let (_keep, never) = std::sync::mpsc::channel::<()>();
    let _ended = never.recv_timeout(time).is_err();
}

/// What must not change on the machine that carries boxes: its own interfaces, addresses, routes and firewall.
fn of_the_host() -> String {
    let tools: [&[&str]; 5] = [
        &["ip", "-br", "link"],
        &["ip", "-br", "address"],
        &["ip", "route", "show", "table", "all"],
        &["ip", "rule"],
        &["nft", "list", "ruleset"],
    ];
    let said = tools.map(|tool| Command::new(tool[0]).args(&tool[1..]).output());
    said.into_iter().flatten().map(|said| String::from_utf8_lossy(&said.stdout).into_owned()).collect()
}

#[test]
fn a_light_run_killed_at_any_moment_leaves_nothing_that_down_does_not_find() {
    if lacks_light() {
        return;
    }
    if let Some((id, options)) = victim() {
        up_light(&light(&id, 6), &options, &mut |_| {}).unwrap();
        return;
    }
    let root = tempfile::tempdir().unwrap();
    let options = options(root.path(), &BoxDirs::of_user().cache);
    let (before, kills) = (of_the_host(), kills(5));
    for kill in 0..kills {
        let id = format!("kill{}-{kill}", std::process::id());
        // Spread over the time that a run takes, some after its end.
        let moment = Moment::After(Duration::from_millis(15 + kill * 600 / kills));
        let test = "a_light_run_killed_at_any_moment_leaves_nothing_that_down_does_not_find";
        let _guard = Guarded(&options.dirs, &id);
        kill_a_run(test, &id, root.path(), &moment);
        if kill % 2 == 0 {
            // The next run clears up as well.
            let again = up_light(&light(&id, 6), &options, &mut |_| {});
            assert!(matches!(&again, Ok(_) | Err(UpError::AlreadyUp { .. })), "kill {kill}: {again:?}");
        }
        down(&options.dirs, &id).unwrap();
        assert_eq!(traces(&id), Vec::<String>::new(), "kill {kill}");
    }
    assert_eq!(fs::read_dir(root.path()).unwrap().count(), 0);
    assert_eq!(of_the_host(), before);
}

#[test]
fn a_run_with_machines_killed_at_any_moment_leaves_nothing_that_down_does_not_find() {
    let firmware = [Firmware::Bios, Firmware::Bios];
    if lacks(&firmware) {
        return;
    }
    if let Some((id, options)) = victim() {
        up(&plan(&id, &firmware), &options, &mut |_| {}).unwrap();
        return;
    }
    let root = tempfile::tempdir().unwrap();
    let options = options(root.path(), &BoxDirs::of_user().cache);
    let (before, kills) = (of_the_host(), kills(3));
    for kill in 0..kills {
        let id = format!("kill{}-{kill}", std::process::id());
        let moment = Moment::After(Duration::from_millis(50 + kill * 12_000 / kills));
        let test = "a_run_with_machines_killed_at_any_moment_leaves_nothing_that_down_does_not_find";
        let _guard = Guarded(&options.dirs, &id);
        kill_a_run(test, &id, root.path(), &moment);
        down(&options.dirs, &id).unwrap();
        assert_eq!(traces(&id), Vec::<String>::new(), "kill {kill}");
        assert_eq!(down(&options.dirs, &id).unwrap(), Removed::default());
    }
    assert_eq!(fs::read_dir(root.path()).unwrap().count(), 0);
    assert_eq!(of_the_host(), before);
}

/// The process of each machine that is written down as installed.
fn installed(root: &Path, id: &str) -> Vec<(String, i64)> {
    let text = fs::read_to_string(root.join("state").join(id).join("box.json")).unwrap();
    let state: serde_json::Value = serde_json::from_str(&text).unwrap();
    let machines = state["machines"].as_array().unwrap().iter();
    let installed = machines.filter(|machine| machine["mark"] != "new");
    let pair = |machine: &serde_json::Value| {
        (machine["name"].as_str().unwrap().to_owned(), machine["process"]["pid"].as_i64().unwrap())
    };
    installed.map(pair).collect()
}

#[test]
fn a_run_killed_at_any_stage_is_gone_on_with_and_nothing_is_wiped_twice() {
    let firmware = [Firmware::Bios, Firmware::Bios];
    if lacks(&firmware) {
        return;
    }
    if let Some((id, options)) = victim() {
        up(&plan(&id, &firmware), &options, &mut print).unwrap();
        return;
    }
    let root = tempfile::tempdir().unwrap();
    let options = options(root.path(), &BoxDirs::of_user().cache);
    for stage in ["started", "offered", "kernel", "installing", "written", "rebooted", "up", "verified"] {
        let id = format!("stage{}-{stage}", std::process::id());
        let test = "a_run_killed_at_any_stage_is_gone_on_with_and_nothing_is_wiped_twice";
        let _guard = Guarded(&options.dirs, &id);
        kill_a_run(test, &id, root.path(), &Moment::Said(format!("node2 {stage}")));
        let before = installed(root.path(), &id);
        let mut said = Vec::new();
        let report = up(&plan(&id, &firmware), &options, &mut |step| {
            said.extend(step.machine.clone().map(|machine| (machine, step.stage.clone())));
        })
        .unwrap();
        assert!(report.is_as_described(), "{stage}: {:#?} {:?}", report.rows, report.machines);
        let after = installed(root.path(), &id);
        for machine in &before {
            assert!(after.contains(machine), "{stage}: {machine:?} was started again: {after:?}");
            let is_new = |(name, stage): &(String, Stage)| *name == machine.0 && *stage == Stage::Kernel;
            assert!(!said.iter().any(is_new), "{stage}: {machine:?} was installed again");
        }
        if ["written", "rebooted", "up", "verified"].contains(&stage) {
            assert!(before.iter().any(|(name, _)| name == "node2"), "{stage}: {before:?}");
        }
        down(&options.dirs, &id).unwrap();
        assert_eq!(traces(&id), Vec::<String>::new(), "{stage}");
    }
    assert_eq!(fs::read_dir(root.path()).unwrap().count(), 0);
}

/// A small file system in memory, gone with the value.
struct SmallDisk(std::path::PathBuf);

impl SmallDisk {
    fn new(at: &Path, mib: u32) -> SmallDisk {
        fs::create_dir_all(at).unwrap();
        let size = format!("size={mib}m");
        assert!(
            Command::new("mount")
                .args(["-t", "tmpfs", "-o", &size, "small"])
                .arg(at)
                .status()
                .unwrap()
                .success()
        );
        SmallDisk(at.to_owned())
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        drop(Command::new("umount").arg(&self.0).status());
    }
}

#[test]
fn a_disk_that_fills_while_machines_are_written_is_told_and_leaves_nothing() {
    if lacks(&[Firmware::Bios]) {
        return;
    }
    let image = ImageStore::new(BoxDirs::of_user().cache).ensure(&|_| {}).unwrap();
    let root = tempfile::tempdir().unwrap();
    let cache = root.path().join("cache");
    let _disk = SmallDisk::new(&cache, 700);
    let folder = image.disk.parent().unwrap();
    assert!(Command::new("cp").arg("-a").arg(folder).arg(&cache).status().unwrap().success());
    let id = format!("full{}", std::process::id());
    let options = options(root.path(), &cache);
    let _guard = Guarded(&options.dirs, &id);
    let (ballast, text) = (cache.join("ballast"), vec![7; 1 << 20]);
    let error = up(&plan(&id, &[Firmware::Bios]), &options, &mut |step| {
        // Somebody else fills the disk but for some MiB, when the machine is just being written.
        if step.stage.word() == "kernel" {
            let mut file = fs::File::create(&ballast).unwrap();
            while file.write_all(&text).is_ok() {}
            file.set_len(file.metadata().unwrap().len() - (32 << 20)).unwrap();
        }
    })
    .unwrap_err();
    assert!(matches!(error, UpError::DiskFull { .. }), "{error:?}");
    assert_eq!(traces(&id), Vec::<String>::new());
    assert!(!cache.join("boxes").exists() && !options.dirs.state.exists());
    // Too little room from the start is refused before anything is made.
    let error = up(&plan(&id, &[Firmware::Bios]), &options, &mut |_| {}).unwrap_err();
    assert!(matches!(error, UpError::Misfit(_)), "{error:?}");
    assert!(!options.dirs.state.exists());
}
