//! `labwright check --watch`: checks again after every change and prints what the change brought and removed.
//!
//! Folders are watched, not files, since editors save by putting a new file in the place of the old one. Runs until interrupted, or
//! until nobody reads its output.

use super::check::{self, CheckArgs, removed_line, scope, verdict_words};
use crate::analysis::{self, Analysis};
use crate::difference::Difference;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::input;
use crate::ui::Ui;
use lab_source::Diagnostic;
use notify::{Event, EventKind, RecursiveMode, Watcher};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

/// A save is several events; this long without another one, and it is over.
const SETTLED: Duration = Duration::from_millis(20);

/// Checks now and after every change.
pub(crate) fn watch(args: &CheckArgs, ui: &mut Ui) -> Result<Exit, CommandError> {
    let root = input::load(&args.lab)?.root;
    let failed = |source: notify::Error| {
        CommandError::failed(format!("cannot watch {}", root.display())).caused_by(source)
    };
    let (sender, events) = channel();
    // Events that nobody receives any more come only while the program ends.
    let mut watcher = notify::recommended_watcher(move |event| drop(sender.send(event))).map_err(failed)?;
    watcher.watch(&root, RecursiveMode::Recursive).map_err(failed)?;

    let mut last = check::analyse(args)?;
    check::print(&last, args, ui)?;
    ui.say("watching; end with Ctrl-C");
    while !ui.is_closed() && wait_for_change(&events) {
        match check::analyse(args) {
            Ok(next) => {
                print_change(&last, &next, args, ui)?;
                last = next;
            }
            // The lab may be in pieces for a moment, for instance during a checkout.
            Err(error) => ui.error(&error),
        }
    }
    Ok(Exit::Done)
}

/// Waits until files have changed and settled. False when the watcher has ended.
fn wait_for_change(events: &Receiver<notify::Result<Event>>) -> bool {
    loop {
        match events.recv() {
            Ok(event) if is_change(&event) => break,
            Ok(_) => {}
            Err(_) => return false,
        }
    }
    loop {
        match events.recv_timeout(SETTLED) {
            Ok(_) => {}
            Err(RecvTimeoutError::Timeout) => return true,
            Err(RecvTimeoutError::Disconnected) => return false,
        }
    }
}

/// True unless files were only opened or read, or lie in a hidden folder such as `.git`. A lost event counts as a change.
fn is_change(event: &notify::Result<Event>) -> bool {
    match event {
        Ok(event) => {
            let is_hidden = |path: &std::path::PathBuf| {
                path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'))
                    || path.components().any(|part| part.as_os_str() == ".git")
            };
            !matches!(event.kind, EventKind::Access(_)) && !event.paths.iter().all(is_hidden)
        }
        Err(_) => true,
    }
}

fn print_change(last: &Analysis, next: &Analysis, args: &CheckArgs, ui: &mut Ui) -> Result<(), CommandError> {
    let difference = Difference::between(&last.findings, &next.findings);
    if difference.is_empty() {
        return ui.data(&format!("no change: {}\n", verdict_words(next)));
    }
    let brought: Vec<Diagnostic> = difference.brought.iter().map(|&idx| next.findings[idx].clone()).collect();
    ui.data(&analysis::render(&next.files, &brought, args.format, &ui.text_style()))?;
    for &idx in &difference.removed {
        ui.data(&removed_line(last, &last.findings[idx]))?;
    }
    ui.data(&format!("{}: {}\n", scope(next), verdict_words(next)))
}
