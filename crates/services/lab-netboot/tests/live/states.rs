//! An installation from the first packet to the boot from its own disk, with the service killed at every state of it.
//!
//! The machine is [`Rom`]; what it would write to a disk it compares. Real firmware is in `firmware`.

use crate::rom::{Answer, Rom};
use crate::site::{SERVER, Site, can_run, mac};
use lab_netboot::Permit;
use lab_netboot::config::{Artefact, Boot, Config, Image, Install, Machine, Pool, Segment};
use lab_netboot::control::{self, Reply, Request};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The states in their order; each step ends in the state of its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum State {
    Offered,
    Leased,
    Loader,
    Script,
    Kernel,
    Initrd,
    HalfTheImage,
    Image,
    Written,
    Installed,
    Rebooted,
}

const STATES: [State; 11] = [
    State::Offered,
    State::Leased,
    State::Loader,
    State::Script,
    State::Kernel,
    State::Initrd,
    State::HalfTheImage,
    State::Image,
    State::Written,
    State::Installed,
    State::Rebooted,
];

const IMAGE: usize = 200_000;

fn image() -> Vec<u8> {
    (0..IMAGE).map(|at| (at * 31 % 251) as u8).collect()
}

fn config(state: PathBuf) -> Config {
    let mut segment = Segment::new("lan", "br0", SERVER, "10.77.0.0/16".parse().expect("a network"));
    segment.pools = vec![Pool { first: Ipv4Addr::new(10, 77, 1, 0), last: Ipv4Addr::new(10, 77, 1, 9) }];
    let mut config = Config::new(state, segment);
    for (name, bytes) in [("undionly.kpxe", &b"loader"[..]), ("kernel", b"kernel"), ("initrd", b"initrd")] {
        config.artefacts.insert(name.into(), Artefact::Bytes(Arc::from(bytes)));
    }
    config.artefacts.insert("image".into(), Artefact::Bytes(Arc::from(image())));
    let image = Image { artefact: "image".into(), sha256: "0".repeat(64) };
    config.machines.push(Machine {
        name: "node0".into(),
        macs: vec![mac(0).parse().expect("a card")],
        answer: None,
        serial: None,
        arch: None,
        boot: Boot::Install(Install {
            kernel: "kernel".into(),
            initrds: vec!["initrd".into()],
            cmdline: "image={image} report={report}".into(),
            image: Some(image),
            efi_program: None,
        }),
    });
    config
}

/// Not a test by itself: what the tests below start in a process of its own and kill.
#[test]
fn serve_an_installation_until_killed() {
    let Some(state) = std::env::var_os("LAB_NETBOOT_TEST_STATES") else { return };
    let (sender, receiver) = std::sync::mpsc::channel();
    let _service = lab_netboot::Service::start(config(state.into()), sender).expect("the service starts");
    while receiver.recv().is_ok() {}
}

/// The site, the machine, and what it has seen.
struct Story {
    site: Site,
    rom: Rom,
    state: PathBuf,
    address: Option<Ipv4Addr>,
    wiped: usize,
}

impl Story {
    fn begin() -> Story {
        let site = Site::new(1);
        let rom = Rom::new(site.client(0), &mac(0));
        let state = site.folder.path().join("state");
        let mut story = Story { site, rom, state, address: None, wiped: 0 };
        story.start();
        let opened = control::ask(&story.state, &Request::Open("node0".into()));
        assert_eq!(opened.ok().flatten(), Some(Reply::Done));
        story
    }

    fn start(&mut self) {
        let (server, own) = (self.site.name.clone(), std::env::current_exe().expect("this program"));
        let environment = format!("LAB_NETBOOT_TEST_STATES={}", self.state.display());
        let test = "states::serve_an_installation_until_killed";
        self.site.spawn(&server, &["env", &environment, own.to_str().expect("a path"), "--exact", test]);
        let state = self.state.clone();
        self.site.eventually("the service", |_| permit(&state).is_some());
    }

    fn kill_and_start(&mut self) {
        self.site.kill_last();
        self.start();
    }

    /// The machine must always be given the same address.
    fn hear(&mut self, answer: &Answer) {
        assert_eq!(*self.address.get_or_insert(answer.address), answer.address, "the lease was kept");
    }

    fn http(&self, arguments: &[&str], path: &str) -> (bool, Vec<u8>) {
        self.rom.curl(&self.site, arguments, "http", path)
    }

    fn report(&self, stage: &str) {
        assert!(self.http(&["-d", ""], &format!("report/{}/{stage}", mac(0))).0, "{stage} was reported");
    }

    /// Whether the script that the machine is given wipes it.
    fn script(&mut self) -> bool {
        let (_, text) = self.http(&[], &format!("boot/{}.ipxe", mac(0)));
        let wipes = String::from_utf8_lossy(&text).contains("kernel http");
        self.wiped += usize::from(wipes);
        wipes
    }

    /// One step of an installation that goes well.
    fn step(&mut self, state: State) {
        match state {
            State::Offered => {
                let offer = self.rom.discover();
                self.hear(&offer);
                assert_eq!(offer.file, "undionly.kpxe");
            }
            State::Leased => {
                let granted = self.rom.request(self.address.expect("offered"));
                self.hear(&granted);
                let address = format!("{}/16", granted.address);
                let namespace = self.rom.namespace.clone();
                self.site.must(&namespace, &["ip", "addr", "replace", &address, "dev", "e0"]);
            }
            State::Loader => {
                let (came, bytes) = self.rom.curl(&self.site, &[], "tftp", "undionly.kpxe");
                assert_eq!((came, &bytes[..]), (true, &b"loader"[..]));
            }
            State::Script => assert!(self.script(), "the permit is open"),
            State::Kernel => assert_eq!(self.http(&[], "kernel"), (true, b"kernel".to_vec())),
            State::Initrd => assert_eq!(self.http(&[], "initrd"), (true, b"initrd".to_vec())),
            State::HalfTheImage => {
                assert_eq!(self.http(&["-r", "0-99999"], "image"), (true, image()[..100_000].to_vec()));
            }
            State::Image => {
                assert_eq!(self.http(&["-r", "100000-"], "image"), (true, image()[100_000..].to_vec()));
            }
            State::Written => self.report("written"),
            State::Installed => self.report("installed"),
            State::Rebooted => {
                let offer = self.rom.discover();
                self.hear(&offer);
                assert_eq!(offer.file, "", "it boots from its disk");
            }
        }
    }

    /// What must hold in the end, however it came there.
    fn check_end(&mut self, wiped: usize, how: &str) {
        assert_eq!(permit(&self.state), Some(Permit::Closed), "{how}");
        assert!(!self.script(), "{how}: what is installed is not wiped again");
        assert!(!self.http(&[], "image").0, "{how}: what is installed gets no image");
        assert_eq!(self.wiped, wiped, "{how}: so often a script that wipes was handed out");
    }
}

fn permit(state: &Path) -> Option<Permit> {
    match control::ask(state, &Request::List) {
        Ok(Some(Reply::Permits(permits))) => permits.first().map(|(_, permit)| *permit),
        _ => None,
    }
}

#[test]
fn a_machine_that_does_not_notice_a_kill_goes_on() {
    if !can_run(&["curl"]) {
        return;
    }
    let mut story = Story::begin();
    for state in STATES {
        story.step(state);
        story.kill_and_start();
    }
    story.check_end(1, "killed after every state");
}

#[test]
fn a_machine_that_is_reset_after_a_kill_is_installed_once() {
    if !can_run(&["curl"]) {
        return;
    }
    for last in STATES {
        let mut story = Story::begin();
        STATES.iter().filter(|state| **state <= last).for_each(|state| story.step(*state));
        story.kill_and_start();
        let how = format!("killed at {last:?} and reset");
        if last < State::Installed {
            STATES.iter().for_each(|state| story.step(*state));
            story.check_end(if last < State::Script { 1 } else { 2 }, &how);
        } else {
            story.step(State::Rebooted);
            story.check_end(1, &how);
        }
    }
}

#[test]
fn a_stranger_gets_no_image_by_any_way() {
    if !can_run(&["curl"]) {
        return;
    }
    let mut site = Site::new(2);
    let mut config = config(site.folder.path().join("state"));
    config.namespace = Some(format!("/run/netns/{}", site.name).into());
    site.start(config);
    site.service().open_permit("node0").expect("a permit");
    // The second client's card belongs to no machine.
    let mut stranger = Rom::new(site.client(1), &mac(1));
    let offer = stranger.discover();
    assert_eq!(offer.file, "", "an address, and nothing to boot");
    let granted = stranger.request(offer.address);
    assert_eq!(granted.file, "");
    site.must(&site.client(1), &["ip", "addr", "add", &format!("{}/16", granted.address), "dev", "e0"]);
    let (_, script) = stranger.curl(&site, &[], "http", &format!("boot/{}.ipxe", mac(1)));
    assert!(!String::from_utf8_lossy(&script).contains("kernel http"));
    for scheme in ["http", "tftp"] {
        for name in ["image", "/image", "./image", "x/../image", "image/"] {
            let (came, bytes) = stranger.curl(&site, &["--path-as-is"], scheme, name);
            assert!(!came && bytes.is_empty(), "{scheme} {name}");
        }
    }
    assert_eq!(site.service().permit("node0"), Permit::Open { handed: 0 }, "nothing was used up");
    // Nor does it help to ask with an address that nobody was given.
    site.must(&site.client(1), &["ip", "addr", "replace", "10.77.2.2/16", "dev", "e0"]);
    let (came, _) = stranger.curl(&site, &["--interface", "10.77.2.2"], "http", "image");
    assert!(!came);
}

#[test]
fn two_services_on_one_folder_refuse_each_other() {
    if !can_run(&[]) {
        return;
    }
    let (mut site, other) = (Site::new(0), Site::new(0));
    let state = site.folder.path().join("state");
    let on = |site: &Site| {
        let mut config = config(state.clone());
        config.namespace = Some(format!("/run/netns/{}", site.name).into());
        config
    };
    site.start(on(&site));
    let (sender, _receiver) = std::sync::mpsc::channel();
    let refused = lab_netboot::Service::start(on(&other), sender).expect_err("the folder is in use");
    assert!(refused.to_string().ends_with("leases.journal is in use by another process"), "{refused}");
    site.service().open_permit("node0").expect("the first one goes on as if nothing had been");
}
