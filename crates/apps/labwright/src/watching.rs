//! What is shown while machines come up: on a terminal one line a machine that is written anew, with a clock; elsewhere
//! a plain line for each change worth one.

use crate::error::CommandError;
use crate::ui::Ui;
use anstyle::{AnsiColor, Style};
use lab_box::{BoxPlan, Progress, Stage};
use std::time::Duration;

/// Per cent that an installer must have gone on for a plain line of its own.
const STEP: u8 = 25;
/// Columns of a stage in words: `installing 100 %`.
const STAGE: usize = 16;
const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::BrightRed.on_default().bold();
const QUIET: Style = Style::new().dimmed();

/// One machine as it was last heard of.
struct Line {
    name: String,
    /// The machine that must be up before it is started.
    after: Option<String>,
    stage: Option<Stage>,
    at: Duration,
}

pub(crate) struct Watching {
    machines: Vec<Line>,
    live: bool,
    /// Lines on the screen that are to be written over.
    drawn: usize,
}

impl Watching {
    /// `live` says that stdout is a terminal on which lines can be written over.
    pub(crate) fn new(plan: &BoxPlan, live: bool) -> Watching {
        let line = |machine: &lab_box::Machine| Line {
            name: machine.name.clone(),
            after: machine.after.clone(),
            stage: None,
            at: Duration::ZERO,
        };
        Watching { machines: plan.machines.iter().map(line).collect(), live, drawn: 0 }
    }

    /// Shows what happened.
    pub(crate) fn tell(&mut self, step: &Progress, ui: &mut Ui) -> Result<(), CommandError> {
        // More lines than the terminal has cannot be written over.
        let live = self.live && self.machines.len() < ui.height();
        let seconds = step.elapsed.as_secs();
        let Some(name) = &step.machine else {
            return match (&step.stage, live && self.drawn > 0) {
                (Stage::Waiting, true) => self.draw(step.elapsed, ui),
                (Stage::Waiting, false) => Ok(()),
                (stage, _) => ui.data(&format!("{seconds:5} s  {stage}\n")),
            };
        };
        let Some(known) = self.machines.iter_mut().find(|line| line.name == *name) else { return Ok(()) };
        let before = known.stage.replace(step.stage.clone());
        known.at = step.elapsed;
        if live {
            return self.draw(step.elapsed, ui);
        }
        if is_small(before.as_ref(), &step.stage) {
            return Ok(());
        }
        ui.data(&format!("{seconds:5} s  {name}: {}\n", step.stage))
    }

    fn draw(&mut self, now: Duration, ui: &mut Ui) -> Result<(), CommandError> {
        let mut text = if self.drawn == 0 { String::new() } else { format!("\x1b[{}A", self.drawn) };
        let longest = self.machines.iter().map(|line| line.name.chars().count()).max().unwrap_or(0);
        let width = ui.width().saturating_sub(1);
        for line in &self.machines {
            text.push_str(&format!("\r\x1b[2K{}\n", line.text(now, longest, width)));
        }
        self.drawn = self.machines.len();
        ui.data(&text)
    }
}

impl Line {
    fn text(&self, now: Duration, longest: usize, width: usize) -> String {
        let Some(stage) = &self.stage else {
            let after = self.after.as_ref().map_or_else(String::new, |leader| format!(" for {leader}"));
            return format!("{:longest$}  {QUIET}waits{after}{QUIET:#}", self.name);
        };
        let (word, style, rest) = match stage {
            Stage::Verified => (stage.to_string(), GOOD, String::new()),
            Stage::Failed(why) => ("failed".to_owned(), BAD, why.clone()),
            _ => (stage.to_string(), Style::new(), format!("waiting for {}", stage.awaited())),
        };
        let seconds = if stage.is_final() { self.at } else { now }.as_secs();
        let room = width.saturating_sub(longest + STAGE + 13);
        let rest: String = rest.chars().take(room).collect();
        let line = format!("{:longest$}  {style}{word:STAGE$}{style:#}  {seconds:4} s", self.name);
        if rest.is_empty() { line } else { format!("{line}   {QUIET}{rest}{QUIET:#}") }
    }
}

/// True for a step of the installer that is worth no line of its own.
fn is_small(before: Option<&Stage>, now: &Stage) -> bool {
    match (before, now) {
        (Some(Stage::Installing(last)), Stage::Installing(now))
        | (Some(Stage::Loading(last)), Stage::Loading(now)) => now / STEP == last / STEP,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_of_a_machine_stops_when_it_is_verified() {
        let line = |stage| Line {
            name: "node-1".into(),
            after: None,
            stage: Some(stage),
            at: Duration::from_secs(70),
        };
        let now = Duration::from_secs(95);
        let plain = |line: &Line, width| anstream::adapter::strip_str(&line.text(now, 8, width)).to_string();
        assert_eq!(plain(&line(Stage::Verified), 80).trim_end(), "node-1    verified            70 s");
        assert_eq!(
            plain(&line(Stage::Installing(7)), 80),
            "node-1    installing 7 %      95 s   waiting for the end of the installation"
        );
        assert_eq!(
            plain(&line(Stage::Failed("no disk has it".into())), 44),
            "node-1    failed              70 s   no disk"
        );
    }

    #[test]
    fn only_quarters_of_an_installation_are_told() {
        for (before, now, expect) in [(10, 20, true), (20, 26, false), (99, 100, false)] {
            assert_eq!(is_small(Some(&Stage::Installing(before)), &Stage::Installing(now)), expect);
        }
        assert!(!is_small(Some(&Stage::Kernel), &Stage::Installing(1)));
    }
}
