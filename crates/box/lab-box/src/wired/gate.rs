//! Who may use a line that one of several routers may use at a time: the choice that `aggregates.pl` makes, as a function, and the proof by
//! many traces that two routers never hold the line, whatever happens to them and to what they hear of each other.

use std::collections::VecDeque;
use std::io::Write;
use std::process::{Command, Stdio};

/// The leg to open, of those that are alive, each with when it got its carrier, 0 when it has none: at a gate the last one, which is the one
/// that was told to lead; of an aggregate the first in order. With nobody there, nothing changes.
fn take(is_gate: bool, current: Option<usize>, since: &[u64]) -> usize {
    let alive = (0..since.len()).filter(|index| since[*index] > 0);
    let best = alive.reduce(|best, index| if is_gate && since[index] > since[best] { index } else { best });
    best.or(current).unwrap_or(0)
}

#[test]
fn the_program_chooses_as_the_function_does() {
    let mut cases = Vec::new();
    for n in 1..=3usize {
        // Every order in which they came up, ties included, and every set of dead ones.
        for code in 0..4usize.pow(u32::try_from(n).unwrap()) {
            let since: Vec<u64> = (0..n).map(|index| ((code >> (2 * index)) & 3) as u64).collect();
            for current in std::iter::once(None).chain((0..n).map(Some)) {
                cases.extend([true, false].map(|is_gate| (is_gate, current, since.clone())));
            }
        }
    }
    let line = |(is_gate, current, since): &(bool, Option<usize>, Vec<u64>)| {
        let current = current.map_or_else(|| "-".to_owned(), |current| current.to_string());
        let since: Vec<String> = since.iter().map(u64::to_string).collect();
        format!("{} {current} {}\n", if *is_gate { "gate" } else { "links" }, since.join(" "))
    };
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("aggregates.pl");
    std::fs::write(&program, include_str!("aggregates.pl")).unwrap();
    let mut child = Command::new("perl")
        .arg(&program)
        .arg("--try")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(cases.iter().map(line).collect::<String>().as_bytes()).unwrap();
    let said = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
    let said: Vec<usize> = said.lines().map(|line| line.parse().unwrap()).collect();
    let expect: Vec<usize> =
        cases.iter().map(|(is_gate, current, since)| take(*is_gate, *current, since)).collect();
    assert_eq!(said, expect);
}

/// Numbers that are as good as chance and the same in every run (SplitMix64).
struct Chance(u64);

impl Chance {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % n
    }
}

/// A router of the pair as its VRRP and its notify program make it. Times are ticks.
#[derive(Default)]
struct Router {
    is_on: bool,
    /// Whether its VRRP runs; its link stays as it is when it does not.
    runs: bool,
    leads: bool,
    /// Since when nothing was heard of the other.
    silent: u64,
    /// The link to the line, and changes of it that are on their way.
    link: bool,
    pending: VecDeque<(u64, bool)>,
}

/// Ticks without a word after which a router leads; the second waits longer.
const PATIENCE: [u64; 2] = [3, 4];

/// The pair, the gate, and what goes wrong.
struct Trace {
    chance: Chance,
    now: u64,
    routers: [Router; 2],
    /// The leg that is a port of the bridge; none while the gate changes it.
    open: Option<usize>,
    chosen: Option<usize>,
    /// Ticks until the gate opens what it chose.
    opening: u64,
    /// When the gate saw each leg come up; 0 while it is down.
    since: [u64; 2],
    /// Whether what one router says is heard by the other.
    heard: [bool; 2],
    takeovers: usize,
}

impl Trace {
    fn new(seed: u64) -> Trace {
        let router = || Router { is_on: true, runs: true, ..Router::default() };
        Trace {
            chance: Chance(seed),
            now: 0,
            routers: [router(), router()],
            open: None,
            chosen: None,
            opening: 0,
            since: [0; 2],
            heard: [true; 2],
            takeovers: 0,
        }
    }

    /// Power goes and comes, one direction or both fall silent, VRRP is killed and the link stays as it was.
    fn misfortune(&mut self) {
        let which = usize::try_from(self.chance.below(2)).unwrap();
        match self.chance.below(12) {
            0 => self.routers[which] = Router::default(),
            1 | 2 => self.start(which),
            3 => self.heard[which] = false,
            4 | 5 => self.heard = [true; 2],
            6 => {
                let router = &mut self.routers[which];
                (router.runs, router.leads) = (false, false);
                router.pending.clear();
            }
            7 => self.heard = [false; 2],
            _ => {}
        }
    }

    /// Power and VRRP are there again. VRRP begins as the follower, so the notify program takes the link down.
    fn start(&mut self, which: usize) {
        let delay = self.chance.below(4);
        let router = &mut self.routers[which];
        if !router.is_on || !router.runs {
            (router.is_on, router.runs, router.silent) = (true, true, 0);
            router.pending.push_back((self.now + delay, false));
        }
    }

    fn elect(&mut self, index: usize) {
        let said = self.routers[1 - index].is_on && self.routers[1 - index].leads && self.heard[1 - index];
        let delay = self.chance.below(4);
        let now = self.now;
        let router = &mut self.routers[index];
        if !router.is_on || !router.runs {
            return;
        }
        router.silent = if said { 0 } else { router.silent + 1 };
        // The second yields to the first; the first to nobody.
        let leads =
            if said && router.leads { index == 0 } else { router.leads || router.silent > PATIENCE[index] };
        if leads != router.leads {
            router.leads = leads;
            router.pending.push_back((now + delay, leads));
        }
        while router.pending.front().is_some_and(|(at, _)| *at <= now) {
            router.link = router.pending.pop_front().is_some_and(|(_, up)| up);
        }
    }

    fn guard(&mut self) {
        for (router, since) in self.routers.iter().zip(&mut self.since) {
            let is_up = router.is_on && router.link;
            *since = if !is_up {
                0
            } else if *since == 0 {
                self.now
            } else {
                *since
            };
        }
        let best = take(true, self.chosen, &self.since);
        if self.chosen != Some(best) {
            // The old port is taken away before the new one is put in, and something may come between.
            (self.chosen, self.open) = (Some(best), None);
            self.opening = self.chance.below(3);
        } else if self.open.is_none() {
            if self.opening == 0 {
                self.open = self.chosen;
                self.takeovers += 1;
            } else {
                self.opening -= 1;
            }
        }
    }

    fn holders(&self) -> usize {
        let holds =
            |index: usize| self.routers[index].is_on && self.routers[index].link && self.open == Some(index);
        (0..2).filter(|index| holds(*index)).count()
    }

    fn tick(&mut self, calm: bool) {
        self.now += 1;
        if !calm {
            self.misfortune();
        }
        self.elect(0);
        self.elect(1);
        self.guard();
    }
}

#[test]
fn in_ten_thousand_traces_two_never_hold_the_line_and_none_is_stuck() {
    let (mut takeovers, mut both_up) = (0, 0u64);
    for seed in 0..10_000 {
        let mut trace = Trace::new(seed);
        for _ in 0..200 {
            trace.tick(false);
            assert!(trace.holders() <= 1, "seed {seed} at {}", trace.now);
            both_up += u64::from(trace.routers.iter().all(|router| router.is_on && router.link));
        }
        trace.heard = [true; 2];
        trace.start(0);
        trace.start(1);
        for _ in 0..60 {
            trace.tick(true);
            assert!(trace.holders() <= 1, "seed {seed} at {}", trace.now);
        }
        let leader = trace.routers.iter().position(|router| router.leads);
        assert!(
            leader.is_some() && trace.open == leader,
            "seed {seed}: {leader:?} leads, {:?} has the line",
            trace.open
        );
        assert_eq!(trace.holders(), 1, "seed {seed}");
        takeovers += trace.takeovers;
    }
    // The traces are worth something: the line changes hands, and both routers often think that they have it.
    assert!(takeovers > 20_000 && both_up > 20_000, "{takeovers} {both_up}");
}
