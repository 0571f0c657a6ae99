//! The types a lab uses: its own, those of the built-in catalogue, and those of libraries it names. A file is read
//! when a device first asks for its type, so a library of thousands costs only what is used.

use super::DeviceType;
use crate::record::{Read, Reader};
use lab_source::{Diagnostic, FileId, Files, Severity};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Whether a type is of devices or of cards.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum TypeKind {
    /// Devices: the library's `device-types`.
    Device,
    /// Cards and other modules: the library's `module-types`.
    Card,
}

/// A file of a library.
#[derive(Clone, Debug)]
pub struct TypeFile {
    /// Its name as the user would find it.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Where types come from beside the lab itself. Names are `maker/model`, both as [`slugify`](super::slugify) makes them
/// of the folder's and the file's name.
pub trait TypeSource {
    /// The file of a type.
    fn find(&self, kind: TypeKind, name: &str) -> Option<TypeFile>;

    /// All names, in order.
    fn names(&self, kind: TypeKind) -> Vec<String>;
}

/// A source without any.
impl TypeSource for () {
    fn find(&self, _: TypeKind, _: &str) -> Option<TypeFile> {
        None
    }

    fn names(&self, _: TypeKind) -> Vec<String> {
        Vec::new()
    }
}

/// The types a lab uses, by kind and name.
#[derive(Clone, Default, Debug)]
pub struct TypeCatalogue {
    types: BTreeMap<(TypeKind, Arc<str>), Arc<DeviceType>>,
}

/// What looking for a type gave.
#[derive(Clone, Debug)]
pub enum Found {
    /// The type.
    Type(Arc<DeviceType>),
    /// Nothing of that name; the names there are.
    Unknown,
}

impl TypeCatalogue {
    /// The type, if the lab uses it.
    pub fn get(&self, kind: TypeKind, name: &str) -> Option<&Arc<DeviceType>> {
        self.types.get(&(kind, Arc::from(name)))
    }

    /// All types in use with their names.
    pub fn iter(&self) -> impl Iterator<Item = (TypeKind, &str, &Arc<DeviceType>)> {
        self.types.iter().map(|((kind, name), ty)| (*kind, &**name, ty))
    }

    /// Adds a type of the lab's own.
    pub(crate) fn add(&mut self, kind: TypeKind, name: &Arc<str>, ty: DeviceType) {
        self.types.insert((kind, name.clone()), Arc::new(ty));
    }

    /// Looks for a type: first what is known already, then the source, then the built-in catalogue.
    pub(crate) fn find(
        &mut self,
        kind: TypeKind,
        name: &str,
        source: &dyn TypeSource,
        files: &mut Files,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Found {
        if let Some(ty) = self.get(kind, name) {
            return Found::Type(ty.clone());
        }
        let Some(file) = source.find(kind, name).or_else(|| crate::catalogue::find(kind, name)) else {
            return Found::Unknown;
        };
        let mut findings = Vec::new();
        let Some(ty) = read_type_file(file, files, &mut findings) else {
            diagnostics.append(&mut findings);
            return Found::Unknown;
        };
        // A library is other people's text: what cannot be read of it is worth knowing, not an error of this lab.
        diagnostics.extend(findings.into_iter().map(|mut finding| {
            finding.severity = Severity::Note;
            finding
        }));
        let ty = Arc::new(ty);
        self.types.insert((kind, Arc::from(name)), ty.clone());
        Found::Type(ty)
    }
}

/// Reads one file of a library.
pub fn read_type_file(
    file: TypeFile,
    files: &mut Files,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<DeviceType> {
    let text = String::from_utf8_lossy(&file.bytes).into_owned();
    let id: FileId = files.add(file.name, text.clone());
    let mut budget = lab_source::Budget::new(&lab_source::Limits::default());
    let parsed = lab_source::yaml::parse(id, &text, &lab_source::Limits::default(), &mut budget);
    diagnostics.extend(parsed.diagnostics);
    let mut provenance = Vec::new();
    let mut reader = Reader::new(diagnostics, &mut provenance);
    parsed.documents.first().and_then(|node| DeviceType::read(node, &mut reader))
}
