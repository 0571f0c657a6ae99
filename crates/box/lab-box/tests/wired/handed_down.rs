//! A run of the program is started with a lock and pipes of its caller open, as `flock lock labwright up | cat` does. Its programs live
//! on and hold nothing of it.

use crate::services::LAB;
use crate::set_up::planned;
use lab_box::{BoxDirs, Options, down, missing_wired, up_wired};
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const NAME: &str = "handed_down::programs_of_a_box_hold_nothing_of_whoever_called";

fn options(root: &Path) -> Options {
    let dirs = BoxDirs { state: root.join("state"), cache: root.join("cache") };
    Options { dirs, ..Options::of_user() }
}

/// Every process in a network of the box.
fn processes(id: &str) -> Vec<PathBuf> {
    let inode = |path: PathBuf| fs::metadata(path).ok().map(|data| data.ino());
    let networks = fs::read_dir("/run/netns").unwrap().flatten();
    let own = networks.filter(|entry| entry.file_name().to_string_lossy().starts_with(&format!("lw-{id}")));
    let own: BTreeSet<u64> = own.filter_map(|entry| inode(entry.path())).collect();
    let all = fs::read_dir("/proc").unwrap().flatten().map(|entry| entry.path());
    all.filter(|process| inode(process.join("ns/net")).is_some_and(|net| own.contains(&net))).collect()
}

/// What a process has open, by number.
fn open(process: &Path) -> Vec<(String, String)> {
    let entries = fs::read_dir(process.join("fd")).into_iter().flatten().flatten();
    let target = |entry: &fs::DirEntry| fs::read_link(entry.path()).ok();
    entries
        .filter_map(|entry| {
            let number = entry.file_name().to_string_lossy().into_owned();
            Some((number, target(&entry)?.to_string_lossy().into_owned()))
        })
        .collect()
}

#[test]
fn programs_of_a_box_hold_nothing_of_whoever_called() {
    let (_, mut plan) = planned(LAB);
    if let (Ok(id), Ok(root)) = (std::env::var("LAB_BOX_ID"), std::env::var("LAB_BOX_STATE")) {
        plan.id = id;
        up_wired(&plan, &options(Path::new(&root)), &mut |_| {}).unwrap();
        return;
    }
    let missing = missing_wired(&plan);
    if !missing.is_empty() || !nix::unistd::geteuid().is_root() {
        return lab_testkit::leave_out(&format!("root and {missing:?}"));
    }
    let root = tempfile::tempdir().unwrap();
    let id = format!("handed{}", std::process::id());
    let lock = root.path().join("lock");
    // Its pipes are read to their end, which does not come while anything holds them.
    let output = Command::new("sh")
        .args(["-c", "exec 9>\"$0\"; exec \"$@\""])
        .arg(&lock)
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", NAME, "--nocapture"])
        .envs([("LAB_BOX_ID", id.as_str()), ("LAB_BOX_STATE", root.path().to_str().unwrap())])
        .stdin(Stdio::piped())
        .output()
        .unwrap();
    let held: Vec<_> = processes(&id).iter().map(|process| (process.clone(), open(process))).collect();
    let removed = down(&options(root.path()).dirs, &id).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert!(held.len() >= 7 && removed.processes >= 7, "nothing was started: {held:?}");
    // Below a chroot the links begin with its folder, where a process has mounts of its own.
    let lock = lock.to_string_lossy();
    for (process, open) in &held {
        assert!(
            open.iter().all(|(_, target)| !target.ends_with(&*lock)),
            "{process:?} holds the lock: {open:?}"
        );
        let input = open.iter().find(|(number, _)| number == "0");
        assert!(input.is_none_or(|(_, target)| target.ends_with("/dev/null")), "{process:?} reads {input:?}");
    }
}
