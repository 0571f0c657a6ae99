//! Clones of the community device type library as a source of types: found by name, read only when asked for.
//!
//! The library has thousands of files and a lab uses a handful. Opening one costs a listing of its folders; a type costs one file. What
//! stands in a file is the model's business.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// One type's file.
pub(crate) type TypeFile = (String, Vec<u8>);

/// The named libraries, first one first.
#[derive(Default)]
pub(crate) struct TypeLibraries {
    /// Slug of the manufacturer, slug of the model, to the file. One map for each kind.
    devices: BTreeMap<(String, String), PathBuf>,
    modules: BTreeMap<(String, String), PathBuf>,
    /// Paths named in `lab: device-types:` that hold no library.
    pub(crate) missing: Vec<String>,
}

impl TypeLibraries {
    /// Lists the libraries at `paths`, which are relative to the lab's root.
    pub(crate) fn open(root: &Path, paths: &[String]) -> Self {
        let mut libraries = Self::default();
        for path in paths {
            let folder = root.join(path);
            let has_devices = list(&folder.join("device-types"), &mut libraries.devices);
            let has_modules = list(&folder.join("module-types"), &mut libraries.modules);
            if !has_devices && !has_modules {
                libraries.missing.push(path.clone());
            }
        }
        libraries
    }

    /// The file of a device type, by slugs such as `apc` and `smt1500rmi2uc`.
    pub(crate) fn device(&self, manufacturer: &str, model: &str) -> Option<TypeFile> {
        find(&self.devices, manufacturer, model)
    }

    /// The file of a module type, by slugs.
    pub(crate) fn module(&self, manufacturer: &str, model: &str) -> Option<TypeFile> {
        find(&self.modules, manufacturer, model)
    }

    /// Every device type's name, as `manufacturer/model`, sorted.
    pub(crate) fn device_names(&self) -> impl Iterator<Item = String> {
        self.devices.keys().map(|(manufacturer, model)| format!("{manufacturer}/{model}"))
    }
}

/// Lists `folder/<Manufacturer>/<Model>.yaml`. False if there is no such folder.
fn list(folder: &Path, into: &mut BTreeMap<(String, String), PathBuf>) -> bool {
    let Ok(manufacturers) = fs::read_dir(folder) else { return false };
    for manufacturer in manufacturers.flatten() {
        let Ok(models) = fs::read_dir(manufacturer.path()) else { continue };
        for model in models.flatten().map(|model| model.path()) {
            if !model.extension().is_some_and(|extension| extension == "yaml" || extension == "yml") {
                continue;
            }
            let name = |path: &Path| slug(&path.file_stem().unwrap_or_default().to_string_lossy());
            let key = (slug(&manufacturer.file_name().to_string_lossy()), name(&model));
            into.entry(key).or_insert(model);
        }
    }
    true
}

fn find(files: &BTreeMap<(String, String), PathBuf>, manufacturer: &str, model: &str) -> Option<TypeFile> {
    let path = files.get(&(slug(manufacturer), slug(model)))?;
    Some((path.display().to_string(), fs::read(path).ok()?))
}

/// Lower case, every run of anything but letters, digits, dots and underscores one hyphen, as the library's own slugs. `+` is spelled
/// out, since models differ by it alone.
fn slug(text: &str) -> String {
    let mut slug = String::with_capacity(text.len());
    for letter in text.to_lowercase().replace('+', "-plus").chars() {
        if letter.is_alphanumeric() || letter == '.' || letter == '_' {
            slug.push(letter);
        } else if !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.trim_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_the_librarys() {
        for (text, expect) in [
            ("APC", "apc"),
            ("Allied Telesis", "allied-telesis"),
            ("4200G-12-Port", "4200g-12-port"),
            ("CRS326-24G-2S+RM", "crs326-24g-2s-plusrm"),
            ("PM9A3-1.92TB", "pm9a3-1.92tb"),
        ] {
            assert_eq!(slug(text), expect);
        }
    }

    #[test]
    fn types_are_found_by_name() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("library/device-types/Allied Telesis");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("AT-x230-10GP.yaml"), "model: AT-x230-10GP\n").unwrap();
        let libraries = TypeLibraries::open(root.path(), &["library".to_owned(), "absent".to_owned()]);
        let (_, bytes) = libraries.device("allied-telesis", "at-x230-10gp").unwrap();
        assert_eq!(bytes, b"model: AT-x230-10GP\n");
        assert!(libraries.module("allied-telesis", "at-x230-10gp").is_none());
        assert_eq!(libraries.missing, ["absent"]);
        assert_eq!(libraries.device_names().collect::<Vec<_>>(), ["allied-telesis/at-x230-10gp"]);
    }
}
