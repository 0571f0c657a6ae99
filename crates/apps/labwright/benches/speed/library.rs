//! A checkout of the community's device type library, named by `LABWRIGHT_DEVICE_TYPES`: as a source of a small lab, and
//! read completely; once as it is and once ten times over.

use crate::{process, shown};
use lab_model::device_type::{TypeFile, read_type_file};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Prints two lines, or why there are none.
pub(crate) fn print() {
    let Some(library) = std::env::var_os("LABWRIGHT_DEVICE_TYPES").map(PathBuf::from) else {
        println!("\nno library of types: LABWRIGHT_DEVICE_TYPES does not name a folder");
        return;
    };
    println!("\n{:<34} {:>10} {:>17} {:>17}", "library of types", "files", "named by a lab", "all read");
    let files = files_of(&library);
    line("as it is", &library, &files);
    let copy = tempfile::tempdir().unwrap();
    let copied = ten_times(&library, &files, copy.path());
    line("ten times over", copy.path(), &copied);
}

fn line(name: &str, library: &Path, files: &[PathBuf]) {
    let lab = tempfile::tempdir().unwrap();
    let library = library.canonicalize().unwrap();
    let text = format!("lab: {{ name: small, device-types: [{:?}] }}\n", library.display().to_string());
    std::fs::write(lab.path().join("lab.yaml"), text).unwrap();
    let named = (0..5).map(|_| process::run(lab.path())).min().unwrap();
    let read = (0..3).map(|_| read_all(files)).min().unwrap();
    println!("{name:<34} {:>10} {:>17} {:>17}", files.len(), shown(named), shown(read));
}

/// From the disk to types.
fn read_all(files: &[PathBuf]) -> Duration {
    let started = Instant::now();
    for path in files {
        let file = TypeFile { name: path.display().to_string(), bytes: std::fs::read(path).unwrap() };
        let (mut texts, mut findings) = (lab_source::Files::new(), Vec::new());
        assert!(read_type_file(file, &mut texts, &mut findings).is_some(), "{} reads", path.display());
    }
    started.elapsed()
}

fn files_of(library: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for kind in ["device-types", "module-types"] {
        for maker in std::fs::read_dir(library.join(kind)).into_iter().flatten() {
            let models = std::fs::read_dir(maker.unwrap().path()).into_iter().flatten();
            files.extend(models.map(|model| model.unwrap().path()));
        }
    }
    files.retain(|path| path.extension().is_some_and(|end| end == "yaml" || end == "yml"));
    files.sort();
    files
}

/// Ten copies of every file, each of its own maker.
fn ten_times(library: &Path, files: &[PathBuf], into: &Path) -> Vec<PathBuf> {
    let mut copies = Vec::new();
    for path in files {
        let inside = path.strip_prefix(library).unwrap();
        let (folder, name) = (inside.parent().unwrap(), inside.file_name().unwrap());
        for copy in 0..10 {
            let folder = into.join(format!("{} {copy}", folder.display()));
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::copy(path, folder.join(name)).unwrap();
            copies.push(folder.join(name));
        }
    }
    copies
}
