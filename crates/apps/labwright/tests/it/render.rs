//! `render` and `show reach`: files of a router, and the words that its firewall is made of.

use crate::lab::Lab;

const HOUSE: &str = "
vlans: { users: 30, guests: 50 }
prefixes:
  10.0.30.0/24: { vlan: users, gateway: 10.0.30.1 }
  10.0.50.0/24: { vlan: guests, gateway: 10.0.50.1 }
  192.168.100.0/24: { kind: transit, unnumbered-vlan: true, gateway: 192.168.100.1 }
devices: { box: { role: router, interfaces: { e0: {}, e0.50: {}, e1: {} } } }
hosts:
  router: { on: box, routes: true, addresses: { e0: 10.0.30.1/24, e0.50: 10.0.50.1/24, e1: 192.168.100.2/24 } }
zones:
  users: { of: users, may-reach: [internet, gateway] }
  guests: { of: guests, isolated: true, may-reach: [internet] }
";

fn house() -> Lab {
    Lab::new(&[("house.yaml", HOUSE)])
}

#[test]
fn a_router_is_listed_printed_and_written() {
    let lab = house();
    assert!(lab.run(&["render"]).stdout.starts_with("router "));
    let run = lab.run(&["render", "router", "--file", "nftables"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(
        run.stdout.contains("guests may reach internet") && run.stdout.contains("policy drop"),
        "{}",
        run.stdout
    );
    let first = lab.run(&["render", "router", "--to", "out"]);
    assert!(first.stderr.contains("3 of 3") || first.stderr.contains("4 of 4"), "{}", first.stderr);
    let second = lab.run(&["render", "router", "--to", "out"]);
    assert!(second.stderr.contains("0 of"), "{}", second.stderr);
}

#[test]
fn what_cannot_be_rendered_is_a_usage_error_with_the_nearest_name() {
    let run = house().run(&["render", "ruoter"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("router"), "{}", run.stderr);
}

#[test]
fn reach_names_the_words_that_decide() {
    let lab = house();
    let allowed = lab.run(&["show", "reach", "users", "gateway", "--port", "dns"]);
    assert!(allowed.stdout.contains("yes") && allowed.stdout.contains("house.yaml:11"), "{}", allowed.stdout);
    let denied = lab.run(&["show", "reach", "guests", "users"]);
    assert!(denied.stdout.contains("no") && denied.stdout.contains("house.yaml:12"), "{}", denied.stdout);
    let isolated = lab.run(&["show", "reach", "guests", "itself"]);
    assert!(isolated.stdout.contains("isolated"), "{}", isolated.stdout);
    assert_eq!(lab.run(&["show", "zones", "--port", "dns"]).code, 2);
}
