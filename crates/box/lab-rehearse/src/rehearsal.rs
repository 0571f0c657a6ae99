//! The rehearsal itself: everything well, then one failure after the other, each observed until nothing changes any more, and healed.

use crate::choose::{Choice, Fault};
use crate::expect::{Expected, Within, expect};
use crate::judge::{Seen, Verdict, judge};
use crate::memory::{Memory, Observation, key};
use crate::places::Places;
use crate::roles::worst_first;
use crate::stage::{Stage, StageError};
use crate::troupe::Troupe;
use crate::vector::Vector;
use crate::watchers::{Track, Watchers};
use lab_box::Interrupt;
use lab_model::record::Name;
use lab_model::written::KnownDifference;
use lab_predict::simulate::{Simulator, at_once};
use std::path::Path;
use std::time::Duration;

/// How long a failure is observed at the least, in seconds: who falls silent is missed only after a while.
const LEAST_SECS: f64 = 7.0;
/// How long everything must stay as it is, in seconds.
const QUIET_SECS: f64 = 2.5;
/// Longer than this nothing is waited for, in seconds.
const MOST_SECS: f64 = 100.0;
/// What is waited beyond the longest prediction, in seconds.
const BEYOND_SECS: f64 = 8.0;
/// What has not changed for so long while the box comes to rest does not change any more, in seconds: a speaker of BGP that was refused
/// tries again after a minute.
const STUCK_SECS: f64 = 75.0;
/// How long the box may take to be as it should be, in seconds.
const WELL_SECS: f64 = 120.0;

/// What is rehearsed.
pub struct Script<'a> {
    /// Where everything is.
    pub places: &'a Places<'a>,
    /// What is asked.
    pub vector: &'a Vector,
    /// What fails.
    pub choice: &'a Choice,
    /// Differences that are known.
    pub known: &'a [(Name, KnownDifference)],
    /// The program whose `stand-in` asks and answers.
    pub program: &'a Path,
}

/// What happens meanwhile.
#[derive(Clone, PartialEq, Debug)]
pub enum Event {
    /// Waiting until everything is as it should be.
    Settling,
    /// Everything is as it should be but for so many questions.
    Well {
        /// How many questions there are.
        n_probes: usize,
        /// How many differ as it is known.
        n_known: usize,
        /// The others that differ, in words.
        wrong: Vec<String>,
        /// How long it took, in seconds.
        seconds: f64,
    },
    /// It is the turn of a failure: instances and addresses are put where it will hit them.
    Prepares {
        /// Which one, from 1.
        number: usize,
        /// Of how many.
        of: usize,
        /// What fails.
        label: String,
    },
    /// It fails.
    Fails,
    /// Something went dark or came back.
    Changed {
        /// Seconds since the failure.
        seconds: f64,
        /// What.
        probe: String,
        /// Whether it is answered now.
        is_up: bool,
    },
    /// Nothing new yet; comes about every second.
    Waiting {
        /// Seconds since the failure, or since it was healed.
        seconds: f64,
        /// Longer than this nothing is waited for.
        most: f64,
    },
    /// A failure is judged.
    Judged {
        /// The failure in which it was seen, when it was not made to happen again: it does the same to the box.
        seen_with: Option<String>,
        /// Confirmed, refuted, not judged.
        counts: [usize; 3],
        /// What is refuted, in words, without what is known.
        refuted: Vec<String>,
        /// The longest time that something was gone and came back, in seconds, and the most that was predicted for it.
        longest: (Option<f64>, Option<f64>),
        /// How long it was observed, in seconds.
        seconds: f64,
    },
    /// What was seen of a failure, as the line that a file may keep.
    Kept {
        /// The line.
        line: String,
    },
    /// It is healed.
    Healed {
        /// Seconds until everything was well again; none when it was not.
        seconds: Option<f64>,
        /// Questions that are not answered as they should be, with what was said.
        wrong: Vec<String>,
    },
}

/// One question in one state of the box.
#[derive(Clone, PartialEq, Debug)]
pub struct Row {
    /// The question, by position in the vector.
    pub probe: usize,
    /// What was predicted.
    pub expected: Expected,
    /// What was observed.
    pub seen: Seen,
    /// What became of it.
    pub verdict: Verdict,
    /// Why the difference is known, if it is.
    pub known: Option<String>,
}

/// One state of the box: a failure, or all well.
#[derive(Clone, PartialEq, Debug)]
pub struct Act {
    /// What fails; none while all is well.
    pub fault: Option<Fault>,
    /// A row for each question.
    pub rows: Vec<Row>,
    /// What changed: seconds since the failure, question, answered or not.
    pub changes: Vec<(f64, usize, bool)>,
    /// How long it was observed, in seconds.
    pub seconds: f64,
    /// Seconds from healing until everything was well again; none when it was not.
    pub healed: Option<f64>,
    /// The failure in which it was seen, when that did the same to the box.
    pub seen_with: Option<String>,
}

/// Everything that came of it.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Outcome {
    /// All well first, then the failures.
    pub acts: Vec<Act>,
    /// True when it was stopped before its end.
    pub is_cut_short: bool,
    /// Known differences that did not show, though what they are about was rehearsed.
    pub stale: Vec<Stale>,
}

/// A difference that the lab calls known and that did not show.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stale {
    /// Its name in the lab.
    pub name: String,
    /// Why it was thought to differ.
    pub because: String,
}

/// Goes through the script. Heals whatever was injected, also when it is interrupted or the box fails.
///
/// # Errors
/// When the box cannot be changed or asked.
pub fn rehearse(
    stage: &mut impl Stage,
    (troupe, memory): (&mut Troupe, &mut Memory),
    script: &Script<'_>,
    interrupt: &Interrupt,
    tell: &mut dyn FnMut(&Event),
) -> Result<Outcome, StageError> {
    let watchers = Watchers::start(stage, &script.vector.probes, script.program)?;
    let simulator = Simulator::new(script.places.works);
    let track = Track::new(script.vector.probes.len());
    let placed = String::new();
    let mut run = Run {
        stage,
        troupe,
        memory,
        script,
        interrupt,
        tell,
        watchers,
        simulator: &simulator,
        track,
        placed,
    };
    let result = run.all();
    // What was injected is taken back whatever happened; the first failure is the one that is told.
    let healed = run.stage.heal();
    let outcome = result?;
    healed?;
    Ok(outcome)
}

struct Run<'a, S> {
    stage: &'a mut S,
    troupe: &'a mut Troupe,
    memory: &'a mut Memory,
    script: &'a Script<'a>,
    interrupt: &'a Interrupt,
    tell: &'a mut dyn FnMut(&Event),
    watchers: Watchers,
    simulator: &'a Simulator<'a>,
    track: Track,
    /// Where instances and addresses are while all is well.
    placed: String,
}

impl<S: Stage> Run<'_, S> {
    fn all(&mut self) -> Result<Outcome, StageError> {
        let mut outcome = Outcome::default();
        let well = self.well();
        let mut right: Vec<bool> = well.rows.iter().map(|row| row.verdict == Verdict::Confirmed).collect();
        let wanted: Vec<Option<bool>> = well.rows.iter().map(|row| row.expected.up).collect();
        outcome.acts.push(well);
        let faults = &self.script.choice.faults;
        for (number, fault) in faults.iter().enumerate() {
            if self.interrupt.is_set() {
                outcome.is_cut_short = true;
                break;
            }
            let label = fault.label.clone();
            (self.tell)(&Event::Prepares { number: number + 1, of: faults.len(), label });
            let (act, still_right) = self.fail(fault, &right, &wanted)?;
            if self.interrupt.is_set() {
                // It was not looked at to its end, so nothing is said of it.
                outcome.is_cut_short = true;
                break;
            }
            right = still_right;
            outcome.acts.push(act);
        }
        outcome.stale = self.stale(&outcome);
        Ok(outcome)
    }

    /// All well.
    fn well(&mut self) -> Act {
        (self.tell)(&Event::Settling);
        let (before, after) = (self.simulator.play(&[]), self.simulator.play(&[]));
        let expected = expect(self.script.places.works, &before, &after, &self.script.vector.probes);
        let wanted: Vec<Option<bool>> = expected.iter().map(|expected| expected.up).collect();
        self.track.restart();
        self.observe(&wanted, 1.0, WELL_SECS, false);
        let mut observation = self.observation("nothing");
        // Until it was well for the first time, questions without an answer are no failures of anything.
        observation.seen.iter_mut().for_each(|seen| seen.gaps.clear());
        let rows = self.rows("nothing", &expected, &observation.seen, &vec![true; wanted.len()]);
        let seconds = observation.seconds;
        let (n_probes, wrong) = (rows.len(), self.refuted(&rows));
        let n_known = rows.iter().filter(|row| row.known.is_some()).count();
        (self.tell)(&Event::Well { n_probes, n_known, wrong, seconds });
        Act { fault: None, rows, changes: Vec::new(), seconds, healed: None, seen_with: None }
    }

    fn fail(
        &mut self,
        fault: &Fault,
        right: &[bool],
        wanted: &[Option<bool>],
    ) -> Result<(Act, Vec<bool>), StageError> {
        let together = at_once(self.script.places.works, &fault.parts);
        let simulator = together.as_ref().map(Simulator::new);
        let simulator = simulator.as_ref().unwrap_or(self.simulator);
        let (before, after) = (simulator.play(&[]), simulator.play(&fault.parts));
        let works = together.as_ref().unwrap_or(self.script.places.works);
        let expected = expect(works, &before, &after, &self.script.vector.probes);
        let placement = worst_first(self.script.places, &after);
        let key = key(fault, &placement);
        if let Some(act) = self.seen_before(fault, &key, &expected, right) {
            return Ok((act, right.to_vec()));
        }
        self.place(placement, &masked(wanted, right))?;
        (self.tell)(&Event::Fails);
        self.track.restart();
        self.stage.inject(&fault.acts)?;
        let longest = expected.iter().filter_map(|expected| match expected.within {
            Within::Seconds { most, .. } if expected.up == Some(true) => Some(most),
            _ => None,
        });
        let most = (longest.fold(LEAST_SECS, f64::max) + BEYOND_SECS).min(MOST_SECS);
        let after_it: Vec<Option<bool>> = expected.iter().map(|expected| expected.up).collect();
        self.observe(&masked(&after_it, right), LEAST_SECS, most, true);
        let mut observation = self.observation(&fault.label);
        let mut act = self.act(fault, &observation, &expected, right);
        if self.interrupt.is_set() {
            return Ok((act, right.to_vec()));
        }
        let judged = self.judged(&act);
        (self.tell)(&judged);
        let (healed, still_right) = self.heal(right, wanted)?;
        act.healed = healed;
        // What was seen while something else was wrong is of no use to another run, and neither is what was interrupted.
        if right.iter().all(|right| *right) && !self.interrupt.is_set() {
            observation.healed = healed;
            let line = self.memory.keep(key, observation);
            (self.tell)(&Event::Kept { line });
        }
        Ok((act, still_right))
    }

    /// The failure as it was seen before, when the same was done to the box. One that was refuted then is made to happen again: a prediction that
    /// was mended since may be about something that comes later.
    fn seen_before(
        &mut self,
        fault: &Fault,
        key: &str,
        expected: &[Expected],
        right: &[bool],
    ) -> Option<Act> {
        let observation = self.memory.recall(key)?.clone();
        let mut act = self.act(fault, &observation, expected, right);
        if act.rows.iter().any(|row| matches!(row.verdict, Verdict::Refuted(_)) && row.known.is_none()) {
            return None;
        }
        act.healed = observation.healed;
        act.seen_with = Some(observation.label);
        let judged = self.judged(&act);
        (self.tell)(&judged);
        Some(act)
    }

    /// Puts instances and addresses where the failure will hit them, and waits until all is well there.
    fn place(&mut self, placement: String, wanted: &[Option<bool>]) -> Result<(), StageError> {
        if placement == self.placed {
            return Ok(());
        }
        self.troupe
            .place(&placement)
            .map_err(|error| StageError::new("cannot place the stand-ins", error))?;
        self.placed = placement;
        self.track.restart();
        self.observe(wanted, 3.0, 20.0, false);
        Ok(())
    }

    /// What was seen since the last restart.
    fn observation(&self, label: &str) -> Observation {
        let probes = 0..self.script.vector.probes.len();
        Observation {
            label: label.to_owned(),
            seen: probes.map(|probe| self.track.seen(probe)).collect(),
            changes: self.track.changes.clone(),
            seconds: self.track.seconds(),
            healed: None,
        }
    }

    fn act(&self, fault: &Fault, observation: &Observation, expected: &[Expected], right: &[bool]) -> Act {
        Act {
            fault: Some(fault.clone()),
            rows: self.rows(&fault.id, expected, &observation.seen, right),
            changes: observation.changes.clone(),
            seconds: observation.seconds,
            healed: None,
            seen_with: None,
        }
    }

    fn judged(&self, act: &Act) -> Event {
        let is = |kind: fn(&Verdict) -> bool| act.rows.iter().filter(|row| kind(&row.verdict)).count();
        let counts = [
            is(|verdict| *verdict == Verdict::Confirmed),
            is(|verdict| matches!(verdict, Verdict::Refuted(_))),
            is(|verdict| matches!(verdict, Verdict::NotJudged(_))),
        ];
        let longest = crate::report::gaps(act);
        let seen_with = act.seen_with.clone();
        Event::Judged { seen_with, counts, refuted: self.refuted(&act.rows), longest, seconds: act.seconds }
    }

    /// What is refuted and not known, in words.
    fn refuted(&self, rows: &[Row]) -> Vec<String> {
        let words = |row: &Row| match &row.verdict {
            Verdict::Refuted(difference) if row.known.is_none() => {
                let probe = self.script.vector.probes[row.probe].id();
                Some(format!("{probe}: {} ({})", difference.shown(), row.seen.said))
            }
            _ => None,
        };
        rows.iter().filter_map(words).collect()
    }

    /// Takes the failure back. Seconds until all was well, and which questions are answered as they should be.
    fn heal(
        &mut self,
        right: &[bool],
        wanted: &[Option<bool>],
    ) -> Result<(Option<f64>, Vec<bool>), StageError> {
        self.track.restart();
        self.stage.heal()?;
        self.troupe.revive().map_err(|error| StageError::new("cannot start the stand-ins again", error))?;
        self.watchers.revive().map_err(|error| StageError::new("cannot ask again", error))?;
        let open = self.observe(&masked(wanted, right), 1.0, WELL_SECS, false);
        let seconds = open.is_empty().then(|| self.track.changes.last().map_or(0.0, |(at, ..)| *at));
        if !self.interrupt.is_set() {
            let words = |probe: &usize| {
                let said = self.track.seen(*probe).said;
                format!("{} ({said})", self.script.vector.probes[*probe].id())
            };
            (self.tell)(&Event::Healed { seconds, wrong: open.iter().map(words).collect() });
        }
        let right = right.iter().enumerate().map(|(at, right)| *right && !open.contains(&at)).collect();
        Ok((seconds, right))
    }

    /// Listens until everything is as wanted and stays so, or the time is over. What is not as wanted.
    fn observe(
        &mut self,
        wanted: &[Option<bool>],
        least: f64,
        most: f64,
        aloud: bool,
    ) -> std::collections::BTreeSet<usize> {
        let mut told = 0.0;
        loop {
            if self.track.seconds() >= told + 1.0 {
                told = self.track.seconds();
                (self.tell)(&Event::Waiting { seconds: told, most });
            }
            if let Some(sample) = self.watchers.next(Duration::from_millis(100))
                && let Some((seconds, probe, is_up)) = self.track.add(sample)
                && aloud
            {
                let probe = self.script.vector.probes[probe].id();
                (self.tell)(&Event::Changed { seconds, probe, is_up });
            }
            let seconds = self.track.seconds();
            if seconds < least && !self.interrupt.is_set() {
                continue;
            }
            // Answers to questions that were put after the first second count: by then whatever changes at once has changed.
            let open = self.track.open(wanted, (least - 1.0).max(0.0));
            let is_quiet = open.is_empty() && self.track.quiet() >= QUIET_SECS;
            let is_stuck = !aloud && seconds >= STUCK_SECS && self.track.quiet() >= STUCK_SECS;
            if is_quiet || is_stuck || seconds >= most || self.interrupt.is_set() {
                return open;
            }
        }
    }

    fn rows(&self, fault: &str, expected: &[Expected], seen: &[Seen], right: &[bool]) -> Vec<Row> {
        let row = |(probe, expected): (usize, &Expected)| {
            let seen = seen[probe].clone();
            let verdict = judge(expected, &seen, right[probe]);
            let id = self.script.vector.probes[probe].id();
            let known = self.script.known.iter().find(|(_, known)| known.covers(fault, &id));
            let known = known.filter(|_| matches!(verdict, Verdict::Refuted(_))).map(because);
            Row { probe, expected: expected.clone(), seen, verdict, known }
        };
        expected.iter().enumerate().map(row).collect()
    }

    /// Known differences that were rehearsed and did not show.
    fn stale(&self, outcome: &Outcome) -> Vec<Stale> {
        let id =
            |act: &Act| act.fault.as_ref().map_or_else(|| "nothing".to_owned(), |fault| fault.id.clone());
        let rows = || outcome.acts.iter().flat_map(|act| act.rows.iter().map(move |row| (id(act), row)));
        let is_about = |known: &KnownDifference, (fault, row): &(String, &Row)| {
            known.covers(fault, &self.script.vector.probes[row.probe].id())
        };
        let is_stale = |(_, known): &&(Name, KnownDifference)| {
            let mut about = rows().filter(|row| is_about(known, row)).peekable();
            about.peek().is_some() && about.all(|(_, row)| row.verdict == Verdict::Confirmed)
        };
        let stale = self.script.known.iter().filter(is_stale);
        stale.map(|known| Stale { name: known.0.text.to_string(), because: because(known) }).collect()
    }
}

/// The reason of a known difference.
fn because((_, known): &(Name, KnownDifference)) -> String {
    known.because.as_ref().map(|because| because.text.to_string()).unwrap_or_default()
}

/// Only what was right to begin with is waited for.
fn masked(wanted: &[Option<bool>], right: &[bool]) -> Vec<Option<bool>> {
    wanted.iter().zip(right).map(|(wanted, right)| wanted.filter(|_| *right)).collect()
}
