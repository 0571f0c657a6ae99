//! Operations that failed, as the person at the terminal is told. Only this crate words hints.
//!
//! Findings about a lab are never errors of this kind: they are `lab_source::Diagnostic` values and end in exit code 3.

use crate::exit::Exit;
use std::error::Error;
use std::fmt;

/// What kind of failure, which decides the exit code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    /// The operation was right and did not succeed.
    Failed,
    /// The command line or the input it names is wrong.
    Usage,
    /// Labwright refused to do it.
    Refused,
    /// Somebody stopped it.
    Interrupted,
}

/// A failed command. `Display` says only what failed; the causes follow through `source`.
#[derive(Debug)]
pub(crate) struct CommandError {
    kind: Kind,
    message: String,
    source: Option<Box<dyn Error + Send + Sync>>,
    hints: Vec<String>,
}

impl CommandError {
    /// An operation that did not succeed.
    pub(crate) fn failed(message: impl Into<String>) -> Self {
        Self::new(Kind::Failed, message)
    }

    /// A wrong command line, or input that cannot be read.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Kind::Usage, message)
    }

    /// Something that was not done, to protect what is there.
    pub(crate) fn refused(message: impl Into<String>) -> Self {
        Self::new(Kind::Refused, message)
    }

    /// An operation that was stopped and cleaned up after.
    pub(crate) fn interrupted(message: impl Into<String>) -> Self {
        Self::new(Kind::Interrupted, message)
    }

    fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), source: None, hints: Vec::new() }
    }

    /// Adds the cause, which is printed after the message.
    #[must_use]
    pub(crate) fn caused_by(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Adds what to do about it.
    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Adds the name that was probably meant, when there is one.
    #[must_use]
    pub(crate) fn did_you_mean(self, near: Option<&str>) -> Self {
        match near {
            Some(near) => self.hint(format!("did you mean `{near}`?")),
            None => self,
        }
    }

    /// The exit code that belongs to it.
    pub(crate) fn exit(&self) -> Exit {
        match self.kind {
            Kind::Failed => Exit::Failed,
            Kind::Usage => Exit::Usage,
            Kind::Refused => Exit::Refused,
            Kind::Interrupted => Exit::Interrupted,
        }
    }

    /// What to do about it, one sentence each.
    pub(crate) fn hints(&self) -> &[String] {
        &self.hints
    }

    /// The causes from the nearest to the root. One that only repeats what was already said is left out.
    pub(crate) fn causes(&self) -> Vec<String> {
        let mut said = self.message.clone();
        let mut causes = Vec::new();
        let mut next: Option<&(dyn Error + 'static)> = self.source.as_deref().map(|source| source as _);
        while let Some(cause) = next {
            let text = cause.to_string();
            if !said.contains(&text) {
                said.clone_from(&text);
                causes.push(text);
            }
            next = cause.source();
        }
        causes
    }
}

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for CommandError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_is_said_once() {
        let cause = CommandError::failed("cannot read x").caused_by(std::io::Error::other("cannot read x"));
        let error = CommandError::usage("cannot load the lab").caused_by(cause);
        assert_eq!(error.causes(), ["cannot read x"]);
        assert_eq!(error.exit(), Exit::Usage);
    }
}
