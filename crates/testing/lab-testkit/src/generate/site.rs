//! How many sites, racks and nodes a number of devices makes, and what they are called.

/// Two core switches, two routers and a modem.
const OF_SITE: usize = 5;
/// Two switches, one for management, two power strips, a UPS and two storage servers.
const OF_RACK: usize = 8;
/// A UPS of 8 kVA and switches of 48 ports have room for more; the numbers of the nodes are written with two digits.
const NODES_MAX: usize = 16;
const RACKS_MAX: usize = 16;

/// One site.
pub(super) struct Site {
    /// From 1.
    pub(super) number: usize,
    /// `s001`.
    pub(super) name: String,
    /// Its racks.
    pub(super) racks: Vec<Rack>,
}

/// One rack.
pub(super) struct Rack {
    /// From 1 within the site.
    pub(super) number: usize,
    /// `s001-r01`.
    pub(super) name: String,
    /// How many nodes.
    pub(super) nodes: usize,
}

impl Site {
    /// The sites that make up exactly this many devices.
    pub(super) fn plan(devices: usize) -> Vec<Self> {
        let count = devices.div_ceil(OF_SITE + RACKS_MAX * (OF_RACK + NODES_MAX));
        (0..count).map(|index| Self::of(index + 1, share(devices, count, index))).collect()
    }

    fn of(number: usize, devices: usize) -> Self {
        let name = format!("s{number:03}");
        let in_racks = devices - OF_SITE;
        let count = in_racks.div_ceil(OF_RACK + NODES_MAX);
        let nodes = in_racks - count * OF_RACK;
        let rack = |index: usize| Rack {
            number: index + 1,
            name: format!("{name}-r{:02}", index + 1),
            nodes: share(nodes, count, index),
        };
        let racks = (0..count).map(rack).collect();
        Self { number, name, racks }
    }

    /// The beginning of its addresses, `10.1`.
    pub(super) fn net(&self) -> String {
        format!("10.{}", self.number)
    }
}

impl Rack {
    /// The address of thing `index` (from 1) in a network of 64 addresses for each rack: third and fourth part.
    pub(super) fn address(&self, third: usize, index: usize) -> String {
        let at = self.number * 64 - 64 + index;
        format!("{}.{}", third + at / 256, at % 256)
    }
}

/// Part `index` of `total` shared among `count`, the first ones one larger.
fn share(total: usize, count: usize, index: usize) -> usize {
    total / count + usize::from(index < total % count)
}
