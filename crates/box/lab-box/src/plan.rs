//! What a box shall hold: networks and machines as plain values, the faults they may have, and what they need.
//!
//! Pure: nothing here looks at the machine it runs on. [`footprint`] is told what is available.

mod faults;
mod footprint;
#[cfg(test)]
pub(crate) mod tests;

pub use faults::PlanFault;
pub use footprint::{Allotment, Footprint, Misfit, footprint};
pub(crate) use footprint::{MEMORY_MIN_MIB, QEMU_MIB, WRITTEN_MIB};

use ipnet::{IpNet, Ipv4Net};
use lab_netboot::Mac;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr};

/// Everything that shall stand in one box.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoxPlan {
    /// Names the box on this machine: its namespace is `lw-ID`. 1 to 24 characters of `a-z`, `0-9`, `-`.
    pub id: String,
    /// The networks. At least one has a `service` address.
    pub networks: Vec<Network>,
    /// The machines, in the order in which they are shown.
    pub machines: Vec<Machine>,
    /// Addresses that are nobody's own.
    pub shared: Vec<Shared>,
    /// What the caller already replaced by something simpler, in words for people.
    pub stand_ins: Vec<String>,
    /// What is described and has no counterpart in the box that could be asked, in words for people.
    pub not_checked: Vec<String>,
}

/// An address that moves between machines, or a router's that has no place in the box. Here one machine holds it for
/// good, or the box itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shared {
    /// Name in the lab.
    pub name: String,
    /// The address.
    pub address: IpAddr,
    /// Name of the [`Network`] it is in.
    pub network: String,
    /// The machine that holds it, which names it in [`Interface::held`]; none: the box itself answers.
    pub holder: Option<String>,
}

/// One layer-2 network; becomes a bridge inside the box's namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Network {
    /// Unique name.
    pub name: String,
    /// The address that the netboot service and the verification use in this network, with the network's length. No
    /// machine may have it. None: nothing of ours speaks in this network.
    pub service: Option<Ipv4Net>,
}

/// One machine, started with empty disks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Machine {
    /// Name in the lab; unique; names files and the QEMU process. `a-z`, `0-9`, `-`.
    pub name: String,
    /// The hostname it shall answer with; may have dots.
    pub hostname: String,
    /// Described memory; the box gives less (see [`Allotment`]).
    pub memory_mib: u64,
    /// Firmware.
    pub firmware: Firmware,
    /// Disks. Exactly one has `install`; a Raspberry Pi has none.
    pub disks: Vec<Disk>,
    /// Network cards; the first boots from the network.
    pub interfaces: Vec<Interface>,
    /// Default router.
    pub gateway: Option<IpAddr>,
    /// Name servers.
    pub dns: Vec<IpAddr>,
    /// Users beside root.
    pub users: Vec<User>,
    /// Public keys that may log in as root, in OpenSSH's one-line form.
    pub root_keys: Vec<String>,
    /// Ports of described services. A listener of the box's own stands there and says the service's name.
    pub services: Vec<ServicePort>,
    /// The machine that must be verified before this one is given power, such as its boot server.
    pub after: Option<String>,
}

impl Machine {
    /// The disk that is installed to.
    pub fn system_disk(&self) -> Option<&Disk> {
        self.disks.iter().find(|disk| disk.install)
    }

    /// The IPv4 address of the first card in `network`, by which the box reaches the machine.
    pub fn boot_address(&self, network: Ipv4Net) -> Option<Ipv4Addr> {
        self.interfaces.first()?.addresses.iter().find_map(|address| match address.addr() {
            IpAddr::V4(v4) if network.contains(&v4) => Some(v4),
            _ => None,
        })
    }
}

/// A port at which a described service listens.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ServicePort {
    /// The port.
    pub port: u16,
    /// What carries it.
    pub transport: Transport,
    /// The service: one line without control characters.
    pub service: String,
}

/// What carries a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Transport {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
}

impl fmt::Display for ServicePort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let transport = match self.transport {
            Transport::Tcp => "tcp",
            Transport::Udp => "udp",
        };
        write!(f, "{}/{transport}", self.port)
    }
}

/// What starts the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Firmware {
    /// SeaBIOS and the iPXE in the card's ROM.
    Bios,
    /// OVMF, whose own PXE fetches iPXE.
    Uefi,
    /// A Raspberry Pi's, which boots from the network each time. QEMU has no such machine that boots so: a client of
    /// our own asks for what the boot ROM would, and an x86 machine without a disk is started with what came.
    RaspberryPi(Board),
}

/// What a Raspberry Pi says of itself when it boots.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Board {
    /// 3, 4 or 5.
    pub generation: u8,
    /// The last eight hexadecimal digits of its serial number, under which it looks for its files.
    pub serial: u32,
}

impl Firmware {
    /// The board, of a Raspberry Pi.
    pub fn board(self) -> Option<Board> {
        if let Firmware::RaspberryPi(board) = self { Some(board) } else { None }
    }
}

/// One disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disk {
    /// Name within the machine.
    pub name: String,
    /// Serial number by which the installer recognises it: 1 to 20 of letters, digits, `-`, `_`; unique in the machine.
    pub serial: String,
    /// Described size; the box gives less.
    pub size_mib: u64,
    /// Whether the system is installed here.
    pub install: bool,
}

/// One network card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interface {
    /// Name inside the installed system, 1 to 15 characters.
    pub name: String,
    /// Its address; unique in the box.
    pub mac: Mac,
    /// Name of the [`Network`] it is plugged into.
    pub network: String,
    /// Static addresses with the length of their network.
    pub addresses: Vec<IpNet>,
    /// Addresses of [`BoxPlan::shared`] that it answers at as well.
    pub held: Vec<IpAddr>,
}

/// A person's account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Login name: starts with `a-z` or `_`, then `a-z`, `0-9`, `_`, `-`; at most 32 characters; not `root`.
    pub name: String,
    /// Public keys that may log in.
    pub keys: Vec<String>,
}
