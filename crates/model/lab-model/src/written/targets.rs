//! What references may point at when it is more than one kind.

use crate::lab::{Kind, ThingId};
use crate::record::Target;

macro_rules! targets {
    ($($(#[doc = $doc:literal])* $name:ident: [$($kind:ident),*] $(words [$($word:literal),*])?;)*) => {
        $(
            $(#[doc = $doc])*
            #[derive(Clone, Copy, Debug)]
            pub struct $name;

            impl Target for $name {
                type Id = ThingId;
                const KINDS: &'static [Kind] = &[$(Kind::$kind),*];
                $(const WORDS: &'static [&'static str] = &[$($word),*];)?
            }
        )*
    };
}

targets! {
    /// A machine that runs an operating system: a host or a virtual machine.
    Machine: [Host, Vm];
    /// Where a service can run.
    Runner: [Cluster, Host, Vm, Device];
    /// What holds an address: a machine, or a device without an operating system of interest.
    Addressed: [Host, Vm, Device, Cluster, Service];
    /// Where data is: on a pool, a dataset, a device, at a site, in an external service.
    DataPlace: [Dataset, Pool, Device, External, Site, Host, Vm, Volume];
    /// What can be backed up.
    Backed: [Dataset, Volume, Service, Pool, Host, Vm];
    /// What a service can need.
    Need: [Service, Dataset, Volume, External, Cluster, Pool, Device, Vm, Host, Circuit] words ["internet", "dns", "dhcp", "ntp"];
    /// Members of a zone.
    ZoneMember: [Vlan, Prefix];
    /// What a zone may reach.
    Reached: [Zone, Service, Host, Vm, Device, External] words ["internet", "gateway", "itself"];
    /// Where a bridge or virtual machine is.
    VmRunner: [Host, Cluster];
    /// What a bridge lives in.
    BridgeHost: [Host, Vm, Device];
    /// What stands behind a forward.
    Behind: [Service, Host, Vm, Device, Vip];
    /// A router: whoever forwards packets.
    Router: [Host, Vm, Device];
    /// What a promise is about.
    Promised: [Service, Dataset, Volume, Pool, Cluster, Host, Vm, Device, Zone, Vlan, Backup, Circuit, Power] words ["internet", "everything"];
    /// What a group of stand-ins is made of.
    StandIn: [Host, Vm, Device, Service];
    /// Anything that a DNS name can lead to.
    Named_: [Service, Host, Vm, Device, Vip, Cluster, External];
    /// What a volume stands on.
    VolumePlace: [StorageClass, Dataset, Pool];
    /// Who controls the peer of a BGP speaker.
    Speaker: [Bgp];
    /// What a pool's drives are in.
    PoolHost: [Host, Vm, Device];
}
