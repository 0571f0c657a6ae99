//! Routing: static routes, BGP and BFD. What both ends of a session must agree on comes from one [`Session`] of the lab.

use super::super::projection::Router;
use crate::bgp::{BFD_INTERVAL_MS, BFD_MULTIPLIER, CONNECT_SECS, bfd_notes};
use crate::head::head;
use ipnet::IpNet;
use lab_driver::{Rendering, Unit};
use lab_reach::{End, Session};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::net::IpAddr;

static UNIT: Unit = Unit {
    name: "frr",
    reload: &["/usr/lib/frr/frr-reload.py", "--reload", "{root}/etc/frr/frr.conf"],
    check: &["vtysh", "-C", "-f", "{root}/etc/frr/frr.conf"],
};

/// Which daemons run is read at their start only.
static DAEMONS: Unit = Unit { name: "frr-daemons", reload: &["systemctl", "restart", "frr"], check: &[] };

/// Adds `etc/frr/frr.conf` and `etc/frr/daemons`, when there is something to route.
pub(super) fn add(router: &Router<'_>, rendering: &mut Rendering) {
    if router.default_via.is_empty() && router.sessions.is_empty() {
        return;
    }
    let mut text = head(router.lab, router.thing, "routing", "!");
    let mut line = |words: &str| writeln!(text, "{words}").expect("a string takes all");
    line("!");
    line("frr defaults traditional");
    line(&format!("hostname {}", router.name()));
    line("log syslog informational");
    line("service integrated-vtysh-config");
    line("!");
    for gateway in &router.default_via {
        let (words, all) = if gateway.is_ipv4() { ("ip", "0.0.0.0/0") } else { ("ipv6", "::/0") };
        line(&format!("{words} route {all} {gateway}"));
    }
    if !router.sessions.is_empty() {
        line("!");
        text.push_str(&bgp(router));
        passwords(router, rendering);
        rendering.notes.extend(bfd_notes(router.lab, &router.sessions));
    }
    rendering.add("etc/frr/frr.conf", Some(&UNIT), text);
    rendering.add("etc/frr/daemons", Some(&DAEMONS), daemons(router));
}

fn daemons(router: &Router<'_>) -> String {
    let yes = |is: bool| if is { "yes" } else { "no" };
    let bgp = yes(!router.sessions.is_empty());
    let bfd = yes(router.sessions.iter().any(|session| session.bfd));
    format!(
        "{}\nbgpd={bgp}\nbfdd={bfd}\nstaticd=yes\nvtysh_enable=yes\n\
         zebra_options=\"  -A 127.0.0.1 -s 90000000\"\nbgpd_options=\"   -A 127.0.0.1\"\n\
         bfdd_options=\"   -A 127.0.0.1\"\nstaticd_options=\"-A 127.0.0.1\"\n",
        head(router.lab, router.thing, "the daemons of FRR", "#")
    )
}

/// A session's password is a secret and stands in no rendered file.
fn passwords(router: &Router<'_>, rendering: &mut Rendering) {
    let with: BTreeSet<String> = router
        .sessions
        .iter()
        .filter(|session| session.authenticated)
        .filter_map(|session| session.seen_from(router.thing))
        .map(|(_, other)| router.lab.bgp[other.speaker].name.to_string())
        .collect();
    for peer in with {
        rendering.notes.push(format!(
            "the sessions with `{peer}` have a password, which is a secret and left out: set it by `neighbor {peer} password`"
        ));
    }
}

/// One family of addresses in the words of FRR.
const FAMILIES: [(bool, &str, &str); 2] = [(true, "ip", "ipv4"), (false, "ipv6", "ipv6")];

fn bgp(router: &Router<'_>) -> String {
    let seen: Vec<(&Session, &End, &End)> = router
        .sessions
        .iter()
        .filter_map(|session| session.seen_from(router.thing).map(|(own, other)| (session, own, other)))
        .collect();
    let mut groups: BTreeMap<String, Vec<(&Session, &End, &End)>> = BTreeMap::new();
    for one in &seen {
        groups.entry(router.lab.bgp[one.2.speaker].name.to_string()).or_default().push(*one);
    }
    let mut text = String::new();
    if seen.iter().any(|(session, ..)| session.bfd) {
        write!(
            text,
            "bfd\n profile lab\n  detect-multiplier {BFD_MULTIPLIER}\n  receive-interval {BFD_INTERVAL_MS}\n  \
             transmit-interval {BFD_INTERVAL_MS}\n exit\nexit\n!\n"
        )
        .expect("a string takes all");
    }
    for (name, sessions) in &groups {
        if let Some((_, own, other)) = sessions.first() {
            text.push_str(&filters(name, own, other));
        }
    }
    let Some((_, own, _)) = seen.first() else { return text };
    text.push_str(&speaker(router, own, &groups));
    text
}

/// What is taken from a peer and what it is told. A list that is empty denies all.
fn filters(peer: &str, own: &End, other: &End) -> String {
    let taken = if own.accepts.is_empty() { &other.announces } else { &own.accepts };
    let mut text = String::new();
    for (v4, words, _) in FAMILIES {
        for (list, nets, longest) in [("from", taken, true), ("to", &own.announces, false)] {
            let of_family = nets.iter().filter(|net| net.addr().is_ipv4() == v4);
            for (index, net) in of_family.enumerate() {
                let most = if longest && net.prefix_len() < net.max_prefix_len() {
                    format!(" le {}", net.max_prefix_len())
                } else {
                    String::new()
                };
                writeln!(
                    text,
                    "{words} prefix-list {list}-{peer} seq {} permit {net}{most}",
                    (index + 1) * 5
                )
                .expect("a string takes all");
            }
            let none = !nets.iter().any(|net| net.addr().is_ipv4() == v4);
            if none {
                writeln!(text, "{words} prefix-list {list}-{peer} seq 5 deny any")
                    .expect("a string takes all");
            }
        }
    }
    for list in ["from", "to"] {
        write!(
            text,
            "!\nroute-map {list}-{peer} permit 10\n match ip address prefix-list {list}-{peer}\nexit\n\
             route-map {list}-{peer} permit 20\n match ipv6 address prefix-list {list}-{peer}\nexit\n"
        )
        .expect("a string takes all");
    }
    text.push_str("!\n");
    text
}

fn speaker(router: &Router<'_>, own: &End, groups: &BTreeMap<String, Vec<(&Session, &End, &End)>>) -> String {
    let mut text = format!("router bgp {}\n", own.asn);
    let mut line = |words: &str| writeln!(text, "{words}").expect("a string takes all");
    if let Some(id) = router.router_id() {
        line(&format!(" bgp router-id {id}"));
    }
    line(" no bgp default ipv4-unicast");
    let restart = groups.values().flatten().filter_map(|(session, ..)| session.graceful_restart_secs).max();
    if let Some(restart) = restart {
        line(" bgp graceful-restart");
        line(&format!(" bgp graceful-restart restart-time {restart}"));
    }
    for (name, sessions) in groups {
        let Some((session, own, other)) = sessions.first() else { continue };
        line(&format!(" neighbor {name} peer-group"));
        line(&format!(" neighbor {name} remote-as {}", other.asn));
        line(&format!(" neighbor {name} timers {} {}", session.keepalive_secs, session.hold_secs));
        line(&format!(" neighbor {name} timers connect {CONNECT_SECS}"));
        if session.bfd {
            line(&format!(" neighbor {name} bfd"));
            line(&format!(" neighbor {name} bfd profile lab"));
        }
        let _ = own;
        for (_, _, other) in sessions {
            line(&format!(" neighbor {} peer-group {name}", other.address));
            line(&format!(" neighbor {} description {}", other.address, router.lab.name(other.machine)));
        }
    }
    for (v4, _, words) in FAMILIES {
        let has = |address: &IpAddr| address.is_ipv4() == v4;
        if !groups.values().flatten().any(|(_, _, other)| has(&other.address)) {
            continue;
        }
        line(&format!(" address-family {words} unicast"));
        let announced: BTreeSet<&IpNet> =
            groups.values().flatten().flat_map(|(_, own, _)| &own.announces).collect();
        for net in announced.into_iter().filter(|net| net.addr().is_ipv4() == v4) {
            line(&format!("  network {net}"));
        }
        for name in groups.keys() {
            line(&format!("  neighbor {name} activate"));
            line(&format!("  neighbor {name} soft-reconfiguration inbound"));
            line(&format!("  neighbor {name} route-map from-{name} in"));
            line(&format!("  neighbor {name} route-map to-{name} out"));
        }
        line(" exit-address-family");
    }
    line("exit");
    line("!");
    text
}
