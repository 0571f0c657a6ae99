//! Black start: does the lab come up from nothing, in which order, and where is a hand needed?

use super::{Answer, JSON_VERSION};
use crate::forecast::Forecast;
use crate::forecast::words::{counted, drawn_together, names};
use crate::simulate::Simulator;
use crate::simulate::cold_start::{ColdStart, Pace, cold_start};
use crate::works::{Subject, UnitId};
use lab_show::document::{Block, Document, Table};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// How the lab starts from nothing.
#[derive(Clone, Debug)]
pub struct Boot {
    /// The course.
    pub course: ColdStart,
    /// How many rows could come up.
    pub n_all: usize,
}

/// Starts the lab from nothing, with everything in order and the pace of small labs.
pub fn boot(forecast: &Forecast<'_>) -> Boot {
    let course = cold_start(&Simulator::new(&forecast.works), &[], Pace::default());
    let n_all = course.starts.len() + course.never.len();
    Boot { course, n_all }
}

/// `2 min`, `45 s`.
fn time(seconds: f64) -> String {
    if seconds < 60.0 {
        format!("{seconds:.0} s")
    } else {
        format!("{:.1} min", seconds / 60.0).replace(".0 min", " min")
    }
}

impl Boot {
    /// The answer in words and as JSON.
    pub fn answer(&self, forecast: &Forecast<'_>) -> Answer {
        Answer { document: self.document(forecast), json: self.json(forecast) }
    }

    fn document(&self, forecast: &Forecast<'_>) -> Document {
        let course = &self.course;
        let last = course.starts.last().map_or(0.0, |start| start.seconds);
        let alone = course.starts.iter().filter(|start| !start.after_hand).count();
        let mut text = format!(
            "Of {} things {alone} come up by themselves once power is back, the last after about {}.",
            self.n_all,
            time(last)
        );
        if alone < course.starts.len() {
            text.push_str(&format!(" {} more after a hand.", course.starts.len() - alone));
        }
        let mut blocks = vec![Block::Text(text)];
        blocks.extend(self.circles(forecast).into_iter().map(Block::Text));
        let hands = units(forecast, &course.by_hand);
        if !hands.is_empty() {
            blocks.push(Block::Text(format!("Switched on by hand: {hands}.")));
        }
        blocks.push(Block::Table(self.rounds(forecast)));
        if !course.unsaid.is_empty() {
            blocks.push(Block::Text(format!(
                "Nobody says whether these start by themselves (`power-restore`), so it is taken that they do: {}.",
                units(forecast, &course.unsaid)
            )));
        }
        blocks.push(Block::Text(
            "The order is exact; the minutes are the usual pace of small labs. Disks that ask for a passphrase are not looked at."
                .to_owned(),
        ));
        Document { title: format!("Black start of {}", super::overview::lab_name(forecast)), blocks }
    }

    fn circles(&self, forecast: &Forecast<'_>) -> Vec<String> {
        let label = |subject: &Subject| named(forecast, *subject);
        let mut texts: Vec<String> = self
            .course
            .circles
            .iter()
            .map(|circle| {
                let mut rows: Vec<String> = circle.rows.iter().map(label).collect();
                rows.extend(circle.rows.first().map(label));
                format!(
                    "NEVER STARTS by itself: {}. A hand that starts {} in some other way frees {}.",
                    rows.join(" waits for "),
                    label(&circle.cut_at),
                    counted(circle.frees, "thing", "things")
                )
            })
            .collect();
        if !self.course.never.is_empty() {
            let told = self.course.never.iter().filter(|subject| !matches!(subject, Subject::Data(_)));
            let stuck = drawn_together(told.map(|subject| forecast.works.label(*subject)));
            texts.push(format!("Does not come up: {}.", names(stuck.iter().map(String::as_str))));
        }
        texts
    }

    fn rounds(&self, forecast: &Forecast<'_>) -> Table {
        let mut rounds: BTreeMap<u32, (f64, bool, Vec<Subject>)> = BTreeMap::new();
        for start in &self.course.starts {
            let round = rounds.entry(start.round).or_insert((start.seconds, start.after_hand, Vec::new()));
            round.2.push(start.subject);
        }
        let mut table = Table::new(&[">after", "=comes up", "hand"]);
        for (seconds, after_hand, subjects) in rounds.into_values() {
            let hand = if after_hand { "needed before" } else { "" };
            table.row([time(seconds), by_kind(forecast, &subjects), hand.to_owned()]);
        }
        table
    }

    fn json(&self, forecast: &Forecast<'_>) -> Value {
        let full = |subject: Subject| match forecast.works.thing(subject) {
            Some(thing) => forecast.lab.subject(thing),
            None => forecast.works.label(subject).to_owned(),
        };
        let unit = |id: &UnitId| full(Subject::Unit(*id));
        let starts: Vec<Value> = self
            .course
            .starts
            .iter()
            .map(|start| {
                json!({
                    "what": full(start.subject), "seconds": start.seconds, "round": start.round, "after_hand": start.after_hand,
                })
            })
            .collect();
        let circles: Vec<Value> = self
            .course
            .circles
            .iter()
            .map(|circle| {
                json!({
                    "waits": circle.rows.iter().map(|row| full(*row)).collect::<Vec<_>>(),
                    "cut_at": full(circle.cut_at), "frees": circle.frees,
                })
            })
            .collect();
        json!({
            "version": JSON_VERSION, "question": "boot", "starts": starts, "circles": circles,
            "by_hand": self.course.by_hand.iter().map(unit).collect::<Vec<_>>(),
            "unsaid": self.course.unsaid.iter().map(unit).collect::<Vec<_>>(),
            "never": self.course.never.iter().map(|row| full(*row)).collect::<Vec<_>>(),
        })
    }
}

fn units(forecast: &Forecast<'_>, ids: &[UnitId]) -> String {
    drawn_together(ids.iter().map(|id| forecast.works[*id].label.as_str())).join(", ")
}

fn kind(subject: Subject) -> &'static str {
    match subject {
        Subject::Unit(_) => "devices",
        Subject::Machine(_) => "machines",
        Subject::Cluster(_) => "clusters",
        Subject::Pool(_) => "pools",
        Subject::Data(_) => "data",
        Subject::Service(_) => "services",
        Subject::Vantage(_) => "people",
    }
}

fn named(forecast: &Forecast<'_>, subject: Subject) -> String {
    let kind = match subject {
        Subject::Unit(_) => "device",
        Subject::Machine(_) => "machine",
        Subject::Cluster(_) => "cluster",
        Subject::Pool(_) => "pool",
        Subject::Data(_) => "data",
        Subject::Service(_) => "service",
        Subject::Vantage(_) => "zone",
    };
    format!("{kind} {}", forecast.works.label(subject))
}

/// `devices: a, b; machines: c`. Data comes with its pool and is not told.
fn by_kind(forecast: &Forecast<'_>, subjects: &[Subject]) -> String {
    let mut kinds: Vec<(&str, Vec<&str>)> = Vec::new();
    for subject in subjects.iter().filter(|subject| !matches!(subject, Subject::Data(_))) {
        let word = kind(*subject);
        let label = forecast.works.label(*subject);
        match kinds.iter_mut().find(|(known, _)| *known == word) {
            Some((_, labels)) => labels.push(label),
            None => kinds.push((word, vec![label])),
        }
    }
    let told: Vec<String> = kinds
        .into_iter()
        .map(|(word, labels)| format!("{word}: {}", drawn_together(labels).join(", ")))
        .collect();
    told.join("; ")
}
