//! What makes a plan impossible, found before anything is made. Also the guard of every text that later stands in a
//! script or a command line: what passes here has no character with a meaning of its own there.

use super::{BoxPlan, Interface, Machine};
use std::collections::BTreeSet;
use std::net::IpAddr;

/// One reason why a plan cannot be carried out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanFault {
    /// A name has a character or length that it may not have.
    #[error("{what} `{text}` {rule}")]
    BadText {
        /// What the text is.
        what: &'static str,
        /// The text.
        text: String,
        /// The rule it breaks.
        rule: &'static str,
    },
    /// Two things share what must be unique.
    #[error("{what} `{text}` is used twice")]
    Twice {
        /// What is doubled.
        what: &'static str,
        /// The value.
        text: String,
    },
    /// A card names a network that does not exist.
    #[error("{machine}:{interface} is plugged into network `{network}`, which is not in the plan")]
    UnknownNetwork {
        /// The machine.
        machine: String,
        /// The card.
        interface: String,
        /// The network.
        network: String,
    },
    /// The first card cannot boot.
    #[error("{machine} cannot boot over the network: {why}")]
    CannotBoot {
        /// The machine.
        machine: String,
        /// What its first card lacks.
        why: String,
    },
    /// Not exactly one disk is to be installed to, or a Raspberry Pi has disks.
    #[error(
        "{machine} has {count} disks to install to; it must be exactly one, and no disk at all for a Raspberry Pi"
    )]
    SystemDisk {
        /// The machine.
        machine: String,
        /// How many are marked.
        count: usize,
    },
    /// There is nothing to do.
    #[error("it has no host that can stand here")]
    NoMachine,
}

const LABEL: &str = "must be 1 to 63 characters of a-z, 0-9 and -, not starting or ending with -";

impl BoxPlan {
    /// Everything that is wrong with the plan, in the order of its parts. Empty: it can be carried out.
    pub fn faults(&self) -> Vec<PlanFault> {
        let mut faults = Vec::new();
        if !is_label(&self.id) || self.id.len() > 24 {
            bad(&mut faults, "box name", &self.id, "must be 1 to 24 characters of a-z, 0-9 and -");
        }
        if self.machines.is_empty() {
            faults.push(PlanFault::NoMachine);
        }
        unique(&mut faults, "network", self.networks.iter().map(|network| network.name.clone()));
        unique(&mut faults, "machine", self.machines.iter().map(|machine| machine.name.clone()));
        let interfaces = || self.machines.iter().flat_map(|machine| &machine.interfaces);
        unique(&mut faults, "card address", interfaces().map(|interface| interface.mac.to_string()));
        let service =
            self.networks.iter().filter_map(|network| network.service).map(|net| IpAddr::V4(net.addr()));
        let given = interfaces().flat_map(|interface| &interface.addresses).map(ipnet::IpNet::addr);
        let shared = self.shared.iter().map(|shared| shared.address);
        unique(&mut faults, "address", service.chain(given).chain(shared).map(|address| address.to_string()));
        for machine in &self.machines {
            self.machine_faults(machine, &mut faults);
        }
        faults
    }

    fn machine_faults(&self, machine: &Machine, faults: &mut Vec<PlanFault>) {
        if !is_label(&machine.name) {
            bad(faults, "machine", &machine.name, LABEL);
        }
        if machine.hostname.len() > 64 || !machine.hostname.split('.').all(is_label) {
            bad(faults, "hostname", &machine.hostname, LABEL);
        }
        let count = machine.disks.iter().filter(|disk| disk.install).count();
        let is_right = match machine.firmware.board() {
            Some(_) => machine.disks.is_empty(),
            None => count == 1,
        };
        if !is_right {
            faults.push(PlanFault::SystemDisk { machine: machine.name.clone(), count });
        }
        unique(faults, "disk serial", machine.disks.iter().map(|disk| disk.serial.clone()));
        for disk in &machine.disks {
            if !is_word(&disk.serial, 20) {
                bad(faults, "disk serial", &disk.serial, "must be 1 to 20 letters, digits, - or _");
            }
            if !is_word(&disk.name, 40) {
                bad(faults, "disk", &disk.name, "must be 1 to 40 letters, digits, - or _");
            }
        }
        for interface in &machine.interfaces {
            self.interface_faults(machine, interface, faults);
        }
        self.boot_faults(machine, faults);
        user_faults(machine, faults);
    }

    fn interface_faults(&self, machine: &Machine, interface: &Interface, faults: &mut Vec<PlanFault>) {
        let name = &interface.name;
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        if name.is_empty() || name.len() > 15 || !name.chars().all(plain) || name.starts_with(['.', '-']) {
            bad(faults, "interface", name, "must be 1 to 15 letters, digits, - _ or .");
        }
        if !interface.mac.is_unicast() {
            bad(faults, "card address", &interface.mac.to_string(), "must be that of one card, not a group");
        }
        if !self.networks.iter().any(|network| network.name == interface.network) {
            faults.push(PlanFault::UnknownNetwork {
                machine: machine.name.clone(),
                interface: name.clone(),
                network: interface.network.clone(),
            });
        }
    }

    fn boot_faults(&self, machine: &Machine, faults: &mut Vec<PlanFault>) {
        let mut fail =
            |why: String| faults.push(PlanFault::CannotBoot { machine: machine.name.clone(), why });
        let Some(first) = machine.interfaces.first() else {
            return fail("it has no network card".into());
        };
        let Some(network) = self.networks.iter().find(|network| network.name == first.network) else {
            return;
        };
        match network.service {
            None => fail(format!("network `{}` has no address for the netboot service", network.name)),
            Some(service) if machine.boot_address(service).is_none() => {
                fail(format!("{} has no IPv4 address in {}", first.name, service.trunc()));
            }
            Some(_) => {}
        }
    }
}

fn user_faults(machine: &Machine, faults: &mut Vec<PlanFault>) {
    unique(faults, "user", machine.users.iter().map(|user| user.name.clone()));
    for user in &machine.users {
        let rest = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-".contains(c);
        let first = user.name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_');
        if !first || user.name.len() > 32 || !user.name.chars().all(rest) || user.name == "root" {
            bad(faults, "user", &user.name, "must be a login name other than root");
        }
    }
    for key in machine.users.iter().flat_map(|user| &user.keys).chain(&machine.root_keys) {
        if !is_public_key(key) {
            bad(
                faults,
                "ssh key",
                key,
                "must be a public key in one line, such as `ssh-ed25519 AAAA... name`",
            );
        }
    }
}

fn bad(faults: &mut Vec<PlanFault>, what: &'static str, text: &str, rule: &'static str) {
    faults.push(PlanFault::BadText { what, text: text.to_owned(), rule });
}

fn unique(faults: &mut Vec<PlanFault>, what: &'static str, texts: impl Iterator<Item = String>) {
    let mut seen = BTreeSet::new();
    for text in texts {
        if !seen.insert(text.clone()) {
            faults.push(PlanFault::Twice { what, text });
        }
    }
}

/// A DNS label in lower case (RFC 1123 section 2.1).
fn is_label(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && !text.starts_with('-')
        && !text.ends_with('-')
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

fn is_word(text: &str, longest: usize) -> bool {
    (1..=longest).contains(&text.len())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
}

fn is_public_key(text: &str) -> bool {
    let mut parts = text.split(' ');
    let kind = parts.next().unwrap_or_default();
    let body = parts.next().unwrap_or_default();
    (kind.starts_with("ssh-") || kind.starts_with("ecdsa-") || kind.starts_with("sk-"))
        && body.starts_with("AAAA")
        && !text.chars().any(char::is_control)
}
