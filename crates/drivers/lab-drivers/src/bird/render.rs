//! `bird.conf`: announces what the speaker announces, takes what it accepts, with the session's timers and BFD.

use crate::bgp::{BFD_INTERVAL_MS, BFD_MULTIPLIER, CONNECT_SECS, ERROR_WAIT_SECS};
use crate::head::head;
use ipnet::IpNet;
use lab_driver::{Rendering, Unit};
use lab_model::{Lab, ThingId};
use lab_reach::{End, Session};
use std::collections::BTreeSet;
use std::fmt::Write;

static UNIT: Unit = Unit {
    name: "bird",
    reload: &["birdc", "configure"],
    check: &["bird", "-p", "-c", "{root}/etc/bird/bird.conf"],
};

/// Makes `etc/bird/bird.conf` of a machine.
pub(super) fn render(lab: &Lab, thing: ThingId) -> Rendering {
    let mut rendering = Rendering::default();
    let all = lab_reach::sessions(lab);
    let seen: Vec<(&Session, &End, &End)> = all
        .iter()
        .filter_map(|session| session.seen_from(thing).map(|(own, other)| (session, own, other)))
        .collect();
    let Some((_, own, _)) = seen.first() else { return rendering };
    let mut text = head(lab, thing, "BGP", "#");
    let mut line = |words: &str| writeln!(text, "{words}").expect("a string takes all");
    line("\nlog syslog all;");
    line(&format!("router id {};", own.address));
    line("protocol device {}");
    if seen.iter().any(|(session, ..)| session.bfd) {
        line(&format!(
            "protocol bfd {{ interface \"*\" {{ interval {BFD_INTERVAL_MS} ms; multiplier {BFD_MULTIPLIER}; }}; }}"
        ));
    }
    line("# What is announced is here as a route to nowhere: pods and load balancers are more exact.");
    let announced: BTreeSet<&IpNet> = seen.iter().flat_map(|(_, own, _)| &own.announces).collect();
    for (v4, words) in [(true, "ipv4"), (false, "ipv6")] {
        let of_family: Vec<&&IpNet> = announced.iter().filter(|net| net.addr().is_ipv4() == v4).collect();
        if of_family.is_empty() {
            continue;
        }
        line(&format!("protocol static announced_{words} {{\n  {words};"));
        for net in of_family {
            line(&format!("  route {net} blackhole;"));
        }
        line("}");
    }
    line("protocol kernel { ipv4 { import none; export where source = RTS_BGP; }; }");
    for (session, own, other) in &seen {
        text.push_str(&peer(lab, session, own, other));
    }
    rendering.add("etc/bird/bird.conf", Some(&UNIT), text);
    rendering
}

fn peer(lab: &Lab, session: &Session, own: &End, other: &End) -> String {
    let name: String = lab
        .name(other.machine)
        .text
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect();
    let graceful = session.graceful_restart_secs.map_or(String::new(), |seconds| {
        format!("  graceful restart on;\n  graceful restart time {seconds};\n")
    });
    let bfd = if session.bfd { "  bfd on;\n" } else { "" };
    let nets = if own.accepts.is_empty() { &other.announces } else { &own.accepts };
    let family = |v4: bool, words: &str| {
        let taken: Vec<String> =
            nets.iter().filter(|net| net.addr().is_ipv4() == v4).map(|net| format!("{net}+")).collect();
        let import = match taken.is_empty() {
            true => "import none".to_owned(),
            false => format!("import where net ~ [ {} ]", taken.join(", ")),
        };
        let table = format!("announced_{words}");
        let has = own.announces.iter().any(|net| net.addr().is_ipv4() == v4);
        let export = if has { format!("export where proto = \"{table}\"") } else { "export none".to_owned() };
        format!("  {words} {{ {import}; {export}; }};\n")
    };
    let family = if other.address.is_ipv4() { family(true, "ipv4") } else { family(false, "ipv6") };
    let [wait, longest_wait] = ERROR_WAIT_SECS;
    format!(
        "protocol bgp {name} {{\n  local {} as {};\n  neighbor {} as {};\n  hold time {};\n  keepalive time {};\n  connect retry time {CONNECT_SECS};\n  error wait time {wait}, {longest_wait};\n{bfd}{graceful}{family}}}\n",
        own.address, own.asn, other.address, other.asn, session.hold_secs, session.keepalive_secs
    )
}
