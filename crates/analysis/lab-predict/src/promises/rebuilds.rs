//! "It heals": what failed stays away, and copies are made anew elsewhere, so that the next failure finds everything whole.
//!
//! Places are counted, not room: whether the drives that are left hold it all is not known here.

use super::Aspect;
use crate::forecast::{Forecast, words};
use crate::works::{Layout, Pool, PoolId};
use lab_model::Kind;
use lab_model::lab::PoolId as LabPoolId;
use lab_model::written::{Claim, Failing};

/// Ceph starts to make copies anew after this long (`mon_osd_down_out_interval`, 600 s).
const DOWN_OUT_MINUTES: u32 = 10;

/// Judges each pool in `of`; all of them when nothing is named.
pub(super) fn judge(forecast: &Forecast<'_>, claim: &Claim) -> Vec<Aspect> {
    let n = claim.survives.as_ref().map_or(1, |survives| survives.value as usize);
    let what = claim.of_any.as_ref().map_or(Failing::Drives, |what| what.value);
    let named: Vec<_> = claim.of.ids().collect();
    let pools = (0..).map(PoolId).zip(&forecast.works.pools);
    let pools = pools.filter(|(_, pool)| named.is_empty() || named.contains(&pool.thing));
    let said = format!("after any {n} of the {what} has failed, copies are made anew elsewhere");
    let mut whole = Vec::new();
    let mut reasons: Vec<(Option<bool>, String, Vec<&str>)> = Vec::new();
    for (_, pool) in pools {
        let (heals, why) = heals(forecast, pool, n, what);
        if heals == Some(true) {
            whole.push(pool.label.as_str());
        }
        match reasons.iter_mut().find(|(_, known, _)| *known == why) {
            Some((.., labels)) => labels.push(&pool.label),
            None => reasons.push((heals, why, vec![&pool.label])),
        }
    }
    if reasons.is_empty() {
        return vec![Aspect::not_judged(said, "No pool that it is about is described.")];
    }
    let told = |wanted: Option<bool>| {
        let of_kind = reasons.iter().filter(|(heals, ..)| *heals == wanted);
        let all = of_kind.map(|(_, why, labels)| format!("{}: {why}.", words::names(labels.iter().copied())));
        all.collect::<Vec<_>>().join(" ")
    };
    let (broken, open) = (told(Some(false)), told(None));
    let rest = if whole.is_empty() { String::new() } else { format!(" What holds: {}", told(Some(true))) };
    vec![match (broken.is_empty(), open.is_empty()) {
        (false, _) => Aspect::refuted(said, format!("{broken}{rest}")),
        (true, false) => Aspect::not_judged(said, format!("{open}{rest}")),
        (true, true) => Aspect::proved(said, told(Some(true))),
    }]
}

/// Whether a pool is made whole, with why; None when the description does not say enough.
fn heals(forecast: &Forecast<'_>, pool: &Pool, n: usize, what: Failing) -> (Option<bool>, String) {
    match &pool.layout {
        Layout::Ceph(ceph) => {
            let mut sizes: Vec<usize> = ceph.domains.iter().map(Vec::len).collect();
            sizes.sort_unstable();
            let gone = if what == Failing::Drives { emptied(&sizes, n) } else { n.min(sizes.len()) };
            let (left, copies) = (sizes.len() - gone, ceph.copies as usize);
            let pieces = super::margin::pieces(ceph);
            if left >= copies {
                let why = format!(
                    "{pieces}, and {left} failure domains are left; after {DOWN_OUT_MINUTES} minutes (mon_osd_down_out_interval) they are made anew there, as far as there is room"
                );
                return (Some(true), why);
            }
            let why = format!(
                "{pieces} need as many failure domains, and {left} {} left: placement groups stay degraded until what failed is back, and the next failure meets one copy less",
                if left == 1 { "is" } else { "are" }
            );
            (Some(false), why)
        }
        Layout::Unknown => (None, "nobody says on which drives it is".to_owned()),
        Layout::Groups(_) | Layout::Separate(_) if what == Failing::Drives => {
            let spares = LabPoolId::try_from(pool.thing).ok().filter(|_| pool.thing.kind == Kind::Pool);
            let spares = spares.map_or(0, |id| forecast.lab.pools[id].spares.items.len());
            match spares >= n {
                true => (Some(true), format!("{spares} spare drives take the place of dead ones")),
                false => {
                    (Some(false), "no spare takes the place of a dead drive before a hand does".to_owned())
                }
            }
        }
        Layout::Groups(_) | Layout::Separate(_) => {
            (Some(false), "it is on one machine, and has no copy that takes its place".to_owned())
        }
    }
}

/// How many domains lose their last drive when the worst `n` die; sizes ascend.
fn emptied(sizes: &[usize], n: usize) -> usize {
    let mut dead = 0;
    sizes
        .iter()
        .take_while(|size| {
            dead += **size;
            dead <= n
        })
        .count()
}

#[cfg(test)]
mod tests {
    use super::super::tests::{because, verdicts};

    fn lab(n_hosts: u32, claim: &str) -> String {
        format!(
            "
devices: {{ n1..{n_hosts}: {{ role: server, drives: {{ 'd1..2': {{}}, 's1': {{}} }} }} }}
hosts: {{ h1..{n_hosts}: {{ on: n1..{n_hosts} }} }}
clusters: {{ ceph: {{ kind: ceph, members: h1..{n_hosts}, osds: 'n1..{n_hosts}/d1..2' }} }}
pools:
  rbd: {{ kind: ceph-replicated, cluster: ceph, size: 3, min-size: 2 }}
  tank: {{ kind: zfs, on: h1, vdevs: [{{ mirror: n1/d1..2 }}], spares: n1/s1 }}
  bare: {{ kind: zfs, on: h1, vdevs: [{{ mirror: n1/d1..2 }}] }}
promises: {{ it: {{ says: it, claim: {{ keeps: redundancy, {claim} }} }} }}
"
        )
    }

    #[test]
    fn copies_need_another_place() {
        for (n_hosts, claim, expected) in [
            (3, "survives: 1, of-any: hosts, of: rbd", "REFUTED"),
            (4, "survives: 1, of-any: hosts, of: rbd", "proved"),
            (4, "survives: 2, of-any: hosts, of: rbd", "REFUTED"),
            (3, "survives: 1, of-any: drives, of: rbd", "proved"),
            (3, "survives: 2, of-any: drives, of: rbd", "REFUTED"),
            (3, "survives: 1, of-any: drives, of: tank", "proved"),
            (3, "survives: 2, of-any: drives, of: tank", "REFUTED"),
            (3, "survives: 1, of-any: hosts, of: tank", "REFUTED"),
            (3, "survives: 1, of-any: drives, of: bare", "REFUTED"),
        ] {
            assert_eq!(verdicts(&lab(n_hosts, claim)), [expected], "{n_hosts} hosts, {claim}");
        }
        let why = because(&lab(3, "survives: 1, of-any: hosts, of: rbd"));
        assert!(why.contains("placement groups stay degraded until what failed is back"), "{why}");
    }
}
