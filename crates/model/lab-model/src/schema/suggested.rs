//! Names of the catalogue that an editor proposes where a type or a model is expected. Types of the lab's own and of its
//! libraries are not known here, so nothing but a proposal is made of them.

use crate::catalogue;
use crate::device_type::{TypeKind, read_type_file};

/// Stands for the key of a record's short form.
pub(super) const SHORT: &str = "";

/// Names that are proposed for one key, each with what it is.
pub(super) struct Proposals {
    /// What the names are of.
    pub(super) what: &'static str,
    /// Names and descriptions.
    pub(super) names: Vec<(String, String)>,
}

/// What is proposed for a key of a record.
pub(super) fn proposals(record: &str, key: &str) -> Option<Proposals> {
    let (what, names) = match (record, key) {
        ("Device", "type") => ("a device type", types(TypeKind::Device)),
        ("CardUse", "type" | SHORT) => ("a card type", types(TypeKind::Card)),
        ("DriveUse", "model" | SHORT) => ("a drive model", drives()),
        _ => return None,
    };
    Some(Proposals { what, names })
}

fn types(kind: TypeKind) -> Vec<(String, String)> {
    let described = catalogue::names(kind).map(|name| {
        let file = catalogue::find(kind, name).expect("a name of the catalogue has its file");
        let ty = read_type_file(file, &mut lab_source::Files::new(), &mut Vec::new());
        let said = ty.and_then(|ty| ty.description.or(ty.model));
        (name.to_owned(), said.as_deref().unwrap_or_default().to_owned())
    });
    described.collect()
}

fn drives() -> Vec<(String, String)> {
    let described = catalogue::drives().iter().map(|(name, drive)| {
        let parts = [&drive.manufacturer, &drive.model].into_iter().flatten().map(|text| &**text);
        (name.clone(), parts.collect::<Vec<&str>>().join(" "))
    });
    described.collect()
}
