//! What `up --format json` prints: one value a line, an event each. The first line carries the version of them all; a
//! later version may add keys and events, and takes none away.

use crate::error::CommandError;
use lab_box::{BoxPlan, Footprint, Progress, Report, Stage};
use std::time::Duration;

const VERSION: u32 = 1;

/// The first line: what is about to come up.
pub(super) fn start(
    plan: &BoxPlan,
    footprint: Option<&Footprint>,
    left_out: &[(String, String)],
    errors: usize,
) -> String {
    let machines: Vec<&str> = plan.machines.iter().map(|machine| machine.name.as_str()).collect();
    let left_out: Vec<_> =
        left_out.iter().map(|(name, why)| serde_json::json!({"machine": name, "why": why})).collect();
    line(&serde_json::json!({
        "version": VERSION,
        "event": "start",
        "box": plan.id,
        "machines": machines,
        "left_out": left_out,
        "memory_mib": footprint.map(|footprint| footprint.memory_mib),
        "disk_mib": footprint.map(|footprint| footprint.disk_mib),
        "stand_ins": footprint.map_or(&plan.stand_ins, |footprint| &footprint.stand_ins),
        "errors_in_lab": errors,
    }))
}

/// A step; nothing for one that only lets a clock go on.
pub(super) fn progress(step: &Progress) -> Option<String> {
    let (percent, detail) = match &step.stage {
        Stage::Waiting => return None,
        Stage::Installing(percent) | Stage::Loading(percent) => (Some(percent), None),
        Stage::Preparing(words) | Stage::Failed(words) => (None, Some(words)),
        _ => (None, None),
    };
    Some(line(&serde_json::json!({
        "event": "progress",
        "seconds": seconds(step.elapsed),
        "machine": step.machine,
        "stage": step.stage.word(),
        "percent": percent,
        "detail": detail,
    })))
}

/// The last line, when the machines had power.
pub(super) fn result(report: &Report) -> String {
    let row = |row: &lab_box::Row| {
        serde_json::json!({
            "machine": row.machine,
            "fact": row.fact,
            "asked": row.asked,
            "observed": row.observed,
            "ok": row.ok,
        })
    };
    let machine = |(name, stage): &(String, Stage)| serde_json::json!({"machine": name, "stage": stage.word(), "words": stage.to_string()});
    line(&serde_json::json!({
        "event": "result",
        "as_described": report.is_as_described(),
        "seconds": seconds(report.elapsed),
        "prepared_seconds": seconds(report.prepared),
        "stand_ins": report.footprint.stand_ins,
        "not_checked": report.not_checked,
        "machines": report.machines.iter().map(machine).collect::<Vec<_>>(),
        "rows": report.rows.iter().map(row).collect::<Vec<_>>(),
    }))
}

/// The last line, when it came to nothing.
pub(super) fn failed(error: &CommandError) -> String {
    let causes = error.causes();
    line(&serde_json::json!({
        "event": "failed",
        "exit": error.exit() as u8,
        "message": error.to_string(),
        "causes": causes,
    }))
}

fn seconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 10.0).round() / 10.0
}

fn line(value: &serde_json::Value) -> String {
    format!("{value}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_a_line_and_a_tick_is_none() {
        let step =
            |stage| Progress { elapsed: Duration::from_millis(1234), machine: Some("a".into()), stage };
        assert_eq!(
            progress(&step(Stage::Installing(40))).unwrap(),
            "{\"event\":\"progress\",\"seconds\":1.2,\"machine\":\"a\",\"stage\":\"installing\",\"percent\":40,\
             \"detail\":null}\n"
        );
        assert_eq!(progress(&step(Stage::Waiting)), None);
        let failed = progress(&step(Stage::Failed("two\nlines".into()))).unwrap();
        assert_eq!(failed.lines().count(), 1);
    }

    #[test]
    fn a_failure_is_the_last_line_with_its_exit_code() {
        let error = CommandError::refused("it does not fit").caused_by("too little memory");
        assert_eq!(
            failed(&error),
            "{\"event\":\"failed\",\"exit\":5,\"message\":\"it does not fit\",\"causes\":[\"too little memory\"]}\n"
        );
    }
}
