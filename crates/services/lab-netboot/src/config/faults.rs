//! What in a configuration cannot work, told all at once before anything listens.
//!
//! Whether interfaces and files exist is not looked at here: that is found out when they are opened.

use super::{Artefact, Boot, Config, Install, Segment};
use std::collections::BTreeSet;
use std::net::Ipv4Addr;

/// One reason why a configuration is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigFault {
    /// The server's own address is outside its network.
    #[error("segment `{segment}`: the server address {server} is outside the network")]
    ServerOutside {
        /// The segment.
        segment: String,
        /// The server's address.
        server: Ipv4Addr,
    },
    /// A pool ends before it begins or leaves the network.
    #[error("segment `{segment}`: the pool {first} to {last} is not a range inside the network")]
    BadPool {
        /// The segment.
        segment: String,
        /// The pool's lowest address.
        first: Ipv4Addr,
        /// The pool's highest address.
        last: Ipv4Addr,
    },
    /// A reserved address is outside the network or the server's own.
    #[error("segment `{segment}`: {address} cannot be reserved there")]
    BadReservation {
        /// The segment.
        segment: String,
        /// The reserved address.
        address: Ipv4Addr,
    },
    /// Two reservations claim the same address or the same client.
    #[error("segment `{segment}`: {what} is reserved twice")]
    ReservedTwice {
        /// The segment.
        segment: String,
        /// The address or the client.
        what: String,
    },
    /// Two machines share a name or a card.
    #[error("two machines have {0}")]
    MachineTwice(String),
    /// A machine names an artefact that does not exist.
    #[error("machine `{machine}` names `{artefact}`, which is not served")]
    NoArtefact {
        /// The machine.
        machine: String,
        /// The artefact it names.
        artefact: String,
    },
    /// An artefact is for a machine that does not exist.
    #[error("`{artefact}` is for machine `{machine}`, which does not exist")]
    NoMachine {
        /// The artefact.
        artefact: String,
        /// The machine it names.
        machine: String,
    },
    /// An artefact's name is not a plain relative path.
    #[error(
        "`{0}` is not a name that can be served: relative, without `..`, `//`, spaces or control characters"
    )]
    BadName(String),
}

impl Config {
    /// Everything that cannot work, in the order of the configuration; empty when all is well.
    pub fn faults(&self) -> Vec<ConfigFault> {
        let mut faults = Vec::new();
        for segment in &self.segments {
            segment_faults(segment, &mut faults);
        }
        let mut taken = BTreeSet::new();
        for machine in &self.machines {
            for key in std::iter::once(format!("the name `{}`", machine.name))
                .chain(machine.macs.iter().map(|mac| format!("the card {mac}")))
            {
                if !taken.insert(key.clone()) {
                    faults.push(ConfigFault::MachineTwice(key));
                }
            }
            let missing: Vec<&str> = match &machine.boot {
                Boot::Install(install) => named(install).filter(|name| !self.serves(name)).collect(),
                Boot::Folder(name) if !matches!(self.artefacts.get(name), Some(Artefact::Folder(_))) => {
                    vec![name]
                }
                Boot::Folder(_) | Boot::Disk | Boot::Refuse(_) => Vec::new(),
            };
            faults.extend(missing.into_iter().map(|artefact| ConfigFault::NoArtefact {
                machine: machine.name.clone(),
                artefact: artefact.to_owned(),
            }));
        }
        for (artefact, kind) in &self.artefacts {
            if let Artefact::Personal { machine, .. } = kind
                && !self.machines.iter().any(|m| m.name == *machine)
            {
                let (artefact, machine) = (artefact.clone(), machine.clone());
                faults.push(ConfigFault::NoMachine { artefact, machine });
            }
        }
        let bad = self.artefacts.keys().filter(|name| !is_plain(name));
        faults.extend(bad.map(|name| ConfigFault::BadName(name.clone())));
        faults
    }

    /// Whether a name is an artefact, or may be one inside a served folder.
    fn serves(&self, name: &str) -> bool {
        self.artefacts.contains_key(name)
            || name
                .match_indices('/')
                .any(|(at, _)| matches!(self.artefacts.get(&name[..at]), Some(Artefact::Folder(_))))
    }
}

/// The artefacts an installation needs.
fn named(install: &Install) -> impl Iterator<Item = &str> {
    std::iter::once(install.kernel.as_str())
        .chain(install.initrds.iter().map(String::as_str))
        .chain(install.image.iter().map(|image| image.artefact.as_str()))
        .chain(install.efi_program.as_deref())
}

/// Whether a name can be a TFTP file name, an HTTP path and a word in an iPXE script without quoting.
fn is_plain(name: &str) -> bool {
    name.split('/').all(|part| !part.is_empty() && part != "." && part != "..")
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._/+~@".contains(&b))
}

fn segment_faults(segment: &Segment, faults: &mut Vec<ConfigFault>) {
    let name = || segment.name.clone();
    if segment.interface.is_some() && !segment.network.contains(&segment.server) {
        faults.push(ConfigFault::ServerOutside { segment: name(), server: segment.server });
    }
    for pool in &segment.pools {
        let inside = segment.network.contains(&pool.first) && segment.network.contains(&pool.last);
        if pool.first > pool.last || !inside {
            faults.push(ConfigFault::BadPool { segment: name(), first: pool.first, last: pool.last });
        }
    }
    let (mut addresses, mut clients) = (BTreeSet::new(), BTreeSet::new());
    for reservation in &segment.reservations {
        let address = reservation.address;
        if !segment.network.contains(&address) || address == segment.server {
            faults.push(ConfigFault::BadReservation { segment: name(), address });
        }
        if !addresses.insert(address) {
            faults.push(ConfigFault::ReservedTwice { segment: name(), what: address.to_string() });
        }
        if !clients.insert(reservation.client.clone()) {
            let what = format!("{:?}", reservation.client);
            faults.push(ConfigFault::ReservedTwice { segment: name(), what });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::*;
    use super::*;

    fn segment() -> Segment {
        let network = "10.0.0.0/24".parse().expect("a network");
        Segment::new("lan", "br0", Ipv4Addr::new(10, 0, 0, 1), network)
    }

    fn check(change: impl FnOnce(&mut Config), expect: &[&str]) {
        let mut config = Config::new("/state", segment());
        change(&mut config);
        let found: Vec<String> = config.faults().iter().map(ToString::to_string).collect();
        assert_eq!(found, expect);
    }

    fn machine(name: &str, last: u8, boot: Boot) -> Machine {
        let macs = vec![Mac([0x52, 0x54, 0, 0, 0, last])];
        Machine { name: name.into(), macs, answer: None, serial: None, arch: None, boot }
    }

    #[test]
    fn a_plain_configuration_has_no_fault() {
        check(|_| {}, &[]);
        check(
            |config| {
                config.artefacts.insert("boot".into(), Artefact::Folder("/srv".into()));
                let install = Install {
                    kernel: "boot/vmlinuz".into(),
                    initrds: vec![],
                    cmdline: String::new(),
                    image: None,
                    efi_program: None,
                };
                config.machines = vec![machine("a", 1, Boot::Install(install))];
            },
            &[],
        );
    }

    #[test]
    fn all_faults_are_told_at_once() {
        check(
            |config| {
                let at = |last| Ipv4Addr::new(10, 0, 0, last);
                let segment = &mut config.segments[0];
                segment.pools = vec![Pool { first: at(9), last: at(3) }];
                let client = ClientMatch::Mac(Mac([2; 6]));
                let reserve = |address| Reservation { client: client.clone(), address, hostname: None };
                segment.reservations = vec![reserve(at(1)), reserve(at(7))];
                config.machines = vec![machine("a", 1, Boot::Disk), machine("b", 1, Boot::Disk)];
                let personal = Artefact::Personal { machine: "c".into(), bytes: Arc::from(*b"x") };
                config.artefacts.insert("keys".into(), personal);
                config.artefacts.insert("../etc/passwd".into(), Artefact::Bytes(Arc::from(*b"x")));
            },
            &[
                "segment `lan`: the pool 10.0.0.9 to 10.0.0.3 is not a range inside the network",
                "segment `lan`: 10.0.0.1 cannot be reserved there",
                "segment `lan`: Mac(Mac([2, 2, 2, 2, 2, 2])) is reserved twice",
                "two machines have the card 52:54:00:00:00:01",
                "`keys` is for machine `c`, which does not exist",
                "`../etc/passwd` is not a name that can be served: relative, without `..`, `//`, spaces or control characters",
            ],
        );
    }
}
