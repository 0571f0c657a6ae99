//! `show copies`: each thing worth keeping with its original and every copy: where, on what, how old at most; and how
//! near it comes to three copies on two media with one elsewhere.

use super::cables::lab_name;
use super::cell::{self, join, refs, shown, texts, value, when};
use super::copies_picture;
use super::{Asked, Drawing, ShowError, View};
use crate::document::{Block, Document, Table};
use lab_model::derived::copies;
use lab_model::grammar::Period;
use lab_model::lab::{BackupId, DatasetId, Id, ServiceId, StorageClassId, VolumeId};
use lab_model::written::{Backup, BackupCopy, Importance, Medium};
use lab_model::{Kind, Lab, ThingId};
use std::collections::{BTreeMap, BTreeSet};

pub(super) const VIEW: View = View {
    name: "copies",
    summary: "what is worth keeping, with its original and every copy: place, medium, age; drawn, the flow of backups",
    document,
    drawing: Some(Drawing::Graph(copies_picture::graph)),
};

/// What stands on what deeper than this is taken for a loop.
const DEPTH_MAX: u8 = 6;

/// Where something is, as far as the lab says.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub(super) struct Whereabouts {
    /// The site, or the outside service.
    pub(super) site: Option<String>,
    /// What it is written on.
    pub(super) medium: Option<Medium>,
}

/// Where a place of data is. A service is where it runs.
pub(super) fn whereabouts(lab: &Lab, thing: ThingId) -> Whereabouts {
    let place = match ServiceId::try_from(thing) {
        Ok(service) => lab.places_of(service).first().copied().unwrap_or(thing),
        Err(()) => thing,
    };
    let site = copies::site(lab, place).map(|site| match site {
        copies::Site::Site(id) => lab.sites[id].name.to_string(),
        copies::Site::External(id) => lab.externals[id].name.to_string(),
    });
    Whereabouts { site, medium: copies::medium_of(lab, place) }
}

/// What data stands on directly.
pub(super) fn stands_on(lab: &Lab, thing: ThingId) -> Option<ThingId> {
    match thing.kind {
        Kind::Volume => lab.volumes[VolumeId(thing.index)].on.as_ref()?.id,
        Kind::Dataset => lab.datasets[DatasetId(thing.index)].pool.as_ref()?.id.map(ThingId::from),
        Kind::StorageClass => {
            let class = &lab.storage_classes[StorageClassId(thing.index)];
            let dataset = class.dataset.as_ref().and_then(|dataset| dataset.id).map(ThingId::from);
            let pool = class.pool.as_ref().and_then(|pool| pool.id).or_else(|| class.pools.ids().next());
            dataset.or(pool.map(ThingId::from)).or(class.cluster.as_ref()?.id.map(ThingId::from))
        }
        _ => None,
    }
}

/// One copy with what follows for it.
pub(super) struct Copy<'a> {
    /// As written.
    pub(super) written: &'a BackupCopy,
    /// The copy it is made from, by position; `None` for the original.
    pub(super) from: Option<usize>,
    /// Where it is.
    pub(super) at: Whereabouts,
    /// How old it may be: the longest gaps along its chain together. `None` when a step has no schedule.
    pub(super) age: Option<Period>,
}

impl Copy<'_> {
    /// True unless it is only planned or given up.
    pub(super) fn exists(&self) -> bool {
        copies::is_made(self.written)
    }
}

/// The copies of a job in order.
pub(super) fn chain<'a>(lab: &Lab, job: &'a Backup) -> Vec<Copy<'a>> {
    let copy = |(index, written): (usize, &'a BackupCopy)| {
        let way = copies::chain(job, index).unwrap_or_default();
        let from = way.len().checked_sub(2).map(|before| way[before]);
        let mut at =
            written.to.as_ref().and_then(|to| to.id).map(|to| whereabouts(lab, to)).unwrap_or_default();
        at.medium = written.medium.as_ref().map(|medium| medium.value).or(at.medium);
        Copy { written, from, at, age: copies::lag(job, index) }
    };
    job.copies.iter().enumerate().map(copy).collect()
}

fn document(asked: &Asked<'_>) -> Result<Document, ShowError> {
    let lab = asked.lab;
    let tables = [things(lab), table_of_copies(lab), jobs(lab)];
    let blocks = tables.into_iter().filter(|table| !table.rows.is_empty()).map(Block::Table).collect();
    Ok(Document { title: format!("{}: copies", lab_name(lab)), blocks })
}

/// Jobs by what they copy.
fn jobs_by_thing(lab: &Lab) -> BTreeMap<ThingId, Vec<BackupId>> {
    let mut jobs: BTreeMap<ThingId, Vec<BackupId>> = BTreeMap::new();
    for (id, job) in lab.backups.iter() {
        for of in job.of.ids() {
            jobs.entry(of).or_default().push(id);
        }
    }
    jobs
}

/// How much a thing matters, as said.
fn importance(lab: &Lab, thing: ThingId) -> Option<Importance> {
    let said = match thing.kind {
        Kind::Dataset => lab.datasets[DatasetId(thing.index)].importance.as_ref(),
        Kind::Volume => lab.volumes[VolumeId(thing.index)].importance.as_ref(),
        _ => None,
    };
    said.map(|importance| importance.value)
}

/// Everything that is backed up, and everything said to matter.
fn worth_keeping(lab: &Lab, jobs: &BTreeMap<ThingId, Vec<BackupId>>) -> BTreeSet<ThingId> {
    let datasets = (0..lab.datasets.len()).map(|index| DatasetId::new(index as u32).into());
    let volumes = (0..lab.volumes.len()).map(|index| VolumeId::new(index as u32).into());
    let matters = |thing: &ThingId| {
        matches!(importance(lab, *thing), Some(Importance::Important | Importance::Irreplaceable))
    };
    datasets.chain(volumes).filter(matters).chain(jobs.keys().copied()).collect()
}

/// The jobs that copy a thing, or else what it stands on; with the latter.
fn covered<'j>(
    lab: &Lab,
    jobs: &'j BTreeMap<ThingId, Vec<BackupId>>,
    thing: ThingId,
) -> (&'j [BackupId], Option<ThingId>) {
    let mut at = Some(thing);
    for _ in 0..DEPTH_MAX {
        let Some(here) = at else { break };
        if let Some(found) = jobs.get(&here) {
            return (found, (here != thing).then_some(here));
        }
        at = stands_on(lab, here);
    }
    (&[], None)
}

fn things(lab: &Lab) -> Table {
    let jobs = jobs_by_thing(lab);
    let mut table = Table::new(&[
        "data",
        "importance",
        "original on",
        "site",
        ">copies",
        ">media",
        ">elsewhere",
        "loses at most",
        "~site gone",
        "-jobs",
    ])
    .titled("What is worth keeping (the original counts as a copy)");
    for thing in worth_keeping(lab, &jobs) {
        let (ids, through) = covered(lab, &jobs, thing);
        let home = whereabouts(lab, thing);
        let chains: Vec<Vec<Copy<'_>>> = ids.iter().map(|id| chain(lab, &lab.backups[*id])).collect();
        let real: Vec<&Copy<'_>> = chains.iter().flatten().filter(|copy| copy.exists()).collect();
        let is_elsewhere = |copy: &&&Copy<'_>| {
            copy.at.site.as_ref().zip(home.site.as_ref()).is_some_and(|(there, here)| there != here)
                || copy.written.to.as_ref().and_then(|to| to.id).is_some_and(|to| to.kind == Kind::External)
        };
        let media: BTreeSet<Medium> =
            real.iter().filter_map(|copy| copy.at.medium).chain(home.medium).collect();
        let youngest =
            |copies: Vec<&&Copy<'_>>| copies.into_iter().filter_map(|copy| copy.age).min().map(age);
        let through = through.map(|through| format!(" (as part of {})", lab.name(through)));
        table.row([
            lab.subject(thing),
            shown(importance(lab, thing)),
            stands_on(lab, thing).map_or_else(String::new, |on| lab.subject(on)),
            shown(home.site.as_ref()),
            (real.len() + 1).to_string(),
            if media.is_empty() { String::new() } else { media.len().to_string() },
            real.iter().filter(is_elsewhere).count().to_string(),
            shown(youngest(real.iter().collect())),
            shown(youngest(real.iter().filter(is_elsewhere).collect())),
            format!(
                "{}{}",
                cell::things(lab, ids.iter().map(|id| ThingId::from(*id))),
                through.unwrap_or_default()
            ),
        ]);
    }
    table
}

/// An age in words.
fn age(age: Period) -> String {
    if age == Period::ZERO { "nearly nothing".to_owned() } else { age.to_string() }
}

fn table_of_copies(lab: &Lab) -> Table {
    let mut table = Table::new(&[
        "job",
        ">copy",
        "from",
        "to",
        "~site",
        "medium",
        "when",
        "~keep",
        "age at most",
        "~is",
        "-controller",
        "-full",
        "-tool",
        "-tested",
        "-restored",
        "status",
    ])
    .titled("Copies");
    for (_, job) in lab.backups.iter() {
        for (index, copy) in chain(lab, job).iter().enumerate() {
            let written = copy.written;
            let is = [
                when(&written.offline, "offline"),
                when(&written.encrypted, "encrypted"),
                when(&written.by_hand, "by hand"),
            ];
            let name = written.name.as_ref().map_or_else(|| (index + 1).to_string(), ToString::to_string);
            table.row([
                job.name.to_string(),
                name,
                copy.from.map_or_else(|| "original".to_owned(), |from| (from + 1).to_string()),
                shown(written.to.as_ref()),
                shown(copy.at.site.as_ref()),
                shown(copy.at.medium),
                value(&written.every),
                value(&written.keep),
                shown(copy.age.map(age)),
                join(is, ", "),
                value(&written.controller),
                value(&written.full),
                shown(written.tool.as_ref()),
                value(&written.tested),
                value(&written.restored),
                value(&written.status),
            ]);
        }
    }
    table
}

fn jobs(lab: &Lab) -> Table {
    let heads = ["job", "~of", "tool", "consistent by", "rpo", "rto", "~excludes", "~description"];
    let mut table = Table::new(&heads).titled("Jobs");
    for (_, job) in lab.backups.iter() {
        table.row([
            job.name.to_string(),
            refs(&job.of),
            shown(job.tool.as_ref()),
            shown(job.consistent_by.as_ref()),
            value(&job.rpo),
            value(&job.rto),
            texts(&job.excludes),
            shown(job.description.as_ref()),
        ]);
    }
    table
}
