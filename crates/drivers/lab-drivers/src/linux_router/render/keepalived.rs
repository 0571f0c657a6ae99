//! Addresses that move between routers, by VRRP version 3 (RFC 9568). All addresses of a pair move together: a router that holds
//! the gateway of one network and not of another would send answers nowhere.

use super::super::projection::{Router, Shared};
use super::notify;
use crate::head::head;
use lab_driver::{Rendering, Unit};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

static UNIT: Unit = Unit {
    name: "keepalived",
    reload: &["systemctl", "reload-or-restart", "keepalived"],
    check: &["keepalived", "-t", "-f", "{root}/etc/keepalived/keepalived.conf"],
};

/// Priority of the preferred member, and how much less each next one has. 255 is for whoever owns an address.
const PRIORITY: usize = 200;
const PRIORITY_STEP: usize = 10;
/// How much less a router has for each line that it is without: more than the places among four members make. It stays eligible,
/// since a network needs its gateway even when nobody has a line.
const WITHOUT_LINE: usize = 40;
/// All lines together, so that what is left is still in order and above 0.
const WITHOUT_LINES: usize = 160;

/// Adds `etc/keepalived/keepalived.conf`, when an address moves here.
pub(super) fn add(router: &Router<'_>, rendering: &mut Rendering) {
    if router.shared.is_empty() {
        return;
    }
    let mut groups: BTreeMap<&str, Vec<&Shared>> = BTreeMap::new();
    for shared in &router.shared {
        groups.entry(&shared.group).or_default().push(shared);
    }
    let mut text = head(router.lab, router.thing, "addresses that move", "#");
    write!(
        text,
        "\nglobal_defs {{\n  router_id {}\n  script_user root\n  enable_script_security\n  vrrp_garp_master_repeat 2\n  \
         vrrp_garp_master_refresh 60\n}}\n",
        router.name()
    )
    .expect("a string takes all");
    for (name, members) in &groups {
        text.push_str(&group(name, members, router));
    }
    for shared in &router.shared {
        text.push_str(&instance(shared, router));
    }
    rendering.add("etc/keepalived/keepalived.conf", Some(&UNIT), text);
}

fn group(name: &str, members: &[&Shared], router: &Router<'_>) -> String {
    let names: Vec<String> = members.iter().map(|shared| format!("    {}\n", shared.name)).collect();
    let notify =
        if notify::has_work(router) { format!("  notify \"/{}\"\n", notify::PATH) } else { String::new() };
    let track = tracking(router);
    format!("\nvrrp_sync_group {name} {{\n  group {{\n{}  }}\n{track}{notify}}}\n", names.concat())
}

/// The lines that say who should lead. One that only one router may use is down on the other by design, so it says nothing.
fn tracked<'a>(router: &'a Router<'_>) -> Vec<&'a Arc<str>> {
    if router.shares_line { Vec::new() } else { router.outside() }
}

/// Of the group, since keepalived takes no notice of the weights of its members.
fn tracking(router: &Router<'_>) -> String {
    let lines = tracked(router);
    if lines.is_empty() {
        return String::new();
    }
    let weight = WITHOUT_LINE.min(WITHOUT_LINES / lines.len());
    let lines: Vec<String> = lines.iter().map(|name| format!("    {name} weight -{weight}\n")).collect();
    format!("  track_interface {{\n{}  }}\n", lines.concat())
}

fn instance(shared: &Shared, router: &Router<'_>) -> String {
    let priority = PRIORITY.saturating_sub(shared.rank * PRIORITY_STEP).max(1);
    let seconds = shared.interval_ms / 10;
    let interval = match seconds % 100 {
        0 => (seconds / 100).to_string(),
        rest => format!("{}.{rest:02}", seconds / 100),
    };
    // Where a line decides, whoever has it takes over from a leader without, which is what preempting is.
    let stays = if tracked(router).is_empty() { "  nopreempt\n" } else { "" };
    let addresses: Vec<String> = shared.addresses.iter().map(|net| format!("    {net}\n")).collect();
    format!(
        "\nvrrp_instance {} {{\n  version 3\n  state BACKUP\n{stays}  interface {}\n  virtual_router_id {}\n  \
         priority {priority}\n  advert_int {interval}\n  virtual_ipaddress {{\n{}  }}\n}}\n",
        shared.name,
        shared.interface,
        shared.id,
        addresses.concat()
    )
}
