//! The control loop: one question at a time from the socket in the state folder.
//!
//! What a question means is told by [`crate::control`]. That the socket cannot be made is told and no more: the service
//! works without it, and permits can be changed while it is stopped.

use super::shared::Shared;
use super::socket::wait;
use crate::control::{Reply, Request, socket_path};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::time::Duration;

/// Bytes of a question.
const LONGEST: u64 = 1024;

/// Makes the socket. The journals are locked by now: an old socket belongs to nobody.
pub(super) fn open(shared: &Shared) -> Option<UnixListener> {
    let path = socket_path(&shared.config.state);
    let make = || -> io::Result<UnixListener> {
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let listener = UnixListener::bind(&path)?;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
        listener.set_nonblocking(true)?;
        Ok(listener)
    };
    match make() {
        Ok(listener) => Some(listener),
        Err(error) => {
            shared.fault(format!("permits cannot be changed while the service runs: {error}"));
            None
        }
    }
}

/// Runs until the service ends.
pub(super) fn run(shared: &Shared, listener: &UnixListener) {
    let fds = [shared.stop.as_fd(), listener.as_fd()];
    loop {
        match wait(&fds, None) {
            Ok(ready) if ready[0] => break,
            Ok(_) => {
                while let Ok((stream, _)) = listener.accept() {
                    // Whoever asks and goes away gets no answer.
                    let _ = answer(shared, &stream);
                }
            }
            Err(error) => {
                shared.fault(format!("waiting for control failed, control ends: {error}"));
                break;
            }
        }
    }
    let _ = std::fs::remove_file(socket_path(&shared.config.state));
}

fn answer(shared: &Shared, stream: &UnixStream) -> io::Result<()> {
    stream.set_nonblocking(false)?;
    stream.set_read_timeout(Some(Duration::from_secs(1)))?;
    stream.set_write_timeout(Some(Duration::from_secs(1)))?;
    let mut line = String::new();
    BufReader::new(stream.take(LONGEST)).read_line(&mut line)?;
    let reply = match line.strip_suffix('\n').and_then(Request::parse) {
        Some(request) => reply(shared, &request),
        None => Reply::Failed("that is no question of this version".into()),
    };
    let mut writer = stream;
    writer.write_all(reply.lines().as_bytes())
}

fn reply(shared: &Shared, request: &Request) -> Reply {
    let done = match request {
        Request::Open(machine) => shared.open_permit(machine),
        Request::Close(machine) => shared.close_permit(machine),
        Request::List => {
            let permits = shared.permits();
            let machines = shared.config.machines.iter();
            return Reply::Permits(machines.map(|m| (m.name.clone(), permits.of(&m.name))).collect());
        }
    };
    match done {
        Ok(()) => Reply::Done,
        Err(error) => Reply::Failed(error.to_string()),
    }
}
