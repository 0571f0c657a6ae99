//! The TFTP loop: one listening socket an address, one socket a transfer, all in one thread.
//!
//! Blocks are read from the file when they are sent, again for every repetition; nothing is held in memory.

use super::content::Content;
use super::shared::Shared;
use super::socket::{udp, wait};
use crate::boot::{choice, pi};
use crate::mac::Mac;
use crate::tftp::machine::{Output, State, Transfer};
use crate::tftp::wire::{self, ErrorCode, Packet, ReadRequest};
use crate::timeline::{By, Fact};
use std::io;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, UdpSocket};
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

/// An Ethernet frame less IP, UDP and TFTP headers; a longer block would be sent in fragments.
const LARGEST_BLOCK: u16 = 1500 - 28 - 4;
const LARGEST_PACKET: usize = 1500;

/// A listening socket.
#[derive(Debug)]
pub(super) struct Ear {
    pub(super) socket: UdpSocket,
    pub(super) address: Ipv4Addr,
}

struct Session {
    peer: SocketAddrV4,
    socket: UdpSocket,
    transfer: Transfer,
    content: Content,
    name: String,
    mac: Option<Mac>,
}

/// Runs until the service ends.
pub(super) fn run(shared: &Shared, ears: &[Ear]) {
    let began = Instant::now();
    let mut sessions: Vec<Session> = Vec::new();
    loop {
        let mut fds = vec![shared.stop.as_fd()];
        fds.extend(ears.iter().map(|ear| ear.socket.as_fd()));
        fds.extend(sessions.iter().map(|session| session.socket.as_fd()));
        let next = sessions.iter().map(|session| session.transfer.deadline()).min();
        let timeout = next.map(|deadline| deadline.saturating_sub(began.elapsed()));
        let ready = match wait(&fds, timeout) {
            Ok(ready) if ready[0] => return,
            Ok(ready) => ready,
            Err(error) => {
                shared.fault(format!("waiting for TFTP packets failed, TFTP ends: {error}"));
                return;
            }
        };
        let (heard, answered) = ready[1..].split_at(ears.len());
        for (session, ready) in sessions.iter_mut().zip(answered) {
            session.go_on(*ready, began.elapsed());
        }
        for (ear, _) in ears.iter().zip(heard).filter(|(_, ready)| **ready) {
            listen(shared, ear, &mut sessions, began.elapsed());
        }
        sessions.retain(|session| {
            if session.transfer.is_over() {
                session.ended(shared);
            }
            !session.transfer.is_over()
        });
    }
}

/// Reads requests until there are no more.
fn listen(shared: &Shared, ear: &Ear, sessions: &mut Vec<Session>, now: Duration) {
    let mut buffer = [0; LARGEST_PACKET];
    while let Ok((length, SocketAddr::V4(peer))) = ear.socket.recv_from(&mut buffer) {
        let packet = Packet::parse(&buffer[..length]);
        if let Some(session) =
            sessions.iter_mut().find(|session| session.peer == peer && !session.transfer.is_over())
        {
            // The same request once more: its answer was lost.
            if let Ok(packet @ Packet::Read(_)) = &packet {
                let outputs = session.transfer.receive(packet, now);
                session.send(outputs);
            }
            continue;
        }
        let refusal = match packet {
            Ok(Packet::Read(_)) if sessions.len() >= shared.config.limits.tftp_sessions => {
                wire::error(ErrorCode::Other, "too many transfers, try again")
            }
            Ok(Packet::Read(request)) => match Session::begin(shared, ear, peer, &request, now) {
                Ok(session) => {
                    sessions.push(session);
                    continue;
                }
                Err(error) => refuse(shared, peer, &request, &error),
            },
            Ok(Packet::Write) => wire::error(ErrorCode::Access, "nothing is written here"),
            Err(wire::WireError::Mode) => wire::error(ErrorCode::Illegal, "only octet mode"),
            // An error is never answered with an error, and a stray packet not at all.
            Ok(Packet::Ack(_) | Packet::Error { .. }) | Err(_) => continue,
        };
        // The client asks again when this is lost.
        let _ = ear.socket.send_to(&refusal, peer);
    }
}

/// The error packet for a request that cannot be served, told to the caller as well.
fn refuse(shared: &Shared, peer: SocketAddrV4, request: &ReadRequest, error: &io::Error) -> Vec<u8> {
    if let Some(mac) = shared.mac_at(*peer.ip()) {
        let (file, reason) = (request.file.clone(), error.to_string());
        shared.note(mac, Fact::NotServed { by: By::Tftp, file, reason });
    }
    match error.kind() {
        io::ErrorKind::NotFound => wire::error(ErrorCode::NotFound, "not served"),
        io::ErrorKind::PermissionDenied => wire::error(ErrorCode::Access, "not for you"),
        _ => {
            shared.fault(format!("`{}` cannot be opened: {error}", request.file));
            wire::error(ErrorCode::Other, "cannot be opened")
        }
    }
}

impl Session {
    fn begin(
        shared: &Shared,
        ear: &Ear,
        peer: SocketAddrV4,
        request: &ReadRequest,
        now: Duration,
    ) -> io::Result<Session> {
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
        let (transfer, outputs) = Transfer::begin(request, content.len(), LARGEST_BLOCK, now);
        let mut session = Session { peer, socket, transfer, content, name, mac };
        session.send(outputs);
        Ok(session)
    }

    fn go_on(&mut self, ready: bool, now: Duration) {
        let mut buffer = [0; LARGEST_PACKET];
        while ready && !self.transfer.is_over() {
            // A closed port at the client shows as an error here; the clock ends such a transfer.
            let Ok(length) = self.socket.recv(&mut buffer) else { break };
            if let Ok(packet) = Packet::parse(&buffer[..length]) {
                let outputs = self.transfer.receive(&packet, now);
                self.send(outputs);
            }
        }
        let outputs = self.transfer.tick(now);
        self.send(outputs);
    }

    /// Sends; what is lost here is lost like on the wire and sent again by the clock.
    fn send(&mut self, outputs: Vec<Output>) {
        let mut packet = [0; LARGEST_PACKET];
        for output in outputs {
            let _ = match output {
                Output::Packet(bytes) => self.socket.send(&bytes),
                Output::Block { number, offset, length } => {
                    packet[..4].copy_from_slice(&wire::data_head(number));
                    match self.content.read_at(&mut packet[4..4 + length], offset) {
                        Ok(()) => self.socket.send(&packet[..4 + length]),
                        Err(_) => self.socket.send(&wire::error(ErrorCode::Other, "the file has changed")),
                    }
                }
            };
        }
    }

    fn ended(&self, shared: &Shared) {
        let (name, Some(mac)) = (&self.name, self.mac) else { return };
        let (by, file) = (By::Tftp, name.clone());
        match self.transfer.state() {
            State::Done => {
                let whole = self.content.len();
                shared.note(mac, Fact::Fetched { by, file, from: 0, to: whole, whole });
                if let Some(machine) = shared.config.machine_with(mac) {
                    shared.fetched(Some(mac), name, choice::part(&shared.config, machine, name));
                }
            }
            State::Lost => shared.note(mac, Fact::Silent { by, file }),
            State::Aborted => shared.note(mac, Fact::Aborted { by, file }),
            State::Negotiating | State::Sending => {}
        }
    }
}
