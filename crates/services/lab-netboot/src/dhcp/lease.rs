//! Which client has which address in one segment, until when: a table without file and clock.
//!
//! Reservations come first, then what the client had, then what it asks for, then an address nobody ever had, then
//! the one that expired longest ago. Changes worth keeping are returned as [`Record`]s for the journal.

use super::record::{Holder, Record};
use crate::config::{ClientMatch, Pool, Reservation, Segment};
use crate::mac::Mac;
use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::time::{Duration, SystemTime};

/// How long an offered address waits to be taken.
const OFFER_WAITS: Duration = Duration::from_secs(60);
/// How long a declined address is set aside.
const DECLINED_FOR: Duration = Duration::from_secs(600);

/// What identifies a client, as it is kept in the journal.
///
/// A known machine is its card, so that firmware, boot loader and system, which send different client identifiers,
/// get one address. Anybody else is option 61 (RFC 2131 §4.2) or, without it, the hardware address.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientKey(pub Vec<u8>);

impl ClientKey {
    /// The key of a known machine's card.
    pub fn card(mac: Mac) -> Self {
        ClientKey([b"m", &mac.0[..]].concat())
    }

    /// The key of a client that sends option 61.
    pub fn id(id: &[u8]) -> Self {
        ClientKey([b"i", id].concat())
    }

    /// The key of a client that sends none.
    pub fn hardware(htype: u8, address: &[u8]) -> Self {
        ClientKey([b"h", &[htype][..], address].concat())
    }

    fn client_id(&self) -> Option<Vec<u8>> {
        self.0.strip_prefix(b"i").map(<[u8]>::to_vec)
    }
}

/// Who asks: everything by which the table can tell a client.
#[derive(Clone, Debug)]
pub struct Asker {
    /// Its key.
    pub key: ClientKey,
    /// Its card.
    pub mac: Option<Mac>,
    /// Option 61.
    pub client_id: Option<Vec<u8>>,
}

/// What an address is used for.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Use {
    Offered(Holder),
    Bound(Holder),
    Declined,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    usage: Use,
    until: SystemTime,
}

/// A lease as it is shown to others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// The address.
    pub address: Ipv4Addr,
    /// The card of its holder.
    pub mac: Option<Mac>,
    /// When it ends.
    pub until: SystemTime,
}

/// The leases of one segment.
#[derive(Clone, Debug)]
pub struct LeaseTable {
    pools: Vec<Pool>,
    reserved: BTreeMap<Ipv4Addr, Reservation>,
    by_match: BTreeMap<ClientMatch, Ipv4Addr>,
    never: BTreeSet<Ipv4Addr>,
    by_address: BTreeMap<Ipv4Addr, Entry>,
    by_client: BTreeMap<ClientKey, Ipv4Addr>,
    by_end: BTreeSet<(SystemTime, Ipv4Addr)>,
    /// Where the walk over addresses that nobody ever had goes on.
    fresh: Option<Ipv4Addr>,
    /// Addresses of the pools that were given back.
    freed: BTreeSet<Ipv4Addr>,
    capacity: usize,
}

impl LeaseTable {
    /// An empty table with the addresses of a segment, holding `capacity` leases beside reservations.
    pub fn new(segment: &Segment, capacity: usize) -> Self {
        let by_match = segment.reservations.iter().map(|r| (r.client.clone(), r.address)).collect();
        let reserved = segment.reservations.iter().map(|r| (r.address, r.clone())).collect();
        let net = segment.network;
        let never = BTreeSet::from([segment.server, net.network(), net.broadcast()]);
        LeaseTable {
            fresh: segment.pools.first().map(|pool| pool.first),
            pools: segment.pools.clone(),
            reserved,
            by_match,
            never,
            by_address: BTreeMap::new(),
            by_client: BTreeMap::new(),
            by_end: BTreeSet::new(),
            freed: BTreeSet::new(),
            capacity,
        }
    }

    /// The reservation of a client; by client identifier before by card.
    pub fn reservation(&self, asker: &Asker) -> Option<&Reservation> {
        let by_id = asker.client_id.clone().map(ClientMatch::ClientId);
        let by_mac = asker.mac.map(ClientMatch::Mac);
        let address = by_id.iter().chain(&by_mac).find_map(|key| self.by_match.get(key))?;
        self.reserved.get(address)
    }

    /// Chooses an address for a client and sets it aside for a minute; none when there is none left.
    pub fn offer(&mut self, asker: &Asker, wish: Option<Ipv4Addr>, now: SystemTime) -> Option<Ipv4Addr> {
        let address = match self.reservation(asker) {
            Some(reservation) => reservation.address,
            None => self
                .held_by(asker)
                .filter(|a| self.may_have(asker, *a, now))
                .or_else(|| wish.filter(|a| self.may_have(asker, *a, now)))
                .or_else(|| self.never_used())
                .or_else(|| self.longest_expired(now))?,
        };
        if !self.is_bound_to(asker, address, now) {
            let entry = Entry { usage: Use::Offered(holder(asker)), until: now + OFFER_WAITS };
            self.put(address, entry);
        }
        Some(address)
    }

    /// Whether the client may be given exactly this address now.
    pub fn may_have(&self, asker: &Asker, address: Ipv4Addr, now: SystemTime) -> bool {
        if let Some(reservation) = self.reservation(asker) {
            return reservation.address == address;
        }
        let full = self.by_address.len() >= self.capacity;
        self.in_pool(address)
            && self.by_address.get(&address).map_or(!full, |entry| match &entry.usage {
                Use::Offered(holder) | Use::Bound(holder) => holder.key == asker.key || entry.until <= now,
                Use::Declined => entry.until <= now,
            })
    }

    /// Gives the client this address until `until`. The caller has asked [`Self::may_have`].
    pub fn bind(&mut self, asker: &Asker, address: Ipv4Addr, until: SystemTime) -> Record {
        let holder = holder(asker);
        let record = Record::Bound { address, until, holder: holder.clone() };
        self.put(address, Entry { usage: Use::Bound(holder), until });
        record
    }

    /// Whether the client has any lease or offer, and which address.
    pub fn held_by(&self, asker: &Asker) -> Option<Ipv4Addr> {
        self.by_client.get(&asker.key).copied()
    }

    /// Forgets an offer that the client did not take.
    pub fn forget_offer(&mut self, asker: &Asker) {
        if let Some(address) = self.held_by(asker)
            && self.by_address.get(&address).is_some_and(|e| matches!(e.usage, Use::Offered(_)))
        {
            self.take(address);
        }
    }

    /// The client gives its address back; none when it does not have it.
    pub fn release(&mut self, asker: &Asker, address: Ipv4Addr) -> Option<Record> {
        (self.held_by(asker) == Some(address)).then(|| {
            self.take(address);
            Record::Free { address }
        })
    }

    /// The client found the address in use; it is set aside. None when the client did not have it: nobody shall
    /// empty the pool by declining what others have.
    pub fn decline(&mut self, asker: &Asker, address: Ipv4Addr, now: SystemTime) -> Option<Record> {
        if self.held_by(asker) != Some(address) {
            return None;
        }
        let until = now + DECLINED_FOR;
        self.put(address, Entry { usage: Use::Declined, until });
        Some(Record::Declined { address, until })
    }

    /// Takes over a record of the journal, unless the address now belongs to somebody else by reservation.
    pub fn restore(&mut self, record: &Record) {
        match record {
            Record::Bound { address, until, holder } => {
                let asker =
                    Asker { key: holder.key.clone(), mac: holder.mac, client_id: holder.key.client_id() };
                let theirs = self.reserved.get(address).map(|r| &r.client);
                let ours = self.reservation(&asker).map(|r| r.address);
                if ours == Some(*address) || (theirs.is_none() && ours.is_none() && self.in_pool(*address)) {
                    self.put(*address, Entry { usage: Use::Bound(holder.clone()), until: *until });
                }
            }
            Record::Free { address } => {
                self.take(*address);
            }
            Record::Declined { address, until } => {
                self.put(*address, Entry { usage: Use::Declined, until: *until });
            }
        }
    }

    /// The records that lead to this table, without what has expired.
    pub fn records(&self, now: SystemTime) -> Vec<Record> {
        let live = self.by_address.iter().filter(|(_, entry)| entry.until > now);
        live.filter_map(|(address, Entry { usage, until })| match usage {
            Use::Offered(_) => None,
            Use::Bound(holder) => {
                Some(Record::Bound { address: *address, until: *until, holder: holder.clone() })
            }
            Use::Declined => Some(Record::Declined { address: *address, until: *until }),
        })
        .collect()
    }

    /// How many addresses are taken, offers and what has run out included.
    pub fn taken(&self) -> usize {
        self.by_address.len()
    }

    /// All leases that are in force.
    pub fn leases(&self, now: SystemTime) -> Vec<Lease> {
        let bound = self.by_address.iter().filter(|(_, entry)| entry.until > now);
        bound
            .filter_map(|(address, entry)| match &entry.usage {
                Use::Bound(holder) => Some(Lease { address: *address, mac: holder.mac, until: entry.until }),
                Use::Offered(_) | Use::Declined => None,
            })
            .collect()
    }

    /// The card that has an address; expired leases count, since a slow machine may still use one.
    pub fn mac_at(&self, address: Ipv4Addr) -> Option<Mac> {
        match &self.by_address.get(&address)?.usage {
            Use::Bound(holder) | Use::Offered(holder) => holder.mac,
            Use::Declined => None,
        }
    }

    fn is_bound_to(&self, asker: &Asker, address: Ipv4Addr, now: SystemTime) -> bool {
        self.by_address.get(&address).is_some_and(|entry| {
            entry.until > now && matches!(&entry.usage, Use::Bound(holder) if holder.key == asker.key)
        })
    }

    fn in_pool(&self, address: Ipv4Addr) -> bool {
        self.pools.iter().any(|pool| (pool.first..=pool.last).contains(&address)) && self.is_common(address)
    }

    /// Neither reserved for somebody nor one of the network's special addresses.
    fn is_common(&self, address: Ipv4Addr) -> bool {
        !self.reserved.contains_key(&address) && !self.never.contains(&address)
    }

    /// The next address of the pools that nobody ever had. Each call moves on: the walk is paid once.
    fn never_used(&mut self) -> Option<Ipv4Addr> {
        if self.by_address.len() >= self.capacity {
            return None;
        }
        while let Some(address) = self.fresh {
            self.fresh = self.after(address);
            if self.is_common(address) && !self.by_address.contains_key(&address) {
                return Some(address);
            }
        }
        self.freed.first().copied()
    }

    fn after(&self, address: Ipv4Addr) -> Option<Ipv4Addr> {
        let at = self.pools.iter().position(|pool| (pool.first..=pool.last).contains(&address))?;
        if address < self.pools[at].last {
            return Some(Ipv4Addr::from_bits(address.to_bits() + 1));
        }
        self.pools.get(at + 1).map(|pool| pool.first)
    }

    fn longest_expired(&self, now: SystemTime) -> Option<Ipv4Addr> {
        let expired = self.by_end.iter().take_while(|(until, _)| *until <= now);
        expired.map(|(_, address)| *address).find(|address| self.in_pool(*address))
    }

    fn put(&mut self, address: Ipv4Addr, entry: Entry) {
        self.take(address);
        if let Use::Offered(holder) | Use::Bound(holder) = &entry.usage
            && let Some(old) = self.by_client.insert(holder.key.clone(), address)
            && old != address
        {
            // One client, one address: the one it had before is free.
            self.by_client.remove(&holder.key);
            self.take(old);
            self.by_client.insert(holder.key.clone(), address);
        }
        self.freed.remove(&address);
        self.by_end.insert((entry.until, address));
        self.by_address.insert(address, entry);
    }

    fn take(&mut self, address: Ipv4Addr) {
        let Some(entry) = self.by_address.remove(&address) else { return };
        self.by_end.remove(&(entry.until, address));
        if let Use::Offered(holder) | Use::Bound(holder) = &entry.usage
            && self.by_client.get(&holder.key) == Some(&address)
        {
            self.by_client.remove(&holder.key);
        }
        if self.in_pool(address) {
            self.freed.insert(address);
        }
    }
}

fn holder(asker: &Asker) -> Holder {
    Holder { key: asker.key.clone(), mac: asker.mac }
}
