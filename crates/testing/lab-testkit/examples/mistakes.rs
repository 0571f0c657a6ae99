//! Plants every mistake and prints a table, what was missed, and the messages of what was found.
//! Arguments: a list (`fourth`), a part of a family's name or of a description narrow it; `all` also prints what was found.

use lab_testkit::mistakes::{Bench, Mistake, Outcome, Variant, all, table};
use std::io::Write as _;
use std::path::Path;

fn main() -> std::io::Result<()> {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "all").collect();
    let with_found = std::env::args().any(|word| word == "all");
    let labs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../labs");
    let bench = Bench::load(&labs, jiff::civil::date(2026, 11, 1))?;
    let mistakes: Vec<Mistake> = all()
        .into_iter()
        .filter(|mistake| {
            words.iter().all(|word| {
                mistake.list == *word || mistake.family.contains(word) || mistake.says.contains(word)
            })
        })
        .collect();
    let planted: Vec<(&Mistake, &Variant)> = mistakes
        .iter()
        .flat_map(|mistake| mistake.variants.iter().map(move |variant| (mistake, variant)))
        .collect();
    let verdicts = bench.judge_all(&planted.iter().map(|(_, variant)| *variant).collect::<Vec<_>>());
    let mut out = std::io::stdout().lock();
    for ((mistake, variant), verdict) in planted.iter().zip(&verdicts) {
        if verdict.outcome.is_found() && !with_found {
            continue;
        }
        let change = &variant.patches[0];
        writeln!(
            out,
            "{:?} {}: {} @ {} {}",
            verdict.outcome, mistake.family, mistake.says, variant.lab, change.file
        )?;
        if verdict.outcome != Outcome::Here {
            writeln!(out, "    + {}", change.new.trim().replace('\n', " / "))?;
        }
        for found in &verdict.found {
            let mark = if found.here { "=>" } else { "  " };
            writeln!(out, "    {mark} {} {}: {}", found.at, found.code, found.message)?;
        }
    }
    write!(out, "\n{}", table(planted.iter().map(|(mistake, _)| *mistake).zip(&verdicts)))
}
