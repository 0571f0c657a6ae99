//! The logical half of the tables, held against small labs and the labs of the repository: who reaches whom, and what services need.

use lab_predict::survey::survey;
use lab_predict::works::{Holder, MachineId, MachineKind, Need, Placement, VertexId, Works};
use std::collections::BTreeSet;

/// Reads a lab of the repository.
fn real(name: &str) -> Works {
    let files = crate::survey::lab_files(name);
    let reading = lab_model::read(lab_model::Input { files, overlays: Vec::new(), types: &() });
    survey(&reading.lab, jiff::civil::date(2026, 6, 1))
}

/// What is gone: parts by name, and holders by label.
struct After<'w> {
    works: &'w Works,
    gone: BTreeSet<&'w str>,
}

impl<'w> After<'w> {
    fn new(works: &'w Works, gone: &[&'w str]) -> Self {
        Self { works, gone: gone.iter().copied().collect() }
    }

    fn label(&self, holder: Holder) -> &'w str {
        match holder {
            Holder::Unit(unit) => &self.works[unit].label,
            Holder::Machine(machine) => &self.works[machine].label,
            Holder::Internet => "Internet",
        }
    }

    fn is_up(&self, holder: Holder) -> bool {
        !self.gone.contains(self.label(holder))
    }

    /// The vertices that one reaches within its segment.
    fn within(&self, from: VertexId) -> BTreeSet<VertexId> {
        let works = self.works;
        let mut seen = BTreeSet::new();
        if !self.is_up(works[from].holder) {
            return seen;
        }
        seen.insert(from);
        let mut todo = vec![from];
        while let Some(at) = todo.pop() {
            if at != from && works[at].kind != lab_predict::works::VertexKind::Forwards {
                continue;
            }
            for edge in works.edges.iter().filter(|edge| edge.ends.contains(&at)) {
                let other = if edge.ends[0] == at { edge.ends[1] } else { edge.ends[0] };
                let is_open = edge.fails.iter().all(|&part| !self.gone.contains(&*works[part].name));
                if is_open && self.is_up(works[other].holder) && seen.insert(other) {
                    todo.push(other);
                }
            }
        }
        seen
    }

    fn reaches(&self, from: &[VertexId], to: Holder, passed: &BTreeSet<Holder>) -> bool {
        let works = self.works;
        let own: BTreeSet<_> = from.iter().map(|&vertex| works[vertex].segment).collect();
        let shared =
            (works.vertices.iter()).any(|vertex| vertex.holder == to && own.contains(&vertex.segment));
        let within = |vertex: &VertexId| self.within(*vertex);
        if shared {
            return from.iter().flat_map(within).any(|vertex| works[vertex].holder == to);
        }
        from.iter().any(|&vertex| {
            let reached = self.within(vertex);
            let segment = works[vertex].segment;
            works[segment].gateways.iter().any(|gateway| {
                let others: Vec<VertexId> = (0..works.vertices.len() as u32).map(VertexId).collect();
                let is_next = |next: &VertexId| {
                    works[*next].holder == gateway.holder && works[*next].segment != segment
                };
                let next: Vec<VertexId> = others.into_iter().filter(is_next).collect();
                let mut passed = passed.clone();
                reached.contains(&gateway.vertex)
                    && self.is_up(gateway.holder)
                    && passed.insert(gateway.holder)
                    && (gateway.holder == to || self.reaches(&next, to, &passed))
            })
        })
    }

    fn holder(&self, label: &str) -> Holder {
        let machines =
            (0..).map(lab_predict::works::MachineId).map(Holder::Machine).take(self.works.machines.len());
        let units = (0..).map(lab_predict::works::UnitId).map(Holder::Unit).take(self.works.units.len());
        let mut all = machines.chain(units).chain([Holder::Internet]);
        all.find(|&holder| self.label(holder) == label).expect("there is one")
    }

    fn vertices(&self, holder: Holder) -> Vec<VertexId> {
        let all = (0..self.works.vertices.len() as u32).map(VertexId);
        all.filter(|&vertex| self.works[vertex].holder == holder).collect()
    }

    /// True when one holder reaches another.
    fn reach(&self, from: &str, to: &str) -> bool {
        self.holder_reaches(self.holder(from), self.holder(to))
    }

    fn holder_reaches(&self, from: Holder, to: Holder) -> bool {
        self.is_up(from)
            && self.is_up(to)
            && (from == to || self.reaches(&self.vertices(from), to, &BTreeSet::from([from])))
    }

    fn is_met(&self, from: &[VertexId], need: &Need) -> bool {
        let works = self.works;
        let reached = |to: Holder| {
            from.iter().any(|&vertex| works[vertex].holder == to) || self.reaches(from, to, &BTreeSet::new())
        };
        match need {
            Need::Data(data) => works[*data].pools.iter().all(|&pool| self.is_met(from, &Need::Pool(pool))),
            Need::Pool(pool) => match (works[*pool].holder, &works[*pool].layout) {
                (Some(holder), _) => reached(holder),
                (None, lab_predict::works::Layout::Ceph(ceph)) => {
                    self.is_met(from, &Need::Cluster(ceph.cluster))
                }
                (None, _) => true,
            },
            Need::Service(service) => places(&works[*service].placement).into_iter().any(reached),
            Need::Holder(holder) => reached(*holder),
            Need::Cluster(cluster) => {
                works[*cluster].members.iter().any(|&member| reached(Holder::Machine(member)))
            }
            Need::Internet | Need::External(_) => reached(Holder::Internet),
            Need::Part(part) => !self.gone.contains(&*works[*part].name),
            Need::AnyOf(several) => several.iter().any(|need| self.is_met(from, need)),
        }
    }
}

fn places(placement: &Placement) -> Vec<Holder> {
    match placement {
        Placement::Fixed(holders) => holders.clone(),
        Placement::Movable { on, .. } => on.iter().map(|&machine| Holder::Machine(machine)).collect(),
    }
}

fn need_text(works: &Works, need: &Need) -> String {
    match need {
        Need::Data(data) => format!("data {}", works[*data].label),
        Need::Pool(pool) => format!("pool {}", works[*pool].label),
        Need::Service(service) => format!("service {}", works[*service].label),
        Need::Holder(holder) => After::new(works, &[]).label(*holder).to_owned(),
        Need::Cluster(cluster) => format!("cluster {}", works[*cluster].label),
        Need::Internet => "Internet".to_owned(),
        Need::External(part) | Need::Part(part) => works[*part].name.clone(),
        Need::AnyOf(several) => {
            let all: Vec<String> = several.iter().map(|need| need_text(works, need)).collect();
            format!("any of ({})", all.join(", "))
        }
    }
}

/// Reads one text with a few types.
fn works(text: &str) -> Works {
    const HEAD: &str = "
lab: { name: test, domain: example.net }
device-types:
  own/switch: { manufacturer: own, model: switch, role: switch, interfaces: [{ names: 1..8, type: 1000base-t }] }
  own/router: { manufacturer: own, model: router, role: router, interfaces: [{ names: eth0..3, type: 1000base-t }] }
  own/modem: { manufacturer: own, model: modem, role: modem, interfaces: [{ name: line, type: xdsl }, { name: lan, type: 1000base-t }] }
  own/pc: { manufacturer: own, model: pc, role: server, interfaces: [{ names: eth0..1, type: 1000base-t }] }
  own/panel:
    manufacturer: own
    model: panel
    role: patch-panel
    front-ports: [{ names: \"1..4\", type: 8p8c, rear_port: \"rear-1..4\" }]
    rear-ports: [{ names: \"rear-1..4\", type: 8p8c }]
providers: { telco: Brings the Internet }
";
    let file =
        |name: &str, text: &str| lab_source::Input { name: name.to_owned(), bytes: text.as_bytes().to_vec() };
    let files = vec![file("head.yaml", HEAD), file("lab.yaml", text)];
    let reading = lab_model::read(lab_model::Input { files, overlays: Vec::new(), types: &() });
    assert!(!reading.has_errors(), "{:?}", reading.diagnostics);
    survey(&reading.lab, jiff::civil::date(2026, 6, 1))
}

/// A flat network of which no VLAN and no prefix is written: a bridging modem, a router, a switch, two machines.
const FLAT: &str = "
devices:
  modem-1: { type: own/modem }
  router-1: { type: own/router }
  switch-1: { type: own/switch }
  pc-1..2: { type: own/pc }
circuits: { dsl: { provider: telco, ends-at: modem-1:line } }
cables:
  copper:
    kind: cat6
    between: { modem-1:lan: router-1:eth1, router-1:eth0: switch-1:1, switch-1:2..3: pc-1..2:eth0 }
hosts:
  gate: { on: router-1, routes: true, addresses: { eth0: unknown, eth1: dhcp } }
  pc-1..2: { on: pc-1..2, addresses: { eth0: dhcp } }
";

#[test]
fn a_flat_network_needs_no_numbers() {
    let works = works(FLAT);
    for (gone, reaches) in [
        ([].as_slice(), true),
        (&["pc-2"], true),
        (&["cable/copper switch-1:2"], false),
        (&["switch-1"], false),
        (&["cable/copper router-1:eth0"], false),
        (&["gate"], false),
        (&["modem-1"], false),
        (&["cable/copper modem-1:lan"], false),
        (&["circuit/dsl"], false),
        (&["provider/telco"], false),
    ] {
        assert_eq!(After::new(&works, gone).reach("pc-1", "Internet"), reaches, "without {gone:?}");
        assert_eq!(After::new(&works, gone).reach("Internet", "pc-1"), reaches, "inward, without {gone:?}");
    }
    assert!(
        After::new(&works, &["gate", "modem-1"]).reach("pc-1", "pc-2"),
        "beside each other they need no router"
    );
}

/// Two VLANs on a switch; one port does not carry what its machine expects.
const VLANS: &str = "
vlans: { a: 10, b: 20 }
prefixes:
  10.0.10.0/24: { vlan: a, gateway: 10.0.10.1 }
  10.0.20.0/24: { vlan: b, gateway: 10.0.20.1 }
devices:
  router-1: { type: own/router }
  switch-1: { type: own/switch }
  panel-1..2: { type: own/panel }
  pc-1..4: { type: own/pc }
ports:
  switch-1: { 1: { untagged: a, tagged: b }, 2..3: { access: a }, 4..5: { access: b }, 6: { access: b, enabled: false } }
cables:
  copper:
    kind: cat6
    between: { switch-1:1: router-1:eth0, switch-1:2..3: pc-1:eth0..1, switch-1:4: panel-1:1, panel-2:1: pc-2:eth0, switch-1:5: pc-3:eth0, switch-1:6: pc-4:eth0 }
  wall: { kind: cat6, duct: stairs, between: { panel-1:rear-1: panel-2:rear-1 } }
lags: { pair: { of: pc-1:eth0..1, name: bond0 } }
hosts:
  gate: { on: router-1, routes: true, addresses: { eth0: 10.0.10.1/24, eth0.20: 10.0.20.1/24 } }
  pc-1: { on: pc-1, addresses: { bond0: 10.0.10.11/24 } }
  pc-2: { on: pc-2, addresses: { eth0: 10.0.20.12/24 } }
  pc-3: { on: pc-3, addresses: { eth0: 10.0.10.13/24 } }
  pc-4: { on: pc-4, addresses: { eth0: 10.0.20.14/24 } }
";

#[test]
fn vlans_aggregates_and_panels() {
    let works = works(VLANS);
    for (gone, from, to, reaches) in [
        ([].as_slice(), "pc-1", "pc-2", true),
        (&["cable/copper switch-1:2"], "pc-1", "pc-2", true),
        (&["cable/copper switch-1:2", "cable/copper switch-1:3"], "pc-1", "gate", false),
        (&["gate"], "pc-1", "pc-2", false),
        (&["cable/wall panel-1:rear-1"], "pc-1", "pc-2", false),
        (&["device/panel-2"], "pc-1", "pc-2", false),
        (&["cable/wall duct stairs"], "pc-1", "pc-2", false),
        (&[], "pc-1", "pc-3", false),
        (&[], "pc-1", "pc-4", false),
    ] {
        assert_eq!(After::new(&works, gone).reach(from, to), reaches, "{from} to {to} without {gone:?}");
    }
    let members = works.edges.iter().filter(|edge| edge.lag.is_some());
    assert_eq!(members.count(), 2, "one edge a member");
}

#[test]
fn an_aggregate_of_which_one_side_speaks_lacp_carries_nothing() {
    let check = |how: &str, carries: bool| {
        let lag = format!("lags: {{ pair: {{ of: pc-1:eth0..1, name: bond0{how} }} }}");
        let text = VLANS.replace("lags: { pair: { of: pc-1:eth0..1, name: bond0 } }", &lag);
        assert_eq!(After::new(&works(&text), &[]).reach("pc-1", "gate"), carries, "{how}");
    };
    check(", mode: static, far: { mode: static }", true);
    check(", mode: 802.3ad, far: { rate: fast }", true);
    check(", mode: active-backup, far: { mode: static }", true);
    check(", far: { mode: 802.3ad }", true);
    check(", mode: 802.3ad, far: { mode: static }", false);
    check(", far: { mode: static }", false);
    check(", mode: static, far: { mode: 802.3ad }", false);
}

#[test]
fn what_is_not_written_is_taken_as_working_and_noted() {
    let works = works(
        "
vlans: { lan: 1 }
prefixes: { 10.0.0.0/24: { vlan: lan, gateway: 10.0.0.1, routers: box } }
devices: { box: { type: own/router } }
hosts: { one: { addresses: { eth0: 10.0.0.2/24 } }, two: { addresses: { eth0: 10.0.0.3/24 } }, three: {} }
services: { web: { on: one, for: household }, mail: { for: household } }
",
    );
    let after = After::new(&works, &[]);
    for from in ["one", "two", "three", "where mail runs"] {
        assert!(after.reach(from, "Internet"), "{from}");
        assert!(after.reach(from, "one"), "{from}");
    }
    assert!(!After::new(&works, &["box"]).reach("one", "Internet"), "the router still matters");
    let noted = |part: &str| works.assumed.iter().any(|assumption| assumption.what.contains(part));
    assert!(noted("the way of two") || noted("the way of one"), "{:?}", works.assumed);
    assert!(noted("mail always runs"));
    assert!(noted("the Internet is always there"));
}

#[test]
fn virtual_machines_move_only_when_somebody_moves_them() {
    let text = |restarts: bool| {
        format!(
            "
vlans: {{ lan: 1 }}
devices: {{ switch-1: {{ type: own/switch }}, pc-1..2: {{ type: own/pc }} }}
cables: {{ copper: {{ kind: cat6, between: {{ switch-1:1..2: pc-1..2:eth0 }} }} }}
hosts: {{ pve-1..2: {{ on: pc-1..2, os: proxmox, addresses: {{ pve-1..2-vmbr0: unknown }} }} }}
bridges: {{ pve-1..2-vmbr0: {{ on: pve-1..2, name: vmbr0, ports: eth0, vlan: lan }} }}
clusters: {{ pve: {{ kind: proxmox, members: pve-1..2, quorum: 1, restarts-elsewhere: {restarts} }} }}
vms: {{ web: {{ on: pve, nics: {{ net0: pve-1-vmbr0 }} }} }}
"
        )
    };
    for restarts in [false, true] {
        let works = works(&text(restarts));
        let web = works.machines.iter().find(|machine| machine.label == "web").expect("written");
        let MachineKind::Vm { hosts, moved_by, anywhere, .. } = &web.kind else { panic!("{:?}", web.kind) };
        assert_eq!((hosts.len(), moved_by.is_some(), *anywhere), (2, restarts, true));
        assert!(After::new(&works, &["pve-1"]).reach("web", "pve-2"), "its card hangs on either bridge");
        assert!(!After::new(&works, &["switch-1"]).reach("pve-1", "pve-2"));
    }
}

/// What a service needs, as text.
fn needs(works: &Works, service: &str) -> Vec<String> {
    let row = works.services.iter().find(|row| row.label == service).expect("there is one");
    row.needs.iter().chain(&row.clients_need).map(|need| need_text(works, &need.need)).collect()
}

fn used_from<'w>(works: &'w Works, service: &str) -> Vec<&'w str> {
    let row = works.services.iter().find(|row| row.label == service).expect("there is one");
    row.used_from.iter().map(|&at| &*works.vantages[at as usize].label).collect()
}

#[test]
fn services_are_placed_where_they_fit() {
    let works = works("
vlans: { lan: 1 }
prefixes: { 10.0.0.0/24: { vlan: lan } }
hosts:
  big: { addresses: { eth0: 10.0.0.2/24 }, labels: [fast] }
  small: { addresses: { eth0: 10.0.0.3/24 } }
  old: { status: unused }
clusters: { k: { kind: kubernetes, members: [big, small, old] } }
pools: { disk: { kind: single, on: big } }
storage-classes: { here: { cluster: k, mode: local, pools: disk } }
volumes: { base-data: { on: here, service: base } }
vips: { door: { address: 10.0.0.9, protocol: metallb-l2, cluster: k }, api: { address: 10.0.0.8, protocol: kube-vip, cluster: k } }
names: { \"*.example.net\": { to: door } }
services:
  quick: { on: k, needs-labels: fast }
  base: { on: k, roles: [database] }
  web: { on: k, replicas: 2, needs: [base, dns], for: household, url: https://web.example.net }
  names: { on: host/small, roles: [dns] }
  later: { on: k, status: planned }
  hidden: { on: k, for: lab }
");
    let on = |service: &str| {
        let row = works.services.iter().find(|row| row.label == service).expect("there is one");
        match &row.placement {
            Placement::Movable { on, by, replicas, spread } => {
                let on: Vec<&str> = on.iter().map(|&on| &*works[on].label).collect();
                (on, by.is_some(), *replicas, *spread)
            }
            Placement::Fixed(holders) => (vec!["fixed"], false, holders.len() as u32, true),
        }
    };
    assert_eq!(on("quick"), (vec!["big"], true, 1, true));
    assert_eq!(on("base"), (vec!["big"], false, 1, true), "it stays with its data");
    assert_eq!(on("web"), (vec!["big", "small"], true, 2, true));
    assert_eq!(on("names"), (vec!["fixed"], false, 1, true));
    assert_eq!(needs(&works, "web"), ["service base", "service names", "service names"]);
    assert_eq!(needs(&works, "base"), ["data base-data"]);
    assert_eq!(works.services.len(), 5, "what is planned is not there");
    let web = works.services.iter().find(|row| row.label == "web").expect("there is one");
    assert_eq!(web.front.map(|vip| &*works[vip].label), Some("door"), "its name leads there");
    assert_eq!(used_from(&works, "hidden"), Vec::<&str>::new());
    assert_eq!(works.clusters[0].quorum, 2, "of the two in use");
    let moved: Vec<bool> = works.vips.iter().map(|vip| vip.moved_by.is_some()).collect();
    assert_eq!(moved, [false, true], "memberlist decides by itself, kube-vip by leases");
}

#[test]
fn everything_in_the_labs_is_reached_while_all_is_well() {
    for name in ["starter", "infra-mk3", "home-ops", "ocean", "jlh-h5b"] {
        let works = real(name);
        let after = After::new(&works, &[]);
        for index in 0..works.machines.len() as u32 {
            let holder = Holder::Machine(MachineId(index));
            assert!(after.holder_reaches(holder, Holder::Internet), "{name}: {}", after.label(holder));
        }
        for service in &works.services {
            for holder in places(&service.placement) {
                for need in &service.needs {
                    let is_met = after.is_met(&after.vertices(holder), &need.need);
                    assert!(is_met, "{name}: {} needs {}", service.label, need_text(&works, &need.need));
                }
                for &at in &service.used_from {
                    let vantage = &works.vantages[at as usize];
                    let is_reached = after.is_met(&vantage.at, &Need::Holder(holder));
                    assert!(is_reached, "{name}: {} from {}", service.label, vantage.label);
                    assert!(service.clients_need.iter().all(|need| after.is_met(&vantage.at, &need.need)));
                }
            }
        }
    }
}

#[test]
fn starter() {
    let works = real("starter");
    for (gone, from, to, reaches) in [
        ([].as_slice(), "node-1", "Internet", true),
        (&["switch-1"], "node-1", "node-2", false),
        (&["router-1"], "node-1", "Internet", true),
        (&["router-1", "router-2"], "node-1", "Internet", false),
        (&["router-1", "router-2"], "node-1", "nas-1", true),
        (&["cable/copper modem-1:lan-1"], "node-1", "Internet", true),
        (&["cable/copper modem-1:lan-1", "cable/copper modem-1:lan-2"], "node-1", "Internet", false),
        (&["cable/copper modem-1:lan-1", "cable/copper switch-1:2"], "node-1", "Internet", false),
        (&["modem-1"], "node-1", "hub-1", true),
        (&["circuit/internet"], "node-1", "Internet", false),
    ] {
        assert_eq!(After::new(&works, gone).reach(from, to), reaches, "{from} to {to} without {gone:?}");
    }
    assert_eq!(used_from(&works, "photos"), ["users"]);
    assert_eq!(used_from(&works, "dns"), ["management", "users", "guests"]);
    assert_eq!(used_from(&works, "monitoring"), ["management", "users"]);
    assert_eq!(needs(&works, "files"), ["data files", "service dns", "service dns"]);
    let line = works.parts.iter().find(|part| part.name == "circuit/internet").expect("it ends somewhere");
    assert_eq!((line.per_year, line.hours_to_mend, line.figures_assumed), (Some(4.0), Some(2.0), false));
}

#[test]
fn infra_mk3() {
    let works = real("infra-mk3");
    for (gone, from, to, reaches) in [
        (["cable/node-breakouts switch-01:1/9"].as_slice(), "talos-k8s-mixed-01", "talos-k8s-mixed-02", true),
        (&["router-01"], "talos-k8s-mixed-01", "Internet", true),
        (&["router-01", "router-02"], "talos-k8s-mixed-01", "Internet", false),
        (&["cable/server-uplink switch-01:1/2"], "talos-k8s-mixed-01", "Internet", false),
        (&["device/r730xd-01 pcie-3"], "talos-k8s-mixed-01", "Internet", false),
        (&["router-01", "router-02"], "talos-k8s-mixed-01", "talos-k8s-mixed-02", true),
        (&["cable/access-uplink switch-01:1/4"], "ap-01", "Internet", false),
        (&["circuit/wan"], "ubuntu-storage-host-01", "Internet", false),
    ] {
        assert_eq!(After::new(&works, gone).reach(from, to), reaches, "{from} to {to} without {gone:?}");
    }
    let vantages: Vec<&str> = works.vantages.iter().map(|vantage| &*vantage.label).collect();
    assert_eq!(vantages, ["mgmt", "users", "guests", "outside"]);
    assert_eq!(
        used_from(&works, "unbound"),
        ["users"],
        "guests ask others, and management only for time and addresses"
    );
    assert_eq!(used_from(&works, "dhcp"), ["mgmt", "users", "guests"]);
}

#[test]
fn a_mesh_without_a_switch_does_not_forward() {
    let works = real("home-ops");
    let mesh = works.segments.iter().position(|segment| segment.label == "10.10.10.0/28").expect("the mesh");
    let at = |label: &str| {
        let index = works
            .vertices
            .iter()
            .position(|vertex| vertex.segment.index() == mesh && vertex.label.starts_with(label));
        VertexId(index.expect("it is in the mesh") as u32)
    };
    let within = |gone: &[&'static str], from: &str, to: &str| {
        After::new(&works, gone).within(at(from)).contains(&at(to))
    };
    for (from, to) in
        [("pxmx1", "pxmx2"), ("talos-m01", "pxmx3"), ("talos-m01", "talos-m02"), ("talos-m01", "pxmx1")]
    {
        assert!(within(&[], from, to), "{from} to {to}");
        assert!(within(&["cable/mesh pxmx2:10g-1"], from, to), "{from} to {to} over a cable of their own");
    }
    assert!(!within(&["cable/mesh pxmx1:10g-1"], "pxmx1", "pxmx2"), "not by way of pxmx3");
    assert!(!within(&["cable/mesh pxmx1:10g-1"], "talos-m01", "talos-m02"));
    assert!(After::new(&works, &["usw-flex"]).reach("pxmx1", "talos-m02"), "over the mesh alone");
    assert!(!After::new(&works, &["usw-flex", "cable/mesh pxmx1:10g-1"]).reach("pxmx1", "talos-m02"));
}
