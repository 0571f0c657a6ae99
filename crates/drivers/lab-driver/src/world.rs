//! What a driver acts on: files below a root and commands. [`Folder`] is a real one, [`Memory`] one for tests that can be
//! cut off at any step.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Something that was asked of a system and did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum WorldError {
    /// A file.
    #[error("cannot {verb} {path}")]
    File {
        /// What was to be done.
        verb: &'static str,
        /// With which.
        path: String,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// A command.
    #[error("`{line}` failed: {said}")]
    Command {
        /// The command line.
        line: String,
        /// Its last words.
        said: String,
    },
    /// The connection was cut, or the power.
    #[error("cut off")]
    Cut,
}

/// A system that is configured by files.
pub trait World {
    /// The bytes of a file, or that there is none.
    ///
    /// # Errors
    /// When it is there and cannot be read.
    fn read(&mut self, path: &str) -> Result<Option<Vec<u8>>, WorldError>;

    /// Puts a file in place at once: who reads it sees the old one or the new one.
    ///
    /// # Errors
    /// When it cannot be written; the old one is still there then.
    fn write(&mut self, path: &str, bytes: &[u8], executable: bool) -> Result<(), WorldError>;

    /// Removes a file; nothing when there is none.
    ///
    /// # Errors
    /// When it is there and cannot be removed.
    fn remove(&mut self, path: &str) -> Result<(), WorldError>;

    /// Makes a folder. True: it is ours. False: it was there. Of two who try, one is told true.
    ///
    /// # Errors
    /// When it can be neither made nor found.
    fn claim(&mut self, path: &str) -> Result<bool, WorldError>;

    /// Runs a command to its end; `{root}` in it stands for the root.
    ///
    /// # Errors
    /// When it cannot be started or fails.
    fn run(&mut self, command: &[&str]) -> Result<(), WorldError>;
}

/// The files below a folder, and commands run on this machine, in a network namespace of its own if one is named.
#[derive(Clone, Debug)]
pub struct Folder {
    root: PathBuf,
    namespace: Option<String>,
}

impl Folder {
    /// The system whose root is `root`: `/` for this machine.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into(), namespace: None }
    }

    /// The same with its commands run in a network namespace.
    #[must_use]
    pub fn in_namespace(mut self, name: &str) -> Self {
        self.namespace = Some(name.to_owned());
        self
    }

    fn path(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }
}

fn file(verb: &'static str, path: &Path) -> impl FnOnce(io::Error) -> WorldError {
    let path = path.display().to_string();
    move |source| WorldError::File { verb, path, source }
}

impl World for Folder {
    fn read(&mut self, path: &str) -> Result<Option<Vec<u8>>, WorldError> {
        let path = self.path(path);
        match fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(file("read", &path)(error)),
        }
    }

    fn write(&mut self, path: &str, bytes: &[u8], executable: bool) -> Result<(), WorldError> {
        let path = self.path(path);
        let folder = path.parent().expect("a path below the root has a folder");
        fs::create_dir_all(folder).map_err(file("make the folder of", &path))?;
        let name = path.file_name().expect("a path names a file").to_string_lossy().into_owned();
        let beside = folder.join(format!(".{name}.labwright-new"));
        let mode = if executable { 0o755 } else { 0o644 };
        let written = || -> io::Result<()> {
            let mut new =
                fs::OpenOptions::new().write(true).create(true).truncate(true).mode(mode).open(&beside)?;
            new.set_permissions(fs::Permissions::from_mode(mode))?;
            new.write_all(bytes)?;
            new.sync_all()?;
            fs::rename(&beside, &path)?;
            fs::File::open(folder)?.sync_all()
        };
        written().map_err(file("write", &path))
    }

    fn remove(&mut self, path: &str) -> Result<(), WorldError> {
        let path = self.path(path);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(file("remove", &path)(error)),
            _ => Ok(()),
        }
    }

    fn claim(&mut self, path: &str) -> Result<bool, WorldError> {
        let path = self.path(path);
        match fs::create_dir(&path) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            Err(error) => Err(file("make", &path)(error)),
        }
    }

    fn run(&mut self, command: &[&str]) -> Result<(), WorldError> {
        let root = self.root.display().to_string();
        let root = root.trim_end_matches('/');
        let words: Vec<String> = command.iter().map(|word| word.replace("{root}", root)).collect();
        let prefix: Vec<&str> = match &self.namespace {
            Some(name) => vec!["ip", "netns", "exec", name],
            None => Vec::new(),
        };
        let all: Vec<&str> = prefix.into_iter().chain(words.iter().map(String::as_str)).collect();
        let line = words.join(" ");
        let (program, rest) = all.split_first().expect("a command has a program");
        let path = std::env::var("PATH").unwrap_or_default();
        let output = Command::new(program)
            .args(rest)
            .env("PATH", format!("{path}:/usr/sbin:/sbin"))
            .stdin(Stdio::null())
            .output()
            .map_err(|error| WorldError::Command { line: line.clone(), said: error.to_string() })?;
        if output.status.success() {
            return Ok(());
        }
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said).lines().rev().take(3).collect::<Vec<_>>().join("; ");
        Err(WorldError::Command { line, said })
    }
}

/// A system in memory. After a number of changes everything fails, as when the power goes.
#[derive(Clone, Default, Debug)]
pub struct Memory {
    /// The files.
    pub files: BTreeMap<String, Vec<u8>>,
    /// Folders that were claimed.
    pub claimed: Vec<String>,
    /// The commands that were run.
    pub ran: Vec<String>,
    /// The files as they were when each command was last run.
    pub seen_by: BTreeMap<String, BTreeMap<String, Vec<u8>>>,
    /// How many more changes succeed; all when `None`.
    pub left: Option<usize>,
    /// Commands that fail, by their first word.
    pub broken: Vec<String>,
}

impl Memory {
    fn change(&mut self) -> Result<(), WorldError> {
        match &mut self.left {
            Some(0) => Err(WorldError::Cut),
            Some(left) => {
                *left -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }
}

impl World for Memory {
    fn read(&mut self, path: &str) -> Result<Option<Vec<u8>>, WorldError> {
        Ok(self.files.get(path).cloned())
    }

    fn write(&mut self, path: &str, bytes: &[u8], _: bool) -> Result<(), WorldError> {
        self.change()?;
        self.files.insert(path.to_owned(), bytes.to_vec());
        Ok(())
    }

    fn remove(&mut self, path: &str) -> Result<(), WorldError> {
        self.change()?;
        self.files.remove(path);
        self.claimed.retain(|claimed| claimed != path);
        Ok(())
    }

    fn claim(&mut self, path: &str) -> Result<bool, WorldError> {
        self.change()?;
        let is_new = !self.claimed.iter().any(|claimed| claimed == path);
        if is_new {
            self.claimed.push(path.to_owned());
        }
        Ok(is_new)
    }

    fn run(&mut self, command: &[&str]) -> Result<(), WorldError> {
        self.change()?;
        let line = command.join(" ");
        if self.broken.iter().any(|broken| command.first() == Some(&broken.as_str())) {
            return Err(WorldError::Command { line, said: "broken".to_owned() });
        }
        self.seen_by.insert(line.clone(), self.files.clone());
        self.ran.push(line);
        Ok(())
    }
}
