//! A socket whose standard says another voltage than the circuit.

use crate::context::Context;
use crate::rule::rule;

rule!("socket-of-other-voltage", Error, Power, "a circuit has a socket that is made for another voltage");

/// Sockets by how their names begin, with the voltages they are made for: NEMA WD 6, CEE 7, BS 1363, AS/NZS 3112, SEV 1011.
const SOCKETS: &[(&str, u64, u64)] = &[
    ("nema 5-", 90, 140),
    ("nema l5-", 90, 140),
    ("nema 1-", 90, 140),
    ("nema 6-", 180, 260),
    ("nema l6-", 180, 260),
    ("cee 7", 200, 260),
    ("schuko", 200, 260),
    ("bs 1363", 200, 260),
    ("as/nzs 3112", 200, 260),
];

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, node) in lab.power.iter() {
        let (Some(socket), Some(voltage)) = (&node.socket, &node.voltage) else { continue };
        let name = socket.text.to_lowercase();
        let volts = voltage.value.millivolts() / 1000;
        let Some((_, low, high)) = SOCKETS.iter().find(|(start, ..)| name.starts_with(start)) else {
            continue;
        };
        if (*low..=*high).contains(&volts) {
            continue;
        }
        let finding = context
            .finding(
                format!("`{}` has {} at a socket for {low} to {high} V", node.name, voltage.value),
                socket.span,
                "made for another voltage",
            )
            .and(voltage.span, "the voltage")
            .about(lab.subject(id))
            .because("a device that fits the socket is destroyed, or does not start")
            .help("mend the voltage, or name the socket that is there");
        context.report_once(finding);
    }
}
