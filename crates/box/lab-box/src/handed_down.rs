//! What whoever called this program had open beside input, output and errors: the lock of `flock`, a pipe, a terminal. It stays with
//! this process and goes to nothing that a box starts, since programs of a box outlive the call and would hold the lock until `down`.
//!
//! What this process opens itself is closed in its children by the standard library, and is no concern of this file.

use nix::fcntl::{FcntlArg, FdFlag, fcntl};
use std::fs;
use std::os::fd::{BorrowedFd, RawFd};
use std::sync::Once;

/// Input, output and errors, which each child is given anew.
const USUAL: std::ops::RangeInclusive<RawFd> = 0..=2;

/// Marks everything that was handed down to be closed in children. Done once: nothing is handed down later.
pub(crate) fn keep_from_children() {
    static KEPT: Once = Once::new();
    KEPT.call_once(|| open().into_iter().filter(|fd| !USUAL.contains(fd)).for_each(close_in_children));
}

/// Every descriptor of this process, as proc(5) lists them.
fn open() -> Vec<RawFd> {
    let listing = fs::read_dir("/proc/self/fd").into_iter().flatten().flatten();
    listing.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
}

fn close_in_children(fd: RawFd) {
    #[expect(
        unsafe_code,
        reason = "a number that was handed down has no owner in this process to borrow it from"
    )]
    // SAFETY: it is borrowed for one call, which reads and writes no memory; a number that was closed meanwhile is refused by the kernel.
    let fd = unsafe { BorrowedFd::borrow_raw(fd) };
    // Closed meanwhile.
    let _ = fcntl(fd, FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC));
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::fd::AsRawFd;
    use std::process::Command;

    #[test]
    fn a_child_does_not_get_what_is_marked() {
        // Whatever another test of this process starts must not do it in between.
        keep_from_children();
        let file = fs::File::open("/dev/zero").unwrap();
        // As a caller's: without the mark that the standard library sets.
        fcntl(&file, FcntlArg::F_SETFD(FdFlag::empty())).unwrap();
        let held = || {
            let said = Command::new("sh").args(["-c", "ls -l /proc/$$/fd"]).output().unwrap().stdout;
            String::from_utf8_lossy(&said).contains("/dev/zero")
        };
        assert!(held());
        assert!(open().contains(&file.as_raw_fd()));
        close_in_children(file.as_raw_fd());
        assert!(!held());
    }
}
