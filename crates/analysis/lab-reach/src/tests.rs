//! Labs in a few lines, and what may be reached in them.

use super::*;
use lab_model::grammar::Transport;
use lab_model::{Input, Lab};

fn lab(text: &str) -> Lab {
    let file = lab_source::Input { name: "lab.yaml".to_owned(), bytes: text.as_bytes().to_vec() };
    lab_model::read(Input { files: vec![file], overlays: Vec::new(), types: &() }).lab
}

const HOUSE: &str = "
lab: { name: house, domain: home.example }
vlans: { mgmt: 10, users: 30, guests: 50, lab: 20 }
prefixes:
  10.0.10.0/24: { vlan: mgmt, gateway: 10.0.10.1 }
  10.0.20.0/24: { vlan: lab, gateway: 10.0.20.1 }
  10.0.30.0/24: { vlan: users, gateway: 10.0.30.1 }
  10.0.50.0/24: { vlan: guests, gateway: 10.0.50.1 }
  10.42.0.0/16: { kind: pods, cluster: k }
  192.168.100.0/24: { kind: transit, unnumbered-vlan: true }
devices: { box: { role: router, interfaces: { e0: {}, e1: {} } }, n1: { role: server, interfaces: { e0: {} } } }
hosts:
  router: { on: box, routes: true, addresses: { e0: [10.0.10.1/24, 10.0.20.1/24, 10.0.30.1/24, 10.0.50.1/24], e1: 192.168.100.2/24 } }
  node: { on: n1, addresses: { e0: 10.0.20.11/24 } }
clusters: { k: { kind: kubernetes, members: node } }
services:
  web: { on: k, url: https://web.home.example }
  lost: { on: k }
names: { '*.home.example': { addresses: 10.0.20.200 } }
bgp:
  router: { asn: 64512, on: router, peers: nodes, keepalive: 3 s, hold: 9 s, bfd: true }
  nodes: { asn: 64513, cluster: k, peers: router, hold: 30 s }
zones:
  mgmt: { of: mgmt, management: true, may-reach: [] }
  lab: { of: lab, may-reach: [internet] }
  users: { of: users, may-reach: [internet, { to: gateway, on: [dns, dhcp] }, { to: web, on: https }, { to: lost, on: https }] }
  guests: { of: guests, isolated: true, may-reach: [internet] }
forwards: { ssh: { ports: 2222/tcp, to: host/node, to-port: ssh } }
";

fn ask(policy: &Policy, from: &str, to: &str, port: &str) -> bool {
    let origin = policy
        .zones
        .iter()
        .find(|zone| zone.name == from)
        .map_or(Origin::Internet, |zone| Origin::Zone(zone.id));
    let (number, transport) = port.split_once('/').unwrap();
    let transport = if transport == "tcp" { Transport::Tcp } else { Transport::Udp };
    let (source, to) = match to.split_once('<') {
        Some((to, source)) => (Some(source.parse().unwrap()), to),
        None => (None, to),
    };
    let port = number.parse().unwrap();
    policy.decide(&Packet { from: origin, source, to: to.parse().unwrap(), transport, port }).allowed
}

#[test]
fn zones_allow_what_they_say_and_nothing_else() {
    let policy = compile(&lab(HOUSE));
    for (from, to, port, expect) in [
        ("users", "8.8.8.8", "443/tcp", true),
        ("users", "2001:4860::8888", "443/tcp", true),
        ("users", "192.168.100.1", "443/tcp", false),
        ("users", "172.16.9.9", "443/tcp", false),
        ("users", "10.0.30.1", "53/udp", true),
        ("users", "255.255.255.255", "67/udp", true),
        ("users", "10.0.30.1", "22/tcp", false),
        ("users", "10.0.10.1", "53/udp", false),
        ("users", "10.0.20.200", "443/tcp", true),
        ("users", "10.0.20.200", "80/tcp", false),
        ("users", "10.0.20.11", "443/tcp", false),
        ("users", "10.0.30.77", "80/tcp", true),
        ("guests", "10.0.50.77", "80/tcp", false),
        ("guests", "10.0.50.1", "53/udp", false),
        ("guests", "10.42.0.1", "80/tcp", false),
        ("mgmt", "10.0.10.1", "22/tcp", true),
        ("mgmt", "10.0.30.9", "22/tcp", false),
        ("lab", "10.0.20.1", "179/tcp", false),
        ("lab", "10.0.20.1<10.0.20.11", "179/tcp", true),
        ("lab", "10.0.20.1<10.0.20.11", "3784/udp", true),
        ("lab", "10.42.3.4", "80/tcp", true),
        ("outside", "10.0.20.11", "22/tcp", true),
        ("outside", "10.0.20.11", "2222/tcp", false),
    ] {
        assert_eq!(ask(&policy, from, to, port), expect, "{from} to {to} on {port}");
    }
    let lost: Vec<&str> = policy.unresolved.iter().map(|lost| &*lost.to).collect();
    assert!(lost.is_empty() || lost == ["lost"], "{lost:?}");
}

#[test]
fn classes_are_all_addresses_once() {
    let policy = compile(&lab(HOUSE));
    let classes = classes(&policy);
    let mut all = AddressSet::default();
    for class in &classes {
        assert!(!all.overlaps(&class.addresses), "{class:?}");
        all = all.union(&class.addresses);
    }
    assert_eq!(all, AddressSet::everything());
    for pair in pairs(&policy, &classes) {
        let tcp: Vec<_> =
            pair.verdicts.iter().filter(|verdict| verdict.transport == Transport::Tcp).collect();
        assert_eq!((tcp[0].first, tcp[tcp.len() - 1].last), (0, u16::MAX));
    }
}

/// A class stands for its addresses: others of the class, at both ends of each of its runs, are decided alike.
#[test]
fn a_class_is_decided_alike_at_every_edge() {
    let policy = compile(&lab(HOUSE));
    for class in classes(&policy) {
        for zone in &policy.zones {
            for port in [22, 53, 67, 179, 443, 2222] {
                let at = |to| {
                    let packet = Packet {
                        from: Origin::Zone(zone.id),
                        source: None,
                        to,
                        transport: Transport::Tcp,
                        port,
                    };
                    policy.decide(&packet).allowed
                };
                let expect = at(class.representative);
                for range in class.addresses.ranges() {
                    assert_eq!((at(range.first()), at(range.last())), (expect, expect), "{:?}", class.names);
                }
            }
        }
    }
}

#[test]
fn both_ends_of_a_session_are_one_record() {
    let lab = lab(HOUSE);
    let sessions = sessions(&lab);
    let [session] = &sessions[..] else { panic!("{sessions:?}") };
    assert_eq!((session.keepalive_secs, session.hold_secs, session.bfd), (3, 9, true));
    assert_eq!(session.near.address.to_string(), "10.0.20.1");
    assert_eq!(session.far.address.to_string(), "10.0.20.11");
    assert!(session.seen_from(session.far.machine).is_some_and(|(own, _)| own.asn == 64513));
}

#[test]
fn names_lead_to_addresses() {
    let lab = lab(HOUSE);
    let names = local_names(&lab);
    assert_eq!(names["web.home.example"], names["*.home.example"]);
    assert_eq!(names["node.home.example"].len(), 1);
}
