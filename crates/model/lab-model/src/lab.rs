//! The kinds of things in a lab, their ids, and the `Lab` that holds them all. A new kind is one line of `kinds!`.

use crate::derived::Derived;
use crate::device_type::{DeviceType, TypeCatalogue};
use crate::record::{AnyRef, Field, Name, Named, Provenance, Read, Target};
use crate::written::*;
use lab_source::{Map, Span};
use std::collections::HashMap;
use std::ops::Index;
use std::sync::Arc;

/// An id of one kind.
pub trait Id: Copy + Eq + std::hash::Hash + std::fmt::Debug {
    /// The id of the thing at a position.
    fn new(index: u32) -> Self;
    /// The position.
    fn index(self) -> usize;
}

/// All things of one kind, in the order of the text, with their names.
#[derive(Clone, Debug)]
pub struct Table<I, T> {
    entries: Vec<Entry<T>>,
    by_name: HashMap<Arc<str>, I>,
}

/// One thing with its name.
#[derive(Clone, Debug)]
pub struct Entry<T> {
    /// The name.
    pub name: Name,
    /// The record.
    pub record: T,
}

impl<T> std::ops::Deref for Entry<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.record
    }
}

impl<I: Id, T> Table<I, T> {
    fn new(named: Named<T>) -> Self {
        let mut by_name = HashMap::with_capacity(named.entries.len());
        let mut entries = Vec::with_capacity(named.entries.len());
        for (index, (name, record)) in (0u32..).zip(named.entries) {
            by_name.insert(name.text.clone(), I::new(index));
            entries.push(Entry { name, record });
        }
        Self { entries, by_name }
    }

    /// Ids and things in the order of the text.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (I, &Entry<T>)> + ExactSizeIterator {
        self.entries.iter().enumerate().map(|(index, entry)| (I::new(index as u32), entry))
    }

    /// The thing called `name`.
    pub fn find(&self, name: &str) -> Option<I> {
        self.by_name.get(name).copied()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// True when there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub(crate) fn records_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.entries.iter_mut().map(|entry| &mut entry.record)
    }
}

impl<I: Id, T> Index<I> for Table<I, T> {
    type Output = Entry<T>;

    fn index(&self, id: I) -> &Entry<T> {
        &self.entries[id.index()]
    }
}

/// A thing of any kind.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct ThingId {
    /// Its kind.
    pub kind: Kind,
    /// Its position among its kind.
    pub index: u32,
}

/// One thing names another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reference {
    /// What names the other.
    pub from: ThingId,
    /// What is named.
    pub to: ThingId,
    /// Where the name stands.
    pub span: Span,
}

macro_rules! kinds {
    ($(
        $(#[doc = $doc:literal])*
        $field:ident: $record:ty => $id:ident, $kind:ident $word:literal;
    )*) => {
        /// A kind of thing.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
        pub enum Kind {
            $($(#[doc = $doc])* $kind,)*
        }

        impl Kind {
            /// All kinds, in the order of the manual.
            pub const ALL: &'static [Kind] = &[$(Self::$kind,)*];

            /// The word for one thing of the kind, as in `device/node-1`.
            pub fn word(self) -> &'static str {
                match self {
                    $(Self::$kind => $word,)*
                }
            }

            /// The top-level key that holds the kind.
            pub fn key(self) -> String {
                match self {
                    $(Self::$kind => stringify!($field).replace('_', "-"),)*
                }
            }
        }

        $(
            #[doc = concat!("Names one ", $word, ".")]
            #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
            pub struct $id(pub u32);

            impl Id for $id {
                fn new(index: u32) -> Self {
                    Self(index)
                }

                fn index(self) -> usize {
                    self.0 as usize
                }
            }

            impl From<$id> for ThingId {
                fn from(id: $id) -> Self {
                    Self { kind: Kind::$kind, index: id.0 }
                }
            }

            impl TryFrom<ThingId> for $id {
                type Error = ();

                fn try_from(thing: ThingId) -> Result<Self, ()> {
                    if thing.kind == Kind::$kind { Ok(Self(thing.index)) } else { Err(()) }
                }
            }

            impl Target for $id {
                type Id = $id;
                const KINDS: &'static [Kind] = &[Kind::$kind];
            }
        )*

        $crate::record! {
            /// A lab: any of these keys may stand in any file of its folder.
            Written {
                /// What the lab is called and what holds for all of it.
                lab: Option<LabHead>,
                /// Which keys the secrets of this repository are encrypted to.
                secrets: Option<Secrets>,
                /// What each switch port carries: device, then port.
                ports: Named<Named<PortMode>>,
                /// Risks that the owner takes, each with a reason.
                accept: Named<AcceptedRisk>,
                /// What is known beforehand of rehearsals.
                rehearse: Option<Rehearsal>,
                $($(#[doc = $doc])* $field: Named<$record>,)*
            }
        }

        /// A lab, read and resolved.
        #[derive(Debug)]
        pub struct Lab {
            /// What holds for all of it.
            pub head: LabHead,
            /// Recipients of secrets.
            pub secrets: Option<Secrets>,
            /// What each switch port carries.
            pub ports: Vec<(Name, Named<PortMode>)>,
            /// Accepted risks.
            pub accept: Vec<(Name, AcceptedRisk)>,
            /// Differences between prediction and box that are known.
            pub known_differences: Vec<(Name, KnownDifference)>,
            $($(#[doc = $doc])* pub $field: Table<$id, $record>,)*
            /// Where facts are from and how sure they are.
            pub provenance: Vec<Provenance>,
            /// Every reference that was resolved, by kind and position of what names the other.
            pub references: Vec<Reference>,
            /// The text as it was read, overlays laid over, before anything was made of it.
            pub tree: Map,
            /// Files whose values are encrypted.
            pub secret_files: Vec<lab_source::SecretFile>,
            /// Paths of its files from its root, each with the first line that says something.
            pub paths: Vec<(Arc<str>, Span)>,
            /// The types that devices, cards and drives are of.
            pub types: TypeCatalogue,
            /// What follows from the records.
            pub derived: Derived,
        }

        impl Lab {
            /// A lab of what was written, nothing resolved yet.
            pub(crate) fn from_written(written: Written, span: Span) -> Self {
                Self {
                    head: written.lab.unwrap_or_else(|| LabHead::empty(span)),
                    secrets: written.secrets,
                    ports: written.ports.entries,
                    accept: written.accept.entries,
                    known_differences: written.rehearse.map_or_else(Vec::new, |rehearsal| rehearsal.known.entries),
                    $($field: Table::new(written.$field),)*
                    provenance: Vec::new(),
                    references: Vec::new(),
                    tree: Map { entries: Vec::new().into(), span },
                    secret_files: Vec::new(),
                    paths: Vec::new(),
                    types: TypeCatalogue::default(),
                    derived: Derived::default(),
                }
            }

            /// The thing of `kind` called `name`.
            pub fn find(&self, kind: Kind, name: &str) -> Option<ThingId> {
                match kind {
                    $(Kind::$kind => self.$field.find(name).map(ThingId::from),)*
                }
            }

            /// The name of a thing and where it was given.
            pub fn name(&self, thing: ThingId) -> &Name {
                match thing.kind {
                    $(Kind::$kind => &self.$field[$id(thing.index)].name,)*
                }
            }

            /// How many things of a kind there are.
            pub fn count(&self, kind: Kind) -> usize {
                match kind {
                    $(Kind::$kind => self.$field.len(),)*
                }
            }

            /// Shows every reference to `visit`, with the thing that has it.
            pub(crate) fn visit(&mut self, visit: &mut dyn FnMut(Option<ThingId>, &mut dyn AnyRef)) {
                for (device, ports) in &mut self.ports {
                    let device = self.devices.find(&device.text).map(ThingId::from);
                    Field::visit(ports, &mut |reference| visit(device, reference));
                }
                for (_, risk) in &mut self.accept {
                    risk.visit(&mut |reference| visit(None, reference));
                }
                $(for (index, record) in (0u32..).zip(self.$field.records_mut()) {
                    let thing = ThingId { kind: Kind::$kind, index };
                    record.visit(&mut |reference| visit(Some(thing), reference));
                })*
            }
        }
    };
}

kinds! {
    /// Documents that facts are from.
    sources: Source => SourceId, Source "source";
    /// Places where parts of the lab, or copies of its data, are.
    sites: Site => SiteId, Site "site";
    /// Rooms and closets of a site.
    rooms: Room => RoomId, Room "room";
    /// Cabinets and open frames that devices are mounted in.
    racks: Rack => RackId, Rack "rack";
    /// Companies that something comes from.
    providers: Provider => ProviderId, Provider "provider";
    /// Lines that a provider brings to a site.
    circuits: Circuit => CircuitId, Circuit "circuit";
    /// Services outside the lab that it uses.
    externals: External => ExternalId, External "external";
    /// What is upstream of the first plug: grid, breakers, circuits, generators.
    power: PowerNode => PowerId, Power "power";
    /// Device types of this lab's own, beside the catalogue.
    device_types: DeviceType => DeviceTypeId, DeviceType "device-type";
    /// Drive models.
    drive_types: DriveType => DriveTypeId, DriveType "drive-type";
    /// Card models: network, storage and graphics cards, in the community library's module-type words.
    card_types: DeviceType => CardTypeId, CardType "card-type";
    /// Physical devices.
    devices: Device => DeviceId, Device "device";
    /// Cables, grouped by what they are: each group says its kind once and then what it connects.
    cables: CableGroup => CableGroupId, Cable "cable";
    /// Aggregated links.
    lags: Lag => LagId, Lag "lag";
    /// Virtual switches inside hosts.
    bridges: Bridge => BridgeId, Bridge "bridge";
    /// Virtual LANs.
    vlans: Vlan => VlanIdOf, Vlan "vlan";
    /// IP networks, by prefix.
    prefixes: PrefixPlan => PrefixId, Prefix "prefix";
    /// Addresses that move between members.
    vips: Vip => VipId, Vip "vip";
    /// Who may reach whom.
    zones: Zone => ZoneId, Zone "zone";
    /// BGP speakers, each a router or a group of nodes that speak alike.
    bgp: BgpSpeaker => BgpId, Bgp "bgp";
    /// Groups of hosts or virtual machines that stand in for each other.
    ha: HaGroup => HaId, Ha "ha";
    /// Ports opened to the outside.
    forwards: Forward => ForwardId, Forward "forward";
    /// Operating systems on devices.
    hosts: Host => HostId, Host "host";
    /// Virtual machines and containers with an address of their own.
    vms: Vm => VmId, Vm "vm";
    /// Groups of hosts that act as one.
    clusters: Cluster => ClusterId, Cluster "cluster";
    /// Drives taken together.
    pools: Pool => PoolId, Pool "pool";
    /// File systems and block volumes on pools.
    datasets: Dataset => DatasetId, Dataset "dataset";
    /// How clusters hand out volumes.
    storage_classes: StorageClass => StorageClassId, StorageClass "storage-class";
    /// What services keep.
    volumes: Volume => VolumeId, Volume "volume";
    /// What the lab is for.
    services: Service => ServiceId, Service "service";
    /// Backup jobs: what is copied where, how often, and how long it is kept.
    backups: Backup => BackupId, Backup "backup";
    /// Certificates.
    certificates: Certificate => CertificateId, Certificate "certificate";
    /// DNS names beside those of hosts and services.
    names: DnsRecord => DnsRecordId, Name "name";
    /// What the owner claims of the lab.
    promises: Promise => PromiseId, Promise "promise";
}

impl Lab {
    /// How a thing is named in findings and in `accept:`, such as `device/node-1`.
    pub fn subject(&self, thing: impl Into<ThingId>) -> String {
        let thing = thing.into();
        format!("{}/{}", thing.kind.word(), self.name(thing))
    }
}
