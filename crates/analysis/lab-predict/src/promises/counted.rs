//! "There are so many": counts of things, and roles that something in use must play.

use super::{Aspect, Witness};
use crate::forecast::Forecast;
use lab_model::written::{Claim, ClusterKind};
use lab_model::{Kind, Lab, ThingId};

/// Counts what is claimed, and looks for who plays the roles.
pub(super) fn judge(forecast: &Forecast<'_>, claim: &Claim) -> Vec<Aspect> {
    let lab = forecast.lab;
    let mut aspects = Vec::new();
    if let (Some(what), Some(is)) = (&claim.count, &claim.is) {
        let said = format!("there are {} {}", is.value, what.text);
        aspects.push(match things_of(lab, &what.text) {
            None if what.text.as_ref() == "gpu" => cards_of(lab, said, is.value as usize),
            None => Aspect::not_judged(said, format!("`{}` is no kind of thing that is counted.", what.text)),
            Some(there) if there.len() == is.value as usize => {
                Aspect::proved(said, format!("There are {}.", there.len()))
            }
            Some(there) => {
                let names: Vec<String> = there.iter().map(|thing| lab.name(*thing).to_string()).collect();
                let facts =
                    there.iter().map(|thing| Witness::new(lab.subject(*thing), Some(lab.name(*thing).span)));
                let why = format!("There are {}: {}.", there.len(), names.join(", "));
                Aspect::refuted(said, why).with(facts)
            }
        });
    }
    aspects.extend(claim.offers.iter().map(|role| offers(lab, &role.text)));
    aspects
}

/// Graphics cards: cards whose type has memory of its own for graphics, or says that it is a `gpu`.
fn cards_of(lab: &Lab, said: String, n: usize) -> Aspect {
    let cards = &lab.derived.cards;
    if let Some(unknown) = cards.iter().find(|card| card.ty.is_none()) {
        let name = &lab.devices[unknown.device].name;
        return Aspect::not_judged(said, format!("A card of {name} is of a type that nobody describes."));
    }
    let is_gpu = |card: &&lab_model::derived::Card| {
        let provides =
            |ty: &lab_model::device_type::DeviceType| ty.provides.iter().any(|word| &*word.text == "gpu");
        card.ty.as_ref().is_some_and(|ty| ty.gpu_memory.is_some() || provides(ty))
    };
    let there = cards.iter().filter(is_gpu).count();
    let why = format!("There are {there}.");
    if there == n { Aspect::proved(said, why) } else { Aspect::refuted(said, why) }
}

/// Active things of a kind, by its key or its word.
fn things_of(lab: &Lab, what: &str) -> Option<Vec<ThingId>> {
    if what == "control-plane" {
        let kubernetes = lab.clusters.iter().filter(|(_, cluster)| {
            cluster.kind.as_ref().is_some_and(|kind| kind.value == ClusterKind::Kubernetes)
        });
        return Some(kubernetes.flat_map(|(_, cluster)| cluster.members.ids().collect::<Vec<_>>()).collect());
    }
    let kind = *Kind::ALL.iter().find(|kind| kind.key() == what || kind.word() == what)?;
    let all = (0..lab.count(kind) as u32).map(|index| ThingId { kind, index });
    Some(all.filter(|thing| lab.is_active(*thing)).collect())
}

fn offers(lab: &Lab, role: &str) -> Aspect {
    let said = format!("something in use plays the role `{role}`");
    let plays =
        lab.services.iter().filter(|(_, service)| service.roles.iter().any(|known| &*known.text == role));
    let (active, other): (Vec<_>, Vec<_>) = plays.partition(|(id, _)| lab.is_active(*id));
    if let [(_, service), ..] = active.as_slice() {
        return Aspect::proved(said, format!("`{}` does.", service.name))
            .with([Witness::new(format!("service/{}", service.name), Some(service.name.span))]);
    }
    let status = |service: &lab_model::written::Service| {
        service.status.as_ref().map_or_else(|| "not in use".to_owned(), |status| status.value.to_string())
    };
    let would: Vec<String> = other
        .iter()
        .map(|(_, service)| format!("`{}` would, and is {}", service.name, status(service)))
        .collect();
    let why = match would.is_empty() {
        true => format!("No service has the role `{role}`."),
        false => format!("Not yet: {}.", would.join("; ")),
    };
    let facts = other.iter().map(|(_, service)| {
        let what = format!("{}: service/{}", status(service), service.name);
        Witness::new(what, Some(service.status.as_ref().map_or(service.name.span, |status| status.span)))
    });
    Aspect::refuted(said, why).with(facts)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{because, verdicts};

    #[test]
    fn things_in_use_are_counted() {
        let lab = |claim: &str| {
            format!(
                "
devices: {{ n1..3: {{ role: server }}, old: {{ role: server, status: offline }} }}
hosts: {{ h1..3: {{ on: n1..3 }} }}
services:
  loki: {{ on: host/h1, roles: logs }}
  mesh: {{ on: host/h1, roles: service-mesh, status: planned }}
promises: {{ it: {{ says: it, claim: {claim} }} }}
"
            )
        };
        for (claim, expected) in [
            ("{ count: hosts, is: 3 }", "proved"),
            ("{ count: hosts, is: 4 }", "REFUTED"),
            ("{ count: devices, is: 3 }", "proved"),
            ("{ count: gpu, is: 1 }", "REFUTED"),
            ("{ count: unicorns, is: 1 }", "not judged"),
            ("{ offers: logs }", "proved"),
            ("{ offers: [logs, service-mesh] }", "REFUTED"),
        ] {
            assert_eq!(verdicts(&lab(claim)), [expected], "{claim}");
        }
        assert!(because(&lab("{ offers: service-mesh }")).contains("`mesh` would, and is planned"));
    }
}
