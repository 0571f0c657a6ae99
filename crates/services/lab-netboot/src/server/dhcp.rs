//! The DHCP loop: reads what has come, lets the machine decide, makes the leases durable, sends.
//!
//! A burst is one batch with one sync of the journal; that is what makes granting cheap without ever granting first.

use super::shared::{Dhcp, Shared, lock};
use super::socket::{send_from, wait};
use crate::dhcp::machine::{Arrival, Output};
use crate::dhcp::record::Record;
use crate::event::EventKind;
use crate::timeline::Fact;
use std::net::{SocketAddr, SocketAddrV4, UdpSocket};
use std::os::fd::AsFd;
use std::time::SystemTime;

/// More than a client sends in one frame.
const LARGEST: usize = 4096;
/// Packets that share one sync.
const BATCH: usize = 64;
/// Superseded records are cleared away when there are so many more than live ones.
const SLACK: usize = 10_000;

/// One socket and what came in by it.
#[derive(Debug)]
pub(super) struct Ear {
    pub(super) socket: UdpSocket,
    /// The segment on the interface.
    pub(super) segment: usize,
    /// Whether it is the PXE boot server port.
    pub(super) proxy_port: bool,
}

/// Runs until the service ends.
pub(super) fn run(shared: &Shared, ears: &[Ear]) {
    let mut fds = vec![shared.stop.as_fd()];
    fds.extend(ears.iter().map(|ear| ear.socket.as_fd()));
    loop {
        match wait(&fds, None) {
            Ok(ready) if ready[0] => return,
            Ok(ready) => {
                for (ear, _) in ears.iter().zip(&ready[1..]).filter(|(_, ready)| **ready) {
                    batch(shared, ear);
                }
            }
            Err(error) => {
                shared.fault(format!("waiting for DHCP packets failed, DHCP ends: {error}"));
                return;
            }
        }
    }
}

fn batch(shared: &Shared, ear: &Ear) {
    let mut buffer = [0; LARGEST];
    let permits = shared.permits();
    let mut outputs = Vec::new();
    let mut dhcp = lock(&shared.dhcp);
    for _ in 0..BATCH {
        let (length, from) = match ear.socket.recv_from(&mut buffer) {
            Ok((length, SocketAddr::V4(from))) => (length, from),
            // An error of a single packet (such as an earlier answer that met a closed port) is not the loop's end.
            _ => break,
        };
        let arrival = Arrival { segment: ear.segment, from, proxy_port: ear.proxy_port };
        outputs.extend(dhcp.server.handle(&buffer[..length], arrival, &permits, SystemTime::now()));
    }
    let kept = keep(shared, &mut dhcp, &outputs);
    drop(dhcp);
    let mut facts = Vec::new();
    for output in outputs {
        match output {
            // What is not on the disk was not granted; the client asks again.
            Output::Send { to, bytes } if kept => send(shared, ear, to, &bytes),
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

/// Makes the batch's leases durable; false when that failed.
fn keep(shared: &Shared, dhcp: &mut Dhcp, outputs: &[Output]) -> bool {
    let lines: Vec<String> = outputs
        .iter()
        .filter_map(|output| match output {
            Output::Keep(record) => Some(record.line()),
            _ => None,
        })
        .collect();
    if lines.is_empty() {
        return true;
    }
    if let Err(error) = dhcp.journal.append(lines.iter().map(String::as_str)) {
        shared.fault(format!("leases could not be written, nothing is granted: {error}"));
        return false;
    }
    if dhcp.journal.len() > SLACK && dhcp.journal.len() % 1024 < lines.len() {
        compact(shared, dhcp);
    }
    true
}

fn compact(shared: &Shared, dhcp: &mut Dhcp) {
    let lines: Vec<String> = dhcp.server.records(SystemTime::now()).iter().map(Record::line).collect();
    if dhcp.journal.len() < SLACK + 2 * lines.len() {
        return;
    }
    if let Err(error) = dhcp.journal.rewrite(lines.iter().map(String::as_str)) {
        shared.fault(format!("the lease journal could not be cleared of old records: {error}"));
    }
}

fn send(shared: &Shared, ear: &Ear, to: SocketAddrV4, bytes: &[u8]) {
    let source = shared.config.segments[ear.segment].server;
    if let Err(error) = send_from(&ear.socket, source, to, bytes) {
        shared.fault(format!("an answer to {to} could not be sent: {error}"));
    }
}
