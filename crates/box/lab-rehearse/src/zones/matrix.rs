//! What came of the trials: a matrix of zones, and every packet that did not do what the rules say.

use super::trials::{Trial, Trials};
use lab_box::Transport;
use lab_show::document::{Block, Document, Table};

/// Trials counted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    /// How many were tried.
    pub tried: usize,
    /// How many of them passed.
    pub passed: usize,
    /// How many did not do what the rules say.
    pub against: usize,
    /// How many could not be judged, since a program has the port.
    pub unjudged: usize,
}

/// Counts the trials that `of` takes.
pub fn tally(trials: &Trials, seen: &[Option<bool>], of: impl Fn(&Trial) -> bool) -> Tally {
    let mut tally = Tally::default();
    for (trial, seen) in trials.trials.iter().zip(seen).filter(|(trial, _)| of(trial)) {
        match seen {
            None => tally.unjudged += 1,
            Some(passed) => {
                tally.tried += 1;
                tally.passed += usize::from(*passed);
                tally.against += usize::from(*passed != trial.allowed);
            }
        }
    }
    tally
}

/// All of it as a document called `title`.
pub fn matrix(title: &str, trials: &Trials, seen: &[Option<bool>]) -> Document {
    let mut blocks = vec![Block::Table(cells(trials, seen)), Block::Text(words(trials, seen))];
    let wrong: Vec<(&Trial, bool)> = trials
        .trials
        .iter()
        .zip(seen)
        .filter_map(|(trial, seen)| Some((trial, (*seen)?)))
        .filter(|(trial, seen)| trial.allowed != *seen)
        .collect();
    if !wrong.is_empty() {
        blocks.push(Block::Table(against(&wrong)));
    }
    let mut untried = Table::new(&["not tried", "=because"]).titled("Not tried");
    for (what, why) in &trials.untried {
        untried.row([what.clone(), why.clone()]);
    }
    if !untried.rows.is_empty() {
        blocks.push(Block::Table(untried));
    }
    Document { title: title.to_owned(), blocks }
}

fn cells(trials: &Trials, seen: &[Option<bool>]) -> Table {
    let heads: Vec<&str> = std::iter::once("from").chain(trials.columns.iter().map(String::as_str)).collect();
    let mut table = Table::new(&heads);
    for row in &trials.rows {
        let cell = |column: &String| {
            cell(tally(trials, seen, |trial| trial.from == *row && trial.column == *column))
        };
        table.row(std::iter::once(row.clone()).chain(trials.columns.iter().map(cell)));
    }
    table
}

/// `open 9`, `closed 9`, `2 of 9`; with `!1` when one of them is against the rules.
fn cell(tally: Tally) -> String {
    let words = match tally {
        Tally { tried: 0, .. } => return String::new(),
        Tally { tried, passed: 0, .. } => format!("closed {tried}"),
        Tally { tried, passed, .. } if passed == tried => format!("open {tried}"),
        Tally { tried, passed, .. } => format!("{passed} of {tried}"),
    };
    if tally.against == 0 { words } else { format!("{words} !{}", tally.against) }
}

fn words(trials: &Trials, seen: &[Option<bool>]) -> String {
    let all = tally(trials, seen, |_| true);
    let (places, classes, cases) = trials.proof;
    let verdict = match all.against {
        0 => "each as the rules say".to_owned(),
        against => format!("{against} against the rules, marked !"),
    };
    let mute = match all.unjudged {
        0 => String::new(),
        n => format!(
            " {n} could not be judged: a program of the node has the port of UDP and answers only its own."
        ),
    };
    format!(
        "From the row to the column: how many kinds of packets passed, of how many tried. Worked out: {places} places to {classes} classes of \
         addresses in {cases} cases, which are all packets of TCP and UDP. Tried in the box: {} packets, of which {} passed, {verdict}.{mute}",
        all.tried, all.passed
    )
}

fn against(wrong: &[(&Trial, bool)]) -> Table {
    let mut table =
        Table::new(&["from", "to", "port", "rules", "network", "=because"]).titled("Against the rules");
    let word = |passes: bool| if passes { "passes" } else { "denied" }.to_owned();
    for (trial, seen) in wrong {
        let transport = if trial.transport == Transport::Tcp { "tcp" } else { "udp" };
        table.row([
            format!("{} ({})", trial.from, trial.node),
            format!("{} ({})", trial.target, trial.to.ip()),
            format!("{}/{transport}", trial.to.port()),
            word(trial.allowed),
            word(*seen),
            trial.because.clone(),
        ]);
    }
    table
}
