//! "Without this, ... goes on": the named things fail together.
//!
//! Of data, copies may be left, and of power, minutes on battery: those claims are of other families.

use super::refutation::refuted;
use super::target::{outcomes, parts_of_thing, undescribed};
use super::{Aspect, takeover, why, without};
use crate::forecast::{Forecast, words};
use crate::works::{Outcome, PartId};
use lab_model::written::{Claim, Keeps};
use std::collections::BTreeSet;

/// Lets the named things fail together.
pub(super) fn judge(forecast: &Forecast<'_>, claim: &Claim) -> Vec<Aspect> {
    let Some(keeps) = claim.keeps.as_ref().filter(|_| !claim.losing.is_empty()) else { return Vec::new() };
    if keeps.value == Keeps::Data || claim.battery.is_some() {
        return Vec::new();
    }
    let lost: BTreeSet<PartId> =
        claim.losing.ids().flat_map(|thing| parts_of_thing(forecast, thing)).collect();
    let lost: Vec<PartId> = lost.into_iter().collect();
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
    if let Some(unsaid) = targets.iter().find_map(|at| undescribed(forecast, *at, None)) {
        return vec![Aspect::not_judged(said, format!("Nobody says {unsaid}."))];
    }
    let kept: Vec<Outcome> = targets.iter().map(|at| forecast.compiled.outcomes[*at].0).collect();
    let mut told = why::stands(forecast, &lost, &kept);
    if matches!(keeps.value, Keeps::Service | Keeps::Network) {
        told.extend(takeover::told(forecast, std::slice::from_ref(&lost)));
    }
    let told = told.join(" ");
    let why = match told.is_empty() {
        true => format!("None of it needs {}.", words::parts(forecast, &lost)),
        false => told,
    };
    vec![Aspect::proved(said, why)]
}

#[cfg(test)]
mod tests {
    use super::super::tests::{because, verdicts};

    #[test]
    fn what_hangs_on_the_named_thing_decides() {
        let lab = |claim: &str| {
            format!(
                "
devices: {{ n1..2: {{ role: server }} }}
hosts: {{ h1..2: {{ on: n1..2 }} }}
services:
  alone: {{ on: host/h1 }}
  both: {{ on: [host/h1, host/h2] }}
promises: {{ it: {{ says: it, claim: {claim} }} }}
"
            )
        };
        let both = lab("{ losing: device/n1, keeps: service, of: both }");
        assert_eq!(verdicts(&both), ["proved"]);
        assert!(because(&both).contains("both goes on at h2"), "{}", because(&both));
        assert_eq!(verdicts(&lab("{ losing: host/h1, keeps: service, of: alone }")), ["REFUTED"]);
        assert_eq!(verdicts(&lab("{ losing: [host/h1, host/h2], keeps: service, of: both }")), ["REFUTED"]);
    }
}
