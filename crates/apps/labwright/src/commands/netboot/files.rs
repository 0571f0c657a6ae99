//! The files that are there to be served: what was fetched, and what Debian's packages bring.

use crate::projection::netboot::Files;
use std::path::{Path, PathBuf};

/// iPXE's programs in Debian's package, under the names that firmware is told.
const IPXE: [(&str, &str); 3] = [
    ("undionly.kpxe", "/usr/lib/ipxe/undionly.kpxe"),
    ("snponly.efi", "/usr/lib/ipxe/snponly.efi"),
    ("snponly-arm64.efi", "/usr/lib/ipxe/arm64/snponly.efi"),
];
/// Debian's package with its own installer: below it, `12/amd64/text/debian-installer/amd64/linux`.
const INSTALLERS: &str = "/usr/lib/debian-installer/images";
/// Folders below folders that are looked through.
const DEPTH: usize = 4;

/// Where fetched files are.
pub(super) fn folder(state: &Path) -> PathBuf {
    state.join("files")
}

/// Everything that can be served. A folder that cannot be read is as good as an empty one.
pub(super) fn found(state: &Path) -> Files {
    let mut files = Files::default();
    for (name, path) in IPXE.iter().filter(|(_, path)| Path::new(path).is_file()) {
        files.by_name.insert((*name).to_owned(), PathBuf::from(path));
    }
    for release in entries(Path::new(INSTALLERS)) {
        let inside = release.join("amd64/text/debian-installer/amd64");
        let number = release.file_name().unwrap_or_default().to_string_lossy().into_owned();
        for name in ["linux", "initrd.gz"].into_iter().filter(|name| inside.join(name).is_file()) {
            files.by_name.insert(format!("debian-{number}/amd64/{name}"), inside.join(name));
        }
    }
    for path in entries(&folder(state)) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        match (name.as_str(), path.is_dir()) {
            ("raspberry-pi", true) => {
                files.folders.insert(name.clone());
                files.by_name.insert(name, path);
            }
            ("talos", true) => talos(&path, &mut files),
            _ => below(&path, &name, DEPTH, &mut files),
        }
    }
    files
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

/// Files under a name; those that are still being fetched are none.
fn below(path: &Path, name: &str, depth: usize, files: &mut Files) {
    if path.is_file() && !name.ends_with(".part") {
        files.by_name.insert(name.to_owned(), path.to_owned());
    } else if let Some(depth) = depth.checked_sub(1) {
        for inside in entries(path) {
            let own = inside.file_name().unwrap_or_default().to_string_lossy().into_owned();
            below(&inside, &format!("{name}/{own}"), depth, files);
        }
    }
}

fn talos(folder: &Path, files: &mut Files) {
    for path in entries(folder).iter().filter(|path| path.extension().is_some_and(|ending| ending == "yaml"))
    {
        if let (Some(host), Ok(text)) = (path.file_stem(), std::fs::read_to_string(path)) {
            files.talos.insert(host.to_string_lossy().into_owned(), text);
        }
    }
}
