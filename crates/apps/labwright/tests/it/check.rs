//! `check`: which state of the lab is read, what counts, how it ends.

use crate::lab::Lab;
use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::sync::mpsc;
use std::time::Duration;

/// A lab with one finding of a rule.
const DUPLICATE: &str = "\
vlans: { servers: 20 }
prefixes: { 10.0.20.0/24: { vlan: servers } }
hosts:
  pve1: { addresses: { vmbr0: 10.0.20.14/24 } }
  nas: { addresses: { mgmt: 10.0.20.14/24 } }
";

/// A file that is always a finding: a link to nothing.
fn break_lab(lab: &Lab, name: &str) {
    std::os::unix::fs::symlink("nowhere", lab.path().join(name)).unwrap();
}

#[test]
fn findings_end_in_three_and_are_located() {
    let lab = Lab::new(&[]);
    let clean = lab.run(&["check"]);
    assert_eq!((clean.code, clean.stdout.lines().count()), (0, 1), "{}", clean.stdout);
    break_lab(&lab, "gone.yaml");
    let run = lab.run(&["check"]);
    assert_eq!(run.code, 3);
    assert!(run.stdout.contains("error[unreadable-file]: cannot read gone.yaml"), "{}", run.stdout);
    assert!(run.stdout.contains("gone.yaml:1:1"), "{}", run.stdout);
    assert!(run.stdout.ends_with(": 1 error\n"), "{}", run.stdout);
    let quiet = lab.run(&["check", "--quiet"]);
    assert_eq!((quiet.code, quiet.stdout.lines().count()), (3, 1), "{}", quiet.stdout);
}

#[test]
fn codes_can_be_picked() {
    let lab = Lab::new(&[]);
    break_lab(&lab, "gone.yaml");
    assert_eq!(lab.run(&["check", "--skip", "unreadable-file"]).code, 0);
    assert_eq!(lab.run(&["check", "--only", "link-loop"]).code, 0);
    assert_eq!(lab.run(&["check", "--only", "link-loop,unreadable-file"]).code, 3);
}

#[test]
fn warnings_count_when_they_are_denied() {
    let lab = Lab::new(&[("network/x.yaml", "")]);
    std::os::unix::fs::symlink("network", lab.path().join("again")).unwrap();
    assert_eq!(lab.run(&["check"]).code, 0);
    assert_eq!(lab.run(&["check", "--deny", "warning"]).code, 3);
    assert_eq!(lab.run(&["check", "--deny", "warnings"]).code, 3);
}

#[test]
fn a_revision_is_read_as_it_was() {
    let lab = Lab::new(&[]);
    lab.commit();
    break_lab(&lab, "gone.yaml");
    assert_eq!(lab.run(&["check", "--at", "HEAD"]).code, 0);
    lab.commit();
    let run = lab.run(&["check", "--at", "HEAD"]);
    assert_eq!(run.code, 3, "{}", run.stdout);
    assert_eq!(lab.run(&["check", "--at", "HEAD~1"]).code, 0);
}

#[test]
fn a_difference_counts_what_was_brought() {
    let lab = Lab::new(&[]);
    break_lab(&lab, "old.yaml");
    lab.commit();
    let same = lab.run(&["check", "--diff", "HEAD"]);
    assert_eq!((same.code, same.stdout.as_str()), (0, "against HEAD: nothing brought, nothing removed\n"));
    std::fs::remove_file(lab.path().join("old.yaml")).unwrap();
    let better = lab.run(&["check", "--diff", "HEAD"]);
    assert_eq!(better.code, 0);
    assert!(
        better.stdout.contains("removed: error[unreadable-file]: cannot read old.yaml (was at old.yaml:1:1)"),
        "{}",
        better.stdout
    );
    break_lab(&lab, "new.yaml");
    let worse = lab.run(&["check", "--diff", "HEAD"]);
    assert_eq!(worse.code, 3);
    assert!(worse.stdout.ends_with("against HEAD: 1 error brought, 1 error removed\n"), "{}", worse.stdout);
    let json = lab.run(&["check", "--diff", "HEAD", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert!(json["brought"].is_object() && json["removed"].is_object(), "{json}");
}

#[test]
fn every_state_can_be_checked_again_while_it_changes() {
    let lab = Lab::new(&[]);
    let mut child = lab
        .command()
        .args(["check", "--watch"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = lines(child.stdout.take().unwrap());
    // Said only after the watch is in place.
    let talk = self::lines(child.stderr.take().unwrap());
    assert_eq!(next(&talk), "watching; end with Ctrl-C");
    assert!(next(&lines).ends_with(": no findings"));
    break_lab(&lab, "gone.yaml");
    assert_eq!(next(&lines), "error[unreadable-file]: cannot read gone.yaml");
    while !next(&lines).ends_with(": 1 error") {}
    std::fs::remove_file(lab.path().join("gone.yaml")).unwrap();
    assert!(next(&lines).starts_with("removed: error[unreadable-file]"));
    assert!(next(&lines).ends_with(": no findings"));
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn settings_of_the_lab_decide_what_is_read() {
    let lab = Lab::new(&[
        ("lab.yaml", "lab: { name: test, ignore: [kubernetes/*/broken.yaml] }\n"),
        ("kubernetes/apps/broken.yaml", "a: ["),
        ("kubernetes/apps/app.yaml", "apiVersion: v1\nkind: List\nitems: [\n"),
        ("other/lab.yaml", "a: ["),
    ]);
    let run = lab.run(&["check"]);
    assert_eq!(run.code, 0, "{}", run.stdout);
    assert!(run.stdout.contains(", 1 Kubernetes manifest left aside: no findings"), "{}", run.stdout);
    lab.commit();
    let run = lab.run(&["check", "--at", "HEAD"]);
    assert_eq!(run.code, 0, "{}", run.stdout);
}

#[test]
fn types_come_from_a_named_library() {
    let lab = Lab::new(&[(
        "lab.yaml",
        "lab: { name: test, device-types: library }\ndevices: { switch-1: { type: acme/s-8 } }\n",
    )]);
    let run = lab.run(&["check", "--format", "lines"]);
    assert!(
        run.stdout.contains("lab.yaml:1:1: error[no-type-library]: library holds no library of types"),
        "{}",
        run.stdout
    );
    assert!(run.stdout.contains("error[unknown-type]"), "{}", run.stdout);
    lab.write(
        "library/device-types/ACME/S-8.yaml",
        "manufacturer: ACME\nmodel: S 8\nslug: acme-s-8\nu_height: 1\n",
    );
    lab.write(
        "lab.yaml",
        "lab: { name: test, device-types: library }\ndevices: { switch-1: { type: acme/s-8 } }\n",
    );
    let run = lab.run(&["check", "--only", "unknown-type,no-type-library"]);
    assert_eq!(run.code, 0, "{}", run.stdout);
}

#[test]
fn overlays_are_laid_over() {
    let lab = Lab::new(&[
        ("network.yaml", "sites: { home: {} }\n"),
        ("overlays/move/network.yaml", "sites: { cabin: { no-such-key: 1 } }\n"),
    ]);
    assert_eq!(lab.run(&["check"]).code, 0);
    let run = lab.run(&["check", "--with", "move"]);
    assert_eq!(run.code, 3);
    assert!(run.stdout.contains("--> overlays/move/network.yaml:1:19"), "{}", run.stdout);
}

#[test]
fn names_are_shown_from_where_the_user_stands() {
    let lab = Lab::new(&[("deep/network.yaml", "sites: [")]);
    for (args, name) in [(["check", "."], "deep/network.yaml"), (["-Cdeep", "check"], "../deep/network.yaml")]
    {
        let run = lab.run(&[args[0], args[1], "--format=lines"]);
        assert!(
            run.stdout.starts_with(&format!("{name}:1:8: error[yaml-syntax]")),
            "{args:?}: {}",
            run.stdout
        );
    }
}

#[test]
fn formats_for_programs_hold_only_data() {
    let lab = Lab::new(&[("network.yaml", "sites: [")]);
    for (format, pointer) in [("json", "/diagnostics/0/code"), ("sarif", "/runs/0/results/0/ruleId")] {
        let run = lab.run(&["check", "--format", format]);
        let document: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!(document.pointer(pointer).and_then(|code| code.as_str()), Some("yaml-syntax"), "{format}");
        assert_eq!((run.code, run.stderr.lines().count()), (3, 1), "{format}: the summary is talk");
    }
    let run = lab.run(&["check", "--format", "github"]);
    assert!(run.stdout.starts_with("::error file=network.yaml,line=1"), "{}", run.stdout);
}

fn lines(stream: impl std::io::Read + Send + 'static) -> mpsc::Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    receiver
}

fn next(lines: &mpsc::Receiver<String>) -> String {
    lines.recv_timeout(Duration::from_secs(60)).expect("the next line comes within a minute")
}

#[test]
fn rules_are_applied_and_accepted_findings_counted_apart() {
    let lab = Lab::new(&[("hosts.yaml", DUPLICATE)]);
    let run = lab.run(&["check"]);
    assert!(run.stdout.contains("error[duplicate-address]"), "{}", run.stdout);
    assert_eq!(run.code, 3);
    let accept = "accept: { known: { code: duplicate-address, because: a test } }\n";
    lab.write("accept.yaml", accept);
    let run = lab.run(&["check"]);
    assert!(run.stdout.ends_with("(1 accepted)\n"), "{}", run.stdout);
    assert!(!run.stdout.contains("error["), "{}", run.stdout);
    let run = lab.run(&["check", "--accepted", "--deny", "warning"]);
    assert!(run.stdout.contains("accepted as `known`"), "{}", run.stdout);
    assert_eq!(run.code, 0, "what is accepted does not count");
}
