//! "Any so many may fail and ... goes on", "without this, ... goes on", "only these are single points of failure".

use super::target::{failing, outcomes, parts_of_thing};
use super::{Aspect, Witness, why, without};
use crate::answers::{Forecast, Harm, harm_words, names_words, parts_words};
use crate::works::{Fate, Outcome, PartId, Subject};
use lab_model::written::{Claim, Failing, Keeps};
use std::collections::BTreeSet;

/// Proves that no set of up to so many failures of the kind takes what is kept, or gives the smallest that does.
pub(super) fn judge(forecast: &Forecast<'_>, claim: &Claim) -> Vec<Aspect> {
    let Some(survives) = &claim.survives else { return Vec::new() };
    let what = claim.of_any.as_ref().map_or(Failing::Parts, |what| what.value);
    let keeps = claim.keeps.as_ref().map_or(Keeps::Service, |keeps| keeps.value);
    let n = survives.value as usize;
    let chosen = failing(forecast, what, &claim.of);
    let targets = outcomes(forecast, &claim.of, keeps);
    let said = format!("any {n} of {} {what} fail, and {keeps} is kept", chosen.len());
    if targets.is_empty() {
        return vec![Aspect::not_judged(said, format!("Nothing that keeps {keeps} is described for it."))];
    }
    if chosen.is_empty() {
        return vec![Aspect::not_judged(said, format!("The lab has no {what}."))];
    }
    if n > forecast.order {
        let why = format!("Sets of {n} failures were not computed; `--order {n}` does.");
        return vec![Aspect::not_judged(said, why)];
    }
    // A cluster can decide or not, whatever becomes of single services on it: two questions.
    let is_cluster = |at: &usize| matches!(forecast.compiled.outcomes[*at].0.subject, Subject::Cluster(_));
    let (clusters, rest): (Vec<usize>, Vec<usize>) = targets.iter().partition(|at| is_cluster(at));
    let everything = claim.of.ids().next().is_none();
    if everything || clusters.is_empty() || rest.is_empty() {
        return vec![verdict(forecast, said, n, &chosen, &targets)];
    }
    let decides = format!("any {n} of {} {what} fail, and the cluster can still decide", chosen.len());
    let runs = format!("any {n} of {} {what} fail, and what runs on the cluster is there", chosen.len());
    vec![verdict(forecast, decides, n, &chosen, &clusters), verdict(forecast, runs, n, &chosen, &rest)]
}

fn verdict(
    forecast: &Forecast<'_>,
    said: String,
    n: usize,
    chosen: &BTreeSet<PartId>,
    targets: &[usize],
) -> Aspect {
    let (broken, targets): (Vec<usize>, Vec<usize>) =
        targets.iter().partition(|at| forecast.cut_sets(**at).is_always);
    for order in 1..=n {
        if let Some(set) = smallest(forecast, order, chosen, &targets) {
            return refuted(forecast, said, &set, &targets);
        }
    }
    if !broken.is_empty() {
        let labels = broken.iter().map(|at| forecast.works.label(forecast.compiled.outcomes[*at].0.subject));
        let rest = if targets.is_empty() { "" } else { " The rest would hold." };
        let why = format!(
            "As the lab is described, this does not work even while all is well: {}.{rest}",
            names_words(labels)
        );
        return Aspect::not_judged(said, why);
    }
    if targets.iter().any(|at| forecast.cut_sets(*at).complete_to < n) {
        return Aspect::not_judged(said, "Some outcome has more cut sets than are kept.");
    }
    let n_sets = n_subsets(chosen.len(), n);
    let sets = match n {
        1 => format!("None of {n_sets} single failures"),
        _ => format!("None of the {n_sets} sets of up to {n} of {}", chosen.len()),
    };
    let watched: Vec<Outcome> = targets.iter().map(|at| forecast.compiled.outcomes[*at].0).collect();
    let margin = why::margin(forecast, &watched, n).join(" ");
    let of = match targets.len() {
        1 => "it".to_owned(),
        many => format!("any of the {many} outcomes that are watched"),
    };
    let why = format!("{sets} brings {of} about. {margin}");
    Aspect::proved(said, why.trim_end())
}

/// A smallest cut set of that order within the chosen parts; among several the one that does the most harm.
fn smallest(
    forecast: &Forecast<'_>,
    order: usize,
    chosen: &BTreeSet<PartId>,
    targets: &[usize],
) -> Option<Vec<PartId>> {
    let within = |set: &Vec<PartId>| set.iter().all(|part| chosen.contains(part));
    let mut sets: BTreeSet<Vec<PartId>> = BTreeSet::new();
    for at in targets {
        let all = forecast.cut_sets(*at).sets(order);
        let mut parts = all.map(|set| set.iter().map(|event| PartId(event.index() as u32)).collect());
        sets.extend(parts.find(within));
    }
    let n_hit = |set: &Vec<PartId>| {
        let holding = forecast.holds_after(set);
        targets.iter().filter(|at| holding.contains(at)).count()
    };
    sets.into_iter().max_by_key(n_hit)
}

fn refuted(forecast: &Forecast<'_>, said: String, set: &[PartId], targets: &[usize]) -> Aspect {
    let holding = forecast.holds_after(set);
    let hit = targets.iter().filter(|at| holding.contains(at)).map(|at| forecast.compiled.outcomes[*at].0);
    let hit: Vec<_> = hit.collect();
    let stopped: Vec<&str> = hit
        .iter()
        .filter(|outcome| matches!(outcome.fate, Fate::Off | Fate::Down))
        .map(|outcome| forecast.works.label(outcome.subject))
        .collect();
    // What has an explanation is not counted up as well.
    let told = why::explain(forecast, set, &hit);
    let rest = hit.iter().copied().filter(|outcome| {
        matches!(outcome.subject, Subject::Vantage(_)) || matches!(outcome.fate, Fate::GoneFor(_))
    });
    let mut what = harm_words(forecast, &Harm::of(forecast, rest));
    if !stopped.is_empty() {
        what.push(format!("stopped: {}", names_words(stopped)));
    }
    if what.is_empty() && told.is_empty() {
        what = harm_words(forecast, &Harm::of(forecast, hit.iter().copied()));
    }
    let mut witness: Vec<Witness> = set
        .iter()
        .map(|part| {
            Witness::new(format!("fails: {}", forecast.works[*part].label), forecast.works[*part].span)
        })
        .collect();
    witness.extend(hit.iter().map(|outcome| {
        let label = forecast.works.label(outcome.subject);
        Witness::new(
            format!("then: {label} {}", fate_words(outcome.fate)),
            forecast.works.span(outcome.subject),
        )
    }));
    let short = if what.is_empty() { Vec::new() } else { vec![format!("{}.", what.join("; "))] };
    let sentences: Vec<String> = short.into_iter().chain(told).collect();
    let because = format!("Without {}: {}", parts_words(forecast, set), sentences.join(" "));
    Aspect::refuted(said, because).with(witness)
}

fn fate_words(fate: Fate) -> &'static str {
    match fate {
        Fate::Off => "is off",
        Fate::Down => "does not run",
        Fate::NoQuorum => "cannot decide",
        Fate::NoInternet => "has no Internet",
        Fate::GoneFor(_) | Fate::Gone => "is gone",
        Fate::Stopped => "cannot be read and written",
        Fate::Lost => "is lost",
    }
}

/// How many sets of one to `k` of `n` there are.
fn n_subsets(n: usize, k: usize) -> u64 {
    let mut all: u64 = 0;
    let mut choose: u64 = 1;
    for taken in 1..=k as u64 {
        choose = choose.saturating_mul((n as u64).saturating_sub(taken - 1)) / taken;
        all = all.saturating_add(choose);
    }
    all
}

/// Lets the named things fail together. Of data, copies may be left, and of power, minutes on battery: those claims are of other families.
pub(super) fn judge_losing(forecast: &Forecast<'_>, claim: &Claim) -> Vec<Aspect> {
    let Some(keeps) = claim.keeps.as_ref().filter(|_| !claim.losing.is_empty()) else { return Vec::new() };
    if keeps.value == Keeps::Data || claim.battery.is_some() {
        return Vec::new();
    }
    let lost: Vec<PartId> = claim
        .losing
        .ids()
        .flat_map(|thing| parts_of_thing(forecast, thing))
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    let names: Vec<&str> = claim.losing.items.iter().map(|item| &*item.text).collect();
    let said = format!("without {}, {} is kept", names.join(", "), keeps.value);
    let targets = outcomes(forecast, &claim.of, keeps.value);
    if lost.is_empty() && !targets.is_empty() {
        let things: Vec<_> = claim.losing.ids().collect();
        return vec![without::of_things(forecast, said, &claim.of, &things)];
    }
    if lost.is_empty() || targets.is_empty() {
        let missing = if lost.is_empty() { "what fails" } else { "what is kept" };
        return vec![Aspect::not_judged(said, format!("The description does not say enough of {missing}."))];
    }
    let holding = forecast.holds_after(&lost);
    if targets.iter().any(|at| holding.contains(at)) {
        return vec![refuted(forecast, said, &lost, &targets)];
    }
    let told = why::explain(forecast, &lost, &[]).join(" ");
    let why = format!("Nothing of it hangs on {} alone. {told}", parts_words(forecast, &lost));
    vec![Aspect::proved(said, why.trim_end())]
}

/// Compares the single points of failure with those the owner names.
pub(super) fn judge_single_points(forecast: &Forecast<'_>, claim: &Claim) -> Vec<Aspect> {
    if !claim.only_single_points.as_ref().is_some_and(|only| only.value) {
        return Vec::new();
    }
    let keeps = claim.keeps.as_ref().map_or(Keeps::Service, |keeps| keeps.value);
    let named: BTreeSet<_> = claim.of.ids().collect();
    let is_named = |part: &PartId| forecast.works[*part].thing.is_some_and(|thing| named.contains(&thing));
    let single = single_points(forecast, keeps, claim);
    let names: Vec<&str> = claim.of.items.iter().map(|item| &*item.text).collect();
    let said = format!("the single points of failure of {keeps} are {}", names.join(", "));
    let others: Vec<PartId> = single.iter().copied().filter(|part| !is_named(part)).collect();
    if others.is_empty() {
        let why = format!(
            "{} single failures take more than themselves, all of them pieces of what is named.",
            single.len()
        );
        return vec![Aspect::proved(said, why)];
    }
    let witness = others.iter().map(|part| {
        Witness::new(format!("also: {}", forecast.works[*part].label), forecast.works[*part].span)
    });
    let why = format!("There are others: {}.", parts_words(forecast, &others));
    vec![Aspect::refuted(said, why).with(witness)]
}

/// Parts that take more than the thing they are a piece of.
fn single_points(forecast: &Forecast<'_>, keeps: Keeps, claim: &Claim) -> BTreeSet<PartId> {
    let targets: BTreeSet<usize> = match keeps {
        // Every unit has itself as a single point of failure; what takes others with it is what is meant.
        Keeps::Power => outcomes(forecast, &lab_model::Refs { items: Vec::new(), span: None }, keeps)
            .into_iter()
            .collect(),
        _ => outcomes(forecast, &claim.of, keeps).into_iter().collect(),
    };
    let works = &forecast.works;
    let takes_others = |part: &PartId| {
        let own = works[*part].thing;
        forecast.holds_after(&[*part]).iter().any(|at| {
            let subject = forecast.compiled.outcomes[*at].0.subject;
            targets.contains(at) && works.thing(subject) != own
        })
    };
    (0..works.parts.len() as u32).map(PartId).filter(takes_others).collect()
}
