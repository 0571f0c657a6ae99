//! Two devices, or a device and a shelf, in the same units of a rack. Half-depth devices may share a unit front and
//! back.

use super::space::{Block, blocks, occupant, units};
use crate::context::Context;
use crate::rule::rule;
use lab_source::Span;
use std::collections::BTreeSet;

rule!("units-overlap", Error, Rack, "two devices take the same units of a rack");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let mut told: BTreeSet<(Span, Span)> = BTreeSet::new();
    for (rack, record) in lab.racks.iter() {
        let mut blocks = blocks(lab, rack);
        blocks.sort_by_key(|block| (block.low, block.order));
        for (index, lower) in blocks.iter().enumerate() {
            for upper in blocks[index + 1..].iter().take_while(|upper| upper.low < lower.high) {
                if !clash(lower, upper) || !told.insert((lower.span, upper.span)) {
                    continue;
                }
                let (first, second) =
                    if lower.order <= upper.order { (lower, upper) } else { (upper, lower) };
                let shared = (upper.low, lower.high.min(upper.high));
                let finding = context
                    .finding(
                        format!(
                            "{} and {} both take {} of {}",
                            occupant(lab, first),
                            occupant(lab, second),
                            units(shared.0, shared.1),
                            record.name
                        ),
                        second.span,
                        format!("{} takes {}", occupant(lab, second), units(second.low, second.high)),
                    )
                    .and(
                        first.span,
                        format!("{} takes {}", occupant(lab, first), units(first.low, first.high)),
                    );
                let finding = [second, first]
                    .into_iter()
                    .filter_map(|block| block.device)
                    .fold(finding, |finding, device| finding.about(lab.subject(device)))
                    .about(lab.subject(rack));
                let height = second.high - second.low;
                context.report(
                    match free(
                        &blocks,
                        height,
                        record.height.as_ref().map(|height| height.value.half_units()),
                    ) {
                        Some(low) => finding.help(format!("{} is free", units(low, low + height))),
                        None => {
                            finding.help(format!("no {} units in a row are free", f32::from(height) / 2.0))
                        }
                    },
                );
            }
        }
    }
}

/// Two blocks in the same units are in each other's way on one side, or when one of them goes through to the other.
fn clash(one: &Block, other: &Block) -> bool {
    one.face == other.face || one.full_depth == Some(true) || other.full_depth == Some(true)
}

/// The lowest place with `height` half units that nothing takes.
fn free(blocks: &[Block], height: u16, rack: Option<u64>) -> Option<u16> {
    let top = 2 + u16::try_from(rack?).ok()?;
    let starts = (2..top.saturating_sub(height) + 1).step_by(2);
    let mut starts = starts.filter(|low| low + height <= top);
    starts.find(|low| blocks.iter().all(|block| block.high <= *low || block.low >= low + height))
}
