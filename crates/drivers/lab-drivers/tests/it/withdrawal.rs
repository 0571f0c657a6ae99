//! A session between a router's rendered FRR and a node's rendered BIRD, cut in silence: how long the router goes on believing in
//! the node's routes, with BFD and without.

use crate::checkers::write;
use crate::failover::Whose;
use crate::labs;
use crate::namespaces::Namespaces;
use crate::needs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::Path;
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(90);

/// Seconds until `holds`, which must come true.
fn until(what: &str, mut holds: impl FnMut() -> bool) -> f32 {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < PATIENCE, "{what} did not happen");
        std::thread::park_timeout(Duration::from_millis(10));
    }
    start.elapsed().as_secs_f32()
}

/// FRR as its own user, with sockets and process numbers below `root`. The file is brought in by `vtysh`, as Debian does: a daemon
/// that reads it itself stumbles over the words for the others.
fn start_frr(namespaces: &Namespaces, node: &str, root: &Path) {
    let id = |flag: &str| -> u32 {
        let said = namespaces.must(node, &["id", flag, "frr"]);
        said.trim().parse().unwrap()
    };
    let run = root.join("run");
    std::fs::create_dir(&run).unwrap();
    std::fs::set_permissions(root, std::fs::Permissions::from_mode(0o755)).unwrap();
    chown(&run, Some(id("-u")), Some(id("-g"))).unwrap();
    let path = |name: &str| run.join(name).display().to_string();
    let conf = root.join("etc/frr/frr.conf").display().to_string();
    let sockets = run.display().to_string();
    for daemon in ["zebra", "staticd", "bfdd", "bgpd"] {
        let program = format!("/usr/lib/frr/{daemon}");
        let (pid, zebra, bfd) = (path(&format!("{daemon}.pid")), path("zebra.sock"), path("bfd.sock"));
        let mut words = vec![
            program.as_str(),
            "-d",
            "-f",
            "/dev/null",
            "-i",
            &pid,
            "-z",
            &zebra,
            "--vty_socket",
            &sockets,
            "-A",
            "127.0.0.1",
        ];
        if daemon == "bfdd" {
            words.extend(["--bfdctl", &bfd]);
        }
        namespaces.must(node, &words);
    }
    namespaces.must(node, &["vtysh", "--vty_socket", &sockets, "-f", &conf]);
}

/// What a person would write at both ends; NEAR and FAR are addresses and numbers of systems.
const BY_HAND: &str = "\
bfd
 profile fast
  detect-multiplier 3
  receive-interval 100
  transmit-interval 100
router bgp OWN
 bgp router-id NEAR
 no bgp ebgp-requires-policy
 neighbor FAR remote-as OTHER
 neighbor FAR timers 3 9
 neighbor FAR timers connect 2
BFD
 address-family ipv4
ANNOUNCED
";

/// The end of a session as a person writes it.
fn by_hand(own: (&str, &str), other: (&str, &str), announced: &str, with_bfd: bool) -> String {
    let bfd = format!(" neighbor {0} bfd\n neighbor {0} bfd profile fast", other.0);
    BY_HAND
        .replace("BFD\n", &if with_bfd { bfd + "\n" } else { String::new() })
        .replace("ANNOUNCED", announced)
        .replace("NEAR", own.0)
        .replace("OWN", own.1)
        .replace("FAR", other.0)
        .replace("OTHER", other.1)
}

/// The two ends of a session, wired.
fn two_ends() -> Namespaces {
    let namespaces = Namespaces::new(&["router", "node"]);
    namespaces.wire(("router", "vtnet3"), ("node", "bond0"));
    namespaces.ip("router", "addr add 10.3.0.1/16 dev vtnet3");
    namespaces.ip("node", "addr add 10.3.1.1/16 dev bond0");
    namespaces
}

/// Seconds from the cut, `phase` after the session is there, until the router has no route to the node's addresses.
pub(crate) fn seconds_until_withdrawn(whose: Whose, with_bfd: bool, phase: Duration) -> f32 {
    let namespaces = two_ends();
    let (router, node) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    match whose {
        Whose::Rendered => {
            let bfd = if with_bfd { "    bfd: true\n" } else { "    bfd: false\n" };
            let replaced = [("    cni: cilium\n", "    cni: calico\n"), ("    bfd: false\n", bfd)];
            let reading = labs::lab_with("infra-mk3", &[], &replaced);
            for (driver, name, root) in
                [("linux-router", "router-01", &router), ("bird", "talos-k8s-mixed-01", &node)]
            {
                let driver = lab_drivers::find(driver).unwrap();
                write(&(driver.render)(&reading.lab, labs::thing(&reading, name)), root.path());
            }
            let path = |name: &str| node.path().join(name).display().to_string();
            start_frr(&namespaces, "router", router.path());
            namespaces.must(
                "node",
                &["bird", "-c", &path("etc/bird/bird.conf"), "-s", &path("ctl"), "-P", &path("pid")],
            );
        }
        Whose::ByHand => {
            let ends = [("10.3.0.1", "65001"), ("10.3.1.1", "65010")];
            let near = by_hand(ends[0], ends[1], "", with_bfd);
            let far = by_hand(ends[1], ends[0], "  network 10.34.0.0/16", with_bfd)
                + "ip route 10.34.0.0/16 blackhole\n";
            for (name, root, text) in [("router", &router, near), ("node", &node, far)] {
                std::fs::create_dir_all(root.path().join("etc/frr")).unwrap();
                std::fs::write(root.path().join("etc/frr/frr.conf"), text).unwrap();
                start_frr(&namespaces, name, root.path());
            }
        }
    }
    let has_route = || namespaces.must("router", &["ip", "route"]).contains("10.34.0.0/16");
    until("the session", has_route);
    let sockets = router.path().join("run").display().to_string();
    if with_bfd {
        let is_up = || {
            let (_, said) =
                namespaces.run("router", &["vtysh", "--vty_socket", &sockets, "-c", "show bfd peers brief"]);
            said.contains("up")
        };
        until("BFD", is_up);
    }
    // Where between two messages the cut falls decides up to a whole interval.
    std::thread::park_timeout(phase);
    let cut = "add table netdev cut; add chain netdev cut in { type filter hook ingress device DEVICE priority 0; }; add rule netdev cut in drop";
    for (name, device) in [("router", "vtnet3"), ("node", "bond0")] {
        namespaces.must(name, &["nft", &cut.replace("DEVICE", device)]);
    }
    until("the withdrawal", || !has_route())
}

#[test]
fn a_silent_cut_is_noticed_and_sooner_with_bfd() {
    if needs::lacks(&["ip", "nft", "vtysh", "bird"]) {
        return;
    }
    let plain = seconds_until_withdrawn(Whose::Rendered, false, Duration::ZERO);
    let watched = seconds_until_withdrawn(Whose::Rendered, true, Duration::ZERO);
    eprintln!(
        "silent cut: routes withdrawn after {plain:.1} s by the hold time of 9 s, after {watched:.2} s with BFD"
    );
    assert!(watched < plain, "{watched} {plain}");
}
