//! The dead man's switch: a change that takes itself back unless somebody outside confirms that the system can still be reached.
//!
//! Before the first step the system is given a program of its own, with the old files beside it, that waits and then puts
//! everything back. It needs neither Labwright nor a connection. Confirming and taking back both begin with making one
//! folder; only one of them can, so a change is never confirmed and taken back.

use crate::apply::{Outcome, apply};
use crate::plan::{Plan, Step};
use crate::record;
use crate::world::{World, WorldError};
use std::fmt::Write;

/// Where the program and the old files stand during a change.
const FOLDER: &str = "var/lib/labwright/change";

/// Where a guarded change is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Phase {
    /// The system will take the change back by itself; nothing is changed yet.
    Armed,
    /// All steps are done.
    Applied,
    /// Somebody outside saw that it works.
    Verified,
    /// It stays.
    Confirmed,
    /// It is being taken back, or will be.
    Reverting,
    /// Everything is as it was.
    Reverted,
}

/// What happens to a guarded change.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Event {
    /// All steps succeeded.
    Applied,
    /// A step failed.
    Failed,
    /// The look from outside was good.
    Reachable,
    /// It was not.
    Unreachable,
    /// The folder that decides could be made by who confirms.
    Claimed,
    /// It was made by who takes back.
    TooLate,
    /// Time is over.
    Expired,
    /// The old files are back.
    Restored,
}

/// Where a change goes from a phase. What does not concern a phase leaves it as it is; nothing leads from [`Phase::Confirmed`] or
/// [`Phase::Reverted`] anywhere, and to the first only [`Event::Claimed`] does, after the look from outside.
pub fn next_phase(phase: Phase, event: Event) -> Phase {
    match (phase, event) {
        (Phase::Armed, Event::Applied) => Phase::Applied,
        (Phase::Applied, Event::Reachable) => Phase::Verified,
        (Phase::Verified, Event::Claimed) => Phase::Confirmed,
        (Phase::Armed | Phase::Applied | Phase::Verified, Event::Failed | Event::Unreachable) => {
            Phase::Reverting
        }
        (Phase::Armed | Phase::Applied | Phase::Verified, Event::TooLate | Event::Expired) => {
            Phase::Reverting
        }
        (Phase::Reverting, Event::Restored) => Phase::Reverted,
        (phase, _) => phase,
    }
}

/// How a guarded change ended.
#[derive(Debug)]
pub struct Guarded {
    /// How the steps ended.
    pub outcome: Outcome,
    /// Where the change is: [`Phase::Confirmed`], or [`Phase::Reverting`] when the system takes it back when its time is over.
    pub phase: Phase,
}

/// Applies a plan so that it is taken back after `seconds` unless `is_reachable` says that all is well.
///
/// # Errors
/// When the switch cannot be armed. Nothing is changed then.
pub fn apply_guarded(
    plan: &Plan,
    seconds: u32,
    world: &mut dyn World,
    is_reachable: &mut dyn FnMut() -> bool,
) -> Result<Guarded, WorldError> {
    if !plan.refusals.is_empty() || plan.is_empty() {
        return Ok(Guarded { outcome: apply(plan, world), phase: Phase::Confirmed });
    }
    arm(plan, seconds, world)?;
    let mut phase = Phase::Armed;
    let outcome = apply(plan, world);
    phase = next_phase(phase, if outcome.is_good() { Event::Applied } else { Event::Failed });
    if phase == Phase::Applied {
        phase = next_phase(phase, if is_reachable() { Event::Reachable } else { Event::Unreachable });
    }
    if phase == Phase::Verified {
        let claimed = world.claim(&format!("{FOLDER}/decided")).unwrap_or(false);
        phase = next_phase(phase, if claimed { Event::Claimed } else { Event::TooLate });
    }
    Ok(Guarded { outcome, phase })
}

/// Puts the old files and the program that restores them on the system, and starts it.
fn arm(plan: &Plan, seconds: u32, world: &mut dyn World) -> Result<(), WorldError> {
    world.run(&["rm", "-rf", concat!("{root}/", "var/lib/labwright/change")])?;
    for (path, was) in old_files(plan) {
        if let Some(was) = was {
            world.write(&format!("{FOLDER}/before/{path}"), &was, false)?;
        }
    }
    world.write(&format!("{FOLDER}/revert"), revert_script(plan, seconds).as_bytes(), true)?;
    world.run(&["setsid", "--fork", concat!("{root}/", "var/lib/labwright/change", "/revert")])
}

/// What the plan changes, with what it was; the record as well.
fn old_files(plan: &Plan) -> Vec<(String, Option<Vec<u8>>)> {
    let files = plan.steps.iter().filter_map(|step| match step {
        Step::Write { path, was, .. } => Some((path.clone(), was.clone())),
        Step::Remove { path, was } => Some((path.clone(), Some(was.clone()))),
        Step::Reload(_) => None,
    });
    let had_record = !plan.before.files.is_empty();
    let record = (record::PATH.to_owned(), had_record.then(|| plan.before.to_text().into_bytes()));
    files.chain([record]).collect()
}

/// The program that takes a plan back after `seconds`. A shell script, so that a person can read it and run it at once with
/// `now` as its argument.
pub fn revert_script(plan: &Plan, seconds: u32) -> String {
    let mut text = format!(
        "#!/bin/sh\n\
         # Written by Labwright. Takes generation {} back unless it is confirmed within {seconds} s; at once with the argument `now`.\n\
         here=$(cd \"$(dirname \"$0\")\" && pwd) || exit 1\n\
         root=${{here%/{FOLDER}}}\n\
         exec >\"$here/log\" 2>&1 </dev/null\n\
         [ \"$1\" = now ] || sleep {seconds}\n\
         # Whoever makes this folder decides; there is no second.\n\
         mkdir \"$here/decided\" || exit 0\n",
        plan.generation
    );
    let mut line = |words: String| writeln!(text, "{words}").expect("a string takes all");
    for (path, was) in old_files(plan) {
        line(match was {
            Some(_) => format!("cp -p \"$here/before/{path}\" \"$root/{path}\""),
            None => format!("rm -f \"$root/{path}\""),
        });
    }
    for step in &plan.steps {
        if let Step::Reload(unit) = step {
            let words = unit.reload.iter().map(|word| format!("\"{}\"", word.replace("{root}", "$root")));
            line(words.collect::<Vec<_>>().join(" "));
        }
    }
    line("touch \"$here/reverted\"".to_owned());
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVENTS: [Event; 8] = [
        Event::Applied,
        Event::Failed,
        Event::Reachable,
        Event::Unreachable,
        Event::Claimed,
        Event::TooLate,
        Event::Expired,
        Event::Restored,
    ];

    /// All traces of six events: confirmed only after applied, seen from outside and claimed; nothing leaves an end.
    #[test]
    fn a_change_is_confirmed_or_taken_back_never_both() {
        let mut confirmed = 0;
        for trace in 0..8usize.pow(6) {
            let mut phase = Phase::Armed;
            let mut seen = Vec::new();
            for place in 0..6 {
                let event = EVENTS[trace / 8usize.pow(place) % 8];
                let next = next_phase(phase, event);
                if matches!(phase, Phase::Confirmed | Phase::Reverted) {
                    assert_eq!(next, phase);
                }
                if next != phase {
                    seen.push(next);
                }
                phase = next;
            }
            let both = seen.contains(&Phase::Confirmed) && seen.contains(&Phase::Reverting);
            assert!(!both, "{seen:?}");
            if phase == Phase::Confirmed {
                assert_eq!(seen, [Phase::Applied, Phase::Verified, Phase::Confirmed]);
                confirmed += 1;
            }
        }
        assert!(confirmed > 0);
    }
}
