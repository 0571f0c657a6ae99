//! What the service is told: segments, machines, artefacts and limits as plain values.
//!
//! Nothing here knows a lab description, opens a file or checks a socket; a caller projects its own model onto
//! these values. [`Config::faults`] says in advance what cannot work.

mod faults;

pub use faults::ConfigFault;

use crate::mac::Mac;
use ipnet::{Ipv4Net, Ipv6Net};
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Everything one running service needs.
#[derive(Clone, Debug)]
pub struct Config {
    /// A network namespace to work in (a file such as `/run/netns/NAME`); none means the caller's own.
    pub namespace: Option<PathBuf>,
    /// Folder for leases and permits; made when it does not exist. One service at a time may use it.
    pub state: PathBuf,
    /// The networks that are served.
    pub segments: Vec<Segment>,
    /// The machines that may boot from here.
    pub machines: Vec<Machine>,
    /// What is done with a client that is none of `machines`.
    pub unknown: Unknown,
    /// First-stage boot programs by kind of client; each names an artefact.
    pub loaders: Loaders,
    /// What may be fetched, by name. The name is the TFTP file name and the HTTP path without its first `/`.
    pub artefacts: BTreeMap<String, Artefact>,
    /// UDP and TCP ports; the defaults are the assigned ones.
    pub ports: Ports,
    /// How much anything that listens accepts.
    pub limits: Limits,
}

impl Config {
    /// A service on one segment that so far knows no machine and serves nothing.
    pub fn new(state: impl Into<PathBuf>, segment: Segment) -> Self {
        Config {
            namespace: None,
            state: state.into(),
            segments: vec![segment],
            machines: Vec::new(),
            unknown: Unknown::LeaseOnly,
            loaders: Loaders::default(),
            artefacts: BTreeMap::new(),
            ports: Ports::default(),
            limits: Limits::default(),
        }
    }

    /// The machine a card belongs to.
    pub fn machine_with(&self, mac: Mac) -> Option<&Machine> {
        self.machines.iter().find(|machine| machine.macs.contains(&mac))
    }
}

/// One network: where the service stands in it, which addresses it gives and what it tells the clients.
#[derive(Clone, Debug)]
pub struct Segment {
    /// Name used in events and messages.
    pub name: String,
    /// The interface on this network; none when clients are reached through a relay agent only.
    pub interface: Option<String>,
    /// Our own address: server identifier, next server, and host part of every URL.
    pub server: Ipv4Addr,
    /// The network; a relay agent's address (giaddr) inside it selects this segment.
    pub network: Ipv4Net,
    /// Whether we give the addresses here or stand beside a server that does.
    pub role: Role,
    /// Ranges from which clients without a reservation are served.
    pub pools: Vec<Pool>,
    /// Fixed addresses.
    pub reservations: Vec<Reservation>,
    /// What every client is told.
    pub options: Options,
    /// Router advertisements, which spare iPXE a wait of 16 s; none sends no advertisement.
    pub advertise: Option<Advertise>,
}

impl Segment {
    /// A segment on which we give the addresses, without pools and reservations.
    pub fn new(
        name: impl Into<String>,
        interface: impl Into<String>,
        server: Ipv4Addr,
        network: Ipv4Net,
    ) -> Self {
        Segment {
            name: name.into(),
            interface: Some(interface.into()),
            server,
            network,
            role: Role::Server,
            pools: Vec::new(),
            reservations: Vec::new(),
            options: Options::default(),
            advertise: Some(Advertise { prefix: None }),
        }
    }
}

/// Who gives the addresses on a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// We do, with authority: wrong requests are refused (DHCPNAK).
    Server,
    /// Another server does; we add boot information only (ProxyDHCP, port 4011 included).
    Proxy,
}

/// A range of addresses, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pool {
    /// Lowest address.
    pub first: Ipv4Addr,
    /// Highest address.
    pub last: Ipv4Addr,
}

/// How a reservation recognises its client.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ClientMatch {
    /// The card's address.
    Mac(Mac),
    /// Option 61, type byte included.
    ClientId(Vec<u8>),
}

/// A fixed address for one client.
#[derive(Clone, Debug)]
pub struct Reservation {
    /// Who it is for.
    pub client: ClientMatch,
    /// The address, inside the segment's network and not the server's.
    pub address: Ipv4Addr,
    /// The name told to the client (option 12).
    pub hostname: Option<String>,
}

/// What a segment's clients are told. Empty lists and none are not sent.
#[derive(Clone, Debug)]
pub struct Options {
    /// Option 3.
    pub routers: Vec<Ipv4Addr>,
    /// Option 6.
    pub dns: Vec<Ipv4Addr>,
    /// Option 15.
    pub domain: Option<String>,
    /// Option 42.
    pub ntp: Vec<Ipv4Addr>,
    /// Option 26, bytes; 68 at least.
    pub mtu: Option<u16>,
    /// Option 51; one hour unless said otherwise. Renewal and rebinding follow at 1/2 and 7/8.
    pub lease: Duration,
    /// Any other option by number, already encoded; sent only when the client asks for it.
    pub extra: BTreeMap<u8, Vec<u8>>,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            routers: Vec::new(),
            dns: Vec::new(),
            domain: None,
            ntp: Vec::new(),
            mtu: None,
            lease: Duration::from_secs(3600),
            extra: BTreeMap::new(),
        }
    }
}

/// Router advertisements (RFC 4861): lifetime 0, so that nobody takes us for a router.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Advertise {
    /// A /64 from which clients make themselves addresses; none advertises presence only.
    pub prefix: Option<Ipv6Net>,
}

/// A machine that may boot from here.
#[derive(Clone, Debug)]
pub struct Machine {
    /// Its name, unique; used in events, permits and as `{name}`.
    pub name: String,
    /// Its cards. The first is its identity in reports.
    pub macs: Vec<Mac>,
    /// Serial number, when known. A Raspberry Pi asks for its files below the last eight digits of it.
    pub serial: Option<String>,
    /// Its processor, when known; a client that claims another one is refused.
    pub arch: Option<Processor>,
    /// What it shall do when it boots over the network.
    pub boot: Boot,
    /// The answers for its installer, handed out while a permit is open.
    pub answer: Option<Answer>,
}

/// Answers for an installer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Whose.
    pub kind: AnswerKind,
    /// The text; except for Talos, with the placeholders of a command line (see [`Install`]).
    pub text: String,
}

/// Whose answers they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerKind {
    /// The Debian installer's: fetched from `answer/MAC`.
    Debian,
    /// Proxmox's: posted for at `answer`, matched on what is posted.
    Proxmox,
    /// A Talos machine configuration: fetched from `answer/MAC`, which closes the permit, since Talos reports nothing.
    Talos,
}

/// A processor family, as far as boot programs differ by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Processor {
    /// 64-bit x86.
    X86_64,
    /// 64-bit ARM.
    Arm64,
}

/// What a machine shall do when it boots over the network.
#[derive(Clone, Debug)]
pub enum Boot {
    /// Boot from its own disk; it is given an address and no boot file.
    Disk,
    /// Install itself while a permit is open, boot from its own disk otherwise.
    Install(Install),
    /// Fetch a boot folder by TFTP each time, as a Raspberry Pi does. The text names an artefact that is a folder;
    /// the Pi's own prefixes (serial number or card in front of the file's name) lead into it. No permit is asked
    /// for: what is in the folder must not wipe anything.
    Folder(String),
    /// Be given nothing; the text says why, for the operator.
    Refuse(String),
}

/// How a machine is installed. The named artefacts must exist in [`Config::artefacts`].
///
/// In `cmdline` these are replaced: `{http}` (base URL without a last `/`), `{name}`, `{mac}`, `{address}` (empty when
/// not known), `{image}` (URL of the image), `{sha256}`, `{report}` (URL with a last `/` to which a stage name is appended and
/// posted: `installed` closes the permit), `{answer}` (URL of the machine's answers).
#[derive(Clone, Debug)]
pub struct Install {
    /// Artefact with the kernel.
    pub kernel: String,
    /// Artefacts with initial file systems, loaded in this order.
    pub initrds: Vec<String>,
    /// Kernel command line; `initrd=` is added by us.
    pub cmdline: String,
    /// The image to be written.
    pub image: Option<Image>,
    /// Artefact with one EFI program for UEFI HTTP boot (kernel, command line and initramfs in one file).
    pub efi_program: Option<String>,
}

/// A disk image and its proof.
#[derive(Clone, Debug)]
pub struct Image {
    /// Artefact with the image.
    pub artefact: String,
    /// SHA-256 of the artefact in hexadecimal. The installer checks it.
    pub sha256: String,
}

/// What is done with a client that is no known machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// It gets an address from the pools and never a boot file.
    LeaseOnly,
    /// It gets no answer.
    Ignore,
}

/// First-stage boot programs, each the name of an artefact; none offers nothing to that kind of client.
#[derive(Clone, Debug)]
pub struct Loaders {
    /// For x86 BIOS clients (option 93 = 0).
    pub bios: Option<String>,
    /// For 64-bit x86 UEFI clients (7 and 9).
    pub efi_x86_64: Option<String>,
    /// For 64-bit ARM UEFI clients (11).
    pub efi_arm64: Option<String>,
}

impl Default for Loaders {
    /// The file names of the iPXE project.
    fn default() -> Self {
        Loaders {
            bios: Some("undionly.kpxe".into()),
            efi_x86_64: Some("snponly.efi".into()),
            efi_arm64: Some("snponly-arm64.efi".into()),
        }
    }
}

/// Something that may be fetched.
#[derive(Clone, Debug)]
pub enum Artefact {
    /// One file; opened anew at each request.
    File(PathBuf),
    /// The bytes themselves.
    Bytes(Arc<[u8]>),
    /// Bytes for one machine alone, such as its host keys: handed to the address that the machine has, while its
    /// permit is open, and to nobody else.
    Personal {
        /// The machine's name.
        machine: String,
        /// The bytes.
        bytes: Arc<[u8]>,
    },
    /// A folder: the artefact's name followed by `/` and a path below the folder. Symbolic links are not followed.
    Folder(PathBuf),
}

/// UDP and TCP ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ports {
    /// DHCP server (UDP); the client's port is this plus one.
    pub dhcp: u16,
    /// PXE boot server (UDP), used by ProxyDHCP.
    pub proxy: u16,
    /// TFTP (UDP).
    pub tftp: u16,
    /// HTTP (TCP).
    pub http: u16,
}

impl Default for Ports {
    fn default() -> Self {
        Ports { dhcp: 67, proxy: 4011, tftp: 69, http: 80 }
    }
}

/// How much anything that listens accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Leases and offers held in a segment beside reservations.
    pub leases: usize,
    /// TFTP transfers at once; more are told to come back.
    pub tftp_sessions: usize,
    /// HTTP connections at once; more are closed at once.
    pub http_connections: usize,
    /// Bytes of an HTTP request's head.
    pub http_head: usize,
    /// Bytes of a posted body.
    pub http_body: usize,
    /// How long a connection may be silent.
    pub http_idle: Duration,
    /// How often one permit hands out the installation before the machine is refused.
    pub install_attempts: u32,
    /// Packets kept in the timeline of one client.
    pub timeline_packets: usize,
    /// Clients of which a timeline is kept; the one that was silent longest gives way.
    pub timeline_clients: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            leases: 65_536,
            tftp_sessions: 64,
            http_connections: 128,
            http_head: 8 * 1024,
            http_body: 1024 * 1024,
            http_idle: Duration::from_secs(30),
            install_attempts: 5,
            timeline_packets: 200,
            timeline_clients: 1024,
        }
    }
}
