//! The TFTP loop: one listening socket an address; a socket and a thread each transfer, as many as the limits allow.
//!
//! Blocks are read from the file when they are sent, again for every repetition; nothing is held in memory.

mod session;

use super::content::Content;
use super::shared::{Shared, lock};
use super::socket::{udp, wait};
use crate::boot::pi;
use crate::tftp::machine::Transfer;
use crate::tftp::wire::{self, ErrorCode, Packet, ReadRequest};
use crate::timeline::{By, Fact};
use session::Session;
use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, UdpSocket};
use std::os::fd::AsFd;
use std::sync::{Arc, Mutex};
use std::thread::Scope;
use std::time::Instant;

/// An Ethernet frame less IP, UDP and TFTP headers; a longer block would be sent in fragments.
const LARGEST_BLOCK: u16 = 1500 - 28 - 4;
const LARGEST_PACKET: usize = 1500;

/// A listening socket.
#[derive(Debug)]
pub(super) struct Ear {
    pub(super) socket: UdpSocket,
    pub(super) address: Ipv4Addr,
}

/// What the listener and the transfers share.
struct Hall<'a> {
    shared: &'a Shared,
    /// The transfers' clocks count from here.
    began: Instant,
    sessions: Mutex<BTreeMap<SocketAddrV4, Arc<Session>>>,
}

/// Runs until the service ends.
pub(super) fn run(shared: &Shared, ears: &[Ear]) {
    let hall = Hall { shared, began: Instant::now(), sessions: Mutex::default() };
    let mut fds = vec![shared.stop.as_fd()];
    fds.extend(ears.iter().map(|ear| ear.socket.as_fd()));
    std::thread::scope(|scope| {
        loop {
            let ready = match wait(&fds, None) {
                Ok(ready) if ready[0] => break,
                Ok(ready) => ready,
                Err(error) => {
                    shared.fault(format!("waiting for TFTP packets failed, TFTP ends: {error}"));
                    break;
                }
            };
            for (ear, _) in ears.iter().zip(&ready[1..]).filter(|(_, ready)| **ready) {
                hall.listen(scope, ear);
            }
        }
        lock(&hall.sessions).values().for_each(|session| session.cut());
    });
}

impl Hall<'_> {
    /// Reads requests until there are no more.
    fn listen<'scope>(&'scope self, scope: &'scope Scope<'scope, '_>, ear: &Ear) {
        let mut buffer = [0; LARGEST_PACKET];
        while let Ok((length, SocketAddr::V4(peer))) = ear.socket.recv_from(&mut buffer) {
            let packet = Packet::parse(&buffer[..length]);
            let running = lock(&self.sessions).get(&peer).cloned();
            if let Some(session) = running {
                // The same request once more: its answer was lost.
                if let Ok(packet @ Packet::Read(_)) = &packet {
                    session.receive(packet, self.began.elapsed());
                }
                continue;
            }
            let refusal = match packet {
                Ok(Packet::Read(request)) => self.begin(scope, ear, peer, &request),
                Ok(Packet::Write) => Some(wire::error(ErrorCode::Access, "nothing is written here")),
                Err(wire::WireError::Mode) => Some(wire::error(ErrorCode::Illegal, "only octet mode")),
                // An error is never answered with an error, and a stray packet not at all.
                Ok(Packet::Ack(_) | Packet::Error { .. }) | Err(_) => None,
            };
            if let Some(refusal) = refusal {
                // The client asks again when this is lost.
                let _ = ear.socket.send_to(&refusal, peer);
            }
        }
    }

    /// Begins a transfer in a thread of its own; the error packet to send when it cannot be.
    fn begin<'scope>(
        &'scope self,
        scope: &'scope Scope<'scope, '_>,
        ear: &Ear,
        peer: SocketAddrV4,
        request: &ReadRequest,
    ) -> Option<Vec<u8>> {
        if lock(&self.sessions).len() >= self.shared.config.limits.tftp_sessions {
            return Some(wire::error(ErrorCode::Other, "too many transfers, try again"));
        }
        let session = match self.open(ear, peer, request) {
            Ok(session) => Arc::new(session),
            Err(error) => return Some(self.refuse(peer, request, &error)),
        };
        lock(&self.sessions).insert(peer, Arc::clone(&session));
        let spawned = std::thread::Builder::new().name("tftp".into()).spawn_scoped(scope, move || {
            session.run(self.began);
            lock(&self.sessions).remove(&peer);
            session.tell_end(self.shared);
        });
        spawned.err().map(|error| {
            lock(&self.sessions).remove(&peer);
            self.refuse(peer, request, &error)
        })
    }

    /// Opens what is asked for and sends the first answer.
    fn open(&self, ear: &Ear, peer: SocketAddrV4, request: &ReadRequest) -> io::Result<Session> {
        let shared = self.shared;
        // Boot ROMs write the same name with and without a first `/`.
        let asked = request.file.trim_start_matches('/');
        let mac = shared.mac_at(*peer.ip());
        let machine = mac.and_then(|mac| shared.config.machine_with(mac));
        let name =
            machine.and_then(|machine| pi::artefact(machine, asked)).unwrap_or_else(|| asked.to_owned());
        if !shared.may_fetch(&name, *peer.ip()) {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        let content = Content::open(&shared.config, &name)?;
        let socket = udp(ear.address, 0, None).map_err(io::Error::other)?;
        socket.connect(peer)?;
        if let Some(mac) = mac {
            shared.note(mac, Fact::Begun { by: By::Tftp, file: name.clone(), bytes: content.len() });
        }
        let begun = Transfer::begin(request, content.len(), LARGEST_BLOCK, self.began.elapsed());
        Session::begin(socket, begun, content, name, mac)
    }

    /// The error packet for a request that cannot be served, told to the caller as well.
    fn refuse(&self, peer: SocketAddrV4, request: &ReadRequest, error: &io::Error) -> Vec<u8> {
        if let Some(mac) = self.shared.mac_at(*peer.ip()) {
            let (file, reason) = (request.file.clone(), error.to_string());
            self.shared.note(mac, Fact::NotServed { by: By::Tftp, file, reason });
        }
        match error.kind() {
            io::ErrorKind::NotFound => wire::error(ErrorCode::NotFound, "not served"),
            io::ErrorKind::PermissionDenied => wire::error(ErrorCode::Access, "not for you"),
            _ => {
                self.shared.fault(format!("`{}` cannot be opened: {error}", request.file));
                wire::error(ErrorCode::Other, "cannot be opened")
            }
        }
    }
}
