//! "It fits on one machine less": whether what runs in a cluster finds memory once any one of its workers is gone.

use super::{Aspect, Witness};
use crate::forecast::{Forecast, words};
use crate::simulate::placement::{Fit, Item, LeftOut, Refusal, fit};
use crate::simulate::{Scene, Simulator};
use crate::works::{Cluster, MachineId};
use lab_model::ThingId;
use lab_model::written::Claim;
use std::collections::BTreeSet;

/// Takes each worker away in turn and places everything anew.
pub(super) fn judge(forecast: &Forecast<'_>, claim: &Claim) -> Vec<Aspect> {
    if !claim.fits_without_one.as_ref().is_some_and(|fits| fits.value) {
        return Vec::new();
    }
    let of: BTreeSet<ThingId> = claim.of.ids().collect();
    let clusters = forecast.works.clusters.iter();
    let meant: Vec<&Cluster> = clusters
        .filter(|cluster| !cluster.workers.is_empty() && (of.is_empty() || of.contains(&cluster.thing)))
        .collect();
    if meant.is_empty() {
        return vec![Aspect::not_judged(
            "it fits without any one machine",
            "No cluster with workers is meant.",
        )];
    }
    meant.into_iter().map(|cluster| judge_cluster(forecast, cluster)).collect()
}

fn judge_cluster(forecast: &Forecast<'_>, cluster: &Cluster) -> Aspect {
    let works = &forecast.works;
    let simulator = Simulator::new(works);
    let said = format!(
        "what runs on {} fits without any one of its {} machines",
        cluster.label,
        cluster.workers.len()
    );
    let before: BTreeSet<Item> = fit(&simulator.play(&[])).left_out.iter().map(|left| left.item).collect();
    let mut silent: BTreeSet<String> = BTreeSet::new();
    let mut waiting: BTreeSet<String> = BTreeSet::new();
    let mut tightest: Option<(u64, String)> = None;
    for gone in &cluster.workers {
        let scene = simulator.play_without(&[], &[*gone]);
        let found = fit(&scene);
        let new = found.left_out.iter().filter(|left| !before.contains(&left.item));
        // An instance that waits for its machine while enough others work is missed by nobody.
        let (waits, homeless): (Vec<&LeftOut>, Vec<&LeftOut>) =
            new.partition(|left| is_spared(forecast, &scene, &found, left));
        if !homeless.is_empty() {
            return homeless_without(forecast, said, *gone, &found, &homeless);
        }
        waiting.extend(waits.into_iter().map(|left| label(forecast, left.item).to_owned()));
        if found.gave_up {
            return Aspect::not_judged(said, format!("Without {} the search gave up.", works[*gone].label));
        }
        silent.extend(found.unknown_items.iter().map(|item| label(forecast, *item).to_owned()));
        silent.extend(found.unknown_machines.iter().map(|machine| works[*machine].label.clone()));
        let spare = spare(forecast, cluster, *gone);
        if tightest.as_ref().is_none_or(|(known, _)| spare < *known) {
            tightest = Some((spare, works[*gone].label.clone()));
        }
    }
    if !silent.is_empty() {
        let n = silent.len();
        let why = format!(
            "Nobody says how much memory {n} of the services and machines take or have: {}.",
            words::names(silent.iter().map(String::as_str))
        );
        return Aspect::not_judged(said, why);
    }
    let left = tightest.map_or_else(String::new, |(bytes, without)| {
        format!(" Without {without}, {} of memory are on the others, for everything.", gib(bytes))
    });
    let spared = match waiting.is_empty() {
        true => String::new(),
        false => format!(
            " An instance of {} waits until its machine is back, while others work.",
            words::names(waiting.iter().map(String::as_str))
        ),
    };
    Aspect::proved(
        said,
        format!("For each there is a placement by memory and by what stays apart.{left}{spared}"),
    )
}

/// True when no memory is short for it, and its service works without it.
fn is_spared(forecast: &Forecast<'_>, scene: &Scene<'_>, found: &Fit, left: &LeftOut) -> bool {
    let Item::Instance(service, _) = left.item else { return false };
    let is_short = left.refusals.iter().any(|(_, refusal)| matches!(refusal, Refusal::Short(_)));
    let placed =
        found.assigned.iter().filter(|(item, _)| matches!(item, Item::Instance(id, _) if *id == service));
    let works = placed.count() as u32 >= forecast.works[service].needed;
    !is_short && works && scene.state().services[service.index()].works
}

fn homeless_without(
    forecast: &Forecast<'_>,
    said: String,
    gone: MachineId,
    found: &Fit,
    homeless: &[&LeftOut],
) -> Aspect {
    let without = &forecast.works[gone].label;
    let (stuck, short): (Vec<&LeftOut>, Vec<&LeftOut>) =
        homeless.iter().partition(|left| left.refusals.is_empty());
    let mut phrases = Vec::new();
    if !short.is_empty() {
        let labels = words::names(short.iter().map(|left| label(forecast, left.item)));
        phrases.push(format!("Without {without} there is no room for {labels}.{}", room(found)));
    }
    if !stuck.is_empty() {
        let labels = words::names(stuck.iter().map(|left| label(forecast, left.item)));
        phrases.push(format!(
            "Without {without} no other machine has what {labels} may have there: data on a local disk, a card, a label."
        ));
    }
    Aspect::refuted(said, phrases.join(" ")).with(refusals(forecast, gone, homeless))
}

/// Memory on the other workers.
fn spare(forecast: &Forecast<'_>, cluster: &Cluster, gone: MachineId) -> u64 {
    let others = cluster.workers.iter().filter(|worker| **worker != gone);
    others.filter_map(|worker| forecast.works[*worker].memory).sum()
}

fn label<'f>(forecast: &'f Forecast<'_>, item: Item) -> &'f str {
    match item {
        Item::Vm(machine) => &forecast.works[machine].label,
        Item::Instance(service, _) => &forecast.works[service].label,
    }
}

fn room(fit: &Fit) -> String {
    match fit.wanted > fit.room {
        true => format!(" {} are wanted where there are {}.", gib(fit.wanted), gib(fit.room)),
        false => String::new(),
    }
}

/// Why each machine that is left refuses what is left out.
fn refusals(forecast: &Forecast<'_>, gone: MachineId, homeless: &[&LeftOut]) -> Vec<Witness> {
    let works = &forecast.works;
    let mut facts = vec![Witness::new(format!("gone: {}", works[gone].label), works[gone].span)];
    for left in homeless {
        let refusals: Vec<String> = left
            .refusals
            .iter()
            .map(|(machine, refusal)| {
                let why = match refusal {
                    Refusal::Short(bytes) => format!("{} short", gib(*bytes)),
                    Refusal::Spread => "has another instance of it".to_owned(),
                    Refusal::Apart(service) => {
                        format!("has {}, and the two stay apart", works[*service].label)
                    }
                };
                format!("{} {why}", works[*machine].label)
            })
            .collect();
        let why =
            if refusals.is_empty() { "nothing else can run it".to_owned() } else { refusals.join("; ") };
        let size = if left.needs == 0 { String::new() } else { format!(" ({})", gib(left.needs)) };
        facts.push(Witness::new(format!("{}{size}: {why}", label(forecast, left.item)), None));
    }
    facts
}

fn gib(bytes: u64) -> String {
    const GIB: f64 = 1_073_741_824.0;
    format!("{:.1} GiB", bytes as f64 / GIB).replace(".0 GiB", " GiB")
}

#[cfg(test)]
mod tests {
    use super::super::tests::verdicts;

    #[test]
    fn memory_decides() {
        let lab = |memory: &str| {
            format!(
                "
devices: {{ n1..3: {{ role: server, memory: 8 GiB }} }}
hosts: {{ h1..3: {{ on: n1..3 }} }}
clusters: {{ k: {{ kind: kubernetes, members: h1..3, members-work: true }} }}
services: {{ 'a(1,2,3)': {{ on: cluster/k, memory: {memory} }} }}
promises: {{ it: {{ says: it, claim: {{ fits-without-one: true, of: cluster/k }} }} }}
"
            )
        };
        assert_eq!(verdicts(&lab("2 GiB")), ["proved"]);
        assert_eq!(verdicts(&lab("6 GiB")), ["REFUTED"]);
    }
}
