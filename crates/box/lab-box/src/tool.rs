//! Running the system's own programs: found also in the administrator's folders, with the last lines they said when
//! they fail. Nothing here knows what any of them does.

use crate::handed_down;
use std::ffi::OsStr;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where programs are sought beside `PATH`: an ordinary user's `PATH` lacks the administrator's folders.
const FOLDERS: [&str; 6] = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/// A program that did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum ToolError {
    /// It could not be started.
    #[error("cannot start `{program}`")]
    Start {
        /// Its name.
        program: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// It ended with a fault.
    #[error("`{line}` failed ({status}): {said}")]
    Failed {
        /// The command line.
        line: String,
        /// How it ended.
        status: std::process::ExitStatus,
        /// Its last words.
        said: String,
    },
}

/// One run of a program.
pub(crate) struct Tool {
    command: Command,
    line: String,
    input: Option<Vec<u8>>,
}

impl Tool {
    /// A run of `program` without arguments, input or terminal.
    pub(crate) fn new(program: &str) -> Tool {
        let path = find(program).unwrap_or_else(|| program.into());
        // With util-linux's setpriv a program ends with the thread that waits for it, also when we are killed.
        let mut command = match find("setpriv").filter(|_| path.is_absolute()) {
            Some(setpriv) => {
                let mut command = command(setpriv);
                command.args(["--pdeathsig", "TERM"]).arg(path);
                command
            }
            None => command(path),
        };
        command.env("PATH", search_path()).env("LC_ALL", "C.UTF-8").stdin(Stdio::null());
        Tool { command, line: program.to_owned(), input: None }
    }

    /// Adds an argument.
    pub(crate) fn arg(mut self, arg: impl AsRef<OsStr>) -> Tool {
        self.line.push(' ');
        self.line.push_str(&arg.as_ref().to_string_lossy());
        self.command.arg(arg);
        self
    }

    /// Adds arguments.
    pub(crate) fn args<A: AsRef<OsStr>>(self, args: impl IntoIterator<Item = A>) -> Tool {
        args.into_iter().fold(self, Tool::arg)
    }

    /// Sets an environment variable.
    pub(crate) fn env(mut self, name: &str, value: &str) -> Tool {
        self.command.env(name, value);
        self
    }

    /// Gives it `bytes` to read.
    pub(crate) fn input(mut self, bytes: impl Into<Vec<u8>>) -> Tool {
        self.input = Some(bytes.into());
        self
    }

    /// Lets it and all its children hold `file` open as their input, so that a lock on it lasts as long as they do.
    pub(crate) fn holding(mut self, file: &File) -> std::io::Result<Tool> {
        self.command.stdin(file.try_clone()?);
        Ok(self)
    }

    /// Runs it to its end and returns what it wrote to its output.
    pub(crate) fn run(self) -> Result<String, ToolError> {
        self.run_bytes().map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    }

    /// As [`Tool::run`], for output that is no text.
    pub(crate) fn run_bytes(mut self) -> Result<Vec<u8>, ToolError> {
        let program = self.line.split(' ').next().unwrap_or_default().to_owned();
        let start = |source| ToolError::Start { program: program.clone(), source };
        if self.input.is_some() {
            self.command.stdin(Stdio::piped());
        }
        let mut child = self.command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().map_err(start)?;
        let writer = self.input.zip(child.stdin.take()).map(|(bytes, mut pipe)| {
            // A program that ends without reading everything is judged by its status, not by the broken pipe.
            std::thread::spawn(move || drop(pipe.write_all(&bytes)))
        });
        let output = child.wait_with_output().map_err(start)?;
        if let Some(writer) = writer {
            writer.join().expect("the writer does not panic");
        }
        if output.status.success() {
            return Ok(output.stdout);
        }
        let said = if output.stderr.is_empty() { &output.stdout } else { &output.stderr };
        Err(ToolError::Failed { line: shorten(&self.line), status: output.status, said: last_words(said) })
    }
}

/// What starts a program; of what the caller of this process had open it gets nothing. Everything in this crate is started so.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    handed_down::keep_from_children();
    Command::new(program)
}

/// The full path of a program, or none.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(FOLDERS.iter().map(PathBuf::from));
    folders.map(|folder| folder.join(program)).find(|file| Path::is_file(file))
}

fn search_path() -> String {
    let own = std::env::var("PATH").unwrap_or_default();
    std::iter::once(own.as_str()).chain(FOLDERS).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(":")
}

fn shorten(line: &str) -> String {
    match line.char_indices().nth(200) {
        Some((end, _)) => format!("{} ...", &line[..end]),
        None => line.to_owned(),
    }
}

/// The last three lines that are not empty. A full disk is told first: programs go on to complain of what follows.
fn last_words(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let last = &lines[lines.len().saturating_sub(3)..];
    let full = lines.iter().find(|line| line.contains("No space left on device"));
    full.filter(|line| !last.contains(line)).into_iter().chain(last).copied().collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn input_is_read_and_output_returned() {
        assert_eq!(Tool::new("cat").input("hello").run().unwrap(), "hello");
    }

    #[test]
    fn failure_carries_the_last_words() {
        let error = Tool::new("sh").args(["-c", "echo one; echo two >&2; exit 3"]).run().unwrap_err();
        let text = error.to_string();
        assert!(text.contains("two") && text.contains('3'), "{text}");
    }

    #[test]
    fn a_full_disk_is_told_first() {
        let said = b"tar: a: No space left on device\ntar: b: No space left on device\none\ntwo\n\nthree\n";
        assert_eq!(last_words(said), "tar: a: No space left on device; one; two; three");
        assert_eq!(last_words(b"one\n"), "one");
    }

    #[test]
    fn a_program_that_does_not_exist_is_named() {
        let error = Tool::new("no-such-program-here").run().unwrap_err();
        assert_eq!(error.to_string(), "cannot start `no-such-program-here`");
    }
}
