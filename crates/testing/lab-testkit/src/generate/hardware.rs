//! Racks, what is in them, where its power comes from, and the cables.

use super::random::Random;
use super::site::{Rack, Site};

/// `hardware.yaml` of a site.
pub(super) fn hardware(site: &Site, seed: u64) -> String {
    let name = &site.name;
    let mut text = format!("rooms:\n  {name}-hall: {name}\n\nracks:\n");
    for rack in &site.racks {
        text += &format!("  {}: {{ room: {name}-hall, height: 42 U, depth: 1000 mm }}\n", rack.name);
    }
    text += &format!(
        "\npower:\n  {name}-grid: {{ kind: utility, site: {name}, outages: 1 /y, typical-outage: 3 min }}\n"
    );
    for rack in &site.racks {
        text += &format!(
            "  {}-feed-(a,b): {{ from: {name}-grid, breaker: 32 A, voltage: 230 V, socket: IEC 60309 }}\n",
            rack.name
        );
    }
    text += "\ndevices:\n";
    text += &of_site(site);
    for rack in &site.racks {
        let mut random = Random::of(seed, site.number * 100 + rack.number);
        text += &of_rack(rack, site, &mut random);
    }
    text
}

/// What a site has once; it stands in the first rack.
fn of_site(site: &Site) -> String {
    let (name, net, rack) = (&site.name, site.net(), &site.racks[0].name);
    let id = site.number;
    format!(
        "  {name}-spine-1..2:
    type: example/spine-36
    at: {rack}/U36..37
    inlets: {{ psu-1: \"{rack}-strip-a:25..26\", psu-2: \"{rack}-strip-b:25..26\" }}
    interfaces: {{ vlan1: {{ type: virtual, mac: \"52:54:{id:02x}:00:00:01..02\" }} }}
    addresses: {{ vlan1: {net}.3.1..2/22 }}
    spanning-tree: true
  {name}-router-1..2:
    type: example/router-1u
    at: {rack}/U33..34
    inlets: {{ psu-1: \"{rack}-strip-a:27..28\", psu-2: \"{rack}-strip-b:27..28\" }}
    cpu: {{ cores: 8, threads: 16 }}
    memory: 16 GiB
    drives: {{ m2-1: {{ model: generic/nvme-500gb, holds: os }} }}
    interfaces:
      eth0: {{ mac: \"52:54:{id:02x}:00:01:01..02\" }}
      eth1: {{ mac: \"52:54:{id:02x}:00:02:01..02\" }}
      eth2: {{ mac: \"52:54:{id:02x}:00:03:01..02\" }}
    power-restore: on
  {name}-modem: {{ type: generic/modem, at: {name}-hall, inlets: {{ psu: \"{rack}-strip-a:29\" }}, addresses: {{ lan-1: {net}.255.1/29 }} }}
"
    )
}

fn of_rack(rack: &Rack, site: &Site, random: &mut Random) -> String {
    let Rack { name, number, .. } = rack;
    let (net, id) = (site.net(), site.number);
    let at = |index| rack.address(0, index);
    let last = |index| at(index).rsplit('.').next().map(str::to_owned).unwrap_or_default();
    let memory = random.pick(&[64_u32, 128, 256]);
    let (drive, disk) = (
        random.pick(&["generic/nvme-500gb", "generic/nvme-1tb", "generic/nvme-2tb"]),
        random.pick(&["generic/hdd-4tb", "generic/hdd-8tb", "generic/hdd-12tb", "generic/hdd-16tb"]),
    );
    let serial = random.between(10_000, 99_999);
    let mut text = format!(
        "
  {name}-ups:
    type: example/ups-8k
    at: {name}/U1
    serial: EX-{serial}
    inlets: {{ in: {name}-feed-a }}
    interfaces: {{ net: {{ mac: \"52:54:{id:02x}:{number:02x}:00:01\" }} }}
    addresses: {{ net: {net}.{ups}/22 }}
    battery: {{ installed: 2025-03-01, shuts-down: every host at 20 % of charge }}
  {name}-strip-a: {{ type: example/strip-36, at: {name}, inlets: {{ in: \"{name}-ups:1\" }}, addresses: {{ net: {net}.{strip_a}/22 }} }}
  {name}-strip-b: {{ type: example/strip-36, at: {name}, inlets: {{ in: {name}-feed-b }}, addresses: {{ net: {net}.{strip_b}/22 }} }}
  {name}-leaf-1..2:
    type: example/leaf-48
    at: {name}/U40..41
    inlets: {{ psu-1: \"{name}-strip-a:19..20\", psu-2: \"{name}-strip-b:19..20\" }}
    addresses: {{ mgmt: {net}.{leaf}..{leaf_last}/22 }}
    spanning-tree: true
  {name}-mgmt:
    type: generic/switch-24-poe
    at: {name}/U39
    inlets: {{ psu-1: \"{name}-strip-a:21\", psu-2: \"{name}-strip-b:21\" }}
    interfaces: {{ vlan1: {{ type: virtual, mac: \"52:54:{id:02x}:{number:02x}:00:04\" }} }}
    addresses: {{ vlan1: {net}.{mgmt}/22 }}
    spanning-tree: true
  {name}-store-1..2:
    type: example/store-2u
    at: {name}/U(22,24)
    inlets: {{ psu-1: \"{name}-strip-a:17..18\", psu-2: \"{name}-strip-b:17..18\" }}
    cpu: {{ cores: 16, threads: 32 }}
    memory: 128 GiB
    drives:
      ssd-1: {{ model: generic/ssd-500gb, holds: os }}
      bay-1..12: {disk}
      # Not `m2-1..2`, which would run in step with the two servers.
      m2-1: generic/nvme-480gb-plp
      m2-2: generic/nvme-480gb-plp
    interfaces:
      eth0: {{ mac: \"52:54:{id:02x}:{number:02x}:01:17..18\" }}
      eth1: {{ mac: \"52:54:{id:02x}:{number:02x}:02:17..18\" }}
      ipmi: {{ mac: \"52:54:{id:02x}:{number:02x}:03:17..18\" }}
    addresses: {{ ipmi: {net}.{store}..{store_last}/22 }}
    out-of-band: {{ interface: ipmi, kind: ipmi }}
    power-restore: on
",
        ups = at(1),
        strip_a = at(2),
        strip_b = at(3),
        leaf = at(4),
        leaf_last = last(5),
        mgmt = at(6),
        store = at(47),
        store_last = last(48),
    );
    if rack.nodes > 0 {
        text += &servers(rack, site, memory, drive);
    }
    text
}

fn servers(rack: &Rack, site: &Site, memory: u32, drive: &str) -> String {
    let Rack { name, nodes, number } = rack;
    let (net, id) = (site.net(), site.number);
    format!(
            "  {name}-node-{many}:
    type: example/node-1u
    at: {name}/U{units}
    inlets: {{ psu-1: \"{name}-strip-a:1..{nodes}\", psu-2: \"{name}-strip-b:1..{nodes}\" }}
    cpu: {{ cores: 16, threads: 32 }}
    memory: {memory} GiB
    drives: {{ m2-1: {{ model: {drive}, holds: os }}, bay-1: generic/ssd-960gb-plp, bay-2: generic/ssd-960gb-plp }}
    interfaces:
      eth0: {{ mac: \"52:54:{id:02x}:{number:02x}:01:{macs}\" }}
      eth1: {{ mac: \"52:54:{id:02x}:{number:02x}:02:{macs}\" }}
      ipmi: {{ mac: \"52:54:{id:02x}:{number:02x}:03:{macs}\" }}
    addresses: {{ ipmi: {net}.{ipmi}/22 }}
    out-of-band: {{ interface: ipmi, kind: ipmi }}
    power-restore: on
",
            many = rack.nodes_from(1),
            units = steps(5, *nodes),
            macs = rack.nodes_from(1),
            ipmi = rack.addresses(0, 31),
        )
}

impl Rack {
    /// `01..16`, or `01` for one.
    pub(super) fn nodes_from(&self, first: usize) -> String {
        match self.nodes {
            1 => format!("{first:02}"),
            nodes => format!("{first:02}..{:02}", first + nodes - 1),
        }
    }

    /// The addresses of all nodes from thing `index` on, `0.31..46`.
    pub(super) fn addresses(&self, third: usize, index: usize) -> String {
        let first = self.address(third, index);
        let (head, tail) = first.rsplit_once('.').unwrap_or_default();
        format!("{head}.{}", steps(tail.parse().unwrap_or(0), self.nodes))
    }
}

/// `5..20`, or `5` for one.
fn steps(first: usize, count: usize) -> String {
    if count == 1 { first.to_string() } else { format!("{first}..{}", first + count - 1) }
}

/// `cabling.yaml` of a site.
pub(super) fn cabling(site: &Site) -> String {
    let name = &site.name;
    let mut dac = String::new();
    let mut fibre = format!(
        "      {name}-spine-1:33: {name}-router-1:eth0
      {name}-spine-2:33: {name}-router-1:eth1
      {name}-spine-1:34: {name}-router-2:eth0
      {name}-spine-2:34: {name}-router-2:eth1
      {name}-spine-1:35..36: {name}-spine-2:35..36\n"
    );
    let mut sfpp = String::new();
    let mut copper = format!(
        "      {name}-modem:lan-1..2: {name}-router-1..2:eth2
      {name}-router-1:eth3: {name}-router-2:eth3
      {rack}-mgmt:24: {name}-router-1:ipmi
      {rack}-mgmt:17: {name}-router-2:ipmi\n",
        rack = site.racks[0].name
    );
    for rack in &site.racks {
        let Rack { name: r, nodes, number } = rack;
        if *nodes > 0 {
            let many = rack.nodes_from(1);
            dac += &format!("      {r}-leaf-1:1..{nodes}: {r}-node-{many}:eth0\n");
            dac += &format!("      {r}-leaf-2:1..{nodes}: {r}-node-{many}:eth1\n");
            copper += &format!("      {r}-mgmt:1..{nodes}: {r}-node-{many}:ipmi\n");
        }
        dac += &format!("      {r}-leaf-1:17..18: {r}-store-1..2:eth0\n");
        dac += &format!("      {r}-leaf-2:17..18: {r}-store-1..2:eth1\n");
        copper += &format!(
            "      {r}-mgmt:18..19: {r}-store-1..2:ipmi
      {r}-mgmt:20: {r}-ups:net
      {r}-mgmt:21: {r}-strip-a:net
      {r}-mgmt:22: {r}-strip-b:net
      {r}-mgmt:23: {r}-leaf-1:mgmt\n"
        );
        sfpp += &format!("      {r}-mgmt:sfp-1..2: {r}-leaf-1..2:57\n");
        fibre += &format!(
            "      {r}-leaf-1..2:49: {name}-spine-1:({number},{second})
      {r}-leaf-1..2:50: {name}-spine-2:({number},{second})
      {r}-leaf-1:51..52: {r}-leaf-2:51..52\n",
            second = number + 16
        );
    }
    format!(
        "cables:
  {name}-nodes:\n    kind: dac\n    connector: sfp28\n    length: 2 m\n    between:\n{dac}  \
         {name}-uplinks:\n    kind: aoc\n    connector: qsfp28\n    length: 10 m\n    between:\n{fibre}  \
         {name}-management-uplinks:\n    kind: dac\n    connector: sfp+\n    length: 1 m\n    between:\n{sfpp}  \
         {name}-copper:\n    kind: cat6\n    length: 2 m\n    between:\n{copper}
lags:\n{lags}",
        lags = lags(site)
    )
}

fn lags(site: &Site) -> String {
    let mut text = String::new();
    for rack in &site.racks {
        let r = &rack.name;
        text += &format!("  {r}-peer: {{ of: \"{r}-leaf-1:51..52\", mode: 802.3ad, name: \"1\" }}\n");
        // Each far end is named: the two leaves act as one.
        if rack.nodes > 0 {
            let (many, nodes) = (rack.nodes_from(1), rack.nodes);
            text += &format!(
                "  {r}-node-{many}-bond: {{ of: \"{r}-node-{many}:eth0..1\", name: bond0, mode: 802.3ad, rate: fast, far: {{ of: \"{r}-leaf-(1,2):1..{nodes}\" }} }}\n",
            );
        }
        text += &format!(
            "  {r}-store-1..2-bond: {{ of: \"{r}-store-1..2:(eth0,eth1)\", name: bond0, mode: 802.3ad, rate: fast, far: {{ of: [\"{r}-leaf-1:17..18\", \"{r}-leaf-2:17..18\"] }} }}\n",
        );
    }
    text
}
