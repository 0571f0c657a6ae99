//! Memory and the modules it is made of, when both are said.

use crate::context::Context;
use crate::rule::rule;
use lab_model::grammar::{Bytes, Grammar};

rule!("memory-modules-differ", Warning, Rack, "the memory modules do not make up the memory");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, device) in lab.devices.iter() {
        let (Some(memory), Some(modules)) = (&device.memory, &device.memory_modules) else { continue };
        let Some(sum) = sum_of(&modules.text).filter(|sum| *sum != memory.value.bytes()) else { continue };
        let finding = context
            .finding(
                format!(
                    "the modules of `{}` make {}, its memory is {}",
                    device.name,
                    Bytes::from_bytes(sum),
                    memory.value
                ),
                memory.span,
                "the memory",
            )
            .and(modules.span, "the modules")
            .about(lab.subject(id))
            .because("one of the two is wrong, and what fits on the machine is reckoned with the memory")
            .help("count the modules, and mend the one that is wrong");
        context.report_once(finding);
    }
}

/// The bytes of `8 x 32 GB DDR4 ...`; modules are binary whatever their label says. `None` when it reads otherwise.
fn sum_of(text: &str) -> Option<u64> {
    let (count, rest) = text.split_once(" x ")?;
    let count: u64 = count.trim().parse().ok()?;
    let mut words = rest.split_whitespace();
    let (number, unit) = (words.next()?, words.next()?);
    if rest.contains(" x ") || rest.contains('+') || !unit.trim_end_matches([',', ';']).ends_with('B') {
        return None;
    }
    let unit = unit.trim_end_matches([',', ';']).replace("iB", "B").replace('B', "iB");
    count.checked_mul(Bytes::parse(&format!("{number} {unit}")).ok()?.bytes())
}
