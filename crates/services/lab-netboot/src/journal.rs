//! A file of checksummed lines that survives a kill or a power cut at any point.
//!
//! Records are appended and synced; a torn or damaged tail is cut off when the file is read; a file that has grown is
//! written anew beside the old one and put in its place by a rename. What a record means is its owner's affair.

use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write as _};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};

/// First line of every journal, so that a file of another kind or a later form is not misread.
const HEADER: &str = "labwright-journal 1";

/// A journal file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The file cannot be read, written or replaced.
    #[error("journal {path}: {action} failed")]
    Io {
        /// The file.
        path: PathBuf,
        /// What was tried.
        action: &'static str,
        /// Why it failed.
        source: io::Error,
    },
    /// The file is none of ours.
    #[error("{0} exists and is no journal of this version; move it away")]
    Foreign(PathBuf),
    /// Another process has the journal open.
    #[error("{0} is in use by another process")]
    Busy(PathBuf),
}

/// An open journal.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: nix::fcntl::Flock<File>,
    records: usize,
}

impl Journal {
    /// Opens or makes the file and returns what it holds, oldest first, and whether a damaged tail was dropped.
    ///
    /// # Errors
    /// When the file cannot be used, is none of ours, or is in use.
    pub fn open(path: &Path) -> Result<(Journal, Vec<String>, bool), JournalError> {
        let io = |action| move |source| JournalError::Io { path: path.to_owned(), action, source };
        let file = OpenOptions::new().read(true).append(true).create(true).open(path).map_err(io("open"))?;
        let mut file = lock(file, path)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(io("read"))?;
        let whole = format!("{HEADER}\n");
        let (records, good) = if bytes.len() < whole.len() && whole.as_bytes().starts_with(&bytes) {
            // New, or killed while the first line was written.
            (Vec::new(), 0)
        } else if let Some(rest) = bytes.strip_prefix(whole.as_bytes()) {
            let (records, good) = read_records(rest);
            (records, good + whole.len())
        } else {
            return Err(JournalError::Foreign(path.to_owned()));
        };
        let damaged = good < bytes.len();
        if damaged {
            file.set_len(good as u64).map_err(io("cut"))?;
        }
        if good == 0 {
            file.write_all(whole.as_bytes()).map_err(io("write"))?;
            file.sync_all().map_err(io("sync"))?;
            sync_folder(path).map_err(io("sync"))?;
        }
        file.seek(SeekFrom::End(0)).map_err(io("seek"))?;
        Ok((Journal { path: path.to_owned(), file, records: records.len() }, records, damaged))
    }

    /// Appends records and returns when they are on the disk.
    ///
    /// # Errors
    /// When the disk is full or fails; the file may then hold a part, which the next reader cuts off.
    pub fn append<'a>(&mut self, records: impl IntoIterator<Item = &'a str>) -> Result<(), JournalError> {
        let mut text = String::new();
        for record in records {
            write_record(&mut text, record);
            self.records += 1;
        }
        if text.is_empty() {
            return Ok(());
        }
        let length = self.file.metadata().map_err(|e| self.fail("stat", e))?.len();
        let written = self.file.write_all(text.as_bytes()).and_then(|()| self.file.sync_data());
        if let Err(source) = written {
            // A half-written line must not swallow the next record: take it back, or the reader stops there.
            self.file.set_len(length).map_err(|e| self.fail("cut", e))?;
            return Err(self.fail("append", source));
        }
        Ok(())
    }

    /// How many records the file holds, superseded ones included.
    pub fn len(&self) -> usize {
        self.records
    }

    /// Whether the file holds no record.
    pub fn is_empty(&self) -> bool {
        self.records == 0
    }

    /// Replaces the whole file by these records, at once or not at all.
    ///
    /// # Errors
    /// When the new file cannot be written; the old one then stays as it was.
    pub fn rewrite<'a>(&mut self, records: impl IntoIterator<Item = &'a str>) -> Result<(), JournalError> {
        let next = self.path.with_extension("new");
        let mut text = format!("{HEADER}\n");
        let mut count = 0;
        for record in records {
            write_record(&mut text, record);
            count += 1;
        }
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(true)
            .open(&next)
            .map_err(|e| self.fail("make a new file", e))?;
        if let Err(error) = file.write_all(text.as_bytes()).and_then(|()| file.sync_all()) {
            // On a full disk what was begun must not keep the old file from growing.
            let _ = std::fs::remove_file(&next);
            return Err(self.fail("write a new file", error));
        }
        let file = lock(file, &next)?;
        std::fs::rename(&next, &self.path)
            .and_then(|()| sync_folder(&self.path))
            .map_err(|e| self.fail("rename", e))?;
        (self.file, self.records) = (file, count);
        Ok(())
    }

    fn fail(&self, action: &'static str, source: io::Error) -> JournalError {
        JournalError::Io { path: self.path.clone(), action, source }
    }
}

fn lock(file: File, path: &Path) -> Result<nix::fcntl::Flock<File>, JournalError> {
    nix::fcntl::Flock::lock(file, nix::fcntl::FlockArg::LockExclusiveNonblock)
        .map_err(|_| JournalError::Busy(path.to_owned()))
}

/// A rename or a new name is only on the disk when its folder is.
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Ok(nix::unistd::fsync(File::open(folder)?.as_fd())?)
}

fn write_record(text: &mut String, record: &str) {
    debug_assert!(!record.contains('\n'), "a record is one line");
    writeln!(text, "{:08x} {record}", checksum(record.as_bytes()))
        .expect("a text takes what is written to it");
}

/// All whole records and the number of bytes they take.
fn read_records(bytes: &[u8]) -> (Vec<String>, usize) {
    let (mut records, mut good) = (Vec::new(), 0);
    for line in bytes.split_inclusive(|b| *b == b'\n') {
        let Some(record) = read_record(line) else { break };
        records.push(record.to_owned());
        good += line.len();
    }
    (records, good)
}

fn read_record(line: &[u8]) -> Option<&str> {
    let line = std::str::from_utf8(line.strip_suffix(b"\n")?).ok()?;
    let (sum, record) = line.split_once(' ')?;
    (sum.len() == 8 && u32::from_str_radix(sum, 16).ok()? == checksum(record.as_bytes())).then_some(record)
}

/// CRC-32 (IEEE 802.3).
fn checksum(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| (crc >> 8) ^ CRC[usize::from(crc as u8 ^ byte)])
}

/// The checksum's remainder of every byte.
const CRC: [u32; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < table.len() {
        let (mut crc, mut bit) = (byte as u32, 0);
        while bit < 8 {
            crc = (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg());
            bit += 1;
        }
        table[byte] = crc;
        byte += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    fn reopen(path: &Path) -> (Vec<String>, bool) {
        let (_, records, damaged) = Journal::open(path).expect("a journal");
        (records, damaged)
    }

    #[test]
    fn the_checksum_is_the_well_known_one() {
        assert_eq!(checksum(b"123456789"), 0xcbf4_3926);
    }

    #[test]
    fn a_cut_anywhere_loses_only_the_tail() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("j");
        let (mut journal, ..) = Journal::open(&path).expect("a journal");
        journal.append(["one", "two ä", "three"]).expect("append");
        drop(journal);
        let whole = std::fs::read(&path).expect("bytes");
        for cut in 0..=whole.len() {
            std::fs::write(&path, &whole[..cut]).expect("write");
            let (records, _) = reopen(&path);
            assert_eq!(records, ["one", "two ä", "three"][..records.len()], "cut at {cut}");
            let (again, damaged) = reopen(&path);
            assert_eq!((again, damaged), (records, false), "mended at {cut}");
        }
    }

    #[test]
    fn a_flipped_bit_ends_the_reading() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("j");
        let (mut journal, ..) = Journal::open(&path).expect("a journal");
        journal.append(["one", "two", "three"]).expect("append");
        drop(journal);
        let mut bytes = std::fs::read(&path).expect("bytes");
        let at = bytes.windows(3).position(|w| w == b"two").expect("two");
        bytes[at] ^= 1;
        std::fs::write(&path, bytes).expect("write");
        assert_eq!(reopen(&path), (vec!["one".to_owned()], true));
    }

    #[test]
    fn rewriting_keeps_the_lock_and_the_records() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("j");
        let (mut journal, ..) = Journal::open(&path).expect("a journal");
        journal.append(["old"]).expect("append");
        journal.rewrite(["new", "er"]).expect("rewrite");
        journal.append(["est"]).expect("append");
        assert!(matches!(Journal::open(&path), Err(JournalError::Busy(_))));
        assert_eq!(journal.len(), 3);
        drop(journal);
        assert_eq!(reopen(&path).0, ["new", "er", "est"]);
    }

    #[test]
    fn a_foreign_file_is_left_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("j");
        std::fs::write(&path, "something else entirely").expect("write");
        assert!(matches!(Journal::open(&path), Err(JournalError::Foreign(_))));
        assert_eq!(std::fs::read_to_string(&path).expect("text"), "something else entirely");
    }
}
