//! The initial file system: BusyBox, the few programs of the installer with their libraries, the drivers, and the
//! scripts. One for both jobs, installing and starting from disk.

use super::cpio::{Cpio, Kind};
use super::{DHCP, INIT, ImageError};
use crate::tool::Tool;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// Programs, at the places where Debian has them.
const PROGRAMS: [&str; 4] = ["/bin/busybox", "/usr/bin/zstd", "/sbin/sfdisk", "/sbin/resize2fs"];
/// Drivers; what they need is loaded before them.
const MODULES: [&str; 4] = ["virtio_pci", "virtio_blk", "virtio_net", "virtio-rng"];
const FOLDERS: [&str; 8] = ["bin", "dev", "mnt", "modules", "proc", "run", "sys", "tmp"];

/// What decides the content beside the scripts.
pub(super) fn recipe() -> String {
    [&PROGRAMS[..], &MODULES[..], &FOLDERS[..]].concat().join(" ")
}

/// Writes the compressed archive, made from the tree `base` with the kernel of version `kernel`.
pub(super) fn write(base: &Path, kernel: &str, file: &Path) -> Result<(), ImageError> {
    let mut contents = Contents::default();
    for program in PROGRAMS {
        contents.add(base, program)?;
        for library in libraries(base, program) {
            contents.add(base, &library)?;
        }
    }
    let mut order = String::new();
    for path in drivers(base, kernel)? {
        let name = path.rsplit('/').next().expect("a path has a last part").to_owned();
        let body = read(base, &path)?;
        contents.files.insert(format!("modules/{name}"), (0o644, body));
        order.push_str(&name);
        order.push('\n');
    }
    contents.files.insert("modules/order".into(), (0o644, order.into_bytes()));
    contents.files.insert("init".into(), (0o755, INIT.into()));
    contents.files.insert("bin/dhcp.sh".into(), (0o755, DHCP.into()));
    let mut packed = Tool::new("zstd").args(["-q", "-9", "-c"]).input(contents.archive()).run_bytes()?;
    // The kernel looks for a further archive at the next multiple of four, and skips zeros.
    packed.resize(packed.len().next_multiple_of(4), 0);
    fs::write(file, packed).map_err(ImageError::file("write", file))
}

/// Path to permissions and bytes; the order of paths is the order in the archive.
#[derive(Default)]
struct Contents {
    files: BTreeMap<String, (u32, Vec<u8>)>,
}

impl Contents {
    fn add(&mut self, base: &Path, path: &str) -> Result<(), ImageError> {
        let body = read(base, path)?;
        self.files.insert(path.trim_start_matches('/').to_owned(), (0o755, body));
        Ok(())
    }

    fn archive(&self) -> Vec<u8> {
        let mut folders: BTreeSet<&str> = FOLDERS.into();
        for path in self.files.keys() {
            folders.extend(path.match_indices('/').map(|(end, _)| &path[..end]));
        }
        let mut cpio = Cpio::new();
        for folder in folders {
            cpio.add(folder, 0o755, &Kind::Folder);
        }
        for (path, (permissions, body)) in &self.files {
            cpio.add(path, *permissions, &Kind::File(body));
        }
        cpio.finish()
    }
}

fn read(base: &Path, path: &str) -> Result<Vec<u8>, ImageError> {
    let file = base.join(path.trim_start_matches('/'));
    fs::read(&file).map_err(ImageError::file("read", &file))
}

/// The shared libraries of a program of the tree. A static program has none, which ldd reports as a failure.
fn libraries(base: &Path, program: &str) -> Vec<String> {
    let listing = Tool::new("chroot").arg(base).args(["ldd", program]).run().unwrap_or_default();
    library_paths(&listing)
}

/// The absolute paths in ldd's output.
fn library_paths(listing: &str) -> Vec<String> {
    let words = listing.lines().filter_map(|line| line.split_whitespace().find(|word| word.starts_with('/')));
    words.map(str::to_owned).collect()
}

/// The files of the drivers, each once, in the order of loading.
fn drivers(base: &Path, kernel: &str) -> Result<Vec<String>, ImageError> {
    let mut paths = Vec::new();
    for module in MODULES {
        let listing =
            Tool::new("chroot").arg(base).args(["modprobe", "-S", kernel, "--show-depends", module]).run()?;
        for path in module_paths(&listing) {
            if !paths.contains(&path) {
                paths.push(path);
            }
        }
    }
    Ok(paths)
}

/// The files in modprobe's output; a driver that is built into the kernel has none.
fn module_paths(listing: &str) -> Vec<String> {
    let files = listing.lines().filter_map(|line| line.strip_prefix("insmod "));
    files.filter_map(|rest| rest.split_whitespace().next()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::super::cpio;
    use super::*;

    #[test]
    fn libraries_are_the_absolute_paths() {
        let listing = "\tlinux-vdso.so.1 (0x7fb8)\n\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x7f)\n\
                       \t/lib64/ld-linux-x86-64.so.2 (0x00007f)\n";
        assert_eq!(
            library_paths(listing),
            ["/lib/x86_64-linux-gnu/libc.so.6", "/lib64/ld-linux-x86-64.so.2"]
        );
        assert!(library_paths("\tnot a dynamic executable\n").is_empty());
    }

    #[test]
    fn builtin_drivers_are_left_out() {
        let listing = "builtin virtio\ninsmod /lib/modules/6/virtio_net.ko csum=1\n";
        assert_eq!(module_paths(listing), ["/lib/modules/6/virtio_net.ko"]);
    }

    #[test]
    fn every_folder_stands_before_what_is_in_it() {
        let mut contents = Contents::default();
        contents.files.insert("lib/x86_64-linux-gnu/libc.so.6".into(), (0o755, b"c".to_vec()));
        contents.files.insert("init".into(), (0o755, b"#!".to_vec()));
        let entries = cpio::tests::read(&contents.archive());
        let at = |name: &str| entries.iter().position(|entry| entry.0 == name).unwrap();
        assert!(at("lib") < at("lib/x86_64-linux-gnu"));
        assert!(at("lib/x86_64-linux-gnu") < at("lib/x86_64-linux-gnu/libc.so.6"));
        assert_eq!(entries[at("init")], ("init".into(), 0o100_755, b"#!".to_vec()));
        for folder in FOLDERS {
            assert_eq!(entries[at(folder)].1, 0o040_755, "{folder}");
        }
    }
}
