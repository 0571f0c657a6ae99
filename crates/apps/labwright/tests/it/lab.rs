//! A lab in a temporary folder, and the binary run on it.

use std::path::Path;
use std::process::{Command, Output};

/// A folder with files in it, gone with the value.
pub(crate) struct Lab {
    folder: tempfile::TempDir,
}

impl Lab {
    /// With a `lab.yaml` that says nothing, and these files.
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let lab = Self { folder: tempfile::tempdir().unwrap() };
        lab.write("lab.yaml", "lab:\n  name: test\n");
        for (name, text) in files {
            lab.write(name, text);
        }
        lab
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Makes the folder a Git repository, if it is none, and commits everything.
    pub(crate) fn commit(&self) {
        let git = |args: &[&str]| {
            let mut command = Command::new("git");
            command
                .current_dir(self.path())
                .env("GIT_CONFIG_GLOBAL", "/dev/null")
                .env("GIT_CONFIG_SYSTEM", "/dev/null");
            command.args([
                "-c",
                "user.name=test",
                "-c",
                "user.email=test@example.org",
                "-c",
                "init.defaultBranch=main",
            ]);
            let output = command.args(args).output().unwrap();
            assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
        };
        git(&["init", "-q"]);
        git(&["add", "-A"]);
        git(&["commit", "-q", "--allow-empty", "-m", "state"]);
    }

    /// Runs the binary in the lab's folder.
    pub(crate) fn run(&self, args: &[&str]) -> Run {
        Run::of(self.command().args(args).output().unwrap())
    }

    /// The binary, to be run in the lab's folder, with nothing of the environment that would change its output.
    pub(crate) fn command(&self) -> Command {
        let mut command = labwright();
        command.current_dir(self.path());
        command
    }
}

/// The binary with a settled environment.
pub(crate) fn labwright() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_labwright"));
    for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
        command.env_remove(name);
    }
    command.env("COLUMNS", "100");
    command
}

/// How a run ended.
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    pub(crate) fn of(output: Output) -> Self {
        Self {
            code: output.status.code().expect("ended by itself"),
            stdout: String::from_utf8(output.stdout).expect("stdout is UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("stderr is UTF-8"),
        }
    }
}
