//! What all verbs share: finding the lab, help, colour, exit codes, a reader that goes away.

use crate::lab::{Lab, Run, labwright};
use std::io::Read;
use std::process::Stdio;

#[test]
fn the_root_is_found_from_inside() {
    let lab = Lab::new(&[("network/deep/x.yaml", "")]);
    let run = Run::of(lab.command().args(["-C", "network/deep", "check"]).output().unwrap());
    assert_eq!(run.code, 0, "{}", run.stderr);
}

#[test]
fn what_cannot_be_read_is_usage() {
    let empty = tempfile::tempdir().unwrap();
    let lab = Lab::new(&[("overlays/new-switch/x.yaml", "")]);
    lab.commit();
    for (args, expect) in [
        (vec!["-C", empty.path().to_str().unwrap(), "check"], "no lab here"),
        (vec!["-C", "nowhere", "check"], "cannot enter the folder nowhere"),
        (vec!["check", "nowhere"], "there is no folder nowhere"),
        (vec!["check", "--at", "nowhere"], "there is no revision `nowhere`"),
        (vec!["check", "--at=--help"], "there is no revision `--help`"),
        (vec!["check", "--diff", "nowhere"], "there is no revision `nowhere`"),
        (vec!["check", "--with", "new-swich"], "did you mean `new-switch`?"),
        (vec!["check", "--only", "unreadable-fil"], "did you mean `unreadable-file`?"),
        (vec!["explain", "unreadable-fil"], "did you mean `unreadable-file`?"),
        (vec!["chekc"], "unrecognized subcommand"),
    ] {
        let run = lab.run(&args);
        assert_eq!(run.code, 2, "{args:?}: {}", run.stderr);
        assert!(run.stderr.contains(expect), "{args:?}: {}", run.stderr);
        assert_eq!(run.stdout, "", "{args:?}");
    }
}

#[test]
fn colour_is_asked_for_or_not_there() {
    let lab = Lab::new(&[]);
    let colored = |args: &[&str], name: &str, value: &str| {
        let run = Run::of(lab.command().args(args).env(name, value).output().unwrap());
        run.stderr.contains('\u{1b}')
    };
    assert!(!colored(&["explain", "nothing"], "TERM", "xterm"), "no terminal, no colour");
    assert!(colored(&["--color", "always", "explain", "nothing"], "TERM", "xterm"));
    assert!(!colored(&["explain", "nothing"], "NO_COLOR", "1"));
    assert!(
        colored(&["--color", "always", "explain", "nothing"], "NO_COLOR", "1"),
        "a flag wins over the environment"
    );
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let mut child = labwright()
        .args(["completions", "zsh"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut stderr = String::new();
    child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
    assert_eq!((child.wait().unwrap().code(), stderr.as_str()), (Some(0), ""));
}

#[test]
fn output_that_cannot_be_written_is_a_failure() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = labwright().args(["completions", "zsh"]).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("cannot write to standard output"));
}

#[test]
fn help_is_a_success_on_stdout() {
    let run = Run::of(labwright().arg("--help").output().unwrap());
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    for expect in ["\n  check ", "\nExit codes:\n    0  done", "-C <DIR>"] {
        assert!(run.stdout.contains(expect), "{expect}: {}", run.stdout);
    }
}

#[test]
fn completions_are_made_for_every_shell() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let run = Run::of(labwright().args(["completions", shell]).output().unwrap());
        assert_eq!(run.code, 0);
        assert!(run.stdout.contains("explain"), "{shell}");
    }
}
