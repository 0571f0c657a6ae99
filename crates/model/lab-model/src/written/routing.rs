//! Addresses that move, BGP, groups of stand-ins, and ports opened to the outside.

use crate::grammar::words::words;
use crate::grammar::{Address, Asn, Period, Port, Prefix, VirtualRouterId};
use crate::lab::{CircuitId, ClusterId, PrefixId, ServiceId, VipId, VlanIdOf};
use crate::record;
use crate::record::{Ref, Refs, Text};
use crate::written::{Behind, Router, Speaker, StandIn};
use lab_source::Spanned;

words! {
    /// How an address moves between its members.
    pub enum VipProtocol {
        /// CARP.
        Carp = "carp",
        /// VRRP, RFC 9568.
        Vrrp = "vrrp",
        /// Talos's own, by etcd election.
        Talos = "talos",
        /// kube-vip.
        KubeVip = "kube-vip",
        /// MetalLB in layer 2 mode.
        MetallbL2 = "metallb-l2",
        /// Cilium announcing by ARP.
        CiliumL2 = "cilium-l2",
        /// Announced by BGP.
        Bgp = "bgp",
        /// Moved by hand.
        Manual = "manual",
    }
}

record! {
    /// An address that moves between members.
    Vip {
        /// The address, or several when an id covers several.
        address (required): Vec<Spanned<Address>>,
        /// How it moves.
        protocol (required): Option<Spanned<VipProtocol>>,
        /// The virtual router id, unique on its network.
        id: Option<Spanned<VirtualRouterId>>,
        /// Who may hold it, the preferred one first.
        members: Refs<Router>,
        /// The cluster whose nodes may hold it.
        cluster: Option<Ref<ClusterId>>,
        /// How often the holder announces itself.
        interval: Option<Spanned<Period>>,
        /// What it is for.
        description: Option<Text>,
        /// The service behind it.
        service: Option<Ref<ServiceId>>,
        /// The VLAN, when the prefix of its address does not tell.
        vlan: Option<Ref<VlanIdOf>>,
        /// True when members prove themselves with a password.
        authenticated: Option<Spanned<bool>>,
    }
}

record! {
    /// A router, or nodes that all speak alike.
    BgpSpeaker {
        /// Autonomous system number.
        asn (required): Option<Spanned<Asn>>,
        /// The routers that speak.
        on: Refs<Router>,
        /// The cluster whose nodes all speak.
        cluster: Option<Ref<ClusterId>>,
        /// Who it speaks with.
        peers: Refs<Speaker>,
        /// What it announces.
        announces: Refs<PrefixId>,
        /// What it accepts from its peers.
        accepts: Vec<Spanned<Prefix>>,
        /// How often it says that it is there.
        keepalive: Option<Spanned<Period>>,
        /// How long it waits before it takes a silent peer for dead.
        hold: Option<Spanned<Period>>,
        /// True when Bidirectional Forwarding Detection (RFC 5880) is used.
        bfd: Option<Spanned<bool>>,
        /// True when sessions have a password.
        authenticated: Option<Spanned<bool>>,
        /// How long routes are kept over a restart.
        graceful_restart: Option<Spanned<Period>>,
        /// What it is.
        description: Option<Text>,
    }
}

record! {
    /// Stand-ins for each other, and what they share so that one can take over without loss.
    HaGroup {
        /// The members, the preferred one first.
        members (required): Refs<StandIn>,
        /// True when the state of connections is passed on.
        state_sync: Option<Spanned<bool>>,
        /// True when DHCP leases are.
        lease_sync: Option<Spanned<bool>>,
        /// True when their configuration is kept equal by a program.
        config_sync: Option<Spanned<bool>>,
        /// A line of which only one member may hold the address.
        shared_line: Option<SharedLine>,
        /// What it is for.
        description: Option<Text>,
    }
}

record! {
    /// A line that one member at a time may use.
    SharedLine short circuit {
        /// The line.
        circuit (required): Option<Ref<CircuitId>>,
        /// The VIP whose holder has the line. Nothing when any change of any VIP triggers the change.
        follows: Option<Ref<VipId>>,
        /// True when the members use one MAC address on it.
        shared_mac: Option<Spanned<bool>>,
        /// How it is made sure that two never hold it: a sentence.
        fencing: Option<Text>,
    }
}

record! {
    /// A port opened to the outside.
    Forward {
        /// The line it comes in on; any when nothing is said.
        circuit: Option<Ref<CircuitId>>,
        /// The ports outside.
        ports (required): Vec<Spanned<Port>>,
        /// Where it leads.
        to (required): Option<Ref<Behind>>,
        /// The port inside, when it is another.
        to_port: Option<Spanned<Port>>,
        /// Who may come; anybody when nothing is said.
        from: Vec<Spanned<Prefix>>,
        /// Why.
        description: Option<Text>,
    }
}
