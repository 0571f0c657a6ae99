//! A wired box that a test brings up, asks, breaks and leaves without a trace, however it ends.

use lab_box::faults::{self, Act};
use lab_box::observe::{Probe, Question, ask};
use lab_box::wired::WiredPlan;
use lab_box::{BoxDirs, Options, Removed, Report, down, missing_wired, project_wired, up_wired};
use lab_model::Reading;
use std::time::{Duration, Instant};

pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A box that is up.
pub(crate) struct Stand {
    pub(crate) id: String,
    pub(crate) report: Report,
    options: Options,
    root: tempfile::TempDir,
}

impl Stand {
    /// Brings a plan up under a name of its own; everything must be as described. None, after saying so, when it cannot be tried here.
    pub(crate) fn up(name: &str, mut plan: WiredPlan) -> Option<Stand> {
        plan.id = format!("{name}{}", std::process::id());
        let missing = [missing_wired(&plan), plan.missing_software()].concat();
        if !missing.is_empty() || !nix::unistd::geteuid().is_root() {
            lab_testkit::leave_out(&format!("root and {missing:?}"));
            return None;
        }
        let root = tempfile::tempdir().unwrap();
        let dirs = BoxDirs { state: root.path().join("state"), cache: root.path().join("cache") };
        let options = Options { dirs, ..Options::of_user() };
        let report = up_wired(&plan, &options, &mut |_| {}).unwrap();
        let stand = Stand { id: plan.id, report, options, root };
        assert!(stand.report.is_as_described(), "{:#?}", stand.report.rows);
        Some(stand)
    }

    pub(crate) fn dirs(&self) -> &BoxDirs {
        &self.options.dirs
    }

    pub(crate) fn inject(&self, acts: &[Act]) {
        faults::inject(self.dirs(), &self.id, acts).unwrap();
    }

    pub(crate) fn heal(&self, acts: &[Act]) {
        faults::heal(self.dirs(), &self.id, acts).unwrap();
    }

    pub(crate) fn heal_all(&self) {
        faults::heal_all(self.dirs(), &self.id).unwrap();
    }

    /// What a question gets now.
    pub(crate) fn now(&self, probe: &Probe) -> bool {
        ask(&self.id, std::slice::from_ref(probe), Duration::from_millis(700)).unwrap()[0].ok
    }

    /// Whether the answer becomes `expect` in time.
    pub(crate) fn becomes(&self, probe: &Probe, expect: bool) -> bool {
        let begin = Instant::now();
        while begin.elapsed() < PATIENCE {
            if self.now(probe) == expect {
                return true;
            }
        }
        false
    }

    /// Takes it away; nothing is left.
    pub(crate) fn down(self) -> Removed {
        let removed = down(self.dirs(), &self.id).unwrap();
        assert_eq!(std::fs::read_dir(self.root.path()).unwrap().count(), 0);
        removed
    }
}

impl Drop for Stand {
    fn drop(&mut self) {
        // A test that fails must not leave anything running; of one that passed nothing is there.
        drop(down(&self.options.dirs, &self.id));
    }
}

/// A lab of one file, and what it is in a box here.
pub(crate) fn planned(text: &str) -> (Reading, WiredPlan) {
    let files = vec![lab_source::Input { name: "lab.yaml".into(), bytes: text.into() }];
    let reading = lab_model::read(lab_model::Input { files, overlays: Vec::new(), types: &() });
    let (mut plan, left_out) = project_wired(&reading.lab);
    assert_eq!(left_out, []);
    plan.cast();
    (reading, plan)
}

pub(crate) fn ping(from: &str, to: &str) -> Probe {
    Probe { from: from.into(), question: Question::Ping { to: to.parse().unwrap() } }
}

pub(crate) fn page(from: &str, to: &str) -> Probe {
    Probe { from: from.into(), question: Question::Tcp { to: format!("{to}:80").parse().unwrap() } }
}

/// A thread that ended meanwhile wakes whoever is parked, so one parking is not enough.
pub(crate) fn pause(time: Duration) {
    let begin = Instant::now();
    while let Some(left) = time.checked_sub(begin.elapsed()).filter(|left| !left.is_zero()) {
        std::thread::park_timeout(left);
    }
}
