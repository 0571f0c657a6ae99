//! "There are so many": counts of things, and roles that something in use must play.

use super::{Aspect, Witness};
use crate::answers::Forecast;
use lab_model::written::Claim;
use lab_model::{Kind, Lab, ThingId};

/// Counts what is claimed, and looks for who plays the roles.
pub(super) fn judge(forecast: &Forecast<'_>, claim: &Claim) -> Vec<Aspect> {
    let lab = forecast.lab;
    let mut aspects = Vec::new();
    if let (Some(what), Some(is)) = (&claim.count, &claim.is) {
        let said = format!("there are {} {}", is.value, what.text);
        aspects.push(match things_of(lab, &what.text) {
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

/// Active things of a kind, by its key or its word.
fn things_of(lab: &Lab, what: &str) -> Option<Vec<ThingId>> {
    let kind = *Kind::ALL.iter().find(|kind| kind.key() == what || kind.word() == what)?;
    let all = (0..lab.count(kind) as u32).map(|index| ThingId { kind, index });
    Some(all.filter(|thing| lab.is_active(*thing)).collect())
}

fn offers(lab: &Lab, role: &str) -> Aspect {
    let said = format!("something plays the role `{role}`");
    let services = lab.services.iter().filter(|(id, _)| lab.is_active(*id));
    let mut with = services.filter(|(_, service)| service.roles.iter().any(|known| &*known.text == role));
    match with.next() {
        Some((_, service)) => Aspect::proved(said, format!("`{}` does.", service.name))
            .with([Witness::new(format!("service/{}", service.name), Some(service.name.span))]),
        None => Aspect::refuted(said, format!("No service in use has the role `{role}`.")),
    }
}
