//! The walk over a folder: what is taken, what is told.

use super::*;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;

fn write(root: &Path, name: &str, text: &str) {
    let path = root.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn names(collected: &Collected) -> Vec<&str> {
    collected.files.iter().map(|(name, _)| name.as_str()).collect()
}

fn problems(collected: &Collected) -> Vec<(&str, ProblemKind)> {
    collected.problems.iter().map(|problem| (problem.name.as_str(), problem.kind)).collect()
}

#[test]
fn takes_yaml_below_the_root_and_leaves_other_labs_alone() {
    let root = tempfile::tempdir().unwrap();
    for name in [
        "lab.yaml",
        "network/vlans.yml",
        "overlays/dev/lab.yaml.md",
        "overlays/dev/x.yaml",
        ".git/x.yaml",
        "other/lab.yaml",
        "other/x.yaml",
    ] {
        write(root.path(), name, "a: 1\n");
    }
    let mut collected = collect(root.path(), &Selection::new(&[]));
    collected.sort();
    assert_eq!(names(&collected), ["lab.yaml", "network/vlans.yml", "overlays/dev/x.yaml"]);
    assert!(collected.problems.is_empty());
}

#[test]
fn links_are_followed_once_and_broken_ones_told() {
    let root = tempfile::tempdir().unwrap();
    write(root.path(), "lab.yaml", "");
    write(root.path(), "network/vlans.yaml", "");
    symlink(root.path(), root.path().join("network/up")).unwrap();
    symlink("nowhere.yaml", root.path().join("gone.yaml")).unwrap();
    let collected = collect(root.path(), &Selection::new(&[]));
    assert_eq!(names(&collected), ["lab.yaml", "network/vlans.yaml"]);
    assert_eq!(
        problems(&collected),
        [("gone.yaml", ProblemKind::Unreadable)],
        "a link to another lab's root is that lab's own"
    );
    symlink(root.path().join("network"), root.path().join("again")).unwrap();
    let collected = collect(root.path(), &Selection::new(&[]));
    assert_eq!(problems(&collected)[1], ("network", ProblemKind::LinkLoop));
}

#[test]
fn odd_files_are_told_and_the_rest_is_read() {
    let root = tempfile::tempdir().unwrap();
    write(root.path(), "lab.yaml", "");
    write(root.path(), "folder.yaml/inner.yaml", "");
    fs::write(root.path().join(std::ffi::OsStr::from_bytes(b"caf\xe9.yaml")), "").unwrap();
    let large = fs::File::create(root.path().join("large.yaml")).unwrap();
    large.set_len(FILE_BYTES_MAX + 1).unwrap();
    let collected = collect(root.path(), &Selection::new(&[]));
    assert_eq!(names(&collected), ["caf\u{fffd}.yaml", "folder.yaml/inner.yaml", "lab.yaml"]);
    assert_eq!(
        problems(&collected),
        [("caf\u{fffd}.yaml", ProblemKind::Name), ("large.yaml", ProblemKind::TooLarge)]
    );
}
