//! The firewall, rendered from the compiled policy of the lab: a rule a permit, in the same order, and the end of every chain
//! denies. Only the table `inet labwright` is made and replaced; other tables are not touched.

use super::super::projection::{Router, Side};
use crate::head::head;
use lab_driver::{Rendering, Unit};
use lab_model::grammar::{Port, Transport};
use lab_reach::{AddressSet, Grant, Opening, Permit, ZonePolicy};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::net::IpAddr;

static UNIT: Unit = Unit {
    name: "nftables",
    reload: &["nft", "-f", "{root}/etc/nftables.conf"],
    check: &["nft", "-c", "-f", "{root}/etc/nftables.conf"],
};

/// Errors that connections cannot do without, and neighbours of IPv6 (RFC 4890 §4.4).
const ESSENTIALS: [&str; 6] = [
    "icmp type { destination-unreachable, time-exceeded, parameter-problem } accept",
    "icmpv6 type { destination-unreachable, packet-too-big, time-exceeded, parameter-problem } accept",
    "icmpv6 type { nd-router-solicit, nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert } ip6 hoplimit 255 accept",
    "icmpv6 type { mld-listener-query, mld-listener-report, mld2-listener-report } ip6 saddr fe80::/10 accept",
    "icmp type echo-request limit rate 50/second accept",
    "icmpv6 type echo-request limit rate 50/second accept",
];

/// Port of conntrackd between routers, and of Kea's.
const STATE_PORT: u16 = 3780;
pub(super) const LEASE_PORT: u16 = 8001;

/// The family of an address in the words of nft.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Family {
    V4,
    V6,
}

impl Family {
    const BOTH: [Self; 2] = [Self::V4, Self::V6];

    fn word(self) -> &'static str {
        match self {
            Self::V4 => "ip",
            Self::V6 => "ip6",
        }
    }

    fn digit(self) -> char {
        match self {
            Self::V4 => '4',
            Self::V6 => '6',
        }
    }

    fn ty(self) -> &'static str {
        match self {
            Self::V4 => "ipv4_addr",
            Self::V6 => "ipv6_addr",
        }
    }

    /// The runs of a set as nft writes them: an address, a prefix, or first and last.
    fn elements(self, set: &AddressSet) -> Vec<String> {
        let ranges = set.ranges().filter(|range| range.first().is_ipv4() == (self == Self::V4));
        let shown = ranges.map(|range| {
            let one: AddressSet = range.into();
            match &one.prefixes()[..] {
                [net] if net.prefix_len() == net.max_prefix_len() => net.addr().to_string(),
                [net] => net.to_string(),
                _ => format!("{}-{}", range.first(), range.last()),
            }
        });
        shown.collect()
    }
}

/// Sets of up to so many elements stand in the rule itself.
const ELEMENTS_INLINE_MAX: usize = 4;

/// Adds `etc/nftables.conf`.
pub(super) fn add(router: &Router<'_>, rendering: &mut Rendering) {
    let mut writer = Writer { router, text: String::new(), sets: BTreeMap::new() };
    writer.input();
    writer.forward();
    writer.translation();
    let mut text = format!("#!/usr/sbin/nft -f\n{}", head(router.lab, router.thing, "the firewall", "#"));
    text.push_str(
        "# A rule stands for each thing that `zones:` allows; `labwright show reach` has them all. What is not allowed is denied.\n\n\
         table inet labwright\n\
         delete table inet labwright\n\n\
         table inet labwright {\n",
    );
    text.push_str(&writer.sets());
    text.push_str(&writer.text);
    text.push_str("}\n");
    rendering.add("etc/nftables.conf", Some(&UNIT), text);
    let syncs = router.partner.as_ref().is_some_and(|partner| partner.syncs_state);
    if syncs && !router.outside().is_empty() && router.moving_outside().is_none() && !router.shares_line {
        rendering.notes.push(
            "connections to outside do not outlive a change of router, since each translates to an address of its own: \
             a VIP in the network outside would keep them"
                .to_owned(),
        );
    }
}

/// Collects chains, and the sets they name.
struct Writer<'r> {
    router: &'r Router<'r>,
    text: String,
    sets: BTreeMap<String, (Family, Vec<String>)>,
}

/// A name as nft takes it.
fn identifier(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect()
}

fn quoted<S: AsRef<str>>(names: impl IntoIterator<Item = S>) -> String {
    let names: Vec<String> = names.into_iter().map(|name| format!("\"{}\"", name.as_ref())).collect();
    match &names[..] {
        [one] => one.clone(),
        _ => format!("{{ {} }}", names.join(", ")),
    }
}

/// A comment of nft: at most 127 bytes, and no quotes in it.
fn comment(sentence: &str) -> String {
    let mut text: String = sentence.chars().filter(|c| !matches!(c, '"' | '`' | '\\')).collect();
    while text.len() > 120 {
        text.pop();
    }
    format!("comment \"{text}\"")
}

/// What must hold of the ports, one alternative a transport; a single empty one when any will do.
fn port_matches(ports: &[Port]) -> Vec<String> {
    if ports.is_empty() {
        return vec![String::new()];
    }
    let of = |transport: Transport| {
        let list: Vec<String> = ports
            .iter()
            .filter(|port| port.contains(port.first(), transport))
            .map(|port| match port.first() == port.last() {
                true => port.first().to_string(),
                false => format!("{}-{}", port.first(), port.last()),
            })
            .collect();
        match &list[..] {
            [] => None,
            [one] => Some(format!("{transport} dport {one} ")),
            _ => Some(format!("{transport} dport {{ {} }} ", list.join(", "))),
        }
    };
    [Transport::Tcp, Transport::Udp].into_iter().filter_map(of).collect()
}

impl Writer<'_> {
    fn line(&mut self, depth: usize, line: impl AsRef<str>) {
        writeln!(self.text, "{}{}", "  ".repeat(depth), line.as_ref()).expect("a string takes all");
    }

    /// These addresses as a rule names them: themselves when they are few, else a set; `None` when none is of the family.
    fn set(&mut self, name: &str, family: Family, addresses: &AddressSet) -> Option<String> {
        let elements = family.elements(addresses);
        if elements.is_empty() {
            return None;
        }
        match &elements[..] {
            [one] => return Some(one.clone()),
            few if few.len() <= ELEMENTS_INLINE_MAX => return Some(format!("{{ {} }}", few.join(", "))),
            _ => {}
        }
        let base = identifier(name);
        let mut name = format!("{base}{}", family.digit());
        let mut n = 1;
        // Two names may be one identifier; what differs gets a number.
        while self.sets.get(&name).is_some_and(|(_, known)| *known != elements) {
            n += 1;
            name = format!("{base}_{n}_{}", family.digit());
        }
        self.sets.insert(name.clone(), (family, elements));
        Some(format!("@{name}"))
    }

    fn sets(&self) -> String {
        let mut text = String::new();
        for (name, (family, elements)) in &self.sets {
            let mut lines: Vec<String> = Vec::new();
            for element in elements {
                match lines.last_mut() {
                    Some(line) if line.len() + element.len() < 100 => {
                        write!(line, ", {element}").expect("a string takes all")
                    }
                    _ => lines.push(element.clone()),
                }
            }
            let elements = lines.join(",\n      ");
            writeln!(
                text,
                "  set {name} {{\n    type {}\n    flags interval\n    elements = {{\n      {elements}\n    }}\n  }}\n",
                family.ty()
            )
            .expect("a string takes all");
        }
        text
    }

    /// Where the members of a zone come from, in words of nft.
    fn source(&mut self, side: &Side<'_>, family: Family, with_link_local: bool) -> Option<String> {
        let mut members = side.zone.members.clone();
        if with_link_local && family == Family::V6 {
            members = members
                .union(&["fe80::/10".parse::<ipnet::IpNet>().expect("a prefix")].into_iter().collect());
        }
        let name = if with_link_local && family == Family::V6 { "link" } else { "zone" };
        let set = self.set(&format!("{name}_{}_", side.zone.name), family, &members)?;
        Some(format!("iifname {} {} saddr {set}", quoted(&side.interfaces), family.word()))
    }

    fn input(&mut self) {
        let router = self.router;
        self.line(1, "chain input {");
        self.line(2, "type filter hook input priority filter; policy drop;");
        self.line(2, "iifname \"lo\" accept");
        self.line(2, "# Who manages is never locked out, whatever stands below.");
        let sides: Vec<&Side<'_>> = router.sides.iter().filter(|side| !side.interfaces.is_empty()).collect();
        for side in &sides {
            for permit in side.zone.permits.iter().filter(|permit| permit.grant == Grant::Management) {
                for family in Family::BOTH {
                    let Some(source) = self.source(side, family, true) else { continue };
                    self.permit_to_gateway(2, side.zone, permit, family, &format!("{source} "));
                }
            }
        }
        self.line(2, "ct state established,related accept");
        self.line(2, "ct state invalid drop");
        for essential in ESSENTIALS {
            self.line(2, essential);
        }
        self.partner();
        for side in &sides {
            if self.router.hands_out_in(side.zone) {
                let names = quoted(&side.interfaces);
                self.line(2, format!("iifname {names} ip saddr 0.0.0.0 udp sport 68 udp dport 67 accept"));
            }
            for family in Family::BOTH {
                let Some(source) = self.source(side, family, true) else { continue };
                self.line(2, format!("{source} jump to_router_from_{}", identifier(&side.zone.name)));
            }
        }
        self.line(2, "jump refused");
        self.line(1, "}\n");
        for side in &sides {
            self.line(1, format!("chain to_router_from_{} {{", identifier(&side.zone.name)));
            for permit in side.zone.permits.iter().filter(|permit| permit.grant != Grant::Management) {
                for family in Family::BOTH {
                    self.permit_to_gateway(2, side.zone, permit, family, "");
                }
            }
            self.line(1, "}\n");
        }
    }

    /// A rule for what a permit allows towards the router itself, which may be a part of a zone that is allowed.
    fn permit_to_gateway(
        &mut self,
        depth: usize,
        zone: &ZonePolicy,
        permit: &Permit,
        family: Family,
        before: &str,
    ) {
        let to = match permit.is_gateway {
            true => permit.to.clone(),
            false => permit.to.intersection(&self.router.policy.gateways),
        };
        let name = match permit.is_gateway {
            true => format!("router_in_{}_", zone.name),
            false => format!("router_as_{}_", permit.name),
        };
        // Where the router's address is not known, whatever is addressed to it on that link is meant.
        let is_known = !permit.is_gateway || zone.members.overlaps(&self.router.policy.gateways);
        let to = match is_known {
            true => match self.set(&name, family, &to) {
                Some(set) => format!("{} daddr {set} ", family.word()),
                None => return,
            },
            false if family == Family::V4 => "fib daddr . iif type { local, broadcast } ".to_owned(),
            false => "ip6 daddr { fe80::/10, ff02::/16 } ".to_owned(),
        };
        self.rules(depth, zone, permit, family, &format!("{before}{to}"));
    }

    fn rules(&mut self, depth: usize, zone: &ZonePolicy, permit: &Permit, family: Family, matches: &str) {
        let mut from = String::new();
        if let Some(sources) = &permit.sources {
            let Some(set) = self.set(&format!("only_{}_{}_", zone.name, permit.name), family, sources) else {
                return;
            };
            from = format!("{} saddr {set} ", family.word());
        }
        let comment = comment(&zone.sentence(permit));
        for ports in port_matches(&permit.ports) {
            self.line(depth, format!("{from}{matches}{ports}accept {comment}"));
        }
    }

    /// What routers of a pair tell each other.
    fn partner(&mut self) {
        let Some(partner) = &self.router.partner else { return };
        let mut others: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for address in &partner.addresses {
            others.entry(if address.is_ipv4() { "ip" } else { "ip6" }).or_default().push(address.to_string());
        }
        let name = self.router.lab.name(partner.thing).to_string();
        self.line(2, format!("# What {name} tells: VRRP, connections, leases."));
        for (family, addresses) in others {
            self.line(2, format!("{family} saddr {{ {} }} meta l4proto 112 accept", addresses.join(", ")));
        }
        let family = if partner.other.is_ipv4() { "ip" } else { "ip6" };
        let on_link = format!("iifname \"{}\" {family} saddr {}", partner.interface, partner.other);
        if partner.syncs_state {
            self.line(2, format!("{on_link} udp dport {STATE_PORT} accept"));
        }
        if !self.router.hands_out().is_empty() {
            self.line(2, format!("{on_link} tcp dport {LEASE_PORT} accept"));
        }
    }

    fn forward(&mut self) {
        let router = self.router;
        let outside = router.outside();
        self.line(1, "chain forward {");
        self.line(2, "type filter hook forward priority filter; policy drop;");
        self.line(2, "ct state established,related accept");
        self.line(2, "ct state invalid drop");
        let sides: Vec<&Side<'_>> = router.sides.iter().filter(|side| !side.interfaces.is_empty()).collect();
        for side in &sides {
            for family in Family::BOTH {
                let Some(source) = self.source(side, family, false) else { continue };
                self.line(2, format!("{source} jump from_{}", identifier(&side.zone.name)));
            }
        }
        if !outside.is_empty() && !router.policy.openings.is_empty() {
            self.line(2, format!("iifname {} jump from_outside", quoted(&outside)));
        }
        self.line(2, "jump refused");
        self.line(1, "}\n");
        for side in &sides {
            self.line(1, format!("chain from_{} {{", identifier(&side.zone.name)));
            for permit in &side.zone.permits {
                self.permit_to_others(side.zone, permit);
            }
            self.line(1, "}\n");
        }
        if !outside.is_empty() && !router.policy.openings.is_empty() {
            self.line(1, "chain from_outside {");
            for opening in &router.policy.openings {
                self.opening(opening);
            }
            self.line(1, "}\n");
        }
        self.line(1, "chain refused {");
        self.line(2, "limit rate 5/second burst 20 packets log prefix \"labwright refused: \" level info");
        self.line(2, "counter drop");
        self.line(1, "}");
    }

    /// A rule for what a permit allows towards others than the router.
    fn permit_to_others(&mut self, zone: &ZonePolicy, permit: &Permit) {
        if permit.is_gateway {
            return;
        }
        for family in Family::BOTH {
            let matches = if permit.is_internet {
                let outside = self.router.outside();
                let Some(set) = self.set("not_outside_", family, &self.router.policy.private.clone()) else {
                    continue;
                };
                if outside.is_empty() {
                    continue;
                }
                format!("oifname {} {} daddr != {set} ", quoted(outside), family.word())
            } else {
                let Some(set) = self.set(&format!("to_{}_", permit.name), family, &permit.to) else {
                    continue;
                };
                format!("{} daddr {set} ", family.word())
            };
            self.rules(2, zone, permit, family, &matches);
        }
    }

    fn opening(&mut self, opening: &Opening) {
        for to in &opening.to {
            let family = if to.is_ipv4() { Family::V4 } else { Family::V6 };
            let from = self.opening_sources(opening, family);
            let comment = comment(&format!("the forward {}", opening.name));
            for ports in port_matches(&opening.inner_ports()) {
                self.line(2, format!("{from}{} daddr {to} {ports}accept {comment}", family.word()));
            }
        }
    }

    fn opening_sources(&mut self, opening: &Opening, family: Family) -> String {
        match self.set(&format!("only_forward_{}_", opening.name), family, &opening.sources) {
            Some(set) => format!("{} saddr {set} ", family.word()),
            None => String::new(),
        }
    }

    fn translation(&mut self) {
        let outside: Vec<String> = self.router.outside().iter().map(ToString::to_string).collect();
        if outside.is_empty() {
            return;
        }
        let names = quoted(&outside);
        let v4 = |opening: &&Opening| opening.to.iter().any(IpAddr::is_ipv4);
        if self.router.policy.openings.iter().any(|opening| v4(&opening)) {
            self.text.push('\n');
            self.line(1, "chain before {");
            self.line(2, "type nat hook prerouting priority dstnat;");
            for opening in self.router.policy.openings.iter().filter(v4) {
                self.forwarded(opening, &names);
            }
            self.line(1, "}");
        }
        self.text.push('\n');
        self.line(1, "chain after {");
        self.line(2, "type nat hook postrouting priority srcnat;");
        let private = self.router.policy.private.clone();
        if let Some(set) = self.set("not_outside_", Family::V4, &private) {
            let to = self.router.moving_outside();
            let how = to.map_or("masquerade".to_owned(), |to| format!("snat ip to {to}"));
            self.line(2, format!("oifname {names} ip saddr {set} {how}"));
        }
        self.line(1, "}");
    }

    /// Translates what comes in from outside. With IPv6 nothing is translated: the address behind is the one asked for.
    fn forwarded(&mut self, opening: &Opening, names: &str) {
        let Some(to) = opening.to.iter().find(|to| to.is_ipv4()) else { return };
        let from = self.opening_sources(opening, Family::V4);
        let port = opening.to_port.map_or(String::new(), |port| format!(":{}", port.first()));
        for ports in port_matches(&opening.ports) {
            let ports = if opening.ports.is_empty() { String::new() } else { ports };
            self.line(2, format!("iifname {names} {from}fib daddr type local {ports}dnat ip to {to}{port}"));
        }
    }
}

impl Router<'_> {
    /// The address that moves between routers on the network outside, when there is one.
    fn moving_outside(&self) -> Option<IpAddr> {
        let outside = self.outside();
        let moving = self.shared.iter().find(|shared| outside.contains(&&shared.interface))?;
        moving.addresses.iter().map(ipnet::IpNet::addr).find(IpAddr::is_ipv4)
    }

    /// True when this router hands out addresses in a zone.
    fn hands_out_in(&self, zone: &ZonePolicy) -> bool {
        let networks = self.hands_out().into_iter().filter_map(|(id, _)| self.lab.derived.prefix(id).network);
        networks.into_iter().any(|network| zone.members.contains(network.network()))
    }
}
