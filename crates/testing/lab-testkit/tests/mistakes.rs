//! Planted mistakes are found, healthy labs are left alone.

use lab_testkit::mistakes::{Bench, Mistake, Outcome, Variant, all, table};
use std::path::Path;

/// Of a hundred planted mistakes, how many are at least found at the right place.
const FLOOR_PERCENT: usize = 98;

fn bench() -> Bench {
    let labs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../labs");
    Bench::load(&labs, jiff::civil::date(2026, 11, 1)).expect("the labs are part of the repository")
}

#[test]
fn nothing_is_found_in_the_healthy_lab() {
    assert_eq!(bench().healthy("starter"), Vec::<String>::new());
}

#[test]
fn planted_mistakes_are_found_where_they_are() {
    let mistakes = all();
    let planted: Vec<(&Mistake, &Variant)> = mistakes
        .iter()
        .flat_map(|mistake| mistake.variants.iter().map(move |variant| (mistake, variant)))
        .collect();
    let verdicts = bench().judge_all(&planted.iter().map(|(_, variant)| *variant).collect::<Vec<_>>());
    let sum = table(planted.iter().map(|(mistake, _)| *mistake).zip(&verdicts));
    let says = |outcomes: &[Outcome]| -> Vec<String> {
        let chosen = planted.iter().zip(&verdicts).filter(|(_, verdict)| outcomes.contains(&verdict.outcome));
        chosen
            .map(|((mistake, variant), _)| {
                format!("{} @ {}: {:?}", mistake.says, variant.lab, variant.patches)
            })
            .collect()
    };
    assert_eq!(says(&[Outcome::Stale]), Vec::<String>::new(), "these no longer fit their lab");
    let found = verdicts.iter().filter(|verdict| verdict.outcome.is_found()).count();
    let missed = says(&[Outcome::Missed, Outcome::Elsewhere]).join("\n");
    assert!(found * 100 >= verdicts.len() * FLOOR_PERCENT, "{missed}\n{sum}");
}
