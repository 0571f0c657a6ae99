//! `init`: what it writes, and that it overwrites nothing.

use crate::lab::{Run, labwright};

#[test]
fn writes_a_lab_that_checks_clean_and_refuses_to_write_again() {
    let folder = tempfile::tempdir().unwrap();
    let run = |args: &[&str]| Run::of(labwright().current_dir(folder.path()).args(args).output().unwrap());
    let first = run(&["init", "home"]);
    assert_eq!((first.code, first.stdout.contains("home/lab.yaml\n")), (0, true), "{}", first.stderr);
    assert!(first.stderr.contains("labwright check home"), "{}", first.stderr);
    let checked = run(&["check", "home"]);
    assert_eq!(checked.code, 0, "{}{}", checked.stdout, checked.stderr);

    std::fs::write(folder.path().join("home/lab.yaml"), "mine").unwrap();
    let second = run(&["init", "home"]);
    assert_eq!(second.code, 5);
    assert!(second.stderr.contains("home already has lab.yaml"), "{}", second.stderr);
    assert_eq!(std::fs::read_to_string(folder.path().join("home/lab.yaml")).unwrap(), "mine");
}

#[test]
fn a_readme_that_is_there_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("README.md"), "mine").unwrap();
    let run = Run::of(labwright().current_dir(folder.path()).arg("init").output().unwrap());
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stdout.contains("lab.yaml\n") && !run.stdout.contains("README.md"), "{}", run.stdout);
    assert_eq!(std::fs::read_to_string(folder.path().join("README.md")).unwrap(), "mine");
    assert!(folder.path().join(".labwright/lab.json").exists());
}
