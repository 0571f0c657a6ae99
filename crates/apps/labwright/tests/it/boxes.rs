//! Which box `status`, `down` and the others mean. Nothing is brought up: see the live tests of the box.

use super::lab::{Lab, Run};

/// A lab whose box cannot be there.
fn lab() -> (Lab, String) {
    let name = format!("none-{}", std::process::id());
    (Lab::new(&[("lab.yaml", &format!("lab: {{ name: {name} }}\n"))]), name)
}

#[test]
fn taking_down_what_is_not_there_is_done() {
    let (lab, name) = lab();
    let absent = format!("there is no box `{name}`");
    let path = lab.path().to_str().unwrap().to_owned();
    lab.write("sub/readme.txt", "");
    for args in [&["down"][..], &["down", &path], &["down", "--box", &name], &["down", "sub"]] {
        let run = lab.run(args);
        assert_eq!(run.code, 0, "{args:?}: {}", run.stderr);
        assert!(run.stderr.contains(&absent), "{args:?}: {}", run.stderr);
    }
}

#[test]
fn looking_at_what_is_not_there_names_it() {
    let (lab, name) = lab();
    let check = |args: &[&str], expect: &str| {
        let Run { code, stderr, .. } = lab.run(args);
        assert_eq!(code, 2, "{args:?}: {stderr}");
        assert!(stderr.contains(expect), "{args:?}: {stderr}");
    };
    let absent = format!("there is no box `{name}`");
    check(&["status"], &absent);
    check(&["status", "."], &absent);
    check(&["logs", "node-1"], &absent);
    check(&["console", "node-1", "."], &absent);
    check(&["power", "node-1", "off"], &absent);
    check(&["power", "node-1", "maybe"], "possible values: on, off, reset");
    check(&["ssh", "node-1", ".", "--", "ip", "-br", "address"], &absent);
    check(&["status", "nowhere"], "there is no folder nowhere");
    check(&["down", ".", "--box", "x"], "cannot be used with");
}

#[test]
fn a_lab_with_faults_still_names_its_box() {
    let (lab, name) = lab();
    lab.write("more.yaml", "devices: [\n");
    assert!(lab.run(&["down"]).stderr.contains(&name));
}
