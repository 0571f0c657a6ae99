//! One question on its way, without blocking.

use super::Question;
use super::spoken::Language;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use socket2::{Domain, Protocol, SockAddr, Socket, Type};
use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

/// Of all echoes and names of this process, so that a late answer is not taken for another's.
static NUMBER: AtomicU16 = AtomicU16::new(1);

const DNS: u16 = 53;

/// What is awaited of a socket.
enum Awaited {
    Open,
    Anything,
    Echo(u16),
    Name(u16),
    Spoken { language: Language, request: Vec<u8>, is_asked: bool, heard: Vec<u8> },
}

/// No answer that is waited for is longer.
const HEARD_MAX: usize = 64 * 1024;

/// A question that was asked and is not answered yet.
pub(super) struct Attempt {
    socket: Socket,
    awaited: Awaited,
}

impl Attempt {
    /// Asks.
    pub(super) fn begin(question: &Question) -> io::Result<Attempt> {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        match question {
            Question::Tcp { to } => Self::opening(*to, Awaited::Open),
            Question::Spoken { to, language } => Self::opening(*to, spoken(*language, language.request())),
            Question::Share { to, export } => {
                Self::opening(*to, spoken(Language::Nfs, super::spoken::share(export)))
            }
            Question::Udp { to } => Self::sent(*to, Protocol::UDP, b"who is there\n", Awaited::Anything),
            Question::Name { server, name } => {
                let question = query(number, name);
                Self::sent(SocketAddr::new(*server, DNS), Protocol::UDP, &question, Awaited::Name(number))
            }
            Question::Ping { to } => {
                let (kind, protocol) =
                    if to.is_ipv4() { (8, Protocol::ICMPV4) } else { (128, Protocol::ICMPV6) };
                let [high, low] = number.to_be_bytes();
                // The kernel fills in the identifier and the checksum.
                let echo = [kind, 0, 0, 0, 0, 0, high, low, b'l', b'w'];
                Self::sent(SocketAddr::new(*to, 0), protocol, &echo, Awaited::Echo(number))
            }
        }
    }

    fn opening(to: SocketAddr, awaited: Awaited) -> io::Result<Attempt> {
        let socket = Socket::new(Domain::for_address(to), Type::STREAM, Some(Protocol::TCP))?;
        socket.set_nonblocking(true)?;
        connect(&socket, to)?;
        Ok(Attempt { socket, awaited })
    }

    fn sent(to: SocketAddr, protocol: Protocol, bytes: &[u8], awaited: Awaited) -> io::Result<Attempt> {
        let socket = Socket::new(Domain::for_address(to), Type::DGRAM, Some(protocol))?;
        socket.set_nonblocking(true)?;
        connect(&socket, to)?;
        socket.send(bytes)?;
        Ok(Attempt { socket, awaited })
    }

    /// `None`: nothing yet. `Some(None)`: no. `Some(Some(said))`: yes.
    pub(super) fn look(&mut self) -> Option<Option<String>> {
        match self.socket.take_error() {
            Ok(None) => {}
            Ok(Some(_)) | Err(_) => return Some(None),
        }
        if matches!(self.awaited, Awaited::Open) {
            return self.socket.peer_addr().is_ok().then(|| Some(String::new()));
        }
        if let Awaited::Spoken { request, is_asked, .. } = &mut self.awaited
            && !*is_asked
        {
            self.socket.peer_addr().ok()?;
            // A new connection takes a question as short as ours whole.
            if (&self.socket).write_all(request).is_err() {
                return Some(None);
            }
            *is_asked = true;
        }
        let mut bytes = [0; 1500];
        loop {
            match (&self.socket).read(&mut bytes) {
                Ok(n) => {
                    if let Some(said) = self.understand(&bytes[..n]) {
                        return Some(said);
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return None,
                Err(_) => return Some(None),
            }
        }
    }

    /// `None`: not the answer to this question.
    fn understand(&mut self, bytes: &[u8]) -> Option<Option<String>> {
        match &mut self.awaited {
            Awaited::Open => None,
            Awaited::Spoken { language, heard, .. } => {
                heard.extend(bytes);
                let is_over = bytes.is_empty() || heard.len() > HEARD_MAX;
                language.understand(heard).or(is_over.then_some(None))
            }
            Awaited::Anything => Some(Some(String::from_utf8_lossy(bytes).trim_end().to_owned())),
            Awaited::Echo(number) => {
                let is_ours = bytes.get(6..8)? == number.to_be_bytes() && matches!(bytes[0], 0 | 129);
                is_ours.then(|| Some(String::new()))
            }
            Awaited::Name(number) => (bytes.get(..2)? == number.to_be_bytes()).then(|| addresses(bytes)),
        }
    }
}

fn spoken(language: Language, request: Vec<u8>) -> Awaited {
    Awaited::Spoken { language, request, is_asked: false, heard: Vec::new() }
}

fn connect(socket: &Socket, to: SocketAddr) -> io::Result<()> {
    match socket.connect(&SockAddr::from(to)) {
        Err(error) if error.raw_os_error() != Some(nix::errno::Errno::EINPROGRESS as i32) => Err(error),
        _ => Ok(()),
    }
}

/// Waits until something may have come of one of the attempts.
pub(super) fn await_any<'a>(attempts: impl Iterator<Item = &'a Attempt>, most: Duration) {
    let attempts: Vec<&Attempt> = attempts.collect();
    let mut waited: Vec<PollFd<'_>> = attempts
        .iter()
        .map(|attempt| {
            let is_opening =
                matches!(attempt.awaited, Awaited::Open | Awaited::Spoken { is_asked: false, .. });
            let flags = if is_opening { PollFlags::POLLOUT } else { PollFlags::POLLIN };
            PollFd::new(attempt.socket.as_fd(), flags)
        })
        .collect();
    let timeout = PollTimeout::try_from(most).unwrap_or(PollTimeout::ZERO);
    // An interrupted wait is a short one.
    let _ = poll(&mut waited, timeout);
}

/// Waits until one of `sockets` has what `flags` ask for, or `most` is over.
pub(super) fn poll_all<'a>(sockets: impl Iterator<Item = BorrowedFd<'a>>, flags: PollFlags, most: Duration) {
    let mut waited: Vec<PollFd<'_>> = sockets.map(|socket| PollFd::new(socket, flags)).collect();
    let _ = poll(&mut waited, PollTimeout::try_from(most).unwrap_or(PollTimeout::ZERO));
}

/// A question for the IPv4 address of a name (RFC 1035, section 4.1), recursion desired.
pub(super) fn query(number: u16, name: &str) -> Vec<u8> {
    let mut bytes = number.to_be_bytes().to_vec();
    bytes.extend([1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
    for label in name.split('.').filter(|label| !label.is_empty()) {
        // A label has 63 octets at most; longer ones are nobody's name, and get no answer.
        let label = &label.as_bytes()[..label.len().min(63)];
        bytes.push(label.len() as u8);
        bytes.extend(label);
    }
    bytes.extend([0, 0, 1, 0, 1]);
    bytes
}

/// The IPv4 addresses in an answer; none when it is a refusal or has none.
pub(super) fn addresses(bytes: &[u8]) -> Option<String> {
    let word = |at: usize| Some(u16::from_be_bytes([*bytes.get(at)?, *bytes.get(at + 1)?]));
    let is_good = bytes.get(3)? & 0x0f == 0;
    let mut at = skip_name(bytes, 12)? + 4;
    let mut found = Vec::new();
    for _ in 0..word(6)? {
        at = skip_name(bytes, at)?;
        let (kind, length) = (word(at)?, usize::from(word(at + 8)?));
        at += 10;
        if let (1, Some(&[a, b, c, d])) = (kind, bytes.get(at..at + length)) {
            found.push(std::net::Ipv4Addr::new(a, b, c, d).to_string());
        }
        at += length;
    }
    (is_good && !found.is_empty()).then(|| found.join(" "))
}

/// The position after a name: labels up to an empty one, or up to a pointer.
fn skip_name(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        match *bytes.get(at)? {
            0 => return Some(at + 1),
            length if length >= 0xc0 => return Some(at + 2),
            length => at += usize::from(length) + 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{Ipv4Addr, TcpListener, UdpSocket};

    fn outcome(question: &Question) -> Option<String> {
        let mut attempt = match Attempt::begin(question) {
            Ok(attempt) => attempt,
            Err(_) => return None,
        };
        for _ in 0..600 {
            await_any(std::iter::once(&attempt), Duration::from_millis(100));
            if let Some(said) = attempt.look() {
                return said;
            }
        }
        None
    }

    #[test]
    fn a_listener_is_told_from_a_closed_port() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let to = listener.local_addr().unwrap();
        assert_eq!(outcome(&Question::Tcp { to }), Some(String::new()));
        drop(listener);
        assert_eq!(outcome(&Question::Tcp { to }), None);
    }

    #[test]
    fn a_packet_is_answered_or_refused() {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let to = socket.local_addr().unwrap();
        let answer = std::thread::spawn(move || {
            let mut bytes = [0; 64];
            let (_, from) = socket.recv_from(&mut bytes).unwrap();
            socket.send_to(b"dns\n", from).unwrap();
        });
        assert_eq!(outcome(&Question::Udp { to }), Some("dns".to_owned()));
        answer.join().unwrap();
        assert_eq!(outcome(&Question::Udp { to }), None);
    }

    #[test]
    fn an_answer_to_a_name_is_read() {
        let mut answer = query(7, "a.example");
        assert_eq!(answer.len(), 12 + 11 + 4);
        answer[2..8].copy_from_slice(&[0x81, 0x80, 0, 1, 0, 1]);
        answer.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 10, 0, 0, 9]);
        assert_eq!(addresses(&answer), Some("10.0.0.9".to_owned()));
        answer[3] = 0x83;
        assert_eq!(addresses(&answer), None, "no such name");
        assert_eq!(addresses(&answer[..20]), None, "cut short");
    }
}
