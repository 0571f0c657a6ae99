//! A small lab from a seed: written down as a description, and read plainly for one state at a time, by the names of things alone.

use crate::generate::Numbers;
use std::collections::BTreeSet;
use std::fmt::Write;

/// What a plug is in.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Feeder {
    Circuit(usize),
    Ups,
    Pdu,
}

/// A network that hosts have a foot in.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Net {
    Front,
    Back,
}

#[derive(Debug)]
struct Server {
    plugs: Vec<Feeder>,
    /// The switch of the front network.
    switch: usize,
    has_os_drive: bool,
    n_drives: usize,
    /// True when it has a virtual machine.
    has_vm: bool,
}

#[derive(Clone, Debug)]
enum Need {
    Pool,
    Ceph,
    Etcd,
    Service(usize),
}

#[derive(Clone, Copy, PartialEq, Debug)]
enum Runs {
    Hosts,
    Deployment,
    StatefulSet,
    DaemonSet,
}

#[derive(Debug)]
struct Service {
    runs: Runs,
    /// On hosts: which ones.
    on: Vec<usize>,
    replicas: usize,
    needed: usize,
    needs: Vec<Need>,
}

/// The ZFS pool of the first server.
#[derive(Clone, Copy, Debug)]
struct Pool {
    layout: &'static str,
    tolerates: usize,
}

#[derive(Debug)]
struct Ceph {
    size: usize,
    min_size: usize,
    network: Option<Net>,
    replication: Option<Net>,
}

/// The lab.
#[derive(Debug)]
pub(crate) struct Village {
    pub(crate) numbers: Numbers,
    n_circuits: usize,
    ups: Option<usize>,
    pdu: Option<Feeder>,
    switches: Vec<Vec<Feeder>>,
    /// Cables between switches of the front network.
    trunks: Vec<(usize, usize)>,
    has_back: bool,
    servers: Vec<Server>,
    pool: Option<Pool>,
    ceph: Option<Ceph>,
    services: Vec<Service>,
}

/// What has failed, by name.
type Failed<'a> = BTreeSet<&'a str>;

impl Village {
    /// The same seed gives the same lab.
    pub(crate) fn new(seed: u64) -> Self {
        let mut numbers = Numbers::new(seed.wrapping_add(77));
        let n_circuits = 1 + numbers.below(2);
        let mut village = Self {
            ups: (numbers.below(2) == 0).then(|| numbers.below(n_circuits)),
            n_circuits,
            numbers,
            pdu: None,
            switches: Vec::new(),
            trunks: Vec::new(),
            has_back: false,
            servers: Vec::new(),
            pool: None,
            ceph: None,
            services: Vec::new(),
        };
        if village.one_in(2) {
            village.pdu = Some(village.feeder());
        }
        village.build();
        village
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.numbers.below(n) == 0
    }

    fn feeder(&mut self) -> Feeder {
        match self.numbers.below(3) {
            0 if self.ups.is_some() => Feeder::Ups,
            1 if self.pdu.is_some() => Feeder::Pdu,
            _ => Feeder::Circuit(self.numbers.below(self.n_circuits)),
        }
    }

    fn plugs(&mut self) -> Vec<Feeder> {
        (0..[0, 1, 1, 2][self.numbers.below(4)]).map(|_| self.feeder()).collect()
    }

    fn build(&mut self) {
        for at in 0..1 + self.numbers.below(3) {
            let plugs = self.plugs();
            self.switches.push(plugs);
            if at > 0 {
                let other = self.numbers.below(at);
                self.trunks.push((other, at));
            }
        }
        if self.switches.len() == 3 && self.one_in(2) {
            let first = self.trunks[1].0;
            self.trunks.push((1 - first, 2));
        }
        self.has_back = self.one_in(2);
        for _ in 0..2 + self.numbers.below(3) {
            let server = Server {
                plugs: self.plugs(),
                switch: self.numbers.below(self.switches.len()),
                has_os_drive: self.one_in(2),
                n_drives: 0,
                has_vm: self.one_in(4),
            };
            self.servers.push(server);
        }
        if self.one_in(2) {
            let (layout, n, tolerates) =
                [("mirror", 2, 1), ("raidz1", 3, 1), ("raidz2", 4, 2), ("stripe", 2, 0)]
                    [self.numbers.below(4)];
            self.servers[0].n_drives = n;
            self.pool = Some(Pool { layout, tolerates });
        }
        if self.servers.len() > 2 && self.one_in(2) {
            let nets = [None, Some(Net::Front), Some(Net::Back)];
            let size = 2 + self.numbers.below(2);
            self.ceph = Some(Ceph {
                size,
                min_size: size - self.numbers.below(2),
                network: if self.has_back { nets[self.numbers.below(3)] } else { None },
                replication: if self.has_back { nets[self.numbers.below(3)] } else { None },
            });
        }
        for at in 0..1 + self.numbers.below(4) {
            let service = self.service(at);
            self.services.push(service);
        }
    }

    fn service(&mut self, at: usize) -> Service {
        let n = self.servers.len();
        let runs = [Runs::Hosts, Runs::Deployment, Runs::StatefulSet, Runs::DaemonSet][self.numbers.below(4)];
        let mut on: Vec<usize> = (0..n).collect();
        on.swap_remove(self.numbers.below(n));
        on.truncate(1 + self.numbers.below(2));
        on.sort_unstable();
        let replicas = match runs {
            Runs::Hosts => on.len(),
            Runs::DaemonSet => n,
            _ => 1 + self.numbers.below(n),
        };
        let needed = 1 + self.numbers.below(replicas.min(2));
        let mut needs = Vec::new();
        for _ in 0..self.numbers.below(3) {
            needs.extend(match self.numbers.below(4) {
                0 if self.pool.is_some() => Some(Need::Pool),
                1 if self.ceph.is_some() => Some(Need::Ceph),
                2 if at > 0 => Some(Need::Service(self.numbers.below(at))),
                3 => Some(Need::Etcd),
                _ => None,
            });
        }
        Service { runs, on, replicas, needed, needs }
    }
}

/// As text.
impl Village {
    /// The description.
    pub(crate) fn text(&self) -> String {
        let mut text = "lab: { name: village, voltage: 230 V }\n".to_owned();
        text.push_str("drive-types: { own/disk: { kind: hdd } }\npower:\n  grid: { kind: utility }\n");
        (0..self.n_circuits).for_each(|at| line(&mut text, &format!("  c{at}: {{ from: grid }}")));
        self.devices(&mut text);
        self.cables(&mut text);
        self.networks(&mut text);
        self.machines(&mut text);
        self.storage(&mut text);
        line(&mut text, "services:");
        for (at, service) in self.services.iter().enumerate() {
            line(&mut text, &format!("  w{at}: {{ {} }}", Self::service_text(service)));
        }
        text
    }

    fn inlets(plugs: &[Feeder]) -> String {
        let plug = |(at, feeder): (usize, &Feeder)| format!("psu-{}: {}", at + 1, name(*feeder));
        let plugs: Vec<String> = plugs.iter().enumerate().map(plug).collect();
        if plugs.is_empty() { String::new() } else { format!(", inlets: {{ {} }}", plugs.join(", ")) }
    }

    fn devices(&self, text: &mut String) {
        line(text, "devices:");
        if let Some(circuit) = self.ups {
            let inlet = format!("inlets: {{ in: c{circuit} }}");
            line(text, &format!("  ups: {{ role: ups, {inlet}, battery: {{ capacity: 100 Wh }} }}"));
        }
        if let Some(feeder) = self.pdu {
            line(text, &format!("  pdu: {{ role: pdu, inlets: {{ in: {} }} }}", name(feeder)));
        }
        for (at, plugs) in self.switches.iter().enumerate() {
            let ports = "interfaces: { 'p1..12': 1000base-t }";
            line(text, &format!("  s{at}: {{ role: switch, {ports}{} }}", Self::inlets(plugs)));
        }
        if self.has_back {
            line(text, "  sb: { role: switch, interfaces: { 'p1..8': 1000base-t } }");
        }
        for (at, server) in self.servers.iter().enumerate() {
            let mut drives = Vec::new();
            if server.has_os_drive {
                drives.push("os: { model: own/disk, holds: os }".to_owned());
            }
            drives.extend((1..=server.n_drives).map(|drive| format!("d{drive}: own/disk")));
            if self.ceph.is_some() {
                drives.push("osd: { model: own/disk, holds: ceph-osd }".to_owned());
            }
            let back = if self.has_back { ", eth1: 1000base-t" } else { "" };
            line(
                text,
                &format!(
                    "  n{at}: {{ role: server, interfaces: {{ eth0: 1000base-t{back} }}, drives: {{ {} }}{} }}",
                    drives.join(", "),
                    Self::inlets(&server.plugs)
                ),
            );
        }
    }

    fn cables(&self, text: &mut String) {
        line(text, "cables:");
        for (at, (one, other)) in self.trunks.iter().enumerate() {
            let (near, far) = (at + 1, at + 4);
            line(
                text,
                &format!("  t{at}: {{ kind: cat6, between: {{ 's{one}:p{near}': 's{other}:p{far}' }} }}"),
            );
        }
        for (at, server) in self.servers.iter().enumerate() {
            let (switch, port) = (server.switch, at + 8);
            line(
                text,
                &format!("  k{at}: {{ kind: cat6, between: {{ 's{switch}:p{port}': 'n{at}:eth0' }} }}"),
            );
            if self.has_back {
                let port = at + 1;
                line(text, &format!("  b{at}: {{ kind: cat6, between: {{ 'sb:p{port}': 'n{at}:eth1' }} }}"));
            }
        }
    }

    fn networks(&self, text: &mut String) {
        if self.has_back {
            line(text, "vlans: { front: { id: 10 }, back: { id: 20 } }");
            line(text, "prefixes: { 10.0.1.0/24: { vlan: front }, 10.0.2.0/24: { vlan: back } }");
        }
    }

    fn machines(&self, text: &mut String) {
        line(text, "hosts:");
        for at in 0..self.servers.len() {
            let own = at + 1;
            let addresses = if self.has_back {
                format!(", addresses: {{ eth0: 10.0.1.{own}/24, eth1: 10.0.2.{own}/24 }}")
            } else {
                String::new()
            };
            line(text, &format!("  h{at}: {{ on: n{at}{addresses} }}"));
        }
        if self.servers.iter().any(|server| server.has_vm) {
            line(text, "vms:");
            let with_vm = (0..).zip(&self.servers).filter(|(_, server)| server.has_vm);
            with_vm.for_each(|(at, _): (usize, _)| line(text, &format!("  v{at}: {{ on: h{at} }}")));
        }
    }

    fn storage(&self, text: &mut String) {
        let last = self.servers.len() - 1;
        line(text, "clusters:");
        line(text, &format!("  k8s: {{ kind: kubernetes, members: h0..{last}, members-work: true }}"));
        line(text, &format!("  kv: {{ kind: etcd, members: h0..{last} }}"));
        if let Some(ceph) = &self.ceph {
            let key = |key: &str, net: Option<Net>| {
                net.map_or_else(String::new, |net| format!(", {key}: {}", prefix(net)))
            };
            line(
                text,
                &format!(
                    "  ceph: {{ kind: ceph, members: h0..{last}, osds: n0..{last}/osd{}{} }}",
                    key("network", ceph.network),
                    key("replication-network", ceph.replication)
                ),
            );
        }
        if self.pool.is_some() || self.ceph.is_some() {
            line(text, "pools:");
        }
        if let Some(pool) = self.pool {
            let n = self.servers[0].n_drives;
            line(text, &format!("  tank: {{ kind: zfs, on: h0, vdevs: [{{ {}: d1..{n} }}] }}", pool.layout));
        }
        if let Some(Ceph { size, min_size, .. }) = self.ceph {
            let sizes = format!("size: {size}, min-size: {min_size}");
            line(text, &format!("  rbd: {{ kind: ceph-replicated, cluster: ceph, {sizes} }}"));
        }
    }

    fn service_text(service: &Service) -> String {
        let on = match service.runs {
            Runs::Hosts => {
                let hosts: Vec<String> = service.on.iter().map(|at| format!("host/h{at}")).collect();
                format!("on: [{}]", hosts.join(", "))
            }
            Runs::Deployment => format!("on: cluster/k8s, replicas: {}", service.replicas),
            Runs::StatefulSet => {
                format!("on: cluster/k8s, workload: stateful-set, replicas: {}", service.replicas)
            }
            Runs::DaemonSet => "on: cluster/k8s, workload: daemon-set".to_owned(),
        };
        let needs: BTreeSet<String> = service
            .needs
            .iter()
            .map(|need| match need {
                Need::Pool => "pool/tank".to_owned(),
                Need::Ceph => "pool/rbd".to_owned(),
                Need::Etcd => "cluster/kv".to_owned(),
                Need::Service(at) => format!("service/w{at}"),
            })
            .collect();
        let needs = needs.into_iter().collect::<Vec<_>>().join(", ");
        format!("{on}, quorum: {}, needs: [{needs}], for: lab", service.needed)
    }
}

fn line(text: &mut String, line: &str) {
    writeln!(text, "{line}").expect("a string takes all");
}

fn name(feeder: Feeder) -> String {
    match feeder {
        Feeder::Circuit(at) => format!("c{at}"),
        Feeder::Ups => "ups".to_owned(),
        Feeder::Pdu => "pdu".to_owned(),
    }
}

fn prefix(net: Net) -> &'static str {
    match net {
        Net::Front => "10.0.1.0/24",
        Net::Back => "10.0.2.0/24",
    }
}

/// As it is once some things have failed.
impl Village {
    /// Whether something is there: a device has power, a host runs, a pool serves, a cluster decides, a service works.
    pub(crate) fn is_there(&self, label: &str, failed: &Failed<'_>) -> bool {
        let at = || label[1..].parse::<usize>().expect("a number follows the letter");
        match label {
            "ups" => self.ups_is_up(failed),
            "pdu" => self.pdu_is_up(failed, false),
            "sb" => !failed.contains("device/sb"),
            "k8s" | "kv" => self.decides(failed, None),
            "ceph" => self.decides(failed, self.ceph_net()),
            "tank" => self.tank_serves(failed),
            "rbd" => self.rbd_serves(failed),
            _ if label.starts_with('s') => self.is_up(label, &self.switches[at()], failed),
            _ if label.starts_with('n') => self.is_up(label, &self.servers[at()].plugs, failed),
            _ if label.starts_with('h') => self.runs(at(), failed),
            _ if label.starts_with('v') => {
                self.runs(at(), failed) && !failed.contains(&*format!("vm/{label}"))
            }
            _ => self.works(at(), failed),
        }
    }

    /// Whether what a pool holds is gone.
    pub(crate) fn is_lost(&self, label: &str, failed: &Failed<'_>) -> bool {
        match label {
            "tank" => {
                let pool = self.pool.expect("it is asked for");
                let is_dead = |drive: &usize| failed.contains(&*format!("device/n0 d{drive}"));
                (1..=self.servers[0].n_drives).filter(is_dead).count() > pool.tolerates
            }
            _ => self.ceph.as_ref().is_some_and(|ceph| {
                let is_dead = |at: &usize| failed.contains(&*format!("device/n{at} osd"));
                (0..self.servers.len()).filter(is_dead).count() >= ceph.size
            }),
        }
    }

    fn circuit_is_on(&self, at: usize, failed: &Failed<'_>, long: bool) -> bool {
        let grid = failed.contains("power/grid long") || !long && failed.contains("power/grid briefly");
        !grid && !failed.contains(&*format!("power/c{at}"))
    }

    fn ups_is_up(&self, failed: &Failed<'_>) -> bool {
        let circuit = self.ups.expect("it is asked for");
        ["device/ups", "device/ups in"].iter().all(|part| !failed.contains(part))
            && self.circuit_is_on(circuit, failed, true)
    }

    fn pdu_is_up(&self, failed: &Failed<'_>, long: bool) -> bool {
        let feeder = self.pdu.expect("it is asked for");
        ["device/pdu", "device/pdu in"].iter().all(|part| !failed.contains(part))
            && self.feeds(feeder, failed, long)
    }

    fn feeds(&self, feeder: Feeder, failed: &Failed<'_>, long: bool) -> bool {
        match feeder {
            Feeder::Circuit(at) => self.circuit_is_on(at, failed, long),
            Feeder::Ups => self.ups_is_up(failed),
            Feeder::Pdu => self.pdu_is_up(failed, long),
        }
    }

    fn is_up(&self, device: &str, plugs: &[Feeder], failed: &Failed<'_>) -> bool {
        let is_fed = |(at, feeder): (usize, &Feeder)| {
            let psu = format!("device/{device} psu-{}", at + 1);
            !failed.contains(&*psu) && self.feeds(*feeder, failed, false)
        };
        !failed.contains(&*format!("device/{device}"))
            && (plugs.is_empty() || plugs.iter().enumerate().any(is_fed))
    }

    fn runs(&self, at: usize, failed: &Failed<'_>) -> bool {
        self.is_there(&format!("n{at}"), failed)
            && !failed.contains(&*format!("host/h{at}"))
            && !(self.servers[at].has_os_drive && failed.contains(&*format!("device/n{at} os")))
    }

    /// Whether two hosts that run reach each other in a network.
    fn joined(&self, one: usize, other: usize, net: Net, failed: &Failed<'_>) -> bool {
        if one == other {
            return true;
        }
        if net == Net::Back {
            let plugged = |at: usize| !failed.contains(&*format!("cable/b{at} sb:p{}", at + 1));
            return self.has_back && !failed.contains("device/sb") && plugged(one) && plugged(other);
        }
        let plugged = |at: usize| {
            let switch = self.servers[at].switch;
            !failed.contains(&*format!("cable/k{at} s{switch}:p{}", at + 8))
        };
        let is_on = |switch: usize| self.is_there(&format!("s{switch}"), failed);
        let mut reached = BTreeSet::from([self.servers[one].switch]);
        for _ in &self.switches {
            for (at, &(a, b)) in self.trunks.iter().enumerate() {
                let is_whole = !failed.contains(&*format!("cable/t{at} s{a}:p{}", at + 1));
                if is_whole && is_on(a) && is_on(b) && (reached.contains(&a) || reached.contains(&b)) {
                    reached.extend([a, b]);
                }
            }
        }
        let target = self.servers[other].switch;
        plugged(one)
            && plugged(other)
            && is_on(self.servers[one].switch)
            && is_on(target)
            && reached.contains(&target)
    }

    /// Whether one host that runs reaches another that runs, in one network or in any.
    fn reaches(&self, one: usize, other: usize, only: Option<Net>, failed: &Failed<'_>) -> bool {
        let nets = [Net::Front, Net::Back].into_iter().filter(|net| only.is_none_or(|only| only == *net));
        self.runs(one, failed)
            && self.runs(other, failed)
            && nets.into_iter().any(|net| self.joined(one, other, net, failed))
    }

    fn hosts(&self) -> std::ops::Range<usize> {
        0..self.servers.len()
    }

    /// Whether a member reaches more than half.
    fn has_vote(&self, at: usize, among: Option<Net>, failed: &Failed<'_>) -> bool {
        let reached = self.hosts().filter(|other| self.reaches(at, *other, among, failed)).count();
        self.runs(at, failed) && reached > self.servers.len() / 2
    }

    fn decides(&self, failed: &Failed<'_>, among: Option<Net>) -> bool {
        self.hosts().any(|at| self.has_vote(at, among, failed))
    }

    fn asks(&self, from: usize, among: Option<Net>, only: Option<Net>, failed: &Failed<'_>) -> bool {
        self.hosts().any(|at| self.has_vote(at, among, failed) && self.reaches(from, at, only, failed))
    }

    fn ceph_net(&self) -> Option<Net> {
        self.ceph.as_ref().and_then(|ceph| ceph.network)
    }

    fn tank_serves(&self, failed: &Failed<'_>) -> bool {
        self.runs(0, failed) && !self.is_lost("tank", failed)
    }

    fn rbd_serves(&self, failed: &Failed<'_>) -> bool {
        let ceph = self.ceph.as_ref().expect("it is asked for");
        let is_in = |at: usize| {
            !failed.contains(&*format!("device/n{at} osd"))
                && self.asks(at, ceph.network, ceph.network, failed)
        };
        let others_see = |from: usize, at: usize| match ceph.replication {
            Some(net) if Some(net) != ceph.network => self.reaches(from, at, Some(net), failed),
            _ => true,
        };
        let enough = |from: usize| {
            let n = self.hosts().filter(|at| is_in(*at) && others_see(from, *at)).count();
            self.servers.len() - n <= ceph.size - ceph.min_size
        };
        !self.is_lost("rbd", failed) && self.decides(failed, ceph.network) && self.hosts().any(enough)
    }

    fn met(&self, from: usize, need: &Need, failed: &Failed<'_>) -> bool {
        match need {
            Need::Pool => self.tank_serves(failed) && self.reaches(from, 0, None, failed),
            Need::Ceph => {
                let net = self.ceph_net();
                self.rbd_serves(failed) && self.asks(from, net, net, failed)
            }
            Need::Etcd => self.asks(from, None, None, failed),
            Need::Service(at) => {
                let is_good =
                    |place: usize| self.goes(*at, place, failed) && self.reaches(from, place, None, failed);
                self.n_running(*at, &is_good, failed) > 0
                    && (self.services[*at].needed == 1 || self.works(*at, failed))
            }
        }
    }

    /// Whether an instance would work on a host.
    fn goes(&self, service: usize, at: usize, failed: &Failed<'_>) -> bool {
        self.runs(at, failed) && self.services[service].needs.iter().all(|need| self.met(at, need, failed))
    }

    /// How many instances are where it is good, when those that nobody moves were where it is not.
    fn n_running(&self, service: usize, is_good: &dyn Fn(usize) -> bool, failed: &Failed<'_>) -> usize {
        let row = &self.services[service];
        let n_good = self.hosts().filter(|at| is_good(*at)).count();
        match row.runs {
            Runs::Hosts => row.on.iter().filter(|at| is_good(**at)).count(),
            Runs::DaemonSet => n_good,
            Runs::Deployment if self.decides(failed, None) => {
                let n_stranded = self.hosts().filter(|at| self.strands(service, *at, failed)).count();
                row.replicas.saturating_sub(n_stranded).min(n_good)
            }
            Runs::Deployment | Runs::StatefulSet => row.replicas.saturating_sub(self.servers.len() - n_good),
        }
    }

    /// Whether a cable of a host that has two took away what a pod needs there, and left the host to its cluster.
    fn strands(&self, service: usize, at: usize, failed: &Failed<'_>) -> bool {
        let front = format!("cable/k{at} s{}:p{}", self.servers[at].switch, at + 8);
        let back = format!("cable/b{at} sb:p{}", at + 1);
        let spoils = |cable: &str| {
            let alone = BTreeSet::from([cable]);
            let is_heard = |host: usize| self.has_vote(host, None, &alone);
            self.goes(service, at, &BTreeSet::new())
                && !self.goes(service, at, &alone)
                && is_heard(at)
                && self.hosts().any(|other| is_heard(other) && self.goes(service, other, &alone))
        };
        [front, back].iter().any(|cable| failed.contains(&**cable) && spoils(cable))
    }

    fn works(&self, service: usize, failed: &Failed<'_>) -> bool {
        let is_good = |at: usize| self.goes(service, at, failed);
        self.n_running(service, &is_good, failed) >= self.services[service].needed
    }
}
