//! The workspace as its files say: members, layers, dependencies, sources. Reads the few shapes of TOML that this workspace uses.

use std::fs;
use std::path::{Path, PathBuf};

/// The folder with the workspace's `Cargo.toml`.
pub(crate) fn root() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().expect("xtask stands in the workspace").to_path_buf()
}

/// One crate of the workspace.
pub(crate) struct Member {
    /// Its name.
    pub(crate) name: String,
    /// Its folder, from the root.
    pub(crate) path: String,
    /// The folder that stands for its layer: `model` for `crates/model/lab-source`.
    pub(crate) layer: String,
    /// Names under `[dependencies]`.
    pub(crate) dependencies: Vec<String>,
    /// Names under `[dev-dependencies]`.
    pub(crate) dev_dependencies: Vec<String>,
}

/// The members in the order of the root manifest, which is the order of the layers.
pub(crate) fn members(root: &Path) -> Vec<Member> {
    let manifest = read(&root.join("Cargo.toml"));
    quoted_list(&manifest, "members").iter().map(|path| member(root, path)).collect()
}

fn member(root: &Path, path: &str) -> Member {
    let manifest = read(&root.join(path).join("Cargo.toml"));
    let mut parts = path.rsplit('/');
    let name = parts.next().unwrap_or_default().to_owned();
    let layer = parts.next().unwrap_or(&name).to_owned();
    let keys = |section: &str| section_keys(&manifest, section);
    Member {
        name,
        path: path.to_owned(),
        layer,
        dependencies: keys("dependencies"),
        dev_dependencies: keys("dev-dependencies"),
    }
}

/// The keys of a section, without what follows the first dot: `thiserror` of `thiserror.workspace = true`.
pub(crate) fn section_keys(manifest: &str, section: &str) -> Vec<String> {
    let header = format!("[{section}]");
    manifest
        .lines()
        .skip_while(|line| line.trim() != header)
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .filter(|line| !line.trim_start().starts_with('#'))
        .filter_map(|line| line.split_once('='))
        .map(|(key, _)| key.split('.').next().unwrap_or(key).trim().to_owned())
        .collect()
}

/// The quoted texts of `key = [ ... ]`.
fn quoted_list(manifest: &str, key: &str) -> Vec<String> {
    let Some((_, list)) = manifest.split_once(&format!("\n{key} = [")) else { return Vec::new() };
    let list = list.split_once(']').map_or(list, |(list, _)| list);
    let items = list.lines().filter(|line| !line.trim_start().starts_with('#'));
    items.filter_map(|line| line.split('"').nth(1)).map(str::to_owned).collect()
}

/// Every file below `folder` with one of the endings, sorted, without build output and hidden folders.
pub(crate) fn files(folder: &Path, endings: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for path in entries.flatten().map(|entry| entry.path()) {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_dir() && !path.is_symlink() && name != "target" && !name.starts_with('.') {
                folders.push(path);
            } else if endings.iter().any(|ending| name.ends_with(ending)) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// A file's text, empty if it cannot be read.
pub(crate) fn read(path: &Path) -> String {
    fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
}

/// A path from the root, for messages.
pub(crate) fn shown(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn manifests_are_read() {
        let manifest = "\n[workspace]\nmembers = [\n  # first\n  \"crates/model/a\",\n  \"xtask\",\n]\n[dependencies]\na = { path = \"x\" }\n# no\nb.workspace = true\n\n[dev-dependencies]\nc = \"1\"\n";
        assert_eq!(quoted_list(manifest, "members"), ["crates/model/a", "xtask"]);
        assert_eq!(section_keys(manifest, "dependencies"), ["a", "b"]);
        assert_eq!(section_keys(manifest, "dev-dependencies"), ["c"]);
    }
}
