//! The machines that have a session and are no routers.

use lab_model::{Lab, ThingId};

/// The machines, in the order of the sessions.
pub(super) fn subjects(lab: &Lab) -> Vec<ThingId> {
    let routers = lab_reach::routers(lab);
    let mut found: Vec<ThingId> = Vec::new();
    for session in lab_reach::sessions(lab) {
        for machine in [session.near.machine, session.far.machine] {
            if !routers.contains(&machine) && !found.contains(&machine) {
                found.push(machine);
            }
        }
    }
    found
}
