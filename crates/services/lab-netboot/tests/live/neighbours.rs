//! Other servers and relays on the same networks: ProxyDHCP beside dnsmasq, a rival, and a relay agent.

use crate::clients::{reserve, udhcpc_script};
use crate::firmware::{CODE, LKRN, SNPONLY, ovmf, prepare, qemu, up_to_the_kernel};
use crate::site::{Site, can_run};
use lab_netboot::EventKind;
use lab_netboot::config::{Pool, Role, Segment};
use std::net::Ipv4Addr;

/// A dnsmasq in the first client's namespace, at 10.77.0.2.
fn dnsmasq(site: &mut Site) {
    let client = site.client(0);
    site.must(&client, &["ip", "addr", "add", "10.77.0.2/16", "dev", "e0"]);
    let leases = format!("--dhcp-leasefile={}", site.folder.path().join("dnsmasq.leases").display());
    let range = "--dhcp-range=10.77.8.0,10.77.8.9,255.255.0.0,1h";
    let fixed =
        ["dnsmasq", "-k", "--user=root", "--conf-file=/dev/null", "--port=0", "--interface=e0", "--no-ping"];
    site.spawn(
        &client,
        &[&fixed[..], &["--bind-interfaces", "--dhcp-authoritative", &leases, range]].concat(),
    );
}

fn proxy_site(kernel: &str) -> Site {
    let mut site = Site::new(1);
    let mut config = prepare(&site, kernel, None);
    config.segments[0].role = Role::Proxy;
    config.segments[0].pools.clear();
    site.start(config);
    dnsmasq(&mut site);
    site.service().open_permit("node0").expect("a permit");
    site
}

#[test]
fn a_bios_machine_boots_beside_another_dhcp_server() {
    if !can_run(&["qemu-system-x86_64", "dnsmasq", LKRN]) {
        return;
    }
    let site = proxy_site(LKRN);
    let _machine = qemu(&site, &[]);
    up_to_the_kernel(&site, false);
}

#[test]
fn a_uefi_machine_boots_beside_another_dhcp_server() {
    if !can_run(&["qemu-system-x86_64", "dnsmasq", CODE, SNPONLY]) {
        return;
    }
    let site = proxy_site(SNPONLY);
    let _machine = ovmf(&site, &["-fw_cfg", "name=opt/org.tianocore/IPv6PXESupport,string=n"]);
    up_to_the_kernel(&site, true);
}

#[test]
fn a_rival_server_is_named() {
    if !can_run(&["udhcpc", "dnsmasq"]) {
        return;
    }
    let mut site = Site::new(2);
    let mut config = site.config();
    // We have no address for this client, so that it must take the rival's.
    config.segments[0].pools.clear();
    site.start(config);
    dnsmasq(&mut site);
    let script = udhcpc_script(&site);
    site.must(
        &site.client(1),
        &["udhcpc", "-i", "e0", "-n", "-q", "-f", "-t", "20", "-T", "1", "-s", &script],
    );
    let rival = Ipv4Addr::new(10, 77, 0, 2);
    let event = site.wait_for("the rival", 10, |kind| matches!(kind, EventKind::RivalServer { .. }));
    assert_eq!(event.kind, EventKind::RivalServer { segment: "lan".into(), address: rival });
}

#[test]
fn a_client_behind_a_relay_is_served() {
    if !can_run(&["udhcpc", "dhcrelay"]) {
        return;
    }
    let mut site = Site::new(2);
    let (relay, client) = (site.client(0), site.client(1));
    // The second client leaves the bridge and is wired to the first, which relays.
    site.must(&client, &["ip", "link", "del", "e0"]);
    let wire = ["ip", "link", "add", "e1", "type", "veth", "peer", "name", "e0", "netns", &client];
    site.must(&relay, &wire);
    site.must(&relay, &["ip", "addr", "add", "10.78.0.254/24", "dev", "e1"]);
    site.must(&relay, &["ip", "link", "set", "e1", "up"]);
    site.must(&relay, &["ip", "addr", "add", "10.77.0.3/16", "dev", "e0"]);
    site.must(&client, &["ip", "link", "set", "e0", "address", &crate::site::mac(1), "up"]);
    site.must(&site.name, &["ip", "route", "add", "10.78.0.0/24", "via", "10.77.0.3"]);
    site.must(&relay, &["sysctl", "-q", "-w", "net.ipv4.ip_forward=1"]);
    let mut config = site.config();
    let server = config.segments[0].server;
    let mut far = Segment::new("far", "unused", server, "10.78.0.0/24".parse().expect("a network"));
    far.interface = None;
    far.pools = vec![Pool { first: Ipv4Addr::new(10, 78, 0, 10), last: Ipv4Addr::new(10, 78, 0, 20) }];
    config.segments.push(far);
    reserve(&mut config, 0, 50);
    site.start(config);
    site.spawn(&relay, &["dhcrelay", "-4", "-d", "-a", "-iu", "e0", "-id", "e1", "10.77.0.1"]);
    let script = udhcpc_script(&site);
    let text =
        site.must(&client, &["udhcpc", "-i", "e0", "-n", "-q", "-f", "-t", "20", "-T", "1", "-s", &script]);
    assert!(text.starts_with("10.78.0.10/24"), "{text}");
}
