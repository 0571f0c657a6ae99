//! The text that mistakes are written in, and how one is planted.
//!
//! ```text
//! = family
//! # What went wrong, in an operator's words
//! @ starter network.yaml        a variant: lab, then file
//! - 3..7: mgmt                  text that stands there once (the first is taken); none: the rest is appended
//! + 3..7: servers               what stands there instead
//! & hardware.yaml               a further change of the same variant
//! ? hardware.yaml: ups-1:       a line, beside the changed ones, that a finding may point to
//! ```

/// A mistake and the ways in which it is planted.
#[derive(Clone, Debug)]
pub struct Mistake {
    /// The list it was written in: `first`, `second`.
    pub list: &'static str,
    /// The family, such as `addressing`.
    pub family: String,
    /// What went wrong, in an operator's words.
    pub says: String,
    /// The ways in which it is planted.
    pub variants: Vec<Variant>,
}

/// One way to plant a mistake.
#[derive(Clone, Debug)]
pub struct Variant {
    /// The lab, by the name of its folder.
    pub lab: String,
    /// The changes that together make it.
    pub patches: Vec<Patch>,
    /// Lines that a finding may point to beside the changed ones.
    pub places: Vec<Place>,
}

/// A change of one file.
#[derive(Clone, Default, Debug)]
pub struct Patch {
    /// The file, relative to the lab.
    pub file: String,
    /// The text that stands there; empty to append.
    pub old: String,
    /// The text instead.
    pub new: String,
}

/// A line, named by a part of its text.
#[derive(Clone, Debug)]
pub struct Place {
    /// The file, relative to the lab.
    pub file: String,
    /// A part of the line; every line that has it counts.
    pub text: String,
}

/// The lists in the order in which they were written, each before looking at the rules.
const LISTS: &[(&str, &[&str])] = &[
    (
        "first",
        &[
            include_str!("../../mistakes/addressing.txt"),
            include_str!("../../mistakes/switching.txt"),
            include_str!("../../mistakes/cabling.txt"),
            include_str!("../../mistakes/rack.txt"),
            include_str!("../../mistakes/power.txt"),
            include_str!("../../mistakes/storage.txt"),
            include_str!("../../mistakes/compute.txt"),
            include_str!("../../mistakes/policy.txt"),
            include_str!("../../mistakes/backup.txt"),
        ],
    ),
    ("second", &[include_str!("../../mistakes/second.txt")]),
    ("third", &[include_str!("../../mistakes/third.txt")]),
    ("fourth", &[include_str!("../../mistakes/fourth.txt")]),
];

/// All mistakes, list by list and family by family.
pub fn all() -> Vec<Mistake> {
    let of_list = |(list, texts): &(&'static str, &[&str])| -> Vec<Mistake> {
        texts.iter().flat_map(|text| parse(list, text)).collect()
    };
    LISTS.iter().flat_map(of_list).collect()
}

/// Reads the text of one family. Panics on text that is none: it is part of this crate.
pub(super) fn parse(list: &'static str, text: &str) -> Vec<Mistake> {
    let mut family = String::new();
    let mut mistakes: Vec<Mistake> = Vec::new();
    for line in text.lines().filter(|line| !line.is_empty()) {
        let (mark, rest) = line.split_at(1);
        let rest = rest.strip_prefix(' ').unwrap_or(rest);
        match mark {
            "=" => rest.clone_into(&mut family),
            "#" => {
                let (family, says) = (family.clone(), rest.to_owned());
                mistakes.push(Mistake { list, family, says, variants: Vec::new() });
            }
            _ => {
                let mistake = mistakes.last_mut().expect("a mistake begins with `#`");
                variant_line(&mut mistake.variants, mark, rest);
            }
        }
    }
    mistakes
}

fn variant_line(variants: &mut Vec<Variant>, mark: &str, rest: &str) {
    if mark == "@" {
        let (lab, file) = rest.split_once(' ').expect("`@ lab file`");
        let patch = Patch { file: file.to_owned(), ..Patch::default() };
        variants.push(Variant { lab: lab.to_owned(), patches: vec![patch], places: Vec::new() });
        return;
    }
    let variant = variants.last_mut().expect("a variant begins with `@`");
    let patch = variant.patches.last_mut().expect("`@` makes the first");
    match mark {
        "&" => variant.patches.push(Patch { file: rest.to_owned(), ..Patch::default() }),
        "-" => add_line(&mut patch.old, rest),
        "+" => add_line(&mut patch.new, rest),
        "?" => {
            let (file, text) = rest.split_once(": ").expect("`? file: text`");
            variant.places.push(Place { file: file.to_owned(), text: text.to_owned() });
        }
        other => panic!("a line of a mistake begins with one of `= # @ & - + ?`, not {other:?}"),
    }
}

fn add_line(text: &mut String, line: &str) {
    if !text.is_empty() {
        text.push('\n');
    }
    text.push_str(line);
}

impl Patch {
    /// The text with the change, and the numbers of the lines that it changed, from 0.
    /// `None` when the old text does not stand there.
    pub fn apply(&self, text: &str) -> Option<(String, Vec<usize>)> {
        let (start, end) = if self.old.is_empty() {
            (text.len(), text.len())
        } else {
            let start = text.find(&self.old)?;
            (start, start + self.old.len())
        };
        let changed = format!("{}{}{}", &text[..start], self.new, &text[end..]);
        let first = text[..start].matches('\n').count();
        let old: Vec<&str> = self.old.lines().collect();
        let differs = |line: &&str| !old.contains(line);
        let mut lines: Vec<usize> = self
            .new
            .lines()
            .enumerate()
            .filter(|(_, line)| differs(line))
            .map(|(at, _)| first + at)
            .collect();
        if lines.is_empty() {
            lines.push(first);
        }
        Some((changed, lines))
    }
}
