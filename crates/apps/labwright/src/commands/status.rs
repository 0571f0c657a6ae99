//! `labwright status`: what the box is doing now.

use super::box_name::BoxArgs;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::ui::Ui;
use clap::Args;
use lab_box::wired::ServiceRecord;
use lab_box::{AggregateNow, BoxDirs, PoolNow, Stage, StateError, Status};
use std::collections::{BTreeMap, BTreeSet};

/// Show which machines of the box run and how far they are
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  labwright status               the box of the lab around this folder, or the only one
  labwright status labs/starter
  labwright status --format json")]
pub(crate) struct StatusArgs {
    #[command(flatten)]
    which: BoxArgs,
    /// How to print it
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = StatusFormat::Text)]
    format: StatusFormat,
}

/// How to print it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
enum StatusFormat {
    /// A table
    Text,
    /// One JSON document
    Json,
}

/// Prints the state of the box.
pub(crate) fn run_status(args: &StatusArgs, ui: &mut Ui) -> Result<Exit, CommandError> {
    let dirs = BoxDirs::of_user();
    let id = args.which.find(&dirs)?;
    let unseen = |error| CommandError::usage("the box cannot be looked at").caused_by(error);
    let status = lab_box::status(&dirs, &id).map_err(unseen)?;
    let pools = match lab_box::pools_now(&dirs, &id) {
        Ok(pools) => pools,
        // A box of another kind has none.
        Err(StateError::Absent { .. }) => Vec::new(),
        Err(error) => return Err(unseen(error)),
    };
    ui.data(&match args.format {
        StatusFormat::Text => table(&status) + &kept(&pools),
        StatusFormat::Json => json(&status, &pools),
    })?;
    Ok(Exit::Done)
}

fn state(status: &Status) -> &'static str {
    match (status.complete, status.in_progress) {
        (true, _) => "up",
        (false, true) => "coming up",
        (false, false) => "left half made by a run that ended; `labwright down` removes it",
    }
}

fn words(stage: Option<&Stage>) -> String {
    stage.map_or_else(|| "nothing yet".to_owned(), Stage::to_string)
}

fn table(status: &Status) -> String {
    let width = status.machines.iter().map(|machine| machine.name.len()).max().unwrap_or(0).max(7);
    let mut text = format!("box {}: {}\n", status.id, state(status));
    text.push_str(&format!("{:width$}  {:15}  {:10}  last said\n", "machine", "address", "power"));
    for machine in &status.machines {
        let address = match machine.address {
            none if none.is_unspecified() => "-".to_owned(),
            some => some.to_string(),
        };
        // A namespace has no serial line on which it could say anything.
        let said = if machine.power == "namespace" { "-".to_owned() } else { words(machine.stage.as_ref()) };
        text.push_str(&format!("{:width$}  {address:15}  {:10}  {said}\n", machine.name, machine.power));
    }
    text + &played(&status.services) + &aggregated(&status.aggregates)
}

/// Which link of each aggregate carries, at either end.
fn aggregated(aggregates: &[(String, AggregateNow)]) -> String {
    let line = |(machine, now): &(String, AggregateNow)| {
        let way = if now.way == "lacp" { "LACP" } else { "no protocol" };
        let over = now.over.as_deref().map_or("no link carries".to_owned(), |over| format!("over {over}"));
        let partner = now.partner.as_deref().map_or(String::new(), |partner| format!(", partner {partner}"));
        format!("{} on {machine}: {way}, {over}{partner}\n", now.name)
    };
    let lines: String = aggregates.iter().map(line).collect();
    if lines.is_empty() { lines } else { format!("\naggregates\n{lines}") }
}

/// What becomes of the pools of a wired box when they are used.
fn kept(pools: &[(String, String, PoolNow)]) -> String {
    let line = |(node, pool, now): &(String, String, PoolNow)| {
        let can = match (now.reads, now.writes) {
            (true, true) => "reads and writes",
            (true, false) => "reads what is in memory, writes nothing",
            (false, true) => "writes, and what it had is not there",
            (false, false) => "neither reads nor writes",
        };
        format!("{pool} on {node}: {}, {can}\n", now.health)
    };
    let lines: String = pools.iter().map(line).collect();
    if lines.is_empty() { lines } else { format!("\npools\n{lines}") }
}

/// Who plays the services of a wired box: a line for each real program, one for all listeners.
fn played(services: &[(String, ServiceRecord)]) -> String {
    let mut by: BTreeMap<&str, BTreeMap<&str, BTreeSet<&str>>> = BTreeMap::new();
    for (machine, own) in services {
        let program = own.software.as_deref().unwrap_or_default();
        by.entry(program).or_default().entry(machine).or_default().insert(&own.service);
    }
    let listeners = by.remove("");
    let mut text = String::new();
    for (program, machines) in by {
        let at = machines.into_iter().map(|(machine, services)| {
            format!("{machine} ({})", services.into_iter().collect::<Vec<_>>().join(", "))
        });
        text.push_str(&format!("real      {program}: {}\n", at.collect::<Vec<_>>().join(", ")));
    }
    if let Some(machines) = listeners {
        let names: BTreeSet<&str> = machines.values().flatten().copied().collect();
        text.push_str(&format!(
            "stand-in  listeners that say a name: {}\n",
            names.into_iter().collect::<Vec<_>>().join(", ")
        ));
    }
    if text.is_empty() { text } else { format!("\nservices\n{text}") }
}

fn json(status: &Status, pools: &[(String, String, PoolNow)]) -> String {
    let machines: Vec<_> = status
        .machines
        .iter()
        .map(|machine| {
            serde_json::json!({
                "name": machine.name,
                "hostname": machine.hostname,
                "address": machine.address.to_string(),
                "power": machine.power,
                "stage": machine.stage.as_ref().map(Stage::word),
            })
        })
        .collect();
    let services: Vec<_> = status
        .services
        .iter()
        .map(|(machine, own)| {
            serde_json::json!({
                "machine": machine,
                "service": own.service,
                "ports": own.ports,
                "program": own.software,
            })
        })
        .collect();
    let aggregates: Vec<_> = status
        .aggregates
        .iter()
        .map(|(machine, now)| {
            serde_json::json!({
                "machine": machine,
                "aggregate": now.name,
                "way": now.way,
                "over": now.over,
                "partner": now.partner,
            })
        })
        .collect();
    let pools: Vec<_> = pools
        .iter()
        .map(|(machine, pool, now)| {
            serde_json::json!({
                "machine": machine,
                "pool": pool,
                "health": now.health,
                "reads": now.reads,
                "writes": now.writes,
            })
        })
        .collect();
    let value = serde_json::json!({
        "version": 1,
        "box": status.id,
        "namespace": status.namespace,
        "complete": status.complete,
        "in_progress": status.in_progress,
        "machines": machines,
        "services": services,
        "aggregates": aggregates,
        "pools": pools,
    });
    format!("{value:#}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn real_programs_are_told_from_stand_ins() {
        let at = |machine: &str, service: &str, ports: &str, software: Option<&str>| {
            let (service, ports) = (service.to_owned(), ports.to_owned());
            (machine.to_owned(), ServiceRecord { service, ports, software: software.map(str::to_owned) })
        };
        let services = [
            at("b", "shop", "80/tcp 443/tcp", Some("nginx")),
            at("b", "fair", "80/tcp 443/tcp", Some("nginx")),
            at("a", "wiki", "80/tcp", Some("nginx")),
            at("a", "mail", "25/tcp", None),
            at("b", "mail", "25/tcp", None),
        ];
        assert_eq!(
            played(&services),
            "\nservices\nreal      nginx: a (wiki), b (fair, shop)\nstand-in  listeners that say a name: mail\n"
        );
        assert_eq!(played(&[]), "");
        let over = |over: Option<&str>| AggregateNow {
            name: "bond0".into(),
            way: "lacp".into(),
            over: over.map(str::to_owned),
            partner: over.map(|_| "02:6c:77:00:00:01".to_owned()),
        };
        assert_eq!(
            aggregated(&[("node".into(), over(Some("eth1"))), ("switch".into(), over(None))]),
            "\naggregates\nbond0 on node: LACP, over eth1, partner 02:6c:77:00:00:01\nbond0 on switch: LACP, no link carries\n"
        );
        let now = PoolNow { health: "DEGRADED".into(), reads: true, writes: true };
        assert_eq!(
            kept(&[("nas".into(), "tank".into(), now)]),
            "\npools\ntank on nas: DEGRADED, reads and writes\n"
        );
    }
}
