//! `show reach`: who reaches whom, decided for every address and port by the compiled zones; with two names, what passes
//! from one to the other and the words that decide. `show zones` has the words as written.

use super::cables::lab_name;
use super::cell::place;
use super::{Asked, ShowError, View};
use crate::document::{Block, Document, Table};
use lab_model::grammar::{DnsName, Grammar, Port, Transport};
use lab_model::{Lab, ThingId};
use lab_reach::{Class, Decision, Origin, Packet, Pair, Policy, Verdict};
use std::net::IpAddr;

pub(super) const VIEW: View = View {
    name: "reach",
    summary: "what passes between networks, decided for every address and port; or `FROM TO [PORT]`",
    document,
    drawing: None,
};

/// What is outside, in words.
const OUTSIDE: &str = "internet";

fn document(asked: &Asked<'_>) -> Result<Document, ShowError> {
    let policy = lab_reach::compile(asked.lab);
    match asked.names {
        [] => Ok(overview(asked, &policy)),
        [from, to] => one(asked, &policy, from, to, None),
        [from, to, port] => one(asked, &policy, from, to, Some(port)),
        _ => Err(refused("say FROM and TO, and a port if you like, such as `show reach guests nas-1 smb`")),
    }
}

fn refused(message: impl Into<String>) -> ShowError {
    ShowError { message: message.into(), near: Vec::new() }
}

fn overview(asked: &Asked<'_>, policy: &Policy) -> Document {
    let classes = lab_reach::classes(policy);
    let pairs = lab_reach::pairs(policy, &classes);
    let cases: usize = pairs.iter().map(|pair| pair.verdicts.len()).sum();
    let passing =
        pairs.iter().flat_map(|pair| &pair.verdicts).filter(|verdict| verdict.decision.allowed).count();
    let proof = format!(
        "{cases} cases cover every address and port from every zone and from outside; {passing} pass, the others are denied."
    );
    let mut blocks = vec![
        Block::Table(matrix(policy, &classes, &pairs)),
        Block::Text("From the row to the column. Empty is denied.".to_owned()),
        Block::Table(permits(asked, policy)),
        Block::Text(proof),
    ];
    if !policy.unresolved.is_empty() {
        let mut lost =
            Table::new(&["from", "to", "~where"]).titled("Permitted, but nothing says where it is");
        for unresolved in &policy.unresolved {
            lost.row([unresolved.from.clone(), unresolved.to.clone(), place(asked.files, unresolved.span)]);
        }
        blocks.push(Block::Table(lost));
    }
    Document { title: format!("{}: who reaches whom", lab_name(asked.lab)), blocks }
}

/// Every permission with the addresses that it is for.
fn permits(asked: &Asked<'_>, policy: &Policy) -> Table {
    let mut table =
        Table::new(&["from", "to", "on", "~addresses", "~because", "~where"]).titled("What passes");
    let ports = |ports: &[Port]| match ports {
        [] => "everything".to_owned(),
        ports => ports.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
    };
    for zone in &policy.zones {
        for permit in &zone.permits {
            let at = if permit.is_internet { "outside".to_owned() } else { prefixes(&permit.to) };
            let because = zone.sentence(permit);
            let place = place(asked.files, permit.span);
            table.row([zone.name.clone(), permit.name.clone(), ports(&permit.ports), at, because, place]);
        }
    }
    for opening in &policy.openings {
        let to = opening.to.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let because = format!("the forward `{}`", opening.name);
        let place = place(asked.files, opening.span);
        table.row([
            OUTSIDE.to_owned(),
            opening.name.clone(),
            ports(&opening.inner_ports()),
            to,
            because,
            place,
        ]);
    }
    table
}

fn prefixes(set: &lab_reach::AddressSet) -> String {
    let shown = set.prefixes().into_iter().map(|net| match net.prefix_len() == net.max_prefix_len() {
        true => net.addr().to_string(),
        false => net.to_string(),
    });
    shown.collect::<Vec<_>>().join(", ")
}

fn matrix(policy: &Policy, classes: &[Class], pairs: &[Pair]) -> Table {
    let zones: Vec<&str> = policy.zones.iter().map(|zone| &*zone.name).collect();
    let heads: Vec<&str> = ["from", OUTSIDE, "gateway"].into_iter().chain(zones.iter().copied()).collect();
    let mut table = Table::new(&heads);
    let origins = policy.zones.iter().map(|zone| Origin::Zone(zone.id)).chain([Origin::Internet]);
    for from in origins {
        let row = origin(policy, from);
        let cells = heads[1..].iter().map(|head| {
            let wanted = if *head == "gateway" { format!("gateway of {row}") } else { (*head).to_owned() };
            let plainest = plainest(classes, &wanted, (*head == "gateway").then_some(&*row));
            let pair =
                plainest.and_then(|class| pairs.iter().find(|pair| pair.from == from && pair.class == class));
            pair.map_or_else(String::new, cell)
        });
        table.row(std::iter::once(row.clone()).chain(cells));
    }
    table
}

/// The class of `name` that the fewest other rules speak of, routers' own addresses last; preferably one that is in `within`
/// as well.
fn plainest(classes: &[Class], name: &str, within: Option<&str>) -> Option<usize> {
    let has = |class: &Class, name: &str| class.names.iter().any(|known| known == name);
    let of_name = classes.iter().enumerate().filter(|(_, class)| has(class, name));
    let is_gateway = |class: &Class| class.names.iter().any(|known| known.starts_with("gateway of "));
    let rank =
        |class: &Class| (within.is_some_and(|zone| !has(class, zone)), is_gateway(class), class.names.len());
    of_name.min_by_key(|(_, class)| rank(class)).map(|(index, _)| index)
}

fn cell(pair: &Pair) -> String {
    if pair.is_open_wide() {
        return "all".to_owned();
    }
    let passing = pair.verdicts.iter().filter(|verdict| verdict.decision.allowed);
    runs(passing)
}

/// Runs of ports as people write them: `53`, `443/tcp`, `67-68/udp`.
fn runs<'v>(verdicts: impl Iterator<Item = &'v Verdict>) -> String {
    let mut list: Vec<(u16, u16, Option<Transport>)> = Vec::new();
    for verdict in verdicts {
        match list.iter_mut().find(|(first, last, _)| (*first, *last) == (verdict.first, verdict.last)) {
            Some((_, _, transport)) => *transport = None,
            None => list.push((verdict.first, verdict.last, Some(verdict.transport))),
        }
    }
    let shown = list.into_iter().map(|(first, last, transport)| {
        let ports = if first == last { first.to_string() } else { format!("{first}-{last}") };
        match transport {
            Some(transport) => format!("{ports}/{transport}"),
            None => ports,
        }
    });
    shown.collect::<Vec<_>>().join(", ")
}

/// Each decision once, with the ports it is for.
fn decisions(verdicts: &[Verdict]) -> Vec<(&Decision, String)> {
    let mut found: Vec<&Decision> = Vec::new();
    for verdict in verdicts {
        if !found.contains(&&verdict.decision) {
            found.push(&verdict.decision);
        }
    }
    let all = |decision: &Decision| verdicts.iter().all(|verdict| verdict.decision == *decision);
    let on = |decision: &Decision| match all(decision) {
        true => "everything".to_owned(),
        false => runs(verdicts.iter().filter(|verdict| verdict.decision == *decision)),
    };
    found.into_iter().map(|decision| (decision, on(decision))).collect()
}

fn origin(policy: &Policy, from: Origin) -> String {
    match from {
        Origin::Zone(id) => policy.zone(id).map_or_else(String::new, |zone| zone.name.clone()),
        Origin::Internet => OUTSIDE.to_owned(),
    }
}

fn said(asked: &Asked<'_>, decision: &Decision) -> String {
    decision.span.map_or_else(String::new, |span| place(asked.files, span))
}

fn one(
    asked: &Asked<'_>,
    policy: &Policy,
    from: &str,
    to: &str,
    port: Option<&String>,
) -> Result<Document, ShowError> {
    let port = port.map(|text| Port::parse(text).map_err(|error| refused(error.message))).transpose()?;
    let origins = origins(asked.lab, policy, from)?;
    let mut table = Table::new(&["from", "to", "on", "passes", "=because", "where"]);
    for (from, source) in origins {
        for to in targets(asked.lab, policy, to, from)? {
            let verdicts = every_port(policy, from, source, to, port);
            for (decision, on) in decisions(&verdicts) {
                let passes = if decision.allowed { "yes" } else { "no" };
                let on = port.map_or(on, |port| port.to_string());
                table.row([
                    origin(policy, from),
                    to.to_string(),
                    on,
                    passes.to_owned(),
                    decision.because.clone(),
                    said(asked, decision),
                ]);
            }
        }
    }
    Ok(Document { title: format!("from {from} to {to}"), blocks: vec![Block::Table(table)] })
}

/// The decisions for one destination: those of its class, or of certain ports only.
fn every_port(
    policy: &Policy,
    from: Origin,
    source: Option<IpAddr>,
    to: IpAddr,
    port: Option<Port>,
) -> Vec<Verdict> {
    let classes = lab_reach::classes(policy);
    let Some(class) = classes.into_iter().find(|class| class.addresses.contains(to)) else {
        return Vec::new();
    };
    let pairs = lab_reach::pairs(policy, &[Class { representative: to, ..class }]);
    let of_from = pairs.into_iter().filter(|pair| pair.from == from).flat_map(|pair| pair.verdicts);
    let runs = of_from.map(|verdict| {
        let (transport, port) = (verdict.transport, verdict.first);
        let decision = policy.decide(&Packet { from, source, to, transport, port });
        Verdict { decision, ..verdict }
    });
    match port {
        Some(port) => {
            let asked = |verdict: &Verdict| {
                port.transport().is_none_or(|transport| transport == verdict.transport)
                    && verdict.first <= port.last()
                    && port.first() <= verdict.last
            };
            runs.filter(asked).collect()
        }
        None => runs.collect(),
    }
}

/// Where packets of a name come from, and their address when it is one thing.
fn origins(lab: &Lab, policy: &Policy, name: &str) -> Result<Vec<(Origin, Option<IpAddr>)>, ShowError> {
    if name == OUTSIDE {
        return Ok(vec![(Origin::Internet, None)]);
    }
    if let Some(zone) = policy.zones.iter().find(|zone| zone.name == name) {
        return Ok(vec![(Origin::Zone(zone.id), None)]);
    }
    let addresses = addresses(lab, policy, name)?;
    let zone = |address: &IpAddr| match policy.zone_of(*address) {
        Some(zone) => Some((Origin::Zone(zone.id), Some(*address))),
        None => (!policy.private.contains(*address)).then_some((Origin::Internet, Some(*address))),
    };
    let found: Vec<_> = addresses.iter().filter_map(zone).collect();
    if found.is_empty() { Err(refused(format!("`{name}` is in no zone"))) } else { Ok(found) }
}

/// The addresses to ask for: one a run for zones, since every address of a class is decided alike.
fn targets(lab: &Lab, policy: &Policy, name: &str, from: Origin) -> Result<Vec<IpAddr>, ShowError> {
    let classes = lab_reach::classes(policy);
    let own = origin(policy, from);
    let class = match name {
        "gateway" => plainest(&classes, &format!("gateway of {own}"), Some(&own)),
        OUTSIDE => plainest(&classes, OUTSIDE, None),
        "itself" => plainest(&classes, &own, None),
        _ if policy.zones.iter().any(|zone| zone.name == name) => plainest(&classes, name, None),
        _ => None,
    };
    match class {
        Some(class) => Ok(vec![classes[class].representative]),
        None if name == OUTSIDE => Ok(vec![IpAddr::from([198, 51, 100, 1])]),
        None => addresses(lab, policy, name),
    }
}

/// The addresses of a thing, a name or an address.
fn addresses(lab: &Lab, policy: &Policy, name: &str) -> Result<Vec<IpAddr>, ShowError> {
    if let Ok(address) = name.parse() {
        return Ok(vec![address]);
    }
    let bare = name.rsplit_once('/').map_or(name, |(_, bare)| bare);
    let service = || lab.services.find(bare).map(ThingId::from);
    let vip = || lab.vips.find(bare).map(ThingId::from);
    let thing = lab.addressed(bare).or_else(service).or_else(vip);
    let found = match (thing, DnsName::parse(name)) {
        (Some(thing), _) => lab_reach::addresses_of(lab, thing),
        (None, Ok(dns)) => lab_reach::resolve(lab, &dns),
        (None, Err(_)) => Vec::new(),
    };
    if !found.is_empty() {
        return Ok(found);
    }
    if thing.is_some() {
        return Err(refused(format!("nothing says which address `{name}` has")));
    }
    let zones = policy.zones.iter().map(|zone| &*zone.name);
    let services = lab.services.iter().map(|(_, service)| &*service.name.text);
    let hosts = lab.hosts.iter().map(|(_, host)| &*host.name.text);
    Err(ShowError::unknown("zone, thing or name", name, zones.chain(services).chain(hosts)))
}
