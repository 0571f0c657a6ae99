//! The starter lab's pair of routers with the rendered keepalived and nftables: all addresses of the pair move together, when
//! a router dies, when its line does, and when no router has a line any more. What is lost meanwhile is counted and told.

use crate::checkers::write;
use crate::labs;
use crate::namespaces::{Namespaces, end};
use crate::needs;
use crate::probes::{bring, of_kernel};
use ipnet::IpNet;
use lab_model::Reading;
use lab_model::lab::PrefixId;
use std::collections::BTreeSet;
use std::net::UdpSocket;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_secs(60);
const GATEWAYS: [&str; 5] = ["10.10.10.1", "10.10.20.1", "10.10.30.1", "10.10.40.1", "10.10.50.1"];
/// Milliseconds between two packets.
const EVERY_MS: u64 = 10;

/// Whose configuration runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Whose {
    /// What the driver renders.
    Rendered,
    /// What a person would write for the same two routers: one group of two addresses, one inside and one outside.
    ByHand,
}

/// Advertisements every 100 ms, and the outside address that a person would let move as well.
const BY_HAND: &str = "\
global_defs {
  script_user root
  enable_script_security
  vrrp_garp_master_repeat 1
}
vrrp_sync_group g {
  group {
    lan
    wan
  }
}
vrrp_instance lan {
  version 3
  state BACKUP
  interface eth0.30
  virtual_router_id 51
  priority PRIORITY
  advert_int 0.1
  nopreempt
  virtual_ipaddress {
    10.10.30.1/24
  }
}
vrrp_instance wan {
  version 3
  state BACKUP
  interface eth1
  virtual_router_id 52
  priority PRIORITY
  advert_int 0.1
  nopreempt
  virtual_ipaddress {
    192.168.100.10/24
  }
}
";

const NAT_BY_HAND: &str = "\
table ip n { chain post { type nat hook postrouting priority 100; oifname \"eth1\" snat to 192.168.100.10; }; }
table ip f { chain c { type filter hook forward priority 0; policy drop; ct state established,related accept; \
iifname \"eth0.30\" oifname \"eth1\" accept; }; }
";

pub(crate) struct Pair {
    namespaces: Namespaces,
    _roots: Vec<TempDir>,
    daemons: Vec<Child>,
}

impl Drop for Pair {
    fn drop(&mut self) {
        for daemon in &mut self.daemons {
            let _ = daemon.kill();
            let _ = daemon.wait();
        }
    }
}

fn wire_router(namespaces: &Namespaces, reading: &Reading, router: &str, bridges: &mut BTreeSet<PrefixId>) {
    let lab = &reading.lab;
    let thing = labs::thing(reading, router);
    for used in lab.derived.addresses_of(thing).filter(|used| !used.interface.is_empty()) {
        let prefix = used.prefix.unwrap();
        let bridge = format!("b{}", prefix.0);
        if bridges.insert(prefix) {
            namespaces.ip("switch", &format!("link add {bridge} type bridge"));
            namespaces.ip("switch", &format!("link set {bridge} up"));
        }
        let port = format!("{}p{}", router.trim_start_matches("router-"), prefix.0);
        namespaces.wire((router, &used.interface), ("switch", &format!("r{port}")));
        namespaces.ip("switch", &format!("link set r{port} master {bridge}"));
        let length = used.length.unwrap();
        namespaces.ip(
            router,
            &format!("addr add {} dev {}", IpNet::new(used.address, length).unwrap(), used.interface),
        );
    }
}

fn host(namespaces: &Namespaces, reading: &Reading, name: &str, address: &str) {
    let net: IpNet = address.parse().unwrap();
    let prefix = reading.lab.derived.prefix_of(net.addr()).unwrap();
    namespaces.wire((name, "e0"), ("switch", &format!("h{name}")));
    namespaces.ip("switch", &format!("link set h{name} master b{}", prefix.0));
    namespaces.ip(name, &format!("addr add {address} dev e0"));
}

fn holds(namespaces: &Namespaces, router: &str) -> usize {
    let said = namespaces.must(router, &["ip", "-4", "-o", "addr", "show"]);
    GATEWAYS.iter().filter(|gateway| said.contains(&format!("inet {gateway}/"))).count()
}

/// Both routers up, the first of them leading, with a client among the users and a host outside that answers.
pub(crate) fn pair(whose: Whose) -> Pair {
    let reading = labs::lab_with("starter", &[], &[("protocol: vrrp,", "protocol: vrrp, interval: 100 ms,")]);
    let namespaces = Namespaces::new(&["switch", "router-1", "router-2", "client", "outside"]);
    let mut bridges = BTreeSet::new();
    for router in ["router-1", "router-2"] {
        wire_router(&namespaces, &reading, router, &mut bridges);
        namespaces.ip(router, "route add default via 192.168.100.1");
    }
    host(&namespaces, &reading, "client", "10.10.30.77/24");
    host(&namespaces, &reading, "outside", "192.168.100.1/24");
    namespaces.ip("client", "route add default via 10.10.30.1");
    namespaces.ip("outside", "addr add 198.51.100.9/32 dev lo");
    let mut pair = Pair { namespaces, _roots: Vec::new(), daemons: Vec::new() };
    for router in ["router-1", "router-2"] {
        let is_up = || {
            let said = pair.namespaces.must(router, &["ip", "-br", "link"]);
            said.lines()
                .filter(|line| line.contains("eth"))
                .all(|line| line.split_whitespace().nth(1) == Some("UP"))
        };
        assert!(needs::comes(is_up), "the links of {router} do not come up");
        let other = tempfile::tempdir().unwrap();
        let mut roots = Vec::new();
        match whose {
            Whose::Rendered => {
                let driver = lab_drivers::find("linux-router").unwrap();
                let rendering = (driver.render)(&reading.lab, labs::thing(&reading, router));
                let root = tempfile::tempdir().unwrap();
                bring(&of_kernel(&rendering), root.path(), &pair.namespaces.full(router));
                write(&rendering, other.path());
                roots.push(root);
            }
            Whose::ByHand => set_up_by_hand(&pair.namespaces, router, other.path()),
        }
        let daemon = keepalived(&pair.namespaces, router, other.path());
        pair.daemons.push(daemon);
        pair._roots.extend(roots.into_iter().chain([other]));
        let all = if whose == Whose::Rendered { GATEWAYS.len() } else { 1 };
        assert!(needs::comes(|| holds(&pair.namespaces, "router-1") == all), "router-1 does not lead");
    }
    pair
}

fn set_up_by_hand(namespaces: &Namespaces, router: &str, root: &Path) {
    let priority = if router == "router-1" { "160" } else { "110" };
    let folder = root.join("etc/keepalived");
    std::fs::create_dir_all(&folder).unwrap();
    let text = BY_HAND.replace("PRIORITY", priority);
    std::fs::write(folder.join("keepalived.conf"), text).unwrap();
    let nat = root.join("nat.nft");
    std::fs::write(&nat, NAT_BY_HAND).unwrap();
    namespaces.must(router, &["nft", "-f", &nat.display().to_string()]);
    namespaces.must(router, &["sysctl", "-qw", "net.ipv4.ip_forward=1"]);
}

/// The power of the leader goes: its programs and all its links at once. Nothing is said to anybody.
pub(crate) fn power_off(pair: &Pair) {
    pair.namespaces.pids("router-1").into_iter().for_each(end);
    let links = ["eth0", "eth0.20", "eth0.30", "eth0.40", "eth0.50", "eth1", "eth2"];
    let words = links.map(|link| format!("ip link set {link} down")).join("; ");
    pair.namespaces.must("router-1", &["sh", "-c", &words]);
}

fn keepalived(namespaces: &Namespaces, router: &str, root: &Path) -> Child {
    let path = |name: &str| root.join(name).display().to_string();
    let (conf, pid, vrrp) = (path("etc/keepalived/keepalived.conf"), path("ka.pid"), path("vrrp.pid"));
    let log = std::fs::File::create(root.join("log")).unwrap();
    let words = ["keepalived", "-n", "-l", "-f", &conf, "-p", &pid, "-r", &vrrp];
    namespaces
        .command(router, &words)
        .stdin(Stdio::null())
        .stdout(log.try_clone().unwrap())
        .stderr(log)
        .spawn()
        .unwrap()
}

/// What a change of the leader cost.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Lost {
    /// Packets without an answer.
    pub(crate) packets: usize,
    /// Of how many.
    pub(crate) of: usize,
    /// The packets times the interval that was really kept.
    pub(crate) seconds: f64,
}

/// Sends a packet every 10 ms or so through the routers while `fault` happens beside it.
pub(crate) fn lost_during(pair: &Pair, fault: impl FnOnce() + Send) -> Lost {
    let stop = std::sync::atomic::AtomicBool::new(false);
    let echo = pair.namespaces.enter("outside", || UdpSocket::bind("198.51.100.9:7").unwrap());
    echo.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
    let client = pair.namespaces.enter("client", || UdpSocket::bind("10.10.30.77:0").unwrap());
    client.set_nonblocking(true).unwrap();
    client.connect("198.51.100.9:7").unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut bytes = [0; 8];
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                if let Ok((n, from)) = echo.recv_from(&mut bytes) {
                    let _ = echo.send_to(&bytes[..n], from);
                }
            }
        });
        let mut answered = BTreeSet::new();
        let mut sent = 0u64;
        let mut fault = Some(fault);
        let start = Instant::now();
        let mut in_a_row = 0;
        // A hundred answers before the fault, and two hundred in a row after it.
        while start.elapsed() < PATIENCE && !(fault.is_none() && in_a_row >= 200) {
            let _ = client.send(&sent.to_be_bytes());
            sent += 1;
            std::thread::park_timeout(Duration::from_millis(EVERY_MS));
            let mut bytes = [0; 8];
            let mut came = false;
            while client.recv(&mut bytes).is_ok() {
                came |= answered.insert(u64::from_be_bytes(bytes));
            }
            in_a_row = if came { in_a_row + 1 } else { 0 };
            if in_a_row >= 100
                && let Some(fault) = fault.take()
            {
                scope.spawn(fault);
                in_a_row = 0;
            }
        }
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
        assert!(in_a_row >= 200, "nothing comes through any more");
        let first = answered.first().copied().unwrap();
        let of = (sent - first) as usize;
        let packets = of - answered.len();
        Lost { packets, of, seconds: packets as f64 * start.elapsed().as_secs_f64() / sent as f64 }
    })
}

#[test]
fn the_other_router_takes_over_everything() {
    if needs::lacks(&["ip", "nft", "keepalived", "sysctl"]) {
        return;
    }
    let other = pair(Whose::ByHand);
    let lost = lost_during(&other, || power_off(&other));
    eprintln!("the same by hand: {lost:?}");
    drop(other);

    let dead = pair(Whose::Rendered);
    let lost = lost_during(&dead, || power_off(&dead));
    eprintln!("router killed, advertisements every 100 ms: {lost:?}");
    assert_eq!(holds(&dead.namespaces, "router-2"), GATEWAYS.len());
    drop(dead);

    let line = pair(Whose::Rendered);
    let lost = lost_during(&line, || line.namespaces.ip("router-1", "link set eth1 down"));
    eprintln!("line of the leader down: {lost:?}");
    let both = (holds(&line.namespaces, "router-1"), holds(&line.namespaces, "router-2"));
    assert_eq!(both, (0, GATEWAYS.len()), "the addresses did not move together");

    line.namespaces.ip("router-2", "link set eth1 down");
    let first_leads = || holds(&line.namespaces, "router-1") == GATEWAYS.len();
    assert!(needs::comes(first_leads), "without any line the networks have no gateway");
    assert!(needs::comes(|| holds(&line.namespaces, "router-2") == 0), "both hold the gateways");
}
