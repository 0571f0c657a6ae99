//! Each folder of `lab-drivers` is a driver, and the same things stand under the same names in all of them.

use crate::workspace;
use std::fs;
use std::path::Path;

/// What every driver has.
const FILES: [&str; 3] = ["mod.rs", "projection.rs", "render.rs"];

/// What a driver may have beside: modules of these files.
const FOLDERS: [&str; 2] = ["projection", "render"];

/// Where the drivers are.
const DRIVERS: &str = "crates/drivers/lab-drivers/src";

/// Folders that lack a file, or have one of another name.
pub(crate) fn faults(root: &Path) -> Vec<String> {
    let entries = fs::read_dir(root.join(DRIVERS)).into_iter().flatten().flatten();
    let folders = entries.map(|entry| entry.path()).filter(|path| path.is_dir());
    folders.flat_map(|folder| folder_faults(&workspace::shown(root, &folder), &names(&folder))).collect()
}

/// The names in a folder; those of folders end with a slash.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let name = |entry: fs::DirEntry| {
        let slash = if entry.path().is_dir() { "/" } else { "" };
        format!("{}{slash}", entry.file_name().to_string_lossy())
    };
    entries.map(name).collect()
}

fn folder_faults(folder: &str, names: &[String]) -> Vec<String> {
    let missing = FILES.iter().filter(|file| !names.iter().any(|name| name == *file));
    let is_known = |name: &str| {
        let folder = name.strip_suffix('/');
        FILES.contains(&name) || folder.is_some_and(|folder| FOLDERS.contains(&folder))
    };
    let strange = names.iter().filter(|name| !is_known(name));
    missing
        .map(|file| format!("{folder}: a driver has a {file}"))
        .chain(strange.map(|name| format!("{folder}: {name} is no name of a driver's files")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_driver_has_the_same_files_as_all_others() {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let good = names(&["mod.rs", "projection.rs", "render.rs", "render/"]);
        assert_eq!(folder_faults("d", &good), Vec::<String>::new());
        let bad = names(&["mod.rs", "render.rs", "helpers.rs"]);
        let faults = ["d: a driver has a projection.rs", "d: helpers.rs is no name of a driver's files"];
        assert_eq!(folder_faults("d", &bad), faults);
    }
}
