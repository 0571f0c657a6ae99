//! What the manual shows is what the program prints. `UPDATE_PAGES=1` writes the manual anew.
//!
//! A block that begins with `$ labwright` is run at the root of the repository; a last line of `...` stands for the rest.

use crate::lab::{Run, labwright};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../");
const OPENING: &str = "```console\n$ labwright ";

#[test]
fn the_manual_shows_what_is_printed() {
    let is_updating = std::env::var_os("UPDATE_PAGES").is_some();
    for file in ["docs/predict.md", "docs/promises.md"] {
        let path = format!("{FOLDER}{file}");
        let written = std::fs::read_to_string(&path).unwrap();
        let fresh = written_anew(&written);
        if is_updating {
            std::fs::write(&path, &fresh).unwrap();
            continue;
        }
        let differs = written.lines().zip(fresh.lines()).find(|(old, new)| old != new);
        assert!(written == fresh, "{file} is stale: run with UPDATE_PAGES=1. First difference: {differs:?}");
    }
}

fn written_anew(text: &str) -> String {
    let mut parts = text.split(OPENING);
    let mut fresh = parts.next().unwrap().to_owned();
    let mut n_blocks = 0;
    for part in parts {
        let (arguments, rest) = part.split_once('\n').unwrap();
        let (shown, after) = rest.split_once("```\n").expect("the block ends");
        fresh.push_str(&format!("{OPENING}{arguments}\n{}```\n{after}", printed(arguments, shown)));
        n_blocks += 1;
    }
    assert!(n_blocks > 0, "there is nothing to compare");
    fresh
}

/// As many lines as were shown, if not all were.
fn printed(arguments: &str, shown: &str) -> String {
    let output = labwright().current_dir(FOLDER).args(arguments.split_whitespace()).output().unwrap();
    let run = Run::of(output);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{arguments}");
    if !shown.ends_with("...\n") {
        return run.stdout;
    }
    let n_shown = shown.lines().count() - 1;
    let lines: Vec<&str> = run.stdout.lines().take(n_shown).collect();
    format!("{}\n...\n", lines.join("\n"))
}

/// `NAME: { claim: CLAIM }` before a block that judges `NAME` in a lab is what that lab says.
#[test]
fn claims_in_the_manual_stand_in_the_labs() {
    let page = std::fs::read_to_string(format!("{FOLDER}docs/promises.md")).unwrap();
    let mut n_claims = 0;
    for part in page.split("```yaml\n").skip(1) {
        let (example, after) = part.split_once("```\n").expect("the block ends");
        let Some((name, claim)) = example.trim_end().split_once(": { claim: ") else { continue };
        let command = after.trim_start().strip_prefix(OPENING).expect("what is printed follows");
        let command = command.lines().next().unwrap();
        let folder = command.split_whitespace().last().unwrap();
        assert!(command.starts_with(&format!("predict promises {name} ")), "{command}");
        let lab = std::fs::read_to_string(format!("{FOLDER}{folder}/promises.yaml")).unwrap();
        let own = lab.split(&format!("\n  {name}:")).nth(1).expect("the lab makes that promise");
        let own = own.split("claim: ").nth(1).unwrap();
        let claim = claim.strip_suffix(" }").unwrap();
        assert!(own.starts_with(claim), "{name} in {folder} says: {}", own.lines().next().unwrap());
        n_claims += 1;
    }
    assert!(n_claims >= 12, "{n_claims} claims");
}
