//! The router advertisement loop: answers solicitations at once and advertises every ten seconds.
//!
//! A send that fails is tried again at the next turn: the interface's own address is not usable in its first second.

use super::shared::Shared;
use super::socket::wait;
use crate::config::Advertise;
use crate::ra;
use socket2::{SockAddr, Socket};
use std::net::{Ipv6Addr, SocketAddrV6};
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

const EVERY: Duration = Duration::from_secs(10);
/// A socket on one interface.
#[derive(Debug)]
pub(super) struct Ear {
    pub(super) socket: Socket,
    pub(super) interface: u32,
    pub(super) advertise: Advertise,
}

/// Runs until the service ends.
pub(super) fn run(shared: &Shared, ears: &[Ear]) {
    if ears.is_empty() {
        return;
    }
    let mut fds = vec![shared.stop.as_fd()];
    fds.extend(ears.iter().map(|ear| ear.socket.as_fd()));
    let mut last = Instant::now();
    ears.iter().for_each(advertise);
    loop {
        let ready = match wait(&fds, Some(EVERY.saturating_sub(last.elapsed()))) {
            Ok(ready) if ready[0] => return,
            Ok(ready) => ready,
            Err(error) => {
                shared.fault(format!("waiting for router solicitations failed, advertising ends: {error}"));
                return;
            }
        };
        let due = last.elapsed() >= EVERY;
        for (ear, ready) in ears.iter().zip(&ready[1..]) {
            let asked = *ready && was_asked(ear);
            // RFC 4861 §6.2.6 wants 3 s between answers to all; a boot loader that missed one would wait longer. One
            // answer goes out for all that was asked since the last turn.
            if due || asked {
                advertise(ear);
            }
        }
        if due {
            last = Instant::now();
        }
    }
}

/// Reads all that has come; true when a solicitation was among it.
fn was_asked(ear: &Ear) -> bool {
    let mut buffer = [0; 1500];
    let mut asked = false;
    let mut reader = &ear.socket;
    while let Ok(length) = std::io::Read::read(&mut reader, &mut buffer) {
        asked |= ra::is_solicitation(&buffer[..length]);
    }
    asked
}

fn advertise(ear: &Ear) {
    let all_nodes = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 1);
    let to = SockAddr::from(SocketAddrV6::new(all_nodes, 0, 0, ear.interface));
    let _ = ear.socket.send_to(&ra::advertisement(&ear.advertise), &to);
}
