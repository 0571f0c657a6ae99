//! The sockets of a Pi that is played: DHCP without an address on an interface, then TFTP with it.
//!
//! Setting the address on the interface is the caller's; a network namespace is entered by the caller's thread.

use super::{NotTaken, Offer, Pi};
use crate::dhcp::options::Kind;
use crate::dhcp::wire::Message;
use crate::server::udp_to_share;
use std::io;
use std::net::{Ipv4Addr, SocketAddrV4, UdpSocket};
use std::time::{Duration, Instant};

/// What a Pi asks for in one packet.
const BLOCK: usize = 1024;
/// So often a packet is sent without an answer.
const TRIES: usize = 5;

/// A boot that went as far as the kernel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Booted {
    /// The offer it took.
    pub offer: Offer,
    /// Every name it asked for, and the length of what came; none when there was no such file.
    pub files: Vec<(String, Option<usize>)>,
}

/// Why a boot stopped.
#[derive(Debug, thiserror::Error)]
pub enum BootError {
    /// A socket failed.
    #[error("the network failed")]
    Network(#[from] io::Error),
    /// Nobody answered.
    #[error("no answer to {TRIES} packets")]
    NoAnswer,
    /// Answers came, none of which it takes; the last one for this reason.
    #[error("no offer that a Raspberry Pi takes")]
    NotTaken(#[source] NotTaken),
    /// Its REQUEST was refused.
    #[error("the address it was offered was refused to it")]
    Refused,
    /// A file without which it stops was not there.
    #[error("`{0}` is not served")]
    Missing(String),
}

/// Boots on an interface: asks for an address, has the caller set it, and fetches everything up to the kernel. `patience` is
/// how long one answer is waited for; a Pi waits five seconds.
///
/// # Errors
/// Where the Pi would stop, and why.
pub fn boot(
    pi: &Pi,
    interface: &str,
    patience: Duration,
    set_address: impl FnOnce(&Offer) -> io::Result<()>,
) -> Result<Booted, BootError> {
    let offer = lease(pi, interface, patience)?;
    set_address(&offer)?;
    let mut files = Vec::new();
    let mut fetch = |name: String, is_needed: bool| -> Result<bool, BootError> {
        let content = read(offer.tftp, &name, patience)?;
        let is_there = content.is_some();
        files.push((name.clone(), content.map(|bytes| bytes.len())));
        if is_needed && !is_there { Err(BootError::Missing(name)) } else { Ok(is_there) }
    };
    for file in pi.first_files() {
        fetch(file.name.to_owned(), file.is_needed)?;
    }
    let mut prefix = pi.prefix_text();
    let mut has_prefix = false;
    for name in pi.prefix_files() {
        has_prefix = has_prefix || fetch(format!("{prefix}{name}"), false)?;
    }
    if !has_prefix {
        prefix.clear();
    }
    for file in pi.boot_files() {
        fetch(format!("{prefix}{}", file.name), file.is_needed)?;
    }
    Ok(Booted { offer, files })
}

/// The exchange for an address: DISCOVER, OFFER, and where the generation does, REQUEST and ACK.
///
/// # Errors
/// When nobody makes an offer that this Pi takes, or the offer is then refused.
pub fn lease(pi: &Pi, interface: &str, patience: Duration) -> Result<Offer, BootError> {
    let socket = udp_to_share(68, interface)?;
    socket.set_nonblocking(false)?;
    let xid = u32::from_be_bytes([pi.mac.0[2], pi.mac.0[3], pi.mac.0[4], pi.mac.0[5]]) ^ pi.serial;
    let offer = exchange(&socket, &pi.discover(xid), patience, |answer| match pi.consider(answer, xid) {
        Ok(offer) => Some(Ok(offer)),
        Err(NotTaken::NotMine) => None,
        Err(why) => Some(Err(BootError::NotTaken(why))),
    })?;
    let Some(request) = pi.request(&offer, xid) else { return Ok(offer) };
    exchange(&socket, &request, patience, |answer| match (answer.xid == xid, answer.options.kind()) {
        (true, Some(Kind::Ack)) if answer.yiaddr == offer.address => Some(Ok(offer.clone())),
        (true, Some(Kind::Nak)) => Some(Err(BootError::Refused)),
        _ => None,
    })
}

/// Sends until an answer comes that `judge` says something to. One that is not taken is kept in mind, since a better one
/// may follow.
fn exchange(
    socket: &UdpSocket,
    message: &Message,
    patience: Duration,
    judge: impl Fn(&Message) -> Option<Result<Offer, BootError>>,
) -> Result<Offer, BootError> {
    let everybody = SocketAddrV4::new(Ipv4Addr::BROADCAST, 67);
    let mut last = BootError::NoAnswer;
    let mut buffer = [0; 4096];
    for _ in 0..TRIES {
        socket.send_to(&message.write(0), everybody)?;
        let end = Instant::now() + patience;
        while let Some(left) = end.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()) {
            socket.set_read_timeout(Some(left))?;
            let Ok((length, _)) = socket.recv_from(&mut buffer) else { break };
            match Message::parse(&buffer[..length]).ok().and_then(|answer| judge(&answer)) {
                Some(Ok(offer)) => return Ok(offer),
                Some(Err(why @ BootError::Refused)) => return Err(why),
                Some(Err(why)) => last = why,
                None => {}
            }
        }
    }
    Err(last)
}

/// Reads a file by TFTP as a Pi does: its size asked for, in blocks of 1,024 bytes. None when the server has none.
///
/// # Errors
/// When the network fails or the server falls silent.
pub fn read(server: Ipv4Addr, name: &str, patience: Duration) -> Result<Option<Vec<u8>>, BootError> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?;
    socket.set_read_timeout(Some(patience))?;
    let mut packet = [&[0, 1], name.as_bytes(), b"\0octet\0tsize\x000\0blksize\x001024\0"].concat();
    let mut peer = SocketAddrV4::new(server, 69);
    let (mut content, mut block, mut size) = (Vec::new(), 512, BLOCK + 4);
    let mut buffer = [0; BLOCK + 4];
    let mut silent = 0;
    loop {
        socket.send_to(&packet, peer)?;
        let Ok((length, std::net::SocketAddr::V4(from))) = socket.recv_from(&mut buffer) else {
            silent += 1;
            if silent == TRIES {
                return Err(BootError::NoAnswer);
            }
            continue;
        };
        peer = from;
        silent = 0;
        match (&buffer[..length], content.len() / block) {
            ([0, 6, ..], 0) => {
                (block, size) = (BLOCK, BLOCK + 4);
                packet = vec![0, 4, 0, 0];
            }
            ([0, 3, high, low, data @ ..], blocks) => {
                let number = u16::from_be_bytes([*high, *low]);
                if number == (blocks + 1) as u16 {
                    content.extend_from_slice(data);
                }
                packet = [&[0, 4], &number.to_be_bytes()[..]].concat();
                if length < size.min(block + 4) {
                    socket.send_to(&packet, peer)?;
                    return Ok(Some(content));
                }
            }
            ([0, 5, ..], _) => return Ok(None),
            _ => {}
        }
    }
}
