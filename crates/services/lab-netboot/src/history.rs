//! Timelines on disk, bounded, so that a machine can be explained after the service has ended.
//!
//! Facts are written as they come, unsynced: a power cut may cost the last ones, and nothing depends on them. Machines
//! of the lab and strangers have a file each, so that strangers cannot push the machines out. A file that is full
//! becomes the `.old` one.

use crate::mac::Mac;
use crate::timeline::{Entry, Fact};
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Bytes of one file; at most four of them exist.
const LIMIT: u64 = 2 * 1024 * 1024;
/// The files of the lab's machines and of the service itself, and of strangers.
const FILES: [&str; 2] = ["machines.history", "strangers.history"];

/// What is remembered of one client, or of the service when there is no card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remembered {
    /// The client's card.
    pub mac: Option<Mac>,
    /// When and what.
    pub entry: Entry,
}

/// The files, open for writing.
#[derive(Debug)]
pub struct History {
    books: [Book; 2],
}

#[derive(Debug)]
struct Book {
    path: PathBuf,
    file: File,
    size: u64,
    limit: u64,
}

impl History {
    /// Opens or makes the files in a state folder.
    ///
    /// # Errors
    /// When they cannot be opened.
    pub fn open(state: &Path) -> io::Result<History> {
        History::with_limit(state, LIMIT)
    }

    fn with_limit(state: &Path, limit: u64) -> io::Result<History> {
        let [machines, strangers] = FILES.map(|name| Book::open(state.join(name), limit));
        Ok(History { books: [machines?, strangers?] })
    }

    /// Writes facts down. `is_known` tells the lab's machines from strangers.
    ///
    /// # Errors
    /// When the disk is full or fails; the facts are then lost.
    pub fn add<'a>(
        &mut self,
        facts: impl IntoIterator<Item = (Option<Mac>, &'a Fact)>,
        is_known: impl Fn(Mac) -> bool,
        now: SystemTime,
    ) -> io::Result<()> {
        let mut texts = [String::new(), String::new()];
        let at = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_millis();
        for (mac, fact) in facts {
            let who = mac.map_or_else(|| "-".to_owned(), |mac| mac.to_string());
            let stranger = mac.is_some_and(|mac| !is_known(mac));
            texts[usize::from(stranger)].push_str(&format!("{at} {who} {}\n", fact.line()));
        }
        let [machines, strangers] = &mut self.books;
        machines.write(&texts[0]).and(strangers.write(&texts[1]))
    }
}

impl Book {
    fn open(path: PathBuf, limit: u64) -> io::Result<Book> {
        let file = OpenOptions::new().append(true).create(true).open(&path)?;
        let size = file.metadata()?.len();
        Ok(Book { path, file, size, limit })
    }

    fn write(&mut self, text: &str) -> io::Result<()> {
        if text.is_empty() {
            return Ok(());
        }
        if self.size > self.limit {
            std::fs::rename(&self.path, old(&self.path))?;
            *self = Book::open(self.path.clone(), self.limit)?;
        }
        self.file.write_all(text.as_bytes())?;
        self.size += text.len() as u64;
        Ok(())
    }
}

fn old(path: &Path) -> PathBuf {
    path.with_extension("history.old")
}

/// Everything remembered in a state folder, oldest first; nothing when there is no history. Works while the service
/// runs and after it has ended.
///
/// # Errors
/// When a file exists and cannot be read.
pub fn read(state: &Path) -> io::Result<Vec<Remembered>> {
    let mut all = Vec::new();
    for name in FILES {
        let path = state.join(name);
        for file in [old(&path), path] {
            match std::fs::read(&file) {
                // A line torn by a kill or a full disk is left out, and so is what is not text.
                Ok(bytes) => all.extend(String::from_utf8_lossy(&bytes).lines().filter_map(remembered)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
    }
    all.sort_by_key(|one| one.entry.at);
    Ok(all)
}

fn remembered(line: &str) -> Option<Remembered> {
    let (at, rest) = line.split_once(' ')?;
    let (who, fact) = rest.split_once(' ')?;
    let mac = if who == "-" { None } else { Some(who.parse().ok()?) };
    let at = SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(at.parse().ok()?))?;
    Some(Remembered { mac, entry: Entry { at, fact: Fact::parse(fact)? } })
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: Mac = Mac([2, 0, 0, 0, 0, 1]);
    const STRANGER: Mac = Mac([2, 0, 0, 0, 0, 9]);

    fn fact(text: &str) -> Fact {
        Fact::Refused { reason: text.to_owned() }
    }

    fn add(history: &mut History, mac: Option<Mac>, text: &str, millis: u64) {
        let now = SystemTime::UNIX_EPOCH + Duration::from_millis(millis);
        history.add([(mac, &fact(text))], |mac| mac == KNOWN, now).expect("written");
    }

    #[test]
    fn facts_are_read_back_in_order_and_torn_lines_left_out() {
        let folder = tempfile::tempdir().expect("a folder");
        assert_eq!(read(folder.path()).expect("nothing"), []);
        let mut history = History::open(folder.path()).expect("a history");
        add(&mut history, Some(STRANGER), "s", 3);
        add(&mut history, Some(KNOWN), "a", 1);
        add(&mut history, None, "b", 2);
        drop(history);
        let file = folder.path().join(FILES[0]);
        let mut bytes = std::fs::read(&file).expect("bytes");
        bytes.extend_from_slice(b"17 02:00:00:00:00:01 refu");
        std::fs::write(&file, bytes).expect("written");
        let read = read(folder.path()).expect("read");
        let found: Vec<_> = read.iter().map(|one| (one.mac, one.entry.fact.clone())).collect();
        assert_eq!(found, [(Some(KNOWN), fact("a")), (None, fact("b")), (Some(STRANGER), fact("s"))]);
    }

    #[test]
    fn strangers_do_not_push_machines_out_and_files_stay_bounded() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut history = History::with_limit(folder.path(), 1000).expect("a history");
        add(&mut history, Some(KNOWN), "kept", 1);
        for i in 0..200 {
            add(&mut history, Some(STRANGER), "noise", 2 + i);
        }
        let total: u64 = std::fs::read_dir(folder.path())
            .expect("a folder")
            .map(|entry| entry.expect("an entry").metadata().expect("facts").len())
            .sum();
        assert!(total < 3000, "{total} bytes");
        let read = read(folder.path()).expect("read");
        assert_eq!(read[0].entry.fact, fact("kept"));
        assert!(read.len() > 15, "{} are left", read.len());
    }
}
