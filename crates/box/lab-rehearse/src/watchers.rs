//! The people of a rehearsal: processes at every seat that ask all their questions again and again, and what is known from their answers.

use crate::judge::{Gap, Seen};
use crate::stage::{Stage, StageError};
use crate::vector::Probe;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

/// One answer, or none.
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    probe: usize,
    seat: usize,
    is_up: bool,
    begin: Instant,
    end: Instant,
    said: String,
    /// True when nothing more is asked from there.
    is_last: bool,
}

/// Everybody who asks. Ends them when it goes.
pub(crate) struct Watchers {
    asking: Vec<Asker>,
    program: PathBuf,
    sender: Sender<Sample>,
    samples: Receiver<Sample>,
}

/// Whoever asks from one place, with what starts it again: its machine may lose its power.
struct Asker {
    child: Child,
    /// As long as it is open, questions are asked.
    _input: ChildStdin,
    enter: Vec<String>,
    questions: Vec<Asked>,
}

/// One question of a place: which one, from which seat, and its words.
#[derive(Clone)]
struct Asked {
    probe: usize,
    seat: usize,
    line: String,
}

impl Watchers {
    /// Seats everybody and begins.
    pub(crate) fn start(stage: &impl Stage, probes: &[Probe], program: &Path) -> Result<Self, StageError> {
        let mut at: BTreeMap<String, Vec<Asked>> = BTreeMap::new();
        for (number, probe) in probes.iter().enumerate() {
            let line = probe.question.to_line();
            for (seat, name) in stage.seats(probe.from).into_iter().enumerate() {
                at.entry(name).or_default().push(Asked { probe: number, seat, line: line.clone() });
            }
        }
        let (sender, samples) = channel();
        let mut watchers = Self { asking: Vec::new(), program: program.to_owned(), sender, samples };
        for (name, questions) in at {
            let failed = |source: std::io::Error| StageError::new(format!("cannot ask from {name}"), source);
            let asker = watchers.seat(stage.enter(&name), questions).map_err(failed)?;
            watchers.asking.push(asker);
        }
        Ok(watchers)
    }

    /// Starts those again whose machine was without power.
    ///
    /// # Errors
    /// When a program cannot be started.
    pub(crate) fn revive(&mut self) -> std::io::Result<()> {
        for at in 0..self.asking.len() {
            if self.asking[at].child.try_wait()?.is_some() {
                let (enter, questions) = (self.asking[at].enter.clone(), self.asking[at].questions.clone());
                self.asking[at] = self.seat(enter, questions)?;
            }
        }
        Ok(())
    }

    fn seat(&self, enter: Vec<String>, questions: Vec<Asked>) -> std::io::Result<Asker> {
        let mut words = enter.iter();
        let first = words.next().ok_or_else(|| std::io::Error::other("no way in"))?;
        let mut command = Command::new(first);
        command.args(words).arg(&self.program).args(["stand-in", "--ask"]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let mut input = child.stdin.take().ok_or_else(|| std::io::Error::other("no input"))?;
        let output = child.stdout.take().ok_or_else(|| std::io::Error::other("no output"))?;
        for (number, asked) in questions.iter().enumerate() {
            writeln!(input, "{number} {}", asked.line)?;
        }
        writeln!(input)?;
        let (listening, sender) = (questions.clone(), self.sender.clone());
        std::thread::spawn(move || listen(BufReader::new(output), &listening, &sender));
        Ok(Asker { child, _input: input, enter, questions })
    }

    /// The next answers; none when the time is over or everybody has gone.
    pub(crate) fn next(&self, wait: Duration) -> Option<Sample> {
        match self.samples.recv_timeout(wait) {
            Ok(sample) => Some(sample),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => {
                std::thread::sleep(wait);
                None
            }
        }
    }
}

impl Drop for Watchers {
    fn drop(&mut self) {
        for asker in &mut self.asking {
            // It may have ended by itself.
            drop(asker.child.kill());
            drop(asker.child.wait());
        }
    }
}

/// Passes on what is said until nothing is said any more: then whoever asked is without power, and has no answers.
fn listen(output: impl BufRead, questions: &[Asked], sender: &Sender<Sample>) {
    for line in output.lines().map_while(Result::ok) {
        let Some(sample) = sample(&line, questions, Instant::now()) else { continue };
        if sender.send(sample).is_err() {
            return;
        }
    }
    let now = Instant::now();
    for Asked { probe, seat, .. } in questions {
        let said = "whoever asks is without power".to_owned();
        let silent =
            Sample { probe: *probe, seat: *seat, is_up: false, begin: now, end: now, said, is_last: true };
        // Nobody may listen any more.
        drop(sender.send(silent));
    }
}

/// `NUMBER up|down MILLISECONDS WHAT`.
fn sample(line: &str, questions: &[Asked], end: Instant) -> Option<Sample> {
    let mut words = line.splitn(4, ' ');
    let Asked { probe, seat, .. } = *questions.get(words.next()?.parse::<usize>().ok()?)?;
    let is_up = words.next()? == "up";
    let took = Duration::from_millis(words.next()?.parse().ok()?);
    let said = words.next().unwrap_or_default().to_owned();
    Some(Sample {
        probe,
        seat,
        is_up,
        begin: end.checked_sub(took).unwrap_or(end),
        end,
        said,
        is_last: false,
    })
}

/// What is known of every question since a moment.
pub(crate) struct Track {
    since: Instant,
    rows: Vec<Row>,
    /// Changes since the moment: when, which question, answered or not.
    pub(crate) changes: Vec<(f64, usize, bool)>,
}

#[derive(Clone, Default)]
struct Row {
    /// By seat: whether the last question was answered, and when it was put; none when nothing more is asked.
    seats: BTreeMap<usize, (bool, Option<Instant>)>,
    up: Option<bool>,
    gaps: Vec<(Instant, Option<Instant>, Instant)>,
    said: String,
}

impl Track {
    /// Nothing is known yet.
    pub(crate) fn new(n_probes: usize) -> Self {
        Self { since: Instant::now(), rows: vec![Row::default(); n_probes], changes: Vec::new() }
    }

    /// Begins anew from now; what was answered last stays known.
    pub(crate) fn restart(&mut self) {
        self.since = Instant::now();
        self.changes.clear();
        self.rows.iter_mut().for_each(|row| row.gaps.clear());
    }

    /// Takes an answer in. The change that it brings, if any.
    pub(crate) fn add(&mut self, sample: Sample) -> Option<(f64, usize, bool)> {
        let row = &mut self.rows[sample.probe];
        let begin = (!sample.is_last).then_some(sample.begin);
        row.seats.insert(sample.seat, (sample.is_up, begin));
        let is_up = row.seats.values().any(|(is_up, _)| *is_up);
        if sample.is_up == is_up {
            row.said = sample.said;
        }
        // A question that was put before the failure says nothing of the time after it.
        let is_after = sample.begin >= self.since;
        match row.gaps.last_mut() {
            Some((_, end @ None, last)) => {
                if is_up {
                    *end = Some(sample.begin);
                } else {
                    *last = sample.begin;
                }
            }
            _ if !is_up && is_after => row.gaps.push((sample.begin, None, sample.begin)),
            _ => {}
        }
        let changed = row.up.is_some_and(|was| was != is_up);
        row.up = Some(is_up);
        if !changed {
            return None;
        }
        let change = (sample.end.saturating_duration_since(self.since).as_secs_f64(), sample.probe, is_up);
        self.changes.push(change);
        Some(change)
    }

    /// Seconds since the moment.
    pub(crate) fn seconds(&self) -> f64 {
        self.since.elapsed().as_secs_f64()
    }

    /// Questions of which the last word, put at least `after` seconds after the moment, is not the expected one.
    pub(crate) fn open(&self, expected: &[Option<bool>], after: f64) -> BTreeSet<usize> {
        let fresh = self.since + Duration::from_secs_f64(after);
        let is_open = |(row, expected): (&Row, &Option<bool>)| match expected {
            None => false,
            Some(expected) => {
                row.up != Some(*expected)
                    || row.seats.values().any(|(_, begin)| begin.is_some_and(|begin| begin < fresh))
            }
        };
        self.rows
            .iter()
            .zip(expected)
            .enumerate()
            .filter(|(_, row)| is_open(*row))
            .map(|(at, _)| at)
            .collect()
    }

    /// How long nothing has changed, in seconds.
    pub(crate) fn quiet(&self) -> f64 {
        self.seconds() - self.changes.last().map_or(0.0, |(at, ..)| *at)
    }

    /// What was seen of a question.
    pub(crate) fn seen(&self, probe: usize) -> Seen {
        let row = &self.rows[probe];
        let at = |moment: Instant| moment.saturating_duration_since(self.since).as_secs_f64();
        let gap = |(from, to, last): &(Instant, Option<Instant>, Instant)| Gap {
            from: at(*from),
            to: to.map(at),
            least: last.saturating_duration_since(*from).as_secs_f64(),
        };
        Seen { up: row.up, gaps: row.gaps.iter().map(gap).collect(), said: row.said.clone() }
    }
}
