//! Real packets against the policy: a lab's router with its rendered firewall, hosts in every zone and outside, and a connection
//! attempted for every case that the policy tells apart. What arrives must be exactly what `labwright show reach` says.

use crate::labs;
use crate::namespaces::Namespaces;
use crate::needs;
use ipnet::IpNet;
use lab_driver::{Folder, Outcome, Rendering, apply, observe, plan};
use lab_model::grammar::Transport;
use lab_model::{Lab, Reading, ThingId};
use lab_reach::{Class, Origin, Packet, Policy, ZonePolicy, classes, pairs};
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// One attempt.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Probe {
    to: Ipv4Addr,
    transport: Transport,
    port: u16,
}

/// The zones that this router leads to, each with its interface, the router's address there and an address for a client.
struct Place<'a> {
    zone: &'a ZonePolicy,
    interface: String,
    router: IpNet,
    client: Ipv4Addr,
}

/// How long every permitted attempt may take on a machine with much to do.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long a packet that must not arrive is waited for, once all others have arrived.
const GRACE: Duration = Duration::from_millis(700);

/// Only what can be taken up in a namespace: the firewall and the kernel's settings.
pub(crate) fn of_kernel(rendering: &Rendering) -> Rendering {
    let mut only = rendering.clone();
    only.files.retain(|_, file| file.unit.is_some_and(|unit| matches!(unit.name, "nftables" | "sysctl")));
    only
}

/// Brings files to a router in a namespace, and holds that nothing is left to do.
pub(crate) fn bring(rendering: &Rendering, root: &Path, namespace: &str) {
    let mut world = Folder::new(root).in_namespace(namespace);
    let observed = observe(rendering, &mut world).unwrap();
    let outcome = apply(&plan(rendering, 1, &observed), &mut world);
    assert!(matches!(outcome, Outcome::Applied { .. }), "{outcome:?}");
    let observed = observe(rendering, &mut world).unwrap();
    assert!(plan(rendering, 1, &observed).is_empty(), "the second plan is not empty");
}

fn places<'a>(lab: &Lab, router: ThingId, policy: &'a Policy) -> Vec<Place<'a>> {
    let place = |zone: &'a ZonePolicy| {
        let used = lab.derived.addresses_of(router).find(|used| {
            !used.interface.is_empty() && used.address.is_ipv4() && zone.members.contains(used.address)
        })?;
        let network = lab.derived.prefix(used.prefix?).network?;
        let IpNet::V4(v4) = network else { return None };
        // High in the network, where nobody is.
        let client = Ipv4Addr::from(u32::from(v4.broadcast()) - 5);
        let router = IpNet::new(used.address, network.prefix_len()).unwrap();
        Some(Place { zone, interface: used.interface.to_string(), router, client })
    };
    policy.zones.iter().filter_map(place).collect()
}

/// An address of a class that a packet can be sent to.
fn target(class: &Class) -> Option<Ipv4Addr> {
    class.addresses.ranges().find_map(|range| match (range.first(), range.last()) {
        (IpAddr::V4(first), IpAddr::V4(last)) => {
            // Neither the address of a network nor that of all on a link.
            let one = if first == last { first } else { Ipv4Addr::from(u32::from(first) + 1) };
            let octet = one.octets()[0];
            let is_usable = !matches!(octet, 0 | 127 | 169 | 224..) && !matches!(one.octets()[3], 0 | 255);
            is_usable.then_some(one)
        }
        _ => None,
    })
}

/// Namespaces: the router, a client and a host of targets in each zone, and one outside.
fn furnish(places: &[Place<'_>], outside: &str, targets: &BTreeSet<Ipv4Addr>, policy: &Policy) -> Namespaces {
    let mut namespaces = Namespaces::new(&["router", "outside", "switch"]);
    for (index, place) in places.iter().enumerate() {
        let (client, host) = (format!("c{index}"), format!("t{index}"));
        namespaces.add(&client);
        namespaces.add(&host);
        namespaces.ip("switch", &format!("link add b{index} type bridge"));
        namespaces.ip("switch", &format!("link set b{index} up"));
        for (ns, interface) in [("router", place.interface.as_str()), (&client, "e0"), (&host, "e0")] {
            let port = format!("{}{index}", ns.chars().next().unwrap());
            namespaces.wire((ns, interface), ("switch", &port));
            namespaces.ip("switch", &format!("link set {port} master b{index}"));
        }
        namespaces.ip("router", &format!("addr add {} dev {}", place.router, place.interface));
        // The client sends everything to the router, so that the router decides also what stays in the zone.
        namespaces.ip(&client, &format!("addr add {}/32 dev e0", place.client));
        namespaces.ip(&client, &format!("route add default via {} dev e0 onlink", place.router.addr()));
        let back = Ipv4Addr::from(u32::from(place.client) - 1);
        namespaces.ip(&host, &format!("addr add {back}/32 dev e0"));
        namespaces.ip(&host, &format!("route add default via {} dev e0 onlink", place.router.addr()));
        for to in targets.iter().filter(|to| place.zone.members.contains(IpAddr::V4(**to))) {
            if policy.gateways.contains(IpAddr::V4(*to)) {
                if *to != place.router.addr() {
                    namespaces.ip("router", &format!("addr add {to}/32 dev {}", place.interface));
                }
                continue;
            }
            namespaces.ip(&host, &format!("addr add {to}/32 dev e0"));
            if !place.router.contains(&IpAddr::V4(*to)) {
                namespaces
                    .ip("router", &format!("route add {to}/32 via {back} dev {} onlink", place.interface));
            }
        }
    }
    namespaces.wire(("router", outside), ("outside", "e0"));
    namespaces.ip("router", &format!("addr add 203.0.113.2/30 dev {outside}"));
    namespaces.ip("outside", "addr add 203.0.113.1/30 dev e0");
    namespaces.ip("router", "route add default via 203.0.113.1");
    for to in
        targets.iter().filter(|to| places.iter().all(|place| !place.zone.members.contains(IpAddr::V4(**to))))
    {
        namespaces.ip("outside", &format!("addr add {to}/32 dev lo"));
    }
    namespaces
}

/// Answers on every port of every address until told to stop.
fn answer(ports: &BTreeSet<(Transport, u16)>, addresses: &[Ipv4Addr], stop: &AtomicBool) {
    let mut listeners = Vec::new();
    let mut sockets = Vec::new();
    for &(transport, port) in ports {
        match transport {
            Transport::Tcp => listeners.push(TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)).unwrap()),
            // One for each address, so that answers leave from the address that was asked.
            Transport::Udp => {
                sockets.extend(addresses.iter().map(|address| UdpSocket::bind((*address, port)).unwrap()))
            }
        }
    }
    listeners.iter().for_each(|listener| listener.set_nonblocking(true).unwrap());
    sockets.iter().for_each(|socket| socket.set_nonblocking(true).unwrap());
    let mut held = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        held.extend(listeners.iter().filter_map(|listener| listener.accept().ok()));
        for socket in &sockets {
            let mut byte = [0];
            if let Ok((_, from)) = socket.recv_from(&mut byte) {
                let _ = socket.send_to(&byte, from);
            }
        }
        std::thread::park_timeout(Duration::from_millis(5));
    }
}

enum Attempt {
    Tcp(socket2::Socket, SocketAddr),
    Udp(UdpSocket),
}

fn connecting(to: SocketAddr) -> socket2::Socket {
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    socket.set_nonblocking(true).unwrap();
    let _ = socket.connect(&to.into());
    socket
}

/// Tries everything at once. Ends when all that must arrive has arrived and a while has passed, or when patience is over.
fn attempt(probes: &[(Probe, bool)]) -> BTreeSet<Probe> {
    let mut open: Vec<(Probe, bool, Attempt)> = Vec::new();
    for &(probe, expected) in probes {
        let to = SocketAddr::from((probe.to, probe.port));
        let attempt = match probe.transport {
            Transport::Tcp => Attempt::Tcp(connecting(to), to),
            Transport::Udp => {
                let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).unwrap();
                socket.set_nonblocking(true).unwrap();
                socket.connect(to).unwrap();
                Attempt::Udp(socket)
            }
        };
        open.push((probe, expected, attempt));
    }
    let start = Instant::now();
    let mut arrived = BTreeSet::new();
    let mut complete: Option<Instant> = None;
    while start.elapsed() < PATIENCE && complete.is_none_or(|at| at.elapsed() < GRACE) {
        open.retain_mut(|(probe, _, attempt)| {
            let done = match attempt {
                Attempt::Tcp(socket, to) => {
                    // A socket that was refused once does not connect again.
                    if socket.take_error().unwrap().is_some() {
                        *socket = connecting(*to);
                    }
                    socket.peer_addr().is_ok()
                }
                Attempt::Udp(socket) => {
                    let _ = socket.send(&[1]);
                    let mut byte = [0];
                    socket.recv(&mut byte).is_ok()
                }
            };
            if done {
                arrived.insert(*probe);
            }
            !done
        });
        let waits = open.iter().any(|(_, expected, _)| *expected);
        complete = if waits { None } else { complete.or(Some(Instant::now())) };
        std::thread::park_timeout(Duration::from_millis(100));
    }
    arrived
}

/// What is to be tried from each place, with what the policy says of it.
fn cases(policy: &Policy, places: &[Place<'_>]) -> BTreeMap<usize, Vec<(Probe, bool)>> {
    let classes = classes(policy);
    let all = pairs(policy, &classes);
    let mut wanted: BTreeMap<usize, Vec<(Probe, bool)>> = BTreeMap::new();
    for pair in &all {
        let Some(place) = places.iter().position(|place| pair.from == Origin::Zone(place.zone.id)) else {
            continue;
        };
        let Some(to) = target(&classes[pair.class]) else { continue };
        for verdict in &pair.verdicts {
            let port = verdict.first.max(1);
            let packet =
                Packet { from: pair.from, source: None, to: to.into(), transport: verdict.transport, port };
            let expected = policy.decide(&packet).allowed;
            wanted
                .entry(place)
                .or_default()
                .push((Probe { to, transport: verdict.transport, port }, expected));
        }
    }
    wanted
}

/// Puts the policy of a lab to the test at one of its routers. Returns how many cases were tried and how many passed.
fn judge(reading: &Reading, router: &str) -> (usize, usize) {
    let lab = &reading.lab;
    let thing = labs::thing(reading, router);
    let policy = lab_reach::compile(lab);
    let places = places(lab, thing, &policy);
    let outside = lab_reach::outside_interfaces(lab, thing)[0].to_string();
    let wanted = cases(&policy, &places);
    let targets: BTreeSet<Ipv4Addr> = wanted.values().flatten().map(|(probe, _)| probe.to).collect();
    let ports: BTreeSet<(Transport, u16)> =
        wanted.values().flatten().map(|(probe, _)| (probe.transport, probe.port)).collect();
    let namespaces = furnish(&places, &outside, &targets, &policy);
    let root = tempfile::tempdir().unwrap();
    let rendering = of_kernel(&(lab_drivers::find("linux-router").unwrap().render)(lab, thing));
    bring(&rendering, root.path(), &namespaces.full("router"));

    let stop = AtomicBool::new(false);
    let (mut n_tried, mut n_passed) = (0, 0);
    std::thread::scope(|scope| {
        let hosts = (0..places.len())
            .map(|index| format!("t{index}"))
            .chain(["router".to_owned(), "outside".to_owned()]);
        for host in hosts {
            let said = namespaces.must(&host, &["ip", "-4", "-o", "addr", "show"]);
            let own = said
                .lines()
                .filter_map(|line| line.split_whitespace().nth(3)?.split('/').next()?.parse().ok());
            let addresses: Vec<Ipv4Addr> =
                own.filter(|address: &Ipv4Addr| targets.contains(address)).collect();
            let (namespaces, ports, stop) = (&namespaces, &ports, &stop);
            scope.spawn(move || namespaces.enter(&host, || answer(ports, &addresses, stop)));
        }
        let attempts: Vec<_> = wanted
            .iter()
            .map(|(place, probes)| {
                let namespaces = &namespaces;
                (
                    place,
                    probes,
                    scope.spawn(move || namespaces.enter(&format!("c{place}"), || attempt(probes))),
                )
            })
            .collect();
        let mut faults = Vec::new();
        for (place, probes, attempt) in attempts {
            let arrived = attempt.join().unwrap();
            for (probe, expected) in probes {
                n_tried += 1;
                n_passed += usize::from(*expected);
                if arrived.contains(probe) != *expected {
                    let word = if *expected { "is denied" } else { "passes" };
                    faults.push(format!("{} to {probe:?} {word}", places[*place].zone.name));
                }
            }
        }
        stop.store(true, Ordering::Relaxed);
        assert!(faults.is_empty(), "{router}:\n{}", faults.join("\n"));
    });
    (n_tried, n_passed)
}

#[test]
fn packets_do_what_the_policy_says() {
    if needs::lacks(&["ip", "nft", "sysctl"]) {
        return;
    }
    nix::sys::resource::setrlimit(nix::sys::resource::Resource::RLIMIT_NOFILE, 16384, 16384).unwrap();
    for (name, router, at_least) in [
        ("starter", "router-1", 100),
        ("infra-mk3", "router-01", 120),
        ("infra-mk3", "router-02", 120),
        ("ocean", "usg", 4),
        ("home-ops", "udm-pro", 4),
    ] {
        let (n_tried, n_passed) = judge(&labs::lab(name, &[]), router);
        eprintln!("{name} {router}: {n_tried} cases tried, {n_passed} pass, all as the policy says");
        assert!(n_tried >= at_least && n_passed > 0 && n_passed < n_tried, "{name}: {n_tried} {n_passed}");
    }
}
