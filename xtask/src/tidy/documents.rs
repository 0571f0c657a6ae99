//! Rules for what stands beside the code: every dependency has its reason, every rule its page and every page its rule, and the
//! root documents are there.

use crate::workspace;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Documents at the root.
const ROOT_DOCUMENTS: [&str; 8] = [
    "README.md",
    "ARCHITECTURE.md",
    "STYLE.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "SECURITY.md",
    "LICENSE-MIT",
    "LICENSE-APACHE",
];

/// Faults of documents.
pub(crate) fn faults(root: &Path) -> Vec<String> {
    let mut faults: Vec<String> = ROOT_DOCUMENTS
        .iter()
        .filter(|name| workspace::read(&root.join(name)).trim().is_empty())
        .map(|name| format!("{name}: is missing or empty"))
        .collect();
    faults.extend(dependency_reasons(root));
    faults.extend(crate_paragraphs(root));
    faults.extend(rule_pages(root));
    faults.extend(code_pages(root));
    faults.extend(machine_paths(root));
    faults
}

/// `docs/dependencies.md` has a row or a heading with the name in backquotes for every crate that is not ours.
fn dependency_reasons(root: &Path) -> Vec<String> {
    let manifest = workspace::read(&root.join("Cargo.toml"));
    let reasons = workspace::read(&root.join("docs/dependencies.md"));
    let own: BTreeSet<String> = workspace::members(root).into_iter().map(|member| member.name).collect();
    let names = workspace::section_keys(&manifest, "workspace.dependencies");
    let is_missing = |name: &String| !own.contains(name) && !reasons.contains(&format!("`{name}`"));
    names
        .into_iter()
        .filter(is_missing)
        .map(|name| format!("docs/dependencies.md: says nothing of `{name}`: what it is for, why this one, what was rejected"))
        .collect()
}

/// `ARCHITECTURE.md` names every crate.
fn crate_paragraphs(root: &Path) -> Vec<String> {
    let text = workspace::read(&root.join("ARCHITECTURE.md"));
    let is_missing = |name: &String| !text.contains(&format!("`{name}`"));
    let names = workspace::members(root).into_iter().map(|member| member.name);
    names.filter(is_missing).map(|name| format!("ARCHITECTURE.md: says nothing of `{name}`")).collect()
}

/// A rule is `src/rules/**/duplicate_address.rs` with the page `rules/duplicate-address.md`.
fn rule_pages(root: &Path) -> Vec<String> {
    let home = root.join("crates/analysis/lab-check");
    let name = |path: &PathBuf| Some(path.file_stem()?.to_string_lossy().replace('_', "-"));
    // What a family shares stands in files of its own, which declare no rule.
    let declares = |path: &&PathBuf| workspace::read(path).lines().any(|line| line.starts_with("rule!("));
    let sources = workspace::files(&home.join("src/rules"), &[".rs"]);
    let rules: BTreeSet<String> = sources.iter().filter(declares).filter_map(name).collect();
    let mut pages: BTreeSet<String> =
        workspace::files(&home.join("rules"), &[".md"]).iter().filter_map(name).collect();
    pages.retain(|name| name != "README");
    let homeless = |names: Vec<&String>, what: &str| -> Vec<String> {
        names.into_iter().map(|name| format!("crates/analysis/lab-check: {name} {what}")).collect()
    };
    let mut faults = homeless(pages.difference(&rules).collect(), "has a page and no rule");
    faults.extend(homeless(rules.difference(&pages).collect(), "is a rule without a page"));
    faults
}

/// `Code("not-utf8")` in the crates that read a lab has the page `docs/diagnostics/not-utf8.md`, and the program carries it.
fn code_pages(root: &Path) -> Vec<String> {
    let homes =
        ["crates/model/lab-source/src", "crates/model/lab-model/src", "crates/apps/labwright/src/input"];
    let sources = homes.iter().flat_map(|home| workspace::files(&root.join(home), &[".rs"]));
    let sources =
        sources.filter(|path| !path.ends_with("tests.rs") && !path.to_string_lossy().contains("/tests/"));
    let codes: BTreeSet<String> = sources.flat_map(|path| codes(&workspace::read(&path))).collect();
    let pages = workspace::files(&root.join("docs/diagnostics"), &[".md"]);
    let pages: BTreeSet<String> =
        pages.iter().filter_map(|path| Some(path.file_stem()?.to_string_lossy().into_owned())).collect();
    let carried = workspace::read(&root.join("crates/apps/labwright/src/pages.rs"));
    let mut faults: Vec<String> = codes
        .difference(&pages)
        .map(|code| {
            format!(
                "docs/diagnostics/{code}.md: is missing: what `{code}` means, why it matters, how to fix it"
            )
        })
        .collect();
    faults.extend(
        pages.difference(&codes).map(|code| format!("docs/diagnostics/{code}.md: nothing has this code")),
    );
    let is_carried = |code: &&String| carried.contains(&format!("\n    \"{code}\"\n"));
    let homeless = pages.iter().filter(|code| !is_carried(code));
    faults.extend(homeless.map(|code| format!("crates/apps/labwright/src/pages.rs: does not carry {code}")));
    faults
}

/// The codes that a source declares.
fn codes(source: &str) -> Vec<String> {
    let declared = source.lines().filter(|line| line.contains("const ") && line.contains(": Code = "));
    declared.filter_map(|line| line.split('"').nth(1)).map(str::to_owned).collect()
}

/// No document names a folder of the machine it was written on.
fn machine_paths(root: &Path) -> Vec<String> {
    let path = ["/wo", "rk/"].concat();
    let files = workspace::files(root, &[".md", ".toml", ".yaml", ".yml", ".sh"]);
    let names_it = files.into_iter().filter(|file| workspace::read(file).contains(&path));
    names_it
        .map(|file| format!("{}: names {path}, a path of one machine", workspace::shown(root, &file)))
        .collect()
}
