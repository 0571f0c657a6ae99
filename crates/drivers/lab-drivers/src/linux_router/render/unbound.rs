//! Names: those of the lab from the lab, all others from outside. A zone of strangers sees only the names that lead to something
//! it may reach.

use super::super::projection::Router;
use crate::head::head;
use ipnet::IpNet;
use lab_driver::{Rendering, Unit};
use lab_model::grammar::Transport;
use lab_model::lab::{Kind, ServiceId};
use lab_reach::{Origin, Packet, ZonePolicy};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::net::IpAddr;

static UNIT: Unit = Unit {
    name: "unbound",
    reload: &["unbound-control", "reload_keep_cache"],
    check: &["unbound-checkconf", "{root}/etc/unbound/unbound.conf.d/labwright.conf"],
};

/// Seconds that names of the lab are remembered: short, since addresses of services move.
const TTL: u32 = 300;

const SETTINGS: &str = "\
server:
  # On every address, those that move here included; answers leave from the address that was asked.
  interface: 0.0.0.0
  interface: ::0
  interface-automatic: yes
  do-ip6: yes
  hide-identity: yes
  hide-version: yes
  qname-minimisation: yes
  prefetch: yes
  serve-expired: yes
  serve-expired-ttl: 86400
  # Names from outside that lead inside are forged (DNS rebinding).
  private-address: 10.0.0.0/8
  private-address: 172.16.0.0/12
  private-address: 192.168.0.0/16
  private-address: 169.254.0.0/16
  private-address: fd00::/8
  private-address: fe80::/10
";

/// Adds `etc/unbound/unbound.conf.d/labwright.conf`, when the router answers for names.
pub(super) fn add(router: &Router<'_>, rendering: &mut Rendering) {
    if !router.plays("dns") {
        return;
    }
    let names = lab_reach::local_names(router.lab);
    let mut text = head(router.lab, router.thing, "names", "#");
    text.push('\n');
    text.push_str(SETTINGS);
    let mut line = |words: String| writeln!(text, "{words}").expect("a string takes all");
    for domain in domains(router) {
        line(format!("  private-domain: \"{domain}\""));
    }
    line("\n  # Who may ask.".to_owned());
    line("  access-control: 127.0.0.0/8 allow".to_owned());
    line("  access-control: ::1/128 allow".to_owned());
    let mut views: BTreeMap<String, Vec<(String, Vec<IpAddr>)>> = BTreeMap::new();
    for zone in router.policy.zones.iter().filter(|zone| may_ask(router, zone)) {
        let record = &router.lab.zones[zone.id];
        let is_partial = zone.isolated.is_some() || record.untrusted.as_ref().is_some_and(|said| said.value);
        for net in zone.members.prefixes() {
            line(format!("  access-control: {net} allow"));
            if is_partial {
                line(format!("  access-control-view: {net} \"{}\"", zone.name));
            }
        }
        if is_partial {
            views.insert(zone.name.clone(), seen_by(router, zone, &names));
        }
    }
    let all: Vec<(String, Vec<IpAddr>)> =
        names.iter().map(|(name, addresses)| (name.clone(), addresses.clone())).collect();
    text.push_str("\n  # The lab's names.\n");
    text.push_str(&local(&all));
    text.push_str(&reverse(&all));
    for (zone, seen) in &views {
        write!(
            text,
            "\n# Strangers in `{zone}` see the names that lead to something they may reach.\nview:\n  name: \"{zone}\"\n  view-first: no\n"
        )
        .expect("a string takes all");
        text.push_str(&local(seen));
        text.push_str(&reverse(seen));
    }
    text.push_str(&forwards(router));
    rendering.add("etc/unbound/unbound.conf.d/labwright.conf", Some(&UNIT), text);
}

fn domains(router: &Router<'_>) -> Vec<String> {
    let head = &router.lab.head;
    head.domain.iter().chain(&head.domains).map(|domain| domain.value.to_string()).collect()
}

/// True when a zone may ask the router for names.
fn may_ask(router: &Router<'_>, zone: &ZonePolicy) -> bool {
    let dns = |permit: &&lab_reach::Permit| {
        let on = permit.ports.is_empty() || permit.ports.iter().any(|port| port.contains(53, Transport::Udp));
        permit.is_gateway && permit.sources.is_none() && on
    };
    let reaches_router =
        |side: &&super::super::projection::Side<'_>| side.zone.id == zone.id && !side.interfaces.is_empty();
    zone.permits.iter().any(|permit| dns(&permit)) && router.sides.iter().any(|side| reaches_router(&side))
}

/// The names that lead to an address which the zone may reach on some port.
fn seen_by(
    router: &Router<'_>,
    zone: &ZonePolicy,
    names: &BTreeMap<String, Vec<IpAddr>>,
) -> Vec<(String, Vec<IpAddr>)> {
    let ports: BTreeSet<(Transport, u16)> = zone
        .permits
        .iter()
        .flat_map(|permit| &permit.ports)
        .flat_map(|port| [Transport::Tcp, Transport::Udp].map(|transport| (transport, port.first())))
        .chain([(Transport::Tcp, 0)])
        .collect();
    let is_reached = |address: &IpAddr| {
        ports.iter().any(|&(transport, port)| {
            let packet = Packet { from: Origin::Zone(zone.id), source: None, to: *address, transport, port };
            router.policy.decide(&packet).allowed
        })
    };
    let seen = names.iter().map(|(name, addresses)| {
        (name.clone(), addresses.iter().copied().filter(is_reached).collect::<Vec<_>>())
    });
    seen.filter(|(_, addresses)| !addresses.is_empty()).collect()
}

/// A wildcard is a zone that redirects, and each name below it a zone of its own, so that it is not redirected.
fn local(names: &[(String, Vec<IpAddr>)]) -> String {
    let mut text = String::new();
    for (name, addresses) in names {
        let (zone, kind) = match name.strip_prefix("*.") {
            Some(parent) => (parent, "redirect"),
            None => (&**name, "static"),
        };
        // A name that is also the parent of a wildcard is one zone: the wildcard's.
        let is_parent =
            kind == "static" && names.iter().any(|(other, _)| other.strip_prefix("*.") == Some(zone));
        if is_parent {
            continue;
        }
        writeln!(text, "  local-zone: \"{zone}.\" {kind}").expect("a string takes all");
        for address in addresses {
            let ty = if address.is_ipv4() { "A" } else { "AAAA" };
            writeln!(text, "  local-data: \"{zone}. {TTL} IN {ty} {address}\"").expect("a string takes all");
        }
    }
    text
}

/// One name for each address: the first that is no wildcard.
fn reverse(names: &[(String, Vec<IpAddr>)]) -> String {
    let mut seen: BTreeMap<IpAddr, &str> = BTreeMap::new();
    for (name, addresses) in names.iter().filter(|(name, _)| !name.starts_with("*.")) {
        for address in addresses {
            seen.entry(*address).or_insert(name);
        }
    }
    seen.iter().fold(String::new(), |mut text, (address, name)| {
        writeln!(text, "  local-data-ptr: \"{address} {TTL} {name}\"").expect("a string takes all");
        text
    })
}

/// Who is asked for what: name servers of the lab that the resolver wants for the lab's own domains, others for the rest.
fn forwards(router: &Router<'_>) -> String {
    let mut text = String::new();
    let mut add = |zone: &str, addresses: &[IpAddr]| {
        write!(text, "\nforward-zone:\n  name: \"{zone}\"\n").expect("a string takes all");
        for address in addresses {
            writeln!(text, "  forward-addr: {address}").expect("a string takes all");
        }
    };
    let inner = inner_resolvers(router);
    for domain in domains(router) {
        if !inner.is_empty() {
            add(&format!("{domain}."), &inner);
        }
    }
    let outer = router.upstream_resolvers();
    if !outer.is_empty() {
        add(".", &outer);
    }
    text
}

/// Addresses of the lab's name servers that the resolver on this router needs or wants.
fn inner_resolvers(router: &Router<'_>) -> Vec<IpAddr> {
    let lab = router.lab;
    let is_dns = |id: ServiceId| lab.services[id].roles.iter().any(|role| &*role.text == "dns");
    let own =
        lab.services.iter().filter(|(id, service)| is_dns(*id) && service.on.ids().any(|on| router.is(on)));
    let asked = own.flat_map(|(_, service)| service.needs.ids().chain(service.wants.ids()));
    let servers = asked.filter(|thing| thing.kind == Kind::Service && is_dns(ServiceId(thing.index)));
    let mut addresses: Vec<IpAddr> = servers.flat_map(|thing| lab_reach::addresses_of(lab, thing)).collect();
    let mine: Vec<IpNet> =
        router.interfaces.iter().flat_map(|interface| interface.addresses.clone()).collect();
    addresses.retain(|address| !mine.iter().any(|net| net.addr() == *address));
    addresses.sort_unstable();
    addresses.dedup();
    addresses
}
