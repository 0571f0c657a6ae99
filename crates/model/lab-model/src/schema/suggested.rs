//! Names of the catalogue that an editor proposes where a type or a model is expected. Types of the lab's own and of its
//! libraries are not known here, so nothing but a proposal is made of them.

use crate::catalogue;
use crate::device_type::{TypeKind, read_type_file};
use serde_json::{Value, json};

/// Stands for the key of a record's short form.
pub(super) const SHORT: &str = "";

/// The schema of a record's key with the names that are proposed for it.
pub(super) fn beside(mut value: Value, record: &str, key: &str) -> Value {
    let proposals = match (record, key) {
        ("Device", "type") => types(TypeKind::Device),
        ("CardUse", "type" | SHORT) => types(TypeKind::Card),
        ("DriveUse", "model" | SHORT) => drives(),
        _ => return value,
    };
    value["defaultSnippets"] = Value::from(proposals);
    value
}

fn types(kind: TypeKind) -> Vec<Value> {
    let described = catalogue::names(kind).map(|name| {
        let file = catalogue::find(kind, name).expect("a name of the catalogue has its file");
        let ty = read_type_file(file, &mut lab_source::Files::new(), &mut Vec::new());
        let said = ty.and_then(|ty| ty.description.or(ty.model));
        proposal(name, said.as_deref().unwrap_or_default())
    });
    described.collect()
}

fn drives() -> Vec<Value> {
    let described = catalogue::drives().iter().map(|(name, drive)| {
        let parts = [&drive.manufacturer, &drive.model].into_iter().flatten().map(|text| &**text);
        proposal(name, &parts.collect::<Vec<&str>>().join(" "))
    });
    described.collect()
}

fn proposal(name: &str, said: &str) -> Value {
    json!({ "label": name, "body": name, "description": said })
}
