//! Operating systems on devices, virtual machines, and groups of hosts that act as one.

use crate::grammar::words::words;
use crate::grammar::{Address, Bytes, MacAddress, Mtu, Period, Prefix};
use crate::lab::{BridgeId, DeviceId, HostId, LagId, PoolId, PrefixId, VlanIdOf};
use crate::record;
use crate::record::{Addressed, Named, Ref, Refs, Text};
use crate::written::{AddressUse, Architecture, DriveList, Machine, Status, Vlans, VmRunner};
use lab_source::Spanned;

words! {
    /// How a machine finds its operating system.
    pub enum BootFrom {
        /// Its own disk (the default).
        Disk = "disk",
        /// The network each time.
        Network = "network",
        /// A memory card or stick.
        Card = "card",
    }
}

words! {
    /// The firmware that starts a machine.
    pub enum Firmware {
        /// PC BIOS.
        Bios = "bios",
        /// UEFI.
        Uefi = "uefi",
        /// The Raspberry Pi's own.
        RaspberryPi = "raspberry-pi",
    }
}

record! {
    /// An operating system on a device.
    Host {
        /// The device.
        on: Option<Ref<DeviceId>>,
        /// What it runs: `debian 12`, `talos 1.13.2`, `proxmox 9.0`.
        os: Option<Text>,
        /// Whether it is in use. Default: active.
        status: Option<Spanned<Status>>,
        /// What it is for.
        description: Option<Text>,
        /// Addresses by interface, aggregate or bridge.
        addresses: Addressed<AddressUse>,
        /// Interfaces of the operating system: VLANs, bonds, their MTU.
        interfaces: Addressed<HostInterface>,
        /// Name servers it asks.
        dns: Vec<Text>,
        /// Time servers it asks.
        ntp: Vec<Text>,
        /// How it finds its operating system. Default: disk.
        boots_from: Option<Spanned<BootFrom>>,
        /// Who serves it when it boots from the network.
        boot_server: Option<Ref<Machine>>,
        /// Its firmware. Default: UEFI.
        firmware: Option<Spanned<Firmware>>,
        /// The drive its operating system is on, by bay; the drive with `holds: os` when nothing is said.
        system_drive: Option<Text>,
        /// The pool its operating system is on.
        system_pool: Option<Ref<PoolId>>,
        /// True when it forwards packets.
        routes: Option<Spanned<bool>>,
        /// Memory that its own system and caches need, apart from what runs on it.
        own_memory: Option<Spanned<Bytes>>,
        /// Who logs in, and with what.
        users: Named<User>,
        /// True when its disk is encrypted.
        encrypted: Option<Spanned<bool>>,
        /// What must be there for it to start, such as a key server.
        needs: Refs<crate::written::Need>,
        /// Words that placement can ask for.
        labels: Vec<Text>,
        /// True when it shuts down in order before a battery is empty.
        shuts_down_on_battery: Option<Spanned<bool>>,
    }
}

record! {
    /// Somebody who logs in.
    User {
        /// Public SSH keys.
        keys: Vec<Text>,
        /// True when they may become root.
        admin: Option<Spanned<bool>>,
    }
}

record! {
    /// An interface of an operating system.
    HostInterface {
        /// The device's interface it is, when the names differ.
        port: Option<Text>,
        /// The LAG it is.
        lag: Option<Ref<LagId>>,
        /// The VLAN that frames without a tag belong to here.
        untagged: Option<Ref<VlanIdOf>>,
        /// The VLANs with tags.
        tagged: Vlans,
        /// The VLAN whose tag this interface adds, when it is one of a trunk's.
        vlan: Option<Ref<VlanIdOf>>,
        /// The interface it rides on.
        over: Option<Text>,
        /// The largest frame payload.
        mtu: Option<Spanned<Mtu>>,
        /// Its MAC address.
        mac: Option<Spanned<MacAddress>>,
    }
}

record! {
    /// A virtual machine, or a container with an address of its own.
    Vm {
        /// The host or cluster it runs on.
        on: Option<Ref<VmRunner>>,
        /// Other hosts it can run on when that one is down.
        may_run_on: Refs<HostId>,
        /// Whether it is in use. Default: active.
        status: Option<Spanned<Status>>,
        /// What it runs.
        os: Option<Text>,
        /// What it is for.
        description: Option<Text>,
        /// Virtual processors.
        cpus: Option<Spanned<u32>>,
        /// Memory.
        memory: Option<Spanned<Bytes>>,
        /// Its disks.
        disks: Named<VmDisk>,
        /// Its network cards, in order of their position.
        nics: Named<VmNic>,
        /// Addresses by interface.
        addresses: Addressed<AddressUse>,
        /// Devices handed through to it: `device/slot` for a card, `device/bay` for a drive.
        passthrough: Vec<Text>,
        /// True when it forwards packets.
        routes: Option<Spanned<bool>>,
        /// Starts by itself with its host, in this order; lower first.
        start_order: Option<Spanned<u32>>,
        /// Number on its hypervisor.
        number: Option<Spanned<u32>>,
        /// Name servers it asks.
        dns: Vec<Text>,
        /// What must be there for it to start.
        needs: Refs<crate::written::Need>,
        /// Words that placement can ask for.
        labels: Vec<Text>,
        /// Instruction set, when it is not that of its host.
        architecture: Option<Spanned<Architecture>>,
        /// True when the hypervisor starts it elsewhere after a failure.
        restarts_elsewhere: Option<Spanned<bool>>,
    }
}

record! {
    /// A disk of a virtual machine.
    VmDisk short size {
        /// Its size.
        size: Option<Spanned<Bytes>>,
        /// The pool it is on.
        on: Option<Ref<PoolId>>,
        /// The dataset it is on.
        dataset: Option<Ref<crate::lab::DatasetId>>,
    }
}

record! {
    /// A network card of a virtual machine.
    VmNic short bridge {
        /// The bridge it is on.
        bridge: Option<Ref<BridgeId>>,
        /// The VLAN, when the bridge carries several.
        vlan: Option<Ref<VlanIdOf>>,
        /// Its MAC address.
        mac: Option<Spanned<MacAddress>>,
        /// False when it is created with its link down.
        connected: Option<Spanned<bool>>,
        /// The largest frame payload.
        mtu: Option<Spanned<Mtu>>,
        /// What the guest calls it.
        os_name: Option<Text>,
    }
}

words! {
    /// What a cluster is.
    pub enum ClusterKind {
        /// Kubernetes.
        Kubernetes = "kubernetes",
        /// Proxmox VE.
        Proxmox = "proxmox",
        /// Ceph.
        Ceph = "ceph",
        /// etcd.
        Etcd = "etcd",
        /// A database with several members.
        Database = "database",
        /// Docker or Podman on one or more hosts.
        Containers = "containers",
        /// Anything else with members and quorum.
        Other = "other",
    }
}

record! {
    /// Hosts that act as one.
    Cluster {
        /// What it is.
        kind (required): Option<Spanned<ClusterKind>>,
        /// Members with a vote: control plane nodes, monitors, corosync nodes.
        members: Refs<Machine>,
        /// Members that only work.
        workers: Refs<Machine>,
        /// How many votes decide. Default: more than half.
        quorum: Option<Spanned<u32>>,
        /// False when members with a vote run no ordinary workloads. Default: true.
        members_work: Option<Spanned<bool>>,
        /// Ceph: drives of the OSDs, `device/bay`.
        osds: DriveList,
        /// Ceph: who runs the managers.
        managers: Refs<Machine>,
        /// Ceph: who runs the metadata servers.
        metadata_servers: Refs<Machine>,
        /// Ceph: memory each OSD is given.
        osd_memory: Option<Spanned<Bytes>>,
        /// The cluster in which it runs, such as Rook's Ceph inside Kubernetes.
        inside: Option<Ref<crate::lab::ClusterId>>,
        /// Version.
        version: Option<Text>,
        /// The address its API is reached by.
        api: Option<Spanned<Address>>,
        /// Network of the pods.
        pods: Option<Ref<PrefixId>>,
        /// Bits of the prefix that each node gets from it. Default: 24.
        pod_prefix_length: Option<Spanned<u32>>,
        /// The most pods a node may run.
        max_pods: Option<Spanned<u32>>,
        /// Network of cluster-internal services.
        services: Option<Ref<PrefixId>>,
        /// Networks of load balancer addresses.
        load_balancers: Refs<PrefixId>,
        /// Network that its members use among themselves. Ceph: the public network, of monitors and clients.
        network: Option<Spanned<Prefix>>,
        /// Ceph: the network of copies between OSDs (its `cluster_network`). Default: `network`.
        replication_network: Option<Spanned<Prefix>>,
        /// Network plugin: `cilium`, `calico`.
        cni: Option<Text>,
        /// The largest frame payload of pods.
        mtu: Option<Spanned<Mtu>>,
        /// How long until workloads of a silent node are started elsewhere. Default for Kubernetes: 5 min.
        eviction: Option<Spanned<Period>>,
        /// True when the hypervisor starts virtual machines of a dead member elsewhere.
        restarts_elsewhere: Option<Spanned<bool>>,
        /// What runs in it and is not worth a service of its own.
        runs: Vec<Text>,
        /// What it is for.
        description: Option<Text>,
    }
}
