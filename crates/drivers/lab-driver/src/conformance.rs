//! What every driver must hold to. Each function tries one promise and returns how it is broken, so that a test of a driver is
//! one line and says what is wrong.

use crate::apply::{Outcome, apply};
use crate::plan::{Refusal, Step, observe, plan};
use crate::power::{BootDevice, Power, PowerError};
use crate::record::PATH;
use crate::rendering::Rendering;
use crate::world::Memory;

/// The state of the lab that the tries begin with.
const GENERATION: u64 = 7;

/// More changes than any rendering has.
const CHANGES_MAX: usize = 1000;

/// Every broken promise of what `render` makes. `other` makes the files of a second state of the lab.
pub fn faults(render: &dyn Fn() -> Rendering, other: &dyn Fn() -> Rendering) -> Vec<String> {
    let mut faults = Vec::new();
    if render() != render() {
        faults.push("the same lab gives other files the second time".to_owned());
    }
    faults.extend(file_faults(&render()));
    faults.extend(second_plan_is_empty(&render()));
    for cut in 0..CHANGES_MAX {
        match cut_and_go_on(&render(), &other(), cut) {
            Ok(true) => break,
            Ok(false) => {}
            Err(fault) => faults.push(fault),
        }
    }
    faults.extend(foreign_files_stay(&render()));
    faults.extend(older_is_refused(&render(), &other()));
    faults
}

/// Every broken promise of a power switch. The machine behind it is switched on and off, and is on at the end.
pub fn power_faults(switch: &mut dyn Power) -> Vec<String> {
    type Move = (&'static str, fn(&mut dyn Power) -> Result<(), PowerError>, bool);
    // Each twice: a repetition is no error. A reset is tried on a machine that is off and on one that is on.
    let moves: [Move; 8] = [
        ("on", |it| it.on(), true),
        ("on again", |it| it.on(), true),
        ("off", |it| it.off(), false),
        ("off again", |it| it.off(), false),
        ("reset while off", |it| it.reset(), true),
        ("reset while on", |it| it.reset(), true),
        ("boot from the network", |it| it.boot_first(BootDevice::Network), true),
        ("boot from the disk", |it| it.boot_first(BootDevice::Disk), true),
    ];
    let mut faults = Vec::new();
    for (name, step, on_afterwards) in moves {
        match step(switch) {
            Ok(()) => {}
            // What follows from a move that is not made is not known.
            Err(PowerError::Unable(_)) => continue,
            Err(error) => faults.push(format!("`{name}` failed: {error}")),
        }
        match switch.is_on() {
            Ok(is_on) if is_on != on_afterwards => faults.push(format!("on is {is_on} after `{name}`")),
            Err(PowerError::Failed(why)) => faults.push(format!("after `{name}` it cannot look: {why}")),
            Ok(_) | Err(PowerError::Unable(_)) => {}
        }
    }
    faults
}

/// Every file says who wrote it, ends with a line, and stands below the root.
fn file_faults(rendering: &Rendering) -> Vec<String> {
    let mut faults = Vec::new();
    for (path, file) in &rendering.files {
        let head: Vec<&str> = file.text.lines().take(4).collect();
        if !head.iter().any(|line| line.contains("Labwright")) {
            faults.push(format!("{path} does not say that Labwright wrote it"));
        }
        if !file.text.ends_with('\n') {
            faults.push(format!("{path} does not end with a line"));
        }
        if path.starts_with('/') || path.split('/').any(|part| matches!(part, "" | "." | "..")) {
            faults.push(format!("{path} is no path below the root"));
        }
    }
    faults
}

fn bring(rendering: &Rendering, generation: u64, world: &mut Memory) -> Result<Outcome, String> {
    let observed = observe(rendering, world).map_err(|error| error.to_string())?;
    Ok(apply(&plan(rendering, generation, &observed), world))
}

fn is_settled(rendering: &Rendering, generation: u64, world: &mut Memory) -> Result<bool, String> {
    let observed = observe(rendering, world).map_err(|error| error.to_string())?;
    Ok(plan(rendering, generation, &observed).is_empty())
}

fn second_plan_is_empty(rendering: &Rendering) -> Option<String> {
    let mut world = Memory::default();
    let outcome = bring(rendering, GENERATION, &mut world).ok()?;
    if !outcome.is_good() {
        return Some(format!("the first application ended as {outcome:?}"));
    }
    let settled = is_settled(rendering, GENERATION, &mut world).unwrap_or(false);
    (!settled).then(|| "the plan after an application is not empty".to_owned())
}

/// From the state `other` to `rendering`, cut after `cut` changes, then once more without a cut. True when `cut` is past the end.
fn cut_and_go_on(rendering: &Rendering, other: &Rendering, cut: usize) -> Result<bool, String> {
    let mut world = Memory::default();
    bring(other, GENERATION, &mut world)?;
    world.left = Some(cut);
    let first = bring(rendering, GENERATION + 1, &mut world)?;
    world.left = None;
    let second = bring(rendering, GENERATION + 1, &mut world)?;
    if !second.is_good() {
        return Err(format!("cut after {cut} changes, going on ended as {second:?}"));
    }
    if !is_settled(rendering, GENERATION + 1, &mut world)? {
        return Err(format!("cut after {cut} changes, the plan is not empty after going on"));
    }
    for (path, file) in &rendering.files {
        if world.files.get(path).map(Vec::as_slice) != Some(file.text.as_bytes()) {
            return Err(format!("cut after {cut} changes, {path} is not as it should be"));
        }
    }
    // Whatever was written before the cut has been taken up since.
    for (path, file) in &rendering.files {
        let Some(unit) = file.unit else { continue };
        let seen = world.seen_by.get(&unit.reload.join(" ")).and_then(|files| files.get(path));
        if seen.map(Vec::as_slice) != Some(file.text.as_bytes()) {
            return Err(format!("cut after {cut} changes, {} did not take up {path}", unit.name));
        }
    }
    Ok(first.is_good())
}

fn foreign_files_stay(rendering: &Rendering) -> Vec<String> {
    let mut faults = Vec::new();
    for path in rendering.files.keys() {
        let mut world = Memory::default();
        world.files.insert(path.clone(), b"mine\n".to_vec());
        world.files.insert("etc/somebody/elses".to_owned(), b"mine too\n".to_vec());
        let before = world.files.clone();
        match bring(rendering, GENERATION, &mut world) {
            Ok(Outcome::Refused(why)) if why.contains(&Refusal::Foreign { path: path.clone() }) => {}
            other => faults.push(format!("{path} was somebody else's, and the end was {other:?}")),
        }
        if world.files != before || !world.ran.is_empty() {
            faults.push(format!("{path} was somebody else's, and something was changed"));
        }
    }
    faults
}

fn older_is_refused(rendering: &Rendering, other: &Rendering) -> Option<String> {
    let mut world = Memory::default();
    bring(rendering, GENERATION, &mut world).ok()?;
    let before = world.files.clone();
    match bring(other, GENERATION - 1, &mut world).ok()? {
        Outcome::Refused(why) if matches!(why[..], [Refusal::Older { .. }, ..]) => {}
        outcome => return Some(format!("an older generation ended as {outcome:?}")),
    }
    (world.files != before).then(|| "an older generation changed something".to_owned())
}

/// The paths that an application of `rendering` to an empty system writes, the record included.
pub fn paths(rendering: &Rendering) -> Vec<String> {
    let observed = crate::plan::Observed::default();
    let plan = plan(rendering, GENERATION, &observed);
    let written = plan.steps.iter().filter_map(|step| match step {
        Step::Write { path, .. } => Some(path.clone()),
        _ => None,
    });
    written.chain([PATH.to_owned()]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rendering::Unit;
    use crate::{Phase, apply_guarded};

    static DAEMON: Unit = Unit { name: "daemon", reload: &["reload-daemon", "{root}/etc/a"], check: &[] };

    fn rendering(text: &str, extra: bool) -> Rendering {
        let mut rendering = Rendering::default();
        rendering.add("etc/a", Some(&DAEMON), format!("# Written by Labwright\n{text}\n"));
        rendering.add_program("etc/b", "#!/bin/sh\n# Written by Labwright\n".to_owned());
        if extra {
            rendering.add("etc/c", None, "# Written by Labwright\n".to_owned());
        }
        rendering
    }

    #[test]
    fn the_contract_holds_for_plain_files() {
        assert_eq!(faults(&|| rendering("new", false), &|| rendering("old", true)), Vec::<String>::new());
    }

    #[test]
    fn a_cut_before_a_reload_is_made_up_for() {
        let mut world = Memory { broken: vec!["reload-daemon".to_owned()], ..Memory::default() };
        let first = bring(&rendering("new", false), 1, &mut world).unwrap();
        assert!(matches!(first, Outcome::Failed { n_done: 2, .. }), "{first:?}");
        world.broken.clear();
        bring(&rendering("new", false), 1, &mut world).unwrap();
        assert_eq!(world.ran, ["reload-daemon {root}/etc/a"]);
        assert!(is_settled(&rendering("new", false), 1, &mut world).unwrap());
    }

    #[test]
    fn a_change_is_confirmed_only_when_seen_from_outside() {
        for (reachable, expect) in [(true, Phase::Confirmed), (false, Phase::Reverting)] {
            let mut world = Memory::default();
            let rendering = rendering("new", false);
            let observed = observe(&rendering, &mut world).unwrap();
            let plan = plan(&rendering, 1, &observed);
            let guarded = apply_guarded(&plan, 60, &mut world, &mut || reachable).unwrap();
            assert_eq!(guarded.phase, expect);
            let script = String::from_utf8(world.files["var/lib/labwright/change/revert"].clone()).unwrap();
            assert!(script.contains("rm -f \"$root/etc/a\"") && script.contains("sleep 60"), "{script}");
        }
    }
}
