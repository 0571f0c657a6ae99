//! QEMU's machine protocol (QMP): one JSON value a line over a Unix socket. Commands are sent one at a time; events that
//! arrive meanwhile are kept.

use serde_json::{Value, json};
use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

/// A conversation with QEMU that failed.
#[derive(Debug, thiserror::Error)]
pub enum QmpError {
    /// The socket failed.
    #[error("the connection to QEMU failed")]
    Io(#[from] io::Error),
    /// QEMU closed the connection.
    #[error("QEMU closed the connection")]
    Closed,
    /// QEMU said something that is no QMP.
    #[error("QEMU said something unexpected: {0}")]
    Unexpected(String),
    /// QEMU refused a command.
    #[error("QEMU refused `{command}`: {why}")]
    Refused {
        /// The command.
        command: String,
        /// Its reason.
        why: String,
    },
}

/// A connection that is ready for commands. What they do to the machine's power is [`crate::QemuPower`]'s.
pub struct Qmp<S = UnixStream> {
    lines: BufReader<S>,
    events: Vec<String>,
}

impl Qmp<UnixStream> {
    /// Connects to the socket at `path`. An answer is awaited for five seconds at most.
    ///
    /// # Errors
    /// No socket, or something else than QEMU behind it.
    pub fn connect(path: &Path) -> Result<Qmp, QmpError> {
        let stream = UnixStream::connect(path)?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        Qmp::open(stream)
    }
}

impl<S: io::Read + Write> Qmp<S> {
    fn open(stream: S) -> Result<Qmp<S>, QmpError> {
        let mut qmp = Qmp { lines: BufReader::new(stream), events: Vec::new() };
        let greeting = qmp.read()?;
        if greeting.get("QMP").is_none() {
            return Err(QmpError::Unexpected(greeting.to_string()));
        }
        qmp.execute("qmp_capabilities")?;
        Ok(qmp)
    }

    /// Sends a command without arguments and returns what it returns.
    ///
    /// # Errors
    /// A broken connection or QEMU's refusal.
    pub fn execute(&mut self, command: &str) -> Result<Value, QmpError> {
        self.send(command, &json!({"execute": command}))
    }

    /// Sends a command with arguments and returns what it returns.
    ///
    /// # Errors
    /// As [`Qmp::execute`].
    pub fn execute_with(&mut self, command: &str, arguments: &Value) -> Result<Value, QmpError> {
        self.send(command, &json!({"execute": command, "arguments": arguments}))
    }

    fn send(&mut self, command: &str, words: &Value) -> Result<Value, QmpError> {
        let line = format!("{words}\n");
        self.lines.get_mut().write_all(line.as_bytes())?;
        loop {
            let answer = self.read()?;
            if let Some(event) = answer["event"].as_str() {
                self.events.push(event.to_owned());
            } else if let Some(error) = answer.get("error") {
                let why = error["desc"].as_str().unwrap_or_default().to_owned();
                return Err(QmpError::Refused { command: command.to_owned(), why });
            } else if let Some(value) = answer.get("return") {
                return Ok(value.clone());
            } else {
                return Err(QmpError::Unexpected(answer.to_string()));
            }
        }
    }

    /// QEMU's word for the machine's state, such as `running` or `paused`.
    ///
    /// # Errors
    /// As [`Qmp::execute`].
    pub fn run_state(&mut self) -> Result<String, QmpError> {
        let status = self.execute("query-status")?;
        Ok(status["status"].as_str().unwrap_or_default().to_owned())
    }

    /// The names of the events that came in since the last call.
    pub fn take_events(&mut self) -> Vec<String> {
        std::mem::take(&mut self.events)
    }

    fn read(&mut self) -> Result<Value, QmpError> {
        let mut line = String::new();
        if self.lines.read_line(&mut line)? == 0 {
            return Err(QmpError::Closed);
        }
        serde_json::from_str(&line).map_err(|_| QmpError::Unexpected(line.trim().to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    /// Plays a recorded conversation and keeps what was sent.
    struct Recorded {
        answers: Cursor<&'static [u8]>,
        sent: Vec<u8>,
    }

    impl io::Read for Recorded {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.answers.read(buffer)
        }
    }

    impl Write for Recorded {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.sent.write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn open(answers: &'static str) -> Result<Qmp<Recorded>, QmpError> {
        Qmp::open(Recorded { answers: Cursor::new(answers.as_bytes()), sent: Vec::new() })
    }

    #[test]
    fn events_between_command_and_answer_are_kept() {
        let mut qmp = open(
            "{\"QMP\": {\"version\": {}}}\n{\"return\": {}}\n{\"event\": \"RESET\", \"data\": {}}\n\
             {\"return\": {\"status\": \"running\"}}\n",
        )
        .unwrap();
        assert_eq!(qmp.run_state().unwrap(), "running");
        assert_eq!(qmp.take_events(), ["RESET"]);
        let sent = String::from_utf8(qmp.lines.get_ref().sent.clone()).unwrap();
        assert_eq!(sent, "{\"execute\":\"qmp_capabilities\"}\n{\"execute\":\"query-status\"}\n");
    }

    #[test]
    fn every_wrong_answer_is_an_error() {
        assert!(matches!(open(""), Err(QmpError::Closed)));
        assert!(matches!(open("hello\n"), Err(QmpError::Unexpected(_))));
        assert!(matches!(open("{\"return\": {}}\n"), Err(QmpError::Unexpected(_))));
        let refused =
            open("{\"QMP\": {}}\n{\"error\": {\"class\": \"x\", \"desc\": \"no\"}}\n").err().unwrap();
        assert_eq!(refused.to_string(), "QEMU refused `qmp_capabilities`: no");
    }
}
