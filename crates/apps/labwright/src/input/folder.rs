//! A lab's files from the file system. Follows symbolic links, but never twice into the same folder.

use super::{Collected, FILE_BYTES_MAX, FILES_MAX, LAB_FILE, Problem, ProblemKind, Selection};
use std::collections::BTreeSet;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Reads every file of the lab in `root`. What cannot be read is a problem of its own.
pub(crate) fn collect(root: &Path, selection: &Selection) -> Collected {
    let mut walk =
        Walk { root, selection, seen: BTreeSet::new(), collected: Collected::default(), is_full: false };
    walk.folder(root, "");
    walk.collected
}

struct Walk<'a> {
    root: &'a Path,
    selection: &'a Selection,
    seen: BTreeSet<PathBuf>,
    collected: Collected,
    is_full: bool,
}

impl Walk<'_> {
    fn folder(&mut self, path: &Path, name: &str) {
        match path.canonicalize() {
            Ok(real) if self.seen.insert(real.clone()) => {}
            Ok(real) => {
                let root = self.root.canonicalize().unwrap_or_default();
                let target = real.strip_prefix(root).unwrap_or(&real).display().to_string();
                let target = if target.is_empty() { "the lab's root" } else { &target };
                return self.problem(
                    name,
                    ProblemKind::LinkLoop,
                    format!("leads to {target}, which is read already"),
                );
            }
            Err(error) => return self.problem(name, ProblemKind::Unreadable, error.to_string()),
        }
        let entries = match fs::read_dir(path).and_then(Iterator::collect::<Result<Vec<_>, _>>) {
            Ok(entries) => entries,
            Err(error) => return self.problem(name, ProblemKind::Unreadable, error.to_string()),
        };
        let mut entries: Vec<PathBuf> = entries.iter().map(fs::DirEntry::path).collect();
        entries.sort();
        for entry in entries {
            if self.is_full {
                return;
            }
            self.entry(&entry, name);
        }
    }

    fn entry(&mut self, path: &Path, folder: &str) {
        let Some(own_name) = path.file_name() else { return };
        let name = match folder {
            "" => own_name.to_string_lossy().into_owned(),
            folder => format!("{folder}/{}", own_name.to_string_lossy()),
        };
        // Follows links; a link to nothing is told as a file that cannot be read, if it would be part of the lab.
        let is_folder = fs::metadata(path).is_ok_and(|metadata| metadata.is_dir());
        if is_folder {
            if self.selection.enters(&name) && !path.join(LAB_FILE).exists() {
                self.folder(path, &name);
            }
        } else if self.selection.takes(&name) {
            if own_name.to_str().is_none() {
                self.problem(
                    &name,
                    ProblemKind::Name,
                    "the replacement mark stands for bytes that are not UTF-8",
                );
            }
            self.file(path, name);
        }
    }

    fn file(&mut self, path: &Path, name: String) {
        if self.collected.files.len() >= FILES_MAX {
            self.is_full = true;
            return self.problem(
                &name,
                ProblemKind::TooMany,
                format!("this file and those after it are not read: the limit is {FILES_MAX}"),
            );
        }
        match read_limited(path) {
            Ok(Some(bytes)) => self.collected.files.push((name, bytes)),
            Ok(None) => {
                let limit = FILE_BYTES_MAX / (1024 * 1024);
                self.problem(&name, ProblemKind::TooLarge, format!("larger than {limit} MiB, not read"));
            }
            Err(error) => self.problem(&name, ProblemKind::Unreadable, error.to_string()),
        }
    }

    fn problem(&mut self, name: &str, kind: ProblemKind, detail: impl Into<String>) {
        self.collected.problems.push(Problem::new(name, kind, detail));
    }
}

/// The file's bytes, or `None` if it is larger than the limit. Refuses what is no plain file: a pipe would never end.
fn read_limited(path: &Path) -> std::io::Result<Option<Vec<u8>>> {
    if !fs::metadata(path)?.is_file() {
        return Err(std::io::Error::other("not a plain file"));
    }
    let mut bytes = Vec::new();
    // The size is measured while reading, since a file may grow after it was listed.
    fs::File::open(path)?.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= FILE_BYTES_MAX).then_some(bytes))
}

#[cfg(test)]
mod tests;
