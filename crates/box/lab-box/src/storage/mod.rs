//! Disks that can fail and the pools on them, where that can be had without the kernel: each disk of a ZFS pool is a process that hands out a
//! file (QEMU's storage daemon, by FUSE), the pool is ZFS in user space. A disk that is killed is gone under ZFS's hands; mended, it is
//! back with what it had.
//!
//! Other kinds of pools are not played. Disks are small and the pools hold nothing of the lab's.

use crate::missing::Missing;
use crate::state::{BoxDirs, StateError};
use crate::tool::{Tool, find};
use crate::wired::{Node, NodeFile, Program, WiredPlan, WiredRecord};
use std::fmt::Write;

const DISK: &str = include_str!("disk.sh");
const ZFS: &str = include_str!("zfs.sh");
pub(crate) const ASK: &str = include_str!("ask.sh");
/// (package, program) that it takes.
const NEEDS: [(&str, &str); 3] =
    [("zfs-fuse", "zfs-fuse"), ("qemu-system-common", "qemu-storage-daemon"), ("fuse", "fusermount")];
/// More disks on one node are not played: each is a process.
pub(crate) const DISKS_MAX: usize = 24;

/// A ZFS pool on a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pool {
    /// Its name, of letters that ZFS takes.
    pub name: String,
    /// Its groups in the words of `zpool`: `raidz2`, `log mirror`, nothing for a stripe; with the disks, [`disk_program`] each.
    pub groups: Vec<(String, Vec<String>)>,
    /// Whether it stands; false before [`WiredPlan::cast`], and where ZFS is not installed.
    pub is_real: bool,
}

/// A pool as it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolNow {
    /// ZFS's own word: `ONLINE`, `DEGRADED`, `FAULTED`, `UNKNOWN` when it does not answer.
    pub health: String,
    /// Whether what was kept in it at first is read, unchanged.
    pub reads: bool,
    /// Whether something new is written and confirmed.
    pub writes: bool,
}

/// The program of a node that is a disk, by the device and the bay it is in: `disk.nas-1.bay-3`.
pub fn disk_program(device: &str, bay: &str) -> String {
    let plain = |text: &str| -> String {
        text.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '.' }).collect()
    };
    format!("disk.{}.{}", plain(device), plain(bay))
}

/// The name of a pool of letters that ZFS takes.
pub fn pool_name(name: &str) -> String {
    name.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect()
}

/// What pools would take and this system lacks.
pub fn missing() -> Vec<Missing> {
    let absent = NEEDS.into_iter().filter(|(_, program)| find(program).is_none());
    absent.map(|(package, what)| Missing { package, what }).collect()
}

/// Makes the pools of a node programs of it, the disks first.
pub(crate) fn play(node: &mut Node) {
    if node.pools.is_empty() || node.pools.iter().all(|pool| pool.is_real) || !missing().is_empty() {
        return;
    }
    let mut lines = String::new();
    let mut n_disks = 0;
    for pool in &mut node.pools {
        pool.is_real = true;
        let mut line = pool.name.clone();
        for (word, disks) in &pool.groups {
            if !word.is_empty() {
                write!(line, " {word}").expect("a string takes all");
            }
            for disk in disks {
                n_disks += 1;
                write!(line, " /mnt/disks/dev/{disk}").expect("a string takes all");
                node.programs.push(disk_of(disk, &pool.name, n_disks));
            }
        }
        writeln!(lines, "{line}").expect("a string takes all");
    }
    node.programs.push(Program {
        name: "zfs".to_owned(),
        script: format!("POOLS='{lines}'\n{ZFS}"),
        processes: vec!["zfs-fuse".to_owned()],
        is_last: false,
    });
    // Called by ZFS when something is wrong; the others answer at once what a name server that is not reached would be asked for. All
    // of them give the node a /etc and a /run of its own.
    let hosts = format!("127.0.0.1 localhost\n127.0.1.1 {}\n", node.name);
    let own =
        [("zfs/zfs_pool_alert", "#!/bin/sh\n", true), ("hosts", &hosts, false), ("hostid", "lwlw", false)];
    for (path, text, executable) in own {
        let file = NodeFile { text: text.to_owned(), executable };
        node.files.entry(format!("etc/{path}")).or_insert(file);
    }
}

fn disk_of(name: &str, pool: &str, number: usize) -> Program {
    let process = format!("lw-disk-{number}");
    Program {
        name: name.to_owned(),
        script: format!("DISK={name}\nPROCESS={process}\nPOOL={pool}\n{DISK}"),
        processes: vec![process],
        is_last: false,
    }
}

/// What becomes of the pools of box `id` when they are used now: node, pool, and what was found. A pool that had to stop takes eight
/// seconds.
///
/// # Errors
/// There is no such box, or it is no wired one.
pub fn pools_now(dirs: &BoxDirs, id: &str) -> Result<Vec<(String, String, PoolNow)>, StateError> {
    let record = WiredRecord::load(dirs, id)?;
    let state = dirs.load(id)?;
    let mut found = Vec::new();
    for (node, machine) in record.nodes.iter().zip(&state.machines) {
        for pool in &node.pools {
            let first = machine.process.filter(|first| first.is_running());
            let said = first.map(|first| {
                let inside = ["--net", "--mount", "--uts", "--ipc", "--root", "sh", "/mnt/ask-pool", pool];
                Tool::new("nsenter").args(["--target", &first.pid.to_string()]).args(inside).run()
            });
            let said = said.and_then(Result::ok).unwrap_or_default();
            found.push((node.name.clone(), pool.clone(), understood(&said)));
        }
    }
    Ok(found)
}

fn understood(said: &str) -> PoolNow {
    let words: Vec<&str> = said.split_whitespace().collect();
    let is_yes = |index: usize| words.get(index) == Some(&"yes");
    let health = words.first().copied().unwrap_or("UNKNOWN").to_owned();
    PoolNow { health, reads: is_yes(1), writes: is_yes(2) }
}

impl WiredPlan {
    /// Pools that stand and pools that do not, in words for people.
    pub(crate) fn pools_said(&self) -> Vec<String> {
        let all = |is_real: bool| -> Vec<String> {
            let nodes = self.nodes.iter();
            let own = nodes.flat_map(|node| node.pools.iter().map(move |pool| (node, pool)));
            let own = own.filter(|(_, pool)| pool.is_real == is_real);
            own.map(|(node, pool)| format!("{} on {}", pool.name, node.name)).collect()
        };
        let (real, absent) = (all(true), all(false));
        let mut lines = Vec::new();
        if !real.is_empty() {
            lines.push(format!("{}: ZFS in user space, disks of 128 MiB that can fail", real.join(", ")));
        }
        if !absent.is_empty() {
            let packages: Vec<&str> = missing().into_iter().map(|missing| missing.package).collect();
            lines.push(format!(
                "{}: nothing stands in for the pools, since ZFS is not installed ({})",
                absent.join(", "),
                packages.join(", ")
            ));
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_is_called_by_where_it_is() {
        assert_eq!(disk_program("nas-1", "bay-3"), "disk.nas-1.bay-3");
        assert_eq!(disk_program("disk shelf", "a/b c"), "disk.disk.shelf.a.b.c");
    }

    #[test]
    fn what_a_pool_says_is_read() {
        let check = |said: &str, health: &str, reads: bool, writes: bool| {
            assert_eq!(understood(said), PoolNow { health: health.to_owned(), reads, writes }, "{said}");
        };
        check("DEGRADED yes yes\n", "DEGRADED", true, true);
        check("UNKNOWN yes no", "UNKNOWN", true, false);
        check("", "UNKNOWN", false, false);
    }
}
