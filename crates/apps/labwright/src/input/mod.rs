//! The files of a lab, from a folder or from a Git revision, as names and bytes.
//!
//! Nothing is interpreted here but two settings of `lab.yaml` (what to ignore, where device types are). A file that
//! cannot be had is a [`Problem`], told as a finding beside all others; only a missing lab ends the run.

mod folder;
mod problem;
mod revision;
mod selection;
mod types;

pub(crate) use problem::{Problem, ProblemKind};
pub(crate) use types::TypeLibraries;

use crate::cli::LabArgs;
use crate::error::CommandError;
use crate::settings::Settings;
use selection::Selection;
use std::path::{Path, PathBuf};

/// The file that makes a folder a lab.
pub(crate) const LAB_FILE: &str = "lab.yaml";

/// Most files of a lab that are read.
const FILES_MAX: usize = 10_000;

/// Largest file that is read, in bytes.
const FILE_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// What was collected.
pub(crate) struct LabInput {
    /// The lab's root folder.
    pub(crate) root: PathBuf,
    /// What stands before each file's name when it is shown, so that the name works from where the user stands.
    pub(crate) prefix: String,
    /// Names below the root with `/` between folders, and contents, sorted by name.
    pub(crate) files: Vec<(String, Vec<u8>)>,
    /// Files that could not be had.
    pub(crate) problems: Vec<Problem>,
    /// Overlays to lay over the lab, in order.
    pub(crate) overlays: Vec<String>,
    /// Overlays that the lab has, sorted.
    pub(crate) overlays_present: Vec<String>,
    /// Where device types come from besides the lab itself.
    pub(crate) types: TypeLibraries,
}

/// What a source of files found.
#[derive(Default)]
struct Collected {
    files: Vec<(String, Vec<u8>)>,
    problems: Vec<Problem>,
}

impl Collected {
    fn sort(&mut self) {
        self.files.sort_by(|(a, _), (b, _)| a.cmp(b));
        self.problems.sort_by(|a, b| a.name.cmp(&b.name));
    }
}

/// Collects the lab that the arguments name.
///
/// # Errors
/// When there is no lab, no such revision or no such overlay.
pub(crate) fn load(args: &LabArgs) -> Result<LabInput, CommandError> {
    let root = find_root(&args.lab)?;
    match &args.at {
        Some(revision) => read_revision(&root, revision, &args.overlays),
        None => load_folder(&root, &args.overlays),
    }
}

/// Collects the state of a lab in a Git revision that another state of it is compared with.
///
/// An overlay that the revision does not have yet is left out: it is part of what changed.
///
/// # Errors
/// When there is no such revision, or no lab in it.
pub(crate) fn load_for_comparison(
    root: &Path,
    revision: &str,
    overlays: &[String],
) -> Result<LabInput, CommandError> {
    let mut input = read_revision(root, revision, &[])?;
    let has = |overlay: &&String| input.overlays_present.contains(*overlay);
    input.overlays = overlays.iter().filter(has).cloned().collect();
    Ok(input)
}

fn read_revision(root: &Path, revision: &str, overlays: &[String]) -> Result<LabInput, CommandError> {
    let tree = revision::Revision::open(root, revision)?;
    let settings = Settings::read(&tree.read(LAB_FILE)?.unwrap_or_default());
    let collected = tree.collect(&Selection::new(&settings.not_of_the_lab()))?;
    let missing = || format!("revision {revision} has no {LAB_FILE} in {}", shown(root));
    finish(root, collected, &settings, overlays, missing)
}

fn load_folder(root: &Path, overlays: &[String]) -> Result<LabInput, CommandError> {
    let settings = Settings::read(&std::fs::read(root.join(LAB_FILE)).unwrap_or_default());
    let collected = folder::collect(root, &Selection::new(&settings.not_of_the_lab()));
    finish(root, collected, &settings, overlays, || format!("{} has no {LAB_FILE}", shown(root)))
}

fn finish(
    root: &Path,
    mut collected: Collected,
    settings: &Settings,
    overlays: &[String],
    missing: impl Fn() -> String,
) -> Result<LabInput, CommandError> {
    collected.sort();
    let is_lab_file = |name: &str| name == LAB_FILE;
    if !collected.files.iter().any(|(name, _)| is_lab_file(name))
        && !collected.problems.iter().any(|problem| is_lab_file(&problem.name))
    {
        return Err(CommandError::usage(missing()));
    }
    let types = TypeLibraries::open(root, &settings.device_types);
    collected.problems.extend(types.missing.iter().map(|path| {
        let detail = format!("{path} holds no library of types");
        Problem::new(LAB_FILE, ProblemKind::NoLibrary, detail)
    }));
    let overlays_present = overlays_present(&collected);
    check_overlays(&overlays_present, overlays)?;
    Ok(LabInput {
        root: root.to_path_buf(),
        prefix: prefix(root),
        files: collected.files,
        problems: collected.problems,
        overlays: overlays.to_vec(),
        overlays_present,
        types,
    })
}

fn overlays_present(collected: &Collected) -> Vec<String> {
    let folder =
        |name: &str| name.strip_prefix("overlays/")?.split_once('/').map(|(overlay, _)| overlay.to_owned());
    let mut overlays: Vec<String> = collected.files.iter().filter_map(|(name, _)| folder(name)).collect();
    overlays.dedup();
    overlays
}

fn check_overlays(present: &[String], wanted: &[String]) -> Result<(), CommandError> {
    let Some(unknown) = wanted.iter().find(|overlay| !present.contains(overlay)) else { return Ok(()) };
    let error = CommandError::usage(format!("the lab has no overlay `{unknown}`"))
        .did_you_mean(lab_source::suggest::nearest(unknown, present.iter().map(String::as_str)));
    Err(match present {
        [] => error.hint("an overlay is a folder `overlays/NAME` with YAML files"),
        present => error.hint(format!("it has: {}", present.join(", "))),
    })
}

/// The nearest folder from `start` upwards that holds a `lab.yaml`. Keeps the path as the user wrote it where it can.
fn find_root(start: &Path) -> Result<PathBuf, CommandError> {
    if start.join(LAB_FILE).exists() {
        return Ok(start.to_path_buf());
    }
    let start_folder = if start.is_dir() { Some(start) } else { start.parent().filter(|_| start.is_file()) };
    let Some(folder) = start_folder else {
        return Err(CommandError::usage(format!("there is no folder {}", start.display())));
    };
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let absolute = folder.canonicalize().map_err(|source| {
        CommandError::usage(format!("cannot enter the folder {}", folder.display())).caused_by(source)
    })?;
    match absolute.ancestors().find(|folder| folder.join(LAB_FILE).exists()) {
        Some(root) => Ok(relative_to_here(root)),
        None => Err(CommandError::usage(format!(
            "no lab here: neither {} nor a folder above it has a {LAB_FILE}",
            shown(folder)
        ))
        .hint("`labwright init DIR` writes a small lab to start from")),
    }
}

/// `../..` and the like, when that is what leads from the current folder up to `path`; else the path itself.
fn relative_to_here(path: &Path) -> PathBuf {
    let Ok(here) = std::env::current_dir().and_then(|here| here.canonicalize()) else {
        return path.to_path_buf();
    };
    if let Ok(below) = path.strip_prefix(&here) {
        return if below.as_os_str().is_empty() { PathBuf::from(".") } else { below.to_path_buf() };
    }
    match here.strip_prefix(path) {
        Ok(deeper) => deeper.components().map(|_| "..").collect(),
        Err(_) => path.to_path_buf(),
    }
}

fn prefix(root: &Path) -> String {
    let text = root.to_string_lossy();
    let text = text.strip_prefix("./").unwrap_or(&text);
    match text.trim_end_matches('/') {
        "" if text.starts_with('/') => "/".to_owned(),
        "" | "." => String::new(),
        text => format!("{text}/"),
    }
}

fn shown(folder: &Path) -> String {
    if folder == Path::new(".") { "this folder".to_owned() } else { folder.display().to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_shown_as_the_user_would_type_it() {
        for (root, expect) in [
            (".", ""),
            ("./", ""),
            ("labs/starter", "labs/starter/"),
            ("./labs/x/", "labs/x/"),
            ("/", "/"),
            ("..", "../"),
        ] {
            assert_eq!(prefix(Path::new(root)), expect, "{root}");
        }
    }
}
