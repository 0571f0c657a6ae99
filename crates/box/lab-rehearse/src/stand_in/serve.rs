//! The stand-in of one machine: listens, asks for what is needed, answers.
//!
//! A question carries who has already been asked on its way. Whoever is asked a second time says yes: two services that need each
//! other keep each other up, as they would.

use super::beside::{self, Beside, Pools};
use super::cluster::{Views, decide};
use super::duties::{Duties, Instance, Need, Transport};
use super::{CONNECT, PORT, ceph, converse, dns, read_line};
use std::collections::BTreeSet;
use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::Duration;

/// Who says nothing this long wants to know who is there.
const SILENCE: Duration = Duration::from_millis(400);
/// Nobody needs something that needs something this often.
const DEPTH_MAX: usize = 16;

/// What an instance says that the cluster has put on another machine.
const ELSEWHERE: &str = "does not run on";

/// How far a question goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// To the instance that is here, else to those that are elsewhere.
    All,
    /// To the instance that is here. What is passed on is not passed on again.
    Here,
    /// The same, whatever the other instances do.
    One,
}

/// One machine's stand-in.
pub(super) struct Machine {
    pub(super) duties: Duties,
    pub(super) views: Views,
    pools: Pools,
}

impl Machine {
    fn new(duties: Duties) -> Self {
        let views = Views::new(&duties);
        let pools = Pools::of(duties.instances.iter().flat_map(|instance| &instance.beside));
        Self { duties, views, pools }
    }
}

/// Does a machine's duties until the process is ended. `placement` is a file that says where instances and addresses begin, lines of
/// `NAME MACHINE,MACHINE`; it may change at any time.
///
/// # Errors
/// When not even the port of the stand-ins can be listened at.
pub fn serve(duties: Duties, placement: Option<PathBuf>) -> io::Result<()> {
    let main = TcpListener::bind((Ipv4Addr::UNSPECIFIED, PORT))?;
    let machine = Arc::new(Machine::new(duties));
    let taken = machine.duties.taken.iter();
    beside::divert(taken.filter(|(transport, _)| *transport == Transport::Tcp).map(|(_, port)| *port))?;
    let mut ports: BTreeSet<(Transport, u16)> = machine.duties.ports.iter().copied().collect();
    // Also while the program that has a port is only starting.
    ports.retain(|port| !machine.duties.taken.contains(port));
    for (transport, port) in ports {
        // A port that is taken is left to who has it: a real program.
        match transport {
            Transport::Tcp if port != PORT => {
                if let Ok(listener) = TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)) {
                    spawn(&machine, move |machine| accept(&machine, &listener));
                }
            }
            Transport::Udp => {
                if let Ok(socket) = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, port)) {
                    spawn(&machine, move |machine| names(&machine, &socket));
                }
            }
            Transport::Tcp => {}
        }
    }
    for pool in machine.duties.instances.iter().flat_map(|instance| instance.beside.clone()) {
        if let Beside::Pool { name, folder } = pool {
            spawn(&machine, move |machine| machine.pools.watch(&name, &folder));
        }
    }
    spawn(&machine, move |machine| decide(&machine, placement.as_deref()));
    accept(&machine, &main);
    Ok(())
}

fn spawn(machine: &Arc<Machine>, work: impl FnOnce(Arc<Machine>) + Send + 'static) {
    let machine = Arc::clone(machine);
    std::thread::spawn(move || work(machine));
}

fn accept(machine: &Arc<Machine>, listener: &TcpListener) {
    for stream in listener.incoming().flatten() {
        spawn(machine, move |machine| {
            // Whoever went away does not want the answer.
            drop(machine.answer(&stream));
        });
    }
}

/// Answers questions for names by datagrams.
fn names(machine: &Machine, socket: &UdpSocket) {
    let mut asked = [0; 1500];
    while let Ok((n, from)) = socket.recv_from(&mut asked) {
        if let Some(answer) = dns::answer(&machine.duties.names, &asked[..n]) {
            drop(socket.send_to(&answer, from));
        }
    }
}

impl Machine {
    fn answer(&self, mut stream: &TcpStream) -> io::Result<()> {
        stream.set_read_timeout(Some(SILENCE))?;
        stream.set_write_timeout(Some(CONNECT))?;
        let asked = read_line(stream).unwrap_or_default();
        let said = match asked.split(' ').collect::<Vec<_>>().as_slice() {
            ["ask", service, way] => self.service(service, &steps(way), Reach::All),
            ["here", service, way] => self.service(service, &steps(way), Reach::Here),
            ["one", service, way] => self.service(service, &steps(way), Reach::One),
            ["alive", cluster] => Ok(self.views.line(cluster)),
            ["hears", cluster] => Ok(self.views.heard(&self.duties.machine, cluster)),
            _ => Ok(format!("this is {}", self.duties.machine)),
        };
        let line = match said {
            Ok(line) => line,
            Err(why) => format!("no {why}"),
        };
        writeln!(stream, "{line}")
    }

    /// Whether a service works, as far as can be told from here: by the instance that is here, else by those that are elsewhere.
    fn service(&self, service: &str, way: &[&str], reach: Reach) -> Result<String, String> {
        let me = format!("{service}@{}", self.duties.machine);
        if way.contains(&me.as_str()) {
            return Ok(format!("ready {service} {}", self.duties.machine));
        }
        if way.len() >= DEPTH_MAX {
            return Err(format!("{service}: asked through too many"));
        }
        let way = [way, &[me.as_str()]].concat().join(",");
        let here = match self.duties.instances.iter().find(|instance| instance.service == service) {
            Some(instance) => self.instance(instance, &way, reach),
            None => Err(format!("{service}: not on {}", self.duties.machine)),
        };
        match (here, self.duties.fronts.iter().find(|front| front.service == service)) {
            // What comes back has asked the program there; there is none at this port.
            (Err(why), Some(front)) if reach == Reach::All => {
                first_ready("here", service, &front.to, &way).map_err(|_| why)
            }
            (here, _) => here,
        }
    }

    fn instance(&self, instance: &Instance, way: &str, reach: Reach) -> Result<String, String> {
        let service = &instance.service;
        if !self.views.runs(&self.duties.machine, instance) {
            return Err(format!("{service}: {ELSEWHERE} {}", self.duties.machine));
        }
        for ways in &instance.needs {
            let mut missing = String::new();
            let is_met = |need: &Need| is_met(need, way).map_err(|why| missing = why).is_ok();
            if !ways.iter().any(is_met) {
                return Err(format!("{service} on {} needs {missing}", self.duties.machine));
            }
        }
        if instance.needed > 1 && reach != Reach::One {
            let line = format!("one {service} {way}");
            let enough = instance.needed as usize - 1;
            let ready = answers(&instance.others, &line).filter(|said| said.starts_with("ready "));
            let working = 1 + ready.take(enough).count();
            if working < instance.needed as usize {
                return Err(format!("{service}: {working} of {} that it takes", instance.needed));
            }
        }
        for real in &instance.beside {
            if let Beside::Pool { name, .. } = real {
                self.pools.works(name)?;
            }
        }
        Ok(beside::told(format!("ready {service} {}", self.duties.machine), &instance.beside))
    }
}

fn steps(way: &str) -> Vec<&str> {
    way.split(',').filter(|step| *step != "-").collect()
}

fn is_met(need: &Need, way: &str) -> Result<(), String> {
    match need {
        Need::Service { service, at } => first_ready("ask", service, at, way).map(drop),
        Need::Names { name, at } => {
            let knows = |at: &IpAddr| dns::ask(*at, name, CONNECT).is_ok_and(|found| !found.is_empty());
            at.iter().any(knows).then_some(()).ok_or_else(|| format!("{name}: no name server knows it"))
        }
        Need::Open(at) => {
            TcpStream::connect_timeout(at, CONNECT).map(drop).map_err(|error| format!("{at}: {error}"))
        }
        Need::Quorum { cluster, at } => has_quorum(answers(at, &format!("alive {cluster}")), cluster),
        Need::Ceph { cluster, monitors, osds, spare, domains } => {
            // Both are asked before either is waited for.
            let decided = answers(monitors, &format!("alive {cluster}"));
            let said = answers(osds, &format!("hears {}", ceph::osds_of(cluster)));
            has_quorum(decided, cluster)?;
            ceph::served(said, domains, *spare).map_err(|why| format!("{cluster}: {why}"))
        }
    }
}

fn has_quorum(mut said: impl Iterator<Item = String>, cluster: &str) -> Result<(), String> {
    let decides = said.any(|said| said.ends_with(" quorum"));
    decides.then_some(()).ok_or_else(|| format!("{cluster}: nobody decides"))
}

/// The first answer that says that a service is ready. `verb` says how far the question goes.
pub(super) fn first_ready(verb: &str, service: &str, at: &[SocketAddr], way: &str) -> Result<String, String> {
    let mut why = format!("{service}: nobody answers");
    for said in answers(at, &format!("{verb} {service} {way}")) {
        if said.starts_with("ready ") {
            return Ok(said);
        }
        // What runs elsewhere says little about why it does not work.
        if let Some(reason) = said.strip_prefix("no ").filter(|reason| !reason.contains(ELSEWHERE)) {
            why = reason.to_owned();
        }
    }
    Err(why)
}

/// What all of these say, asked at the same time, as it comes in: whoever has heard enough need not wait for those that are silent.
pub(super) fn answers(at: &[SocketAddr], line: &str) -> impl Iterator<Item = String> + use<> {
    let (sender, said) = channel();
    for &at in at {
        let (sender, line) = (sender.clone(), line.to_owned());
        std::thread::spawn(move || {
            if let Ok(answer) = converse(at, &line) {
                // Nobody may be interested any more.
                drop(sender.send(beside::heard(at, answer)));
            }
        });
    }
    said.into_iter()
}

#[cfg(test)]
mod tests {
    use super::super::duties::{Front, Moves};
    use super::*;

    /// A machine whose instance needs what is not there, and which passes questions on to a place that passes them back.
    #[test]
    fn what_is_passed_on_is_not_taken_for_an_answer() {
        let nobody: SocketAddr = ([127, 0, 0, 1], 1).into();
        let instance = Instance {
            service: "photos".into(),
            needed: 1,
            others: Vec::new(),
            needs: vec![vec![Need::Open(nobody)]],
            beside: Vec::new(),
            moves: None,
        };
        let duties = Duties {
            machine: "node-1".into(),
            instances: vec![instance],
            fronts: vec![Front { service: "photos".into(), to: vec![nobody] }],
            ..Duties::default()
        };
        let machine = Machine::new(duties);
        let why = machine.service("photos", &[], Reach::All).unwrap_err();
        assert!(why.starts_with("photos on node-1 needs 127.0.0.1:1"), "{why}");
        // Two that need each other keep each other up.
        assert_eq!(machine.service("photos", &["photos@node-1"], Reach::All).unwrap(), "ready photos node-1");
        assert!(machine.service("files", &[], Reach::All).unwrap_err().contains("not on node-1"));
    }

    #[test]
    fn an_instance_runs_where_it_begins() {
        let instance = |order: &[&str]| Instance {
            service: "photos".into(),
            needed: 1,
            others: Vec::new(),
            needs: Vec::new(),
            beside: Vec::new(),
            moves: Some(Moves {
                by: None,
                replicas: 1,
                order: order.iter().map(|&name| name.into()).collect(),
            }),
        };
        let duties =
            |order| Duties { machine: "b".into(), instances: vec![instance(order)], ..Duties::default() };
        for (order, runs) in [(&["a", "b"][..], false), (&["b", "a"][..], true)] {
            let machine = Machine::new(duties(order));
            assert_eq!(machine.service("photos", &[], Reach::All).is_ok(), runs);
        }
    }
}
