//! Reads every type of a library as often as asked and says how long it took: `read_types FOLDER [TIMES]`.
//! It measures reading alone; the files are in memory before the clock starts.

#![expect(clippy::print_stdout, reason = "printing figures is what it is for")]

use lab_model::device_type::{TypeFile, read_type_file};
use std::path::{Path, PathBuf};
use std::time::Instant;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().expect("the first argument is the folder of a library");
    let times: usize = arguments.next().map_or(1, |times| times.parse().expect("a count"));
    let mut paths = Vec::new();
    for kind in ["device-types", "module-types"] {
        collect(&Path::new(&folder).join(kind), &mut paths);
    }
    let started = Instant::now();
    let load = |path: &PathBuf| TypeFile {
        name: path.display().to_string(),
        bytes: std::fs::read(path).expect("a file that can be read"),
    };
    let library: Vec<TypeFile> = paths.iter().map(load).collect();
    let loaded = started.elapsed();
    let bytes: usize = library.iter().map(|file| file.bytes.len()).sum();
    let started = Instant::now();
    let (mut types, mut findings) = (0, Vec::new());
    for _ in 0..times {
        for file in &library {
            let mut files = lab_source::Files::new();
            types += usize::from(read_type_file(file.clone(), &mut files, &mut findings).is_some());
        }
    }
    println!(
        "{} files of {} kB loaded in {loaded:.1?}; {types} types read in {:.1?}, {} findings",
        library.len(),
        bytes / 1000,
        started.elapsed(),
        findings.len()
    );
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        match entry.path() {
            path if path.is_dir() => collect(&path, paths),
            path => paths.push(path),
        }
    }
}
