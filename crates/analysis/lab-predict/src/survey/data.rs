//! Data: datasets and volumes, and the pools that hold them.

use super::Surveyor;
use crate::works::{Data, PoolId};
use lab_model::lab::VolumeId;
use lab_model::{Kind, ThingId};

/// Adds every dataset and volume.
pub(super) fn survey(surveyor: &mut Surveyor<'_>) {
    let data: Vec<_> = surveyor.data_of.iter().map(|(&thing, &row)| (thing, row)).collect();
    for (thing, promised) in data {
        let pools = surveyor.lab.pools_of(thing);
        let pools: Vec<PoolId> =
            pools.iter().filter_map(|pool| surveyor.pool_of.get(pool).copied()).collect();
        let name = surveyor.lab.name(thing);
        if pools.is_empty() {
            let what = format!("{} is always there: nothing says on which pool it is", name.text);
            surveyor.assume(what, Some(name.span));
        }
        let row = Data {
            thing,
            label: name.text.to_string(),
            pools_needed: needed(copies(surveyor, thing), pools.len()),
            pools,
            span: Some(name.span),
        };
        Surveyor::added(surveyor.works.data(row), promised);
    }
}

/// How many copies the owner of the data keeps.
fn copies(surveyor: &Surveyor<'_>, thing: ThingId) -> usize {
    let copies = match thing.kind {
        Kind::Volume => surveyor.lab.volumes[VolumeId(thing.index)].copies.as_ref(),
        _ => None,
    };
    copies.map_or(1, |copies| copies.value.max(1) as usize)
}

/// With `copies` on as many of `pools`, nobody knows which: the worst is that every pool that fails has one. So fewer than `copies`
/// may be gone.
fn needed(copies: usize, pools: usize) -> u32 {
    let needed = if pools == 0 { 0 } else { pools + 1 - copies.clamp(1, pools) };
    u32::try_from(needed).expect("a lab has few pools")
}

#[cfg(test)]
mod tests {
    #[test]
    fn copies_and_pools() {
        for (copies, pools, needed) in
            [(1, 1, 1), (1, 3, 3), (2, 3, 2), (3, 3, 1), (2, 1, 1), (9, 3, 1), (1, 0, 0)]
        {
            assert_eq!(super::needed(copies, pools), needed, "{copies} copies on {pools} pools");
        }
    }
}
