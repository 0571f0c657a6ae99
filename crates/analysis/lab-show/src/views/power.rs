//! `show power`: what feeds what, from the grid to the last supply, with loads against ratings.

use super::cables::lab_name;
use super::{Asked, Drawing, ShowError, View};
use crate::document::{Block, Document, Tree};
use lab_model::derived::{InletUse, PowerSource};
use lab_model::grammar::Watts;
use lab_model::lab::{DeviceId, PowerId};
use lab_model::{Lab, ThingId};
use std::collections::{BTreeMap, BTreeSet};

pub(super) const VIEW: View = View {
    name: "power",
    summary: "what feeds what, from the grid to the last supply, with loads",
    document,
    drawing: Some(Drawing::Graph(super::power_picture::graph)),
};

/// Watts below a point: known ones summed, and of how many nothing is known.
#[derive(Clone, Copy, Default)]
pub(super) struct Load {
    /// In normal use, in milliwatts.
    pub(super) typical: u64,
    /// At most, in milliwatts.
    pub(super) peak: u64,
    /// Devices of which nothing is known.
    pub(super) unknown: usize,
}

impl Load {
    fn add(&mut self, other: Self) {
        self.typical += other.typical;
        self.peak += other.peak;
        self.unknown += other.unknown;
    }

    /// Both in watts, for people.
    pub(super) fn shown(self) -> [String; 2] {
        let more = if self.unknown > 0 { format!(" + {} unknown", self.unknown) } else { String::new() };
        let watts = |milliwatts: u64| format!("{} W", milliwatts.div_ceil(1000));
        [format!("{}{more}", watts(self.typical)), watts(self.peak)]
    }
}

fn milliwatts(watts: Watts) -> u64 {
    watts.milliwatts()
}

/// Walks the tree once; a device seen on its way again ends the walk, so that a loop of plugs does.
struct Walk<'a> {
    lab: &'a Lab,
    on_the_way: BTreeSet<DeviceId>,
    nodes: BTreeSet<PowerId>,
    /// What one inlet of each device seen carries.
    shares: BTreeMap<DeviceId, Load>,
    /// What each part carries, as far as it was walked.
    loads: BTreeMap<ThingId, Load>,
}

impl Walk<'_> {
    fn node(&mut self, id: PowerId) -> (Tree, Load) {
        let lab = self.lab;
        let record = &lab.power[id];
        let mut tree = Tree::new(record.name.to_string());
        let mut load = Load::default();
        if !self.nodes.insert(id) {
            return (tree.detail("(a loop)"), load);
        }
        for (child, below) in lab.power.iter() {
            if below.from.ids().any(|from| from == id) {
                let (subtree, more) = self.node(child);
                tree.children.push(subtree);
                load.add(more);
            }
        }
        let fed: Vec<&InletUse> = lab.derived.fed_by_node(id).map(|(_, inlet)| inlet).collect();
        for inlet in fed {
            let (subtree, more) = self.inlet(inlet, None);
            tree.children.push(subtree);
            load.add(more);
        }
        self.nodes.remove(&id);
        self.loads.insert(id.into(), load);
        let limit = record.breaker.map_or_else(String::new, |breaker| format!("breaker {}", breaker.value));
        let [typical, peak] = load.shown();
        (tree.detail(typical).detail(peak).detail(limit), load)
    }

    /// An inlet with what hangs below its device. Of a device with several inlets each carries its share.
    fn inlet(&mut self, inlet: &InletUse, outlet: Option<&str>) -> (Tree, Load) {
        let lab = self.lab;
        let device = inlet.device;
        let mut label = String::new();
        if let Some(outlet) = outlet {
            label.push_str(&format!("[{outlet}] "));
        }
        label.push_str(&lab.devices[device].name.text);
        let plugged =
            lab.derived.inlets_of(device).filter(|(_, inlet)| inlet.source.is_some()).count().max(1) as u64;
        if plugged > 1 {
            label.push_str(&format!(":{} (1 of {plugged})", inlet.name));
        }
        if let Some(&seen) = self.shares.get(&device) {
            return self.seen_inlet(device, label, seen);
        }
        let mut tree = Tree::new(label);
        let own = lab.derived.draw(device);
        let typical = own.typical.or(own.peak);
        let mut load = Load {
            typical: typical.map_or(0, milliwatts) / plugged,
            peak: own.peak.or(own.typical).map_or(0, milliwatts) / plugged,
            unknown: usize::from(typical.is_none() && lab.derived.fed_by_device(device).next().is_none()),
        };
        if self.on_the_way.insert(device) {
            let fed: Vec<&InletUse> = lab.derived.fed_by_device(device).map(|(_, inlet)| inlet).collect();
            for below in fed {
                let name = match below.source {
                    Some(PowerSource::Outlet(outlet)) => Some(&*lab.derived.outlet(outlet).name),
                    _ => None,
                };
                let (subtree, more) = self.inlet(below, name);
                tree.children.push(subtree);
                let share = Load {
                    typical: more.typical / plugged,
                    peak: more.peak / plugged,
                    unknown: more.unknown,
                };
                load.add(share);
            }
            self.on_the_way.remove(&device);
        }
        self.shares.insert(device, load);
        self.loads.entry(device.into()).or_default().add(load);
        let [typical, peak] = load.shown();
        (tree.detail(typical).detail(peak).detail(rating(lab, device)), load)
    }
}

impl Walk<'_> {
    /// A further inlet of a device whose tree stands above already. What is not known of it was counted there.
    fn seen_inlet(&mut self, device: DeviceId, mut label: String, seen: Load) -> (Tree, Load) {
        let load = Load { unknown: 0, ..seen };
        self.loads.entry(device.into()).or_default().add(load);
        if self.lab.derived.fed_by_device(device).next().is_some() {
            label.push_str(", see above");
        }
        let [typical, peak] = load.shown();
        (Tree::new(label).detail(typical).detail(peak).detail(rating(self.lab, device)), load)
    }
}

/// What a device with outlets can pass on.
pub(super) fn rating(lab: &Lab, device: DeviceId) -> String {
    let Some(rating) = lab.derived.device(device).ty.as_ref().and_then(|ty| ty.rating.clone()) else {
        return String::new();
    };
    let real = rating.real.map(|real| real.value.to_string());
    let apparent = rating.apparent.map(|apparent| apparent.value.to_string());
    let input = rating.input.map(|input| input.value.to_string());
    let parts: Vec<String> = [real, apparent, input].into_iter().flatten().collect();
    if parts.is_empty() { String::new() } else { format!("rated {}", parts.join(", ")) }
}

fn document(asked: &Asked<'_>) -> Result<Document, ShowError> {
    let lab = asked.lab;
    let mut root = Tree::new("supply").detail("typical").detail("peak").detail("limit");
    root.children = walk(lab).0;
    let dark: Vec<String> = not_fed(lab);
    let mut blocks = vec![Block::Tree(root)];
    if !dark.is_empty() {
        blocks.push(Block::Text(format!("Nothing is said of the power of: {}", dark.join(", "))));
    }
    Ok(Document { title: format!("{}: power", lab_name(lab)), blocks })
}

/// The trees from each part of the supply that nothing feeds, and what each part carries.
pub(super) fn walk(lab: &Lab) -> (Vec<Tree>, BTreeMap<ThingId, Load>) {
    let mut walk = Walk {
        lab,
        on_the_way: BTreeSet::new(),
        nodes: BTreeSet::new(),
        shares: BTreeMap::new(),
        loads: BTreeMap::new(),
    };
    let tops = lab.power.iter().filter(|(_, node)| node.from.ids().next().is_none());
    let trees = tops.map(|(id, _)| walk.node(id).0).collect();
    (trees, walk.loads)
}

/// Devices of which nobody says where their power comes from.
fn not_fed(lab: &Lab) -> Vec<String> {
    let fed = |id: DeviceId| {
        lab.derived.poe_source(id).is_some()
            || lab.derived.inlets_of(id).any(|(_, inlet)| inlet.source.is_some())
    };
    let passive = |id: DeviceId| {
        let ty = lab.derived.device(id).ty.as_ref();
        ty.is_some_and(|ty| {
            ty.is_powered.as_ref().is_some_and(|powered| !powered.value) || !ty.front_ports.is_empty()
        })
    };
    let devices =
        lab.devices.iter().filter(|(id, device)| !fed(*id) && !passive(*id) && device.inside.is_none());
    devices.map(|(_, device)| device.name.to_string()).collect()
}
