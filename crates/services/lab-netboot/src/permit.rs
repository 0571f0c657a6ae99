//! One-shot permits: a machine is wiped only while its permit is open, and a permit opens once.
//!
//! This is the state without the file: what the journal's records mean and which transition is allowed.
//! The disk is never touched from here; see [`crate::journal`] for how records survive.

use std::collections::BTreeMap;

/// Where a machine stands.
///
/// ```text
/// Never --open--> Open --installed or close--> Closed --open(again)--> Open
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Permit {
    /// No permit was ever opened: the machine is not to be wiped.
    #[default]
    Never,
    /// The machine may be wiped; so many times it was handed the installation.
    Open {
        /// Scripts handed out under this permit.
        handed: u32,
    },
    /// The machine was installed, or the operator closed the permit.
    Closed,
}

/// A change worth keeping, one line of the journal each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The permit was opened.
    Open(String),
    /// The installation was handed out once more.
    Handed(String),
    /// The permit was closed.
    Close(String),
}

/// The permits of all machines, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Permits {
    by_machine: BTreeMap<String, Permit>,
}

impl Permits {
    /// Where one machine stands.
    pub fn of(&self, machine: &str) -> Permit {
        self.by_machine.get(machine).copied().unwrap_or_default()
    }

    /// Every machine that ever had a permit, in the order of names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Permit)> {
        self.by_machine.iter().map(|(machine, permit)| (machine.as_str(), *permit))
    }

    /// Applies a change, as it happens or as it is read back. A change that does not fit the state is without effect:
    /// a journal cut anywhere is still read to a state that wipes nothing it should not.
    pub fn apply(&mut self, change: &Change) {
        let (machine, next) = match change {
            Change::Open(machine) => (machine, Permit::Open { handed: 0 }),
            Change::Handed(machine) => match self.of(machine) {
                Permit::Open { handed } => (machine, Permit::Open { handed: handed.saturating_add(1) }),
                Permit::Never | Permit::Closed => return,
            },
            Change::Close(machine) => match self.of(machine) {
                Permit::Open { .. } => (machine, Permit::Closed),
                Permit::Never | Permit::Closed => return,
            },
        };
        self.by_machine.insert(machine.clone(), next);
    }

    /// The fewest changes that lead from nothing to this state.
    pub fn changes(&self) -> Vec<Change> {
        let mut changes = Vec::new();
        for (machine, permit) in &self.by_machine {
            changes.push(Change::Open(machine.clone()));
            match permit {
                Permit::Never => {}
                Permit::Open { handed } => {
                    changes.extend((0..*handed).map(|_| Change::Handed(machine.clone())));
                }
                Permit::Closed => changes.push(Change::Close(machine.clone())),
            }
        }
        changes
    }
}

impl Change {
    /// The line of the journal. Machine names hold no line break: configuration names them.
    pub fn line(&self) -> String {
        match self {
            Change::Open(machine) => format!("open {machine}"),
            Change::Handed(machine) => format!("handed {machine}"),
            Change::Close(machine) => format!("close {machine}"),
        }
    }

    /// Reads a line; none when it is not one of ours.
    pub fn parse(line: &str) -> Option<Change> {
        let (verb, machine) = line.split_once(' ')?;
        let machine = machine.to_owned();
        match verb {
            "open" => Some(Change::Open(machine)),
            "handed" => Some(Change::Handed(machine)),
            "close" => Some(Change::Close(machine)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(lines: &[&str]) -> Permits {
        let mut permits = Permits::default();
        for line in lines {
            permits.apply(&Change::parse(line).expect("a line of ours"));
        }
        permits
    }

    #[test]
    fn only_an_open_permit_allows() {
        for (lines, expect) in [
            (&[][..], Permit::Never),
            (&["open a"], Permit::Open { handed: 0 }),
            (&["open a", "handed a", "handed a"], Permit::Open { handed: 2 }),
            (&["open a", "handed a", "close a"], Permit::Closed),
            (&["open a", "close a", "handed a"], Permit::Closed),
            (&["close a"], Permit::Never),
            (&["handed a"], Permit::Never),
            (&["open a", "close a", "open a"], Permit::Open { handed: 0 }),
            (&["open b"], Permit::Never),
        ] {
            assert_eq!(after(lines).of("a"), expect, "{lines:?}");
        }
    }

    #[test]
    fn the_fewest_changes_lead_to_the_same_state() {
        let permits = after(&["open a", "handed a", "open b c", "close b c", "open d", "close d", "open d"]);
        let mut again = Permits::default();
        permits.changes().iter().for_each(|change| again.apply(change));
        assert_eq!(again, permits);
    }
}
