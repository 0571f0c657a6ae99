//! Who may reach whom, put to the test: every zone tries every class of addresses that the rules tell apart, on every port where they
//! change their mind, in a wired box that is up. What arrives must be exactly what the compiled rules say.
//!
//! - `trials.rs`: what is tried, from the lab and the plan of its box. Pure.
//! - `matrix.rs`: what came of it, as a document.
//!
//! Nothing is broken meanwhile, and no service is asked: listeners of the trial's own stand wherever a packet is sent to.

mod matrix;
#[cfg(test)]
mod tests;
mod trials;

pub use matrix::{Tally, matrix, tally};
pub use trials::{Trial, Trials, trials};

use lab_box::observe::{Door, Doors, Probe, Question, ask};
use lab_box::{NetError, Transport};
use std::collections::BTreeSet;
use std::net::IpAddr;
use std::time::Duration;

/// How long a packet that passes may take: a first one waits for the address of its next hop.
const PATIENCE: Duration = Duration::from_millis(1500);
/// Attempts at what must pass. One that passes against the rules is believed at once.
const ATTEMPTS: usize = 3;
/// Listeners that are open at once; more than a thousand files are not allowed everywhere.
const DOORS_AT_ONCE: usize = 400;

/// Tries everything in box `id`. Whether each trial got through, in their order; `None` where a program of the node has the port and
/// answers nobody it does not know.
///
/// # Errors
/// A namespace of the box cannot be entered.
pub fn try_all(id: &str, trials: &Trials) -> Result<Vec<Option<bool>>, NetError> {
    let mut seen = vec![None; trials.trials.len()];
    for round in rounds(trials) {
        let wanted: BTreeSet<&Door> = round.iter().flat_map(|&index| &trials.trials[index].doors).collect();
        let doors = Doors::open(id, &wanted.into_iter().cloned().collect::<Vec<_>>());
        let mut open: Vec<usize> = round
            .into_iter()
            .filter(|&index| !trials.trials[index].doors.iter().any(|door| is_mute(door, &doors)))
            .collect();
        for _ in 0..ATTEMPTS {
            let probes: Vec<Probe> = open.iter().map(|&index| probe(&trials.trials[index])).collect();
            for (&index, answer) in open.iter().zip(ask(id, &probes, PATIENCE)?) {
                seen[index] = Some(answer.ok);
            }
            open.retain(|&index| trials.trials[index].allowed && seen[index] == Some(false));
        }
    }
    Ok(seen)
}

/// A program that listens at a port of TCP takes every connection; one of UDP answers whom it likes.
fn is_mute(door: &Door, doors: &Doors) -> bool {
    door.transport == Transport::Udp && doors.taken().contains(door)
}

fn probe(trial: &Trial) -> Probe {
    let question = match trial.transport {
        Transport::Tcp => Question::Tcp { to: trial.to },
        Transport::Udp => Question::Udp { to: trial.to },
    };
    Probe { from: trial.node.clone(), question }
}

/// Trials by their place in the list, those to one address together, a few addresses at a time.
fn rounds(trials: &Trials) -> Vec<Vec<usize>> {
    let addresses: BTreeSet<IpAddr> = trials.trials.iter().map(|trial| trial.to.ip()).collect();
    let mut rounds: Vec<Vec<usize>> = Vec::new();
    let mut n_doors = 0;
    for address in addresses {
        let of_it = |index: &usize| trials.trials[*index].to.ip() == address;
        let own: Vec<usize> = (0..trials.trials.len()).filter(of_it).collect();
        let doors: BTreeSet<&Door> = own.iter().flat_map(|&index| &trials.trials[index].doors).collect();
        n_doors += doors.len();
        match rounds.last_mut() {
            Some(last) if n_doors <= DOORS_AT_ONCE => last.extend(own),
            _ => {
                n_doors = doors.len();
                rounds.push(own);
            }
        }
    }
    rounds
}
