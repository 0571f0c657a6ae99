//! Running systems as clients: udhcpc, dhclient, perfdhcp, curl and tftp.

use crate::site::{SERVER, Site, can_run, mac};
use lab_netboot::EventKind;
use lab_netboot::config::{Boot, ClientMatch, Machine, Reservation};
use std::net::Ipv4Addr;

pub(crate) fn reserve(config: &mut lab_netboot::Config, i: u32, last: u8) {
    let card = mac(i).parse().expect("a card");
    config.segments[0].reservations.push(Reservation {
        client: ClientMatch::Mac(card),
        address: Ipv4Addr::new(10, 77, 0, last),
        hostname: Some(format!("node{i}")),
    });
    config.machines.push(Machine {
        name: format!("node{i}"),
        macs: vec![card],
        answer: None,
        serial: None,
        arch: None,
        boot: Boot::Disk,
    });
}

/// A script for udhcpc that writes down what it was told.
pub(crate) fn udhcpc_script(site: &Site) -> String {
    let script = site.folder.path().join("script");
    let text = "#!/bin/sh\n[ \"$1\" = bound ] || [ \"$1\" = renew ] || exit 0\necho \"$ip/$mask $router $dns $domain $hostname $lease $serverid\"\nip addr replace $ip/$mask dev $interface\n";
    std::fs::write(&script, text).expect("a script");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&script, mode).expect("a mode");
    script.to_string_lossy().into_owned()
}

#[test]
fn udhcpc_gets_its_reservation_and_the_options() {
    if !can_run(&["udhcpc"]) {
        return;
    }
    let mut site = Site::new(2);
    let mut config = site.config();
    reserve(&mut config, 0, 50);
    site.start(config);
    let script = udhcpc_script(&site);
    let ask = |i| {
        site.must(&site.client(i), &["udhcpc", "-i", "e0", "-n", "-q", "-f", "-s", &script, "-O", "hostname"])
    };
    assert_eq!(ask(0).trim(), "10.77.0.50/16 10.77.0.1 10.77.0.1 lab.test node0 3600 10.77.0.1");
    site.wait_for("the grant", 5, |kind| matches!(kind, EventKind::Acked { .. }));
    assert!(ask(1).starts_with("10.77.1.0/16 "), "the pool's first address");
    site.wait_for("a stranger", 5, |kind| *kind == EventKind::UnknownMachine);
    assert_eq!(site.service().leases().len(), 2);
    let timeline = site.service().timeline(mac(0).parse().expect("a card"));
    assert!(
        timeline.iter().any(|entry| entry.fact.to_string().starts_with("ACK 10.77.0.50")),
        "{timeline:#?}"
    );
}

#[test]
fn dhclient_keeps_its_address_over_a_restart_of_the_service() {
    if !can_run(&["dhclient"]) {
        return;
    }
    let mut site = Site::new(1);
    site.start(site.config());
    let (leases, pid) = (site.folder.path().join("leases"), site.folder.path().join("pid"));
    std::fs::write(&leases, "").expect("a file");
    let client = site.client(0);
    let ask = |site: &Site| {
        let (leases, pid) = (leases.to_string_lossy(), pid.to_string_lossy());
        let arguments = ["dhclient", "-1", "-v", "-sf", "/bin/true", "-lf", &leases, "-pf", &pid, "e0"];
        let output = site.run(&client, &arguments);
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{text}");
        // It stays in the background and writes its id down in its own time; end it by that.
        let mut id = None;
        site.eventually("a process id", |_| {
            id = std::fs::read_to_string(&*pid).ok().and_then(|text| text.trim().parse().ok());
            id.is_some()
        });
        let id = nix::unistd::Pid::from_raw(id.expect("a number"));
        let _ = nix::sys::signal::kill(id, nix::sys::signal::Signal::SIGKILL);
        std::fs::remove_file(&*pid).expect("the file");
        text
    };
    assert!(ask(&site).contains("bound to 10.77.1.0"));
    site.start(site.config());
    assert_eq!(site.service().leases().len(), 1, "read from the journal");
    let again = ask(&site);
    assert!(again.contains("bound to 10.77.1.0") && !again.contains("DHCPNAK"), "{again}");
}

#[test]
fn perfdhcp_sees_no_drop() {
    if !can_run(&["perfdhcp"]) {
        return;
    }
    let mut site = Site::new(1);
    site.start(site.config());
    let client = site.client(0);
    site.must(&client, &["ip", "addr", "add", "10.77.0.9/16", "dev", "e0"]);
    let text = site.must(
        &client,
        &["perfdhcp", "-4", "-r", "300", "-R", "5000", "-n", "1200", "-W", "1000000", &SERVER.to_string()],
    );
    let drops: Vec<&str> = text.lines().filter(|line| line.starts_with("drops:")).collect();
    assert_eq!(drops, ["drops: 0", "drops: 0"], "{text}");
    assert!(site.service().leases().len() >= 1000);
}

#[test]
fn curl_reads_by_http_and_by_tftp() {
    if !can_run(&["curl"]) {
        return;
    }
    let mut site = Site::new(1);
    site.start(site.config());
    let client = site.client(0);
    site.must(&client, &["ip", "addr", "add", "10.77.0.9/16", "dev", "e0"]);
    let big = std::fs::read(site.folder.path().join("big")).expect("the file");
    for (what, arguments) in [
        ("http", &["http://10.77.0.1/big.bin"][..]),
        ("tftp", &["tftp://10.77.0.1/big.bin"]),
        ("tftp with large blocks", &["--tftp-blksize", "1400", "tftp://10.77.0.1/big.bin"]),
        ("tftp without options", &["--tftp-no-options", "tftp://10.77.0.1/big.bin"]),
    ] {
        let output = site.folder.path().join("out");
        let fixed = ["curl", "-sS", "--max-time", "20", "-o", output.to_str().expect("a path")];
        site.must(&client, &[&fixed[..], arguments].concat());
        assert!(std::fs::read(&output).expect("the copy") == big, "{what}: the copy differs");
    }
    let part = site.must(
        &client,
        &["curl", "-sS", "-r", "100-131", "-w", "%{http_code}", "-o", "part", "http://10.77.0.1/big.bin"],
    );
    assert_eq!(part, "206");
    assert_eq!(std::fs::read(site.folder.path().join("part")).expect("a part"), big[100..132]);
    let status = |arguments: &[&str]| {
        let fixed = ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "--path-as-is"];
        site.must(&client, &[&fixed[..], arguments].concat())
    };
    assert_eq!(status(&["http://10.77.0.1/../../etc/passwd"]), "400");
    assert_eq!(status(&["http://10.77.0.1/nothing"]), "404");
    assert_eq!(status(&["-r", "9999999-", "http://10.77.0.1/big.bin"]), "416");
    assert_eq!(status(&["-d", "x", "http://10.77.0.1/big.bin"]), "405");
    assert_eq!(status(&["-d", "x", "http://10.77.0.1/report/52:54:00:77:00:01/installed"]), "204");
    let missing = site.run(&client, &["curl", "-s", "tftp://10.77.0.1/../etc/passwd"]);
    assert_eq!(missing.status.code(), Some(68), "curl's code for a TFTP file that is not found");
}

#[test]
fn tftp_hpa_reads_files_of_every_kind_of_length() {
    if !can_run(&["tftp"]) {
        return;
    }
    let mut site = Site::new(1);
    site.start(site.config());
    let client = site.client(0);
    site.must(&client, &["ip", "addr", "add", "10.77.0.9/16", "dev", "e0"]);
    for (name, length) in [("big.bin", 3_000_001), ("even.bin", 4096), ("empty", 0)] {
        site.must(&client, &["tftp", "-m", "binary", "10.77.0.1", "-c", "get", name]);
        let copy = std::fs::metadata(site.folder.path().join(name)).expect("the copy");
        assert_eq!(copy.len(), length, "{name}");
    }
}

/// Not a test by itself: what [`leases_survive_a_kill`] starts in a process of its own and kills.
#[test]
fn serve_until_killed() {
    let Some(folder) = std::env::var_os("LAB_NETBOOT_TEST_STATE") else { return };
    let network = "10.77.0.0/16".parse().expect("a network");
    let mut segment = lab_netboot::config::Segment::new("lan", "br0", SERVER, network);
    let pool =
        lab_netboot::config::Pool { first: Ipv4Addr::new(10, 77, 1, 0), last: Ipv4Addr::new(10, 77, 9, 0) };
    segment.pools = vec![pool];
    let (sender, receiver) = std::sync::mpsc::channel();
    let _service = lab_netboot::Service::start(lab_netboot::Config::new(folder, segment), sender)
        .expect("the service starts");
    while receiver.recv().is_ok() {}
}

#[test]
fn leases_survive_a_kill() {
    if !can_run(&["udhcpc", "perfdhcp"]) {
        return;
    }
    let mut site = Site::new(2);
    let state = site.folder.path().join("state");
    let environment = format!("LAB_NETBOOT_TEST_STATE={}", state.display());
    let own = std::env::current_exe().expect("this program");
    let own = own.to_str().expect("a path");
    let server = site.name.clone();
    site.spawn(&server, &["env", &environment, own, "--exact", "clients::serve_until_killed"]);
    let script = udhcpc_script(&site);
    let udhcpc = ["udhcpc", "-i", "e0", "-n", "-q", "-f", "-t", "20", "-T", "1", "-s", &script];
    let first = site.must(&site.client(0), &udhcpc);
    assert!(first.starts_with("10.77.1.0/16"), "{first}");
    // Killed in the middle of a load: what was granted must be in the journal.
    let load = site.client(1);
    site.must(&load, &["ip", "addr", "add", "10.77.0.9/16", "dev", "e0"]);
    site.spawn(&load, &["perfdhcp", "-4", "-r", "200", "-R", "5000", "-p", "20", "10.77.0.1"]);
    let journal = state.join("leases.journal");
    site.eventually("a load", |_| {
        std::fs::read_to_string(&journal).is_ok_and(|text| text.lines().count() > 200)
    });
    site.kill_last();
    site.kill_last();
    let written = std::fs::read_to_string(&journal).expect("the journal");
    site.start(site.config());
    let kept = site.service().leases();
    let addresses: std::collections::BTreeSet<&str> =
        written.lines().skip(1).filter_map(|line| line.split(' ').nth(2)).collect();
    assert!(
        kept.len() >= addresses.len() - 1,
        "{} of {}: a torn last line at most",
        kept.len(),
        addresses.len()
    );
    assert!(kept.iter().any(|lease| lease.mac == mac(0).parse().ok()));
    let again = site.must(&site.client(0), &udhcpc);
    assert!(again.starts_with("10.77.1.0/16"), "the same address again: {again}");
}

#[test]
fn atftp_reads_with_windows() {
    if !can_run(&["atftp"]) {
        return;
    }
    let mut site = Site::new(1);
    site.start(site.config());
    let client = site.client(0);
    site.must(&client, &["ip", "addr", "add", "10.77.0.9/16", "dev", "e0"]);
    let big = std::fs::read(site.folder.path().join("big")).expect("the file");
    for window in ["1", "8", "64"] {
        let option = format!("windowsize {window}");
        let arguments = [
            "atftp",
            "-g",
            "-r",
            "big.bin",
            "-l",
            "copy",
            "--option",
            &option,
            "--option",
            "blksize 1400",
            "10.77.0.1",
        ];
        site.must(&client, &arguments);
        assert!(std::fs::read(site.folder.path().join("copy")).expect("the copy") == big, "window {window}");
    }
}

/// A machine's keys go to that machine, while it is installed.
#[test]
fn what_is_personal_goes_to_one_machine_alone() {
    if !can_run(&["udhcpc", "curl"]) {
        return;
    }
    let mut site = Site::new(2);
    let mut config = site.config();
    reserve(&mut config, 0, 50);
    reserve(&mut config, 1, 51);
    let personal = lab_netboot::config::Artefact::Personal {
        machine: "node0".into(),
        bytes: std::sync::Arc::from(*b"keys"),
    };
    config.artefacts.insert("keys".into(), personal);
    site.start(config);
    let script = udhcpc_script(&site);
    for i in 0..2 {
        site.must(&site.client(i), &["udhcpc", "-i", "e0", "-n", "-q", "-f", "-s", &script]);
    }
    let fetch = |i: u32| {
        let arguments = ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "http://10.77.0.1/keys"];
        let http = site.must(&site.client(i), &arguments);
        let tftp = site.run(&site.client(i), &["curl", "-s", "tftp://10.77.0.1/keys"]).status.success();
        (http, tftp)
    };
    assert_eq!(fetch(0), ("403".into(), false), "no permit");
    site.service().open_permit("node0").expect("a permit");
    assert_eq!(fetch(0), ("200".into(), true));
    assert_eq!(fetch(1), ("403".into(), false), "another machine");
    site.must(
        &site.client(0),
        &["curl", "-sf", "-d", "", "http://10.77.0.1/report/52:54:00:77:00:01/installed"],
    );
    site.wait_for("the end", 5, |kind| *kind == EventKind::PermitClosed);
    assert_eq!(fetch(0), ("403".into(), false), "installed");
}

/// The conversation of a Raspberry Pi's boot ROM, held by udhcpc and curl: the same options, the same names.
#[test]
fn a_raspberry_pi_fetches_its_folder() {
    if !can_run(&["udhcpc", "curl"]) {
        return;
    }
    let mut site = Site::new(1);
    let (client, card) = (site.client(0), "dc:a6:32:01:36:c2");
    site.must(&client, &["ip", "link", "set", "e0", "address", card]);
    let folder = site.folder.path().join("pi");
    std::fs::create_dir(&folder).expect("a folder");
    std::fs::write(folder.join("start4.elf"), "firmware").expect("a file");
    let mut config = site.config();
    config.artefacts.insert("pi".into(), lab_netboot::config::Artefact::Folder(folder));
    config.machines.push(Machine {
        name: "pi0".into(),
        macs: vec![card.parse().expect("a card")],
        answer: None,
        serial: Some("100000009ffefdef".into()),
        arch: Some(lab_netboot::config::Processor::Arm64),
        boot: Boot::Folder("pi".into()),
    });
    site.start(config);
    let script = udhcpc_script(&site);
    let class = ["-V", "PXEClient:Arch:00000:UNDI:002001", "-x", "0x5d:0000"];
    site.must(&client, &[&["udhcpc", "-i", "e0", "-n", "-q", "-f", "-s", &script], &class[..]].concat());
    site.wait_for(
        "the offer",
        5,
        |kind| matches!(kind, EventKind::Offered { boot_file: Some(file), .. } if file == "pi/"),
    );
    let fetch = |name: &str| site.run(&client, &["curl", "-s", &format!("tftp://10.77.0.1/{name}")]);
    assert_eq!(fetch("9ffefdef/start4.elf").stdout, b"firmware");
    site.wait_for("the firmware", 5, |kind| matches!(kind, EventKind::LoaderFetched { .. }));
    assert_eq!(fetch("bootsig.bin").status.code(), Some(68), "a file that is not there, as the ROM expects");
}
