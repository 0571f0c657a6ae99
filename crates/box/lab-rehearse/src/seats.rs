//! People at every place where the prediction has them: clients beside the one that a box makes for each zone, on the same network, at
//! the other switches and access points. And an address for whoever is asked for something and has none.

use ipnet::IpNet;
use lab_box::wired::{Cable, Lane, LaneEnd, Node, NodeKind, Plug, Route, WiredPlan};
use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};

/// A bridge of a node.
type Point = (usize, String);

/// Adds clients like `client` at the nodes among `at` where none of `clients` is yet, as far as its network is there. The names of
/// those that were added.
pub(crate) fn add(plan: &mut WiredPlan, clients: &[String], at: &[usize]) -> Vec<String> {
    let Some(first) = clients.first().and_then(|name| plan.nodes.iter().position(|node| node.name == *name))
    else {
        return Vec::new();
    };
    let Some((port, is_isolated)) = seat_of(plan, first) else { return Vec::new() };
    let network = network(plan, &port);
    let seats = clients.iter().filter_map(|name| plan.nodes.iter().position(|node| node.name == *name));
    let taken: BTreeSet<usize> = seats.filter_map(|client| Some(seat_of(plan, client)?.0.0)).collect();
    let mut added = Vec::new();
    for &node in at.iter().filter(|node| !taken.contains(node)) {
        let Some((_, bridge)) = network.iter().find(|(own, _)| *own == node) else { continue };
        let name = format!("{}-at-{}", plan.nodes[first].name, plan.nodes[node].name);
        if add_one(plan, first, &name, (node, bridge.clone()), is_isolated).is_some() {
            added.push(name);
        }
    }
    added
}

/// Gives a node an address where it is plugged in, when it has none at all and somebody else there has one: whoever asks it must be able
/// to.
pub(crate) fn give_address(plan: &mut WiredPlan, node: usize) -> Option<()> {
    if plan.nodes[node].addresses.iter().any(|(device, _)| device != "lo") {
        return None;
    }
    let (point, _) = seat_of(plan, node)?;
    let own = plan.cables.iter().find_map(|cable| {
        let side = cable.ends.iter().position(|end| end.node == node)?;
        let lane = &cable.lanes.first()?.ends[side];
        Some(lane.bridge.clone().unwrap_or_else(|| lane.device.clone()))
    })?;
    let network = network(plan, &point);
    let (net, routes) = network.iter().find_map(|point| neighbour(plan, point, node))?;
    let address = IpNet::new(free(plan, net)?, net.prefix_len()).ok()?;
    plan.nodes[node].addresses.push((own, address));
    if plan.nodes[node].routes.is_empty() {
        plan.nodes[node].routes = routes;
    }
    Some(())
}

/// An address of somebody who is plugged into a bridge, with its routes: a client, since others may have ways of their own.
fn neighbour(plan: &WiredPlan, point: &Point, but: usize) -> Option<(IpNet, Vec<Route>)> {
    plan.cables.iter().find_map(|cable| {
        let side = (0..2).find(|&side| cable.ends[side].node == point.0)?;
        let lane = cable.lanes.first().filter(|lane| lane.ends[side].bridge.as_ref() == Some(&point.1))?;
        let other = cable.ends[1 - side].node;
        let node = plan.nodes.get(other).filter(|node| other != but && node.kind == NodeKind::Client)?;
        let on = &lane.ends[1 - side].device;
        let (_, net) = node.addresses.iter().find(|(device, net)| device == on && net.addr().is_ipv4())?;
        Some((*net, node.routes.clone()))
    })
}

/// The bridge that a client is plugged into, and whether its port is isolated there.
fn seat_of(plan: &WiredPlan, client: usize) -> Option<(Point, bool)> {
    plan.cables.iter().find_map(|cable| {
        let own = cable.ends.iter().position(|end| end.node == client)?;
        let far = &cable.lanes.first()?.ends[1 - own];
        Some(((cable.ends[1 - own].node, far.bridge.clone()?), far.isolated))
    })
}

/// The bridges that frames get to from one.
fn network(plan: &WiredPlan, from: &Point) -> BTreeSet<Point> {
    let mut found = BTreeSet::from([from.clone()]);
    let mut open = vec![from.clone()];
    while let Some(point) = open.pop() {
        for cable in &plan.cables {
            for lane in &cable.lanes {
                let side = (0..2).find(|&side| {
                    cable.ends[side].node == point.0 && lane.ends[side].bridge.as_ref() == Some(&point.1)
                });
                let Some(side) = side else { continue };
                let Some(bridge) = &lane.ends[1 - side].bridge else { continue };
                let far = (cable.ends[1 - side].node, bridge.clone());
                if found.insert(far.clone()) {
                    open.push(far);
                }
            }
        }
    }
    found
}

fn add_one(plan: &mut WiredPlan, like: usize, name: &str, port: Point, is_isolated: bool) -> Option<()> {
    let (device, net) = plan.nodes[like].addresses.first()?.clone();
    let address = free(plan, net)?;
    let mut client = Node::new(name, NodeKind::Client);
    client.addresses.push((device.clone(), IpNet::new(address, net.prefix_len()).ok()?));
    client.routes = plan.nodes[like].routes.clone();
    let node = plan.nodes.len();
    plan.nodes.push(client);
    // Interfaces of the box's own are numbered by their client: a name of Linux has 15 characters.
    let far = LaneEnd {
        device: format!("seat{node}"),
        bridge: Some(port.1.clone()),
        isolated: is_isolated,
        ..LaneEnd::default()
    };
    let own = LaneEnd { device: device.clone(), ..LaneEnd::default() };
    let ports = [format!("{name}:{device}"), format!("{}:seat{node}", plan.nodes[port.0].name)];
    plan.cables.push(Cable {
        name: ports.join(" "),
        things: Vec::new(),
        ends: [Plug { node, port: ports[0].clone() }, Plug { node: port.0, port: ports[1].clone() }],
        lanes: vec![Lane { tag: None, ends: [own, far] }],
        is_described: false,
    });
    Some(())
}

/// The highest address of a network that nobody in the box has.
fn free(plan: &WiredPlan, net: IpNet) -> Option<IpAddr> {
    let IpNet::V4(v4) = net else { return None };
    let used: BTreeSet<IpAddr> =
        plan.nodes.iter().flat_map(|node| &node.addresses).map(|(_, net)| net.addr()).collect();
    let (first, last) = (u32::from(v4.network()) + 1, u32::from(v4.broadcast()).saturating_sub(1));
    (first..=last)
        .rev()
        .map(|address| IpAddr::V4(Ipv4Addr::from(address)))
        .find(|address| !used.contains(address))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(device: &str, bridge: Option<&str>) -> LaneEnd {
        LaneEnd { device: device.into(), bridge: bridge.map(str::to_owned), ..LaneEnd::default() }
    }

    fn cable(ends: [usize; 2], lane: [LaneEnd; 2]) -> Cable {
        let plug = |node| Plug { node, port: format!("{node}") };
        let lanes = vec![Lane { tag: None, ends: lane }];
        Cable { name: format!("{ends:?}"), things: vec![], ends: ends.map(plug), lanes, is_described: true }
    }

    /// Two switches, of which one has the client, and a third that nothing leads to.
    #[test]
    fn people_sit_wherever_their_network_is() {
        let mut plan = WiredPlan::default();
        for name in ["one", "two", "three", "client-users"] {
            plan.nodes.push(Node::new(name, NodeKind::Switch));
        }
        plan.nodes[3].addresses.push(("eth0".into(), "10.0.0.254/24".parse().unwrap()));
        plan.cables.push(cable([0, 1], [end("p1", Some("v10")), end("p1", Some("v10"))]));
        plan.cables.push(cable([3, 0], [end("eth0", None), end("c", Some("v10"))]));
        let clients = ["client-users".to_owned()];
        assert_eq!(add(&mut plan, &clients, &[0, 1, 2]), ["client-users-at-two"]);
        let added = plan.nodes.last().unwrap();
        assert_eq!(added.addresses, [("eth0".to_owned(), "10.0.0.253/24".parse().unwrap())]);
        assert_eq!(plan.cables.last().unwrap().lanes[0].ends[1].bridge.as_deref(), Some("v10"));
        assert!(add(&mut plan, &["nobody".to_owned()], &[0]).is_empty());

        plan.nodes[3].kind = NodeKind::Client;
        plan.nodes.push(Node::new("nas", NodeKind::Host));
        plan.cables.push(cable([5, 1], [end("lan", None), end("p2", Some("v10"))]));
        assert_eq!(give_address(&mut plan, 5), Some(()));
        assert_eq!(plan.nodes[5].addresses, [("lan".to_owned(), "10.0.0.252/24".parse().unwrap())]);
        assert_eq!(give_address(&mut plan, 5), None, "it has one");
    }
}
