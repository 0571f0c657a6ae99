//! What is said while a rehearsal goes on, a line for each thing that happens.

use lab_rehearse::{Choice, Event, Vector};

/// Names in one line before the rest is counted.
const NAMES_MAX: usize = 4;

/// What will be done.
pub(super) fn before(vector: &Vector, choice: &Choice, left_out: &[(String, String)]) -> String {
    let mut text = format!(
        "{} failures, {} questions; {} of {} goals cannot be shown, {} questions cannot be asked",
        choice.faults.len(),
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

/// What happens; nothing for what is not worth a line.
pub(super) fn event(event: &Event) -> Option<String> {
    Some(match event {
        Event::Settling => "the box is up; waiting until everything answers".to_owned(),
        Event::Well { n_probes, n_wrong: 0, seconds } => {
            format!("all {n_probes} questions are answered as they should be, after {seconds:.1} s")
        }
        Event::Well { n_probes, n_wrong, seconds } => {
            format!("{n_wrong} of {n_probes} questions differ while nothing has failed, after {seconds:.1} s")
        }
        Event::Fails { number, of, label } => format!("\n[{number}/{of}] {label} fails"),
        Event::Changed { seconds, probe, is_up } => {
            format!("  {seconds:6.1} s  {}  {probe}", if *is_up { "back" } else { "dark" })
        }
        Event::Judged { counts: [confirmed, refuted, not_judged], seconds } => {
            format!("  {seconds:6.1} s  {confirmed} confirmed, {refuted} refuted, {not_judged} not judged")
        }
        Event::Healed { seconds: Some(seconds) } => {
            format!("          healed: all well after {seconds:.1} s")
        }
        Event::Healed { seconds: None } => "          healed, and not all is well again".to_owned(),
    })
}
