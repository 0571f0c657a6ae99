//! Volumes with data that matters, of a class that deletes them with their claim.

use crate::amount::names;
use crate::context::Context;
use crate::rule::rule;
use lab_model::lab::StorageClassId;
use lab_model::written::{Importance, Reclaim};
use lab_source::Severity;
use std::collections::{BTreeMap, BTreeSet};

rule!("reclaim-deletes-important", Warning, Storage, "a class deletes volumes with data that matters");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let mut of_class: BTreeMap<StorageClassId, Vec<_>> = BTreeMap::new();
    for (id, volume) in lab.volumes.iter() {
        let Some(importance) = &volume.importance else { continue };
        if let Some(class) = lab.class_of(id)
            && matches!(importance.value, Importance::Important | Importance::Irreplaceable)
        {
            of_class.entry(class).or_default().push((id, importance));
        }
    }
    for (class, volumes) in of_class {
        let record = &lab.storage_classes[class];
        let deletes = record.reclaim.as_ref().filter(|reclaim| reclaim.value == Reclaim::Delete);
        let Some(reclaim) = deletes else { continue };
        let called: Vec<&str> = volumes.iter().map(|(id, _)| &*lab.volumes[*id].name.text).collect();
        let mut finding = context
            .finding(
                format!("deleting a claim deletes {} for good", names(&called)),
                reclaim.span,
                "deletes the volume",
            )
            .about(lab.subject(class))
            .because(
                "a wrong commit or a renamed release is enough: the driver removes the data with the claim",
            )
            .help("write `reclaim: retain`, or move them to a class that retains");
        let mut places = BTreeSet::new();
        for (id, importance) in &volumes {
            finding = finding.about(lab.subject(*id));
            if places.insert(importance.span) {
                finding = finding.and(importance.span, importance.value.to_string());
            }
        }
        if volumes.iter().all(|(_, importance)| importance.value == Importance::Important) {
            finding.severity = Severity::Note;
        }
        context.report_once(finding);
    }
}
