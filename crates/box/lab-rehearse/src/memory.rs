//! What was seen of failures, kept: failures that do the same to the box are seen once, and a rehearsal that was stopped goes on where
//! it was. What is kept are observations, never verdicts: whatever is predicted of them is judged anew each time.
//!
//! Of a file it knows only its text, lines of JSON; whoever calls reads and writes it.

use crate::acts::Act;
use crate::choose::Fault;
use crate::judge::{Gap, Seen};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// The version of the lines. Lines of another one are not read.
const VERSION: u64 = 1;

/// What was seen of one failure until it was healed.
#[derive(Clone, PartialEq, Debug)]
pub struct Observation {
    /// What failed when it was seen.
    pub label: String,
    /// By question.
    pub seen: Vec<Seen>,
    /// What changed: seconds since the failure, question, answered or not.
    pub changes: Vec<(f64, usize, bool)>,
    /// How long it was observed, in seconds.
    pub seconds: f64,
    /// Seconds from healing until everything was well again; none when it was not.
    pub healed: Option<f64>,
}

/// Everything that was seen in one box with the same questions.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Memory {
    frame: String,
    seen: BTreeMap<String, Observation>,
    /// How many of them are from an earlier run.
    pub n_read: usize,
}

impl Memory {
    /// Of a box: `frame` has everything about it that decides what is seen, in any words.
    pub fn new(frame: &impl std::fmt::Debug) -> Self {
        Self { frame: digest(&format!("{} {frame:?}", env!("CARGO_PKG_VERSION"))), ..Self::default() }
    }

    /// The first line of a file.
    pub fn head(&self) -> String {
        json!({ "version": VERSION, "box": self.frame }).to_string()
    }

    /// Whether a text is what this or another box has kept.
    pub fn is_kept(text: &str) -> bool {
        let head = text.lines().next().and_then(|line| serde_json::from_str::<Value>(line).ok());
        head.is_some_and(|head| head["version"].is_u64() && head["box"].is_string())
    }

    /// Takes in what an earlier run wrote. False, and nothing is taken, when it was about another box or is no such text. A last line that was not
    /// written to its end is left out.
    pub fn read(&mut self, text: &str, n_probes: usize) -> bool {
        let mut lines = text.lines();
        if lines.next() != Some(self.head().as_str()) {
            return false;
        }
        for line in lines {
            let Ok(value) = serde_json::from_str::<Value>(line) else { continue };
            let Some((key, observation)) = value["key"].as_str().zip(observation(&value)) else { continue };
            if observation.seen.len() == n_probes {
                self.seen.insert(key.to_owned(), observation);
            }
        }
        self.n_read = self.seen.len();
        true
    }

    /// What was seen when the same was done to the box with everything at the same places.
    pub fn recall(&self, key: &str) -> Option<&Observation> {
        self.seen.get(key)
    }

    /// Keeps what was seen. The line for the file.
    pub fn keep(&mut self, key: String, observation: Observation) -> String {
        let line = line(&key, &observation);
        self.seen.insert(key, observation);
        line
    }
}

/// What is done to the box and where everything is then.
pub(crate) fn key(fault: &Fault, placement: &str) -> String {
    let acts: Vec<String> = fault.acts.iter().map(Act::shown).collect();
    format!("{}; {}", acts.join(", "), digest(placement))
}

/// The hasher of the standard library without a key: the same for every run of one program.
fn digest(text: &str) -> String {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

fn line(key: &str, observation: &Observation) -> String {
    let seen = observation.seen.iter().map(|seen| {
        let gaps: Vec<Value> = seen.gaps.iter().map(|gap| json!([gap.from, gap.to, gap.least])).collect();
        json!([seen.up, gaps, seen.said])
    });
    json!({
        "key": key,
        "label": observation.label,
        "seconds": observation.seconds,
        "healed": observation.healed,
        "changes": observation.changes,
        "seen": seen.collect::<Vec<_>>(),
    })
    .to_string()
}

fn observation(value: &Value) -> Option<Observation> {
    let gap = |value: &Value| {
        Some(Gap { from: value[0].as_f64()?, to: value[1].as_f64(), least: value[2].as_f64()? })
    };
    let seen = |value: &Value| {
        let gaps: Option<Vec<Gap>> = value[1].as_array()?.iter().map(gap).collect();
        Some(Seen { up: value[0].as_bool(), gaps: gaps?, said: value[2].as_str()?.to_owned() })
    };
    let change = |value: &Value| {
        Some((value[0].as_f64()?, usize::try_from(value[1].as_u64()?).ok()?, value[2].as_bool()?))
    };
    let all: Option<Vec<Seen>> = value["seen"].as_array()?.iter().map(seen).collect();
    let changes: Option<Vec<_>> = value["changes"].as_array()?.iter().map(change).collect();
    let n_probes = all.as_ref()?.len();
    Some(Observation {
        label: value["label"].as_str()?.to_owned(),
        seen: all?,
        changes: changes?.into_iter().filter(|(_, probe, _)| *probe < n_probes).collect(),
        seconds: value["seconds"].as_f64()?,
        healed: value["healed"].as_f64(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen() -> Observation {
        let gap = Gap { from: 0.5, to: Some(3.0), least: 2.0 };
        Observation {
            label: "switch-1".into(),
            seen: vec![
                Seen { up: Some(true), gaps: vec![gap], said: "ready \"photos\"".into() },
                Seen { up: None, gaps: vec![], said: String::new() },
            ],
            changes: vec![(0.5, 0, false), (3.0, 0, true)],
            seconds: 9.5,
            healed: Some(1.0),
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let mut memory = Memory::new(&"box");
        let file = format!("{}\n{}\n{{\"key\": \"cut", memory.head(), memory.keep("a".into(), seen()));
        let mut next = Memory::new(&"box");
        assert!(next.read(&file, 2));
        assert_eq!((next.recall("a"), next.n_read), (Some(&seen()), 1));
        // Another number of questions, another box, another text.
        let mut other = Memory::new(&"box");
        assert!(other.read(&file, 3) && other.recall("a").is_none());
        for (frame, text) in [("other box", file.as_str()), ("box", ""), ("box", "- a list")] {
            assert!(!Memory::new(&frame).read(text, 2), "{text}");
        }
    }
}
