//! Asking the network of a box from inside its nodes: does this node reach that address and port now, and for how long did it not.
//!
//! [`ask`] asks once. [`Watch`] asks the same again and again while something happens and returns every sample with its time, so that
//! seconds of loss can be counted. Questions from all nodes run at once, each node in a thread of its own.

mod attempt;
mod doors;
mod spoken;
mod watch;

pub use doors::{Door, Doors};
pub use spoken::Language;
pub use watch::{Sample, Trace, Watch};

use crate::interrupt::Interrupt;
use crate::net::{Namespace, NetError};
use attempt::Attempt;
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

/// How long one question waits for its answer where nothing else is said.
pub const ANSWER: Duration = Duration::from_secs(1);
/// Questions of one node that are open at once.
const AT_ONCE: usize = 64;

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Question {
    /// Does a TCP connection open?
    Tcp {
        /// Address and port.
        to: SocketAddr,
    },
    /// Does something answer one UDP packet? The box's own listeners do.
    Udp {
        /// Address and port.
        to: SocketAddr,
    },
    /// Is an ICMP echo answered?
    Ping {
        /// The address.
        to: IpAddr,
    },
    /// Has a name an address?
    Name {
        /// The name server.
        server: IpAddr,
        /// The name, without a dot at its end.
        name: String,
    },
    /// Does a service speak its protocol, and work?
    Spoken {
        /// Address and port, by TCP.
        to: SocketAddr,
        /// The protocol.
        language: Language,
    },
    /// Is a file of an NFS server written and read again?
    Share {
        /// Address and port, by TCP.
        to: SocketAddr,
        /// The export, without a slash.
        export: String,
    },
}

/// A question from a node.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Probe {
    /// The node that asks, by its name.
    pub from: String,
    /// What it asks.
    pub question: Question,
}

/// What came of a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Whether the answer was yes.
    pub ok: bool,
    /// What was said: the addresses of a name.
    pub said: Option<String>,
    /// How long it took, answered or not.
    pub took: Duration,
}

impl Answer {
    fn none() -> Answer {
        Answer { ok: false, said: None, took: Duration::ZERO }
    }
}

/// Asks everything once, all nodes at the same time. Answers stand in the order of the questions. A node that is not there gets no
/// answer; one that is off neither.
///
/// # Errors
/// A namespace that is there cannot be entered.
pub fn ask(id: &str, probes: &[Probe], patience: Duration) -> Result<Vec<Answer>, NetError> {
    let mut answers = vec![Answer::none(); probes.len()];
    let asked: Vec<Result<Vec<(usize, Answer)>, NetError>> = std::thread::scope(|scope| {
        let running: Vec<_> = by_node(probes)
            .into_iter()
            .map(|(node, indexes)| (Namespace::of_machine(id, node), indexes))
            .filter(|(namespace, _)| namespace.exists())
            .map(|(namespace, indexes)| {
                scope.spawn(move || namespace.enter(|| ask_here(probes, &indexes, patience)))
            })
            .collect();
        running
            .into_iter()
            .map(|run| run.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    });
    for found in asked {
        for (index, answer) in found? {
            answers[index] = answer;
        }
    }
    Ok(answers)
}

/// Asks once, from the network that this process is in.
pub fn ask_from_here(question: &Question, patience: Duration) -> Answer {
    let probe = Probe { from: String::new(), question: question.clone() };
    let answer = ask_here(std::slice::from_ref(&probe), &[0], patience).pop();
    answer.map_or_else(Answer::none, |(_, answer)| answer)
}

/// Asks until every answer is yes, or patience is over. Which are.
pub(crate) fn ask_until(id: &str, probes: &[Probe], patience: Duration, interrupt: &Interrupt) -> Vec<bool> {
    let mut good = vec![false; probes.len()];
    let until = Instant::now() + patience;
    loop {
        let open: Vec<usize> = (0..probes.len()).filter(|&index| !good[index]).collect();
        let asked: Vec<Probe> = open.iter().map(|&index| probes[index].clone()).collect();
        let answers = ask(id, &asked, ANSWER).unwrap_or_default();
        for (index, answer) in open.iter().zip(answers) {
            good[*index] = answer.ok;
        }
        if good.iter().all(|good| *good) || interrupt.is_set() || Instant::now() > until {
            return good;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn by_node(probes: &[Probe]) -> BTreeMap<&str, Vec<usize>> {
    let mut nodes: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, probe) in probes.iter().enumerate() {
        nodes.entry(&probe.from).or_default().push(index);
    }
    nodes
}

/// Asks from the namespace that this thread is in.
fn ask_here(probes: &[Probe], indexes: &[usize], patience: Duration) -> Vec<(usize, Answer)> {
    let mut waiting = indexes.iter().copied();
    let mut open: Vec<(usize, Instant, Attempt)> = Vec::new();
    let mut done = Vec::new();
    loop {
        while open.len() < AT_ONCE {
            let Some(index) = waiting.next() else { break };
            match Attempt::begin(&probes[index].question) {
                Ok(attempt) => open.push((index, Instant::now(), attempt)),
                // No route, for one: that is an answer.
                Err(_) => done.push((index, Answer::none())),
            }
        }
        if open.is_empty() {
            return done;
        }
        attempt::await_any(open.iter().map(|(_, _, attempt)| attempt), Duration::from_millis(50));
        open.retain_mut(|(index, begin, attempt)| {
            let took = begin.elapsed();
            let outcome = attempt.look().or((took > patience).then_some(None));
            if let Some(said) = outcome {
                let ok = said.is_some();
                done.push((*index, Answer { ok, said: said.filter(|said| !said.is_empty()), took }));
                return false;
            }
            true
        });
    }
}
