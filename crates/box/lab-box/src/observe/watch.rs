//! Asking the same questions again and again while something happens.

use super::attempt::{self, Attempt};
use super::{Probe, by_node};
use crate::net::Namespace;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// One asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// When it was asked, from the start of the watch.
    pub at: Duration,
    /// Whether the answer was yes.
    pub ok: bool,
}

/// Everything that one probe saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// The probe.
    pub probe: Probe,
    /// Its samples, in the order of time.
    pub samples: Vec<Sample>,
}

impl Trace {
    /// Times without an answer: from the first question that had none to the next that had one, or to the end.
    pub fn outages(&self) -> Vec<(Duration, Duration)> {
        let mut found = Vec::new();
        let mut since = None;
        for sample in &self.samples {
            match (sample.ok, since) {
                (false, None) => since = Some(sample.at),
                (true, Some(from)) => {
                    found.push((from, sample.at));
                    since = None;
                }
                _ => {}
            }
        }
        if let (Some(from), Some(last)) = (since, self.samples.last()) {
            found.push((from, last.at));
        }
        found
    }

    /// Seconds without an answer from `after` on.
    pub fn seconds_lost(&self, after: Duration) -> f64 {
        let lost = self.outages().into_iter().filter(|(_, to)| *to > after);
        lost.map(|(from, to)| (to - from.max(after)).as_secs_f64()).sum()
    }

    /// How many questions had no answer, of how many.
    pub fn lost(&self) -> (usize, usize) {
        (self.samples.iter().filter(|sample| !sample.ok).count(), self.samples.len())
    }

    /// Whether the last question was answered.
    pub fn ends_well(&self) -> bool {
        self.samples.last().is_some_and(|sample| sample.ok)
    }
}

/// What the probes of one node saw, each by its place among all.
type Seen = Vec<(usize, Vec<Sample>)>;

/// A watch that goes on until it is stopped. Each node asks in a thread of its own.
pub struct Watch {
    begin: Instant,
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<Seen>>,
    probes: Vec<Probe>,
}

impl Watch {
    /// Begins to ask each of `probes` in box `id` every `every`; an answer that takes longer than `patience` is none.
    pub fn start(id: &str, probes: &[Probe], every: Duration, patience: Duration) -> Watch {
        let (begin, stop) = (Instant::now(), Arc::new(AtomicBool::new(false)));
        let threads = by_node(probes)
            .into_iter()
            .map(|(node, indexes)| {
                let namespace = Namespace::of_machine(id, node);
                let own: Vec<(usize, Probe)> =
                    indexes.iter().map(|&index| (index, probes[index].clone())).collect();
                let stop = stop.clone();
                std::thread::spawn(move || {
                    let asked = namespace.enter(|| watch_here(&own, begin, every, patience, &stop));
                    // A node that is not there has seen nothing.
                    asked.unwrap_or_else(|_| own.iter().map(|(index, _)| (*index, Vec::new())).collect())
                })
            })
            .collect();
        Watch { begin, stop, threads, probes: probes.to_vec() }
    }

    /// The time since the start, which samples are told in.
    pub fn elapsed(&self) -> Duration {
        self.begin.elapsed()
    }

    /// Stops asking, waits for what is open, and returns what was seen, in the order of the probes.
    pub fn stop(self) -> Vec<Trace> {
        self.stop.store(true, Ordering::SeqCst);
        let mut samples: BTreeMap<usize, Vec<Sample>> = BTreeMap::new();
        for thread in self.threads {
            let own = thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            samples.extend(own);
        }
        let traces = self.probes.into_iter().enumerate();
        traces
            .map(|(index, probe)| Trace { probe, samples: samples.remove(&index).unwrap_or_default() })
            .collect()
    }
}

struct Open {
    place: usize,
    at: Duration,
    attempt: Attempt,
}

fn watch_here(
    probes: &[(usize, Probe)],
    begin: Instant,
    every: Duration,
    patience: Duration,
    stop: &AtomicBool,
) -> Seen {
    let mut samples: Vec<Vec<Sample>> = vec![Vec::new(); probes.len()];
    let mut open: Vec<Open> = Vec::new();
    let mut next = begin.elapsed();
    loop {
        let stopping = stop.load(Ordering::SeqCst);
        let now = begin.elapsed();
        if now >= next && !stopping {
            for (place, (_, probe)) in probes.iter().enumerate() {
                match Attempt::begin(&probe.question) {
                    Ok(attempt) => open.push(Open { place, at: now, attempt }),
                    Err(_) => samples[place].push(Sample { at: now, ok: false }),
                }
            }
            next = now + every;
        }
        if stopping && open.is_empty() {
            break;
        }
        let wait =
            next.saturating_sub(begin.elapsed()).clamp(Duration::from_millis(1), Duration::from_millis(50));
        attempt::await_any(open.iter().map(|open| &open.attempt), wait);
        open.retain_mut(|open| {
            let is_late = begin.elapsed() - open.at > patience;
            match open.attempt.look().or(is_late.then_some(None)) {
                None => true,
                Some(said) => {
                    samples[open.place].push(Sample { at: open.at, ok: said.is_some() });
                    false
                }
            }
        });
    }
    let sorted = |mut own: Vec<Sample>| {
        own.sort_by_key(|sample| sample.at);
        own
    };
    probes.iter().map(|(index, _)| *index).zip(samples.into_iter().map(sorted)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::Question;
    use super::*;
    use std::net::{IpAddr, Ipv4Addr};

    fn trace(said: &str) -> Trace {
        let sample = |(at, c): (u64, char)| Sample { at: Duration::from_millis(at * 100), ok: c == '+' };
        let question = Question::Ping { to: IpAddr::V4(Ipv4Addr::LOCALHOST) };
        Trace {
            probe: Probe { from: "a".into(), question },
            samples: (0..).zip(said.chars()).map(sample).collect(),
        }
    }

    #[test]
    fn loss_is_counted_from_the_first_unanswered_to_the_next_answered() {
        let after = Duration::ZERO;
        for (said, seconds, lost, ends_well) in [
            ("++++", 0.0, 0, true),
            ("+--+", 0.2, 2, true),
            ("+-+--+", 0.3, 3, true),
            ("++---", 0.2, 3, false),
            ("", 0.0, 0, false),
        ] {
            let trace = trace(said);
            assert!((trace.seconds_lost(after) - seconds).abs() < 1e-9, "{said}");
            assert_eq!((trace.lost().0, trace.ends_well()), (lost, ends_well), "{said}");
        }
        assert!((trace("--+--+").seconds_lost(Duration::from_millis(250)) - 0.2).abs() < 1e-9);
    }
}
