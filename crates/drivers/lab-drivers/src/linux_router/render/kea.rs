//! Addresses on request: Kea's DHCPv4 server, alone or with the router's partner.

use super::super::projection::Router;
use super::nftables::LEASE_PORT;
use crate::head::head;
use lab_driver::{Rendering, Unit};
use lab_model::grammar::AddressRange;
use lab_model::lab::{Kind, PrefixId};
use lab_model::written::{Architecture, Dhcp, DhcpFailover};
use serde_json::{Map, Value, json};
use std::net::{IpAddr, Ipv4Addr};

static UNIT: Unit = Unit {
    name: "kea-dhcp4",
    reload: &["systemctl", "reload-or-restart", "kea-dhcp4-server"],
    check: &["kea-dhcp4", "-t", "{root}/etc/kea/kea-dhcp4.conf"],
};

/// Seconds of a lease where nothing is said.
const LEASE_SECS: u64 = 3600;

/// Adds `etc/kea/kea-dhcp4.conf`, when the router hands out addresses.
pub(super) fn add(router: &Router<'_>, rendering: &mut Rendering) {
    let handed = router.hands_out();
    let mut interfaces: Vec<String> = Vec::new();
    let mut subnets = Vec::new();
    let mut failover = None;
    for (id, position) in handed {
        let prefix = &router.lab.prefixes[id];
        let Some(dhcp) = &prefix.record.dhcp else { continue };
        let Some(network) = router.lab.derived.prefix(id).network.filter(|net| net.addr().is_ipv4()) else {
            continue;
        };
        let Some((interface, own)) = own_address(router, network) else {
            rendering
                .notes
                .push(format!("{} has no address in {network}, so it hands out none there", router.name()));
            continue;
        };
        let pools = pools(router, id, dhcp, position);
        if pools.is_empty() {
            rendering
                .notes
                .push(format!("{network}: no `ranges` say `dhcp`, so only reservations are handed out"));
        }
        interfaces.push(format!("{interface}/{own}"));
        failover = failover.or(dhcp.failover.as_ref().map(|failover| failover.value));
        let number = subnets.len() + 1;
        subnets.push(json!({
            "id": number,
            "subnet": network.to_string(),
            "interface": interface,
            "valid-lifetime": dhcp.lease.as_ref().map_or(LEASE_SECS, |lease| lease.value.seconds().max(1)),
            "pools": pools,
            "option-data": options(router, id, own),
            "reservations": reservations(router, id, dhcp),
        }));
    }
    if subnets.is_empty() {
        return;
    }
    let mut server = json!({
        "interfaces-config": { "interfaces": interfaces, "dhcp-socket-type": "raw", "service-sockets-max-retries": 10, "service-sockets-retry-wait-time": 5000 },
        "lease-database": { "type": "memfile", "persist": true, "name": "/var/lib/kea/kea-leases4.csv", "lfc-interval": 3600 },
        "valid-lifetime": LEASE_SECS,
        "authoritative": true,
    });
    let hooks = hooks(router, failover, rendering);
    let map = server.as_object_mut().expect("it was made as one");
    if !hooks.is_empty() {
        map.insert("hooks-libraries".to_owned(), Value::Array(hooks));
    }
    map.insert("subnet4".to_owned(), Value::Array(subnets));
    map.insert(
        "loggers".to_owned(),
        json!([{ "name": "kea-dhcp4", "severity": "INFO", "output_options": [{ "output": "syslog" }] }]),
    );
    let body = serde_json::to_string_pretty(&json!({ "Dhcp4": server })).expect("a value is text");
    let text = format!("{}{body}\n", head(router.lab, router.thing, "addresses on request", "//"));
    rendering.add("etc/kea/kea-dhcp4.conf", Some(&UNIT), text);
}

/// The interface in a network and the router's own address there.
fn own_address(router: &Router<'_>, network: ipnet::IpNet) -> Option<(String, IpAddr)> {
    router.interfaces.iter().find_map(|interface| {
        let own = interface.addresses.iter().find(|net| network.contains(&net.addr()))?;
        Some((interface.name.to_string(), own.addr()))
    })
}

/// The ranges that are handed out; with `split`, this router's part of each.
fn pools(router: &Router<'_>, id: PrefixId, dhcp: &Dhcp, position: usize) -> Vec<Value> {
    let is_split = dhcp.failover.as_ref().is_some_and(|failover| failover.value == DhcpFailover::Split);
    let parts = u32::try_from(if is_split { dhcp.by.items.len().max(1) } else { 1 }).unwrap_or(1);
    let part = u32::try_from(if is_split { position } else { 0 }).unwrap_or(0);
    let ranges = router.lab.derived.prefix(id).ranges.iter().filter(|range| range.is_dhcp());
    let own = ranges.filter_map(|range| part_of(range.range, part, parts));
    own.map(|(first, last)| json!({ "pool": format!("{first} - {last}") })).collect()
}

/// One of `parts` equal parts of a range; the last takes what is left over.
fn part_of(range: AddressRange, part: u32, parts: u32) -> Option<(Ipv4Addr, Ipv4Addr)> {
    let (IpAddr::V4(first), IpAddr::V4(last)) = (range.first(), range.last()) else { return None };
    let (first, last) = (u32::from(first), u32::from(last));
    let size = (last - first) / parts + 1;
    let start = first.checked_add(size.checked_mul(part)?)?;
    let end = start.checked_add(size - 1)?.min(last);
    (start <= end).then(|| (Ipv4Addr::from(start), Ipv4Addr::from(end)))
}

fn options(router: &Router<'_>, id: PrefixId, own: IpAddr) -> Vec<Value> {
    let prefix = &router.lab.prefixes[id];
    let list = |addresses: Vec<IpAddr>| {
        addresses
            .iter()
            .filter(|address| address.is_ipv4())
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(", ")
    };
    let gateway = prefix.gateway.as_ref().map_or(own, |gateway| gateway.value.0);
    let mut servers: Vec<IpAddr> = prefix.dns.iter().map(|server| server.value.0).collect();
    if servers.is_empty() && router.plays("dns") {
        servers.push(gateway);
    }
    let mut clocks: Vec<IpAddr> = prefix.ntp.iter().filter_map(|clock| clock.text.parse().ok()).collect();
    if clocks.is_empty() && router.plays("ntp") {
        clocks.push(gateway);
    }
    let said =
        prefix.dhcp.as_ref().and_then(|dhcp| dhcp.domain.as_ref()).map(|domain| domain.text.to_string());
    let domain = said.or_else(|| router.lab.head.domain.as_ref().map(|domain| domain.value.to_string()));
    let named = [
        ("routers", list(vec![gateway])),
        ("domain-name-servers", list(servers)),
        ("ntp-servers", list(clocks)),
        ("domain-name", domain.unwrap_or_default()),
    ];
    let given = named.into_iter().filter(|(_, data)| !data.is_empty());
    given.map(|(name, data)| json!({ "name": name, "data": data })).collect()
}

fn reservations(router: &Router<'_>, id: PrefixId, dhcp: &Dhcp) -> Vec<Value> {
    let network = router.lab.derived.prefix(id).network;
    let written = dhcp.reservations.iter().filter_map(|(name, reservation)| {
        let (address, mac) = (reservation.address.as_ref()?.value.0, reservation.mac.as_ref()?.value);
        let inside = network.is_some_and(|network| network.contains(&address));
        let mut value = Map::new();
        value.insert("hw-address".to_owned(), json!(mac.to_string()));
        value.insert("ip-address".to_owned(), json!(address.to_string()));
        value.insert("hostname".to_owned(), json!(*name.text));
        inside.then_some(Value::Object(value))
    });
    written.collect()
}

/// The two hooks by which servers tell each other leases; none without a partner.
fn hooks(router: &Router<'_>, failover: Option<DhcpFailover>, rendering: &mut Rendering) -> Vec<Value> {
    let Some(partner) = &router.partner else { return Vec::new() };
    let mode = match failover {
        Some(DhcpFailover::LoadBalancing) => "load-balancing",
        Some(DhcpFailover::HotStandby) => "hot-standby",
        Some(DhcpFailover::Isc) => {
            rendering.notes.push(
                "ISC failover is a protocol of ISC dhcpd alone: Kea's hot standby stands for it".to_owned(),
            );
            "hot-standby"
        }
        Some(DhcpFailover::Split) | None => return Vec::new(),
    };
    let is_first = router.hands_out().first().is_none_or(|(_, position)| *position == 0);
    let second = if mode == "hot-standby" { "standby" } else { "secondary" };
    let url = |address: IpAddr| match address {
        IpAddr::V4(address) => format!("http://{address}:{LEASE_PORT}/"),
        IpAddr::V6(address) => format!("http://[{address}]:{LEASE_PORT}/"),
    };
    let role = |first: bool| if first { "primary" } else { second };
    let own = json!({ "name": router.name(), "url": url(partner.own), "role": role(is_first), "auto-failover": true });
    let other = json!({
        "name": router.lab.name(partner.thing).to_string(),
        "url": url(partner.other),
        "role": role(!is_first),
        "auto-failover": true,
    });
    let peers = if is_first { [own, other] } else { [other, own] };
    let folder = format!("/usr/lib/{}/kea/hooks", triplet(router));
    vec![
        json!({ "library": format!("{folder}/libdhcp_lease_cmds.so") }),
        json!({
            "library": format!("{folder}/libdhcp_ha.so"),
            "parameters": { "high-availability": [{
                "this-server-name": router.name(),
                "mode": mode,
                "heartbeat-delay": 2000,
                "max-response-delay": 10000,
                "max-ack-delay": 5000,
                "max-unacked-clients": 0,
                "peers": peers,
            }] },
        }),
    ]
}

/// Debian's name for the router's instruction set in the paths of libraries.
fn triplet(router: &Router<'_>) -> &'static str {
    let machine = match router.thing.kind {
        Kind::Host | Kind::Vm => router.lab.derived.machine(router.thing),
        _ => None,
    };
    match machine.and_then(|machine| machine.architecture) {
        Some(Architecture::Arm64) => "aarch64-linux-gnu",
        _ => "x86_64-linux-gnu",
    }
}
