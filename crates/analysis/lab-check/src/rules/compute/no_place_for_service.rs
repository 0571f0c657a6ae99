//! A service that asks for what too few of its places have: an instruction set, a card, labels, certain hosts, memory.

use crate::amount::{count, memory};
use crate::context::Context;
use crate::rule::rule;
use lab_model::Lab;
use lab_model::derived::CardId;
use lab_model::lab::{HostId, Kind, ServiceId, ThingId, VmId};
use lab_source::{Severity, Span};

rule!("no-place-for-service", Error, Compute, "no place of a service has what it needs");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, service) in lab.services.iter().filter(|(id, _)| lab.is_active(*id)) {
        let unbound: Vec<ThingId> = all_places(lab, id);
        if unbound.is_empty() {
            continue;
        }
        let fit: Vec<ThingId> =
            lab.places_of(id).into_iter().filter(|place| lacks(lab, id, *place).is_none()).collect();
        let replicas = lab.replicas_of(id) as usize;
        let spreads =
            service.spread.as_ref().is_none_or(|spread| spread.value != lab_model::written::Spread::Anywhere);
        let asked = service.replicas.as_ref().filter(|_| spreads);
        let (headline, why, span) = if fit.is_empty() {
            let place = lab.places_of(id).first().copied();
            let (why, span) = place.and_then(|place| lacks(lab, id, place)).unwrap_or_else(|| {
                (
                    "none of the hosts it may only run on is among its places".to_owned(),
                    service.only_on.span.unwrap_or(service.name.span),
                )
            });
            (format!("no place that `{}` may run on has what it needs", service.name), why, span)
        } else if let Some(asked) = asked.filter(|_| fit.len() < replicas) {
            let why = format!("{} can run it, one replica on each", count(fit.len(), "place"));
            (
                format!(
                    "`{}` is to run {replicas} times and fits in {}",
                    service.name,
                    count(fit.len(), "place")
                ),
                why,
                asked.span,
            )
        } else if let Some((place, why, span)) = unfit(lab, id, &unbound) {
            (format!("`{}` cannot run on `{}`, which it names", service.name, lab.name(place)), why, span)
        } else {
            continue;
        };
        let mut finding = context
            .finding(headline, span, why)
            .and(
                service.on.span.unwrap_or(service.name.span),
                format!("{} named", count(unbound.len(), "place")),
            )
            .about(lab.subject(id))
            .help("name places that have it, or ask for less");
        if let Some(only) = service.only_on.span.filter(|only| *only != span) {
            finding = finding.and(only, "may only run here");
        }
        if !fit.is_empty() {
            finding.severity = Severity::Warning;
        }
        context.report_once(finding);
    }
}

fn all_places(lab: &Lab, id: ServiceId) -> Vec<ThingId> {
    let of = |runner: ThingId| match runner.kind {
        Kind::Cluster => lab.workers_of(lab_model::lab::ClusterId(runner.index)),
        _ => vec![runner],
    };
    lab.services[id].on.ids().flat_map(of).collect()
}

/// A place that is named itself, not as one of a cluster, and lacks something.
fn unfit(lab: &Lab, id: ServiceId, places: &[ThingId]) -> Option<(ThingId, String, Span)> {
    let service = &lab.services[id];
    if service.only_on.span.is_some() || service.on.ids().any(|runner| runner.kind == Kind::Cluster) {
        return None;
    }
    places.iter().find_map(|place| lacks(lab, id, *place).map(|(why, span)| (*place, why, span)))
}

/// What a place is known to lack.
fn lacks(lab: &Lab, id: ServiceId, place: ThingId) -> Option<(String, Span)> {
    let service = &lab.services[id];
    let facts = lab.derived.machine(place)?;
    if let (Some(first), Some(has)) = (service.architectures.first(), facts.architecture)
        && service.architectures.iter().all(|wanted| wanted.value != has)
    {
        return Some((format!("its places are {has}"), first.span));
    }
    if let (Some(asked), Some(has)) = (&service.memory, facts.memory)
        && asked.value > has
    {
        return Some((format!("its places have {}", memory(has.bytes())), asked.span));
    }
    let labels = match place.kind {
        Kind::Host => &lab.hosts[HostId(place.index)].labels,
        _ => &lab.vms[VmId(place.index)].labels,
    };
    let missing =
        service.needs_labels.iter().find(|wanted| labels.iter().all(|label| label.text != wanted.text));
    if let Some(missing) = missing {
        return Some((format!("no place has the label `{}`", missing.text), missing.span));
    }
    let card = service.needs_card.as_ref()?;
    (!has_card(lab, place, &card.text)).then(|| (format!("no place has a card `{}`", card.text), card.span))
}

/// True when a place has such a card, or could have one as far as anybody knows.
fn has_card(lab: &Lab, place: ThingId, wanted: &str) -> bool {
    let fits = |card: CardId| {
        let card = lab.derived.card(card);
        let named = card.type_name.as_ref().is_some_and(|name| &*name.text == wanted);
        let provides =
            |ty: &lab_model::device_type::DeviceType| ty.provides.iter().any(|word| &*word.text == wanted);
        named || card.ty.as_deref().is_none_or(provides)
    };
    if let Ok(vm) = VmId::try_from(place) {
        return lab.derived.passed_through.iter().any(|given| given.vm == vm && given.card.is_some_and(fits));
    }
    let devices = lab.devices_under(place);
    devices.is_empty()
        || devices.iter().any(|device| {
            let facts = lab.derived.device(*device);
            let built_in =
                facts.ty.as_ref().is_none_or(|ty| ty.provides.iter().any(|word| &*word.text == wanted));
            built_in || facts.cards.iter().copied().any(fits)
        })
}
