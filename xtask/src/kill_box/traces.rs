//! Everything that a box could leave on a machine, wherever it is looked up: as lines, so that two looks can be compared. Reads only.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// In the environment of every run, and so of whatever it starts and that keeps its environment.
pub(super) const MARK: &str = "LABWRIGHT_KILL_BOX";
/// How deep control groups are looked through.
const GROUPS_DEPTH: usize = 4;

/// One look.
pub(super) struct Traces {
    /// What must be the same before and after, a line each, with what kind it is.
    lines: BTreeSet<String>,
    /// The boxes' network namespaces, by inode: a process may outlive the name.
    networks: BTreeSet<u64>,
    /// Every process: number, name, inode of its network, whether it has the mark.
    processes: Vec<(u32, String, u64, bool)>,
}

impl Traces {
    pub(super) fn of_machine() -> Traces {
        let mut lines = BTreeSet::new();
        let mut add = |kind: &str, items: Vec<String>| {
            lines.extend(items.into_iter().map(|item| format!("{kind}: {item}")));
        };
        let boxes: Vec<String> =
            names(Path::new("/run/netns")).into_iter().filter(|name| name.starts_with("lw-")).collect();
        let networks = boxes.iter().filter_map(|name| inode(&Path::new("/run/netns").join(name))).collect();
        add("network namespace", boxes);
        add("mount", mounts(&fs::read_to_string("/proc/self/mountinfo").unwrap_or_default()));
        add("loop device", loop_devices());
        add("control group", below(Path::new("/sys/fs/cgroup"), GROUPS_DEPTH));
        add("file", below(Path::new("/run/labwright"), usize::MAX));
        add("file", cache().map(|cache| below(&cache, usize::MAX)).unwrap_or_default());
        add("Open vSwitch", names(Path::new("/run/openvswitch")));
        add("shared memory", names(Path::new("/dev/shm")));
        for kind in ["shm", "sem", "msg"] {
            add("System V", lines_of(&format!("/proc/sysvipc/{kind}")));
        }
        add("FUSE connection", names(Path::new("/sys/fs/fuse/connections")));
        add("interface", said(&["ip", "-br", "link"]));
        add("address", said(&["ip", "-br", "address"]));
        add("route", said(&["ip", "route", "show", "table", "all"]));
        add("routing rule", said(&["ip", "rule"]));
        add("firewall", said(&["nft", "list", "ruleset"]));
        Traces { lines, networks, processes: processes() }
    }

    /// What is left of a box, by its file; boxes of tests have their files elsewhere.
    pub(super) fn box_that_is_up(&self) -> Option<&str> {
        self.lines.iter().map(String::as_str).find(|line| line.starts_with("file: "))
    }

    /// How many networks of boxes have come since `before`, and processes in them.
    pub(super) fn come_since(&self, before: &Traces) -> (usize, usize) {
        let come: BTreeSet<u64> = self.networks.difference(&before.networks).copied().collect();
        let inside = self.processes.iter().filter(|(_, _, network, _)| come.contains(network));
        (come.len(), inside.count())
    }

    /// What has come and what has gone since `before`, and processes of boxes that were there `between`.
    pub(super) fn differences(&self, before: &Traces, between: &Traces) -> Vec<String> {
        let come = self.lines.difference(&before.lines).cloned();
        let gone = before.lines.difference(&self.lines).map(|line| format!("gone: {line}"));
        let is_ours = |process: &&(u32, String, u64, bool)| {
            process.3 || between.networks.contains(&process.2) && !before.networks.contains(&process.2)
        };
        let running = self.processes.iter().filter(is_ours);
        let running = running.map(|(pid, name, ..)| format!("process: {pid} {name}"));
        come.chain(gone).chain(running).collect()
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

/// Every file and folder below one.
fn below(folder: &Path, depth: usize) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        // The files of a control group come and go with it.
        if is_folder || !folder.starts_with("/sys") {
            found.push(entry.path().display().to_string());
        }
        if is_folder && depth > 1 {
            found.extend(below(&entry.path(), depth - 1));
        }
    }
    found
}

/// Where disks of boxes are; the image beside them stays.
fn cache() -> Option<PathBuf> {
    let set = std::env::var_os("XDG_CACHE_HOME").filter(|text| !text.is_empty()).map(PathBuf::from);
    let cache = set.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache")))?;
    Some(cache.join("labwright/boxes"))
}

/// Where something is mounted and what: fields 5 and, after the dash, the first two of proc(5)'s mountinfo.
fn mounts(text: &str) -> Vec<String> {
    let mount = |line: &str| {
        let (own, kind) = line.split_once(" - ")?;
        let kind: Vec<&str> = kind.split(' ').take(2).collect();
        Some(format!("{} {}", own.split(' ').nth(4)?, kind.join(" ")))
    };
    text.lines().filter_map(mount).collect()
}

fn loop_devices() -> Vec<String> {
    let devices = names(Path::new("/sys/block")).into_iter().filter(|name| name.starts_with("loop"));
    let backed = |name: String| {
        let file = fs::read_to_string(format!("/sys/block/{name}/loop/backing_file")).ok()?;
        Some(format!("{name} {}", file.trim()))
    };
    devices.filter_map(backed).collect()
}

fn lines_of(path: &str) -> Vec<String> {
    fs::read_to_string(path).unwrap_or_default().lines().map(str::to_owned).collect()
}

/// What a program says, a line each; nothing where there is no such program.
fn said(words: &[&str]) -> Vec<String> {
    let output = Command::new(words[0]).args(&words[1..]).output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    // How long a route has left is no change of it.
    text.lines().map(|line| line.split(" expires ").next().unwrap_or(line).to_owned()).collect()
}

fn inode(path: &Path) -> Option<u64> {
    fs::metadata(path).ok().map(|data| data.ino())
}

fn processes() -> Vec<(u32, String, u64, bool)> {
    let pids = names(Path::new("/proc")).into_iter().filter_map(|name| name.parse::<u32>().ok());
    pids.filter_map(|pid| {
        let folder = PathBuf::from(format!("/proc/{pid}"));
        // One that has ended and only waits for its parent has no network any more.
        let network = inode(&folder.join("ns/net"))?;
        let name = fs::read_to_string(folder.join("comm")).ok()?.trim().to_owned();
        let environment = fs::read(folder.join("environ")).unwrap_or_default();
        let is_marked = environment.split(|byte| *byte == 0).any(|line| line.starts_with(MARK.as_bytes()));
        Some((pid, name, network, is_marked))
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mount_is_known_by_its_place_and_kind() {
        let text =
            "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue\nnonsense\n";
        assert_eq!(mounts(text), ["/mnt2 ext3 /dev/root"]);
    }

    #[test]
    fn what_came_what_went_and_what_runs_is_told() {
        let look = |lines: &[&str], networks: &[u64], processes: &[(u32, u64, bool)]| Traces {
            lines: lines.iter().map(|line| (*line).to_owned()).collect(),
            networks: networks.iter().copied().collect(),
            processes: processes.iter().map(|p| (p.0, "perl".to_owned(), p.1, p.2)).collect(),
        };
        let before = look(&["route: a", "mount: m"], &[], &[(1, 1, false)]);
        let between = look(&["network namespace: lw-x"], &[9], &[(1, 1, false), (2, 9, false)]);
        assert_eq!(between.come_since(&before), (1, 1));
        assert_eq!(before.differences(&before, &between), [""; 0]);
        let after = look(&["mount: m", "mount: n"], &[], &[(1, 1, false), (2, 9, false), (3, 1, true)]);
        assert_eq!(
            after.differences(&before, &between),
            ["mount: n", "gone: route: a", "process: 2 perl", "process: 3 perl"]
        );
    }
}
