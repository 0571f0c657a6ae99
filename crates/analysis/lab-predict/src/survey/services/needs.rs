//! What is needed: what is said, and what follows from volumes.

use super::Placed;
use crate::survey::Surveyor;
use crate::works::{Holder, Need, NeedOf, PartKind};
use lab_model::lab::{
    CircuitId, ClusterId as LabClusterId, DeviceId, ExternalId, PoolId as LabPoolId,
    ServiceId as LabServiceId,
};
use lab_model::written;
use lab_model::{Kind, Ref, ThingId};
use lab_source::Span;

impl Surveyor<'_> {
    /// The needs of a service: those it names, and its volumes.
    pub(super) fn needs_of_service(&mut self, id: LabServiceId, placed: &Placed) -> Vec<NeedOf> {
        let lab = self.lab;
        let mut needs = Vec::new();
        for item in &lab.services[id].needs.items {
            let need = match (&*item.text, item.id) {
                ("dns", None) => self.dns_at(&Self::holders_of(placed)),
                _ => self.need(item, id.into()),
            };
            if let Some(need) = need.filter(|need| *need != Need::Service(self.service_of[&id])) {
                needs.push(NeedOf { need, because: None, span: Some(item.span) });
            }
        }
        for (volume, record) in lab.volumes.iter() {
            let is_own = record.service.as_ref().and_then(|service| service.id) == Some(id);
            let Some(&data) = self.data_of.get(&ThingId::from(volume)).filter(|_| is_own) else { continue };
            let need = Need::Data(data);
            if needs.iter().all(|known| known.need != need) {
                needs.push(NeedOf {
                    need,
                    because: Some("it keeps its data there"),
                    span: Some(record.name.span),
                });
            }
        }
        needs
    }

    /// What references under `needs` or `wants` mean.
    pub(in crate::survey) fn needs<'r>(
        &mut self,
        items: impl Iterator<Item = &'r Ref<written::Need>>,
        of: ThingId,
    ) -> Vec<NeedOf> {
        let mut found = Vec::new();
        for item in items {
            found.extend(self.need(item, of).map(|need| NeedOf {
                need,
                because: None,
                span: Some(item.span),
            }));
        }
        found
    }

    fn need(&mut self, item: &Ref<written::Need>, of: ThingId) -> Option<Need> {
        let Some(thing) = item.id else {
            return match &*item.text {
                "internet" => Some(Need::Internet),
                word @ ("dns" | "dhcp" | "ntp") => self.need_of_role(word, Some(of), item.span),
                _ => None,
            };
        };
        let need = self.need_of_thing(thing);
        if need.is_none() {
            let what = format!("{} does without {}, which is not in use", self.lab.name(of), item.text);
            self.assume(what, Some(item.span));
        }
        need
    }

    fn need_of_thing(&mut self, thing: ThingId) -> Option<Need> {
        match thing.kind {
            Kind::Service => {
                self.service_of.get(&LabServiceId(thing.index)).map(|&service| Need::Service(service))
            }
            Kind::Dataset | Kind::Volume => self.data_of.get(&thing).map(|&data| Need::Data(data)),
            Kind::Pool => self.pool_of.get(&LabPoolId(thing.index)).map(|&pool| Need::Pool(pool)),
            Kind::Cluster => {
                self.cluster_of.get(&LabClusterId(thing.index)).map(|&cluster| Need::Cluster(cluster))
            }
            Kind::External => Some(Need::External(self.whole(ExternalId(thing.index), PartKind::External))),
            Kind::Circuit => Some(Need::External(self.whole(CircuitId(thing.index), PartKind::Circuit))),
            Kind::Host | Kind::Vm => self.holder(thing).map(Need::Holder),
            Kind::Device => self.need_of_device(DeviceId(thing.index)),
            _ => None,
        }
    }

    /// A device with a foot in the network is needed over it; one without is needed where it is.
    fn need_of_device(&mut self, device: DeviceId) -> Option<Need> {
        let unit = Holder::Unit(*self.unit_of.get(&device)?);
        let holder = self.holder(device.into())?;
        let is_reached = |of: Holder| self.network.vertex_of.keys().any(|(holder, _)| *holder == of);
        match [holder, unit].into_iter().find(|&holder| is_reached(holder)) {
            Some(holder) => Some(Need::Holder(holder)),
            None => Some(Need::Part(self.device(device))),
        }
    }

    /// Whoever plays a role: `dns`, `dhcp`, `ntp`, `netboot`.
    fn need_of_role(&mut self, role: &str, of: Option<ThingId>, span: Span) -> Option<Need> {
        let need = self.service_with_role(role, of);
        if need.is_none() {
            let what = format!("{role} is always there: no service of the lab has this role");
            self.assume(what, Some(span));
        }
        need
    }

    /// The need for whoever plays a role, with a reason.
    pub(in crate::survey) fn role_need(
        &mut self,
        role: &str,
        because: Option<&'static str>,
        of: Option<ThingId>,
    ) -> Option<NeedOf> {
        let need = self.service_with_role(role, of)?;
        Some(NeedOf { need, because, span: None })
    }

    /// Any of the services that play a role: those for everyone, else all.
    pub(super) fn service_with_role(&self, role: &str, of: Option<ThingId>) -> Option<Need> {
        let plays = |id: &LabServiceId| {
            let record = &self.lab.services[*id];
            record.roles.iter().any(|own| &*own.text == role) && Some(ThingId::from(*id)) != of
        };
        let all: Vec<LabServiceId> = self.service_of.keys().copied().filter(plays).collect();
        let for_everyone = |id: &LabServiceId| {
            let who = self.lab.services[*id].r#for.as_ref().map(|who| who.value);
            who == Some(written::Audience::Everyone)
        };
        let open: Vec<LabServiceId> = all.iter().copied().filter(for_everyone).collect();
        let chosen = if open.is_empty() { all } else { open };
        any_of(chosen.iter().map(|id| Need::Service(self.service_of[id])).collect())
    }
}

/// Any one of several needs.
pub(super) fn any_of(mut needs: Vec<Need>) -> Option<Need> {
    needs.sort_unstable();
    needs.dedup();
    if needs.len() > 1 { Some(Need::AnyOf(needs)) } else { needs.pop() }
}
