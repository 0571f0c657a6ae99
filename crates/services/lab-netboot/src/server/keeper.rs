//! Makes leases durable and then lets their answers go out.
//!
//! All batches that have come in while the disk was busy share the next sync: that is what makes granting cheap without
//! ever granting first.

use super::dhcp::{Ear, deliver};
use super::shared::{Shared, lock};
use crate::dhcp::machine::Output;
use crate::dhcp::record::Record;
use std::sync::mpsc::Receiver;
use std::time::SystemTime;

/// Superseded records are cleared away when there are so many more than live ones.
const SLACK: usize = 10_000;

/// What some packets of one socket came to.
#[derive(Debug)]
pub(super) struct Batch {
    /// Which socket.
    pub(super) ear: usize,
    /// In the order of the packets.
    pub(super) outputs: Vec<Output>,
}

/// Runs until nobody sends any more.
pub(super) fn run(shared: &Shared, ears: &[Ear], receiver: &Receiver<Batch>) {
    while let Ok(first) = receiver.recv() {
        let batches: Vec<Batch> = std::iter::once(first).chain(receiver.try_iter()).collect();
        // What is not on the disk was not granted; the client asks again.
        let kept = keep(shared, &batches);
        for Batch { ear, outputs } in batches {
            deliver(shared, &ears[ear], outputs, kept);
        }
    }
}

/// Writes the leases down; false when that failed.
fn keep(shared: &Shared, batches: &[Batch]) -> bool {
    let record = |output: &Output| match output {
        Output::Keep(record) => Some(record.line()),
        _ => None,
    };
    let lines: Vec<String> = batches.iter().flat_map(|batch| &batch.outputs).filter_map(record).collect();
    let length = {
        let mut journal = lock(&shared.leases);
        if let Err(error) = journal.append(lines.iter().map(String::as_str)) {
            drop(journal);
            shared.fault(format!("leases could not be written, nothing is granted: {error}"));
            return false;
        }
        journal.len()
    };
    if length > SLACK + 2 * lock(&shared.dhcp).most_records() {
        compact(shared);
    }
    true
}

/// Writes the journal anew with what is in force. Leases whose records still wait are in it already; they are written
/// once more, in the same order, and so lead to the same.
fn compact(shared: &Shared) {
    let lines: Vec<String> = lock(&shared.dhcp).records(SystemTime::now()).iter().map(Record::line).collect();
    if let Err(error) = lock(&shared.leases).rewrite(lines.iter().map(String::as_str)) {
        shared.fault(format!("the lease journal could not be cleared of old records: {error}"));
    }
}
