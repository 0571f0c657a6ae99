//! Pools, datasets, volumes and how clusters hand them out.

use crate::grammar::words::words;
use crate::grammar::{Bytes, Percent, Rate};
use crate::lab::{ClusterId, DatasetId, PoolId, ServiceId};
use crate::record;
use crate::record::{AnyRef, Field, Named, Reader, Ref, Refs, Text};
use crate::schema::{Schemas, described};
use crate::written::{Controller, PoolHost, Reached, VolumePlace};
use lab_source::{Node, Span, Spanned};
use serde_json::{Value, json};
use std::sync::Arc;

/// Drives by name: `device/bay`, or only the bay when the device is known. Ranges are expanded.
#[derive(Clone, Debug, Default)]
pub struct DriveList {
    /// The names and where each stands.
    pub items: Vec<Spanned<Arc<str>>>,
}

impl Field for DriveList {
    fn absent() -> Self {
        Self::default()
    }

    fn present(node: &Node, reader: &mut Reader<'_>) -> Self {
        let mut items = Vec::new();
        let nodes = match node {
            Node::Seq(seq) => &seq.items[..],
            node if node.is_null() => &[],
            other => std::slice::from_ref(other),
        };
        for node in nodes {
            let Some(scalar) = reader.scalar(node, "drives, `device/bay`") else { continue };
            let names = reader.names(&scalar.text, scalar.span).unwrap_or_default();
            items.extend(names.into_iter().map(|name| Spanned::new(Arc::from(name), scalar.span)));
        }
        Self { items }
    }

    fn schema(schemas: &mut Schemas) -> Value {
        let item =
            schemas.scalar("drives, `device/bay`, or only the bay when the device is known", &["bay-0..7"]);
        json!({ "anyOf": [item.clone(), { "type": "array", "items": item }] })
    }

    fn visit(&mut self, _: &mut dyn FnMut(&mut dyn AnyRef)) {}
}

impl DriveList {
    /// Where the first one stands.
    pub fn span(&self) -> Option<Span> {
        self.items.first().map(|item| item.span)
    }
}

words! {
    /// What a pool is.
    pub enum PoolKind {
        /// ZFS.
        Zfs = "zfs",
        /// Ceph, replicated.
        CephReplicated = "ceph-replicated",
        /// Ceph, erasure-coded.
        CephErasure = "ceph-erasure",
        /// The pool of a ready-made NAS.
        Nas = "nas",
        /// Unraid: data drives and parity drives, each data drive with a file system of its own.
        Unraid = "unraid",
        /// Linux software RAID.
        Md = "md",
        /// btrfs.
        Btrfs = "btrfs",
        /// LVM.
        Lvm = "lvm",
        /// One drive with a file system.
        Single = "single",
    }
}

record! {
    /// Drives taken together.
    Pool {
        /// What it is.
        kind (required): Option<Spanned<PoolKind>>,
        /// The machine or device it is on; not for Ceph.
        on: Option<Ref<PoolHost>>,
        /// The device whose bays the drives are in, when that is not the machine's own.
        drives_in: Option<Ref<crate::lab::DeviceId>>,
        /// What it is for.
        description: Option<Text>,
        /// ZFS, md, btrfs, NAS: groups of drives, each with its own redundancy; the pool needs all of them.
        vdevs: Vec<Vdev>,
        /// ZFS: the separate log for synchronous writes (SLOG).
        log: Option<Vdev>,
        /// ZFS: drives of the second read cache (L2ARC).
        cache: DriveList,
        /// ZFS: the special vdev for metadata and small blocks.
        special: Option<Vdev>,
        /// Drives ready to replace another.
        spares: DriveList,
        /// Ceph: the cluster.
        cluster: Option<Ref<ClusterId>>,
        /// Ceph, replicated: how many copies.
        size: Option<Spanned<u32>>,
        /// Ceph: how many copies, or chunks, must be there for I/O to go on.
        min_size: Option<Spanned<u32>>,
        /// Ceph, erasure-coded: data chunks.
        k: Option<Spanned<u32>>,
        /// Ceph, erasure-coded: coding chunks.
        m: Option<Spanned<u32>>,
        /// Ceph: what no two copies share: `osd`, `host`, `chassis`, `rack`.
        failure_domain: Option<Text>,
        /// Ceph: the device class it uses: `ssd`, `hdd`.
        device_class: Option<Text>,
        /// ZFS: sector size as a power of two.
        ashift: Option<Spanned<u32>>,
        /// ZFS: compression.
        compression: Option<Text>,
        /// ZFS: true when blocks are deduplicated.
        deduplicated: Option<Spanned<bool>>,
        /// Usable size as its own tools show it, for comparison with what the drives give.
        usable: Option<Spanned<Bytes>>,
        /// Raw size as its own tools show it.
        raw: Option<Spanned<Bytes>>,
        /// How much is in use.
        used: Option<Spanned<Percent>>,
        /// True when it is encrypted.
        encrypted: Option<Spanned<bool>>,
        /// True when each drive is reached by two paths.
        multipath: Option<Spanned<bool>>,
    }
}

words! {
    /// How many drives of a group may fail.
    pub enum VdevKind {
        /// None.
        Stripe = "stripe",
        /// All but one.
        Mirror = "mirror",
        /// One, with parity.
        Raidz1 = "raidz1",
        /// Two.
        Raidz2 = "raidz2",
        /// Three.
        Raidz3 = "raidz3",
        /// RAID 5.
        Raid5 = "raid5",
        /// RAID 6.
        Raid6 = "raid6",
        /// Mirrored pairs, striped.
        Raid10 = "raid10",
        /// Synology's own, one drive may fail.
        Shr = "shr",
        /// Synology's own, two drives may fail.
        Shr2 = "shr2",
    }
}

/// A group of drives: `{ raidz2: bay-0..7 }`.
#[derive(Clone, Debug)]
pub struct Vdev {
    /// Where it stands.
    pub span: Span,
    /// How many drives may fail.
    pub kind: Spanned<VdevKind>,
    /// The drives.
    pub drives: DriveList,
}

impl crate::record::Read for Vdev {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let map = reader.mapping(node, "GroupOfDrives")?;
        let mut vdev = None;
        for entry in map.entries.iter() {
            match <VdevKind as crate::grammar::Grammar>::parse(&entry.key.value) {
                Ok(kind) if vdev.is_none() => {
                    let drives = DriveList::present(&entry.value, reader);
                    vdev = Some(Self { span: map.span, kind: Spanned::new(kind, entry.key.span), drives });
                }
                Ok(_) => reader.diagnostics.push(
                    lab_source::Diagnostic::error(
                        crate::record::WRONG_TYPE,
                        "a group of drives has one layout",
                    )
                    .at(entry.key.span, "a second layout"),
                ),
                Err(error) => reader.bad_value(&error, &entry.key.value, entry.key.span),
            }
        }
        vdev
    }

    fn schema(schemas: &mut Schemas) -> Value {
        let drives = DriveList::schema(schemas);
        let layouts: serde_json::Map<String, Value> = VdevKind::ALL
            .iter()
            .map(|kind| (kind.to_string(), described(drives.clone(), kind.doc())))
            .collect();
        json!({ "type": "object", "title": "vdev", "properties": layouts, "additionalProperties": false, "maxProperties": 1 })
    }

    fn visit(&mut self, _: &mut dyn FnMut(&mut dyn AnyRef)) {}
}

words! {
    /// What becomes of the lab's owner when data is gone.
    pub enum Importance {
        /// Nothing: caches and scratch.
        Ephemeral = "ephemeral",
        /// It can be had again with patience: media that can be bought or downloaded again.
        Replaceable = "replaceable",
        /// Work is lost.
        Important = "important",
        /// It can never be had again: photos, papers, keys.
        Irreplaceable = "irreplaceable",
    }
}

record! {
    /// A file system or block volume.
    Dataset {
        /// The pool it is on.
        pool: Option<Ref<PoolId>>,
        /// What it holds.
        description: Option<Text>,
        /// What becomes of you when it is gone.
        importance: Option<Spanned<Importance>>,
        /// How it is offered to others.
        shares: Vec<Share>,
        /// How much it holds.
        size: Option<Spanned<Bytes>>,
        /// The most it may hold.
        quota: Option<Spanned<Bytes>>,
        /// How much is set aside for it.
        reserved: Option<Spanned<Bytes>>,
        /// How much is added, such as `8 GB/month`.
        grows: Option<Text>,
        /// Where it is mounted.
        path: Option<Text>,
        /// True when its writes are synchronous: databases, NFS, virtual machines.
        synchronous: Option<Spanned<bool>>,
        /// True when it is encrypted.
        encrypted: Option<Spanned<bool>>,
        /// How snapshots are taken on the pool itself.
        snapshots: Option<Snapshots>,
    }
}

record! {
    /// Snapshots taken on the pool itself. They are no copies.
    Snapshots short keep {
        /// How often.
        every: Option<Spanned<crate::grammar::Schedule>>,
        /// How many are kept.
        keep: Option<Spanned<crate::grammar::Retention>>,
    }
}

words! {
    /// How data is shared.
    pub enum ShareProtocol {
        /// NFS.
        Nfs = "nfs",
        /// SMB.
        Smb = "smb",
        /// iSCSI.
        Iscsi = "iscsi",
        /// S3.
        S3 = "s3",
        /// NVMe over TCP.
        NvmeTcp = "nvme-tcp",
        /// WebDAV.
        Webdav = "webdav",
    }
}

words! {
    /// What clients of a share may do.
    pub enum ShareMode {
        /// Read.
        ReadOnly = "ro",
        /// Read and write.
        ReadWrite = "rw",
    }
}

record! {
    /// How data is offered to others.
    Share short protocol {
        /// How.
        protocol (required): Option<Spanned<ShareProtocol>>,
        /// Who may use it: zones, hosts, services.
        to: Refs<Reached>,
        /// Networks that may use it.
        networks: Vec<Spanned<crate::grammar::Prefix>>,
        /// What they may do. Default: rw.
        mode: Option<Spanned<ShareMode>>,
        /// True when root on a client is root on the share (`no_root_squash`).
        root_is_root: Option<Spanned<bool>>,
        /// Options as the server writes them.
        options: Option<Text>,
    }
}

words! {
    /// What kind of volumes a storage class hands out.
    pub enum VolumeMode {
        /// A block device for one node at a time.
        Block = "block",
        /// A file system several nodes can share.
        Shared = "shared",
        /// Objects.
        Object = "object",
        /// A local disk of one node.
        Local = "local",
    }
}

words! {
    /// What becomes of a volume when its claim is deleted.
    pub enum Reclaim {
        /// It is deleted.
        Delete = "delete",
        /// It stays.
        Retain = "retain",
    }
}

record! {
    /// How a cluster hands out volumes.
    StorageClass {
        /// The cluster.
        cluster: Option<Ref<ClusterId>>,
        /// What kind of volumes.
        mode: Option<Spanned<VolumeMode>>,
        /// The pool they are on.
        pool: Option<Ref<PoolId>>,
        /// The dataset they are in.
        dataset: Option<Ref<DatasetId>>,
        /// For local volumes: the pools of the nodes.
        pools: Refs<PoolId>,
        /// The driver: `rook-ceph.rbd.csi.ceph.com`, `zfs-generic-nfs`.
        driver: Option<Text>,
        /// What becomes of a volume when its claim is deleted.
        reclaim: Option<Spanned<Reclaim>>,
        /// True for the class used when none is named.
        default: Option<Spanned<bool>>,
        /// True when it can take snapshots.
        snapshots: Option<Spanned<bool>>,
        /// What it is meant for.
        description: Option<Text>,
    }
}

record! {
    /// What a service keeps.
    Volume {
        /// Where it is: a storage class, a dataset, a pool.
        on: Option<Ref<VolumePlace>>,
        /// The service it belongs to.
        service: Option<Ref<ServiceId>>,
        /// What it holds.
        description: Option<Text>,
        /// Its size.
        size: Option<Spanned<Bytes>>,
        /// What becomes of you when it is gone.
        importance: Option<Spanned<Importance>>,
        /// True when it holds a database that writes synchronously.
        database: Option<Spanned<bool>>,
        /// How many copies the service itself keeps, such as a database with two instances. Default: 1.
        copies: Option<Spanned<u32>>,
        /// True when several pods write to it at once.
        shared: Option<Spanned<bool>>,
        /// How much is added.
        grows: Option<Text>,
        /// How often files in it change, when it matters.
        changes: Option<Spanned<Rate>>,
        /// Who decides over where it is, when that is outside.
        controller: Option<Spanned<Controller>>,
        /// Named parts, such as buckets.
        parts: Named<Text>,
    }
}
