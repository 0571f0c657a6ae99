//! What is said while a rehearsal goes on, a line for each thing that happens.

use crate::ui::Ui;
use lab_rehearse::{Choice, Event, Vector};
use std::collections::BTreeSet;
use std::time::Instant;

/// Names in one line before the rest is counted.
const NAMES_MAX: usize = 4;

/// What will be done.
pub(super) fn before(vector: &Vector, choice: &Choice, left_out: &[(String, String)]) -> String {
    let mut text = format!(
        "{}, {} questions; {} of {} goals cannot be shown, {} questions cannot be asked",
        lab_rehearse::report::n_failures(choice.faults.len()),
        vector.probes.len(),
        choice.left_out.len(),
        choice.n_goals,
        vector.unasked.len()
    );
    if !left_out.is_empty() {
        let names: Vec<&str> = left_out.iter().map(|(name, _)| name.as_str()).take(NAMES_MAX).collect();
        let more = left_out.len().saturating_sub(NAMES_MAX);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        text += &format!("\nnot in the box: {}{more}", names.join(", "));
    }
    text
}

/// Tells what happens: a line for each failure once it is over, and meanwhile, on a terminal, one that is written over.
pub(super) struct Teller {
    number: usize,
    of: usize,
    label: String,
    phase: &'static str,
    dark: BTreeSet<String>,
    /// What was said of the failure before it is known how it heals.
    judged: String,
    refuted: Vec<String>,
    began: Instant,
    /// How many failures were made to happen.
    n_seen: usize,
}

impl Teller {
    pub(super) fn new() -> Self {
        Teller {
            number: 0,
            of: 0,
            label: "the box is up".to_owned(),
            phase: "waiting until everything answers",
            dark: BTreeSet::new(),
            judged: String::new(),
            refuted: Vec::new(),
            began: Instant::now(),
            n_seen: 0,
        }
    }

    /// Takes in what happened, and tells it.
    pub(super) fn tell(&mut self, event: &Event, ui: &mut Ui) {
        match event {
            Event::Settling => ui.say("the box is up; waiting until everything answers"),
            Event::Waiting { seconds, most } => ui.say_over(&self.progress(*seconds, *most)),
            Event::Well { n_probes, n_known, wrong, seconds } => {
                self.began = Instant::now();
                ui.say(&well(*n_probes, *n_known, wrong.len(), *seconds));
                wrong.iter().for_each(|wrong| ui.say(&refuted(wrong)));
            }
            Event::Prepares { number, of, label } => {
                (self.number, self.of, self.label, self.phase) = (*number, *of, label.clone(), "is prepared");
                self.dark.clear();
                ui.say_over(&self.progress(0.0, 0.0));
            }
            Event::Fails => self.phase = "fails",
            Event::Changed { probe, is_up: true, .. } => drop(self.dark.remove(probe)),
            Event::Changed { probe, is_up: false, .. } => drop(self.dark.insert(probe.clone())),
            Event::Judged { seen_with: Some(other), counts, longest, .. } => {
                let other = if *other == self.label { "before".to_owned() } else { format!("with {other}") };
                ui.say(&format!("{} fails: {}; seen {other}", self.head(), judged(*counts, 0, *longest)));
            }
            Event::Judged { counts, refuted, longest, .. } => {
                self.judged = judged(*counts, self.dark.len(), *longest);
                self.refuted.clone_from(refuted);
                self.phase = "heals";
                self.n_seen += 1;
            }
            Event::Kept { .. } => {}
            Event::Healed { seconds, wrong } => {
                let healed = match seconds {
                    Some(seconds) => format!("well again after {seconds:.1} s"),
                    None => "not all is well again".to_owned(),
                };
                ui.say(&format!("{} fails: {}; {healed}", self.head(), self.judged));
                self.refuted.iter().for_each(|words| ui.say(&refuted(words)));
                wrong.iter().for_each(|words| ui.say(&format!("          not well  {words}")));
            }
        }
    }

    fn head(&self) -> String {
        let width = self.of.to_string().len();
        format!("[{:>width$}/{}] {}", self.number, self.of, self.label)
    }

    fn progress(&self, seconds: f64, most: f64) -> String {
        if self.number == 0 {
            return format!("{}; {}, {seconds:.0} s", self.label, self.phase);
        }
        if most == 0.0 {
            return format!("{} {}{}", self.head(), self.phase, self.left());
        }
        let dark = if self.dark.is_empty() { String::new() } else { format!(", {} dark", self.dark.len()) };
        format!("{} {}: {seconds:.0} of at most {most:.0} s{dark}{}", self.head(), self.phase, self.left())
    }

    /// About how long all of it still takes, from how long it took until now.
    fn left(&self) -> String {
        let done = self.number.saturating_sub(1);
        if done == 0 || self.n_seen == 0 {
            return String::new();
        }
        // Those that were seen before took no time, and as many of the rest may.
        let each = self.began.elapsed().as_secs_f64() / done as f64;
        let minutes = each * (self.of - done) as f64 / 60.0;
        if minutes < 1.0 {
            ", under a minute left".to_owned()
        } else {
            format!(", about {minutes:.0} min left")
        }
    }
}

fn refuted(words: &str) -> String {
    format!("          refuted  {words}")
}

fn well(n_probes: usize, n_known: usize, n_wrong: usize, seconds: f64) -> String {
    match n_wrong {
        0 if n_known > 0 => format!(
            "{} of {n_probes} questions are answered as they should be, {n_known} as it is known to differ, after {seconds:.1} s",
            n_probes - n_known
        ),
        0 => format!("all {n_probes} questions are answered as they should be, after {seconds:.1} s"),
        _ => {
            format!("{n_wrong} of {n_probes} questions differ while nothing has failed, after {seconds:.1} s")
        }
    }
}

fn judged(
    [confirmed, refuted, not_judged]: [usize; 3],
    n_dark: usize,
    (gap, within): (Option<f64>, Option<f64>),
) -> String {
    let mut words = format!("{confirmed} as predicted");
    if refuted > 0 {
        words += &format!(", {refuted} refuted");
    }
    if not_judged > 0 {
        words += &format!(", {not_judged} not judged");
    }
    if n_dark > 0 {
        words += &format!("; {n_dark} stay dark");
    }
    match (gap, within) {
        (Some(gap), Some(within)) if gap > 0.0 => {
            words += &format!("; longest gap {gap:.1} s, predicted within {within:.0} s");
        }
        (Some(gap), _) if gap > 0.0 => words += &format!("; longest gap {gap:.1} s"),
        _ => {}
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_told_in_one_line() {
        let told = [
            (judged([20, 0, 0], 0, (None, None)), "20 as predicted"),
            (
                judged([18, 1, 2], 4, (Some(3.21), Some(4.0))),
                "18 as predicted, 1 refuted, 2 not judged; 4 stay dark; longest gap 3.2 s, predicted within 4 s",
            ),
        ];
        told.into_iter().for_each(|(words, expect)| assert_eq!(words, expect));
        let mut teller = Teller::new();
        assert_eq!(teller.progress(3.2, 60.0), "the box is up; waiting until everything answers, 3 s");
        (teller.number, teller.of, teller.label, teller.phase) = (2, 17, "router-1".into(), "fails");
        let progress = teller.progress(3.2, 12.0);
        assert!(progress.starts_with("[ 2/17] router-1 fails: 3 of at most 12 s"), "{progress}");
    }
}
