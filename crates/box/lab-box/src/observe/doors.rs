//! Listeners for a while: they stand in nodes of a box wherever something is to be asked, answer whoever comes, and go when they are
//! dropped. So an attempt tells what the network does, whatever runs on the node.

use super::attempt::poll_all;
use crate::net::Namespace;
use crate::plan::Transport;
use nix::poll::PollFlags;
use socket2::{Domain, Protocol, Socket, Type};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

/// How often a node's listeners look whether they shall go.
const LOOK: Duration = Duration::from_millis(100);
/// Connections that wait to be taken.
const BACKLOG: i32 = 64;

/// A place to listen at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Door {
    /// The node.
    pub node: String,
    /// What carries it.
    pub transport: Transport,
    /// The address and port. Where the node does not have the address there is no door.
    pub at: SocketAddr,
}

/// Doors that are open until this is dropped.
pub struct Doors {
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
    taken: BTreeSet<Door>,
}

impl Doors {
    /// Opens `doors` in box `id`. Returns when all are open; a node that is not there has none.
    pub fn open(id: &str, doors: &[Door]) -> Doors {
        let mut nodes: BTreeMap<&str, Vec<Door>> = BTreeMap::new();
        for door in doors {
            nodes.entry(&door.node).or_default().push(door.clone());
        }
        let stop = Arc::new(AtomicBool::new(false));
        let (tell, told) = mpsc::channel();
        let threads = nodes
            .into_iter()
            .map(|(node, own)| {
                let (namespace, stop, tell) = (Namespace::of_machine(id, node), stop.clone(), tell.clone());
                std::thread::spawn(move || {
                    // A node that is not there opens nothing, and nobody waits for it: its sender is dropped.
                    drop(namespace.enter(move || serve(&own, &stop, tell)));
                })
            })
            .collect();
        drop(tell);
        Doors { stop, threads, taken: told.into_iter().flatten().collect() }
    }

    /// Places where something listens already, which answers in its own way.
    pub fn taken(&self) -> &BTreeSet<Door> {
        &self.taken
    }
}

impl Drop for Doors {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        for thread in self.threads.drain(..) {
            // One that panicked has told so already.
            drop(thread.join());
        }
    }
}

enum Listener {
    Tcp(Socket),
    Udp(UdpSocket),
}

impl AsFd for Listener {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Listener::Tcp(socket) => socket.as_fd(),
            Listener::Udp(socket) => socket.as_fd(),
        }
    }
}

impl Listener {
    fn open(door: &Door) -> io::Result<Listener> {
        if door.transport == Transport::Udp {
            let socket = UdpSocket::bind(door.at)?;
            socket.set_nonblocking(true)?;
            return Ok(Listener::Udp(socket));
        }
        let socket = Socket::new(Domain::for_address(door.at), Type::STREAM, Some(Protocol::TCP))?;
        // What was left open a moment ago is no reason not to listen.
        socket.set_reuse_address(true)?;
        socket.bind(&door.at.into())?;
        socket.listen(BACKLOG)?;
        socket.set_nonblocking(true)?;
        Ok(Listener::Tcp(socket))
    }

    /// Answers all that wait.
    fn answer(&self) {
        match self {
            Listener::Tcp(socket) => while socket.accept().is_ok() {},
            Listener::Udp(socket) => {
                let mut bytes = [0; 64];
                while let Ok((n, from)) = socket.recv_from(&mut bytes) {
                    // Who cannot be answered has gone.
                    drop(socket.send_to(&bytes[..n], from));
                }
            }
        }
    }
}

fn serve(doors: &[Door], stop: &AtomicBool, tell: mpsc::Sender<Vec<Door>>) {
    let mut listeners = Vec::new();
    let mut taken = Vec::new();
    for door in doors {
        match Listener::open(door) {
            Ok(listener) => listeners.push(listener),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => taken.push(door.clone()),
            // The address is elsewhere now.
            Err(_) => {}
        }
    }
    let is_awaited = tell.send(taken).is_ok();
    // Who opened them waits until every node has told and let go.
    drop(tell);
    while is_awaited && !stop.load(Ordering::SeqCst) {
        poll_all(listeners.iter().map(AsFd::as_fd), PollFlags::POLLIN, LOOK);
        listeners.iter().for_each(Listener::answer);
    }
}
