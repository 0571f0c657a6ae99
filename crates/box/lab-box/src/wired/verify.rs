//! Asking a wired box whether it is what the plan says: addresses on their interfaces, each node's next hops, and its services at
//! their ports. Who may reach whom is not asked here.

use super::plan::{Node, WiredPlan};
use crate::interrupt::Interrupt;
use crate::net::Namespace;
use crate::observe::{Probe, Question, ask_until};
use crate::plan::Transport;
use crate::tool::Tool;
use crate::verify::Row;
use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

/// How long addresses that move and routers may take to be there.
const PATIENCE: Duration = Duration::from_secs(15);

/// What was asked and what was found, in the order of the nodes.
pub(super) fn rows(plan: &WiredPlan, interrupt: &Interrupt) -> Vec<Row> {
    let mut rows: Vec<Row> = plan.nodes.iter().flat_map(|node| addresses(&plan.id, node)).collect();
    let asked: Vec<(Row, Probe)> = plan.nodes.iter().flat_map(questions).collect();
    let probes: Vec<Probe> = asked.iter().map(|(_, probe)| probe.clone()).collect();
    let answers = ask_until(&plan.id, &probes, PATIENCE, interrupt);
    rows.extend(asked.into_iter().zip(answers).map(|((row, _), answered)| Row {
        observed: if answered { "answers" } else { "no answer" }.to_owned(),
        ok: answered,
        ..row
    }));
    rows
}

fn addresses(id: &str, node: &Node) -> Vec<Row> {
    let namespace = Namespace::of_machine(id, &node.name);
    let said = Tool::new("ip").args(["-n", namespace.name(), "-o", "address"]).run().unwrap_or_default();
    let found: BTreeSet<(String, String)> = said
        .lines()
        .filter_map(|line| {
            let mut words = line.split_whitespace().skip(1);
            let device = words.next()?.to_owned();
            Some((device, words.nth(1)?.to_owned()))
        })
        .collect();
    let row = |(device, net): &(String, ipnet::IpNet)| {
        let ok = found.contains(&(device.clone(), net.to_string()));
        Row {
            machine: node.name.clone(),
            fact: format!("address of {device}"),
            asked: net.to_string(),
            observed: if ok { net.to_string() } else { "none".to_owned() },
            ok,
        }
    };
    node.addresses.iter().map(row).collect()
}

/// The next hops of a node, and its own services.
fn questions(node: &Node) -> Vec<(Row, Probe)> {
    let row = |fact: String, asked: String| Row {
        machine: node.name.clone(),
        fact,
        asked,
        observed: String::new(),
        ok: false,
    };
    let hops = node.routes.iter().map(|route| {
        let probe = Probe { from: node.name.clone(), question: Question::Ping { to: route.via } };
        (row("next hop".to_owned(), route.via.to_string()), probe)
    });
    let services = node.ports().filter_map(|(port, software)| {
        let to = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port.port);
        let question = match (port.transport, software) {
            (Transport::Tcp, Some(software)) => {
                Question::Spoken { to, language: software.language_at(port.port) }
            }
            (Transport::Tcp, None) => Question::Tcp { to },
            (Transport::Udp, Some(_)) if port.port == 53 => {
                Question::Name { server: to.ip(), name: "localhost".to_owned() }
            }
            (Transport::Udp, Some(_)) => return None,
            (Transport::Udp, None) => Question::Udp { to },
        };
        let asked = match (&question, software) {
            (Question::Spoken { language, .. }, Some(software)) => {
                format!("{port}, {}, {}", software.name, language.question())
            }
            (_, Some(software)) => format!("{port}, {}", software.name),
            (_, None) => port.to_string(),
        };
        let probe = Probe { from: node.name.clone(), question };
        Some((row(format!("service {}", port.service), asked), probe))
    });
    hops.chain(services).collect()
}
