//! Files of a lab that could not be had, as findings. Each kind has a code and a page, like every rule.

use lab_source::{Code, Diagnostic, Files, Span};

/// Why a file could not be had.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum ProblemKind {
    /// It cannot be opened or read, or vanished while the lab was read.
    Unreadable,
    /// It is larger than the limit.
    TooLarge,
    /// The lab has more files than the limit.
    TooMany,
    /// A symbolic link leads back into a folder that was already read.
    LinkLoop,
    /// Its name is not UTF-8.
    Name,
    /// A folder that shall hold a library of types does not. Told at `lab.yaml`, which names it.
    NoLibrary,
}

/// A file, named from the lab's root, that could not be had.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    /// The name, with `/` between folders.
    pub(crate) name: String,
    /// Why.
    pub(crate) kind: ProblemKind,
    /// The fact, such as what the operating system answered.
    pub(crate) detail: String,
}

const UNREADABLE: Code = Code("unreadable-file");
const TOO_LARGE: Code = Code("file-too-large");
const TOO_MANY: Code = Code("too-many-files");
const LINK_LOOP: Code = Code("link-loop");
const NAME: Code = Code("file-name-not-utf8");
const NO_LIBRARY: Code = Code("no-type-library");

impl Problem {
    /// A problem with one file.
    pub(crate) fn new(name: impl Into<String>, kind: ProblemKind, detail: impl Into<String>) -> Self {
        Self { name: name.into(), kind, detail: detail.into() }
    }

    /// The finding, at the beginning of the file. The file is added to `files`, empty, if it is not there.
    pub(crate) fn diagnostic(&self, files: &mut Files) -> Diagnostic {
        let shown = &self.name;
        let known = files.iter().find(|(_, file)| file.name == *shown).map(|(id, _)| id);
        let file = known.unwrap_or_else(|| files.add(shown.clone(), ""));
        let (code, message) = match self.kind {
            ProblemKind::Unreadable => (UNREADABLE, format!("cannot read {shown}")),
            ProblemKind::TooLarge => (TOO_LARGE, format!("{shown} is too large to be part of a lab")),
            ProblemKind::TooMany => (TOO_MANY, "the lab has too many files".to_owned()),
            ProblemKind::LinkLoop => (LINK_LOOP, format!("the link {shown} leads back into the lab")),
            ProblemKind::NoLibrary => (NO_LIBRARY, self.detail.clone()),
            ProblemKind::Name => (NAME, format!("the name of {shown} is not UTF-8")),
        };
        let diagnostic = match self.kind {
            ProblemKind::LinkLoop | ProblemKind::Name => Diagnostic::warning(code, message),
            _ => Diagnostic::error(code, message),
        };
        diagnostic.at(Span::new(file, 0, 0), self.detail.clone()).about(format!("file/{}", self.name))
    }
}
