//! What stands in for services in a box: programs that answer in their name at their place, and only while what they need answers too.
//!
//! - `duties.rs`: what a machine's stand-in has to do, as lines of text.
//! - `serve.rs`: the stand-in itself: listens, asks for what is needed, answers.
//! - `cluster.rs`: what a cluster does: counts who answers, decides with a quorum, starts instances, takes addresses.
//! - `ceph.rs`: whether OSDs serve, by whom their machines hear.
//! - `beside.rs`: the real program or pool beside a stand-in: how it is asked, and how the stand-in is asked though the port is not its own.
//! - `dns.rs`: a name server of a few lines, where the box runs no real one.
//! - `ask.rs`: the other side: asks, again and again, from where people sit.
//!
//! All of it speaks over the box's network, by the addresses of the description, so that what it says is true of that network. Where no
//! real program is beside it, it proves nothing about the software of the lab.

mod ask;
mod beside;
mod ceph;
mod cluster;
mod dns;
mod duties;
mod serve;

pub use ask::{Question, watch};
pub use beside::Beside;
pub use ceph::osds_of;
pub use duties::{Cluster, Duties, DutiesError, Front, Instance, Moves, MovingAddress, Need, Transport};
pub use serve::serve;

use std::io::{self, BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Where every stand-in listens for others of its kind, and where zones are asked for what is not a service: echo, RFC 862.
pub const PORT: u16 = 7;
/// How long a connection may take. Within one house, a millisecond is long.
const CONNECT: Duration = Duration::from_millis(600);
/// How long an answer may take. It may have to ask others, who ask others.
const ANSWER: Duration = Duration::from_millis(2500);
/// No line of ours is longer.
const LINE_MAX: u64 = 4096;

/// Sends a line and reads the one that comes back.
fn converse(at: SocketAddr, line: &str) -> io::Result<String> {
    let mut stream = beside::connect(at)?;
    stream.set_read_timeout(Some(ANSWER))?;
    stream.set_write_timeout(Some(CONNECT))?;
    stream.write_all(format!("{line}\n").as_bytes())?;
    read_line(&stream)
}

fn read_line(stream: &TcpStream) -> io::Result<String> {
    let mut said = String::new();
    let mut limited = io::Read::take(stream, LINE_MAX);
    BufReader::new(&mut limited).read_line(&mut said)?;
    Ok(said.trim_end().to_owned())
}
