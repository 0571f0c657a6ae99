//! One thing that is broken, as a value and as a line of text.

use std::fmt;

/// Something that is done to a wired box.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Act {
    /// A node loses its power, with every virtual machine in it: its processes end, its links go down, it forgets everything.
    NodeOff {
        /// The node, by its name or what it is in the lab.
        node: String,
    },
    /// A cable is cut: both ends see their link go down.
    CableCut {
        /// The cable, by its name.
        cable: String,
    },
    /// A cable carries nothing any more, and both ends still see a link.
    CableSilent {
        /// The cable, by its name.
        cable: String,
    },
    /// A cable loses frames by chance.
    CableLossy {
        /// The cable, by its name.
        cable: String,
        /// Of a hundred frames, 1 to 100.
        percent: u8,
    },
    /// A cable holds every frame back for a while, in each direction.
    CableSlow {
        /// The cable, by its name.
        cable: String,
        /// Milliseconds, 1 to 10 000.
        ms: u16,
    },
    /// A program of a node is killed and not started again.
    ProcessKilled {
        /// The node, by its name or what it is in the lab.
        node: String,
        /// The program, by its name in the plan: `keepalived`.
        program: String,
    },
}

impl fmt::Display for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Act::NodeOff { node } => write!(f, "off {node}"),
            Act::CableCut { cable } => write!(f, "cut {cable}"),
            Act::CableSilent { cable } => write!(f, "silent {cable}"),
            Act::CableLossy { cable, percent } => write!(f, "lossy {percent} {cable}"),
            Act::CableSlow { cable, ms } => write!(f, "slow {ms} {cable}"),
            Act::ProcessKilled { node, program } => write!(f, "killed {program} {node}"),
        }
    }
}

impl Act {
    /// The cable that it is about.
    pub fn cable(&self) -> Option<&str> {
        match self {
            Act::CableCut { cable }
            | Act::CableSilent { cable }
            | Act::CableLossy { cable, .. }
            | Act::CableSlow { cable, .. } => Some(cable),
            Act::NodeOff { .. } | Act::ProcessKilled { .. } => None,
        }
    }

    /// The act that [`Act`]'s `Display` writes as `line`.
    pub fn parse(line: &str) -> Option<Act> {
        let (verb, rest) = line.split_once(' ')?;
        let name = rest.to_owned();
        Some(match verb {
            "off" => Act::NodeOff { node: name },
            "cut" => Act::CableCut { cable: name },
            "silent" => Act::CableSilent { cable: name },
            "lossy" => {
                let (percent, cable) = rest.split_once(' ')?;
                let percent = percent.parse().ok().filter(|percent| (1..=100).contains(percent))?;
                Act::CableLossy { cable: cable.to_owned(), percent }
            }
            "slow" => {
                let (ms, cable) = rest.split_once(' ')?;
                let ms = ms.parse().ok().filter(|ms| (1..=10_000).contains(ms))?;
                Act::CableSlow { cable: cable.to_owned(), ms }
            }
            "killed" => {
                let (program, node) = rest.split_once(' ')?;
                Act::ProcessKilled { node: node.to_owned(), program: program.to_owned() }
            }
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let cable = || "switch-1:1 router-1:eth0".to_owned();
        for act in [
            Act::NodeOff { node: "node-1".into() },
            Act::CableCut { cable: cable() },
            Act::CableSilent { cable: cable() },
            Act::CableLossy { cable: cable(), percent: 30 },
            Act::CableSlow { cable: cable(), ms: 20 },
            Act::ProcessKilled { node: "router-1".into(), program: "keepalived".into() },
        ] {
            assert_eq!(Act::parse(&act.to_string()), Some(act));
        }
        for line in
            ["", "off", "lossy x c", "lossy 0 c", "lossy 101 c", "slow 0 c", "slow 20ms c", "burnt node-1"]
        {
            assert_eq!(Act::parse(line), None, "{line}");
        }
    }
}
