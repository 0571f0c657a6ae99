//! "It does without that": no chain of needs leads there, needs that follow from others (names, placement, drives) included.

use super::{Aspect, Witness};
use crate::forecast::{Forecast, words};
use crate::works::{DataId, Holder, Layout, MachineKind, Need, NeedOf, Placement, PoolId, ServiceId, Works};
use lab_model::record::Ref;
use lab_model::written::{Claim, Need as Named, Promised};
use lab_model::{Lab, Refs, ThingId};
use lab_source::Span;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Follows the needs of what is named, for each thing that it is to do without.
pub(super) fn judge(forecast: &Forecast<'_>, claim: &Claim) -> Vec<Aspect> {
    let judge = |without: &Ref<Named>| {
        let said = format!("it does without {}", without.text);
        let target = without.id.map_or_else(|| Target::Word(without.text.clone()), Target::Thing);
        look(forecast, said, &claim.of, &[target])
    };
    claim.without.items.iter().map(judge).collect()
}

/// Whether services do without some things, of which nothing is known that could fail.
pub(super) fn of_things(
    forecast: &Forecast<'_>,
    said: String,
    of: &Refs<Promised>,
    things: &[ThingId],
) -> Aspect {
    let targets: Vec<Target> = things.iter().copied().map(Target::Thing).collect();
    look(forecast, said, of, &targets)
}

fn look(forecast: &Forecast<'_>, said: String, of: &Refs<Promised>, targets: &[Target]) -> Aspect {
    let works = &forecast.works;
    let of: BTreeSet<ThingId> = of.ids().collect();
    let services = (0..).map(ServiceId).zip(&works.services);
    let meant = services.filter(|(_, service)| of.is_empty() || of.contains(&service.thing));
    let meant: Vec<ServiceId> = meant.map(|(id, _)| id).collect();
    if meant.is_empty() {
        return Aspect::not_judged(said, "No service in use is meant.");
    }
    for to in targets {
        let walk = Walk { works, lab: forecast.lab, to };
        for id in &meant {
            let mut seen = BTreeSet::new();
            if let Some(way) = walk.from(&Need::Service(*id), None, &mut seen) {
                let labels: Vec<&str> = way.iter().map(|(label, _)| label.as_str()).collect();
                let why = format!("It does not: {}.", labels.join(", which needs "));
                return Aspect::refuted(said, why)
                    .with(way.iter().map(|(label, span)| Witness::new(label.clone(), *span)));
            }
        }
    }
    let labels = words::names(meant.iter().map(|id| works[*id].label.as_str()));
    Aspect::proved(said, format!("No chain of needs leads there from {labels}."))
}

/// What is looked for.
enum Target {
    Thing(ThingId),
    Word(Arc<str>),
}

struct Walk<'a> {
    works: &'a Works,
    lab: &'a Lab,
    to: &'a Target,
}

/// A step: what is needed, and where that is written.
type Step = (String, Option<Span>);

impl Walk<'_> {
    fn is_it(&self, need: &Need, thing: Option<ThingId>) -> bool {
        match self.to {
            Target::Thing(to) => thing == Some(*to),
            Target::Word(word) => match (&**word, need) {
                ("internet", Need::Internet | Need::External(_)) => true,
                (role, Need::Service(_)) => thing.is_some_and(|thing| {
                    let service = lab_model::lab::ServiceId::try_from(thing);
                    service.is_ok_and(|id| self.lab.services[id].roles.iter().any(|own| *own.text == *role))
                }),
                _ => false,
            },
        }
    }

    /// The way from a need to what is looked for, itself first.
    fn from(&self, need: &Need, span: Option<Span>, seen: &mut BTreeSet<Need>) -> Option<Vec<Step>> {
        if let Need::AnyOf(all) = need {
            // What stands in for another is needed only when the other leads there as well.
            let ways: Option<Vec<Vec<Step>>> =
                all.iter().map(|one| self.from(one, span, &mut seen.clone())).collect();
            return ways?.into_iter().next();
        }
        if !seen.insert(need.clone()) {
            return None;
        }
        let (label, thing) = self.named(need);
        let step = (label, span);
        if self.is_it(need, thing) {
            return Some(vec![step]);
        }
        let next = self.next(need);
        let way = next.iter().find_map(|next| self.from(&next.need, next.span, seen))?;
        Some(std::iter::once(step).chain(way).collect())
    }

    fn named(&self, need: &Need) -> (String, Option<ThingId>) {
        let works = self.works;
        match need {
            Need::Service(id) => (works[*id].label.clone(), Some(works[*id].thing)),
            Need::Data(id) => (works[*id].label.clone(), Some(works[*id].thing)),
            Need::Pool(id) => (works[*id].label.clone(), Some(works[*id].thing)),
            Need::Cluster(id) => (works[*id].label.clone(), Some(works[*id].thing)),
            Need::Holder(holder) => {
                let thing = match holder {
                    Holder::Unit(id) => Some(works[*id].thing),
                    Holder::Machine(id) => Some(works[*id].thing),
                    Holder::Internet => None,
                };
                (works.holder_label(*holder).to_owned(), thing)
            }
            Need::External(part) | Need::Part(part) => (works[*part].label.clone(), works[*part].thing),
            Need::Internet | Need::AnyOf(_) => ("the Internet".to_owned(), None),
        }
    }

    /// What a need needs itself.
    fn next(&self, need: &Need) -> Vec<NeedOf> {
        let works = self.works;
        let plain = |need: Need, span: Option<Span>| NeedOf { need, because: None, span };
        match need {
            Need::Service(id) => {
                let service = &works[*id];
                let mut all = service.needs.clone();
                match &service.placement {
                    Placement::Fixed(holders) => {
                        let places = holders.iter().copied().map(Need::Holder).collect();
                        all.push(plain(Need::AnyOf(places), service.span));
                    }
                    Placement::Movable { by, .. } => {
                        all.extend(by.map(|by| plain(Need::Cluster(by), service.span)));
                    }
                }
                all
            }
            Need::Data(DataId(id)) => {
                let data = &works.data[*id as usize];
                let pools: Vec<Need> = data.pools.iter().copied().map(Need::Pool).collect();
                if pools.is_empty() { Vec::new() } else { vec![plain(Need::AnyOf(pools), data.span)] }
            }
            Need::Pool(PoolId(id)) => {
                let pool = &works.pools[*id as usize];
                let cluster = match &pool.layout {
                    Layout::Ceph(ceph) => Some(plain(Need::Cluster(ceph.cluster), pool.span)),
                    _ => None,
                };
                cluster
                    .into_iter()
                    .chain(pool.holder.map(|holder| plain(Need::Holder(holder), pool.span)))
                    .collect()
            }
            Need::Holder(Holder::Machine(id)) => {
                let machine = &works[*id];
                let mut all = machine.needs.clone();
                all.extend(machine.needs_to_start.iter().cloned());
                all.extend(machine.system_pool.map(|pool| plain(Need::Pool(pool), machine.span)));
                all.extend(machine.disks.iter().map(|disk| plain(Need::Data(*disk), machine.span)));
                match &machine.kind {
                    MachineKind::Host { unit: Some(unit) } => {
                        all.push(plain(Need::Holder(Holder::Unit(*unit)), machine.span));
                    }
                    MachineKind::Vm { hosts, .. } if !hosts.is_empty() => {
                        let hosts = hosts.iter().map(|host| Need::Holder(Holder::Machine(*host))).collect();
                        all.push(plain(Need::AnyOf(hosts), machine.span));
                    }
                    _ => {}
                }
                all
            }
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{because, verdicts};

    #[test]
    fn chains_of_needs_are_followed() {
        let lab = |claim: &str| {
            format!(
                "
devices: {{ n1: {{ role: server }} }}
hosts: {{ h1: {{ on: n1 }} }}
services:
  photos: {{ on: host/h1, needs: login }}
  login: {{ on: host/h1, needs: internet }}
  files: {{ on: host/h1 }}
promises: {{ it: {{ says: it, claim: {claim} }} }}
"
            )
        };
        assert_eq!(verdicts(&lab("{ without: internet, of: files }")), ["proved"]);
        assert_eq!(verdicts(&lab("{ without: login, of: files }")), ["proved"]);
        let chain = lab("{ without: internet, of: photos }");
        assert_eq!(verdicts(&chain), ["REFUTED"]);
        assert!(
            because(&chain).contains("photos, which needs login, which needs the Internet"),
            "{}",
            because(&chain)
        );
    }
}
