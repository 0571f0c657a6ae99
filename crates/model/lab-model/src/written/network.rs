//! VLANs, prefixes, DHCP, and who may reach whom.

use crate::grammar::words::words;
use crate::grammar::{Address, MacAddress, Mtu, Period, Port, VlanId};
use crate::lab::{ClusterId, SiteId, VlanIdOf};
use crate::record;
use crate::record::{Addressed, Named, Ref, Refs, Text};
use crate::written::{Machine, Reached, Router, ZoneMember};
use lab_source::Spanned;

record! {
    /// A virtual LAN.
    Vlan short id {
        /// Its number, 1 to 4094 (IEEE 802.1Q).
        id (required): Option<Spanned<VlanId>>,
        /// What it is for.
        description: Option<Text>,
        /// The largest frame payload. Default: 1500.
        mtu: Option<Spanned<Mtu>>,
        /// The secondary VLANs, when it is the primary of a private VLAN (RFC 5517).
        private: Option<PrivateVlan>,
        /// The site it exists at.
        site: Option<Ref<SiteId>>,
        /// Roles that things in it may have: `management`, `workloads`, `storage`, `users`, `guests`, `iot`.
        roles: Vec<Text>,
    }
}

record! {
    /// Secondary VLANs of a private VLAN.
    PrivateVlan short isolated {
        /// The VLAN whose members reach promiscuous ports only.
        isolated: Option<Spanned<VlanId>>,
        /// VLANs whose members also reach each other.
        communities: Named<Community>,
    }
}

record! {
    /// A community of a private VLAN.
    Community short id {
        /// Its VLAN number.
        id (required): Option<Spanned<VlanId>>,
    }
}

words! {
    /// What an IP network is for.
    pub enum PrefixKind {
        /// Hosts are on the link (the default when a VLAN is named).
        OnLink = "on-link",
        /// A supernet that others are cut from.
        Container = "container",
        /// Pods of a cluster.
        Pods = "pods",
        /// Cluster-internal service addresses.
        Services = "services",
        /// Addresses of load balancers, announced by routing.
        LoadBalancers = "load-balancers",
        /// Point to point.
        PointToPoint = "point-to-point",
        /// Between the routers and a provider.
        Transit = "transit",
        /// For a private network over others, such as WireGuard.
        Tunnel = "tunnel",
        /// Addresses of loopbacks.
        Loopback = "loopback",
    }
}

record! {
    /// An IP network. Its name is its prefix.
    PrefixPlan {
        /// The VLAN it is used in.
        vlan: Option<Ref<VlanIdOf>>,
        /// What it is for.
        kind: Option<Spanned<PrefixKind>>,
        /// What it is for, in words.
        description: Option<Text>,
        /// The cluster it belongs to.
        cluster: Option<Ref<ClusterId>>,
        /// The router's address; when it equals a VIP's, the VIP is the gateway.
        gateway: Option<Spanned<Address>>,
        /// The gateway's members in person, when it is a VIP, are found there; name routers here only when there is none.
        routers: Refs<Router>,
        /// Who hands out addresses, and how.
        dhcp: Option<Dhcp>,
        /// What parts of it are for: a range or a prefix, then `dhcp`, `static`, or words.
        ranges: Addressed<RangeUse>,
        /// Name servers given to its hosts.
        dns: Vec<Spanned<Address>>,
        /// Time servers given to its hosts.
        ntp: Vec<Text>,
        /// The site it is at.
        site: Option<Ref<SiteId>>,
        /// True when a bridge inside a host, or a cable, carries it without a VLAN.
        unnumbered_vlan: Option<Spanned<bool>>,
    }
}

record! {
    /// What a part of a prefix is for.
    RangeUse short r#use {
        /// `dhcp`, `static`, `reserved`, or what it is for in words.
        r#use (required): Option<Text>,
        /// What it is for, beside `dhcp`.
        description: Option<Text>,
    }
}

words! {
    /// How two DHCP servers share the work.
    pub enum DhcpFailover {
        /// One answers, the other takes over.
        HotStandby = "hot-standby",
        /// Both answer, each for a part.
        LoadBalancing = "load-balancing",
        /// ISC failover.
        Isc = "isc-failover",
        /// Each with a part of the pool, knowing nothing of the other.
        Split = "split",
    }
}

record! {
    /// How DHCP works in a prefix.
    Dhcp short by {
        /// Who answers, the first one first.
        by: Refs<Router>,
        /// How several share the work.
        failover: Option<Spanned<DhcpFailover>>,
        /// How long a lease lasts.
        lease: Option<Spanned<Period>>,
        /// The domain given.
        domain: Option<Text>,
        /// Addresses for certain machines.
        reservations: Addressed<Reservation>,
        /// True when the servers are in another network and routers pass requests on.
        relayed: Option<Spanned<bool>>,
    }
}

record! {
    /// An address kept for a machine.
    Reservation {
        /// The address.
        address (required): Option<Spanned<Address>>,
        /// The MAC it is kept for.
        mac (required): Option<Spanned<MacAddress>>,
        /// The host or virtual machine, when its name differs.
        host: Option<Ref<Machine>>,
    }
}

record! {
    /// Networks that are treated alike, and what they may reach. What is not allowed is denied.
    Zone {
        /// The VLANs or prefixes in it.
        of: Refs<ZoneMember>,
        /// What it may reach: `internet`, another zone, a service, or one of these on certain ports.
        may_reach: Vec<Reach>,
        /// True when its members must not reach each other either.
        isolated: Option<Spanned<bool>>,
        /// What it is for.
        description: Option<Text>,
        /// True for zones of strangers and things that are not trusted.
        untrusted: Option<Spanned<bool>>,
        /// True for zones of management interfaces.
        management: Option<Spanned<bool>>,
        /// The pairs inside an isolated zone that may speak nevertheless, as `from to`.
        pairs: Vec<Text>,
    }
}

record! {
    /// One thing that a zone may reach.
    Reach short to {
        /// What: a zone, a service, a host, `internet`, `gateway` (the router itself: DHCP, DNS, NTP), `itself`.
        to (required): Option<Ref<Reached>>,
        /// On which ports; any when nothing is said.
        on: Vec<Spanned<Port>>,
        /// Why.
        because: Option<Text>,
    }
}
