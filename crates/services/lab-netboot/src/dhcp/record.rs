//! One change of the lease table as one line of the journal.
//!
//! The form is ours and versioned by the journal's first line; times are whole seconds since 1970.

use super::lease::ClientKey;
use crate::mac::Mac;
use std::net::Ipv4Addr;
use std::time::{Duration, SystemTime};

/// Who holds an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The client's key.
    pub key: ClientKey,
    /// Its card.
    pub mac: Option<Mac>,
}

/// A change worth keeping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    /// An address was granted or extended.
    Bound {
        /// The address.
        address: Ipv4Addr,
        /// Until when.
        until: SystemTime,
        /// To whom.
        holder: Holder,
    },
    /// An address was given back.
    Free {
        /// The address.
        address: Ipv4Addr,
    },
    /// An address is used by somebody who did not get it from us.
    Declined {
        /// The address.
        address: Ipv4Addr,
        /// How long it is set aside.
        until: SystemTime,
    },
}

impl Record {
    /// The address it is about.
    pub fn address(&self) -> Ipv4Addr {
        match self {
            Record::Bound { address, .. } | Record::Free { address } | Record::Declined { address, .. } => {
                *address
            }
        }
    }

    /// The line.
    pub fn line(&self) -> String {
        match self {
            Record::Bound { address, until, holder } => {
                let mac = holder.mac.map_or_else(|| "-".to_owned(), |mac| mac.to_string());
                format!("bound {address} {} {mac} {}", seconds(*until), hex(&holder.key.0))
            }
            Record::Free { address } => format!("free {address}"),
            Record::Declined { address, until } => format!("declined {address} {}", seconds(*until)),
        }
    }

    /// Reads a line; none when it is not one of ours.
    pub fn parse(line: &str) -> Option<Record> {
        let words: Vec<&str> = line.split(' ').collect();
        match words[..] {
            ["bound", address, until, mac, key] => Some(Record::Bound {
                address: address.parse().ok()?,
                until: time(until)?,
                holder: Holder {
                    key: ClientKey(unhex(key)?),
                    mac: if mac == "-" { None } else { Some(mac.parse().ok()?) },
                },
            }),
            ["free", address] => Some(Record::Free { address: address.parse().ok()? }),
            ["declined", address, until] => {
                Some(Record::Declined { address: address.parse().ok()?, until: time(until)? })
            }
            _ => None,
        }
    }
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs()
}

fn time(text: &str) -> Option<SystemTime> {
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(text.parse().ok()?))
}

fn hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from(b"0123456789abcdef"[usize::from(half)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let pairs = text.as_bytes().chunks(2);
    pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}
