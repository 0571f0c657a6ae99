//! Hosts on nodes and storage servers, virtual machines in the first rack, and a Kubernetes cluster on the rest.

use super::random::Random;
use super::site::{Rack, Site};

/// `compute.yaml` of a site.
pub(super) fn compute(site: &Site, seed: u64) -> String {
    let (s, net) = (&site.name, site.net());
    let mut text = format!(
        "hosts:
  {s}-router-1..2:
    on: {s}-router-1..2
    os: debian 12
    routes: true
    addresses:
      bond0: {net}.3.252..253/22
      bond0.servers: {net}.7.252..253/22
      bond0.storage: {net}.11.252..253/22
      eth2: {net}.255.2..3/29
      eth3: {net}.255.9..10/30
    interfaces:
      bond0: {{ port: eth0, untagged: {s}-mgmt, tagged: [{s}-servers, {s}-storage] }}
      bond0.servers: {{ over: bond0, vlan: {s}-servers }}
      bond0.storage: {{ over: bond0, vlan: {s}-storage }}
    own-memory: 1 GiB
    shuts-down-on-battery: true
"
    );
    for rack in &site.racks {
        text += &hosts(rack, site);
    }
    text + &clusters(site) + &vms(site, seed)
}

fn hosts(rack: &Rack, site: &Site) -> String {
    let (s, net, r) = (&site.name, site.net(), &rack.name);
    let host = |many: &str, lag: &str, address: String, store: String| {
        format!(
            "  {r}-{many}:
    on: {r}-{many}
    os: debian 12
    addresses: {{ bond0: {net}.{address}/22, bond0.storage: {net}.{store}/22 }}
    interfaces:
      bond0: {{ lag: {r}-{many}-{lag}, untagged: {s}-servers, tagged: [{s}-storage] }}
      bond0.storage: {{ over: bond0, vlan: {s}-storage }}
    dns: [{net}.7.252, {net}.7.253]
    ntp: [{net}.7.252, {net}.7.253]
    own-memory: 4 GiB
    shuts-down-on-battery: true
"
        )
    };
    let pair = |third| {
        let (one, two) = (rack.address(third, 47), rack.address(third, 48));
        format!("{one}..{}", two.rsplit('.').next().unwrap_or_default())
    };
    let mut text = host("store-1..2", "bond", pair(4), pair(8));
    if rack.nodes > 0 {
        let many = format!("node-{}", rack.nodes_from(1));
        text += &host(&many, "bond", rack.addresses(4, 31), rack.addresses(8, 31));
    }
    text
}

/// The racks whose nodes are members of the Kubernetes cluster: all but the first, or the only one.
fn workers(site: &Site) -> Vec<&Rack> {
    let racks = if site.racks.len() > 1 { &site.racks[1..] } else { &site.racks[..] };
    racks.iter().filter(|rack| rack.nodes >= 3).collect()
}

fn clusters(site: &Site) -> String {
    let (s, net) = (&site.name, site.net());
    let racks = workers(site);
    let Some(first) = racks.first() else { return String::new() };
    let mut rest: Vec<String> = Vec::new();
    if first.nodes > 3 {
        rest.push(format!("{}-node-04..{:02}", first.name, first.nodes));
    }
    rest.extend(racks[1..].iter().map(|rack| format!("{}-node-{}", rack.name, rack.nodes_from(1))));
    format!(
        "
clusters:
  {s}-k8s:
    kind: kubernetes
    members: {}-node-01..03
    workers: [{}]
    quorum: 2
    api: {net}.7.9
    pods: {net}.128.0/18
    pod-prefix-length: 26
    max-pods: 50
    services: {net}.192.0/20
    eviction: 5 min
",
        first.name,
        rest.join(", ")
    )
}

fn vms(site: &Site, seed: u64) -> String {
    let (s, net, rack) = (&site.name, site.net(), &site.racks[0]);
    if site.racks.len() < 2 || rack.nodes < 3 {
        return String::new();
    }
    let many = format!("{}-node-{}", rack.name, rack.nodes_from(1));
    let mut text = format!(
        "\nbridges:\n  {many}-vmbr0: {{ on: host/{many}, name: vmbr0, ports: bond0, vlan: {s}-servers }}\n\nvms:\n"
    );
    for node in 1..=rack.nodes {
        let mut random = Random::of(seed, site.number * 10_000 + node);
        for slot in 1..=2 {
            let index = node * 2 + slot - 2;
            text += &format!(
                "  {s}-vm-{index:02}: {{ on: {}-node-{node:02}, os: debian 12, cpus: {}, memory: {} GiB, nics: {{ eth0: {}-node-{node:02}-vmbr0 }}, addresses: {{ eth0: {net}.7.{}/22 }} }}\n",
                rack.name,
                random.pick(&[2, 4]),
                random.pick(&[2, 4, 8]),
                rack.name,
                100 + index,
            );
        }
    }
    text
}
