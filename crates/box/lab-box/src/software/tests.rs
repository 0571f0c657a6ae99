//! Which program a service is, whose ports are whose, and who plays what is not installed.

use super::*;
use crate::missing::Missing;
use crate::wired::{Node, NodeKind, WiredPlan};

#[test]
fn labs_call_programs_by_many_names() {
    let check = |name: &str, software: Option<&str>, expect: Option<&str>| {
        let found = Software::of_service(name, software).map(|software| software.name);
        assert_eq!(found, expect, "{name} {software:?}");
    };
    check("nginx", None, Some("nginx"));
    check("dns", Some("unbound"), Some("unbound"));
    check("grafana-postgres", Some("postgresql"), Some("postgresql"));
    check("db", Some("PostgreSQL 18"), Some("postgresql"));
    check("postgresql", Some("CloudNativePG (pgsql-cluster)"), Some("postgresql"));
    check("kv", Some("etcd"), Some("etcd"));
    check("shares", Some("NFS-Ganesha, version 4"), Some("nfs-ganesha"));
    // Something that only works with it, or that is something else by that name.
    check("nginx", Some("an exporter for nginx"), None);
    check("nginx-exporter", None, None);
    check("unbound", Some("Knot"), None);
    check("dns", None, None);
    check("cloudnative-pg", None, None);
}

fn ports(words: &str) -> Vec<ServicePort> {
    let port = |word: &str| {
        let (port, transport) = word.split_once('/').unwrap();
        let transport = if transport == "udp" { Transport::Udp } else { Transport::Tcp };
        ServicePort { port: port.parse().unwrap(), transport, service: "s".into() }
    };
    words.split_whitespace().map(port).collect()
}

#[test]
fn a_program_has_its_own_ports_and_no_others() {
    let check = |name: &str, described: &str, expect: &str| {
        let software = Software::called(name).unwrap();
        assert_eq!(software.ports_of(&ports(described), "s"), ports(expect), "{name} {described}");
    };
    check("postgresql", "", "5432/tcp");
    check("postgresql", "5432/tcp 9187/tcp", "5432/tcp");
    check("postgresql", "6432/tcp 9187/tcp", "6432/tcp");
    check("unbound", "53/tcp 53/udp 8953/tcp", "53/tcp 53/udp");
    check("nginx", "80/tcp 443/tcp 443/udp", "80/tcp 443/tcp");
    check("etcd", "2379/tcp 2380/tcp", "2379/tcp");
}

#[test]
fn what_is_not_installed_is_played_by_its_listener() {
    static ABSENT: Software = Software {
        name: "absent",
        words: &[],
        needs: &[("absent-server", "no-such-program-here")],
        port: 1,
        takes: Takes::One,
        inner: &[],
        processes: &[],
        start: "",
        version: &["no-such-program-here"],
        language: Language::Http,
    };
    static PRESENT: Software =
        Software { name: "present", needs: &[("dash", "sh"), ("dash", "/usr/*/sh")], inner: &[3], ..COPY };
    const COPY: Software = Software {
        name: "",
        words: &[],
        needs: &[],
        port: 2,
        takes: Takes::One,
        inner: &[],
        processes: &["present"],
        version: &["no-such-program-here"],
        start: "echo it's \"$SERVICES\"\n",
        language: Language::Http,
    };
    let instance = |software: &'static Software, words: &str| Instance {
        software,
        ports: ports(words),
        services: vec!["it's".into()],
        members: Vec::new(),
        names: BTreeMap::new(),
        is_real: false,
    };
    let mut node = Node::new("n", NodeKind::Host);
    node.services = ports("1/tcp 2/tcp 3/tcp 4/tcp");
    node.software = vec![instance(&ABSENT, "1/tcp"), instance(&PRESENT, "2/tcp")];
    let mut plan = WiredPlan { nodes: vec![node], ..WiredPlan::default() };
    plan.cast();
    plan.cast();
    let node = &plan.nodes[0];
    assert_eq!(node.services, ports("1/tcp 4/tcp"));
    let names: Vec<&str> = node.programs.iter().map(|program| program.name.as_str()).collect();
    assert_eq!(names, ["present"]);
    assert!(node.programs[0].script.contains("SERVICES='it'\\''s'\n"), "{}", node.programs[0].script);
    assert_eq!(
        plan.casting(),
        [
            "it's on n: listeners in place of absent, which is not installed (absent-server)",
            "it's on n: present itself, without the lab's data"
        ]
    );
    assert_eq!(plan.missing_software(), [Missing { package: "absent-server", what: "absent" }]);
}

#[test]
fn a_version_is_found_in_what_programs_say() {
    for (said, expect) in [
        ("etcd Version: 3.4.23\nGit SHA: Not provided", Some("3.4.23")),
        ("nginx version: nginx/1.22.1\n", Some("1.22.1")),
        ("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)", Some("15.18")),
        ("Version 1.17.1\n\nConfigure line: --build=x86_64", Some("1.17.1")),
        ("NFS-Ganesha Release = V4.3", Some("4.3")),
        ("unrecognized option", None),
    ] {
        assert_eq!(version_in(said), expect, "{said}");
    }
}

#[test]
fn a_name_server_knows_the_names_of_the_lab() {
    let at = |n: u8| vec![IpAddr::from([10, 0, 0, n])];
    let names = [("*.home", at(1)), ("home", at(2)), ("nas.lab", at(3))];
    let names = names.into_iter().map(|(name, at)| (name.to_owned(), at)).collect();
    let expect = "  local-zone: \"home.\" redirect\n  local-data: \"home. IN A 10.0.0.1\"\n  local-zone: \"nas.lab.\" static\n  \
                  local-data: \"nas.lab. IN A 10.0.0.3\"\n";
    assert_eq!(local_zones(&names), expect);
}
