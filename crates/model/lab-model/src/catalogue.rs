//! The built-in catalogue: a few types of devices, cards and drives, as files in `catalogue/` that the binary carries.

use crate::device_type::{TypeFile, TypeKind, slugify};
use crate::record::{Field, Named, Reader};
use crate::written::DriveType;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

type Embedded = &'static [(&'static str, &'static [u8])];

const FILES: Embedded = include!(concat!(env!("OUT_DIR"), "/catalogue.rs"));

fn index() -> &'static BTreeMap<(TypeKind, String), usize> {
    static INDEX: OnceLock<BTreeMap<(TypeKind, String), usize>> = OnceLock::new();
    INDEX.get_or_init(|| {
        FILES.iter().enumerate().filter_map(|(at, (path, _))| key_of(path).map(|key| (key, at))).collect()
    })
}

fn key_of(path: &str) -> Option<(TypeKind, String)> {
    let (kind, rest) = match path.split_once('/')? {
        ("device-types", rest) => (TypeKind::Device, rest),
        ("module-types", rest) => (TypeKind::Card, rest),
        _ => return None,
    };
    let (maker, file) = rest.split_once('/')?;
    let stem = file.strip_suffix(".yaml").unwrap_or(file);
    Some((kind, format!("{}/{}", slugify(maker), slugify(stem))))
}

/// The file of a type.
pub fn find(kind: TypeKind, name: &str) -> Option<TypeFile> {
    let at = *index().get(&(kind, name.to_owned()))?;
    let (path, bytes) = FILES[at];
    Some(TypeFile { name: format!("catalogue/{path}"), bytes: bytes.to_vec() })
}

/// All names of a kind, in order.
pub fn names(kind: TypeKind) -> impl Iterator<Item = &'static str> {
    index().keys().filter(move |(of, _)| *of == kind).map(|(_, name)| name.as_str())
}

/// The drive models of the catalogue, read once. Faults in them are faults of the program and found by its tests.
pub fn drives() -> &'static BTreeMap<String, Arc<DriveType>> {
    static DRIVES: OnceLock<BTreeMap<String, Arc<DriveType>>> = OnceLock::new();
    DRIVES.get_or_init(|| read_drives(&mut Vec::new()))
}

fn read_drives(diagnostics: &mut Vec<lab_source::Diagnostic>) -> BTreeMap<String, Arc<DriveType>> {
    let mut drives = BTreeMap::new();
    for (path, bytes) in FILES.iter().filter(|(path, _)| path.starts_with("drive-types/")) {
        let mut files = lab_source::Files::new();
        let text = String::from_utf8_lossy(bytes).into_owned();
        let id = files.add(*path, text.clone());
        let mut budget = lab_source::Budget::new(&lab_source::Limits::default());
        let parsed = lab_source::yaml::parse(id, &text, &lab_source::Limits::default(), &mut budget);
        diagnostics.extend(parsed.diagnostics);
        let mut provenance = Vec::new();
        let mut reader = Reader::new(diagnostics, &mut provenance);
        for document in &parsed.documents {
            let named: Named<DriveType> = Field::present(document, &mut reader);
            drives.extend(
                named.entries.into_iter().map(|(name, drive)| (name.text.to_string(), Arc::new(drive))),
            );
        }
    }
    drives
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device_type::read_type_file;

    #[test]
    fn every_file_of_the_catalogue_reads_without_a_finding() {
        let mut diagnostics = Vec::new();
        for kind in [TypeKind::Device, TypeKind::Card] {
            for name in names(kind) {
                let file = find(kind, name).expect("it is in the index");
                let ty =
                    read_type_file(file, &mut lab_source::Files::new(), &mut diagnostics).expect("a mapping");
                assert!(ty.manufacturer.is_some() && ty.model.is_some(), "{name}");
            }
        }
        read_drives(&mut diagnostics);
        assert_eq!(diagnostics, []);
    }
}
