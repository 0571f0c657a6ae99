//! The drawing of backups: what is copied, and each copy with its place, medium and schedule. Things that are copied in
//! the same way are one box.

use super::cables::lab_name;
use super::cell::{join, shown, when};
use super::copies::{chain, stands_on};
use super::{Asked, ShowError};
use crate::picture::{Class, Edge, Graph, Line, fold};
use lab_model::lab::BackupId;
use lab_model::{Kind, Lab, ThingId};
use std::collections::BTreeMap;

/// Where a copy goes, from which one, on what: jobs with the same steps are drawn as one.
type Steps = Vec<(String, Option<usize>, String)>;

pub(super) fn graph(asked: &Asked<'_>) -> Result<Graph, ShowError> {
    let lab = asked.lab;
    let mut graph = Graph { title: format!("{}: backups", lab_name(lab)), ..Graph::default() };
    let mut groups: BTreeMap<(Vec<String>, Steps), Vec<BackupId>> = BTreeMap::new();
    for (id, job) in lab.backups.iter() {
        let steps = chain(lab, job)
            .iter()
            .map(|copy| (shown(copy.written.to.as_ref()), copy.from, shown(copy.at.medium)))
            .collect();
        groups.entry((tools(job), steps)).or_default().push(id);
    }
    let mut places: BTreeMap<(String, String), usize> = BTreeMap::new();
    for ((tools, _), jobs) in &groups {
        let original = add_original(lab, tools, jobs, &mut graph);
        add_copies(lab, original, jobs, &mut graph, &mut places);
    }
    Ok(graph)
}

fn tools(job: &lab_model::written::Backup) -> Vec<String> {
    job.tool.iter().map(ToString::to_string).collect()
}

fn add_original(lab: &Lab, tools: &[String], jobs: &[BackupId], graph: &mut Graph) -> usize {
    let things: Vec<ThingId> =
        jobs.iter().flat_map(|job| lab.backups[*job].of.ids().collect::<Vec<_>>()).collect();
    let mut by_place: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for thing in &things {
        let on = stands_on(lab, *thing)
            .map_or_else(|| thing.kind.word().to_owned(), |on| format!("on {}", lab.name(on)));
        by_place.entry(on).or_default().push(lab.name(*thing).to_string());
    }
    let mut details = Vec::new();
    for (place, names) in by_place {
        details.push(format!("{place}:"));
        details.extend(fold(&names, 46, 14));
    }
    let label = match jobs {
        [job] => lab.backups[*job].name.to_string(),
        jobs => format!("{} jobs", jobs.len()),
    };
    let label = join([label.as_str(), &tools.join(", ")], " by ");
    graph.node(label, details, Class::Storage)
}

fn add_copies(
    lab: &Lab,
    original: usize,
    jobs: &[BackupId],
    graph: &mut Graph,
    places: &mut BTreeMap<(String, String), usize>,
) {
    let n_steps = lab.backups[jobs[0]].copies.len();
    let mut boxes: Vec<usize> = Vec::with_capacity(n_steps);
    for step in 0..n_steps {
        let chain = chain(lab, &lab.backups[jobs[0]]);
        let copy = &chain[step];
        let to = shown(copy.written.to.as_ref());
        let medium = shown(copy.at.medium);
        let node = *places.entry((to.clone(), medium.clone())).or_insert_with(|| {
            let site = shown(copy.at.site.as_ref());
            let site = if site == to { String::new() } else { site };
            let is = [when(&copy.written.offline, "offline"), when(&copy.written.encrypted, "encrypted")];
            let details = [join([medium.as_str(), &site], " at "), join(is, ", ")]
                .into_iter()
                .filter(|line| !line.is_empty());
            let outside = copy.written.to.as_ref().and_then(|to| to.id);
            let class = match outside.map(|to| to.kind) {
                Some(Kind::External | Kind::Site) => Class::External,
                _ => Class::Machine,
            };
            graph.node(to, details.collect(), class)
        });
        let from = copy.from.and_then(|from| boxes.get(from).copied()).unwrap_or(original);
        let schedules: Vec<String> =
            jobs.iter().filter_map(|job| lab.backups[*job].copies.get(step)).map(schedule).collect();
        let edge = Edge {
            label: together(schedules),
            line: if copy.exists() { Line::Plain } else { Line::Dashed },
            ..Edge::new(from, node)
        };
        if from != node {
            graph.join(edge);
        }
        boxes.push(node);
    }
}

/// When a copy is made: its schedule without the time of day, and whether it takes a hand.
fn schedule(copy: &lab_model::written::BackupCopy) -> String {
    let every = shown(copy.every.as_ref().map(|every| every.value.clone()));
    let status = shown(copy.status.as_ref().map(|status| status.value));
    join([every.as_str(), when(&copy.by_hand, "by hand"), &status], ", ")
}

/// Several schedules as one: the common beginning when they differ in the time of day.
fn together(mut schedules: Vec<String>) -> String {
    schedules.sort();
    schedules.dedup();
    match &schedules[..] {
        [] => String::new(),
        [one] => one.clone(),
        several => {
            let word = |text: &String| text.split(' ').next().unwrap_or_default().to_owned();
            let first = word(&several[0]);
            if several.iter().all(|text| word(text) == first) {
                format!("{first}, {} times of day", several.len())
            } else {
                several.join(", ")
            }
        }
    }
}
