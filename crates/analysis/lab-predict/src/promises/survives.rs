//! "Any so many may fail, and ... goes on": no set of up to so many failures may hold a cut set of what is kept.

use super::refutation::refuted;
use super::target::{Failable, outcomes, undescribed};
use super::verdict::Verdict;
use super::{Aspect, margin, rebuilds, takeover, within};
use crate::forecast::{Forecast, words};
use crate::simulate::Simulator;
use crate::works::{Fate, Outcome, PartId, Subject};
use lab_model::written::{Claim, Failing, Keeps};
use std::collections::BTreeSet;

/// Proves that no set of up to so many failures of the kind takes what is kept, or gives the smallest that does.
pub(super) fn judge(forecast: &Forecast<'_>, claim: &Claim) -> Vec<Aspect> {
    let Some(survives) = &claim.survives else { return Vec::new() };
    let what = claim.of_any.as_ref().map_or(Failing::Parts, |what| what.value);
    let keeps = claim.keeps.as_ref().map_or(Keeps::Service, |keeps| keeps.value);
    if keeps == Keeps::Redundancy {
        return rebuilds::judge(forecast, claim);
    }
    let question =
        Question { n: survives.value as usize, chosen: Failable::of(forecast, what, &claim.of), keeps };
    let targets = outcomes(forecast, &claim.of, keeps);
    let said = question.said(&keeps.to_string());
    if let Some(why) = question.cannot_be_asked(forecast, &targets) {
        return vec![Aspect::not_judged(said, why)];
    }
    // A cluster can decide or not, whatever becomes of single services on it: two questions.
    let is_cluster = |at: &usize| matches!(forecast.compiled.outcomes[*at].0.subject, Subject::Cluster(_));
    let (clusters, rest): (Vec<usize>, Vec<usize>) = targets.iter().partition(|at| is_cluster(at));
    let everything = claim.of.ids().next().is_none();
    if everything || clusters.is_empty() || rest.is_empty() {
        let aspect = question.verdict(forecast, said, &targets);
        return vec![question.with_takeovers(forecast, claim, aspect)];
    }
    let runs = match keeps {
        Keeps::Network => "the way to the addresses of what runs on the cluster",
        _ => "what runs on the cluster",
    };
    vec![
        question.verdict(forecast, question.said("the cluster's API"), &clusters),
        question.with_takeovers(forecast, claim, question.verdict(forecast, question.said(runs), &rest)),
    ]
}

/// So many of these fail.
struct Question {
    n: usize,
    chosen: Failable,
    keeps: Keeps,
}

impl Question {
    /// `any 2 of 6 drives may fail, and data is kept`.
    fn said(&self, kept: &str) -> String {
        format!("any {} of {} {} may fail, and {kept} is kept", self.n, self.chosen.n, self.chosen.what)
    }

    /// Why it is no question to this lab.
    fn cannot_be_asked(&self, forecast: &Forecast<'_>, targets: &[usize]) -> Option<String> {
        let (n, what) = (self.n, self.chosen.what);
        if targets.is_empty() {
            return Some(format!("Nothing that keeps {} is described for it.", self.keeps));
        }
        if n == 0 {
            return Some("With no failure there is nothing to survive.".to_owned());
        }
        if self.chosen.n < n {
            return Some(format!("The lab describes {} {what}.", self.chosen.n));
        }
        (n > forecast.order).then(|| format!("Sets of {n} failures were not computed; `--order {n}` does."))
    }

    fn verdict(&self, forecast: &Forecast<'_>, said: String, targets: &[usize]) -> Aspect {
        let (broken, targets): (Vec<usize>, Vec<usize>) =
            targets.iter().partition(|at| forecast.cut_sets(**at).is_always);
        for order in 1..=self.n {
            if let Some(set) = self.smallest(forecast, order, &targets) {
                let aspect = refuted(forecast, said, &set, &targets);
                return self.with_the_rest(forecast, aspect, &targets);
            }
        }
        if !broken.is_empty() {
            let labels = subjects(forecast, &broken);
            let rest = if targets.is_empty() { "" } else { " The rest would hold." };
            let why = format!(
                "As the lab is described, this does not work even while all is well: {labels}.{rest}"
            );
            return Aspect::not_judged(said, why);
        }
        if targets.iter().any(|at| forecast.cut_sets(*at).complete_to < self.n) {
            return Aspect::not_judged(said, "Some outcome has more cut sets than are kept.");
        }
        let what = Some(self.chosen.what);
        let unsaid: BTreeSet<String> =
            targets.iter().filter_map(|at| undescribed(forecast, *at, what)).collect();
        if !unsaid.is_empty() {
            let unsaid = words::names(unsaid.iter().map(String::as_str));
            let rest = if targets.len() > 1 { " The rest would hold." } else { "" };
            return Aspect::not_judged(said, format!("Nobody says {unsaid}.{rest}"));
        }
        let watched: Vec<Outcome> = targets.iter().map(|at| forecast.compiled.outcomes[*at].0).collect();
        let explained: Vec<Outcome> = match self.keeps {
            // How long an instance takes to start is not a matter of the network.
            Keeps::Network => watched.into_iter().filter(|outcome| outcome.fate != Fate::Gone).collect(),
            _ => watched,
        };
        let margin = margin::of(forecast, &explained, self.n, self.chosen.what).join(" ");
        let why =
            format!("{} {} {}. {margin}", self.tried(), takes(self.keeps), subjects(forecast, &targets));
        Aspect::proved(said, why.trim_end())
    }

    /// `None of the 21 sets of up to 2 of 6 drives`.
    fn tried(&self) -> String {
        let (n, all, what) = (self.n, self.chosen.n, self.chosen.what);
        match n {
            1 => format!("None of the {all} {what} alone"),
            _ => format!("None of the {} sets of up to {n} of {all} {what}", n_subsets(all, n)),
        }
    }

    /// A smallest cut set of that order within the chosen parts; among several the one that does the most harm.
    fn smallest(&self, forecast: &Forecast<'_>, order: usize, targets: &[usize]) -> Option<Vec<PartId>> {
        let sets: BTreeSet<Vec<PartId>> =
            targets.iter().filter_map(|at| self.first_set(forecast, order, *at)).collect();
        let n_hit = |set: &Vec<PartId>| {
            let holding = forecast.holds_after(set);
            targets.iter().filter(|at| holding.contains(at)).count()
        };
        sets.into_iter().max_by_key(n_hit)
    }

    /// The first cut set of an outcome within the chosen parts.
    fn first_set(&self, forecast: &Forecast<'_>, order: usize, at: usize) -> Option<Vec<PartId>> {
        let all = forecast.cut_sets(at).sets(order);
        let mut sets =
            all.map(|set| -> Vec<PartId> { set.iter().map(|event| PartId(event.index() as u32)).collect() });
        sets.find(|set| {
            set.iter().all(|part| self.chosen.parts.contains(part)) && self.is_meant(forecast, set, at)
        })
    }

    /// False where a claim on the network meets a service that does not run: the way to it is not what is gone. An address that nobody
    /// can move is.
    fn is_meant(&self, forecast: &Forecast<'_>, set: &[PartId], at: usize) -> bool {
        let works = &forecast.works;
        match forecast.compiled.outcomes[at].0.subject {
            Subject::Service(id) if self.keeps == Keeps::Network => {
                let simulator = Simulator::new(works);
                let scene = simulator.play(set);
                let mover = works[id].front.and_then(|front| works[front].moved_by);
                let is_stuck = mover.is_some_and(|mover| !scene.state().clusters[mover.index()].held);
                is_stuck || scene.state().services[id.index()].works
            }
            _ => true,
        }
    }

    /// With who takes over which address after each single failure, where the network is what goes on.
    fn with_takeovers(&self, forecast: &Forecast<'_>, claim: &Claim, mut aspect: Aspect) -> Aspect {
        let is_machine =
            matches!(self.chosen.what, Failing::Hosts | Failing::Members | Failing::Routers | Failing::Vms);
        if self.keeps != Keeps::Network || !is_machine || aspect.verdict != Verdict::Proved {
            return aspect;
        }
        if let Some(told) = takeover::told(forecast, &within::failures(forecast, claim)) {
            aspect.because.push(' ');
            aspect.because.push_str(&told);
        }
        aspect
    }

    /// A word on named pools and clusters that no such set takes, so that a refutation does not reach too far.
    fn with_the_rest(&self, forecast: &Forecast<'_>, mut aspect: Aspect, targets: &[usize]) -> Aspect {
        let holds = |at: &&usize| (1..=self.n).all(|order| self.first_set(forecast, order, **at).is_none());
        let rest: Vec<Outcome> =
            targets.iter().filter(holds).map(|at| forecast.compiled.outcomes[*at].0).collect();
        let told = match self.keeps {
            Keeps::Network => Vec::new(),
            _ => margin::of(forecast, &rest, self.n, self.chosen.what),
        };
        if !told.is_empty() {
            aspect.because.push_str(" What holds: ");
            aspect.because.push_str(&told.join(" "));
        }
        aspect
    }
}

/// What failures do not do, where it is kept.
fn takes(keeps: Keeps) -> &'static str {
    match keeps {
        Keeps::Data => "loses",
        Keeps::Storage | Keeps::Redundancy => "stops",
        Keeps::Service => "takes down",
        Keeps::Network => "cuts off",
        Keeps::Power => "takes power from",
    }
}

/// What outcomes are about, each once.
fn subjects(forecast: &Forecast<'_>, targets: &[usize]) -> String {
    let mut seen = BTreeSet::new();
    let labels = targets.iter().map(|at| forecast.works.label(forecast.compiled.outcomes[*at].0.subject));
    let labels: Vec<&str> = labels.filter(|label| seen.insert(*label)).collect();
    words::names(labels)
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

#[cfg(test)]
mod tests {
    use super::super::tests::{because, verdicts};

    /// Two hosts with a service on one and a service on both, and a mirror of two drives in one of them.
    fn lab(claim: &str) -> String {
        format!(
            "
devices:
  n1..2: {{ role: server, drives: {{ 'd1..2': {{}} }} }}
hosts: {{ h1..2: {{ on: n1..2 }} }}
pools: {{ tank: {{ kind: zfs, on: h1, vdevs: [{{ mirror: n1/d1..2 }}] }}, vague: {{ kind: zfs, on: h1 }} }}
services:
  alone: {{ on: host/h1 }}
  both: {{ on: [host/h1, host/h2] }}
promises: {{ it: {{ says: it, claim: {claim} }} }}
"
        )
    }

    #[test]
    fn sets_of_failures_decide() {
        for (claim, expected) in [
            ("{ survives: 1, of-any: drives, keeps: data, of: tank }", "proved"),
            ("{ survives: 2, of-any: drives, keeps: data, of: tank }", "REFUTED"),
            ("{ survives: 1, of-any: hosts, keeps: data, of: tank }", "proved"),
            ("{ survives: 1, of-any: hosts, keeps: storage, of: tank }", "REFUTED"),
            ("{ survives: 1, of-any: hosts, keeps: service, of: both }", "proved"),
            ("{ survives: 2, of-any: hosts, keeps: service, of: both }", "REFUTED"),
            ("{ survives: 1, of-any: hosts, keeps: service, of: alone }", "REFUTED"),
            ("{ survives: 1, of-any: hosts, keeps: service, of: everything }", "REFUTED"),
            ("{ survives: 3, of-any: hosts, keeps: service, of: both }", "not judged"),
            ("{ survives: 1, of-any: drives, keeps: data, of: vague }", "not judged"),
            ("{ survives: 1, of-any: circuits, keeps: service, of: both }", "not judged"),
        ] {
            assert_eq!(verdicts(&lab(claim)), [expected], "{claim}");
        }
    }

    #[test]
    fn machines_are_counted_once() {
        let why = because(&lab("{ survives: 1, of-any: hosts, keeps: data, of: tank }"));
        assert!(why.starts_with("None of the 2 hosts alone loses tank."), "{why}");
        let why = because(&lab("{ survives: 2, of-any: drives, keeps: data, of: tank }"));
        assert!(why.contains("mirror of tank bears 1 dead drive and 2 are"), "{why}");
    }
}
