//! The engine against SCRAM, an independent tool for fault trees (Debian package `scram`): the same cut sets and probabilities, on
//! generated trees and on the examples that come with it.

use crate::{generate, survey};
use lab_predict::compile::compile;
use lab_predict::open_psa::{Options, Source, read, write};
use lab_predict::probability::{NODES_MAX, Probabilities};
use lab_predict::{Circuit, Limits, minimal_cut_sets};
use lab_testkit::fault_tree::{Shape, fault_tree};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::Command;

/// What SCRAM says of one top.
#[derive(Default, Debug)]
struct Said {
    sets: BTreeSet<BTreeSet<String>>,
    probability: Option<f64>,
}

/// Runs SCRAM over files, and reads its report.
fn scram(files: &[PathBuf], args: &[&str]) -> BTreeMap<String, Said> {
    let output = Command::new("scram").args(args).args(files).output();
    let output = output.expect("the package `scram` is installed; `cargo xtask test` installs it");
    assert!(output.status.success(), "scram {args:?} {files:?}: {}", String::from_utf8_lossy(&output.stderr));
    let report = String::from_utf8(output.stdout).expect("its report is UTF-8");
    let mut said: BTreeMap<String, Said> = BTreeMap::new();
    let mut top = String::new();
    let mut set: Option<BTreeSet<String>> = None;
    let value = |line: &str, name: &str| {
        line.split(&format!(" {name}=\"")).nth(1).and_then(|rest| rest.split('"').next()).map(str::to_owned)
    };
    for line in report.lines().map(str::trim) {
        if line.starts_with("<sum-of-products") {
            top = value(line, "name").expect("a sum of products has a name");
            let probability = value(line, "probability").and_then(|number| number.parse().ok());
            said.insert(top.clone(), Said { sets: BTreeSet::new(), probability });
        } else if line.starts_with("<product ") {
            set = Some(BTreeSet::new());
        } else if let (Some(set), true) = (&mut set, line.starts_with("<basic-event ")) {
            set.insert(value(line, "name").expect("a basic event has a name"));
        } else if line == "</product>" {
            let known = said.get_mut(&top).expect("products stand in a sum");
            known.sets.extend(set.take());
        }
    }
    said
}

/// Names of cut sets of up to three events, by top.
fn ours(circuit: &Circuit) -> BTreeMap<String, BTreeSet<BTreeSet<String>>> {
    let answer = minimal_cut_sets(circuit, Limits::of_order(3)).expect("orders 1 to 4 are computed");
    let of_top = |top: &lab_predict::CutSets| {
        assert_eq!(top.complete_to, 3);
        let names = |set: Vec<lab_predict::EventId>| -> BTreeSet<String> {
            set.into_iter().map(|event| circuit.event(event).name.clone()).collect()
        };
        (1..=3).flat_map(|order| top.sets(order)).map(names).collect()
    };
    let names = circuit.tops().iter().map(|top| top.name.clone());
    names.zip(answer.tops.iter().map(of_top)).collect()
}

/// How many sets were compared.
fn compare_sets(circuit: &Circuit, files: &[PathBuf], algorithm: &str) -> usize {
    let said = scram(files, &[algorithm, "--limit-order", "3"]);
    let ours = ours(circuit);
    assert_eq!(
        ours.keys().collect::<Vec<_>>(),
        said.keys().collect::<Vec<_>>(),
        "the same tops of {files:?}"
    );
    for (top, sets) in &ours {
        // Not assert_eq: a difference among thousands of sets is read better as the difference.
        let differing: Vec<_> = sets.symmetric_difference(&said[top].sets).take(5).collect();
        assert!(differing.is_empty(), "{top} of {files:?}: {differing:?}");
    }
    ours.values().map(BTreeSet::len).sum()
}

/// SCRAM prints six digits.
fn compare_probabilities(circuit: &Circuit, files: &[PathBuf]) {
    let said = scram(files, &["--bdd", "--probability", "true"]);
    let probabilities = Probabilities::new(circuit, NODES_MAX);
    for (place, top) in circuit.tops().iter().enumerate() {
        let exact = probabilities.top(place).exact().expect("these trees fit a diagram");
        let theirs = said[&top.name].probability.expect("it was asked for");
        assert!(
            (exact - theirs).abs() <= 1e-5 * theirs.abs(),
            "{} of {files:?}: {exact}, SCRAM {theirs}",
            top.name
        );
    }
}

fn written(folder: &std::path::Path, name: &str, circuit: &Circuit) -> PathBuf {
    let file = folder.join(format!("{name}.xml"));
    std::fs::write(&file, write(circuit)).expect("the folder is there");
    file
}

fn read_files(files: &[PathBuf]) -> Circuit {
    let texts: Vec<String> =
        files.iter().map(|file| std::fs::read_to_string(file).expect("it is there")).collect();
    let sources: Vec<Source<'_>> = texts.iter().map(|text| Source { name: "tree.xml", text }).collect();
    read(&sources, Options::default()).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn generated_trees_have_the_cut_sets_that_scram_finds() {
    let folder = tempfile::tempdir().expect("a folder");
    let sizes = [25, 40, 60, 100, 160, 250, 400, 600, 1000, 1500];
    let mut n_sets = 0;
    for (seed, n_events) in sizes.into_iter().enumerate() {
        for variant in 0..2 {
            let circuit = generate::fault_tree(n_events, (seed * 3 + variant) as u64);
            let file = written(folder.path(), &format!("tree-{n_events}-{variant}"), &circuit);
            n_sets += compare_sets(&circuit, &[file], "--zbdd");
        }
    }
    assert!(n_sets > 10_000, "trees without cut sets would prove nothing");
}

#[test]
fn generated_trees_have_the_probabilities_that_scram_finds() {
    let folder = tempfile::tempdir().expect("a folder");
    for (seed, n_events) in [25, 30, 35, 40].into_iter().enumerate() {
        for variant in 0..3 {
            let circuit = generate::fault_tree(n_events, 100 + (seed * 3 + variant) as u64);
            let file = written(folder.path(), &format!("tree-{n_events}-{variant}"), &circuit);
            compare_probabilities(&circuit, &[file]);
        }
    }
}

/// Trees of every shape. Not of votes of 25, 243 and 400 events: there one thing stands twice among the inputs of a vote, by way of gates
/// with one input, and SCRAM lists sets that are none (`e24` alone for two of `e24`, `g21`, `g21`).
#[test]
fn trees_in_the_manner_of_plants_have_the_cut_sets_that_scram_finds() {
    use Shape::{Dense, Support, Trains, Votes};
    let mut trees: Vec<(Shape, usize, &str)> = Vec::new();
    for shape in [Dense, Trains, Support] {
        trees.extend([25, 61, 122, 276, 400].map(|events| (shape, events, "--zbdd")));
    }
    trees.extend([61, 122, 276, 1000].map(|events| (Votes, events, "--zbdd")));
    let folder = tempfile::tempdir().expect("a folder");
    let mut n_sets = 0;
    for (shape, events, algorithm) in trees {
        let file = folder.path().join(format!("{}-{events}.xml", shape.word()));
        std::fs::write(&file, fault_tree(shape, events, 1)).expect("the folder is there");
        let circuit = read_files(std::slice::from_ref(&file));
        n_sets += compare_sets(&circuit, &[file], algorithm);
    }
    assert!(n_sets > 10_000, "trees without cut sets would prove nothing");
}

/// The fault trees of a lab as exported, read back.
fn exported(folder: &std::path::Path, lab: &str) -> (Circuit, PathBuf) {
    let file = written(folder, lab, &compile(&survey::works(lab)).circuit);
    (read_files(std::slice::from_ref(&file)), file)
}

/// Every outcome of every lab: services, data, pools, machines, clusters, the Internet.
#[test]
fn labs_have_the_cut_sets_and_probabilities_that_scram_finds() {
    let folder = tempfile::tempdir().expect("a folder");
    for lab in survey::LABS {
        let (circuit, file) = exported(folder.path(), lab);
        let files = [file];
        let n_sets = compare_sets(&circuit, &files, "--zbdd");
        assert!(n_sets > circuit.tops().len(), "{lab}: {n_sets} sets prove nothing");
        compare_probabilities(&circuit, &files);
    }
}

#[test]
fn examples_of_scram_agree() {
    let home = PathBuf::from("/usr/share/scram/input");
    let examples: [&[&str]; 12] = [
        &["BSCU/BSCU.xml"],
        &["Baobab/baobab1.xml", "Baobab/baobab1-basic-events.xml"],
        &["Baobab/baobab2.xml", "Baobab/baobab2-basic-events.xml"],
        &["Chinese/chinese.xml", "Chinese/chinese-basic-events.xml"],
        &["Chinese/chinese.xml", "Chinese/high-prob.xml"],
        &["HIPPS/HIPPS.xml"],
        &["Lift/lift.xml"],
        &["SmallTree/SmallTree.xml"],
        &["Theatre/theatre.xml"],
        &["ThreeMotor/three_motor.xml"],
        &["TwoTrain/two_train.xml"],
        &["ne574/ne574.xml"],
    ];
    for example in examples {
        let files: Vec<PathBuf> = example.iter().map(|file| home.join(file)).collect();
        let circuit = read_files(&files);
        compare_sets(&circuit, &files, "--bdd");
        compare_probabilities(&circuit, &files);
    }
}

#[test]
fn an_example_that_is_not_coherent_is_refused() {
    let home = PathBuf::from("/usr/share/scram/input/CEA9601");
    let texts = ["CEA9601.xml", "CEA9601-basic-events.xml"]
        .map(|name| (name, std::fs::read_to_string(home.join(name)).expect("it is there")));
    let sources: Vec<Source<'_>> = texts.iter().map(|(name, text)| Source { name, text }).collect();
    let error = read(&sources, Options::default()).unwrap_err().to_string();
    assert!(error.starts_with("CEA9601.xml:") && error.contains("<not> is not coherent"), "{error}");
}
