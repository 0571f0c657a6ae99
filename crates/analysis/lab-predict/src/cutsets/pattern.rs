//! Cut sets as patterns: "any 3 of bulk/disk0..7" instead of 56 lines.
//!
//! Two classes that can change places without changing the family are alike. Of classes that are alike only the number in a set
//! matters, so a family is a list of such numbers, and nothing is lost: expanded, the patterns are the sets again.

use super::{CutSets, ORDER_MAX};
use crate::circuit::{Circuit, EventId};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Some sets at once: of each part, any so many together.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pattern {
    /// The parts, which have no event in common.
    pub parts: Vec<PatternPart>,
    /// How many minimal cut sets it stands for.
    pub n_sets: u64,
}

/// Any `n` of the groups, with any one event of each.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PatternPart {
    /// How many groups have to fail.
    pub n: usize,
    /// The groups. Events of one group are alike in effect: one of them is enough.
    pub groups: Vec<Vec<EventId>>,
}

/// Families with more sets of classes than this are given set by set: looking for likeness would take longer than solving them.
pub const PATTERN_SETS_MAX: usize = 20_000;

/// The minimal cut sets of one order as patterns, in the order of their first events.
pub fn patterns(cut_sets: &CutSets, order: usize) -> Vec<Pattern> {
    let sets: Vec<Vec<u32>> = cut_sets.numbers(order).map(Iterator::collect).collect();
    let mut patterns = gather(&sets, |class| cut_sets.class(class).to_vec());
    loop {
        let before = patterns.len();
        patterns = gather_again(patterns);
        if patterns.len() == before {
            break;
        }
    }
    patterns.sort_by(|one, other| {
        one.parts.iter().map(|part| &part.groups).cmp(other.parts.iter().map(|part| &part.groups))
    });
    patterns
}

/// Sets of numbers as patterns, each number standing for some events.
fn gather(sets: &[Vec<u32>], events: impl Fn(u32) -> Vec<EventId>) -> Vec<Pattern> {
    let group_of = if sets.len() > PATTERN_SETS_MAX { HashMap::new() } else { alike(sets) };
    let mut members: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
    for (&number, &group) in &group_of {
        members.entry(group).or_default().insert(number);
    }
    let mut counted: BTreeSet<Vec<(u32, usize)>> = BTreeSet::new();
    for set in sets {
        let mut numbers: BTreeMap<u32, usize> = BTreeMap::new();
        for number in set {
            *numbers.entry(*group_of.get(number).unwrap_or(number)).or_default() += 1;
        }
        counted.insert(numbers.into_iter().collect());
    }
    let pattern = |numbers: Vec<(u32, usize)>| {
        let parts = numbers.into_iter().flat_map(|(group, n)| {
            let alone = BTreeSet::from([group]);
            let members = members.get(&group).unwrap_or(&alone);
            parts(n, members.iter().map(|number| events(*number)).collect())
        });
        let mut parts: Vec<PatternPart> = parts.collect();
        parts.sort_by(|one, other| one.groups.cmp(&other.groups));
        let n_sets = parts.iter().map(n_choices).product();
        Pattern { parts, n_sets }
    };
    counted.into_iter().map(pattern).collect()
}

/// Groups may be alike though their classes are not: three nodes of which each fails with its drive or its supply.
fn gather_again(patterns: Vec<Pattern>) -> Vec<Pattern> {
    let is_simple = |pattern: &Pattern| pattern.parts.iter().all(|part| part.n == 1);
    let (simple, mut rest): (Vec<Pattern>, Vec<Pattern>) = patterns.into_iter().partition(is_simple);
    let groups: BTreeSet<&Vec<EventId>> =
        simple.iter().flat_map(|pattern| &pattern.parts).flat_map(|part| &part.groups).collect();
    let groups: Vec<&Vec<EventId>> = groups.into_iter().collect();
    let n_events: usize = groups.iter().map(|group| group.len()).sum();
    let distinct: HashSet<EventId> = groups.iter().copied().flatten().copied().collect();
    if distinct.len() < n_events {
        rest.extend(simple);
        return rest;
    }
    let number: HashMap<&Vec<EventId>, u32> = groups.iter().copied().zip(0..).collect();
    let set = |pattern: &Pattern| {
        let mut set: Vec<u32> = pattern.parts.iter().map(|part| number[&part.groups[0]]).collect();
        set.sort_unstable();
        set
    };
    let sets: Vec<Vec<u32>> = simple.iter().map(set).collect();
    rest.extend(gather(&sets, |number| groups[number as usize].clone()));
    rest
}

/// Any `n` of the groups. All of them are a part each, and one of them is one of all their events.
fn parts(n: usize, groups: Vec<Vec<EventId>>) -> Vec<PatternPart> {
    if n == groups.len() {
        return groups.into_iter().map(|group| PatternPart { n: 1, groups: vec![group] }).collect();
    }
    if n > 1 {
        return vec![PatternPart { n, groups }];
    }
    let mut events = groups.concat();
    events.sort_unstable();
    vec![PatternPart { n, groups: vec![events] }]
}

/// The sum of the products of the sizes, over all choices of `n` groups.
fn n_choices(part: &PatternPart) -> u64 {
    let mut ways = vec![0_u64; part.n + 1];
    ways[0] = 1;
    for group in &part.groups {
        for chosen in (1..=part.n).rev() {
            ways[chosen] += ways[chosen - 1] * group.len() as u64;
        }
    }
    ways[part.n]
}

/// The group of each class, named by its smallest class.
fn alike(sets: &[Vec<u32>]) -> HashMap<u32, u32> {
    let mut sets_of: BTreeMap<u32, Vec<&[u32]>> = BTreeMap::new();
    for set in sets {
        set.iter().for_each(|class| sets_of.entry(*class).or_default().push(set));
    }
    let known: HashSet<&[u32]> = sets.iter().map(Vec::as_slice).collect();
    let mut first_of: HashMap<usize, Vec<u32>> = HashMap::new();
    let mut group_of = HashMap::new();
    for (&class, own) in &sets_of {
        // Only classes in equally many sets can be alike.
        let firsts = first_of.entry(own.len()).or_default();
        let group = firsts.iter().copied().find(|&first| can_change_places(class, first, own, &known));
        if group.is_none() {
            firsts.push(class);
        }
        group_of.insert(class, group.unwrap_or(class));
    }
    group_of
}

/// With equally many sets on both sides it is enough to look from one.
fn can_change_places(class: u32, other: u32, own: &[&[u32]], known: &HashSet<&[u32]>) -> bool {
    own.iter().filter(|set| !set.contains(&other)).all(|set| {
        let mut changed: Vec<u32> =
            set.iter().map(|member| if *member == class { other } else { *member }).collect();
        changed.sort_unstable();
        known.contains(changed.as_slice())
    })
}

impl Pattern {
    /// The sets that it stands for, each ascending.
    pub fn sets(&self) -> Vec<Vec<EventId>> {
        let mut sets = vec![Vec::new()];
        for part in &self.parts {
            let longer = |set: &Vec<EventId>| {
                part.choices().into_iter().map(|own| [set.as_slice(), &own].concat()).collect()
            };
            sets = sets.iter().flat_map::<Vec<Vec<EventId>>, _>(longer).collect();
        }
        sets.iter_mut().for_each(|set| set.sort_unstable());
        sets
    }

    /// In words: `ups-a and any 2 of bulk/disk0..3`.
    pub fn shown(&self, circuit: &Circuit) -> String {
        let parts: Vec<String> = self.parts.iter().map(|part| part.shown(circuit)).collect();
        parts.join(" and ")
    }
}

impl PatternPart {
    /// Every choice of one event each of `n` groups.
    fn choices(&self) -> Vec<Vec<EventId>> {
        // By how many groups have been chosen from so far.
        let mut chosen: Vec<Vec<Vec<EventId>>> = vec![Vec::new(); self.n + 1];
        chosen[0].push(Vec::new());
        for group in &self.groups {
            for n in (0..self.n).rev() {
                let longer = |set: &Vec<EventId>| {
                    group.iter().map(|event| [set.as_slice(), &[*event]].concat()).collect::<Vec<_>>()
                };
                let longer: Vec<Vec<EventId>> = chosen[n].iter().flat_map(longer).collect();
                chosen[n + 1].extend(longer);
            }
        }
        chosen.swap_remove(self.n)
    }

    fn shown(&self, circuit: &Circuit) -> String {
        let names =
            |group: &Vec<EventId>| names_shown(group.iter().map(|event| circuit.event(*event).name.as_str()));
        match self.groups.as_slice() {
            [only] if only.len() == 1 => names(only),
            [only] => format!("any of {}", names(only)),
            groups if groups.iter().all(|group| group.len() == 1) => {
                format!("any {} of {}", self.n, names(&groups.concat()))
            }
            groups => {
                let shown: Vec<String> = groups.iter().map(|group| format!("({})", names(group))).collect();
                format!("any {} of {}", self.n, shown.join(", "))
            }
        }
    }
}

/// Sets, one a line.
pub(crate) struct Lines {
    /// The first of them.
    pub(crate) text: String,
    /// How many lines there would be more.
    pub(crate) n_more: usize,
    /// How many sets those stand for.
    pub(crate) n_sets_more: u64,
}

/// The sets of one order in the order of their first events: what [`patterns`] would show of a family of more than
/// [`PATTERN_SETS_MAX`] sets, without making a pattern of each. Up to so many lines.
pub(crate) fn lines(cut_sets: &CutSets, order: usize, circuit: &Circuit, n_max: usize) -> Lines {
    // Classes are numbered in the order of their first events, so packed sets would sort by their last class.
    let mut sets: Vec<[u32; ORDER_MAX]> = Vec::with_capacity(cut_sets.n_class_sets(order));
    for classes in cut_sets.numbers(order) {
        let mut set = [u32::MAX; ORDER_MAX];
        set.iter_mut().zip(classes).for_each(|(place, class)| *place = class);
        sets.push(set);
    }
    let n_shown = sets.len().min(n_max);
    if n_shown < sets.len() {
        sets.select_nth_unstable(n_shown);
    }
    let (sets, more) = sets.split_at_mut(n_shown);
    sets.sort_unstable();
    let mut names: Vec<String> = vec![String::new(); cut_sets.classes().len()];
    let mut text = String::new();
    for set in sets {
        for (place, &class) in set[..order].iter().enumerate() {
            let name = &mut names[class as usize];
            if name.is_empty() {
                *name = PatternPart { n: 1, groups: vec![cut_sets.class(class).to_vec()] }.shown(circuit);
            }
            text.push_str(if place == 0 { "    " } else { " and " });
            text.push_str(name);
        }
        text.push('\n');
    }
    let n_sets_more = more.iter().map(|set| cut_sets.n_sets(set[..order].iter().copied())).sum();
    Lines { text, n_more: more.len(), n_sets_more }
}

/// Names that differ in a number at their end only, or one name.
struct Run<'a> {
    name: &'a str,
    stem: &'a str,
    numbers: Option<(u64, u64)>,
}

/// Names in their order, with runs of numbers drawn together: `disk0..7, ups-a`.
fn names_shown<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let mut runs: Vec<Run<'_>> = Vec::new();
    for name in names {
        let (stem, number) = numbered(name);
        match (runs.last_mut(), number) {
            (Some(Run { stem: known, numbers: Some((_, last)), .. }), Some(number))
                if *known == stem && *last + 1 == number =>
            {
                *last = number;
            }
            _ => runs.push(Run { name, stem, numbers: number.map(|number| (number, number)) }),
        }
    }
    let shown = |run: &Run<'_>| match run.numbers {
        Some((first, last)) if last > first => format!("{}{first}..{last}", run.stem),
        _ => run.name.to_owned(),
    };
    runs.iter().map(shown).collect::<Vec<_>>().join(", ")
}

/// A name and the number at its end, unless the number has zeros in front.
fn numbered(name: &str) -> (&str, Option<u64>) {
    let stem = name.trim_end_matches(|letter: char| letter.is_ascii_digit());
    let digits = &name[stem.len()..];
    let is_plain = digits == "0" || !digits.starts_with('0');
    match digits.parse() {
        Ok(number) if is_plain => (stem, Some(number)),
        _ => (name, None),
    }
}
