//! `show services`: what the lab is for: where it runs, what it needs, who notices. Certificates, names and ports opened
//! to the outside stand below.

use super::cell::{self, join, named, refs, shown, texts, value, values};
use super::hosts::prefixed;
use super::{Asked, Drawing, ShowError, View};
use crate::document::{Block, Document, Table};
use lab_model::Lab;
use lab_model::written::Service;

pub(super) const VIEW: View = View {
    name: "services",
    summary: "every service: where it runs, what it needs, who notices, how it is reached",
    document,
    drawing: Some(Drawing::Graph(super::services_picture::graph)),
};

fn document(asked: &Asked<'_>) -> Result<Document, ShowError> {
    let lab = asked.lab;
    let tables = [services(lab), externals(lab), circuits(lab), certificates(lab), names(lab), forwards(lab)];
    let blocks = tables.into_iter().filter(|table| !table.rows.is_empty()).map(Block::Table).collect();
    Ok(Document { title: format!("{} services", lab.services.len()), blocks })
}

fn services(lab: &Lab) -> Table {
    let mut table = Table::new(&[
        "service",
        "on",
        ">runs",
        "for",
        "needs",
        "~-wants",
        "exposed",
        "-sign-on",
        "~-url",
        "~-address",
        "~-ports",
        "~-roles",
        "-namespace",
        "~-software",
        "~-version",
        "-criticality",
        "-memory",
        "-placement",
        "-tolerates",
        "-alerts to",
        "~-parts",
        "status",
        "~-description",
    ]);
    for (id, service) in lab.services.iter() {
        let runs = match &service.quorum {
            Some(quorum) => format!("{} (needs {})", lab.replicas_of(id), quorum.value),
            None => lab.replicas_of(id).to_string(),
        };
        table.row([
            service.name.to_string(),
            refs(&service.on),
            runs,
            value(&service.r#for),
            refs(&service.needs),
            refs(&service.wants),
            value(&service.exposed),
            value(&service.sign_on),
            values(&service.url),
            values(&service.address),
            values(&service.ports),
            texts(&service.roles),
            shown(service.namespace.as_ref()),
            shown(service.software.as_ref()),
            shown(service.version.as_ref()),
            value(&service.criticality),
            value(&service.memory),
            placement(service),
            value(&service.tolerates),
            refs(&service.alerts_to),
            texts(&service.parts),
            value(&service.status),
            shown(service.description.as_ref()),
        ]);
    }
    table
}

/// What decides where a service may run.
fn placement(service: &Service) -> String {
    join(
        [
            value(&service.workload).as_str(),
            &prefixed("card ", &shown(service.needs_card.as_ref())),
            &prefixed("only on ", &refs(&service.only_on)),
            &prefixed("apart from ", &refs(&service.apart_from)),
            &prefixed("spread over ", &value(&service.spread)),
            &prefixed("labels ", &texts(&service.needs_labels)),
            &values(&service.architectures),
            &prefixed("cpu ", &shown(service.cpu.as_ref())),
            &prefixed("vlan ", &named(&service.vlan)),
            cell::when(&service.isolated, "isolated"),
            cell::when(&service.stateless, "stateless"),
        ],
        ", ",
    )
}

fn externals(lab: &Lab) -> Table {
    let mut table = Table::new(&["external", "kind", "provider", "controller", "by", "~purpose"])
        .titled("Outside services");
    for (_, external) in lab.externals.iter() {
        table.row([
            external.name.to_string(),
            value(&external.kind),
            named(&external.provider),
            value(&external.controller),
            refs(&external.by),
            shown(external.purpose.as_ref()),
        ]);
    }
    table
}

fn circuits(lab: &Lab) -> Table {
    let heads = [
        "line",
        "provider",
        "kind",
        "ends at",
        ">down",
        ">up",
        "addresses",
        "-prefix",
        ">-holders",
        ">-connections",
        "-outages",
        "-typical outage",
        "~-terminates in",
        "-site",
    ];
    let mut table = Table::new(&heads).titled("Lines to the outside");
    for (_, circuit) in lab.circuits.iter() {
        table.row([
            circuit.name.to_string(),
            named(&circuit.provider),
            shown(circuit.kind.as_ref()),
            value(&circuit.ends_at),
            value(&circuit.down),
            value(&circuit.up),
            value(&circuit.addresses),
            value(&circuit.prefix),
            value(&circuit.holders),
            value(&circuit.connections),
            value(&circuit.outages),
            value(&circuit.typical_outage),
            shown(circuit.terminates_in.as_ref()),
            named(&circuit.site),
        ]);
    }
    table
}

fn certificates(lab: &Lab) -> Table {
    let heads = ["certificate", "names", "issuer", "used by", "renewed by", "expires"];
    let mut table = Table::new(&heads).titled("Certificates");
    for (_, certificate) in lab.certificates.iter() {
        table.row([
            certificate.name.to_string(),
            values(&certificate.names),
            value(&certificate.issuer),
            refs(&certificate.used_by),
            shown(certificate.renewed_by.as_ref()),
            value(&certificate.expires),
        ]);
    }
    table
}

fn names(lab: &Lab) -> Table {
    let heads = ["name", "to", "addresses", "alias of", "view", ">ttl", "managed by", "follows"];
    let mut table = Table::new(&heads).titled("Names");
    for (_, record) in lab.names.iter() {
        table.row([
            record.name.to_string(),
            refs(&record.to),
            values(&record.addresses),
            value(&record.alias_of),
            value(&record.view),
            value(&record.ttl),
            shown(record.managed_by.as_ref()),
            named(&record.follows),
        ]);
    }
    table
}

fn forwards(lab: &Lab) -> Table {
    let heads = ["forward", "line", "ports", "to", "port inside", "from", "~description"];
    let mut table = Table::new(&heads).titled("Ports opened to the outside");
    for (_, forward) in lab.forwards.iter() {
        table.row([
            forward.name.to_string(),
            named(&forward.circuit),
            values(&forward.ports),
            named(&forward.to),
            value(&forward.to_port),
            values(&forward.from),
            shown(forward.description.as_ref()),
        ]);
    }
    table
}
