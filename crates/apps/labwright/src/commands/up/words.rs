//! What `up` says to people before the machines start and after they stand.

use lab_box::{Accelerator, BoxPlan, Footprint, Report, Row, Stage};

/// Columns of the headings on the left.
const HEAD: usize = 13;

/// How a lab comes up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum How {
    /// As virtual machines.
    Installed,
    /// As network namespaces.
    Namespaces,
    /// As network namespaces with so many cables.
    Wired(usize),
}

/// What is about to come up: how much it is, what it takes, what stands in for what.
pub(super) fn before(
    plan: &BoxPlan,
    footprint: Option<&Footprint>,
    without: &[(String, String)],
    how: How,
    width: usize,
) -> String {
    let networks = counted(plan.networks.len(), "network");
    let within = match how {
        How::Installed => format!("in {networks}, installed from empty disks"),
        How::Namespaces => format!("in {networks}, as network namespaces"),
        How::Wired(cables) => format!("and {}, as network namespaces", counted(cables, "cable")),
    };
    let what = if matches!(how, How::Wired(_)) { "node" } else { "machine" };
    let mut text = format!("Box `{}`: {} {within}.\n\n", plan.id, counted(plan.machines.len(), what));
    if let Some(footprint) = footprint.filter(|_| how == How::Installed) {
        let takes = format!(
            "{} of memory, {} of disk at most, nothing of this machine's own network",
            size(footprint.memory_mib),
            size(footprint.disk_mib)
        );
        text.push_str(&paragraph("takes", &[takes], width));
    }
    let stand_ins = footprint.map_or(&plan.stand_ins, |footprint| &footprint.stand_ins);
    text.push_str(&paragraph("stands in", stand_ins, width));
    text.push_str(&left_out(without, width));
    text.push('\n');
    text
}

/// What was described and what was found, what was not looked at, and the verdict. `told` was said before.
pub(super) fn after(report: &Report, id: &str, told: &[String], all: bool, width: usize) -> String {
    let mut text = String::from("\n");
    text.push_str(&if all { facts(&report.rows) } else { summary(&report.rows, width) });
    text.push('\n');
    let late: Vec<String> =
        report.footprint.stand_ins.iter().filter(|said| !told.contains(said)).cloned().collect();
    text.push_str(&paragraph("stands in", &late, width));
    text.push_str(&paragraph("not checked", &report.not_checked, width));
    let total = report.machines.len();
    let good = report.machines.iter().filter(|(_, stage)| *stage == Stage::Verified).count();
    for (name, stage) in report.machines.iter().filter(|(_, stage)| *stage != Stage::Verified) {
        text.push_str(&paragraph(name, &[stage.to_string()], width));
    }
    let how = match report.accelerator {
        Some(Accelerator::Kvm) => "KVM",
        Some(Accelerator::Tcg) => "QEMU without KVM",
        None => "namespaces",
    };
    text.push_str(&format!(
        "\n{good} of {} up and as described after {:.0} s ({how}).\n\
         `labwright ssh HOST` logs in, `labwright status` looks, `labwright down` takes box `{id}` away.\n",
        if total == 1 { "1 machine is".to_owned() } else { format!("{total} machines are") },
        report.elapsed.as_secs_f64().ceil(),
    ));
    text
}

/// One line a machine: what was found as described; then what was not, a line a fact.
fn summary(rows: &[Row], width: usize) -> String {
    let longest = rows.iter().map(|row| row.machine.chars().count()).max().unwrap_or(0);
    let (mut good, mut bad) = (String::new(), String::new());
    for group in rows.chunk_by(|a, b| a.machine == b.machine) {
        let first = format!("  {:longest$}  ", group[0].machine);
        let right: Vec<&Row> = group.iter().filter(|row| row.ok).collect();
        if !right.is_empty() {
            good.push_str(&indented(&first, &kinds(&right), longest + 4, width));
        }
        for row in group.iter().filter(|row| !row.ok) {
            let words = format!("{} is {}, described {}", row.fact, found(&row.observed), row.asked);
            bad.push_str(&indented(&first, &words, longest + 6, width));
        }
    }
    let head = |head: &str, body: String| if body.is_empty() { body } else { format!("{head}\n{body}") };
    head("as described", good) + &head("NOT as described", bad)
}

fn found(observed: &str) -> &str {
    if observed.is_empty() { "nothing" } else { observed }
}

/// `ping, host name, 7 addresses, 2 services`.
fn kinds(rows: &[&Row]) -> String {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for row in rows {
        let kind = match row.fact.split(' ').next().unwrap_or_default() {
            "address" => "address",
            "service" => "service port",
            "program" if row.fact.starts_with("program disk.") => "disk",
            _ => row.fact.as_str(),
        };
        match counts.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, n)) => *n += 1,
            None => counts.push((kind, 1)),
        }
    }
    let word = |(kind, n): &(&str, usize)| match (*kind, *n) {
        ("address" | "service port" | "disk", n) => counted(n, kind),
        (kind, _) => kind.to_owned(),
    };
    counts.iter().map(word).collect::<Vec<_>>().join(", ")
}

/// Every fact on a line of its own.
fn facts(rows: &[Row]) -> String {
    let width = |of: fn(&Row) -> &str, head: &str| {
        rows.iter().map(|row| of(row).chars().count()).chain([head.len()]).max().unwrap_or(0)
    };
    let machine = width(|row| &row.machine, "machine");
    let fact = width(|row| &row.fact, "fact");
    let asked = width(|row| &row.asked, "described");
    let mut text = format!("{:machine$}  {:fact$}  {:asked$}  observed\n", "machine", "fact", "described");
    let mut last = "";
    for row in rows {
        let name = if row.machine == last { "" } else { &row.machine };
        last = &row.machine;
        let mark = if row.ok { "" } else { "   <- not as described" };
        text.push_str(&format!(
            "{name:machine$}  {:fact$}  {:asked$}  {}{mark}\n",
            row.fact, row.asked, row.observed
        ));
    }
    text
}

/// Who is left out, a line a reason.
fn left_out(left_out: &[(String, String)], width: usize) -> String {
    let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
    for (name, why) in left_out {
        match reasons.iter_mut().find(|(known, _)| known == why) {
            Some((_, names)) => names.push(name),
            None => reasons.push((why, vec![name])),
        }
    }
    let point = |(why, names): &(&str, Vec<&str>)| format!("{}: {why}", names.join(", "));
    paragraph("left out", &reasons.iter().map(point).collect::<Vec<_>>(), width)
}

/// A heading on the left and the points beside it, each on lines of its own that fit the width.
fn paragraph(head: &str, points: &[String], width: usize) -> String {
    let heads = [head].into_iter().chain(std::iter::repeat(""));
    let lines = points.iter().zip(heads);
    lines.map(|(point, head)| indented(&format!("{head:HEAD$}"), point, HEAD + 2, width)).collect()
}

/// `first`, then words, broken between words so that lines fit; what follows the first line stands `indent` to the right.
fn indented(first: &str, words: &str, indent: usize, width: usize) -> String {
    let mut text = String::new();
    let mut line = first.to_owned();
    let mut is_empty = true;
    for word in words.split(' ') {
        let gap = usize::from(!is_empty);
        if !is_empty && line.chars().count() + gap + word.chars().count() >= width.max(60) {
            text.push_str(line.trim_end());
            text.push('\n');
            line = " ".repeat(indent);
        } else if !is_empty {
            line.push(' ');
        }
        line.push_str(word);
        is_empty = false;
    }
    text.push_str(line.trim_end());
    text.push('\n');
    text
}

/// `1 disk`, `2 disks`, `2 addresses`.
fn counted(n: usize, what: &str) -> String {
    match n {
        1 => format!("1 {what}"),
        _ if what.ends_with('s') => format!("{n} {what}es"),
        _ => format!("{n} {what}s"),
    }
}

fn size(mib: u64) -> String {
    let tenths = (mib * 10 + 512) / 1024;
    if mib < 1024 { format!("{mib} MiB") } else { format!("{}.{} GiB", tenths / 10, tenths % 10) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(machine: &str, fact: &str, asked: &str, observed: &str) -> Row {
        let (asked, observed) = (asked.to_owned(), observed.to_owned());
        Row { machine: machine.into(), fact: fact.into(), ok: asked == observed, asked, observed }
    }

    #[test]
    fn a_machine_is_a_line_and_so_is_a_difference() {
        let rows = [
            row("node-1", "ping", "x", "x"),
            row("node-1", "address of eth0", "10.0.0.1/24", "10.0.0.1/24"),
            row("node-1", "address of eth1", "10.0.1.1/24", "10.0.1.1/24"),
            row("node-1", "hostname", "node-1", "localhost"),
            row("b", "service dns", "53/udp", "53/udp"),
            row("b", "program disk.b.bay-1", "started", "started"),
            row("b", "program disk.b.bay-2", "started", "started"),
            row("b", "default router", "10.0.0.1", ""),
        ];
        assert_eq!(
            summary(&rows, 80),
            "as described\n  node-1  ping, 2 addresses\n  b       1 service port, 2 disks\n\
             NOT as described\n  node-1  hostname is localhost, described node-1\n  \
             b       default router is nothing, described 10.0.0.1\n"
        );
    }

    #[test]
    fn points_stand_beside_their_heading_and_are_broken_between_words() {
        let points = ["one two".to_owned(), format!("{} {}", "a".repeat(30), "b".repeat(30))];
        let expect = format!(
            "head         one two\n             {}\n               {}\n",
            "a".repeat(30),
            "b".repeat(30)
        );
        assert_eq!(paragraph("head", &points, 60), expect);
        assert_eq!(paragraph("head", &[], 60), "");
    }

    #[test]
    fn who_is_left_out_stands_with_the_reason() {
        let out = |name: &str, why: &str| (name.to_owned(), why.to_owned());
        let list = [out("a", "is not in use"), out("b", "has no address"), out("c", "is not in use")];
        assert_eq!(left_out(&list, 80), "left out     a, c: is not in use\n             b: has no address\n");
    }

    #[test]
    fn sizes_are_in_the_unit_that_people_read() {
        assert_eq!([size(512), size(1024), size(4032)], ["512 MiB", "1.0 GiB", "3.9 GiB"]);
    }
}
