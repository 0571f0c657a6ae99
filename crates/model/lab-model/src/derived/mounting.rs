//! Where each device is: site, room, rack, units, shelf.

use super::Derived;
use crate::grammar::{Face, Place, Position};
use crate::lab::{DeviceId, Lab, RackId, RoomId, SiteId};
use crate::resolve::UNKNOWN_NAME;
use crate::written::Shelf;
use lab_source::{Diagnostic, Span, Spanned};
use std::sync::Arc;

/// Where a device is, as far as the lab says.
#[derive(Clone, Debug)]
pub struct Mounted {
    /// The device.
    pub device: DeviceId,
    /// The site.
    pub site: Option<SiteId>,
    /// The room.
    pub room: Option<RoomId>,
    /// The rack.
    pub rack: Option<RackId>,
    /// The side of the rack, when said.
    pub face: Option<Face>,
    /// The lowest unit it takes, in half units from the first: U1 is 2, as in [`Position::Unit`].
    pub lowest: Option<u16>,
    /// How many half units it takes; 0 when nobody knows or when it takes none.
    pub height: u16,
    /// The shelf it stands on, with its place there.
    pub shelf: Option<(Arc<str>, Option<Arc<str>>)>,
    /// Where this is written.
    pub span: Span,
}

/// Fills `mounted`, by device.
pub(super) fn derive(lab: &Lab, derived: &mut Derived, findings: &mut Vec<Diagnostic>) {
    derived.mounted = lab
        .devices
        .iter()
        .map(|(id, device)| {
            let place = device.at.as_ref()?;
            let height = height(derived, id);
            mount(lab, id, place, height, findings)
        })
        .collect();
    for place in derived.mounted.iter().flatten() {
        let Some(rack) = place.rack else { continue };
        derived.devices_in_rack.entry(rack).or_default().push(place.device);
    }
}

/// Height of a device in half units, from its type.
fn height(derived: &Derived, device: DeviceId) -> u16 {
    let ty = derived.device(device).ty.as_ref();
    let units = ty.and_then(|ty| ty.u_height.as_ref()).and_then(|text| text.text.parse::<f32>().ok());
    units.filter(|units| (0.0..100.0).contains(units)).map_or(0, |units| (units * 2.0).round() as u16)
}

fn mount(
    lab: &Lab,
    device: DeviceId,
    place: &Spanned<Place>,
    height: u16,
    findings: &mut Vec<Diagnostic>,
) -> Option<Mounted> {
    let name = &place.value.container.name;
    let mut mounted = Mounted {
        device,
        site: None,
        room: None,
        rack: None,
        face: place.value.face,
        lowest: None,
        height,
        shelf: None,
        span: place.span,
    };
    if let Some(rack) = lab.racks.find(name) {
        let record = &lab.racks[rack];
        mounted.rack = Some(rack);
        mounted.room = record.room.as_ref().and_then(|room| room.id);
        mounted.site = record.site.as_ref().and_then(|site| site.id);
        match &place.value.position {
            Position::Anywhere => {}
            Position::Unit { half_units, .. } => mounted.lowest = Some(*half_units),
            Position::On { shelf, slot } => {
                let slot = slot.as_ref().map(|slot| Arc::from(slot.name.as_str()));
                mounted.shelf = Some((Arc::from(shelf.name.as_str()), slot));
                match record.shelves.get(&shelf.name) {
                    Some(found) => mounted.lowest = shelf_unit(found),
                    None => findings.push(unknown_shelf(lab, rack, &shelf.name, place.span)),
                }
            }
        }
    } else if let Some(room) = lab.rooms.find(name) {
        mounted.room = Some(room);
    } else if let Some(site) = lab.sites.find(name) {
        mounted.site = Some(site);
    } else {
        let finding = unknown_place(lab, name, place.span, findings.len());
        findings.push(finding.about(lab.subject(device)));
        return None;
    }
    let site_of_room = |room: RoomId| lab.rooms[room].site.as_ref().and_then(|site| site.id);
    mounted.site = mounted.site.or_else(|| mounted.room.and_then(site_of_room));
    Some(mounted)
}

/// The lowest unit of a shelf in half units.
pub fn shelf_unit(shelf: &Shelf) -> Option<u16> {
    let text = shelf.at.as_ref()?;
    let number = text.text.strip_prefix('U').unwrap_or(&text.text);
    number
        .parse::<f32>()
        .ok()
        .filter(|unit| (1.0..100.0).contains(unit))
        .map(|unit| (unit * 2.0).round() as u16)
}

fn unknown_shelf(lab: &Lab, rack: RackId, name: &str, span: Span) -> Diagnostic {
    let shelves: Vec<&str> = lab.racks[rack].shelves.iter().map(|(name, _)| &*name.text).collect();
    let mut finding =
        Diagnostic::error(UNKNOWN_NAME, format!("rack `{}` has no shelf `{name}`", lab.racks[rack].name))
            .at(span, "no such shelf");
    if let Some(near) = lab_source::suggest::nearest(name, shelves.iter().copied()) {
        finding = finding.help(format!("did you mean `{near}`?"));
    }
    finding.and(lab.racks[rack].name.span, "the rack; its shelves stand under `shelves:`")
}

fn unknown_place(lab: &Lab, name: &str, span: Span, found: usize) -> Diagnostic {
    let racks = lab.racks.iter().map(|(_, rack)| &*rack.name.text);
    let rooms = lab.rooms.iter().map(|(_, room)| &*room.name.text);
    let sites = lab.sites.iter().map(|(_, site)| &*site.name.text);
    let mut finding =
        Diagnostic::error(UNKNOWN_NAME, format!("there is no rack, room or site called `{name}`"))
            .at(span, "nothing of this name");
    if let Some(near) = lab_source::suggest::nearest_while_few(found, name, racks.chain(rooms).chain(sites)) {
        finding = finding.help(format!("did you mean `{near}`?"));
    }
    finding
}

impl Derived {
    /// The devices that are said to be in a rack, on its shelves as well, in the order of the text.
    pub fn devices_in(&self, rack: RackId) -> &[DeviceId] {
        self.devices_in_rack.get(&rack).map_or(&[], Vec::as_slice)
    }

    /// Where a device is; `None` when the lab does not say.
    pub fn place(&self, device: DeviceId) -> Option<&Mounted> {
        self.mounted.get(device.0 as usize).and_then(Option::as_ref)
    }
}
