//! What goes wrong around the service: a full disk, a file that shrinks, a kill at every state of a permit.

use crate::clients::{reserve, udhcpc_script};
use crate::site::{SERVER, Site, can_run, mac};
use lab_netboot::config::{Artefact, Boot, Config, Install, Segment};
use lab_netboot::control::{self, Reply, Request};
use lab_netboot::journal::Journal;
use lab_netboot::timeline::Fact;
use lab_netboot::{EventKind, Permit};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A file system of 64 KiB in memory, gone with the value.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn at(path: &Path) -> SmallDisk {
        std::fs::create_dir_all(path).expect("a folder");
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", "size=64k", "tmpfs"]).arg(path).status();
        assert!(mounted.is_ok_and(|status| status.success()), "mounted");
        SmallDisk(path.to_owned())
    }

    /// Leaves no room: neither a new page nor the rest of a file's last one.
    fn fill(&self) {
        let filler = vec![0; 128 * 1024];
        std::fs::write(self.0.join("filler"), filler).expect_err("more than fits");
    }

    fn clear(&self) {
        std::fs::remove_file(self.0.join("filler")).expect("the filler");
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

/// Fills a journal up to a few bytes before the end of its page, with a record that means nothing.
fn pad(path: &Path) {
    let (mut journal, ..) = Journal::open(path).expect("a journal");
    let length = std::fs::metadata(path).expect("facts").len();
    let record = "x".repeat(4096 - 10 - 5 - usize::try_from(length).expect("a short file"));
    journal.append([record.as_str()]).expect("room");
}

#[test]
fn on_a_full_disk_nothing_is_granted_and_the_service_goes_on() {
    if !can_run(&["udhcpc", "mount"]) {
        return;
    }
    let mut site = Site::new(1);
    let mut config = site.config();
    reserve(&mut config, 0, 50);
    let disk = SmallDisk::at(&config.state);
    for name in ["leases.journal", "permits.journal"] {
        pad(&config.state.join(name));
    }
    site.start(config);
    disk.fill();
    let script = udhcpc_script(&site);
    let ask = |tries: &str| {
        let program = ["udhcpc", "-i", "e0", "-n", "-q", "-f", "-t", tries, "-T", "1", "-s", &script];
        site.run(&site.client(0), &program).status.success()
    };
    assert!(!ask("2"), "no address without a durable lease");
    let is_lease_fault = |kind: &EventKind| matches!(kind, EventKind::Fault { what } if what.contains("leases could not be written, nothing is granted"));
    site.wait_for("the fault", 5, is_lease_fault);
    let error = site.service().open_permit("node0").expect_err("no room").to_string();
    assert!(error.contains("permits.journal"), "{error}");
    assert_eq!(site.service().permit("node0"), Permit::Never, "what is not written is not true");
    disk.clear();
    assert!(ask("5"), "there is room again");
    site.service().open_permit("node0").expect("room");
}

#[test]
fn a_file_that_shrinks_under_a_transfer_ends_it_visibly() {
    if !can_run(&["udhcpc", "curl"]) {
        return;
    }
    let mut site = Site::new(1);
    let mut config = site.config();
    reserve(&mut config, 0, 50);
    let image = site.folder.path().join("image");
    std::fs::write(&image, vec![7; 80 << 20]).expect("a file");
    config.artefacts.insert("image".into(), Artefact::File(image.clone()));
    site.start(config);
    let script = udhcpc_script(&site);
    let client = site.client(0);
    site.must(&client, &["udhcpc", "-i", "e0", "-n", "-q", "-f", "-s", &script]);
    let copy = site.folder.path().join("copy");
    let mut curl = Command::new("ip")
        .args(["netns", "exec", &client, "curl", "-s", "--limit-rate", "4M", "-o"])
        .arg(&copy)
        .arg("http://10.77.0.1/image")
        .spawn()
        .expect("curl");
    site.eventually("a beginning", |_| std::fs::metadata(&copy).is_ok_and(|facts| facts.len() > 0));
    let file = std::fs::OpenOptions::new().write(true).open(&image).expect("the file");
    file.set_len(1 << 20).expect("cut");
    assert_eq!(curl.wait().expect("its end").code(), Some(18), "curl's code for a part of a file");
    let card = mac(0).parse().expect("a card");
    let is_told = |site: &Site| {
        let timeline = site.service().timeline(card);
        timeline.iter().any(|entry| matches!(&entry.fact, Fact::Aborted { file, .. } if file == "image"))
    };
    site.eventually("a line in the timeline", is_told);
}

fn installing(state: PathBuf) -> Config {
    let network = "10.77.0.0/16".parse().expect("a network");
    let mut config = Config::new(state, Segment::new("lan", "br0", SERVER, network));
    reserve(&mut config, 0, 50);
    config.artefacts.insert("kernel".into(), Artefact::Bytes(std::sync::Arc::from(*b"kernel")));
    config.machines[0].boot = Boot::Install(Install {
        kernel: "kernel".into(),
        initrds: vec![],
        cmdline: "wipe".into(),
        image: None,
        efi_program: None,
    });
    config
}

/// Not a test by itself: what [`no_kill_wipes_twice`] starts in a process of its own and kills.
#[test]
fn install_until_killed() {
    let Some(state) = std::env::var_os("LAB_NETBOOT_TEST_INSTALL") else { return };
    let (sender, receiver) = std::sync::mpsc::channel();
    let _service = lab_netboot::Service::start(installing(state.into()), sender).expect("the service starts");
    while receiver.recv().is_ok() {}
}

#[test]
fn no_kill_wipes_twice() {
    if !can_run(&["curl"]) {
        return;
    }
    let mut site = Site::new(1);
    let client = site.client(0);
    site.must(&client, &["ip", "addr", "add", "10.77.0.50/16", "dev", "e0"]);
    let state = site.folder.path().join("state");
    let environment = format!("LAB_NETBOOT_TEST_INSTALL={}", state.display());
    let own = std::env::current_exe().expect("this program");
    let own = own.to_str().expect("a path").to_owned();
    let permit = |state: &Path| match control::ask(state, &Request::List) {
        Ok(Some(Reply::Permits(permits))) => permits.first().map(|(_, permit)| *permit),
        _ => None,
    };
    let restart = |site: &mut Site, is_running: bool| {
        if is_running {
            site.kill_last();
        }
        let server = site.name.clone();
        site.spawn(&server, &["env", &environment, &own, "--exact", "faults::install_until_killed"]);
        site.eventually("the service", |_| permit(&state).is_some());
        permit(&state).expect("a permit")
    };
    let wipes = |site: &Site| {
        let url = format!("http://10.77.0.1/boot/{}.ipxe", mac(0));
        let text = site.must(&client, &["curl", "-sf", "--retry", "5", "--retry-connrefused", &url]);
        text.contains("kernel http")
    };
    assert_eq!(restart(&mut site, false), Permit::Never);
    assert!(!wipes(&site), "no permit was ever opened");
    assert_eq!(control::ask(&state, &Request::Open("node0".into())).ok().flatten(), Some(Reply::Done));
    assert_eq!(restart(&mut site, true), Permit::Open { handed: 0 }, "killed after it was opened");
    assert!(wipes(&site));
    assert_eq!(restart(&mut site, true), Permit::Open { handed: 1 }, "killed after it was handed out");
    assert!(wipes(&site), "an installation that was cut short begins again");
    let report = format!("http://10.77.0.1/report/{}/installed", mac(0));
    site.must(&client, &["curl", "-sf", "-d", "", &report]);
    assert_eq!(restart(&mut site, true), Permit::Closed, "killed after the machine reported");
    assert!(!wipes(&site), "what is installed is not wiped");
    assert_eq!(restart(&mut site, true), Permit::Closed);
    assert!(!wipes(&site));
}
