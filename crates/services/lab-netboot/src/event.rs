//! What the service tells its caller while it works: one value for each thing that happened to a machine.
//!
//! Events are for progress and for people; nothing inside the service depends on whether somebody listens.

use crate::mac::Mac;
use std::net::Ipv4Addr;
use std::time::SystemTime;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// When.
    pub at: SystemTime,
    /// The card it concerns; none for what concerns the service as a whole.
    pub mac: Option<Mac>,
    /// The machine's name, when the card belongs to a known one.
    pub machine: Option<String>,
    /// What.
    pub kind: EventKind,
}

/// What happened. A machine that installs itself passes these from top to bottom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// A client asked for an address; `client` says in words what it claims to be.
    Seen {
        /// Such as `x86 BIOS firmware` or `iPXE on x86-64 UEFI`.
        client: String,
    },
    /// It was offered an address (none in proxy mode) and perhaps something to boot.
    Offered {
        /// The address.
        address: Option<Ipv4Addr>,
        /// Boot file name or URL.
        boot_file: Option<String>,
    },
    /// It took the address.
    Acked {
        /// The address.
        address: Ipv4Addr,
    },
    /// A first-stage boot program was fetched completely.
    LoaderFetched {
        /// Its name.
        file: String,
    },
    /// The machine's iPXE script was fetched; `install` tells whether it installs or boots from disk.
    ScriptFetched {
        /// Whether the script installs the machine.
        install: bool,
    },
    /// The kernel was fetched completely.
    KernelFetched,
    /// An initial file system was fetched completely.
    InitrdFetched,
    /// So much of the image was handed to the machine. 100 is told once, at the end.
    ImageProgress {
        /// 0 to 100.
        percent: u8,
    },
    /// The machine told a stage by itself, such as `installed`.
    Reported {
        /// The stage's name.
        stage: String,
        /// The posted body as text, cut to 4,096 bytes.
        detail: String,
    },
    /// The permit to install was opened.
    PermitOpened,
    /// The permit to install was closed; from now on the machine boots from its disk.
    PermitClosed,
    /// A client declined the address: somebody else uses it.
    Declined {
        /// The address, set aside for a while.
        address: Ipv4Addr,
    },
    /// The machine was not given what it asked for.
    Refused {
        /// Why, for the operator.
        reason: String,
    },
    /// A card that belongs to no known machine asked for an address. Told once for each card.
    UnknownMachine,
    /// Another DHCP server answers on this segment. Told once for each address.
    RivalServer {
        /// The segment.
        segment: String,
        /// The other server's address.
        address: Ipv4Addr,
    },
    /// Something in the service itself failed; it goes on.
    Fault {
        /// What failed and why.
        what: String,
    },
}
