//! Events of the netboot service as a line for people and as a JSON value.

use lab_netboot::{Event, EventKind};
use serde_json::{Value, json};

/// One line, with its end.
pub(super) fn text(event: &Event) -> String {
    let at = jiff::Timestamp::try_from(event.at).map(|at| at.strftime("%H:%M:%S").to_string());
    let who = match (&event.machine, event.mac) {
        (Some(machine), _) => machine.clone(),
        (None, Some(mac)) => mac.to_string(),
        (None, None) => "netboot".into(),
    };
    format!("{}  {who:16}  {}\n", at.unwrap_or_default(), words(&event.kind))
}

fn words(kind: &EventKind) -> String {
    match kind {
        EventKind::Seen { client } => format!("asks: {client}"),
        EventKind::Offered { address, boot_file } => {
            let address = address.map_or("no address".into(), |address| address.to_string());
            let boot = boot_file.as_ref().map_or("nothing to boot".into(), |file| format!("boot {file}"));
            format!("is offered {address}, {boot}")
        }
        EventKind::Acked { address } => format!("has {address}"),
        EventKind::LoaderFetched { file } => format!("has fetched the boot program {file}"),
        EventKind::ScriptFetched { install: true } => "has fetched its script: install".into(),
        EventKind::ScriptFetched { install: false } => "has fetched its script: boot from the disk".into(),
        EventKind::KernelFetched => "has fetched its kernel".into(),
        EventKind::InitrdFetched => "has fetched an initial file system".into(),
        EventKind::ImageProgress { percent } => format!("image {percent} %"),
        EventKind::Reported { stage, detail } if detail.is_empty() => format!("reports: {stage}"),
        EventKind::Reported { stage, detail } => {
            let plain = detail.replace(|c: char| c.is_control(), " ");
            format!("reports: {stage}: {plain}")
        }
        EventKind::PermitOpened => "may install itself once".into(),
        EventKind::PermitClosed => "may not install itself any more".into(),
        EventKind::Declined { address } => format!("declined {address}: somebody else uses it"),
        EventKind::Refused { reason } => format!("refused: {reason}"),
        EventKind::UnknownMachine => "is not a machine of the lab".into(),
        EventKind::RivalServer { segment, address } => {
            format!("another DHCP server answers on {segment}: {address}")
        }
        EventKind::Fault { what } => format!("fault: {what}"),
    }
}

/// One JSON value, with the end of its line.
pub(super) fn json(event: &Event) -> String {
    let (name, facts) = facts(&event.kind);
    let mut value = json!({
        "version": 1,
        "event": name,
        "at": jiff::Timestamp::try_from(event.at).map(|at| at.to_string()).ok(),
        "machine": event.machine,
        "mac": event.mac.map(|mac| mac.to_string()),
    });
    if let (Value::Object(value), Value::Object(facts)) = (&mut value, facts) {
        value.extend(facts);
    }
    format!("{value}\n")
}

fn facts(kind: &EventKind) -> (&'static str, Value) {
    match kind {
        EventKind::Seen { client } => ("seen", json!({ "client": client })),
        EventKind::Offered { address, boot_file } => {
            ("offered", json!({ "address": address, "boot_file": boot_file }))
        }
        EventKind::Acked { address } => ("acked", json!({ "address": address })),
        EventKind::LoaderFetched { file } => ("loader-fetched", json!({ "file": file })),
        EventKind::ScriptFetched { install } => ("script-fetched", json!({ "install": install })),
        EventKind::KernelFetched => ("kernel-fetched", json!({})),
        EventKind::InitrdFetched => ("initrd-fetched", json!({})),
        EventKind::ImageProgress { percent } => ("image-progress", json!({ "percent": percent })),
        EventKind::Reported { stage, detail } => ("reported", json!({ "stage": stage, "detail": detail })),
        EventKind::PermitOpened => ("permit-opened", json!({})),
        EventKind::PermitClosed => ("permit-closed", json!({})),
        EventKind::Declined { address } => ("declined", json!({ "address": address })),
        EventKind::Refused { reason } => ("refused", json!({ "reason": reason })),
        EventKind::UnknownMachine => ("unknown-machine", json!({})),
        EventKind::RivalServer { segment, address } => {
            ("rival-server", json!({ "segment": segment, "address": address }))
        }
        EventKind::Fault { what } => ("fault", json!({ "what": what })),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, SystemTime};

    #[test]
    fn an_event_is_one_line_in_either_form() {
        let event = Event {
            at: SystemTime::UNIX_EPOCH + Duration::from_secs(3661),
            mac: "52:54:00:00:00:01".parse().ok(),
            machine: Some("node-1".into()),
            kind: EventKind::Reported { stage: "failed".into(), detail: "no disk\nhere".into() },
        };
        assert_eq!(text(&event), "01:01:01  node-1            reports: failed: no disk here\n");
        let expect = r#"{"version":1,"event":"reported","at":"1970-01-01T01:01:01Z","machine":"node-1","mac":"52:54:00:00:00:01","stage":"failed","detail":"no disk\nhere"}"#;
        assert_eq!(json(&event), format!("{expect}\n"));
    }
}
