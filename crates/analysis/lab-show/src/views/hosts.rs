//! `show hosts`: hosts and virtual machines with what they have and run, and clusters with members and quorum.

use super::cables::lab_name;
use super::cell::{self, join, named, refs, shown, texts, value};
use super::{Asked, ShowError, View};
use crate::document::{Block, Document, Table};
use lab_model::grammar::Period;
use lab_model::lab::ClusterId;
use lab_model::{Kind, Lab, ThingId};
use std::collections::BTreeMap;

pub(super) const VIEW: View = View {
    name: "hosts",
    summary: "hosts, virtual machines and clusters: what they are on, have, run and need",
    document,
    drawing: None,
};

fn document(asked: &Asked<'_>) -> Result<Document, ShowError> {
    let lab = asked.lab;
    let runs = runs(lab);
    let tables = [hosts(lab, &runs), vms(lab, &runs), clusters(lab, &runs), groups(lab), speakers(lab)];
    let blocks = tables.into_iter().filter(|table| !table.rows.is_empty()).map(Block::Table).collect();
    Ok(Document { title: format!("{}: hosts, virtual machines and clusters", lab_name(lab)), blocks })
}

/// The services that name a machine or cluster as their place.
fn runs(lab: &Lab) -> BTreeMap<ThingId, Vec<String>> {
    let mut runs: BTreeMap<ThingId, Vec<String>> = BTreeMap::new();
    for (_, service) in lab.services.iter() {
        for place in service.on.ids() {
            runs.entry(place).or_default().push(service.name.to_string());
        }
    }
    runs
}

fn runs_on(runs: &BTreeMap<ThingId, Vec<String>>, thing: impl Into<ThingId>) -> String {
    runs.get(&thing.into()).map_or_else(String::new, |names| names.join(", "))
}

fn addresses(lab: &Lab, thing: ThingId) -> String {
    let written = |uses: &lab_model::record::Named<lab_model::written::AddressUse>| {
        uses.iter().map(|(_, uses)| cell::values(&uses.address)).collect::<Vec<_>>().join(", ")
    };
    match thing.kind {
        Kind::Host => written(&lab.hosts[lab_model::lab::HostId(thing.index)].addresses),
        _ => written(&lab.vms[lab_model::lab::VmId(thing.index)].addresses),
    }
}

fn clusters_of(lab: &Lab, thing: ThingId) -> String {
    let clusters = lab.derived.machine(thing).map(|facts| facts.clusters.clone()).unwrap_or_default();
    cell::things(lab, clusters.into_iter().map(ThingId::from))
}

fn cpus(lab: &Lab, thing: ThingId) -> [String; 2] {
    let facts = lab.derived.machine(thing);
    [shown(facts.and_then(|facts| facts.cpus)), shown(facts.and_then(|facts| facts.memory))]
}

fn hosts(lab: &Lab, runs: &BTreeMap<ThingId, Vec<String>>) -> Table {
    let mut table = Table::new(&[
        "host",
        "on",
        "os",
        ">cpus",
        ">memory",
        "~addresses",
        "~cluster",
        "~runs",
        "-dns",
        "-ntp",
        "-boots from",
        "-firmware",
        "-system on",
        "-more",
        "status",
        "~-labels",
        "~-description",
    ])
    .titled("Hosts");
    for (id, host) in lab.hosts.iter() {
        let [cpus, memory] = cpus(lab, id.into());
        let more = join(
            [
                cell::when(&host.routes, "routes"),
                cell::when(&host.encrypted, "encrypted"),
                cell::when(&host.shuts_down_on_battery, "shuts down on battery"),
                &host.own_memory.as_ref().map_or_else(String::new, |own| format!("own memory {}", own.value)),
                &prefixed("needs ", &refs(&host.needs)),
                &prefixed("users ", &cell::names(host.users.iter().map(|(name, _)| name.to_string()))),
                &prefixed("boot server ", &named(&host.boot_server)),
            ],
            ", ",
        );
        table.row([
            host.name.to_string(),
            named(&host.on),
            shown(host.os.as_ref()),
            cpus,
            memory,
            addresses(lab, id.into()),
            clusters_of(lab, id.into()),
            runs_on(runs, id),
            texts(&host.dns),
            texts(&host.ntp),
            value(&host.boots_from),
            value(&host.firmware),
            join([shown(host.system_drive.as_ref()).as_str(), &named(&host.system_pool)], ", "),
            more,
            value(&host.status),
            texts(&host.labels),
            shown(host.description.as_ref()),
        ]);
    }
    table
}

/// The text with words before it, or nothing.
pub(super) fn prefixed(words: &str, text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("{words}{text}") }
}

fn vms(lab: &Lab, runs: &BTreeMap<ThingId, Vec<String>>) -> Table {
    let mut table = Table::new(&[
        "machine",
        "on",
        "~os",
        ">cpus",
        ">memory",
        "~disks",
        "~addresses",
        "~-networks",
        "~passed through",
        "~runs",
        "~cluster",
        "-may run on",
        "-more",
        "status",
        "~-description",
    ])
    .titled("Virtual machines");
    for (id, vm) in lab.vms.iter() {
        let [cpus, memory] = cpus(lab, id.into());
        let disks = vm.disks.iter().map(|(name, disk)| {
            let on = join([named(&disk.on).as_str(), &named(&disk.dataset)], "/");
            join([name.text.as_ref(), &value(&disk.size), &prefixed("on ", &on)], " ")
        });
        let nics = vm.nics.iter().map(|(name, nic)| {
            join([name.text.as_ref(), &named(&nic.bridge), &prefixed("vlan ", &named(&nic.vlan))], " ")
        });
        let more = join(
            [
                cell::when(&vm.routes, "routes"),
                cell::when(&vm.restarts_elsewhere, "restarts elsewhere"),
                &prefixed("start order ", &value(&vm.start_order)),
                &prefixed("number ", &value(&vm.number)),
                &prefixed("needs ", &refs(&vm.needs)),
                &prefixed("dns ", &texts(&vm.dns)),
                &prefixed("labels ", &texts(&vm.labels)),
            ],
            ", ",
        );
        table.row([
            vm.name.to_string(),
            named(&vm.on),
            shown(vm.os.as_ref()),
            cpus,
            memory,
            disks.collect::<Vec<_>>().join(", "),
            addresses(lab, id.into()),
            nics.collect::<Vec<_>>().join(", "),
            texts(&vm.passthrough),
            runs_on(runs, id),
            clusters_of(lab, id.into()),
            refs(&vm.may_run_on),
            more,
            value(&vm.status),
            shown(vm.description.as_ref()),
        ]);
    }
    table
}

/// How many votes decide: as said, else more than half.
pub(super) fn quorum(lab: &Lab, id: ClusterId) -> String {
    let cluster = &lab.clusters[id];
    let members = cluster.members.items.len();
    match &cluster.quorum {
        Some(quorum) => format!("{} of {members}", quorum.value),
        None if members > 0 => format!("{} of {members}", members / 2 + 1),
        None => String::new(),
    }
}

fn clusters(lab: &Lab, runs: &BTreeMap<ThingId, Vec<String>>) -> Table {
    let mut table = Table::new(&[
        "cluster",
        "kind",
        "members",
        "quorum",
        "~workers",
        "~inside",
        "~api",
        "~version",
        "~osds",
        "-pods",
        "-services",
        "-load balancers",
        "-network",
        "-cni",
        "-eviction",
        "-more",
        "~runs",
        "~-description",
    ])
    .titled("Clusters");
    for (id, cluster) in lab.clusters.iter() {
        let parts = texts(&cluster.runs);
        let more = join(
            [
                prefixed("managers ", &refs(&cluster.managers)).as_str(),
                &prefixed("metadata servers ", &refs(&cluster.metadata_servers)),
                &prefixed("OSD memory ", &value(&cluster.osd_memory)),
                &prefixed("pods a node ", &value(&cluster.max_pods)),
                &prefixed("pod prefix /", &value(&cluster.pod_prefix_length)),
                &prefixed("mtu ", &value(&cluster.mtu)),
                &prefixed("replication over ", &value(&cluster.replication_network)),
                cell::when(&cluster.restarts_elsewhere, "restarts elsewhere"),
            ],
            ", ",
        );
        table.row([
            cluster.name.to_string(),
            value(&cluster.kind),
            refs(&cluster.members),
            quorum(lab, id),
            refs(&cluster.workers),
            named(&cluster.inside),
            value(&cluster.api),
            shown(cluster.version.as_ref()),
            cell::names(cluster.osds.items.iter().map(|item| item.value.to_string())),
            named(&cluster.pods),
            named(&cluster.services),
            refs(&cluster.load_balancers),
            value(&cluster.network),
            shown(cluster.cni.as_ref()),
            shown(cluster.eviction.as_ref().map(|eviction: &lab_source::Spanned<Period>| eviction.value)),
            more,
            join([parts.as_str(), &runs_on(runs, id)], ", "),
            shown(cluster.description.as_ref()),
        ]);
    }
    table
}

fn groups(lab: &Lab) -> Table {
    let mut table = Table::new(&["group", "members", "passes on", "~line", "=fencing", "~description"])
        .titled("Stand-ins");
    for (_, group) in lab.ha.iter() {
        let passes = [
            cell::when(&group.state_sync, "connections"),
            cell::when(&group.lease_sync, "leases"),
            cell::when(&group.config_sync, "configuration"),
        ];
        let line = group.shared_line.as_ref();
        table.row([
            group.name.to_string(),
            refs(&group.members),
            join(passes, ", "),
            line.map_or_else(String::new, |line| {
                join(
                    [
                        named(&line.circuit).as_str(),
                        &prefixed("follows ", &named(&line.follows)),
                        cell::when(&line.shared_mac, "one MAC"),
                    ],
                    ", ",
                )
            }),
            line.map_or_else(String::new, |line| shown(line.fencing.as_ref())),
            shown(group.description.as_ref()),
        ]);
    }
    table
}

fn speakers(lab: &Lab) -> Table {
    let heads = [
        "speaker",
        ">asn",
        "on",
        "peers",
        "~announces",
        "~accepts",
        "keepalive",
        "hold",
        "-more",
        "~-description",
    ];
    let mut table = Table::new(&heads).titled("BGP");
    for (_, speaker) in lab.bgp.iter() {
        let more = join(
            [
                cell::when(&speaker.bfd, "BFD"),
                cell::when(&speaker.authenticated, "password"),
                &prefixed("graceful restart ", &value(&speaker.graceful_restart)),
            ],
            ", ",
        );
        table.row([
            speaker.name.to_string(),
            value(&speaker.asn),
            join([refs(&speaker.on).as_str(), &named(&speaker.cluster)], ", "),
            refs(&speaker.peers),
            refs(&speaker.announces),
            cell::values(&speaker.accepts),
            value(&speaker.keepalive),
            value(&speaker.hold),
            more,
            shown(speaker.description.as_ref()),
        ]);
    }
    table
}
