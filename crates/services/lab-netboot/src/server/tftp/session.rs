//! One transfer on a socket of its own, in a thread of its own: what comes in, what goes out, and the clock.
//!
//! A window goes out in as few calls as it can: the kernel cuts one long buffer into packets (UDP segmentation offload).
//! Where it will not, for want of a checksum or because the way is narrower than a block, packets are sent one by one.

use super::super::content::Content;
use super::super::shared::{Shared, lock};
use super::LARGEST_PACKET;
use crate::boot::choice;
use crate::mac::Mac;
use crate::tftp::machine::{Output, State, Transfer};
use crate::tftp::wire::{self, ErrorCode, Packet};
use crate::timeline::{By, Fact};
use nix::sys::socket::{ControlMessage, MsgFlags, SockaddrIn, sendmsg};
use socket2::SockRef;
use std::io::{self, IoSlice};
use std::net::UdpSocket;
use std::os::fd::AsRawFd;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Full packets that fit in the 64 KiB which the kernel cuts up at once.
const AT_ONCE: usize = 40;

/// A transfer under way.
pub(super) struct Session {
    socket: UdpSocket,
    transfer: Mutex<Transfer>,
    content: Content,
    name: String,
    mac: Option<Mac>,
    /// Whether the service ends.
    is_cut: AtomicBool,
    /// Whether the kernel refused to cut a buffer into packets.
    one_by_one: AtomicBool,
}

/// Blocks that follow each other.
struct Run {
    number: u16,
    offset: u64,
    /// Of all blocks but the last, which may be shorter.
    block: usize,
    bytes: usize,
    blocks: usize,
}

impl Session {
    /// Takes over a connected socket and sends the first answer.
    ///
    /// # Errors
    /// When the socket cannot be set up.
    pub(super) fn begin(
        socket: UdpSocket,
        (transfer, outputs): (Transfer, Vec<Output>),
        content: Content,
        name: String,
        mac: Option<Mac>,
    ) -> io::Result<Session> {
        socket.set_nonblocking(false)?;
        // The wait for an answer begins when the window was sent, and so ends with the transfer's own clock.
        socket.set_read_timeout(Some(transfer.timeout()))?;
        socket.set_write_timeout(Some(transfer.timeout()))?;
        let transfer = Mutex::new(transfer);
        let (is_cut, one_by_one) = (AtomicBool::new(false), AtomicBool::new(false));
        let session = Session { socket, transfer, content, name, mac, is_cut, one_by_one };
        session.send(&outputs);
        Ok(session)
    }

    /// Runs until the transfer is over.
    pub(super) fn run(&self, began: Instant) {
        let mut buffer = [0; LARGEST_PACKET];
        while !lock(&self.transfer).is_over() && !self.is_cut.load(Ordering::Acquire) {
            // A closed port at the client shows as an error here; the clock ends such a transfer.
            let received = self.socket.recv(&mut buffer);
            let now = began.elapsed();
            if let Ok(packet) = received.and_then(|length| {
                Packet::parse(&buffer[..length])
                    .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
            }) {
                self.receive(&packet, now);
            }
            let outputs = lock(&self.transfer).tick(now);
            self.send(&outputs);
        }
    }

    /// Takes a packet of the client.
    pub(super) fn receive(&self, packet: &Packet, now: Duration) {
        let outputs = lock(&self.transfer).receive(packet, now);
        self.send(&outputs);
    }

    /// Ends the transfer where it stands: the service ends.
    pub(super) fn cut(&self) {
        self.is_cut.store(true, Ordering::Release);
        let _ = SockRef::from(&self.socket).shutdown(std::net::Shutdown::Both);
    }

    /// Sends; what is lost here is lost like on the wire and sent again by the clock.
    fn send(&self, mut outputs: &[Output]) {
        while let Some(first) = outputs.first() {
            let taken = match first {
                Output::Packet(bytes) => {
                    let _ = self.socket.send(bytes);
                    1
                }
                Output::Block { .. } => {
                    let run = Run::at_start_of(outputs);
                    if self.send_run(&run).is_err() {
                        let _ = self.socket.send(&wire::error(ErrorCode::Other, "the file has changed"));
                    }
                    run.blocks
                }
            };
            outputs = &outputs[taken..];
        }
    }

    /// # Errors
    /// When the content cannot be read.
    fn send_run(&self, run: &Run) -> io::Result<()> {
        let mut data = vec![0; run.bytes];
        self.content.read_at(&mut data, run.offset)?;
        let heads: Vec<[u8; 4]> =
            (0..run.blocks).map(|index| wire::data_head(run.number.wrapping_add(index as u16))).collect();
        // A last block of no bytes has a head all the same.
        let parts = data.chunks(run.block).chain(std::iter::repeat(&[][..]));
        let packets: Vec<[IoSlice<'_>; 2]> =
            heads.iter().zip(parts).map(|(head, part)| [IoSlice::new(head), IoSlice::new(part)]).collect();
        let fd = self.socket.as_raw_fd();
        if run.blocks > 1 && !self.one_by_one.load(Ordering::Relaxed) {
            let size = u16::try_from(run.block + 4).expect("a packet's length");
            let control = [ControlMessage::UdpGsoSegments(&size)];
            if sendmsg(fd, packets.as_flattened(), &control, MsgFlags::empty(), None::<&SockaddrIn>).is_ok() {
                return Ok(());
            }
            self.one_by_one.store(true, Ordering::Relaxed);
        }
        for packet in &packets {
            let _ = sendmsg(fd, packet, &[], MsgFlags::empty(), None::<&SockaddrIn>);
        }
        Ok(())
    }

    /// Tells how it ended.
    pub(super) fn tell_end(&self, shared: &Shared) {
        let Some(mac) = self.mac else { return };
        let (by, file) = (By::Tftp, self.name.clone());
        match lock(&self.transfer).state() {
            State::Done => {
                let whole = self.content.len();
                shared.note(mac, Fact::Fetched { by, file, from: 0, to: whole, whole });
                if let Some(machine) = shared.config.machine_with(mac) {
                    let part = choice::part(&shared.config, machine, &self.name);
                    shared.fetched(Some(mac), &self.name, part);
                }
            }
            State::Lost => shared.note(mac, Fact::Silent { by, file }),
            State::Aborted => shared.note(mac, Fact::Aborted { by, file }),
            State::Negotiating | State::Sending => {}
        }
    }
}

impl Run {
    /// The blocks at the start of a list, which a [`Transfer`] gives in order and without gaps: as many as go out at once.
    fn at_start_of(outputs: &[Output]) -> Run {
        let mut run = Run { number: 0, offset: 0, block: 0, bytes: 0, blocks: 0 };
        for output in outputs.iter().take(AT_ONCE) {
            let Output::Block { number, offset, length } = output else { break };
            if run.blocks == 0 {
                (run.number, run.offset, run.block) = (*number, *offset, (*length).max(1));
            }
            run.bytes += length;
            run.blocks += 1;
        }
        run
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(index: u64, length: usize) -> Output {
        Output::Block { number: (index + 1) as u16, offset: index * 8, length }
    }

    #[test]
    fn a_run_takes_blocks_only_and_no_more_than_fit() {
        for (outputs, bytes, blocks) in [
            (vec![block(0, 8)], 8, 1),
            (vec![block(3, 8), block(4, 8), block(5, 2)], 18, 3),
            (vec![block(0, 8), block(1, 0)], 8, 2),
            (vec![block(0, 0)], 0, 1),
            (vec![block(0, 8), Output::Packet(vec![]), block(1, 8)], 8, 1),
            ((0..64).map(|index| block(index, 8)).collect(), AT_ONCE * 8, AT_ONCE),
        ] {
            let run = Run::at_start_of(&outputs);
            assert_eq!((run.bytes, run.blocks), (bytes, blocks), "{outputs:?}");
        }
    }
}
