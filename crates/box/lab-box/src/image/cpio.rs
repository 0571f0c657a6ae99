//! The archive format of initial file systems ("newc", the kernel's Documentation/driver-api/early-userspace/
//! buffer-format.rst): writing only, with every byte decided by the caller.

/// A kind of entry with what it holds.
pub(crate) enum Kind<'a> {
    /// A folder.
    Folder,
    /// A file and its bytes.
    File(&'a [u8]),
}

/// An archive being written.
pub(crate) struct Cpio {
    bytes: Vec<u8>,
    inode: u32,
}

impl Cpio {
    /// An archive without entries.
    pub(crate) fn new() -> Cpio {
        Cpio { bytes: Vec::new(), inode: 0 }
    }

    /// Adds an entry owned by root. `path` has no leading slash; its folders must have been added before.
    pub(crate) fn add(&mut self, path: &str, permissions: u32, kind: &Kind<'_>) {
        let (format, body) = match kind {
            Kind::Folder => (0o040_000, &[][..]),
            Kind::File(body) => (0o100_000, *body),
        };
        self.entry(path, format | permissions, body);
    }

    /// Ends the archive and returns its bytes, padded so that another archive may follow.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        self.entry("TRAILER!!!", 0, &[]);
        self.bytes.resize(self.bytes.len().next_multiple_of(512), 0);
        self.bytes
    }

    fn entry(&mut self, path: &str, mode: u32, body: &[u8]) {
        let size = u32::try_from(body.len()).expect("an initial file system holds no file of 4 GiB");
        let name_size = u32::try_from(path.len() + 1).expect("a path is short");
        self.inode += 1;
        // inode, mode, uid, gid, links, time, size, device (2), special device (2), length of name, checksum
        let fields = [self.inode, mode, 0, 0, 1, 0, size, 0, 0, 0, 0, name_size, 0];
        self.bytes.extend_from_slice(b"070701");
        for field in fields {
            self.bytes.extend_from_slice(format!("{field:08X}").as_bytes());
        }
        self.bytes.extend_from_slice(path.as_bytes());
        self.bytes.push(0);
        self.pad();
        self.bytes.extend_from_slice(body);
        self.pad();
    }

    fn pad(&mut self) {
        self.bytes.resize(self.bytes.len().next_multiple_of(4), 0);
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Path, mode and body of every entry.
    pub(crate) fn read(mut bytes: &[u8]) -> Vec<(String, u32, Vec<u8>)> {
        let mut entries = Vec::new();
        loop {
            assert_eq!(&bytes[..6], b"070701");
            let field = |n: usize| {
                u32::from_str_radix(str::from_utf8(&bytes[6 + 8 * n..14 + 8 * n]).unwrap(), 16).unwrap()
            };
            let (mode, size, name_size) = (field(1), field(6) as usize, field(11) as usize);
            let name = str::from_utf8(&bytes[110..110 + name_size - 1]).unwrap().to_owned();
            if name == "TRAILER!!!" {
                return entries;
            }
            let start = (110 + name_size).next_multiple_of(4);
            entries.push((name, mode, bytes[start..start + size].to_vec()));
            bytes = &bytes[(start + size).next_multiple_of(4)..];
        }
    }

    #[test]
    fn entries_come_back_as_written() {
        let mut cpio = Cpio::new();
        cpio.add("bin", 0o755, &Kind::Folder);
        cpio.add("bin/tool", 0o700, &Kind::File(b"12345"));
        let bytes = cpio.finish();
        assert_eq!(bytes.len() % 512, 0);
        let entries = read(&bytes);
        assert_eq!(entries[0], ("bin".into(), 0o040_755, vec![]));
        assert_eq!(entries[1], ("bin/tool".into(), 0o100_700, b"12345".to_vec()));
        assert_eq!(entries.len(), 2);
    }
}
