//! What a machine's stand-in has to do, as values and as lines of text: words between spaces, a duty a line.

use super::Beside;
use std::fmt::Write;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

/// What one machine has to do.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Duties {
    /// Its name.
    pub machine: String,
    /// Ports that it listens at, beside [`super::PORT`].
    pub ports: Vec<(Transport, u16)>,
    /// Ports of real programs, which it leaves to them.
    pub taken: Vec<(Transport, u16)>,
    /// Services of which an instance is here, or may be.
    pub instances: Vec<Instance>,
    /// Services that are asked for here and are elsewhere: a proxy, a moving address.
    pub fronts: Vec<Front>,
    /// Clusters that the machine is in.
    pub clusters: Vec<Cluster>,
    /// Addresses that it may hold.
    pub addresses: Vec<MovingAddress>,
    /// Names that it knows, when it is a name server.
    pub names: Vec<(String, Vec<IpAddr>)>,
}

/// What carries a port.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Transport {
    /// TCP.
    Tcp,
    /// UDP. Only names are served over it.
    Udp,
}

impl Transport {
    fn word(self) -> &'static str {
        if self == Transport::Udp { "udp" } else { "tcp" }
    }

    fn of_word(word: &str) -> Option<Self> {
        [Transport::Tcp, Transport::Udp].into_iter().find(|transport| transport.word() == word)
    }
}

/// An instance of a service.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Instance {
    /// The service.
    pub service: String,
    /// How many instances must work for the service to do so.
    pub needed: u32,
    /// Where the other instances are.
    pub others: Vec<SocketAddr>,
    /// What it needs: all of these.
    pub needs: Vec<Vec<Need>>,
    /// What is real beside it.
    pub beside: Vec<Beside>,
    /// The cluster that starts it, when one does, with how many it starts at once and the machines in the order in which they are taken.
    pub moves: Option<Moves>,
}

/// How instances move.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Moves {
    /// The cluster; none: they stay on the first machines.
    pub by: Option<String>,
    /// How many run at once.
    pub replicas: u32,
    /// The machines, the first one first.
    pub order: Vec<String>,
}

/// One way in which a need is met.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Need {
    /// A working instance of a service answers at one of these.
    Service {
        /// The service.
        service: String,
        /// Where.
        at: Vec<SocketAddr>,
    },
    /// One of these name servers knows a name.
    Names {
        /// The name.
        name: String,
        /// Where they are.
        at: Vec<IpAddr>,
    },
    /// Somebody answers there.
    Open(SocketAddr),
    /// A member of a cluster that has quorum answers at one of these.
    Quorum {
        /// The cluster.
        cluster: String,
        /// Where.
        at: Vec<SocketAddr>,
    },
    /// A pool of a Ceph is served: its monitors have quorum, and its OSDs hear enough of each other.
    Ceph {
        /// The cluster.
        cluster: String,
        /// Where its monitors are.
        monitors: Vec<SocketAddr>,
        /// Where the machines of its OSDs are.
        osds: Vec<SocketAddr>,
        /// How many failure domains may be away: `size` less `min_size`.
        spare: u32,
        /// The machines of each failure domain.
        domains: Vec<Vec<String>>,
    },
}

/// A service that is asked for here and is elsewhere.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Front {
    /// The service.
    pub service: String,
    /// Where its instances are.
    pub to: Vec<SocketAddr>,
}

/// A cluster that a machine is in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cluster {
    /// Its name.
    pub name: String,
    /// Votes that decide.
    pub quorum: u32,
    /// Those who vote, once for each address.
    pub members: Vec<(String, IpAddr)>,
    /// Those who only work, likewise.
    pub workers: Vec<(String, IpAddr)>,
}

/// An address that several machines may hold.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MovingAddress {
    /// The address.
    pub address: IpAddr,
    /// The cluster among whose machines it moves.
    pub cluster: String,
    /// True when it moves only with the cluster's quorum.
    pub needs_quorum: bool,
    /// Who may hold it, the preferred one first.
    pub holders: Vec<String>,
}

/// Text that is no list of duties.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("line {line} is no duty: {text}")]
pub struct DutiesError {
    /// The line, from 1.
    pub line: usize,
    /// What stands there.
    pub text: String,
}

impl Duties {
    /// The duties as text.
    pub fn to_text(&self) -> String {
        let mut text = format!("machine {}\n", self.machine);
        let mut line = |words: String| writeln!(text, "{words}").expect("a string takes all");
        for (verb, ports) in [("listen", &self.ports), ("taken", &self.taken)] {
            for (transport, port) in ports {
                line(format!("{verb} {} {port}", transport.word()));
            }
        }
        for instance in &self.instances {
            line(format!("instance {} {} {}", instance.service, instance.needed, list(&instance.others)));
            for ways in &instance.needs {
                let ways: Vec<String> = ways.iter().map(Need::shown).collect();
                line(format!("need {} {}", instance.service, ways.join(" ")));
            }
            for beside in &instance.beside {
                line(format!("beside {} {}", instance.service, beside.to_words()));
            }
            if let Some(moves) = &instance.moves {
                let by = moves.by.as_deref().unwrap_or("-");
                line(format!("moves {} {by} {} {}", instance.service, moves.replicas, list(&moves.order)));
            }
        }
        self.fronts.iter().for_each(|front| line(format!("front {} {}", front.service, list(&front.to))));
        for cluster in &self.clusters {
            let shown = |all: &[(String, IpAddr)]| {
                list(&all.iter().map(|(name, at)| format!("{name}={at}")).collect::<Vec<_>>())
            };
            line(format!(
                "cluster {} {} {} {}",
                cluster.name,
                cluster.quorum,
                shown(&cluster.members),
                shown(&cluster.workers)
            ));
        }
        for moving in &self.addresses {
            let quorum = if moving.needs_quorum { "quorum" } else { "alone" };
            line(format!("address {} {} {quorum} {}", moving.address, moving.cluster, list(&moving.holders)));
        }
        self.names.iter().for_each(|(name, at)| line(format!("name {name} {}", list(at))));
        text
    }

    /// Reads what [`Self::to_text`] writes.
    ///
    /// # Errors
    /// The first line that is no duty.
    pub fn parse(text: &str) -> Result<Self, DutiesError> {
        let mut duties = Self::default();
        for (at, line) in text.lines().enumerate() {
            let words: Vec<&str> = line.split_whitespace().collect();
            duties.line(&words).ok_or_else(|| DutiesError { line: at + 1, text: line.to_owned() })?;
        }
        Ok(duties)
    }

    fn line(&mut self, words: &[&str]) -> Option<()> {
        match words {
            ["machine", name] => self.machine = (*name).to_owned(),
            ["listen", transport, port] => {
                self.ports.push((Transport::of_word(transport)?, port.parse().ok()?))
            }
            ["taken", transport, port] => {
                self.taken.push((Transport::of_word(transport)?, port.parse().ok()?))
            }
            ["instance", service, needed, others] => self.instances.push(Instance {
                service: (*service).to_owned(),
                needed: needed.parse().ok()?,
                others: parsed(others)?,
                needs: Vec::new(),
                beside: Vec::new(),
                moves: None,
            }),
            ["beside", service, words @ ..] => {
                let beside = Beside::parse(words)?;
                self.instance(service)?.beside.push(beside);
            }
            ["need", service, ways @ ..] => {
                let ways = ways.iter().map(|way| Need::parse(way)).collect::<Option<Vec<_>>>()?;
                self.instance(service)?.needs.push(ways);
            }
            ["moves", service, by, replicas, order] => {
                let by = (*by != "-").then(|| (*by).to_owned());
                let moves = Moves { by, replicas: replicas.parse().ok()?, order: parsed(order)? };
                self.instance(service)?.moves = Some(moves);
            }
            ["front", service, to] => {
                self.fronts.push(Front { service: (*service).to_owned(), to: parsed(to)? })
            }
            ["cluster", name, quorum, members, workers] => self.clusters.push(Cluster {
                name: (*name).to_owned(),
                quorum: quorum.parse().ok()?,
                members: addressed(members)?,
                workers: addressed(workers)?,
            }),
            ["address", address, cluster, quorum, holders] => self.addresses.push(MovingAddress {
                address: address.parse().ok()?,
                cluster: (*cluster).to_owned(),
                needs_quorum: *quorum == "quorum",
                holders: parsed(holders)?,
            }),
            ["name", name, at] => self.names.push(((*name).to_owned(), parsed(at)?)),
            [] => {}
            _ => return None,
        }
        Some(())
    }

    fn instance(&mut self, service: &str) -> Option<&mut Instance> {
        self.instances.iter_mut().find(|instance| instance.service == service)
    }
}

impl Need {
    fn shown(&self) -> String {
        match self {
            Need::Service { service, at } => format!("service/{service}/{}", list(at)),
            Need::Names { name, at } => format!("names/{name}/{}", list(at)),
            Need::Open(at) => format!("open/-/{at}"),
            Need::Quorum { cluster, at } => format!("quorum/{cluster}/{}", list(at)),
            Need::Ceph { cluster, monitors, osds, spare, domains } => {
                let domains: Vec<String> = domains.iter().map(|domain| domain.join("+")).collect();
                format!("ceph/{cluster}/{spare}/{}/{}/{}", list(monitors), list(osds), list(&domains))
            }
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let mut words = text.splitn(3, '/');
        let (kind, name, at) = (words.next()?, words.next()?.to_owned(), words.next()?);
        match kind {
            "service" => Some(Need::Service { service: name, at: parsed(at)? }),
            "names" => Some(Need::Names { name, at: parsed(at)? }),
            "open" => at.parse().ok().map(Need::Open),
            "quorum" => Some(Need::Quorum { cluster: name, at: parsed(at)? }),
            "ceph" => {
                let mut words = at.splitn(4, '/');
                let spare = words.next()?.parse().ok()?;
                let (monitors, osds) = (parsed(words.next()?)?, parsed(words.next()?)?);
                let domains: Vec<String> = parsed(words.next()?)?;
                let machines = |domain: &String| {
                    domain.split('+').filter(|name| !name.is_empty()).map(str::to_owned).collect()
                };
                let domains = domains.iter().map(machines).collect();
                Some(Need::Ceph { cluster: name, monitors, osds, spare, domains })
            }
            _ => None,
        }
    }
}

/// Words with commas between them; `-` for none.
fn list<T: ToString>(items: &[T]) -> String {
    if items.is_empty() {
        return "-".to_owned();
    }
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

fn parsed<T: FromStr>(text: &str) -> Option<Vec<T>> {
    if text == "-" {
        return Some(Vec::new());
    }
    text.split(',').map(|item| item.parse().ok()).collect()
}

fn addressed(text: &str) -> Option<Vec<(String, IpAddr)>> {
    let pairs: Vec<String> = parsed(text)?;
    pairs
        .iter()
        .map(|pair| {
            let (name, at) = pair.split_once('=')?;
            Some((name.to_owned(), at.parse().ok()?))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let at = |n: u16| SocketAddr::from(([10, 0, 0, 1], n));
        let duties = Duties {
            machine: "node-1".into(),
            ports: vec![(Transport::Tcp, 443), (Transport::Udp, 53)],
            taken: vec![(Transport::Tcp, 2049)],
            instances: vec![Instance {
                service: "photos".into(),
                needed: 2,
                others: vec![at(7)],
                needs: vec![
                    vec![
                        Need::Service { service: "dns".into(), at: vec![at(53), at(54)] },
                        Need::Open(at(2049)),
                    ],
                    vec![Need::Quorum { cluster: "k8s".into(), at: vec![] }],
                    vec![Need::Ceph {
                        cluster: "ceph".into(),
                        monitors: vec![at(7)],
                        osds: vec![],
                        spare: 1,
                        domains: vec![vec!["node-1".into(), "node-2".into()], vec!["node-3".into()]],
                    }],
                    vec![Need::Names { name: "home.test".into(), at: vec![[10, 0, 0, 1].into()] }],
                ],
                beside: vec![Beside::Pool { name: "tank".into(), folder: "/box/n/nas".into() }],
                moves: Some(Moves { by: None, replicas: 1, order: vec!["node-2".into(), "node-1".into()] }),
            }],
            fronts: vec![Front { service: "files".into(), to: vec![at(7)] }],
            clusters: vec![Cluster {
                name: "k8s".into(),
                quorum: 2,
                members: vec![("node-1".into(), [10, 0, 0, 1].into())],
                workers: vec![],
            }],
            addresses: vec![MovingAddress {
                address: [10, 0, 0, 200].into(),
                cluster: "k8s".into(),
                needs_quorum: true,
                holders: vec!["node-1".into()],
            }],
            names: vec![("*.home".into(), vec![[10, 0, 0, 200].into()])],
        };
        assert_eq!(Duties::parse(&duties.to_text()), Ok(duties));
        let error = Duties::parse("machine a\nlisten sctp 1\n").unwrap_err();
        assert_eq!(error.line, 2);
    }
}
