//! Databases that are copied while they write, with nothing said that makes the copy consistent.

use crate::amount::names;
use crate::context::Context;
use crate::rule::rule;
use lab_model::Lab;
use lab_model::grammar::Schedule;
use lab_model::lab::{ThingId, VolumeId};
use lab_model::written::Backup;
use std::collections::BTreeSet;

rule!(
    "database-copied-raw",
    Warning,
    Backup,
    "a database is copied with nothing that makes the copy consistent"
);

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, backup) in
        lab.backups.iter().filter(|(_, backup)| backup.consistent_by.is_none() && !ships_log(backup))
    {
        let databases = databases(lab, backup);
        let Some(first) = databases.first() else { continue };
        let called: Vec<String> =
            databases.iter().map(|volume| lab.volumes[*volume].name.to_string()).collect();
        let mut finding = context
            .finding(
                format!("`{}` copies databases while they write: {}", backup.name, names(&called)),
                backup.of.span.unwrap_or(backup.name.span),
                "no `consistent-by`",
            )
            .and(lab.volumes[*first].name.span, "a database")
            .about(lab.subject(id))
            .because(
                "files that change while they are read do not belong together: the restore may not start",
            )
            .help("say how: `consistent-by: database dump`, `volume snapshot` or `stopped`");
        for volume in databases {
            finding = finding.about(lab.subject(volume));
        }
        context.report_once(finding);
    }
}

/// The databases among what is copied: named themselves, or in a dataset that is.
fn databases(lab: &Lab, backup: &Backup) -> Vec<VolumeId> {
    let copied: BTreeSet<ThingId> = backup.of.ids().collect();
    let is_copied = |id: VolumeId| {
        let dataset = || lab.dataset_of(id.into()).is_some_and(|dataset| copied.contains(&dataset.into()));
        copied.contains(&id.into()) || dataset()
    };
    let all =
        lab.volumes.iter().filter(|(_, volume)| volume.database.as_ref().is_some_and(|said| said.value));
    all.map(|(id, _)| id).filter(|id| is_copied(*id)).collect()
}

/// True when the database itself hands out its log without a break, which is consistent by its nature.
fn ships_log(backup: &Backup) -> bool {
    backup
        .copies
        .iter()
        .any(|copy| copy.every.as_ref().is_some_and(|every| every.value == Schedule::Continuous))
}
