//! Rules for each source file: a header, a size, a name, and words that may not stand in it.

use crate::workspace;
use std::path::Path;

/// Lines of one file, tests apart.
const LINES_MAX: usize = 800;

/// Module names that say nothing.
const EMPTY_NAMES: [&str; 7] = ["util", "utils", "common", "helpers", "manager", "misc", "stuff"];

/// What may stand in no source, and why. Split, so that this file does not find itself.
const WORDS: [(&str, &str, &str); 8] = [
    ("to", "do!(", "unfinished work does not land"),
    ("unimple", "mented!(", "unfinished work does not land"),
    ("db", "g!(", "a print for debugging"),
    ("FIX", "ME", "mend it, or write a test that shows the wrong"),
    ("XX", "X:", "mend it"),
    ("#[al", "low(", "use #[expect(.., reason = \"..\")]"),
    ("#[ig", "nore", "a test that does not run is no test"),
    ("/wo", "rk/", "a path of one machine"),
];

/// Faults of every Rust file.
pub(crate) fn faults(root: &Path) -> Vec<String> {
    let mut faults = Vec::new();
    for path in workspace::files(root, &[".rs"]) {
        let text = workspace::read(&path);
        let shown = workspace::shown(root, &path);
        faults.extend(file_faults(&shown, &text).into_iter().map(|fault| format!("{shown}: {fault}")));
    }
    faults
}

fn file_faults(name: &str, text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    if !text.starts_with("//! ") {
        faults.push(
            "does not begin with `//!`: what it is for, and what it deliberately does not do".to_owned(),
        );
    }
    let lines = text.lines().count();
    let is_test = name.ends_with("tests.rs") || name.contains("/tests/");
    if lines > LINES_MAX && !is_test {
        faults.push(format!("has {lines} lines; split it by topic below {LINES_MAX}"));
    }
    let stem = name.rsplit('/').next().unwrap_or_default().trim_end_matches(".rs");
    let folder = name.rsplit('/').nth(1).unwrap_or_default();
    if let Some(empty) = EMPTY_NAMES.iter().find(|empty| **empty == stem || **empty == folder) {
        faults.push(format!("`{empty}` says nothing: name it after what is in it"));
    }
    for (before, after, why) in WORDS {
        let word = format!("{before}{after}");
        if let Some(line) = text.lines().position(|line| line.contains(&word)) {
            faults.push(format!("line {} says `{word}`: {why}", line + 1));
        }
    }
    if is_test && text.contains("thread::sleep") {
        faults.push("sleeps in a test: wait for a condition instead".to_owned());
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_is_held() {
        let count = |name: &str, text: &str| file_faults(name, text).len();
        assert_eq!(count("crates/a/src/b.rs", "//! B.\n"), 0);
        assert_eq!(count("crates/a/src/b.rs", "fn main() {}\n"), 1);
        assert_eq!(count("crates/a/src/util.rs", "//! B.\n"), 1);
        assert_eq!(count("crates/a/src/util/x.rs", "//! B.\n"), 1);
        assert_eq!(count("crates/a/src/b.rs", &format!("//! B.\n{}", "//\n".repeat(LINES_MAX))), 1);
        assert_eq!(count("crates/a/src/b.rs", &["//! B.\nto", "do!()\n"].concat()), 1);
        assert_eq!(count("crates/a/tests/it/b.rs", "//! B.\nstd::thread::sleep(x);\n"), 1);
    }
}
