//! The file of `rehearse --keep`: what was seen until now, a line for each failure, written as soon as it is healed.

use crate::error::CommandError;
use crate::ui::Ui;
use lab_rehearse::Memory;
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::Path;

/// What was seen, and the file that has it.
pub(super) struct Kept {
    pub(super) memory: Memory,
    pub(super) file: Option<KeptFile>,
}

/// A file that takes lines. The first error ends it, so that a rehearsal is not lost for it.
pub(super) struct KeptFile {
    file: File,
    pub(super) error: Option<std::io::Error>,
}

impl Kept {
    /// Reads the file, if there is one, and opens it for what comes. `frame` is all that decides what is seen: what is kept of another box is no more
    /// of use, and the file begins anew.
    pub(super) fn open(
        path: Option<&Path>,
        frame: &impl std::fmt::Debug,
        n_probes: usize,
        ui: &mut Ui,
    ) -> Result<Self, CommandError> {
        let mut memory = Memory::new(frame);
        let Some(path) = path else { return Ok(Self { memory, file: None }) };
        let failed = |verb: &str, error: std::io::Error| {
            CommandError::usage(format!("cannot {verb} {}", path.display())).caused_by(error)
        };
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
            Err(error) => return Err(failed("read", error)),
        };
        if !text.is_empty() && !Memory::is_kept(&text) {
            return Err(CommandError::usage(format!("{} is not what a rehearsal has kept", path.display())));
        }
        let is_of_this = memory.read(&text, n_probes);
        if is_of_this {
            ui.say(&format!("{} failures are kept from before", memory.n_read));
        } else if !text.is_empty() {
            ui.say(
                "what was kept is of another box: the lab or the questions have changed, so all is seen anew",
            );
        }
        let opened =
            OpenOptions::new().create(true).append(is_of_this).write(true).truncate(!is_of_this).open(path);
        let mut file = opened.map_err(|error| failed("write", error))?;
        // A line that was not written to its end must not swallow the next.
        let begin = if is_of_this { String::new() } else { memory.head() };
        if !text.ends_with('\n') || !is_of_this {
            writeln!(file, "{begin}").map_err(|error| failed("write", error))?;
        }
        Ok(Self { memory, file: Some(KeptFile { file, error: None }) })
    }
}

impl KeptFile {
    pub(super) fn add(&mut self, line: &str) {
        if self.error.is_none() {
            self.error = writeln!(self.file, "{line}").err();
        }
    }
}
