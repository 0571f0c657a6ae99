//! The HTTP loop: accepts, and serves each connection in a thread of its own, as many as the limits allow.
//!
//! Files go out by `sendfile`. A client that is silent or slow beyond the limit is cut off.

use super::content::Content;
use super::shared::{Shared, lock};
use super::socket::wait;
use crate::boot::choice::{self, Part};
use crate::event::EventKind;
use crate::http::machine::{Connection, Step};
use crate::http::request::{Method, Request};
use crate::http::response::{self, Answer, Status};
use crate::http::route::{Route, route};
use crate::mac::Mac;
use crate::timeline::{By, Fact};
use socket2::SockRef;
use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::sync::Mutex;
use std::thread::Scope;
use std::time::Instant;

/// Bytes given to the kernel at once, at least and at most; between two such parts progress is told.
const PART: (u64, u64) = (64 << 10, 8 << 20);

/// A listening socket.
#[derive(Debug)]
pub(super) struct Ear {
    pub(super) listener: TcpListener,
    /// Base of every URL on it.
    pub(super) base: String,
}

/// One connection being served.
struct Peer<'a> {
    shared: &'a Shared,
    stream: &'a TcpStream,
    base: &'a str,
    address: Ipv4Addr,
}

/// The connections being served, to be cut when the service ends.
type Open = Mutex<BTreeMap<u64, TcpStream>>;

/// Runs until the service ends, and until the last connection has.
pub(super) fn run(shared: &Shared, ears: &[Ear]) {
    let open = Open::default();
    let mut fds = vec![shared.stop.as_fd()];
    fds.extend(ears.iter().map(|ear| ear.listener.as_fd()));
    let mut number = 0;
    std::thread::scope(|scope| {
        loop {
            let ready = match wait(&fds, None) {
                Ok(ready) if ready[0] => break,
                Ok(ready) => ready,
                Err(error) => {
                    shared.fault(format!("waiting for HTTP connections failed, HTTP ends: {error}"));
                    break;
                }
            };
            for (ear, _) in ears.iter().zip(&ready[1..]).filter(|(_, ready)| **ready) {
                while let Ok((stream, peer)) = ear.listener.accept() {
                    number += 1;
                    begin(scope, shared, &open, number, (stream, peer), ear);
                }
            }
        }
        for stream in lock(&open).values() {
            let _ = stream.shutdown(std::net::Shutdown::Both);
        }
    });
}

/// Serves a connection in a thread, unless there are too many: then it is closed.
fn begin<'scope, 'env>(
    scope: &'scope Scope<'scope, 'env>,
    shared: &'env Shared,
    open: &'env Open,
    number: u64,
    (stream, peer): (TcpStream, SocketAddr),
    ear: &'env Ear,
) {
    if lock(open).len() >= shared.config.limits.http_connections {
        return;
    }
    let Ok(handle) = stream.try_clone() else { return };
    lock(open).insert(number, handle);
    let spawned = std::thread::Builder::new().name("http".into()).spawn_scoped(scope, move || {
        // A connection that breaks is the client's affair; it comes again.
        let _ = serve(shared, &stream, ear, peer);
        lock(open).remove(&number);
    });
    if let Err(error) = spawned {
        lock(open).remove(&number);
        shared.fault(format!("a connection could not be served: {error}"));
    }
}

fn serve(shared: &Shared, stream: &TcpStream, ear: &Ear, peer: SocketAddr) -> io::Result<()> {
    let IpAddr::V4(address) = peer.ip() else { return Ok(()) };
    let limits = shared.config.limits;
    stream.set_nonblocking(false)?;
    stream.set_nodelay(true)?;
    stream.set_write_timeout(Some(limits.http_idle))?;
    let peer = Peer { shared, stream, base: &ear.base, address };
    let mut connection = Connection::new(limits.http_head, limits.http_body);
    let mut began = Instant::now();
    let mut buffer = [0; 8192];
    loop {
        match connection.step() {
            Step::Request(request) => {
                if !peer.answer(&request)? {
                    return Ok(());
                }
                began = Instant::now();
            }
            Step::Continue => peer.write(b"HTTP/1.1 100 Continue\r\n\r\n")?,
            Step::Bad(error) => return peer.write(&response::head(&response::refusal(error), "")),
            Step::More => {
                // The whole request must come within the limit, or one byte now and then would hold the thread.
                let Some(left) = limits.http_idle.checked_sub(began.elapsed()).filter(|left| !left.is_zero())
                else {
                    return Ok(());
                };
                stream.set_read_timeout(Some(left))?;
                let mut reader = stream;
                match reader.read(&mut buffer)? {
                    0 => return Ok(()),
                    length => connection.receive(&buffer[..length]),
                }
            }
        }
    }
}

impl Peer<'_> {
    /// Answers one request; false when the connection is to end.
    fn answer(&self, request: &Request) -> io::Result<bool> {
        let answer = match (route(&request.path), request.method) {
            (Route::Report { mac, stage }, Method::Post) => self.report(mac, &stage, request),
            (Route::PostedAnswer, Method::Post) => {
                let answer = self.shared.posted_answer(&request.body, self.base, self.address);
                return self.text(answer, request, "application/toml");
            }
            (Route::Answer(mac), Method::Get) => {
                let answer = self.shared.fetched_answer(mac, self.base, self.address);
                return self.text(answer, request, "text/plain; charset=utf-8");
            }
            (Route::Report { .. } | Route::PostedAnswer | Route::Answer(_), _)
            | (Route::Script(_) | Route::Artefact(_), Method::Post) => {
                response::empty(Status::MethodNotAllowed, request.keep_alive)
            }
            (Route::Script(mac), _) => return self.script(mac, request),
            (Route::Artefact(name), _) => return self.artefact(&name, request),
        };
        self.write(&response::head(&answer, ""))?;
        Ok(answer.keep_alive)
    }

    fn report(&self, mac: Mac, stage: &str, request: &Request) -> Answer {
        let status = match self.shared.report(mac, stage, &request.body) {
            true => Status::NoContent,
            false => Status::InternalServerError,
        };
        response::empty(status, request.keep_alive)
    }

    fn script(&self, mac: Mac, request: &Request) -> io::Result<bool> {
        if request.method == Method::Head {
            // A question is no hand-out, and only handing out tells the length.
            let answer = response::empty(Status::MethodNotAllowed, request.keep_alive);
            self.write(&response::head(&answer, ""))?;
            return Ok(answer.keep_alive);
        }
        let text = self.shared.script(mac, self.base, self.address);
        self.text(Some(text), request, response::content_type("x.ipxe"))
    }

    /// Sends a text whole; none is "forbidden".
    fn text(&self, text: Option<String>, request: &Request, kind: &str) -> io::Result<bool> {
        let Some(text) = text else {
            let answer = response::empty(Status::Forbidden, request.keep_alive);
            self.write(&response::head(&answer, ""))?;
            return Ok(answer.keep_alive);
        };
        let mut whole = request.clone();
        whole.range = None;
        let answer = response::plan(&whole, Some(text.len() as u64));
        let mut bytes = response::head(&answer, kind);
        bytes.extend_from_slice(text.as_bytes());
        self.write(&bytes)?;
        Ok(answer.keep_alive)
    }

    fn artefact(&self, name: &str, request: &Request) -> io::Result<bool> {
        let program = choice::is_efi_program(&self.shared.config, name);
        let begins = request.method == Method::Get && request.range.is_none();
        let refused = program && !self.shared.may_boot_program(self.shared.mac_at(self.address), begins);
        if refused || !self.shared.may_fetch(name, self.address) {
            let answer = response::empty(Status::Forbidden, request.keep_alive);
            self.write(&response::head(&answer, ""))?;
            return Ok(answer.keep_alive);
        }
        let content = match Content::open(&self.shared.config, name) {
            Ok(content) => Some(content),
            Err(error) => {
                if error.kind() != io::ErrorKind::NotFound {
                    self.shared.fault(format!("`{name}` cannot be opened: {error}"));
                }
                if let Some(mac) = self.shared.mac_at(self.address) {
                    let (file, reason) = (name.to_owned(), error.to_string());
                    self.shared.note(mac, Fact::NotServed { by: By::Http, file, reason });
                }
                None
            }
        };
        let answer = response::plan(request, content.as_ref().map(Content::len));
        // UEFI HTTP boot takes a program by its type, or by an ending that the name need not have.
        let kind = match program {
            true => response::EFI_PROGRAM,
            false => response::content_type(name),
        };
        let head = response::head(&answer, kind);
        let (true, Some(content)) = (answer.has_body && answer.length > 0, content) else {
            self.write(&head)?;
            return Ok(answer.keep_alive);
        };
        // Held back until the first bytes of the body, so that both leave in one segment.
        SockRef::from(self.stream).send_with_flags(&head, nix::libc::MSG_MORE)?;
        self.send_content(name, &content, &answer)?;
        Ok(answer.keep_alive)
    }

    fn send_content(&self, name: &str, content: &Content, answer: &Answer) -> io::Result<()> {
        let mac = self.shared.mac_at(self.address);
        let machine = mac.and_then(|mac| self.shared.config.machine_with(mac));
        let part = machine.map_or(Part::Other, |m| choice::part(&self.shared.config, m, name));
        let end = answer.offset + answer.length;
        // About a hundredth each: to tell progress, and no more often than that.
        let most = (answer.whole / 100).clamp(PART.0, PART.1);
        let (mut at, mut told) = (answer.offset, None);
        while at < end {
            at += match self.send_part(content, at, most.min(end - at)) {
                Ok(sent) => sent,
                Err(error) => {
                    if let Some(mac) = mac {
                        self.shared.note(mac, Fact::Aborted { by: By::Http, file: name.to_owned() });
                    }
                    return Err(error);
                }
            };
            // 100 is told below, by whoever sends the last byte.
            let percent = u8::try_from(at * 100 / answer.whole).expect("a part of the whole").min(99);
            if part == Part::Image && told != Some(percent) {
                told = Some(percent);
                self.shared.tell(mac, EventKind::ImageProgress { percent });
            }
        }
        if let Some(mac) = mac {
            let (file, from, whole) = (name.to_owned(), answer.offset, answer.whole);
            self.shared.note(mac, Fact::Fetched { by: By::Http, file, from, to: end, whole });
        }
        if end == answer.whole {
            self.shared.fetched(mac, name, part);
        }
        Ok(())
    }

    /// Sends some bytes of the content and tells how many.
    fn send_part(&self, content: &Content, offset: u64, length: u64) -> io::Result<u64> {
        let length = usize::try_from(length).expect("a part fits in memory");
        match content {
            Content::Bytes(bytes) => {
                let from = usize::try_from(offset).expect("bytes in memory");
                self.write(&bytes[from..from + length])?;
                Ok(length as u64)
            }
            Content::File(file, _) => {
                let mut from = i64::try_from(offset).map_err(io::Error::other)?;
                match nix::sys::sendfile::sendfile64(self.stream, file, Some(&mut from), length)? {
                    // The head has promised more: end the connection, so that the client sees the loss.
                    0 => Err(io::ErrorKind::UnexpectedEof.into()),
                    sent => Ok(sent as u64),
                }
            }
        }
    }

    fn write(&self, bytes: &[u8]) -> io::Result<()> {
        let mut writer = self.stream;
        writer.write_all(bytes)
    }
}
