//! The DHCP message on the wire (RFC 2131 §2, options RFC 2132, long options RFC 3396): bytes to value and back.
//!
//! Reading takes what real clients send (short packets, odd options, overload) and refuses only what cannot be
//! answered. What an option means is said in [`super::options`]; what is answered, in [`super::machine`].

use super::options::{Options, code};
use crate::mac::Mac;
use std::net::Ipv4Addr;

/// Length of the fixed part, magic cookie included.
const FIXED: usize = 240;
const COOKIE: [u8; 4] = [99, 130, 83, 99];
/// Some clients and relays drop anything shorter (RFC 1542 §2.1).
const MINIMUM: usize = 300;
/// What every client accepts (RFC 2131 §2), without IP and UDP headers.
pub const SAFE_SIZE: usize = 576 - 28;
const SNAME: std::ops::Range<usize> = 44..108;
const FILE: std::ops::Range<usize> = 108..236;

/// A message. Numbers are in host order; texts are without their closing NUL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// 1 from a client, 2 from a server.
    pub op: u8,
    /// Hardware type; 1 is Ethernet.
    pub htype: u8,
    /// Length of the hardware address, 16 at most.
    pub hlen: u8,
    /// Relays passed.
    pub hops: u8,
    /// The client's number of the exchange.
    pub xid: u32,
    /// Seconds since the client began.
    pub secs: u16,
    /// Bit 15 asks for a broadcast answer.
    pub flags: u16,
    /// The address the client has.
    pub ciaddr: Ipv4Addr,
    /// The address the client is given.
    pub yiaddr: Ipv4Addr,
    /// The next server to boot from.
    pub siaddr: Ipv4Addr,
    /// The relay agent.
    pub giaddr: Ipv4Addr,
    /// The hardware address; bytes after `hlen` are kept as they came.
    pub chaddr: [u8; 16],
    /// Server name, 64 bytes at most; empty when the field holds options.
    pub sname: Vec<u8>,
    /// Boot file, 128 bytes at most; empty when the field holds options.
    pub file: Vec<u8>,
    /// All options, from every field, parts joined.
    pub options: Options,
}

/// Why bytes are no DHCP message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// Shorter than the fixed part.
    #[error("{0} bytes are too few for a DHCP message")]
    Short(usize),
    /// No magic cookie: plain BOOTP or something else.
    #[error("no DHCP magic cookie")]
    NoCookie,
    /// A hardware address longer than its field.
    #[error("hardware address of {0} bytes")]
    HardwareLength(u8),
}

impl Message {
    /// What a client without an address sends, which asks for answers by broadcast (RFC 2131 §4.1).
    pub fn from_client(mac: Mac, xid: u32, options: Options) -> Self {
        let mut chaddr = [0; 16];
        chaddr[..6].copy_from_slice(&mac.0);
        let nobody = Ipv4Addr::UNSPECIFIED;
        Self {
            op: 1,
            htype: 1,
            hlen: 6,
            hops: 0,
            xid,
            secs: 0,
            flags: 0x8000,
            ciaddr: nobody,
            yiaddr: nobody,
            siaddr: nobody,
            giaddr: nobody,
            chaddr,
            sname: Vec::new(),
            file: Vec::new(),
            options,
        }
    }

    /// An answer to `request` with the fields a server must copy (RFC 2131 table 3).
    pub fn answer(request: &Message) -> Message {
        Message {
            op: 2,
            htype: request.htype,
            hlen: request.hlen,
            hops: 0,
            xid: request.xid,
            secs: 0,
            flags: request.flags,
            ciaddr: Ipv4Addr::UNSPECIFIED,
            yiaddr: Ipv4Addr::UNSPECIFIED,
            siaddr: Ipv4Addr::UNSPECIFIED,
            giaddr: request.giaddr,
            chaddr: request.chaddr,
            sname: Vec::new(),
            file: Vec::new(),
            options: Options::default(),
        }
    }

    /// The Ethernet address, when the hardware is Ethernet and the address can belong to one card.
    pub fn mac(&self) -> Option<Mac> {
        let mac = Mac(self.chaddr.first_chunk::<6>().copied()?);
        (self.htype == 1 && self.hlen == 6 && mac.is_unicast()).then_some(mac)
    }

    /// Whether the client asks for a broadcast answer.
    pub fn wants_broadcast(&self) -> bool {
        self.flags & 0x8000 != 0
    }

    /// Reads a message.
    ///
    /// # Errors
    /// When the fixed part is not there; a damaged option ends the reading of its field and is no error, since the
    /// options before it are still good and some firmware forgets the closing one.
    pub fn parse(bytes: &[u8]) -> Result<Message, WireError> {
        let fixed: &[u8; FIXED] = bytes.first_chunk().ok_or(WireError::Short(bytes.len()))?;
        if fixed[236..240] != COOKIE {
            return Err(WireError::NoCookie);
        }
        if fixed[2] > 16 {
            return Err(WireError::HardwareLength(fixed[2]));
        }
        let mut options = Options::default();
        options.read_field(&bytes[FIXED..]);
        // RFC 2131 §4.1: the option field first, then `file`, then `sname`.
        let overload = options.get(code::OVERLOAD).and_then(|v| v.first()).copied().unwrap_or(0);
        let (in_file, in_sname) = (overload & 1 != 0, overload & 2 != 0);
        if in_file {
            options.read_field(&fixed[FILE]);
        }
        if in_sname {
            options.read_field(&fixed[SNAME]);
        }
        options.remove(code::OVERLOAD);
        let mut chaddr = [0; 16];
        chaddr.copy_from_slice(&fixed[28..44]);
        let address = |at: usize| Ipv4Addr::new(fixed[at], fixed[at + 1], fixed[at + 2], fixed[at + 3]);
        Ok(Message {
            op: fixed[0],
            htype: fixed[1],
            hlen: fixed[2],
            hops: fixed[3],
            xid: u32::from_be_bytes([fixed[4], fixed[5], fixed[6], fixed[7]]),
            secs: u16::from_be_bytes([fixed[8], fixed[9]]),
            flags: u16::from_be_bytes([fixed[10], fixed[11]]),
            ciaddr: address(12),
            yiaddr: address(16),
            siaddr: address(20),
            giaddr: address(24),
            chaddr,
            sname: if in_sname { Vec::new() } else { until_nul(&fixed[SNAME]) },
            file: if in_file { Vec::new() } else { until_nul(&fixed[FILE]) },
            options,
        })
    }

    /// Writes the message in at most `limit` bytes (576 less headers at least). Options that do not fit go into
    /// `file` and `sname` when these are free (option 52), and are left out, highest number first, when not.
    pub fn write(&self, limit: usize) -> Vec<u8> {
        let mut bytes = vec![0; FIXED];
        bytes[0..4].copy_from_slice(&[self.op, self.htype, self.hlen, self.hops]);
        bytes[4..8].copy_from_slice(&self.xid.to_be_bytes());
        bytes[8..10].copy_from_slice(&self.secs.to_be_bytes());
        bytes[10..12].copy_from_slice(&self.flags.to_be_bytes());
        for (at, address) in [(12, self.ciaddr), (16, self.yiaddr), (20, self.siaddr), (24, self.giaddr)] {
            bytes[at..at + 4].copy_from_slice(&address.octets());
        }
        bytes[28..44].copy_from_slice(&self.chaddr);
        fill(&mut bytes[SNAME], &self.sname);
        fill(&mut bytes[FILE], &self.file);
        bytes[236..240].copy_from_slice(&COOKIE);
        self.write_options(&mut bytes, limit.max(SAFE_SIZE));
        bytes.resize(bytes.len().max(MINIMUM), 0);
        bytes
    }

    fn write_options(&self, bytes: &mut Vec<u8>, limit: usize) {
        let all: Vec<Vec<u8>> = self.options.in_order().map(|(code, value)| encode(code, value)).collect();
        let room = limit - FIXED - 1;
        if all.iter().map(Vec::len).sum::<usize>() <= room {
            bytes.extend(all.into_iter().flatten());
            bytes.push(code::END);
            return;
        }
        // Room for option 52 is kept in the main field.
        let room = room - 3;
        let (mut main, mut file, mut sname) = (Vec::new(), Vec::new(), Vec::new());
        for option in all {
            let len = option.len();
            if main.len() + len <= room {
                main.extend(option);
            } else if self.file.is_empty() && file.len() + len < FILE.len() {
                file.extend(option);
            } else if self.sname.is_empty() && sname.len() + len < SNAME.len() {
                sname.extend(option);
            }
        }
        let overload = u8::from(!file.is_empty()) | u8::from(!sname.is_empty()) << 1;
        for (field, range) in [(file, FILE), (sname, SNAME)] {
            if !field.is_empty() {
                fill(&mut bytes[range.clone()], &field);
                bytes[range][field.len()] = code::END;
            }
        }
        if overload != 0 {
            main.extend([code::OVERLOAD, 1, overload]);
        }
        bytes.extend(main);
        bytes.push(code::END);
    }
}

/// One option, in parts of 255 bytes when it is longer (RFC 3396 §7).
fn encode(code: u8, value: &[u8]) -> Vec<u8> {
    if value.is_empty() {
        return vec![code, 0];
    }
    let mut bytes = Vec::with_capacity(value.len() + 2);
    for part in value.chunks(255) {
        bytes.push(code);
        bytes.push(u8::try_from(part.len()).expect("a chunk of 255 bytes at most"));
        bytes.extend_from_slice(part);
    }
    bytes
}

fn until_nul(field: &[u8]) -> Vec<u8> {
    field.iter().copied().take_while(|b| *b != 0).collect()
}

fn fill(field: &mut [u8], value: &[u8]) {
    let len = value.len().min(field.len());
    field[..len].copy_from_slice(&value[..len]);
}
