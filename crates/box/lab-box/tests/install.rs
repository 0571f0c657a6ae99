//! Real machines in short form: one started by BIOS and one by UEFI, at once, from empty disks to verified and away
//! again.
//!
//! Needs root and the packages of a box; says "skipped: needs ..." without them. Uses the user's image cache, and makes
//! the image when it is not there.

#![expect(clippy::unwrap_used, reason = "a test ends where something went wrong")]

#[expect(dead_code, reason = "the live tests use what is not used here")]
mod plans;

use lab_box::{BoxDirs, Firmware, Progress, down, status, up};
use plans::{Guarded, lacks, options, plan, traces};
use std::fs;

#[test]
fn machines_of_both_kinds_come_up_from_empty_disks_and_leave_nothing() {
    let firmware = [Firmware::Bios, Firmware::Uefi];
    if lacks(&firmware) {
        return;
    }
    let id = format!("live{}", std::process::id());
    let root = tempfile::tempdir().unwrap();
    let options = options(root.path(), &BoxDirs::of_user().cache);
    let _guard = Guarded(&options.dirs, &id);
    let mut seen = Vec::new();
    let plan = plan(&id, &firmware);
    let report = up(&plan, &options, &mut |step: &Progress| {
        seen.extend(step.machine.clone().map(|machine| format!("{machine} {}", step.stage.word())));
    })
    .unwrap();
    assert!(report.is_as_described(), "{:#?} {:?}", report.rows, report.machines);
    assert!(report.rows.iter().any(|row| row.machine == "gateway" && row.ok), "{:#?}", report.rows);
    for fact in ["ssh", "hostname", "service names", "service photos"] {
        assert_eq!(report.rows.iter().filter(|row| row.fact == fact && row.ok).count(), 2, "{fact}");
    }
    for machine in ["node1", "node2"] {
        for word in ["started", "offered", "kernel", "installing", "written", "rebooted", "up", "verified"] {
            assert!(seen.contains(&format!("{machine} {word}")), "{machine} {word} is not among {seen:?}");
        }
    }
    assert!(seen.contains(&"node2 loader".to_owned()), "UEFI fetches its boot program: {seen:?}");
    assert_eq!(status(&options.dirs, &id).unwrap().machines[0].power, "running");
    let again = up(&plan, &options, &mut |_| {}).unwrap_err().to_string();
    assert!(again.contains("is up already"), "{again}");

    let removed = down(&options.dirs, &id).unwrap();
    assert_eq!((removed.processes, removed.namespace, removed.folders), (2, true, 2));
    assert_eq!(traces(&id), Vec::<String>::new());
    assert_eq!(fs::read_dir(root.path()).unwrap().count(), 0);
    assert!(!options.dirs.boxes().contains(&id));
}
