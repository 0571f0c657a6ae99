//! The labs of this repository, as they are or with words replaced.

use lab_model::{Input, Reading, ThingId, read};
use std::path::{Path, PathBuf};

/// Every lab with its overlays that say something about the network.
pub(crate) const LABS: [(&str, &[&str]); 7] = [
    ("starter", &[]),
    ("infra-mk3", &[]),
    ("infra-mk3", &["mk3-2024"]),
    ("ocean", &[]),
    ("home-ops", &[]),
    ("jlh-h5b", &[]),
    ("jlh-h5b", &["later"]),
];

fn collect(folder: &Path, root: &Path, files: &mut Vec<lab_source::Input>) {
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            collect(&path, root, files);
        } else if path.extension().is_some_and(|end| end == "yaml") {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            files.push(lab_source::Input { name, bytes: std::fs::read(&path).unwrap() });
        }
    }
}

/// A lab with overlays laid over it.
pub(crate) fn lab(name: &str, overlays: &[&str]) -> Reading {
    lab_with(name, overlays, &[])
}

/// A lab in whose files each text is replaced by another, which must occur.
pub(crate) fn lab_with(name: &str, overlays: &[&str], replaced: &[(&str, &str)]) -> Reading {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../labs").join(name);
    let mut files = Vec::new();
    collect(&folder, &folder, &mut files);
    for (old, new) in replaced {
        let mut found = false;
        for file in &mut files {
            let text = String::from_utf8(file.bytes.clone()).unwrap();
            found |= text.contains(old);
            file.bytes = text.replace(old, new).into_bytes();
        }
        assert!(found, "`{old}` stands nowhere in {name}");
    }
    let overlays = overlays.iter().map(|name| (*name).to_owned()).collect();
    read(Input { files, overlays, types: &() })
}

/// A thing by its name.
pub(crate) fn thing(reading: &Reading, name: &str) -> ThingId {
    reading.lab.addressed(name).unwrap()
}
