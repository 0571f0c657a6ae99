//! Each rendered file is put before the program that reads it, in a namespace with the interfaces and addresses that the lab says.

use crate::labs;
use crate::namespaces::Namespaces;
use crate::needs;
use ipnet::IpNet;
use lab_driver::Rendering;
use lab_drivers::DRIVERS;
use lab_model::{Reading, ThingId};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

const PROGRAMS: [&str; 7] = ["ip", "nft", "vtysh", "keepalived", "unbound-checkconf", "kea-dhcp4", "bird"];

/// Writes the files below `root`. Paths that programs are told of lead there as well.
pub(crate) fn write(rendering: &Rendering, root: &Path) {
    use std::os::unix::fs::PermissionsExt;
    for (path, file) in &rendering.files {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let text = file.text.replace("\"/etc/keepalived/", &format!("\"{}/etc/keepalived/", root.display()));
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(if file.executable { 0o755 } else { 0o644 }))
            .unwrap();
    }
}

/// Interfaces by the names that the rendered files use, with the addresses that the lab says.
fn furnish(namespaces: &Namespaces, reading: &Reading, thing: ThingId) {
    let lab = &reading.lab;
    let mut made = BTreeSet::new();
    let mut make = |name: &str| {
        if made.insert(name.to_owned()) {
            let other = format!("p{}", made.len());
            namespaces.wire(("router", name), ("router", &other));
        }
    };
    for name in lab_reach::outside_interfaces(lab, thing) {
        make(&name);
    }
    let uses: Vec<_> = lab.derived.addresses_of(thing).filter(|a| !a.interface.is_empty()).collect();
    for used in &uses {
        make(&used.interface);
        let network = used.prefix.and_then(|prefix| lab.derived.prefix(prefix).network);
        let length = used.length.or(network.map(|network| network.prefix_len())).unwrap();
        let net = IpNet::new(used.address, length).unwrap();
        namespaces.ip("router", &format!("addr add {net} dev {}", used.interface));
    }
}

#[test]
fn every_program_accepts_what_is_rendered_for_it() {
    if needs::lacks(&PROGRAMS) {
        return;
    }
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    for (name, overlays) in labs::LABS {
        let reading = labs::lab(name, overlays);
        for driver in DRIVERS {
            for thing in (driver.subjects)(&reading.lab) {
                let rendering = (driver.render)(&reading.lab, thing);
                let root = tempfile::tempdir().unwrap();
                write(&rendering, root.path());
                let namespaces = Namespaces::new(&["router"]);
                furnish(&namespaces, &reading, thing);
                for (path, file) in &rendering.files {
                    let Some(unit) = file.unit.filter(|unit| !unit.check.is_empty()) else { continue };
                    let words: Vec<String> = unit
                        .check
                        .iter()
                        .map(|word| word.replace("{root}", root.path().to_str().unwrap()))
                        .collect();
                    let mut command =
                        namespaces.command("router", &words.iter().map(String::as_str).collect::<Vec<_>>());
                    command.env("KEA_PIDFILE_DIR", root.path()).env("KEA_LOCKFILE_DIR", root.path());
                    let output = command.output().unwrap();
                    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
                    let of =
                        format!("{name}: {} of {}: {said}\n{}", path, reading.lab.name(thing), file.text);
                    assert!(output.status.success(), "{of}");
                    // keepalived ends well after complaints about single lines.
                    assert!(unit.name != "keepalived" || said.trim().is_empty(), "{of}");
                    seen.insert(unit.name);
                }
            }
        }
    }
    let all = ["bird", "frr", "kea-dhcp4", "keepalived", "nftables", "unbound"];
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), all);
}

/// The checkers are judges: each refuses a file with one word broken.
#[test]
fn every_checker_refuses_a_broken_file() {
    if needs::lacks(&PROGRAMS) {
        return;
    }
    let reading = labs::lab("starter", &[]);
    let thing = labs::thing(&reading, "router-1");
    let namespaces = Namespaces::new(&["router"]);
    furnish(&namespaces, &reading, thing);
    for (part, word, broken) in [
        ("nftables", "policy drop", "policy dorp"),
        ("frr.conf", "ip route", "ip ruote"),
        ("keepalived.conf", "virtual_router_id 10", "virtual_router_id 1000"),
        ("unbound", "access-control: 127.0.0.0/8", "access-control: 127.0.0.0/99"),
        ("kea", "10.10.30.100 -", "10.10.31.100 -"),
    ] {
        let mut rendering = (lab_drivers::find("linux-router").unwrap().render)(&reading.lab, thing);
        let (path, file) = rendering.files.iter_mut().find(|(path, _)| path.contains(part)).unwrap();
        assert!(file.text.contains(word), "{path}");
        file.text = file.text.replacen(word, broken, 1);
        let unit = file.unit.unwrap();
        let root = tempfile::tempdir().unwrap();
        write(&rendering, root.path());
        let words: Vec<String> =
            unit.check.iter().map(|word| word.replace("{root}", root.path().to_str().unwrap())).collect();
        let mut command = namespaces.command("router", &words.iter().map(String::as_str).collect::<Vec<_>>());
        command.env("KEA_PIDFILE_DIR", root.path()).env("KEA_LOCKFILE_DIR", root.path());
        let output = command.output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        assert!(!output.status.success() || !said.is_empty(), "{part} passes with `{broken}`");
    }
}

/// conntrackd cannot check a file, so it is run on it.
#[test]
fn conntrackd_runs_on_what_is_rendered_for_it() {
    if needs::lacks(&["ip", "conntrackd"]) {
        return;
    }
    let reading = labs::lab("starter", &[]);
    let thing = labs::thing(&reading, "router-1");
    let rendering = (lab_drivers::find("linux-router").unwrap().render)(&reading.lab, thing);
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("conntrackd.conf");
    let folder = root.path().display().to_string();
    let text = rendering.files["etc/conntrackd/conntrackd.conf"]
        .text
        .replace("/var/lock", &folder)
        .replace("/var/run", &folder);
    fs::write(&path, text).unwrap();
    let namespaces = Namespaces::new(&["router"]);
    furnish(&namespaces, &reading, thing);
    let path = path.to_str().unwrap();
    namespaces.must("router", &["conntrackd", "-d", "-C", path]);
    let said = namespaces.must("router", &["conntrackd", "-C", path, "-s"]);
    assert!(said.contains("cache internal"), "{said}");
    namespaces.must("router", &["conntrackd", "-C", path, "-k"]);
}
