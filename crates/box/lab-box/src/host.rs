//! What this machine has free: memory, disk space, processors. Reads only.

use nix::sys::statvfs::statvfs;
use std::fs;
use std::path::{Path, PathBuf};

/// What is free on the machine that shall carry a box.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    /// Memory that can be had without swapping.
    pub memory_mib: u64,
    /// Space in `disk_folder`'s file system.
    pub disk_mib: u64,
    /// Where disks and images will lie.
    pub disk_folder: PathBuf,
    /// Processors.
    pub cpus: usize,
}

impl Host {
    /// Measures. `disk_folder` need not exist yet; what cannot be read counts as nothing free.
    pub fn measure(disk_folder: &Path) -> Host {
        let existing = disk_folder.ancestors().find(|folder| folder.exists()).unwrap_or(Path::new("/"));
        let disk_mib =
            statvfs(existing).map_or(0, |stat| stat.blocks_available() * stat.fragment_size() / 1024 / 1024);
        Host {
            memory_mib: fs::read_to_string("/proc/meminfo").map_or(0, |text| available_mib(&text)),
            disk_mib,
            disk_folder: disk_folder.to_owned(),
            cpus: std::thread::available_parallelism().map_or(1, usize::from),
        }
    }

    /// The same as it was before so many machines of a box were started, reckoned with the least that each takes.
    pub(crate) fn with_running(mut self, machines: usize) -> Host {
        let machines = machines as u64;
        self.memory_mib += machines * (crate::plan::MEMORY_MIN_MIB + crate::plan::QEMU_MIB);
        self.disk_mib += machines * crate::plan::WRITTEN_MIB;
        self
    }
}

/// `MemAvailable` of `/proc/meminfo` (proc(5)), which counts in KiB.
fn available_mib(meminfo: &str) -> u64 {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemAvailable:"));
    line.and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) / 1024
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn available_memory_is_read_in_mib() {
        assert_eq!(available_mib("MemTotal: 9 kB\nMemAvailable:   24117248 kB\n"), 23552);
        assert_eq!(available_mib("nonsense"), 0);
    }
}
