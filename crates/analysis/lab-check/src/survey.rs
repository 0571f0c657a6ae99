//! What several rules ask of a lab, worked out when first asked and once for all of them: what prefixes are for, which
//! VLANs machines use where, what ports are set to. It has no opinion of its own; how each is worked out stands with the
//! rules that are closest to it.

use crate::rules::addressing::plan::Plan;
use crate::rules::cabling::ends::{SetSpeeds, set_speeds};
use crate::rules::power::load::Draws;
use crate::rules::switching::claims::{Claim, claims};
use lab_model::Lab;
use std::cell::OnceCell;

/// The answers so far.
pub(crate) struct Survey<'a> {
    pub(crate) lab: &'a Lab,
    plan: OnceCell<Plan<'a>>,
    claims: OnceCell<Vec<Claim<'a>>>,
    set_speeds: OnceCell<SetSpeeds>,
    draws: OnceCell<Draws>,
}

impl<'a> Survey<'a> {
    pub(crate) fn of(lab: &'a Lab) -> Self {
        Self {
            lab,
            plan: OnceCell::new(),
            claims: OnceCell::new(),
            set_speeds: OnceCell::new(),
            draws: OnceCell::new(),
        }
    }

    /// What each prefix is for.
    pub(crate) fn plan(&self) -> &Plan<'a> {
        self.plan.get_or_init(|| Plan::of(self.lab))
    }

    /// Which VLANs machines use on which of their ports.
    pub(crate) fn claims(&self) -> &[Claim<'a>] {
        self.claims.get_or_init(|| claims(self.lab, self.plan()))
    }

    /// The speeds that ports are set to.
    pub(crate) fn set_speeds(&self) -> &SetSpeeds {
        self.set_speeds.get_or_init(|| set_speeds(self.lab))
    }

    /// What devices draw.
    pub(crate) fn draws(&self) -> &Draws {
        self.draws.get_or_init(|| Draws::of(self.lab))
    }
}
