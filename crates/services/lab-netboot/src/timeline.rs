//! The last packets of every client, bounded, for whoever asks why a machine does not boot.
//!
//! It keeps what happened, not what it means; that is worked out in [`crate::doctor`]. What outlives the service is in
//! [`crate::history`].

mod fact;

pub use fact::{By, Fact};

use crate::mac::Mac;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::SystemTime;

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When.
    pub at: SystemTime,
    /// What came or went, and why.
    pub fact: Fact,
}

/// The timelines of all clients.
#[derive(Clone, Debug)]
pub struct Timeline {
    packets: usize,
    clients: usize,
    by_mac: BTreeMap<Mac, VecDeque<Entry>>,
    /// Each client by the time of its last line, so that the silent ones are found without a walk over all.
    by_last: BTreeSet<(SystemTime, Mac)>,
}

impl Timeline {
    /// Keeps so many packets of so many clients.
    pub fn new(packets: usize, clients: usize) -> Self {
        Timeline { packets, clients, by_mac: BTreeMap::new(), by_last: BTreeSet::new() }
    }

    /// Adds a line. When there are too many clients, the one that was silent longest is forgotten.
    pub fn add(&mut self, mac: Mac, at: SystemTime, fact: Fact) {
        if self.packets == 0 || self.clients == 0 {
            return;
        }
        let last = self.by_mac.get(&mac).and_then(|lines| lines.back()).map(|entry| entry.at);
        match last {
            Some(last) => {
                self.by_last.remove(&(last, mac));
            }
            None if self.by_mac.len() >= self.clients => {
                if let Some((_, silent)) = self.by_last.pop_first() {
                    self.by_mac.remove(&silent);
                }
            }
            None => {}
        }
        self.by_last.insert((at, mac));
        let lines = self.by_mac.entry(mac).or_default();
        if lines.len() >= self.packets {
            lines.pop_front();
        }
        lines.push_back(Entry { at, fact });
    }

    /// The lines of one client, oldest first.
    pub fn of(&self, mac: Mac) -> Vec<Entry> {
        self.by_mac.get(&mac).into_iter().flatten().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn old_lines_and_silent_clients_give_way() {
        let mut timeline = Timeline::new(2, 2);
        let at = |s| SystemTime::UNIX_EPOCH + Duration::from_secs(s);
        let mac = |n| Mac([2, 0, 0, 0, 0, n]);
        for (n, who, text) in [(1, 1, "a"), (2, 2, "b"), (3, 1, "c"), (4, 1, "d"), (5, 3, "e")] {
            timeline.add(mac(who), at(n), Fact::Refused { reason: text.into() });
        }
        let texts = |who| {
            let texts = timeline.of(mac(who)).into_iter().map(|entry| entry.fact.to_string());
            texts.map(|text| text.replace("refused: ", "")).collect::<Vec<_>>()
        };
        assert_eq!((texts(1), texts(2), texts(3)), (vec!["c".into(), "d".into()], vec![], vec!["e".into()]));
    }
}
