//! The course after a failure, in words and as JSON.

use super::course::{Course, Notice, ends, minutes_of};
use crate::forecast::Forecast;
use crate::forecast::words::{counted, drawn_together, names};
use crate::simulate::battery::{InUse, Outage};
use crate::simulate::clock::{Cause, Recovery, Seconds, Wait};
use crate::simulate::placement::{Item, LeftOut, Refusal};
use crate::simulate::preference::{Holding, Split};
use crate::works::{Audience, Holder, MachineId, Works};
use lab_show::document::{Block, Table};
use serde_json::{Value, json};

/// Rows of a table before the rest is counted.
const ROWS_MAX: usize = 12;

/// The course as blocks of a document.
pub(super) fn blocks(forecast: &Forecast<'_>, course: &Course) -> Vec<Block> {
    let works = &forecast.works;
    let mut blocks = Vec::new();
    blocks.extend(course.outage.as_ref().map(|outage| Block::Text(battery(works, outage))));
    blocks.extend(notices(works, &course.notices).map(Block::Table));
    blocks.extend(recoveries(works, &course.recoveries).map(Block::Table));
    let lines = (places(works, &course.left_out).into_iter())
        .chain(course.addresses.iter().filter_map(|holding| address(works, holding)))
        .chain(course.splits.iter().map(|split| parted(works, split)));
    blocks.extend(lines.map(Block::Text));
    blocks
}

/// `ups-1 carries 410 W for 23 min; after 18 min node-1..3 shut down in order`.
fn battery(works: &Works, outage: &Outage) -> String {
    let unknown = drawn_together(outage.unknown_watts.iter().map(|id| works[*id].label.as_str()));
    let unknown = names(unknown.iter().map(String::as_str));
    let one = |in_use: &InUse| {
        let unit = &works[in_use.unit].label;
        let minutes = minutes_of(outage, in_use).or(in_use.minutes_left);
        match (in_use.charge, minutes.filter(|_| in_use.watts > 0.0)) {
            (None, _) => {
                format!("{unit} carries {:.0} W, nobody says what its battery holds", in_use.watts)
            }
            (Some(_), Some(minutes)) => {
                format!("{unit} carries {:.0} W for {}", in_use.watts, clock(minutes))
            }
            (Some(_), None) => format!("{unit} lasts nobody knows how long"),
        }
    };
    let mut texts: Vec<String> = outage.steps[0].batteries.iter().map(one).collect();
    for (minute, is_cut, machines) in ends(outage) {
        let who = machine_names(works, &machines);
        texts.push(match is_cut {
            true => format!("after {} {who} lose power without shutting down", clock(minute)),
            false => format!("after {} {who} shut down in order", clock(minute)),
        });
    }
    if !unknown.is_empty() {
        texts.push(format!("what these draw is not said, so it is less: {unknown}"));
    }
    format!("On battery: {}.", texts.join("; "))
}

fn machine_names(works: &Works, machines: &[MachineId]) -> String {
    let runs = drawn_together(machines.iter().map(|id| works[*id].label.as_str()));
    names(runs.iter().map(String::as_str))
}

/// Minutes: `40 s`, `23 min`, `2.5 h`, `3 days`; whole hours and days as such.
fn clock(minutes: f64) -> String {
    let whole = |unit: f64| (minutes / unit).fract() == 0.0;
    match minutes {
        minutes if minutes < 1.0 => format!("{:.0} s", minutes * 60.0),
        minutes if minutes >= 48.0 * 60.0 => format!("{:.0} days", minutes / 1440.0),
        minutes if minutes >= 60.0 && whole(60.0) || minutes >= 600.0 => format!("{:.0} h", minutes / 60.0),
        minutes if minutes >= 90.0 => format!("{:.1} h", minutes / 60.0),
        minutes => format!("{minutes:.0} min"),
    }
}

/// Seconds from the least to the most: `2 to 4 s`, `up to 5 min`.
fn span(seconds: Seconds) -> String {
    if seconds.most.is_infinite() {
        return "until a hand does it".to_owned();
    }
    match seconds.least < 1.0 {
        true => format!("up to {}", clock(seconds.most / 60.0)),
        false => format!("{} to {}", clock(seconds.least / 60.0), clock(seconds.most / 60.0)),
    }
}

fn who(audience: Audience) -> &'static str {
    match audience {
        Audience::Public => "people outside",
        Audience::Household => "the household",
        Audience::Owner => "you",
        Audience::Lab => "the lab itself",
    }
}

/// Who misses what, in order. Services that go at one time and may be gone as long are one row.
fn notices(works: &Works, notices: &[Notice]) -> Option<Table> {
    let mut rows: Vec<([String; 3], Vec<&str>)> = Vec::new();
    for notice in notices {
        let service = &works[notice.service];
        let when = if notice.minute > 0.0 {
            format!("after {}", clock(notice.minute))
        } else {
            "at once".to_owned()
        };
        let tolerates = service.tolerates_seconds.map_or_else(String::new, |seconds| clock(seconds / 60.0));
        let key = [when, who(service.audience).to_owned(), tolerates];
        match rows.iter_mut().find(|(known, _)| *known == key) {
            Some((_, services)) => services.push(&service.label),
            None => rows.push((key, vec![&service.label])),
        }
    }
    let n_rows = rows.len();
    let mut table =
        Table::new(&["gone", "who misses it", "=what", "may be gone for"]).titled("Noticed in this order");
    for ([when, who, tolerates], services) in rows.into_iter().take(ROWS_MAX) {
        table.row([when, who, names(services), tolerates]);
    }
    (n_rows > 0).then_some(table)
}

/// Services that come back by themselves, with what they wait for. Those that wait for the same are one row.
fn recoveries(works: &Works, recoveries: &[Recovery]) -> Option<Table> {
    let mut rows: Vec<([String; 2], Vec<&str>, Vec<&str>)> = Vec::new();
    for recovery in recoveries {
        let label = works[recovery.service].label.as_str();
        let key = [span(recovery.seconds), waits(works, recovery)];
        let at = rows.iter().position(|(known, ..)| *known == key).unwrap_or_else(|| {
            rows.push((key, Vec::new(), Vec::new()));
            rows.len() - 1
        });
        rows[at].1.push(label);
        if recovery.is_in_time() == Some(false) {
            rows[at].2.push(label);
        }
    }
    if rows.is_empty() {
        return None;
    }
    let mut table = Table::new(&["=these", "after", "=once"])
        .titled("Back by themselves, at the worst place that they may have been at");
    let n_rest: usize = rows.iter().skip(ROWS_MAX).map(|(_, services, _)| services.len()).sum();
    for ([after, causes], services, late) in rows.into_iter().take(ROWS_MAX) {
        let late = match late.is_empty() {
            true => String::new(),
            false => format!("; later than tolerated: {}", names(late)),
        };
        table.row([names(services), after, format!("{causes}{late}")]);
    }
    if n_rest > 0 {
        table.row([format!("{n_rest} more (--format json has all)"), String::new(), String::new()]);
    }
    Some(table)
}

/// What a service waits for, one after the other; itself is `it`.
fn waits(works: &Works, recovery: &Recovery) -> String {
    let one = |wait: &Wait| match wait.cause {
        Cause::InstanceMoves(id) if id == recovery.service && works[id].detach_seconds > 0.0 => {
            "its volume is taken from the silent node by force and it runs on another machine".to_owned()
        }
        Cause::InstanceMoves(id) if id == recovery.service => "it runs on another machine".to_owned(),
        Cause::OtherInstance(id) if id == recovery.service => "another instance of it is asked".to_owned(),
        cause => self::cause(works, cause),
    };
    recovery.chain.iter().map(one).collect::<Vec<_>>().join(", then ")
}

fn cause(works: &Works, cause: Cause) -> String {
    match cause {
        Cause::Address(id) => format!("the address {} has moved", works[id].label),
        Cause::Aggregate(id) => {
            let [a, b] = works[id].ends.map(|end| works[end].label.as_str());
            format!("the aggregate between {a} and {b} has left a member out")
        }
        Cause::SpanningTree(id) => format!("frames in {} take another way", works[id].label),
        Cause::Router(id) => format!("packets from {} take another router", works[id].label),
        Cause::VmMoves(id) => format!("{} runs on another host", works[id].label),
        Cause::InstanceMoves(id) => format!("{} runs on another machine", works[id].label),
        Cause::OtherInstance(id) => format!("another instance of {} is asked", works[id].label),
    }
}

/// What finds no place: what runs with an instance less, what no machine that is left has everything for, and the rest with the reason of each
/// machine.
fn places(works: &Works, left_out: &[LeftOut]) -> Vec<String> {
    let is_spread = |left: &&LeftOut| {
        !left.refusals.is_empty() && left.refusals.iter().all(|(_, refusal)| *refusal == Refusal::Spread)
    };
    let label = |left: &LeftOut| match left.item {
        Item::Vm(id) => works[id].label.as_str(),
        Item::Instance(id, _) => works[id].label.as_str(),
    };
    let mut lines = Vec::new();
    let told = |lefts: Vec<&LeftOut>| {
        let mut labels: Vec<&str> = lefts.into_iter().map(label).collect();
        labels.dedup();
        names(labels)
    };
    let (fewer, others): (Vec<&LeftOut>, Vec<&LeftOut>) = left_out.iter().partition(is_spread);
    if !fewer.is_empty() {
        let text = "Run with an instance less, since each machine that is left has one already";
        lines.push(format!("{text}: {}.", told(fewer)));
    }
    let (tied, refused): (Vec<&LeftOut>, Vec<&LeftOut>) =
        others.into_iter().partition(|left| left.refusals.is_empty());
    if !tied.is_empty() {
        let text = "Not started elsewhere: no machine that is left is up and has what they need";
        lines.push(format!("{text}: {}.", told(tied)));
    }
    lines.extend(refused.into_iter().map(|left| no_place(works, left)));
    lines
}

/// `no place for photos: node-2 is 1.5 GiB short`.
fn no_place(works: &Works, left: &LeftOut) -> String {
    let what = match left.item {
        Item::Vm(id) => works[id].label.clone(),
        Item::Instance(id, 0) => works[id].label.clone(),
        Item::Instance(id, number) => format!("instance {} of {}", number + 1, works[id].label),
    };
    let takes = if left.needs > 0 { format!(", which takes {}", gib(left.needs)) } else { String::new() };
    if left.refusals.is_empty() {
        return format!("No place for {what}{takes}: no machine is left that it could run on.");
    }
    let reasons: Vec<String> = left
        .refusals
        .iter()
        .map(|(machine, refusal)| {
            let machine = &works[*machine].label;
            match refusal {
                Refusal::Short(bytes) => format!("{machine} is {} short", gib(*bytes)),
                Refusal::Spread => format!("{machine} has an instance of it already"),
                Refusal::Apart(other) => {
                    format!("{machine} has {}, and the two stay apart", works[*other].label)
                }
            }
        })
        .collect();
    format!("No place for {what}{takes}: {}.", reasons.join("; "))
}

/// Bytes as GiB, rounded up: what is short is short.
fn gib(bytes: u64) -> String {
    const GIB: u64 = 1 << 30;
    let tenths = (u128::from(bytes) * 10).div_ceil(u128::from(GIB));
    match tenths % 10 {
        0 => format!("{} GiB", tenths / 10),
        rest => format!("{}.{rest} GiB", tenths / 10),
    }
}

fn holder<'w>(works: &'w Works, holder: &Holder) -> &'w str {
    match holder {
        Holder::Unit(id) => &works[*id].label,
        Holder::Machine(id) => &works[*id].label,
        Holder::Internet => "the Internet",
    }
}

/// What is wrong with an address; None when it only moves, since whoever waits for it says so.
fn address(works: &Works, holding: &Holding) -> Option<String> {
    let label = &works[holding.vip].label;
    if holding.now.len() > 1 {
        let who: Vec<&str> = holding.now.iter().map(|one| holder(works, one)).collect();
        return Some(format!(
            "Risk: {} take the address {label} at once: they do not hear each other.",
            who.join(" and ")
        ));
    }
    let (service, better) = holding.blackholes.first()?;
    let now = holder(works, holding.now.first()?);
    Some(format!(
        "Risk: {now} keeps the address {label} though it does not lead to {}; {} would.",
        works[*service].label,
        holder(works, better)
    ))
}

fn parted(works: &Works, split: &Split) -> String {
    let side = |side: &Vec<MachineId>| machine_names(works, side);
    let label = &works[split.cluster].label;
    let waiting: Vec<String> = split.waiting.iter().map(side).collect();
    let deciding: Vec<String> = split.deciding.iter().map(side).collect();
    let waits = if waiting.is_empty() { String::new() } else { format!("; {} wait", waiting.join(" and ")) };
    match &deciding[..] {
        [] => format!("{label} is parted and no side decides: {}.", waiting.join(" | ")),
        [one] => format!("{label} is parted: {one} decide{waits}."),
        several => format!(
            "Risk: {label} is parted and {} sides decide, each for itself: {}.",
            several.len(),
            several.join(" | ")
        ),
    }
}

/// For programs.
pub(super) fn json(forecast: &Forecast<'_>, course: &Course) -> Value {
    let works = &forecast.works;
    let seconds = |seconds: f64| if seconds.is_finite() { json!(seconds) } else { Value::Null };
    let recoveries: Vec<Value> = (course.recoveries.iter())
        .map(|recovery| {
            let causes: Vec<String> = recovery.chain.iter().map(|wait| cause(works, wait.cause)).collect();
            json!({
                "service": works[recovery.service].label, "least_seconds": seconds(recovery.seconds.least),
                "most_seconds": seconds(recovery.seconds.most), "waits_for": causes,
                "tolerates_seconds": recovery.tolerates, "in_time": recovery.is_in_time(),
            })
        })
        .collect();
    let notices: Vec<Value> = (course.notices.iter())
        .map(|notice| {
            let service = &works[notice.service];
            json!({
                "service": service.label, "who": who(service.audience), "gone_after_minutes": notice.minute,
                "missed_after_minutes": notice.missed_at,
            })
        })
        .collect();
    let batteries = course.outage.iter().flat_map(|outage| {
        outage.steps[0].batteries.iter().map(|in_use| {
            let minutes = in_use.charge.and_then(|_| minutes_of(outage, in_use).or(in_use.minutes_left));
            json!({ "unit": works[in_use.unit].label, "watts": in_use.watts, "minutes": minutes })
        })
    });
    json!({
        "back_after": recoveries, "noticed": notices, "batteries": batteries.collect::<Vec<_>>(),
        "no_place": course.left_out.iter().map(|left| no_place(works, left)).collect::<Vec<_>>(),
        "risks": course.addresses.iter().filter_map(|holding| address(works, holding))
            .chain(course.splits.iter().map(|split| parted(works, split))).collect::<Vec<_>>(),
    })
}

/// How many come back by themselves, for the first lines.
pub(super) fn n_back(course: &Course) -> Option<String> {
    let n = course.recoveries.len();
    (n > 0).then(|| format!("comes back by itself: {}", counted(n, "service", "services")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_with_few_digits() {
        for (least, most, expect) in [
            (0.0, 5.0, "up to 5 s"),
            (2.0, 4.0, "2 s to 4 s"),
            (140.0, 240.0, "2 min to 4 min"),
            (300.0, 360.0, "5 min to 6 min"),
            (0.0, f64::INFINITY, "until a hand does it"),
        ] {
            assert_eq!(span(Seconds::new(least, most)), expect);
        }
        for (minutes, expect) in
            [(100.0, "1.7 h"), (60.0, "1 h"), (1440.0, "24 h"), (4320.0, "3 days"), (75.0, "75 min")]
        {
            assert_eq!(clock(minutes), expect);
        }
    }

    #[test]
    fn what_is_short_is_rounded_up() {
        for (bytes, expect) in [(1 << 30, "1 GiB"), ((1 << 30) + 1, "1.1 GiB"), (1, "0.1 GiB")] {
            assert_eq!(gib(bytes), expect);
        }
    }
}
