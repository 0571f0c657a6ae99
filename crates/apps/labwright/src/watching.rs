//! What is shown while machines come up: on a terminal one line a machine that is written anew, elsewhere a plain line
//! for each change worth one.

use crate::error::CommandError;
use crate::ui::Ui;
use lab_box::{Progress, Stage};
use std::time::Duration;

/// Per cent that the installer must have gone on for a plain line of its own.
const STEP: u8 = 25;

pub(crate) struct Watching {
    machines: Vec<(String, Option<Stage>, Duration)>,
    live: bool,
    /// Lines on the screen that are to be written over.
    drawn: usize,
}

impl Watching {
    /// `live` says that stdout is a terminal on which lines can be written over.
    pub(crate) fn new(machines: Vec<String>, live: bool) -> Watching {
        let machines = machines.into_iter().map(|name| (name, None, Duration::ZERO)).collect();
        Watching { machines, live, drawn: 0 }
    }

    /// Shows what happened.
    pub(crate) fn tell(&mut self, step: &Progress, ui: &mut Ui) -> Result<(), CommandError> {
        let seconds = step.elapsed.as_secs_f64();
        let Some(name) = &step.machine else {
            return ui.data(&format!("{seconds:7.1} s  {}\n", step.stage));
        };
        let Some(known) = self.machines.iter_mut().find(|(machine, ..)| machine == name) else {
            return Ok(());
        };
        let before = known.1.replace(step.stage.clone());
        known.2 = step.elapsed;
        if self.live {
            return self.draw(ui);
        }
        let is_small = matches!((&before, &step.stage), (Some(Stage::Installing(last)), Stage::Installing(now))
            if now / STEP == last / STEP);
        if is_small {
            return Ok(());
        }
        ui.data(&format!("{seconds:7.1} s  {name}: {}\n", step.stage))
    }

    fn draw(&mut self, ui: &mut Ui) -> Result<(), CommandError> {
        let mut text = if self.drawn == 0 { String::new() } else { format!("\x1b[{}A", self.drawn) };
        let longest = self.machines.iter().map(|(name, ..)| name.len()).max().unwrap_or(0);
        let width = ui.width();
        for (name, stage, at) in &self.machines {
            let (words, awaited) = match stage {
                Some(stage) => (stage.to_string(), stage.awaited()),
                None => (String::new(), ""),
            };
            let wait = if awaited.is_empty() { String::new() } else { format!("  waiting for {awaited}") };
            let line = format!("{:7.1} s  {name:longest$}  {words:16}{wait}", at.as_secs_f64());
            let line: String = line.chars().take(width.saturating_sub(1)).collect();
            text.push_str(&format!("\r\x1b[2K{line}\n"));
        }
        self.drawn = self.machines.len();
        ui.data(&text)
    }
}
