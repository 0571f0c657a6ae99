//! What a router does when it begins or ends to lead: take over connections, and take or leave a line that one at a time may use.

use super::super::projection::Router;
use crate::head::head;
use lab_driver::Rendering;
use std::fmt::Write;

/// Where the program stands.
pub(super) const PATH: &str = "etc/keepalived/labwright-notify";

/// True when there is something to do.
pub(super) fn has_work(router: &Router<'_>) -> bool {
    let syncs = router.partner.as_ref().is_some_and(|partner| partner.syncs_state);
    !router.shared.is_empty() && (syncs || (router.shares_line && !router.outside().is_empty()))
}

/// Adds the program that keepalived calls.
pub(super) fn add(router: &Router<'_>, rendering: &mut Rendering) {
    if !has_work(router) {
        return;
    }
    let (mut lead, mut follow) = (String::new(), String::new());
    let add = |text: &mut String, words: &str| writeln!(text, "    {words}").expect("a string takes all");
    if router.shares_line {
        for name in router.outside() {
            add(&mut lead, &format!("ip link set {name} up"));
            if router.asks_provider() {
                add(&mut lead, &format!("systemctl restart --no-block 'ifup@{name}.service'"));
            }
            // Down before anything else: two on one line is worse than none.
            add(&mut follow, &format!("ip link set {name} down"));
        }
    }
    if router.partner.as_ref().is_some_and(|partner| partner.syncs_state) {
        add(
            &mut lead,
            "# Commit what the partner told, then forget, read the kernel again, and tell the partner all.",
        );
        add(&mut lead, "conntrackd -c; conntrackd -f; conntrackd -R; conntrackd -B");
        add(&mut follow, "# Shorten timers of what is left, and ask the partner for all.");
        add(&mut follow, "conntrackd -t; conntrackd -n");
    }
    let text = format!(
        "#!/bin/sh\n{}# keepalived calls it with GROUP or INSTANCE, its name, and the new state.\ncase \"$3\" in\n  \
         MASTER)\n{lead}    ;;\n  *)\n{follow}    ;;\nesac\n",
        head(router.lab, router.thing, "what follows a change of the leader", "#")
    );
    rendering.add_program(PATH, text);
}
