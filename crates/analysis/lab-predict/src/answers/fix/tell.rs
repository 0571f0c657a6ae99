//! The changes in words and as JSON.

use super::{Cost, Effect, Fix, Fixes, Step, Time};
use crate::answers::overview::lab_name;
use crate::answers::{Answer, JSON_VERSION};
use crate::forecast::Forecast;
use crate::forecast::words::{a_year, counted, names};
use lab_show::document::{Block, Document, Table};
use serde_json::{Value, json};

/// Changes shown before the rest is counted.
const ROWS_MAX: usize = 12;

impl Fixes {
    /// The answer in words and as JSON.
    pub fn answer(&self, forecast: &Forecast<'_>) -> Answer {
        Answer { document: self.document(forecast), json: self.json() }
    }

    fn document(&self, forecast: &Forecast<'_>) -> Document {
        let mut blocks = vec![Block::Text(self.headline())];
        let shown = || self.fixes.iter().take(ROWS_MAX).enumerate();
        if !self.fixes.is_empty() {
            let mut table = Table::new(&[">#", "=change", "=single failures", "=pairs", "cost"]);
            shown().for_each(|(at, fix)| table.row(row(at, fix)));
            blocks.push(Block::Table(table));
        }
        if self.fixes.len() > ROWS_MAX {
            let rest = counted(self.fixes.len() - ROWS_MAX, "change more", "changes more");
            blocks.push(Block::Text(format!("{rest} (--format json has all).")));
        }
        blocks.extend(self.plan_table());
        shown().for_each(|(at, fix)| blocks.extend(details(at, fix)));
        if !self.fixes.is_empty() {
            blocks.push(Block::Text(
                "Lines are those of an overlay: put them in a file below `overlays/NAME/`, and `predict --with NAME` says the same again."
                    .to_owned(),
            ));
        }
        Document { title: format!("What to change in {}", lab_name(forecast)), blocks }
    }

    fn headline(&self) -> String {
        let tried = counted(self.n_tried, "change", "changes");
        let more = if self.is_cut { " (there are more candidates than are tried)" } else { "" };
        let n_good = self.n_tried - self.n_refused - self.n_useless;
        let mut text = format!(
            "{tried} tried{more}, each by itself: {n_good} remove more harm than they bring, {} do not, {} cannot be made (something would be overloaded or contradict the rest).",
            self.n_useless, self.n_refused
        );
        if self.fixes.is_empty() {
            return text;
        }
        let free = self.fixes.iter().filter(|fix| fix.cost == Cost::Free).count();
        let best = counted(self.fixes.len(), "change is left, free", "changes are left, free");
        text.push_str(&format!(" With the best of each kind of place, {best}: {free}."));
        text
    }

    fn plan_table(&self) -> Option<Block> {
        if self.plan.len() < 2 {
            return None;
        }
        let mut table = Table::new(&[">step", "=change", "=single failures", "=pairs", "cost"])
            .titled("One after the other: the best, then the best after it");
        for (at, Step { what, cost, effect }) in self.plan.iter().enumerate() {
            table.row([(at + 1).to_string(), what.clone(), singles(effect), pairs(effect), cost.words()]);
        }
        Some(Block::Table(table))
    }

    fn json(&self) -> Value {
        let fixes: Vec<Value> = self.fixes.iter().map(fix_json).collect();
        let plan: Vec<Value> = self
            .plan
            .iter()
            .map(|step| json!({ "what": step.what, "cost": step.cost.words(), "effect": effect_json(&step.effect) }))
            .collect();
        json!({
            "version": JSON_VERSION, "question": "fix", "tried": self.n_tried, "useless": self.n_useless,
            "impossible": self.n_refused, "cut": self.is_cut, "fixes": fixes, "plan": plan,
        })
    }
}

fn row(at: usize, fix: &Fix) -> [String; 5] {
    [(at + 1).to_string(), fix.what.clone(), singles(&fix.effect), pairs(&fix.effect), fix.cost.words()]
}

fn singles(effect: &Effect) -> String {
    if effect.copied.is_empty() {
        return less_and_more(effect.n_removed, effect.n_brought);
    }
    format!("{} can be restored", counted(effect.copied.len(), "thing", "things"))
}

fn pairs(effect: &Effect) -> String {
    less_and_more(effect.pairs_removed, effect.pairs_brought)
}

fn less_and_more(removed: usize, brought: usize) -> String {
    match (removed, brought) {
        (0, 0) => "as before".to_owned(),
        (removed, 0) => format!("{removed} do less harm"),
        (0, brought) => format!("{brought} do more harm"),
        (removed, brought) => format!("{removed} do less harm, {brought} more"),
    }
}

/// What a change does, where it is made, and its lines.
fn details(at: usize, fix: &Fix) -> Vec<Block> {
    let mut facts = Vec::new();
    let mut fact = |name: &str, value: String| {
        if !value.is_empty() {
            facts.push((name.to_owned(), value));
        }
    };
    fact("no longer", told(&fix.effect.removed, fix.effect.n_removed));
    fact("but now", told(&fix.effect.brought, fix.effect.n_brought));
    let [gone, new] = &fix.effect.worst_pairs;
    fact("pairs gone", worst(gone, fix.effect.pairs_removed));
    fact("pairs new", worst(new, fix.effect.pairs_brought));
    fact("now with a copy", names(fix.effect.copied.iter().map(String::as_str)));
    fact("less time without", times(&fix.gained));
    fact("more time without", times(&fix.lost));
    fact("promises kept", fix.keeps.join(", "));
    fact("promises broken", fix.breaks.join(", "));
    fact("takes", fix.takes.join("; "));
    if fix.n_alternatives > 0 {
        fact("other ways", format!("{}, which help less or cost more", fix.n_alternatives));
    }
    let title = format!("{}. {} ({})", at + 1, fix.what, fix.cost.words());
    let place =
        fix.place.as_ref().map_or_else(String::new, |(path, line)| format!("in place of {path}:{line}"));
    let lines = (1..).zip(fix.yaml.lines().map(str::to_owned)).collect();
    vec![Block::Facts { title, facts }, Block::Lines { title: place, lines }]
}

/// Groups of single failures, and services, told before the rest is counted.
const TOLD_MAX: usize = 3;

fn told(singles: &[(String, String)], n_singles: usize) -> String {
    let mut texts: Vec<String> =
        singles.iter().take(TOLD_MAX).map(|(parts, harm)| format!("{parts} ({harm})")).collect();
    if singles.len() > TOLD_MAX {
        texts.push(format!("of {} in all", counted(n_singles, "single failure", "single failures")));
    }
    texts.join("; ")
}

/// How many pairs, and the worst of them.
fn worst(pair: &Option<(String, String)>, n_pairs: usize) -> String {
    let Some((parts, harm)) = pair else { return String::new() };
    let more = if n_pairs > 1 { format!("; {n_pairs} in all") } else { String::new() };
    format!("{parts} ({harm}){more}")
}

fn times(times: &[Time]) -> String {
    let one =
        |time: &Time| format!("{} ({} instead of {})", time.service, a_year(time.after), a_year(time.before));
    let is_worth_it = |time: &&Time| a_year(time.after) != a_year(time.before);
    let told: Vec<String> = times.iter().filter(is_worth_it).take(TOLD_MAX).map(one).collect();
    let rest = times.iter().filter(is_worth_it).count() - told.len();
    let more = if rest > 0 { format!(", and {rest} more") } else { String::new() };
    format!("{}{more}", told.join(", "))
}

fn effect_json(effect: &Effect) -> Value {
    let singles = |all: &[(String, String)]| -> Vec<Value> {
        all.iter().map(|(parts, harm)| json!({ "parts": parts, "harm": harm })).collect()
    };
    let pair = |pair: &Option<(String, String)>| {
        pair.as_ref().map(|(parts, harm)| json!({ "parts": parts, "harm": harm }))
    };
    json!({
        "removes": singles(&effect.removed), "brings": singles(&effect.brought),
        "singles_removed": effect.n_removed, "singles_brought": effect.n_brought,
        "pairs_removed": effect.pairs_removed, "pairs_brought": effect.pairs_brought,
        "worst_pair_removed": pair(&effect.worst_pairs[0]), "worst_pair_brought": pair(&effect.worst_pairs[1]),
        "copied": effect.copied,
        "cut_sets_removed": effect.sets_removed, "cut_sets_brought": effect.sets_brought,
    })
}

fn fix_json(fix: &Fix) -> Value {
    let times = |times: &[Time]| -> Vec<Value> {
        times
            .iter()
            .map(|time| json!({ "service": time.service, "before": time.before, "after": time.after }))
            .collect()
    };
    let place = fix.place.as_ref().map(|(path, line)| json!({ "path": path, "line": line }));
    json!({
        "what": fix.what, "takes": fix.takes, "yaml": fix.yaml, "place": place, "cost": fix.cost.words(),
        "effect": effect_json(&fix.effect), "gained": times(&fix.gained), "lost": times(&fix.lost),
        "promises_kept": fix.keeps, "promises_broken": fix.breaks, "alternatives": fix.n_alternatives,
    })
}
