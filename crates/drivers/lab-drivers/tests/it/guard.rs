//! The dead man's switch with a real firewall: a rule set that locks everybody out takes itself back, one that does not stays.

use crate::labs;
use crate::namespaces::Namespaces;
use crate::needs;
use crate::probes::{bring, of_kernel};
use lab_driver::{Folder, Phase, apply_guarded, observe, plan};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

#[test]
fn a_change_that_locks_out_takes_itself_back() {
    if needs::lacks(&["ip", "nft", "sysctl", "setsid"]) {
        return;
    }
    let reading = labs::lab("starter", &[]);
    let thing = labs::thing(&reading, "router-1");
    let good = of_kernel(&(lab_drivers::find("linux-router").unwrap().render)(&reading.lab, thing));
    let namespaces = Namespaces::new(&["router", "admin"]);
    namespaces.wire(("router", "eth0"), ("admin", "e0"));
    namespaces.wire(("router", "eth1"), ("admin", "e1"));
    namespaces.ip("router", "addr add 10.10.10.2/24 dev eth0");
    namespaces.ip("admin", "addr add 10.10.10.77/24 dev e0");
    let root = tempfile::tempdir().unwrap();
    bring(&good, root.path(), &namespaces.full("router"));
    let _listener = namespaces.enter("router", || TcpListener::bind("10.10.10.2:22").unwrap());
    let mut is_reachable = || {
        let to: SocketAddr = "10.10.10.2:22".parse().unwrap();
        namespaces.enter("admin", || TcpStream::connect_timeout(&to, Duration::from_millis(700)).is_ok())
    };
    assert!(needs::comes(&mut is_reachable), "the router does not answer to begin with");

    let file = "etc/nftables.conf";
    let mut world = Folder::new(root.path()).in_namespace(&namespaces.full("router"));
    let mut bad = good.clone();
    let text = &mut bad.files.get_mut(file).unwrap().text;
    *text = text.replace("accept", "drop");
    let observed = observe(&bad, &mut world).unwrap();
    let guarded = apply_guarded(&plan(&bad, 2, &observed), 2, &mut world, &mut is_reachable).unwrap();
    assert!(guarded.outcome.is_good(), "{guarded:?}");
    assert_eq!(guarded.phase, Phase::Reverting);
    let start = Instant::now();
    assert!(needs::comes(&mut is_reachable), "the router stays locked");
    eprintln!("reachable again {:.1} s after the change was refused", start.elapsed().as_secs_f32());
    assert!(needs::comes(|| root.path().join("var/lib/labwright/change/reverted").exists()));
    let observed = observe(&good, &mut world).unwrap();
    assert!(plan(&good, 2, &observed).is_empty(), "what is there is not what was there");

    let mut better = good.clone();
    better.files.get_mut(file).unwrap().text.push_str("# better\n");
    let guarded = apply_guarded(&plan(&better, 3, &observed), 1, &mut world, &mut is_reachable).unwrap();
    assert_eq!(guarded.phase, Phase::Confirmed);
    let has_ended = || namespaces.pids("router").is_empty();
    assert!(needs::comes(has_ended), "the switch does not end");
    assert!(
        !root.path().join("var/lib/labwright/change/reverted").exists(),
        "it was confirmed and taken back"
    );
    assert!(std::fs::read_to_string(root.path().join(file)).unwrap().ends_with("# better\n"));
    let observed = observe(&better, &mut world).unwrap();
    assert!(plan(&better, 3, &observed).is_empty());
}
