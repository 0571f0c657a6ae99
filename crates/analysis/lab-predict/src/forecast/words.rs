//! Harm and parts in the operator's words.

use super::Forecast;
use super::consequence::Harm;
use crate::works::{PartId, PartKind, Subject};
use std::collections::{BTreeMap, BTreeSet};

/// Names in one phrase before the rest is counted.
const NAMES_MAX: usize = 6;
/// Data named with the lost pool that it is on.
const DATA_MAX: usize = 3;
/// Parts in one phrase before they are counted by kind.
const PARTS_MAX: usize = 12;

/// `photos, files and 4 more`, with all names when there are few.
pub(crate) fn names<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.into_iter().collect();
    if names.len() <= NAMES_MAX + 1 {
        return names.join(", ");
    }
    format!("{} and {} more", names[..NAMES_MAX].join(", "), names.len() - NAMES_MAX)
}

/// `1 service`, `3 services`.
pub(crate) fn counted(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

/// What people notice, one phrase an entry, the worst first. Empty when nobody loses anything.
pub(crate) fn harm_phrases(forecast: &Forecast<'_>, harm: &Harm) -> Vec<String> {
    let works = &forecast.works;
    let label = |subject: Subject| works.label(subject);
    let mut phrases = Vec::new();
    let mut say = |text: &str, names: String| {
        if !names.is_empty() {
            phrases.push(format!("{text}: {names}"));
        }
    };
    say("DATA LOST", stores(forecast, harm, true));
    say(
        "only scratch or further copies lost",
        names(harm.scratch_lost.iter().map(|id| label(Subject::Pool(*id)))),
    );
    say("gone", names(harm.services_gone.iter().map(|id| label(Subject::Service(*id)))));
    let mut some: BTreeMap<&[u32], Vec<&str>> = BTreeMap::new();
    for (service, vantages) in &harm.gone_for_some {
        some.entry(vantages).or_default().push(label(Subject::Service(*service)));
    }
    for (vantages, services) in some {
        let people = names(vantages.iter().map(|at| works.vantages[*at as usize].label.as_str()));
        say(&format!("gone for {people}"), names(services));
    }
    say("storage stops", stores(forecast, harm, false));
    say(
        "no Internet for",
        names(harm.no_internet.iter().map(|at| works.vantages[*at as usize].label.as_str())),
    );
    say("cannot decide", names(harm.no_quorum.iter().map(|id| label(Subject::Cluster(*id)))));
    phrases
}

/// Pools by name, and data whose pools are not all among them.
fn stores(forecast: &Forecast<'_>, harm: &Harm, lost: bool) -> String {
    let works = &forecast.works;
    let (pools, data) =
        if lost { (&harm.pools_lost, &harm.data_lost) } else { (&harm.pools_stopped, &harm.data_stopped) };
    let told = |pool: &crate::works::PoolId| pools.contains(pool);
    let rest = data.iter().filter(|id| !works[**id].pools.iter().any(told));
    let pool = |id: &crate::works::PoolId| {
        let of_pool = data.iter().filter(|data| works[**data].pools.contains(id));
        let of_pool: Vec<&str> = of_pool.map(|data| works.label(Subject::Data(*data))).collect();
        let label = works.label(Subject::Pool(*id));
        match lost && (1..=DATA_MAX).contains(&of_pool.len()) {
            true => format!("{label} with {}", of_pool.join(" and ")),
            false => label.to_owned(),
        }
    };
    let told: Vec<String> = pools.iter().map(pool).collect();
    names(told.iter().map(String::as_str).chain(rest.map(|id| works.label(Subject::Data(*id)))))
}

/// Machines and units that stop, without the parts that failed themselves.
pub(crate) fn stopped_phrases(forecast: &Forecast<'_>, harm: &Harm, failed: &[PartId]) -> Vec<String> {
    let works = &forecast.works;
    let own: Vec<_> = failed.iter().filter_map(|part| works[*part].thing).collect();
    let mut machines: Vec<&str> = harm.machines_down.iter().map(|id| works[*id].label.as_str()).collect();
    machines.dedup();
    let units = harm.units_off.iter().filter(|id| {
        let is_own = own.contains(&works[**id].thing);
        !is_own && !machines.contains(&works[**id].label.as_str())
    });
    let units: Vec<&str> = units.map(|id| works[*id].label.as_str()).collect();
    let mut phrases = Vec::new();
    if !machines.is_empty() {
        phrases.push(format!("stops: {}", names(machines)));
    }
    if !units.is_empty() {
        phrases.push(format!("off: {}", names(units)));
    }
    phrases
}

/// Parts in one phrase, runs of numbers drawn together: `bay-1..6 of nas-1`, and by kind when there are many.
pub(crate) fn parts(forecast: &Forecast<'_>, parts: &[PartId]) -> String {
    let works = &forecast.works;
    let runs = drawn_together(parts.iter().map(|part| works[*part].label.as_str()));
    if runs.len() <= PARTS_MAX {
        return runs.join(", ");
    }
    let mut kinds: BTreeMap<PartKind, usize> = BTreeMap::new();
    parts.iter().for_each(|part| *kinds.entry(works[*part].kind).or_default() += 1);
    let counts: Vec<String> = kinds.iter().map(|(kind, n)| kind_counted(*kind, *n)).collect();
    format!("any of {} ({}, ...)", counts.join(", "), runs[..4].join(", "))
}

/// `3 drives`, `1 cable`.
pub(crate) fn kind_counted(kind: PartKind, n: usize) -> String {
    let one = match kind {
        PartKind::Grid => "grid",
        PartKind::PowerNode => "breaker or power circuit",
        PartKind::Ups => "UPS",
        PartKind::Pdu => "PDU",
        PartKind::Supply => "power supply",
        PartKind::Switch => "switch",
        PartKind::Router => "router",
        PartKind::AccessPoint => "access point",
        PartKind::Device => "device",
        PartKind::Card => "card",
        PartKind::Cable => "cable",
        PartKind::Cord => "power cord",
        PartKind::Drive => "drive",
        PartKind::Host => "host's system",
        PartKind::Vm => "virtual machine",
        PartKind::Circuit => "line",
        PartKind::External => "outside service",
        PartKind::Shared => "room",
    };
    let many = match kind {
        PartKind::PowerNode => "breakers and power circuits",
        PartKind::Ups => "UPSes",
        PartKind::Supply => "power supplies",
        PartKind::Switch => "switches",
        PartKind::Host => "hosts' systems",
        _ => return counted(n, one, &format!("{one}s")),
    };
    counted(n, one, many)
}

/// Labels that differ in one number only become one: `node-1..3`, `the cable from switch-1:sfp-1..3 to ...` stays as it is.
pub(crate) fn drawn_together<'a>(labels: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut runs: Vec<(String, &str, &str, u64, u64)> = Vec::new();
    let mut seen = BTreeSet::new();
    // A device and the host on it have one name.
    for label in labels.into_iter().filter(|label| seen.insert(*label)) {
        let (before, number, after) = split_number(label);
        match (runs.last_mut(), number) {
            (Some((text, known, tail, first, last)), Some(number))
                if *known == before && *tail == after && number == *last + 1 =>
            {
                *last = number;
                *text = format!("{before}{first}..{number}{after}");
            }
            (_, number) => {
                let number = number.unwrap_or(u64::MAX - 1);
                runs.push((label.to_owned(), before, after, number, number));
            }
        }
    }
    runs.into_iter().map(|(text, ..)| text).collect()
}

/// Texts that are alike but for numbers that count up in step, as one: `the drive of n-1` and `the drive of n-2` are `the drive of n-1..2`.
/// None when they are not.
pub(crate) fn in_step(texts: &[&str]) -> Option<String> {
    let words: Vec<Vec<&str>> = texts.iter().map(|text| text.split(' ').collect()).collect();
    let n_words = words.first()?.len();
    if words.iter().any(|words| words.len() != n_words) {
        return None;
    }
    let one = |at: usize| counting(&words.iter().map(|words| words[at]).collect::<Vec<_>>());
    (0..n_words).map(one).collect::<Option<Vec<String>>>().map(|words| words.join(" "))
}

/// Words that are the same, or count up by one at a single place.
fn counting(words: &[&str]) -> Option<String> {
    let (first, last) = (words.first()?, words.last()?);
    if words.iter().all(|word| word == first) {
        return Some((*first).to_owned());
    }
    let same: usize =
        first.chars().zip(last.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum();
    let start = first[..same].trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let digits = |word: &str| -> usize { word[start..].bytes().take_while(u8::is_ascii_digit).count() };
    let tail = &first[start + digits(first)..];
    let first_number: u64 = first[start..start + digits(first)].parse().ok()?;
    let counts_on = |(expected, word): (u64, &&str)| {
        let is_alike = word.starts_with(&first[..start]) && word.ends_with(tail);
        is_alike && word[start..].len() == digits(word) + tail.len() && {
            let own = word[start..start + digits(word)].parse::<u64>();
            own.is_ok_and(|own| own == expected)
        }
    };
    if !(first_number..).zip(words).all(counts_on) {
        return None;
    }
    let number = |word: &str| word[start..start + digits(word)].to_owned();
    Some(format!("{}{}..{}{tail}", &first[..start], number(first), number(last)))
}

/// The first number of a name and what stands around it; none when it is written with zeros in front.
fn split_number(label: &str) -> (&str, Option<u64>, &str) {
    let start = label.find(|c: char| c.is_ascii_digit());
    let Some(start) = start else { return (label, None, "") };
    let rest = &label[start..];
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let digits = &rest[..end];
    let number = if digits.len() > 1 && digits.starts_with('0') { None } else { digits.parse().ok() };
    (&label[..start], number, &rest[end..])
}

/// A share of a year in words: `5 h a year`, `3 min a year`, with no more digits than the figures behind it carry.
pub(crate) fn a_year(unavailability: f64) -> String {
    let hours = unavailability * 8766.0;
    if hours >= 48.0 {
        format!("{:.0} days a year", hours / 24.0)
    } else if hours >= 9.5 {
        format!("{hours:.0} h a year")
    } else if hours >= 0.95 {
        format!("{hours:.1} h a year")
    } else if hours * 60.0 >= 0.95 {
        format!("{:.0} min a year", hours * 60.0)
    } else {
        "under a minute a year".to_owned()
    }
}

/// How often something happens, in words and to one digit: `once in 300 years, were failures independent`.
pub(crate) fn once_in(a_year: f64) -> String {
    if a_year <= 0.0 {
        return "never by these figures".to_owned();
    }
    let years = 1.0 / a_year;
    let how_often = if years < 1.5 {
        format!("about {a_year:.0} times a year")
    } else if years >= 1e6 {
        "less than once in a million years".to_owned()
    } else {
        let unit = 10_f64.powf(years.log10().floor());
        format!("about once in {} years", (years / unit).round() * unit)
    };
    format!("{how_often} if failures have nothing to do with each other")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_drawn_together() {
        assert_eq!(
            drawn_together(["bay-1 of nas", "bay-2 of nas", "bay-3 of nas", "ups"]),
            ["bay-1..3 of nas", "ups"]
        );
        assert_eq!(drawn_together(["m-01", "m-02"]), ["m-01", "m-02"]);
        assert_eq!(drawn_together(["node-1", "node-3"]), ["node-1", "node-3"]);
    }

    #[test]
    fn what_counts_up_in_step_is_one() {
        for (texts, expected) in [
            (&["bay of n-1, s-01", "bay of n-2, s-02"][..], Some("bay of n-1..2, s-01..02")),
            (&["n-9 and n-1", "n-10 and n-1"], Some("n-9..10 and n-1")),
            (&["n-1", "n-3"], None),
            (&["n-1", "m-2"], None),
            (&["n-1 x", "n-2"], None),
            (&["é-1", "è-2"], None),
            (&["n1a", "n2b"], None),
        ] {
            assert_eq!(in_step(texts).as_deref(), expected, "{texts:?}");
        }
    }

    #[test]
    fn shares_of_a_year_carry_few_digits() {
        assert_eq!(a_year(0.01), "4 days a year");
        assert_eq!(a_year(5.0 / 8766.0), "5.0 h a year");
        assert_eq!(a_year(0.25 / 8766.0), "15 min a year");
        assert_eq!(a_year(0.0), "under a minute a year");
        let alone = "if failures have nothing to do with each other";
        assert_eq!(once_in(0.003), format!("about once in 300 years {alone}"));
        assert_eq!(once_in(2.2), format!("about 2 times a year {alone}"));
        assert_eq!(once_in(1e-9), format!("less than once in a million years {alone}"));
    }
}
