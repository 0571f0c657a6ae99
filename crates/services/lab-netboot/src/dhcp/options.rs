//! DHCP options as a set: reading a field of them, asking for one by meaning, and the order in which they are sent.
//!
//! Values stay bytes until somebody asks: an option of the wrong length reads as absent and hides nothing else.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

/// Numbers of the options this program knows (RFC 2132 and the ones named beside them).
pub mod code {
    #![expect(missing_docs, reason = "the names are those of the registry")]
    pub const PAD: u8 = 0;
    pub const SUBNET_MASK: u8 = 1;
    pub const ROUTERS: u8 = 3;
    pub const DNS: u8 = 6;
    pub const HOST_NAME: u8 = 12;
    pub const DOMAIN: u8 = 15;
    pub const MTU: u8 = 26;
    pub const BROADCAST: u8 = 28;
    pub const NTP: u8 = 42;
    pub const VENDOR: u8 = 43;
    pub const REQUESTED_ADDRESS: u8 = 50;
    pub const LEASE_TIME: u8 = 51;
    pub const OVERLOAD: u8 = 52;
    pub const MESSAGE_TYPE: u8 = 53;
    pub const SERVER_ID: u8 = 54;
    pub const PARAMETER_LIST: u8 = 55;
    pub const MESSAGE: u8 = 56;
    pub const MAX_SIZE: u8 = 57;
    pub const RENEWAL: u8 = 58;
    pub const REBINDING: u8 = 59;
    pub const VENDOR_CLASS: u8 = 60;
    pub const CLIENT_ID: u8 = 61;
    pub const TFTP_SERVER: u8 = 66;
    pub const BOOT_FILE: u8 = 67;
    /// RFC 3004, although PXE clients send it as plain text.
    pub const USER_CLASS: u8 = 77;
    /// RFC 3046.
    pub const RELAY_AGENT: u8 = 82;
    /// RFC 4578.
    pub const ARCHITECTURE: u8 = 93;
    /// RFC 4578.
    pub const INTERFACE: u8 = 94;
    /// RFC 4578.
    pub const GUID: u8 = 97;
    /// Given out to iPXE's predecessor, encapsulated.
    pub const IPXE: u8 = 175;
    pub const END: u8 = 255;
}

/// The kinds of message (option 53).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A client looks for servers.
    Discover,
    /// A server offers.
    Offer,
    /// A client takes an offer, checks or extends its lease.
    Request,
    /// A client found its address in use.
    Decline,
    /// A server grants.
    Ack,
    /// A server refuses.
    Nak,
    /// A client gives its address back.
    Release,
    /// A client that has an address asks for the rest.
    Inform,
}

impl Kind {
    const ALL: [Kind; 8] = [
        Kind::Discover,
        Kind::Offer,
        Kind::Request,
        Kind::Decline,
        Kind::Ack,
        Kind::Nak,
        Kind::Release,
        Kind::Inform,
    ];

    /// The number on the wire.
    pub fn number(self) -> u8 {
        self as u8 + 1
    }

    /// The kind of a number.
    pub fn of(number: u8) -> Option<Kind> {
        Kind::ALL.get(usize::from(number).checked_sub(1)?).copied()
    }

    /// The word the standards use.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Discover => "DISCOVER",
            Kind::Offer => "OFFER",
            Kind::Request => "REQUEST",
            Kind::Decline => "DECLINE",
            Kind::Ack => "ACK",
            Kind::Nak => "NAK",
            Kind::Release => "RELEASE",
            Kind::Inform => "INFORM",
        }
    }
}

/// A set of options, each with all its parts joined.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options(BTreeMap<u8, Vec<u8>>);

impl Options {
    /// Adds the options of one field. Reading ends at the end mark or at the first option that is cut off.
    pub(super) fn read_field(&mut self, field: &[u8]) {
        for (code, value) in Items(field) {
            // RFC 3396 §7: parts of one option are joined wherever they stand.
            self.0.entry(code).or_default().extend_from_slice(value);
        }
    }

    /// The bytes of an option.
    pub fn get(&self, code: u8) -> Option<&[u8]> {
        self.0.get(&code).map(Vec::as_slice)
    }

    /// Whether the option is there, whatever it holds.
    pub fn has(&self, code: u8) -> bool {
        self.0.contains_key(&code)
    }

    /// Sets an option. PAD and END are no options and are passed over.
    pub fn set(&mut self, code: u8, value: impl Into<Vec<u8>>) {
        if !matches!(code, code::PAD | code::END) {
            self.0.insert(code, value.into());
        }
    }

    /// Takes an option away.
    pub fn remove(&mut self, code: u8) {
        self.0.remove(&code);
    }

    /// Sets an option that is a list of addresses, when there is one at least.
    pub fn set_addresses(&mut self, code: u8, addresses: &[Ipv4Addr]) {
        if !addresses.is_empty() {
            self.set(code, addresses.iter().flat_map(Ipv4Addr::octets).collect::<Vec<u8>>());
        }
    }

    /// Sets an option that is a number of 32 bits.
    pub fn set_u32(&mut self, code: u8, value: u32) {
        self.set(code, value.to_be_bytes());
    }

    /// An option that is one address.
    pub fn address(&self, code: u8) -> Option<Ipv4Addr> {
        <[u8; 4]>::try_from(self.get(code)?).ok().map(Ipv4Addr::from)
    }

    /// An option that is a number of 32 bits.
    pub fn u32(&self, code: u8) -> Option<u32> {
        <[u8; 4]>::try_from(self.get(code)?).ok().map(u32::from_be_bytes)
    }

    /// An option that is a number of 16 bits.
    pub fn u16(&self, code: u8) -> Option<u16> {
        <[u8; 2]>::try_from(self.get(code)?).ok().map(u16::from_be_bytes)
    }

    /// The kind of message.
    pub fn kind(&self) -> Option<Kind> {
        match self.get(code::MESSAGE_TYPE)? {
            [number] => Kind::of(*number),
            _ => None,
        }
    }

    /// Whether the client asked for the option. One that sends no list is told everything.
    pub fn asks_for(&self, code: u8) -> bool {
        self.get(code::PARAMETER_LIST).is_none_or(|list| list.contains(&code))
    }

    /// Every processor and firmware the client says it is (RFC 4578 §2.1).
    pub fn architectures(&self) -> impl Iterator<Item = u16> {
        let list = self.get(code::ARCHITECTURE).unwrap_or_default();
        list.as_chunks().0.iter().map(|pair| u16::from_be_bytes(*pair))
    }

    /// The options inside an encapsulating one (43 and 175).
    pub fn inside(&self, code: u8) -> impl Iterator<Item = (u8, &[u8])> {
        Items(self.get(code).unwrap_or_default())
    }

    /// In the order of sending: the kind first, since some firmware looks no further; the relay's last (RFC 3046 §2.2).
    pub fn in_order(&self) -> impl Iterator<Item = (u8, &[u8])> {
        let rank = |code: u8| match code {
            code::MESSAGE_TYPE => 0,
            code::SERVER_ID => 1,
            code::RELAY_AGENT => 3,
            _ => 2,
        };
        let mut all: Vec<_> = self.0.iter().map(|(code, value)| (*code, value.as_slice())).collect();
        all.sort_by_key(|(code, _)| rank(*code));
        all.into_iter()
    }
}

/// Code and value of one option after the other, until the end mark, the end, or an option that is cut off.
struct Items<'a>(&'a [u8]);

impl<'a> Iterator for Items<'a> {
    type Item = (u8, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match *self.0 {
                [code::PAD, ref rest @ ..] => self.0 = rest,
                [code::END, ..] | [] | [_] => return None,
                [code, length, ref rest @ ..] => {
                    let (value, rest) = rest.split_at_checked(usize::from(length))?;
                    self.0 = rest;
                    return Some((code, value));
                }
            }
        }
    }
}
