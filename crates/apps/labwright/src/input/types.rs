//! Clones of the community device type library as a source of types: found by name, read only when asked for.
//!
//! The library has thousands of files and a lab uses a handful. Opening one costs a listing of its folders; a type costs one file. What
//! stands in a file is the model's business. Libraries are read as they are on disk, also with `--at`.

use lab_model::device_type::{TypeFile, TypeKind, TypeSource, slugify};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The named libraries, first one first.
#[derive(Clone, Default)]
pub(crate) struct TypeLibraries {
    /// From `maker/model` to the file.
    files: BTreeMap<(TypeKind, String), PathBuf>,
    /// Paths named in `lab: device-types:` that hold no library.
    pub(crate) missing: Vec<String>,
}

impl TypeLibraries {
    /// Lists the libraries at `paths`, which are relative to the lab's root.
    pub(crate) fn open(root: &Path, paths: &[String]) -> Self {
        let mut libraries = Self::default();
        for path in paths {
            let folder = root.join(path);
            let has_devices = list(&folder.join("device-types"), TypeKind::Device, &mut libraries.files);
            let has_modules = list(&folder.join("module-types"), TypeKind::Card, &mut libraries.files);
            if !has_devices && !has_modules {
                libraries.missing.push(path.clone());
            }
        }
        libraries
    }
}

impl TypeSource for TypeLibraries {
    fn find(&self, kind: TypeKind, name: &str) -> Option<TypeFile> {
        let path = self.files.get(&(kind, name.to_owned()))?;
        // A file that cannot be read is as if it were not there: the type is told as unknown.
        Some(TypeFile { name: path.display().to_string(), bytes: fs::read(path).ok()? })
    }

    fn names(&self, kind: TypeKind) -> Vec<String> {
        self.files.keys().filter(|(of, _)| *of == kind).map(|(_, name)| name.clone()).collect()
    }
}

/// Lists `folder/<Maker>/<Model>.yaml`. False if there is no such folder.
fn list(folder: &Path, kind: TypeKind, into: &mut BTreeMap<(TypeKind, String), PathBuf>) -> bool {
    let Ok(makers) = fs::read_dir(folder) else { return false };
    for maker in makers.flatten() {
        let Ok(models) = fs::read_dir(maker.path()) else { continue };
        let maker = slugify(&maker.file_name().to_string_lossy());
        for model in models.flatten().map(|model| model.path()) {
            if model.extension().is_some_and(|extension| extension == "yaml" || extension == "yml") {
                let name = slugify(&model.file_stem().unwrap_or_default().to_string_lossy());
                into.entry((kind, format!("{maker}/{name}"))).or_insert(model);
            }
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_found_by_name() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("library/device-types/Allied Telesis");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("AT-x230-10GP.yaml"), "model: AT-x230-10GP\n").unwrap();
        let libraries = TypeLibraries::open(root.path(), &["library".to_owned(), "absent".to_owned()]);
        let file = libraries.find(TypeKind::Device, "allied-telesis/at-x230-10gp").unwrap();
        assert_eq!(file.bytes, b"model: AT-x230-10GP\n");
        assert!(libraries.find(TypeKind::Card, "allied-telesis/at-x230-10gp").is_none());
        assert_eq!(libraries.names(TypeKind::Device), ["allied-telesis/at-x230-10gp"]);
        assert_eq!(libraries.missing, ["absent"]);
    }
}
