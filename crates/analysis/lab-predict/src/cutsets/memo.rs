//! Families that were worked out before: gates whose inputs have equal families have equal families too. Services that need the
//! same things differently named come to the same again and again.

use super::family::Family;
use crate::circuit::{Input, Kind};
use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// So many sets are remembered at most; then it begins anew.
const SETS_MAX: usize = 1 << 22;

/// The number of a family among those that were met: equal families have the same.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) struct FamilyId(u32);

/// What a gate is made of.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Recipe {
    pub(super) kind: Kind,
    /// Beside which gate it counts alone.
    pub(super) guard: Option<u32>,
    pub(super) classes: Vec<Input>,
    /// Ascending.
    pub(super) families: Vec<FamilyId>,
}

/// All that was met.
#[derive(Default, Debug)]
pub(super) struct Memo {
    known: HashMap<Recipe, FamilyId>,
    by_hash: HashMap<u64, Vec<FamilyId>>,
    families: HashMap<FamilyId, Arc<Family>>,
    n_families: u32,
    /// How many sets are remembered.
    pub(super) n_sets: usize,
}

impl Memo {
    /// What a recipe made before.
    pub(super) fn find(&self, recipe: &Recipe) -> Option<(FamilyId, Arc<Family>)> {
        let id = *self.known.get(recipe)?;
        Some((id, Arc::clone(&self.families[&id])))
    }

    /// Remembers a family: the one that is known, if an equal one is.
    pub(super) fn add(&mut self, recipe: Recipe, family: Family) -> (FamilyId, Arc<Family>) {
        if self.n_sets > SETS_MAX {
            let n_families = self.n_families;
            *self = Self { n_families, ..Self::default() };
        }
        let mut hasher = DefaultHasher::new();
        family.hash(&mut hasher);
        let alike = self.by_hash.entry(hasher.finish()).or_default();
        let known = alike.iter().find(|id| *self.families[*id] == family).copied();
        let id = known.unwrap_or_else(|| {
            let id = FamilyId(self.n_families);
            self.n_families += 1;
            self.n_sets += family.len();
            alike.push(id);
            self.families.insert(id, Arc::new(family));
            id
        });
        self.known.insert(recipe, id);
        (id, Arc::clone(&self.families[&id]))
    }
}
