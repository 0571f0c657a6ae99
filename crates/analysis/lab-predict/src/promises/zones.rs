//! "This zone reaches only that": what a zone may reach, for every address and port at once, by the policy that all zones make.
//!
//! What routers decide is proved. Within one link machines speak past every router; there an isolated zone rests on the private VLAN
//! behind it, and without one the claim is left open.

use super::{Aspect, Witness};
use crate::forecast::{Forecast, words};
use lab_model::grammar::Port;
use lab_model::lab::{VlanIdOf, ZoneId};
use lab_model::record::{Ref, Refs};
use lab_model::written::{Claim, Reached};
use lab_model::{Kind, Lab, ThingId};
use lab_reach::{AddressSet, Grant, Permit, Policy, ZonePolicy, addresses_of, machine_addresses};
use lab_source::Spanned;

/// Judges what a claim says of its zone.
pub(super) fn judge(forecast: &Forecast<'_>, claim: &Claim) -> Vec<Aspect> {
    let Some(named) = &claim.zone else { return Vec::new() };
    let policy = lab_reach::compile(forecast.lab);
    let Some(zone) = named.id.and_then(|id| policy.zone(id)) else { return Vec::new() };
    let ports = claim.on.iter().map(|port| port.value).collect();
    let judge = Judge { lab: forecast.lab, policy: &policy, zone, ports };
    let mut aspects = Vec::new();
    if !claim.reaches_only.is_empty() {
        aspects.push(judge.reaches_only(&claim.reaches_only));
    }
    aspects.extend(claim.reaches.items.iter().map(|to| judge.reaches(to)));
    aspects.extend(claim.never_reaches.items.iter().map(|to| judge.never_reaches(to)));
    aspects.extend(claim.isolated.as_ref().map(|isolated| judge.isolated(isolated)));
    aspects
}

struct Judge<'a> {
    lab: &'a Lab,
    policy: &'a Policy,
    zone: &'a ZonePolicy,
    /// The ports that the claim is about; all when empty.
    ports: Vec<Port>,
}

impl Judge<'_> {
    /// `on https, 53` as the claim says it, with a blank before.
    fn on(&self) -> String {
        let ports: Vec<String> = self.ports.iter().map(ToString::to_string).collect();
        if ports.is_empty() { String::new() } else { format!(" on {}", ports.join(", ")) }
    }

    /// Every address of something that can be reached. Empty when nothing says where it is.
    fn addresses(&self, to: &Ref<Reached>) -> AddressSet {
        match (to.id, &*to.text) {
            (None, "internet") => AddressSet::everything().minus(&self.policy.private),
            (None, "gateway") => self.policy.gateways.intersection(&self.zone.members),
            (None, "itself") => self.zone.members.minus(&self.policy.gateways),
            (None, _) => AddressSet::default(),
            (Some(thing), _) => match ZoneId::try_from(thing) {
                Ok(zone) => self.policy.zone(zone).map(|zone| zone.members.clone()).unwrap_or_default(),
                Err(()) => addresses_of(self.lab, thing).into_iter().collect(),
            },
        }
    }

    /// True when a permit lets something through on the claim's ports.
    fn is_on(&self, permit: &Permit) -> bool {
        let any = |own: &Port| permit.ports.iter().any(|port| port.overlaps(*own));
        self.ports.is_empty() || permit.ports.is_empty() || self.ports.iter().any(any)
    }

    fn witness(&self, permit: &Permit) -> Witness {
        Witness::new(format!("allows: {}", self.zone.sentence(permit)), Some(permit.span))
    }

    /// What says that the rest is denied.
    fn denies(&self) -> Witness {
        let words = format!("`{}` may reach what it lists and nothing else", self.zone.name);
        Witness::new(words, Some(self.zone.denied_by))
    }

    fn never_reaches(&self, to: &Ref<Reached>) -> Aspect {
        let said = format!("`{}` never reaches {}{}", self.zone.name, to.text, self.on());
        let set = self.addresses(to);
        let open = self.zone.permits.iter().filter(|permit| self.is_on(permit));
        let open: Vec<&Permit> = open.filter(|permit| permit.to.overlaps(&set)).collect();
        if let [first, ..] = open.as_slice() {
            let at = within(&first.to.intersection(&set), &set);
            let why = format!("{}{at}.", capital(&self.zone.sentence(first)));
            return Aspect::refuted(said, why).with(open.iter().map(|permit| self.witness(permit)));
        }
        let is_same =
            |unknown: &&lab_reach::Unresolved| unknown.from == self.zone.name && *unknown.to == *to.text;
        if let Some(unknown) = self.policy.unresolved.iter().find(is_same) {
            let why = format!("`{}` may reach {} by name, wherever that is.", self.zone.name, unknown.to);
            return Aspect::refuted(said, why).with([Witness::new("allows", Some(unknown.span))]);
        }
        if set.is_empty() {
            return Aspect::not_judged(said, format!("Nothing says at which address {} is.", to.text));
        }
        let mut why = format!(
            "Nothing that `{}` may reach covers an address of {}; what is not allowed is denied.",
            self.zone.name,
            to.text.rsplit('/').next().unwrap_or(&to.text)
        );
        let both = self.in_both(&set);
        if !both.is_empty() {
            why.push_str(&format!(
                " {} have addresses in both: there no router stands between, only that they do not forward.",
                both.join(", ")
            ));
        }
        Aspect::proved(said, why).with([self.denies()])
    }

    /// Machines with one foot in the zone and one in the set, routers aside.
    fn in_both(&self, set: &AddressSet) -> Vec<String> {
        let is_router = |thing: &ThingId| self.policy.routers.contains(thing);
        let machines = self.lab.derived.machines.keys().filter(|thing| !is_router(thing));
        let both = machines.filter(|thing| {
            let addresses = machine_addresses(self.lab, **thing);
            addresses.iter().any(|address| set.contains(*address))
                && addresses.iter().any(|address| self.zone.members.contains(*address))
        });
        let names: Vec<String> = both.map(|thing| self.lab.name(*thing).to_string()).collect();
        words::drawn_together(names.iter().map(String::as_str))
    }

    fn reaches(&self, to: &Ref<Reached>) -> Aspect {
        let said = format!("`{}` reaches {}{}", self.zone.name, to.text, self.on());
        let set = self.addresses(to);
        if set.is_empty() {
            return Aspect::not_judged(said, format!("Nothing says at which address {} is.", to.text));
        }
        let all = [None];
        let ports: Vec<Option<Port>> = self.ports.iter().copied().map(Some).collect();
        let mut facts: Vec<Witness> = Vec::new();
        for port in if ports.is_empty() { &all[..] } else { &ports[..] } {
            let covers = |permit: &&Permit| {
                port.is_none_or(|port| {
                    permit.ports.is_empty() || permit.ports.iter().any(|own| holds(*own, port))
                })
            };
            let open: Vec<&Permit> = self.zone.permits.iter().filter(covers).collect();
            let rest = open.iter().fold(set.clone(), |rest, permit| rest.minus(&permit.to));
            if !rest.is_empty() {
                let on = port.map_or_else(String::new, |port| format!(" on {port}"));
                let why = format!("Nothing lets it through{on}{}.", within(&rest, &set));
                return Aspect::refuted(said, why).with([self.denies()]);
            }
            facts.extend(
                open.iter().filter(|permit| permit.to.overlaps(&set)).map(|permit| self.witness(permit)),
            );
        }
        facts.dedup();
        Aspect::proved(said, format!("`{}` is allowed to.", self.zone.name)).with(facts)
    }

    fn reaches_only(&self, list: &Refs<Reached>) -> Aspect {
        let names: Vec<&str> = list.items.iter().map(|item| &*item.text).collect();
        let said = format!("all that `{}` reaches is {}{}", self.zone.name, names.join(", "), self.on());
        let word = |word: &str| list.items.iter().any(|item| item.id.is_none() && &*item.text == word);
        let listed =
            list.items.iter().fold(AddressSet::default(), |all, item| all.union(&self.addresses(item)));
        let is_listed = |permit: &&Permit| {
            let to = (permit.is_internet && word("internet")) || (permit.is_gateway && word("gateway"));
            let on = |port: &Port| self.ports.iter().any(|own| holds(*own, *port));
            let ports = self.ports.is_empty() || (!permit.ports.is_empty() && permit.ports.iter().all(on));
            ports && (to || permit.to.minus(&listed).is_empty())
        };
        let beyond: Vec<&Permit> = self.zone.permits.iter().filter(|permit| !is_listed(permit)).collect();
        let unknown = self
            .policy
            .unresolved
            .iter()
            .filter(|unknown| unknown.from == self.zone.name && !names.contains(&&*unknown.to));
        let unknown: Vec<Witness> = unknown
            .map(|unknown| Witness::new(format!("allows: {}", unknown.to), Some(unknown.span)))
            .collect();
        if beyond.is_empty() && unknown.is_empty() {
            let all = self.zone.permits.iter().map(|permit| self.witness(permit));
            let n = self.zone.permits.len();
            let rules = if n == 1 { "The one rule".to_owned() } else { format!("All {n} rules") };
            let why =
                format!("{rules} of `{}` lead there, and what is not allowed is denied.", self.zone.name);
            return Aspect::proved(said, why).with(all).with([self.denies()]);
        }
        let sentences: Vec<String> = beyond.iter().map(|permit| self.zone.sentence(permit)).collect();
        let sentences = sentences.into_iter().chain(unknown.iter().map(|fact| fact.what.clone()));
        let why = format!("There is more: {}.", sentences.collect::<Vec<_>>().join("; "));
        Aspect::refuted(said, why).with(beyond.iter().map(|permit| self.witness(permit))).with(unknown)
    }

    fn isolated(&self, isolated: &Spanned<bool>) -> Aspect {
        let inside = self.zone.permits.iter().find(|permit| permit.grant == Grant::SameZone);
        if !isolated.value {
            let said = format!("members of `{}` reach each other", self.zone.name);
            return match inside {
                Some(permit) => Aspect::proved(said, "Nothing isolates them.").with([self.witness(permit)]),
                None => Aspect::refuted(said, format!("`{}` is isolated.", self.zone.name))
                    .with([Witness::new("isolated", self.zone.isolated)]),
            };
        }
        let said = format!("members of `{}` do not reach each other", self.zone.name);
        if let Some(permit) = inside {
            let why = format!("`{}` is not isolated, so its members speak freely.", self.zone.name);
            return Aspect::refuted(said, why).with([self.witness(permit)]);
        }
        let pairs = self.zone.permits.iter().filter(|permit| permit.grant == Grant::Pair);
        let facts: Vec<Witness> = pairs.map(|permit| self.witness(permit)).collect();
        let routers = Witness::new(format!("routers: `{}` is isolated", self.zone.name), self.zone.isolated);
        let (private, open) = self.vlans();
        if !open.is_empty() {
            let why = format!(
                "Routers hold them apart, and packets within {} pass none: there it takes a private VLAN or client isolation at the access points, and none is written down.",
                open.join(", ")
            );
            return Aspect::not_judged(said, why).with([routers]).with(facts);
        }
        let but = match facts.len() {
            0 => String::new(),
            n => format!(" {n} pairs are let through, as written."),
        };
        let why = format!(
            "Routers pass nothing between them, and on the link a private VLAN holds them apart.{but}"
        );
        Aspect::proved(said, why).with([routers]).with(private).with(facts)
    }

    /// The private VLANs behind the zone, and the names of VLANs of it that have none.
    fn vlans(&self) -> (Vec<Witness>, Vec<String>) {
        let (mut private, mut open) = (Vec::new(), Vec::new());
        for member in self.lab.zones[self.zone.id].of.ids() {
            let vlan = match member.kind {
                Kind::Vlan => Some(VlanIdOf(member.index)),
                _ => self.lab.prefixes[lab_model::lab::PrefixId(member.index)]
                    .vlan
                    .as_ref()
                    .and_then(|vlan| vlan.id),
            };
            let Some(vlan) = vlan else {
                open.push(self.lab.name(member).to_string());
                continue;
            };
            let record = &self.lab.vlans[vlan];
            match record.private.as_ref().and_then(|private| private.isolated.as_ref()) {
                Some(second) => private.push(Witness::new(
                    format!("switches: VLAN {} of {} is isolated (RFC 5517)", second.value, record.name),
                    Some(second.span),
                )),
                None => open.push(format!("VLAN {}", record.name)),
            }
        }
        (private, open)
    }
}

/// Whether every port of `inner` is among `outer`.
fn holds(outer: Port, inner: Port) -> bool {
    let transport = outer.transport().is_none() || outer.transport() == inner.transport();
    transport && outer.first() <= inner.first() && inner.last() <= outer.last()
}

/// ` at 10.0.0.1/32, ...` when a set is a part of the whole; nothing when it is all of it.
fn within(part: &AddressSet, whole: &AddressSet) -> String {
    const SHOWN: usize = 3;
    if whole.minus(part).is_empty() {
        return String::new();
    }
    let prefixes = part.prefixes();
    let shown: Vec<String> = prefixes.iter().take(SHOWN).map(ToString::to_string).collect();
    let more = if prefixes.len() > SHOWN { " and more" } else { "" };
    format!(", at {}{more}", shown.join(", "))
}

/// A sentence begins with a capital, unless with a name in quotes.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::super::tests::{because, verdicts};

    /// Two zones, guests behind a private VLAN, and `claim` about them.
    fn lab(claim: &str) -> String {
        format!(
            "
vlans: {{ users: 30, guests: {{ id: 50, private: {{ isolated: 51 }} }}, open: 60 }}
prefixes:
  10.0.30.0/24: {{ vlan: users, gateway: 10.0.30.1 }}
  10.0.50.0/24: {{ vlan: guests, gateway: 10.0.50.1 }}
  10.0.60.0/24: {{ vlan: open, gateway: 10.0.60.1 }}
devices: {{ box: {{ role: router, interfaces: {{ e0: {{}} }} }}, n1: {{ role: server, interfaces: {{ e0: {{}} }} }} }}
hosts:
  router: {{ on: box, routes: true, addresses: {{ e0: [10.0.30.1/24, 10.0.50.1/24, 10.0.60.1/24] }} }}
  node: {{ on: n1, addresses: {{ e0: 10.0.30.10/24 }} }}
services: {{ web: {{ on: host/node }} }}
zones:
  users: {{ of: users, may-reach: [internet, gateway, {{ to: guests, on: https }}] }}
  guests: {{ of: guests, isolated: true, may-reach: [internet, {{ to: gateway, on: [dns, dhcp] }}, {{ to: web, on: https }}] }}
  open: {{ of: open, isolated: true, may-reach: internet }}
promises: {{ it: {{ says: it, claim: {claim} }} }}
"
        )
    }

    #[test]
    fn zones_are_judged_by_what_they_may_reach() {
        for (claim, expected) in [
            ("{ zone: users, never-reaches: zone/open }", "proved"),
            ("{ zone: users, never-reaches: zone/guests }", "REFUTED"),
            ("{ zone: users, never-reaches: zone/guests, on: ssh }", "proved"),
            ("{ zone: users, reaches: zone/guests, on: https }", "proved"),
            ("{ zone: users, reaches: zone/guests, on: [https, ssh] }", "REFUTED"),
            ("{ zone: users, reaches: internet }", "proved"),
            ("{ zone: open, never-reaches: internet }", "REFUTED"),
            ("{ zone: open, reaches-only: internet }", "proved"),
            ("{ zone: guests, reaches-only: [internet, gateway] }", "REFUTED"),
            ("{ zone: guests, reaches-only: [internet, gateway, web] }", "proved"),
            ("{ zone: guests, never-reaches: zone/users }", "REFUTED"),
            ("{ zone: guests, isolated: true }", "proved"),
            ("{ zone: open, isolated: true }", "not judged"),
            ("{ zone: users, isolated: true }", "REFUTED"),
        ] {
            assert_eq!(verdicts(&lab(claim)), [expected], "{claim}");
        }
    }

    #[test]
    fn the_reason_names_the_rule_and_the_address() {
        let why = because(&lab("{ zone: guests, never-reaches: zone/users }"));
        assert_eq!(why, "`guests` may reach web on https, at 10.0.30.10/32.");
    }
}
