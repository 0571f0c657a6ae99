//! Opens what is served: a named artefact, or a file below a named folder and nowhere else.
//!
//! The confinement is the kernel's (`openat2` with `RESOLVE_BENEATH` and without symbolic links), not a comparison of
//! paths.

use crate::boot::choice::find;
use crate::config::{Artefact, Config};
use nix::fcntl::{OFlag, OpenHow, ResolveFlag, open, openat2};
use nix::sys::stat::Mode;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

/// Something opened for reading, and its length when it was opened.
#[derive(Debug)]
pub(super) enum Content {
    /// A file.
    File(File, u64),
    /// Bytes.
    Bytes(Arc<[u8]>),
}

impl Content {
    /// Opens an artefact by name. What is not served, is no plain file, or leads out of its folder is "not found".
    ///
    /// # Errors
    /// `NotFound`, or what the system says.
    pub(super) fn open(config: &Config, name: &str) -> io::Result<Content> {
        let not_found = || io::Error::from(io::ErrorKind::NotFound);
        let file = match find(config, name).ok_or_else(not_found)? {
            (Artefact::Bytes(bytes) | Artefact::Personal { bytes, .. }, _) => {
                return Ok(Content::Bytes(Arc::clone(bytes)));
            }
            (Artefact::File(path), _) => File::open(path)?,
            (Artefact::Folder(folder), Some(below)) => open_below(folder, below)?,
            (Artefact::Folder(_), None) => return Err(not_found()),
        };
        let facts = file.metadata()?;
        if !facts.is_file() {
            return Err(not_found());
        }
        Ok(Content::File(file, facts.len()))
    }

    /// Its length.
    pub(super) fn len(&self) -> u64 {
        match self {
            Content::File(_, length) => *length,
            Content::Bytes(bytes) => bytes.len() as u64,
        }
    }

    /// Fills the buffer from an offset.
    ///
    /// # Errors
    /// When the file has become shorter or cannot be read.
    pub(super) fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        match self {
            Content::File(file, _) => file.read_exact_at(buffer, offset),
            Content::Bytes(bytes) => {
                let from = usize::try_from(offset).unwrap_or(usize::MAX);
                let part = bytes.get(from..).and_then(|rest| rest.get(..buffer.len()));
                buffer.copy_from_slice(part.ok_or(io::ErrorKind::UnexpectedEof)?);
                Ok(())
            }
        }
    }
}

/// Opens a file below a folder. A folder's own path may lead over symbolic links, what is below it may not.
fn open_below(folder: &Path, below: &str) -> io::Result<File> {
    let folder = open(folder, OFlag::O_PATH | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC, Mode::empty())?;
    // Not blocking: a named pipe in the folder would otherwise hold the loop until somebody writes.
    let flags = OFlag::O_RDONLY | OFlag::O_CLOEXEC | OFlag::O_NONBLOCK;
    let resolve =
        ResolveFlag::RESOLVE_BENEATH | ResolveFlag::RESOLVE_NO_SYMLINKS | ResolveFlag::RESOLVE_NO_MAGICLINKS;
    Ok(File::from(openat2(&folder, Path::new(below), OpenHow::new().flags(flags).resolve(resolve))?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Segment;
    use std::net::Ipv4Addr;

    #[test]
    fn nothing_outside_is_opened() {
        let folder = tempfile::tempdir().expect("a folder");
        let inside = folder.path().join("in");
        std::fs::create_dir_all(inside.join("sub")).expect("a folder");
        std::fs::write(folder.path().join("secret"), "s").expect("a file");
        std::fs::write(inside.join("sub/file"), "content").expect("a file");
        std::os::unix::fs::symlink("../secret", inside.join("link")).expect("a link");
        std::os::unix::fs::symlink("sub", inside.join("dirlink")).expect("a link");
        let network = "10.0.0.0/24".parse().expect("a network");
        let mut config =
            Config::new("/state", Segment::new("lan", "lo", Ipv4Addr::new(10, 0, 0, 1), network));
        config.artefacts.insert("f".into(), Artefact::Folder(inside));
        config.artefacts.insert("b".into(), Artefact::Bytes(Arc::from(*b"bytes")));
        for (name, expect) in [
            ("f/sub/file", Some(7)),
            ("b", Some(5)),
            ("f", None),
            ("f/", None),
            ("f/sub", None),
            ("f/../secret", None),
            ("f/sub/../../secret", None),
            ("f//etc/passwd", None),
            ("f/link", None),
            ("f/dirlink/file", None),
            ("/etc/passwd", None),
            ("secret", None),
        ] {
            let found = Content::open(&config, name).ok().map(|content| content.len());
            assert_eq!(found, expect, "{name}");
        }
    }
}
