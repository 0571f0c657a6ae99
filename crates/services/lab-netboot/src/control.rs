//! How another process speaks with a running service: one line to a socket in the state folder, lines back.
//!
//! Who may write to the state folder may open permits; there is no other check. Without a running service there is no
//! socket to answer, and the caller may open the state folder's files itself.

use crate::permit::Permit;
use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A service that does not answer for so long is taken for hung.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a running service is asked to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// Open the permit of a machine.
    Open(String),
    /// Close it.
    Close(String),
    /// Tell all machines and their permits.
    List,
}

/// What it answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Done.
    Done,
    /// Not done, and why.
    Failed(String),
    /// Each machine and its permit.
    Permits(Vec<(String, Permit)>),
}

impl Request {
    /// The line.
    pub fn line(&self) -> String {
        match self {
            Request::Open(machine) => format!("open {machine}"),
            Request::Close(machine) => format!("close {machine}"),
            Request::List => "list".into(),
        }
    }

    /// Reads a line; none when it is not one of ours.
    pub fn parse(line: &str) -> Option<Request> {
        match line.split_once(' ') {
            Some(("open", machine)) => Some(Request::Open(machine.to_owned())),
            Some(("close", machine)) => Some(Request::Close(machine.to_owned())),
            None if line == "list" => Some(Request::List),
            _ => None,
        }
    }
}

impl Reply {
    /// The lines; the last one is `ok` or `error`.
    pub fn lines(&self) -> String {
        match self {
            Reply::Done => "ok\n".into(),
            Reply::Failed(why) => format!("error {}\n", why.replace(|c: char| c.is_control(), " ")),
            Reply::Permits(permits) => {
                let line = |(machine, permit): &(String, Permit)| match permit {
                    Permit::Never => format!("never {machine}\n"),
                    Permit::Open { handed } => format!("open:{handed} {machine}\n"),
                    Permit::Closed => format!("closed {machine}\n"),
                };
                permits.iter().map(line).chain(["ok\n".to_owned()]).collect()
            }
        }
    }

    /// Reads all lines of an answer to `request`; none when they are cut off or are not ours.
    pub fn parse(request: &Request, text: &str) -> Option<Reply> {
        let text = text.strip_suffix('\n')?;
        let (body, last) = text.rsplit_once('\n').unwrap_or(("", text));
        if let Some(why) = last.strip_prefix("error ") {
            return Some(Reply::Failed(why.to_owned()));
        }
        if last != "ok" {
            return None;
        }
        if *request != Request::List {
            return Some(Reply::Done);
        }
        let permit = |line: &str| {
            let (word, machine) = line.split_once(' ')?;
            let permit = match word.split_once(':') {
                Some(("open", handed)) => Permit::Open { handed: handed.parse().ok()? },
                None if word == "never" => Permit::Never,
                None if word == "closed" => Permit::Closed,
                _ => return None,
            };
            Some((machine.to_owned(), permit))
        };
        body.lines().map(permit).collect::<Option<Vec<_>>>().map(Reply::Permits)
    }
}

/// Where the socket of a state folder is.
pub fn socket_path(state: &Path) -> PathBuf {
    state.join("control.sock")
}

/// Asks the service that runs on a state folder; none when none runs there.
///
/// # Errors
/// When the service cannot be reached for another reason, does not answer, or answers what is no answer.
pub fn ask(state: &Path, request: &Request) -> io::Result<Option<Reply>> {
    let mut stream = match UnixStream::connect(socket_path(state)) {
        Ok(stream) => stream,
        // A service that was killed leaves its socket behind.
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused) => {
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    writeln!(stream, "{}", request.line())?;
    let mut text = String::new();
    for line in BufReader::new(&stream).lines() {
        text.push_str(&line?);
        text.push('\n');
    }
    let not_ours = || io::Error::new(io::ErrorKind::InvalidData, "the answer was cut off");
    Reply::parse(request, &text).map(Some).ok_or_else(not_ours)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_read_back() {
        for request in [Request::Open("a b".into()), Request::Close("x".into()), Request::List] {
            assert_eq!(Request::parse(&request.line()), Some(request));
        }
        for bad in ["", "open", "lists", "list x", "wipe a"] {
            assert_eq!(Request::parse(bad), None, "{bad}");
        }
        let permits = Reply::Permits(vec![
            ("a".into(), Permit::Never),
            ("b c".into(), Permit::Open { handed: 2 }),
            ("d".into(), Permit::Closed),
        ]);
        for (request, reply) in [
            (Request::List, permits.clone()),
            (Request::List, Reply::Permits(vec![])),
            (Request::List, Reply::Failed("no".into())),
            (Request::Open("a".into()), Reply::Done),
        ] {
            assert_eq!(Reply::parse(&request, &reply.lines()), Some(reply));
        }
        let whole = permits.lines();
        for cut in 0..whole.len() {
            assert_eq!(Reply::parse(&Request::List, &whole[..cut]), None, "cut at {cut}");
        }
    }
}
