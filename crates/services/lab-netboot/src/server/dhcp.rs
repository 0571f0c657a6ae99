//! The DHCP loop: reads what has come, lets the machine decide, sends what needs no memory at once.
//!
//! What is granted goes through [`super::keeper`], which has it on the disk first; meanwhile the next packets are read.

use super::keeper::{self, Batch};
use super::shared::{Shared, lock};
use super::socket::{send_from, wait};
use crate::dhcp::machine::{Arrival, Output};
use crate::event::EventKind;
use crate::timeline::Fact;
use std::net::{SocketAddr, SocketAddrV4, UdpSocket};
use std::os::fd::AsFd;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::time::SystemTime;

/// More than a client sends in one frame.
const LARGEST: usize = 4096;
/// Packets that are read before any is answered.
const BATCH: usize = 64;
/// Batches that may wait for the disk; then nothing more is read until it has caught up. No more: all their answers go
/// out at once, and a relay agent has to take them.
const WAITING: usize = 3;

/// One socket and what came in by it.
#[derive(Debug)]
pub(super) struct Ear {
    pub(super) socket: UdpSocket,
    /// The segment on the interface.
    pub(super) segment: usize,
    /// Whether it is the PXE boot server port.
    pub(super) proxy_port: bool,
}

/// Runs until the service ends and what was granted is written and sent.
pub(super) fn run(shared: &Shared, ears: &[Ear]) {
    let (sender, receiver) = sync_channel(WAITING);
    std::thread::scope(|scope| {
        scope.spawn(move || keeper::run(shared, ears, &receiver));
        hear(shared, ears, &sender);
        drop(sender);
    });
}

fn hear(shared: &Shared, ears: &[Ear], keeper: &SyncSender<Batch>) {
    let mut fds = vec![shared.stop.as_fd()];
    fds.extend(ears.iter().map(|ear| ear.socket.as_fd()));
    loop {
        match wait(&fds, None) {
            Ok(ready) if ready[0] => return,
            Ok(ready) => {
                for at in (0..ears.len()).filter(|at| ready[at + 1]) {
                    batch(shared, ears, at, keeper);
                }
            }
            Err(error) => {
                shared.fault(format!("waiting for DHCP packets failed, DHCP ends: {error}"));
                return;
            }
        }
    }
}

fn batch(shared: &Shared, ears: &[Ear], at: usize, keeper: &SyncSender<Batch>) {
    let ear = &ears[at];
    let mut buffer = [0; LARGEST];
    let permits = shared.permits();
    let (mut at_once, mut when_kept) = (Vec::new(), Vec::new());
    let mut server = lock(&shared.dhcp);
    for _ in 0..BATCH {
        let (length, from) = match ear.socket.recv_from(&mut buffer) {
            Ok((length, SocketAddr::V4(from))) => (length, from),
            // An error of a single packet (such as an earlier answer that met a closed port) is not the loop's end.
            _ => break,
        };
        let arrival = Arrival { segment: ear.segment, from, proxy_port: ear.proxy_port };
        let outputs = server.handle(&buffer[..length], arrival, &permits, SystemTime::now());
        let keeps = outputs.iter().any(|output| matches!(output, Output::Keep(_)));
        if keeps { &mut when_kept } else { &mut at_once }.extend(outputs);
    }
    drop(server);
    if !when_kept.is_empty() {
        let waiting = keeper.send(Batch { ear: at, outputs: when_kept });
        waiting.expect("the keeper works until this loop has ended");
    }
    deliver(shared, ear, at_once, true);
}

/// Sends, tells and notes; packets only when they may go out.
pub(super) fn deliver(shared: &Shared, ear: &Ear, outputs: Vec<Output>, may_send: bool) {
    let mut facts = Vec::new();
    for output in outputs {
        match output {
            Output::Send { to, bytes } if may_send => send(shared, ear, to, &bytes),
            Output::Send { .. } | Output::Keep(_) => {}
            Output::Tell { mac, kind } => {
                if let EventKind::RivalServer { segment, address } = &kind {
                    facts.push((None, Fact::Rival { segment: segment.clone(), address: *address }));
                }
                shared.tell(mac, kind);
            }
            Output::Note { mac, fact } => facts.push((Some(mac), fact)),
        }
    }
    if !facts.is_empty() {
        shared.note_all(facts);
    }
}

fn send(shared: &Shared, ear: &Ear, to: SocketAddrV4, bytes: &[u8]) {
    let source = shared.config.segments[ear.segment].server;
    if let Err(error) = send_from(&ear.socket, source, to, bytes) {
        shared.fault(format!("an answer to {to} could not be sent: {error}"));
    }
}
