//! Ports as the types of devices and cards have them: interfaces, fronts and backs of panels, consoles.
//!
//! Where the library gives a front and a rear port one name, the name means the front and `rear/NAME` the rear. In the
//! names of a module's ports, `{module}` stands for the position of the bay it is in.

use super::Derived;
use super::inventory::{Port, PortClass, PortOrigin, names_of, new_port, push};
use crate::device_type::{Component, DeviceType, InterfaceTemplate};
use crate::grammar::{BitRate, Grammar};
use crate::lab::DeviceId;
use crate::record::Text;
use lab_source::Span;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Whose ports they become and what they are called there.
pub(super) struct Owner<'a> {
    /// The device.
    pub(super) device: DeviceId,
    /// Why the ports are there.
    pub(super) origin: PortOrigin,
    /// Put before each name.
    pub(super) prefix: &'a str,
    /// Put for `{module}`.
    pub(super) module: &'a str,
    /// Where the device or card is written.
    pub(super) span: Span,
}

impl Owner<'_> {
    fn name(&self, template: &Arc<str>) -> Arc<str> {
        let filled = template.contains("{module}");
        match (filled, self.prefix.is_empty()) {
            (false, true) => template.clone(),
            (true, _) => Arc::from(format!("{}{}", self.prefix, template.replace("{module}", self.module))),
            (false, false) => Arc::from(format!("{}{template}", self.prefix)),
        }
    }

    fn names(&self, name: Option<&Text>, names: Option<&Text>) -> Vec<Arc<str>> {
        names_of(name, names).iter().map(|name| self.name(name)).collect()
    }

    fn port(&self, name: Arc<str>, class: PortClass, word: Option<&Text>) -> Port {
        let word = word.map(|word| word.text.clone()).unwrap_or_default();
        new_port(self.device, name, class, self.origin, word, self.span)
    }
}

/// Adds the ports of a type.
pub(super) fn ports_of(ty: &DeviceType, owner: &Owner<'_>, derived: &mut Derived) {
    for template in &ty.interfaces {
        if derived.is_full() {
            return;
        }
        for name in owner.names(template.name.as_ref(), template.names.as_ref()) {
            push(interface(name, template, owner), derived);
        }
    }
    panel(ty, owner, derived);
    for console in ty.console_ports.iter().chain(&ty.console_server_ports) {
        for name in names_of_component(console, owner) {
            push(owner.port(name, PortClass::Console, console.r#type.as_ref()), derived);
        }
    }
}

fn names_of_component(component: &Component, owner: &Owner<'_>) -> Vec<Arc<str>> {
    owner.names(component.name.as_ref(), component.names.as_ref())
}

fn interface(name: Arc<str>, template: &InterfaceTemplate, owner: &Owner<'_>) -> Port {
    let mut port = owner.port(name, PortClass::Network, template.r#type.as_ref());
    port.management = template.mgmt_only.as_ref().is_some_and(|said| said.value);
    let poe = |mode: &Text| (mode.text.clone(), template.poe_type.as_ref().map(|ty| ty.text.clone()));
    port.poe = template.poe_mode.as_ref().map(poe);
    port.extra_speeds = template.speeds.iter().map(|speed| (speed.value, None)).collect();
    for (speed, maker) in template.speeds_with.iter() {
        if let Ok(speed) = BitRate::parse(&speed.text) {
            port.extra_speeds.push((speed, Some(maker.text.clone())));
        }
    }
    port
}

fn panel(ty: &DeviceType, owner: &Owner<'_>, derived: &mut Derived) {
    let fronts: BTreeSet<Arc<str>> = ty
        .front_ports
        .iter()
        .flat_map(|front| owner.names(front.name.as_ref(), front.names.as_ref()))
        .collect();
    let rear_name =
        |name: Arc<str>| if fronts.contains(&name) { Arc::from(format!("rear/{name}")) } else { name };
    if derived.is_full() {
        return;
    }
    for rear in &ty.rear_ports {
        for name in owner.names(rear.name.as_ref(), rear.names.as_ref()) {
            push(owner.port(rear_name(name), PortClass::Rear, rear.r#type.as_ref()), derived);
        }
    }
    for front in &ty.front_ports {
        let rears = owner.names(front.rear_port.as_ref(), front.rear_port.as_ref());
        let first = number(front.rear_port_position.as_ref());
        for (index, name) in (0u32..).zip(owner.names(front.name.as_ref(), front.names.as_ref())) {
            let mut port = owner.port(name, PortClass::Front, front.r#type.as_ref());
            port.leads_to = match &rears[..] {
                [] => None,
                [one] => Some((rear_name(one.clone()), first + index)),
                several => several.get(index as usize).map(|rear| (rear_name(rear.clone()), 1)),
            };
            push(port, derived);
        }
    }
    // The library's later way. Of a front port with several positions, the first one counts.
    for mapping in &ty.port_mappings {
        let (Some(front), Some(rear)) = (&mapping.front_port, &mapping.rear_port) else { continue };
        let Some(front) = derived.find_port(owner.device, &owner.name(&front.text)) else { continue };
        let leads_to = (rear_name(owner.name(&rear.text)), number(mapping.rear_port_position.as_ref()));
        derived.ports[front.0 as usize].leads_to.get_or_insert(leads_to);
    }
}

fn number(text: Option<&Text>) -> u32 {
    text.and_then(|text| text.text.parse().ok()).unwrap_or(1)
}
