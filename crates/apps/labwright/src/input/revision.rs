//! A lab's files from a Git revision, through the `git` command: no checkout, no change to the repository.
//!
//! Git is asked to run no hooks, no file system monitor and no prompt, and to fetch nothing. Links inside the tree are followed when
//! they lead to a file of the same tree; submodules are left out.

use super::{Collected, FILE_BYTES_MAX, FILES_MAX, LAB_FILE, Problem, ProblemKind, Selection};
use crate::error::CommandError;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// The tree of a revision below a lab's root.
pub(crate) struct Revision {
    root: PathBuf,
    name: String,
    entries: BTreeMap<String, Entry>,
}

struct Entry {
    object: String,
    size: u64,
    is_link: bool,
}

impl Revision {
    /// Lists the tree.
    ///
    /// # Errors
    /// When Git is missing, the folder is in no repository, or there is no such revision.
    pub(crate) fn open(root: &Path, revision: &str) -> Result<Self, CommandError> {
        run(root, &["rev-parse", "--show-toplevel"]).map_err(|error| {
            no_git(error, || CommandError::usage(format!("{} is in no Git repository", super::shown(root))))
        })?;
        let wanted = format!("{revision}^{{commit}}");
        let commit = run(root, &["rev-parse", "--verify", "--quiet", "--end-of-options", &wanted]).map_err(
            |error| no_git(error, || CommandError::usage(format!("there is no revision `{revision}`"))),
        )?;
        let commit = String::from_utf8_lossy(&commit).trim().to_owned();
        let listing = run(root, &["ls-tree", "-r", "-z", "-l", &commit, "."]).map_err(|error| {
            no_git(error, || CommandError::failed(format!("cannot list the files of revision `{revision}`")))
        })?;
        Ok(Self { root: root.to_path_buf(), name: revision.to_owned(), entries: parse_listing(&listing) })
    }

    /// One file's content; `None` if the revision does not have it.
    ///
    /// # Errors
    /// When Git fails.
    pub(crate) fn read(&self, name: &str) -> Result<Option<Vec<u8>>, CommandError> {
        let mut reader = self.reader()?;
        let Some(entry) = self.resolve(name, &mut reader)? else { return Ok(None) };
        reader.read(&entry.object).map(Some).map_err(|source| self.broken(source))
    }

    /// Reads every file of the lab.
    ///
    /// # Errors
    /// When Git fails. What cannot be had of single files is a problem of its own.
    pub(crate) fn collect(&self, selection: &Selection) -> Result<Collected, CommandError> {
        let mut collected = Collected::default();
        let mut reader = self.reader()?;
        for name in self.names(selection) {
            if collected.files.len() >= FILES_MAX {
                let detail = format!("this file and those after it are not read: the limit is {FILES_MAX}");
                collected.problems.push(Problem::new(name, ProblemKind::TooMany, detail));
                break;
            }
            match self.resolve(name, &mut reader)? {
                Some(entry) if entry.size > FILE_BYTES_MAX => {
                    let detail = format!("larger than {} MiB, not read", FILE_BYTES_MAX / (1024 * 1024));
                    collected.problems.push(Problem::new(name, ProblemKind::TooLarge, detail));
                }
                Some(entry) => {
                    let bytes = reader.read(&entry.object).map_err(|source| self.broken(source))?;
                    collected.files.push((name.to_owned(), bytes));
                }
                None => {
                    let detail = "the link leads to no file of this revision";
                    collected.problems.push(Problem::new(name, ProblemKind::Unreadable, detail));
                }
            }
        }
        Ok(collected)
    }

    /// The names that belong to the lab: not hidden, not ignored, not of another lab inside this one.
    fn names<'a>(&'a self, selection: &'a Selection) -> impl Iterator<Item = &'a str> {
        let suffix = format!("/{LAB_FILE}");
        let other_labs: BTreeSet<&str> =
            self.entries.keys().filter_map(|name| name.strip_suffix(&suffix)).collect();
        self.entries.keys().map(String::as_str).filter(move |name| {
            let mut folders = name.match_indices('/').map(|(at, _)| &name[..at]);
            selection.takes(name)
                && folders.all(|folder| selection.enters(folder) && !other_labs.contains(folder))
        })
    }

    /// The entry behind a name, with links followed.
    fn resolve(&self, name: &str, reader: &mut Reader) -> Result<Option<&Entry>, CommandError> {
        const LINKS_MAX: usize = 8;
        let mut name = name.to_owned();
        for _ in 0..LINKS_MAX {
            let Some(entry) = self.entries.get(&name) else { return Ok(None) };
            if !entry.is_link {
                return Ok(Some(entry));
            }
            let target = reader.read(&entry.object).map_err(|source| self.broken(source))?;
            let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
            match join(folder, &String::from_utf8_lossy(&target)) {
                Some(target) => name = target,
                None => return Ok(None),
            }
        }
        Ok(None)
    }

    fn reader(&self) -> Result<Reader, CommandError> {
        Reader::start(&self.root).map_err(|source| self.broken(source))
    }

    fn broken(&self, source: std::io::Error) -> CommandError {
        CommandError::failed(format!("cannot read the files of revision `{}`", self.name)).caused_by(source)
    }
}

/// `folder/target` without `.` and `..`; `None` if it leaves the tree.
fn join(folder: &str, target: &str) -> Option<String> {
    if target.starts_with('/') {
        return None;
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(target.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// Reads `git ls-tree -z -l`: `MODE TYPE OBJECT SIZE<tab>NAME<nul>`.
fn parse_listing(listing: &[u8]) -> BTreeMap<String, Entry> {
    listing
        .split(|&byte| byte == 0)
        .filter_map(|line| {
            let line = String::from_utf8_lossy(line);
            let (facts, name) = line.split_once('\t')?;
            let mut facts = facts.split_ascii_whitespace();
            let (mode, kind) = (facts.next()?, facts.next()?);
            let (object, size) = (facts.next()?.to_owned(), facts.next()?.parse().ok());
            let entry = Entry { object, size: size?, is_link: mode == "120000" };
            (kind == "blob").then(|| (name.to_owned(), entry))
        })
        .collect()
}

/// One `git cat-file --batch`, asked for one object after the other.
struct Reader {
    child: Child,
    answers: BufReader<std::process::ChildStdout>,
}

impl Reader {
    fn start(root: &Path) -> std::io::Result<Self> {
        let mut child =
            git(root).args(["cat-file", "--batch"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let answers = BufReader::new(child.stdout.take().expect("stdout was asked to be a pipe"));
        Ok(Self { child, answers })
    }

    fn read(&mut self, object: &str) -> std::io::Result<Vec<u8>> {
        let stdin =
            self.child.stdin.as_mut().expect("stdin was asked to be a pipe and is closed only by drop");
        writeln!(stdin, "{object}")?;
        stdin.flush()?;
        let mut header = String::new();
        self.answers.read_line(&mut header)?;
        let size = header.trim_end().rsplit(' ').next().and_then(|size| size.parse::<usize>().ok());
        let Some(size) = size else {
            return Err(std::io::Error::other(format!("git answered `{}`", header.trim_end())));
        };
        let mut bytes = vec![0; size + 1];
        self.answers.read_exact(&mut bytes)?;
        bytes.truncate(size);
        Ok(bytes)
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        // Nothing is lost by a child that does not end well: it only reads.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn git(root: &Path) -> Command {
    let mut command = Command::new("git");
    command.current_dir(root).args(["-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false"]);
    for (name, value) in [
        ("GIT_TERMINAL_PROMPT", "0"),
        ("GIT_OPTIONAL_LOCKS", "0"),
        ("GIT_NO_LAZY_FETCH", "1"),
        ("LC_ALL", "C"),
    ] {
        command.env(name, value);
    }
    command.stdin(Stdio::null()).stderr(Stdio::null());
    command
}

/// Runs Git to its end and returns what it printed.
fn run(root: &Path, args: &[&str]) -> Result<Vec<u8>, GitError> {
    let output = git(root).args(args).stderr(Stdio::piped()).output().map_err(GitError::Start)?;
    match output.status.success() {
        true => Ok(output.stdout),
        false => Err(GitError::Answer(String::from_utf8_lossy(&output.stderr).trim().to_owned())),
    }
}

/// Why Git did not answer.
#[derive(Debug, thiserror::Error)]
enum GitError {
    #[error("cannot start git")]
    Start(#[source] std::io::Error),
    #[error("{0}")]
    Answer(String),
}

/// Without Git the reason is always that; else what the caller makes of Git's refusal.
fn no_git(error: GitError, refused: impl FnOnce() -> CommandError) -> CommandError {
    match &error {
        GitError::Start(_) => {
            CommandError::failed("revisions are read through Git, which cannot be started").caused_by(error)
        }
        GitError::Answer(text) if text.is_empty() => refused(),
        GitError::Answer(_) => refused().caused_by(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_stay_inside_the_tree() {
        for (folder, target, expect) in [
            ("", "lab.yaml", Some("lab.yaml")),
            ("network", "../lab.yaml", Some("lab.yaml")),
            ("a/b", "./c/../d.yaml", Some("a/b/d.yaml")),
            ("", "../other.yaml", None),
            ("a", "/etc/passwd", None),
        ] {
            assert_eq!(join(folder, target).as_deref(), expect, "{folder} {target}");
        }
    }

    #[test]
    fn a_listing_is_read() {
        let listing = b"100644 blob aa      12\tlab.yaml\x00120000 blob bb       8\tb.yaml\x00160000 commit cc       -\tsub\x00";
        let entries = parse_listing(listing);
        assert_eq!(entries.keys().collect::<Vec<_>>(), ["b.yaml", "lab.yaml"]);
        assert_eq!(entries["lab.yaml"].size, 12);
        assert!(entries["b.yaml"].is_link);
    }
}
